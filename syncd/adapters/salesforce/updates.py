"""Updating with a guard: nothing that moved since it was read is written over (salesforce.md 9.3).

Salesforce guards single rows only: `If-Unmodified-Since`, 24 of them and a look at what came of it in one composite
call. A batch of 200 has no guard; there the rows are read first, the fields about to be written are held against
what the decision was based on, and those that have not moved are sent, two calls for any number. So:

- up to 48 rows whose last change is old: one or two composite calls, and Salesforce itself keeps the guard;
- more rows: read and compare, then one batch. That is two calls instead of nine; what is edited in the moment
  between the two is written over, field by field, as with any system that has no guard;
- rows that changed lately: always read first. The guard has whole seconds, so a second edit within one of them
  passes it unseen, and only the values tell (section 4). Up to 24 of them are then sent under the guard as well.

Rows without a version go unguarded, as their caller asked.

Links are written as fields are; what is asked of them besides is linking's to say.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from typing import Any

from syncd.adapters.base import Failed, Outcome, UpdateItem
from syncd.core.instant import minus_seconds, to_epoch_ms
from syncd.errors import Missing, PreconditionFailed, RemoteError

from . import linking, paths
from .batch import (
    BATCH_MAX,
    Entry,
    by_id,
    collection,
    each_key_once,
    in_parts,
    looked,
    outcome_of,
    results_of,
    with_look,
    written,
)
from .client import Client
from .errors import SYSTEM, refused
from .links import led_elsewhere
from .reads import rows_of
from .records import DELETED, ID, MASTER, STAMP, RecordType, instant_of
from .shapes import Part, Row
from .values import same, to_wire

GUARDED_MAX = 24  # of the 25 parts of a composite call; the last one looks
_GUARDED_CALLS_MAX = 2  # beyond, reading first takes fewer calls


def update(client: Client, records: RecordType, items: Sequence[UpdateItem], *, lately_s: float) -> list[Outcome]:
    """Only these fields. `lately_s`: how long after a change a row counts as changed lately."""
    assert len(items) <= BATCH_MAX
    outcomes: dict[int, Outcome] = {}
    ready: dict[int, Entry] = {}
    for place, item in enumerate(items):
        try:
            ready[place] = _entry(records, item)
        except RemoteError as error:
            outcomes[place] = Failed(error)
    outcomes |= linking.settled(client, records, items, ready)
    guarded_max = GUARDED_MAX * _GUARDED_CALLS_MAX
    if _must_look(client, [items[place] for place in ready], lately_s) or linking.is_blind(records, items, ready):
        guarded_max = GUARDED_MAX
        try:
            outcomes |= _moved(client, records, items, ready)
        except RemoteError as error:
            outcomes |= dict.fromkeys(ready, Failed(error))
            ready = {}
    twice = PreconditionFailed("another row of the same batch writes this record", system=SYSTEM)
    sent = each_key_once(list(ready.values()), twice, lambda some: _send(client, records, some, guarded_max))
    for place, outcome in zip(ready, sent, strict=True):
        outcomes[place] = linking.shown(records, outcome, {**items[place].current, **ready[place].body})
    return [outcomes[place] for place in range(len(items))]


def _entry(records: RecordType, item: UpdateItem) -> Entry:
    id = records.id_of(item.id)
    if id is None:
        raise Missing(f"{item.id} can't be the id of a record of {records.name}", system=SYSTEM, code="MALFORMED_ID")
    fields = item.fields if item.stamp is None else {**item.fields, records.ref: item.stamp}
    links = linking.lacking(records, id, item)
    return Entry(id, to_wire(records, {**fields, **links}, creating=False), guard=item.if_version)


def _must_look(client: Client, items: Sequence[UpdateItem], lately_s: float) -> bool:
    guarded = [item for item in items if item.if_version is not None]
    if len(items) > GUARDED_MAX * _GUARDED_CALLS_MAX:
        return bool(guarded)
    now = client.served_at
    lately = minus_seconds(now, lately_s) if now is not None else ""
    return any((instant_of(item.if_version) or lately) >= lately for item in guarded)


def _moved(
    client: Client, records: RecordType, items: Sequence[UpdateItem], ready: dict[int, Entry]
) -> dict[int, Outcome]:
    """Read the rows, drop from `ready` those that moved or are gone, and guard the others with what is there now."""
    rows = rows_of(client, records, list(dict.fromkeys(entry.key for entry in ready.values())))
    outcomes: dict[int, Outcome] = {}
    for place, entry in list(ready.items()):
        row = rows.get(entry.key)
        if row is None or row.get(DELETED) or row.get(MASTER):
            outcomes[place] = Failed(linking.gone(records, entry.key))
        elif names := _changed(records, items[place], entry, row):
            moved = f"{records.name} {entry.key} has moved: {', '.join(names)}"
            outcomes[place] = Failed(PreconditionFailed(moved, system=SYSTEM, fields=names))
        elif entry.guard is not None:
            ready[place] = Entry(entry.key, entry.body, guard=row.get(STAMP))
        if place in outcomes:
            del ready[place]
    return outcomes


def _changed(records: RecordType, item: UpdateItem, entry: Entry, row: Row) -> tuple[str, ...]:
    """The fields about to be written that do not show any more what the decision was based on; and the row's ties.

    Of a row without a guard, only links that lead elsewhere by now.
    """
    taken = led_elsewhere(records.links.facts(entry.body), row)
    if taken or entry.guard is None:
        return taken

    def unmoved(name: str) -> bool:
        if name not in item.current:
            return row.get(STAMP) == item.if_version
        return same(records.fields.get(name), item.current[name], row.get(name))

    return tuple(name for name in (*records.ties, *entry.body) if not unmoved(name))


def _send(client: Client, records: RecordType, entries: Sequence[Entry], guarded_max: int) -> list[Outcome]:
    guarded = any(entry.guard is not None for entry in entries)
    if not guarded or len(entries) > guarded_max:
        return in_parts(entries, lambda part: _batch(client, records, part))
    outcomes: list[Outcome] = []
    for start in range(0, len(entries), GUARDED_MAX):
        part = entries[start : start + GUARDED_MAX]
        try:
            outcomes += _rows(client, records, part)
        except RemoteError as error:
            outcomes += [Failed(error)] * len(part)
    return outcomes


def _batch(client: Client, records: RecordType, entries: Sequence[Entry]) -> list[Outcome]:
    """All rows as one collection, last writer wins."""
    named = [Entry(entry.key, {"id": entry.key, **entry.body}) for entry in entries]
    change = {"method": "PATCH", "url": paths.COLLECTION, "body": collection(records, named)}
    ids = [entry.key for entry in entries]
    answers = client.composite(with_look(records, [change], ID, ids))
    results = results_of(answers[0], len(entries), key=records.ref)
    shown = by_id(records, looked(client, answers[1]))
    return [outcome_of(records, result, id, shown, key=records.ref) for result, id in zip(results, ids, strict=True)]


def _rows(client: Client, records: RecordType, entries: Sequence[Entry]) -> list[Outcome]:
    """Each row for itself and under its guard, in one call."""
    changes = [_guarded(records, entry) for entry in entries]
    *answers, look = client.composite(with_look(records, changes, ID, [entry.key for entry in entries]))
    shown = by_id(records, looked(client, look))
    return [_outcome(records, entry, part, shown) for entry, part in zip(entries, answers, strict=True)]


def _guarded(records: RecordType, entry: Entry) -> dict[str, Any]:
    part: dict[str, Any] = {"method": "PATCH", "url": paths.row(records.name, entry.key), "body": entry.body}
    stamp = instant_of(entry.guard)
    if stamp is not None:
        part["httpHeaders"] = {"If-Unmodified-Since": _http_date(stamp)}
    return part


def _outcome(records: RecordType, entry: Entry, part: Part, shown: Mapping[str, Row]) -> Outcome:
    if part.http_status_code >= 300:
        return Failed(refused(part.http_status_code, part.body, {}, writing=True, key=records.ref))
    return written(records, entry.key, shown.get(entry.key))


def _http_date(stamp: str) -> str:
    """In whole seconds, rounded up: a guard before the record's own stamp would never let anything pass."""
    moment = datetime.fromtimestamp(to_epoch_ms(stamp) // 1000, UTC)
    if to_epoch_ms(stamp) % 1000:
        moment += timedelta(seconds=1)
    return format_datetime(moment, usegmt=True)
