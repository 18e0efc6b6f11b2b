"""Conflicts: fields that both sides changed and that policy leaves to a person.

A field has one conflict at a time. A resolution lasts as long as both sides show what the person saw; when either
moves, the conflict is open again. A conflict closes when the planner no longer finds it.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from enum import StrEnum
from functools import cache
from typing import Any

import msgspec
from sqlalchemy import Insert, Row, and_, bindparam, case, func, null, or_, select, text, update

from syncd.core.model import Kind, Resolution, Value

from .bulk import Tx, chunks, each, insert
from .encoding import encode, resolution_from, value_from
from .schema import conflicts


class ConflictState(StrEnum):
    OPEN = "open"
    RESOLVED = "resolved"  # decided, and not yet carried out
    CLOSED = "closed"


class NewConflict(msgspec.Struct, frozen=True, kw_only=True):
    binding: int
    kind: Kind
    field: str  # "" for delete against edit
    left: Value
    right: Value
    reason: str
    standing: bool = False  # only a person closes it, whatever the planner finds


class Disputed(msgspec.Struct, frozen=True, kw_only=True):
    """A conflict as it is kept."""

    id: int
    connection: str
    binding: int
    kind: Kind
    field: str
    left: Value
    right: Value
    reason: str
    opened: float
    changed: float
    state: ConflictState
    resolution: Resolution | None
    standing: bool


def upsert_open(tx: Tx, connection: str, found: Sequence[NewConflict], *, now: float) -> list[NewConflict]:
    """Keep these conflicts. Returns those that are news: opened, or different from what was kept.

    One that stands keeps the values that it is about, whatever the two sides show by now; if it was decided, that is
    void, and it is open again.
    """
    kept = {(old.binding, old.field): old for old in _active(tx, {new.binding for new in found})}
    each(tx, _upserted(tx.dialect.name), [_new(connection, new, now) for new in found])
    return [new for new in found if _is_news(new, kept.get((new.binding, new.field)))]


def close_missing(tx: Tx, connection: str, still: Mapping[int, Collection[str]], *, now: float) -> list[Disputed]:
    """Close what these bindings no longer dispute: all but the fields given for each. Returns what was closed.

    One that stands is closed only once a person has decided it.
    """
    active = [old for old in _active(tx, still) if old.connection == connection]
    waits = {old.id for old in active if old.standing and old.state is ConflictState.OPEN}
    over = [old for old in active if old.field not in still[old.binding] and old.id not in waits]
    each(tx, _closed, [{"the_id": old.id, "now": now} for old in over])
    return over


def resolve(tx: Tx, connection: str, id: int, resolution: Resolution, *, now: float) -> Disputed | None:
    """Keep a person's decision, if both values are still those that the person saw; None if not, or not there.

    One that stands is about values of the past; there the resolution says itself what the person saw.
    """
    seen = and_(conflicts.c.left == encode(resolution.left), conflicts.c.right == encode(resolution.right))
    decided = update(conflicts).where(
        conflicts.c.connection == connection,
        conflicts.c.id == id,
        conflicts.c.state != ConflictState.CLOSED.value,
        or_(conflicts.c.standing, seen),
    )
    decided = decided.values(state=ConflictState.RESOLVED.value, resolution=encode(resolution), changed=now)
    found = _all(tx.execute(decided.returning(*_columns)))
    return found[0] if found else None


def get(tx: Tx, connection: str, id: int) -> Disputed | None:
    found = _all(tx.execute(_rows.where(conflicts.c.connection == connection, conflicts.c.id == id)))
    return found[0] if found else None


def list_open(tx: Tx, connection: str, *, after: int = 0, limit: int = 1000) -> list[Disputed]:
    """What waits for a person, oldest first."""
    query = _rows.where(*_open(connection), conflicts.c.id > after)
    return _all(tx.execute(query.order_by(conflicts.c.id).limit(limit)))


def count_open(tx: Tx, connection: str) -> int:
    return tx.scalar(select(func.count()).select_from(conflicts).where(*_open(connection))) or 0


def of_bindings(tx: Tx, bindings: Collection[int]) -> dict[int, list[Disputed]]:
    """The conflicts of these bindings that are not closed, by binding: for explain."""
    found: dict[int, list[Disputed]] = {}
    for disputed in _active(tx, bindings):
        found.setdefault(disputed.binding, []).append(disputed)
    return found


def resolutions(tx: Tx, bindings: Collection[int]) -> dict[int, dict[str, Resolution]]:
    """What persons decided and was not yet carried out: by binding, by field; absent if nothing was."""
    found: dict[int, dict[str, Resolution]] = {}
    for disputed in _active(tx, bindings):
        if disputed.resolution is not None:
            found.setdefault(disputed.binding, {})[disputed.field] = disputed.resolution
    return found


def close(tx: Tx, carried_out: Collection[tuple[int, str]], *, now: float) -> None:
    """Close the conflicts on these (binding, field): a person decided them, and it was done."""
    wanted = set(carried_out)
    over = [old for old in _active(tx, {binding for binding, _ in wanted}) if (old.binding, old.field) in wanted]
    each(tx, _closed, [{"the_id": old.id, "now": now} for old in over])


def standing(tx: Tx, bindings: Collection[int]) -> dict[int, dict[str, str]]:
    """Why fields wait for a person whatever they look like by now: by binding, by field; absent if none does.

    One that was decided is in it too, until that is carried out: a decision is void once a side has moved again.
    """
    found: dict[int, dict[str, str]] = {}
    for disputed in _active(tx, bindings):
        if disputed.standing:
            found.setdefault(disputed.binding, {})[disputed.field] = disputed.reason
    return found


_columns = [conflicts.c[name] for name in Disputed.__struct_fields__]
_rows = select(*_columns)
_closed = update(conflicts).where(conflicts.c.id == bindparam("the_id"))
_closed = _closed.values(state=ConflictState.CLOSED.value, changed=bindparam("now"))


@cache
def _upserted(dialect: str) -> Insert:
    statement = insert(dialect, conflicts)
    fresh = statement.excluded
    seen = and_(conflicts.c.left == fresh.left, conflicts.c.right == fresh.right)
    stays = and_(conflicts.c.standing, ~fresh.standing)
    return statement.on_conflict_do_update(
        index_elements=[conflicts.c.binding, conflicts.c.field],
        index_where=text("state <> 'closed'"),
        set_={
            **{name: case((stays, conflicts.c[name]), else_=fresh[name]) for name in ("left", "right", "reason")},
            "standing": or_(conflicts.c.standing, fresh.standing),
            "changed": case((seen, conflicts.c.changed), else_=fresh.changed),
            "state": case((stays, fresh.state), (seen, conflicts.c.state), else_=fresh.state),
            "resolution": case((stays, null()), (seen, conflicts.c.resolution), else_=null()),
        },
    )


def _is_news(new: NewConflict, old: Disputed | None) -> bool:
    if old is None or new.standing:
        return True
    return not old.standing and (old.left, old.right) != (new.left, new.right)


def _open(connection: str) -> tuple[Any, ...]:
    return conflicts.c.connection == connection, conflicts.c.state == ConflictState.OPEN.value


def _active(tx: Tx, bindings: Iterable[int]) -> list[Disputed]:
    found: list[Disputed] = []
    for chunk in chunks(sorted(bindings)):
        query = _rows.where(conflicts.c.binding.in_(chunk), text("conflicts.state <> 'closed'"))
        found += _all(tx.execute(query.order_by(conflicts.c.id)))
    return found


def _new(connection: str, new: NewConflict, now: float) -> dict[str, Any]:
    return {
        "connection": connection,
        "binding": new.binding,
        "kind": new.kind.value,
        "field": new.field,
        "left": encode(new.left),
        "right": encode(new.right),
        "reason": new.reason,
        "standing": new.standing,
        "opened": now,
        "changed": now,
        "state": ConflictState.OPEN.value,
    }


def _all(rows: Iterable[Row[Any]]) -> list[Disputed]:
    return [_disputed(row._asdict()) for row in rows]


def _disputed(row: dict[str, Any]) -> Disputed:
    decoded = {
        "kind": Kind(row["kind"]),
        "left": value_from(row["left"]),
        "right": value_from(row["right"]),
        "state": ConflictState(row["state"]),
        "resolution": None if row["resolution"] is None else resolution_from(row["resolution"]),
    }
    return Disputed(**row | decoded)
