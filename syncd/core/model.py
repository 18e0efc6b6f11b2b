"""The values that decisions are made of: sides, kinds, canonical fields, snapshots and bases.

Everything here is frozen data. `left` is always Propstreet and `right` always the CRM.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum

import msgspec

Value = None | bool | int | str | tuple[str, ...]
"""A canonical value. Money is "150000000 SEK", an instant "2026-01-15T10:00:00.0000000Z" (always seven
digits, UTC, so that text order is time order), a date "2026-01-15", a set a sorted tuple. Never a float."""

Fields = Mapping[str, Value]
"""Canonical values by field name. Absent means "not known here"; None means "known to be empty"."""


class Side(StrEnum):
    PROPSTREET = "propstreet"  # left
    CRM = "crm"  # right

    @property
    def other(self) -> Side:
        return Side.CRM if self is Side.PROPSTREET else Side.PROPSTREET


LEFT, RIGHT = Side.PROPSTREET, Side.CRM


class Kind(StrEnum):
    """Which sort of record."""

    PROJECT = "project"
    PROSPECT = "prospect"
    CONTACT = "contact"
    COMPANY = "company"


class FieldType(StrEnum):
    TEXT = "text"
    MONEY = "money"  # exact decimal and currency in one value
    DATE = "date"
    INSTANT = "instant"
    ENUM = "enum"
    FLAG = "flag"
    WHOLE = "whole"
    SET = "set"
    REF = "ref"  # an opaque id or link


class Snapshot(msgspec.Struct, frozen=True, kw_only=True):
    """One side's record as just read, canonical."""

    id: str
    fields: Fields = {}
    unreadable: Mapping[str, str] = {}  # field → why its raw value has no canonical form
    hidden: frozenset[str] = frozenset()  # fields it does not show at all: they don't exist there, or not for us
    ref: str | None = None  # the stamp it carries: the counterpart's id
    version: str | None = None  # opaque tag for a guarded write
    modified: str | None = None  # canonical instant
    deleted: bool = False  # positive evidence only: a tombstone, archived, or a direct read that says gone


class Base(msgspec.Struct, frozen=True):
    """Per field and per side, the last settled value as that side itself showed it."""

    left: Fields = {}
    right: Fields = {}

    def of(self, side: Side) -> Fields:
        return self.left if side is LEFT else self.right

    def moved(self, *, left: Fields, right: Fields) -> Base:
        """This base with these fields settled."""
        return Base({**self.left, **left}, {**self.right, **right})


class Resolution(msgspec.Struct, frozen=True):
    """A person's decision on one conflict: this value, as long as both sides still show what they saw."""

    value: Value
    left: Value
    right: Value


class Situation(msgspec.Struct, frozen=True, kw_only=True):
    """All that the planner sees of one record: what was settled, and what each side shows now."""

    base: Base | None = None  # None: the two have never been settled together
    left: Snapshot | None = None
    right: Snapshot | None = None
    out_of_scope: str | None = None  # why a record that has no counterpart shall get none
    unresolved: str | None = None  # why nobody can tell what its counterpart would belong to: a person must
    waits: str | None = None  # what must be paired before a counterpart can be made
    over: str | None = None  # the pair that this one lived in is over, and why
    unlinked: Side | None = None  # whose record does not say yet what it belongs to, while the other one does
    misplaced: str | None = None  # why the two can't belong together, by what they are linked to
    stamped: bool = True  # False: known by what it belongs to, and carries no stamps
    former: frozenset[str] = frozenset()  # ids this pair had before, by merges and re-creation: stale stamps
    resolutions: Mapping[str, Resolution] = {}
    disputed: frozenset[str] = frozenset()  # fields with an open conflict: an empty value there is no mere gap
    standing: Mapping[str, str] = {}  # field → why it waits for a person, however the values look by now

    def snapshot(self, side: Side) -> Snapshot | None:
        return self.left if side is LEFT else self.right
