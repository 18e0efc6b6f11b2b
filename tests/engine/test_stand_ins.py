"""A company may stand in for a person: whoever of it is put on the deal takes its place, and no second one comes."""

from __future__ import annotations

import pytest

from syncd.core.model import Kind
from syncd.engine.explain import explain
from syncd.engine.report import Mode, RunOutcome

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
