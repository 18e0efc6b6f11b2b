"""The first tables."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

KEY = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")
SERIAL = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
TODO = "state = 'todo'"
STAMPED = "ref IS NOT NULL"
NESTED = "parent IS NOT NULL"
PERSONAL = "person IS NOT NULL"
ACTIVE = "state <> 'closed'"
OPEN = "state IN ('todo', 'sending', 'unconfirmed', 'held')"


def upgrade() -> None:
    op.create_table(
        "accounts",
        sa.Column("connection", KEY, nullable=False),
        sa.Column("side", KEY, nullable=False),
        sa.Column("account", sa.Text(), nullable=False),
        sa.Column("seen", sa.Float(), nullable=False),
        sa.PrimaryKeyConstraint("connection", "side", name="accounts_pk"),
        sqlite_with_rowid=False,
    )

    op.create_table(
        "aliases",
        sa.Column("connection", KEY, nullable=False),
        sa.Column("kind", KEY, nullable=False),
        sa.Column("side", KEY, nullable=False),
        sa.Column("id", KEY, nullable=False),
        sa.Column("binding", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("connection", "kind", "side", "id", name="aliases_pk"),
        sqlite_with_rowid=False,
    )
    op.create_index("aliases_by_binding", "aliases", ["binding"])

    op.create_table(
        "bindings",
        sa.Column("id", SERIAL, nullable=False),
        sa.Column("connection", KEY, nullable=False),
        sa.Column("kind", KEY, nullable=False),
        sa.Column("left_id", KEY),
        sa.Column("right_id", KEY),
        sa.Column("base_left", sa.Text(), nullable=False),
        sa.Column("base_right", sa.Text(), nullable=False),
        sa.Column("settled", sa.Boolean(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("note", sa.Text()),
        sa.Column("created", sa.Float(), nullable=False),
        sa.Column("changed", sa.Float(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="bindings_pk"),
        sa.UniqueConstraint("connection", "kind", "left_id", name="bindings_by_left"),
        sa.UniqueConstraint("connection", "kind", "right_id", name="bindings_by_right"),
        sqlite_autoincrement=True,
    )

    op.create_table(
        "conflicts",
        sa.Column("id", SERIAL, nullable=False),
        sa.Column("connection", KEY, nullable=False),
        sa.Column("binding", sa.BigInteger(), nullable=False),
        sa.Column("kind", KEY, nullable=False),
        sa.Column("field", KEY, nullable=False),
        sa.Column("left", sa.Text(), nullable=False),
        sa.Column("right", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("opened", sa.Float(), nullable=False),
        sa.Column("changed", sa.Float(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("resolution", sa.Text()),
        sa.Column("standing", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="conflicts_pk"),
        sqlite_autoincrement=True,
    )
    op.create_index("conflicts_active", "conflicts", ["binding", "field"], unique=True, **_where(ACTIVE))
    op.create_index("conflicts_by_state", "conflicts", ["connection", "state", "id"])

    op.create_table(
        "inbox",
        sa.Column("connection", KEY, nullable=False),
        sa.Column("side", KEY, nullable=False),
        sa.Column("delivery", KEY, nullable=False),
        sa.Column("received", sa.Float(), nullable=False),
        sa.PrimaryKeyConstraint("connection", "side", "delivery", name="inbox_pk"),
        sqlite_with_rowid=False,
    )
    op.create_index("inbox_by_age", "inbox", ["connection", "received"])

    op.create_table(
        "lease",
        sa.Column("connection", KEY, nullable=False),
        sa.Column("holder", sa.Text()),
        sa.Column("fence", sa.BigInteger(), nullable=False),
        sa.Column("expires", sa.Float(), nullable=False),
        sa.PrimaryKeyConstraint("connection", name="lease_pk"),
        sqlite_with_rowid=False,
    )

    op.create_table(
        "notices",
        sa.Column("connection", KEY, nullable=False),
        sa.Column("side", KEY, nullable=False),
        sa.Column("kind", KEY, nullable=False),
        sa.Column("id", KEY, nullable=False),
        sa.Column("seq", sa.BigInteger(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("fetch", sa.Boolean(), nullable=False),
        sa.Column("due", sa.Float(), nullable=False),
        sa.PrimaryKeyConstraint("connection", "side", "kind", "id", name="notices_pk"),
        sqlite_with_rowid=False,
    )
    op.create_index("notices_by_due", "notices", ["connection", "kind", "due", "side", "id"])

    op.create_table(
        "outbox",
        sa.Column("id", SERIAL, nullable=False),
        sa.Column("connection", KEY, nullable=False),
        sa.Column("run", KEY, nullable=False),
        sa.Column("binding", sa.BigInteger(), nullable=False),
        sa.Column("kind", KEY, nullable=False),
        sa.Column("side", KEY, nullable=False),
        sa.Column("verb", KEY, nullable=False),
        sa.Column("record", KEY),
        sa.Column("op", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("not_before", sa.Float(), nullable=False),
        sa.Column("key", sa.Text()),
        sa.Column("body_hash", sa.Text()),
        sa.Column("guard", sa.Text()),
        sa.Column("cleared", sa.Boolean(), nullable=False),
        sa.Column("reason", sa.Text()),
        sa.Column("remedy", sa.Text()),
        sa.Column("shown", sa.Text()),
        sa.Column("created", sa.Float(), nullable=False),
        sa.Column("changed", sa.Float(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="outbox_pk"),
        sqlite_autoincrement=True,
    )
    op.create_index("outbox_by_binding", "outbox", ["binding", "state"])
    op.create_index("outbox_open", "outbox", ["connection", "state", "id"], **_where(OPEN))
    op.create_index("outbox_todo", "outbox", ["connection", "side", "kind", "verb", "id", "not_before"], **_where(TODO))

    op.create_table(
        "parents",
        sa.Column("connection", KEY, nullable=False),
        sa.Column("side", KEY, nullable=False),
        sa.Column("kind", KEY, nullable=False),
        sa.Column("id", KEY, nullable=False),
        sa.Column("read", sa.Float()),
        sa.Column("due", sa.Float(), nullable=False),
        sa.PrimaryKeyConstraint("connection", "side", "kind", "id", name="parents_pk"),
        sqlite_with_rowid=False,
    )
    op.create_index("parents_by_due", "parents", ["connection", "side", "kind", "due", "id"])

    op.create_table(
        "record_keys",
        sa.Column("connection", KEY, nullable=False),
        sa.Column("side", KEY, nullable=False),
        sa.Column("kind", KEY, nullable=False),
        sa.Column("key", KEY, nullable=False),
        sa.Column("id", KEY, nullable=False),
        sa.PrimaryKeyConstraint("connection", "side", "kind", "key", "id", name="record_keys_pk"),
        sqlite_with_rowid=False,
    )

    op.create_table(
        "records",
        sa.Column("connection", KEY, nullable=False),
        sa.Column("side", KEY, nullable=False),
        sa.Column("kind", KEY, nullable=False),
        sa.Column("id", KEY, nullable=False),
        sa.Column("parent", KEY),
        sa.Column("person", KEY),
        sa.Column("ref", KEY),
        sa.Column("version", sa.Text()),
        sa.Column("modified", sa.Text()),
        sa.Column("deleted", sa.Boolean(), nullable=False),
        sa.Column("absorbed", sa.Text()),
        sa.Column("keys", sa.Text()),
        sa.Column("raw", sa.Text(), nullable=False),
        sa.Column("read_at", sa.Float(), nullable=False),
        sa.PrimaryKeyConstraint("connection", "side", "kind", "id", name="records_pk"),
    )
    op.create_index("records_by_parent", "records", ["connection", "side", "kind", "parent"], **_where(NESTED))
    op.create_index("records_by_person", "records", ["connection", "side", "kind", "person"], **_where(PERSONAL))
    op.create_index("records_by_ref", "records", ["connection", "side", "kind", "ref"], **_where(STAMPED))

    op.create_table(
        "runs",
        sa.Column("id", KEY, nullable=False),
        sa.Column("connection", KEY, nullable=False),
        sa.Column("mode", sa.Text(), nullable=False),
        sa.Column("started", sa.Float(), nullable=False),
        sa.Column("finished", sa.Float()),
        sa.Column("outcome", sa.Text()),
        sa.Column("counts", sa.Text()),
        sa.Column("calls", sa.Text()),
        sa.Column("error", sa.Text()),
        sa.PrimaryKeyConstraint("id", name="runs_pk"),
    )
    op.create_index("runs_by_start", "runs", ["connection", "started"])

    op.create_table(
        "watermarks",
        sa.Column("connection", KEY, nullable=False),
        sa.Column("side", KEY, nullable=False),
        sa.Column("kind", KEY, nullable=False),
        sa.Column("scope", KEY, nullable=False),
        sa.Column("mark", sa.Text()),
        sa.Column("cursor", sa.Text()),
        sa.Column("changed", sa.Float(), nullable=False),
        sa.PrimaryKeyConstraint("connection", "side", "kind", "scope", name="watermarks_pk"),
        sqlite_with_rowid=False,
    )


def _where(condition: str) -> dict[str, Any]:
    """The arguments of a partial index, in both dialects."""
    return {"sqlite_where": sa.text(condition), "postgresql_where": sa.text(condition)}
