"""Search filters as tests of one version (hubspot.md, section 5.8): operators, types, and whose case matters.

Comparisons ignore case, except on enumerations; IN and NOT_IN on strings compare the stored value in lower case
with what was sent, so that a capital letter in a filter finds nothing (trap 39). A record without a value passes
NOT_HAS_PROPERTY and nothing else.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import msgspec

from .account import Collection
from .records import Version
from .refusal import Refusal
from .values import Misfit, to_day, to_ms, to_number

Test = Callable[[Version], bool]
Key = Callable[[str], Any]


class Filter(msgspec.Struct, frozen=True, rename="camel"):
    property_name: str
    operator: str
    value: str | int | float | bool | None = None
    high_value: str | int | float | None = None
    values: tuple[str, ...] | None = None


def compile_filter(within: Collection, it: Filter) -> Test:
    """Raises Refusal for an unknown property or operator, or a value that is no value of that property."""
    name = it.property_name
    if name not in within.properties:
        raise Refusal(f"There was a problem with the request: property {name} does not exist")
    match it.operator:
        case "HAS_PROPERTY":
            return lambda version: within.text(version, name) is not None
        case "NOT_HAS_PROPERTY":
            return lambda version: within.text(version, name) is None
    read = _reading(within, name)
    accepts = _compare(it, _key(within, name))
    return lambda version: (value := read(version)) is not None and accepts(value)


def sort_key(within: Collection, name: str) -> Callable[[Version], Any]:
    """Orders by this property; records without a value come first."""
    if name not in within.properties:
        raise Refusal(f"There was a problem with the request: property {name} does not exist")
    read = _reading(within, name)
    return lambda version: (0,) if (value := read(version)) is None else (1, value)


def operand(within: Collection, name: str, value: Any) -> Any:
    """What a filter's value compares as: milliseconds, a number, a day, or folded text."""
    if value is None:
        raise Refusal(f"There was a problem with the request: the filter on {name} needs a value")
    try:
        return _key(within, name)(value if isinstance(value, str) else str(value))
    except Misfit as exc:
        raise Refusal(f"There was a problem with the request: {exc}") from exc


def _reading(within: Collection, name: str) -> Callable[[Version], Any]:
    """A version's value of this property in comparable form, None when it has none."""
    if name == within.kind.modified:
        return lambda version: version.modified_ms
    if name == "hs_object_id":
        return lambda version: version.id
    key = _key(within, name)
    return lambda version: None if (text := within.text(version, name)) is None else key(text)


def _key(within: Collection, name: str) -> Key:
    match within.properties[name].type:
        case "datetime":
            return to_ms
        case "number":
            return int if name == "hs_object_id" else to_number
        case "date":
            return to_day
        case "enumeration":
            return str
        case _:
            return str.casefold


def _compare(it: Filter, key: Key) -> Callable[[Any], bool]:
    try:
        match it.operator:
            case "IN" | "NOT_IN":
                return _membership(it, key)
            case "BETWEEN":
                low, high = key(_given(it.value)), key(_given(it.high_value))
                return lambda value: bool(low <= value <= high)
            case "CONTAINS_TOKEN" | "NOT_CONTAINS_TOKEN":
                return _token(_given(it.value), wanted=it.operator == "CONTAINS_TOKEN")
            case "EQ" | "NEQ" | "LT" | "LTE" | "GT" | "GTE":
                return _comparison(it.operator, key(_given(it.value)))
    except (Misfit, ValueError) as exc:
        raise Refusal(f"There was a problem with the request: {exc}") from exc
    raise Refusal(f"There was a problem with the request: unknown operator {it.operator}")


def _given(value: Any) -> str:
    match value:
        case None:
            raise Misfit("INVALID_FILTER", "the filter needs a value")
        case bool():
            return "true" if value else "false"
    return str(value)


def _comparison(operator: str, bound: Any) -> Callable[[Any], bool]:
    match operator:
        case "EQ":
            return lambda value: bool(value == bound)
        case "NEQ":
            return lambda value: bool(value != bound)
        case "LT":
            return lambda value: bool(value < bound)
        case "LTE":
            return lambda value: bool(value <= bound)
        case "GT":
            return lambda value: bool(value > bound)
    return lambda value: bool(value >= bound)


def _membership(it: Filter, key: Key) -> Callable[[Any], bool]:
    if it.values is None:
        raise Misfit("INVALID_FILTER", f"{it.operator} needs values")
    # Not folded on purpose: HubSpot compares the lower-cased stored text with the values as they were sent.
    members = frozenset(it.values if key is str.casefold else map(key, it.values))
    wanted = it.operator == "IN"
    return lambda value: (value in members) is wanted


def _token(pattern: str, *, wanted: bool) -> Callable[[Any], bool]:
    """One word of the value, `*` standing for any part of it."""
    glob = re.compile(".*".join(re.escape(part) for part in pattern.casefold().split("*")))

    def contains(value: Any) -> bool:
        return any(glob.fullmatch(word) for word in re.findall(r"\w+", str(value).casefold())) is wanted

    return contains
