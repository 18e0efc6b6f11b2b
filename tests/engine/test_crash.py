"""P6: dies at every effect of a story that creates, edits and deletes on both sides, and ends the same each time.

An effect is a request on either line, before and after it took place, or a commit of the store, before and after it.
What is compared are both systems' true records, how they are paired, and what waits for a person.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest

from syncd.core.model import LEFT, RIGHT, Side
from syncd.engine.report import Mode
from syncd.store import bindings, conflicts, outbox
from syncd.store.bindings import BindingState
from syncd.store.db import Store, open_store
from syncd.store.outbox import OpState
from syncd.testing.sandbox.wire import Fault, FaultKind, Faulty, Request, Response
from tests.machine.crm_people import people_of
from tests.postgres import Databases

from .world import CRMS, Crm, World, make_world

Truth = dict[str, Any]


class Killed(BaseException):
    """The process is gone: nothing in it may catch this."""


class Reaper:
    """Counts the effects of a pass, and kills the process at one of them."""

    def __init__(self, world: World, kill_at: int | None = None) -> None:
        self.count = 0
        self.at = ""
        self._kill_at = kill_at
        for line in (world.left, world.right):
            line.on_request = self._before(world, line.name)
            line.on_response = self._after(line.name)
        world.store.before_commit.append(lambda: self._effect("before a commit"))
        world.store.after_commit.append(lambda: self._effect("after a commit"))

    def _before(self, world: World, name: str) -> Callable[[Request], None]:
        def on_request(request: Request) -> None:
            assert not world.store.in_transaction, "a transaction is open over a network call"
            self._effect(f"before {request.method} {request.path} of {name}")

        return on_request

    def _after(self, name: str) -> Callable[[Request, Response], None]:
        return lambda request, _: self._effect(f"after {request.method} {request.path} of {name}")

    def _effect(self, what: str) -> None:
        self.count += 1
        if self.count == self._kill_at:
            self.at = what
            raise Killed(what)


def unwatched(world: World) -> None:
    for line in (world.left, world.right):
        line.on_request = line.on_response = None
    world.store.before_commit.clear()
    world.store.after_commit.clear()


class Office:
    """The story: what is there and settled, then what people do before the pass that is killed."""

    def __init__(self, store: Store, crm: Crm) -> None:
        self.world = make_world(store, crm=crm)
        world = self.world
        self.edited = world.propstreet.add_project(name="Edited", price=_sek(100), externalRefs=[_ERP])
        self.dropped = world.propstreet.add_project(name="Dropped")
        self.archived = world.propstreet.add_project(name="Archived")
        world.run(Mode.BACKFILL)
        world.later(400)

    @property
    def lines(self) -> dict[Side, Faulty]:
        return {LEFT: self.world.left, RIGHT: self.world.right}

    def day(self) -> None:
        world = self.world
        crm, mapper = people_of(world.twin), world.mapper
        deals = {deal[crm.stamp]: id for id, deal in crm.live().items()}
        world.propstreet.add_project(name="New project", price=_sek(5), externalRefs=[_ERP | {"id": "2"}])
        crm.add(mapper, {"name": "New deal", "price": "7 SEK"})
        world.propstreet.edit_project(self.edited, name="Edited on the left", price=_sek(110))
        crm.edit(deals[self.edited], mapper, "exclusivity", "other")
        crm.edit(deals[self.edited], mapper, "price", "120 SEK")
        world.propstreet.delete_project(self.dropped)
        crm.delete(deals[self.archived])
        world.later(60)


_ERP = {"namespace": "erp", "id": "1"}


def _sek(value: int) -> dict[str, Any]:
    return {"value": value, "currency": "SEK", "scale": "none"}


@pytest.mark.parametrize("crm", CRMS)
def test_dies_at_every_effect_and_ends_the_same(crm: Crm, new_store: Callable[[], Store]) -> None:
    """P6, P3: whatever the effect at which the process died, the next pass ends where an uncut one does."""
    effects, expected = _uncut(new_store(), crm)
    assert effects > 80

    for kill_at in range(1, effects + 1):
        _killed(Office(new_store(), crm), kill_at, expected)


@pytest.mark.parametrize("crm", CRMS)
def test_dies_at_every_effect_of_a_first_load(crm: Crm, new_store: Callable[[], Store]) -> None:
    """P6, P3: the same for a first load, where everything is created and nothing may be created twice."""

    def first_load() -> World:
        world = make_world(new_store(), crm=crm)
        world.propstreet.add_project(name="One", price=_sek(1))
        world.propstreet.add_project(name="Two", externalRefs=[_ERP])
        people_of(world.twin).add(world.mapper, {"name": "Three", "price": "3 SEK"})
        world.later(60)
        return world

    uncut = first_load()
    effects = _watched_run(uncut, None).count
    expected = _settled(uncut)

    for kill_at in range(1, effects + 1):
        world = first_load()
        reaper = _watched_run(world, kill_at)
        world.restart()
        assert _settled(world) == expected, f"killed {reaper.at}, effect {kill_at}"


@pytest.mark.parametrize("crm", CRMS)
@pytest.mark.parametrize("kind", [FaultKind.TIMEOUT_AFTER, FaultKind.STATUS_AFTER, FaultKind.GARBAGE_200])
def test_every_write_takes_effect_and_loses_its_answer(
    kind: FaultKind, crm: Crm, new_store: Callable[[], Store]
) -> None:
    """P3, P1: a write whose answer is lost is not sent again blindly; the end is the same."""
    office = Office(new_store(), crm)
    office.world.forget_calls()
    office.day()
    office.world.run()
    writes = {side: _writes(line.requests) for side, line in office.lines.items()}
    expected = _settled(office.world)
    assert all(len(sent) >= 3 for sent in writes.values()), writes

    for side, sent in writes.items():
        for place, (method, path) in enumerate(sent):
            office = Office(new_store(), crm)
            office.day()
            earlier = sent[:place].count((method, path))
            line = office.lines[side]
            line.plan(Fault(kind=kind, status=502, method=method, path=f"{re.escape(path)}$", skip=earlier))
            office.world.run()
            assert line.hits == 1
            assert _settled(office.world) == expected, f"{kind} at write {place + 1} to {side}: {method} {path}"


@pytest.mark.parametrize("crm", CRMS)
def test_dies_again_and_again(crm: Crm, new_store: Callable[[], Store]) -> None:
    """P6: a process that never lives long gets there in the end, one step at a time."""
    _, expected = _uncut(new_store(), crm)
    office = Office(new_store(), crm)
    office.day()
    deaths = 0
    while _watched_run(office.world, 20 + deaths).at:
        deaths += 1
        office.world.restart()
        office.world.later(90)

    assert deaths > 5
    assert _settled(office.world) == expected


def test_a_few_deaths_on_postgresql(postgres: Databases, new_store: Callable[[], Store]) -> None:
    """P6: the same on PostgreSQL, where the new process opens the database anew; thinned, for time."""
    effects, expected = _uncut(new_store(), "hubspot")

    for kill_at in range(5, effects + 1, effects // 5):
        url = postgres.migrated()
        office = Office(open_store(url, durable=False), "hubspot")
        _killed(office, kill_at, expected, url)
        office.world.connection.close()
        postgres.drop(url)


def _uncut(store: Store, crm: Crm) -> tuple[int, Truth]:
    """The number of effects, and the end, of the pass that nobody kills."""
    office = Office(store, crm)
    office.day()
    effects = _watched_run(office.world, None).count
    return effects, _settled(office.world)


def _killed(office: Office, kill_at: int, expected: Truth, url: str | None = None) -> None:
    office.day()
    reaper = _watched_run(office.world, kill_at)
    assert reaper.at, f"there is no effect {kill_at}"
    if url is not None:
        office.world.store.close()
    office.world.restart(open_store(url, durable=False) if url is not None else None)
    assert _settled(office.world) == expected, f"killed {reaper.at}, effect {kill_at}"


def _watched_run(world: World, kill_at: int | None) -> Reaper:
    reaper = Reaper(world, kill_at)
    try:
        world.run()
    except Killed:
        pass
    finally:
        unwatched(world)
    return reaper


def _settled(world: World) -> Truth:
    """Runs to rest and tells the end."""
    world.settle()
    return truth(world)


def truth(world: World) -> Truth:
    """Both systems' live records by name, how they are paired, and what is open; ids and times are left out."""
    crm, mapper = people_of(world.twin), world.mapper
    projects = {project["id"]: project for project in world.propstreet.live_projects()}
    deals = {id: (mapper.read(RIGHT, crm.seen(deal, mapper)).fields, deal) for id, deal in crm.live().items()}
    assert len({project["name"] for project in projects.values()}) == len(projects), "P3: a project twice"
    assert len({fields["name"] for fields, _ in deals.values()}) == len(deals), "P3: a deal twice"
    with world.store.read() as tx:
        paired = bindings.page(tx, "test", limit=1000)
        disputed = conflicts.list_open(tx, "test")
        open_ops = [entry for state in _OPEN for entry in outbox.iterate(tx, "test", state)]
    names = {id: project["name"] for id, project in projects.items()} | {
        id: fields["name"] for id, (fields, _) in deals.items()
    }
    return {
        "projects": {
            project["name"]: _lasting(mapper.read(LEFT, project).fields)
            | {"refs": sorted((ref["namespace"], names.get(ref["id"], ref["id"])) for ref in project["externalRefs"])}
            for project in projects.values()
        },
        "deals": {
            str(fields["name"]): _lasting(fields) | {"stamp": names.get(deal.get(crm.stamp) or "")}
            for fields, deal in deals.values()
        },
        "pairs": sorted(
            (names.get(one.left_id or "", ""), names.get(one.right_id or "", ""))
            for one in paired
            if one.state is BindingState.BOUND
        ),
        "conflicts": [(one.field, one.left, one.right) for one in disputed],
        "open": [(entry.op, entry.reason) for entry in open_ops],
    }


_OPEN = (OpState.TODO, OpState.SENDING, OpState.UNCONFIRMED, OpState.HELD)


def _lasting(fields: Any) -> Truth:
    """What does not depend on when or under which id a record was made."""
    return {name: value for name, value in fields.items() if name not in ("created", "updated", "link")}


def _writes(requests: list[tuple[str, str]]) -> list[tuple[str, str]]:
    reads = ("/batch/read", "/search", "/oauth2/token")
    return [(method, path) for method, path in requests if method != "GET" and not path.endswith(reads)]
