"""A company is read whole, and written within what Propstreet takes."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from syncd.core.model import Fields, Kind, Side, Value
from syncd.mapping import Mapper, Writing
from syncd.mapping.catalogue import CATALOGUES
from syncd.mapping.company import write_company

from .tables import company, with_prospects

PROPSTREET, CRM = Side.PROPSTREET, Side.CRM
HUBSPOT = with_prospects("hubspot")[Kind.COMPANY]
SALESFORCE = with_prospects("salesforce")[Kind.COMPANY]

names = st.text(st.characters(codec="utf-8", exclude_categories=["Cc", "Cs"]), min_size=1, max_size=40)
records = st.fixed_dictionaries(
    {},
    optional={
        "name": names.filter(str.strip),
        "domain": st.sampled_from(["acme.se", "WWW.Acme.se", "https://acme.se/", "acme"]),
        "homepageUrl": names,
        "countryCode": st.sampled_from(["SE", "se", " NO "]),
        "tags": st.lists(st.sampled_from(["a", "b b", "c"]), max_size=4),
    },
)


def test_every_field_of_a_whole_company() -> None:
    """propstreet.md section 17.2, read into canonical form."""
    reading = HUBSPOT.read(PROPSTREET, company(domain="WWW.Acme.se"))

    assert reading.unreadable == {}
    assert reading.fields == {
        "name": "Acme AB",
        "domain": "acme.se",
        "website": "https://www.acme.se",
        "linkedin": "https://www.linkedin.com/company/acme",
        "country": "SE",
        "tags": ("fund",),
        "created": "2026-05-20T08:00:00.0000000Z",
        "updated": "2026-05-21T08:00:00.1234567Z",
        "link": "https://app.propstreet.com/network/companies/321",
    }


def test_the_catalogue_is_the_contract() -> None:
    fields = CATALOGUES[Kind.COMPANY].fields

    assert set(fields) == set(HUBSPOT.policy.fields) | {"deleted"}
    assert {name for name, entry in fields.items() if entry.writable} == {
        "name", "domain", "website", "linkedin", "country",
    }  # fmt: skip
    assert [name for name, entry in fields.items() if entry.required] == ["name"]
    assert [name for name, entry in fields.items() if entry.follows_writes] == ["updated"]


@pytest.mark.parametrize("mapper", [HUBSPOT, SALESFORCE], ids=["hubspot", "salesforce"])
@settings(max_examples=60)
@given(changes=records)
def test_what_is_written_is_read_as_itself(mapper: Mapper, changes: dict[str, Any]) -> None:
    """read(write(v)) is alike to v, through either CRM: the second trip is quiet."""
    left = mapper.read(PROPSTREET, company(**changes)).fields
    writing = mapper.write(CRM, left, current={})
    right = mapper.read(CRM, {name: value and str(value) for name, value in writing.wire.items()})

    assert (writing.refused, right.unreadable) == ({}, {})
    assert all(mapper.policy.fields[name].alike(value, right.fields[name]) for name, value in left.items())


@settings(max_examples=60)
@given(changes=records)
def test_what_goes_to_propstreet_is_read_as_itself(changes: dict[str, Any]) -> None:
    left = HUBSPOT.read(PROPSTREET, company(**changes)).fields
    wanted = {name: left[name] for name in ("name", "website", "linkedin", "country")}
    writing = HUBSPOT.write(PROPSTREET, wanted, current=company())
    shown = HUBSPOT.read(PROPSTREET, company() | writing.wire).fields

    assert writing.refused == {}
    assert {name: shown[name] for name in wanted} == wanted


def test_the_spelling_of_a_domain_is_no_edit() -> None:
    """propstreet trap 54: the server keeps it in lower case without www; a person types what they like."""
    shown = [HUBSPOT.read(CRM, {"domain": text}).fields for text in ("acme.se", "WWW.ACME.SE", "https://acme.se/x")]

    assert shown == [{"domain": "acme.se"}] * 3
    assert HUBSPOT.write(PROPSTREET, {"domain": "WWW.acme.SE"}, current=company()).wire == {"domain": "acme.se"}


@pytest.mark.parametrize(
    ("values", "refused"),
    [
        ({"website": "https://www.acme.se/about", "domain": "acme.se"}, set()),
        ({"website": None, "domain": None}, set()),
        ({"website": "https://other.se", "domain": "acme.se"}, {"domain"}),
        ({"website": None, "domain": "acme.se"}, {"domain"}),
        ({"website": "https://other.se", "domain": None}, {"domain"}),
        ({"domain": "other.se"}, set()),
        ({"website": "https://other.se"}, set()),
    ],
)
def test_a_domain_beside_a_website(values: dict[str, Value], refused: set[str]) -> None:
    """propstreet.md section 17.2: it would be ignored without a word, so another one than the website's is held."""
    writing = write_company(values, company())

    assert set(writing.refused) == refused
    assert ("domain" in writing.wire) == ("domain" in values and not refused)
    assert ("homepageUrl" in writing.wire) == ("website" in values)


@pytest.mark.parametrize(
    ("field", "value", "why"),
    [
        ("name", None, "is empty"),
        ("name", "   ", "is empty"),
        ("name", "x" * 201, "longer than the 200"),
        ("domain", "x" * 253 + ".se", "longer than the 255"),
        ("website", "x" * 256, "longer than the 255"),
        ("linkedin", "x" * 256, "longer than the 255"),
        ("country", "Sweden", "two letters"),
    ],
)
def test_what_propstreet_would_not_take_is_refused_by_name(field: str, value: Value, why: str) -> None:
    """propstreet.md sections 17.2 and 21: the smaller of two documented limits, before sending."""
    neighbour, shown = ("country", "SE") if field != "country" else ("name", "Acme")
    writing = HUBSPOT.write(PROPSTREET, {field: value, neighbour: shown}, current=company())

    assert set(writing.refused) == {field}
    assert why in writing.refused[field]
    assert list(writing.wire.values()) == [shown]


def test_the_longest_name_is_taken() -> None:
    assert write_company({"name": "x" * 200}, {}) == Writing({"name": "x" * 200})


def test_a_new_company_needs_a_name() -> None:
    values: Fields = {"domain": "acme.se"}

    assert HUBSPOT.create(PROPSTREET, values) == Writing({"domain": "acme.se"}, {"name": "is empty, and required"})
    assert HUBSPOT.create(CRM, values).refused == {"name": "is empty, and required"}


@pytest.mark.parametrize("field", ["tags", "created", "updated", "link"])
def test_read_only_fields_are_refused(field: str) -> None:
    assert HUBSPOT.write(PROPSTREET, {field: "x"}, current=company()) == Writing(
        {}, {field: "is set by Propstreet alone"}
    )


def test_names_lead_back_to_fields() -> None:
    assert HUBSPOT.field_of(PROPSTREET, "homepageUrl") == "website"
    assert SALESFORCE.field_of(CRM, "Propstreet_Domain__c") == "domain"
