"""Associations in batches in the twin (hubspot.md, sections 2.1, 3.4, 5.10; traps 2, 29, 30)."""

from __future__ import annotations

from typing import Any

import pytest

from .hubspot_client import Client, linked, spec

BATCH = "/crm/v4/associations/deals/contacts/batch"
DATED = "/crm/associations/2026-09/deals/contacts/batch"


@pytest.fixture
def client() -> Client:
    return Client()


def contacts(client: Client, count: int) -> list[str]:
    return [client.twin.person.add_contact(lastname=f"B{n}") for n in range(count)]


def row(deal: str, contact: str, *types: dict[str, Any]) -> dict[str, Any]:
    return {"from": {"id": deal}, "to": {"id": contact}, "types": list(types)}


def bare(deal: str, contact: str) -> dict[str, Any]:
    return {"from": {"id": deal}, "to": {"id": contact}}


def test_a_batch_links(client: Client) -> None:
    """hubspot.md, section 5.10: 201, the labels between each pair."""
    deal, (first, second) = client.create(), contacts(client, 2)

    answer = client.ask(
        "POST", f"{BATCH}/create", {"inputs": [row(deal, first, spec(3)), row(deal, second, spec(3))]}, status=201
    )

    assert [(it["toObjectId"], it["labels"]) for it in answer["results"]] == [(int(first), []), (int(second), [])]
    assert "numErrors" not in answer
    assert linked(client, deal) == {first: [3], second: [3]}


def test_a_bad_row_is_alone(client: Client) -> None:
    """hubspot.md, section 5.10 and trap 2: 207 without any trace id; count results and errors."""
    deal, (first, second) = client.create(), contacts(client, 2)
    inputs = [row(deal, "999", spec(3)), row(deal, first, spec(3)), row(deal, second, spec(999))]

    answer = client.ask("POST", f"{BATCH}/create", {"inputs": inputs}, status=207)

    assert [str(it["toObjectId"]) for it in answer["results"]] == [first]
    assert answer["numErrors"] == len(answer["errors"]) == 2
    assert [(it["category"], it["context"]["toObjectId"]) for it in answer["errors"]] == [
        ("VALIDATION_ERROR", ["999"]),
        ("VALIDATION_ERROR", [second]),
    ]


def test_a_row_without_types_links_nothing(client: Client) -> None:
    """hubspot.md trap 30."""
    deal, (contact,) = client.create(), contacts(client, 1)

    answer = client.ask("POST", f"{BATCH}/create", {"inputs": [row(deal, contact)]}, status=201)

    assert [it["labels"] for it in answer["results"]] == [[]]
    assert linked(client, deal) == {}


def test_a_limit_holds_within_a_batch(client: Client) -> None:
    client.twin.switch(association_limits={"deals/contacts": 1})
    deal, ids = client.create(), contacts(client, 2)

    answer = client.ask("POST", f"{BATCH}/create", {"inputs": [row(deal, id, spec(3)) for id in ids]}, status=207)

    assert (len(answer["results"]), answer["numErrors"]) == (1, 1)
    assert list(linked(client, deal)) == ids[:1]


def test_a_default_batch_answers_200_whatever_happens(client: Client) -> None:
    """hubspot.md, section 5.10: 200 with optional errors."""
    deal, (contact,) = client.create(), contacts(client, 1)

    answer = client.ask(
        "POST", f"{BATCH}/associate/default", {"inputs": [bare(deal, contact), bare(deal, "999")]}, status=200
    )

    assert [it["associationSpec"]["associationTypeId"] for it in answer["results"]] == [3, 4]
    assert answer["numErrors"] == 1
    assert linked(client, deal) == {contact: [3]}


def test_a_batch_reads_many(client: Client) -> None:
    """hubspot.md trap 29: a record without any is an error row and means the empty set; so is one that is not there."""
    full, empty, gone = client.create(), client.create(), client.create()
    (contact,) = contacts(client, 1)
    client.twin.person.associate(full, contact)
    client.twin.person.archive_deal(gone)
    inputs = [{"id": id} for id in (empty, full, gone, "999", full)]

    answer = client.ask("POST", f"{BATCH}/read", {"inputs": inputs}, status=207)

    unlabelled = {"category": "HUBSPOT_DEFINED", "typeId": 3, "label": None}
    assert answer["results"] == [
        {"from": {"id": full}, "to": [{"toObjectId": int(contact), "associationTypes": [unlabelled]}]}
    ]
    assert answer["numErrors"] == 3
    assert [it["context"]["fromObjectId"] for it in answer["errors"]] == [[empty], [gone], ["999"]]
    assert {(it["category"], it["subCategory"]) for it in answer["errors"]} == {
        ("OBJECT_NOT_FOUND", "crm.associations.NO_ASSOCIATIONS_FOUND")
    }


def test_errors_are_counted_but_not_all_shown() -> None:
    """hubspot.md, section 5.10 and trap 29: trust the missing `from`, not the list."""
    client = Client(association_errors_shown=2)

    answer = client.ask("POST", f"{BATCH}/read", {"inputs": [{"id": str(n)} for n in range(1000)]}, status=207)

    assert (answer["numErrors"], len(answer["errors"]), answer["results"]) == (1000, 2, [])


def test_a_read_of_many_links_goes_on_page_by_page(client: Client) -> None:
    """hubspot.md, sections 3.4 and 5.10: 500 a record and page, `after` per input."""
    deal, ids = client.create(), contacts(client, 501)
    for id in ids:
        client.twin.person.associate(deal, id)

    (first,) = client.ask("POST", f"{BATCH}/read", {"inputs": [{"id": deal}]})["results"]
    after = first["paging"]["next"]["after"]
    (rest,) = client.ask("POST", f"{BATCH}/read", {"inputs": [{"id": deal, "after": after}]})["results"]

    assert ids == [str(it["toObjectId"]) for it in first["to"] + rest["to"]]
    assert (len(first["to"]), "paging" in rest) == (500, False)


@pytest.mark.parametrize(("follows", "status"), [(False, 207), (True, 200)])
def test_a_read_of_an_absorbed_id(follows: bool, status: int) -> None:
    """hubspot.md, open question 8."""
    client = Client(batch_read_follows_merges=follows)
    first, second = client.create(), client.create()
    client.twin.person.associate(first, contacts(client, 1)[0])
    survivor = client.twin.person.merge_deals(first, second)

    answer = client.ask("POST", f"{BATCH}/read", {"inputs": [{"id": second}]}, status=status)

    assert [it["from"]["id"] for it in answer["results"]] == ([survivor] if follows else [])


def test_a_batch_unlinks(client: Client) -> None:
    """hubspot.md, section 5.10: 204, unknown ids and pairs ignored."""
    deal, (first, second, third) = client.create(), contacts(client, 3)
    for id in (first, second, third):
        client.twin.person.associate(deal, id)
    to = [{"id": first}, {"id": second}, {"id": "999"}]

    body = {"inputs": [{"from": {"id": deal}, "to": to}, {"from": {"id": "999"}, "to": to}]}
    assert client.ask("POST", f"{BATCH}/archive", body, status=204) is None

    assert linked(client, deal) == {third: [3]}


def test_labels_are_taken_one_by_one(client: Client) -> None:
    """hubspot.md, section 5.10: the given labels only; taking the unlabelled type takes every label (S)."""
    person = client.twin.person
    deal, (first, second) = client.create(), contacts(client, 2)
    buyer, adviser = person.add_label("Buyer"), person.add_label("Adviser")
    for id in (first, second):
        person.associate(deal, id, label="Buyer")
        person.associate(deal, id, label="Adviser")

    inputs = [row(deal, first, spec(buyer, "USER_DEFINED")), row(deal, second, spec(3))]
    client.ask("POST", f"{BATCH}/labels/archive", {"inputs": inputs}, status=204)

    assert linked(client, deal) == {first: [3, adviser]}
    assert person.associations_of(first, objects="contacts") == {"deals": {deal: ["Adviser"]}}


def test_labels_archive_is_checked_as_a_whole(client: Client) -> None:
    deal, (contact,) = client.create(), contacts(client, 1)
    client.twin.person.associate(deal, contact)

    body = {"inputs": [row(deal, contact, spec(3)), row(deal, contact, spec(4))]}
    client.ask("POST", f"{BATCH}/labels/archive", body, status=400)

    assert linked(client, deal) == {contact: [3]}


@pytest.mark.parametrize(
    ("action", "most"), [("read", 1_000), ("create", 2_000), ("associate/default", 2_000), ("archive", 100)]
)
def test_batches_have_a_size(client: Client, action: str, most: int) -> None:
    """hubspot.md, section 3.4."""
    one = {
        "read": {"id": "1"},
        "create": row("1", "2", spec(3)),
        "associate/default": bare("1", "2"),
        "archive": {"from": {"id": "1"}, "to": [{"id": "2"}]},
    }[action]

    assert client.send("POST", f"{BATCH}/{action}", {"inputs": [one] * (most + 1)}).status == 400
    assert client.send("POST", f"{BATCH}/{action}", {"inputs": [one] * most}).status < 300


def test_the_dated_family_answers_200_with_a_body(client: Client) -> None:
    """hubspot.md, section 2.1: create, archive and labels archive are 200 there, and 207 is not declared."""
    deal, (contact,) = client.create(), contacts(client, 1)

    made = client.ask("POST", f"{DATED}/create", {"inputs": [row(deal, contact, spec(3)), row(deal, "9", spec(3))]})
    read = client.ask("POST", f"{DATED}/read", {"inputs": [{"id": deal}, {"id": "9"}]})
    labels = client.ask("POST", f"{DATED}/labels/archive", {"inputs": [row(deal, contact, spec(3))]})
    gone = client.ask("POST", f"{DATED}/archive", {"inputs": [{"from": {"id": deal}, "to": [{"id": contact}]}]})

    assert [(len(it["results"]), it["numErrors"]) for it in (made, read)] == [(1, 1), (1, 1)]
    assert {labels["status"], gone["status"]} == {"COMPLETE"}


@pytest.mark.parametrize("target", ["/batch/nothing", "/batch", "", "/batch/read/read"])
def test_nothing_else_is_served_there(client: Client, target: str) -> None:
    assert client.send("POST", f"/crm/v4/associations/deals/contacts{target}", {}).status == 404


def test_batches_are_posted(client: Client) -> None:
    assert client.send("GET", f"{BATCH}/read").status == 405
