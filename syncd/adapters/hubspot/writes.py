"""Writing: upsert on the stamp, partial update, archive; one outcome per row, whatever became of its neighbours.

A write is sent once. What HubSpot neither confirms nor refuses is OutcomeUnknown, also when the call itself
succeeded: results are joined by key, never by place, and counted (hubspot.md traps 1, 2, 3).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import msgspec

from syncd.adapters.base import CreateItem, DeleteItem, Failed, Outcome, Raw, Remote, UpdateItem, Written
from syncd.errors import AlreadyExists, Missing, OutcomeUnknown, PreconditionFailed, RemoteError

from . import holders
from .batches import send, send_each_once
from .client import Client
from .errors import SYSTEM, blamed, refused_row
from .records import RecordType, to_wire
from .shapes import Archived, Batch, Complaint, Row


class Entry(msgspec.Struct, frozen=True):
    """One row on its way: what its result will be known by, and what is sent."""

    key: str
    input: Mapping[str, Any]


def create(client: Client, records: RecordType, items: Sequence[CreateItem]) -> list[Outcome]:
    """Once per ref: HubSpot creates the record or, where the ref exists, writes over it (section 5.6)."""

    def attempt(some: Sequence[Entry]) -> list[Outcome]:
        batch = _call(client, records, client.batch.upsert, some)
        rows = {(row.properties.get(records.ref) or "").casefold(): row for row in batch.results}
        return _judge(records, some, rows, batch.errors)

    taken = AlreadyExists("another row of the same batch carries this ref", system=SYSTEM)
    entries = [_upsert(records, item) for item in items]
    outcomes = send_each_once(entries, _key, taken, lambda some: send(some, attempt, Failed, _about_all(records)))
    return holders.named(client, records, [_sent(entry) for entry in entries], outcomes)


def update(client: Client, records: RecordType, items: Sequence[UpdateItem]) -> list[Outcome]:
    """Only these fields. A record that answers under another id was merged, and is planned afresh (trap 9)."""

    def attempt(some: Sequence[Entry]) -> list[Outcome]:
        batch = _call(client, records, client.batch.update, some)
        rows = {row.id: row for row in batch.results}
        strays = rows.keys() - {entry.key for entry in some}
        return _merged(len(strays), _judge(records, some, rows, batch.errors))

    twice = PreconditionFailed("another row of the same batch writes this record", system=SYSTEM)
    entries = [_update(records, item) for item in items]
    outcomes = send_each_once(entries, _key, twice, lambda some: send(some, attempt, Failed, _about_all(records)))
    return holders.named(client, records, [_sent(entry) for entry in entries], outcomes)


def delete(client: Client, records: RecordType, items: Sequence[DeleteItem]) -> list[Outcome]:
    """Into the recycle bin. Gone already is done (section 5.7)."""

    def attempt(some: Sequence[Entry]) -> list[Outcome]:
        body = {"inputs": [entry.input for entry in some]}
        answer = client.write(client.batch.archive, Archived, records.name, body).body
        complaints = _by_row(some, answer.errors)
        return [_gone(entry.key, complaints.get(entry.key)) for entry in some]

    entries = {item.id: Entry(item.id, {"id": item.id}) for item in items}
    outcomes = dict(zip(entries, send(list(entries.values()), attempt, Failed, _about_all(records)), strict=True))
    return [_gone_already(item.id, outcomes[item.id]) for item in items]


def _upsert(records: RecordType, item: CreateItem) -> Entry:
    properties = _wired(item.fields) | {records.ref: item.ref}
    return Entry(item.ref.casefold(), {"id": item.ref, "idProperty": records.ref, "properties": properties})


def _update(records: RecordType, item: UpdateItem) -> Entry:
    properties = _wired(item.fields) | ({records.ref: item.stamp} if item.stamp is not None else {})
    return Entry(item.id, {"id": item.id, "properties": properties})


def _key(entry: Entry) -> str:
    return entry.key


def _sent(entry: Entry) -> Mapping[str, str]:
    properties: Mapping[str, str] = entry.input["properties"]
    return properties


def _wired(fields: Raw) -> dict[str, str]:
    return {name: to_wire(value) for name, value in fields.items()}


def _about_all(records: RecordType) -> Callable[[RemoteError], bool]:
    """Without its stamp property no row can go."""
    return lambda exc: exc.code == "PROPERTY_DOESNT_EXIST" and records.ref in exc.fields


def _call(client: Client, records: RecordType, call: Callable[..., Any], entries: Sequence[Entry]) -> Batch:
    """Every row with a trace id of its own, its place: without, one bad row sinks the batch (trap 1)."""
    inputs = [{**entry.input, "objectWriteTraceId": str(place)} for place, entry in enumerate(entries)]
    return client.write(call, Batch, records.name, {"inputs": inputs}).body


def _judge(
    records: RecordType, entries: Sequence[Entry], rows: Mapping[str, Row], errors: Sequence[Complaint]
) -> list[Outcome]:
    complaints = _by_row(entries, errors)
    silent = [entry.key for entry in entries if entry.key not in rows and entry.key not in complaints]
    loose = [error for error in errors if error not in complaints.values()]
    if len(silent) == len(loose) == 1:
        complaints[silent[0]] = loose[0]
    return [_outcome(records, entry, rows.get(entry.key), complaints.get(entry.key)) for entry in entries]


def _outcome(records: RecordType, entry: Entry, row: Row | None, complaint: Complaint | None) -> Outcome:
    if row is not None:
        return Written(records.written(row, entry.input["properties"]), whole=row.new is True, created=row.new)
    if complaint is not None:
        return Failed(refused_row(complaint, writing=True))
    return Failed(OutcomeUnknown("hubspot neither confirmed nor refused this row", system=SYSTEM))


def _by_row(entries: Sequence[Entry], errors: Sequence[Complaint]) -> dict[str, Complaint]:
    """Which row each error is about: by its trace id, else by the id that it names."""
    traces = {str(place): entry.key for place, entry in enumerate(entries)}
    ids = {entry.input["id"]: entry.key for entry in entries}
    found: dict[str, Complaint] = {}
    for complaint in errors:
        keys = [traces[trace] for trace in blamed(complaint, "objectWriteTraceId") if trace in traces]
        named = (*blamed(complaint, "ids"), *blamed(complaint, "id"))
        found |= dict.fromkeys(keys or [ids[id] for id in named if id in ids], complaint)
    return found


def _merged(strays: int, outcomes: list[Outcome]) -> list[Outcome]:
    """Rows without an answer of their own, where as many answers came under other ids: those were merged."""
    silent = [isinstance(outcome, Failed) and isinstance(outcome.error, OutcomeUnknown) for outcome in outcomes]
    if not strays or strays != sum(silent):
        return outcomes
    moved = Failed(PreconditionFailed("the record was merged into another one", system=SYSTEM))
    return [moved if quiet else outcome for quiet, outcome in zip(silent, outcomes, strict=True)]


def _gone(id: str, complaint: Complaint | None) -> Outcome:
    if complaint is not None:
        return Failed(refused_row(complaint, writing=True))
    return Written(Remote(id=id, deleted=True), whole=False)


def _gone_already(id: str, outcome: Outcome) -> Outcome:
    """No such record, by HubSpot's own word: what was wanted is so. A 404 without a word is no evidence."""
    match outcome:
        case Failed(error=Missing(code="OBJECT_NOT_FOUND")):
            return _gone(id, None)
        case _:
            return outcome
