"""Instants as text that sorts: ISO 8601, UTC, always seven fraction digits, never rounded up."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from math import ceil

_ISO = re.compile(r"(?a)^(\d{4}-\d\d-\d\d)[T ](\d\d:\d\d(?::\d\d)?)(?:[.,](\d+))?\s*(Z|z|[+-]\d\d:?\d\d)?$")
_EPOCH_MS = re.compile(r"^-?\d{9,15}$")
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def canonical_instant(text: str) -> str:
    """ "2026-01-15T10:00:00.0000000Z" from ISO 8601 with or without zone (UTC then) or epoch milliseconds.

    Digits beyond the seventh are cut, never rounded (propstreet.md, section 1 and trap 5). Raises ValueError.
    """
    text = text.strip()
    try:
        return from_epoch_ms(int(text)) if _EPOCH_MS.match(text) else _from_iso(text)
    except OverflowError as error:  # before the year 1 or after 9999
        raise ValueError("not an instant") from error


def _from_iso(text: str) -> str:
    parts = _ISO.match(text)
    if parts is None:
        raise ValueError("not an instant")
    day, clock, fraction, zone = parts.groups()
    clock = clock if len(clock) == 8 else clock + ":00"
    digits = (fraction or "")[:7].ljust(7, "0")
    moment = datetime.fromisoformat(f"{day}T{clock}{'' if zone in (None, 'Z', 'z') else zone}")
    if moment.tzinfo is not None:
        moment = moment.astimezone(UTC)
    return f"{moment.replace(tzinfo=None).isoformat()}.{digits}Z"


def from_epoch_ms(milliseconds: int) -> str:
    """The canonical instant of these milliseconds since 1970."""
    moment = _EPOCH + timedelta(milliseconds=milliseconds)
    return f"{moment.replace(microsecond=0, tzinfo=None).isoformat()}.{moment.microsecond:06d}0Z"


def to_epoch_ms(instant: str) -> int:
    """Whole milliseconds since 1970 of a canonical instant; the rest is cut."""
    moment = datetime.fromisoformat(instant[:19]).replace(tzinfo=UTC)
    return int((moment - _EPOCH).total_seconds()) * 1000 + int(instant[20:23])


def minus_seconds(instant: str, seconds: float) -> str:
    """A canonical instant this much earlier, at millisecond precision (cut, so never later than exact)."""
    return from_epoch_ms(to_epoch_ms(instant) - ceil(seconds * 1000))
