"""The lists of what was deleted and updated (salesforce.md, section 3.7): ids only, whole minutes."""

from __future__ import annotations

from datetime import datetime

from . import stamps
from .call import Answer, Call
from .refusal import Refusal
from .table import Table

DAY_S = 86_400
DELETED_DAYS = 15
UPDATED_DAYS = 30


def handle_deleted(call: Call, table: Table) -> Answer:
    """GET /sobjects/X/deleted/?start=&end="""
    start, end = _range(call, DELETED_DAYS)
    listed = table.deleted_at
    if call.org.switches.deleted_lists_roles:
        listed = listed | table.vanished_at
    gone = [
        {"id": id, "deletedDate": stamps.shown(second)}
        for id, second in listed.items()
        if start <= second < end and id not in table.unshared
    ]
    earliest = int(call.org.now()) - DELETED_DAYS * DAY_S
    content = {
        "deletedRecords": gone,
        "earliestDateAvailable": stamps.shown(_minute(earliest)),
        "latestDateCovered": _covered(call, end),
    }
    return Answer(200, content)


def handle_updated(call: Call, table: Table) -> Answer:
    """GET /sobjects/X/updated/?start=&end="""
    start, end = _range(call, UPDATED_DAYS)
    within = table.stamped(stamps.shown(start), stamps.shown(end - 1))
    ids = [id for id in within if not table.rows[id]["IsDeleted"] and id not in table.unshared]
    return Answer(200, {"ids": ids, "latestDateCovered": _covered(call, end)})


def _range(call: Call, days: int) -> tuple[int, int]:
    """Both ends cut to the minute; a range that reaches back too far must be rescanned instead."""
    start, end = _instant(call, "start"), _instant(call, "end")
    if start >= end:
        raise Refusal("INVALID_REPLICATION_DATE", "startDate must be before endDate")
    if start < call.org.now() - days * DAY_S:
        raise Refusal("INVALID_REPLICATION_DATE", f"startDate is over {days} days ago")
    return start, end


def _instant(call: Call, name: str) -> int:
    text = (call.one(name) or "").replace(" ", "+")  # a plus that was not encoded
    try:
        moment = datetime.fromisoformat(text)
    except ValueError as exc:
        raise Refusal("INVALID_REPLICATION_DATE", f"{name}: not a valid date and time") from exc
    if moment.tzinfo is None:
        raise Refusal("INVALID_REPLICATION_DATE", f"{name}: a zone is required")
    return _minute(int(moment.timestamp()))


def _minute(second: int) -> int:
    return second // 60 * 60


def _covered(call: Call, end: int) -> str:
    """Held back by any long transaction (section 3.7)."""
    settled = int(call.org.now() - call.org.switches.replication_lag_s)
    return stamps.shown(_minute(min(end, settled)))
