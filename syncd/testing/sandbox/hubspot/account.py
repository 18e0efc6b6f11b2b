"""The account behind the twin: its time, its object types with their definitions and records, and the journal.

It owns state and the few rules that tie state together; what may be asked of it is in the modules of the API.
"""

from __future__ import annotations

import random
from collections import deque
from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

import msgspec

from syncd.clock import Clock

from .association_types import Catalogue
from .definitions import DEALS, OBJECT_TYPES, ObjectType, Property, factory_properties
from .links import Links
from .records import Changes, Record, Shelf, Source, Values, Version
from .refusal import Refusal
from .stages import STAGE_FACTS, Pipeline, factory_pipelines
from .switches import Switches
from .values import Writer, iso, verbatim, writer

JOURNAL_MAX = 1_000_000

Computed = Callable[["Collection", Version], str | None]


class Applied(msgspec.Struct, frozen=True, kw_only=True):
    """One write of an API client, as it took effect; an oracle reads these."""

    at_ms: int
    verb: str  # create, update, archive, merge, forget, associate, dissociate
    object_type: str
    id: str
    changes: Mapping[str, str | None]  # empty: the write changed nothing
    app_id: int
    trace_id: str | None = None
    other: tuple[str, str] | None = None  # type and id of the record at the other end of an association


class Collection:
    """One object type of this account."""

    def __init__(self, kind: ObjectType, account: Account) -> None:
        self.kind = kind
        self.account = account
        self.properties: dict[str, Property] = factory_properties(kind)
        self.dropped: dict[str, Property] = {}  # archived definitions; their values are kept
        self.groups: dict[str, str] = {kind.group: kind.label + " information"}
        self.pipelines: dict[str, Pipeline] = factory_pipelines() if kind.staged else {}
        self.computed: dict[str, Computed] = computed(kind)
        self.derived_on_write = [(name, it) for name, it in self.computed.items() if name not in STAGE_FACTS]
        self.shelf = Shelf(tuple(name for name, it in self.properties.items() if it.unique), kind.aliases)
        self.writers: dict[str, Writer] = {}
        self.verbatim: frozenset[str] = frozenset()  # written properties that keep any text as it is
        self._stage_facts: dict[tuple[str | None, str | None], Mapping[str, str]] = {}
        self.redefine()

    def redefine(self) -> None:
        """Definitions, pipelines or switches have changed."""
        self._stage_facts.clear()
        switches = self.account.switches
        self.writers = {
            name: writer(it, switches) for name, it in self.properties.items() if not (it.read_only or it.calculated)
        }
        self.verbatim = frozenset(name for name, write in self.writers.items() if write is verbatim)
        self.shelf.index.clear_views()

    def is_unique(self, name: str) -> bool:
        return name in self.properties and self.properties[name].unique

    def stage_facts(self, version: Version) -> Mapping[str, str]:
        """What a deal shows of the stage it is in."""
        values = version.values
        stage = (values.get("pipeline"), values.get("dealstage"))
        if stage not in self._stage_facts:
            pipeline = self.pipelines.get(stage[0] or "")
            found = pipeline.stages.get(stage[1] or "") if pipeline else None
            self._stage_facts[stage] = found.facts if found else {}
        return self._stage_facts[stage]

    def text(self, version: Version, name: str) -> str | None:
        """What this property shows."""
        derive = self.computed.get(name)
        return version.values.get(name) if derive is None else derive(self, version)


class Account:
    """Everything that the twin remembers. The twin's lock is around all of it."""

    def __init__(self, clock: Clock, switches: Switches) -> None:
        self.clock = clock
        self.switches = switches
        self.rng = random.Random(switches.seed)
        self.collections = {kind.name: Collection(kind, self) for kind in OBJECT_TYPES}
        self.deals = self.collections[DEALS.name]
        self.links = Links()
        self.association_types = Catalogue(switches.seed)
        self.journal: deque[Applied] = deque(maxlen=JOURNAL_MAX)
        self.stamp_ms: int | None = None  # set while a bulk edit gives many records one stamp
        self._recalculations: deque[tuple[int, Collection, int]] = deque()
        self._correlation = 0

    def now(self) -> float:
        return self.clock.time() + self.switches.clock_offset_s

    def now_ms(self) -> int:
        return int(self.now() * 1000) if self.stamp_ms is None else self.stamp_ms

    def correlation_id(self) -> str:
        self._correlation += 1
        digits = f"{self._correlation:032x}"
        return "-".join((digits[:8], digits[8:12], digits[12:16], digits[16:20], digits[20:]))

    def collection(self, name: str, *, definitions: bool = False) -> Collection:
        """By name or type id; endpoints of definitions also take the singular and any case (section 4.1)."""
        for collection in self.collections.values():
            kind = collection.kind
            if name in (kind.name, kind.type_id, kind.qualified):
                return collection
            if definitions and name.casefold() in (kind.name, kind.singular):
                return collection
        raise Refusal(f"Unable to infer object type from: {name}")

    def add_object(self, kind: ObjectType) -> Collection:
        """A type of this account's own."""
        self.collections[kind.name] = Collection(kind, self)
        return self.collections[kind.name]

    def create(self, within: Collection, id: int, values: Values, source: Source) -> Record:
        """A new record that takes these values over; nothing is checked any more."""
        at_ms = self.now_ms()
        if "createdate" in within.properties:
            values.setdefault("createdate", iso(at_ms))
        record = within.shelf.add(id, values, source, at_ms)
        self.publish(within, record)
        return record

    def change(
        self, within: Collection, record: Record, changes: Changes, source: Source, *, always: bool = False
    ) -> Mapping[str, str | None]:
        """Returns what really changed; a write that changes nothing may still move the modified date."""
        values = record.version.values
        bumps = always or self.switches.noop_bumps
        if not bumps and all(values.get(name) == text for name, text in changes.items()):
            return {}
        effective = within.shelf.change(record, changes, source, self.now_ms())
        self.publish(within, record)
        return effective

    def adjust(self, within: Collection, record: Record, changes: Changes, source: Source) -> None:
        """HubSpot changes what it derives from elsewhere: the modified date stays, and search gets to know."""
        now = self.now()
        within.shelf.change(record, changes, source, self.now_ms(), stamps=False)
        within.shelf.index.note(record.version, now + self.switches.search_lag.draw(self.rng), now)

    def publish(self, within: Collection, record: Record) -> None:
        """Search will see this version after its lag, and HubSpot may calculate once more."""
        now = self.now()
        within.shelf.index.note(record.version, now + self.switches.search_lag.draw(self.rng), now)
        if self.switches.recalculates_after_s is not None:
            due_ms = record.version.modified_ms + int(self.switches.recalculates_after_s * 1000)
            self._recalculations.append((due_ms, within, record.version.id))

    def recalculate(self) -> None:
        """HubSpot's own calculations touch records some time after a write (trap 27)."""
        now = self.now()
        while self._recalculations and self._recalculations[0][0] <= now * 1000:
            due_ms, within, id = self._recalculations.popleft()
            record = within.shelf.records.get(id)
            if record is None or record.archived_ms is not None or record.version.modified_ms > due_ms:
                continue
            within.shelf.change(record, {}, CALCULATED, due_ms)
            within.shelf.index.note(record.version, now + self.switches.search_lag.draw(self.rng), now)

    def write_down(self, verb: str, within: Collection, id: int, app_id: int, **more: Any) -> None:
        if self.switches.journal:
            entry = Applied(
                at_ms=self.now_ms(), verb=verb, object_type=within.kind.name, id=str(id), app_id=app_id, **more
            )
            self.journal.append(entry)


CALCULATED = Source("CALCULATED", "CalculatedPropertyComputer")


def computed(kind: ObjectType) -> dict[str, Computed]:
    """The properties that HubSpot derives, one by one; nobody can write them."""
    derived: dict[str, Computed] = {
        "hs_object_id": lambda _, version: str(version.id),
        "hs_createdate": lambda _, version: iso(version.created_ms),
        kind.modified: lambda _, version: iso(version.modified_ms),
        "hs_object_source": lambda _, version: version.born.type,
        "hs_object_source_id": lambda _, version: version.born.id,
        "hs_object_source_label": lambda _, version: version.born.type,
    }
    if kind.staged:
        derived |= {name: partial(_stage_fact, name) for name in STAGE_FACTS}
    return derived


def _stage_fact(name: str, within: Collection, version: Version) -> str | None:
    return within.stage_facts(version).get(name)
