"""Raw JSON scalars to canonical ones, whatever spelling a system uses for them.

Both sides read through these. They hold no option and no vendor; null and the empty text are None.
"""

from __future__ import annotations

import re
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from syncd.core.instant import canonical_instant, from_epoch_ms

from .decimals import exact, plain

_SHORT_WHOLE = re.compile(r"-?\d{1,18}", re.ASCII)
_PADDING = {20: ".0000000Z", 24: "0000Z", 28: "Z"}
"""What completes "2026-01-15T10:00:00Z" with none, three or seven digits of a second, by its length."""

_DAY = re.compile(r"\d{4}-\d\d-\d\d", re.ASCII)


class Unreadable(ValueError):
    """This raw value has no canonical form. The message is the reason and never holds the value."""


def text_of(raw: Any) -> str | None:
    """Text, with "" as None; numbers and flags as they would be written."""
    if raw is None or isinstance(raw, str):
        return raw or None
    if isinstance(raw, bool):
        return "true" if raw else "false"
    if isinstance(raw, int | float | Decimal):
        return _number_text(raw)
    raise Unreadable("is a structure, not a single value")


def whole_of(raw: Any) -> int | None:
    if raw is None or raw == "":
        return None
    if type(raw) is int and -(10**18) < raw < 10**18:
        return raw
    if isinstance(raw, str) and _SHORT_WHOLE.fullmatch(raw):
        return int(raw)
    try:
        number = exact(raw)
    except ValueError as exc:
        raise Unreadable(str(exc)) from exc
    if number != number.to_integral_value():
        raise Unreadable("is not a whole number")
    return int(number)


def instant_of(raw: Any) -> str | None:
    """The canonical instant; digits beyond the seventh are cut (propstreet.md trap 5)."""
    if isinstance(raw, str):
        return _instant_of_text(raw) if raw else None
    if raw is None:
        return None
    if isinstance(raw, bool) or not isinstance(raw, int | float | Decimal):
        raise Unreadable("is not an instant")
    milliseconds = whole_of(raw)
    assert milliseconds is not None
    return _instant_of_text(str(milliseconds)) if abs(milliseconds) >= 10**8 else from_epoch_ms(milliseconds)


def day_of(raw: Any) -> str | None:
    """The calendar day; a moment counts only when it is exactly midnight UTC (hubspot.md section 4.2)."""
    if isinstance(raw, str) and _DAY.fullmatch(raw):
        return _checked_day(raw)
    moment = instant_of(raw)
    if moment is not None and not moment.endswith("T00:00:00.0000000Z"):
        raise Unreadable("is a moment, not a day")
    return None if moment is None else moment[:10]


def _instant_of_text(text: str) -> str:
    try:
        # Nearly every instant has one of three lengths; the general reader is several times slower.
        if text[4:20:3] in ("--T::.", "--T::Z") and text[-1] == "Z" and len(text) in _PADDING:
            datetime.fromisoformat(text)
            return text[:-1] + _PADDING[len(text)]
        if not text.isascii():
            raise ValueError("not an instant")
        instant = canonical_instant(text)
    except (ValueError, OverflowError) as exc:
        raise Unreadable("is not an instant") from exc
    if len(instant) != 28:
        raise Unreadable("is an instant out of all proportion")
    return instant


def _checked_day(text: str) -> str:
    try:
        date.fromisoformat(text)
    except ValueError as exc:
        raise Unreadable("is not a day") from exc
    return text


def _number_text(number: int | float | Decimal) -> str:
    try:
        return plain(number)
    except ValueError as exc:
        raise Unreadable(str(exc)) from exc
