"""Readers and entries for what the records of every kind have in common: plain members of a JSON object.

A record without a member shows null there (propstreet.md section 9).
"""

from __future__ import annotations

from typing import Any

from syncd.core.model import FieldType, Value

from .codecs import Set
from .entry import Entry, Raw, Reader
from .scalars import Unreadable, instant_of, text_of
from .spellings import TRIMMED, Spelling

_SET = Set()


def text(
    name: str,
    wire: str,
    spelling: Spelling = TRIMMED,
    *,
    writable: bool = False,
    required: bool = False,
    also: str | None = None,
) -> Entry:
    """A text, read in its canonical spelling; nothing but blanks is nothing. `also`: written there at times."""

    def read(raw: Raw) -> Value:
        shown = text_of(raw.get(wire))
        return None if shown is None else spelling.tidy(shown) or None

    return Entry(
        name=name,
        type=FieldType.TEXT,
        read=read,
        wire=(wire,) if also is None else (wire, also),
        writable=writable,
        required=required,
        spelling=spelling,
    )


def instant(name: str, wire: str, *, follows_writes: bool = False) -> Entry:
    return Entry(name=name, type=FieldType.INSTANT, read=_instant_at(wire), wire=(wire,), follows_writes=follows_writes)


def tags() -> Entry:
    """A set: their order means nothing (propstreet.md trap 48)."""

    def read(raw: Raw) -> Value:
        return _SET.decode(raw.get("tags"))

    return Entry(name="tags", type=FieldType.SET, read=read, wire=("tags",))


def part(raw: Raw, name: str) -> Raw | None:
    """A nested object of a Propstreet record."""
    found = raw.get(name)
    if found is None or isinstance(found, dict):
        return found
    raise Unreadable(f"has a {name} that is not an object")


def parts(raw: Raw, name: str) -> list[Raw]:
    """A list of nested objects."""
    found: Any = raw.get(name)
    if found is None:
        return []
    if isinstance(found, list) and all(isinstance(each, dict) for each in found):
        return found
    raise Unreadable(f"has {name} that are not a list of objects")


def _instant_at(wire: str) -> Reader:
    def read(raw: Raw) -> Value:
        return instant_of(raw.get(wire))

    return read


def _read_link(raw: Raw) -> Value:
    return text_of(raw.get("uri"))


EVERYWHERE = (
    instant("created", "createdUtc"),
    instant("updated", "updatedUtc", follows_writes=True),
    instant("deleted", "deletedUtc"),
    Entry(name="link", type=FieldType.REF, read=_read_link, wire=("uri",)),
)
"""What a record of any kind has."""
