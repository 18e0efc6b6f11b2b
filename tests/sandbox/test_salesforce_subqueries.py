"""One child subquery in SELECT, and what parents show (salesforce.md, sections 3.2, 7.2, 11.3; traps 15, 17, 18)."""

from __future__ import annotations

from typing import Any

import pytest

from syncd.testing.sandbox.salesforce.soql.conditions import Binder
from syncd.testing.sandbox.salesforce.soql.grammar import parse
from syncd.testing.sandbox.salesforce.soql.places import Ids

from .salesforce_cast import Cast
from .salesforce_client import Client

SOQL = "SELECT Name, (SELECT Id, Contact.Email FROM OpportunityContactRoles) FROM Opportunity ORDER BY Id"


@pytest.fixture
def client() -> Client:
    return Client()


@pytest.fixture
def cast(client: Client) -> Cast:
    return Cast(client)


def nested(client: Client, inner: str, *, verb: str = "query") -> Any:
    soql = f"SELECT Id, (SELECT Id FROM OpportunityContactRoles {inner}) FROM Opportunity"
    found = client.query(soql, verb=verb)["records"][0]["OpportunityContactRoles"]
    return found and [row["Id"] for row in found["records"]]


def test_children_come_with_their_parent(client: Client, cast: Cast) -> None:
    """salesforce.md, section 3.2: a query result within a row, and null where there is none."""
    client.create(Name="nobody here")

    first, second = client.query(SOQL)["records"]

    assert list(first) == ["attributes", "Name", "OpportunityContactRoles"]
    within = first["OpportunityContactRoles"]
    assert (within["totalSize"], within["done"]) == (2, True)
    assert within["records"][0]["attributes"]["type"] == "OpportunityContactRole"
    assert [row["Contact"]["Email"] for row in within["records"]] == ["Anna@x.test", "Bo@x.test"]
    assert second["OpportunityContactRoles"] is None


@pytest.mark.parametrize(
    ("inner", "found"),
    [
        ("WHERE IsPrimary = TRUE", [0]),
        ("WHERE Contact.LastName = 'bo'", [1]),
        ("ORDER BY Id DESC", [1, 0]),
        ("ORDER BY Id DESC LIMIT 1", [1]),
        ("ORDER BY Id LIMIT 1 OFFSET 1", [1]),
        ("WHERE Role = 'nothing'", None),
    ],
)
def test_a_subquery_has_its_own_conditions(client: Client, cast: Cast, inner: str, found: Any) -> None:
    """salesforce.md, section 11.3."""
    assert nested(client, inner) == (found and [(cast.first, cast.second)[place] for place in found])


def test_children_in_the_recycle_bin(client: Client, cast: Cast) -> None:
    """salesforce.md, section 3.2: for queryAll only, under a parent that is there too."""
    client.person.delete_record(cast.deal)

    assert client.query(SOQL)["records"] == []
    assert nested(client, "ORDER BY Id", verb="queryAll") == [cast.first, cast.second]


def test_children_that_are_hidden(client: Client, cast: Cast) -> None:
    """salesforce.md traps 17 and 18: by sharing or with their object or their reference."""
    client.twin.org.table("OpportunityContactRole").unshared.add(cast.first)
    assert nested(client, "") == [cast.second]

    for hidden in (
        {"hidden_objects": {"OpportunityContactRole"}},
        {"hidden_fields": {"OpportunityContactRole.OpportunityId"}},
    ):
        client.twin.switch(**{name: frozenset(value) for name, value in hidden.items()})
        assert client.malformed(SOQL)[0] == "INVALID_TYPE"
        client.twin.switch(hidden_objects=frozenset(), hidden_fields=frozenset())


def test_rows_of_subqueries_count_towards_the_page(client: Client) -> None:
    """salesforce.md, section 3.2 and trap 15: fewer parents a page, and all of them in the end."""
    deals = client.person.seed(9)
    client.person.seed_roles(deals, each=3)
    client.twin.switch(page_max=8)

    pages = [client.query(SOQL)]
    while "nextRecordsUrl" in pages[-1]:
        pages.append(client.ask("GET", pages[-1]["nextRecordsUrl"]))

    assert [len(page["records"]) for page in pages] == [2, 2, 2, 2, 1]
    assert all(row["OpportunityContactRoles"]["done"] for page in pages for row in page["records"])
    assert {page["totalSize"] for page in pages} == {9}


def test_a_nested_result_may_be_unfinished(client: Client) -> None:
    """salesforce.md, section 3.2: done is false inside a record, with a locator of its own; a snapshot as well."""
    (deal,) = client.person.seed(1)
    made = client.person.seed_roles([deal], each=7)
    client.twin.switch(page_max=3)

    page = client.query(SOQL)["records"][0]["OpportunityContactRoles"]
    client.person.delete_role(made[-1])
    found = [page]
    while not found[-1]["done"]:
        found.append(client.ask("GET", found[-1]["nextRecordsUrl"]))

    assert [len(it["records"]) for it in found] == [3, 3, 1]
    assert [row["Id"] for it in found for row in it["records"]] == made


def test_other_children(client: Client) -> None:
    """salesforce.md, sections 3.8 and 7.4: their names are in describe, two of them in one query."""
    client.person.add_prospect_object()
    account = client.person.add_account()
    client.person.add_contact(AccountId=account, LastName="Berg")
    deal = client.person.add_record(Name="Storgatan 1", AccountId=account)
    client.person.add_record("Prospect__c", Opportunity__c=deal)
    children = client.ask("GET", "/sobjects/Account/describe")["childRelationships"]
    named = {it["relationshipName"]: it["childSObject"] for it in children if it["relationshipName"]}

    soql = "SELECT (SELECT LastName FROM Contacts), Name, (SELECT Name FROM Opportunities) FROM Account"
    (row,) = client.query(soql)["records"]

    assert named == {"Contacts": "Contact", "Opportunities": "Opportunity", "Prospects__r": "Prospect__c"}
    assert row["Contacts"]["records"][0]["LastName"] == "Berg"
    assert row["Opportunities"]["records"][0]["Name"] == "Storgatan 1"
    (row,) = client.query("SELECT Id, (SELECT Id FROM prospects__r) FROM Opportunity")["records"]
    assert row["Prospects__r"]["totalSize"] == 1


@pytest.mark.parametrize(
    ("object", "where"),
    [
        ("OpportunityContactRole", "OpportunityId IN ('006000000000000','006000000000001AAA') AND IsPrimary = TRUE"),
        ("OpportunityContactRole", "ContactId = '003000000000000'"),
        ("Contact", "AccountId = '001000000000000AAA'"),
    ],
)
def test_lookups_by_parent_are_no_scans(client: Client, object: str, where: str) -> None:
    """salesforce.md, trap 12: what is asked for every changed opportunity must not walk every role."""
    soql = f"SELECT Id FROM {object} WHERE {where}"
    condition = parse(soql).where
    assert condition is not None

    clause = Binder(client.twin.org, client.twin.org.table(object), soql, deleted_too=False).clause(condition)

    assert isinstance(clause.where, Ids)
