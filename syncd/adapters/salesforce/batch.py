"""What creates, updates and deletes have in common: one outcome per row, whatever became of its neighbours.

A write is sent once. What Salesforce neither confirms nor refuses is OutcomeUnknown, also when the call itself
succeeded: a collections call answers 200 with failed rows in it, and rows are counted (salesforce.md trap 7).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import msgspec

from syncd.adapters.base import Failed, Outcome, Written
from syncd.errors import AlreadyExists, Missing, OutcomeUnknown, Rejected, RemoteError, ServerTrouble

from . import paths
from .client import Client
from .errors import SYSTEM, not_understood, refused, refused_row
from .ids import full_id
from .records import AUTHOR, ID, RecordType
from .shapes import Page, Part, Row, RowResult
from .soql import listed, portions, select

BATCH_MAX = 200
_SPLIT_CALLS_MAX = 64  # to isolate the bad rows of one refused batch: four of two hundred, at the least


class Entry(msgspec.Struct, frozen=True):
    """One row on its way: what it is known by, what is sent, and the version that it is guarded with."""

    key: str
    body: Mapping[str, Any]
    guard: str | None = None


Attempt = Callable[[Sequence[Entry]], list[Outcome]]


def in_parts(entries: Sequence[Entry], attempt: Attempt) -> list[Outcome]:
    """A call refused as a whole was not written at all: it is halved until the bad row is alone."""
    outcomes: list[Outcome] = []
    waiting = [entries] if entries else []
    for _ in range(_SPLIT_CALLS_MAX):
        if not waiting:
            break
        part = waiting.pop()
        try:
            outcomes += attempt(part)
        except (Rejected, AlreadyExists, Missing) as exc:
            if len(part) == 1:
                outcomes.append(Failed(exc))
            else:
                waiting += [part[len(part) // 2 :], part[: len(part) // 2]]
        except RemoteError as exc:
            outcomes += [Failed(exc)] * len(part)
    unsent = ServerTrouble("salesforce refused too many parts of this batch; this row was not tried", system=SYSTEM)
    return outcomes + [Failed(unsent) for part in waiting for _ in part]


def each_key_once(
    entries: Sequence[Entry],
    doubled: RemoteError,
    send: Callable[[Sequence[Entry]], list[Outcome]],
    *,
    locks: Sequence[str] = (),
) -> list[Outcome]:
    """All rows of a call that share a key fail (trap 10): the later one has to wait.

    They go in the order of their keys, so that two batches do not wait for each other's locks (section 9.4). `locks`
    are lookups to what is locked besides.
    """
    fresh: dict[str, Entry] = {}
    for entry in entries:
        fresh.setdefault(entry.key, entry)
    parents = ("AccountId", *locks)
    sorted_ = sorted(
        fresh.values(), key=lambda entry: (*(str(entry.body.get(name) or "") for name in parents), entry.key)
    )
    outcomes = dict(zip((entry.key for entry in sorted_), send(sorted_), strict=True)) if sorted_ else {}
    return [outcomes[entry.key] if fresh[entry.key] is entry else Failed(doubled) for entry in entries]


def collection(records: RecordType, entries: Sequence[Entry]) -> dict[str, Any]:
    """The body of a collections call; rows must name their type (section 3.5)."""
    rows = [{"attributes": {"type": records.name}, **entry.body} for entry in entries]
    return {"allOrNone": False, "records": rows}


def with_look(
    records: RecordType, writes: Sequence[Mapping[str, Any]], field: str, values: Sequence[str]
) -> list[Mapping[str, Any]]:
    """The parts of a composite call that writes and then reads what came of it: one call instead of two.

    It looks at as many of the rows as an address holds, which is all of them unless their refs are very long.
    """
    some = next(portions(values, select(records.asked, records.name, f"{field} IN ()")))
    look = {"method": "GET", "url": paths.query(select(records.asked, records.name, listed(field, some)))}
    return [*writes, look]


def looked(client: Client, part: Part) -> list[Row]:
    """The rows that the last part of with_look() shows; none if it failed, for the write stands all the same.

    A row that somebody else has written since is left out: what it shows is news, and not what became of our write.
    """
    if part.http_status_code >= 300:
        return []
    try:
        rows = client.rest(msgspec.convert(part.body, Page))
        us = full_id(client.signed.user)
    except (RemoteError, msgspec.ValidationError):
        return []
    return [row for row in rows if us is None or full_id(row.get(AUTHOR) or "") in (us, None)]


def results_of(part: Part, count: int, *, key: str | None = None) -> list[RowResult]:
    """The rows of a collections part. Raises when it was refused as a whole, or answers for other rows than asked."""
    if part.http_status_code >= 300:
        raise refused(part.http_status_code, part.body, {}, writing=True, key=key)
    try:
        results = msgspec.convert(part.body, list[RowResult])
    except msgspec.ValidationError:
        raise not_understood(part.http_status_code, writing=True) from None
    if len(results) != count:
        raise not_understood(part.http_status_code, writing=True)
    return results


def outcome_of(
    records: RecordType, result: RowResult, id: str | None, shown: Mapping[str, Row], *, key: str | None = None
) -> Outcome:
    """`shown` by id: what was read after the write."""
    if not result.success:
        return Failed(refused_row(result.errors, key=key))
    id = records.id_of(result.id or "") or id
    if id is None:
        return Failed(OutcomeUnknown("salesforce confirmed a row without naming it", system=SYSTEM))
    return written(records, id, shown.get(id), created=result.created)


def written(records: RecordType, id: str, row: Row | None, *, created: bool | None = None) -> Written:
    """With the whole record, if it was shown."""
    if row is None:
        return Written(records.remote({ID: id}), whole=False, created=created)
    return Written(records.remote(row), created=created)


def by_id(records: RecordType, rows: Sequence[Row]) -> dict[str, Row]:
    return {records.id_of(row[ID]) or row[ID]: row for row in rows}
