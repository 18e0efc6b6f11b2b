"""What a record of its own belongs to: the lookups that lead to its project and its person (salesforce.md 7.4).

A lookup is a field like any other: it comes with every query and goes out in the same row as the rest, so links cost
no call of their own, and no record is made without them. As it holds one id, a record never leads to several. A field
that leads to another object, or to one of several, is not used at all.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import msgspec

from syncd.adapters.base import ObjectSpec
from syncd.core.model import Kind
from syncd.core.remote import person_of, split_person
from syncd.errors import ConfigError, Rejected

from .errors import SYSTEM
from .ids import full_id
from .metadata import grant
from .shapes import Field, Row

_PEOPLE = (Kind.CONTACT, Kind.COMPANY)  # whom a record is about: the first of these that it is linked to


class Link(msgspec.Struct, frozen=True):
    """A lookup field, and the one object that it is to lead to."""

    owner: Kind  # whose records have it
    kind: Kind
    field: str
    object: str

    @property
    def key(self) -> str:
        """How the mapping spells it."""
        return f"links.{self.kind} under [{self.owner}]"

    def fault(self, object: str, field: Field) -> str | None:
        """Why this field of the object can't be the link; None if it can."""
        if field.type != "reference":
            return f"the field {self.field} of {object} is no lookup: its type is {field.type}"
        if field.reference_to == [self.object]:
            return None
        leads = " or ".join(field.reference_to) or "nothing"
        return f"the lookup {self.field} of {object} leads to {leads}, and not to {self.object} alone"

    def steps(self, object: str) -> str:
        """How a person makes it, for setup never does."""
        return (
            f"in Setup > Object Manager > {object} > Fields & Relationships > New make "
            f"{self.field.removesuffix('__c')} (type Lookup Relationship; related to {self.object}), then "
            f"{grant(object, self.field)}; or name another lookup as {self.key} in the mapping"
        )


def links_of(kind: Kind, objects: Mapping[Kind, ObjectSpec]) -> tuple[Link, ...]:
    """The links of a kind. Raises ConfigError where one leads to a kind that has no object."""
    links = objects[kind].links
    for to in links:
        if to not in objects:
            raise ConfigError(
                f"links.{to} under [{kind}] leads to a {to}, and no object is mapped to that",
                remedy=f"write a [{to}] table, too, or take the link out",
            )
    return tuple(Link(kind, to, field, objects[to].name) for to, field in links.items())


class Links:
    """The links of one kind, held against its object as that is described now."""

    def __init__(self, owner: Kind, links: Sequence[Link], fields: Mapping[str, Field]) -> None:
        self._owner = owner
        self._by_kind = {link.kind: link for link in links}
        self._by_field = {link.field: link for link in links}
        self._fields = fields
        self.names = tuple(self._by_field)

    def __iter__(self) -> Iterator[Link]:
        return iter(self._by_kind.values())

    def of(self, name: str) -> Link | None:
        """The link that this field is."""
        return self._by_field.get(name)

    @property
    def unwritable(self) -> tuple[str, ...]:
        """What we may not set even when a record is made."""
        return tuple(name for name in self.names if name in self._fields and not self._fields[name].createable)

    @property
    def late(self) -> tuple[str, ...]:
        """What may be empty and can't be filled in later."""
        return tuple(name for name in self.names if name in self.fixed and self._fields[name].nillable)

    @property
    def fixed(self) -> frozenset[str]:
        """What is set when a record is made and never again: a master, or ContactId of an opportunity (7.1, 7.4)."""
        shown = (self._fields[name] for name in self.names if name in self._fields)
        return frozenset(field.name for field in shown if field.createable and not field.updateable)

    def parent(self, row: Row) -> str | None:
        return self._led(row, Kind.PROJECT)

    def person(self, row: Row) -> str | None:
        """The contact, or where there is none the company."""
        found = ((kind, self._led(row, kind)) for kind in _PEOPLE)
        return next((person_of(kind, id) for kind, id in found if id is not None), None)

    def facts(self, row: Mapping[str, Any]) -> Row:
        """What a row says of its links, and nothing else of it."""
        return {name: row[name] for name in self.names if name in row}

    def fields(self, parent: str | None, person: str | None) -> Row:
        """What to write to link a record to these. Raises Rejected where the mapping has no link for one of them."""
        wanted = {Kind.PROJECT: parent} if parent is not None else {}
        if person is not None:
            kind, id = _split(person)
            wanted[kind] = id
        return {self._demanded(kind).field: _known_form(kind, id or "") for kind, id in wanted.items()}

    def _led(self, row: Row, kind: Kind) -> str | None:
        link = self._by_kind.get(kind)
        id = row.get(link.field) if link is not None else None
        return (full_id(id) or id) if isinstance(id, str) and id else None

    def _demanded(self, kind: Kind) -> Link:
        link = self._by_kind.get(kind)
        if link is not None:
            return link
        raise Rejected(
            f"the mapping names no lookup from the record of a {self._owner} to its {kind}",
            system=SYSTEM,
            remedy=f"name one as links.{kind} under [{self._owner}] in the mapping; then syncd held retry",
        )


def led_elsewhere(wanted: Mapping[str, str], row: Mapping[str, Any]) -> tuple[str, ...]:
    """Those of these lookups that lead somewhere else already."""
    return tuple(name for name, to in wanted.items() if row.get(name) and not leads(row, name, to))


def leads(row: Mapping[str, Any], name: str, id: str) -> bool:
    """Does this lookup lead there, in whichever form the ids are?"""
    there = row.get(name)
    return isinstance(there, str) and (full_id(there) or there) == id


def _split(person: str) -> tuple[Kind, str]:
    try:
        return split_person(person)
    except ValueError:
        raise Rejected("a record can't be about more than one person, or none", system=SYSTEM) from None


def _known_form(kind: Kind, id: str) -> str:
    long = full_id(id)
    if long is None:
        raise Rejected(f"{id} can't be the id of a {kind} in salesforce", system=SYSTEM, code="MALFORMED_ID")
    return long
