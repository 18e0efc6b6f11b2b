"""The Tooling API's word on which fields there are (salesforce.md, section 3.10; trap 17: hidden is not missing)."""

from __future__ import annotations

from typing import Any
from urllib.parse import quote_plus

import pytest

from .salesforce_client import KEY, Client

OF_OPPORTUNITIES = "WHERE EntityDefinition.QualifiedApiName = 'Opportunity'"
HIDE_AMOUNT = {"hidden_fields": frozenset({"Opportunity.Amount"})}


@pytest.fixture
def client() -> Client:
    return Client()


def asked(client: Client, soql: str, *, status: int = 200) -> Any:
    return client.ask("GET", f"/tooling/query/?q={quote_plus(soql)}", status=status)


def names(client: Client, where: str = OF_OPPORTUNITIES) -> set[str]:
    found = asked(client, f"SELECT QualifiedApiName FROM FieldDefinition {where}")
    assert found["totalSize"] == len(found["records"])
    return {row["QualifiedApiName"] for row in found["records"]}


def test_it_lists_every_field_of_the_object_that_is_asked_for(client: Client) -> None:
    described = client.ask("GET", "/sobjects/Opportunity/describe")["fields"]

    assert names(client) == {it["name"] for it in described}
    assert "Stage__c" in names(client, "WHERE EntityDefinitionId = 'Deal__c'")
    assert names(client, "WHERE DurableId = 'Opportunity.Amount'") == {"Amount"}
    assert names(client, "WHERE EntityDefinitionId IN ('Nothing')") == set()


def test_a_hidden_field_is_there_and_a_missing_one_is_not(client: Client) -> None:
    """Trap 17: describe tells neither; this tells them apart."""
    client.twin.switch(**HIDE_AMOUNT)

    shown = {it["name"] for it in client.ask("GET", "/sobjects/Opportunity/describe")["fields"]}
    assert names(client) - shown == {"Amount"}
    assert "Propstreet_Gone__c" not in names(client)


def test_a_field_that_was_just_made_is_there_before_anybody_may_see_it(client: Client) -> None:
    """Section 3.10."""
    metadata = {"label": "Ref", "type": "Text", "length": 64}
    client.ask(
        "POST", "/tooling/sobjects/CustomField/", {"FullName": "Opportunity.Ref__c", "Metadata": metadata}, status=201
    )

    assert "Ref__c" in names(client)


def test_an_org_whose_catalogue_hides_what_security_hides(client: Client) -> None:
    """Believed otherwise, so there is a switch."""
    client.twin.switch(catalogue_shows_hidden=False, hidden_objects=frozenset({"Deal__c"}), **HIDE_AMOUNT)

    assert "Amount" not in names(client)
    assert KEY in names(client)
    assert names(client, "WHERE EntityDefinitionId = 'Deal__c'") == set()


def test_the_currency_is_a_field_only_where_there_are_several(client: Client) -> None:
    """Trap 37."""
    assert "CurrencyIsoCode" not in names(client)
    client.twin.switch(multi_currency=True)
    assert "CurrencyIsoCode" in names(client)


def test_objects_are_listed_too_and_rows_lead_to_theirs(client: Client) -> None:
    soql = f"SELECT EntityDefinition.Label, EntityDefinition.KeyPrefix FROM FieldDefinition {OF_OPPORTUNITIES}"
    (row, *_) = asked(client, soql)["records"]

    assert (row["EntityDefinition"]["Label"], row["EntityDefinition"]["KeyPrefix"]) == ("Opportunity", "006")
    found = asked(client, "SELECT QualifiedApiName FROM EntityDefinition ORDER BY QualifiedApiName")["records"]
    listed = [row["QualifiedApiName"] for row in found]
    assert {"Account", "Contact", "Deal__c", "Opportunity"} <= set(listed)
    assert listed == sorted(listed, key=str.casefold)
    assert "FieldDefinition" not in listed


@pytest.mark.parametrize(
    ("soql", "code"),
    [
        ("SELECT DurableId FROM FieldDefinition", "MALFORMED_QUERY"),
        ("SELECT DurableId FROM FieldDefinition WHERE QualifiedApiName = 'Amount'", "MALFORMED_QUERY"),
        (f"SELECT DurableId FROM FieldDefinition {OF_OPPORTUNITIES} LIMIT 1", "EXTERNAL_OBJECT_UNSUPPORTED_EXCEPTION"),
        (f"SELECT COUNT() FROM FieldDefinition {OF_OPPORTUNITIES}", "EXTERNAL_OBJECT_UNSUPPORTED_EXCEPTION"),
        (
            f"SELECT DurableId FROM FieldDefinition {OF_OPPORTUNITIES} AND QualifiedApiName != 'Amount'",
            "EXTERNAL_OBJECT_UNSUPPORTED_EXCEPTION",
        ),
        (
            "SELECT DurableId FROM FieldDefinition WHERE DurableId = 'a' OR DurableId = 'b'",
            "EXTERNAL_OBJECT_UNSUPPORTED_EXCEPTION",
        ),
        (
            f"SELECT DurableId FROM FieldDefinition {OF_OPPORTUNITIES} AND NOT (QualifiedApiName = 'Amount')",
            "EXTERNAL_OBJECT_UNSUPPORTED_EXCEPTION",
        ),
        (f"SELECT Nothing FROM FieldDefinition {OF_OPPORTUNITIES}", "INVALID_FIELD"),
    ],
)
def test_what_the_catalogue_cannot_do_is_refused(client: Client, soql: str, code: str) -> None:
    """The Tooling API's own limitations; nothing unsupported is ever ignored (section 11.3)."""
    assert asked(client, soql, status=400)[0]["errorCode"] == code


def test_it_is_the_tooling_apis_alone(client: Client) -> None:
    assert client.malformed(f"SELECT DurableId FROM FieldDefinition {OF_OPPORTUNITIES}")[0] == "INVALID_TYPE"
    assert client.refused("GET", "/sobjects/FieldDefinition/describe", status=404) == "NOT_FOUND"
    listed = {it["name"] for it in client.ask("GET", "/sobjects")["sobjects"]}
    assert not listed & {"FieldDefinition", "EntityDefinition"}


def test_a_user_who_may_not_look_at_the_setup(client: Client) -> None:
    client.twin.switch(may_view_setup=False)

    refused = asked(client, f"SELECT DurableId FROM FieldDefinition {OF_OPPORTUNITIES}", status=403)
    assert refused[0]["errorCode"] == "INSUFFICIENT_ACCESS"
