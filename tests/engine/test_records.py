"""Investors as records of their own in the CRM: stage, project and person, whoever made them, and never two of one."""

from __future__ import annotations

import pytest

from syncd.core.model import Kind
from syncd.engine.explain import explain
from syncd.engine.report import Mode, RunOutcome
from syncd.testing.sandbox.propstreet import Switches
from syncd.testing.sandbox.wire import Fault, FaultKind

from .register import Register
from .world import CRMS, Crm, emptied

FORMS = (*CRMS, "pipeline")


@pytest.fixture(params=FORMS)
def office(request: pytest.FixtureRequest) -> Register:
    """Records of a custom object in each CRM, and deals of a pipeline of their own."""
    return Register("hubspot", deals=True) if request.param == "pipeline" else Register(request.param)


def is_quiet(office: Register) -> bool:
    summary = office.settle()
    written = any(side.create or side.update or side.delete for side in summary.applied.values())
    return summary.outcome is RunOutcome.OK and not written


def why(office: Register, id: str) -> str:
    """What explain says of a prospect; records of other objects may have the same id."""
    (found,) = [one for one in explain(office.world.connection, id) if one.kind == "prospect"]
    return found.why


def test_a_prospect_becomes_a_record_on_its_deal_about_its_person(office: Register) -> None:
    project, _ = office.load()
    contact = office.contact()
    prospect = office.propstreet.add_prospect(project, contact=contact)
    office.propstreet.edit_prospect(prospect, classification="interested")

    office.settle()

    (id,) = office.records()
    assert office.stages() == ["interested"]
    assert office.links(id) == {"project": {office.deal(project)}, "contact": {office.pair(Kind.CONTACT, contact)}}
    assert office.record(prospect) == id
    assert is_quiet(office)


def test_a_first_load_brings_everybody(office: Register) -> None:
    contacts = [office.contact() for _ in range(4)]
    projects = office.projects(2)
    for project in projects:
        for contact in contacts:
            office.propstreet.add_prospect(project, contact=contact)

    summary = office.world.run(Mode.BACKFILL)

    assert summary.outcome is RunOutcome.OK
    assert len(office.records()) == 8
    assert all(len(office.links(id)["contact"]) == 1 for id in office.records())
    assert is_quiet(office)


def test_a_stage_moves_both_ways(office: Register) -> None:
    project, _ = office.load()
    prospect = office.propstreet.add_prospect(project, contact=(contact := office.contact()))
    office.settle()

    office.edit_record(office.record(prospect), "bidder")
    office.settle()
    assert office.prospects(project) == {contact: "bidder"}

    office.propstreet.edit_prospect(prospect, classification="not_interested")
    office.settle()
    assert office.stages() == ["not_interested"]
    assert is_quiet(office)


def test_a_record_that_a_person_made_becomes_a_prospect(office: Register) -> None:
    project, _ = office.load()
    there = office.crm_contact()
    id = office.add_record("interested", project=office.deal(project), contact=there)

    office.settle()

    ((contact, stage),) = office.prospects(project).items()
    assert (office.pair(Kind.CONTACT, contact), stage) == (there, "interested")
    assert list(office.records()) == [id]
    assert is_quiet(office)


def test_a_record_waits_until_somebody_links_it(office: Register) -> None:
    """hubspot trap 8: a link is no change of the record, and no feed shows it."""
    project, _ = office.load()
    id = office.add_record()
    office.settle()
    assert office.prospects(project) == {}
    assert "does not say which project" in why(office, id)

    office.link(id, project=office.deal(project))
    office.settle()
    assert "neither a contact nor a company" in why(office, id)

    office.link(id, contact=office.crm_contact())
    office.settle()
    assert list(office.prospects(project).values()) == ["contacted"]
    assert is_quiet(office)


def test_who_is_taken_away_on_one_side_goes_on_the_other(office: Register) -> None:
    project, _ = office.load()
    first, second = (office.propstreet.add_prospect(project, contact=office.contact()) for _ in range(2))
    office.settle()

    office.propstreet.remove_prospect(first)
    office.delete_record(office.record(second))
    office.settle()
    office.settle()

    assert office.prospects(project) == {}
    assert office.records() == {}


@pytest.mark.parametrize("crm", CRMS)
def test_an_investor_without_a_person_is_shown_by_name(crm: Crm) -> None:
    """propstreet trap 52: created as unresolved by display name, where the mapping says so; never dropped."""
    office = Register(crm, propstreet=Switches(rate_limit=None, pat_life_s=10**9, matched="neither"))
    project, _ = office.load()
    (prospect,) = office.propstreet.communicate(project, [{"firstName": "Eva", "lastName": "Ek"}])
    office.propstreet.accept_teaser(prospect)

    office.settle()

    (id,) = office.records()
    assert office.links(id) == {"project": {office.deal(project)}}
    assert any("Eva Ek" in str(value) for value in office.records()[id].values())
    assert is_quiet(office)


def test_contacts_that_are_merged_take_their_records_along(office: Register) -> None:
    """hubspot trap 9, salesforce trap 19."""
    project, _ = office.load()
    contact = office.contact()
    office.propstreet.add_prospect(project, contact=contact)
    office.settle()

    survivor = office.merge(office.crm_contact(), office.pair(Kind.CONTACT, contact))
    office.settle()

    assert list(office.prospects(project)) == [contact]
    (id,) = office.records()
    assert office.links(id)["contact"] == {survivor}
    assert office.settle().outcome is RunOutcome.OK


def test_what_both_sides_have_already_is_one_investor(office: Register) -> None:
    """P3: no stamps yet, but the same person in the same project."""
    project, _ = office.load()
    contact = office.contact(email="eva@ek.example", lastName="Ek")
    there = office.crm_contact("Anna", "Ek", "eva@ek.example")
    office.propstreet.add_prospect(project, contact=contact)
    id = office.add_record("bidder", project=office.deal(project), contact=there)

    office.settle()

    assert list(office.records()) == [id]
    assert office.prospects(project) == {contact: "bidder"}
    assert is_quiet(office)


def test_two_records_of_one_investor_are_held(office: Register) -> None:
    """P3: which of them is meant, nobody can tell."""
    project, _ = office.load()
    there = office.crm_contact()
    ids = [office.add_record("bidder", project=office.deal(project), contact=there) for _ in range(2)]

    office.settle()
    office.settle()

    assert list(office.records()) == ids
    assert office.prospects(project) == {}
    assert office.settle().held == 2


def test_a_link_that_changes_unseen_is_found_in_time(office: Register) -> None:
    """hubspot trap 8: no feed tells; each pass reads its share, and none is older than max_staleness_s."""
    projects = office.load(3)
    contact = office.contact()
    prospects = [office.propstreet.add_prospect(project, contact=contact) for project in projects]
    office.settle()
    there = office.pair(Kind.CONTACT, contact)
    for prospect in prospects:
        office.unlink(office.record(prospect), "contact", there)

    for _ in range(7):
        office.world.later(300)
        office.world.run()

    assert all(office.links(id)["contact"] == {there} for id in office.records())
    assert is_quiet(office)


def test_a_link_that_was_lost_is_made_again(office: Register) -> None:
    project, _ = office.load()
    prospect = office.propstreet.add_prospect(project, contact=(contact := office.contact()))
    office.settle()
    id, there = office.record(prospect), office.pair(Kind.CONTACT, contact)

    office.unlink(id, "contact", there)
    office.world.run(Mode.BACKFILL)

    assert office.links(id)["contact"] == {there}
    assert is_quiet(office)


def test_a_record_that_is_about_somebody_else_now_is_held(office: Register) -> None:
    project, _ = office.load()
    prospect = office.propstreet.add_prospect(project, contact=(contact := office.contact()))
    office.propstreet.add_prospect(project, contact=(other := office.contact()))
    office.settle()
    id = office.record(prospect)

    office.unlink(id, "contact", office.pair(Kind.CONTACT, contact))
    office.link(id, contact=office.pair(Kind.CONTACT, other))
    summary = office.world.run(Mode.BACKFILL)

    assert (summary.outcome, summary.held) == (RunOutcome.ATTENTION, 1)
    assert "which are not a pair" in why(office, id)
    assert office.links(id)["contact"] == {office.pair(Kind.CONTACT, other)}

    office.unlink(id, "contact", office.pair(Kind.CONTACT, other))
    office.link(id, contact=office.pair(Kind.CONTACT, contact))
    assert office.world.run(Mode.BACKFILL).outcome is RunOutcome.OK


@pytest.mark.parametrize("in_propstreet", [True, False])
def test_a_company_gives_way_to_its_person(office: Register, in_propstreet: bool) -> None:
    """propstreet trap 51, in whichever system somebody says who it is."""
    project, _ = office.load()
    company = office.propstreet.add_company(name="Ek Capital", domain="ek.example")
    contact = office.contact(lastName="Ek", email="eva@ek.example")
    office.propstreet.add_link(contact, company)
    prospect = office.propstreet.add_prospect(project, company=company)
    office.settle()
    id = office.record(prospect)

    if in_propstreet:
        office.propstreet.name_contact(prospect, contact)
        office.settle()
    else:
        office.link(id, contact=office.crm_contact("Anna", "Ek", "eva@ek.example"))
        office.world.run(Mode.BACKFILL)
        office.world.settle()

    (row,) = office.propstreet.live_prospects(project)
    assert (row["id"], row["contactId"]) == (prospect, contact)
    assert office.links(id)["contact"] == {office.pair(Kind.CONTACT, contact)}
    assert is_quiet(office)


@pytest.mark.parametrize("kind", [FaultKind.TIMEOUT_AFTER, FaultKind.TIMEOUT_BEFORE, FaultKind.STATUS])
def test_a_create_that_is_cut_off_anywhere_ends_as_one_record_with_its_links(office: Register, kind: FaultKind) -> None:
    """P6, P3: whichever of the calls it was."""
    project, _ = office.load()
    office.propstreet.add_prospect(project, contact=office.contact())
    office.world.right.plan(
        Fault(kind=kind, status=503, method="POST", path="(upsert|batch|composite)", skip=2, times=2)
    )

    office.settle()
    office.settle()

    (id,) = office.records()
    assert set(office.links(id)) == {"project", "contact"}
    assert is_quiet(office)


def test_a_lost_store_is_rebuilt(office: Register) -> None:
    project, _ = office.load()
    for _ in range(3):
        office.propstreet.add_prospect(project, contact=office.contact())
    office.settle()
    before = office.records()

    office.world.restart(emptied(office.world.store))
    office.world.run(Mode.BACKFILL)

    assert office.records().keys() == before.keys()
    assert len(office.propstreet.live_prospects(project)) == 3
    assert is_quiet(office)


def test_a_project_that_is_gone_ends_its_investors(office: Register) -> None:
    """Whatever Propstreet does about them: a deleted project closes its prospects here."""
    project, _ = office.load()
    prospect = office.propstreet.add_prospect(project, contact=office.contact())
    office.settle()

    office.propstreet.delete_project(project)
    office.settle()

    assert office.settle().outcome is RunOutcome.OK
    assert "project" in why(office, f"{project}/{prospect}")


def test_nobody_is_linked_to_a_deal_that_is_deleted(office: Register) -> None:
    """Where the mapping ignores that: the pair stands, and its records wait, old ones and new ones."""
    office.world.table["project"]["on_delete"] = {"propstreet": "archive", "crm": "ignore"}
    office.world.restart()
    project, _ = office.load()
    office.propstreet.add_prospect(project, contact=office.contact())
    office.settle()

    office.delete_deal(office.deal(project))
    prospect = office.propstreet.add_prospect(project, contact=office.contact())
    office.settle()
    summary = office.world.run(Mode.BACKFILL)

    assert (summary.outcome, len(office.records())) == (RunOutcome.OK, 1)
    assert "is deleted in crm" in why(office, f"{project}/{prospect}")
    assert is_quiet(office)


def test_nobody_is_linked_to_a_person_who_is_deleted(office: Register) -> None:
    """The same of a contact."""
    office.world.table["contact"]["on_delete"] = {"propstreet": "archive", "crm": "ignore"}
    office.world.restart()
    project, another = office.load()
    contact = office.contact()
    office.propstreet.add_prospect(project, contact=contact)
    office.settle()

    office.delete_crm_contact(office.pair(Kind.CONTACT, contact))
    prospect = office.propstreet.add_prospect(another, contact=contact)
    office.settle()
    summary = office.world.run(Mode.BACKFILL)

    assert (summary.outcome, len(office.records())) == (RunOutcome.OK, 1)
    assert "is deleted in crm" in why(office, f"{another}/{prospect}")
    assert is_quiet(office)


def test_a_second_record_of_an_investor_says_which_is_the_first(office: Register) -> None:
    """P10: it carries no stamp, so none of them is wrong."""
    project, _ = office.load()
    contact = office.contact()
    prospect = office.propstreet.add_prospect(project, contact=contact)
    office.settle()

    second = office.add_record("bidder", project=office.deal(project), contact=office.pair(Kind.CONTACT, contact))
    office.settle()

    assert f"{project}/{prospect} is about the same person in the same project" in why(office, second)
    office.delete_record(second)
    assert is_quiet(office)


def test_a_record_that_somebody_moved_outlives_the_investor_it_stood_for(office: Register) -> None:
    """P1: it is about somebody else by now; a person decides."""
    project, another = office.load()
    prospect = office.propstreet.add_prospect(project, contact=office.contact())
    office.settle()
    id = office.record(prospect)

    office.unlink(id, "project", office.deal(project))
    office.link(id, project=office.deal(another))
    office.propstreet.remove_prospect(prospect)
    office.world.run(Mode.BACKFILL)
    summary = office.settle()

    assert (list(office.records()), summary.conflicts) == ([id], 1)
    assert office.world.run(Mode.BACKFILL).applied["crm"].delete == 0


def test_a_record_that_has_just_been_given_a_person_outlives_its_company(office: Register) -> None:
    """The same, where somebody said who it is at the company."""
    project, _ = office.load()
    company = office.propstreet.add_company(name="Ek Capital", domain="ek.example")
    prospect = office.propstreet.add_prospect(project, company=company)
    office.propstreet.add_prospect(project, contact=(contact := office.contact()))
    office.settle()
    id = office.record(prospect)

    office.link(id, contact=office.pair(Kind.CONTACT, contact))
    office.propstreet.remove_prospect(prospect)
    office.world.run(Mode.BACKFILL)
    summary = office.settle()

    assert (id in office.records(), summary.conflicts) == (True, 1)


def test_of_two_contacts_that_were_merged_one_investor_can_be_taken_away(office: Register) -> None:
    """Whoever tidies up after a merge is not asked again."""
    project, _ = office.load()
    contacts = [office.contact() for _ in range(2)]
    prospects = [office.propstreet.add_prospect(project, contact=contact) for contact in contacts]
    office.settle()
    office.merge(*(office.pair(Kind.CONTACT, contact) for contact in contacts))
    office.world.run(Mode.BACKFILL)
    office.settle()

    (left_over,) = [one for one in prospects if "not a pair" in why(office, f"{project}/{one}")]
    office.propstreet.remove_prospect(left_over)
    summary = office.settle()

    assert (len(office.records()), summary.conflicts) == (1, 0)
