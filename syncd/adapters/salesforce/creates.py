"""Creating: an upsert on the stamp, which makes a repeat harmless; Salesforce has no idempotency key (9.1).

200 rows and the look at what came of them are one composite call. In this form the key stands in the body, where
the form for single rows forbids it (trap 9); as it is never part of a path, no key can lead astray (traps 31, 32).
What a record is linked to stands in its row: it is made with its links or not at all.
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
from .linking import shown
from .reads import find
from .records import RecordType
from .values import UNFIT, to_wire

_REF_MAX = 255  # no text field is longer that can be an external id
_FIXED = "INVALID_FIELD_FOR_INSERT_UPDATE"  # of a row that is there already, and names what can't be written any more


def create(client: Client, records: RecordType, items: Sequence[CreateItem]) -> list[Outcome]:
    """Once per ref: Salesforce creates the record or, where the ref exists, writes over it."""
    assert len(items) <= BATCH_MAX
    judged = [_entry(records, item) for item in items]
    entries = [entry for entry in judged if isinstance(entry, Entry)]
    taken = AlreadyExists("another row of the same batch carries this ref", system=SYSTEM)
    sent = iter(each_key_once(entries, taken, lambda some: _upserted(client, records, some), locks=records.links.names))
    return [next(sent) if isinstance(entry, Entry) else entry for entry in judged]


def _entry(records: RecordType, item: CreateItem) -> Entry | Failed:
    if not item.ref.strip() or len(item.ref) > _REF_MAX:
        return Failed(Rejected("a ref that is empty or too long can't be a stamp", system=SYSTEM, code=UNFIT))
    try:
        links = records.links.fields(item.parent, item.person)
        body = to_wire(records, {**item.fields, **links, records.ref: item.ref}, creating=True)
    except RemoteError as error:
        return Failed(error)
    return Entry(item.ref.casefold(), body)


def _upserted(client: Client, records: RecordType, entries: Sequence[Entry]) -> list[Outcome]:
    """A resend of what is there already goes out again without the links that were fixed when it was made (7.1, 7.4).

    That is two calls more, and only for rows that were refused for those: no such row was written.
    """
    outcomes = in_parts(entries, lambda part: _send(client, records, part))
    fixed = records.links.fixed
    met = {place: entries[place] for place, outcome in enumerate(outcomes) if _is_fixed(outcome, fixed)}
    if not met:
        return outcomes
    try:
        there = find(client, records, [str(entry.body[records.ref]) for entry in met.values()])
    except RemoteError:
        return outcomes
    again = {place: _without(fixed, entry) for place, entry in met.items() if entry.body[records.ref] in there}
    sent = in_parts(list(again.values()), lambda part: _send(client, records, part))
    became = dict(zip(again, sent, strict=True))
    return [became.get(place, outcome) for place, outcome in enumerate(outcomes)]


def _is_fixed(outcome: Outcome, fixed: frozenset[str]) -> bool:
    if not isinstance(outcome, Failed) or outcome.error.code != _FIXED:
        return False
    return not fixed.isdisjoint(outcome.error.fields)


def _without(names: frozenset[str], entry: Entry) -> Entry:
    return Entry(entry.key, {name: value for name, value in entry.body.items() if name not in names}, entry.guard)


def _send(client: Client, records: RecordType, entries: Sequence[Entry]) -> list[Outcome]:
    refs = [str(entry.body[records.ref]) for entry in entries]
    upsert = {
        "method": "PATCH",
        "url": paths.upserts(records.name, records.ref),
        "body": collection(records, entries),
    }
    answers = client.composite(with_look(records, [upsert], records.ref, refs))
    results = results_of(answers[0], len(entries), key=records.ref)
    found = by_id(records, looked(client, answers[1]))
    return [
        _known(records, outcome_of(records, result, None, found, key=records.ref), entry)
        for result, entry in zip(results, entries, strict=True)
    ]


def _known(records: RecordType, outcome: Outcome, entry: Entry) -> Outcome:
    """The ref of a record that was made and not shown is the one that it was made under, and so are its links."""
    known = shown(records, outcome, entry.body)
    if isinstance(known, Written) and not known.whole:
        return replace(known, remote=replace(known.remote, ref=str(entry.body[records.ref])))
    return known
