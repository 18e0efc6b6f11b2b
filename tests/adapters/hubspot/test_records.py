"""Rows and values: what is asked for, what a row becomes, what goes over the wire."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from syncd.adapters.base import ObjectSpec
from syncd.adapters.hubspot.records import record_type, to_wire
from syncd.adapters.hubspot.shapes import Row

DEALS = record_type(ObjectSpec("deals", ("dealname", "amount")), "propstreet_id")


@pytest.mark.parametrize(
    ("value", "wire"),
    [
        (None, ""),
        ("", ""),
        ("x", "x"),
        (True, "true"),
        (False, "false"),
        (7, "7"),
        (Decimal("1250000.50"), "1250000.50"),
        (Decimal("1E+6"), "1000000"),
        (("a", "b"), "a;b"),
        (["a"], "a"),
        ((), ""),
    ],
)
def test_values_go_as_strings_and_never_as_null(value: Any, wire: str) -> None:
    """hubspot.md trap 26: "" clears, and what null does nobody knows."""
    assert wire == to_wire(value)


def test_a_row_becomes_a_remote() -> None:
    row = Row(
        id="170000000001",
        properties={
            "dealname": "x",
            "amount": None,
            "propstreet_id": "PS-1",
            "hs_lastmodifieddate": "2026-11-21T10:00:00.123Z",
            "hs_merged_object_ids": "8;9",
        },
    )

    remote = DEALS.remote(row)

    assert (remote.id, remote.ref, remote.version, remote.deleted) == ("170000000001", "PS-1", None, False)
    assert remote.raw == row.properties
    assert remote.modified == "2026-11-21T10:00:00.1230000Z"
    assert remote.absorbed == ("8", "9")


@pytest.mark.parametrize("stamp", ["1763719200000", "2025-11-21T10:00:00Z"])
def test_both_spellings_of_an_instant_are_one(stamp: str) -> None:
    """Section 4.2: some system properties are epoch milliseconds."""
    remote = DEALS.remote(Row(id="1", properties={"hs_lastmodifieddate": stamp}))

    assert remote.modified == "2025-11-21T10:00:00.0000000Z"


def test_an_empty_stamp_is_none() -> None:
    assert DEALS.remote(Row(id="1", properties={"propstreet_id": ""})).ref is None


def test_an_archived_row_is_deleted_since_it_was_archived() -> None:
    """The archiving is the newer fact, though it does not move the modified date."""
    row = Row(
        id="1",
        properties={"hs_lastmodifieddate": "2026-11-20T10:00:00Z"},
        archived=True,
        archived_at="2026-11-21T10:00:00Z",
    )

    remote = DEALS.remote(row)

    assert (remote.deleted, remote.modified) == (True, "2026-11-21T10:00:00.0000000Z")


@pytest.mark.parametrize(
    ("name", "modified"),
    [
        ("deals", "hs_lastmodifieddate"),
        ("0-3", "hs_lastmodifieddate"),
        ("companies", "hs_lastmodifieddate"),
        ("contacts", "lastmodifieddate"),
        ("0-1", "lastmodifieddate"),
        ("2-3456789", "hs_lastmodifieddate"),
    ],
)
def test_each_type_has_its_modified_date(name: str, modified: str) -> None:
    """hubspot.md trap 7: contacts are not found by hs_lastmodifieddate."""
    records = record_type(ObjectSpec(name, ("x",)), "propstreet_id")

    assert modified == records.traits.modified
    asked = set(records.properties) - set(records.traits.recognised_by)
    assert {"x", "propstreet_id", modified, "hs_merged_object_ids", "hs_object_id"} == asked


@pytest.mark.parametrize(
    ("name", "properties", "keys"),
    [
        ("deals", {"email": "a@b.se", "domain": "b.se"}, ()),
        ("contacts", {"email": "Anna@Example.test"}, ("email:anna@example.test",)),
        (
            "contacts",
            {"email": "b@example.test", "hs_additional_emails": "c@example.test;a@example.test"},
            ("email:a@example.test", "email:b@example.test", "email:c@example.test"),
        ),
        ("contacts", {"email": None, "domain": "b.se"}, ()),
        ("companies", {"domain": "Example.test", "website": "https://other.test"}, ("domain:example.test",)),
        (
            "companies",
            {"domain": "b.test", "hs_additional_domains": "a.test"},
            ("domain:a.test", "domain:b.test"),
        ),
        ("companies", {"domain": None, "website": "https://www.example.test/about"}, ("domain:example.test",)),
        ("companies", {"email": "a@b.se", "website": "none"}, ()),
    ],
)
def test_what_people_are_recognised_by(name: str, properties: dict[str, str | None], keys: tuple[str, ...]) -> None:
    """From HubSpot's own properties, mapped or not; a website stands in only where there is no domain."""
    records = record_type(ObjectSpec(name, ("x",)), "propstreet_id")

    assert keys == records.remote(Row(id="1", properties=properties)).keys
    assert set(records.traits.recognised_by) <= set(records.properties)


def test_long_lists_do_not_fit_into_an_address() -> None:
    """hubspot.md trap 36."""
    many = record_type(ObjectSpec("deals", tuple(f"p{n}" for n in range(60))), "propstreet_id")
    wide = record_type(ObjectSpec("deals", tuple(f"p{n}_" + "x" * 150 for n in range(25))), "propstreet_id")

    assert DEALS.fits_in_address
    assert not many.fits_in_address
    assert not wide.fits_in_address


def test_a_writes_answer_is_cut_to_what_we_know() -> None:
    """Section 4.2: it carries another, larger set than a read."""
    row = Row(id="1", properties={"dealname": "x", "hs_noise": "1", "days_to_close": "3", "extra": "e"})

    assert DEALS.written(row, {"extra": "e", "amount": ""}).raw == {"amount": None, "dealname": "x", "extra": "e"}
