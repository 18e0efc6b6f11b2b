"""Direct reads in an adapter's largest batches, mirrored as they come. The only place that calls fetch and find.

No transaction is open while a system is asked.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import NamedTuple, TypeVar

from syncd.adapters.base import Adapter
from syncd.core.model import Kind, Side
from syncd.core.remote import Remote
from syncd.errors import Forbidden, Rejected, RemoteError, ServerTrouble
from syncd.store import mirror, notices
from syncd.store.notices import NewNotice

from .connection import Connection

T = TypeVar("T")


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
    for chunk in batches(list(dict.fromkeys(ids)), adapter.capabilities.fetch_max):
        _fetch_some(adapter, kind, chunk, fetched)
    if keep:
        mirrored(connection, side, kind, fetched.found)
    return fetched


def _fetch_some(adapter: Adapter, kind: Kind, ids: list[str], fetched: Fetched) -> None:
    """All at once; if that fails for a reason that may be one record's own, in halves."""
    try:
        fetched.found.update(adapter.fetch(kind, ids))
    except (ServerTrouble, Forbidden, Rejected) as error:
        if len(ids) == 1:
            fetched.failed[ids[0]] = error
            if len(fetched.failed) > FAILED_MAX:
                raise
            return
        half = len(ids) // 2
        _fetch_some(adapter, kind, ids[:half], fetched)
        _fetch_some(adapter, kind, ids[half:], fetched)


def find(connection: Connection, side: Side, kind: Kind, refs: Sequence[str]) -> dict[str, Remote]:
    """Live records by the stamp they carry. Raises RemoteError."""
    adapter = connection.adapter(side)
    found: dict[str, Remote] = {}
    for chunk in batches(list(dict.fromkeys(refs)), adapter.capabilities.find_max):
        found |= adapter.find(kind, chunk)
    mirrored(connection, side, kind, found)
    return found


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
