"""The change feed of Propstreet's lists: a scan by `updated_since` that can be resumed after every page.

Invariants (propstreet.md section 5):
- the mark is server time, the highest `updatedUtc` seen, and moves only after the last page;
- the scan starts an overlap before the mark and takes rows at its boundary again: late and equal instants are
  shown twice rather than never;
- tombstones are always asked for, and no filter is ever used: it would hide what leaves it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

import msgspec

from syncd.adapters.base import ChangePage, Remote
from syncd.core.instant import canonical_instant, minus_seconds
from syncd.errors import CursorRefused, Rejected

from .paging import Page, walk
from .wire import SYSTEM, Json


class Scan(msgspec.Struct, frozen=True, omit_defaults=True, forbid_unknown_fields=True):
    """Where a scan is. What we store between pages; the same filters go out with every page."""

    mark: str | None = None  # where the last complete scan ended
    since: str | None = None  # the updated_since of the scan under way
    size: int = 0  # its page size; 0: none is under way
    after: str | None = None  # Propstreet's cursor of the next page
    high: str | None = None  # the highest updatedUtc seen in it


Fetch = Callable[[Scan, str | None], Page]
"""One page of this scan, after Propstreet's cursor."""


def changes(
    cursor: str | None,
    fetch: Fetch,
    show: Callable[[Json], Remote],
    *,
    what: str,
    overlap_s: float,
    page_size: int,
) -> Iterator[ChangePage]:
    """The pages of Adapter.changes(), of this list. A page cursor that Propstreet forgot restarts the scan once."""
    scan = _begun(cursor, overlap_s, page_size)
    restarted = False
    while True:
        try:
            for page in _pages(scan, fetch, what):
                rows = [show(row) for row in page.rows]
                scan = _advanced(scan, rows, page.next_cursor)
                yield ChangePage(rows=rows, cursor=_resume(scan), complete=scan.after is None)
            return
        except Rejected as refused:
            if scan.after is None or refused.status != 400:
                raise
            if restarted:
                message = f"propstreet refuses to go on with {what}"
                raise CursorRefused(message, system=SYSTEM, status=400) from refused
            restarted = True
            scan = msgspec.structs.replace(scan, after=None)


def _begun(cursor: str | None, overlap_s: float, page_size: int) -> Scan:
    try:
        scan = Scan() if cursor is None else msgspec.json.decode(cursor, type=Scan)
        if scan.size:
            return scan
        since = None if scan.mark is None else minus_seconds(canonical_instant(scan.mark), overlap_s)
    except (msgspec.DecodeError, ValueError) as exc:
        raise CursorRefused("the stored cursor is not one of propstreet's", system=SYSTEM) from exc
    return msgspec.structs.replace(scan, since=since, size=page_size)


def _pages(scan: Scan, fetch: Fetch, what: str) -> Iterator[Page]:
    return walk(lambda after: fetch(scan, after), start=scan.after, what=what)


def _advanced(scan: Scan, rows: Sequence[Remote], after: str | None) -> Scan:
    seen = [row.modified for row in rows if row.modified is not None]
    high = max([*seen, *([scan.high] if scan.high else [])], default=None)
    return msgspec.structs.replace(scan, after=after, high=high)


def _resume(scan: Scan) -> str:
    if scan.after is None:
        marks = [mark for mark in (scan.mark, scan.high) if mark is not None]
        scan = Scan(mark=max(marks, default=None))
    return msgspec.json.encode(scan).decode()
