"""Parents: when the records that live inside a parent were last read as a whole, and when they shall be read next.

For kinds that have no feed of their own. One row per parent and kind of children; `kind` is always the children's.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from functools import cache
from typing import Any

import msgspec
from sqlalchemy import ColumnElement, Insert, and_, bindparam, case, delete, func, or_, select

from syncd.core.model import Kind, Side

from .bulk import Tx, chunks, each, insert, upsert
from .schema import parents


class Cycle(msgspec.Struct, frozen=True):
    """Parents that are read at the same intervals."""

    pace_s: float  # whole seconds from one read to the next
    parents: int
    due: int  # of them, those that are due by the time asked for


def add(tx: Tx, connection: str, side: Side, kind: Kind, ids: Iterable[str], *, due: float) -> None:
    """These have children to be read, first at this time. Those that are known already stay as they are."""
    each(tx, _added(tx.dialect.name), _new(connection, side, kind, ids, due))


def hasten(tx: Tx, connection: str, side: Side, kind: Kind, ids: Iterable[str], *, due: float) -> None:
    """Read these by then: the unknown are added, what was due later is moved, and nothing is put off."""
    each(tx, _hastened(tx.dialect.name), _new(connection, side, kind, ids, due))


def due(
    tx: Tx, connection: str, side: Side, kind: Kind, *, by: float, limit: int | None, read_since: float | None = None
) -> list[str]:
    """The parents to be read at that time or before, longest due first and then by id; all without a limit.

    `read_since` leaves out what was read since then, unless something has happened to it after that.
    """
    query = select(parents.c.id).where(_in(connection, side, kind), parents.c.due <= by)
    if read_since is not None:
        unread = or_(parents.c.read.is_(None), parents.c.read < read_since)
        query = query.where(or_(unread, parents.c.due > parents.c.read))
    return list(tx.scalars(query.order_by(parents.c.due, parents.c.id).limit(limit)))


def cycles(tx: Tx, connection: str, side: Side, kind: Kind, *, by: float, until: float) -> list[Cycle]:
    """What is to be read again before `until`, at each pace; those that were never read as a whole apart."""
    pace = func.round(parents.c.due - parents.c.read)
    due = func.sum(case((parents.c.due <= by, 1), else_=0))
    read = [_in(connection, side, kind), parents.c.read.is_not(None), parents.c.due < until]
    return [Cycle(*row) for row in tx.execute(select(pace, func.count(), due).where(*read).group_by(pace))]


def resting(tx: Tx, connection: str, side: Side, kind: Kind, *, since: float) -> int:
    """How many are to be read at that time or later."""
    query = select(func.count()).select_from(parents).where(_in(connection, side, kind), parents.c.due >= since)
    return tx.scalar(query) or 0


def coming(
    tx: Tx, connection: str, side: Side, kind: Kind, *, pace_s: float, after: float, limit: int
) -> dict[str, float]:
    """When those of this pace are due that come next after this time, the first ones first."""
    query = select(parents.c.id, parents.c.due).where(_in(connection, side, kind), parents.c.due > after)
    query = query.where(func.round(parents.c.due - parents.c.read) == pace_s)
    rows = tx.execute(query.order_by(parents.c.due, parents.c.id).limit(limit))
    return {row.id: row.due for row in rows}


def done(tx: Tx, connection: str, side: Side, kind: Kind, next_due: Mapping[str, float], *, now: float) -> None:
    """These were read as a whole, known before or not; each is due again at its own time."""
    key = {"connection": connection, "side": side.value, "kind": kind.value, "read": now}
    upsert(tx, parents, [key | {"id": id, "due": next_due[id]} for id in sorted(next_due)])


def unread(tx: Tx, connection: str, side: Side, kind: Kind, ids: Sequence[str]) -> set[str]:
    """Those whose children were never read as a whole, the unknown among them."""
    query = select(parents.c.id).where(_in(connection, side, kind), parents.c.read.is_not(None))
    found = set(ids)
    for chunk in chunks(ids):
        found.difference_update(tx.scalars(query.where(parents.c.id.in_(chunk))))
    return found


def remove(tx: Tx, connection: str, side: Side, kind: Kind, ids: Iterable[str]) -> None:
    """These have no children to be read any more."""
    key = {"the_connection": connection, "the_side": side.value, "the_kind": kind.value}
    each(tx, _removed, [key | {"the_id": id} for id in sorted(ids)])


def count(tx: Tx, connection: str, *, due_by: float) -> int:
    """How many are to be read at that time or before, on both sides and for all kinds."""
    query = select(func.count()).select_from(parents).where(parents.c.connection == connection)
    return tx.scalar(query.where(parents.c.due <= due_by)) or 0


def oldest(tx: Tx, connection: str, side: Side, kind: Kind) -> float | None:
    """When the one that was read longest ago was read; None if none ever was. Those never read do not count."""
    first: float | None = tx.scalar(select(func.min(parents.c.read)).where(_in(connection, side, kind)))
    return first


_removed = delete(parents).where(
    *(parents.c[name] == bindparam(f"the_{name}") for name in ("connection", "side", "kind", "id"))
)


@cache
def _added(dialect: str) -> Insert:
    return insert(dialect, parents).on_conflict_do_nothing()


@cache
def _hastened(dialect: str) -> Insert:
    statement = insert(dialect, parents)
    sooner = statement.excluded.due
    key = list(parents.primary_key)
    return statement.on_conflict_do_update(index_elements=key, set_={"due": sooner}, where=sooner < parents.c.due)


def _in(connection: str, side: Side, kind: Kind) -> ColumnElement[bool]:
    return and_(parents.c.connection == connection, parents.c.side == side.value, parents.c.kind == kind.value)


def _new(connection: str, side: Side, kind: Kind, ids: Iterable[str], due: float) -> list[dict[str, Any]]:
    # Writers that lock rows in the same order never wait for each other in a circle.
    key = {"connection": connection, "side": side.value, "kind": kind.value, "read": None, "due": due}
    return [key | {"id": id} for id in sorted(set(ids))]
