"""Describe, field-level security and new fields in the twin (salesforce.md, sections 3.8, 3.10, 6.2; trap 17)."""

from __future__ import annotations

from typing import Any

import pytest

from .salesforce_client import KEY, OPPORTUNITIES, Client

FIELD = "/tooling/sobjects/CustomField/"
TEXT = {"label": "Ref", "type": "Text", "length": 64, "externalId": True, "unique": True, "caseSensitive": True}


@pytest.fixture
def client() -> Client:
    return Client()


def fields(client: Client, object: str = "Opportunity") -> dict[str, Any]:
    return {it["name"]: it for it in client.ask("GET", f"/sobjects/{object}/describe")["fields"]}


def add(client: Client, name: str = "Opportunity.Ref__c", status: int = 201, **metadata: Any) -> Any:
    return client.ask("POST", FIELD, {"FullName": name, "Metadata": metadata or TEXT}, status=status)


def grant(client: Client, field: str = "Opportunity.Ref__c", *, edit: bool = True, assign: bool = True) -> str:
    made = client.ask("POST", "/sobjects/PermissionSet/", {"Name": "syncd", "Label": "syncd"}, status=201)["id"]
    permission = {"ParentId": made, "SobjectType": field.split(".")[0], "Field": field}
    permission |= {"PermissionsRead": True, "PermissionsEdit": edit}
    client.ask("POST", "/sobjects/FieldPermissions/", permission, status=201)
    if assign:
        assignment = {"PermissionSetId": made, "AssigneeId": client.twin.org.api_user}
        client.ask("POST", "/sobjects/PermissionSetAssignment/", assignment, status=201)
    return str(made)


def test_describe_shows_what_an_adapter_checks(client: Client) -> None:
    """salesforce.md, sections 1 and 3.8: required on create, and a key that is unique and external."""
    found = fields(client)
    needed = [
        it["name"]
        for it in found.values()
        if it["createable"] and not it["nillable"] and not it["defaultedOnCreate"] and it["type"] != "boolean"
    ]

    assert needed == ["Name", "StageName", "CloseDate"]
    assert (found[KEY]["unique"], found[KEY]["externalId"], found[KEY]["length"]) == (True, True, 64)
    assert (found["Amount"]["precision"], found["Amount"]["scale"]) == (18, 2)
    assert found["StageName"]["picklistValues"][0]["value"] == "Prospecting"
    assert found["StageName"]["restrictedPicklist"] is False
    assert found["AccountId"]["referenceTo"] == ["Account"]
    assert (found["Description"]["filterable"], found["Name"]["filterable"]) == (False, True)


def test_the_global_list_and_an_object_s_facts(client: Client) -> None:
    listed = {it["name"]: it for it in client.ask("GET", "/sobjects")["sobjects"]}

    assert (listed["Account"]["mergeable"], listed["Opportunity"]["mergeable"]) == (True, False)
    assert listed["Deal__c"]["custom"]
    assert not listed["OpportunityStage"]["createable"]
    client.twin.switch(hidden_objects=frozenset({"Deal__c"}), denied=frozenset({"Opportunity.delete"}))
    again = {it["name"]: it for it in client.ask("GET", "/sobjects")["sobjects"]}
    assert "Deal__c" not in again
    assert not again["Opportunity"]["deletable"]
    assert client.malformed("SELECT Id FROM Deal__c")[0] == "INVALID_TYPE"


def test_describe_is_cheap_when_nothing_changed(client: Client) -> None:
    """salesforce.md, section 3.8: If-Modified-Since gives 304, until a permission changes."""
    path = f"{OPPORTUNITIES}/describe"
    seen = client.send("GET", path).headers["Last-Modified"]
    client.clock.advance(60)

    assert client.send("GET", path, if_modified_since=seen).status == 304
    assert client.send("GET", "/sobjects", if_modified_since=seen).status == 304
    client.twin.switch(hidden_fields=frozenset({"Opportunity.Amount"}))
    assert client.send("GET", path, if_modified_since=seen).status == 200


def test_a_hidden_field_reads_like_a_missing_one(client: Client) -> None:
    """salesforce.md trap 17: not in describe, INVALID_FIELD when asked for or written; its value stays."""
    id = client.create(Amount=5)
    client.twin.switch(hidden_fields=frozenset({"Opportunity.Amount"}))

    assert "Amount" not in fields(client)
    assert "Amount" not in client.ask("GET", f"{OPPORTUNITIES}/{id}")
    assert client.malformed("SELECT Amount FROM Opportunity")[1].startswith("No such column 'Amount'")
    assert client.malformed("SELECT Id FROM Opportunity WHERE Amount = 5")[0] == "INVALID_FIELD"
    assert client.write(id, status=400, Amount=6)[0]["errorCode"] == "INVALID_FIELD"
    assert client.person.record(id)["Amount"] == 5
    client.person.edit_record(id, Amount=7.5)
    client.twin.switch(hidden_fields=frozenset())
    assert client.read(id, "Amount") == {"Amount": 7.5}


def test_a_field_that_may_only_be_read(client: Client) -> None:
    """salesforce.md, section 6.2: INVALID_FIELD_FOR_INSERT_UPDATE."""
    id = client.create()
    client.twin.switch(readonly_fields=frozenset({"Opportunity.Amount"}))

    assert fields(client)["Amount"]["updateable"] is False
    assert client.write(id, status=400, Amount=6)[0]["errorCode"] == "INVALID_FIELD_FOR_INSERT_UPDATE"


def test_a_new_field_is_invisible_until_granted(client: Client) -> None:
    """salesforce.md, section 3.10: created, yet INVALID_FIELD until an assigned permission set grants it."""
    made = add(client)
    assert made["success"]
    assert "Ref__c" not in fields(client)
    assert client.malformed("SELECT Ref__c FROM Opportunity")[0] == "INVALID_FIELD"

    permission_set = grant(client, assign=False)
    assert "Ref__c" not in fields(client)
    assignment = {"PermissionSetId": permission_set, "AssigneeId": client.twin.org.api_user}
    client.ask("POST", "/sobjects/PermissionSetAssignment/", assignment, status=201)

    shown = fields(client)["Ref__c"]
    assert (shown["unique"], shown["externalId"], shown["updateable"]) == (True, True, True)
    assert client.send("PATCH", f"{OPPORTUNITIES}/Ref__c/x", {"Name": "a"}).status == 400
    id = client.create(Ref__c="ps-1")
    assert client.read(id, "Ref__c") == {"Ref__c": "ps-1"}


def test_read_permission_alone_and_losing_it_again(client: Client) -> None:
    add(client)
    permission_set = grant(client, edit=False)
    assert fields(client)["Ref__c"]["updateable"] is False

    client.ask("DELETE", f"/sobjects/PermissionSet/{permission_set}", status=204)
    assert "Ref__c" not in fields(client)


@pytest.mark.parametrize("switch", [{"new_fields_visible": True}, {"grants_need_assignment": False}])
def test_orgs_where_it_takes_less(switch: dict[str, bool]) -> None:
    client = Client(**switch)
    add(client)
    if "grants_need_assignment" in switch:
        grant(client, assign=False)

    assert "Ref__c" in fields(client)


def test_definitions_can_be_read_back(client: Client) -> None:
    """A field that exists and is hidden can be told from one that is missing."""
    add(client)

    soql = "SELECT+DeveloperName+FROM+CustomField+WHERE+TableEnumOrId='Opportunity'+AND+DeveloperName='Ref'"
    assert client.ask("GET", f"/tooling/query/?q={soql}")["totalSize"] == 1
    assert client.malformed("SELECT Id FROM CustomField")[0] == "INVALID_TYPE"


def test_a_user_who_may_not_customise(client: Client) -> None:
    client.twin.switch(may_customize=False)

    assert add(client, status=403)[0]["errorCode"] == "INSUFFICIENT_ACCESS"
    body = {"Name": "x", "Label": "x"}
    assert client.refused("POST", "/sobjects/PermissionSet", body, status=403) == "INSUFFICIENT_ACCESS_OR_READONLY"


@pytest.mark.parametrize(
    ("name", "metadata", "code"),
    [
        ("Opportunity.Propstreet_Id__c", TEXT, "DUPLICATE_DEVELOPER_NAME"),
        ("Opportunity.bad-name__c", TEXT, "FIELD_INTEGRITY_EXCEPTION"),
        ("Opportunity.A__c", {"type": "Text", "length": 256}, "FIELD_INTEGRITY_EXCEPTION"),
        ("Opportunity.A__c", {"type": "Nothing"}, "FIELD_INTEGRITY_EXCEPTION"),
        ("Opportunity.A__c", {"type": "Picklist"}, "FIELD_INTEGRITY_EXCEPTION"),
        ("Opportunity.A__c", {"type": "Date", "externalId": True}, "FIELD_INTEGRITY_EXCEPTION"),
        ("Nothing.A__c", TEXT, "INVALID_FIELD"),
    ],
)
def test_bad_definitions(client: Client, name: str, metadata: Any, code: str) -> None:
    assert add(client, name, status=400, **metadata)[0]["errorCode"] == code


def test_kinds_of_new_fields() -> None:
    client = Client(new_fields_visible=True)
    options = {"restricted": True, "valueSetDefinition": {"value": [{"fullName": "a"}, {"fullName": "b"}]}}
    add(client, "Deal__c.Pick__c", type="Picklist", valueSet=options)
    add(client, "Deal__c.Flag__c", type="Checkbox", defaultValue="true")
    add(client, "Deal__c.Count__c", type="Number", precision=18, scale=0)

    found = fields(client, "Deal__c")
    id = client.ask("POST", "/sobjects/Deal__c", {"Pick__c": "a", "Count__c": 12}, status=201)["id"]
    row = client.ask("GET", f"/sobjects/Deal__c/{id}")

    assert [it["value"] for it in found["Pick__c"]["picklistValues"]] == ["a", "b"]
    assert (row["Flag__c"], row["Count__c"]) == (True, 12.0)
    refused = client.refused("PATCH", f"/sobjects/Deal__c/{id}", {"Pick__c": "c"})
    assert refused == "INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST"
