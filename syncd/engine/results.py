"""What became of one op on its way out: the vocabulary between sending, confirming and settling."""

from __future__ import annotations

from collections.abc import Mapping

import msgspec

from syncd.adapters.base import Failed, Overwritten, Written
from syncd.core.confirm import Confirmed
from syncd.core.remote import Remote
from syncd.store.outbox import Entry


class Moved(msgspec.Struct, frozen=True):
    """The target is not as it was when this was planned; nothing was sent. Plan afresh."""

    why: str


class Adopted(msgspec.Struct, frozen=True):
    """The record that a create was to make exists already."""

    remote: Remote


class Made(msgspec.Struct, frozen=True):
    """A create whose outcome was unknown did land: the target carries our stamp."""

    remote: Remote


class NotMade(msgspec.Struct, frozen=True):
    """What was sent did not land, or not to its end, and whatever it is about is as it was: it can go out again."""


class Told(msgspec.Struct, frozen=True):
    """An update whose outcome was unknown, field by field."""

    remote: Remote
    confirmed: Confirmed


class NothingLeft(msgspec.Struct, frozen=True):
    """Every field of the op was refused before it was sent."""


class Result(msgspec.Struct, frozen=True, kw_only=True):
    entry: Entry
    outcome: Written | Failed | Moved | Adopted | Made | NotMade | Told | NothingLeft
    current: Remote | None = None  # the target as it was just before
    refused: Mapping[str, str] = {}  # fields that have no form on the target's side, and why
    wrote: tuple[str, ...] = ()  # the target's own names of what was sent
    person: str | None = None  # whom a new record or a new link is about, on the target's side
    slipped: tuple[Overwritten, ...] = ()  # values that our write replaced unseen
