"""An investor is added in two steps where a system can't take the stage at once: what falls between is not lost."""

from __future__ import annotations

import pytest

from syncd.engine.report import Mode
from syncd.testing.sandbox.wire import Fault, FaultKind

from .investors import Office, investor_table
from .office import disputed, once_before
from .world import CRMS


@pytest.fixture(params=CRMS)
def office(request: pytest.FixtureRequest) -> Office:
    """With a mapping in which nothing that two people decided is ever settled by itself."""
    table = investor_table(request.param)
    table["prospect"]["fields"]["classification"] |= {"on_conflict": "hold", "on_first_meeting": "hold"}
    return Office(request.param, table=table)


def put_on(office: Office) -> tuple[str, str, str]:
    """Somebody of the CRM is put on the deal, interested; project, deal and contact there."""
    [project] = office.load(1)
    deal, there = office.deal(project), office.crm_contact()
    office.put_on(deal, there, "interested")
    return project, deal, there


@pytest.mark.parametrize("kind", [FaultKind.STATUS, FaultKind.TIMEOUT_AFTER, FaultKind.REFUSED])
def test_a_stage_that_did_not_get_there_gets_there_later(office: Office, kind: FaultKind) -> None:
    """P1: the prospect is new and not_contacted, which nobody chose; so the stage of the deal is an edit on its way."""
    project, deal, there = put_on(office)
    office.world.left.plan(Fault(kind=kind, method="PATCH", path="prospects/"))

    office.settle()

    assert list(office.prospects(project).values()) == ["interested"]
    assert office.on_deal(deal) == {there: "interested"}
    assert disputed(office.world) == []


def test_a_broker_who_is_faster_than_the_stage_is_asked(office: Office) -> None:
    """P2: both chose a stage, so a person decides; nothing is written over."""
    project, deal, there = put_on(office)
    once_before(office.world.left, "PATCH", "", lambda: _restage(office, project, "bidder"))

    _passes(office)

    assert list(office.prospects(project).values()) == ["bidder"]
    assert office.on_deal(deal) == {there: "interested"}
    assert [conflict.field for conflict in disputed(office.world)] == ["classification"]


def test_whoever_was_added_meanwhile_keeps_the_stage(office: Office) -> None:
    """P2: what a create finds there is no outcome of it; the two meet for the first time."""
    project, deal, there = put_on(office)

    def add() -> None:
        contact = office.propstreet.live_contacts()[0]["id"]
        office.propstreet.add_prospect(project, contact=contact)
        _restage(office, project, "bidder")

    once_before(office.world.left, "POST", "prospects:batch", add)

    _passes(office)

    assert list(office.prospects(project).values()) == ["bidder"]
    assert office.on_deal(deal) == {there: "interested"}
    assert [conflict.field for conflict in disputed(office.world)] == ["classification"]


def _restage(office: Office, project: str, stage: str) -> None:
    [prospect] = office.propstreet.live_prospects(project)
    office.propstreet.edit_prospect(prospect["id"], classification=stage)


def _passes(office: Office) -> None:
    """Until the conflict is all that is left."""
    for mode in (Mode.DELTA, Mode.DELTA, Mode.DELTA):
        office.world.later(4000)
        office.world.run(mode)
