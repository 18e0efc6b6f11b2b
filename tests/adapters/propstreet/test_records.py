"""Records are views: tolerant of what varies, and nothing that came is lost."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from syncd.adapters.propstreet.records import Price, PriceRange, Project, Property, decimal, with_ref

OTHERS: list[dict[str, Any]] = [
    {"namespace": "vitec", "id": "V-1", "extra": 1},
    {"namespace": "SalesForce", "id": "0061"},
]


@pytest.mark.parametrize("value", [82.5, "82.5"])
def test_numbers_may_be_strings(value: object) -> None:
    """propstreet.md trap 37."""
    given = Decimal(str(value)) if isinstance(value, float) else value
    shown = Project({"id": "1", "price": {"value": given, "currency": "EUR", "scale": "millions"}})

    assert shown.price == Price(Decimal("82.5"), "EUR", "millions")


def test_numbers_that_are_none() -> None:
    nonsense: list[Any] = ["", "many", "NaN", "Infinity", True, {}]

    assert [decimal(value) for value in nonsense] == [None] * 6


@pytest.mark.parametrize(
    ("raw", "expected"),
    [
        ({"exclusivity": "exclusive", "mandate": "exclusive"}, "exclusive"),
        ({"mandate": "other"}, "other"),
        ({"exclusivity": None, "mandate": "other"}, "other"),
        ({"exclusivity": "something_new"}, "something_new"),
        ({}, None),
    ],
)
def test_exclusivity_in_either_spelling(raw: dict[str, Any], expected: str | None) -> None:
    """propstreet.md trap 33; and an enum value that we do not know gets through."""
    assert expected == Project(raw).exclusivity


def test_absent_and_null_read_alike() -> None:
    """propstreet.md section 9: nulls are left out, or shown."""
    null = dict.fromkeys(["name", "price", "priceRange", "asset", "externalRefs", "etag", "deletedUtc"])
    for raw in ({}, null):
        shown = Project(dict(raw))

        assert [shown.name, shown.price, shown.price_range, shown.asset_type, shown.etag] == [None] * 5
        assert shown.external_refs == []
        assert not shown.deleted


def test_all_fields() -> None:
    shown = Project(
        {
            "id": 7,
            "status": "closed",
            "classification": "active",
            "createdUtc": "2026-01-01T00:00:00Z",
            "asset": {"type": "portfolio", "propertyCount": "12"},
            "priceRange": {"min": "1", "currency": "SEK"},
        }
    )

    assert (shown.id, shown.status, shown.classification) == ("7", "closed", "active")
    assert (shown.asset_type, shown.property_count) == ("portfolio", 12)
    assert shown.price_range == PriceRange(Decimal(1), None, "SEK", "none")
    assert shown.created_utc == "2026-01-01T00:00:00Z"


def test_linked_property() -> None:
    shown = Property({"id": "5", "description": "d", "location": {"country": "SE"}, "categories": [{"type": "office"}]})

    assert (shown.description, shown.location, shown.categories) == ("d", {"country": "SE"}, [{"type": "office"}])


@pytest.mark.parametrize("raw", [{"deletedUtc": "2026-01-01T00:00:00Z"}, {"status": "deleted"}])
def test_tombstones(raw: dict[str, Any]) -> None:
    """propstreet.md trap 6: positive evidence only."""
    assert Project(raw).deleted


def test_namespaces_fold_and_ids_do_not() -> None:
    """propstreet.md trap 22."""
    shown = Project({"externalRefs": [*OTHERS, {"namespace": "HUBSPOT", "id": "aBc"}]})

    assert shown.ref_in("HubSpot") == "aBc"
    assert shown.ref_in("pipedrive") is None


def test_our_ref_is_added_and_others_stay() -> None:
    """propstreet.md trap 21: the array is replaced whole, so the others go with it, byte for byte."""
    assert [*OTHERS, {"namespace": "hubspot", "id": "1"}] == with_ref(OTHERS, "hubspot", "1")


def test_our_ref_is_replaced_in_place_in_any_case() -> None:
    """propstreet.md traps 21 and 22: a second entry of the same namespace would be refused."""
    refs = [OTHERS[0], {"namespace": "HubSpot", "id": "old"}, OTHERS[1]]

    assert [OTHERS[0], {"namespace": "hubspot", "id": "new"}, OTHERS[1]] == with_ref(refs, "hubspot", "new")


def test_a_repr_shows_no_values() -> None:
    assert repr(Project({"id": "1", "name": "Private"})) == "Project('1')"
