"""What people do with contacts, companies and links in HubSpot's own user interface (hubspot.md, section 12)."""

from __future__ import annotations

import msgspec
import pytest

from syncd.testing.sandbox.door import SideDoor
from syncd.testing.sandbox.hubspot import Refusal
from syncd.testing.sandbox.hubspot.person import Person
from syncd.testing.sandbox.wire import Request

from .hubspot_client import Client, linked


@pytest.fixture
def client() -> Client:
    return Client()


@pytest.fixture
def person(client: Client) -> Person:
    return client.twin.person


def test_people_keep_contacts_and_companies(client: Client, person: Person) -> None:
    """hubspot.md, section 7.2: CRM_UI in history, and nothing of it in the journal."""
    contact, company = person.add_contact(email="anna@firm.example"), person.add_company(name="Firm")
    person.edit_contact(contact, firstname="Anna")
    person.edit_company(company, city="Oslo")
    person.delete_company(company)
    gone = person.live_companies()
    person.restore_company(company)

    assert gone == {}
    assert person.company(company)["city"] == "Oslo"
    assert person.contact(contact)["firstname"] == "Anna"
    shown = client.ask("GET", f"/crm/v3/objects/contacts/{contact}?propertiesWithHistory=firstname")
    assert shown["propertiesWithHistory"]["firstname"][0]["sourceType"] == "CRM_UI"
    assert client.twin.journal == []


def test_the_user_interface_refuses_what_the_api_refuses(person: Person) -> None:
    person.add_contact(email="anna@firm.example")

    with pytest.raises(Refusal):
        person.add_contact(email="anna@firm.example")
    with pytest.raises(KeyError):
        person.edit_contact("999", firstname="x")


def test_people_link_label_and_unlink(client: Client, person: Person) -> None:
    """hubspot.md trap 8: what a reconcile has to find, without any modified date."""
    deal, contact = client.create(), person.add_contact(email="anna@firm.example")
    person.add_label("Investor", inverse="Invests in")
    person.add_label("Adviser")
    before = client.ask("GET", f"/crm/v3/objects/deals/{deal}")["updatedAt"]
    client.clock.advance(5)
    seen = []

    person.associate(deal, contact)
    seen.append(person.associations_of(deal))
    person.associate(deal, contact, label="Investor")
    seen.append(person.associations_of(deal))
    person.relabel(deal, contact, ["Adviser"])
    seen.append(person.associations_of(deal))
    person.dissociate(deal, contact, label="Adviser")
    seen.append(person.associations_of(deal))
    person.dissociate(deal, contact)
    seen.append(person.associations_of(deal))

    labels = [it["contacts"][contact] if it else None for it in seen]
    assert labels == [[], ["Investor"], ["Adviser"], [], None]
    assert before == client.ask("GET", f"/crm/v3/objects/deals/{deal}")["updatedAt"]


def test_the_truth_of_a_deal_is_told_from_both_ends(client: Client, person: Person) -> None:
    deal, own = client.create(), client.create()
    contact, company = person.add_contact(email="anna@firm.example"), person.add_company(name="Firm")
    person.add_label("Investor", inverse="Invests in")
    person.associate(deal, contact, label="Investor")
    person.associate(deal, company, to="companies")
    person.associate(deal, own, to="deals")

    assert person.associations_of(deal) == {
        "deals": {own: []},
        "contacts": {contact: ["Investor"]},
        "companies": {company: ["Primary"]},
    }
    assert person.associations_of(contact, objects="contacts") == {"deals": {deal: ["Invests in"]}}


def test_only_what_is_linked_is_relabelled(client: Client, person: Person) -> None:
    deal, contact = client.create(), person.add_contact(email="anna@firm.example")
    person.add_label("Investor")

    with pytest.raises(KeyError):
        person.relabel(deal, contact, ["Investor"])
    with pytest.raises(KeyError):
        person.associate(deal, contact, label="Nonsense")
    with pytest.raises(KeyError):
        person.associate(deal, "999")

    assert person.associations_of(deal) == {}


def test_admins_rename_and_drop_labels(client: Client, person: Person) -> None:
    deal, contact = client.create(), person.add_contact(email="anna@firm.example")
    person.add_label("Investor")
    person.associate(deal, contact, label="Investor")

    person.rename_label("Investor", "Buyer")
    renamed = person.associations_of(deal)
    person.drop_label("Buyer")

    assert renamed == {"contacts": {contact: ["Buyer"]}}
    assert person.associations_of(deal) == {"contacts": {contact: []}}


def test_people_meet_the_admins_limit(client: Client, person: Person) -> None:
    client.twin.switch(association_limits={"deals/companies": 1})
    deal = client.create()
    person.associate(deal, person.add_company(name="Firm"), to="companies")

    with pytest.raises(Refusal):
        person.associate(deal, person.add_company(name="Other"), to="companies")


def test_a_seeded_account_holds_prospects_in_both_forms(client: Client, person: Person) -> None:
    """hubspot.md, sections 5.10 and 5.13: labelled contacts of a deal, and deals of their own in a second pipeline."""
    projects = person.seed(3)

    again = Client()
    assert again.twin.person.seed(3) == projects
    assert again.twin.person.live_contacts() == person.live_contacts()
    for id in projects:
        links = person.associations_of(id)
        assert links["contacts"]
        assert all(labels == ["Investor"] for labels in links["contacts"].values())
        for own, labels in links["deals"].items():
            assert (labels, person.deal(own)["pipeline"]) == (["Investor deal"], "investors")
            assert person.associations_of(own)["deals"] == {id: ["Project deal"]}
            assert list(person.associations_of(own)["companies"].values()) == [["Primary"]]
    assert all(it["associatedcompanyid"] for it in person.live_contacts().values())


def test_the_side_door_opens_to_all_of_it(client: Client) -> None:
    """hubspot.md, section 12: JSON in, JSON out, never under the API."""
    door = SideDoor(client.twin)

    def enter(name: str, body: dict[str, str]) -> object:
        response = door(Request("POST", f"/{name}", {}, msgspec.json.encode(body)))
        assert response.status == 200, response.body
        return msgspec.json.decode(response.body)

    deal, contact = client.create(), enter("add_contact", {"email": "anna@firm.example"})
    assert isinstance(contact, str)
    enter("edit_contact", {"id": contact, "firstname": "Anna"})
    enter("associate", {"id": deal, "other": contact})

    assert linked(client, deal) == {contact: [3]}
    assert enter("associations_of", {"id": deal}) == {"contacts": {contact: []}}
    missing = door(Request("POST", "/associate", {}, b'{"id": "999", "other": "1"}'))
    assert missing.status == 400
    named = msgspec.json.decode(door(Request("GET", "/")).body)
    assert {"add_company", "merge_contacts", "relabel", "dissociate", "erase_contact", "seed"} <= set(named)
