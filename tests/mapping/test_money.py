"""Money: exact at every scale, in every spelling, and never in the wrong currency."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from syncd.mapping.codecs import Unwritable
from syncd.mapping.decimals import exact, plain, rounded
from syncd.mapping.money import SCALES, Money, money_of
from syncd.mapping.scalars import Unreadable

numbers = st.decimals(allow_nan=False, allow_infinity=False, places=6, min_value=-(10**16), max_value=10**16)


@given(numbers, st.integers(-12, 12))
@settings(max_examples=200)
def test_shifting_is_exact(number: Decimal, shift: int) -> None:
    """A scale is a move of the point: nothing is rounded, by no context, in either direction."""
    text = plain(number, shift)

    assert Decimal(text) == number * Decimal(10) ** shift
    assert plain(text, -shift) == plain(number)
    assert "E" not in text
    assert not ("." in text and text.endswith(("0", ".")))


@given(numbers)
def test_every_spelling_of_a_number_is_the_same(number: Decimal) -> None:
    """propstreet.md trap 37, hubspot.md trap 25."""
    spellings: list[object] = [number, str(number), f" {number:f}0", format(number, "E"), f"{number:+f}"]
    if number == number.to_integral_value():
        spellings.append(int(number))

    assert len({plain(spelling) for spelling in spellings}) == 1


@pytest.mark.parametrize(
    ("number", "text"),
    [("0.50", "0.5"), ("-0", "0"), ("007", "7"), (".5", "0.5"), ("5.", "5"), (1e21, "1" + 21 * "0"), (0.1, "0.1")],
)
def test_canonical_numbers(number: object, text: str) -> None:
    assert plain(number) == text


@pytest.mark.parametrize(
    "number",
    ["", "1,000", "1 000", "0x10", "NaN", "Infinity", "1_000", float("inf"), True, None, [1], "9" * 200, 10**200],
)
def test_what_is_no_number(number: object) -> None:
    with pytest.raises(ValueError, match="number"):
        plain(number)


@pytest.mark.parametrize("number", ["1e999", "1e-999", Decimal("1E+999999"), Decimal("1E-999999")])
def test_numbers_out_of_all_proportion_cost_nothing(number: object) -> None:
    """A hostile exponent must not become a megabyte of zeros."""
    with pytest.raises(ValueError, match="out of all proportion"):
        exact(number)


def test_millions_and_units_are_the_same_money() -> None:
    """propstreet.md trap 35: 150 millions and 150000000 none are equal."""
    assert money_of(150, "SEK", SCALES["millions"]) == money_of("150000000.00", "sek") == "150000000 SEK"


def test_float_noise_is_no_change() -> None:
    """propstreet.md trap 35: 0.1 + 0.2 drifts, a decimal does not."""
    assert money_of("82.5", "EUR", 6) == money_of(82.5, "EUR", 6) == money_of(Decimal("82.50"), "EUR", 6)


def test_amount_without_a_currency_is_unreadable() -> None:
    with pytest.raises(Unreadable, match="without a currency"):
        money_of("5", None)
    with pytest.raises(Unreadable, match="three-letter"):
        money_of("5", "kronor")


def test_fixed_currency_refuses_another() -> None:
    """Money is never converted."""
    with pytest.raises(Unwritable, match="another currency"):
        Money("SEK").encode("5 EUR")


def test_parts_fall_back_on_the_fixed_currency() -> None:
    assert Money("SEK").decode_parts("5", "") == "5 SEK"
    assert Money("SEK").decode_parts("5", "EUR") == "5 EUR"
    assert Money().encode_parts("5 EUR") == ("5", "EUR")


@given(numbers, st.integers(0, 6))
def test_rounding_is_stable(number: Decimal, decimals: int) -> None:
    """Rounded once is rounded for ever, and never by more than half of the last place."""
    once = rounded(plain(number), decimals)

    assert rounded(once, decimals) == once
    assert abs(Decimal(once) - number) <= Decimal("0.5") * Decimal(10) ** -decimals


def test_halves_go_away_from_zero() -> None:
    assert (rounded("2.5", 0), rounded("-2.5", 0), rounded("0.125", 2)) == ("3", "-3", "0.13")
