"""Companies in the twin, and the primary company of a contact (hubspot.md, sections 4.2, 5.9, 5.10; traps 14, 28)."""

from __future__ import annotations

import pytest

from .hubspot_client import Client, codes, linked, where

COMPANIES = "/crm/v3/objects/companies"
CONTACTS = "/crm/v3/objects/contacts"


@pytest.fixture
def client() -> Client:
    return Client()


def company(client: Client, **properties: str) -> str:
    return str(client.ask("POST", COMPANIES, {"properties": properties}, status=201)["id"])


def primary_of(client: Client, contact: str) -> str | None:
    shown = client.ask("GET", f"{CONTACTS}/{contact}?properties=associatedcompanyid")["properties"]
    return None if shown["associatedcompanyid"] is None else str(shown["associatedcompanyid"])


@pytest.mark.parametrize("sent", ["Firm.example", "https://www.firm.example/about?x=1", " firm.example/ "])
def test_a_domain_is_kept_bare(client: Client, sent: str) -> None:
    """hubspot.md, section 4.2 (B) and trap 25: adopt HubSpot's spelling."""
    id = company(client, domain=sent)

    assert client.ask("GET", f"{COMPANIES}/{id}")["properties"]["domain"] == "firm.example"


def test_a_domain_may_be_kept_as_sent_but_for_its_case() -> None:
    """hubspot.md, section 4.2: normalising is believed only."""
    client = Client(bare_domains=False)
    id = company(client, domain="www.Firm.example")

    assert client.ask("GET", f"{COMPANIES}/{id}")["properties"]["domain"] == "www.firm.example"


def test_a_domain_is_nobodys_own(client: Client) -> None:
    """hubspot.md trap 14: duplicates come into being through the API; the domain is no key."""
    first, second = company(client, domain="firm.example"), company(client, domain="firm.example")

    body = {"inputs": [{"id": "firm.example", "idProperty": "domain", "properties": {}}]}

    assert first != second
    assert client.send("POST", f"{COMPANIES}/batch/upsert", body).status == 400


def test_a_merge_keeps_both_domains(client: Client) -> None:
    """hubspot.md, section 5.9."""
    first, second = company(client, domain="firm.example"), company(client, domain="old.example")

    survivor = client.twin.person.merge_companies(first, second)

    shown = client.twin.person.company(survivor)
    assert (shown["domain"], shown["hs_additional_domains"]) == ("firm.example", "old.example")
    assert survivor == client.ask("GET", f"{COMPANIES}/{second}")["id"]


def test_a_contact_shows_its_primary_company(client: Client) -> None:
    """hubspot.md trap 28: the first company becomes the primary one, another only on purpose."""
    person = client.twin.person
    contact = person.add_contact(email="anna@firm.example")
    first, second = person.add_company(name="Firm"), person.add_company(name="Other")
    before = client.ask("GET", f"{CONTACTS}/{contact}")["updatedAt"]
    client.clock.advance(5)

    person.associate(contact, first, objects="contacts", to="companies")
    person.associate(contact, second, objects="contacts", to="companies")
    automatic = primary_of(client, contact)
    person.associate(contact, second, label="Primary", objects="contacts", to="companies")

    assert (automatic, primary_of(client, contact)) == (first, second)
    assert linked(client, contact, of="contacts", to="companies") == {first: [279], second: [1, 279]}
    assert before == client.ask("GET", f"{CONTACTS}/{contact}")["updatedAt"]


def test_a_contact_without_a_primary_company() -> None:
    """hubspot.md trap 28, where the first company is not made the primary one."""
    client = Client(first_company_is_primary=False)
    person = client.twin.person
    contact, firm = person.add_contact(email="anna@firm.example"), person.add_company(name="Firm")

    person.associate(contact, firm, objects="contacts", to="companies")

    assert primary_of(client, contact) is None
    assert linked(client, contact, of="contacts", to="companies") == {firm: [279]}


def test_the_primary_company_goes_and_comes_with_the_company(client: Client) -> None:
    person = client.twin.person
    contact, firm = person.add_contact(email="anna@firm.example"), person.add_company(name="Firm")
    person.associate(contact, firm, objects="contacts", to="companies")

    client.ask("DELETE", f"{COMPANIES}/{firm}", status=204)
    gone = primary_of(client, contact)
    person.restore_company(firm)
    back = primary_of(client, contact)
    survivor = person.merge_companies(person.add_company(name="Firm AB"), firm)

    assert (gone, back, primary_of(client, contact)) == (None, firm, survivor)


def test_a_company_is_not_written_through_its_contact(client: Client) -> None:
    id = client.twin.person.add_contact(email="anna@firm.example")

    body = client.ask("PATCH", f"{CONTACTS}/{id}", {"properties": {"associatedcompanyid": "1"}}, status=400)

    assert codes(body) == ["READ_ONLY_VALUE"]


def test_search_gets_to_know_the_primary_company(client: Client) -> None:
    """hubspot.md, section 5.8: a stored value like any other, though no modified date moves with it."""
    person = client.twin.person
    contact, firm = person.add_contact(email="anna@firm.example"), person.add_company(name="Firm")
    person.associate(contact, firm, objects="contacts", to="companies")
    body = {"filterGroups": [{"filters": [where("associatedcompanyid", "EQ", firm)]}]}

    assert [contact] == [row["id"] for row in client.ask("POST", f"{CONTACTS}/search", body)["results"]]
