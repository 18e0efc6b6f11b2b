"""The mirror: what each side last showed of a record. It says what is news; it never says what is true now.

- A row older than the stored one is ignored: search indexes lag, and pages overlap.
- Evidence of a deletion counts at any age: listings of archived records carry the time of the last edit.
- What a row leaves unsaid (a tombstone's body, the time of a change) stays as it was known.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any, NamedTuple

from msgspec import structs
from sqlalchemy import ColumnElement, Select, and_, bindparam, delete, func, select, update

from syncd.core.model import Kind, Side
from syncd.core.remote import Remote

from .bulk import Tx, chunks, each, upsert
from .encoding import encode, ids_from, raw_from
from .schema import records


class Head(NamedTuple):
    """As much of a mirrored record as it takes to know whether a hint is news."""

    modified: str | None
    version: str | None
    deleted: bool


def put(
    tx: Tx,
    connection: str,
    side: Side,
    kind: Kind,
    remotes: Sequence[Remote],
    *,
    now: float,
    fresh: bool = False,
) -> list[str]:
    """Store these rows; the ids that are new or really changed, in the order given.

    `fresh` says that they come from a direct read, which is right even when it is older than what a feed showed.
    """
    # Locked, and in the order of their ids: of two writers, the second compares with what the first has stored.
    ids = sorted({remote.id for remote in remotes})
    known = _stored(tx, connection, side, kind, ids, _rows.order_by(records.c.id).with_for_update())
    changed: dict[str, _Row] = {}
    same: set[str] = set()
    for remote in remotes:
        old = known.get(remote.id)
        new = _row(remote) if old is None else _taken(old, remote, fresh=fresh)
        if new is None:
            continue
        if new == old:
            same.add(remote.id)
            continue
        known[remote.id] = changed[remote.id] = new
    key = {"connection": connection, "side": side.value, "kind": kind.value}
    upsert(tx, records, [key | changed[id]._asdict() | {"read_at": now} for id in sorted(changed)])
    _touch(tx, key, same - changed.keys(), now)
    return list(changed)


def get(tx: Tx, connection: str, side: Side, kind: Kind, ids: Sequence[str]) -> dict[str, Remote]:
    """The mirrored records that there are, by id."""
    return {id: _remote(row) for id, row in _stored(tx, connection, side, kind, ids, _rows).items()}


def heads(tx: Tx, connection: str, side: Side, kind: Kind, ids: Sequence[str]) -> dict[str, Head]:
    """The heads of the mirrored records that there are, by id, without reading their bodies."""
    found: dict[str, Head] = {}
    query = select(records.c.id, records.c.modified, records.c.version, records.c.deleted)
    for chunk in chunks(ids):
        for id, *head in tx.execute(query.where(_in(connection, side, kind), records.c.id.in_(chunk))):
            found[id] = Head(*head)
    return found


def by_ref(tx: Tx, connection: str, side: Side, kind: Kind, refs: Sequence[str]) -> dict[str, list[Remote]]:
    """The live records that carry these stamps, by stamp and in the order of their ids; absent if none."""
    found: dict[str, list[Remote]] = {}
    query = _rows.where(records.c.deleted.is_(False)).order_by(records.c.id)
    for chunk in chunks(refs):
        for row in tx.execute(query.where(_in(connection, side, kind), records.c.ref.in_(chunk))):
            found.setdefault(row.ref, []).append(_remote(_Row._make(row)))
    return found


def buried(tx: Tx, connection: str, side: Side, kind: Kind, refs: Sequence[str]) -> dict[str, Remote]:
    """Deleted records that carried these stamps when they were last seen, by stamp; the latest where there are more."""
    found: dict[str, Remote] = {}
    query = _rows.where(records.c.deleted.is_(True)).order_by(records.c.modified)
    for chunk in chunks(refs):
        for row in tx.execute(query.where(_in(connection, side, kind), records.c.ref.in_(chunk))):
            found[row.ref] = _remote(_Row._make(row))
    return found


def forget(tx: Tx, connection: str, side: Side, kind: Kind, ids: Sequence[str]) -> None:
    """Drop these rows. A deletion seen in a system is not a reason: that is news, and is kept."""
    for chunk in chunks(ids):
        tx.execute(delete(records).where(_in(connection, side, kind), records.c.id.in_(chunk)))


def count(tx: Tx, connection: str, side: Side, kind: Kind, *, deleted: bool = False) -> int:
    """How many records are mirrored: the live ones, or the deleted."""
    query = select(func.count()).where(_in(connection, side, kind), records.c.deleted.is_(deleted))
    return tx.scalar(query) or 0


def slice(tx: Tx, connection: str, side: Side, kind: Kind, after: str, limit: int) -> list[str]:
    """The next ids after this one in key order, deleted records included; "" begins, [] ends."""
    query = select(records.c.id).where(_in(connection, side, kind), records.c.id > after)
    return list(tx.scalars(query.order_by(records.c.id).limit(limit)))


class _Row(NamedTuple):
    """A stored row but for its key and age. Equal rows show the same record."""

    id: str
    parent: str | None
    ref: str | None
    version: str | None
    modified: str | None
    deleted: bool
    absorbed: str | None
    raw: str


_NO_BODY = "{}"
_rows = select(*(records.c[name] for name in _Row._fields))
_touched = update(records).values(read_at=bindparam("now"))
_touched = _touched.where(
    *(records.c[name] == bindparam(f"the_{name}") for name in ("connection", "side", "kind", "id"))
)


def _in(connection: str, side: Side, kind: Kind) -> ColumnElement[bool]:
    return and_(records.c.connection == connection, records.c.side == side.value, records.c.kind == kind.value)


def _stored(tx: Tx, connection: str, side: Side, kind: Kind, ids: Sequence[str], query: Select[Any]) -> dict[str, _Row]:
    found: dict[str, _Row] = {}
    for chunk in chunks(ids):
        for row in tx.execute(query.where(_in(connection, side, kind), records.c.id.in_(chunk))):
            found[row[0]] = _Row._make(row)
    return found


def _taken(old: _Row, remote: Remote, *, fresh: bool) -> _Row | None:
    """What the mirror shows after this row; None when the row is stale."""
    new = _row(remote)
    stale = bool(old.modified and new.modified and new.modified < old.modified) and not fresh
    if stale and not (new.deleted and not old.deleted):
        return None
    if stale or new.modified is None:
        new = new._replace(modified=old.modified)
    if new.deleted and new.raw == _NO_BODY:
        new = new._replace(raw=old.raw, ref=new.ref or old.ref, parent=new.parent or old.parent)
        new = new._replace(version=new.version or old.version)
    return new


def _row(remote: Remote) -> _Row:
    fields = structs.asdict(remote)
    absorbed = encode(remote.absorbed) if remote.absorbed else None
    return _Row(**fields | {"absorbed": absorbed, "raw": encode(remote.raw)})


def _remote(row: _Row) -> Remote:
    absorbed = ids_from(row.absorbed) if row.absorbed else ()
    return Remote(**row._asdict() | {"absorbed": absorbed, "raw": raw_from(row.raw)})


def _touch(tx: Tx, key: dict[str, str], ids: Iterable[str], now: float) -> None:
    where = {f"the_{name}": value for name, value in key.items()}
    rows = [where | {"the_id": id, "now": now} for id in sorted(ids)]
    each(tx, _touched, rows)
