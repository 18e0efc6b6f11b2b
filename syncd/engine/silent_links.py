"""Looks at links again where no feed tells of them: a link is no change of the record that it leads from (hubspot.md
trap 8).

A person makes a record first and links it then: what waits for its links is looked at in each pass. Of the others each
pass reads its share, so that none is older than the prospects of an open project may get.
"""

from __future__ import annotations

from math import ceil

from syncd.core.model import RIGHT
from syncd.core.remote import SEVERAL
from syncd.store import bindings, mirror, watermarks
from syncd.store.bindings import BindingState

from . import kin, reads
from .connection import Connection

LINKS = "links"
"""Scope of a watermark: the number of the pair whose links were read last."""

WAITING_MAX = 200


def look_again(connection: Connection, *, since_s: float) -> None:
    """Read what waits, and as much of the rest as is due `since_s` after the last pass. Raises RemoteError."""
    if kin.CHILD not in connection.mappers or not connection.adapter(RIGHT).capabilities.silent_links:
        return
    share, last = _share(connection, since_s)
    found = reads.fetch(connection, RIGHT, kin.CHILD, [*_waiting(connection), *share], keep=False).found
    reads.mirrored(connection, RIGHT, kin.CHILD, found, noting=True)
    now = connection.clock.time()
    with connection.store.begin() as tx:
        kin.note_people(tx, connection, RIGHT, found.values(), now=now)
        if last is not None:
            watermarks.complete(tx, connection.name, RIGHT, kin.CHILD, LINKS, mark=str(last), now=now)


def _waiting(connection: Connection) -> list[str]:
    """Those that are alone and do not say what they belong to."""
    name = connection.name
    with connection.store.read() as tx:
        alone = bindings.page(tx, name, kind=kin.CHILD, state=BindingState.PENDING, limit=WAITING_MAX)
        rows = mirror.get(tx, name, RIGHT, kin.CHILD, [one.right_id for one in alone if one.right_id is not None])
    return [row.id for row in rows.values() if not row.deleted and {row.parent, row.person} & {None, SEVERAL}]


def _share(connection: Connection, since_s: float) -> tuple[list[str], int | None]:
    """The records of the pairs whose turn it is, and the number of the last one; 0 begins again."""
    name, tuning = connection.name, connection.tuning
    with connection.store.read() as tx:
        pairs = bindings.count(tx, name, kin.CHILD, BindingState.BOUND)
        most = min(ceil(pairs * since_s / max(tuning.max_staleness_s, since_s, 1.0)), pairs)
        if not most:
            return [], None
        mark = watermarks.get(tx, name, RIGHT, kin.CHILD, LINKS)
        after = int(mark.mark) if mark is not None and mark.mark is not None else 0
        some = bindings.page(tx, name, kind=kin.CHILD, state=BindingState.BOUND, after=after, limit=most)
    last = some[-1].id if len(some) == most else 0
    return [one.right_id for one in some if one.right_id is not None], last
