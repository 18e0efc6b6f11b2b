"""How a record looks in an answer (hubspot.md, sections 4.2, 5.1 and 7.2): values, envelope, history."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from .account import Collection
from .records import Record, Version
from .refusal import PORTAL_ID, Refusal
from .values import iso, to_ms

HISTORY_RECORDS_MAX = 50
HISTORY_MAX = 45  # history per property is itself cut to a few dozen entries

Show = Callable[[Version, int | None], dict[str, Any]]
"""Version and, for an archived record, when it was archived → the record as JSON."""


def reader(within: Collection, requested: Sequence[str]) -> Show:
    """Shows the requested properties: null where there is no value, nothing where there is no such property.

    Without a request, only the type's few defaults are shown.
    """
    known = within.properties
    names = [name for name in dict.fromkeys(requested) if name in known] if requested else list(within.kind.shown)
    stored = [name for name in names if name not in within.computed]
    derived = [(name, within.computed[name]) for name in names if name in within.computed]
    epochs = within.account.switches.epoch_properties.intersection(names)
    link = f"https://app.hubspot.com/contacts/{PORTAL_ID}/record/{within.kind.type_id}/"

    def show(version: Version, archived_ms: int | None) -> dict[str, Any]:
        get = version.values.get
        properties = {name: get(name) for name in stored}
        for name, derive in derived:
            properties[name] = derive(within, version)
        for name in epochs:
            if properties[name]:
                properties[name] = str(to_ms(properties[name] or ""))
        return _envelope(version, archived_ms, properties, link)

    return show


def shown_after_write(within: Collection, version: Version) -> dict[str, Any]:
    """Writes answer with another, larger set than reads: every value there is, and what HubSpot derives."""
    properties: dict[str, str | None] = {**version.values, **within.stage_facts(version)}
    for name, derive in within.derived_on_write:
        properties[name] = derive(within, version)
    for name in within.dropped:
        properties.pop(name, None)
    link = f"https://app.hubspot.com/contacts/{PORTAL_ID}/record/{within.kind.type_id}/"
    return _envelope(version, None, properties, link)


def _envelope(
    version: Version, archived_ms: int | None, properties: dict[str, str | None], link: str
) -> dict[str, Any]:
    id = str(version.id)
    shown: dict[str, Any] = {
        "id": id,
        "properties": properties,
        "createdAt": iso(version.created_ms),
        "updatedAt": iso(version.modified_ms),
        "archived": archived_ms is not None,
        "url": link + id,
    }
    if archived_ms is not None:
        shown["archivedAt"] = iso(archived_ms)
    return shown


def with_history(within: Collection, record: Record, names: Sequence[str], shown: dict[str, Any]) -> dict[str, Any]:
    """Adds newest-first histories of these properties."""
    if names:
        histories = {name: _history(record, name) for name in names if name in within.properties}
        shown["propertiesWithHistory"] = histories
    return shown


def check_history_limit(names: Sequence[str], records: int) -> None:
    if names and records > HISTORY_RECORDS_MAX:
        raise Refusal(f"At most {HISTORY_RECORDS_MAX} records can be read with property history.")


def _history(record: Record, name: str) -> list[dict[str, Any]]:
    entries = []
    for edit in reversed(record.edits):
        if name not in edit.changes:
            continue
        entry: dict[str, Any] = {
            "value": edit.changes[name] or "",
            "timestamp": iso(edit.at_ms),
            "sourceType": edit.source.type,
            "sourceId": edit.source.id,
        }
        if edit.source.user_id is not None:
            entry["updatedByUserId"] = edit.source.user_id
        entries.append(entry)
    return entries[:HISTORY_MAX]
