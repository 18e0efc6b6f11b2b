"""How values look once HubSpot has them (hubspot.md, section 4.2): one writer per property.

A writer takes the text that was sent and the value so far, and gives the text that will be shown. It raises
Misfit when HubSpot would refuse. Clearing (`""`) and null never reach a writer.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal, InvalidOperation
from functools import lru_cache, partial

from .definitions import LIFECYCLE, Property
from .switches import Lossy, Switches

Writer = Callable[[str, str | None], str]

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MS_PER_DAY = 86_400_000
_NUMBER = re.compile(r"[+-]?(\d+(\.\d*)?|\.\d+)([eE][+-]?\d{1,3})?")
_INTEGER = re.compile(r"-?\d{1,15}")
_DAY = re.compile(r"\d{4}-\d\d-\d\d")
_EMAIL = re.compile(r"[^@\s]+@[^@\s.]+(\.[^@\s.]+)+")
_INSTANT = re.compile(r"(\d{4}-\d\d-\d\d[T ]\d\d:\d\d(?::\d\d)?)(?:\.(\d+))?(Z|[+-]\d\d:?\d\d)")


class Misfit(ValueError):
    """A value that this property does not take; `code` is HubSpot's word for it."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code


@lru_cache(maxsize=4096)
def iso(ms: int) -> str:
    """2026-11-21T10:00:00.000Z, as every instant comes back."""
    moment = _EPOCH + timedelta(milliseconds=ms)
    return f"{moment:%Y-%m-%dT%H:%M:%S}.{moment.microsecond // 1000:03d}Z"


def to_ms(text: str) -> int:
    """Epoch milliseconds of ISO 8601 with a zone, or of epoch milliseconds; digits beyond the third are cut."""
    if _INTEGER.fullmatch(text):
        return int(text)
    parts = _INSTANT.fullmatch(text)
    if parts is None:
        raise Misfit("INVALID_DATE", f"{text} was not a valid long or ISO-8601 instant with a zone.")
    clock, fraction, zone = parts.groups()
    try:
        moment = datetime.fromisoformat(clock + ("+00:00" if zone == "Z" else zone))
    except ValueError as exc:
        raise Misfit("INVALID_DATE", f"{text} was not a valid instant.") from exc
    return (moment - _EPOCH) // timedelta(seconds=1) * 1000 + int((fraction or "").ljust(3, "0")[:3])


def to_day(text: str) -> str:
    """YYYY-MM-DD, also from epoch milliseconds that are exactly midnight UTC."""
    if _INTEGER.fullmatch(text):
        ms = int(text)
        if ms % _MS_PER_DAY:
            raise Misfit("INVALID_DATE", f"{text} is at {iso(ms)[11:]} and is not midnight UTC.")
        return iso(ms)[:10]
    try:
        if _DAY.fullmatch(text):
            return date.fromisoformat(text).isoformat()
    except ValueError:
        pass
    raise Misfit("INVALID_DATE", f"{text} was not a valid date.")


def to_number(text: str) -> Decimal:
    if _NUMBER.fullmatch(text) is None:
        raise Misfit("INVALID_INTEGER", f"{text} was not a valid number.")
    try:
        return Decimal(text)
    except InvalidOperation as exc:
        raise Misfit("INVALID_INTEGER", f"{text} was not a valid number.") from exc


def plain(number: Decimal) -> str:
    """Without exponent, trailing zeros or a sign on zero: "0.50" comes back as "0.5"."""
    text = f"{number:f}"
    text = text.rstrip("0").rstrip(".") if "." in text else text
    return "0" if text in ("-0", "") else text


def writer(definition: Property, switches: Switches) -> Writer:
    """The writer of this property on an account with these switches."""
    lossy = switches.lossy
    spared = definition.unique or (lossy.properties is not None and definition.name not in lossy.properties)
    lossy = Lossy() if spared else lossy
    match definition.form:
        case "email":
            return _email
        case "domain" if switches.bare_domains:
            return _domain
        case "lifecycle" if switches.lifecycle_goes_forward:
            return partial(_lifecycle, definition.allowed)
    match definition.type:
        case "number":
            return partial(_number, lossy.decimals)
        case "date":
            return lambda text, _: to_day(text)
        case "datetime":
            return _instant
        case "bool":
            return _flag
        case "enumeration" if definition.field_type == "checkbox":
            return partial(_set, definition.allowed, lossy.reorder_sets)
        case "enumeration":
            return partial(_option, definition.allowed)
        case _ if definition.folded or lossy.trim_text or lossy.length_max is not None:
            return partial(_text, definition.folded, lossy)
        case _:
            return verbatim


def verbatim(text: str, _: str | None) -> str:
    return text


def _text(folded: bool, lossy: Lossy, text: str, _: str | None) -> str:
    if folded:
        text = text.strip().lower()
    if lossy.length_max is not None:
        text = text[: lossy.length_max]
    return text.strip() if lossy.trim_text else text


def _email(text: str, _: str | None) -> str:
    """Stored in lower case (section 4.2)."""
    text = text.strip().lower()
    if _EMAIL.fullmatch(text) is None:
        raise Misfit("INVALID_EMAIL", "The email address is invalid.")
    return text


def _domain(text: str, _: str | None) -> str:
    """Of an address of a page, the bare domain is kept."""
    text = text.strip().lower().partition("://")[2] or text.strip().lower()
    return re.split(r"[/?#:]", text, maxsplit=1)[0].removeprefix("www.")


def _lifecycle(allowed: frozenset[str] | None, text: str, current: str | None) -> str:
    """A step back is dropped without a word; whoever means it clears the stage first."""
    stage = _option(allowed, text, None)
    if current in LIFECYCLE and stage in LIFECYCLE and LIFECYCLE.index(stage) < LIFECYCLE.index(current):
        return current
    return stage


@lru_cache(maxsize=4096)
def _instant(text: str, _: str | None) -> str:
    return iso(to_ms(text))


def _number(decimals: int | None, text: str, _: str | None) -> str:
    if text.isascii() and text.isdigit() and text[0] != "0":
        return text
    number = to_number(text)
    return plain(number if decimals is None else round(number, decimals))


def _flag(text: str, _: str | None) -> str:
    if text.lower() not in ("true", "false"):
        raise Misfit("INVALID_OPTION", f"{text} was not one of the allowed options: [true, false]")
    return text.lower()


def _option(allowed: frozenset[str] | None, text: str, _: str | None) -> str:
    if text != text.strip():
        raise Misfit("LEADING_TRAILING_WHITESPACE", "Enumeration values can't begin or end with a blank.")
    if allowed is not None and text not in allowed:
        raise Misfit("INVALID_OPTION", f"{text} was not one of the allowed options: {sorted(allowed)}")
    return text


def _set(allowed: frozenset[str] | None, reorder: bool, text: str, current: str | None) -> str:
    """`a;b` replaces; a leading `;` appends to what is there."""
    sent = [_option(allowed, part, None) for part in text.split(";") if part]
    kept = (current or "").split(";") if text.startswith(";") else []
    members = dict.fromkeys(part for part in kept + sent if part)
    return ";".join(sorted(members) if reorder else members)
