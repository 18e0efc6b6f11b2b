"""Collections and composite calls of the twin (salesforce.md, sections 3.5 and 3.6)."""

from __future__ import annotations

from typing import Any

import pytest

from .salesforce_client import BASE, DEAL, KEY, OPPORTUNITIES, Client, codes

MANY = "/composite/sobjects"


@pytest.fixture
def client() -> Client:
    return Client()


def row(object: str = "Opportunity", **fields: Any) -> dict[str, Any]:
    return {"attributes": {"type": object}, **fields}


def test_an_upsert_creates_and_updates_in_order(client: Client) -> None:
    """salesforce.md trap 9, the other half: the key is in the body here."""
    old = client.create(**{KEY: "ps-2"})

    made = client.upsert({KEY: "ps-1"}, {KEY: "ps-2", "Amount": 5}, {KEY: "ps-3"})

    assert [it["created"] for it in made] == [True, False, True]
    assert made[1]["id"] == old
    assert client.read(old, "Amount", KEY) == {"Amount": 5.0, KEY: "ps-2"}


def test_a_bad_row_never_sinks_its_neighbours(client: Client) -> None:
    """salesforce.md traps 7 and 8: the answer is 200 and a row says `statusCode`."""
    answer = client.upsert({KEY: "ps-1"}, {KEY: "ps-2", "Name": None}, {KEY: "ps-3", "Nonsense__c": 1}, {"Name": "x"})

    assert codes(answer) == [None, "REQUIRED_FIELD_MISSING", "INVALID_FIELD", "MISSING_ARGUMENT"]
    assert answer[1] == {
        "success": False,
        "errors": [
            {
                "statusCode": "REQUIRED_FIELD_MISSING",
                "message": "Required fields are missing: [Name]",
                "fields": ["Name"],
            }
        ],
    }
    assert len(client.person.live_records()) == 1


def test_an_unknown_field_may_refuse_the_whole_call() -> None:
    """salesforce.md, section 14: a switch, because the contract is silent."""
    client = Client(bad_field_sinks_call=True)

    assert client.upsert({KEY: "ps-1", "Nonsense__c": 1}, status=400)[0]["errorCode"] == "INVALID_FIELD"


def test_a_key_twice_in_one_call_fails_both_rows(client: Client) -> None:
    """salesforce.md trap 10."""
    answer = client.upsert({KEY: "ps-1"}, {KEY: "ps-2"}, {KEY: "ps-1"})

    assert codes(answer) == ["DUPLICATE_VALUE", None, "DUPLICATE_VALUE"]
    assert answer[0]["errors"][0]["message"] == "Duplicate external id specified: ps-1"


def test_a_key_with_several_holders(client: Client) -> None:
    client.person.add_field("Ref__c", external_id=True)
    for _ in range(2):
        client.person.add_record(Name="Twin", Ref__c="same")

    body = {"records": [row(Ref__c="same"), row(Ref__c="new", id="006000000000000AAA")]}
    answer = client.ask("PATCH", f"{MANY}/Opportunity/Ref__c", body)

    assert codes(answer) == ["DUPLICATE_EXTERNAL_ID", "INVALID_FIELD"]


@pytest.mark.parametrize("verb", ["upsert", "create"])
def test_all_or_none(client: Client, verb: str) -> None:
    """salesforce.md, section 3.5: the culprit keeps its error, the others were rolled back."""
    if verb == "upsert":
        answer = client.upsert({KEY: "ps-1"}, {KEY: "ps-2", "Name": None}, all_or_none=True)
    else:
        body = {"allOrNone": True, "records": [row(**DEAL), row(Name="no stage")]}
        answer = client.ask("POST", MANY, body)

    assert codes(answer) == ["ALL_OR_NONE_OPERATION_ROLLED_BACK", "REQUIRED_FIELD_MISSING"]
    assert client.person.live_records() == {}
    assert client.twin.journal == []
    assert codes(client.upsert({KEY: "ps-1"}, {KEY: "ps-2"}, all_or_none=True)) == [None, None]


def test_two_hundred_rows_are_the_most(client: Client) -> None:
    """salesforce.md, section 3.5: more is EXCEEDED_ID_LIMIT for the whole call."""
    assert client.upsert(*({KEY: f"ps-{n}"} for n in range(201)), status=400)[0]["errorCode"] == "EXCEEDED_ID_LIMIT"
    assert len(client.upsert(*({KEY: f"ps-{n}"} for n in range(200)))) == 200
    used = client.send("GET", "/limits").headers["Sforce-Limit-Info"]
    assert used == "api-usage=3/15000"


def test_ten_runs_of_types_are_the_most(client: Client) -> None:
    """salesforce.md, section 3.5: sort by type."""
    mixed = [row("Account", Name="a"), row("Contact", LastName="b")] * 6

    assert client.refused("POST", MANY, {"records": mixed}) == "LIMIT_EXCEEDED"
    made = client.ask("POST", MANY, {"records": sorted(mixed, key=lambda it: str(it["attributes"]))})
    assert codes(made) == [None] * 12


def test_updates_name_their_rows(client: Client) -> None:
    id, gone = client.create(), client.create()
    client.person.delete_record(gone)
    records = [
        row(id=id[:15], Amount=5),
        row(Id=id, NextStep="call"),
        row(id=gone, Amount=5),
        row(id="006000000000000AAA", Amount=5),
        row(Amount=5),
        row("Nothing", id=id),
    ]

    answer = client.ask("PATCH", MANY, {"records": records})

    assert codes(answer) == [
        None, None, "ENTITY_IS_DELETED", "INVALID_CROSS_REFERENCE_KEY", "MISSING_ARGUMENT", "INVALID_TYPE"
    ]  # fmt: skip
    assert client.read(id, "Amount", "NextStep") == {"Amount": 5.0, "NextStep": "call"}


def test_deletes_by_id(client: Client) -> None:
    id = client.create()

    answer = client.ask("DELETE", f"{MANY}?ids={id},{id},rubbish&allOrNone=false")

    assert codes(answer) == [None, "ENTITY_IS_DELETED", "MALFORMED_ID"]


@pytest.mark.parametrize("method", ["GET", "POST"])
def test_rows_are_retrieved_in_order_with_null_for_the_missing(client: Client, method: str) -> None:
    """salesforce.md, section 3.5."""
    ids = [client.create(Amount=1), "006000000000000AAA", client.create(Amount=2)]
    if method == "GET":
        found = client.ask("GET", f"{MANY}/Opportunity?ids={','.join(ids)}&fields=amount")
    else:
        found = client.ask("POST", f"{MANY}/Opportunity", {"ids": ids, "fields": ["Amount"]})

    assert [it and (it["Id"], it["Amount"]) for it in found] == [(ids[0], 1.0), None, (ids[2], 2.0)]
    assert client.refused("GET", f"{MANY}/Opportunity?ids={ids[0]}&fields=Nothing") == "INVALID_FIELD"
    assert client.refused("GET", f"{MANY}/Opportunity?ids={ids[0]}") == "MISSING_ARGUMENT"
    too_many = {"ids": ids[:1] * 2001, "fields": ["Id"]}
    assert client.refused("POST", f"{MANY}/Opportunity", too_many) == "EXCEEDED_ID_LIMIT"


@pytest.mark.parametrize(
    "body", [{}, {"records": 1}, {"records": [1]}, {"records": [{"Name": "no type"}]}, {"records": [row("Account")]}]
)
def test_a_bad_envelope_refuses_the_whole_call(client: Client, body: Any) -> None:
    assert client.send("PATCH", f"{MANY}/Opportunity/{KEY}", body).status == 400


def test_upserts_go_by_a_key_only(client: Client) -> None:
    assert client.refused("PATCH", f"{MANY}/Opportunity/Name", {"records": []}) == "INVALID_FIELD"


# Composite


def patch(id: str, ref: str, body: Any, **headers: str) -> dict[str, Any]:
    it = {"method": "PATCH", "url": f"{BASE}{OPPORTUNITIES}/{id}", "referenceId": ref, "body": body}
    return it | ({"httpHeaders": headers} if headers else {})


def compose(client: Client, *subrequests: dict[str, Any], all_or_none: bool = False, status: int = 200) -> Any:
    body = {"allOrNone": all_or_none, "compositeRequest": subrequests}
    answer = client.ask("POST", "/composite", body, status=status)
    return answer["compositeResponse"] if status == 200 else answer[0]["errorCode"]


def test_guarded_updates_in_one_call(client: Client) -> None:
    """salesforce.md, sections 3.6 and 9.3: each with its own If-Unmodified-Since; 412 hits one alone."""
    ids = [client.create() for _ in range(3)]
    seen = client.send("GET", f"{OPPORTUNITIES}/{ids[0]}").headers["Last-Modified"]
    client.clock.advance(5)
    client.person.edit_record(ids[1], NextStep="by hand")

    guard = {"If-Unmodified-Since": seen}
    answer = compose(client, *(patch(id, f"r{n}", {"Amount": 5}, **guard) for n, id in enumerate(ids)))

    assert [(it["referenceId"], it["httpStatusCode"]) for it in answer] == [("r0", 204), ("r1", 412), ("r2", 204)]
    assert answer[0]["body"] is None
    assert answer[1]["body"][0]["errorCode"] == "ENTITY_FAILED_IFLASTMODIFIED_ON_UPDATE"
    assert client.read(ids[1], "Amount") == {"Amount": None}
    client.twin.switch(stale_body="empty")
    assert compose(client, patch(ids[1], "r", {}, **guard))[0]["body"] is None
    client.twin.switch(composite_guards=False)
    assert compose(client, patch(ids[1], "r", {"Amount": 5}, **guard))[0]["httpStatusCode"] == 204


def test_a_composite_call_counts_once_and_carries_no_tag(client: Client) -> None:
    """salesforce.md, section 3.6 and trap 38."""
    id = client.create()
    compose(client, *(patch(id, f"r{n}", {"Amount": n}, **{"Sforce-Call-Options": "client=x"}) for n in range(25)))

    assert client.send("GET", "/limits").headers["Sforce-Limit-Info"] == "api-usage=3/15000"
    assert {entry.client for entry in client.twin.journal} == {None}
    client.twin.switch(tags_collections=True)
    compose(client, patch(id, "r", {"Amount": 7}, **{"Sforce-Call-Options": "client=x"}))
    assert client.twin.journal[-1].client == "x"


def test_references_to_earlier_answers(client: Client) -> None:
    """salesforce.md, section 3.6: @{ref.id}."""
    account = {"method": "POST", "url": f"{BASE}/sobjects/Account", "referenceId": "acc", "body": {"Name": "Acme"}}
    deal = {
        "method": "POST",
        "url": f"{BASE}{OPPORTUNITIES}",
        "referenceId": "opp",
        "body": DEAL | {"AccountId": "@{acc.id}"},
    }
    read = {"method": "GET", "url": f"{BASE}{OPPORTUNITIES}/@{{opp.id}}?fields=AccountId", "referenceId": "get"}

    made = compose(client, account, deal, read)
    broken = compose(client, read)

    assert made[2]["body"]["AccountId"] == made[0]["body"]["id"]
    assert (broken[0]["httpStatusCode"], broken[0]["body"][0]["errorCode"]) == (400, "PROCESSING_HALTED")


def test_a_composite_of_all_or_none(client: Client) -> None:
    """salesforce.md, section 3.6: the bystanders read PROCESSING_HALTED and nothing stays."""
    id = client.create(Amount=1)

    answer = compose(client, patch(id, "a", {"Amount": 5}), patch(id, "b", {"Nonsense": 5}), all_or_none=True)

    assert [it["body"][0]["errorCode"] for it in answer] == ["PROCESSING_HALTED", "INVALID_FIELD"]
    assert client.read(id, "Amount") == {"Amount": 1.0}
    assert len(client.twin.journal) == 1


@pytest.mark.parametrize("name", ["Accept", "Authorization", "content-type"])
def test_headers_that_a_subrequest_may_not_set(client: Client, name: str) -> None:
    """salesforce.md, section 3.6: 400 for the whole call."""
    assert compose(client, patch(client.create(), "r", {}, **{name: "x"}), status=400) == "INVALID_INPUT"


def test_the_bounds_of_a_composite_call(client: Client) -> None:
    """salesforce.md, section 3.6: 25 in all, 5 of them queries or collections, ids unique, headers plain text."""
    id = client.create()
    query = {"method": "GET", "url": f"{BASE}/query/?q=SELECT+Id+FROM+Opportunity"}

    assert compose(client, *(patch(id, f"r{n}", {}) for n in range(26)), status=400) == "LIMIT_EXCEEDED"
    assert compose(client, *(query | {"referenceId": f"q{n}"} for n in range(6)), status=400) == "LIMIT_EXCEEDED"
    assert compose(client, patch(id, "r", {}), patch(id, "r", {}), status=400) == "INVALID_INPUT"
    listed = patch(id, "r", {}) | {"httpHeaders": {"If-Unmodified-Since": ["x"]}}
    assert compose(client, listed, status=400) == "JSON_PARSER_ERROR"
    five = compose(client, *(query | {"referenceId": f"q{n}"} for n in range(5)))
    assert [it["body"]["totalSize"] for it in five] == [1] * 5


def test_a_composite_within_a_composite_is_nothing(client: Client) -> None:
    inner = {"method": "POST", "url": f"{BASE}/composite", "referenceId": "r", "body": {"compositeRequest": []}}
    outside = {"method": "GET", "url": "/id/x", "referenceId": "o"}

    answer = compose(client, inner, outside)

    assert [it["httpStatusCode"] for it in answer] == [404, 404]
