"""Deleting, softly: into the recycle bin, 200 per call; gone already is done.

A delete heeds no conditional header (salesforce.md section 4, trap 42): rows that are guarded are read first, and
those that moved stay.
"""

from __future__ import annotations

from collections.abc import Sequence

from syncd.adapters.base import DeleteItem, Failed, Outcome, Remote, Written
from syncd.errors import Missing, PreconditionFailed, RemoteError

from . import paths
from .batch import BATCH_MAX, Entry, in_parts
from .client import Client
from .errors import SYSTEM, not_understood, refused_row
from .reads import fetch, rows_of
from .records import DELETED, MASTER, STAMP, RecordType
from .shapes import RowResult


def delete(client: Client, records: RecordType, items: Sequence[DeleteItem]) -> list[Outcome]:
    """One outcome per item; the same id twice is one delete."""
    assert len(items) <= BATCH_MAX
    outcomes: dict[str, Outcome] = {}
    entries: dict[str, Entry] = {}
    for item in items:
        id = records.id_of(item.id)
        if id is None:
            outcomes[item.id] = Failed(
                Missing(f"{item.id} can't be the id of a record of {records.name}", system=SYSTEM, code="MALFORMED_ID")
            )
        else:
            entries[item.id] = Entry(id, {}, guard=item.if_version)
    if any(entry.guard is not None for entry in entries.values()):
        try:
            outcomes |= _settled(client, records, entries)
        except RemoteError as error:
            outcomes |= dict.fromkeys(entries, Failed(error))
    waiting = {id: entry for id, entry in entries.items() if id not in outcomes}
    sent = in_parts(list(waiting.values()), lambda part: _send(client, records, part))
    outcomes |= zip(waiting, sent, strict=True)
    return [outcomes[item.id] for item in items]


def _settled(client: Client, records: RecordType, entries: dict[str, Entry]) -> dict[str, Outcome]:
    """What needs no delete, or may not have one: gone already, or moved since it was read."""
    rows = rows_of(client, records, list({entry.key: None for entry in entries.values()}))
    outcomes: dict[str, Outcome] = {}
    for id, entry in entries.items():
        row = rows.get(entry.key)
        if row is not None and row.get(DELETED) and not row.get(MASTER):
            outcomes[id] = _gone(entry.key)
        elif row is not None and (row.get(MASTER) or entry.guard not in (None, row.get(STAMP))):
            moved = f"{records.name} {entry.key} has moved since it was read"
            outcomes[id] = Failed(PreconditionFailed(moved, system=SYSTEM))
    return outcomes


def _send(client: Client, records: RecordType, entries: Sequence[Entry]) -> list[Outcome]:
    params = {"ids": ",".join(entry.key for entry in entries), "allOrNone": "false"}
    results = client.write(
        lambda salesforce: salesforce.restful(paths.COLLECTION, params=params, method="DELETE") or [], list[RowResult]
    )
    if len(results) != len(entries):
        raise not_understood(200, writing=True)
    outcomes: list[Outcome] = [
        _gone(entry.key) if result.success else Failed(refused_row(result.errors))
        for entry, result in zip(entries, results, strict=True)
    ]
    return _confirmed(client, records, entries, outcomes)


def _confirmed(client: Client, records: RecordType, entries: Sequence[Entry], outcomes: list[Outcome]) -> list[Outcome]:
    """ "No such record" is what was wanted, if a look says the same: the code also stands for "not yours to see"."""
    doubtful = [entry.key for entry, outcome in zip(entries, outcomes, strict=True) if _is_missing(outcome)]
    if not doubtful:
        return outcomes
    try:
        found = fetch(client, records, doubtful)
    except RemoteError:
        return outcomes
    return [
        _gone(entry.key) if entry.key in found and found[entry.key].deleted and _is_missing(outcome) else outcome
        for entry, outcome in zip(entries, outcomes, strict=True)
    ]


def _is_missing(outcome: Outcome) -> bool:
    return isinstance(outcome, Failed) and isinstance(outcome.error, Missing)


def _gone(id: str) -> Written:
    return Written(Remote(id=id, deleted=True), whole=False)
