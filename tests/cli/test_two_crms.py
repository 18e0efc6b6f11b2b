"""Two connections on one Propstreet account and in one store: HubSpot and Salesforce, each with its own refs."""

from __future__ import annotations

import pytest

from .branch import Branch

HUBSPOT, SALESFORCE = "nordic", "lapland"


@pytest.fixture
def both(branch: Branch) -> Branch:
    """Both set up, loaded and quiet."""
    branch.write_both()
    branch.set_up(HUBSPOT, SALESFORCE)
    for command in ("backfill", "delta", "delta"):
        branch.fine(command)
    return branch


@pytest.fixture
def project(both: Branch) -> str:
    """One that has a price in kronor, and no range that a new price could leave."""
    return next(
        str(one["id"])
        for one in both.propstreet.live_projects()
        if (one.get("price") or {}).get("currency") == "SEK" and not one.get("priceRange")
    )


def quiet(both: Branch) -> bool:
    """Do passes, after those that carry a change on, find nothing more to write?"""
    for _ in range(2):
        both.fine("delta")
    before = both.written()
    for _ in range(2):
        both.fine("delta")
    return both.written() == before


def test_each_keeps_its_own_ref(both: Branch) -> None:
    """One project, one deal, one opportunity; each CRM knows the project and Propstreet knows both."""
    projects = [one["id"] for one in both.propstreet.live_projects()]

    assert len(projects) == len(both.hubspot.person.live_deals()) == len(both.opportunities()) == 5
    for id in projects:
        assert both.refs_of(id) == {"hubspot": both.deal_of(id), "salesforce": both.opportunity_of(id)}
    assert quiet(both)
    assert {one["connection"]: one["paired"] for one in both.run("status", "--json").json} == {
        HUBSPOT: 5,
        SALESFORCE: 5,
    }


def test_an_edit_in_hubspot_reaches_salesforce(both: Branch, project: str) -> None:
    """Through Propstreet: what one connection writes is an ordinary change for the other."""
    both.hubspot.person.edit_deal(both.deal_of(project), dealname="Renamed in HubSpot", amount="77000000")

    both.fine("delta")

    shown = both.shown_of(project)
    assert both.propstreet.project(project)["name"] == shown["Name"] == "Renamed in HubSpot"
    assert (shown["Amount"], shown["CurrencyIsoCode"]) == (77_000_000, "SEK")
    assert quiet(both)


def test_an_edit_in_salesforce_reaches_hubspot(both: Branch, project: str) -> None:
    """With the pass after: HubSpot's connection ran before Salesforce's."""
    both.salesforce.person.edit_record(both.opportunity_of(project), Name="Renamed in Salesforce", Amount=66_000_000)

    both.fine("delta")
    both.fine("delta")

    deal = both.hubspot.person.deal(both.deal_of(project))
    assert (deal["dealname"], deal["amount"]) == ("Renamed in Salesforce", "66000000")
    assert quiet(both)


def test_three_people_edit_three_fields(both: Branch, project: str) -> None:
    both.propstreet.edit_project(project, exclusivity="other")
    both.hubspot.person.edit_deal(both.deal_of(project), dealname="Three people")
    both.salesforce.person.edit_record(both.opportunity_of(project), Amount=55_000_000)

    assert quiet(both)

    deal, shown = both.hubspot.person.deal(both.deal_of(project)), both.shown_of(project)
    assert (deal["dealname"], deal["amount"], deal["propstreet_exclusivity"]) == ("Three people", "55000000", "other")
    assert (shown["Name"], shown["Amount"], shown["Propstreet_Exclusivity__c"]) == ("Three people", 55_000_000, "other")


def test_both_crms_edit_the_same_price(both: Branch, project: str) -> None:
    """The first is carried out; the second meets it in Propstreet and is held for a person, who decides for all."""
    both.hubspot.person.edit_deal(both.deal_of(project), amount="71000000")
    both.salesforce.person.edit_record(both.opportunity_of(project), Amount=72_000_000)

    assert both.run("delta").code == 3
    assert both.shown_of(project)["Amount"] == 72_000_000
    assert both.run("conflicts", "list", "--connection", HUBSPOT).code == 0
    number = both.run("conflicts", "list", "--json", "--connection", SALESFORCE).json[0]["id"]
    both.fine("conflicts", "resolve", str(number), "--take", "crm", "--connection", SALESFORCE)

    assert quiet(both)
    assert both.hubspot.person.deal(both.deal_of(project))["amount"] == "72000000"


def test_a_deleted_deal_is_not_the_others_concern(both: Branch, project: str) -> None:
    """The tables that come with syncd unbind; Salesforce's pair lives on, and its ref with it."""
    opportunity = both.opportunity_of(project)
    both.hubspot.person.archive_deal(both.deal_of(project))
    both.propstreet.edit_project(project, name="Lives on")

    assert both.run("delta").code in (0, 3)
    both.run("delta")

    assert both.refs_of(project)["salesforce"] == opportunity
    assert both.shown_of(project)["Name"] == "Lives on"
    assert project not in {deal.get("propstreet_id") for deal in both.hubspot.person.live_deals().values()}


def test_one_that_fails_does_not_stop_the_other(both: Branch, project: str) -> None:
    both.propstreet.edit_project(project, name="Goes to one")

    said = both.run("delta", HUBSPOT_TOKEN="never-issued-0c4d")

    assert said.code == 1
    assert both.shown_of(project)["Name"] == "Goes to one"
    assert both.hubspot.person.deal(both.deal_of(project))["dealname"] != "Goes to one"
    both.fine("delta")
    assert both.hubspot.person.deal(both.deal_of(project))["dealname"] == "Goes to one"


def test_a_lost_store_finds_both_pairs_again(both: Branch) -> None:
    """By the refs and the stamps alone; nothing is made twice."""
    before = {one["id"]: both.refs_of(one["id"]) for one in both.propstreet.live_projects()}
    for file in both.folder.glob("syncd.db*"):
        file.unlink()

    both.fine("backfill")

    assert {one["id"]: both.refs_of(one["id"]) for one in both.propstreet.live_projects()} == before
    assert len(both.hubspot.person.live_deals()) == len(both.opportunities()) == 5
    assert quiet(both)
