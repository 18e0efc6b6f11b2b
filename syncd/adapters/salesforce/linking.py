"""Linking records that are there already: a lookup that leads nowhere is written, and no other (salesforce.md 7.4).

What it was before is guarded as any other value of an update is, and looked at where no version guards it. Links that
are in place are not written, and an update that has nothing else to write is a look. So links cost one call more at
most, for any number of rows.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from msgspec.structs import replace

from syncd.adapters.base import Failed, Outcome, Raw, Remote, UpdateItem, Written
from syncd.errors import Missing, Rejected, RemoteError

from .batch import Entry
from .client import Client
from .errors import SYSTEM
from .links import leads, led_elsewhere
from .reads import fetch
from .records import RecordType
from .values import UNFIT


def lacking(records: RecordType, id: str, item: UpdateItem) -> Raw:
    """The links that it is to have and does not have yet. Raises Rejected where one can't be written."""
    wanted = records.links.fields(item.parent, item.person)
    wanted = {name: to for name, to in wanted.items() if not leads(item.current, name, to)}
    if taken := led_elsewhere(wanted, item.current):
        raise Rejected(
            f"{', '.join(taken)} of {records.name} {id} leads elsewhere already, and a lookup leads to one record",
            system=SYSTEM,
            fields=taken,
            remedy=f"correct or empty {', '.join(taken)} of the record in salesforce, then syncd held retry",
        )
    if fixed := tuple(name for name in wanted if name in records.links.fixed):
        raise Rejected(
            f"{', '.join(fixed)} of {records.name} {id} is empty, and salesforce takes it only when a record is made",
            system=SYSTEM,
            code=UNFIT,
            fields=fixed,
            remedy=f"delete the record in salesforce, or name lookups that can be edited instead of {', '.join(fixed)} "
            "as links in the mapping; then syncd held retry",
        )
    return wanted


def settled(
    client: Client, records: RecordType, items: Sequence[UpdateItem], ready: dict[int, Entry]
) -> dict[int, Outcome]:
    """Take from `ready` those that were only to be linked and are, and show them as they are now."""
    done = {
        place: ready.pop(place)
        for place, entry in list(ready.items())
        if not entry.body and (items[place].parent is not None or items[place].person is not None)
    }
    if not done:
        return {}
    try:
        found = fetch(client, records, list(dict.fromkeys(entry.key for entry in done.values())))
    except RemoteError as error:
        return dict.fromkeys(done, Failed(error))
    return {place: _as_it_is(records, entry.key, found[entry.key]) for place, entry in done.items()}


def is_blind(records: RecordType, items: Sequence[UpdateItem], ready: Mapping[int, Entry]) -> bool:
    """Is a link about to be written over we do not know what?"""
    return any(
        name in entry.body and (entry.guard is None or name not in items[place].current)
        for place, entry in ready.items()
        for name in records.links.names
    )


def shown(records: RecordType, outcome: Outcome, row: Mapping[str, Any]) -> Outcome:
    """A record that was written and not shown is linked as it was, and as we linked it: `row` says how."""
    facts = records.links.facts(row)
    if not isinstance(outcome, Written) or outcome.whole or not facts:
        return outcome
    return replace(outcome, remote=records.remote({**outcome.remote.raw, **facts}))


def gone(records: RecordType, id: str) -> Missing:
    return Missing(f"{records.name} {id} is not there any more", system=SYSTEM)


def _as_it_is(records: RecordType, id: str, remote: Remote) -> Outcome:
    return Failed(gone(records, id)) if remote.deleted or remote.id != id else Written(remote)
