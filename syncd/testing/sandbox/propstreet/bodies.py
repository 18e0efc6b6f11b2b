"""What a POST or PATCH body may say, and what it comes to (propstreet.md, sections 9, 10.2, 10.3 and 13).

Every wrong field is reported at once. Whether a ref is taken elsewhere is not known here.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from decimal import Decimal, InvalidOperation
from typing import Any

import msgspec

from .http import Errors, Refusal, invalid
from .project import ASSET_TYPES, EXCLUSIVITIES, SCALES, Asset, Price, PriceRange, Project, Ref, amount
from .switches import Switches

NAME_MAX = 200
NAMESPACE_MAX = 50
REF_ID_MAX = 255
REFS_MAX = 50
DIGITS_MAX = 18  # our own bound: sums stay exact

Attributes = dict[str, Any]
"""New values by attribute of Project."""

_decoder = msgspec.json.Decoder(dict[str, Any], float_hook=Decimal)


def decoded(body: bytes) -> dict[str, Any]:
    """The body's fields, numbers exact."""
    try:
        return _decoder.decode(body)
    except (msgspec.MsgspecError, UnicodeDecodeError, InvalidOperation):
        raise Refusal(400, "validation-failed", "The body is not a JSON object.") from None


def writes(sent: Mapping[str, Any], current: Project | None, switches: Switches) -> Attributes:
    """What the body changes in `current`, or says about a new project when that is None.

    Raises 400 naming the wrong fields, 422 when `mandate` and `exclusivity` both have a value.
    """
    errors: Errors = {}
    read: Attributes = {}
    for name, value in sent.items():
        reader = _READERS.get(name)
        if reader is None or (name == "mandate" and switches.mandate == "absent"):
            if switches.unwritable == "refuse":
                errors[name] = ["cannot be written"]
            continue
        try:
            read[name] = reader(value, current, switches)
        except ValueError as exc:
            errors[name] = [str(exc)]
    if current is None and "name" not in sent:
        errors["name"] = ["is required"]
    if errors:
        raise invalid(errors)
    return _checked(_attributes(read), current)


def _attributes(read: Mapping[str, Any]) -> Attributes:
    """By attribute; the deprecated alias folded into exclusivity."""
    if read.get("mandate") is not None and read.get("exclusivity") is not None:
        raise Refusal(422, "exclusivity-conflict", "Send exclusivity or mandate, not both.")
    attributes = {_ATTRIBUTES[name]: value for name, value in read.items() if name != "mandate"}
    if "mandate" in read and attributes.get("exclusivity") is None:
        attributes["exclusivity"] = read["mandate"]
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
    known = _object(value, "type", "propertyCount")
    if known.get("type") not in ASSET_TYPES:
        raise ValueError("type is required: single or portfolio")
    count = known.get("propertyCount")
    if count is None:
        return Asset(known["type"])
    if known["type"] != "portfolio":
        raise ValueError("propertyCount is for portfolios only")
    number = _number(count)
    if number < 0 or number != int(number):
        raise ValueError("propertyCount must be a whole number")
    return Asset(known["type"], int(number))


def _exclusivity(value: Any, current: Project | None, switches: Switches) -> str | None:
    if value is None or value in EXCLUSIVITIES:
        return value  # type: ignore[no-any-return]
    raise ValueError("must be one of " + ", ".join(EXCLUSIVITIES))


def _price(value: Any, current: Project | None, switches: Switches) -> Price | None:
    if value is None:
        if current is not None and switches.price_null == "refused":
            raise ValueError("must not be null")
        return None
    sent = _object(value, "value", "currency", "scale")
    if switches.price_patch == "merge" and current is not None and current.price is not None:
        sent = {**msgspec.structs.asdict(current.price), **sent}
    currency, scale = _money_unit(sent)
    number = _number(sent.get("value"))
    if number < 0:
        raise ValueError("value must not be negative")
    return Price(number, currency, scale)


def _price_range(value: Any, current: Project | None, switches: Switches) -> PriceRange | None:
    if value is None:
        return None
    sent = _object(value, "min", "max", "currency", "scale")
    currency, scale = _money_unit(sent)
    low = None if sent.get("min") is None else _number(sent["min"])
    high = None if sent.get("max") is None else _number(sent["max"])
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


def _refs(value: Any, current: Project | None, switches: Switches) -> tuple[Ref, ...]:
    """Replaced whole: what is not sent is gone (trap 21). One per namespace, whatever its case."""
    if not isinstance(value, list) or len(value) > REFS_MAX:
        raise ValueError(f"must be a list of at most {REFS_MAX}")
    refs = tuple(_ref(item) for item in value)
    if len({ref.namespace.lower() for ref in refs}) < len(refs):
        raise ValueError("at most one per namespace")
    return refs


def _ref(value: Any) -> Ref:
    sent = _object(value, "namespace", "id")
    namespace, id = sent.get("namespace"), sent.get("id")
    if not (isinstance(namespace, str) and 0 < len(namespace) <= NAMESPACE_MAX and namespace.strip()):
        raise ValueError(f"namespace must be 1 to {NAMESPACE_MAX} characters")
    if not (isinstance(id, str) and 0 < len(id) <= REF_ID_MAX and id.strip()):
        raise ValueError(f"id must be 1 to {REF_ID_MAX} characters")
    return Ref(namespace, id)


def _object(value: Any, *known: str) -> dict[str, Any]:
    if not isinstance(value, dict) or not value.keys() <= set(known):
        raise ValueError("must be an object of " + ", ".join(known))
    return value


def _number(value: Any) -> Decimal:
    """From a number or a string, as the schema allows (section 1)."""
    if isinstance(value, bool) or not isinstance(value, int | str | Decimal):
        raise ValueError("must be a number")
    try:
        number = Decimal(value)
    except InvalidOperation:
        raise ValueError("must be a number") from None
    if not number.is_finite() or len(number.as_tuple().digits) > DIGITS_MAX or abs(number.adjusted()) > DIGITS_MAX:
        raise ValueError("must be a number of a sensible size")
    return number


_READERS: dict[str, Callable[[Any, Project | None, Switches], Any]] = {
    "name": _name,
    "asset": _asset,
    "exclusivity": _exclusivity,
    "mandate": _exclusivity,
    "price": _price,
    "priceRange": _price_range,
    "externalRefs": _refs,
}
_ATTRIBUTES = {
    "name": "name",
    "asset": "asset",
    "exclusivity": "exclusivity",
    "price": "price",
    "priceRange": "price_range",
    "externalRefs": "external_refs",
}
