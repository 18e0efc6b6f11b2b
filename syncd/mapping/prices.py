"""A project's price and price range: read into money, written back as whole objects.

From propstreet.md sections 10.2 and 10.3:

- An amount is compared as value times scale, exactly, and goes back in the scale that the project shows (trap 35).
- An object is never sent in part: what a merge would do with the rest is not documented.
- A range goes out with the price beside it, and both must agree: one currency, min <= price <= max (trap 36).
"""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from syncd.core.model import Fields, Value

from .decimals import plain
from .members import part
from .money import SCALES, money_of, split
from .readings import Writing
from .scalars import Unreadable

PRICES = ("price", "price_min", "price_max")
VALUE_DIGITS_MAX = 28  # of a .NET decimal, which the service is taken to use; INFERRED

Raw = Mapping[str, Any]


def read_price(raw: Raw) -> Value:
    return _money(part(raw, "price"), "value")


def read_price_min(raw: Raw) -> Value:
    return _money(part(raw, "priceRange"), "min")


def read_price_max(raw: Raw) -> Value:
    return _money(part(raw, "priceRange"), "max")


def write_prices(values: Fields, current: Raw) -> Writing:
    """The objects that set these prices on a project that shows `current`; a misfit is refused as a whole."""
    asked = {name: values[name] for name in PRICES if name in values}
    refused = {name: "is below zero" for name, value in asked.items() if _below_zero(value)}
    asked = {name: value for name, value in asked.items() if name not in refused}
    if not asked:
        return Writing({}, refused)
    try:
        shown = {name: read(current) for name, read in _READERS.items()}
    except Unreadable:
        return Writing({}, refused | dict.fromkeys(asked, "stands beside a price that can't be read"))
    wanted = {**shown, **asked}
    misfit = _misfit(wanted)
    if misfit:
        return Writing({}, refused | dict.fromkeys(asked, misfit))
    return Writing(_objects(shown, asked, current), refused)


_READERS = {"price": read_price, "price_min": read_price_min, "price_max": read_price_max}


def _money(priced: Raw | None, key: str) -> Value:
    if priced is None:
        return None
    amount = priced.get(key)
    return None if amount is None else money_of(amount, priced.get("currency"), _shift(priced))


def _shift(priced: Raw) -> int:
    scale = priced.get("scale") or "none"
    shift = SCALES.get(scale) if isinstance(scale, str) else None
    if shift is None:
        raise Unreadable("has a scale that we do not know")
    return shift


def _below_zero(value: Value) -> bool:
    return str(value).startswith("-")


def _currency(value: Value) -> str | None:
    return None if value is None else split(value)[1]


def _misfit(wanted: Fields) -> str | None:
    """Why these three can't stand together, if they can't."""
    if len({_currency(value) for value in wanted.values() if value is not None}) > 1:
        return "would leave the price and its range in different currencies"
    low, price, high = (_amount(wanted[name]) for name in ("price_min", "price", "price_max"))
    if low is not None and high is not None and low > high:
        return "would leave a price range that ends before it begins"
    if price is not None and ((low is not None and price < low) or (high is not None and price > high)):
        return "would leave a price outside its price range"
    return None


def _amount(value: Value) -> Decimal | None:
    return None if value is None else Decimal(split(value)[0])


def _objects(shown: Fields, asked: Fields, current: Raw) -> dict[str, Any]:
    """Both objects, as far as they exist, when the range or the currency moves; null only when asked for."""
    wanted = {**shown, **asked}
    ranged = "price_min" in asked or "price_max" in asked
    both = ranged or _currency(wanted["price"]) != _currency(shown["price"])
    bounds = {"min": wanted["price_min"], "max": wanted["price_max"]}
    wire: dict[str, Any] = {}
    if "price" in asked or (both and wanted["price"] is not None):
        wire["price"] = _object({"value": wanted["price"]}, current.get("price"))
    if ranged or (both and any(bounds.values())):
        wire["priceRange"] = _object(bounds, current.get("priceRange") or current.get("price"))
    return wire


def _object(amounts: Mapping[str, Value], like: Any) -> dict[str, Any] | None:
    """A whole price object in the scale of the one that is there."""
    filled = {key: split(value) for key, value in amounts.items() if value is not None}
    if not filled:
        return None
    scale = like.get("scale") if isinstance(like, dict) else None
    if scale not in SCALES or any(not _fits(amount, SCALES[scale]) for amount, _ in filled.values()):
        scale = "none"
    numbers = {key: plain(amount, -SCALES[scale]) for key, (amount, _) in filled.items()}
    currency = next(currency for _, currency in filled.values())
    return {**numbers, "currency": currency, "scale": scale}


def _fits(amount: str, shift: int) -> bool:
    digits = plain(amount, -shift).replace(".", "").lstrip("-")
    return len(digits) <= VALUE_DIGITS_MAX
