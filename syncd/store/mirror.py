"""The mirror: what each side last showed of a record. It says what is news; it never says what is true now.

- A row older than the stored one is ignored: search indexes lag, and pages overlap.
- Evidence of a deletion counts at any age: listings of archived records carry the time of the last edit.
- What a row leaves unsaid (a tombstone's body, the time of a change) stays as it was known.
- Only the live are found by what they live in, whom they are about, or the keys they go by.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from operator import attrgetter
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, Select, and_, bindparam, delete, exists, func, select, update

from syncd.core.model import LEFT, Kind, Side
from syncd.core.remote import Remote

from .bindings import BindingState
from .bulk import Tx, chunks, each, upsert
from .encoding import encode, ids_from, raw_from
from .keys import relist
from .schema import bindings, record_keys, records


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
    before = dict(known)
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
    rest = key | {"read_at": now}
    upsert(tx, records, [rest | changed[id]._asdict() for id in sorted(changed)])
    replaced = {id: before[id] for id in changed if id in before}
    relist(tx, connection, side, kind, before=_live_keys(replaced), after=_live_keys(changed))
    _touch(tx, key, same - changed.keys(), now)
    return list(changed)


def get(tx: Tx, connection: str, side: Side, kind: Kind, ids: Sequence[str]) -> dict[str, Remote]:
    """The mirrored records that there are, by id."""
    return {id: _remote(row) for id, row in _stored(tx, connection, side, kind, ids, _rows).items()}


def heads(tx: Tx, connection: str, side: Side, kind: Kind, ids: Sequence[str]) -> dict[str, Head]:
    """The heads of the mirrored records that there are, by id, without reading their bodies."""
    query = select(records.c.id, records.c.modified, records.c.version, records.c.deleted)
    rows = _found(tx, query.where(_in(connection, side, kind)), records.c.id, ids)
    return {id: Head(*head) for id, *head in rows}


def by_ref(tx: Tx, connection: str, side: Side, kind: Kind, refs: Sequence[str]) -> dict[str, list[Remote]]:
    """The live records that carry these stamps, by stamp and in the order of their ids; absent if none."""
    return _live(tx, connection, side, kind, "ref", refs)


def within(tx: Tx, connection: str, side: Side, kind: Kind, parents: Sequence[str]) -> dict[str, list[Remote]]:
    """The live records that live in these, by parent and in the order of their ids; absent if none."""
    return _live(tx, connection, side, kind, "parent", parents)


def ids_within(
    tx: Tx, connection: str, side: Side, kind: Kind, parents: Sequence[str], *, deleted: bool = False
) -> dict[str, list[str]]:
    """The ids of the live records that live in these, or of the deleted that did; as within, without the bodies."""
    found: dict[str, list[str]] = {}
    query = select(records.c.parent, records.c.id).where(_in(connection, side, kind), records.c.deleted.is_(deleted))
    for parent, id in sorted(_found(tx, query, records.c.parent, parents)):
        found.setdefault(parent, []).append(id)
    return found


def about(tx: Tx, connection: str, side: Side, kind: Kind, persons: Sequence[str]) -> dict[str, list[Remote]]:
    """The live records that are about these, by person and in the order of their ids; absent if none."""
    return _live(tx, connection, side, kind, "person", persons)


def mentioned(tx: Tx, connection: str, side: Side, kind: Kind, persons: Sequence[str]) -> set[str]:
    """Those of these persons whom a live record is about."""
    query = select(records.c.person).where(_in(connection, side, kind), records.c.deleted.is_(False)).distinct()
    return {person for (person,) in _found(tx, query, records.c.person, persons)}


def by_key(tx: Tx, connection: str, side: Side, kind: Kind, keys: Sequence[str]) -> dict[str, list[Remote]]:
    """The live records that go by these keys, by key and in the order of their ids; absent if none."""
    found: dict[str, list[Remote]] = {}
    rows = _found(tx, _keyed.where(_in(connection, side, kind)), record_keys.c.key, keys)
    for key, *row in sorted(rows, key=attrgetter("id")):
        remote = _remote(_Row._make(row))
        # Two writers may be the first to store a record: both list the keys they saw, and the row is one's.
        if key in remote.keys:
            found.setdefault(key, []).append(remote)
    return found


def buried(tx: Tx, connection: str, side: Side, kind: Kind, refs: Sequence[str]) -> dict[str, Remote]:
    """Deleted records that carried these stamps when they were last seen, by stamp; the latest where there are more."""
    query = _rows.where(_in(connection, side, kind), records.c.deleted.is_(True)).order_by(records.c.modified)
    return {row.ref: _remote(_Row._make(row)) for row in _found(tx, query, records.c.ref, refs)}


def forget(tx: Tx, connection: str, side: Side, kind: Kind, ids: Sequence[str]) -> None:
    """Drop these rows. A deletion seen in a system is not a reason: that is news, and is kept."""
    dropped = delete(records).where(_in(connection, side, kind)).returning(records.c.id, records.c["keys"])
    for chunk in chunks(ids):
        rows = tx.execute(dropped.where(records.c.id.in_(chunk))).all()
        had = {id: ids_from(listed) for id, listed in rows if listed is not None}
        relist(tx, connection, side, kind, before=had, after={})


def count(tx: Tx, connection: str, side: Side, kind: Kind, *, deleted: bool = False) -> int:
    """How many records are mirrored: the live ones, or the deleted."""
    query = select(func.count()).where(_in(connection, side, kind), records.c.deleted.is_(deleted))
    return tx.scalar(query) or 0


def slice(tx: Tx, connection: str, side: Side, kind: Kind, after: str, limit: int) -> list[str]:
    """The next ids after this one in key order, deleted records included; "" begins, [] ends."""
    query = select(records.c.id).where(_in(connection, side, kind), records.c.id > after)
    return list(tx.scalars(query.order_by(records.c.id).limit(limit)))


def unpaired(
    tx: Tx, connection: str, side: Side, kind: Kind, after: str, *, among: int, limit: int
) -> tuple[list[Remote], str]:
    """The next live records that have no counterpart and never had one, in key order, and where to go on.

    Looks for them among so many records after this id, for most are paired; "" begins, and says that this was the end.
    """
    place = and_(_in(connection, side, kind), records.c.id > after)
    end = tx.scalar(select(records.c.id).where(place).order_by(records.c.id).offset(among - 1).limit(1))
    query = _rows.where(place, records.c.deleted.is_(False), ~_paired[side]).order_by(records.c.id).limit(limit)
    rows = tx.execute(query if end is None else query.where(records.c.id <= end)).all()
    found = [_remote(_Row._make(row)) for row in rows]
    return found, found[-1].id if len(found) == limit else end or ""


def ids_ending(tx: Tx, connection: str, side: Side, kind: Kind, ending: str, *, limit: int) -> list[str]:
    """The first ids that end so, deleted records included: for people. Looks at every id of the kind."""
    query = select(records.c.id).where(_in(connection, side, kind), records.c.id.endswith(ending, autoescape=True))
    return list(tx.scalars(query.order_by(records.c.id).limit(limit)))


class _Row(NamedTuple):
    """A stored row but for its key and age. Equal rows show the same record."""

    id: str
    parent: str | None
    person: str | None
    ref: str | None
    version: str | None
    modified: str | None
    deleted: bool
    absorbed: str | None
    keys: str | None
    raw: str


_NO_BODY = "{}"
_rows = select(*(records.c[name] for name in _Row._fields))
_same_record = and_(*(record_keys.c[name] == records.c[name] for name in ("connection", "side", "kind", "id")))
_keyed = select(record_keys.c.key, *_rows.selected_columns).join_from(record_keys, records, _same_record)
_keyed = _keyed.where(records.c.deleted.is_(False))
_touched = update(records).values(read_at=bindparam("now"))
_touched = _touched.where(
    *(records.c[name] == bindparam(f"the_{name}") for name in ("connection", "side", "kind", "id"))
)


def _has_counterpart(side: Side) -> ColumnElement[bool]:
    """Or had one: what is pending is alone."""
    id = bindings.c.left_id if side is LEFT else bindings.c.right_id
    same = (bindings.c.connection == records.c.connection, bindings.c.kind == records.c.kind, id == records.c.id)
    return exists().where(*same, bindings.c.state != BindingState.PENDING.value)


_paired = {side: _has_counterpart(side) for side in Side}


def _in(connection: str, side: Side, kind: Kind) -> ColumnElement[bool]:
    return and_(records.c.connection == connection, records.c.side == side.value, records.c.kind == kind.value)


def _stored(tx: Tx, connection: str, side: Side, kind: Kind, ids: Sequence[str], query: Select[Any]) -> dict[str, _Row]:
    rows = _found(tx, query.where(_in(connection, side, kind)), records.c.id, ids)
    return {row[0]: _Row._make(row) for row in rows}


def _live(
    tx: Tx, connection: str, side: Side, kind: Kind, column: str, values: Sequence[str]
) -> dict[str, list[Remote]]:
    """The live records with one of these values in a column, by value and in the order of their ids."""
    found: dict[str, list[Remote]] = {}
    # Sorted here: SQLite asked for this order walks through the whole kind in key order, and not to the few by index.
    query = _rows.where(_in(connection, side, kind), records.c.deleted.is_(False))
    for row in sorted(_found(tx, query, records.c[column], values), key=attrgetter("id")):
        found.setdefault(getattr(row, column), []).append(_remote(_Row._make(row)))
    return found


def _found(tx: Tx, query: Select[Any], column: ColumnElement[Any], values: Sequence[str]) -> Iterator[Any]:
    """The rows with one of these values, each once, however often its value is asked for."""
    for chunk in chunks(list(dict.fromkeys(values))):
        yield from tx.execute(query.where(column.in_(chunk))).all()


def _taken(old: _Row, remote: Remote, *, fresh: bool) -> _Row | None:
    """What the mirror shows after this row; None when the row is stale."""
    new = _row(remote)
    stale = bool(old.modified and new.modified and new.modified < old.modified) and not fresh
    if stale and not (new.deleted and not old.deleted):
        return None
    if stale or new.modified is None:
        new = new._replace(modified=old.modified)
    if new.deleted and new.raw == _NO_BODY:
        new = new._replace(raw=old.raw, ref=new.ref or old.ref, version=new.version or old.version)
        new = new._replace(parent=new.parent or old.parent, person=new.person or old.person, keys=new.keys or old.keys)
    return new


def _row(remote: Remote) -> _Row:
    return _Row(
        id=remote.id,
        parent=remote.parent,
        person=remote.person,
        ref=remote.ref,
        version=remote.version,
        modified=remote.modified,
        deleted=remote.deleted,
        absorbed=encode(remote.absorbed) if remote.absorbed else None,
        keys=encode(remote.keys) if remote.keys else None,
        raw=encode(remote.raw),
    )


def _remote(row: _Row) -> Remote:
    absorbed = ids_from(row.absorbed) if row.absorbed else ()
    keys = ids_from(row.keys) if row.keys else ()
    return Remote(**row._asdict() | {"absorbed": absorbed, "keys": keys, "raw": raw_from(row.raw)})


def _live_keys(rows: Mapping[str, _Row]) -> dict[str, tuple[str, ...]]:
    return {id: ids_from(row.keys) for id, row in rows.items() if row.keys is not None and not row.deleted}


def _touch(tx: Tx, key: dict[str, str], ids: Iterable[str], now: float) -> None:
    where = {f"the_{name}": value for name, value in key.items()}
    rows = [where | {"the_id": id, "now": now} for id in sorted(ids)]
    each(tx, _touched, rows)
