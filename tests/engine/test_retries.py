"""Trouble on the line: what waits, what goes out again with which key, what stops the pass, and when it is given up."""

from __future__ import annotations

import pytest

from syncd.core.retry import ATTEMPTS_MAX
from syncd.engine.connection import Tuning
from syncd.engine.persons import retry_held
from syncd.engine.report import Applied, Mode, RunOutcome
from syncd.errors import QuotaExhausted, RateLimited, Unauthorized
from syncd.store import outbox, runs
from syncd.store.outbox import Entry, OpState
from syncd.testing.sandbox.hubspot import Switches as HubSpotSwitches
from syncd.testing.sandbox.hubspot.switches import RateLimit
from syncd.testing.sandbox.wire import Fault, FaultKind, Faulty, Request

from .world import World, make_world

SLOW_DOWN = Fault(kind=FaultKind.STATUS, status=429, headers={"retry-after": "7"})


@pytest.fixture
def world() -> World:
    """One project and its deal, settled."""
    world = make_world(tuning=Tuning(wait_max_s=120.0))
    price = {"value": 100, "currency": "SEK", "scale": "none"}
    world.propstreet.add_project(name="House", price=price, exclusivity="exclusive")
    world.run(Mode.BACKFILL)
    world.later(400)
    world.forget_calls()
    return world


def project_of(world: World) -> str:
    return str(world.propstreet.live_projects()[0]["id"])


def deal_of(world: World) -> str:
    return next(iter(world.hubspot.person.live_deals()))


def entries(world: World, state: OpState) -> list[Entry]:
    with world.store.read() as tx:
        return outbox.iterate(tx, "test", state)


def on(fault: Fault, method: str, path: str, times: int = 1) -> Fault:
    return Fault(
        kind=fault.kind,
        status=fault.status,
        headers=fault.headers,
        body=fault.body,
        method=method,
        path=path,
        times=times,
    )


def sent(line: Faulty, method: str, ending: str = "") -> int:
    return sum(verb == method and path.endswith(ending) for verb, path in line.requests)


def test_a_rate_limited_write_waits_and_goes_out_in_the_same_pass(world: World) -> None:
    """P1: 429 says how long; the pass waits that long, on the clock it was given, and then writes."""
    world.hubspot.person.edit_deal(deal_of(world), dealname="House 1")
    world.later()
    world.left.plan(on(SLOW_DOWN, "PATCH", "/projects"))

    summary = world.run()

    assert world.propstreet.project(project_of(world))["name"] == "House 1"
    assert summary.outcome is RunOutcome.OK
    assert 7 <= summary.duration_s < 120
    assert sent(world.left, "PATCH") == 2


def test_server_trouble_at_a_create_is_confirmed_and_sent_again(world: World) -> None:
    """P3: a 503 may have taken effect: we look for the ref first, and create once it is known not to be there."""
    deal = world.hubspot.person.add_deal(dealname="Hamnen")
    world.later()
    world.left.plan(Fault(kind=FaultKind.STATUS, status=503, method="POST", path="/projects$"))

    summary = world.run()

    looked = [path for method, path in world.left.requests if method == "GET" and path.endswith(f"hubspot/{deal}")]
    assert len(looked) == 1
    assert len(world.propstreet.live_projects()) == 2
    assert summary.applied["propstreet"].create == 1
    assert summary.outcome is RunOutcome.OK


def test_a_wait_beyond_the_pass_is_left_to_the_next_one(world: World) -> None:
    """P1: nothing waits longer than wait_max_s in a pass; the op stays, and Propstreet is left in peace till then."""
    world.hubspot.person.edit_deal(deal_of(world), dealname="House 1")
    world.later()
    hour = Fault(kind=FaultKind.STATUS, status=429, headers={"retry-after": "3600"})
    world.left.plan(on(hour, "PATCH", "/projects"))

    cut = world.run()
    waiting = entries(world, OpState.TODO)
    world.later(300)
    with pytest.raises(RateLimited):
        world.run()
    world.later(3600)
    done = world.run()

    assert (cut.outcome, cut.exit_code) == (RunOutcome.INCOMPLETE, 1)
    assert len(waiting) == 1
    assert done.outcome is RunOutcome.OK
    assert world.propstreet.project(project_of(world))["name"] == "House 1"


def test_a_token_that_is_refused_stops_the_pass_and_loses_nothing(world: World) -> None:
    """P6, P1: 401 in the middle: the ops wait as they were, the run is recorded as failed, the next one finishes."""
    world.propstreet.add_project(name="Hamnen")
    world.hubspot.person.edit_deal(deal_of(world), dealname="House 1")
    world.later()
    world.right.plan(Fault(kind=FaultKind.STATUS, status=401, path="/batch/(upsert|update)", times=-1))

    with pytest.raises(Unauthorized):
        world.run()
    with world.store.read() as tx:
        last = runs.last(tx, "test")[0]
    assert (last.outcome, bool(last.error)) == ("failed", True)
    assert "pat-sandbox" not in (last.error or "")

    world.right.behave()
    world.later()
    summary = world.run()

    assert summary.outcome is RunOutcome.OK
    assert {deal["dealname"] for deal in world.hubspot.person.live_deals().values()} == {"House 1", "Hamnen"}
    assert len(world.propstreet.live_projects()) == 2


def test_a_spent_day_pauses_the_connection(world: World) -> None:
    """P1, P8: HubSpot's daily limit ends the pass at once; after its midnight everything goes on (trap 21)."""
    for number in range(3):
        world.propstreet.add_project(name=f"New {number}")
    used = world.hubspot.limiter.today
    world.hubspot.switch(rate_limit=RateLimit(burst_max=None, search_max=None, daily_max=used + 3))

    with pytest.raises(QuotaExhausted):
        world.run()
    calls = len(world.right.requests)
    assert calls <= 6, "nobody goes on asking when the day is spent"
    world.later(90_000)
    world.hubspot.switch(rate_limit=RateLimit(burst_max=None, search_max=None, daily_max=1000))
    summary = world.run()

    assert summary.outcome is RunOutcome.OK
    assert len(world.hubspot.person.live_deals()) == 4


def test_what_is_never_taken_is_held_after_the_last_attempt(world: World) -> None:
    """P1: ten attempts, then a person is told what to do; once the cause is gone, it goes out."""
    world.hubspot.person.add_deal(dealname="Hamnen")
    world.left.plan(Fault(kind=FaultKind.REFUSED, method="POST", path="/projects$", times=-1))

    for _ in range(40):
        world.later(1300)
        summary = world.run()
        if summary.held:
            break

    (entry,) = entries(world, OpState.HELD)
    assert (entry.reason or "").startswith(f"given up after {ATTEMPTS_MAX} attempts")
    assert entry.remedy == "when the cause is gone: syncd held retry"
    assert sent(world.left, "POST", "/projects") == ATTEMPTS_MAX

    world.left.behave()
    retry_held(world.connection, [entry.id])
    world.later()
    assert world.run().outcome is RunOutcome.OK
    assert len(world.propstreet.live_projects()) == 2


def test_being_told_to_slow_down_costs_no_attempt(world: World) -> None:
    """P1: 429 says nothing about the op: it waits as long as it takes, and is never given up."""
    world.hubspot.person.add_deal(dealname="Hamnen")
    world.left.plan(on(SLOW_DOWN, "POST", "/projects$", times=ATTEMPTS_MAX + 5))

    for _ in range(20):
        world.later(1300)
        assert world.run().held == 0

    assert len(world.propstreet.live_projects()) == 2


@pytest.mark.parametrize("status", [500, 502, 503])
def test_a_patch_that_always_fails_is_held_in_the_end(world: World, status: int) -> None:
    """P1: a record over which Propstreet always fails costs a bounded number of calls, and then a person is told."""
    world.hubspot.person.edit_deal(deal_of(world), dealname="House 1")
    world.later()
    world.left.plan(Fault(kind=FaultKind.STATUS, status=status, method="PATCH", path="/projects", times=-1))

    for _ in range(40):
        summary = world.run()
        world.later(1300)
        if summary.held:
            break

    (entry,) = entries(world, OpState.HELD)
    assert entry.reason
    assert entry.remedy
    assert sent(world.left, "PATCH") <= ATTEMPTS_MAX


def test_an_update_of_a_deal_that_always_fails_is_held_in_the_end(world: World) -> None:
    """P1: the same towards HubSpot."""
    world.propstreet.edit_project(project_of(world), name="House 1")
    world.right.plan(Fault(kind=FaultKind.STATUS, status=500, method="POST", path="/batch/update", times=-1))

    for _ in range(40):
        summary = world.run()
        world.later(1300)
        if summary.held:
            break

    assert len(entries(world, OpState.HELD)) == 1
    assert sent(world.right, "POST", "/batch/update") <= ATTEMPTS_MAX


def test_a_delete_that_always_fails_is_held_in_the_end(world: World) -> None:
    """P1: and for deletes."""
    world.hubspot.person.archive_deal(deal_of(world))
    world.later()
    world.left.plan(Fault(kind=FaultKind.STATUS, status=500, method="DELETE", path="/projects", times=-1))

    for _ in range(40):
        summary = world.run()
        world.later(1300)
        if summary.held:
            break

    assert len(entries(world, OpState.HELD)) == 1
    assert sent(world.left, "DELETE") <= ATTEMPTS_MAX


def test_a_pass_against_a_dead_line_fails_and_the_next_one_works(world: World) -> None:
    """P6: nobody answers: the pass fails with what was read so far, and nothing is written anywhere."""
    world.hubspot.person.edit_deal(deal_of(world), dealname="House 1")
    world.later()
    world.left.plan(Fault(kind=FaultKind.REFUSED, method="PATCH", times=-1))
    incomplete = world.run()
    world.left.behave()
    world.later(1300)

    assert incomplete.outcome is RunOutcome.INCOMPLETE
    assert world.run().outcome is RunOutcome.OK
    assert world.propstreet.project(project_of(world))["name"] == "House 1"


def keys_sent(world: World, within: list[tuple[str, str | None]]) -> None:
    """From now on note each POST of a project: its key, and the key that the store has for it at that moment."""

    def on_request(request: Request) -> None:
        if request.method == "POST" and request.path.endswith("/projects"):
            (entry,) = entries(world, OpState.SENDING)
            assert entry.body_hash is not None
            within.append((request.headers["idempotency-key"], entry.key))

    world.left.on_request = on_request


def test_the_key_is_stored_before_the_first_send_and_is_the_same_on_a_resend(world: World) -> None:
    """P3: a create is sent with a key that survives a kill; the resend carries the same one (trap 25)."""
    world.hubspot.person.add_deal(dealname="Hamnen")
    world.later()
    world.left.plan(Fault(kind=FaultKind.TIMEOUT_BEFORE, method="POST", path="/projects$", times=2))
    keys: list[tuple[str, str | None]] = []
    keys_sent(world, keys)

    world.run()

    assert len(keys) == 3
    assert len(set(keys)) == 1
    assert keys[0][0] == keys[0][1]


def test_the_key_survives_a_kill(world: World) -> None:
    """P3, P6: killed in the moment of the POST, the next process sends the same key."""
    world.hubspot.person.add_deal(dealname="Hamnen")
    world.later()
    keys: list[str] = []

    class Killed(BaseException):
        pass

    def on_request(request: Request) -> None:
        if request.method == "POST" and request.path.endswith("/projects"):
            keys.append(request.headers["idempotency-key"])
            if len(keys) == 1:
                raise Killed

    world.left.on_request = on_request
    with pytest.raises(Killed):
        world.run()
    world.restart()
    world.later(100)
    world.run()

    assert len(keys) == 2
    assert len(set(keys)) == 1


def test_another_body_gets_another_key(world: World) -> None:
    """P3: a key belongs to one body for ever (trap 26): a deal edited before the resend is sent under a new one."""
    deal = world.hubspot.person.add_deal(dealname="Hamnen")
    world.later()
    world.left.plan(on(Fault(kind=FaultKind.STATUS, status=429, headers={"retry-after": "3600"}), "POST", "/projects$"))
    keys: list[tuple[str, str | None]] = []
    keys_sent(world, keys)
    world.run()
    world.hubspot.person.edit_deal(deal, dealname="Hamnen 2")
    world.later(4000)

    summary = world.run()

    assert summary.applied["propstreet"] == Applied(create=1, update=0)
    assert len({key for key, _ in keys}) == len(keys) == 2
    assert {project["name"] for project in world.propstreet.live_projects()} == {"House", "Hamnen 2"}


def test_the_rate_limits_of_both_systems_are_kept() -> None:
    """P8: 60 projects against real limits: not one 429, because we are slower than they are."""
    world = make_world(hubspot=HubSpotSwitches())
    for number in range(60):
        world.propstreet.add_project(name=f"House {number}")
    refused: list[int] = []
    world.right.on_response = lambda _, response: refused.append(response.status) if response.status == 429 else None

    summary = world.run(Mode.BACKFILL)

    assert refused == []
    assert summary.applied["crm"].create == 60
