"""A person edits or clears in the moment between our read and our write, where a system has no conditional write.

What they wrote beside our fields travels on; what our write replaced is kept until they decide (P1, P2).
"""

from __future__ import annotations

import pytest
from msgspec import structs

from syncd.core.model import Side
from syncd.engine.persons import resolve
from syncd.engine.report import Mode, RunOutcome
from syncd.testing.sandbox.propstreet import Switches
from syncd.testing.sandbox.wire import Fault, FaultKind

from .office import deal_of, disputed, held, office, once_before, projects, sek
from .world import World, make_world

LOST = "Of a broker"


@pytest.fixture
def world() -> World:
    return office()


def project_of(world: World) -> str:
    return projects(world)[0]


def deal(world: World) -> str:
    return deal_of(world, project_of(world))


def slip(world: World, **props: str) -> None:
    """The project is renamed; in the moment that its deal is written, a person edits the deal. One pass."""
    at = deal(world)
    world.propstreet.edit_project(project_of(world), name="Ours")
    world.later()
    once_before(world.right, "POST", "/batch/update", lambda: _edit_deal(world, at, **props))
    world.run()


def _edit_deal(world: World, at: str, **props: str) -> None:
    """Not in the same millisecond as a write of ours: HubSpot's stamps are that coarse."""
    world.later(0.5)
    world.hubspot.person.edit_deal(at, **props)
    world.later(0.5)


def names(world: World) -> tuple[str, str]:
    """What the two sides show as the name."""
    return world.propstreet.project(project_of(world))["name"], world.hubspot.person.deal(deal(world))["dealname"] or ""


def values(world: World) -> list[tuple[object, object]]:
    """Both values of every conflict on the name."""
    return [(one.left, one.right) for one in disputed(world) if one.field == "name"]


def test_an_edit_of_a_field_that_the_answer_does_not_show_travels(world: World) -> None:
    """P1: HubSpot answers an update with some properties only; what changed among the others is read again."""
    slip(world, propstreet_exclusivity="other")
    world.settle()

    assert world.hubspot.person.deal(deal(world))["propstreet_exclusivity"] == "other"
    assert world.propstreet.project(project_of(world))["exclusivity"] == "other"
    assert names(world) == ("Ours", "Ours")
    assert disputed(world) == []


def test_an_edit_of_a_field_that_was_empty_travels() -> None:
    """P1: the same where our read showed nothing that the answer could have left out."""
    world = make_world()
    world.propstreet.add_project(name="House")
    world.run(Mode.BACKFILL)
    world.settle()

    slip(world, propstreet_exclusivity="other", amount="777", deal_currency_code="SEK")
    world.settle()

    assert world.propstreet.project(project_of(world))["exclusivity"] == "other"
    assert world.propstreet.project(project_of(world))["price"] == sek(777)


def test_a_value_that_can_not_be_read_is_held() -> None:
    """P1: what was typed in that moment may be nothing that the mapping knows: then it is held, as at any time."""
    world = make_world()
    world.propstreet.add_project(name="House")
    world.run(Mode.BACKFILL)
    world.settle()

    slip(world, amount="777")
    world.settle()

    assert [entry.reason for entry in held(world)] == ["is an amount without a currency"]


UPDATE = Fault(kind=FaultKind.STATUS, method="POST", path="/batch/update$")
REFUSED, SLOWED = (structs.replace(UPDATE, status=status) for status in (403, 429))


@pytest.mark.parametrize("fault", [None, REFUSED, SLOWED], ids=["written", "refused", "slowed"])
def test_an_edit_just_before_the_verifying_read_travels(world: World, fault: Fault | None) -> None:
    """P1: the feed was read before it, and the read before our write has it: no feed tells of it any more, so that
    read must. It does not matter what becomes of our own write."""
    at = deal(world)
    world.propstreet.edit_project(project_of(world), name="Ours")
    world.later()
    once_before(world.right, "POST", "/batch/read", lambda: _edit_deal(world, at, propstreet_exclusivity="other"))
    if fault is not None:
        world.right.plan(fault)
    world.run()
    world.settle()

    assert world.propstreet.project(project_of(world))["exclusivity"] == "other"


@pytest.mark.parametrize(("prop", "field"), [("propstreet_exclusivity", "exclusivity"), ("amount", "price")])
def test_a_field_that_was_cleared_is_cleared_there_too(world: World, prop: str, field: str) -> None:
    """P1: an answer leaves out what is empty, so silence about a field that had a value is no "as it was"."""
    slip(world, **{prop: ""})
    world.settle()

    assert not world.hubspot.person.deal(deal(world)).get(prop)
    assert world.propstreet.project(project_of(world)).get(field) is None
    assert names(world) == ("Ours", "Ours")


@pytest.mark.parametrize("mode", [Mode.DELTA, Mode.BACKFILL])
def test_later_looks_at_the_record_keep_the_lost_value(world: World, mode: Mode) -> None:
    """P2: an edit of another field has the record planned again; what the conflict is about stays what was lost."""
    slip(world, dealname=LOST)
    world.propstreet.edit_project(project_of(world), price=sek(555))
    world.later(400)

    summary = world.run(mode)

    assert values(world) == [("Ours", LOST)]
    assert summary.outcome is RunOutcome.ATTENTION
    assert world.hubspot.person.deal(deal(world))["amount"] == "555", "the neighbours of the disputed field go on"


@pytest.mark.parametrize(
    ("take", "value", "wanted"), [(Side.CRM, None, LOST), (Side.PROPSTREET, None, "Ours"), (None, "Third", "Third")]
)
def test_the_lost_value_can_be_brought_back_after_later_looks(
    world: World, take: Side | None, value: str | None, wanted: str
) -> None:
    """P2: the person's decision reaches both sides, whatever they show by now, and closes the conflict."""
    slip(world, dealname=LOST)
    world.propstreet.edit_project(project_of(world), price=sek(555))
    world.later(400)
    world.run()

    resolve(world.connection, disputed(world)[0].id, take=take, value=value)
    world.later(400)
    world.run()

    assert names(world) == (wanted, wanted)
    assert disputed(world) == []
    world.settle()
    assert names(world) == (wanted, wanted)


def test_a_decision_falls_when_a_side_moved_before_it_was_carried_out(world: World) -> None:
    """P2: the person decided without knowing of the newer name: they are asked again, and what was lost is there."""
    slip(world, dealname=LOST)
    resolve(world.connection, disputed(world)[0].id, take=Side.CRM)
    world.propstreet.edit_project(project_of(world), name="Newer")
    world.later(400)
    world.run()

    assert values(world) == [("Ours", LOST)]
    assert names(world) == ("Newer", "Ours"), "nothing is written over while a person decides"

    resolve(world.connection, disputed(world)[0].id, take=Side.CRM)
    world.later(400)
    world.run()

    assert names(world) == (LOST, LOST)


def test_a_write_cut_off_beside_an_edit_stays_in_dispute(world: World) -> None:
    """P2: our write timed out and the deal shows a third name: whose it is nobody can tell, and later looks keep it."""
    world.right.plan(Fault(kind=FaultKind.TIMEOUT_BEFORE, method="POST", path="/batch/update$"))
    slip(world, dealname=LOST)
    world.propstreet.edit_project(project_of(world), price=sek(555))
    world.later(400)
    world.run()

    (conflict,) = disputed(world)
    assert (conflict.left, conflict.right) == ("Ours", LOST)
    assert conflict.standing
    assert names(world) == ("Ours", LOST)


@pytest.mark.parametrize("resolved", [False, True])
def test_a_stamp_that_is_foreign_for_a_while_loses_no_conflict(world: World, resolved: bool) -> None:
    """P2: while a record can't be judged, nothing is said about its conflicts: neither they nor decisions are lost."""
    world.propstreet.edit_project(project_of(world), price=sek(6))
    at = deal(world)
    world.hubspot.person.edit_deal(at, amount="5")
    world.later()
    world.run()
    (before,) = disputed(world)
    if resolved:
        resolve(world.connection, before.id, take=Side.CRM)
    world.later(5)

    world.hubspot.person.edit_deal(at, propstreet_id="another")
    world.later(400)
    world.run()
    assert len(held(world)) == 1
    world.hubspot.person.edit_deal(at, propstreet_id=project_of(world))
    world.later(400)
    world.run()

    assert [one.id for one in disputed(world)] == ([] if resolved else [before.id])
    assert world.propstreet.project(project_of(world))["price"] == sek(5 if resolved else 6)
    assert held(world) == []


@pytest.mark.parametrize("fails", [False, True], ids=["read", "read-fails-once"])
def test_a_confirming_read_that_fails_half_way_is_no_evidence(fails: bool) -> None:
    """P2, P4: Propstreet cut the name short and the answer was lost. A confirmation that is broken off by the other
    system must not leave the cut name in the mirror as if it had been there before: the next one would take it for
    a person's edit, and cut the deal's name too."""
    world = make_world(propstreet=Switches(rate_limit=None, pat_life_s=1e9, name_kept_max=6))
    long, other = world.propstreet.add_project(name="A"), world.propstreet.add_project(name="B")
    world.run(Mode.BACKFILL)
    world.settle()
    at = deal_of(world, long)
    world.hubspot.person.edit_deal(at, dealname="A name that is long")
    world.propstreet.edit_project(other, name="B 1")
    world.left.plan(Fault(kind=FaultKind.TIMEOUT_AFTER, method="PATCH", path="/projects/"))
    world.right.plan(Fault(kind=FaultKind.TIMEOUT_AFTER, method="POST", path="/batch/update$"))
    if fails:
        world.right.plan(Fault(kind=FaultKind.STATUS, status=503, method="POST", path="/batch/read$", times=20, skip=2))
    world.later(400)
    world.run()
    world.left.behave()
    world.right.behave()
    for _ in range(3):
        world.later(1000)
        world.run()

    assert world.hubspot.person.deal(at)["dealname"] == "A name that is long"
    assert [(one.left, one.right) for one in disputed(world)] == [("A name", "A name that is long")]
    assert world.hubspot.person.deal(deal_of(world, other))["dealname"] == "B 1"
