"""Properties, pipelines, owners and the account in the twin (hubspot.md, sections 5.12, 5.13, 5.15)."""

from __future__ import annotations

from typing import Any

import pytest

from .hubspot_client import Client, codes

PROPERTIES = "/crm/v3/properties/deals"
PIPELINES = "/crm/v3/pipelines/deals"


@pytest.fixture
def client() -> Client:
    return Client()


def definition(name: str, **more: Any) -> dict[str, Any]:
    body = {"name": name, "label": name, "type": "string", "fieldType": "text", "groupName": "dealinformation"}
    return body | more


def test_a_property_is_created_and_read_back(client: Client) -> None:
    made = client.ask("POST", PROPERTIES, definition("stamp", hasUniqueValue=True), status=201)

    assert made["hasUniqueValue"] is True
    assert made == client.ask("GET", f"{PROPERTIES}/stamp")
    assert "stamp" in [it["name"] for it in client.ask("GET", PROPERTIES)["results"]]


def test_unique_is_decided_at_creation_only(client: Client) -> None:
    """hubspot.md trap 13: a later PATCH answers 200 and ignores it."""
    client.ask("POST", PROPERTIES, definition("plain"), status=201)

    patched = client.ask("PATCH", f"{PROPERTIES}/plain", {"hasUniqueValue": True, "label": "New"})

    assert (patched["hasUniqueValue"], patched["label"]) == (False, "New")


def test_ten_properties_of_a_type_can_be_unique(client: Client) -> None:
    """hubspot.md, section 3.4; propstreet_id is the first."""
    for n in range(9):
        client.ask("POST", PROPERTIES, definition(f"u{n}", hasUniqueValue=True), status=201)

    client.ask("POST", PROPERTIES, definition("eleventh", hasUniqueValue=True), status=400)


@pytest.mark.parametrize(
    "body",
    [
        definition("Upper"),
        definition("choice", type="enumeration", fieldType="select"),
        definition("flag", type="bool", fieldType="booleancheckbox", hasUniqueValue=True),
        definition("lost", groupName="nowhere"),
        definition("odd", type="money"),
        {"name": "short", "label": "short"},
    ],
)
def test_definitions_that_make_no_sense_are_refused(client: Client, body: dict[str, Any]) -> None:
    client.ask("POST", PROPERTIES, body, status=400)


def test_an_existing_name_is_a_conflict(client: Client) -> None:
    """hubspot.md, section 5.12."""
    body = client.ask("POST", PROPERTIES, definition("dealname"), status=409)

    assert (body["category"], body["subCategory"]) == (
        "OBJECT_ALREADY_EXISTS",
        "Properties.PROPERTY_WITH_NAME_EXISTS",
    )


def test_an_archived_name_comes_back_with_its_values(client: Client) -> None:
    """hubspot.md, section 5.12: restored under the posted definition; meanwhile it does not exist."""
    client.twin.person.add_property("note")
    id = client.create(note="kept")

    client.ask("DELETE", f"{PROPERTIES}/note", status=204)
    archived = [it["name"] for it in client.ask("GET", f"{PROPERTIES}?archived=true")["results"]]
    hidden = client.read(id, "note")
    refused = client.refused(id, note="x")
    client.ask("POST", PROPERTIES, definition("note", label="Again"), status=201)

    assert archived == ["note"]
    assert hidden == {}
    assert codes(refused) == ["PROPERTY_DOESNT_EXIST"]
    assert client.read(id, "note") == {"note": "kept"}


def test_options_are_replaced_as_a_whole(client: Client) -> None:
    """hubspot.md, section 5.12 and trap 23: what is left out is no option any more, though records keep it."""
    client.twin.person.add_property("zone", type="enumeration", field_type="select", options=("a", "b"))
    id = client.create(zone="a")

    client.ask("PATCH", f"{PROPERTIES}/zone", {"options": [{"label": "B", "value": "b"}]})

    assert codes(client.refused(id, zone="a")) == ["INVALID_OPTION"]
    assert client.read(id, "zone") == {"zone": "a"}


def test_some_properties_can_not_be_deleted() -> None:
    """hubspot.md, section 5.12."""
    client = Client(properties_in_use=frozenset({"propstreet_id"}))

    body = client.ask("DELETE", f"{PROPERTIES}/propstreet_id", status=400)

    assert body["subCategory"].endswith("CANNOT_DELETE_PROPERTY_IN_USE")
    client.ask("DELETE", f"{PROPERTIES}/dealname", status=400)
    client.ask("DELETE", f"{PROPERTIES}/nonsense", status=404)


def test_read_only_properties_say_so(client: Client) -> None:
    """hubspot.md trap 22: the whitelist for writes comes from the definitions."""
    shown = {it["name"]: it for it in client.ask("GET", PROPERTIES)["results"]}

    assert shown["hs_object_id"]["modificationMetadata"]["readOnlyValue"]
    assert shown["hs_is_closed"]["calculated"]
    assert not shown["dealname"]["modificationMetadata"]["readOnlyValue"]
    assert (shown["closedate"]["type"], shown["closedate"]["fieldType"]) == ("datetime", "date")


def test_properties_come_in_batches_and_groups(client: Client) -> None:
    group = client.ask("POST", f"{PROPERTIES}/groups", {"name": "sync", "label": "Sync"}, status=201)
    bodies = [definition(f"b{n}", groupName=group["name"]) for n in range(2)]

    client.ask("POST", f"{PROPERTIES}/batch/create", {"inputs": bodies}, status=201)
    read = client.ask("POST", f"{PROPERTIES}/batch/read", {"archived": False, "inputs": [{"name": "b1"}]})
    client.ask("POST", f"{PROPERTIES}/batch/archive", {"inputs": [{"name": "b0"}]}, status=204)

    assert [it["groupName"] for it in read["results"]] == ["sync"]
    assert client.send("GET", f"{PROPERTIES}/b0").status == 404
    assert len(client.ask("GET", f"{PROPERTIES}/groups")["results"]) == 2
    client.ask("POST", f"{PROPERTIES}/groups", {"name": "sync", "label": "Sync"}, status=409)


@pytest.mark.parametrize("name", ["deal", "Deals", "0-3"])
def test_definitions_take_the_singular_and_any_case(client: Client, name: str) -> None:
    """hubspot.md, section 4.1."""
    assert client.ask("GET", f"/crm/v3/pipelines/{name}")["results"][0]["id"] == "default"


def test_the_factory_pipeline(client: Client) -> None:
    """hubspot.md, section 5.13."""
    (pipeline,) = client.ask("GET", PIPELINES)["results"]

    assert [(it["id"], it["metadata"]["probability"], it["metadata"]["isClosed"]) for it in pipeline["stages"]] == [
        ("appointmentscheduled", "0.2", "false"),
        ("qualifiedtobuy", "0.4", "false"),
        ("presentationscheduled", "0.6", "false"),
        ("decisionmakerboughtin", "0.8", "false"),
        ("contractsent", "0.9", "false"),
        ("closedwon", "1.0", "true"),
        ("closedlost", "0.0", "true"),
    ]
    assert pipeline["createdAt"] == "1970-01-01T00:00:00.000Z"


def test_a_stage_needs_a_probability(client: Client) -> None:
    """hubspot.md, section 5.13: 0 to 1; closed follows from the ends; a write echoes, a read prints canonically."""
    stages = f"{PIPELINES}/default/stages"

    for metadata in ({}, {"probability": "1.5"}, {"probability": "x"}):
        client.ask("POST", stages, {"label": "New", "displayOrder": 1, "metadata": metadata}, status=400)
    made = client.ask(
        "POST", stages, {"label": "New", "displayOrder": 1, "metadata": {"probability": "0.50"}}, status=201
    )

    assert made["id"].isdigit()
    assert made["metadata"] == {"probability": "0.50"}
    read = client.ask("GET", f"{stages}/{made['id']}")
    assert read["metadata"] == {"probability": "0.5", "isClosed": "false"}
    shown = [it["id"] for it in client.ask("GET", stages)["results"]]
    assert shown[:3] == ["appointmentscheduled", made["id"], "qualifiedtobuy"]
    client.ask("POST", stages, {"label": "New", "metadata": {"probability": "0.5"}}, status=400)


def test_a_changed_stage_changes_what_its_deals_show(client: Client) -> None:
    id = client.create()
    before = client.read(id, "hs_is_closed")

    client.ask("PATCH", f"{PIPELINES}/default/stages/qualifiedtobuy", {"metadata": {"probability": "1"}})

    assert (before, client.read(id, "hs_is_closed")) == ({"hs_is_closed": "false"}, {"hs_is_closed": "true"})


def test_pipelines_come_and_go(client: Client) -> None:
    body = {"label": "Leasing", "displayOrder": 5, "stages": [{"label": "Open", "metadata": {"probability": "0.1"}}]}
    made = client.ask("POST", PIPELINES, body, status=201)

    client.ask("PATCH", f"{PIPELINES}/{made['id']}", {"label": "Rental"})
    labels = [it["label"] for it in client.ask("GET", PIPELINES)["results"]]
    client.ask("DELETE", f"{PIPELINES}/{made['id']}", status=204)

    assert labels == ["Sales Pipeline", "Rental"]
    client.ask("GET", f"{PIPELINES}/{made['id']}", status=404)


def test_ids_that_are_too_long_break_hubspot(client: Client) -> None:
    """hubspot.md, section 3.4: 500, and nothing is created."""
    client.ask("POST", PIPELINES, {"label": "Long", "stages": [], "pipelineId": "x" * 37}, status=500)

    assert len(client.ask("GET", PIPELINES)["results"]) == 1


def test_a_stage_in_use_is_kept_on_the_dated_family(client: Client) -> None:
    """hubspot.md, section 5.13: 400 STAGE_ID_IN_USE; v3 asks for the check by a flag."""
    client.create()
    stage = "pipelines/2026-09/deals/default/stages/qualifiedtobuy"

    body = client.ask("DELETE", f"/crm/{stage}", status=400)
    client.ask(
        "DELETE", f"{PIPELINES}/default/stages/qualifiedtobuy?validateDealStageUsagesBeforeDelete=true", status=400
    )

    assert "STAGE_ID_IN_USE" in body["subCategory"]
    client.ask("DELETE", f"{PIPELINES}/default/stages/qualifiedtobuy", status=204)


@pytest.mark.parametrize("path", ["/crm/v3/owners", "/crm/v3/owners/"])
def test_owners_with_and_without_the_slash(client: Client, path: str) -> None:
    """hubspot.md, section 5.15."""
    page = client.ask("GET", f"{path}?limit=1")
    found = client.ask("GET", f"{path}?email=bo@broker.test")["results"]

    assert page["paging"]["next"]["after"] == "40000002"
    assert [owner["id"] for owner in found] == ["40000002"]
    assert client.ask("GET", "/crm/v3/owners/40000001")["email"] == "anna@broker.test"
    assert client.send("GET", "/crm/v3/owners/1").status == 404


def test_the_account_tells_about_itself(client: Client) -> None:
    """hubspot.md, section 5.15."""
    details = client.ask("GET", "/account-info/v3/details")

    assert (details["portalId"], details["timeZone"]) == (4242, "Europe/Stockholm")
