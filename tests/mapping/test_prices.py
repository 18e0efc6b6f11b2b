"""Prices go back whole, in the scale they had, and never out of step with their range."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from syncd.core.model import Side, Value
from syncd.mapping.money import SCALES, split
from syncd.mapping.prices import read_price, read_price_max, read_price_min, write_prices

from .tables import project, shipped

scales = st.sampled_from(sorted(SCALES))
amounts = st.decimals(min_value=0, max_value=10**12, places=3).map(lambda number: str(number))


def written(values: dict[str, Value], **current: Any) -> tuple[dict[str, Any], set[str]]:
    writing = write_prices(values, project(**current))
    return writing.wire, set(writing.refused)


@settings(max_examples=100)
@given(amounts, scales)
def test_a_price_goes_back_in_the_scale_it_had(amount: str, scale: str) -> None:
    """propstreet.md trap 35: same amount, exactly, and the scale that people see stays."""
    shown = {"price": {"value": 1, "currency": "SEK", "scale": scale}}
    wanted = shipped_money(amount)
    wire = write_prices({"price": wanted}, shown).wire

    assert wire["price"]["scale"] == scale
    assert read_price(wire) == wanted


def test_an_amount_too_long_for_its_scale_goes_without_one() -> None:
    """propstreet.md trap 35: exactness beats the scale, where a decimal of the service could not hold both."""
    shown = {"price": {"value": 1, "currency": "SEK", "scale": "billions"}}
    wanted = f"0.{'123456789' * 2}1 SEK"
    wire = write_prices({"price": wanted}, shown).wire

    assert wire["price"] == {"value": wanted.split()[0], "currency": "SEK", "scale": "none"}


def test_only_the_amount_changes_only_the_price_is_sent() -> None:
    assert written({"price": "160000000 SEK"}) == (
        {"price": {"value": "160", "currency": "SEK", "scale": "millions"}},
        set(),
    )


def test_a_new_bound_takes_the_other_bound_and_the_price_along() -> None:
    """propstreet.md section 10.3: whole objects, and both of them."""
    assert written({"price_min": "120000000 SEK"}) == (
        {
            "price": {"value": "150", "currency": "SEK", "scale": "millions"},
            "priceRange": {"min": "120", "max": "200", "currency": "SEK", "scale": "millions"},
        },
        set(),
    )


def test_a_new_currency_sends_both() -> None:
    """propstreet.md section 10.3: whether one alone would fail is not documented."""
    values: dict[str, Value] = {"price": "15 EUR", "price_min": "10 EUR", "price_max": "20 EUR"}
    wire, refused = written(values)

    assert refused == set()
    assert (read_price(wire), read_price_min(wire), read_price_max(wire)) == tuple(values.values())


@pytest.mark.parametrize(
    "values",
    [
        {"price": "90000000 SEK"},
        {"price": "210000000 SEK"},
        {"price_min": "160000000 SEK"},
        {"price_max": "140000000 SEK"},
        {"price": "150000000 EUR"},
        {"price_max": "200000000 EUR"},
        {"price": None, "price_min": "3 SEK", "price_max": "2 SEK"},
    ],
)
def test_a_price_outside_its_range_is_refused(values: dict[str, Value]) -> None:
    """propstreet.md trap 36: both are checked before anything is sent, against what the project shows now."""
    assert written(values) == ({}, set(values))


def test_bounds_are_inclusive() -> None:
    """propstreet.md trap 36: a range contains its own ends; 100 millions is not above 100000000."""
    assert written({"price": "100000000 SEK"})[1] == set()
    assert written({"price": "200000000 SEK"})[1] == set()


def test_a_negative_amount_is_refused_alone() -> None:
    wire, refused = written({"price_min": "-1 SEK", "price": "151000000 SEK"})

    assert refused == {"price_min"}
    assert read_price(wire) == "151000000 SEK"


def test_clearing() -> None:
    """Null is sent only for what was asked to be emptied."""
    assert written({"price": None}, priceRange=None) == ({"price": None}, set())
    assert written({"price_min": None, "price_max": None})[0]["priceRange"] is None
    one_bound = written({"price_max": None})[0]["priceRange"]
    assert one_bound == {"min": "100", "currency": "SEK", "scale": "millions"}


def test_a_range_that_cannot_be_read_stops_the_price() -> None:
    """propstreet.md trap 36: what can't be checked is not sent."""
    assert written({"price": "1 SEK"}, priceRange={"min": "?", "currency": "SEK"}) == ({}, {"price"})


@pytest.mark.parametrize("value", [150, "150", "150.0", Decimal("150.000"), 150.0])
def test_prices_as_numbers_and_as_text(value: object) -> None:
    """propstreet.md trap 37."""
    shown = project(price={"value": value, "currency": "SEK", "scale": "millions"})

    assert shipped().read(Side.PROPSTREET, shown).fields["price"] == "150000000 SEK"


def test_other_fields_are_not_touched() -> None:
    assert written({"name": "x"}) == ({}, set())


def shipped_money(amount: str) -> str:
    shown = read_price({"price": {"value": amount, "currency": "SEK"}})
    assert isinstance(shown, str)
    assert split(shown)[1] == "SEK"
    return shown
