"""Direct reads in an adapter's largest batches, mirrored as they come. The only place that calls fetch and find.

No transaction is open while a system is asked.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import NamedTuple, TypeVar

from syncd.adapters.base import Links, Matches, Nests, TellsLinks
from syncd.core.model import Kind, Side
from syncd.core.ops import Create, Op, Update
from syncd.core.remote import Remote
from syncd.errors import Forbidden, Rejected, RemoteError, ServerTrouble
from syncd.store import mirror, notices
from syncd.store.notices import NewNotice
from syncd.store.outbox import Entry

from . import kin
from .connection import Connection
from .kin import Place

T = TypeVar("T")


UNSEEN = Place(waits="the record that it mirrors is not known any more")

FAILED_MAX = 10
"""Records that can't be read before it is the system that is in trouble, not the records."""


class Fetched(NamedTuple):
    found: dict[str, Remote]
    failed: dict[str, RemoteError]  # records that could not be read, and why


def fetch(connection: Connection, side: Side, kind: Kind, ids: Sequence[str], *, keep: bool = True) -> Fetched:
    """Fresh records, keyed by the id asked for; a survivor of a merge carries another id than its key.

    A record that can't be read does not stop its neighbours. Raises RemoteError for what concerns all of them.
    Without `keep` the mirror stays as it is.
    """
    adapter = connection.adapter(side)
    fetched = Fetched({}, {})
    for chunk in batches(list(dict.fromkeys(ids)), adapter.capabilities.of(kind).fetch_max):
        _read_some(adapter.fetch, kind, chunk, fetched.found, fetched.failed)
    if keep:
        mirrored(connection, side, kind, fetched.found)
    return fetched


def links(adapter: TellsLinks, kind: Kind, ids: Sequence[str]) -> dict[str, Links]:
    """Where these records belong now; without those whose links can't be read. Raises RemoteError as fetch does."""
    found: dict[str, Links] = {}
    failed: dict[str, RemoteError] = {}
    for chunk in batches(list(dict.fromkeys(ids)), adapter.links_max):
        _read_some(adapter.places, kind, chunk, found, failed)
    return found


def _read_some(
    read: Callable[[Kind, Sequence[str]], Mapping[str, T]],
    kind: Kind,
    ids: list[str],
    found: dict[str, T],
    failed: dict[str, RemoteError],
) -> None:
    """All at once; if that fails for a reason that may be one record's own, in halves."""
    try:
        found.update(read(kind, ids))
    except (ServerTrouble, Forbidden, Rejected) as error:
        if len(ids) == 1:
            failed[ids[0]] = error
            if len(failed) > FAILED_MAX:
                raise
            return
        half = len(ids) // 2
        _read_some(read, kind, ids[:half], found, failed)
        _read_some(read, kind, ids[half:], found, failed)


def find(connection: Connection, side: Side, kind: Kind, refs: Sequence[str]) -> dict[str, Remote]:
    """Live records by the stamp they carry. Raises RemoteError."""
    adapter = connection.adapter(side)
    found: dict[str, Remote] = {}
    for chunk in batches(list(dict.fromkeys(refs)), adapter.capabilities.of(kind).find_max):
        found |= adapter.find(kind, chunk)
    mirrored(connection, side, kind, found)
    return found


def places(connection: Connection, side: Side, entries: Sequence[Entry]) -> dict[int, Place]:
    """Where the records that these are to make, or to link, on `side` belong, by entry; prospects only."""
    refs = {ref: entry.id for entry in entries if entry.kind is kin.CHILD and (ref := _counterpart(entry.op))}
    if not refs:
        return {}
    with connection.store.read() as tx:
        rows = mirror.get(tx, connection.name, side.other, kin.CHILD, list(refs))
        found = kin.places(tx, connection, side.other, [row for row in rows.values() if not row.deleted])
    return {id: found.get(ref, UNSEEN) for ref, id in refs.items()}


def _counterpart(op: Op) -> str | None:
    match op:
        case Create(ref=ref) | Update(link=ref):
            return ref
        case _:
            return None


def find_placed(connection: Connection, side: Side, entries: Sequence[Entry]) -> dict[str, Remote]:
    """Live records that stand where these creates were to put theirs, by ref. Raises RemoteError."""
    wanted = places(connection, side, entries)
    adapter = connection.adapter(side)
    assert isinstance(adapter, Nests)
    inside: dict[tuple[str | None, str | None], Remote] = {}
    whole = sorted({place.parent for place in wanted.values() if place.parent})
    for chunk in batches(whole, adapter.parents_max):
        for brood in adapter.within(kin.CHILD, chunk):
            ours = [row for row in reversed(brood.rows) if not kin.is_strangers(connection, side, row)]
            inside |= {(brood.parent, row.person): row for row in ours}
    found = {
        entry.op.ref: row
        for entry in entries
        if isinstance(entry.op, Create) and (place := wanted.get(entry.id)) is not None and place.person
        if (row := inside.get((place.parent, place.person))) is not None
    }
    mirrored(connection, side, kin.CHILD, found)
    return found


def match(connection: Connection, side: Side, kind: Kind, keys: Sequence[str]) -> dict[str, list[Remote]]:
    """Live records that people would recognise by these keys, by key. Raises RemoteError."""
    wanted = list(dict.fromkeys(keys))
    adapter = connection.adapter(side)
    if isinstance(adapter, Matches):
        for chunk in batches(wanted, adapter.match_max):
            rows = [row for some in adapter.match(kind, chunk).values() for row in some]
            mirrored(connection, side, kind, {row.id: row for row in rows})
    with connection.store.read() as tx:
        return mirror.by_key(tx, connection.name, side, kind, wanted)


def mirrored(connection: Connection, side: Side, kind: Kind, found: dict[str, Remote], *, noting: bool = False) -> None:
    """Keep what a direct read showed: it is right even where it is older than what a feed showed.

    `noting` says that nobody is looking at these records just now: what is news is noted, or the feed would find it
    known already, and it would never be looked at.
    """
    if not found:
        return
    rows = {remote.id: remote for remote in found.values()}
    now = connection.clock.time()
    with connection.store.begin() as tx:
        news = mirror.put(tx, connection.name, side, kind, list(rows.values()), now=now, fresh=True)
        if noting:
            notices.put(tx, connection.name, [NewNotice(side, kind, id, "changed") for id in news], now=now)


def batches(items: Sequence[T], size: int) -> Iterator[list[T]]:
    """The items in order, at most `size` at a time."""
    for start in range(0, len(items), size):
        yield list(items[start : start + size])
