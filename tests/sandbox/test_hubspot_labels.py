"""Labels of associations in the twin (hubspot.md, sections 2.3, 3.4 and 5.11; trap 31)."""

from __future__ import annotations

from typing import Any

import pytest

from syncd.testing.sandbox.hubspot import App

from .hubspot_client import Client, linked, spec

LABELS = "/crm/v4/associations/deals/contacts/labels"
TURNED = "/crm/v4/associations/contacts/deals/labels"
SELLER = {"name": "propstreet_seller", "label": "Seller", "inverseLabel": "Sold by"}


@pytest.fixture
def client() -> Client:
    return Client()


def own(client: Client, target: str = LABELS) -> dict[str, int]:
    """The account's own labels in one direction."""
    rows = client.ask("GET", target)["results"]
    return {row["label"]: row["typeId"] for row in rows if row["category"] == "USER_DEFINED"}


def test_every_pair_has_types_of_hubspots_own(client: Client) -> None:
    """hubspot.md, section 5.10: the ids by pair and direction."""

    def ids(source: str, target: str) -> dict[int, Any]:
        rows = client.ask("GET", f"/crm/v4/associations/{source}/{target}/labels")["results"]
        return {row["typeId"]: row["label"] for row in rows if row["category"] == "HUBSPOT_DEFINED"}

    assert ids("deals", "contacts") == {3: None}
    assert ids("contacts", "deals") == {4: None}
    assert ids("deals", "companies") == {5: "Primary", 341: None}
    assert ids("companies", "deals") == {6: "Primary", 342: None}
    assert ids("contacts", "companies") == {1: "Primary", 279: None}
    assert ids("company", "0-1") == {2: "Primary", 280: None}
    assert ids("deals", "deals") == {451: None}


def test_a_label_has_an_id_for_each_direction(client: Client) -> None:
    """hubspot.md, section 5.11: 200 with both, and lists never show the name."""
    made = client.ask("POST", LABELS, SELLER)["results"]

    there, back = (row["typeId"] for row in made)
    assert [(row["category"], row["label"]) for row in made] == [
        ("USER_DEFINED", "Seller"),
        ("USER_DEFINED", "Sold by"),
    ]
    assert (own(client), own(client, TURNED)) == ({"Seller": there}, {"Sold by": back})
    assert all("name" not in row for row in made + client.ask("GET", LABELS)["results"])


def test_ids_of_labels_differ_between_accounts() -> None:
    """hubspot.md trap 31: resolve at start."""
    first, second = Client(seed=1), Client(seed=2)

    assert first.ask("POST", LABELS, SELLER) != second.ask("POST", LABELS, SELLER)


def test_a_labelled_link_shows_the_unlabelled_type_too(client: Client) -> None:
    """hubspot.md, section 5.10: setting labels is additive; unlabelled is implied; each side has its own text."""
    client.ask("POST", LABELS, SELLER)
    client.ask("POST", LABELS, {"name": "propstreet_adviser", "label": "Adviser"})
    deal, contact = client.create(), client.twin.person.add_contact(email="anna@firm.example")
    seller, adviser = own(client).values()
    path = f"/crm/v4/objects/deals/{deal}/associations/contacts/{contact}"

    first = client.ask("PUT", path, [spec(seller, "USER_DEFINED")], status=201)
    second = client.ask("PUT", path, [spec(adviser, "USER_DEFINED")], status=201)

    assert (first["labels"], second["labels"]) == (["Seller"], ["Seller", "Adviser"])
    assert linked(client, deal) == {contact: [3, seller, adviser]}
    turned = own(client, TURNED)
    assert linked(client, contact, of="contacts", to="deals") == {deal: [4, turned["Sold by"], turned["Adviser"]]}


def test_a_label_goes_one_way(client: Client) -> None:
    """hubspot.md, section 5.11: the other direction has another id."""
    client.ask("POST", LABELS, SELLER)
    deal, contact = client.create(), client.twin.person.add_contact(email="anna@firm.example")

    sent = [spec(own(client, TURNED)["Sold by"], "USER_DEFINED")]
    body = client.ask("PUT", f"/crm/v4/objects/deals/{deal}/associations/contacts/{contact}", sent, status=400)

    assert "invalid from object type 0-3" in body["message"]


def test_a_label_between_deals(client: Client) -> None:
    """hubspot.md, section 5.11: with an inverse it has two ids, without one the same in both directions."""
    path = "/crm/v4/associations/deals/deals/labels"
    project, investor = client.create(), client.create()

    two = client.ask("POST", path, {"name": "investor_deal", "label": "Investor deal", "inverseLabel": "Project deal"})
    one = client.ask("POST", path, {"name": "twin_deal", "label": "Twin"})
    there, back = (row["typeId"] for row in two["results"])
    client.twin.person.associate(project, investor, label="Investor deal", to="deals")
    client.twin.person.associate(project, investor, label="Twin", to="deals")

    (same,) = (row["typeId"] for row in one["results"])
    assert linked(client, project, to="deals") == {investor: [*sorted([there, same]), 451]}
    assert linked(client, investor, to="deals") == {project: [*sorted([back, same]), 451]}


def test_names_are_unique(client: Client) -> None:
    """hubspot.md, section 5.11: in either direction."""
    client.ask("POST", LABELS, SELLER)

    for target in (LABELS, TURNED):
        assert client.ask("POST", target, SELLER, status=409)["category"] == "OBJECT_ALREADY_EXISTS"
    client.ask("POST", "/crm/v4/associations/deals/companies/labels", SELLER)


def test_a_pair_has_fifty_labels(client: Client) -> None:
    """hubspot.md, section 3.4: the 51st is answered with 437; both directions count as one."""
    for n in range(50):
        client.ask("POST", LABELS if n % 2 else TURNED, {"name": f"n{n}", "label": f"L{n}", "inverseLabel": f"I{n}"})

    assert client.send("POST", LABELS, {"name": "n50", "label": "L50"}).status == 437
    assert client.send("POST", "/crm/v4/associations/deals/companies/labels", {"name": "n", "label": "L"}).status == 200


def test_a_rename_without_an_inverse_overwrites_both_sides(client: Client) -> None:
    """hubspot.md, section 5.11 (O)."""
    there = client.ask("POST", LABELS, SELLER)["results"][0]["typeId"]

    client.ask("PUT", LABELS, {"associationTypeId": there, "label": "Vendor", "inverseLabel": "By"}, status=204)
    both = (own(client), own(client, TURNED))
    client.ask("PUT", LABELS, {"associationTypeId": there, "label": "Vendor"}, status=204)

    assert both == ({"Vendor": there}, {"By": there + 1})
    assert (own(client), own(client, TURNED)) == ({"Vendor": there}, {"Vendor": there + 1})


def test_a_label_that_goes_leaves_the_link(client: Client) -> None:
    """hubspot.md, section 5.11."""
    there = client.ask("POST", LABELS, SELLER)["results"][0]["typeId"]
    deal, contact = client.create(), client.twin.person.add_contact(email="anna@firm.example")
    client.twin.person.associate(deal, contact, label="Seller")

    client.ask("DELETE", f"{LABELS}/{there}", status=204)

    assert (own(client), own(client, TURNED)) == ({}, {})
    assert linked(client, deal) == {contact: [3]}
    assert linked(client, contact, of="contacts", to="deals") == {deal: [4]}


@pytest.mark.parametrize("id", [3, 999])
def test_hubspots_own_types_can_not_be_touched(client: Client, id: int) -> None:
    assert client.send("DELETE", f"{LABELS}/{id}").status == 404
    assert client.send("PUT", LABELS, {"associationTypeId": id, "label": "x"}).status == 404


@pytest.mark.parametrize(
    "path",
    [
        LABELS,
        "/crm/associations/v4/deals/contacts/labels",
        "/crm/associations/2026-09/deals/contacts/labels",
        "/crm/v4/associations/deal/Contact/labels",
        "/crm/v4/associations/0-3/0-1/labels",
    ],
)
def test_labels_answer_in_every_family(client: Client, path: str) -> None:
    """hubspot.md, sections 2.1, 4.1 and 5.11: serve both label path families."""
    made = client.ask("POST", path, SELLER)["results"]

    assert [row["typeId"] for row in client.ask("GET", path)["results"]] == [3, made[0]["typeId"]]
    client.ask("DELETE", f"{path}/{made[0]['typeId']}", status=204)
    assert client.send("PATCH", path, SELLER).status == 405


@pytest.mark.parametrize(
    ("scopes", "method", "status"),
    [
        (("crm.objects.deals.read", "crm.schemas.contacts.read"), "GET", 200),
        (("crm.objects.deals.read",), "GET", 403),
        (("crm.schemas.deals.write", "crm.schemas.contacts.write"), "POST", 200),
        (("crm.schemas.deals.write", "crm.objects.contacts.write"), "POST", 403),
    ],
)
def test_labels_take_scopes_of_definitions(scopes: tuple[str, ...], method: str, status: int) -> None:
    """hubspot.md, section 2.3: reads of definitions accept either family; making them takes the schema scopes."""
    client = Client(apps={"any": App(scopes=frozenset(scopes))})

    assert client.send(method, LABELS, SELLER if method == "POST" else None).status == status
