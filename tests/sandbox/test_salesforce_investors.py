"""The Salesforce twin's `Investor__c`: a record of its own, with lookups that may be empty (salesforce.md, 7.4)."""

from __future__ import annotations

from typing import Any

import httpx
import pytest

from syncd.testing.sandbox.serve import serve
from syncd.testing.sandbox.wire import Faulty

from .salesforce_client import Client

INVESTORS = "/sobjects/Investor__c"
LOOKUPS = {"Opportunity__c": "Opportunity", "Contact__c": "Contact", "Account__c": "Account"}


def client_of(**switches: Any) -> Client:
    client = Client(**switches)
    client.person.add_investor_object()
    client.person.add_field("Ref__c", "Investor__c", unique=True, external_id=True, length=64)
    return client


def described(client: Client, object: str = "Investor__c") -> dict[str, Any]:
    return {field["name"]: field for field in client.ask("GET", f"/sobjects/{object}/describe")["fields"]}


def linked(client: Client) -> tuple[str, str, str]:
    """An investor, their opportunity and their contact."""
    deal, contact = client.create(), client.person.add_contact()
    return client.person.add_record("Investor__c", Opportunity__c=deal, Contact__c=contact), deal, contact


def stamps(client: Client, id: str) -> tuple[str, str]:
    record = client.person.record(id)
    return record["SystemModstamp"], record["LastModifiedDate"]


def test_describe_says_where_each_lookup_leads() -> None:
    """salesforce.md, section 3.8: referenceTo; a polymorphic one names several objects, a plain field none."""
    client = client_of()
    client.person.add_field("Party__c", "Investor__c", type="reference", reference_to=["Contact", "Account"])

    fields = described(client)

    assert {name: fields[name]["referenceTo"] for name in LOOKUPS} == {name: [to] for name, to in LOOKUPS.items()}
    assert fields["Party__c"]["referenceTo"] == ["Contact", "Account"]
    assert fields["Classification__c"]["referenceTo"] == []
    assert all((fields[name]["type"], fields[name]["nillable"]) == ("reference", True) for name in LOOKUPS)
    assert [one["value"] for one in fields["Classification__c"]["picklistValues"]][1:3] == ["Contacted", "Interested"]
    assert (fields["Name"]["autoNumber"], fields["Name"]["createable"]) == (True, False)
    assert (fields["Ref__c"]["externalId"], fields["Ref__c"]["unique"]) == (True, True)


def test_an_investor_is_numbered_and_needs_nobody() -> None:
    client = client_of()
    body = {"records": [{"attributes": {"type": "Investor__c"}, "Ref__c": f"9001/{n}"} for n in range(2)]}

    rows = client.ask("PATCH", "/composite/sobjects/Investor__c/Ref__c", body)

    assert [client.person.record(row["id"])["Name"] for row in rows] == ["I-00001", "I-00002"]
    assert client.refused("POST", INVESTORS, {"Name": "Anna"}) == "INVALID_FIELD_FOR_INSERT_UPDATE"


@pytest.mark.parametrize("moves", [True, False])
def test_a_lookup_is_cleared_and_comes_back_with_its_record(moves: bool) -> None:
    """salesforce.md, section 7.4; no person edited the investor, so LastModifiedDate stays in any case."""
    client = client_of(clearing_moves_stamp=moves)
    id, _, contact = linked(client)
    before = stamps(client, id)
    client.clock.advance(60)

    client.person.delete_contact(contact)
    cleared = stamps(client, id)
    assert client.person.record(id)["Contact__c"] is None
    client.clock.advance(60)
    client.person.undelete_contact(contact)
    back = stamps(client, id)

    assert client.person.record(id)["Contact__c"] == contact
    assert (before[0] < cleared[0] < back[0]) is moves
    assert {before[1]} == {cleared[1], back[1]}


def test_a_lookup_that_was_replaced_does_not_come_back() -> None:
    client = client_of()
    id, deal, contact = linked(client)
    other, gone = client.person.add_contact(), client.person.add_record("Investor__c", Opportunity__c=deal)
    client.person.delete_record(deal)
    client.person.delete_contact(contact)
    client.person.edit_record(id, Contact__c=other)
    client.person.delete_record(gone)

    client.person.undelete_contact(contact)
    client.person.undelete_record(deal)

    assert (client.person.record(id)["Contact__c"], client.person.record(id)["Opportunity__c"]) == (other, deal)
    assert client.person.record(gone)["Opportunity__c"] is None


def test_in_an_org_that_does_not_relink_it_stays_empty() -> None:
    client = client_of(undelete_relinks=False)
    id, _, contact = linked(client)
    client.person.delete_contact(contact)
    client.person.undelete_contact(contact)

    assert client.person.record(id)["Contact__c"] is None


def test_an_opportunity_may_lead_to_another() -> None:
    """A lookup of an object to itself is always cleared."""
    client = client_of()
    client.person.add_field("Parent__c", type="reference", reference_to=["Opportunity"], relationship="Parent__r")
    parent = client.create()
    child = client.create(Parent__c=parent)

    soql = f"SELECT Parent__r.Name FROM Opportunity WHERE Id = '{child}'"
    assert client.query(soql)["records"][0]["Parent__r"]["Name"] == "Storgatan 1"
    assert described(client, "Opportunity")["Parent__c"]["referenceTo"] == ["Opportunity"]
    client.person.delete_record(parent)
    assert client.person.record(child)["Parent__c"] is None
    assert not client.person.record(child)["IsDeleted"]


def test_a_lookup_takes_only_what_it_leads_to_and_we_may_see() -> None:
    """salesforce.md, section 6.2: another object's id or a deleted record's is invalid, an unshared one no business."""
    client = client_of()
    id, deal, contact = linked(client)
    unshared, gone = client.person.add_contact(), client.person.add_contact()
    client.person.share(unshared, visible=False)
    client.person.delete_contact(gone)

    refusals = {to: client.refused("PATCH", f"{INVESTORS}/{id}", {"Contact__c": to}) for to in (deal, gone, unshared)}

    assert list(refusals.values()) == [
        "INVALID_CROSS_REFERENCE_KEY",
        "INVALID_CROSS_REFERENCE_KEY",
        "INSUFFICIENT_ACCESS_ON_CROSS_REFERENCE_ENTITY",
    ]
    assert client.person.record(id)["Contact__c"] == contact
    client.person.edit_record(id, Contact__c=unshared)  # a person sees more than we do
    client.ask("PATCH", f"{INVESTORS}/{id}", {"Contact__c": unshared, "Notes__c": "as it was"}, status=204)


def test_a_hidden_lookup_is_not_described_and_not_read() -> None:
    """salesforce.md, trap 17."""
    client = client_of(hidden_fields=frozenset({"Investor__c.Opportunity__c"}))
    linked(client)

    assert "Opportunity__c" not in described(client)
    assert client.malformed("SELECT Opportunity__c FROM Investor__c")[0] == "INVALID_FIELD"


def test_the_side_door_adds_it() -> None:
    client = Client()
    with serve(Faulty(client.twin), door_port=0) as served, httpx.Client(base_url=str(served.door_url)) as door:
        door.post("/add_investor_object", json={}).raise_for_status()
        id = door.post("/add_record", json={"object": "Investor__c", "Classification__c": "Bidder"}).json()

    assert client.ask("GET", f"{INVESTORS}/{id}")["Classification__c"] == "Bidder"
