"""Instants as Salesforce shows them (salesforce.md, section 8.2): whole seconds, UTC, `+0000` without a colon.

The form is of fixed width, so texts compare as the instants do, and nothing in the twin keeps them otherwise.
"""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, timedelta
from email.utils import formatdate, parsedate_to_datetime
from functools import lru_cache

_FORM = "%Y-%m-%dT%H:%M:%S.000+0000"
_INSTANT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d(:\d\d(\.\d{1,9})?)?(Z|[+-]\d\d:?\d\d)")
_DAY = re.compile(r"\d{4}-\d\d-\d\d")


@lru_cache(maxsize=4096)
def shown(second: int) -> str:
    return datetime.fromtimestamp(second, UTC).strftime(_FORM)


@lru_cache(maxsize=4096)
def second_of(stamp: str) -> int:
    return int(datetime.fromisoformat(stamp).timestamp())


@lru_cache(maxsize=4096)
def read(text: str) -> str | None:
    """Any instant with a zone, as it would be shown; None for anything else."""
    if _INSTANT.fullmatch(text) is None:
        return None
    try:
        return shown(int(datetime.fromisoformat(text).timestamp()))
    except (ValueError, OverflowError):
        return None


@lru_cache(maxsize=4096)
def read_day(text: str) -> str | None:
    """A date between 1700 and 4000, else None."""
    try:
        fits = _DAY.fullmatch(text) is not None and 1700 <= date.fromisoformat(text).year <= 4000
    except ValueError:
        return None
    return text if fits else None


@lru_cache(maxsize=64)
def http_date(second: int) -> str:
    return formatdate(second, usegmt=True)


def read_http_date(text: str) -> int | None:
    try:
        return int(parsedate_to_datetime(text).timestamp())
    except (TypeError, ValueError):
        return None


def day_of(second: float) -> date:
    return datetime.fromtimestamp(second, UTC).date()


def midnight(day: date) -> str:
    return f"{day.isoformat()}T00:00:00.000+0000"


def days_after(day: date, days: int) -> date:
    return day + timedelta(days=days)
