"""Operations as data: what would settle a situation. Printed, stored, compared; never executed here."""

from __future__ import annotations

from collections.abc import Mapping

import msgspec

from .model import Fields, Side, Value


class Change(msgspec.Struct, frozen=True):
    """One field of an Update."""

    set: Value  # what the target shall show
    was: Value  # what the target showed when this was planned
    source: Value  # what the other side showed when this was planned
    rule: str  # the verdict that decided it, for explain and the journal
    onward: bool = False  # the merged value still has to travel to the other side: settle only the source


class Create(msgspec.Struct, frozen=True, tag="create"):
    """Make the counterpart, stamped with `ref`, the id of the record it mirrors."""

    side: Side  # where the new record will be
    ref: str
    fields: Fields


class Update(msgspec.Struct, frozen=True, tag="update"):
    """Write these fields, and the stamp and the link if given. With no fields it is those alone."""

    side: Side
    id: str
    changes: Mapping[str, Change] = {}
    stamp: str | None = None  # the counterpart's id, to be written into this record
    link: str | None = None  # the counterpart's id, where this record is to belong to what that one belongs to


class Delete(msgspec.Struct, frozen=True, tag="delete"):
    """Delete (softly) the record of this side."""

    side: Side
    id: str
    was: Fields = {}  # for undo and explain


class Hold(msgspec.Struct, frozen=True, tag="hold"):
    """Nothing is written; a person must look. `field` is "" when the whole record is meant."""

    side: Side
    id: str
    field: str
    reason: str
    remedy: str = ""


Op = Create | Update | Delete | Hold


class Conflict(msgspec.Struct, frozen=True):
    """Both sides changed it and policy leaves it to a person. `field` is "" for delete against edit."""

    field: str
    left: Value
    right: Value
    reason: str


class Decision(msgspec.Struct, frozen=True):
    """Why a field is as it is: the verdict and the rule behind it."""

    field: str
    verdict: str
    rule: str


class Plan(msgspec.Struct, frozen=True, kw_only=True):
    """What would settle one situation. An empty plan means quiet."""

    ops: tuple[Op, ...] = ()
    settle_left: Fields = {}  # these fields' bases move at once, without a write
    settle_right: Fields = {}
    conflicts: tuple[Conflict, ...] = ()
    drift: tuple[str, ...] = ()  # one-way fields that were edited on their target side
    ends: str | None = None  # why the binding is over, if it is
    decisions: tuple[Decision, ...] = ()
    judged: bool = True  # False: the fields were not looked at, so nothing is said about older conflicts
