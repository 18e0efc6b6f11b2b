"""Custom objects in the twin, and what they can be associated with (hubspot.md, sections 2.3, 4.1, 5.10 and 5.14)."""

from __future__ import annotations

from typing import Any

import pytest

from syncd.testing.sandbox.hubspot import App

from .hubspot_client import Client, linked

DEFAULT = "batch/associate/default"
NAMED = {"deals": "dealname", "contacts": "lastname", "companies": "name"}


@pytest.fixture
def client() -> Client:
    return Client()


def add_object(client: Client, **more: Any) -> str:
    """A type whose records have a stamp."""
    name: str = client.twin.person.add_object("investor", **more)
    client.twin.person.add_property("propstreet_id", objects=name, unique=True)
    return name


def bare(source: str, target: str) -> dict[str, Any]:
    return {"from": {"id": source}, "to": {"id": target}}


def test_a_custom_object_has_records_like_any_other(client: Client) -> None:
    """Made, read, searched, changed by stamp, archived; by type id or qualified name."""
    name = add_object(client)
    path = f"/crm/v3/objects/{name}"
    stamped = {"id": "PS-1", "idProperty": "propstreet_id", "properties": {"name": "Berg"}}

    (made,) = client.ask("POST", f"{path}/batch/upsert", {"inputs": [stamped]})["results"]
    (again,) = client.ask("POST", f"{path}/batch/upsert", {"inputs": [stamped]})["results"]
    read = client.ask("GET", f"/crm/v3/objects/p4242_investor/{made['id']}")
    found = client.ask("POST", f"{path}/search", {"properties": ["name"]})["results"]

    assert ([made["new"], again["new"]], made["id"]) == ([True, False], again["id"])
    assert read["properties"]["name"] == found[0]["properties"]["name"] == "Berg"
    assert set(read["properties"]) == {"hs_createdate", "hs_lastmodifieddate", "hs_object_id", "name"}
    client.ask("DELETE", f"{path}/{made['id']}", status=204)
    assert client.ask("GET", path)["results"] == []
    assert [row["id"] for row in client.ask("GET", f"{path}?archived=true")["results"]] == [made["id"]]


def test_its_bare_name_is_not_known(client: Client) -> None:
    """hubspot.md 4.1 (O): 400."""
    add_object(client)

    for path in ("objects/investor", "properties/investor", "objects/2-1"):
        client.ask("GET", f"/crm/v3/{path}", status=400)


def test_it_needs_its_required_property(client: Client) -> None:
    name = add_object(client, display="title")

    body = client.ask("POST", f"/crm/v3/objects/{name}", {"properties": {"propstreet_id": "PS-1"}}, status=400)

    assert "title" in str(body)


def test_all_custom_objects_share_their_scopes(client: Client) -> None:
    """hubspot.md 2.3."""
    name = add_object(client)
    client.twin.switch(apps={"any": App(scopes=frozenset({"crm.objects.custom.read", "crm.objects.deals.read"}))})

    client.ask("GET", f"/crm/v3/objects/{name}")
    client.ask("GET", f"/crm/v3/properties/{name}")
    client.ask("GET", f"/crm/v4/associations/{name}/deals/labels")
    client.ask("POST", f"/crm/v3/objects/{name}", {"properties": {"name": "Berg"}}, status=403)
    client.ask("GET", f"/crm/v4/associations/{name}/contacts/labels", status=403)


@pytest.mark.parametrize("to", ["deals", "contacts", "companies"])
def test_its_records_are_linked_by_default(client: Client, to: str) -> None:
    """hubspot.md 5.10: both directions are shown, by type ids of this account; once more changes nothing."""
    person, name = client.twin.person, add_object(client)
    id = person.add_deal(objects=name, name="Berg")
    other = person.add_deal(objects=to, **{NAMED[to]: "x"})
    path = f"/crm/v4/associations/{name}/{to}"

    for _ in range(2):
        answer = client.ask("POST", f"{path}/{DEFAULT}", {"inputs": [bare(id, other), bare(id, "999")]})
    listed = client.ask("GET", f"{path}/labels")["results"]

    assert [(row["from"]["id"], row["to"]["id"]) for row in answer["results"]] == [(id, other), (other, id)]
    assert (answer["numErrors"], answer["errors"][0]["context"]["toObjectId"]) == (1, ["999"])
    (there,) = listed
    assert (there["category"], there["label"]) == ("USER_DEFINED", None)
    assert linked(client, id, of=name, to=to) == {other: [there["typeId"]]}
    assert list(linked(client, other, of=to, to=name)) == [id]


def test_deals_are_linked_with_deals_by_default(client: Client) -> None:
    """One type for both directions: the link is the same from either end."""
    first, second = client.create(), client.create()

    client.ask("POST", f"/crm/v4/associations/deals/deals/{DEFAULT}", {"inputs": [bare(first, second)]})

    assert linked(client, first, to="deals") == {second: [451]}
    assert linked(client, second, to="deals") == {first: [451]}


def test_a_custom_object_is_associated_with_what_an_admin_allows(client: Client) -> None:
    """hubspot.md 5.14; the refusal of any other type is the twin's own."""
    person, name = client.twin.person, add_object(client, to=["deals"])
    id, contact = person.add_deal(objects=name, name="Berg"), person.add_contact(lastname="Berg")
    path = f"/crm/v4/associations/{name}/contacts"

    refused = client.ask("POST", f"{path}/{DEFAULT}", {"inputs": [bare(id, contact)]})
    assert (refused["results"], refused["numErrors"]) == ([], 1)
    assert client.ask("GET", f"{path}/labels")["results"] == []
    client.ask("PUT", f"/crm/v4/objects/{name}/{id}/associations/default/contacts/{contact}", status=400)
    client.ask("POST", f"{path}/labels", {"name": "x", "label": "X"}, status=400)
    assert client.ask("POST", f"{path}/batch/read", {"inputs": [{"id": id}]}, status=207)["results"] == []

    person.allow(name, "contacts")
    client.ask("POST", f"{path}/{DEFAULT}", {"inputs": [bare(id, contact)]})
    assert list(linked(client, id, of=name)) == [contact]


def test_its_unlabelled_type_is_no_label(client: Client) -> None:
    """An admin can neither rename nor delete it, and it does not count among the labels."""
    name = add_object(client)
    path = f"/crm/v4/associations/{name}/deals/labels"
    (plain,) = client.ask("GET", path)["results"]

    client.ask("DELETE", f"{path}/{plain['typeId']}", status=404)
    client.ask("POST", path, {"name": "lead", "label": "Lead", "inverseLabel": "Led"})

    assert [it["label"] for it in client.ask("GET", path)["results"]] == [None, "Lead"]


def test_what_becomes_of_its_links(client: Client) -> None:
    """An archived record is in none until it is restored; a merge moves them, at either end (sections 5.9, 7.4)."""
    person, name = client.twin.person, add_object(client)
    deal, other = client.create(), client.create()
    first, second = (person.add_deal(objects=name, name=text) for text in ("A", "B"))
    person.associate(first, deal, objects=name, to="deals")

    person.archive_deal(deal)
    assert linked(client, first, of=name, to="deals") == {}
    person.restore_deal(deal)
    assert list(linked(client, first, of=name, to="deals")) == [deal]

    moved, survivor = person.merge_deals(deal, other), person.merge_deals(first, second, objects=name)
    assert list(linked(client, survivor, of=name, to="deals")) == [moved]
    assert person.associations_of(moved) == {name: {survivor: []}}
    person.archive_deal(survivor, objects=name)
    assert person.associations_of(moved) == {}


def test_two_accounts_number_their_associations_otherwise() -> None:
    """hubspot.md trap 31: never carry a type id over."""
    ids = set()
    for seed in (0, 1):
        client = Client(seed=seed)
        name = add_object(client)
        ids.add(client.ask("GET", f"/crm/v4/associations/{name}/deals/labels")["results"][0]["typeId"])

    assert len(ids) == 2
