"""The language of tests/scenarios/*.toml: what people do in both systems, and what must come of it.

A scenario is data, to be read by a broker. A record goes by one nickname on both sides: `deal = "Kungsgatan"` is the
deal that a person made under that name, or the one that stands for the project Kungsgatan. Projects are told in
canonical fields (price = "120000000 SEK"), deals in HubSpot's own properties; "" is empty. `{deal Kungsgatan}` in a
text stands for that record's id. tests/scenarios/README.md lists the verbs.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any

import msgspec

from syncd.core.model import LEFT, Side, Value
from syncd.engine.explain import explain
from syncd.engine.persons import drop_held, resolve, retry_held
from syncd.engine.report import Mode, Summary
from syncd.store import conflicts, outbox
from syncd.store.conflicts import Disputed
from syncd.store.db import Store
from syncd.store.outbox import Entry
from syncd.testing.sandbox.hubspot import Switches as HubSpotSwitches
from syncd.testing.sandbox.propstreet import Switches as PropstreetSwitches

from .world import emptied, make_world, two_way_table

Step = dict[str, Any]

QUIET_S = 60.0
"""Time that goes by before each pass. Between any two steps it is a second."""


class Scenario(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One story. `count` is how many live projects and deals there are in the end: duplicates show in it."""

    rule: str  # what it proves
    given: list[Step] = []
    when: list[Step]
    then: list[Step]
    count: tuple[int, int]
    mapping: dict[str, Any] = {}  # laid over the shipped table with creates and deletes both ways
    propstreet: PropstreetSwitches = PropstreetSwitches(rate_limit=None, pat_life_s=1e9)
    hubspot: HubSpotSwitches = HubSpotSwitches(rate_limit=None)


def play(scenario: Scenario, store: Store) -> None:
    """Every step, then what holds after any story: no duplicate, nothing unnamed in dispute, and quiet."""
    stage = Stage(scenario, store)
    for step in (*scenario.given, *scenario.when):
        stage.step(step)
    stage.forget_named()
    for step in scenario.then:
        stage.step(step)
    stage.check_named()
    stage.check_count(*scenario.count)
    stage.check_quiet()


class Stage:
    """The two systems and syncd, told what to do by steps."""

    def __init__(self, scenario: Scenario, store: Store) -> None:
        self.world = make_world(
            store,
            table=_laid_over(two_way_table(), {"project": scenario.mapping}),
            propstreet=msgspec.structs.replace(scenario.propstreet, rate_limit=None, pat_life_s=1e9),
            hubspot=msgspec.structs.replace(scenario.hubspot, rate_limit=None),
        )
        self._known: dict[tuple[Side, str], str] = {}  # nickname → id
        self._named_conflicts: set[int] = set()
        self._named_holds: set[int] = set()
        self._verbs: Mapping[str, Callable[..., None]] = {
            name.removeprefix("do_"): getattr(self, name) for name in dir(self) if name.startswith("do_")
        }

    def step(self, step: Step) -> None:
        (verb, what), *details = step.items()
        self.world.later(1.0)
        assert verb in self._verbs, f"no such verb: {verb}; known are {', '.join(sorted(self._verbs))}"
        self._verbs[verb](self._meant(what), **{name: self._meant(value) for name, value in details})

    # What people do

    def do_add_project(self, nick: str, /, *, late_s: float = 0.0, **fields: Any) -> None:
        wire = _project_wire({"name": nick, **fields})
        self._known[Side.PROPSTREET, nick] = self.world.propstreet.add_project(late_s=late_s, **wire)

    def do_edit_project(self, nick: str, /, **fields: Any) -> None:
        self.world.propstreet.edit_project(self._id(Side.PROPSTREET, nick), **_project_wire(fields))

    def do_delete_project(self, nick: str, /) -> None:
        self.world.propstreet.delete_project(self._id(Side.PROPSTREET, nick))

    def do_add_deal(self, nick: str, /, **props: str) -> None:
        id = self.world.hubspot.person.add_deal(**{"dealname": nick, **props})
        self._known[Side.CRM, nick] = id

    def do_edit_deal(self, nick: str, /, **props: str) -> None:
        self.world.hubspot.person.edit_deal(self._id(Side.CRM, nick), **props)

    def do_edit_deals(self, names: list[str], /, **props: str) -> None:
        """At once: all of them get the same modified date, to the millisecond."""
        self.world.hubspot.person.bulk_edit([self._id(Side.CRM, name) for name in names], **props)

    def do_archive_deal(self, nick: str, /) -> None:
        self.world.hubspot.person.archive_deal(self._id(Side.CRM, nick))

    def do_restore_deal(self, nick: str, /) -> None:
        self.world.hubspot.person.restore_deal(self._id(Side.CRM, nick))

    def do_merge_deals(self, names: list[str], /, *, into: str) -> None:
        """The first one's values survive, under a new id."""
        first, second = (self._id(Side.CRM, name) for name in names)
        self._known[Side.CRM, into] = self.world.hubspot.person.merge_deals(first, second)

    def do_add_pipeline(self, nick: str, /, *, stages: dict[str, str]) -> None:
        self.world.hubspot.person.add_pipeline(nick, stages)

    def do_add_options(self, nick: str, /, *, options: list[str]) -> None:
        self.world.hubspot.person.set_options(nick, options)

    # What goes on around

    def do_wait(self, seconds: float) -> None:
        self.world.later(seconds)

    def do_lose_store(self, _: bool) -> None:
        """syncd's own state is gone; it starts from nothing."""
        self.world.restart(emptied(self.world.store))

    def do_change_mapping(self, mapping: dict[str, Any]) -> None:
        self.world.table = _laid_over(self.world.table, {"project": mapping})
        self.world.restart()

    # What syncd is told to do

    def do_sync(self, mode: str, /, **expected: int) -> None:
        """One pass. Its summary is held against `creates`, `updates`, `deletes` where they are given."""
        self.world.later(QUIET_S)
        summary = self.world.run(Mode(mode))
        self._remember()
        for what, count in expected.items():
            assert _applied(summary, what) == count, f"{what} in this pass: {summary.applied}"

    def do_resolve(self, nick: str, /, *, field: str, take: str | None = None, value: str | None = None) -> None:
        dispute = self._dispute(nick, field)
        resolve(self.world.connection, dispute.id, take=Side(take) if take else None, value=value)

    def do_retry_held(self, nick: str, /) -> None:
        retry_held(self.world.connection, [entry.id for entry in self._holds(nick)])

    def do_drop_held(self, nick: str, /) -> None:
        drop_held(self.world.connection, [entry.id for entry in self._holds(nick)])

    # What must have come of it

    def do_project(self, nick: str, /, *, gone: bool = False, **expected: Any) -> None:
        id = self._id(Side.PROPSTREET, nick)
        live = {project["id"]: project for project in self.world.propstreet.live_projects()}
        assert (id not in live) is gone, f"project {nick} is {'there' if gone else 'gone'}"
        shown = self._project(live.get(id) or self.world.propstreet.project(id))
        _same(f"project {nick}", expected, shown)

    def do_deal(self, nick: str, /, *, gone: bool = False, **expected: str) -> None:
        id = self._id(Side.CRM, nick)
        assert (id not in self.world.hubspot.person.live_deals()) is gone, f"deal {nick}, gone: {not gone}"
        shown = {prop: value or "" for prop, value in self.world.hubspot.person.deal(id).items()}
        _same(f"deal {nick}", expected, {prop: shown.get(prop, "") for prop in expected})

    def do_nothing(self, nick: str, /, *, on: str) -> None:
        """There is no counterpart of this record on that side."""
        assert self._counterpart(Side(on), nick) is None, f"{nick} has a counterpart in {on}"

    def do_conflict(self, nick: str, /, *, field: str, **expected: Any) -> None:
        """One is open, with these values; `why` is a part of its reason."""
        dispute = self._dispute(nick, field)
        why = expected.pop("why", "")
        assert why in dispute.reason, dispute.reason
        _same(f"conflict on {field}", expected, {"propstreet": dispute.left or "", "crm": dispute.right or ""})
        self._named_conflicts.add(dispute.id)

    def do_held(self, nick: str, /, *, field: str = "", why: str = "") -> None:
        """Something about this record is held; `why` is a part of the reason."""
        found = [entry for entry in self._holds(nick) if getattr(entry.op, "field", "") == field]
        assert found, f"nothing about {field or 'the record'} {nick} is held: {self._all_holds()}"
        assert any(why in (entry.reason or "") for entry in found), [entry.reason for entry in found]
        assert all(entry.remedy for entry in found), "nobody is told what to do about it"
        self._named_holds.update(entry.id for entry in found)

    def do_says(self, nick: str, /, **expected: str) -> None:
        """What `syncd explain` says of the record: parts of `state`, `why` and `next`."""
        (found,) = explain(self.world.connection, self._any_id(nick))
        for what, part in expected.items():
            assert part in getattr(found, what), f"{what}: {getattr(found, what)!r}"

    def forget_named(self) -> None:
        """What was in dispute on the way may be so no more; what still is has to be named in `then`."""
        self._named_conflicts.clear()
        self._named_holds.clear()

    def check_named(self) -> None:
        """Nothing is in dispute or held that the story has not named."""
        with self.world.store.read() as tx:
            disputed = conflicts.list_open(tx, "test")
        assert {one.id for one in disputed} <= self._named_conflicts, disputed
        held = self._all_holds()
        assert {entry.id for entry in held} <= self._named_holds, held

    def check_count(self, projects: int, deals: int) -> None:
        live = self.world.hubspot.person.live_deals().values()
        assert (len(self.world.propstreet.live_projects()), len(live)) == (projects, deals)
        stamps = [deal["propstreet_id"] for deal in live if deal.get("propstreet_id")]
        assert len(stamps) == len(set(stamps)), "two deals carry one stamp"

    def check_quiet(self) -> None:
        """P4: two more passes, one of them over everything, write nothing."""
        before = self._writes()
        for mode in (Mode.DELTA, Mode.BACKFILL):
            self.world.later(400)
            self.world.run(mode)
            assert self._writes() == before, f"the {mode} after it all still writes"

    def _writes(self) -> int:
        return len(self.world.propstreet.journal) + len(self.world.hubspot.journal)

    def _project(self, raw: dict[str, Any]) -> dict[str, Any]:
        mapper = next(iter(self.world.connection.mappers.values()))
        shown: dict[str, Any] = {name: value or "" for name, value in mapper.read(LEFT, raw).fields.items()}
        refs = {ref["namespace"]: ref["id"] for ref in raw.get("externalRefs", [])}
        return shown | {"refs": refs}

    def _remember(self) -> None:
        """Counterparts go by the nickname of their record, even after one of the two is gone."""
        for side, name in list(self._known):
            found = self._counterpart(side.other, name)
            if found is not None:
                self._known.setdefault((side.other, name), found)

    def _id(self, side: Side, name: str) -> str:
        """The live record of this name, or else the one it was."""
        known = self._known.get((side, name))
        if known is not None and self._live(side, known):
            return known
        found = self._counterpart(side, name) or known
        assert found is not None, f"there is no {side} record {name}"
        self._known.setdefault((side, name), found)
        return found

    def _live(self, side: Side, id: str) -> bool:
        if side is Side.CRM:
            return id in self.world.hubspot.person.live_deals()
        return any(project["id"] == id for project in self.world.propstreet.live_projects())

    def _counterpart(self, side: Side, name: str) -> str | None:
        """The live record that carries the stamp of the other side's record of this name."""
        there = self._known.get((side.other, name))
        if side is Side.CRM:
            deals = self.world.hubspot.person.live_deals()
            return next((id for id, deal in deals.items() if there and deal.get("propstreet_id") == there), None)
        for project in self.world.propstreet.live_projects():
            if any(ref["id"] == there for ref in project.get("externalRefs", []) if ref["namespace"] == "hubspot"):
                return str(project["id"])
        return None

    def _any_id(self, name: str) -> str:
        known = [self._known[side, name] for side in Side if (side, name) in self._known]
        assert known, f"there is no record {name}"
        return known[0]

    def _ids(self, name: str) -> set[str]:
        found = {self._known.get((side, name)) or self._counterpart(side, name) for side in Side}
        return {id for id in found if id is not None}

    def _dispute(self, name: str, field: str) -> Disputed:
        (explained,) = explain(self.world.connection, self._any_id(name))
        with self.world.store.read() as tx:
            disputed = {one.id: one for one in conflicts.list_open(tx, "test")}
        found = [disputed[one.id] for one in explained.conflicts if one.field == field and one.id in disputed]
        assert found, f"no conflict on {field or 'the whole record'} of {name}: {explained.conflicts}"
        return found[0]

    def _holds(self, name: str) -> list[Entry]:
        open_ops = {op.id for one in explain(self.world.connection, self._any_id(name)) for op in one.open}
        return [entry for entry in self._all_holds() if entry.id in open_ops]

    def _all_holds(self) -> list[Entry]:
        with self.world.store.read() as tx:
            return outbox.held(tx, "test")

    def _meant(self, told: Any) -> Any:
        """Ids for `{project …}` and `{deal …}`."""
        if isinstance(told, dict):
            return {name: self._meant(value) for name, value in told.items()}
        if not isinstance(told, str):
            return told
        sides = {"project": Side.PROPSTREET, "deal": Side.CRM}
        return re.sub(r"\{(project|deal) ([^}]+)\}", lambda found: self._id(sides[found[1]], found[2]), told)


def _project_wire(fields: Mapping[str, Any]) -> dict[str, Any]:
    wire: dict[str, Any] = {}
    for name, value in fields.items():
        match name, value:
            case "refs", dict():
                wire["externalRefs"] = [{"namespace": space, "id": id} for space, id in value.items()]
            case "price", str() if value:
                amount, currency = value.split(" ")
                wire["price"] = {"value": amount, "currency": currency, "scale": "none"}
            case _:
                wire[name] = None if value == "" else value
    return wire


def _applied(summary: Summary, what: str) -> int:
    return sum(getattr(side, what.removesuffix("s")) for side in summary.applied.values())


def _same(what: str, expected: Mapping[str, Value], shown: Mapping[str, Value]) -> None:
    found = {name: shown.get(name, "") for name in expected}
    assert found == dict(expected), f"{what} shows {found}, and should show {dict(expected)}"


def _laid_over(under: dict[str, Any], over: Mapping[str, Any]) -> dict[str, Any]:
    merged = dict(under)
    for name, value in over.items():
        both = isinstance(value, dict) and isinstance(merged.get(name), dict)
        merged[name] = _laid_over(merged[name], value) if both else value
    return merged
