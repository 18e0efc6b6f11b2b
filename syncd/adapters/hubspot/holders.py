"""Says which contact has the address that a write was refused over; HubSpot does not always (hubspot.md section 6).

The answer names the record and never the address. Where it can't be found out, the refusal stays as it was.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from syncd.adapters.base import Failed, Outcome
from syncd.core.match import EMAIL
from syncd.errors import AlreadyExists, RemoteError

from .client import Client
from .errors import on_record
from .reads import read_batch
from .records import RecordType


def named(
    client: Client, records: RecordType, sent: Sequence[Mapping[str, str]], outcomes: list[Outcome]
) -> list[Outcome]:
    """The outcomes of what was sent, with the holder of every address that is taken: one call, where there is any."""
    pairs = zip(sent, outcomes, strict=True)
    asked = {n: address for n, (row, outcome) in enumerate(pairs) if (address := _taken(records, row, outcome))}
    if not asked:
        return outcomes
    try:
        rows = read_batch(client, records, list(asked.values()), by=records.traits.emails[0], may_be_empty=True)
    except RemoteError:
        return outcomes
    holders = {key: remote.id for remote in map(records.remote, rows) for key in remote.keys}
    return [_told(outcome, holders.get(f"{EMAIL}:{asked.get(n)}")) for n, outcome in enumerate(outcomes)]


def _told(outcome: Outcome, holder: str | None) -> Outcome:
    return Failed(on_record(outcome.error, holder)) if isinstance(outcome, Failed) and holder is not None else outcome


def _taken(records: RecordType, sent: Mapping[str, str], outcome: Outcome) -> str | None:
    """The address that this write was refused over, where the refusal does not say who has it."""
    match outcome:
        case Failed(error=AlreadyExists(existing_id=None, fields=fields)) if records.traits.emails:
            name = records.traits.emails[0]
            return sent.get(name, "").strip().casefold() if name in fields or not fields else None
        case _:
            return None
