"""Where rows that may pass a condition are to be looked for: these ids, or a span of SystemModstamp."""

from __future__ import annotations

import msgspec

LOWEST, HIGHEST = "", "9999"  # below and above every stamp


class Ids(msgspec.Struct, frozen=True):
    ids: tuple[str, ...]


class Span(msgspec.Struct, frozen=True):
    """Both ends included."""

    low: str
    high: str


Where = Ids | Span | None  # None: anywhere
