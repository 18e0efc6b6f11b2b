"""What a person types, as a canonical value; the same spelling that `explain` prints."""

from __future__ import annotations

import re
from datetime import date
from decimal import Decimal, InvalidOperation

from .instant import canonical_instant
from .model import FieldType, Value

_FLAGS = {"true": True, "yes": True, "false": False, "no": False}
_WHOLE = re.compile(r"^[+-]?\d{1,18}$", re.ASCII)


def parse_value(type: FieldType, text: str) -> Value:
    """Nothing is None, a set is its members with commas, money is "150000000 SEK".

    Raises ValueError that says what it takes.
    """
    text = text.strip()
    if not text:
        return None
    match type:
        case FieldType.FLAG:
            if text.lower() not in _FLAGS:
                raise ValueError("a flag is true or false")
            return _FLAGS[text.lower()]
        case FieldType.WHOLE:
            if not _WHOLE.match(text):
                raise ValueError("a whole number is digits")
            return int(text)
        case FieldType.MONEY:
            return _money(text)
        case FieldType.DATE:
            return _date(text)
        case FieldType.INSTANT:
            return _instant(text)
        case FieldType.SET:
            return tuple(sorted({member.strip() for member in text.split(",")} - {""})) or None
        case FieldType.TEXT | FieldType.ENUM | FieldType.REF:
            return text


def _money(text: str) -> str:
    amount, _, currency = text.partition(" ")
    try:
        number = Decimal(amount)
    except InvalidOperation:
        number = Decimal("nan")
    if not number.is_finite() or not re.fullmatch(r"[A-Z]{3}", currency):
        raise ValueError('money is an amount and a currency, like "150000000 SEK"')
    plain = format(number.normalize(), "f")
    return f"{plain} {currency}"


def _date(text: str) -> str:
    try:
        return date.fromisoformat(text).isoformat()
    except ValueError as error:
        raise ValueError("a date is like 2026-01-15") from error


def _instant(text: str) -> str:
    try:
        return canonical_instant(text)
    except ValueError as error:
        raise ValueError("an instant is like 2026-01-15T10:00:00Z") from error
