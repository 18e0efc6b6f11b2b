"""The change feed: one sweep over SystemModstamp, recycle bin included, whole rows (salesforce.md section 8).

A sweep asks for everything from `mark - overlap` on, in the order of stamp and id; each page is a query of its own
that starts behind the last row of the one before. Locators are left aside: they die, and a page could not be
resumed after a restart. The stamp has whole seconds, and long transactions become visible late, with the stamp of
their beginning: hence `>=`, the tie-break by id and the overlap (traps 13, 14). There is no upper bound: what is
edited while we read moves to the end and is shown there. The mark is the `Date` of the sweep's first answer.

Invariants:
- a sweep's mark is taken before its first row is read, and handed out only after its last page;
- every page moves strictly on, or the sweep fails; no loop here can go round for ever;
- the last page is the one that Salesforce calls done, with fewer rows than were asked for (trap 15).
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise

import msgspec

from syncd.adapters.base import ChangePage
from syncd.core.instant import canonical_instant, minus_seconds
from syncd.errors import CursorRefused, ServerTrouble

from .client import Client
from .errors import SYSTEM
from .ids import full_id
from .options import Options
from .reads import survivors
from .records import ID, MASTER, STAMP, RecordType, instant_of
from .shapes import Row
from .soql import instant, quoted, select

_UNDATED = "salesforce's answer carries no date, so there is no safe mark"
_BIN_S = 14 * 86_400.0  # the recycle bin keeps 15 days: an older mark would miss deletions (section 8.5)


class Place(msgspec.Struct, frozen=True):
    """A row in the order of the feed."""

    stamp: str  # canonical
    id: str


class Cursor(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Where a sweep stands. Only this module reads it."""

    object: str
    mark: str | None = None  # of a finished sweep: the watermark; before: what it will be
    since: str | None = None  # the lower bound; None reads everything
    after: Place | None = None  # the last row that was shown
    done: bool = False


def changes(client: Client, records: RecordType, options: Options, cursor: str | None) -> Iterator[ChangePage]:
    """Pages of what changed since the cursor. Raises CursorRefused for one that is not ours, or too old."""
    at = _begin(records, options, cursor)
    while not at.done:
        page, at = _page(client, records, options, at)
        yield msgspec.structs.replace(page, cursor=msgspec.json.encode(at).decode(), complete=at.done)


def start(client: Client, records: RecordType) -> str:
    """As if a sweep had just ended: by Salesforce's time at its latest answer, which costs no call of its own."""
    if client.served_at is None:
        raise ServerTrouble(_UNDATED, system=SYSTEM)
    return msgspec.json.encode(Cursor(object=records.name, mark=client.served_at, done=True)).decode()


def _begin(records: RecordType, options: Options, cursor: str | None) -> Cursor:
    if cursor is None:
        return Cursor(object=records.name)
    try:
        at = msgspec.json.decode(cursor, type=Cursor)
        mark = canonical_instant(at.mark or "")
        for bound in filter(None, (at.since, at.after.stamp if at.after else None)):
            canonical_instant(bound)
    except (msgspec.DecodeError, ValueError) as exc:
        raise CursorRefused("the cursor is not one of this adapter's", system=SYSTEM) from exc
    if at.object != records.name:
        raise CursorRefused(f"the cursor belongs to {at.object}, not to {records.name}", system=SYSTEM)
    if not at.done:
        return at
    return Cursor(object=at.object, since=minus_seconds(mark, options.overlap_s))


def _page(client: Client, records: RecordType, options: Options, at: Cursor) -> tuple[ChangePage, Cursor]:
    query = select(records.asked, records.name, _where(at), order=(STAMP, ID), limit=options.page_max)
    answer = client.page(query, deleted=True)
    mark = at.mark or _first_mark(client.served_at, at)
    places = [_place(row) for row in answer.records]
    if (at.after is not None and at.after in places) or not _in_order(at.after, places):
        raise ServerTrouble("salesforce's query does not heed its filter or its order", system=SYSTEM)
    done = answer.done and len(places) < options.page_max
    if not places and not done:
        raise ServerTrouble("salesforce's query does not move on", system=SYSTEM)
    after = msgspec.structs.replace(at, mark=mark, after=places[-1]) if places else at
    ended = Cursor(object=at.object, mark=mark, done=True)
    rows = [records.remote(row) for row in answer.records if not row.get(MASTER)]
    # A survivor comes last, so that nothing on the page is newer than what it says of itself.
    rows += survivors(client, records, answer.records)
    return ChangePage(rows=rows, cursor=""), ended if done else after


def _where(at: Cursor) -> str:
    if at.after is not None:
        stamp = instant(at.after.stamp)
        return f"({STAMP} > {stamp} OR ({STAMP} = {stamp} AND {ID} > {quoted(at.after.id)}))"
    return f"{STAMP} >= {instant(at.since)}" if at.since is not None else ""


def _first_mark(served_at: str | None, at: Cursor) -> str:
    if served_at is None:
        raise ServerTrouble(_UNDATED, system=SYSTEM)
    if at.since is not None and at.since < minus_seconds(served_at, _BIN_S):
        raise CursorRefused("the last pass is so long ago that deletions may be missed", system=SYSTEM)
    return served_at


def _place(row: Row) -> Place:
    stamp, id = instant_of(row.get(STAMP)), row.get(ID)
    if stamp is None or not isinstance(id, str):
        raise ServerTrouble("a row of salesforce's query has no stamp or no id", system=SYSTEM)
    return Place(stamp, full_id(id) or id)


def _in_order(after: Place | None, places: list[Place]) -> bool:
    """By stamp. How Salesforce orders ids is its own affair: only that none comes twice."""
    stamps = ([after.stamp] if after is not None else []) + [place.stamp for place in places]
    return len(set(places)) == len(places) and all(earlier <= later for earlier, later in pairwise(stamps))
