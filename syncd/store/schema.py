"""The tables. They hold what cannot be read again from the two systems, and what saves reading it again.

Everything belongs to a connection. JSON is text, written with sorted keys, so that equal values are equal bytes
and a person can read it in any SQL shell. Times are seconds since 1970 that the caller passed in. Keys compare
byte by byte in both databases, so that "after this id" means the same everywhere.

No foreign keys: the journal outlives the bindings it speaks of.
"""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Float,
    Index,
    Integer,
    MetaData,
    PrimaryKeyConstraint,
    Table,
    Text,
    UniqueConstraint,
    text,
)
from sqlalchemy.types import TypeEngine

HEAD = "0001"
"""The migration that this program's tables are at. A test holds it, and the tables, against the migrations."""

VERSION_TABLE = "syncd_version"
"""Where Alembic keeps it; a name of our own, for databases that other programs use too."""

metadata = MetaData()


def _key() -> TypeEngine[str]:
    return Text().with_variant(Text(collation="C"), "postgresql")


def _serial() -> TypeEngine[int]:
    # SQLite gives out row numbers only for a column that is declared INTEGER.
    return BigInteger().with_variant(Integer(), "sqlite")


records = Table(
    "records",  # the mirror: what each side last showed
    metadata,
    Column("connection", _key(), nullable=False),
    Column("side", _key(), nullable=False),
    Column("kind", _key(), nullable=False),
    Column("id", _key(), nullable=False),
    Column("parent", _key()),  # the record of its own side that it lives in
    Column("person", _key()),  # whom it is about: core.remote.person_of
    Column("ref", _key()),  # the stamp it carries: the counterpart's id
    Column("version", Text),  # opaque, byte for byte
    Column("modified", Text),  # canonical instant, by the server's clock
    Column("deleted", Boolean, nullable=False),
    Column("absorbed", Text),  # JSON list of ids merged into this one; null for none
    Column("keys", Text),  # JSON list of what it may be recognised by; null for none
    Column("raw", Text, nullable=False),
    Column("read_at", Float, nullable=False),  # when this was last seen to be so
    PrimaryKeyConstraint("connection", "side", "kind", "id", name="records_pk"),
)
Index(
    "records_by_ref",
    *(records.c[name] for name in ("connection", "side", "kind", "ref")),
    sqlite_where=text("ref IS NOT NULL"),
    postgresql_where=text("ref IS NOT NULL"),
)
Index(
    "records_by_parent",
    *(records.c[name] for name in ("connection", "side", "kind", "parent")),
    sqlite_where=text("parent IS NOT NULL"),
    postgresql_where=text("parent IS NOT NULL"),
)
Index(
    "records_by_person",
    *(records.c[name] for name in ("connection", "side", "kind", "person")),
    sqlite_where=text("person IS NOT NULL"),
    postgresql_where=text("person IS NOT NULL"),
)

record_keys = Table(
    "record_keys",  # which live records may be recognised by a key; follows records.keys
    metadata,
    Column("connection", _key(), nullable=False),
    Column("side", _key(), nullable=False),
    Column("kind", _key(), nullable=False),
    Column("key", _key(), nullable=False),
    Column("id", _key(), nullable=False),
    PrimaryKeyConstraint("connection", "side", "kind", "key", "id", name="record_keys_pk"),
    sqlite_with_rowid=False,
)

bindings = Table(
    "bindings",  # this Propstreet record is that CRM record
    metadata,
    Column("id", _serial(), nullable=False),
    Column("connection", _key(), nullable=False),
    Column("kind", _key(), nullable=False),
    Column("left_id", _key()),  # Propstreet's
    Column("right_id", _key()),  # the CRM's
    Column("base_left", Text, nullable=False),  # JSON, canonical
    Column("base_right", Text, nullable=False),
    Column("settled", Boolean, nullable=False),  # false: the two were never settled together, there is no base
    Column("state", Text, nullable=False),  # bindings.BindingState
    Column("note", Text),  # why it ended, whom it was merged into
    Column("created", Float, nullable=False),
    Column("changed", Float, nullable=False),
    PrimaryKeyConstraint("id", name="bindings_pk"),
    UniqueConstraint("connection", "kind", "left_id", name="bindings_by_left"),
    UniqueConstraint("connection", "kind", "right_id", name="bindings_by_right"),
    sqlite_autoincrement=True,  # an id is never given out twice: the journal remembers it
)

aliases = Table(
    "aliases",  # ids that once named a record, before it was merged into another
    metadata,
    Column("connection", _key(), nullable=False),
    Column("kind", _key(), nullable=False),
    Column("side", _key(), nullable=False),
    Column("id", _key(), nullable=False),
    Column("binding", BigInteger, nullable=False),
    PrimaryKeyConstraint("connection", "kind", "side", "id", name="aliases_pk"),
    sqlite_with_rowid=False,
)
Index("aliases_by_binding", aliases.c.binding)

notices = Table(
    "notices",  # this record may have changed; a thousand events are one row
    metadata,
    Column("connection", _key(), nullable=False),
    Column("side", _key(), nullable=False),
    Column("kind", _key(), nullable=False),
    Column("id", _key(), nullable=False),
    Column("seq", BigInteger, nullable=False),  # moves with every new event
    Column("reason", Text, nullable=False),
    Column("fetch", Boolean, nullable=False),  # the mirror won't do: read the record fresh
    Column("due", Float, nullable=False),
    PrimaryKeyConstraint("connection", "side", "kind", "id", name="notices_pk"),
    sqlite_with_rowid=False,
)
Index("notices_by_due", *(notices.c[name] for name in ("connection", "kind", "due", "side", "id")))

outbox = Table(
    "outbox",  # ops decided and not yet confirmed; done rows are the journal
    metadata,
    Column("id", _serial(), nullable=False),
    Column("connection", _key(), nullable=False),
    Column("run", _key(), nullable=False),
    Column("binding", BigInteger, nullable=False),
    Column("kind", _key(), nullable=False),
    Column("side", _key(), nullable=False),
    Column("verb", _key(), nullable=False),  # outbox.Verb
    Column("record", _key()),  # the target's id; null until a create made it
    Column("op", Text, nullable=False),  # JSON of core.ops.Op
    Column("state", Text, nullable=False),  # outbox.OpState
    Column("attempts", Integer, nullable=False),
    Column("not_before", Float, nullable=False),
    Column("key", Text),  # idempotency key, stored before the first send
    Column("body_hash", Text),  # of what was sent under that key
    Column("guard", Text),  # the guard that parked it
    Column("cleared", Boolean, nullable=False),  # the guards, or a person, have let it through; only then is it sent
    Column("reason", Text),
    Column("remedy", Text),
    Column("shown", Text),  # JSON: what the target showed after it
    Column("created", Float, nullable=False),
    Column("changed", Float, nullable=False),
    PrimaryKeyConstraint("id", name="outbox_pk"),
    sqlite_autoincrement=True,
)
Index(
    "outbox_todo",
    *(outbox.c[name] for name in ("connection", "side", "kind", "verb", "id", "not_before")),
    sqlite_where=text("state = 'todo'"),
    postgresql_where=text("state = 'todo'"),
)
Index(
    "outbox_open",
    *(outbox.c[name] for name in ("connection", "state", "id")),
    sqlite_where=text("state IN ('todo', 'sending', 'unconfirmed', 'held')"),
    postgresql_where=text("state IN ('todo', 'sending', 'unconfirmed', 'held')"),
)
Index("outbox_by_binding", outbox.c.binding, outbox.c.state)

conflicts = Table(
    "conflicts",  # fields that wait for a person
    metadata,
    Column("id", _serial(), nullable=False),
    Column("connection", _key(), nullable=False),
    Column("binding", BigInteger, nullable=False),
    Column("kind", _key(), nullable=False),
    Column("field", _key(), nullable=False),  # "" for delete against edit
    Column("left", Text, nullable=False),  # JSON, canonical
    Column("right", Text, nullable=False),
    Column("reason", Text, nullable=False),
    Column("opened", Float, nullable=False),
    Column("changed", Float, nullable=False),
    Column("state", Text, nullable=False),  # conflicts.ConflictState
    Column("resolution", Text),  # JSON of core.model.Resolution
    Column("standing", Boolean, nullable=False),  # true: only a person closes it, whatever the planner finds
    PrimaryKeyConstraint("id", name="conflicts_pk"),
    sqlite_autoincrement=True,
)
Index(
    "conflicts_active",
    conflicts.c.binding,
    conflicts.c.field,
    unique=True,
    sqlite_where=text("state <> 'closed'"),
    postgresql_where=text("state <> 'closed'"),
)
Index("conflicts_by_state", conflicts.c.connection, conflicts.c.state, conflicts.c.id)

watermarks = Table(
    "watermarks",  # where reading changes resumes
    metadata,
    Column("connection", _key(), nullable=False),
    Column("side", _key(), nullable=False),
    Column("kind", _key(), nullable=False),
    Column("scope", _key(), nullable=False),  # "" for the whole kind, else e.g. one project's prospects
    Column("mark", Text),  # after the last complete scan
    Column("cursor", Text),  # inside an unfinished one
    Column("changed", Float, nullable=False),
    PrimaryKeyConstraint("connection", "side", "kind", "scope", name="watermarks_pk"),
    sqlite_with_rowid=False,
)

parents = Table(
    "parents",  # when the records inside a parent were last read as a whole, and shall be next
    metadata,
    Column("connection", _key(), nullable=False),
    Column("side", _key(), nullable=False),
    Column("kind", _key(), nullable=False),  # of the records inside
    Column("id", _key(), nullable=False),  # the parent's
    Column("read", Float),  # null: never
    Column("due", Float, nullable=False),
    PrimaryKeyConstraint("connection", "side", "kind", "id", name="parents_pk"),
    sqlite_with_rowid=False,
)
Index("parents_by_due", *(parents.c[name] for name in ("connection", "side", "kind", "due", "id")))

inbox = Table(
    "inbox",  # webhook deliveries seen, so that a repeat is known
    metadata,
    Column("connection", _key(), nullable=False),
    Column("side", _key(), nullable=False),
    Column("delivery", _key(), nullable=False),
    Column("received", Float, nullable=False),
    PrimaryKeyConstraint("connection", "side", "delivery", name="inbox_pk"),
    sqlite_with_rowid=False,
)
Index("inbox_by_age", inbox.c.connection, inbox.c.received)

runs = Table(
    "runs",  # one pass over one connection each
    metadata,
    Column("id", _key(), nullable=False),
    Column("connection", _key(), nullable=False),
    Column("mode", Text, nullable=False),
    Column("started", Float, nullable=False),
    Column("finished", Float),  # null: still running, or killed
    Column("outcome", Text),
    Column("counts", Text),  # JSON
    Column("calls", Text),  # JSON: requests per side
    Column("error", Text),
    PrimaryKeyConstraint("id", name="runs_pk"),
)
Index("runs_by_start", runs.c.connection, runs.c.started)

accounts = Table(
    "accounts",  # whose records this state is about
    metadata,
    Column("connection", _key(), nullable=False),
    Column("side", _key(), nullable=False),
    Column("account", Text, nullable=False),  # as the system itself calls it
    Column("seen", Float, nullable=False),  # when it was noted first
    PrimaryKeyConstraint("connection", "side", name="accounts_pk"),
    sqlite_with_rowid=False,
)

lease = Table(
    "lease",  # who works on this connection
    metadata,
    Column("connection", _key(), nullable=False),
    Column("holder", Text),  # null: nobody
    Column("fence", BigInteger, nullable=False),  # rises with every change of holder
    Column("expires", Float, nullable=False),
    PrimaryKeyConstraint("connection", name="lease_pk"),
    sqlite_with_rowid=False,
)
