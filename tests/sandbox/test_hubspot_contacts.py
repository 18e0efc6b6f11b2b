"""Contacts in the twin (hubspot.md, sections 4.2, 4.3, 5.4, 5.6, 5.7, 5.9; traps 7, 15, 25)."""

from __future__ import annotations

from typing import Any

import pytest

from syncd.testing.sandbox.hubspot import Refusal

from .hubspot_client import Client, codes, where

CONTACTS = "/crm/v3/objects/contacts"


@pytest.fixture
def client() -> Client:
    return Client()


def create(client: Client, **properties: str) -> str:
    return str(client.ask("POST", CONTACTS, {"properties": properties}, status=201)["id"])


def write(client: Client, id: str, *, status: int = 200, **properties: str) -> Any:
    return client.ask("PATCH", f"{CONTACTS}/{id}", {"properties": properties}, status=status)


def read(client: Client, id: str, *names: str) -> Any:
    return client.ask("GET", f"{CONTACTS}/{id}?properties={','.join(names)}")["properties"]


def upsert_by_email(email: str, **properties: str) -> dict[str, Any]:
    row = {"id": email, "idProperty": "email", "properties": properties, "objectWriteTraceId": "op-1"}
    return {"inputs": [row]}


def test_an_email_is_one_contacts_whatever_its_case(client: Client) -> None:
    """hubspot.md, section 6: 409, the existing id in the context and in the text."""
    first = create(client, email="Anna@Firm.example")

    body = client.ask("POST", CONTACTS, {"properties": {"email": "ANNA@firm.example"}}, status=409)

    assert read(client, first, "email") == {"email": "anna@firm.example"}
    assert body["category"] == "CONFLICT"
    assert [first] == body["context"]["existingId"]
    assert body["message"] == f"Contact already exists. Existing ID: {first}"


def test_an_update_onto_a_taken_email_is_refused(client: Client) -> None:
    """hubspot.md, section 6: CONFLICTING_UNIQUE_VALUE."""
    create(client, email="anna@firm.example")
    other = create(client, email="bo@firm.example")

    assert codes(write(client, other, email="Anna@firm.example", status=400)) == ["CONFLICTING_UNIQUE_VALUE"]


@pytest.mark.parametrize("email", ["anna", "anna@firm", "an na@firm.example", "@firm.example", "anna@.example"])
def test_an_email_must_look_like_one(client: Client, email: str) -> None:
    """hubspot.md, section 6: a property failure, and nothing is written."""
    assert codes(client.ask("POST", CONTACTS, {"properties": {"email": email}}, status=400)) == ["INVALID_EMAIL"]
    assert client.twin.person.live_contacts() == {}


def test_an_email_can_be_cleared_and_is_free_then(client: Client) -> None:
    """hubspot.md, section 4.2: an empty text clears."""
    id = create(client, email="anna@firm.example", lastname="Berg")

    write(client, id, email="")

    assert read(client, id, "email") == {"email": None}
    assert create(client, email="anna@firm.example") != id


def test_contacts_show_their_own_modified_property(client: Client) -> None:
    """hubspot.md, section 4.3 and trap 7."""
    id = create(client, email="anna@firm.example")
    client.clock.advance(5)

    row = write(client, id, firstname="Anna")
    shown = read(client, id, "lastmodifieddate", "hs_object_id")

    assert shown == {"lastmodifieddate": row["updatedAt"], "hs_object_id": id}
    assert row["updatedAt"] > row["createdAt"]


def test_an_upsert_by_email_finds_the_contact(client: Client) -> None:
    """hubspot.md, section 5.6: the one unique key that HubSpot has of its own."""
    id = create(client, email="anna@firm.example")

    (row,) = client.ask("POST", f"{CONTACTS}/batch/upsert", upsert_by_email("Anna@Firm.example", firstname="A"))[
        "results"
    ]

    assert (row["id"], row["new"], row["properties"]["email"]) == (id, False, "anna@firm.example")


@pytest.mark.parametrize("blanks", [True, False])
def test_an_upsert_by_email_is_not_partial(blanks: bool) -> None:
    """hubspot.md trap 15: what it does not name is blanked; a switch, because it is documented and not seen."""
    client = Client(email_upsert_blanks=blanks)
    id = create(client, email="anna@firm.example", firstname="Anna", phone="1")

    client.ask("POST", f"{CONTACTS}/batch/upsert", upsert_by_email("anna@firm.example", firstname="A"))

    kept = None if blanks else "1"
    assert read(client, id, "email", "firstname", "phone") == {
        "email": "anna@firm.example",
        "firstname": "A",
        "phone": kept,
    }


def test_a_merge_keeps_both_addresses(client: Client) -> None:
    """hubspot.md, section 5.9: values are the primary's; the other's address becomes an additional one."""
    first = create(client, email="anna@firm.example", firstname="Anna")
    second = create(client, email="anna@home.example", firstname="A.", phone="1")

    body = {"primaryObjectId": first, "objectIdToMerge": second}
    survivor = client.ask("POST", f"{CONTACTS}/merge", body)["id"]

    assert survivor not in (first, second)
    assert read(client, survivor, "email", "hs_additional_emails", "firstname", "phone") == {
        "email": "anna@firm.example",
        "hs_additional_emails": "anna@home.example",
        "firstname": "Anna",
        "phone": None,
    }
    for id in (first, second):
        assert survivor == client.ask("GET", f"{CONTACTS}/{id}")["id"]


def test_a_merge_may_keep_the_primary_id() -> None:
    """hubspot.md, section 5.9: the "primary id preservation" beta."""
    client = Client(merge_keeps_primary_id=True)
    first, second = create(client, email="anna@firm.example"), create(client, email="anna@home.example")

    assert first == client.twin.person.merge_contacts(first, second)
    assert first == client.ask("GET", f"{CONTACTS}/{second}")["id"]
    assert read(client, first, "hs_additional_emails") == {"hs_additional_emails": "anna@home.example"}


def test_a_merge_gives_an_address_to_a_primary_without_one(client: Client) -> None:
    first, second = create(client, lastname="Berg"), create(client, email="anna@home.example")

    survivor = client.twin.person.merge_contacts(first, second)

    shown = client.twin.person.contact(survivor)
    assert (shown["email"], shown.get("hs_additional_emails")) == ("anna@home.example", None)


def test_an_additional_address_finds_the_contact_and_is_taken(client: Client) -> None:
    """hubspot.md, sections 5.2 and 6: as good as the first one for lookups and conflicts; read only for writes."""
    first, second = create(client, email="anna@firm.example"), create(client, email="anna@home.example")
    survivor = client.twin.person.merge_contacts(first, second)

    found = client.ask("GET", f"{CONTACTS}/Anna@Home.example?idProperty=email")
    body = client.ask("POST", CONTACTS, {"properties": {"email": "anna@home.example"}}, status=409)
    refused = write(client, survivor, hs_additional_emails="x@y.example", status=400)

    assert (found["id"], [survivor]) == (survivor, body["context"]["existingId"])
    assert codes(refused) == ["READ_ONLY_VALUE"]


def test_a_deleted_contact_frees_all_its_addresses(client: Client) -> None:
    first, second = create(client, email="anna@firm.example"), create(client, email="anna@home.example")
    survivor = client.twin.person.merge_contacts(first, second)

    client.twin.person.delete_contact(survivor)

    assert create(client, email="anna@firm.example") != create(client, email="anna@home.example")


def test_a_contact_whose_address_is_taken_is_not_restored(client: Client) -> None:
    """hubspot.md trap 12: for contacts the user interface refuses; without the other one it restores."""
    old = create(client, email="anna@firm.example")
    client.twin.person.delete_contact(old)
    new = create(client, email="anna@firm.example")

    with pytest.raises(Refusal):
        client.twin.person.restore_contact(old)
    client.twin.person.delete_contact(new)
    client.twin.person.restore_contact(old)

    assert [old] == list(client.twin.person.live_contacts())


def test_the_lifecycle_goes_forward_by_api(client: Client) -> None:
    """hubspot.md, section 7.3: a write that changed nothing answers 200; the way back leads over clearing."""
    id = create(client, email="anna@firm.example", lifecyclestage="opportunity")

    silent = write(client, id, lifecyclestage="lead")["properties"]["lifecyclestage"]
    forward = write(client, id, lifecyclestage="customer")["properties"]["lifecyclestage"]
    write(client, id, lifecyclestage="")
    back = write(client, id, lifecyclestage="lead")["properties"]["lifecyclestage"]

    assert (silent, forward, back) == ("opportunity", "customer", "lead")
    assert codes(write(client, id, lifecyclestage="Lead", status=400)) == ["INVALID_OPTION"]


def test_the_lifecycle_may_go_back_in_other_accounts_and_by_hand(client: Client) -> None:
    free = Client(lifecycle_goes_forward=False)
    id = create(free, email="anna@firm.example", lifecyclestage="customer")
    other = create(client, email="anna@firm.example", lifecyclestage="customer")

    client.twin.person.edit_contact(other, lifecyclestage="lead")

    assert write(free, id, lifecyclestage="lead")["properties"]["lifecyclestage"] == "lead"
    assert read(client, other, "lifecyclestage") == {"lifecyclestage": "lead"}


@pytest.mark.parametrize("key", ["id", "email"])
def test_a_privacy_deletion_leaves_nothing(client: Client, key: str) -> None:
    """hubspot.md, section 5.7: irreversible, and in no recycle bin."""
    id = create(client, email="anna@firm.example")
    body = {"objectId": id} if key == "id" else {"objectId": "Anna@firm.example", "idProperty": "email"}

    client.ask("POST", f"{CONTACTS}/gdpr-delete", body, status=204)

    assert client.ask("GET", f"{CONTACTS}?archived=true")["results"] == []
    for query in ("", "?archived=true"):
        assert client.send("GET", f"{CONTACTS}/{id}{query}").status == 404
    with pytest.raises(KeyError):
        client.twin.person.restore_contact(id)
    assert client.twin.journal[-1].verb == "forget"
    client.ask("POST", f"{CONTACTS}/gdpr-delete", body, status=204)
    assert create(client, email="anna@firm.example") != id


def test_only_contacts_are_deleted_like_that(client: Client) -> None:
    id = client.create()

    assert client.send("POST", "/crm/v3/objects/deals/gdpr-delete", {"objectId": id}).status == 405
    assert client.send("GET", f"/crm/v3/objects/deals/{id}").status == 200


def test_a_deletion_that_a_person_makes_for_good(client: Client) -> None:
    id = create(client, email="anna@firm.example")
    client.twin.person.delete_contact(id)

    client.twin.person.erase_contact(id)

    assert client.send("GET", f"{CONTACTS}/{id}?archived=true").status == 404
    with pytest.raises(KeyError):
        client.twin.person.erase_contact(id)


def test_search_finds_contacts_by_address_and_window(client: Client) -> None:
    """hubspot.md, sections 5.8 and 7.1, trap 7: windows over lastmodifieddate."""
    create(client, email="anna@firm.example")
    client.clock.advance(60)
    id = create(client, email="bo@firm.example")
    since = str(int((client.clock.time() - 30) * 1000))
    group = {"filters": [where("lastmodifieddate", "GTE", since), where("email", "EQ", "BO@firm.example")]}

    found = client.ask("POST", f"{CONTACTS}/search", {"filterGroups": [group]})

    assert [id] == [row["id"] for row in found["results"]]
