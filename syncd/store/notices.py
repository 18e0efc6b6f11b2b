"""Notices: "this record may have changed". They carry no values, and there is one per record at most.

A notice is taken without being removed, and removed only if it has not moved since: what happens to the record
while somebody looks at it is never missed.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import cache
from typing import Any

import msgspec
from sqlalchemy import Insert, and_, bindparam, case, delete, func, or_, select, tuple_, update

from syncd.core.model import Kind, Side

from .bulk import Tx, each, insert
from .schema import notices


class NewNotice(msgspec.Struct, frozen=True):
    side: Side
    kind: Kind
    id: str
    reason: str  # who says so: poll, webhook, sweep, retry, person
    fetch: bool = False  # the mirror won't do: read the record fresh
    due: float = 0.0  # not before this; 0 is at once


class Notice(msgspec.Struct, frozen=True):
    connection: str
    side: Side
    kind: Kind
    id: str
    seq: int
    reason: str
    fetch: bool
    due: float


def put(tx: Tx, connection: str, new: Sequence[NewNotice], *, now: float) -> None:
    """Note these records. A record that has a notice keeps the earlier due time and any wish for a fresh read.

    `now` numbers them; "at once" is due 0, so that a clock set back hides nothing.
    """
    # A number from the clock, so that a notice made anew never looks like the one that was removed.
    seq = int(now * 1_000_000)
    rows = [
        {
            "connection": connection,
            "side": notice.side.value,
            "kind": notice.kind.value,
            "id": notice.id,
            "seq": seq,
            "reason": notice.reason,
            "fetch": notice.fetch,
            "due": notice.due,
        }
        for notice in sorted(new, key=_where)
    ]
    each(tx, _put(tx.dialect.name), rows)


def take(tx: Tx, connection: str, kind: Kind, *, limit: int, now: float, after: Notice | None = None) -> list[Notice]:
    """Due notices, longest due first; none is removed.

    `after` goes on behind the last one of the previous batch, so that a pass meets every notice once, whatever it
    leaves standing.
    """
    order = (notices.c.due, notices.c.side, notices.c.id)
    query = _rows.where(notices.c.connection == connection, notices.c.kind == kind.value, notices.c.due <= now)
    if after is not None:
        query = query.where(tuple_(*order) > tuple_(after.due, after.side.value, after.id))
    return [_notice(row) for row in tx.execute(query.order_by(*order).limit(limit))]


def done(tx: Tx, taken: Sequence[Notice]) -> None:
    """Remove these, but for those that moved since they were taken."""
    each(tx, _done, [_as_taken(notice) for notice in taken])


def postpone(tx: Tx, taken: Sequence[Notice], *, due: float) -> None:
    """Look at these again then, but for those that moved since they were taken: they stay due as they are."""
    each(tx, _postponed, [_as_taken(notice) | {"later": due} for notice in taken])


def noted(tx: Tx, connection: str, kind: Kind, ids: Sequence[tuple[Side, str]]) -> bool:
    """Is one of these records to be looked at again?"""
    either = or_(*(and_(notices.c.side == side.value, notices.c.id == id) for side, id in ids))
    here = notices.c.connection == connection, notices.c.kind == kind.value
    return bool(ids) and bool(tx.scalar(select(func.count()).select_from(notices).where(*here, either)))


def count(tx: Tx, connection: str, kind: Kind | None = None, *, due_by: float | None = None) -> int:
    """How many records are noted: all, or those due by then."""
    query = select(func.count()).select_from(notices).where(notices.c.connection == connection)
    if kind is not None:
        query = query.where(notices.c.kind == kind.value)
    if due_by is not None:
        query = query.where(notices.c.due <= due_by)
    return tx.scalar(query) or 0


_AS_TAKEN = ("connection", "side", "kind", "id", "seq")
_rows = select(*(notices.c[name] for name in Notice.__struct_fields__))
_unmoved = [notices.c[name] == bindparam(f"the_{name}") for name in _AS_TAKEN]
_done = delete(notices).where(*_unmoved)
_postponed = update(notices).where(*_unmoved).values(due=bindparam("later"))


def _where(notice: NewNotice) -> tuple[str, str, str]:
    """Writers that lock rows in the same order never wait for each other in a circle."""
    return notice.side, notice.kind, notice.id


@cache
def _put(dialect: str) -> Insert:
    statement = insert(dialect, notices)
    fresh = statement.excluded
    merged = {
        "seq": case((fresh.seq > notices.c.seq, fresh.seq), else_=notices.c.seq + 1),
        "reason": fresh.reason,
        "fetch": or_(notices.c.fetch, fresh.fetch),
        "due": case((fresh.due < notices.c.due, fresh.due), else_=notices.c.due),
    }
    return statement.on_conflict_do_update(index_elements=list(notices.primary_key), set_=merged)


def _as_taken(notice: Notice) -> dict[str, Any]:
    return {
        "the_connection": notice.connection,
        "the_side": notice.side.value,
        "the_kind": notice.kind.value,
        "the_id": notice.id,
        "the_seq": notice.seq,
    }


def _notice(row: Iterable[Any]) -> Notice:
    connection, side, kind, id, seq, reason, fetch, due = row
    return Notice(connection, Side(side), Kind(kind), id, seq, reason, fetch, due)
