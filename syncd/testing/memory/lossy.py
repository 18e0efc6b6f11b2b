"""Ways in which a system keeps something other than what it was given. A MemorySystem takes one per field.

Each is a plain function of a value; what it does not understand it leaves alone.
"""

from __future__ import annotations

from collections.abc import Callable
from decimal import ROUND_HALF_UP, Decimal, InvalidOperation
from typing import Any

Keep = Callable[[Any], Any]


def trimmed(value: Any) -> Any:
    """Without blanks around it."""
    return value.strip() if isinstance(value, str) else value


def lowered(value: Any) -> Any:
    """In lower case, as mail addresses often are."""
    return value.lower() if isinstance(value, str) else value


def shortened(length_max: int) -> Keep:
    """Cut, without a word, to this many characters."""

    def keep(value: Any) -> Any:
        return value[:length_max] if isinstance(value, str) else value

    return keep


def rounded(places: int) -> Keep:
    """Rounded half up to so many decimal places; numbers and decimal strings alike."""
    unit = Decimal(1).scaleb(-places)

    def keep(value: Any) -> Any:
        number = _decimal(value)
        return value if number is None else type(value)(number.quantize(unit, ROUND_HALF_UP))

    return keep


def clamped(low: int, high: int) -> Keep:
    """Moved to the nearer end when out of range; numbers and decimal strings alike."""

    def keep(value: Any) -> Any:
        number = _decimal(value)
        return value if number is None or low <= number <= high else type(value)(low if number < low else high)

    return keep


def both(first: Keep, second: Keep) -> Keep:
    """One loss after the other."""
    return lambda value: second(first(value))


def _decimal(value: Any) -> Decimal | None:
    if isinstance(value, bool) or not isinstance(value, str | int | Decimal):
        return None
    try:
        number = Decimal(value)
    except InvalidOperation:
        return None
    return number if number.is_finite() else None
