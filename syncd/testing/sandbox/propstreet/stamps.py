"""The server's instants: ticks of 100 ns since 1970, shown as .NET shows them (propstreet.md, section 1).

Trailing zeros of the fraction are left out, and with them the whole fraction: a client that sorts them as text,
or rounds the seventh digit up, goes wrong here as it would there.
"""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from functools import lru_cache

TICKS_PER_S = 10_000_000
_ISO = re.compile(
    r"(\d{4}-\d\d-\d\d)(?:[T ](\d\d:\d\d(?::\d\d)?)(?:\.(\d{1,9}))?\s*(Z|[+-]\d\d:?\d\d)?)?", re.IGNORECASE
)
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def ticks_at(seconds: float, sub_ms_ticks: int) -> int:
    """The server's stamp at this time: milliseconds by the clock, the rest as set. Equal times, equal stamps."""
    return int(seconds * 1000) * 10_000 + sub_ms_ticks


def shown(ticks: int) -> str:
    seconds, fraction = divmod(ticks, TICKS_PER_S)
    if not fraction:
        return _second(seconds) + "Z"
    return f"{_second(seconds)}.{fraction:07d}".rstrip("0") + "Z"


def parsed(text: str) -> int | None:
    """Ticks of an ISO 8601 instant, UTC where it names no zone, digits beyond the seventh cut. None: not one."""
    parts = _ISO.fullmatch(text.strip())
    if parts is None:
        return None
    day, clock, fraction, zone = parts.groups()
    try:
        seconds = _seconds(f"{day}T{clock or '00:00'}{zone if zone and zone not in 'Zz' else '+00:00'}")
    except (ValueError, OverflowError):
        return None
    return seconds * TICKS_PER_S + int((fraction or "0")[:7].ljust(7, "0"))


def read_back(text: str) -> int:
    """Ticks of an instant that `shown` made; cheaper than `parsed`."""
    return _seconds(text[:19] + "+00:00") * TICKS_PER_S + int(text[20:-1].ljust(7, "0"))


@lru_cache(maxsize=4096)
def _second(seconds: int) -> str:
    return (_EPOCH + timedelta(seconds=seconds)).isoformat()[:19]


@lru_cache(maxsize=4096)
def _seconds(instant: str) -> int:
    return (datetime.fromisoformat(instant) - _EPOCH) // timedelta(seconds=1)
