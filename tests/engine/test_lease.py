"""One process at a time works on a connection; what a dead one held is free, and who lost it stops (P6)."""

from __future__ import annotations

import dataclasses
import subprocess
import sys

import pytest

from syncd.engine.connection import Connection
from syncd.engine.holding import process_name
from syncd.engine.preview import preview
from syncd.engine.report import Mode, RunOutcome
from syncd.engine.run import run_pass
from syncd.errors import LeaseHeld
from syncd.store import lease
from syncd.testing.sandbox.wire import Request

from .world import World, make_world


@pytest.fixture
def world() -> World:
    world = make_world()
    world.propstreet.add_project(name="House")
    world.later()
    return world


def other(world: World, holder: str = "elsewhere:7:x") -> Connection:
    """The same connection, as another process has it."""
    return dataclasses.replace(world.connection, holder=holder)


def take(world: World, holder: str) -> None:
    with world.store.begin() as tx:
        lease.acquire(tx, "test", holder, now=world.clock.time(), ttl_s=60.0)


def test_a_second_process_is_turned_away(world: World) -> None:
    """P3: two at once could create twice; the second one is told who works, and that it is no failure (exit 4)."""
    met: list[LeaseHeld] = []

    def on_request(_: Request) -> None:
        if not met:
            with pytest.raises(LeaseHeld) as caught:
                run_pass(other(world), Mode.DELTA)
            met.append(caught.value)

    world.left.on_request = on_request

    summary = world.run()

    assert summary.outcome is RunOutcome.OK
    assert "test:1:1" in str(met[0])
    assert met[0].exit_code == 4
    assert met[0].remedy


def test_a_plan_needs_the_lease_too(world: World) -> None:
    """P3: a plan settles what a killed pass left open, so it may not run beside one."""
    take(world, "elsewhere:7:x")

    with pytest.raises(LeaseHeld):
        preview(world.connection)


def test_the_lease_of_a_dead_process_of_this_machine_is_taken_over_at_once(world: World) -> None:
    """P6: after a kill nobody has to wait for the lease to run out."""
    gone = subprocess.Popen([sys.executable, "-c", "pass"])
    gone.wait()
    place, _, _ = process_name("x").split(":")
    take(world, f"{place}:{gone.pid}:x")

    assert world.run().outcome is RunOutcome.OK


def test_the_lease_of_another_machine_has_to_run_out(world: World) -> None:
    """P6: of another machine nobody can tell whether it is dead; a minute later its lease is over."""
    take(world, "elsewhere:7:x")

    with pytest.raises(LeaseHeld):
        world.run()
    world.later(61)

    assert world.run().outcome is RunOutcome.OK


def test_who_loses_the_lease_in_mid_pass_stops_and_writes_nothing_more(world: World) -> None:
    """P3: a process that slept too long finds its lease taken, and leaves the rest to the new holder."""

    def steal(request: Request) -> None:
        if request.path.endswith("/objects/deals"):
            world.right.on_request = None
            world.later(61)
            take(world, "elsewhere:7:x")

    world.right.on_request = steal

    with pytest.raises(LeaseHeld):
        world.run()

    assert world.hubspot.journal == []
    assert world.propstreet.journal == []
    with world.store.read() as tx:
        current = lease.get(tx, "test")
    assert current is not None
    assert current.holder == "elsewhere:7:x", "the loser does not give back what it does not have"


def test_a_pass_gives_the_lease_back(world: World) -> None:
    """P6: after a pass, and after one that failed, the next process may start at once."""
    world.run()

    assert run_pass(other(world), Mode.DELTA).outcome is RunOutcome.OK


def test_no_transaction_is_open_over_a_network_call(world: World) -> None:
    """P6: a slow system never holds the store's lock: no request goes out while a transaction is open."""
    world.hubspot.person.add_deal(dealname="Hamnen")
    world.later()
    seen: list[bool] = []
    for line in (world.left, world.right):
        line.on_request = lambda _: seen.append(world.store.in_transaction)

    for _ in range(3):
        world.run()
        project = world.propstreet.live_projects()[0]
        world.propstreet.edit_project(project["id"], name=f"{project['name']} again")
        world.hubspot.person.edit_deal(min(world.hubspot.person.live_deals()), propstreet_exclusivity="other")
        world.later(400)

    assert len(seen) > 20
    assert not any(seen)
