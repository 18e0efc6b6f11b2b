"""Looks people and companies up by what they are recognised by: e-mail addresses and domains.

Addresses are unique in HubSpot and are asked for themselves, past the index. Domains are not (trap 14): search finds
the ids, and whether they have the domain is for a read to say.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence

from syncd.adapters.base import Remote
from syncd.core.match import DOMAIN, EMAIL

from .batches import BATCH_MAX
from .client import Client
from .keyset import next_after, search_after
from .reads import read_batch
from .records import ID, RecordType
from .shapes import Row

MATCH_MAX = BATCH_MAX
_CHARACTERS_MAX = 2_500  # of domains in one search: its body may have 3,000 (section 3.4)


def match(client: Client, records: RecordType, keys: Sequence[str]) -> dict[str, list[Remote]]:
    """Live records by key, in the order of their ids; a key of a sort that this type does not have finds nobody."""
    assert len(keys) <= MATCH_MAX
    emails = _values(keys, EMAIL) if records.traits.emails else []
    domains = _values(keys, DOMAIN) if records.traits.domains else []
    rows = [*_with_email(client, records, emails), *_with_domain(client, records, domains)]
    asked = set(keys)
    found: dict[str, list[Remote]] = {}
    for remote in sorted({row.id: records.remote(row) for row in rows}.values(), key=lambda one: int(one.id)):
        for key in remote.keys:
            if key in asked and not remote.deleted:
                found.setdefault(key, []).append(remote)
    return found


def _with_email(client: Client, records: RecordType, emails: Sequence[str]) -> list[Row]:
    """HubSpot knows a contact by any of its addresses; two of them may be asked for."""
    if not emails:
        return []
    asked = {f"{EMAIL}:{email}" for email in emails}

    def answers(rows: Sequence[Row]) -> int:
        return len(asked & {key for row in rows for key in records.remote(row).keys})

    return read_batch(client, records, emails, by=records.traits.emails[0], answers=answers)


def _with_domain(client: Client, records: RecordType, domains: Sequence[str]) -> Iterator[Row]:
    ids = [id for some in _fitting(domains) for id in _ids_with_domain(client, records, some)]
    for start in range(0, len(ids), BATCH_MAX):
        yield from read_batch(client, records, ids[start : start + BATCH_MAX])


def _ids_with_domain(client: Client, records: RecordType, domains: Sequence[str]) -> Iterator[str]:
    """IN takes lower-case values (trap 39), which keys are. Pages move strictly on, or the search fails."""
    filters = [{"propertyName": records.traits.domains[0], "operator": "IN", "values": list(domains)}]
    last: int | None = 0
    while last is not None:
        page = search_after(client, records, last, filters, properties=[ID]).body
        yield from (row.id for row in page.results)
        last = next_after(page)


def _values(keys: Sequence[str], sort: str) -> list[str]:
    prefix = f"{sort}:"
    return [key.removeprefix(prefix) for key in dict.fromkeys(keys) if key.startswith(prefix)]


def _fitting(values: Sequence[str]) -> Iterator[list[str]]:
    """The values in as many lists as it takes for each to fit into a search."""
    some: list[str] = []
    characters = 0
    for value in values:
        width = len(json.dumps(value)) + len(", ")
        if some and characters + width > _CHARACTERS_MAX:
            yield some
            some, characters = [], 0
        some.append(value)
        characters += width
    if some:
        yield some
