"""Two kinds may be records of one object of the CRM, as projects and prospects in two pipelines of deals.

The feed of each shows the records of both, and all carry stamps in one property; the table's `where` tells them apart.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import msgspec

from syncd.adapters.base import ChangePage
from syncd.core.model import RIGHT, Kind, Side
from syncd.core.remote import Remote
from syncd.store import bindings, mirror
from syncd.store.bindings import BindingState
from syncd.store.bulk import Tx
from syncd.store.notices import Notice

from .connection import Connection


def own(tx: Tx, connection: Connection, side: Side, kind: Kind, page: ChangePage) -> ChangePage:
    """The page without the records that are another kind's."""
    anothers = _anothers(tx, connection, side, kind, page.rows)
    if not anothers:
        return page
    return msgspec.structs.replace(page, rows=[row for row in page.rows if row.id not in anothers])


def misread(connection: Connection, kind: Kind, noticed: Sequence[Notice]) -> set[tuple[Side, str]]:
    """Those of these records that turn out to be another kind's."""
    ids = [notice.id for notice in noticed if notice.side is RIGHT]
    if not ids or not _siblings(connection, kind):
        return set()
    with connection.store.read() as tx:
        rows = mirror.get(tx, connection.name, RIGHT, kind, ids)
        return {(RIGHT, id) for id in _anothers(tx, connection, RIGHT, kind, list(rows.values()))}


def _anothers(tx: Tx, connection: Connection, side: Side, kind: Kind, rows: Sequence[Remote]) -> set[str]:
    """What is paired, or stamped, as one kind stays that, wherever somebody moves it; the rest goes by its scope."""
    siblings = _siblings(connection, kind) if side is RIGHT else []
    if not siblings:
        return set()
    name, mapper = connection.name, connection.mappers[kind]
    live = {row.id: row for row in rows if not row.deleted}
    mine = _bound(tx, connection, kind, live)
    found: set[str] = set()
    for one in siblings:
        theirs = _bound(tx, connection, one, live)
        stamps = mirror.heads(tx, name, side.other, one, [row.ref for row in live.values() if row.ref is not None])
        found |= theirs | {id for id, row in live.items() if row.ref in stamps}
        theirs_by_scope = connection.mappers[one].in_scope
        found |= {id for id, row in live.items() if theirs_by_scope(row.raw) and not mapper.in_scope(row.raw)}
    return found - mine


def _bound(tx: Tx, connection: Connection, kind: Kind, ids: Iterable[str]) -> set[str]:
    found = bindings.by_ids(tx, connection.name, kind, RIGHT, list(ids))
    return {id for id, one in found.items() if one.state is BindingState.BOUND}


def _siblings(connection: Connection, kind: Kind) -> list[Kind]:
    mappers = connection.mappers
    return [one for one, mapper in mappers.items() if one is not kind and mapper.object == mappers[kind].object]
