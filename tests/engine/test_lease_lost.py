"""A pass that lost its lease stores nothing any more, and one that is alive does not lose it (P3, P6).

Beside `test_lease`, which is about who may begin.
"""

from __future__ import annotations

import dataclasses
import os
import threading
from collections.abc import Callable

import pytest
from sqlalchemy import select

from syncd.engine.connection import Connection, Tuning
from syncd.engine.holding import process_name
from syncd.engine.report import Mode, RunOutcome, Summary
from syncd.engine.run import run_pass
from syncd.errors import LeaseHeld
from syncd.store import lease
from syncd.store.schema import metadata
from syncd.testing.sandbox.wire import Fault, FaultKind, Request, Response

from .office import deal_of, disputed, office, projects
from .world import World, make_world

Rows = dict[str, list[tuple[object, ...]]]


def other(world: World) -> Connection:
    """The same connection, as another process has it."""
    return dataclasses.replace(world.connection, holder="elsewhere:7:x")


def take(world: World, holder: str) -> None:
    with world.store.begin() as tx:
        lease.acquire(tx, "test", holder, now=world.clock.time(), ttl_s=60.0)


def stored(world: World) -> Rows:
    """Every row of every table."""
    with world.store.read() as tx:
        return {
            name: sorted(map(tuple, tx.execute(select(table))), key=repr) for name, table in metadata.tables.items()
        }


def test_nothing_of_a_pass_that_lost_its_lease_in_a_slow_write_is_stored() -> None:
    """P3, P2: its write landed, and its answer came when another process had long confirmed it and gone on. Stored
    now, that answer would bury the edit that the other one has carried over since."""
    world = office()
    id = projects(world)[0]
    deal = deal_of(world, id)
    before: list[Rows] = []

    def on_response(request: Request, _: Response) -> None:
        if not request.path.endswith("/batch/update"):
            return
        world.right.on_response = None
        world.later(100)
        assert run_pass(other(world), Mode.DELTA).outcome is RunOutcome.OK
        world.hubspot.person.edit_deal(deal, dealname="Edited since")
        world.later(400)
        assert run_pass(other(world), Mode.DELTA).applied["propstreet"].update == 1
        before.append(stored(world))

    world.propstreet.edit_project(id, name="Slow")
    world.later()
    world.forget_calls()
    world.right.on_response = on_response

    with pytest.raises(LeaseHeld):
        world.run()

    assert stored(world) == before[0]
    written = [path for _, path in world.right.requests if path.endswith("/batch/update")]
    assert len(written) == 1, "the other one found that it had landed, and did not write it again"
    world.settle()
    assert world.propstreet.project(id)["name"] == world.hubspot.person.deal(deal)["dealname"] == "Edited since"
    assert disputed(world) == []


def test_who_finds_the_lease_taken_after_a_wait_creates_nothing_twice() -> None:
    """P3: the machine slept while the pass waited to try a create again; the new holder made the record."""
    world = make_world()
    world.propstreet.add_project(name="House")
    _slow_down(world, seconds=90)
    sleep, woken = world.clock.sleep, list[Summary]()

    def oversleep(seconds: float) -> None:
        sleep(seconds)
        if seconds > 60 and not woken:
            world.right.behave()
            woken.append(run_pass(other(world), Mode.DELTA))

    world.clock.sleep = oversleep  # type: ignore[method-assign]

    with pytest.raises(LeaseHeld):
        world.run(Mode.BACKFILL)

    assert woken[0].applied["crm"].create == 1
    assert len(world.hubspot.person.live_deals()) == 1
    assert world.run().outcome is RunOutcome.OK


def test_a_wait_longer_than_the_lease_does_not_lose_it() -> None:
    """P6: the lease is renewed beside the work, so neither a long wait nor a slow call gives it to another one."""
    ttl_s = 0.09
    world = make_world(tuning=Tuning(lease_s=ttl_s))
    world.propstreet.add_project(name="House")
    _slow_down(world, seconds=1)
    sleep, turned_away = world.clock.sleep, list[LeaseHeld]()
    renewed = _renewals(world)

    def wait(seconds: float) -> None:
        if seconds < 1:
            sleep(seconds)
            return
        for _ in range(4):
            sleep(ttl_s / 2)
            renewed()
        with pytest.raises(LeaseHeld) as caught:
            run_pass(other(world), Mode.DELTA)
        turned_away.append(caught.value)
        sleep(seconds)

    world.clock.sleep = wait  # type: ignore[method-assign]
    summary = world.run(Mode.BACKFILL)

    assert "test:1:1" in str(turned_away[0])
    assert summary.outcome is RunOutcome.OK
    assert len(world.hubspot.person.live_deals()) == 1


def test_a_container_that_was_restarted_takes_up_what_it_held() -> None:
    """P6: in a container every process has the same number, so its own number names an earlier life, which is over."""
    world = office()
    take(world, process_name("an earlier life"))
    assert f":{os.getpid()}:" in process_name("an earlier life")

    assert world.run().outcome is RunOutcome.OK


@pytest.mark.parametrize("pid", [1, os.getpid(), 2**22 + 1], ids=["init", "ours", "nobody-here"])
def test_the_lease_of_another_container_of_this_machine_is_left_alone(pid: int) -> None:
    """P3: containers may share the host's name and number their processes alike: that one may well be alive."""
    world = office()
    place, _, _ = process_name("x").split(":")
    take(world, f"{place}9:{pid}:x")

    with pytest.raises(LeaseHeld):
        world.run()
    world.later(61)

    assert world.run().outcome is RunOutcome.OK


def _slow_down(world: World, *, seconds: int) -> None:
    """HubSpot takes no create for the moment."""
    headers = {"retry-after": str(seconds)}
    fault = Fault(kind=FaultKind.STATUS, status=429, method="POST", path="/batch/upsert$", headers=headers, times=3)
    world.right.plan(fault)


def _renewals(world: World) -> Callable[[], None]:
    """A function that returns once the lease was renewed for what the clock shows now."""
    time, asked = world.clock.time, threading.Event()

    def noting() -> float:
        if threading.current_thread().name == "lease":
            asked.set()
        return time()

    def renewed() -> None:
        # Asked for twice: at the second time the first renewal has been stored.
        for _ in range(2):
            asked.clear()
            assert asked.wait(10)

    world.clock.time = noting  # type: ignore[method-assign]
    return renewed
