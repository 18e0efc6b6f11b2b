"""What a mapping table decides: per field who may write and who wins, per kind what creates and deletes mean."""

from __future__ import annotations

import operator
from collections.abc import Callable, Mapping
from enum import StrEnum

import msgspec

from .model import FieldType, Kind, Side, Value


class Flow(StrEnum):
    TO_CRM = "to_crm"
    TO_PROPSTREET = "to_propstreet"
    BOTH = "both"
    NEVER = "never"  # for create only

    def reaches(self, side: Side) -> bool:
        """May a value be written to this side?"""
        match self:
            case Flow.BOTH:
                return True
            case Flow.TO_CRM:
                return side is Side.CRM
            case Flow.TO_PROPSTREET:
                return side is Side.PROPSTREET
            case Flow.NEVER:
                return False


class OnConflict(StrEnum):
    """Who wins when both sides changed a field; also the choices for a first meeting."""

    PROPSTREET = "propstreet"
    CRM = "crm"
    NEWEST = "newest"  # the record modified last; a tie is held
    FURTHEST = "furthest"  # the later one in `order`
    UNION = "union"  # sets only: everything either side has
    HOLD = "hold"  # a person decides


class OnDelete(StrEnum):
    ARCHIVE = "archive"  # delete the counterpart (soft, in both systems)
    MARK = "mark"  # write `mark` into the CRM record; Propstreet has nothing to mark, there it is as unbind
    UNBIND = "unbind"  # the counterpart lives on alone and is never created again
    IGNORE = "ignore"  # nothing happens; if the record comes back, the pair goes on


class FieldPolicy(msgspec.Struct, frozen=True, kw_only=True):
    name: str
    type: FieldType = FieldType.TEXT
    flow: Flow = Flow.BOTH
    on_conflict: OnConflict = OnConflict.HOLD
    on_first_meeting: OnConflict = OnConflict.HOLD
    order: tuple[str, ...] = ()  # for furthest: canonical values, nearest first
    required: bool = False  # an empty value is held, never written
    follows_writes: bool = False  # our own write moves it (a modified date): such a move is no news
    alike: Callable[[Value, Value], bool] = operator.eq
    """Is this left value the same thing as this right value, in any spelling the codecs know?"""


class KindPolicy(msgspec.Struct, frozen=True, kw_only=True):
    kind: Kind = Kind.PROJECT
    fields: Mapping[str, FieldPolicy] = {}
    create: Flow = Flow.TO_CRM
    when_propstreet_deletes: OnDelete = OnDelete.MARK
    when_crm_deletes: OnDelete = OnDelete.UNBIND
    mark: Mapping[str, Value] = {}  # canonical fields that OnDelete.MARK writes to the CRM
    edit_outlives_delete: bool = True  # a delete meets an unsynced edit: hold, instead of following the delete

    def on_delete(self, deleted: Side) -> OnDelete:
        """The rule for when the record of this side was deleted."""
        return self.when_propstreet_deletes if deleted is Side.PROPSTREET else self.when_crm_deletes
