"""What Salesforce makes of a value (salesforce.md, section 8.2): one writer per field.

A writer takes the decoded JSON value and gives what will be shown, None for cleared. It raises Refusal where
Salesforce would. JSON types are taken strictly: a number is never a string.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from decimal import ROUND_HALF_UP, Decimal
from functools import lru_cache
from typing import Any

from . import stamps
from .fields import Field
from .ids import full
from .refusal import Refusal
from .switches import Lossy

Writer = Callable[[Any], Any]
Exists = Callable[[str, tuple[str, ...]], bool]

_EMAIL = re.compile(r"[^@\s,]+@[^@\s,]+\.[^@\s,.]+")


def writer(field: Field, lossy: Lossy, exists: Exists) -> Writer:
    """The writer of this field in an org that treats values like this."""
    if lossy.fields is not None and field.name not in lossy.fields:
        lossy = Lossy()
    match field.type:
        case "currency" | "double" | "percent":
            return _number(field, lossy.decimals)
        case "int":
            return _integer(field)
        case "boolean":
            return _flag(field)
        case "date":
            return _parsed(field, stamps.read_day)
        case "datetime":
            return _parsed(field, stamps.read)
        case "reference":
            return _reference(field, exists)
        case "picklist" if field.restricted:
            return _option(field)
        case "multipicklist":
            return _options(field, lossy)
        case "email":
            return _email(field, _text(field, lossy))
        case _:
            return _text(field, lossy)


def _text(field: Field, lossy: Lossy) -> Writer:
    length, trims = field.length, lossy.trim_text
    cut = None if field.unique else lossy.length_max
    newlines = lossy.newlines if field.type == "textarea" else "keep"

    def write(value: Any) -> str | None:
        if value is None:
            return None
        if type(value) is not str:
            raise _wrong_type("string", value)
        if trims:
            value = value.strip()
        if newlines != "keep":
            value = value.replace("\r\n", "\n")
            if newlines == "crlf":
                value = value.replace("\n", "\r\n")
        if cut is not None:
            value = value[:cut]
        if len(value) > length:
            raise Refusal(
                "STRING_TOO_LONG",
                f"{field.label or field.name}: data value too large: {value[:255]} (max length={length})",
                fields=[field.name],
            )
        return value or None

    return write


def _email(field: Field, text: Writer) -> Writer:
    def write(value: Any) -> str | None:
        address: str | None = text(value)
        if address is not None and _EMAIL.fullmatch(address) is None:
            raise Refusal(
                "INVALID_EMAIL_ADDRESS",
                f"{field.label or field.name}: invalid email address: {address}",
                fields=[field.name],
            )
        return address

    return write


def _number(field: Field, decimals: int | None) -> Writer:
    scale = field.scale if decimals is None else min(decimals, field.scale)
    unit = Decimal(1).scaleb(-scale)
    top = Decimal(10) ** (field.precision - field.scale)

    def write(value: Any) -> Decimal | None:
        if value is None:
            return None
        if type(value) is not int and type(value) is not Decimal:
            raise _wrong_type(field.type, value)
        if not -top < value < top:
            raise Refusal(
                "NUMBER_OUTSIDE_VALID_RANGE",
                f"{field.label or field.name}: value outside of valid range on numeric field: {value}",
                fields=[field.name],
            )
        return _fraction(Decimal(value).quantize(unit, ROUND_HALF_UP))

    return write


@lru_cache(maxsize=4096)
def _fraction(number: Decimal) -> Decimal:
    """12 shows as 12.0 and 12.50 as 12.5; zero has no sign."""
    text = f"{number:f}"
    whole, _, fraction = text.partition(".")
    shown = Decimal(f"{whole}.{fraction.rstrip('0') or '0'}")
    return shown if shown else Decimal("0.0")


def _integer(field: Field) -> Writer:
    def write(value: Any) -> int | None:
        if value is not None and type(value) is not int:
            raise _wrong_type("int", value)
        return value

    return write


def _flag(field: Field) -> Writer:
    def write(value: Any) -> bool:
        if value is None:
            raise Refusal(
                "INVALID_TYPE_ON_FIELD_IN_RECORD",
                f"{field.label or field.name}: value not of required type: ",
                fields=[field.name],
            )
        if type(value) is not bool:
            raise _wrong_type("boolean", value)
        return value

    return write


def _parsed(field: Field, read: Callable[[str], str | None]) -> Writer:
    def write(value: Any) -> str | None:
        if value is None:
            return None
        shown = read(value) if type(value) is str else None
        if shown is None:
            raise _wrong_type(field.type, value)
        return shown

    return write


def _option(field: Field) -> Writer:
    allowed = frozenset(field.values)

    def write(value: Any) -> str | None:
        if value is None or value == "":
            return None
        if type(value) is not str:
            raise _wrong_type("string", value)
        if value not in allowed:
            raise bad_option(field.name, field.label, value)
        return value

    return write


def bad_option(name: str, label: str, value: str) -> Refusal:
    return Refusal(
        "INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST",
        f"{label or name}: bad value for restricted picklist field: {value}",
        fields=[name],
    )


def _options(field: Field, lossy: Lossy) -> Writer:
    """A set: `B;A` comes back in the order of the definition, unknown members last."""
    order = {value: place for place, value in enumerate(field.values)}

    def write(value: Any) -> str | None:
        if value is not None and type(value) is not str:
            raise _wrong_type("string", value)
        members = list(dict.fromkeys(part.strip() for part in (value or "").split(";") if part.strip()))
        for member in members:
            if field.restricted and member not in order:
                raise bad_option(field.name, field.label, member)
        if lossy.reorder_sets:
            members.sort(key=lambda member: order.get(member, len(order)))
        return ";".join(members) or None

    return write


def _reference(field: Field, exists: Exists) -> Writer:
    def write(value: Any) -> str | None:
        if value is None or value == "":
            return None
        if type(value) is not str:
            raise _wrong_type("string", value)
        id = full(value)
        if id is None:
            raise Refusal(
                "MALFORMED_ID",
                f"{field.label or field.name}: id value of incorrect type: {value}",
                fields=[field.name],
            )
        if not exists(id, field.reference_to):
            raise Refusal("INVALID_CROSS_REFERENCE_KEY", "invalid cross reference id", fields=[field.name])
        return id

    return write


def _wrong_type(wanted: str, value: Any) -> Refusal:
    """The wrong JSON type, or text that is no date (section 6.2)."""
    kinds = {str: "VALUE_STRING", bool: f"VALUE_{str(value).upper()}", int: "VALUE_NUMBER_INT"}
    kind = kinds.get(type(value), "VALUE_NUMBER_FLOAT" if isinstance(value, Decimal) else "START_OBJECT")
    return Refusal(
        "JSON_PARSER_ERROR",
        f"Cannot deserialize instance of {wanted} from {kind} value {value} or request may be missing a required "
        "field at [line:1, column:2]",
    )
