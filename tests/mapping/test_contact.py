"""A contact is read whole, and written so that nothing is lost beside what was asked for."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from syncd.core.model import Fields, Kind, Side, Value
from syncd.mapping import Mapper, Writing
from syncd.mapping.catalogue import CATALOGUES
from syncd.mapping.contact import write_contact

from .tables import contact, with_prospects

PROPSTREET, CRM = Side.PROPSTREET, Side.CRM
HUBSPOT = with_prospects("hubspot")[Kind.CONTACT]
SALESFORCE = with_prospects("salesforce")[Kind.CONTACT]

names = st.text(st.characters(codec="utf-8", exclude_categories=["Cc", "Cs"]), min_size=1, max_size=40).map(str.strip)
records = st.fixed_dictionaries(
    {},
    optional={
        "firstName": names,
        "lastName": names,
        "email": st.emails(),
        "phone": st.sampled_from(["+46 70 123 45 67", "070-1234567", "0046701234567", "ask Eva", "+1 (415) 555-0123"]),
        "primaryLanguage": st.sampled_from(["sv", "EN", " de "]),
        "tags": st.lists(st.sampled_from(["a", "b b", "c"]), max_size=4),
        "companies": st.lists(st.fixed_dictionaries({"name": names, "isPrimary": st.booleans()}), max_size=2),
    },
)


def test_every_field_of_a_whole_contact() -> None:
    """propstreet.md section 17.1, read into canonical form."""
    reading = HUBSPOT.read(PROPSTREET, contact())

    assert reading.unreadable == {}
    assert reading.fields == {
        "first_name": "Anna",
        "last_name": "Lindqvist",
        "email": "anna.lindqvist@acme.se",
        "phone": "+46701234567",
        "linkedin": "https://www.linkedin.com/in/anna",
        "language": "sv",
        "company": "Acme AB",
        "job_title": "Head of Deals",
        "tags": ("nordic", "tier-1"),
        "created": "2026-05-20T08:00:00.0000000Z",
        "updated": "2026-05-21T08:00:00.1234567Z",
        "link": "https://app.propstreet.com/network/contacts/789",
    }


def test_the_catalogue_is_the_contract() -> None:
    fields = CATALOGUES[Kind.CONTACT].fields

    assert set(fields) == set(HUBSPOT.policy.fields) | {"deleted"}
    assert {name for name, entry in fields.items() if entry.writable} == {
        "first_name", "last_name", "email", "phone", "linkedin", "language",
    }  # fmt: skip
    assert [name for name, entry in fields.items() if entry.follows_writes] == ["updated"]
    assert fields["deleted"].read({"deletedUtc": "2026-01-01T00:00:00Z"}) == "2026-01-01T00:00:00.0000000Z"


def test_missing_keys_are_null_and_so_are_nulls() -> None:
    """propstreet.md section 9."""
    bare = {"id": "789"}
    explicit = dict.fromkeys(contact()) | bare

    assert HUBSPOT.read(PROPSTREET, bare) == HUBSPOT.read(PROPSTREET, explicit)
    assert set(HUBSPOT.read(PROPSTREET, bare).fields.values()) == {None}


@pytest.mark.parametrize("mapper", [HUBSPOT, SALESFORCE], ids=["hubspot", "salesforce"])
@settings(max_examples=80)
@given(changes=records)
def test_what_is_written_is_read_as_itself(mapper: Mapper, changes: dict[str, Any]) -> None:
    """read(write(v)) is alike to v, through either CRM: the second trip is quiet."""
    left = mapper.read(PROPSTREET, contact(**changes)).fields
    writing = mapper.write(CRM, left, current={})
    right = mapper.read(CRM, {name: as_text(value) for name, value in writing.wire.items()})

    assert right.unreadable == {}
    for name, value in left.items():
        if name not in writing.refused:
            assert mapper.policy.fields[name].alike(value, right.fields[name]), name


@settings(max_examples=80)
@given(changes=records)
def test_what_goes_to_propstreet_is_read_as_itself(changes: dict[str, Any]) -> None:
    """And so on the way there: what Propstreet is sent, it shows, and that is what was meant."""
    left = HUBSPOT.read(PROPSTREET, contact(**changes)).fields
    wanted = {name: value for name, value in left.items() if CATALOGUES[Kind.CONTACT].fields[name].writable}
    writing = HUBSPOT.write(PROPSTREET, wanted, current=contact())
    shown = HUBSPOT.read(PROPSTREET, contact() | writing.wire).fields

    assert writing.refused == {}
    assert {name: shown[name] for name in wanted} == wanted


def test_a_reformatted_number_is_no_edit() -> None:
    """propstreet trap 54: neither against what the side itself showed before, nor against the other side."""
    phone = HUBSPOT.policy.fields["phone"]
    before, after = (
        HUBSPOT.read(CRM, {"phone": text}).fields["phone"] for text in ("+46701234567", "+46 70 123 45 67")
    )

    assert before == after
    assert phone.alike("+46701234567", "0701234567")
    assert not phone.alike("+46701234567", "+46701234568")
    assert not phone.alike("+46701234567", None)


def test_case_and_blanks_are_no_edit() -> None:
    """propstreet trap 54, hubspot.md section 4.2, salesforce trap 24."""
    ours = {"firstname": " Anna ", "email": "ANNA@acme.se", "lastname": "  "}
    theirs = {"firstname": "Anna", "email": "anna@acme.se", "lastname": None}

    assert HUBSPOT.read(CRM, ours) == HUBSPOT.read(CRM, theirs)


EMAILS = [
    {"address": "old@acme.se", "type": "work", "isPrimary": True},
    {"address": "home@anna.se", "type": "personal", "isPrimary": False},
    {"address": "third@acme.se", "isPrimary": False},
]


def test_an_address_alone_is_written_alone() -> None:
    """propstreet.md section 17.1: there is nothing beside it that a write could lose."""
    only = {"email": "old@acme.se", "emails": EMAILS[:1]}

    assert write_contact({"email": "New@acme.se"}, only) == Writing({"email": "new@acme.se"})
    assert write_contact({"email": "new@acme.se"}, contact()) == Writing({"email": "new@acme.se"})
    assert write_contact({"email": None}, only) == Writing({"email": None})


def test_a_new_primary_address_leaves_the_others_where_they_are() -> None:
    """propstreet.md section 17.1: without a single value, the first of the list becomes primary."""
    writing = write_contact({"email": "new@acme.se"}, {"email": "old@acme.se", "emails": EMAILS})

    assert writing == Writing(
        {
            "emails": [
                {"address": "new@acme.se", "type": "work", "isPrimary": True},
                {"address": "home@anna.se", "type": "personal", "isPrimary": False},
                {"address": "third@acme.se", "isPrimary": False},
            ]
        }
    )


@pytest.mark.parametrize("email", ["old@acme.se", None])
def test_another_address_that_becomes_primary_changes_places(email: str | None) -> None:
    """No address is lost, and none is there twice; whether the single value is shown or only the mark."""
    current = {"emails": EMAILS} if email is None else {"email": email, "emails": EMAILS}
    writing = write_contact({"email": "Third@acme.se"}, current)

    assert writing.wire["emails"] == [
        {"address": "third@acme.se", "isPrimary": True},
        {"address": "old@acme.se", "type": "work", "isPrimary": False},
        {"address": "home@anna.se", "type": "personal", "isPrimary": False},
    ]


def test_a_primary_address_that_the_list_lacks_is_kept() -> None:
    writing = write_contact({"email": "home@anna.se"}, {"email": "old@acme.se", "emails": EMAILS[1:2]})

    assert writing.wire["emails"] == [
        {"address": "home@anna.se", "type": "personal", "isPrimary": True},
        {"address": "old@acme.se", "isPrimary": False},
    ]


def test_phones_are_the_same_under_other_names() -> None:
    """propstreet trap 54: the list may hold the number in another spelling than the single value."""
    phones = [
        {"number": "070-123 45 67", "type": "work", "isPrimary": True},
        {"number": "+4681234567", "type": "work", "isPrimary": False},
    ]
    writing = write_contact({"phone": "+46709999999"}, {"phone": "+46701234567", "phones": phones})

    assert writing == Writing(
        {
            "phones": [
                {"number": "+46709999999", "type": "work", "isPrimary": True},
                {"number": "+4681234567", "type": "work", "isPrimary": False},
            ]
        }
    )


def test_the_primary_address_is_not_emptied_beside_others() -> None:
    """One of the others would take its place, so the field would show what nobody wrote."""
    writing = write_contact({"email": None, "first_name": "Eva"}, {"email": "old@acme.se", "emails": EMAILS})

    assert writing == Writing(
        {"firstName": "Eva"}, {"email": "can't be emptied: another one of the contact would take its place"}
    )


@pytest.mark.parametrize("emails", ["broken", [1], [{"address": {}}]])
def test_addresses_that_cannot_be_read_are_not_written_over(emails: Any) -> None:
    writing = write_contact({"email": "new@acme.se"}, {"email": "old@acme.se", "emails": emails})

    assert writing == Writing({}, {"email": "stands beside emails that can't be read"})


@pytest.mark.parametrize(
    ("field", "value", "why"),
    [
        ("first_name", "x" * 256, "longer than the 255"),
        ("last_name", "x" * 256, "longer than the 255"),
        ("linkedin", "x" * 256, "longer than the 255"),
        ("email", "x" * 250 + "@a.se", "longer than the 254"),
        ("email", "not an address", "not an e-mail address"),
        ("email", "a@b@c.se", "not an e-mail address"),
        ("phone", "ask Eva " * 7, "longer than the 50"),
        ("language", "Swedish", "two letters"),
        ("language", "sv-se", "two letters"),
    ],
)
def test_what_propstreet_would_not_take_is_refused_by_name(field: str, value: Value, why: str) -> None:
    """propstreet.md sections 17.1 and 21: before sending, and the neighbours go on. The reason does not quote it."""
    values: Fields = {field: value, "first_name" if field != "first_name" else "last_name": "Eva"}
    writing = HUBSPOT.write(PROPSTREET, values, current=contact())

    assert set(writing.refused) == {field}
    assert why in writing.refused[field]
    assert str(value) not in writing.refused[field]
    assert list(writing.wire.values()) == ["Eva"]


def test_the_longest_texts_are_taken() -> None:
    values: Fields = {"first_name": "x" * 255, "email": "x" * 249 + "@a.se", "phone": "a" * 50, "linkedin": "x" * 255}

    assert write_contact(values, contact()).refused == {}


@pytest.mark.parametrize("field", ["company", "job_title", "tags", "created", "updated", "link"])
def test_what_belongs_to_others_is_not_written(field: str) -> None:
    """propstreet.md section 17.3: job title and company belong to the link."""
    writing = HUBSPOT.write(PROPSTREET, {field: "x", "first_name": "Eva"}, current=contact())

    assert writing == Writing({"firstName": "Eva"}, {field: "is set by Propstreet alone"})


def test_clearing_is_an_explicit_null() -> None:
    """propstreet.md section 9: null clears; blanks are nothing."""
    values: Fields = {"first_name": None, "last_name": "  ", "linkedin": None, "language": None, "phone": None}

    assert write_contact(values, contact()).wire == {
        "firstName": None, "lastName": None, "linkedInUrl": None, "primaryLanguage": None, "phone": None,
    }  # fmt: skip


@pytest.mark.parametrize("field", ["first_name", "last_name", "email", "phone"])
def test_a_new_contact_needs_one_of_these(field: str) -> None:
    """propstreet.md section 17.1: at least one of name, email and phone."""
    value = "anna@acme.se" if field == "email" else "0701234567"

    assert len(HUBSPOT.create(PROPSTREET, {field: value, "linkedin": "in/anna"}).wire) == 2
    assert HUBSPOT.create(PROPSTREET, {"linkedin": "in/anna", field: None}) == Writing(
        {}, {"linkedin": "needs a name, an e-mail address or a phone number beside it"}
    )


@pytest.mark.parametrize(
    ("changes", "company", "title"),
    [
        ({"primaryCompanyId": None}, "Acme AB", "Head of Deals"),
        ({"primaryCompanyId": 654}, "Other AB", "Chair"),
        ({"primaryCompanyId": "999"}, "Acme AB", "Head of Deals"),
        ({"companies": [], "primaryCompanyId": "321"}, None, None),
        ({"companies": [{"id": "321", "name": " Acme "}]}, "Acme", None),
        ({"companies": [{"id": "1", "name": "B"}], "primaryCompanyId": None}, None, None),
    ],
)
def test_where_somebody_works_first(changes: dict[str, Any], company: Value, title: Value) -> None:
    """propstreet.md section 17.1: the company with the primary id, or else the one with the mark; never any other."""
    fields = HUBSPOT.read(PROPSTREET, contact(**changes)).fields

    assert (fields["company"], fields["job_title"]) == (company, title)


def test_broken_companies_spoil_nothing_else() -> None:
    reading = HUBSPOT.read(PROPSTREET, contact(companies="Acme"))

    assert set(reading.unreadable) == {"company", "job_title"}
    assert reading.fields["first_name"] == "Anna"


def test_names_lead_back_to_fields() -> None:
    """An error of either system names its own members."""
    assert HUBSPOT.field_of(PROPSTREET, "emails") == HUBSPOT.field_of(PROPSTREET, "email") == "email"
    assert HUBSPOT.field_of(PROPSTREET, "phones") == "phone"
    assert SALESFORCE.field_of(CRM, "LastName") == "last_name"


def as_text(value: Any) -> Any:
    return value if value is None else str(value)
