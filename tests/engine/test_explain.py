"""P10: for any record why it is, or is not, in sync, and what to do next; and what is said to do next works."""

from __future__ import annotations

import re
import shlex
from collections.abc import Callable

import pytest

from syncd.core.model import Side
from syncd.engine.explain import Explanation, explain
from syncd.engine.persons import drop_held, resolve, retry_held
from syncd.engine.report import Mode
from syncd.engine.status import status
from syncd.store import conflicts, outbox
from syncd.testing.sandbox.wire import Fault, FaultKind

from .world import World, make_world


@pytest.fixture
def world() -> World:
    """One project and its deal, settled."""
    world = make_world()
    price = {"value": 100, "currency": "SEK", "scale": "none"}
    world.propstreet.add_project(name="House", price=price, exclusivity="exclusive")
    world.run(Mode.BACKFILL)
    world.later(400)
    return world


def project_of(world: World) -> str:
    return str(world.propstreet.live_projects()[0]["id"])


def deal_of(world: World) -> str:
    return next(iter(world.hubspot.person.live_deals()))


def said(world: World, id: str) -> Explanation:
    (found,) = explain(world.connection, id)
    return found


def obey(world: World, step: str, *, take: Side = Side.PROPSTREET) -> None:
    """Type the command that `next` names, as it stands there, and then a delta."""
    (command,) = re.findall(r"syncd [a-z].*", step)
    match shlex.split(command)[1:]:
        case ["delta", *_]:
            pass
        case ["conflicts", "resolve", id, "--take", "propstreet|crm"]:
            resolve(world.connection, int(id), take=take)
        case ["held", "retry", "--guard", guard]:
            retry_held(world.connection, guard=guard)
        case ["held", "retry", id]:
            assert retry_held(world.connection, [int(id)]) == 1
        case ["held", "drop", id]:
            assert drop_held(world.connection, [int(id)]) == 1
        case words:
            raise AssertionError(f"nobody can type {words}")
    world.later(400)
    world.run()


def test_in_sync_on_either_id(world: World) -> None:
    """P10: a project and its deal are one answer, whichever id is asked for."""
    by_project, by_deal = said(world, project_of(world)), said(world, deal_of(world))

    assert (by_project.state, by_project.why, by_project.next) == ("bound", "in sync", "nothing to do")
    assert (by_deal.propstreet_id, by_deal.crm_id) == (project_of(world), deal_of(world))
    assert {view.verdict for view in by_project.fields if view.propstreet is not None} == {"in sync"}
    assert [op.verb for op in by_project.history] == ["update", "create"]


def test_never_seen(world: World) -> None:
    """P10: an id that syncd never met is no answer, rather than a wrong one."""
    assert explain(world.connection, "no-such-id") == []


def test_a_conflict_names_the_field_and_the_command(world: World) -> None:
    """P10, P2: both values, the reason, and the command that decides it."""
    _edit_both(world)

    explanation = said(world, deal_of(world))

    assert explanation.why == "a person must decide: price"
    assert explanation.next == f"syncd conflicts resolve {explanation.conflicts[0].id} --take propstreet|crm"
    (conflict,) = explanation.conflicts
    assert (conflict.propstreet, conflict.crm) == ("110 SEK", "120 SEK")
    assert "policy holds it" in conflict.reason
    obey(world, explanation.next)
    assert said(world, deal_of(world)).why == "in sync"
    assert world.hubspot.person.deal(deal_of(world))["amount"] == "110"


def test_a_decision_that_waits_for_the_next_pass(world: World) -> None:
    """P10: decided and not yet written is neither in dispute nor in sync."""
    _edit_both(world)
    resolve(world.connection, said(world, project_of(world)).conflicts[0].id, take=Side.CRM)

    explanation = said(world, project_of(world))

    assert explanation.why == "decided and not carried out yet: price"
    obey(world, explanation.next)
    assert said(world, project_of(world)).why == "in sync"


def test_delete_against_edit(world: World) -> None:
    """P10: the whole record is in dispute, and taking a side settles it."""
    world.propstreet.delete_project(project_of(world))
    world.hubspot.person.edit_deal(deal_of(world), dealname="Still here")
    world.later()
    world.run()

    explanation = said(world, deal_of(world))

    assert explanation.why == "a person must decide: the whole record"
    obey(world, explanation.next, take=Side.CRM)
    assert said(world, deal_of(world)).why == "in sync"
    assert [project["name"] for project in world.propstreet.live_projects()] == ["Still here"]


def test_held_for_an_unknown_value(world: World) -> None:
    """P10: which field, why, and what to do; once the value is changed, the record is in sync."""
    world.propstreet.edit_project(project_of(world), exclusivity="semi_exclusive")
    world.run()

    explanation = said(world, project_of(world))

    assert explanation.why == "held: is a value that the mapping does not list"
    assert [op.fields for op in explanation.open] == [("exclusivity",)]
    world.propstreet.edit_project(project_of(world), exclusivity="other")
    obey(world, explanation.next)
    assert said(world, project_of(world)).why == "in sync"


def test_held_after_a_refusal(world: World) -> None:
    """P10: what Propstreet refused is told in its own words, and tried again by the command that is named."""
    world.left.plan(Fault(kind=FaultKind.STATUS, status=400, method="PATCH", times=-1))
    world.hubspot.person.edit_deal(deal_of(world), dealname="House 1")
    world.later()
    world.run()

    explanation = said(world, project_of(world))

    assert explanation.why.startswith("held: propstreet refuses project")
    world.left.behave()
    obey(world, explanation.next)
    assert said(world, project_of(world)).why == "in sync"


def test_parked_by_a_guard() -> None:
    """P10, P5: a record of a parked set says so, with the command for the set."""
    world = make_world()
    for number in range(60):
        world.propstreet.add_project(name=f"House {number}")
    world.run(Mode.BACKFILL)
    world.later(400)
    for project in world.propstreet.live_projects()[:30]:
        world.propstreet.delete_project(project["id"])
    world.run()
    deal = deal_of(world)

    explanation = said(world, deal)

    assert explanation.why == "held: 30 deletes in crm at once, with 60 records paired"
    retry, drop = explanation.next.split("; if not: ")
    assert drop == 'syncd held drop --guard "deletes in crm"'
    obey(world, retry)
    assert len(world.hubspot.person.live_deals()) == 30
    assert said(world, deal).state == "ended"


def test_writes_on_their_way(world: World) -> None:
    """P10: what waits to be tried again says that it does."""
    world.left.plan(Fault(kind=FaultKind.STATUS, status=429, headers={"retry-after": "900"}, method="PATCH"))
    world.hubspot.person.edit_deal(deal_of(world), dealname="House 1")
    world.later()
    world.run()

    explanation = said(world, project_of(world))

    assert explanation.why == "1 writes are on their way"
    world.later(900)
    obey(world, explanation.next)
    assert said(world, project_of(world)).why == "in sync"


def test_changed_and_not_looked_at() -> None:
    """P10: a record that was read and not yet decided about names the pass that will."""
    world = make_world()
    id = world.propstreet.add_project(name="House")
    world.right.plan(Fault(kind=FaultKind.STATUS, status=400, path="/objects/deals$", times=-1))
    with pytest.raises(Exception, match="hubspot"):
        world.run(Mode.BACKFILL)

    explanation = said(world, id)

    assert (explanation.state, explanation.why) == ("not paired", "it has no counterpart")
    world.right.behave()
    obey(world, explanation.next)
    assert said(world, id).why == "in sync"


def test_out_of_scope_and_nothing_to_do() -> None:
    """P10, P7: a deal of another pipeline is none of ours, and the answer says why."""
    world = make_world()
    world.hubspot.person.add_pipeline("rentals", {"rentals_open": "0.5"})
    id = world.hubspot.person.add_deal(dealname="Loft", pipeline="rentals", dealstage="rentals_open")
    world.later()
    world.run(Mode.BACKFILL)

    explanation = said(world, id)

    assert (explanation.state, explanation.next) == ("not paired", "nothing to do")
    assert explanation.why == "it is outside the mapping's scope"


def test_a_pair_that_is_over(world: World) -> None:
    """P10: a pair that ended says what ended it."""
    world.propstreet.delete_project(project_of(world))
    deal = deal_of(world)
    world.run()

    explanation = said(world, deal)

    assert (explanation.state, explanation.next) == ("ended", "nothing to do")
    assert explanation.why.startswith("over: ")


def test_an_id_that_was_merged_away(world: World) -> None:
    """P10: asked for by the id it had before a merge, a deal is still found."""
    old = deal_of(world)
    other = world.hubspot.person.add_deal(dealname="Other", pipeline="default")
    world.later()
    survivor = world.hubspot.person.merge_deals(old, other)
    world.later()
    world.run()

    assert said(world, old).crm_id == survivor


@pytest.mark.parametrize("answer", ["deleted too", "dropped"])
def test_the_losing_pair_of_a_merge(world: World, answer: str) -> None:
    """P10, P3: the project whose deal was merged into another pair's is held until a person says what becomes of it."""
    second = world.propstreet.add_project(name="Second")
    world.run()
    world.later(400)
    deals = {deal["propstreet_id"]: id for id, deal in world.hubspot.person.live_deals().items()}
    world.hubspot.person.merge_deals(deals[project_of(world)], deals[second])
    world.later()
    world.run()

    explanation = said(world, second)
    if answer == "dropped":
        drop_held(world.connection, [explanation.open[0].id])
        world.run()
    else:
        world.propstreet.delete_project(second)
        obey(world, explanation.next)

    assert explanation.state == "merged"
    assert "was merged into" in explanation.why
    assert said(world, second).open == []
    assert len(world.hubspot.person.live_deals()) == 1


def test_a_one_way_field_that_was_edited_on_the_wrong_side(world: World) -> None:
    """P10: drift is shown field by field; nothing is written, and nobody wonders why."""
    world.hubspot.person.edit_deal(deal_of(world), propstreet_classification="inactive")
    world.later()
    world.run()

    (view,) = (view for view in said(world, deal_of(world)).fields if view.field == "classification")

    assert view.verdict == "drift"
    assert (view.propstreet, view.crm) == ("draft", "inactive")


@pytest.mark.parametrize("act", ["quiet", "edited", "conflict", "held", "deleted", "new"])
def test_status_counts_what_there_is(world: World, act: str) -> None:
    """P10: the counts of status are those of the lists behind it."""
    acts: dict[str, Callable[[], object]] = {
        "quiet": lambda: None,
        "edited": lambda: world.propstreet.edit_project(project_of(world), name="House 1"),
        "conflict": lambda: _edit_both(world),
        "held": lambda: world.propstreet.edit_project(project_of(world), exclusivity="semi_exclusive"),
        "deleted": lambda: world.propstreet.delete_project(project_of(world)),
        "new": lambda: world.propstreet.add_project(name="New"),
    }
    acts[act]()
    world.later()
    summary = world.run()

    now = status(world.connection)

    with world.store.read() as tx:
        assert now.held == len(outbox.held(tx, "test")) == summary.held == (act == "held")
        assert now.conflicts == len(conflicts.list_open(tx, "test")) == summary.conflicts == (act == "conflict")
    assert (now.paired, now.ended) == {"deleted": (0, 1), "new": (2, 0)}.get(act, (1, 0))
    assert (now.pending, now.unconfirmed, now.working) == (0, 0, None)
    assert now.last is not None
    assert now.last.outcome == summary.outcome.value
    assert now.lag_s is not None
    assert now.lag_s < 60


def test_status_before_anything_happened() -> None:
    """P10: a connection that never ran says so."""
    now = status(make_world().connection)

    assert (now.paired, now.pending, now.lag_s, now.last) == (0, 0, None, None)


def _edit_both(world: World) -> None:
    price = {"value": 110, "currency": "SEK", "scale": "none"}
    world.propstreet.edit_project(project_of(world), price=price)
    world.hubspot.person.edit_deal(deal_of(world), amount="120")
    world.later()
    world.run()
