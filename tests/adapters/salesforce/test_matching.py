"""Looking people and companies up by what people recognise them by."""

from __future__ import annotations

from typing import Any

import pytest

from syncd.adapters.base import Matches
from syncd.core.model import Kind
from syncd.core.remote import Remote
from syncd.errors import Forbidden

from .rig import Rig

HOST = "domain:nordic.example"


def contacts(**more: Any) -> Rig:
    return Rig(**{"kind": Kind.CONTACT, "name": "Contact", "fields": ("LastName",)} | more)


def companies(**more: Any) -> Rig:
    return Rig(**{"kind": Kind.COMPANY, "name": "Account", "fields": ("Name",)} | more)


def match(rig: Rig, *keys: str) -> dict[str, list[Remote]]:
    assert isinstance(rig.adapter, Matches)
    return rig.adapter.match(rig.kind, keys)


def ids(found: dict[str, list[Remote]]) -> dict[str, list[str]]:
    return {key: [row.id for row in rows] for key, rows in found.items()}


def test_contacts_are_found_by_address_in_any_case() -> None:
    """salesforce.md 3.2: SOQL compares without regard to case, and so do people."""
    rig = contacts()
    anna, bo = rig.add(Email="Anna@Nordic.example"), rig.add(Email="bo@nordic.example")
    again = rig.add(Email="bo@NORDIC.example")
    rig.add(Email="cecilia@nordic.example")

    found = match(rig, "email:anna@nordic.example", "email:bo@nordic.example", "email:nobody@nordic.example")

    assert ids(found) == {"email:anna@nordic.example": [anna], "email:bo@nordic.example": [bo, again]}
    assert found["email:anna@nordic.example"][0] == rig.fetch(anna)[anna]


def test_every_mapped_address_counts() -> None:
    rig = contacts(fields=("LastName", "Private__c"))
    rig.person.add_field("Private__c", "Contact", type="email", length=80)
    id = rig.add(Email="anna@nordic.example", Private__c="anna@home.example")

    keys = ["email:anna@home.example", "email:anna@nordic.example"]

    assert ids(match(rig, *keys)) == {key: [id] for key in keys}


@pytest.mark.parametrize(
    ("website", "same"),
    [
        ("nordic.example", True),
        ("NORDIC.example/en?x=1", True),
        ("www.nordic.example", True),
        ("http://nordic.example/", True),
        ("https://www.Nordic.example:8080/sv", True),
        ("notnordic.example", False),
        ("https://nordic.example.net", False),
        ("https://linkedin.example/nordic.example", False),
        ("sub.nordic.example", False),
    ],
)
def test_companies_are_found_by_the_host_of_their_website(website: str, same: bool) -> None:
    """LIKE is not exact: what it finds is compared host by host."""
    rig = companies()
    id = rig.add(Website=website)
    rig.add(Website="https://elsewhere.example")

    assert ids(match(rig, HOST)) == ({HOST: [id]} if same else {})


def test_wildcards_in_a_host_are_letters() -> None:
    rig = companies()
    rig.add(Website="nordicxexample.net")
    id = rig.add(Website="nordic_example.net")

    assert ids(match(rig, "domain:nordic_example.net")) == {"domain:nordic_example.net": [id]}


@pytest.mark.parametrize("rig", [contacts, companies])
def test_the_dead_are_not_found(rig: Any) -> None:
    """What is in the recycle bin, and what was merged away (trap 19)."""
    here = rig()
    fields = {"Email": "anna@nordic.example"} if here.kind is Kind.CONTACT else {"Website": "nordic.example"}
    key = "email:anna@nordic.example" if here.kind is Kind.CONTACT else HOST
    winner, loser, deleted = (here.add(**fields) for _ in range(3))
    here.person.merge_records(winner, [loser])
    here.person.delete_record(deleted)

    assert ids(match(here, key)) == {key: [winner]}


def test_two_hundred_addresses_are_one_call() -> None:
    """As many as an address of 14,000 bytes holds (trap 26)."""
    rig = contacts()
    keys = {f"email:p{n}@nordic.example": rig.add(Email=f"p{n}@nordic.example") for n in range(200)}
    rig.warm()

    found = match(rig, *keys)

    assert ids(found) == {key: [id] for key, id in keys.items()}
    assert len(rig.calls()) == 1


@pytest.mark.parametrize("rig", [contacts, companies])
def test_no_question_outgrows_its_address(rig: Any) -> None:
    """salesforce.md trap 26: 414 beyond 16,384 bytes, so long keys take more questions, and each is answered once."""
    here = rig()
    here.warm()
    if here.kind is Kind.CONTACT:
        texts = [f"{'a' * 50}{n:03}@nordic.example" for n in range(200)]
        made = {f"email:{text}": here.add(Email=text) for text in texts}
    else:
        texts = [f"{'a' * 50}{n:03}.example" for n in range(200)]
        made = {f"domain:{text}": here.add(Website=f"https://www.{text}/en") for text in texts}

    found = match(here, *made)

    assert ids(found) == {key: [id] for key, id in made.items()}
    assert all(len(one.target) < 16_000 for one in here.asked)
    assert 1 < len(here.calls()) <= 4


def test_a_doubt_is_not_told_in_thousands() -> None:
    """Two records of one key are a doubt; accounts that all name one portal as their website do not fill our mirror."""
    rig = companies()
    for n in range(30):
        rig.add(Website=f"https://facebook.example/{n}")

    assert [len(rows) for rows in match(rig, "domain:facebook.example").values()] == [10]


def test_a_hidden_address_is_not_nobody() -> None:
    """salesforce.md trap 17: nobody found would mean that everybody is created twice."""
    rig = contacts(switches={"hidden_fields": frozenset({"Contact.Email"})})
    rig.add(Email="anna@nordic.example")

    with pytest.raises(Forbidden) as caught:
        match(rig, "email:anna@nordic.example")

    assert caught.value.fields == ("Email",)
    assert "Contact.Email" in str(caught.value.remedy)


def test_an_account_that_is_a_person_is_no_company() -> None:
    """salesforce.md 7.3: such fields exist only in orgs that have switched person accounts on."""
    rig = companies()
    rig.person.add_field("IsPersonAccount", "Account", type="boolean")
    rig.add(Website="nordic.example", IsPersonAccount=True)
    company = rig.add(Website="nordic.example")

    assert ids(match(rig, HOST)) == {HOST: [company]}


def test_asking_for_nobody_costs_nothing() -> None:
    rig = contacts()

    assert match(rig) == {}
    assert rig.calls() == []
