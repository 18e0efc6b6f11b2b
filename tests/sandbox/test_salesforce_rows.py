"""Single rows of the twin (salesforce.md, sections 3.3, 3.4, 4, 6.2, 7.1, 8.1)."""

from __future__ import annotations

from typing import Any

import pytest

from syncd.testing.sandbox.salesforce import DuplicateRule, ValidationRule
from syncd.testing.sandbox.salesforce.ids import checksum, full

from .salesforce_client import DEAL, KEY, OPPORTUNITIES, Client, codes

BY_KEY = f"{OPPORTUNITIES}/{KEY}"


@pytest.fixture
def client() -> Client:
    return Client()


@pytest.mark.parametrize("id", ["0015g00000AbCdE", "006Qy0000000001", "aaaaaAAAAA00000"])
def test_an_id_has_a_checksum_over_its_capitals(id: str) -> None:
    """salesforce.md, section 8.1 and trap 21."""
    long = id + checksum(id)

    assert full(id) == full(long) == long
    assert full(long[:-1] + ("A" if long[-1] != "A" else "B")) is None
    assert full(id.swapcase()) != long
    assert full("../../etc/passwd") is None


def test_the_checksum_of_a_known_id() -> None:
    """Group by group: no capital, D at the second place, none: A, C, A."""
    assert checksum("00000" + "0D000" + "00000") == "ACA"


def test_a_row_by_either_form_of_its_id(client: Client) -> None:
    """salesforce.md, section 3.3: lower-case `id` on create, `Id` on read."""
    id = client.create(Amount=5)

    assert client.read(id, "Id", "Amount") == client.read(id[:15], "Id", "Amount") == {"Id": id, "Amount": 5.0}
    assert client.ask("GET", f"{OPPORTUNITIES}/{id}")["attributes"]["url"].endswith(id)


def test_unknown_and_malformed_ids_blame_an_external_id_field(client: Client) -> None:
    """salesforce.md trap 36: 404 NOT_FOUND with a text about schema."""
    for id in ("006000000000000AAA", "rubbish"):
        error = client.ask("GET", f"{OPPORTUNITIES}/{id}", status=404)[0]
        assert error["errorCode"] == "NOT_FOUND"
        assert "external ID field does not exist" in error["message"]


def test_a_deleted_row_is_told_from_a_missing_one(client: Client) -> None:
    """salesforce.md, section 3.3: ENTITY_IS_DELETED for reads, writes and the second delete."""
    id = client.create()
    client.ask("DELETE", f"{OPPORTUNITIES}/{id}", status=204)

    for method, body in (("GET", None), ("PATCH", {"Amount": 1}), ("DELETE", None)):
        assert client.refused(method, f"{OPPORTUNITIES}/{id}", body, status=404) == "ENTITY_IS_DELETED"


def test_null_clears_and_absence_leaves(client: Client) -> None:
    """salesforce.md, section 8.2."""
    id = client.create(Amount=5, NextStep="call")
    client.write(id, Amount=None)

    assert client.read(id, "Amount", "NextStep") == {"Amount": None, "NextStep": "call"}


@pytest.mark.parametrize(
    ("sent", "code", "fields"),
    [
        ({"Id": "006000000000000AAA"}, "INVALID_FIELD", ["Id"]),
        ({"Nonsense__c": 1}, "INVALID_FIELD", None),
        ({"IsClosed": True}, "INVALID_FIELD_FOR_INSERT_UPDATE", ["IsClosed"]),
        ({"Name": None}, "REQUIRED_FIELD_MISSING", ["Name"]),
        ({"Name": "x" * 121}, "STRING_TOO_LONG", ["Name"]),
        ({"AccountId": "001000000000000AAA"}, "INVALID_CROSS_REFERENCE_KEY", ["AccountId"]),
        ({"AccountId": "rubbish"}, "MALFORMED_ID", ["AccountId"]),
        ({"Amount": "5"}, "JSON_PARSER_ERROR", None),
        ({"CloseDate": "2026-13-01"}, "JSON_PARSER_ERROR", None),
        ({"Amount": 10**17}, "NUMBER_OUTSIDE_VALID_RANGE", ["Amount"]),
    ],
)
def test_a_bad_write_is_refused_and_changes_nothing(client: Client, sent: Any, code: str, fields: Any) -> None:
    """salesforce.md, section 6.2; shape 1 of section 6.1: `errorCode`, in a list."""
    id = client.create()
    before = client.person.record(id)

    (error,) = client.write(id, status=400, NextStep="call", **sent)

    assert (error["errorCode"], error.get("fields")) == (code, fields)
    assert client.person.record(id) == before


def test_required_on_create(client: Client) -> None:
    """salesforce.md, section 7.1: Name, StageName and CloseDate."""
    (error,) = client.ask("POST", OPPORTUNITIES, {"Amount": 1}, status=400)

    assert (error["errorCode"], error["fields"]) == ("REQUIRED_FIELD_MISSING", ["Name", "StageName", "CloseDate"])


def test_bodies_that_are_no_object(client: Client) -> None:
    for body in (b"", b"{", b"[]"):
        assert client.refused("POST", OPPORTUNITIES, body) == "JSON_PARSER_ERROR"


def test_an_upsert_by_key_creates_then_updates(client: Client) -> None:
    """salesforce.md, section 3.4: 201 with created, then 200 without; the key may be any text."""
    path = f"{BY_KEY}/ps%2F1%20%C3%A5"

    made = client.ask("PATCH", path, DEAL, status=201)
    again = client.ask("PATCH", path, {"Amount": 5})

    assert again == made | {"created": False}
    assert client.read(made["id"], KEY, "Amount") == {KEY: "ps/1 å", "Amount": 5.0}
    assert client.ask("GET", path)["Id"] == made["id"]
    assert client.ask("DELETE", path, status=204) is None


def test_the_key_must_not_be_in_the_body_of_a_row(client: Client) -> None:
    """salesforce.md trap 9, one half."""
    assert client.refused("PATCH", f"{BY_KEY}/ps-1", DEAL | {KEY: "ps-1"}) == "INVALID_FIELD"


def test_an_upsert_that_may_only_update(client: Client) -> None:
    assert client.refused("PATCH", f"{BY_KEY}/ps-1?updateOnly=true", DEAL, status=404) == "NOT_FOUND"


def test_case_matters_only_on_case_sensitive_keys(client: Client) -> None:
    """salesforce.md, section 3.4."""
    client.person.add_field("Loose__c", unique=True, external_id=True)
    client.person.add_record(Name="Abc", Loose__c="Abc", **{KEY: "Abc"})

    assert client.send("PATCH", f"{OPPORTUNITIES}/Loose__c/aBC", {"Amount": 1}).status == 200
    assert client.send("PATCH", f"{BY_KEY}/aBC", DEAL).status == 201


def test_a_key_that_is_not_unique(client: Client) -> None:
    """salesforce.md trap 11: 300 with urls, and it takes View All Data."""
    client.person.add_field("Ref__c", external_id=True)
    ids = [client.person.add_record(Name="Twin", Ref__c="same") for _ in range(2)]

    urls = client.ask("PATCH", f"{OPPORTUNITIES}/Ref__c/same", {"Amount": 1}, status=300)
    client.twin.switch(view_all_data=False)

    assert [url.rsplit("/", 1)[1] for url in urls] == ids
    assert client.refused("PATCH", f"{OPPORTUNITIES}/Ref__c/new", DEAL, status=403) == "INSUFFICIENT_ACCESS"


def test_a_key_in_the_recycle_bin_does_not_match(client: Client) -> None:
    """salesforce.md trap 20: the upsert makes a twin, and the old one can't come back."""
    first = client.ask("PATCH", f"{BY_KEY}/ps-1", DEAL, status=201)["id"]
    client.person.delete_record(first)

    second = client.ask("PATCH", f"{BY_KEY}/ps-1", DEAL, status=201)["id"]

    assert first != second
    with pytest.raises(ValueError, match="duplicate value"):
        client.person.undelete_record(first)


def test_keys_that_look_like_files(client: Client) -> None:
    """salesforce.md trap 31."""
    assert client.send("PATCH", f"{BY_KEY}/info@firm.inc", DEAL).status == 404


def test_a_unique_value_of_another_record(client: Client) -> None:
    """salesforce.md, section 6.2: the message holds the other record's id."""
    holder = client.create(**{KEY: "ps-1"})

    (error,) = client.ask("POST", OPPORTUNITIES, DEAL | {KEY: "ps-1"}, status=400)

    assert (error["errorCode"], error["message"].split()[-1]) == ("DUPLICATE_VALUE", holder[:15])


def test_a_guarded_update(client: Client) -> None:
    """salesforce.md, section 4: 412 when the row moved; one second is the resolution."""
    id = client.create()
    seen = client.send("GET", f"{OPPORTUNITIES}/{id}").headers["Last-Modified"]
    client.person.edit_record(id, NextStep="same second")
    assert client.send("PATCH", f"{OPPORTUNITIES}/{id}", {"Amount": 1}, if_unmodified_since=seen).status == 204

    client.clock.advance(1)
    client.person.edit_record(id, NextStep="later")

    stale = client.ask("PATCH", f"{OPPORTUNITIES}/{id}", {"Amount": 2}, status=412, if_unmodified_since=seen)
    assert stale[0]["errorCode"] == "ENTITY_FAILED_IFLASTMODIFIED_ON_UPDATE"
    assert client.read(id, "Amount") == {"Amount": 1.0}
    assert client.send("PATCH", f"{OPPORTUNITIES}/{id}", {}, if_unmodified_since="yesterday").status == 400


@pytest.mark.parametrize(("stamp", "status"), [("SystemModstamp", 412), ("LastModifiedDate", 204)])
def test_which_stamp_guards_is_open(stamp: str, status: int) -> None:
    """salesforce.md, sections 4, 8.3 and 14: automation moves only one of them."""
    client = Client(guard_stamp=stamp, stale_body="empty")
    id = client.create()
    seen = client.send("GET", f"{OPPORTUNITIES}/{id}").headers["Last-Modified"]
    client.clock.advance(5)
    client.person.automate(id, NextStep="by a flow")

    row = client.read(id, "SystemModstamp", "LastModifiedDate")
    assert row["SystemModstamp"] > row["LastModifiedDate"]
    assert client.ask("PATCH", f"{OPPORTUNITIES}/{id}", {"Amount": 1}, status=status, if_unmodified_since=seen) is None


def test_a_delete_knows_no_condition(client: Client) -> None:
    """salesforce.md trap 42."""
    id = client.create()
    client.clock.advance(5)
    client.person.edit_record(id, NextStep="revived")

    long_ago = "Sat, 21 Nov 2015 16:58:14 GMT"
    assert client.send("DELETE", f"{OPPORTUNITIES}/{id}", if_unmodified_since=long_ago).status == 204


def test_only_accounts_have_etags(client: Client) -> None:
    """salesforce.md, section 4."""
    account = client.person.add_record("Account", Name="Acme")
    tag = client.send("GET", f"/sobjects/Account/{account}").headers["ETag"]
    client.clock.advance(1)

    assert "ETag" not in client.send("GET", f"{OPPORTUNITIES}/{client.create()}").headers
    assert client.send("PATCH", f"/sobjects/Account/{account}", {"Phone": "1"}, if_match=tag).status == 204
    assert client.send("PATCH", f"/sobjects/Account/{account}", {"Phone": "2"}, if_match=tag).status == 412


def test_a_read_that_is_not_modified(client: Client) -> None:
    id = client.create()
    seen = client.send("GET", f"{OPPORTUNITIES}/{id}").headers["Last-Modified"]

    assert client.send("GET", f"{OPPORTUNITIES}/{id}", if_modified_since=seen).status == 304


def test_the_stage_decides_what_goes_with_it(client: Client) -> None:
    """salesforce.md, section 7.1: probability follows the stage unless given; closed and won are derived."""
    id = client.create()
    client.write(id, StageName="Closed Won")
    shown = ("Probability", "IsClosed", "IsWon", "ForecastCategoryName")
    assert list(client.read(id, *shown).values()) == [100.0, True, True, "Closed"]

    client.write(id, StageName="Negotiation/Review", Probability=42)
    assert list(client.read(id, *shown).values()) == [42.0, False, False, "Pipeline"]


def test_any_text_is_a_stage_unless_restricted(client: Client) -> None:
    """salesforce.md trap 23."""
    id = client.create(StageName="Invented")
    client.twin.switch(stage_restricted=True)

    assert client.read(id, "StageName", "IsClosed") == {"StageName": "Invented", "IsClosed": False}
    (error,) = client.write(id, status=400, StageName="Also invented")
    assert (error["errorCode"], error["fields"]) == ("INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST", ["StageName"])


def test_an_amount_with_products_is_ignored(client: Client) -> None:
    """salesforce.md trap 22: the call succeeds, the old amount stays."""
    id = client.create()
    client.person.set_products(id, amount=750.5)
    client.write(id, Amount=1, NextStep="call")

    assert client.read(id, "Amount", "NextStep") == {"Amount": 750.5, "NextStep": "call"}


def test_an_inactive_owner(client: Client) -> None:
    gone = client.person.add_user("gone", active=False)

    (error,) = client.ask("POST", OPPORTUNITIES, DEAL | {"OwnerId": gone}, status=400)

    assert (error["errorCode"], error["fields"]) == ("INACTIVE_OWNER_OR_USER", ["OwnerId"])


def test_a_validation_rule(client: Client) -> None:
    rule = ValidationRule(object="Opportunity", field="StageName", value="Closed Won", requires=("Amount",))
    client.twin.switch(validation_rules=(rule,))
    id = client.create()

    (error,) = client.write(id, status=400, StageName="Closed Won")

    assert (error["errorCode"], error["fields"]) == ("FIELD_CUSTOM_VALIDATION_EXCEPTION", ["Amount"])
    client.write(id, StageName="Closed Won", Amount=1)


@pytest.mark.parametrize(("action", "status"), [("alert", 201), ("block", 400)])
@pytest.mark.parametrize("key", ["duplicateResut", "duplicateResult"])
def test_duplicate_rules(client: Client, action: Any, status: int, key: Any) -> None:
    """salesforce.md traps 8 and 29: allowSave passes an alert, never a block."""
    rule = DuplicateRule(object="Contact", fields=("LastName", "Email"), action=action)
    client.twin.switch(duplicate_rules=(rule,), duplicate_key=key)
    first = client.person.add_record("Contact", LastName="Berg", Email="b@x.test")
    body = {"LastName": "berg", "Email": "B@x.test"}

    (error,) = client.ask("POST", "/sobjects/Contact/", body, status=400)
    allowed = client.send("POST", "/sobjects/Contact/", body, sforce_duplicate_rule_header="allowSave=true")

    assert error["errorCode"] == "DUPLICATES_DETECTED"
    assert error[key]["allowSave"] is (action == "alert")
    assert error[key]["matchResults"][0]["matchRecords"][0]["record"]["Id"] == first
    assert allowed.status == status


def test_a_locked_row_opens_after_some_tries(client: Client) -> None:
    """salesforce.md trap 30."""
    id = client.create()
    client.person.lock_row(id, times=2)

    for _ in range(2):
        assert client.write(id, status=400, Amount=1)[0]["errorCode"] == "UNABLE_TO_LOCK_ROW"
    client.write(id, Amount=1)


def test_locks_by_chance_and_approvals(client: Client) -> None:
    id = client.create()
    client.person.hold_for_approval(id)
    assert client.write(id, status=400, Amount=1)[0]["errorCode"] == "ENTITY_IS_LOCKED"

    client.twin.switch(lock_share=1.0)
    assert client.write(id, status=400, Amount=1)[0]["errorCode"] == "UNABLE_TO_LOCK_ROW"


def test_rights_on_an_object(client: Client) -> None:
    """salesforce.md, section 6.2."""
    id = client.create()
    client.twin.switch(denied=frozenset({"Opportunity.edit", "Opportunity.delete", "Opportunity.create"}))

    for method, path, body in (
        ("PATCH", f"{OPPORTUNITIES}/{id}", {}),
        ("DELETE", f"{OPPORTUNITIES}/{id}", None),
        ("POST", OPPORTUNITIES, DEAL),
        ("POST", "/sobjects/OpportunityStage", {"MasterLabel": "x"}),
    ):
        assert client.refused(method, path, body, status=403) == "INSUFFICIENT_ACCESS_OR_READONLY"


def test_a_parent_by_its_own_key(client: Client) -> None:
    """salesforce.md, section 7.4: {"Account": {"Ext__c": "v"}}."""
    client.person.add_field("Ext__c", "Account", unique=True, external_id=True)
    account = client.person.add_record("Account", Name="Acme", Ext__c="a-1")

    id = client.create(Account={"Ext__c": "a-1"})

    assert client.read(id, "AccountId") == {"AccountId": account}
    assert client.refused("POST", OPPORTUNITIES, DEAL | {"Account": {"Ext__c": "no"}}) == "INVALID_FIELD"
    assert client.refused("POST", OPPORTUNITIES, DEAL | {"Account": {"Name": "no"}}) == "INVALID_FIELD"


def test_another_object_by_changing_the_name_only(client: Client) -> None:
    """The issue's custom Deal__c: its own fields, a restricted stage, a name of its own."""
    deal = client.ask("POST", "/sobjects/Deal__c/", {"Stage__c": "Lead", "Amount__c": 5}, status=201)["id"]

    row = client.ask("GET", f"/sobjects/Deal__c/{deal}")

    assert (row["Stage__c"], row["Amount__c"], row["Confidential__c"], row["Name"]) == ("Lead", 5.0, False, deal[:15])
    bad = {"records": [{"attributes": {"type": "Deal__c"}, "Stage__c": "Invented"}]}
    refused = client.ask("POST", "/composite/sobjects", bad)
    assert codes(refused) == ["INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST"]


def test_a_contact_s_name_is_made_of_parts(client: Client) -> None:
    """salesforce.md, section 7.3."""
    id = client.person.add_record("Contact", FirstName="Anna", LastName="Berg")
    client.ask("PATCH", f"/sobjects/Contact/{id}", {"FirstName": None}, status=204)

    assert client.person.record(id)["Name"] == "Berg"
    assert client.refused("PATCH", f"/sobjects/Contact/{id}", {"Name": "x"}) == "INVALID_FIELD_FOR_INSERT_UPDATE"
    assert client.refused("PATCH", f"/sobjects/Contact/{id}", {"Email": "x"}) == "INVALID_EMAIL_ADDRESS"


def test_every_write_leaves_its_evidence(client: Client) -> None:
    """salesforce.md, section 11.13 and trap 38: the tag shows on rows, not on collections."""
    options = "client=propstreet-sync"
    client.ask("POST", OPPORTUNITIES, DEAL, status=201, sforce_call_options=options)
    client.upsert({KEY: "ps-1"})
    client.person.add_record(Name="by hand")

    entries = [(entry.verb, entry.object, entry.client) for entry in client.twin.journal]
    assert entries == [("create", "Opportunity", "propstreet-sync"), ("create", "Opportunity", None)]


def test_a_write_that_changes_nothing() -> None:
    """Its journal entry is empty; whether the stamps move is a switch."""
    client = Client(noop_bumps=False)
    id = client.create(Amount=5)
    before = client.person.record(id)
    client.clock.advance(5)
    client.write(id, Amount=5)

    assert client.person.record(id) == before
    assert client.twin.journal[-1].changes == {}
    client.twin.switch(noop_bumps=True)
    client.write(id, Amount=5)
    assert client.person.record(id)["SystemModstamp"] > before["SystemModstamp"]
