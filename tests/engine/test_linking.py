"""Links that can not, or must not, be made, and records that leave their kind: they change nothing else."""

from __future__ import annotations

import pytest

from syncd.core.model import Kind, Side
from syncd.engine.explain import explain
from syncd.engine.preview import apply_preview, preview
from syncd.engine.report import Mode, RunOutcome

from .register import Register
from .world import CRMS


@pytest.fixture(params=CRMS)
def office(request: pytest.FixtureRequest) -> Register:
    return Register(request.param)


def pairs(office: Register) -> set[tuple[Kind, str | None]]:
    kinds = (Kind.PROJECT, Kind.PROSPECT)
    return {(kind, binding.left_id) for kind in kinds for binding in office.bindings(kind)}


def test_an_investors_deal_among_the_projects_is_an_investors_still() -> None:
    """P3, P5: what is paired as one kind stays that, whichever pipeline it is moved to; it is held, and no project."""
    office = Register("hubspot", deals=True)
    project, _ = office.load()
    prospect = office.propstreet.add_prospect(project, contact=office.contact())
    office.settle()
    before = pairs(office)

    office.person.edit_deal(office.record(prospect), pipeline="default", dealstage="appointmentscheduled")
    office.settle()
    office.world.run(Mode.BACKFILL)
    summary = office.settle()

    assert pairs(office) == before
    assert (summary.held, summary.conflicts) == (1, 0)
    assert len(office.propstreet.live_projects()) == 2


def test_a_projects_deal_among_the_investors_is_a_projects_still() -> None:
    office = Register("hubspot", deals=True)
    project, _ = office.load()
    before = pairs(office)

    office.person.edit_deal(office.deal(project), pipeline="investors", dealstage="contacted")
    office.settle()
    office.propstreet.edit_project(project, name="Norra Kajen")

    assert office.settle().outcome is RunOutcome.OK
    assert pairs(office) == before
    assert office.person.deal(office.deal(project))["dealname"] == "Norra Kajen"


def test_nothing_is_said_in_propstreet_where_the_mapping_creates_nothing_there(office: Register) -> None:
    """P7: contact-person can't be taken back; like an addition, it is for a mapping that lets investors in."""
    office.world.table["prospect"]["create"] = "to_crm"
    office.world.restart()
    project, _ = office.load()
    company = office.propstreet.add_company(name="Ek Capital", domain="ek.example")
    contact = office.contact(lastName="Ek", email="eva@ek.example")
    office.propstreet.add_link(contact, company)
    prospect = office.propstreet.add_prospect(project, company=company)
    office.settle()

    office.link(office.record(prospect), contact=office.crm_contact("Anna", "Ek", "eva@ek.example"))
    office.world.run(Mode.BACKFILL)
    office.settle()

    assert [row.get("contactId") for row in office.propstreet.live_prospects(project)] == [None]


def test_a_link_that_cannot_be_made_stops_no_edit(office: Register) -> None:
    """P1: the pair of the person is over, and the deal's link is gone; the stage goes on."""
    office.world.table["contact"]["on_delete"] = "unbind"
    office.world.restart()
    project, _ = office.load()
    prospect = office.propstreet.add_prospect(project, contact=(contact := office.contact()))
    office.settle()
    there, deal = office.pair(Kind.CONTACT, contact), office.deal(project)
    office.person.delete_contact(there)
    office.settle()

    office.unlink(office.record(prospect), "project", deal)
    office.world.run(Mode.BACKFILL)
    office.propstreet.edit_prospect(prospect, classification="bidder")
    office.settle()

    assert office.stages() == ["bidder"]


def test_who_was_taken_off_and_is_back_goes_on_with_the_record(office: Register) -> None:
    """P1, P3: the pair was over, the record stayed (on_delete = "unbind"); it is the same investor."""
    office.world.table["prospect"]["on_delete"] = "unbind"
    office.world.restart()
    project, _ = office.load()
    contact = office.contact()
    first = office.propstreet.add_prospect(project, contact=contact)
    office.settle()
    office.propstreet.delete_prospect(first)
    office.settle()
    office.settle()

    second = office.propstreet.add_prospect(project, contact=contact)
    office.settle()
    office.propstreet.edit_prospect(second, classification="bidder")

    assert office.settle().outcome is RunOutcome.OK
    assert office.stages() == ["bidder"]


def test_a_plan_of_a_contact_lets_no_record_of_the_same_id_through() -> None:
    """P7: HubSpot's ids are unique within an object type only; what nobody reviewed waits."""
    office = Register("hubspot")
    project, _ = office.load()
    prospect = office.propstreet.add_prospect(project, contact=(contact := office.contact()))
    office.settle()
    assert office.record(prospect) == office.pair(Kind.CONTACT, contact)
    office.person.edit_contact(office.pair(Kind.CONTACT, contact), phone="+46701234567")
    office.world.later(400)
    reviewed = preview(office.world.connection)
    office.edit_record(office.record(prospect), "bidder")
    office.world.later(60)

    apply_preview(office.world.connection, reviewed)

    assert office.propstreet.contact(contact)["phone"] == "+46701234567"
    assert office.prospects(project) == {contact: "not_contacted"}
    assert office.settle().applied[Side.PROPSTREET.value].create == 0
    assert explain(office.world.connection, f"{project}/{prospect}")[0].why == "in sync"
