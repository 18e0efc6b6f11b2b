"""Investors move both ways, joined to the right person, and nobody is lost, doubled or guessed on the way."""

from __future__ import annotations

import pytest

from syncd.core.model import Kind
from syncd.core.ops import Hold
from syncd.engine.connection import Tuning
from syncd.engine.explain import explain
from syncd.engine.preview import apply_preview, preview
from syncd.engine.report import Mode, RunOutcome
from syncd.store import outbox
from syncd.store.outbox import OpState
from syncd.testing.sandbox.hubspot import Lag
from syncd.testing.sandbox.hubspot import Switches as HubSpotSwitches
from syncd.testing.sandbox.wire import Fault, FaultKind

from .investors import Office, investor_table
from .world import CRMS, Crm, emptied


@pytest.fixture(params=CRMS)
def office(request: pytest.FixtureRequest) -> Office:
    return Office(request.param)


def test_an_investor_of_a_project_comes_onto_its_deal(office: Office) -> None:
    """Parents and people first: the contact is made and stamped, then put on the deal with the label of the stage."""
    project, _ = office.load()
    contact = office.contact()
    prospect = office.propstreet.add_prospect(project, contact=contact)
    office.propstreet.edit_prospect(prospect, classification="interested")

    office.world.later(4000)
    summary = office.world.run()

    assert summary.outcome is RunOutcome.OK
    there = office.pair(Kind.CONTACT, contact)
    assert office.on_deal(office.deal(project)) == {there: "interested"}
    assert office.settle().outcome is RunOutcome.OK


def test_a_first_load_brings_everybody(office: Office) -> None:
    """Projects, people and prospects in one backfill, and then it is quiet (P4)."""
    contacts = [office.contact() for _ in range(5)]
    projects = office.projects(3)
    for project in projects:
        for contact in contacts:
            office.propstreet.add_prospect(project, contact=contact)

    summary = office.world.run(Mode.BACKFILL)

    assert summary.outcome is RunOutcome.OK
    people = {office.pair(Kind.CONTACT, contact) for contact in contacts}
    assert len(people) == 5
    for project in projects:
        assert office.on_deal(office.deal(project)) == dict.fromkeys(people, "not_contacted")
    office.world.later(4000)
    again = office.world.run(Mode.BACKFILL)
    assert not any(side.create or side.update or side.delete for side in again.applied.values())


def test_a_stage_moves_both_ways(office: Office) -> None:
    """A label or role changed becomes a classification, and the other way round."""
    project, _ = office.load()
    prospect = office.propstreet.add_prospect(project, contact=(contact := office.contact()))
    office.settle()
    deal, there = office.deal(project), office.pair(Kind.CONTACT, contact)

    office.restage(deal, there, "bidder")
    office.settle()
    assert office.prospects(project) == {contact: "bidder"}

    office.propstreet.edit_prospect(prospect, classification="not_interested")
    office.settle()
    assert office.on_deal(deal) == {there: "not_interested"}


@pytest.mark.parametrize("kind", [FaultKind.TIMEOUT_BEFORE, FaultKind.STATUS])
def test_a_stage_that_was_written_by_half_is_written_whole(kind: FaultKind) -> None:
    """P6, hubspot.md section 5.10: the new label is given, the call that takes the old is lost; a resend mends it."""
    office = Office("hubspot")
    project, _ = office.load()
    prospect = office.propstreet.add_prospect(project, contact=(contact := office.contact()))
    office.settle()

    office.propstreet.edit_prospect(prospect, classification="bidder")
    office.world.right.plan(Fault(kind=kind, status=502, path="labels/archive", times=3))  # more often than it is tried
    summary = office.settle()

    assert (summary.outcome, office.world.right.hits) == (RunOutcome.OK, 3)
    deal, there = office.deal(project), office.pair(Kind.CONTACT, contact)
    assert office.person.associations_of(deal)["contacts"][there] == ["Investor: bidder"]
    assert office.prospects(project) == {contact: "bidder"}


def test_a_person_put_on_a_deal_becomes_a_prospect(office: Office) -> None:
    """The contact is made in Propstreet by policy, and added; the stage comes along."""
    project, _ = office.load()
    deal = office.deal(project)
    there = office.crm_contact()
    office.put_on(deal, there, "interested")

    office.settle()

    (contact,) = office.prospects(project)
    assert office.prospects(project) == {contact: "interested"}
    assert office.pair(Kind.CONTACT, contact) == there


def test_a_person_is_recognised_by_a_unique_address(office: Office) -> None:
    """No duplicate on a first load: the contact that is there already is paired and stamped (P3)."""
    project, _ = office.load()
    there = office.crm_contact("Anna", "Ek", "anna.ek@example.com")
    contact = office.contact(firstName="Anna", lastName="Ek", email="Anna.Ek@Example.com")
    office.propstreet.add_prospect(project, contact=contact)

    office.settle()

    assert office.pair(Kind.CONTACT, contact) == there
    assert office.crm_contacts() == [there]
    assert office.on_deal(office.deal(project)) == {there: "not_contacted"}


@pytest.mark.parametrize(
    ("first", "last", "email"), [("Per", "Alm", "anna.ek@example.com"), ("Anna", "Ek", "info@example.com")]
)
def test_ambiguity_is_held_and_never_guessed(office: Office, first: str, last: str, email: str) -> None:
    """propstreet trap 56: another name, or a shared mailbox, is for a person to weigh; nobody is doubled meanwhile."""
    project, _ = office.load()
    there = office.crm_contact("Anna", "Ek", email)
    contact = office.contact(firstName=first, lastName=last, email=email)
    office.propstreet.add_prospect(project, contact=contact)

    office.world.later(4000)
    summary = office.world.run()

    assert (summary.outcome, summary.held) == (RunOutcome.ATTENTION, 1)
    assert office.crm_contacts() == [there]
    assert office.on_deal(office.deal(project)) == {}
    (told,) = [one for one in explain(office.world.connection, contact) if one.kind == "contact"]
    assert there in " ".join(op.reason or "" for op in told.open)


@pytest.mark.parametrize("crm", CRMS)
def test_who_can_have_no_counterpart_is_held_and_says_so(crm: Crm) -> None:
    """P10: once in doubt, and then nobody's double, a contact that the mapping makes nobody of is not in sync."""
    table = investor_table(crm)
    table["contact"]["create"] = "to_crm"
    office = Office(crm, table=table)
    project, _ = office.load()
    office.contact(firstName="Anna", lastName="Ek", email="info@example.com")
    there = office.crm_contact("Anna", "Ek", "info@example.com")
    office.put_on(office.deal(project), there)
    office.settle()

    edit = {"email": "anna@example.com"} if crm == "hubspot" else {"Email": "anna@example.com"}
    office.person.edit_contact(there, **edit)
    summary = office.settle()

    assert (summary.outcome, summary.held) == (RunOutcome.ATTENTION, 1)
    (contact,) = [one for one in explain(office.world.connection, there) if one.kind == "contact"]
    assert contact.why == "the mapping creates nothing in propstreet"
    (prospect,) = explain(office.world.connection, f"{office.deal(project)}:contact:{there}")
    assert "the mapping makes none there" in prospect.why


def test_taken_off_the_deal_and_off_the_list(office: Office) -> None:
    """Gone on one side follows to the other, on positive evidence (salesforce trap 12, hubspot trap 8)."""
    project, _ = office.load()
    first, second = office.contact(), office.contact()
    office.propstreet.add_prospect(project, contact=first)
    removed = office.propstreet.add_prospect(project, contact=second)
    office.settle()
    deal = office.deal(project)

    office.take_off(deal, office.pair(Kind.CONTACT, first))
    office.world.later(4000)
    office.world.run()
    assert office.prospects(project).keys() == {second}

    office.propstreet.remove_prospect(removed)
    office.settle()
    assert office.on_deal(deal) != {}  # an empty list may as well be one that we are not shown: it is looked at twice
    office.settle()
    assert office.on_deal(deal) == {}
    assert office.settle().outcome is RunOutcome.OK


@pytest.mark.parametrize("crm", CRMS)
def test_who_comes_back_to_the_list_is_paired_again(crm: Crm) -> None:
    """The place on the deal was left alone; it is the same person's, and what is edited goes on to it (P1)."""
    table = investor_table(crm)
    table["prospect"]["on_delete"] = "unbind"
    office = Office(crm, table=table)
    project, _ = office.load()
    prospect = office.propstreet.add_prospect(project, contact=(contact := office.contact()))
    office.propstreet.add_prospect(project, contact=office.contact())
    office.settle()
    office.propstreet.remove_prospect(prospect)
    office.settle()
    there = office.pair(Kind.CONTACT, contact)
    assert there in office.on_deal(office.deal(project))

    again = office.propstreet.add_prospect(project, contact=contact)
    office.settle()
    office.propstreet.edit_prospect(again, classification="bidder")
    office.settle()

    assert office.on_deal(office.deal(project))[there] == "bidder"
    (told,) = explain(office.world.connection, f"{project}/{again}")
    assert (told.state, told.why) == ("bound", "in sync")


def test_contacts_that_are_merged_take_their_places_along(office: Office) -> None:
    """hubspot trap 9: the survivor stands on the deal, and no prospect is removed because the old id is gone."""
    project, _ = office.load()
    contact = office.contact()
    office.propstreet.add_prospect(project, contact=contact)
    office.settle()
    deal, there = office.deal(project), office.pair(Kind.CONTACT, contact)

    survivor = office.merge(office.crm_contact(), there)
    office.world.later(4000)
    office.world.run()

    assert office.prospects(project).keys() == {contact}
    assert office.on_deal(deal).keys() == {survivor}
    office.settle()
    assert office.pair(Kind.CONTACT, contact) == survivor
    assert office.prospects(project).keys() == {contact}


@pytest.mark.parametrize("crm", CRMS)
def test_two_investors_who_become_one_contact_both_stay_on_the_list(crm: Crm) -> None:
    """hubspot trap 9: one of the pairs waits for a person; whatever else is noted of it, nobody is removed (P1)."""
    office = Office(crm, tuning=Tuning(notices_max=1))  # what is noted of either side is looked at by itself
    project, _ = office.load()
    first, second = office.contact(), office.contact()
    prospects = [office.propstreet.add_prospect(project, contact=contact) for contact in (first, second)]
    office.settle()

    office.merge(office.pair(Kind.CONTACT, first), office.pair(Kind.CONTACT, second))
    for prospect in prospects:
        office.propstreet.edit_prospect(prospect, classification="not_contacted")
    office.settle()
    summary = office.settle()

    assert summary.outcome is RunOutcome.ATTENTION
    assert office.prospects(project).keys() == {first, second}


def test_who_was_matched_enters_when_the_teaser_is_accepted(office: Office) -> None:
    """propstreet trap 53: five hundred at once flood nobody, and acceptance is found though nothing else tells."""
    project, _ = office.load()
    matched = office.propstreet.communicate(project, 30)
    office.world.later(4000)
    office.world.run()
    assert office.on_deal(office.deal(project)) == {}

    office.propstreet.accept_teaser(matched[0])
    office.settle()

    assert len(office.on_deal(office.deal(project))) == 1


def test_a_prospect_waits_for_its_project_and_says_so(office: Office) -> None:
    table = investor_table(office.crm)
    table["project"]["create"] = "never"
    waiting = Office(office.crm, table=table)
    (project,) = waiting.projects(1)
    prospect = waiting.propstreet.add_prospect(project, contact=waiting.contact())
    waiting.world.run(Mode.BACKFILL)

    told = explain(waiting.world.connection, f"{project}/{prospect}")

    assert told == [] or "no counterpart yet" in told[0].why


def test_a_projects_tombstone_closes_its_prospects(office: Office) -> None:
    """Whatever the API does about them: no label stays behind as an open pair, and nobody is added again."""
    project, _ = office.load()
    office.propstreet.add_prospect(project, contact=office.contact())
    office.settle()

    office.propstreet.delete_project(project)
    office.settle()

    assert office.bindings(Kind.PROSPECT) == []
    assert office.settle().outcome is RunOutcome.OK


def test_a_lost_store_is_rebuilt_without_doubles(office: Office) -> None:
    """P6: people from their stamps, prospects from their places."""
    project, _ = office.load()
    contacts = [office.contact() for _ in range(3)]
    for contact in contacts:
        office.propstreet.add_prospect(project, contact=contact)
    office.settle()
    people, deal = office.crm_contacts(), office.deal(project)

    office.world.restart(emptied(office.world.store))
    office.world.later(4000)
    office.world.run(Mode.BACKFILL)
    office.settle()

    assert office.crm_contacts() == people
    assert len(office.on_deal(deal)) == len(office.prospects(project)) == 3
    assert len(office.bindings(Kind.PROSPECT)) == 3


@pytest.mark.parametrize("crm", CRMS)
@pytest.mark.parametrize("rule", ["ignore", "unbind"])
def test_a_deal_that_is_gone_says_nothing_of_its_people(crm: Crm, rule: str) -> None:
    """hubspot trap 8, salesforce trap 12: who was taken off can be told only of a deal that is there (P1)."""
    table = investor_table(crm)
    table["project"]["on_delete"] = rule
    office = Office(crm, table=table)
    project, _ = office.load()
    contacts = {office.contact(), office.contact()}
    for contact in contacts:
        office.propstreet.add_prospect(project, contact=contact)
    office.settle()

    delete = office.person.archive_deal if crm == "hubspot" else office.person.delete_record
    delete(office.deal(project))
    for _ in range(3):
        office.settle()

    assert office.prospects(project).keys() == contacts


@pytest.mark.parametrize("both", [False, True])
def test_deals_that_are_merged_leave_everybody_on_their_lists(both: bool) -> None:
    """hubspot traps 9 and 10: the survivor has other ids for all who stood on the two, and nobody was taken off.

    `both`: one stood on both, and has the labels of both by now.
    """
    office = Office("hubspot")
    projects = office.load()
    one = office.contact()
    people = {project: one if both else office.contact() for project in projects}
    for stage, (project, contact) in zip(("contacted", "interested"), people.items(), strict=True):
        prospect = office.propstreet.add_prospect(project, contact=contact)
        office.propstreet.edit_prospect(prospect, classification=stage)
    office.settle()

    office.person.merge_deals(*map(office.deal, projects))
    office.world.later(4000)
    office.world.run(Mode.BACKFILL)
    for _ in range(3):
        office.settle()

    assert {project: set(office.prospects(project)) & {people[project]} for project in projects} == {
        project: {contact} for project, contact in people.items()
    }


def test_who_has_two_stages_is_held_and_stays(office: Office) -> None:
    """hubspot.md 5.10, salesforce.md 7.2: several labels or roles; which one counts is for a person to say (P1)."""
    project, _ = office.load()
    office.propstreet.add_prospect(project, contact=(known := office.contact()))
    office.settle()
    deal, there, new = office.deal(project), office.pair(Kind.CONTACT, known), office.crm_contact()
    office.put_on(deal, there, "bidder")
    office.put_on(deal, new, "bidder")
    office.put_on(deal, new, "contacted")

    office.settle()
    summary = office.settle()

    assert (summary.outcome, summary.held) == (RunOutcome.ATTENTION, 2)
    assert known in office.prospects(project)
    assert len(office.prospects(project)) == 2


def test_a_prospect_of_somebody_who_was_merged_away_unseen_finds_them() -> None:
    """hubspot.md trap 9: the search does not show the merge yet, but the deal answers for the survivor."""
    table = investor_table("hubspot")
    table["contact"]["needed"] = "all"
    lagging = HubSpotSwitches(rate_limit=None, search_lag=Lag(typical_s=10**6))
    office = Office("hubspot", table=table, hubspot=lagging)
    contact = office.contact()
    project, _ = office.load()
    survivor = office.merge(office.pair(Kind.CONTACT, contact), office.crm_contact())
    office.propstreet.add_prospect(project, contact=contact)

    summary = office.settle()

    assert office.on_deal(office.deal(project)) == {survivor: "not_contacted"}
    assert office.pair(Kind.CONTACT, contact) == survivor
    assert summary.outcome is RunOutcome.OK


def test_two_who_were_one_and_then_deleted_stop_nobody(office: Office) -> None:
    """P6: a lost store is rebuilt, though two stamps lead to one contact that is gone; who is whose is held (P10)."""
    project, _ = office.load()
    contacts = [office.contact(), office.contact()]
    for contact in contacts:
        office.propstreet.add_prospect(project, contact=contact)
    office.settle()
    survivor = office.merge(*(office.pair(Kind.CONTACT, contact) for contact in contacts))
    office.person.delete_contact(survivor)

    office.world.restart(emptied(office.world.store))
    office.world.run(Mode.BACKFILL)
    summary = office.settle()

    assert summary.outcome in (RunOutcome.OK, RunOutcome.ATTENTION)
    assert all(explain(office.world.connection, contact) for contact in contacts)


def test_nobody_elses_people_are_touched(office: Office) -> None:
    """P7: a lawyer on the deal without a label of ours is no prospect, and stays."""
    project, _ = office.load()
    deal, lawyer = office.deal(project), office.crm_contact()
    if office.crm == "hubspot":
        office.person.associate(deal, lawyer)
    else:
        office.person.add_role(deal, lawyer, role="Decision Maker")

    office.settle()

    assert office.prospects(project) == {}
    with office.world.store.read() as tx:
        assert not any(outbox.counts(tx, "test", state) for state in (OpState.HELD, OpState.TODO))


def test_a_communicated_teaser_floods_nobody(office: Office) -> None:
    """propstreet trap 53: hundreds at once trip no guard, are all in the plan, and come by and by."""
    table = investor_table(office.crm)
    table["prospect"]["matched"] = "communicated"
    busy = Office(office.crm, table=table, tuning=Tuning(newcomers_max=25))
    project, _ = busy.load()
    busy.settle()
    busy.propstreet.communicate(project, 60)
    busy.world.later(4000)

    planned = preview(busy.world.connection)
    arrived = []
    for _ in range(4):
        summary = busy.world.run()
        arrived.append(len(busy.on_deal(busy.deal(project))))
        assert (summary.outcome, summary.held) == (RunOutcome.OK, 0)

    assert arrived == [25, 50, 60, 60]
    assert sum(record.kind is Kind.CONTACT for record in planned.records) == 60


def test_whoever_is_on_the_deal_for_another_reason_gets_our_stage_beside_it(office: Office) -> None:
    """P7: what others say of the person stays; what we say stands beside it, and nothing is doubled."""
    project, _ = office.load()
    deal, contact = office.deal(project), office.contact(firstName="Eva", lastName="Ek", email="eva.ek@example.com")
    there = office.crm_contact("Eva", "Ek", "eva.ek@example.com")
    if office.crm == "hubspot":
        office.person.associate(deal, there)
    else:
        office.person.add_role(deal, there, role="Decision Maker")
    office.settle()

    prospect = office.propstreet.add_prospect(project, contact=contact)
    office.settle()
    assert office.on_deal(deal) == {there: "not_contacted"}
    if office.crm == "salesforce":
        assert "Decision Maker" in {row["Role"] for row in office.person.roles_of(deal).values()}

    office.propstreet.edit_prospect(prospect, classification="bidder")
    office.settle()
    assert office.on_deal(deal) == {there: "bidder"}
    assert office.settle().outcome is RunOutcome.OK


def test_a_merge_empties_nothing(office: Office) -> None:
    """hubspot trap 10: the survivor has the primary's values, also where it has none; that is nobody's edit."""
    project, _ = office.load()
    contact = office.contact(phone="+46701234567", lastName="Ek")
    office.propstreet.add_prospect(project, contact=contact)
    office.settle()

    office.merge(office.crm_contact("Anna", "Ek"), office.pair(Kind.CONTACT, contact))
    office.settle()

    assert office.propstreet.contact(contact)["phone"] == "+46701234567"
    shown = explain(office.world.connection, contact)[0]
    assert {field.field: field.verdict for field in shown.fields if field.verdict == "drift"} == {}
    assert {field.crm for field in shown.fields if field.field in ("phone", "link")} == {
        field.propstreet for field in shown.fields if field.field in ("phone", "link")
    }


def test_a_plan_shows_the_investors_whose_people_are_new_or_not_paired_yet(office: Office) -> None:
    """P10: what a pass does in one go, a plan shows in one go; and carrying it out does just that."""
    project, _ = office.load()
    known = office.contact(lastName="Ek", email="eva@ek.example")
    office.crm_contact("Anna", "Ek", "eva@ek.example")
    there = office.crm_contact()
    for contact in (known, office.contact()):
        office.propstreet.add_prospect(project, contact=contact)
    office.put_on(office.deal(project), there)
    office.world.later(4000)

    planned = preview(office.world.connection)
    done = apply_preview(office.world.connection, planned)

    prospects = [record for record in planned.records if record.kind is Kind.PROSPECT]
    assert len(prospects) == 3
    assert not any(isinstance(op, Hold) for record in planned.records for op in record.ops)
    assert done.skipped == []
    assert len(office.on_deal(office.deal(project))) == len(office.prospects(project)) == 3
    assert not any(side.create or side.delete for side in office.settle().applied.values())


def test_a_plan_says_what_new_prospects_cost() -> None:
    """P8: on Propstreet a batch and a look for each project, on HubSpot a look and a batch for all deals together."""
    office = Office("hubspot")
    projects = office.load(3)
    people = [office.contact() for _ in range(4)]
    for contact in people:
        office.propstreet.add_prospect(projects[0], contact=contact)
    office.settle()
    for project in projects[1:]:
        for contact in people[:2]:
            office.put_on(office.deal(project), office.pair(Kind.CONTACT, contact), "not_contacted")
        office.propstreet.add_prospect(project, contact=people[2])
    office.world.later(4000)
    planned = preview(office.world.connection)
    office.world.forget_calls()
    preview(office.world.connection)
    reading = office.world.calls()
    office.world.forget_calls()

    assert apply_preview(office.world.connection, planned).skipped == []

    made = {side.value: calls - reading[side] for side, calls in office.world.calls().items()}
    assert planned.calls == {"propstreet": 4, "crm": 2} == made
