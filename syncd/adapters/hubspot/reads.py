"""Reading the truth: records by id and by stamp, and what became of those that are not where they were.

It never takes absence for a deletion. A record is deleted when HubSpot shows it as archived, or says of this very
id that there is no such record; an empty answer or a refusal raises (hubspot.md 7.4, traps 9, 11, 40, 41).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Any

from syncd.adapters.base import Remote
from syncd.errors import Missing, ServerTrouble

from . import links
from .batches import BATCH_MAX
from .client import Answer, Client
from .errors import SYSTEM, refused_row
from .records import ID, RecordType
from .shapes import Batch, Page, Row

LIST_MAX = 100


def fetch(client: Client, records: RecordType, ids: Sequence[str]) -> dict[str, Remote]:
    """Every asked id with its record: live, archived or gone (`deleted`), or the survivor of a merge."""
    found = unlinked(client, records, ids)
    return dict(zip(found, links.shown(client, records, list(found.values())), strict=True))


def unlinked(client: Client, records: RecordType, ids: Sequence[str]) -> dict[str, Remote]:
    """As fetch(), without what the records are linked to."""
    answering = _by_id(records, read_batch(client, records, ids))
    found = {id: answering[id] for id in ids if id in answering}
    missing = [id for id in ids if id not in found]
    if not missing:
        return found
    archived = read_batch(client, records, missing, archived=True, may_be_empty=True)
    found |= {row.id: records.remote(row) for row in archived if row.id in missing and row.archived}
    moved = {id: _follow(client, records, id) for id in missing if id not in found}
    survivors = sorted({target for target in moved.values() if target is not None})
    live = {row.id: records.remote(row) for row in read_batch(client, records, survivors)} if survivors else {}
    for id, target in moved.items():
        found[id] = Remote(id=id, deleted=True) if target is None else _survivor(live, target)
    return found


def find(client: Client, records: RecordType, refs: Sequence[str]) -> dict[str, Remote]:
    """Live records by stamp."""
    asked = {ref.casefold(): ref for ref in refs}
    found = {}
    for row in read_batch(client, records, refs, by=records.ref):
        remote = records.remote(row)
        ref = asked.get((remote.ref or "").casefold())
        if ref is not None and not remote.deleted:
            found[ref] = remote
    return dict(zip(found, links.shown(client, records, list(found.values())), strict=True))


def read_batch(
    client: Client,
    records: RecordType,
    keys: Sequence[str],
    *,
    by: str | None = None,
    archived: bool = False,
    may_be_empty: bool = False,
    properties: Sequence[str] | None = None,
    history: Sequence[str] = (),
    answers: Callable[[Sequence[Row]], int] = len,
) -> list[Row]:
    """The rows of one batch/read, less those that HubSpot says are not found. Raises when it leaves out more.

    `answers` counts the keys that rows answer for, where one row may answer for several.
    """
    assert len(keys) <= BATCH_MAX
    body: dict[str, Any] = {
        "inputs": [{"id": key} for key in dict.fromkeys(keys)],
        "properties": list(records.properties if properties is None else properties),
        "propertiesWithHistory": list(history),
    }
    if by is not None:
        body["idProperty"] = by
    batch = client.read(client.batch.read, Batch, records.name, body, archived=archived).body
    for complaint in batch.errors:
        error = refused_row(complaint, writing=False)
        if not isinstance(error, Missing):
            raise error
    if answers(batch.results) < len(body["inputs"]) and not batch.errors and not may_be_empty:
        raise ServerTrouble("hubspot left out records without saying why", system=SYSTEM)
    return batch.results


def list_page(
    client: Client, records: RecordType, *, after: str | None, archived: bool, limit: int = LIST_MAX
) -> Answer[Page]:
    """One page of all records of a type, in the order of their ids, whole (section 5.1)."""
    named: dict[str, Any] = {"limit": min(limit, LIST_MAX), "archived": archived}
    if after is not None:
        named["after"] = after
    asked = records.properties if records.fits_in_address else (ID,)
    answer = client.read(client.basic.get_page, Page, records.name, properties=list(asked), **named)
    if records.fits_in_address or not answer.body.results:
        return answer
    # What is archived between the two calls is not lost: the archived listing follows.
    ids = [row.id for row in answer.body.results]
    rows = read_batch(client, records, ids, archived=archived)
    return Answer(Page(rows, answer.body.paging), answer.served_at)


def _by_id(records: RecordType, rows: Iterable[Row]) -> dict[str, Remote]:
    """By every id that the record answers to, so that a survivor is found under the id that was asked."""
    remotes = [records.remote(row) for row in rows]
    absorbed = {id: remote for remote in remotes for id in remote.absorbed}
    return absorbed | {remote.id: remote for remote in remotes}


def _follow(client: Client, records: RecordType, id: str) -> str | None:
    """The id that this one answers to now; None when HubSpot says that there is no such record."""
    try:
        answer = client.read(client.basic.get_by_id, Row, records.name, id, properties=[ID], archived=False)
    except Missing as exc:
        if exc.code is None and exc.request_id is None:
            raise ServerTrouble(f"{records.name} {id} is missing, but not by hubspot's word", system=SYSTEM) from exc
        return None
    return answer.body.id


def _survivor(live: dict[str, Remote], id: str) -> Remote:
    if id not in live:
        raise ServerTrouble(f"a record moved to {id} while it was read", system=SYSTEM)
    return live[id]
