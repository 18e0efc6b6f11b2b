"""A record as one of the two systems showed it, before any mapping: adapters hand it out, the store mirrors it."""

from __future__ import annotations

from typing import Any

import msgspec

from .model import Kind

Raw = dict[str, Any]
"""A record as the system shows it: JSON, numbers with a fraction as Decimal. Only the mapping looks inside."""

SEVERAL = "several"
"""Stands for a parent or a person of a record whose links lead to more than one: which is meant, nobody can tell."""


class Remote(msgspec.Struct, frozen=True, kw_only=True):
    """One record as a system showed it."""

    id: str
    raw: Raw = {}
    ref: str | None = None  # the stamp it carries: its counterpart's id
    version: str | None = None  # opaque; goes back byte for byte in if_version
    modified: str | None = None  # canonical instant, by the server's clock
    deleted: bool = False  # positive evidence only: tombstone, archived, or a direct read that says gone
    absorbed: tuple[str, ...] = ()  # ids of records that were merged into this one
    parent: str | None = None  # the record of its own side that it lives in: a prospect's project or deal; or SEVERAL
    person: str | None = None  # whom it is about, on its own side: person_of(kind, id); or SEVERAL
    keys: tuple[str, ...] = ()  # what it may be recognised by without a stamp: "email:…", "domain:…", sorted


def person_of(kind: Kind, id: str) -> str:
    """Names a contact or a company in one word: "contact:29000"."""
    return f"{kind.value}:{id}"


def one_person(person: str | None) -> tuple[Kind, str] | None:
    """The kind and the id; None where it is nobody, or several."""
    return None if person is None or person == SEVERAL else split_person(person)


def split_person(person: str) -> tuple[Kind, str]:
    kind, _, id = person.partition(":")
    return Kind(kind), id
