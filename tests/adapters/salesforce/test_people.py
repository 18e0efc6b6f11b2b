"""Contacts and accounts as records: what is required of them, what they are known by, what becomes of the merged."""

from __future__ import annotations

from typing import Any

import pytest

from syncd.adapters.base import CreateItem, StartsNow
from syncd.core.model import FieldType, Kind
from syncd.core.remote import Raw
from syncd.errors import Rejected
from syncd.mapping.wanted import WantedField
from syncd.testing.sandbox.salesforce import DuplicateRule

from .rig import LATER_S, REF, Rig, done, edit, error, kinds

CONTACT, COMPANY = Kind.CONTACT, Kind.COMPANY
FIELDS = ("FirstName", "LastName", "Email", "Phone")


def contacts(*, fields: tuple[str, ...] = FIELDS, **more: Any) -> Rig:
    return Rig(kind=CONTACT, name="Contact", fields=fields, **more)


def companies(*, fields: tuple[str, ...] = ("Name", "Website"), **more: Any) -> Rig:
    return Rig(kind=COMPANY, name="Account", fields=fields, **more)


def person(ref: str, **fields: Any) -> CreateItem:
    return CreateItem(ref, {"LastName": f"Lindqvist {ref}", **fields}, f"key of {ref}")


def create_one(rig: Rig, fields: Raw) -> Any:
    return rig.adapter.create(rig.kind, [CreateItem("PS-1", fields, "key")])[0]


@pytest.mark.parametrize("rig", [contacts, companies])
def test_two_hundred_of_them_are_one_call(rig: Any) -> None:
    """As with opportunities: an upsert on the stamp and the look at what came of it (salesforce.md 9.1)."""
    here = rig()
    here.warm()
    named = "LastName" if here.kind is CONTACT else "Name"
    items = [CreateItem(f"PS-{n}", {named: f"name {n}"}, f"key {n}") for n in range(200)]

    outcomes = here.adapter.create(here.kind, items)

    assert len(here.calls()) == 1
    assert {(True, True)} == {(done(one).created, done(one).whole) for one in outcomes}


def test_a_contact_without_a_last_name_is_refused_by_the_field() -> None:
    """salesforce.md 7.3: required, and named so that a person knows what is missing; its neighbour is made."""
    rig = contacts()

    outcomes = rig.adapter.create(CONTACT, [CreateItem("PS-1", {"FirstName": "Anna"}, "key"), person("PS-2")])

    assert (error(outcomes[0]).code, error(outcomes[0]).fields) == ("REQUIRED_FIELD_MISSING", ("LastName",))
    assert done(outcomes[1]).created


@pytest.mark.parametrize(
    ("name", "parts"), [("Name", "LastName, FirstName"), ("MailingAddress", "MailingStreet, MailingCity")]
)
def test_a_compound_is_read_whole_and_written_by_its_parts(name: str, parts: str) -> None:
    """salesforce.md 7.3: Name and addresses are read-only; setup and the refusal both say what to map instead."""
    rig = contacts(fields=(*FIELDS, name))

    refused = create_one(rig, {"LastName": "Berg", name: "Anna Berg"})
    wanted = WantedField(name=name, label=name, type=FieldType.TEXT)
    (_, line) = rig.adapter.compare(CONTACT, [wanted])

    assert (type(error(refused)), error(refused).fields) == (Rejected, (name,))
    assert f"is made of {parts}" in str(error(refused))
    assert line.state == "wrong"
    assert parts in line.detail


def test_an_address_that_is_none_is_refused_by_the_field() -> None:
    """salesforce.md 6.2, INVALID_EMAIL_ADDRESS: the field is parked and not the record, so the field is named."""
    rig = contacts()
    id = rig.add()

    (made,) = rig.adapter.create(CONTACT, [person("PS-1", Email="anna at nordic")])
    (edited,) = rig.adapter.update(CONTACT, [edit(rig.fetch(id)[id], {"Email": "anna at nordic"})])

    for outcome in (made, edited):
        assert (error(outcome).code, error(outcome).fields) == ("INVALID_EMAIL_ADDRESS", ("Email",))
        assert "e-mail address" in str(error(outcome).remedy)
        assert "anna" not in str(error(outcome))


@pytest.mark.parametrize("spelling", ["duplicateResut", "duplicateResult"])
def test_a_duplicate_is_held_with_the_records_it_is_like(spelling: str) -> None:
    """salesforce.md traps 8 and 29: on by default in many orgs; both spellings that were seen are read."""
    rule = DuplicateRule(object="Contact", fields=("Email",))
    rig = contacts(switches={"duplicate_rules": (rule,), "duplicate_key": spelling})
    alike = [rig.add(Email="anna@nordic.example") for _ in range(2)]
    rig.warm()

    outcomes = rig.adapter.create(CONTACT, [person("PS-1", Email="anna@nordic.example"), person("PS-2")])

    held = error(outcomes[0])
    assert (type(held), held.code) == (Rejected, "DUPLICATES_DETECTED")
    assert all(id in str(held) for id in alike)
    assert "stamp the one that exists" in str(held.remedy)
    assert "anna" not in str(held)
    assert done(outcomes[1]).created


@pytest.mark.parametrize(
    ("fields", "raw", "keys"),
    [
        (FIELDS, {"Email": "Anna@Nordic.example"}, ("email:anna@nordic.example",)),
        (("LastName",), {"Email": "anna@nordic.example"}, ("email:anna@nordic.example",)),
        (
            (*FIELDS, "Private__c"),
            {"Email": "b@nordic.example", "Private__c": "a@home.example"},
            ("email:a@home.example", "email:b@nordic.example"),
        ),
        (FIELDS, {"Phone": "+46 8 123"}, ()),
    ],
)
def test_a_contact_is_known_by_its_addresses(fields: tuple[str, ...], raw: Raw, keys: tuple[str, ...]) -> None:
    """Email whether it is mapped or not, and mapped fields that are e-mail addresses to Salesforce; no other text."""
    rig = contacts(fields=(*fields, "Title"))
    rig.person.add_field("Private__c", "Contact", type="email", length=80)
    id = rig.add(**raw, Title="anna@elsewhere.example")

    assert rig.fetch(id)[id].keys == keys
    assert rig.scan()[0][id].keys == keys


@pytest.mark.parametrize(
    ("website", "keys"),
    [
        ("https://www.Nordic.example/en", ("domain:nordic.example",)),
        ("nordic.example", ("domain:nordic.example",)),
        ("ask Britta", ()),
        (None, ()),
    ],
)
def test_a_company_is_known_by_the_host_of_its_website(website: str | None, keys: tuple[str, ...]) -> None:
    """And by no field of our own, which only stamped records have filled."""
    rig = companies(fields=("Name", "Propstreet_Domain__c"))
    rig.person.add_field("Propstreet_Domain__c", "Account", type="url")
    id = rig.add(Website=website, Propstreet_Domain__c="elsewhere.example")

    assert rig.fetch(id)[id].keys == keys


def test_a_hidden_address_makes_no_key() -> None:
    """salesforce.md trap 17: it is left out, and the contact is read all the same."""
    rig = contacts(switches={"hidden_fields": frozenset({"Contact.Email"})})
    id = rig.add(Email="anna@nordic.example")

    assert rig.fetch(id)[id].keys == ()


def test_an_opportunity_has_no_keys() -> None:
    rig = Rig()
    id = rig.add()

    assert rig.fetch(id)[id].keys == ()


@pytest.mark.parametrize("rig", [contacts, companies])
def test_a_merge_leads_to_the_survivor_with_its_own_stamp(rig: Any) -> None:
    """salesforce.md trap 19 and 7.3: chains to their end; the loser's key goes with the loser."""
    here = rig()
    first, second, third = (here.add(**{REF: f"PS-{n}"}) for n in range(3))
    _, cursor = here.scan()
    here.clock.advance(LATER_S)
    here.person.merge_records(second, [first])
    here.person.merge_records(third, [second])

    found = here.fetch(first)[first]
    rows, _ = here.scan(cursor)

    assert (found.id, found.ref, found.absorbed) == (third, "PS-2", tuple(sorted((first, second))))
    assert rows[third].absorbed == found.absorbed
    assert not rows.keys() & {first, second}
    assert here.adapter.find(here.kind, ["PS-0"]) == {}


def test_a_merged_contact_is_not_written_in_the_survivors_place() -> None:
    """salesforce.md trap 19."""
    rig = contacts()
    winner, loser = rig.add(), rig.add()
    read = rig.fetch(loser)[loser]
    rig.clock.advance(LATER_S)
    rig.person.merge_records(winner, [loser])

    outcomes = rig.adapter.update(CONTACT, [edit(read, {"Phone": "+46 8 123"})])

    assert "Missing" in str(kinds(outcomes))
    assert rig.person.record(winner)["Phone"] is None


def test_a_feed_can_begin_now() -> None:
    """Nothing that is there already is read; what changes from now on is shown, and the overlap hides nothing."""
    rig = contacts(options={"overlap_s": 60.0})
    assert isinstance(rig.adapter, StartsNow)
    for _ in range(3):
        rig.add()
    rig.warm()
    rig.clock.advance(LATER_S)
    rig.adapter.find(CONTACT, ["PS-1"])
    rig.calls()

    cursor = rig.adapter.start(CONTACT)
    asked = rig.calls()
    late, new = rig.add(), rig.add()
    rig.person.backdate(late, 50)
    rows, _ = rig.scan(cursor)

    assert asked == []
    assert {late, new} == set(rows)


def test_a_feed_that_begins_before_anything_was_asked_has_salesforces_time() -> None:
    """salesforce.md trap 14: never our own clock, which may be wrong by more than the overlap."""
    rig = contacts(switches={"clock_offset_s": -7200.0})

    cursor = rig.adapter.start(CONTACT)
    new = rig.add()
    rows, _ = rig.scan(cursor)

    assert {new} == set(rows)
