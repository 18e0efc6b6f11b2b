"""Looks at links again where no feed tells of them: a link is no change of the record that it leads from (hubspot.md
trap 8).

A person makes a record first and links it then. So what is alone is looked at in each pass, as many as one read takes;
of more each pass takes the next ones, and of very many records it looks through so many for those that are alone.
Everything else, in sync or over, is looked at once in the time in which the prospects of an open project are, in whole
reads that are spread evenly over it.

Only links are read, and no record but those whose links are other ones than we know: an idle pass costs a read if
anything in scope is alone, and nothing otherwise, but for those few in which a share of the others is due.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from math import ceil, floor

from syncd.adapters.base import TellsLinks
from syncd.core.model import RIGHT
from syncd.core.remote import Remote
from syncd.store import bindings, mirror, notices, watermarks
from syncd.store.bulk import Tx
from syncd.store.notices import NewNotice

from . import kin, reads
from .connection import Connection

ALONE, LINKS = "alone", "links"
"""Scopes of a watermark: the record that the last search for those alone came to, and the binding read last."""

AMONG_MAX = 10_000
"""Records that a pass searches for those that are alone. It costs a look into an index each."""


def look_again(connection: Connection) -> None:
    """Note the records whose links have changed, of those whose turn it is. Raises RemoteError."""
    adapter = connection.adapter(RIGHT)
    if kin.CHILD not in connection.mappers or not isinstance(adapter, TellsLinks) or kin.CHILD not in adapter.linked:
        return
    _note_moved(connection, adapter, _alone(connection, adapter.links_max))
    for rows in _share(connection, adapter.links_max):
        _note_moved(connection, adapter, rows)


def _alone(connection: Connection, most: int) -> list[Remote]:
    """The next records that have no counterpart, as far as they may have one; all of them, where these are few."""
    mapper = connection.mappers[kin.CHILD]
    with connection.store.read() as tx:
        after = _mark(tx, connection, ALONE, "")
        rows, last = mirror.unpaired(tx, connection.name, RIGHT, kin.CHILD, after, among=AMONG_MAX, limit=most)
    if last != after:
        _move(connection, ALONE, last)
    return [row for row in rows if kin.enters_there(mapper, RIGHT, row) is None]


def _share(connection: Connection, most: int) -> Iterator[list[Remote]]:
    """Those of the others that are due, a read's worth at a time, in the order in which they were paired."""
    name = connection.name
    for _ in range(_reads_due(connection, most)):
        with connection.store.read() as tx:
            after = int(_mark(tx, connection, LINKS, "0"))
            some = bindings.page(tx, name, kind=kin.CHILD, after=after, limit=most)
            ids = [one.right_id for one in some if one.right_id is not None]
            rows = mirror.get(tx, name, RIGHT, kin.CHILD, ids)
        yield [row for row in rows.values() if not row.deleted]
        _move(connection, LINKS, str(some[-1].id) if len(some) == most else "0")


def _reads_due(connection: Connection, most: int) -> int:
    """How many reads have come due since the last one, were they made at even intervals: by the clock, not by the
    number of passes, so that what is less than one in a pass is one in some passes. The first time all are due."""
    with connection.store.read() as tx:
        reads_of_all = ceil(bindings.count(tx, connection.name, kin.CHILD) / most)
        mark = watermarks.get(tx, connection.name, RIGHT, kin.CHILD, LINKS)
    if mark is None:
        return reads_of_all
    per_s = reads_of_all / max(connection.tuning.max_staleness_s, 1.0)
    return min(floor(connection.clock.time() * per_s) - floor(mark.changed * per_s), reads_of_all)


def _note_moved(connection: Connection, adapter: TellsLinks, rows: Sequence[Remote]) -> None:
    """Read those that are linked otherwise than we know, and have them looked at; what is gone, or was merged away,
    by whoever decides about it.

    Their people come first: whom they are about is to be paired before they are, also if a kill comes in between.
    """
    told = reads.links(adapter, kin.CHILD, [row.id for row in rows])
    moved = [row.id for row in rows if told.get(row.id, (row.parent, row.person)) != (row.parent, row.person)]
    if not moved:
        return
    found = reads.fetch(connection, RIGHT, kin.CHILD, moved, keep=False).found
    live = {id: one for id, one in found.items() if one.id == id and not one.deleted}
    other = [NewNotice(RIGHT, kin.CHILD, id, "changed", fetch=True) for id in found.keys() - live.keys()]
    now = connection.clock.time()
    with connection.store.begin() as tx:
        kin.note_people(tx, connection, RIGHT, live.values(), now=now)
        notices.put(tx, connection.name, other, now=now)
    reads.mirrored(connection, RIGHT, kin.CHILD, live, noting=True)


def _mark(tx: Tx, connection: Connection, scope: str, beginning: str) -> str:
    found = watermarks.get(tx, connection.name, RIGHT, kin.CHILD, scope)
    return found.mark if found is not None and found.mark is not None else beginning


def _move(connection: Connection, scope: str, mark: str) -> None:
    with connection.store.begin() as tx:
        now = connection.clock.time()
        watermarks.complete(tx, connection.name, RIGHT, kin.CHILD, scope, mark=mark, now=now)
