"""What a POST or PATCH body may say about a project, and what it comes to (sections 10.2, 10.3 and 13)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import msgspec

from syncd.testing.sandbox.propstreet.bodies import Attributes, Reader, choice, number_of, object_of, read, refs
from syncd.testing.sandbox.propstreet.http import Refusal, invalid
from syncd.testing.sandbox.propstreet.switches import Switches

from .record import ASSET_TYPES, EXCLUSIVITIES, SCALES, Asset, Price, PriceRange, Project, amount

NAME_MAX = 200


def writes(sent: Mapping[str, Any], current: Project | None, switches: Switches) -> Attributes:
    """What the body changes in `current`, or says about a new project when that is None.

    Raises 400 naming the wrong fields, 422 when `mandate` and `exclusivity` both have a value.
    """
    readers = _READERS if switches.mandate != "absent" else _READERS_AFTER_THE_WINDOW
    return _checked(_attributes(read(sent, readers, current, switches, required=("name",))), current)


def _attributes(read: Mapping[str, Any]) -> Attributes:
    """By attribute; the deprecated alias folded into exclusivity."""
    attributes = dict(read)
    mandate = attributes.pop("mandate", None)
    if mandate is not None and attributes.get("exclusivity") is not None:
        raise Refusal(422, "exclusivity-conflict", "Send exclusivity or mandate, not both.")
    if "mandate" in read and attributes.get("exclusivity") is None:
        attributes["exclusivity"] = mandate
    return attributes


def _checked(attributes: Attributes, current: Project | None) -> Attributes:
    price: Price | None = attributes.get("price", current and current.price)
    range: PriceRange | None = attributes.get("price_range", current and current.price_range)
    touched = "price" in attributes or "price_range" in attributes
    if touched and price is not None and range is not None and not _contains(range, price):
        raise invalid({"priceRange": ["must contain price"]})
    return attributes


def _contains(range: PriceRange, price: Price) -> bool:
    value = amount(price.value, price.scale)
    return (
        range.currency == price.currency
        and (range.min is None or amount(range.min, range.scale) <= value)
        and (range.max is None or value <= amount(range.max, range.scale))
    )


def _name(value: Any, current: Project | None, switches: Switches) -> str:
    if not isinstance(value, str) or not value.strip():
        raise ValueError("must not be empty")
    if len(value) > NAME_MAX:
        raise ValueError(f"must be at most {NAME_MAX} characters")
    return value


def _asset(value: Any, current: Project | None, switches: Switches) -> Asset:
    """Replaced whole, so `type` is needed whenever it is sent (trap 34)."""
    known = object_of(value, "type", "propertyCount")
    if known.get("type") not in ASSET_TYPES:
        raise ValueError("type is required: single or portfolio")
    count = known.get("propertyCount")
    if count is None:
        return Asset(known["type"])
    if known["type"] != "portfolio":
        raise ValueError("propertyCount is for portfolios only")
    number = number_of(count)
    if number < 0 or number != int(number):
        raise ValueError("propertyCount must be a whole number")
    return Asset(known["type"], int(number))


def _price(value: Any, current: Project | None, switches: Switches) -> Price | None:
    if value is None:
        if current is not None and switches.price_null == "refused":
            raise ValueError("must not be null")
        return None
    sent = object_of(value, "value", "currency", "scale")
    if switches.price_patch == "merge" and current is not None and current.price is not None:
        sent = {**msgspec.structs.asdict(current.price), **sent}
    currency, scale = _money_unit(sent)
    number = number_of(sent.get("value"))
    if number < 0:
        raise ValueError("value must not be negative")
    return Price(number, currency, scale)


def _price_range(value: Any, current: Project | None, switches: Switches) -> PriceRange | None:
    if value is None:
        return None
    sent = object_of(value, "min", "max", "currency", "scale")
    currency, scale = _money_unit(sent)
    low = None if sent.get("min") is None else number_of(sent["min"])
    high = None if sent.get("max") is None else number_of(sent["max"])
    if low is None and high is None:
        raise ValueError("min or max is required")
    if (low or 0) < 0 or (high or 0) < 0 or (low is not None and high is not None and low > high):
        raise ValueError("min and max must not be negative, nor min above max")
    return PriceRange(min=low, max=high, currency=currency, scale=scale)


def _money_unit(sent: Mapping[str, Any]) -> tuple[str, str]:
    currency, scale = sent.get("currency"), sent.get("scale") or "none"
    if not (isinstance(currency, str) and len(currency) == 3 and currency.isascii() and currency.isalpha()):
        raise ValueError("currency must be three letters")
    if not isinstance(scale, str) or scale not in SCALES:
        raise ValueError("scale must be one of " + ", ".join(SCALES))
    return currency, scale


_exclusivity = choice(EXCLUSIVITIES, nullable=True)

_READERS: Mapping[str, Reader] = {
    "name": _name,
    "asset": _asset,
    "exclusivity": _exclusivity,
    "mandate": _exclusivity,
    "price": _price,
    "priceRange": _price_range,
    "externalRefs": refs,
}
_READERS_AFTER_THE_WINDOW = {name: reader for name, reader in _READERS.items() if name != "mandate"}
