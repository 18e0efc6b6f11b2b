"""What a translation yields: canonical fields from a record, or the wire form of canonical fields."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import msgspec

from syncd.core.model import Fields


class Reading(msgspec.Struct, frozen=True):
    """A record in canonical form. A field in none of the three is left out on purpose (`unknown = "ignore"`)."""

    fields: Fields
    unreadable: Mapping[str, str]  # field → why its raw value has no canonical form
    hidden: frozenset[str] = frozenset()  # the record does not show the property at all


class Writing(msgspec.Struct, frozen=True):
    """What to send, and which fields are left out of it and why."""

    wire: dict[str, Any] = {}
    refused: dict[str, str] = {}


def together(writings: Iterable[Writing]) -> Writing:
    """One writing of several that don't touch each other's properties."""
    wire: dict[str, Any] = {}
    refused: dict[str, str] = {}
    for writing in writings:
        wire |= writing.wire
        refused |= writing.refused
    return Writing(wire, refused)
