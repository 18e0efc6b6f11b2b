"""Contacts in opportunities: the rows of OpportunityContactRole, read as one record per opportunity and contact.

A role that a person takes away leaves no trace, not even in the recycle bin (salesforce.md 7.2, trap 12). So the sets
of opportunities are read whole, and only a set in which somebody is missing says that they are gone.

Nothing keeps a contact from having several roles in one opportunity. They are one record here, which shows one of them:
a role that the mapping knows rather than somebody else's, and of several the one with the lowest id, with the roles of
all of them, as in a multi-select: which of two stages is meant, nobody chooses unseen. A role is shown whatever its
contact is like: Salesforce hands out those of contacts that are deleted or hidden from us, and it is for whoever asks
for the contact to find that out.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import msgspec

from syncd.adapters.base import Brood, ObjectSpec, Remote
from syncd.core.model import Kind
from syncd.core.remote import person_of, split_person
from syncd.errors import ConfigError, Rejected, ServerTrouble

from .client import Client
from .errors import SYSTEM
from .ids import full_id
from .reads import FETCH_MAX, told
from .records import CONTACT, ID, OPPORTUNITY, RecordType
from .shapes import Page, Row
from .soql import VALUES_MAX, listed, portions, select

OBJECT = "OpportunityContactRole"
PARENTS_MAX = VALUES_MAX
SEPARATOR = ";"  # between the roles of one contact in one opportunity
_DEALS, _CHILDREN = "Opportunity", "OpportunityContactRoles"
_DEAL_PREFIX, _CONTACT_PREFIX = "006", "003"


class Place(msgspec.Struct, frozen=True):
    """An opportunity and a contact, both in long form."""

    opportunity: str
    contact: str

    @property
    def person(self) -> str:
        return person_of(Kind.CONTACT, self.contact)

    @property
    def id(self) -> str:
        return f"{self.opportunity}:{self.person}"

    def gone(self) -> Remote:
        """As somebody who is not in the opportunity, which was read."""
        facts = {OPPORTUNITY: self.opportunity, CONTACT: self.contact}
        return Remote(id=self.id, raw=facts, deleted=True, parent=self.opportunity, person=self.person)


Sets = dict[str, dict[str, list[Row]] | None]
"""The roles of an opportunity by contact; None for one that is gone, or not ours to see."""


def check_nested(objects: Mapping[Kind, ObjectSpec]) -> None:
    """Raises ConfigError for a relation that Salesforce has nothing for."""
    for kind, spec in objects.items():
        deals = objects.get(Kind.PROJECT)
        if spec.nested and (spec.name, deals and deals.name) != (OBJECT, _DEALS):
            raise ConfigError(
                f"{kind}: salesforce has {OBJECT}, from {_DEALS} to Contact, and no other association",
                remedy=f'write object = "{OBJECT}" and map projects to {_DEALS}, or map prospects with form = "record"',
            )


def within(client: Client, roles: RecordType, parents: Sequence[str]) -> list[Brood]:
    """The sets of these opportunities, one query for as many as its address and its pages hold."""
    assert len(parents) <= PARENTS_MAX
    long = {id: _deal(id) for id in parents}
    sets = read_sets(client, roles, list(long.values()))
    return [_brood(roles, asked, id, sets[id]) for asked, id in long.items()]


def fetch(client: Client, roles: RecordType, ids: Sequence[str]) -> dict[str, Remote]:
    """Every asked id. Who is not in an opportunity is `deleted`, with the facts; without, if that can't be read."""
    assert len(ids) <= FETCH_MAX
    places = {id: place_of(id) for id in ids}
    sets = read_sets(client, roles, [place.opportunity for place in places.values()])
    return {id: _standing(roles, place, sets[place.opportunity]) for id, place in places.items()}


def read_sets(client: Client, roles: RecordType, opportunities: Sequence[str]) -> Sets:
    """Whole sets, by opportunity; the opportunities are asked for, so that one without roles is not one that is gone.

    Raises ServerTrouble where a query leaves out what Salesforce says is there.
    """
    wanted = list(dict.fromkeys(opportunities))
    sets: Sets = dict.fromkeys(wanted)
    children = f"({select(roles.asked, _CHILDREN)})"
    for portion in portions(wanted, select((ID, children), _DEALS, f"{ID} IN ()")):
        for row in client.rows(select((ID, children), _DEALS, listed(ID, portion))):
            sets[full_id(str(row[ID])) or str(row[ID])] = _by_contact(client, row.get(_CHILDREN))
    absent = [id for id, one in sets.items() if one is None]
    if absent and (stray := told(client, _DEALS, absent)):
        raise ServerTrouble(f"{_DEALS} {stray} is there, but not in salesforce's query", system=SYSTEM)
    return sets


def place_of(id: str) -> Place:
    """Whom an id names. Raises Rejected for one of another form: nobody can be called gone by it."""
    opportunity, _, person = id.partition(":")
    place = _place(opportunity, person)
    if place is None:
        raise Rejected(f"{id} can't be the id of a contact in an opportunity", system=SYSTEM, code="MALFORMED_ID")
    return place


def place_for(parent: str | None, person: str | None) -> Place:
    """Where a new record is to be. Raises Rejected for whom Salesforce has no role."""
    place = _place(parent or "", person or "")
    if place is not None:
        return place
    raise Rejected(
        f"{person or 'nobody'} can't have a role in {parent or 'no opportunity'}: a contact role needs a contact",
        system=SYSTEM,
        remedy='say in propstreet who the contact is, or map prospects with form = "record"; then syncd held retry',
    )


def remote_of(roles: RecordType, place: Place, rows: Sequence[Row]) -> Remote:
    """The record that these roles of one contact are.

    With several of them, no stamp says when it changed: one that was taken away has taken its stamp along.
    """
    ordered = sorted(rows, key=lambda row: (not is_ours(roles, row), _role_id(row)))
    several = {
        name: SEPARATOR.join(values) for name in listed_fields(roles) if len(values := _ours(roles, name, ordered)) > 1
    }
    shown = roles.remote({**ordered[0], **several})
    modified = shown.modified if len(rows) == 1 else None
    return msgspec.structs.replace(shown, id=place.id, parent=place.opportunity, person=place.person, modified=modified)


def _ours(roles: RecordType, name: str, rows: Sequence[Row]) -> list[str]:
    """The different roles of ours that these rows show."""
    return list(dict.fromkeys(str(row[name]) for row in rows if row.get(name) in roles.values[name]))


def is_ours(roles: RecordType, row: Row) -> bool:
    """Does it have a role that the mapping knows? Any, where the mapping lists none."""
    names = listed_fields(roles)
    return not names or any(row.get(name) in roles.values[name] for name in names)


def is_strangers(roles: RecordType, row: Row) -> bool:
    """Does it have a role, and one that the mapping does not know? It is never written, and never taken away."""
    return not is_ours(roles, row) and any(row.get(name) for name in listed_fields(roles))


def listed_fields(roles: RecordType) -> tuple[str, ...]:
    """The fields whose values say whose a role is; a checkbox says nothing."""
    return tuple(name for name in roles.values if name in roles.fields and roles.fields[name].type != "boolean")


def _brood(roles: RecordType, asked: str, id: str, by_contact: dict[str, list[Row]] | None) -> Brood:
    if by_contact is None:
        return Brood(asked, gone=True)
    return Brood(asked, [remote_of(roles, Place(id, contact), rows) for contact, rows in by_contact.items()])


def _standing(roles: RecordType, place: Place, by_contact: dict[str, list[Row]] | None) -> Remote:
    if by_contact is None:
        return Remote(id=place.id, deleted=True)
    rows = by_contact.get(place.contact)
    return place.gone() if rows is None else remote_of(roles, place, rows)


def _by_contact(client: Client, children: object) -> dict[str, list[Row]]:
    """A result within a row: null for none, and with pages of its own (section 3.2)."""
    try:
        rows = client.rest(msgspec.convert(children, Page)) if children is not None else []
    except msgspec.ValidationError:
        raise ServerTrouble("salesforce's contact roles can't be read", system=SYSTEM) from None
    found: dict[str, list[Row]] = {}
    for row in rows:
        contact = full_id(str(row.get(CONTACT)))
        if contact is None:
            raise ServerTrouble(f"contact role {_role_id(row)} names no contact", system=SYSTEM)
        found.setdefault(contact, []).append(row)
    return found


def _deal(id: str) -> str:
    long = full_id(id)
    if long is None or not long.startswith(_DEAL_PREFIX):
        raise Rejected(f"{id} can't be the id of an opportunity", system=SYSTEM, code="MALFORMED_ID")
    return long


def _place(opportunity: str, person: str) -> Place | None:
    deal, kind, id = full_id(opportunity), *_split(person)
    contact = full_id(id)
    if kind is not Kind.CONTACT or deal is None or contact is None:
        return None
    well_formed = deal.startswith(_DEAL_PREFIX) and contact.startswith(_CONTACT_PREFIX)
    return Place(deal, contact) if well_formed else None


def _split(person: str) -> tuple[Kind | None, str]:
    try:
        return split_person(person)
    except ValueError:
        return None, ""


def _role_id(row: Row) -> str:
    """In the order that Salesforce makes them: as long as they are of one org, letter by letter."""
    return full_id(str(row.get(ID))) or str(row.get(ID))
