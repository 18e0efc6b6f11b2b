"""Two kinds may be records of one object of the CRM, as projects and prospects in two pipelines of deals.

The feed of each shows the records of both, and all carry stamps in one property; the table's `where` tells them apart.
"""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from syncd.adapters.base import ChangePage
from syncd.core.model import RIGHT, Kind, Side
from syncd.core.remote import Remote
from syncd.store import bindings, mirror
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
    """What is paired stays what it is, wherever somebody moves it."""
    siblings = _siblings(connection, kind) if side is RIGHT else []
    if not siblings:
        return set()
    mapper = connection.mappers[kind]
    found = [
        row.id
        for row in rows
        if not row.deleted
        and not mapper.in_scope(row.raw)
        and any(connection.mappers[one].in_scope(row.raw) for one in siblings)
    ]
    return set(found) - bindings.by_ids(tx, connection.name, kind, side, found).keys()


def _siblings(connection: Connection, kind: Kind) -> list[Kind]:
    mappers = connection.mappers
    return [one for one, mapper in mappers.items() if one is not kind and mapper.object == mappers[kind].object]
