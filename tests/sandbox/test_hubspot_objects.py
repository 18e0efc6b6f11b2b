"""Single records in the twin (hubspot.md, sections 4, 5.1, 5.2, 5.4, 5.5, 5.7, 7.2)."""

from __future__ import annotations

import pytest

from syncd.testing.sandbox.hubspot import WriteRule

from .hubspot_client import DEAL, DEALS, Client, codes


@pytest.fixture
def client() -> Client:
    return Client()


def test_a_deal_answers_by_name_and_by_type_id(client: Client) -> None:
    """hubspot.md, section 4.1."""
    id = client.create()

    assert id == client.ask("GET", f"/crm/v3/objects/0-3/{id}")["id"]
    assert client.send("GET", f"/crm/v3/objects/dealz/{id}").status == 400


def test_ids_are_beyond_32_bits_and_unique_within_a_type_only(client: Client) -> None:
    """hubspot.md, section 4.1: never parse them as 32-bit, never look them up without a type."""
    deal = client.create()
    contact = client.ask("POST", "/crm/v3/objects/contacts", {"properties": {"email": "a@b.test"}}, status=201)

    assert int(deal) > 2**37
    assert deal == contact["id"]


def test_only_defaults_come_without_a_request(client: Client) -> None:
    """hubspot.md, section 4.2: the eight default properties of deals."""
    shown = client.ask("GET", f"{DEALS}/{client.create(description='x')}")["properties"]

    assert {
        "dealname",
        "amount",
        "closedate",
        "pipeline",
        "dealstage",
        "createdate",
        "hs_lastmodifieddate",
        "hs_object_id",
    } == set(shown)


def test_requested_properties_are_null_unset_and_absent_unknown(client: Client) -> None:
    """hubspot.md, section 4.2: null without a value, silence about a name that does not exist."""
    assert client.read(client.create(), "description", "nonsense") == {"description": None}


def test_lists_in_a_query_come_repeated_or_joined(client: Client) -> None:
    """hubspot.md, section 12."""
    id = client.create()

    repeated = client.ask("GET", f"{DEALS}/{id}?properties=dealname&properties=amount")
    joined = client.ask("GET", f"{DEALS}/{id}?properties=dealname,amount")

    assert repeated == joined


def test_a_listing_walks_by_the_next_id(client: Client) -> None:
    """hubspot.md, section 5.1: ascending ids, and a listing survives what happens meanwhile."""
    ids = [client.create() for _ in range(5)]

    page = client.ask("GET", f"{DEALS}?limit=2")
    client.twin.person.archive_deal(ids[0])
    rest = client.ask("GET", f"{DEALS}?limit=10&after={page['paging']['next']['after']}")

    assert ids[:2] == [row["id"] for row in page["results"]]
    assert ids[2] == page["paging"]["next"]["after"]
    assert ids[2:] == [row["id"] for row in rest["results"]]
    assert "paging" not in rest


@pytest.mark.parametrize("query", ["limit=101", "limit=0", "limit=x", "limit=51&propertiesWithHistory=amount"])
def test_a_page_has_limits(client: Client, query: str) -> None:
    """hubspot.md, section 3.4: 100 a page, 50 with history."""
    assert client.ask("GET", f"{DEALS}?{query}", status=400)["category"] == "VALIDATION_ERROR"


def test_a_page_has_ten_rows_by_default(client: Client) -> None:
    for _ in range(11):
        client.create()

    assert len(client.ask("GET", DEALS)["results"]) == 10


def test_what_is_archived_is_invisible_unless_asked_for(client: Client) -> None:
    """hubspot.md trap 11 and section 5.2: an archived record is 404, and so is a live one with archived=true."""
    kept, gone = client.create(), client.create()

    assert client.ask("DELETE", f"{DEALS}/{gone}", status=204) is None

    assert client.ask("GET", f"{DEALS}/{gone}", status=404)["category"] == "OBJECT_NOT_FOUND"
    assert client.ask("GET", f"{DEALS}/{gone}?archived=True")["archivedAt"]
    assert client.send("GET", f"{DEALS}/{kept}?archived=true").status == 404
    assert [kept] == [row["id"] for row in client.ask("GET", DEALS)["results"]]
    assert [(gone, True)] == [
        (row["id"], row["archived"]) for row in client.ask("GET", f"{DEALS}?archived=true")["results"]
    ]


def test_archiving_is_idempotent(client: Client) -> None:
    """hubspot.md, section 5.7: 204 again, and for an id that never was."""
    id = client.create()

    for target in (id, id, "999"):
        assert client.send("DELETE", f"{DEALS}/{target}").status == 204

    assert len([entry for entry in client.twin.journal if entry.verb == "archive"]) == 1


def test_the_recycle_bin_is_emptied_after_90_days(client: Client) -> None:
    """hubspot.md, section 3.4."""
    id = client.create()
    client.twin.person.archive_deal(id)

    client.clock.advance(91 * 86_400)

    assert client.ask("GET", f"{DEALS}?archived=true")["results"] == []


def test_a_restored_deal_is_live_and_modified(client: Client) -> None:
    """hubspot.md, section 7.4: a restore comes back as an ordinary modified row."""
    id = client.create()
    client.twin.person.archive_deal(id)
    client.clock.advance(10)
    before = client.clock.time()

    client.twin.person.restore_deal(id)

    row = client.ask("GET", f"{DEALS}/{id}")
    assert row["updatedAt"] > row["createdAt"]
    assert [id] == client.found()
    assert before == client.clock.time()


def test_a_unique_property_is_an_id_too(client: Client) -> None:
    """hubspot.md, section 5.2: idProperty, percent-encoded, slash included."""
    id = client.create(propstreet_id="PS/1")

    assert id == client.ask("GET", f"{DEALS}/PS%2F1?idProperty=propstreet_id")["id"]
    assert id == client.ask("PATCH", f"{DEALS}/ps%2F1?idProperty=propstreet_id", {"properties": {}})["id"]
    assert "non-unique" in client.ask("GET", f"{DEALS}/x?idProperty=dealname", status=400)["message"]


@pytest.mark.parametrize("missing", ["dealname", "dealstage"])
def test_a_create_needs_its_properties(client: Client, missing: str) -> None:
    """hubspot.md, section 5.4."""
    properties = {name: value for name, value in DEAL.items() if name != missing}

    body = client.ask("POST", DEALS, {"properties": properties}, status=400)

    assert codes(body) == ["MISSING_REQUIRED_PROPERTY"]
    assert [missing] == body["errors"][0]["context"]["properties"]


def test_the_pipeline_defaults_when_there_is_one() -> None:
    """hubspot.md, section 5.4: "may default"; a switch, and never with two pipelines."""
    sent = {"properties": {"dealname": "x", "dealstage": "qualifiedtobuy"}}
    client, strict = Client(), Client(pipeline_may_default=False)

    assert client.ask("POST", DEALS, sent, status=201)["properties"]["pipeline"] == "default"
    assert strict.send("POST", DEALS, sent).status == 400
    client.twin.person.add_pipeline("second", {"open": "0.5"})
    assert client.send("POST", DEALS, sent).status == 400


def test_contacts_and_companies_need_one_name(client: Client) -> None:
    """hubspot.md, section 5.4."""
    for kind in ("contacts", "companies"):
        body = client.ask("POST", f"/crm/v3/objects/{kind}", {"properties": {"phone": "1"}}, status=400)
        assert codes(body) == ["MISSING_REQUIRED_PROPERTY"]


def test_a_stage_belongs_to_its_pipeline(client: Client) -> None:
    """hubspot.md trap 24: send both; a foreign stage alone is refused and nothing moves."""
    client.twin.person.add_pipeline("leasing", {"offer": "0.5", "signed": "1.0"})
    id = client.create()

    assert codes(client.refused(id, dealstage="offer")) == ["INVALID_OPTION"]
    assert codes(client.refused(id, pipeline="leasing")) == ["INVALID_OPTION"]
    assert codes(client.refused(id, dealstage="Qualified To Buy")) == ["INVALID_OPTION"]
    moved = client.write(id, dealstage="offer", pipeline="leasing")

    assert (moved["pipeline"], moved["dealstage"]) == ("leasing", "offer")


def test_a_taken_unique_value_refuses_a_create_with_the_holder(client: Client) -> None:
    """hubspot.md, section 6 and trap 43: 409, the existing id in the context and in the text."""
    id = client.create(propstreet_id="PS-1")

    body = client.ask("POST", DEALS, {"properties": DEAL | {"propstreet_id": "ps-1"}}, status=409)

    assert body["category"] == "CONFLICT"
    assert [id] == body["context"]["existingId"]
    assert f"Existing ID: {id}" in body["message"]


def test_a_taken_unique_value_refuses_an_update(client: Client) -> None:
    """hubspot.md, section 6: 400 CONFLICTING_UNIQUE_VALUE; a freed value may be taken."""
    first, second = client.create(propstreet_id="PS-1"), client.create(propstreet_id="PS-2")

    assert codes(client.refused(second, propstreet_id="PS-1")) == ["CONFLICTING_UNIQUE_VALUE"]
    client.write(first, propstreet_id="")

    assert client.write(second, propstreet_id="PS-1")["propstreet_id"] == "PS-1"


def test_a_taken_value_can_be_a_plain_validation_error() -> None:
    """hubspot.md, section 6: the 400 spelling, on creates too."""
    client = Client(taken_on_create="validation")
    client.create(propstreet_id="PS-1")

    body = client.ask("POST", DEALS, {"properties": DEAL | {"propstreet_id": "PS-1"}}, status=400)

    assert codes(body) == ["CONFLICTING_UNIQUE_VALUE"]


@pytest.mark.parametrize("bumps", [True, False])
def test_a_write_that_changes_nothing_may_move_the_date(bumps: bool) -> None:
    """hubspot.md, open question 3 and section 7.3."""
    client = Client(noop_bumps=bumps)
    id = client.create()
    before = client.read(id, "hs_lastmodifieddate")
    client.clock.advance(5)

    client.write(id, dealname="Storgatan 1")

    assert bumps is (before != client.read(id, "hs_lastmodifieddate"))
    assert client.twin.journal[-1].changes == {}


def test_hubspot_recalculates_after_a_write() -> None:
    """hubspot.md trap 27: the modified date moves once more, and no mapped value with it."""
    client = Client(recalculates_after_s=30)
    id = client.create()
    first = client.ask("GET", f"{DEALS}/{id}?properties=dealname")

    client.clock.advance(60)
    second = client.ask("GET", f"{DEALS}/{id}?properties=dealname")

    assert second["updatedAt"] > first["updatedAt"]
    assert first["properties"] == second["properties"]
    client.clock.advance(60)
    assert second == client.ask("GET", f"{DEALS}/{id}?properties=dealname")


def test_rules_of_an_admin_are_enforced() -> None:
    """hubspot.md, section 2.1: conditionally required properties and record-creation requirements."""
    rule = WriteRule(property="dealstage", value="closedlost", requires=("closed_lost_reason",))
    client = Client(write_rules=(rule,), required_on_create=("amount",))

    body = client.ask("POST", DEALS, {"properties": DEAL}, status=400)
    id = client.create(amount="1")
    conditional = client.refused(id, dealstage="closedlost")

    assert codes(body) == ["MISSING_REQUIRED_PROPERTY"]
    assert codes(conditional) == ["MISSING_CONDITIONAL_REQUIRED_PROPERTY"]
    assert client.write(id, dealstage="closedlost", closed_lost_reason="price")["dealstage"] == "closedlost"


def test_rules_may_spare_v3() -> None:
    """hubspot.md, open question 4."""
    rule = WriteRule(property="dealstage", value="closedlost", requires=("closed_lost_reason",))
    client = Client(write_rules=(rule,), write_rules_on="2026-09")
    id = client.create()
    sent = {"properties": {"dealstage": "closedlost"}}

    assert client.send("PATCH", f"/crm/objects/2026-09/deals/{id}", sent).status == 400
    assert client.send("PATCH", f"{DEALS}/{id}", sent).status == 200


def test_history_tells_who_wrote(client: Client) -> None:
    """hubspot.md, section 7.2: newest first; INTEGRATION with the app id, CRM_UI with the user."""
    id = client.create(amount="1")
    client.clock.advance(1)
    client.twin.person.edit_deal(id, amount="2")

    entries = client.ask("GET", f"{DEALS}/{id}?propertiesWithHistory=amount")["propertiesWithHistory"]["amount"]

    assert [(entry["value"], entry["sourceType"], entry["sourceId"]) for entry in entries] == [
        ("2", "CRM_UI", "userId:7000001"),
        ("1", "INTEGRATION", "99"),
    ]
    assert entries[0]["updatedByUserId"] == 7000001
    assert entries[0]["timestamp"] > entries[1]["timestamp"]


def test_the_source_of_a_record_is_that_of_its_creation(client: Client) -> None:
    """hubspot.md, section 7.2: hs_object_source describes creation only."""
    id = client.create()
    client.twin.person.edit_deal(id, amount="2")

    assert client.read(id, "hs_object_source", "hs_object_source_id") == {
        "hs_object_source": "INTEGRATION",
        "hs_object_source_id": "99",
    }


def test_a_create_may_answer_200() -> None:
    """hubspot.md trap 4."""
    client = Client(created_status=200)

    assert client.ask("POST", DEALS, {"properties": DEAL}, status=200)["id"]


@pytest.mark.parametrize("body", [b"", b"{", b"[]", b'{"props": {}}', b'{"properties": "x"}'])
def test_a_broken_body_is_refused(client: Client, body: bytes) -> None:
    assert "Invalid input JSON" in client.ask("POST", DEALS, body, status=400)["message"]
