"""Captures the kinds that live in a parent and have no feed of their own: whole sets, one parent at a time, when due.

A set that is read whole costs what a delta of it costs, as long as it fits a page, and it shows what has left it,
which a delta need not (propstreet.md section 11.1; hubspot.md trap 8; salesforce.md section 7.2). What is missing is
noted, to be asked for directly: absence is a suspicion. Parents whose row changed are due at once; the others rotate.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor

from syncd.adapters.base import Brood, Nests
from syncd.core.model import Kind, Side
from syncd.core.remote import Remote
from syncd.store import bindings, mirror, notices, parents
from syncd.store.bindings import BindingState
from syncd.store.bulk import Tx
from syncd.store.notices import NewNotice

from . import kin, rotation
from .connection import Connection
from .reads import batches

PAGE = 500  # bindings read together

LEFT_ITS_SET = "left its set"
"""The reason of a notice about a record that the whole set of its parent does not show any more."""

OnRead = Callable[[int, int], None]  # parents read, of how many


def capture_nested(
    connection: Connection,
    side: Side,
    kind: Kind,
    *,
    everything: bool,
    ahead_s: float,
    most: int | None = None,
    read_since: float | None = None,
    on_read: OnRead,
) -> int:
    """Read the sets whose turn it is, at most so many, `ahead_s` being the time until the next pass; count the news.

    `everything`: every parent, and every record in it is looked at again; `read_since`: none that was read since then.
    Raises RemoteError; what was stored by then is kept, and the next call goes on after it.
    """
    adapter = connection.adapter(side)
    assert isinstance(adapter, Nests)
    if everything:
        _all_due(connection, side, kind)
    due = rotation.turn(
        connection, side, kind, ahead_s=ahead_s, per_call=adapter.parents_max, most=most, read_since=read_since
    )
    news = read = 0
    for broods in _broods(connection, adapter, kind, due):
        with connection.store.begin() as tx:
            news += sum(_store(tx, connection, side, kind, brood, everything=everything) for brood in broods)
        read += len(broods)
        on_read(read, len(due))
    return news


def look(connection: Connection, side: Side, kind: Kind, ids: Sequence[str]) -> None:
    """Read these sets now, whatever their turn. Raises RemoteError."""
    adapter = connection.adapter(side)
    assert isinstance(adapter, Nests)
    for broods in _broods(connection, adapter, kind, ids):
        with connection.store.begin() as tx:
            for brood in broods:
                _store(tx, connection, side, kind, brood, everything=False)


def inside(connection: Connection, side: Side, kind: Kind, ids: Sequence[str]) -> dict[str, list[Remote]]:
    """What lives in these, as far as it is known; a set that has never been read is read first. Raises RemoteError."""
    if kin.is_nested(connection, side, kind):
        with connection.store.read() as tx:
            unread = parents.unread(tx, connection.name, side, kind, ids)
        if unread:
            look(connection, side, kind, sorted(unread))
    with connection.store.read() as tx:
        return mirror.within(tx, connection.name, side, kind, ids)


def _all_due(connection: Connection, side: Side, kind: Kind) -> None:
    now, after = connection.clock.time(), 0
    while True:
        with connection.store.begin() as tx:
            some = bindings.page(
                tx, connection.name, kind=kin.PARENT, state=BindingState.BOUND, after=after, limit=PAGE
            )
            ids = [id for one in some if (id := one.id_of(side)) is not None]
            parents.hasten(tx, connection.name, side, kind, ids, due=now)
        if not some:
            return
        after = some[-1].id


def _broods(connection: Connection, adapter: Nests, kind: Kind, ids: Sequence[str]) -> Iterator[list[Brood]]:
    """The sets of these parents, some at a time, as many calls at once as the adapter allows."""
    chunks = list(batches(ids, adapter.parents_max))
    workers: int = adapter.capabilities.workers  # type: ignore[attr-defined]  # Nests is an ability of an Adapter
    if workers < 2 or len(chunks) < 2:
        for chunk in chunks:
            yield adapter.within(kind, chunk)
        return
    with ThreadPoolExecutor(workers) as pool:
        for some in batches(chunks, workers):
            yield from pool.map(lambda chunk: adapter.within(kind, chunk), some)


def _store(tx: Tx, connection: Connection, side: Side, kind: Kind, brood: Brood, *, everything: bool) -> int:
    """Mirror one set, note what is news in it and what has left it, and say when it is to be read next."""
    name, now = connection.name, connection.clock.time()
    if brood.gone or (not brood.rows and _is_deleted(tx, connection, side, brood.parent)):
        parents.remove(tx, name, side, kind, [brood.parent])
        notices.put(tx, name, [NewNotice(side, kin.PARENT, brood.parent, "gone", fetch=True)], now=now)
        return 0
    shown = [row.id for row in brood.rows]
    before = mirror.ids_within(tx, name, side, kind, [brood.parent]).get(brood.parent, [])
    news = mirror.put(tx, name, side, kind, brood.rows, now=now)
    left = [id for id in before if id not in set(shown)]
    noted = shown if everything else news
    notices.put(
        tx,
        name,
        [
            *(NewNotice(side, kind, id, "changed") for id in noted),
            *_absent(tx, connection, side, kind, left, alone=not shown),
        ],
        now=now,
    )
    if left:
        kin.note_waiting(tx, connection, side, brood.parent, now=now)
    fresh = set(noted)
    kin.note_people(tx, connection, side, [row for row in brood.rows if row.id in fresh], now=now)
    parents.done(
        tx, name, side, kind, {brood.parent: now + rotation.pace_s(tx, connection, side, brood.parent)}, now=now
    )
    return len(news) + len(left)


def _is_deleted(tx: Tx, connection: Connection, side: Side, parent: str) -> bool:
    head = mirror.heads(tx, connection.name, side, kin.PARENT, [parent]).get(parent)
    return head is not None and head.deleted


def _absent(tx: Tx, connection: Connection, side: Side, kind: Kind, ids: list[str], *, alone: bool) -> list[NewNotice]:
    """Ask for these directly. An empty set may as well be one that we are not shown: there a second look must agree."""
    if not alone:
        return [NewNotice(side, kind, id, LEFT_ITS_SET, fetch=True) for id in ids]
    new = [id for id in ids if not notices.noted(tx, connection.name, kind, [(side, id)])]
    return [NewNotice(side, kind, id, "changed", fetch=True) for id in new]
