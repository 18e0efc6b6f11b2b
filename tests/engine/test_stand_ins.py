"""A company may stand in for a person: whoever of it is put on the deal takes its place, and no second one comes."""

from __future__ import annotations

import pytest

from syncd.core.model import Kind
from syncd.engine.explain import explain
from syncd.engine.report import Mode, RunOutcome
from syncd.testing.sandbox.wire import Fault, FaultKind

from .investors import LABELS, Office
from .world import CRMS, emptied


@pytest.fixture(params=CRMS)
def office(request: pytest.FixtureRequest) -> Office:
    return Office(request.param)


def placeholder(office: Office) -> tuple[str, str, str, str]:
    """A project with a company as its investor: project, company, prospect; and one of its people."""
    project, _ = office.load()
    company = office.propstreet.add_company(name="Ek Capital", domain="ek.example")
    person = office.contact(lastName="Berg", email="eva@ek.example")
    office.propstreet.add_link(person, company)
    prospect = office.propstreet.add_prospect(project, company=company)
    office.settle()
    return project, company, prospect, person


def companies_on(office: Office, project: str) -> list[str]:
    """The labels that companies have on the deal; Salesforce has no roles for them."""
    if office.crm == "salesforce":
        return []
    found = office.person.associations_of(office.deal(project)).get("companies", {})
    return [label for labels in found.values() for label in labels if label in LABELS.values()]


def test_a_person_takes_the_place_of_their_company(office: Office) -> None:
    """propstreet trap 51: contact-person, once; the prospect keeps its id, and the company's label goes."""
    project, _, prospect, person = placeholder(office)
    there = office.crm_contact("Anna", "Berg", "eva@ek.example")

    office.put_on(office.deal(project), there, "interested")
    summary = office.settle()

    (row,) = office.propstreet.live_prospects(project)
    assert (row["id"], row["contactId"], row["classification"]) == (prospect, person, "interested")
    assert office.pair(Kind.CONTACT, person) == there
    assert office.on_deal(office.deal(project)) == {there: "interested"}
    assert companies_on(office, project) == []
    assert summary.outcome is RunOutcome.OK
    assert not any(side.create or side.update or side.delete for side in office.settle().applied.values())


def test_a_person_who_is_named_in_propstreet_takes_the_place_on_the_deal(office: Office) -> None:
    project, _, prospect, person = placeholder(office)

    office.propstreet.edit_prospect(prospect, classification="bidder")
    office.propstreet.name_contact(prospect, person)
    summary = office.settle()

    assert office.on_deal(office.deal(project)) == {office.pair(Kind.CONTACT, person): "bidder"}
    assert companies_on(office, project) == []
    assert summary.outcome is RunOutcome.OK
    assert len(office.propstreet.live_prospects(project)) == 1


def test_two_people_at_once_come_beside_their_company(office: Office) -> None:
    """Which of them it stood for, nobody can tell."""
    project, company, prospect, person = placeholder(office)
    other = office.contact(lastName="Berg", email="erik@ek.example")
    office.propstreet.add_link(other, company)
    for email in ("eva@ek.example", "erik@ek.example"):
        office.put_on(office.deal(project), office.crm_contact("Anna", "Berg", email), "interested")

    office.settle()

    rows = {row["id"]: row.get("contactId") for row in office.propstreet.live_prospects(project)}
    assert rows.pop(prospect) is None
    assert sorted(rows.values()) == sorted([person, other])


def test_somebody_of_another_company_comes_beside_it(office: Office) -> None:
    project, _, prospect, _ = placeholder(office)
    stranger = office.contact(lastName="Berg", email="bo@gran.example")

    office.put_on(office.deal(project), office.crm_contact("Anna", "Berg", "bo@gran.example"))
    office.settle()

    rows = {row["id"]: row.get("contactId") for row in office.propstreet.live_prospects(project)}
    assert rows.pop(prospect) is None
    assert list(rows.values()) == [stranger]


def test_a_company_whose_person_is_there_is_no_second_investor() -> None:
    """P3, after the store was lost: the company's label says nothing that its person does not say."""
    office = Office("hubspot")
    project, company, prospect, person = placeholder(office)
    office.propstreet.name_contact(prospect, person)
    office.world.restart(emptied(office.world.store))

    office.world.run(Mode.BACKFILL)
    office.settle()

    (row,) = office.propstreet.live_prospects(project)
    assert (row["id"], row["contactId"]) == (prospect, person)
    there = f"{office.deal(project)}:company:{office.pair(Kind.COMPANY, company)}"
    assert "one of its people" in explain(office.world.connection, there)[0].why


def test_what_a_company_left_behind_is_taken_once(office: Office) -> None:
    """P4, P7: our label goes when the person is there; whatever anybody says of the company later is theirs."""
    project, company, prospect, person = placeholder(office)
    office.propstreet.name_contact(prospect, person)
    office.settle()

    for _ in range(3):
        office.world.later(office.world.tuning.max_staleness_s)
        summary = office.world.run()
        assert not any(side.create or side.update or side.delete for side in summary.applied.values())

    if office.crm == "hubspot":
        there = office.pair(Kind.COMPANY, company)
        office.person.associate(office.deal(project), there, to="companies", label=LABELS["interested"])
        office.settle()
        assert companies_on(office, project) == [LABELS["interested"]]
        assert len(office.propstreet.live_prospects(project)) == 1


def test_a_person_whom_propstreet_refuses_loses_nothing(office: Office) -> None:
    """P1, P2: until Propstreet shows the person, the pair is the company's; who is taken off again takes nothing."""
    project, _, prospect, _ = placeholder(office)
    there = office.crm_contact("Anna", "Berg", "eva@ek.example")
    office.world.left.plan(Fault(kind=FaultKind.STATUS, status=400, path="contact-person", times=-1))
    office.put_on(office.deal(project), there, "interested")

    summary = office.settle()
    assert (summary.outcome, summary.held) == (RunOutcome.ATTENTION, 1)
    assert "takes the place of its company" in explain(office.world.connection, place_of(office, project, there))[0].why
    office.propstreet.edit_prospect(prospect, classification="bidder")
    office.settle()
    office.take_off(office.deal(project), there)
    office.settle()
    office.settle()

    (row,) = office.propstreet.live_prospects(project)
    assert (row["id"], row["classification"]) == (prospect, "bidder")
    if office.crm == "hubspot":
        assert companies_on(office, project) == [LABELS["bidder"]]


def test_a_company_may_enter_when_its_person_has_left() -> None:
    """P1: what stood back for somebody is looked at again when they are gone."""
    office = Office("hubspot")
    project, company, prospect, person = placeholder(office)
    office.propstreet.add_prospect(project, contact=office.contact())
    office.propstreet.name_contact(prospect, person)
    office.settle()
    there = office.pair(Kind.COMPANY, company)
    office.person.associate(office.deal(project), there, to="companies", label=LABELS["interested"])
    office.settle()
    assert len(office.propstreet.live_prospects(project)) == 2

    office.propstreet.remove_prospect(prospect)
    office.settle()
    office.settle()

    rows = [row for row in office.propstreet.live_prospects(project) if row.get("contactId") is None]
    assert [(row["companyId"], row["classification"]) for row in rows] == [(company, "interested")]


def place_of(office: Office, project: str, contact: str) -> str:
    return f"{office.deal(project)}:contact:{contact}"


def test_a_company_that_bears_no_label_of_ours_is_left_alone() -> None:
    """P7, hubspot trap 28: somebody has taken our label off already; the primary company is not ours to touch."""
    office = Office("hubspot")
    project, company, prospect, person = placeholder(office)
    deal, there = office.deal(project), office.pair(Kind.COMPANY, company)
    office.person.dissociate(deal, there, to="companies", label=LABELS["not_contacted"])
    office.propstreet.name_contact(prospect, person)

    deletes = 0
    for _ in range(3):
        office.world.later(office.world.tuning.max_staleness_s)
        deletes += office.world.run().applied["crm"].delete

    assert deletes == 0
    assert office.on_deal(deal) == {office.pair(Kind.CONTACT, person): "not_contacted"}
    assert there in office.person.associations_of(deal)["companies"]
