"""One object type's records: the live, the archived and the merged away, kept so that no page is a scan.

Nothing is validated here and nothing of HTTP is known. A record's values are replaced, never changed in place,
because the search index may still hold the older ones.
"""

from __future__ import annotations

from bisect import bisect_left, insort
from collections.abc import Mapping

import msgspec

from .index import SearchIndex

Values = dict[str, str]
Changes = dict[str, str | None]  # None clears

FIRST_ID = 170_000_000_001  # beyond 2^37; unique within one type only (section 4.1)
EDITS_MAX = 200
RECYCLE_BIN_MS = 90 * 86_400_000


class Source(msgspec.Struct, frozen=True):
    """Who wrote, as history tells it (section 7.2)."""

    type: str
    id: str
    user_id: int | None = None


class Edit(msgspec.Struct, frozen=True, gc=False):
    """One write; `changes` holds what it really changed."""

    at_ms: int
    source: Source
    changes: Mapping[str, str | None]


class Version(msgspec.Struct, frozen=True):
    """A record as it is between two writes."""

    id: int
    number: int  # grows with every write to this type
    created_ms: int
    modified_ms: int
    born: Source
    values: Values


class Record(msgspec.Struct):
    version: Version
    edits: list[Edit]
    archived_ms: int | None = None


class Shelf:
    """All records of one type."""

    def __init__(self, unique: tuple[str, ...], aliases: Mapping[str, str]) -> None:
        """`aliases` names, per unique property, the one with further values of it, joined by semicolons."""
        self.records: dict[int, Record] = {}
        self.live: list[int] = []
        self.archived: list[int] = []
        self.merged: dict[int, int] = {}  # absorbed id → the record it went into
        self.index = SearchIndex()
        self._next_id = FIRST_ID
        self._number = 0
        self._aliases = dict(aliases)
        self._holders: dict[str, dict[str, int]] = {name: {} for name in unique}

    def new_id(self) -> int:
        self._next_id += 1
        return self._next_id - 1

    def make_unique(self, name: str) -> None:
        """Watch this property from now on."""
        holders = self._holders.setdefault(name, {})
        for id in self.live:
            for key in self.held(name, self.records[id].version.values):
                holders.setdefault(key, id)

    def drop_unique(self, name: str) -> None:
        self._holders.pop(name, None)

    @property
    def unique(self) -> Mapping[str, Mapping[str, int]]:
        """Per unique property, the live holder of each value, which is compared without case."""
        return self._holders

    def held(self, name: str, values: Values) -> list[str]:
        """What this record holds of a unique property: its own value and its further ones."""
        keys = [values[name].casefold()] if name in values else []
        alias = self._aliases.get(name)
        if alias is not None and alias in values:
            keys += [part.casefold() for part in values[alias].split(";") if part]
        return keys

    def holder(self, name: str, value: str) -> Record | None:
        id = self._holders[name].get(value.casefold())
        return None if id is None else self.records[id]

    def at(self, id: str) -> Record | None:
        """The record with this very id, live or archived."""
        return self.records.get(int(id)) if id.isascii() and id.isdigit() else None

    def lives(self, id: int) -> bool:
        record = self.records.get(id)
        return record is not None and record.archived_ms is None

    def survivor(self, id: str) -> Record | None:
        """The record this id leads to, through any number of merges (trap 9)."""
        number = int(id) if id.isascii() and id.isdigit() else -1
        while number in self.merged:
            number = self.merged[number]
        return self.records.get(number)

    def add(self, id: int, values: Values, source: Source, at_ms: int) -> Record:
        version = Version(id, self._count(), at_ms, at_ms, source, values)
        record = Record(version, [Edit(at_ms, source, values)])
        self.records[id] = record
        if not self.live or id > self.live[-1]:
            self.live.append(id)
        else:
            insort(self.live, id)
        for name, holders in self._holders.items():
            if name in values or name in self._aliases:
                holders.update(dict.fromkeys(self.held(name, values), id))
        return record

    def change(
        self, record: Record, changes: Changes, source: Source, at_ms: int, *, stamps: bool = True
    ) -> Mapping[str, str | None]:
        """Apply them, stamp the record unless told otherwise, and say what really changed."""
        old = record.version
        effective = {name: value for name, value in changes.items() if old.values.get(name) != value}
        values = old.values
        if effective:
            values = {name: value for name, value in {**values, **effective}.items() if value is not None}
            self._watch(old, values)
            record.edits.append(Edit(at_ms, source, effective))
            if len(record.edits) > EDITS_MAX:
                del record.edits[0]
        modified_ms = at_ms if stamps else old.modified_ms
        record.version = Version(old.id, self._count(), old.created_ms, modified_ms, old.born, values)
        return effective

    def archive(self, record: Record, at_ms: int) -> None:
        id = record.version.id
        record.archived_ms = at_ms
        _take(self.live, id)
        insort(self.archived, id)
        self._unwatch(record.version)
        self.index.forget(id)

    def restore(self, record: Record) -> None:
        """Live again, as it was; taking back a unique value never takes it from a live holder."""
        id = record.version.id
        record.archived_ms = None
        _take(self.archived, id)
        insort(self.live, id)
        for name, holders in self._holders.items():
            for key in self.held(name, record.version.values):
                holders.setdefault(key, id)
        self.index.readmit(id)

    def absorb(self, record: Record, into: int) -> None:
        """This live record is merged away: its id leads to another one from now on."""
        id = record.version.id
        _take(self.live, id)
        del self.records[id]
        self._unwatch(record.version)
        self.index.forget(id)
        self.merged[id] = into

    def erase(self, record: Record) -> None:
        """Gone for ever, from the recycle bin too."""
        id = record.version.id
        _take(self.live if record.archived_ms is None else self.archived, id)
        del self.records[id]
        self._unwatch(record.version)
        self.index.forget(id)

    def purge(self, now_ms: int) -> None:
        """Forget what has been in the recycle bin for 90 days (section 3.4)."""
        for id in [id for id in self.archived if (self.records[id].archived_ms or 0) < now_ms - RECYCLE_BIN_MS]:
            _take(self.archived, id)
            del self.records[id]

    def _count(self) -> int:
        self._number += 1
        return self._number

    def _watch(self, old: Version, values: Values) -> None:
        for name, holders in self._holders.items():
            alias = self._aliases.get(name)
            if old.values.get(name) == values.get(name) and (
                alias is None or old.values.get(alias) == values.get(alias)
            ):
                continue
            self._release(holders, old, name)
            for key in self.held(name, values):
                holders[key] = old.id

    def _unwatch(self, version: Version) -> None:
        for name, holders in self._holders.items():
            self._release(holders, version, name)

    def _release(self, holders: dict[str, int], version: Version, name: str) -> None:
        for key in self.held(name, version.values):
            if holders.get(key) == version.id:
                del holders[key]


def _take(ids: list[int], id: int) -> None:
    position = bisect_left(ids, id)
    assert ids[position] == id
    del ids[position]
