"""People edit while syncd writes: nothing of theirs is lost without a word (P1, P2), and no loop is without an end."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from syncd.core.model import LEFT, Side
from syncd.engine.connection import Tuning
from syncd.engine.explain import explain
from syncd.engine.persons import resolve, retry_held
from syncd.engine.report import Applied, Mode, RunOutcome
from syncd.store import conflicts, outbox
from syncd.store.conflicts import Disputed
from syncd.store.outbox import Entry
from syncd.testing.sandbox.wire import Faulty, Request

from .world import World, make_world

MOVES_MAX = 3


@pytest.fixture
def world() -> World:
    """One project and its deal, settled."""
    world = make_world(tuning=Tuning(moves_max=MOVES_MAX))
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


def disputed(world: World) -> list[Disputed]:
    with world.store.read() as tx:
        return conflicts.list_open(tx, "test")


def held(world: World) -> list[Entry]:
    with world.store.read() as tx:
        return outbox.held(tx, "test")


def before(line: Faulty, method: str, ending: str, act: Callable[[], None], *, times: int = 1) -> None:
    """Somebody does this in the moment before such a request reaches the system."""
    left = [times]

    def on_request(request: Request) -> None:
        if request.method == method and request.path.endswith(ending) and left[0]:
            left[0] -= 1
            act()

    line.on_request = on_request


def test_an_edit_of_another_field_between_read_and_patch_survives(world: World) -> None:
    """P1: 412; the record is read again, merged again, and written with its new tag in the same pass."""
    id = project_of(world)
    world.hubspot.person.edit_deal(deal_of(world), propstreet_exclusivity="other")
    world.later()
    before(world.left, "PATCH", id, lambda: world.propstreet.edit_project(id, name="Meanwhile"))

    summary = world.run()

    assert world.propstreet.project(id)["name"] == "Meanwhile"
    assert world.propstreet.project(id)["exclusivity"] == "other"
    assert world.hubspot.person.deal(deal_of(world))["dealname"] == "Meanwhile"
    assert summary.outcome is RunOutcome.OK


def test_an_edit_of_the_same_field_between_read_and_patch_is_a_conflict(world: World) -> None:
    """P2: the price was edited there in the moment that ours was on its way; a person decides."""
    id = project_of(world)
    world.hubspot.person.edit_deal(deal_of(world), amount="120")
    world.later()
    price = {"value": 110, "currency": "SEK", "scale": "none"}
    before(world.left, "PATCH", id, lambda: world.propstreet.edit_project(id, price=price))

    summary = world.run()

    (conflict,) = disputed(world)
    assert (conflict.field, conflict.left, conflict.right) == ("price", "110 SEK", "120 SEK")
    assert summary.outcome is RunOutcome.ATTENTION


def test_a_record_that_moves_under_every_patch_is_held_in_the_end(world: World) -> None:
    """P1: 412 is bounded; what never comes to rest is held with a reason, and goes out when a person says so."""
    id, numbers = project_of(world), iter(range(1000))
    world.hubspot.person.edit_deal(deal_of(world), propstreet_exclusivity="other")
    world.later()
    before(world.left, "PATCH", id, lambda: _edit_in_app(world, id, next(numbers)), times=1000)

    summary = world.run()

    patches = [request for request in world.left.requests if request == ("PATCH", f"/api/v1/projects/{id}")]
    assert len(patches) == MOVES_MAX + 1
    (entry,) = held(world)
    assert (entry.reason or "").startswith(f"it moved {MOVES_MAX + 1} times while it was being written")
    assert entry.remedy == "when it has come to rest: syncd held retry"
    assert summary.outcome is RunOutcome.ATTENTION
    (explained,) = explain(world.connection, id)
    assert explained.why.startswith("held: it moved")

    world.left.on_request = None
    retry_held(world.connection, [entry.id])
    world.later()
    world.run()

    assert world.propstreet.project(id)["exclusivity"] == "other"
    assert held(world) == []


def test_the_hold_of_one_record_does_not_stop_its_neighbours(world: World) -> None:
    """P1: one record that never comes to rest keeps no other one waiting."""
    busy = project_of(world)
    quiet = world.propstreet.add_project(name="Quiet")
    world.run()
    world.later(400)
    for deal in world.hubspot.person.live_deals():
        world.hubspot.person.edit_deal(deal, propstreet_exclusivity="other")
    world.later()
    numbers = iter(range(1000))
    before(world.left, "PATCH", busy, lambda: _edit_in_app(world, busy, next(numbers)), times=1000)

    world.run()

    assert world.propstreet.project(quiet)["exclusivity"] == "other"


def test_a_delete_meets_an_edit_made_in_the_last_moment(world: World) -> None:
    """P1: the deal was archived, and the project edited just before its delete arrived: it is not deleted."""
    id = project_of(world)
    world.hubspot.person.archive_deal(deal_of(world))
    world.later()
    before(world.left, "DELETE", id, lambda: world.propstreet.edit_project(id, name="Not yet"))

    world.run()

    assert [project["name"] for project in world.propstreet.live_projects()] == ["Not yet"]
    (conflict,) = disputed(world)
    assert (conflict.field, conflict.left, conflict.right) == ("", "live", "deleted")


def test_an_edit_that_slips_between_verify_and_write_is_reported_with_both_values(world: World) -> None:
    """P2: HubSpot has no conditional write. What our write replaced unseen stands as a conflict (hubspot.md 7.2)."""
    _slip(world, dealname="Edited in that moment")

    summary = world.run()

    (conflict,) = disputed(world)
    assert (conflict.field, conflict.left, conflict.right) == ("name", "House 1", "Edited in that moment")
    assert conflict.standing
    assert "our write replaced the edit" in conflict.reason
    assert summary.outcome is RunOutcome.ATTENTION


def test_a_slipped_edit_stands_until_a_person_decides(world: World) -> None:
    """P2: both sides show the same by now, and still the conflict is not closed by the planner."""
    _slip(world, dealname="Edited in that moment")
    world.run()
    for mode in (Mode.DELTA, Mode.BACKFILL):
        world.later(400)
        assert world.run(mode).conflicts == 1


@pytest.mark.parametrize("take", list(Side))
def test_a_slipped_edit_is_resolved_for_either_side(world: World, take: Side) -> None:
    """P2: the person gets the value that was lost, or keeps ours; both sides show it after the next pass."""
    _slip(world, dealname="Edited in that moment")
    world.run()
    (conflict,) = disputed(world)

    resolve(world.connection, conflict.id, take=take)
    world.later()
    world.run()

    wanted = "House 1" if take is LEFT else "Edited in that moment"
    assert world.hubspot.person.deal(deal_of(world))["dealname"] == wanted
    assert world.propstreet.project(project_of(world))["name"] == wanted
    assert disputed(world) == []


def test_an_edit_of_another_field_in_that_moment_is_no_conflict(world: World) -> None:
    """P1: a write carries only its own fields; what a person wrote beside them is simply the next edit."""
    _slip(world, amount="120")
    world.run()
    world.later()
    world.run()

    assert disputed(world) == []
    assert world.propstreet.project(project_of(world))["price"]["value"] == 120
    assert world.hubspot.person.deal(deal_of(world))["dealname"] == "House 1"


def test_an_edit_before_the_verifying_read_is_seen(world: World) -> None:
    """P2: what was written since we planned is found by the read before the write, and nothing is sent."""
    id = project_of(world)
    price = {"value": 110, "currency": "SEK", "scale": "none"}
    world.propstreet.edit_project(id, price=price)
    world.later()
    deal = deal_of(world)
    before(world.right, "POST", "/batch/read", lambda: world.hubspot.person.edit_deal(deal, amount="120"))

    world.run()

    (conflict,) = disputed(world)
    assert (conflict.field, conflict.left, conflict.right) == ("price", "110 SEK", "120 SEK")
    assert world.hubspot.person.deal(deal)["amount"] == "120"


def test_a_project_that_appears_while_we_create_it_is_adopted(world: World) -> None:
    """P3: the POST meets a project with its own ref (409): that one is taken, and none is created (trap 24)."""
    deal = world.hubspot.person.add_deal(dealname="Hamnen")
    world.later()
    ref = [{"namespace": "hubspot", "id": deal}]
    made: list[str] = []
    before(
        world.left,
        "POST",
        "/projects",
        lambda: made.append(world.propstreet.add_project(name="Hamnen", externalRefs=ref)),
    )

    summary = world.run()

    assert len(world.propstreet.live_projects()) == 2
    assert world.hubspot.person.deal(deal)["propstreet_id"] == made[0]
    assert summary.applied["propstreet"].create == 0
    assert summary.outcome is RunOutcome.OK


def test_a_deal_that_appears_while_we_look_is_taken(world: World) -> None:
    """P3: a deal stamped by hand just before the look for it is paired, not written over."""
    id = world.propstreet.add_project(name="Hamnen")
    made: list[str] = []
    before(
        world.right,
        "POST",
        "/batch/read",
        lambda: made.append(world.hubspot.person.add_deal(dealname="Hamnen", amount="7", propstreet_id=id)),
    )

    summary = world.run()

    assert len(world.hubspot.person.live_deals()) == 2
    assert summary.applied["crm"] == Applied(update=1)
    refs = world.propstreet.project(id)["externalRefs"]
    assert refs == [{"namespace": "hubspot", "id": made[0]}]


def _edit_in_app(world: World, id: str, number: int) -> None:
    world.propstreet.edit_project(id, price={"value": number + 1, "currency": "SEK", "scale": "none"})


def _slip(world: World, **props: str) -> None:
    """A project is renamed; in the moment that the deal is written, a person edits the deal."""
    world.propstreet.edit_project(project_of(world), name="House 1")
    world.later()
    deal = deal_of(world)

    def edit() -> None:
        world.later(0.5)
        world.hubspot.person.edit_deal(deal, **props)
        world.later(0.5)

    before(world.right, "POST", "/batch/update", edit)
