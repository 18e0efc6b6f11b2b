"""Contacts, accounts and an org's own objects in the twin (salesforce.md, sections 6.2, 7.3, 7.4; traps 8, 19, 29)."""

from __future__ import annotations

from typing import Any

import httpx
import pytest

from syncd.testing.sandbox.salesforce import DuplicateRule
from syncd.testing.sandbox.serve import serve
from syncd.testing.sandbox.wire import Faulty

from .salesforce_client import Client, codes

CONTACTS, ACCOUNTS, PROSPECTS = "/sobjects/Contact", "/sobjects/Account", "/sobjects/Prospect__c"
TEXT = {"label": "Ref", "type": "Text", "length": 64, "externalId": True, "unique": True, "caseSensitive": True}


@pytest.fixture
def client() -> Client:
    return Client()


def fields(client: Client, object: str) -> dict[str, Any]:
    return {it["name"]: it for it in client.ask("GET", f"/sobjects/{object}/describe")["fields"]}


def key_on(client: Client, object: str) -> None:
    """As an install command does it: a unique external id over the Tooling route."""
    client.twin.switch(new_fields_visible=True)
    body = {"FullName": f"{object}.Ref__c", "Metadata": TEXT}
    client.ask("POST", "/tooling/sobjects/CustomField/", body, status=201)


# Contacts and accounts


@pytest.mark.parametrize(("object", "needed"), [("Contact", ["LastName"]), ("Account", ["Name"])])
def test_what_is_required(client: Client, object: str, needed: list[str]) -> None:
    """salesforce.md, sections 3.8 and 7.3: describe and a refused create say the same."""
    required = [
        it["name"]
        for it in fields(client, object).values()
        if it["createable"] and not it["nillable"] and not it["defaultedOnCreate"] and it["type"] != "boolean"
    ]
    (error,) = client.ask("POST", f"/sobjects/{object}", {"Phone": "1"}, status=400)

    assert required == error["fields"] == needed
    assert error["errorCode"] == "REQUIRED_FIELD_MISSING"


@pytest.mark.parametrize(
    ("sent", "code"),
    [
        ({"LastName": "x" * 81}, "STRING_TOO_LONG"),
        ({"FirstName": "x" * 41}, "STRING_TOO_LONG"),
        ({"Phone": "1" * 41}, "STRING_TOO_LONG"),
        ({"Email": "x" * 75 + "@x.test"}, "STRING_TOO_LONG"),
        ({"Email": "anna@firm"}, "INVALID_EMAIL_ADDRESS"),
        ({"Email": "anna berg@firm.test"}, "INVALID_EMAIL_ADDRESS"),
        ({"Email": "anna@b.test, bo@b.test"}, "INVALID_EMAIL_ADDRESS"),
        ({"Name": "Anna Berg"}, "INVALID_FIELD_FOR_INSERT_UPDATE"),
        ({"MailingAddress": {"city": "Oslo"}}, "INVALID_FIELD_FOR_INSERT_UPDATE"),
        ({"HasOptedOutOfEmail": None}, "INVALID_TYPE_ON_FIELD_IN_RECORD"),
        ({"MasterRecordId": None}, "INVALID_FIELD_FOR_INSERT_UPDATE"),
    ],
)
def test_a_bad_value_of_a_contact(client: Client, sent: Any, code: str) -> None:
    """salesforce.md, sections 6.2 and 7.3: one field refuses the whole row, here and in a collection."""
    id = client.person.add_contact(LastName="Berg")
    before = client.person.record(id)

    assert client.refused("PATCH", f"{CONTACTS}/{id}", sent | {"Title": "Partner"}) == code
    row = {"attributes": {"type": "Contact"}, "id": id, "Title": "Partner"} | sent
    assert codes(client.ask("PATCH", "/composite/sobjects", {"records": [row]})) == [code]
    assert client.person.record(id) == before


def test_an_address_is_read_whole_and_written_in_parts(client: Client) -> None:
    """salesforce.md, sections 7.3 and 8.2: an object on read, null without any part; describe names the whole."""
    id = client.ask("POST", ACCOUNTS, {"Name": "Acme", "BillingCity": "Oslo", "BillingCountry": "Norway"}, status=201)
    row = client.ask("GET", f"{ACCOUNTS}/{id['id']}")
    client.ask("PATCH", f"{ACCOUNTS}/{id['id']}", {"BillingCity": None, "BillingCountry": ""}, status=204)

    assert (row["BillingAddress"]["city"], row["BillingAddress"]["country"]) == ("Oslo", "Norway")
    assert row["BillingAddress"]["street"] is None
    assert client.ask("GET", f"{ACCOUNTS}/{id['id']}")["BillingAddress"] is None
    shown = fields(client, "Account")
    assert shown["BillingCity"]["compoundFieldName"] == "BillingAddress"
    assert (shown["BillingAddress"]["updateable"], shown["BillingAddress"]["filterable"]) == (False, False)


def test_a_flow_changes_a_name(client: Client) -> None:
    """salesforce.md, sections 7.3 and 8.3: what is made of parts follows them, whoever writes the parts."""
    id = client.person.add_contact(FirstName="Anna", LastName="Berg")
    client.person.automate(id, LastName="Dahl", MailingCity="Oslo")

    shown = client.person.record(id)
    assert (shown["Name"], shown["MailingAddress"]["city"]) == ("Anna Dahl", "Oslo")


def test_countries_from_a_list(client: Client) -> None:
    """salesforce.md, section 6.2: FIELD_INTEGRITY_EXCEPTION when coded address lists are on."""
    client.twin.switch(countries=frozenset({"Sweden", "Norway"}))

    assert client.refused("POST", CONTACTS, {"LastName": "Berg", "MailingCountry": "SE"}) == "FIELD_INTEGRITY_EXCEPTION"
    account = client.ask("POST", ACCOUNTS, {"Name": "Acme", "BillingCountry": "Sweden"}, status=201)["id"]
    client.ask("PATCH", f"{ACCOUNTS}/{account}", {"BillingCountry": None}, status=204)


@pytest.mark.parametrize(("object", "needed"), [("Contact", "LastName"), ("Account", "Name")])
def test_a_key_of_ours_on_contacts_and_accounts(client: Client, object: str, needed: str) -> None:
    """salesforce.md, sections 3.4, 3.5 and 9.1: created once by upsert, by row and by collection."""
    key_on(client, object)
    made = client.ask("PATCH", f"/sobjects/{object}/Ref__c/c-1", {needed: "Berg"}, status=201)["id"]
    rows = [{"attributes": {"type": object}, "Ref__c": key, needed: "Dahl"} for key in ("c-1", "c-2")]
    answers = client.ask("PATCH", f"/composite/sobjects/{object}/Ref__c", {"records": rows})

    assert [(answer["created"], answer["id"] == made) for answer in answers] == [(False, True), (True, False)]
    found = client.query(f"SELECT Id FROM {object} WHERE Ref__c IN ('c-1','c-3')")["records"]
    assert [row["Id"] for row in found] == [made]


def test_contacts_without_an_account_are_private() -> None:
    """salesforce.md, section 7.3: invisible to others than their owner, until they have an account."""
    client = Client(private_contacts=True)
    theirs = client.person.add_contact(LastName="Berg")
    ours = client.ask("POST", CONTACTS, {"LastName": "Dahl"}, status=201)["id"]

    assert [row["Id"] for row in client.query("SELECT Id FROM Contact")["records"]] == [ours]
    assert client.refused("GET", f"{CONTACTS}/{theirs}", status=404) == "NOT_FOUND"
    client.person.edit_contact(theirs, AccountId=client.person.add_account())
    assert client.query("SELECT COUNT() FROM Contact")["totalSize"] == 2


# Duplicates


def test_duplicates_in_a_collection(client: Client) -> None:
    """salesforce.md traps 8 and 29: every row by itself, with the ids that match and `statusCode`."""
    client.twin.switch(duplicate_rules=(DuplicateRule(object="Contact", fields=("Email",), action="alert"),))
    twins = [client.person.add_contact(LastName=name, Email="b@x.test") for name in ("Berg", "Dahl")]
    rows = [{"attributes": {"type": "Contact"}, "LastName": "New", "Email": it} for it in ("B@x.test", "c@x.test")]

    answers = client.ask("POST", "/composite/sobjects", {"records": rows})
    again = client.ask(
        "POST", "/composite/sobjects", {"records": rows[:1]}, sforce_duplicate_rule_header="allowSave=true"
    )

    assert codes(answers) == ["DUPLICATES_DETECTED", None]
    (match,) = answers[0]["errors"][0]["duplicateResut"]["matchResults"]
    assert [it["record"]["Id"] for it in match["matchRecords"]] == twins
    assert (match["size"], match["matchRecords"][0]["record"]["attributes"]["type"]) == (2, "Contact")
    assert codes(again) == [None]


def test_an_edit_meets_the_rule_only_where_it_touches_it(client: Client) -> None:
    """salesforce.md trap 29: a contact that has a double already can be edited otherwise."""
    client.twin.switch(duplicate_rules=(DuplicateRule(object="Contact", fields=("Email",), action="block"),))
    client.person.add_contact(LastName="Berg", Email="b@x.test")
    id = client.person.add_contact(LastName="Dahl", Email="b@x.test")

    client.ask("PATCH", f"{CONTACTS}/{id}", {"Title": "Partner", "Email": "b@x.test"}, status=204)
    client.ask("PATCH", f"{CONTACTS}/{id}", {"Email": "d@x.test"}, status=204)
    assert client.refused("PATCH", f"{CONTACTS}/{id}", {"Email": "B@x.test"}) == "DUPLICATES_DETECTED"


# Merges and deletes


def test_merged_contacts(client: Client) -> None:
    """salesforce.md, section 7.3 and trap 19: the key goes with the loser, so that an upsert on it makes a new one."""
    key_on(client, "Contact")
    winner = client.person.add_contact(LastName="Berg", Ref__c="c-1")
    loser = client.person.add_contact(LastName="Bergh", Ref__c="c-2", MailingCity="Oslo")
    client.person.merge_contacts(winner, [loser])

    shown = client.person.record(winner)
    assert (shown["LastName"], shown["Ref__c"], shown["MailingAddress"]["city"]) == ("Berg", "c-1", "Oslo")
    soql = "SELECT MasterRecordId, MasterRecord.LastName FROM Contact WHERE Ref__c = 'c-2'"
    (gone,) = client.query(soql, verb="queryAll")["records"]
    assert (gone["MasterRecordId"], gone["MasterRecord"]["LastName"]) == (winner, "Berg")
    made = client.ask("PATCH", f"{CONTACTS}/Ref__c/c-2", {"LastName": "Bergh"}, status=201)["id"]
    assert made not in (winner, loser)


def test_an_account_takes_along_and_brings_back(client: Client) -> None:
    """salesforce.md, section 8.5: contacts, opportunities and their roles; what was deleted before stays deleted."""
    account = client.person.add_account()
    contact, gone = (client.person.add_contact(AccountId=account) for _ in range(2))
    deal = client.person.add_record(Name="Storgatan 1", AccountId=account)
    role = client.person.add_role(deal, contact, primary=True)
    client.person.delete_contact(gone)

    client.person.delete_record(account)
    assert all(client.person.record(id)["IsDeleted"] for id in (account, contact, deal, role))
    client.person.undelete_record(account)

    shown = {id: client.person.record(id)["IsDeleted"] for id in (account, contact, gone, deal, role)}
    assert shown == {account: False, contact: False, gone: True, deal: False, role: False}
    assert client.person.record(deal)["ContactId"] == contact


def test_what_comes_back_needs_its_keys(client: Client) -> None:
    """salesforce.md, section 3.4 and trap 20: a contact's key that has a new holder keeps the whole account away."""
    key_on(client, "Contact")
    account = client.person.add_account()
    contact = client.person.add_contact(AccountId=account, Ref__c="c-1")
    client.person.delete_record(account)
    client.person.add_contact(Ref__c="c-1")

    with pytest.raises(ValueError, match="duplicate value"):
        client.person.undelete_record(account)
    assert client.person.record(account)["IsDeleted"]
    assert client.person.record(contact)["IsDeleted"]


def test_lookups_by_parent_see_the_recycle_bin_in_query_all_only(client: Client) -> None:
    """salesforce.md, section 3.2: the same rows as a scan would find."""
    account = client.person.add_account()
    live, gone = (client.person.add_contact(LastName=name, AccountId=account) for name in ("Berg", "Dahl"))
    client.person.delete_contact(gone)
    soql = f"SELECT Id FROM Contact WHERE AccountId IN ('{account[:15]}') ORDER BY Id"

    assert [row["Id"] for row in client.query(soql)["records"]] == [live]
    assert [row["Id"] for row in client.query(soql, verb="queryAll")["records"]] == [live, gone]


# Prospects as records of their own


@pytest.fixture
def prospecting(client: Client) -> Client:
    client.person.add_prospect_object()
    return client


def test_a_prospect_of_its_own(prospecting: Client) -> None:
    """salesforce.md, section 7.4: master-detail is required and fixed, lookups are neither; a key of ours fits."""
    client = prospecting
    key_on(client, "Prospect__c")
    deal, contact = client.create(), client.person.add_contact(LastName="Berg")
    body = {"Opportunity__c": deal, "Contact__c": contact, "Status__c": "New", "Bid__c": 12.5}

    assert client.refused("POST", PROSPECTS, {"Contact__c": contact}) == "REQUIRED_FIELD_MISSING"
    id = client.ask("PATCH", f"{PROSPECTS}/Ref__c/p-1", body, status=201)["id"]
    sent = {"Opportunity__c": client.create()}
    assert client.refused("PATCH", f"{PROSPECTS}/{id}", sent) == "INVALID_FIELD_FOR_INSERT_UPDATE"
    client.ask("PATCH", f"{PROSPECTS}/{id}", {"Contact__c": None}, status=204)

    soql = "SELECT Name, Bid__c, Contact__r.Name, Opportunity__r.StageName FROM Prospect__c WHERE Ref__c = 'p-1'"
    (row,) = client.query(soql)["records"]
    assert (row["Name"], row["Bid__c"], row["Contact__r"]) == (id[:15], 12.5, None)
    assert row["Opportunity__r"]["StageName"] == "Prospecting"
    facts = client.ask("GET", f"{PROSPECTS}/describe")
    assert (facts["custom"], facts["keyPrefix"], facts["replicateable"], facts["undeletable"]) == (
        True,
        "a02",
        True,
        True,
    )


def test_a_prospect_lives_and_dies_with_its_opportunity(prospecting: Client) -> None:
    """salesforce.md, sections 7.4 and 8.5: unlike a role it shows in queryAll when it is deleted by itself."""
    client = prospecting
    deal, contact = client.create(), client.person.add_contact()
    first, second = (client.person.add_record("Prospect__c", Opportunity__c=deal, Contact__c=contact) for _ in range(2))
    client.ask("DELETE", f"{PROSPECTS}/{second}", status=204)
    client.person.delete_contact(contact)
    assert client.person.record(first)["Contact__c"] is None  # a lookup is cleared
    rows = client.query("SELECT Id FROM Prospect__c WHERE IsDeleted = TRUE", verb="queryAll")["records"]
    assert [row["Id"] for row in rows] == [second]

    client.person.delete_record(deal)
    with pytest.raises(ValueError, match="by itself"):
        client.person.undelete_record(first)
    client.person.undelete_record(deal)
    client.person.undelete_record(second)
    assert list(client.person.live_records("Prospect__c")) == [first, second]


def test_a_lookup_may_hold_its_parent(prospecting: Client) -> None:
    """salesforce.md, sections 6.2 and 7.4: DELETE_FAILED, and nothing that would go along is touched."""
    client = prospecting
    account = client.person.add_account()
    contact = client.person.add_contact(AccountId=account)
    id = client.person.add_record("Prospect__c", Opportunity__c=client.create(), Account__c=account)

    assert client.refused("DELETE", f"{ACCOUNTS}/{account}") == "DELETE_FAILED"
    with pytest.raises(ValueError, match="associated"):
        client.person.delete_record(account)
    assert not client.person.record(contact)["IsDeleted"]
    client.person.edit_record(id, Account__c=None)
    client.ask("DELETE", f"{ACCOUNTS}/{account}", status=204)


def test_a_lookup_holds_whatever_would_go_along(client: Client) -> None:
    """salesforce.md, sections 6.2 and 7.4: an account is held by what holds one of its contacts."""
    held = {"name": "Contact__c", "type": "reference", "reference_to": ["Contact"], "on_delete": "restrict"}
    client.person.add_object("Mandate__c", [held], prefix="a0M")
    account = client.person.add_account()
    contact = client.person.add_contact(AccountId=account)
    client.person.add_record("Mandate__c", Contact__c=contact)

    assert client.refused("DELETE", f"{ACCOUNTS}/{account}") == "DELETE_FAILED"
    assert not client.person.record(account)["IsDeleted"]
    assert not client.person.record(contact)["IsDeleted"]


def test_any_object_that_an_admin_thinks_of(client: Client) -> None:
    """salesforce.md, section 7.4, by the side door: seen by describe, SOQL and rows at once; a name is taken once."""
    with serve(Faulty(client.twin), door_port=0) as served, httpx.Client(base_url=str(served.door_url)) as door:
        lookup = {"name": "Deal__c", "type": "reference", "reference_to": ["Opportunity"], "relationship": "Deal__r"}
        kind = {"name": "Lead_In__c", "prefix": "a0X", "fields": [lookup, {"name": "Bid__c", "type": "currency"}]}
        door.post("/add_object", json=kind).raise_for_status()
        assert door.post("/add_object", json=kind).status_code == 400
        deal = door.post("/add_record", json={"Name": "Storgatan 1"}).json()
        contact = door.post("/add_contact", json={"FirstName": "Anna"}).json()
        door.post("/add_role", json={"opportunity": deal, "contact": contact, "primary": True}).raise_for_status()
        (role,) = door.post("/roles_of", json={"opportunity": deal}).json().values()
        assert (role["ContactId"], role["IsPrimary"]) == (contact, True)

    id = client.ask("POST", "/sobjects/Lead_In__c", {"Deal__c": deal, "Bid__c": 5}, status=201)["id"]
    assert id.startswith("a0X")
    assert client.query("SELECT Deal__r.Name FROM Lead_In__c")["records"][0]["Deal__r"]["Name"] == "Storgatan 1"
    assert client.person.record(id)["OwnerId"] == client.twin.org.api_user
