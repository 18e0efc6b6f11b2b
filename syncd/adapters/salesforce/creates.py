"""Creating: an upsert on the stamp, which makes a repeat harmless; Salesforce has no idempotency key (9.1).

200 rows and the look at what came of them are one composite call. In this form the key stands in the body, where
the form for single rows forbids it (trap 9); as it is never part of a path, no key can lead astray (traps 31, 32).
"""

from __future__ import annotations

from collections.abc import Sequence

from msgspec.structs import replace

from syncd.adapters.base import CreateItem, Failed, Outcome, Written
from syncd.errors import AlreadyExists, Rejected, RemoteError

from . import paths
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
)
from .client import Client
from .errors import SYSTEM
from .records import RecordType
from .values import UNFIT, to_wire

_REF_MAX = 255  # no text field is longer that can be an external id


def create(client: Client, records: RecordType, items: Sequence[CreateItem]) -> list[Outcome]:
    """Once per ref: Salesforce creates the record or, where the ref exists, writes over it."""
    assert len(items) <= BATCH_MAX
    judged = [_entry(records, item) for item in items]
    entries = [entry for entry in judged if isinstance(entry, Entry)]
    taken = AlreadyExists("another row of the same batch carries this ref", system=SYSTEM)
    sent = iter(each_key_once(entries, taken, lambda some: in_parts(some, lambda part: _send(client, records, part))))
    return [next(sent) if isinstance(entry, Entry) else entry for entry in judged]


def _entry(records: RecordType, item: CreateItem) -> Entry | Failed:
    if not item.ref.strip() or len(item.ref) > _REF_MAX:
        return Failed(Rejected("a ref that is empty or too long can't be a stamp", system=SYSTEM, code=UNFIT))
    try:
        body = to_wire(records, {**item.fields, records.ref: item.ref}, creating=True)
    except RemoteError as error:
        return Failed(error)
    return Entry(item.ref.casefold(), body)


def _send(client: Client, records: RecordType, entries: Sequence[Entry]) -> list[Outcome]:
    refs = [str(entry.body[records.ref]) for entry in entries]
    upsert = {
        "method": "PATCH",
        "url": paths.upserts(records.name, records.ref),
        "body": collection(records, entries),
    }
    answers = client.composite(with_look(records, [upsert], records.ref, refs))
    results = results_of(answers[0], len(entries), key=records.ref)
    shown = by_id(records, looked(client, answers[1]))
    return [
        _stamped(outcome_of(records, result, None, shown, key=records.ref), ref)
        for result, ref in zip(results, refs, strict=True)
    ]


def _stamped(outcome: Outcome, ref: str) -> Outcome:
    """The ref of a record that was made and not shown is the one that it was made under."""
    if isinstance(outcome, Written) and not outcome.whole:
        return replace(outcome, remote=replace(outcome.remote, ref=ref))
    return outcome
