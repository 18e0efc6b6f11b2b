"""One field of a kind, as Propstreet has it, and a kind as the sum of its fields."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import msgspec

from syncd.core.model import Fields, FieldType, Value

from .readings import Writing
from .spellings import Spelling

Raw = Mapping[str, Any]
Reader = Callable[[Raw], Value]
"""Raises Unreadable."""


class Entry(msgspec.Struct, frozen=True, kw_only=True):
    name: str
    type: FieldType
    read: Reader
    wire: tuple[str, ...]  # the JSON names it is read from; the one it is written to comes first
    writable: bool = False
    required: bool = False  # Propstreet refuses a record without it
    follows_writes: bool = False  # our own write moves it
    values: tuple[str, ...] = ()  # for enums: what the contract lists; readers pass newer ones on
    order: tuple[str, ...] = ()  # of these values, nearest first, where a table that races them gives none
    spelling: Spelling | None = None  # for texts that are the same in several spellings


class Catalogue(msgspec.Struct, frozen=True, kw_only=True):
    fields: Mapping[str, Entry]
    write: Callable[[Fields, Raw], Writing]
    one_of: tuple[str, ...] = ()  # Propstreet refuses a new record that has none of these


def catalogue(write: Callable[[Fields, Raw], Writing], *entries: Entry, one_of: tuple[str, ...] = ()) -> Catalogue:
    return Catalogue(fields={entry.name: entry for entry in entries}, write=write, one_of=one_of)
