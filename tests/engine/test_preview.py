"""plan and apply: a preview writes nothing to either system, says what a pass would do, and is carried out as said."""

from __future__ import annotations

import msgspec
import pytest

from syncd.core.model import LEFT, RIGHT
from syncd.core.ops import Create, Delete, Hold, Update
from syncd.engine.preview import Preview, PreviewRecord, apply_preview, preview
from syncd.engine.report import Applied, Mode, RunOutcome
from syncd.store import bindings, notices, outbox
from syncd.store.outbox import OpState

from .world import World, make_world


def sek(value: int) -> dict[str, object]:
    return {"value": value, "currency": "SEK", "scale": "none"}


def written(world: World) -> int:
    return len(world.propstreet.journal) + len(world.hubspot.journal)


def deal_of(world: World, project: str) -> str:
    return next(id for id, deal in world.hubspot.person.live_deals().items() if deal["propstreet_id"] == project)


def record_of(plan: Preview, title: str) -> PreviewRecord:
    (found,) = (record for record in plan.records if record.title == title)
    return found


@pytest.fixture
def world() -> World:
    """Three settled pairs, and then a day's work on both sides."""
    world = make_world()
    for name in ("Both", "Gone", "Quiet"):
        world.propstreet.add_project(name=name, price=sek(100), exclusivity="exclusive")
    world.run(Mode.BACKFILL)
    world.later(400)
    by_name = {project["name"]: project["id"] for project in world.propstreet.live_projects()}
    world.propstreet.edit_project(by_name["Both"], price=sek(110))
    world.hubspot.person.edit_deal(deal_of(world, by_name["Both"]), propstreet_exclusivity="other")
    world.propstreet.delete_project(by_name["Gone"])
    world.propstreet.add_project(name="New project", price=sek(5))
    world.hubspot.person.add_deal(dealname="New deal", amount="7", deal_currency_code="SEK")
    world.later(60)
    world.forget_calls()
    return world


def test_a_plan_writes_nothing_to_either_system(world: World) -> None:
    """P4: planning reads, and nothing else; no op waits in the outbox afterwards, and no pair was made."""
    before = written(world)
    with world.store.read() as tx:
        pairs = bindings.count(tx, "test")

    preview(world.connection)

    assert written(world) == before
    with world.store.read() as tx:
        assert not any(outbox.counts(tx, "test", state) for state in (OpState.TODO, OpState.HELD, OpState.SENDING))
        assert bindings.count(tx, "test") == pairs
        assert notices.count(tx, "test") > 0, "what was noted is still to be done"


def test_a_plan_tells_each_field_old_and_new_and_by_which_rule(world: World) -> None:
    """P10: per record and field the direction, the old value, the new one, and the rule that decided."""
    plan = preview(world.connection)

    both = record_of(plan, "Both")
    by_side = {op.side: op.changes for op in both.ops if isinstance(op, Update)}
    price, exclusivity = by_side[RIGHT]["price"], by_side[LEFT]["exclusivity"]
    assert (price.was, price.set, price.rule) == ("100 SEK", "110 SEK", "changed there only")
    assert (exclusivity.was, exclusivity.set, exclusivity.rule) == ("exclusive", "other", "changed there only")
    assert [type(op) for op in record_of(plan, "Gone").ops] == [Delete]
    (made,) = record_of(plan, "New project").ops
    assert isinstance(made, Create)
    assert (made.side, made.fields["price"]) == (RIGHT, "5 SEK")
    assert {record.title for record in plan.records} == {"Both", "Gone", "New project", "New deal"}


def test_a_plan_twice_is_the_same(world: World) -> None:
    """P4: planning changes nothing that a plan depends on."""
    assert preview(world.connection) == preview(world.connection)


def test_a_plan_survives_a_file(world: World) -> None:
    """P10: what is reviewed is what is applied: a plan is data, and comes back from JSON as it was."""
    plan = preview(world.connection)

    assert msgspec.json.decode(msgspec.json.encode(plan), type=Preview) == plan


def test_apply_makes_the_calls_that_the_plan_said(world: World) -> None:
    """P8: the calls needed are counted before; carrying the plan out makes just those, reading aside."""
    plan = preview(world.connection)
    world.forget_calls()

    done = apply_preview(world.connection, plan)

    assert done.skipped == []
    made = {side.value: calls for side, calls in world.calls().items()}
    # Reading first takes one list there; here a search, the archived ones, and a read of what search hinted at.
    assert made == {"propstreet": plan.calls["propstreet"] + 1, "crm": plan.calls["crm"] + 3}
    assert done.summary.applied["crm"] == Applied(create=1, update=2, delete=1)
    assert done.summary.applied["propstreet"] == Applied(create=1, update=2)
    assert done.summary.outcome is RunOutcome.OK


def test_a_plan_of_one_edit_needs_the_calls_that_it_makes() -> None:
    """P8: an edit for Propstreet is one PATCH; one for HubSpot is a read, a write and a look at what slipped."""
    world = make_world()
    id = world.propstreet.add_project(name="One", exclusivity="exclusive")
    world.run(Mode.BACKFILL)
    world.later(400)
    world.hubspot.person.edit_deal(deal_of(world, id), propstreet_exclusivity="other")
    world.later(60)
    to_propstreet = preview(world.connection)
    apply_preview(world.connection, to_propstreet)
    world.later(400)
    world.propstreet.edit_project(id, name="Two")
    to_crm = preview(world.connection)

    assert to_propstreet.calls["propstreet"] == 1
    assert to_crm.calls == {"propstreet": 0, "crm": 3}


def test_after_apply_a_pass_writes_nothing(world: World) -> None:
    """P4: a plan that was carried out leaves nothing to do."""
    apply_preview(world.connection, preview(world.connection))
    before = written(world)
    world.later(400)

    world.run()

    assert written(world) == before
    assert preview(world.connection).records == []


def test_apply_skips_what_moved_and_says_so(world: World) -> None:
    """P2: a record edited between plan and apply is not written; the others are."""
    plan = preview(world.connection)
    both = next(project for project in world.propstreet.live_projects() if project["name"] == "Both")
    world.propstreet.edit_project(both["id"], price=sek(120))
    world.later(60)

    done = apply_preview(world.connection, plan)

    assert [(one.record.title, one.reason) for one in done.skipped] == [
        ("Both", "it has moved since the plan was made")
    ]
    assert world.hubspot.person.deal(deal_of(world, both["id"]))["amount"] == "100"
    assert len(world.hubspot.person.live_deals()) == 4


def test_apply_does_nothing_that_was_not_in_the_plan(world: World) -> None:
    """P7: what people did after the plan waits for the next one."""
    plan = preview(world.connection)
    quiet = next(project for project in world.propstreet.live_projects() if project["name"] == "Quiet")
    world.propstreet.edit_project(quiet["id"], price=sek(500))
    world.propstreet.add_project(name="Late")
    world.later(60)

    done = apply_preview(world.connection, plan)

    assert done.skipped == []
    assert world.hubspot.person.deal(deal_of(world, quiet["id"]))["amount"] == "100"
    assert "Late" not in {deal["dealname"] for deal in world.hubspot.person.live_deals().values()}
    world.later(60)
    world.run()
    assert world.hubspot.person.deal(deal_of(world, quiet["id"]))["amount"] == "500"


def test_apply_twice_says_that_there_is_nothing_left(world: World) -> None:
    """P3: the same plan applied again creates and writes nothing."""
    plan = preview(world.connection)
    apply_preview(world.connection, plan)
    before = written(world)

    again = apply_preview(world.connection, plan)

    assert written(world) == before
    assert len(again.skipped) == len(plan.records)
    assert all(one.reason for one in again.skipped)


def test_conflicts_and_holds_are_in_the_plan() -> None:
    """P10, P2: what a person must decide is part of the plan, and applying it writes none of it."""
    world = make_world()
    id = world.propstreet.add_project(name="One", price=sek(100), exclusivity="exclusive")
    world.run(Mode.BACKFILL)
    world.later(400)
    deal = deal_of(world, id)
    world.propstreet.edit_project(id, price=sek(110))
    world.hubspot.person.edit_deal(deal, amount="120", dealname="")
    world.later(60)

    plan = preview(world.connection)
    done = apply_preview(world.connection, plan)

    (record,) = plan.records
    assert record.conflicts == ("price: both changed: policy holds it for a person",)
    assert [op.field for op in record.ops if isinstance(op, Hold)] == ["name"]
    assert world.hubspot.person.deal(deal)["amount"] == "120"
    assert world.propstreet.project(id)["price"]["value"] == 110
    assert done.summary.applied["crm"].update <= 1


def test_an_approved_plan_passes_the_guards() -> None:
    """P5: a person has seen the whole plan, so no guard looks at it again."""
    world = make_world()
    for number in range(60):
        world.propstreet.add_project(name=f"House {number}")
    world.run(Mode.BACKFILL)
    world.later(400)
    for project in world.propstreet.live_projects()[:30]:
        world.propstreet.delete_project(project["id"])
    world.later(60)

    done = apply_preview(world.connection, preview(world.connection))

    assert done.summary.applied["crm"] == Applied(delete=30)
