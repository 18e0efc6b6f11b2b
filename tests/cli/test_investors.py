"""A day with investors, at the command line: what a person types and reads, on either CRM."""

from __future__ import annotations

import random
from typing import Any

import pytest

from syncd.cli.newcomers import Newcomers, Person, add_roles, seed_investors
from syncd.core.model import Kind, Side
from syncd.core.remote import Remote
from syncd.store import mirror
from syncd.store.db import open_store

from .branch import Branch

TUNING = "\n[connections.tuning]\nmax_staleness_s = 0\nquiet_staleness_s = 0\n"


class Firm:
    """An office whose mapping has investors, on one of the CRMs."""

    def __init__(self, crm: str, branch: Branch) -> None:
        self.crm, self.office = crm, branch
        self.person: Any = branch.hubspot.person if crm == "hubspot" else branch.salesforce.person
        if crm == "hubspot":
            branch.write(mapping="hubspot-prospects", more=TUNING)
        else:
            branch.change('mapping = "salesforce"', 'mapping = "salesforce-prospects"')
            branch.change("calls_per_s = 1000", f"calls_per_s = 1000\n{TUNING}")
        self.projects: list[str] = [project["id"] for project in branch.propstreet.live_projects()]
        self.cast: Newcomers = seed_investors(branch.propstreet, self.projects[:2], self.add_contact, random.Random(1))
        self.run = branch.run

    def add_contact(self, who: Person) -> str:
        if self.crm == "hubspot":
            id: str = self.person.add_contact(firstname=who.first, lastname=who.last, email=who.email)
        else:
            id = self.person.add_contact(FirstName=who.first, LastName=who.last, Email=who.email)
        return id

    def ready(self) -> None:
        if self.crm == "salesforce":
            add_roles(self.office.salesforce)
        assert self.run("setup", "--apply").code == 0

    def loaded(self) -> None:
        self.ready()
        assert self.run("backfill").code == 0

    def deal_of(self, project: str) -> str:
        return self.office.deal_of(project) if self.crm == "hubspot" else self.office.opportunity_of(project)

    def put_on(self, deal: str, contact: str, label: str) -> None:
        if self.crm == "hubspot":
            self.person.associate(deal, contact, label=label)
        else:
            self.person.add_role(deal, contact, role=label)

    def relabel(self, deal: str, contact: str, label: str) -> None:
        if self.crm == "hubspot":
            self.person.relabel(deal, contact, [label])
        else:
            roles = self.person.roles_of(deal)
            self.person.edit_role(next(id for id, it in roles.items() if it["ContactId"] == contact), Role=label)

    def prospect_of(self, project: str, contact: str) -> str:
        shown = self.office.propstreet.live_prospects(project)
        return str(next(one["id"] for one in shown if one["contactId"] == contact))

    def written(self) -> int:
        return len(self.office.propstreet.journal) + len(self.office.hubspot.journal + self.office.salesforce.journal)


@pytest.fixture(params=["hubspot", "salesforce"])
def firm(request: pytest.FixtureRequest, branch: Branch) -> Firm:
    return Firm(request.param, branch)


def test_from_check_to_quiet(firm: Firm) -> None:
    """check says what to type, also of what setup can't make; then plan, backfill, status, and quiet."""
    before = firm.run("check")
    assert before.code == 2
    assert before.out.count("→ syncd setup --apply") == 1
    assert " of contact, " in before.out
    if firm.crm == "salesforce":
        applied = firm.run("setup", "--apply")
        assert applied.code == 3
        assert "it lacks the values Investor: not contacted" in applied.out
    firm.ready()
    assert firm.run("check").code == 0

    planned = firm.run("plan")
    assert planned.code == 0
    assert "investors of new projects come with the same pass" in planned.out
    assert firm.run("backfill").code == 0

    people = len({one["contactId"] for id in firm.projects for one in firm.office.propstreet.live_prospects(id)})
    status = firm.run("status")
    assert f"({people} contacts, 5 projects, {firm.cast.prospects} prospects), 0 pending, 0 held" in status.out
    assert "did not get to" not in status.out
    assert firm.run("delta").code == 0
    quiet = firm.written()
    assert firm.run("delta").code == 0
    assert firm.written() == quiet
    assert firm.run("plan").out == "nothing new to do; what waits already: syncd status\n"


def test_a_prospect_goes_by_three_names(firm: Firm) -> None:
    """Project and prospect, the prospect alone, or the place in the CRM; and people read who is meant."""
    firm.loaded()
    person, there = firm.cast.known
    project = next(
        id
        for id in firm.projects
        if person.id in [one["contactId"] for one in firm.office.propstreet.live_prospects(id)]
    )
    prospect = firm.prospect_of(project, person.id)

    whole = firm.run("explain", f"{project}/{prospect}")

    assert whole.code == 0
    name = firm.office.propstreet.project(project)["name"]
    assert f"prospect {person.first} {person.last} in {name}: propstreet {project}/{prospect} ↔ crm" in whole.out
    assert firm.run("explain", prospect).out == whole.out
    assert firm.run("explain", f"{firm.deal_of(project)}:contact:{there}").out == whole.out
    assert firm.run("explain", f"{project}/nobody").code == 2


def test_a_prospects_own_id_may_not_be_enough(firm: Firm) -> None:
    firm.loaded()
    twins = [Remote(id=f"{project}/77", parent=project) for project in firm.projects[:2]]
    store = open_store(f"sqlite:///{firm.office.store}")
    with store.begin() as tx:
        name = "nordic" if firm.crm == "hubspot" else "lapland"
        mirror.put(tx, name, Side.PROPSTREET, Kind.PROSPECT, twins, now=0.0)
    store.close()

    said = firm.run("explain", "77")

    assert said.code == 2
    assert said.refusal() == ("several projects have a prospect 77", f"say which: {twins[0].id}, {twins[1].id}")


def test_what_waits_for_a_person_is_called_by_its_name(firm: Firm) -> None:
    """A shared mailbox, a stranger on a deal, and a stage that both changed: who it is, why, and what to type."""
    firm.loaded()
    first, second = firm.projects[:2]
    shared = firm.office.propstreet.add_contact(firstName="Tyra", lastName="Lind", email="info@lind.example")
    firm.add_contact(Person("", "Tyra", "Lind", "info@lind.example"))
    firm.office.propstreet.add_prospect(first, contact=shared)
    stranger = firm.add_contact(Person("", "Per", "Alm", "per.alm@alm.example"))
    firm.put_on(firm.deal_of(second), stranger, "Investor: interested")
    person, there = firm.cast.known
    project = next(
        id
        for id in (first, second)
        if person.id in [one["contactId"] for one in firm.office.propstreet.live_prospects(id)]
    )
    shown = firm.office.propstreet.live_prospects(project)
    now = next(one["classification"] for one in shown if one["contactId"] == person.id)
    mine, theirs = [one for one in ("interested", "bidder", "contacted") if one != now][:2]
    firm.office.propstreet.edit_prospect(firm.prospect_of(project, person.id), classification=mine)
    firm.relabel(firm.deal_of(project), there, f"Investor: {theirs}")

    said = firm.run("delta", "--verbose")
    assert said.code == 3

    held = firm.run("held", "list").out
    assert "contact Tyra Lind  [" in held
    assert "shared mailbox" in held
    assert f"prospect Per Alm in {firm.office.propstreet.project(second)['name']}  [" in held
    conflicts = firm.run("conflicts", "list").out
    assert f"prospect {person.first} {person.last} in " in conflicts
    waits = firm.run("explain", firm.prospect_of(first, shared)).out
    assert f"its contact {shared} has no counterpart yet" in waits
    assert "fields that differ" not in firm.run("explain", shared).out
    whole = firm.run("explain", first).out
    assert "investors in sync: " in whole
    assert f"Tyra Lind in {firm.office.propstreet.project(first)['name']}  [{first}/" in whole
    assert f"its contact {shared} has no counterpart yet" in whole
    for name in ("Tyra", "Lind", "Per", "Alm", person.last, "example"):
        assert name not in said.err  # P9
    assert firm.run("conflicts", "resolve", "1", "--take", "crm").code == 0
    firm.run("delta")
    after = firm.office.propstreet.live_prospects(project)
    assert theirs in [one["classification"] for one in after if one["contactId"] == person.id]


def test_projects_that_a_pass_did_not_get_to(firm: Firm) -> None:
    """With more projects than a pass may read, status says how many wait."""
    firm.loaded()
    firm.office.change("max_staleness_s = 0", "max_staleness_s = 0\nparents_max = 2")
    assert firm.run("delta").code == 0

    said = firm.run("status")

    assert "the last pass did not get to the prospects of" in said.out
    assert "projects in propstreet → syncd delta" in said.out
    assert firm.run("status", "--json").json["overdue"]["propstreet"] > 0
