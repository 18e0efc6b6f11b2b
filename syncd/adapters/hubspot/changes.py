"""The change feed: a full listing first, then sweeps over the last-modified date (hubspot.md 7.1).

A sweep asks for everything from `mark - overlap` on, in the order of ids, each page starting behind the last id
of the one before. So 50,000 rows with one stamp, and edits while we read, are harmless (traps 5, 6). Search is
given no upper bound: which rows are news is for the reader of the hints to say, and what is shown early is shown
again. The upper bound counts for the next mark only, which is the `Date` of the scan's first answer, less the time
that search may run behind. So the mark is HubSpot's own time (trap 44) and costs no call; without a `Date` there
is no mark and the scan fails.

Invariants:
- a scan's mark is taken before its first row is read, and handed out only after its last page;
- every page moves strictly on, or the scan fails; no loop here can go round for ever;
- only a row that HubSpot itself calls archived is shown as deleted (traps 11, 41).
"""

from __future__ import annotations

from collections.abc import Iterator
from enum import StrEnum

import msgspec

from syncd.adapters.base import ChangePage, Hint
from syncd.core.instant import canonical_instant, minus_seconds, to_epoch_ms
from syncd.errors import CursorRefused, Rejected, ServerTrouble

from . import links
from .client import Answer, Client
from .errors import SYSTEM
from .keyset import next_after, search_after
from .options import Options
from .reads import list_page
from .records import ID, RecordType
from .shapes import Page


class Phase(StrEnum):
    LIST = "list"  # all live records
    SWEEP = "sweep"  # what was modified lately
    ARCHIVED = "archived"  # the recycle bin
    DONE = "done"


class Cursor(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Where a scan stands. Only this module reads it."""

    object: str
    phase: Phase
    mark: str | None = None  # DONE: the watermark; before: what it will be
    since: str | None = None  # SWEEP: the lower bound
    after: str | None = None  # where this phase goes on: the feed's own cursor, or the last id of a sweep
    archived_after: str | None = None  # where the archived listing goes on in a later pass
    pages_left: int | None = None  # ARCHIVED: None for a full scan, which reads it to its end


def changes(client: Client, records: RecordType, options: Options, cursor: str | None) -> Iterator[ChangePage]:
    """Pages of what changed since the cursor. Raises CursorRefused for a cursor that is not ours."""
    at = _begin(records, options, cursor)
    while at.phase is not Phase.DONE:
        page, at = _STEPS[at.phase](client, records, options, at)
        yield msgspec.structs.replace(page, cursor=_encode(at), complete=at.phase is Phase.DONE)


def start(client: Client, records: RecordType, options: Options) -> str:
    """The cursor of a scan that ended just now: what changes from here on comes, the overlap before it included."""
    asked = {"limit": 1, "properties": [ID], "archived": False}
    answer = client.read(client.basic.get_page, Page, records.name, **asked)
    mark = minus_seconds(_served_at(answer), options.visibility_lag_s)
    return _encode(Cursor(object=records.name, phase=Phase.DONE, mark=mark))


def _begin(records: RecordType, options: Options, cursor: str | None) -> Cursor:
    if cursor is None:
        return Cursor(object=records.name, phase=Phase.LIST)
    try:
        at = msgspec.json.decode(cursor, type=Cursor)
        mark = canonical_instant(at.mark or "")
        if at.phase is Phase.SWEEP:
            canonical_instant(at.since or "")
            int(at.after or 0)
    except (msgspec.DecodeError, ValueError) as exc:
        raise CursorRefused("the cursor is not one of this adapter's", system=SYSTEM) from exc
    if at.object != records.name:
        raise CursorRefused(f"the cursor belongs to {at.object}, not to {records.name}", system=SYSTEM)
    if at.phase is not Phase.DONE:
        return at
    since = minus_seconds(mark, options.overlap_s)
    return msgspec.structs.replace(at, phase=Phase.SWEEP, mark=None, since=since, after=None)


def _list(client: Client, records: RecordType, options: Options, at: Cursor) -> tuple[ChangePage, Cursor]:
    answer = _listed(client, records, options, at.after, archived=False)
    rows = links.shown(client, records, [records.remote(row) for row in answer.body.results])
    page = ChangePage(rows=rows, cursor="")
    after = answer.body.after
    phase = Phase.ARCHIVED if after is None else Phase.LIST
    mark = at.mark or _served_at(answer)
    return page, msgspec.structs.replace(at, phase=phase, mark=mark, after=after)


def _sweep(client: Client, records: RecordType, options: Options, at: Cursor) -> tuple[ChangePage, Cursor]:
    last = int(at.after or 0)
    modified = records.traits.modified
    since = {"propertyName": modified, "operator": "GTE", "value": str(to_epoch_ms(at.since or ""))}
    answer = search_after(client, records, last, [since], properties=[modified], limit=options.page_max)
    remotes = [records.remote(row) for row in answer.body.results]
    page = ChangePage(hints=[Hint(remote.id, remote.modified) for remote in remotes], cursor="")
    mark = at.mark or minus_seconds(_served_at(answer), options.visibility_lag_s)
    after = next_after(answer.body, options.page_max)
    if after is not None:
        return page, msgspec.structs.replace(at, mark=mark, after=str(after))
    done = msgspec.structs.replace(at, phase=Phase.ARCHIVED, mark=mark, since=None, after=at.archived_after)
    return page, msgspec.structs.replace(done, pages_left=options.archived_pages)


def _archived(client: Client, records: RecordType, options: Options, at: Cursor) -> tuple[ChangePage, Cursor]:
    try:
        answer = _listed(client, records, options, at.after, archived=True)
    except CursorRefused:
        if at.pages_left is None:
            raise
        answer = _listed(client, records, options, None, archived=True)  # the rotation begins anew
    remotes = (records.remote(row) for row in answer.body.results)
    page = ChangePage(rows=[remote for remote in remotes if remote.deleted], cursor="")
    after = answer.body.after
    pages_left = None if at.pages_left is None else at.pages_left - 1
    if after is not None and pages_left != 0:
        return page, msgspec.structs.replace(at, after=after, pages_left=pages_left)
    return page, Cursor(object=at.object, phase=Phase.DONE, mark=at.mark, archived_after=after)


_STEPS = {Phase.LIST: _list, Phase.SWEEP: _sweep, Phase.ARCHIVED: _archived}


def _listed(
    client: Client, records: RecordType, options: Options, after: str | None, *, archived: bool
) -> Answer[Page]:
    try:
        answer = list_page(client, records, after=after, archived=archived, limit=options.page_max)
    except Rejected as exc:
        if after is None:
            raise
        raise CursorRefused("hubspot does not know this listing's cursor any more", system=SYSTEM) from exc
    if after is not None and not _further(answer.body.after, after):
        raise ServerTrouble("hubspot's listing does not move on", system=SYSTEM)
    return answer


def _further(new: str | None, old: str) -> bool:
    """The listing's cursor is the next id, though nobody promises that it is a number."""
    if new is None:
        return True
    return int(new) > int(old) if new.isdecimal() and old.isdecimal() else new != old


def _served_at(answer: Answer[Page]) -> str:
    if answer.served_at is None:
        raise ServerTrouble("hubspot's answer carries no date, so there is no safe mark", system=SYSTEM)
    return answer.served_at


def _encode(cursor: Cursor) -> str:
    return msgspec.json.encode(cursor).decode()
