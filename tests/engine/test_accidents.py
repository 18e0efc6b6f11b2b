"""What looks like an accident is parked as a set, and no kill, later edit or other command lets it out (P5)."""

from __future__ import annotations

import pytest

from syncd.core.model import LEFT, RIGHT
from syncd.core.ops import Update
from syncd.engine import run
from syncd.engine.explain import explain
from syncd.engine.persons import drop_held, retry_held
from syncd.engine.preview import apply_preview, preview
from syncd.engine.report import Applied, Mode, RunOutcome

from .office import Killed, deal_of, die, held, office, once_before, projects
from .world import World, make_world

PROJECTS, MANY = 60, 30
DELETES = "deletes in crm"


def delete_many(world: World) -> list[str]:
    """Half of all projects vanish at once; returns their deals."""
    doomed = projects(world)[:MANY]
    deals = [deal_of(world, id) for id in doomed]
    for id in doomed:
        world.propstreet.delete_project(id)
    world.later()
    return deals


def die_before_the_guards(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """A pass that decides, stores what it decided, and is killed before any guard has looked at it."""
    with monkeypatch.context() as patched:
        patched.setattr(run, "guard", lambda *_, **__: die())
        with pytest.raises(Killed):
            world.run()
    world.later(100)


def test_a_kill_between_deciding_and_guarding_lets_nothing_out(monkeypatch: pytest.MonkeyPatch) -> None:
    """P5, P6: the deletes are in the outbox and no guard saw them; the next process guards before it sends."""
    world = office(PROJECTS)
    delete_many(world)
    die_before_the_guards(world, monkeypatch)

    summary = world.run()

    assert summary.applied["crm"] == Applied()
    assert len(held(world, DELETES)) == MANY
    assert len(world.hubspot.person.live_deals()) == PROJECTS


def test_a_reviewed_plan_sends_nothing_that_a_killed_pass_left(monkeypatch: pytest.MonkeyPatch) -> None:
    """P5, P7: a person approved one edit; the thirty deletes that wait in the outbox were not in what they saw."""
    world = office(PROJECTS)
    delete_many(world)
    die_before_the_guards(world, monkeypatch)
    edited = projects(world)[-1]
    world.propstreet.edit_project(edited, name="Edited")
    world.later()

    reviewed = preview(world.connection)
    done = apply_preview(world.connection, reviewed)

    assert [type(op) for record in reviewed.records for op in record.ops] == [Update]
    assert done.summary.applied["crm"] == Applied(update=1)
    assert len(world.hubspot.person.live_deals()) == PROJECTS
    assert world.hubspot.person.deal(deal_of(world, edited))["dealname"] == "Edited"


def test_a_reviewed_plan_goes_out_even_if_a_guard_parked_it_meanwhile() -> None:
    """P5: the person saw each of the deletes in the plan; that the daemon parked them since takes nothing from it."""
    world = office(PROJECTS)
    delete_many(world)
    reviewed = preview(world.connection)
    world.run()
    assert len(held(world, DELETES)) == MANY

    done = apply_preview(world.connection, reviewed)

    assert done.skipped == []
    assert done.summary.applied["crm"] == Applied(delete=MANY)
    assert held(world) == []


def test_a_dropped_set_does_not_come_back_one_deal_at_a_time() -> None:
    """P5: the deletes were not meant and were dropped; an edit of such a deal does not plan its delete again."""
    world = office(PROJECTS)
    deals = delete_many(world)
    world.run()
    drop_held(world.connection, guard=DELETES)

    for deal in deals[:3]:
        world.hubspot.person.edit_deal(deal, dealstage="contractsent")
        world.later(400)
        world.run()
    world.later(400)
    summary = world.run(Mode.BACKFILL)

    assert summary.outcome is RunOutcome.OK
    assert len(world.hubspot.person.live_deals()) == PROJECTS
    (explained,) = explain(world.connection, deals[0])
    assert (explained.state, explained.why) == ("ended", "over: a person dropped the delete in crm")


def test_a_dropped_edit_stays_dropped_until_somebody_edits_that_field_again() -> None:
    """P5, P1: both sides keep their own; another field still travels, and so does the next edit of this one."""
    world = office(PROJECTS)
    deals = {id: deal_of(world, id) for id in projects(world)}
    world.hubspot.person.bulk_edit(sorted(deals.values()), propstreet_exclusivity="other")
    world.later()
    world.run()
    drop_held(world.connection, guard="same_field exclusivity in propstreet")
    first, second = projects(world)[:2]
    world.hubspot.person.edit_deal(deals[first], amount="777")
    world.hubspot.person.edit_deal(deals[second], propstreet_exclusivity="non_exclusive")
    world.later(400)
    world.run()
    world.later(400)

    summary = world.run(Mode.BACKFILL)

    assert summary.applied == {"propstreet": Applied(), "crm": Applied()}
    assert world.propstreet.project(first)["price"]["value"] == 777
    assert world.propstreet.project(second)["exclusivity"] == "non_exclusive"
    kept = [world.propstreet.project(id)["exclusivity"] for id in deals if id != second]
    assert kept == ["exclusive"] * (PROJECTS - 1)
    assert world.hubspot.person.deal(deals[first])["propstreet_exclusivity"] == "other"


def test_one_of_a_parked_set_may_go_while_the_others_wait() -> None:
    """P5: approving one record by its number says nothing about the rest of the set."""
    world = office(PROJECTS)
    delete_many(world)
    world.run()

    retry_held(world.connection, [held(world)[0].id])
    summary = world.run()

    assert summary.applied["crm"] == Applied(delete=1)
    assert len(held(world, DELETES)) == MANY - 1


@pytest.mark.parametrize("mode", [Mode.DELTA, Mode.BACKFILL])
def test_creates_are_guarded_once_the_first_load_is_done(mode: Mode) -> None:
    """P5: `syncd backfill` a second time is no first load: 60 stray deals become no projects by it."""
    world = office(20)
    for number in range(PROJECTS):
        world.hubspot.person.add_deal(dealname=f"Stray {number}")
    world.later(400)

    summary = world.run(mode)

    assert summary.applied["propstreet"] == Applied()
    assert len(held(world, "creates in propstreet")) == PROJECTS
    assert len(world.propstreet.live_projects()) == 20


def test_a_plan_and_then_a_delta_on_a_new_connection_is_a_first_load() -> None:
    """P5, P1: looking first is what the manual advises; it does not turn the first load into a suspicious delta."""
    world = make_world()
    for number in range(PROJECTS):
        world.propstreet.add_project(name=f"House {number}")
    world.later()

    planned = preview(world.connection)
    summary = world.run(Mode.DELTA)

    assert len(planned.records) == PROJECTS
    assert summary.outcome is RunOutcome.OK
    assert summary.applied["crm"] == Applied(create=PROJECTS)


@pytest.mark.parametrize(("side", "ending"), [(LEFT, "/projects"), (RIGHT, "/objects/deals")])
def test_a_first_pass_killed_while_it_read_is_still_a_first_load(side: str, ending: str) -> None:
    """P5, P6: one side was read when the process died; what the next one creates is what was asked for."""
    world = make_world()
    for number in range(PROJECTS):
        world.propstreet.add_project(name=f"House {number}")
    once_before(world.left if side is LEFT else world.right, "GET", ending, die)
    with pytest.raises(Killed):
        world.run()
    world.later(100)

    summary = world.run()

    assert summary.outcome is RunOutcome.OK
    assert summary.applied["crm"] == Applied(create=PROJECTS)
