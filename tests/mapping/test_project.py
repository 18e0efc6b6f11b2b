"""A Propstreet project is read whole and written in the few places where Propstreet lets us."""

from __future__ import annotations

from typing import Any

import pytest

from syncd.core.model import Side, Value
from syncd.mapping import Mapper, Writing

from .tables import project, shipped

PROPSTREET = Side.PROPSTREET


@pytest.fixture(scope="module")
def deals() -> Mapper:
    return shipped()


def test_every_field_of_a_whole_project(deals: Mapper) -> None:
    """propstreet.md section 10.2, read into canonical form."""
    reading = deals.read(PROPSTREET, project(teaser={"stage": "drafting"}))

    assert reading.unreadable == {}
    assert reading.fields == {
        "name": "Kista Logistics",
        "price": "150000000 SEK",
        "price_min": "100000000 SEK",
        "price_max": "200000000 SEK",
        "exclusivity": "exclusive",
        "asset_type": "portfolio",
        "asset_count": 5,
        "progress": "qualification",
        "status": "open",
        "classification": "active",
        "teaser_stage": "drafting",
        "teaser_published": None,
        "teaser_verified": None,
        "teaser_communicated": None,
        "created": "2026-05-20T08:00:00.0000000Z",
        "updated": "2026-05-21T08:00:00.1234567Z",
        "link": "https://app.propstreet.com/projects/9001",
    }


def test_missing_keys_are_null_and_so_are_nulls(deals: Mapper) -> None:
    """propstreet.md section 9: a whole record that lacks a key shows null there; explicit null means the same."""
    optional = ("asset", "exclusivity", "mandate", "price", "priceRange", "teaser", "uri")
    bare = project(**dict.fromkeys(optional))
    explicit = bare | dict.fromkeys(optional)

    assert deals.read(PROPSTREET, bare) == deals.read(PROPSTREET, explicit)
    fields = deals.read(PROPSTREET, bare).fields
    assert [fields[name] for name in ("price", "price_min", "exclusivity", "asset_type", "teaser_stage")] == [None] * 5


def test_unknown_enum_values_are_read(deals: Mapper) -> None:
    """propstreet.md section 1: newer values are accepted; the table decides what the CRM makes of them."""
    reading = deals.read(PROPSTREET, project(status="paused", classification="frozen"))

    assert reading.fields["status"] == "paused"
    refused = deals.write(Side.CRM, {"status": "paused"}, current={}).refused
    assert refused == {"status": "is a value that the mapping does not list"}


@pytest.mark.parametrize("raw", ["cheap", {"value": {}, "currency": "SEK"}, {"value": 1}, {"value": 1, "scale": "k"}])
def test_a_broken_price_spoils_nothing_else(deals: Mapper, raw: Any) -> None:
    """An unreadable field is told with its reason, and its neighbours are read."""
    reading = deals.read(PROPSTREET, project(price=raw))

    assert set(reading.unreadable) == {"price"}
    assert "price" not in reading.fields
    assert reading.fields["price_min"] == "100000000 SEK"


@pytest.mark.parametrize(
    ("record", "expected"),
    [
        ({"exclusivity": "exclusive", "mandate": "other"}, "exclusive"),
        ({"exclusivity": None, "mandate": "other"}, "other"),
        ({"exclusivity": "other", "mandate": None}, "other"),
        ({"exclusivity": None, "mandate": None}, None),
    ],
)
def test_exclusivity_before_and_after_the_alias(deals: Mapper, record: dict[str, Any], expected: Value) -> None:
    """propstreet.md trap 33: exclusivity ?? mandate."""
    assert deals.read(PROPSTREET, project(**record)).fields["exclusivity"] == expected


@pytest.mark.parametrize("value", ["other", None])
def test_exclusivity_is_written_under_its_new_name_only(deals: Mapper, value: Value) -> None:
    """propstreet.md trap 32: both names in one write are a 422; null clears."""
    writing = deals.write(PROPSTREET, {"exclusivity": value}, current=project())

    assert writing == Writing({"exclusivity": value})


def test_a_read_model_never_goes_back(deals: Mapper) -> None:
    """propstreet.md trap 32: writing back all that was read sends writable fields and nothing else."""
    current = project()
    writing = deals.write(PROPSTREET, deals.read(PROPSTREET, current).fields, current=current)

    assert set(writing.wire) == {"name", "asset", "exclusivity", "price", "priceRange"}


@pytest.mark.parametrize(
    "field", ["status", "classification", "teaser_stage", "progress", "created", "updated", "link"]
)
def test_read_only_fields_are_refused(deals: Mapper, field: str) -> None:
    """propstreet.md trap 31: a sent stage is ignored or a 400, so it is never sent."""
    writing = deals.write(PROPSTREET, {field: "closed", "name": "New"}, current=project())

    assert writing == Writing({"name": "New"}, {field: "is set by Propstreet alone"})


STAMPS = ("publishedUtc", "verifiedUtc", "communicatedUtc")


@pytest.mark.parametrize(
    ("stamped", "stage", "expected", "progress"),
    [
        (0, "property_added", "property_added", "qualification"),
        (0, "drafting", "drafting", "qualification"),
        (0, "published", "published", "proposal"),
        (1, "drafting", "published", "proposal"),
        (2, "published", "verified", "proposal"),
        (3, "drafting", "communicated", "negotiation"),
        (3, "from the future", "communicated", "negotiation"),
    ],
)
def test_timestamps_tell_the_teaser_stage(
    deals: Mapper, stamped: int, stage: str, expected: str, progress: str
) -> None:
    """propstreet.md trap 45: communicated > verified > published, then the stage; progress follows the guide's map."""
    teaser = {"stage": stage} | {key: f"2026-01-1{day}T09:00:00Z" for day, key in enumerate(STAMPS[:stamped])}
    fields = deals.read(PROPSTREET, project(teaser=teaser)).fields

    assert (fields["teaser_stage"], fields["progress"]) == (expected, progress)


def test_a_closed_project_is_won_whatever_its_teaser(deals: Mapper) -> None:
    for teaser in (None, {"stage": "drafting"}, {"communicatedUtc": "2026-01-15T09:00:00Z"}):
        assert deals.read(PROPSTREET, project(status="closed", teaser=teaser)).fields["progress"] == "closed_won"


@pytest.mark.parametrize(
    ("values", "current", "sent"),
    [
        ({"asset_count": 7}, {"type": "portfolio", "propertyCount": 5}, {"type": "portfolio", "propertyCount": 7}),
        ({"asset_count": None}, {"type": "portfolio", "propertyCount": 5}, {"type": "portfolio"}),
        ({"asset_type": "single"}, {"type": "portfolio", "propertyCount": 5}, {"type": "single"}),
        ({"asset_type": "portfolio"}, {"type": "single"}, {"type": "portfolio"}),
        ({"asset_type": "portfolio", "asset_count": 3}, None, {"type": "portfolio", "propertyCount": 3}),
        ({"asset_count": None}, {"type": "single"}, {"type": "single"}),
        (
            {"asset_type": "portfolio"},
            {"type": "portfolio", "propertyCount": "5"},
            {"type": "portfolio", "propertyCount": 5},
        ),
    ],
)
def test_the_asset_goes_back_whole(deals: Mapper, values: dict[str, Value], current: Any, sent: Any) -> None:
    """propstreet.md trap 34: the type always, the count along with it, and only for a portfolio."""
    assert deals.write(PROPSTREET, values, current=project(asset=current)) == Writing({"asset": sent})


@pytest.mark.parametrize(
    ("values", "current", "refused"),
    [
        ({"asset_count": 7}, {"type": "single"}, {"asset_count"}),
        ({"asset_count": 7}, None, {"asset_count"}),
        ({"asset_type": None}, {"type": "single"}, {"asset_type"}),
        ({"asset_type": "island"}, {"type": "single"}, {"asset_type"}),
        ({"asset_type": "portfolio", "asset_count": -1}, {"type": "single"}, {"asset_type", "asset_count"}),
        ({"asset_count": 1}, "broken", {"asset_count"}),
    ],
)
def test_assets_that_propstreet_would_not_take(
    deals: Mapper, values: dict[str, Value], current: Any, refused: set[str]
) -> None:
    """propstreet.md trap 34: refused before sending, rather than losing the portfolio's data."""
    writing = deals.write(PROPSTREET, values, current=project(asset=current))

    assert (writing.wire, set(writing.refused)) == ({}, refused)


def test_single_with_a_count_keeps_the_type_and_refuses_the_count(deals: Mapper) -> None:
    writing = deals.write(PROPSTREET, {"asset_type": "single", "asset_count": 4}, current=project())

    assert writing.wire == {"asset": {"type": "single"}}
    assert set(writing.refused) == {"asset_count"}


@pytest.mark.parametrize("name", [None, "   ", "x" * 201])
def test_names_that_propstreet_would_not_take(deals: Mapper, name: Value) -> None:
    """propstreet.md section 10.2: 1 to 200 characters; the smaller of two documented limits (section 21)."""
    writing = deals.write(PROPSTREET, {"name": name, "exclusivity": None}, current=project())

    assert writing.wire == {"exclusivity": None}
    assert set(writing.refused) == {"name"}


def test_create_sends_no_nulls_and_needs_a_name(deals: Mapper) -> None:
    created = deals.create(PROPSTREET, {"name": "Kista", "price": "5.5 EUR", "exclusivity": None})
    nameless = deals.create(PROPSTREET, {"price": "5 EUR"})

    assert created == Writing({"name": "Kista", "price": {"value": "5.5", "currency": "EUR", "scale": "none"}})
    assert nameless.refused == {"name": "is empty, and required"}
