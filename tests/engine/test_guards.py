"""P5: a revoked scope, an empty page or a broken filter never turns into mass deletes, clears or creates."""

from __future__ import annotations

import msgspec
import pytest

from syncd.core.model import LEFT, RIGHT, Side
from syncd.engine.persons import drop_held, retry_held
from syncd.engine.report import Applied, Mode, RunOutcome, Summary
from syncd.errors import ConfigError, Forbidden, RemoteError
from syncd.store import outbox
from syncd.store.outbox import Entry
from syncd.testing.sandbox.hubspot.switches import App
from syncd.testing.sandbox.wire import Fault, FaultKind

from .world import World, make_world

DELETES = "deletes in crm"


def office(projects: int) -> World:
    """That many projects, each with its deal, settled."""
    world = make_world()
    for number in range(projects):
        world.propstreet.add_project(
            name=f"House {number}",
            price={"value": number + 1, "currency": "SEK", "scale": "millions"},
            exclusivity="exclusive",
        )
    world.run(Mode.BACKFILL)
    world.later(400)
    world.forget_calls()
    return world


def projects(world: World) -> list[str]:
    return [project["id"] for project in world.propstreet.live_projects()]


def held(world: World, guard: str | None = None) -> list[Entry]:
    with world.store.read() as tx:
        return outbox.held(tx, "test", guard=guard)


def written(world: World) -> int:
    return len(world.propstreet.journal) + len(world.hubspot.journal)


def applied(summary: Summary, side: Side) -> Applied:
    return summary.applied[side.value]


def test_a_mass_delete_is_parked_as_a_set_and_the_rest_goes_on() -> None:
    """P5: 30 of 200 projects deleted at once: no deal is archived, an edit beside it still arrives."""
    world = office(200)
    ids = projects(world)
    for id in ids[:30]:
        world.propstreet.delete_project(id)
    world.propstreet.edit_project(ids[100], name="Edited")

    summary = world.run()

    assert applied(summary, RIGHT) == Applied(update=1)
    assert summary.outcome is RunOutcome.ATTENTION
    assert summary.held == len(held(world, DELETES)) == 30
    assert len(world.hubspot.person.live_deals()) == 200
    entry = held(world)[0]
    assert entry.reason == "30 deletes in crm at once, with 200 records paired"
    assert f'syncd held retry --guard "{DELETES}"' in (entry.remedy or "")


def test_a_parked_set_goes_out_once_a_person_approves() -> None:
    """P5, P1: `held retry --guard` lets the whole set through; no guard looks at it again."""
    world = office(60)
    for id in projects(world)[:30]:
        world.propstreet.delete_project(id)
    world.run()

    assert retry_held(world.connection, guard=DELETES) == 30
    summary = world.run()

    assert applied(summary, RIGHT) == Applied(delete=30)
    assert summary.outcome is RunOutcome.OK
    assert len(world.hubspot.person.live_deals()) == 30


def test_a_parked_set_is_dropped() -> None:
    """P5: `held drop --guard` forgets what was meant; the deals stay, and the next pass is quiet."""
    world = office(60)
    for id in projects(world)[:30]:
        world.propstreet.delete_project(id)
    world.run()

    assert drop_held(world.connection, guard=DELETES) == 30
    world.later(400)
    summary = world.run()

    assert applied(summary, RIGHT) == Applied()
    assert summary.outcome is RunOutcome.OK
    assert len(world.hubspot.person.live_deals()) == 60
    with pytest.raises(ConfigError, match="nothing is held by the guard"):
        drop_held(world.connection, guard=DELETES)


def test_what_follows_a_parked_set_joins_it() -> None:
    """P5: an accident that goes on in small steps is one accident: what is parked counts with what comes after."""
    world = office(60)
    ids = projects(world)
    for id in ids[:30]:
        world.propstreet.delete_project(id)
    world.run()
    for id in ids[30:36]:
        world.propstreet.delete_project(id)
    world.later(400)

    world.run()

    assert len(held(world, DELETES)) == 36
    assert len(world.hubspot.person.live_deals()) == 60


def test_a_parked_op_that_is_planned_afresh_stays_parked() -> None:
    """P5: an edit that changes what a delete would remove does not smuggle the delete past the guard."""
    world = office(60)
    for id in projects(world)[:30]:
        world.propstreet.delete_project(id)
    world.run()
    world.hubspot.person.edit_deal(held(world)[0].record or "", propstreet_classification="inactive")
    world.later(400)

    world.run()

    assert len(held(world, DELETES)) == 30
    assert len(world.hubspot.person.live_deals()) == 60


def test_ordinary_deletes_pass() -> None:
    """P1: a handful of deletes on an ordinary day is no accident."""
    world = office(60)
    for id in projects(world)[:10]:
        world.propstreet.delete_project(id)

    assert applied(world.run(), RIGHT) == Applied(delete=10)


def test_many_clears_are_parked() -> None:
    """P5: a field emptied in 30 of 60 projects is parked; the names edited in the others go on."""
    world = office(60)
    ids = projects(world)
    for id in ids[:30]:
        world.propstreet.edit_project(id, price=None)
    world.propstreet.edit_project(ids[50], name="Edited")

    summary = world.run()

    assert applied(summary, RIGHT) == Applied(update=1)
    assert len(held(world, "clears in crm")) == 30
    assert all(deal["amount"] for deal in world.hubspot.person.live_deals().values())


def test_the_same_field_edited_everywhere_is_parked() -> None:
    """P5: one field rewritten in 55 of 60 deals at once is parked, on this side, too."""
    world = office(60)
    deals = sorted(world.hubspot.person.live_deals())
    world.hubspot.person.bulk_edit(deals[:55], propstreet_exclusivity="other")
    world.later(60)

    summary = world.run()

    assert applied(summary, LEFT) == Applied()
    assert len(held(world, "same_field exclusivity in propstreet")) == 55
    assert {project["exclusivity"] for project in world.propstreet.live_projects()} == {"exclusive"}

    retry_held(world.connection, guard="same_field exclusivity in propstreet")
    assert applied(world.run(), LEFT) == Applied(update=55)


def test_a_first_load_creates_as_many_as_there_are() -> None:
    """P5: a first load is not guarded: creating is what was asked for."""
    world = make_world()
    for number in range(120):
        world.propstreet.add_project(name=f"House {number}")

    assert applied(world.run(Mode.BACKFILL), RIGHT) == Applied(create=120)


def test_a_first_load_that_was_cut_off_goes_on_unguarded() -> None:
    """P5, P6: what a cut-off first load had left to create is still part of it."""
    world = make_world()
    for number in range(120):
        world.propstreet.add_project(name=f"House {number}")
    world.right.plan(Fault(kind=FaultKind.STATUS, status=401, method="POST", path="/batch/upsert", skip=0))
    with pytest.raises(RemoteError):
        world.run(Mode.BACKFILL)
    world.right.behave()
    world.later(60)

    world.run(Mode.BACKFILL)

    assert held(world) == []
    assert len(world.hubspot.person.live_deals()) == 120


def test_many_creates_in_a_delta_are_parked() -> None:
    """P5: a filter that breaks later, and shows 60 records to a pair population of 60, creates nothing."""
    world = office(60)
    for number in range(60):
        world.propstreet.add_project(name=f"Stray {number}")

    summary = world.run()

    assert applied(summary, RIGHT) == Applied()
    assert len(held(world, "creates in crm")) == 60
    assert len(world.hubspot.person.live_deals()) == 60


@pytest.mark.parametrize("mode", [Mode.DELTA, Mode.BACKFILL])
def test_a_revoked_scope_in_hubspot_deletes_nothing(mode: Mode) -> None:
    """P5: without the right to read deals the pass stops; when it is back, nothing has to be repaired."""
    world = office(20)
    before = written(world)
    world.hubspot.switch(apps={"pat-sandbox": App(scopes=frozenset())})

    with pytest.raises(Forbidden):
        world.run(mode)
    world.hubspot.switch(apps=None)
    world.later(400)
    summary = world.run(mode)

    assert summary.outcome is RunOutcome.OK
    assert written(world) == before
    assert len(projects(world)) == len(world.hubspot.person.live_deals()) == 20


@pytest.mark.parametrize(
    ("side", "path", "body"),
    [
        (LEFT, "/projects$", b'{"data":[],"page":{"hasMore":false}}'),
        (RIGHT, "/objects/deals$", b'{"results":[]}'),
        (RIGHT, "/search$", b'{"total":0,"results":[]}'),
    ],
)
@pytest.mark.parametrize("mode", [Mode.DELTA, Mode.BACKFILL])
def test_empty_pages_delete_nothing(side: Side, path: str, body: bytes, mode: Mode) -> None:
    """P5: absence is a suspicion, never evidence: lists that come back empty change nothing (hubspot.md, trap 41)."""
    world = office(20)
    before = written(world)
    line = world.left if side is LEFT else world.right
    headers = {"content-type": "application/json", "date": "Mon, 21 Sep 2026 15:00:00 GMT"}
    line.plan(Fault(kind=FaultKind.STATUS, status=200, path=path, headers=headers, body=body, times=-1))

    world.run(mode)
    line.behave()
    world.later(400)
    world.run(Mode.BACKFILL)

    assert written(world) == before
    assert len(projects(world)) == len(world.hubspot.person.live_deals()) == 20


def test_a_search_that_forgets_its_filter_writes_nothing() -> None:
    """P5: a feed that shows everything as changed costs reads, and not one write."""
    world = office(20)
    before = written(world)
    world.later(100_000)
    everything = msgspec.json.encode(
        {
            "total": 20,
            "results": [
                {"id": id, "properties": {"hs_lastmodifieddate": "2026-09-30T00:00:00Z"}, "archived": False}
                for id in sorted(world.hubspot.person.live_deals(), key=int)
            ],
        }
    )
    headers = {"content-type": "application/json", "date": "Mon, 21 Sep 2026 15:00:00 GMT"}
    world.right.plan(Fault(kind=FaultKind.STATUS, status=200, path="/search$", headers=headers, body=everything))

    world.run()

    assert written(world) == before


def test_projects_that_all_answer_404_are_not_gone() -> None:
    """P5, P1: a tenant that hides its projects from us answers 404 one by one; when it shows them, edits arrive."""
    world = office(60)
    for number, id in enumerate(sorted(world.hubspot.person.live_deals())[:40]):
        world.hubspot.person.edit_deal(id, amount=str(1000 + number))
    world.later(60)
    world.left.plan(Fault(kind=FaultKind.STATUS, status=404, path=r"/projects/\d+$", times=-1))

    hidden = world.run()
    world.left.behave()
    world.later(400)
    shown = world.run(Mode.BACKFILL)

    assert (hidden.outcome, hidden.conflicts, hidden.held) == (RunOutcome.INCOMPLETE, 0, 0)
    assert len(world.hubspot.person.live_deals()) == 60
    assert (shown.outcome, applied(shown, LEFT).update) == (RunOutcome.OK, 40)
