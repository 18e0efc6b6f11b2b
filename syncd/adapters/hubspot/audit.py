"""What slipped in between our read and our write, from the history of the written properties (hubspot.md 7.2, 9).

HubSpot has no conditional write, so this is told afterwards. It repairs nothing.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from syncd.adapters.base import AuditItem, Overwritten
from syncd.core.instant import canonical_instant

from .client import Client
from .reads import read_batch
from .records import RecordType, to_wire
from .shapes import HistoryEntry

AUDIT_MAX = 50  # records in one call with history (section 3.4)

_PROGRAMS = frozenset({"INTEGRATION", "API"})


def overwritten(
    client: Client, records: RecordType, items: Sequence[AuditItem], *, own_app: str | None
) -> list[Overwritten]:
    """Values newer than our read, older than our write, and other than what we had read."""
    by_id = {item.id: item for item in items}
    names = sorted({name for item in items for name in item.was})
    rows = read_batch(client, records, list(by_id), properties=(), history=names, may_be_empty=True) if names else []
    return [
        slipped
        for row in rows
        if row.id in by_id
        for slipped in _slipped(by_id[row.id], row.properties_with_history or {}, own_app)
    ]


def _slipped(item: AuditItem, history: dict[str, list[HistoryEntry]], own_app: str | None) -> Iterator[Overwritten]:
    for name, was in item.was.items():
        entries = sorted(_dated(history.get(name, ())), key=lambda dated: dated[0], reverse=True)
        ours = next((place for place, (_, entry) in enumerate(entries) if _is_ours(entry, own_app)), None)
        if ours is None:
            continue
        for instant, entry in entries[ours + 1 :]:
            if item.since is not None and instant <= item.since:
                break
            if (entry.value or "") != to_wire(was):
                yield Overwritten(item.id, name, entry.value)
                break


def _dated(entries: Sequence[HistoryEntry]) -> Iterator[tuple[str, HistoryEntry]]:
    for entry in entries:
        try:
            yield canonical_instant(entry.timestamp or ""), entry
        except ValueError:
            continue


def _is_ours(entry: HistoryEntry, own_app: str | None) -> bool:
    """Until check() has told our app id, any program's write passes for ours."""
    return entry.source_type in _PROGRAMS and (own_app is None or entry.source_id in (own_app, None))
