"""What people do about contacts, and about who stands on which deal, in a CRM's own user interface.

The same acts for every CRM; a person on a deal is named as Remote.person does it, "contact:29000". Each class knows
its twin and nothing of syncd.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Protocol

import msgspec

from syncd.core.model import Kind
from syncd.core.remote import person_of, split_person
from syncd.testing.sandbox.hubspot import HubSpotTwin
from syncd.testing.sandbox.salesforce import SalesforceTwin
from tests.engine.investors import LABELS

LAWYER = "Decision Maker"
"""A label, or role, of which no table knows."""

REPLACED_MS = 60_000

OURS = {label: stage for stage, label in LABELS.items()}
FIELDS = ("first_name", "last_name", "email", "phone")

Labels = dict[str, list[str]]
"""By person, every label or role that they have on a deal; a bare one says nothing."""


class Part(msgspec.Struct, frozen=True):
    """What API clients did to a person's place on a deal."""

    deal: str
    person: str
    taken: bool  # off it, or else put on it or labelled


class CrmContacts(Protocol):
    """Contacts of one CRM. A record that is not there is a KeyError, a refused act a ValueError."""

    unmapped: str  # a property of contacts that no table maps

    def add(self, **values: str | None) -> str:
        """By FIELDS."""

    def edit(self, id: str, **values: str | None) -> None: ...

    def note(self, id: str, text: str) -> None:
        """Write the unmapped property."""

    def delete(self, id: str) -> None: ...

    def merge(self, primary: str, other: str) -> str:
        """The survivor's id."""

    def live(self) -> dict[str, dict[str, Any]]:
        """All that are not deleted, by id: FIELDS, `stamp`, and `unmapped`."""

    def stamped(self, kind: Kind) -> dict[str, list[str]]:
        """Live contacts or companies by the Propstreet id that they carry."""

    def properties(self) -> set[str]:
        """What API clients wrote in contacts so far, by name."""

    def writes(self) -> int:
        """How many writes of API clients took effect."""


class Places(Protocol):
    """Who stands on which deal of one CRM."""

    def put_on(self, deal: str, contact: str, label: str | None) -> None:
        """One more label or role, or a bare place."""

    def relabel(self, deal: str, contact: str, label: str) -> None:
        """This one in place of those of ours."""

    def take_off(self, deal: str, person: str) -> None:
        """With everything that they are there."""

    def on_deal(self, deal: str) -> Labels: ...

    def parts(self) -> list[Part]:
        """What API clients did to the people on deals so far, in order."""

    def names(self, deal: str, person: str) -> list[str]:
        """By which syncd knows this place."""


def contacts_of(twin: HubSpotTwin | SalesforceTwin) -> HubSpotContacts | SalesforceContacts:
    return HubSpotContacts(twin) if isinstance(twin, HubSpotTwin) else SalesforceContacts(twin)


class HubSpotContacts:
    unmapped = "city"
    _NAMES: Mapping[str, str] = {name: name.replace("_", "") for name in FIELDS}

    def __init__(self, twin: HubSpotTwin) -> None:
        self._twin = twin
        self._person = twin.person
        self._person.add_label(LAWYER)

    def add(self, **values: str | None) -> str:
        return self._person.add_contact(**_named(self._NAMES, values, None))

    def edit(self, id: str, **values: str | None) -> None:
        self._person.edit_contact(id, **_named(self._NAMES, values, ""))

    def note(self, id: str, text: str) -> None:
        self._person.edit_contact(id, **{self.unmapped: text})

    def delete(self, id: str) -> None:
        self._person.delete_contact(id)

    def merge(self, primary: str, other: str) -> str:
        return self._person.merge_contacts(primary, other)

    def live(self) -> dict[str, dict[str, Any]]:
        return {
            id: {**_shown(self._NAMES, row), "stamp": row.get("propstreet_id"), "unmapped": row.get(self.unmapped)}
            for id, row in self._person.live_contacts().items()
        }

    def stamped(self, kind: Kind) -> dict[str, list[str]]:
        rows = self._person.live_contacts() if kind is Kind.CONTACT else self._person.live_companies()
        return _by_stamp({id: row.get("propstreet_id") for id, row in rows.items()})

    def put_on(self, deal: str, contact: str, label: str | None) -> None:
        self._person.associate(deal, contact, label=label)

    def relabel(self, deal: str, contact: str, label: str) -> None:
        others = [one for one in self.on_deal(deal)[person_of(Kind.CONTACT, contact)] if one not in OURS]
        self._person.relabel(deal, contact, [*others, label])

    def take_off(self, deal: str, person: str) -> None:
        kind, id = split_person(person)
        self._person.dissociate(deal, id, to="companies" if kind is Kind.COMPANY else "contacts")

    def on_deal(self, deal: str) -> Labels:
        found = self._person.associations_of(deal)
        kinds = {"contacts": Kind.CONTACT, "companies": Kind.COMPANY}
        return {
            person_of(kind, id): labels for name, kind in kinds.items() for id, labels in found.get(name, {}).items()
        }

    def names(self, deal: str, person: str) -> list[str]:
        return [f"{deal}:{person}"]

    def parts(self) -> list[Part]:
        """A label that is taken just after another one was given has been replaced."""
        kinds = {"contacts": Kind.CONTACT, "companies": Kind.COMPANY}
        found, given_ms = [], dict[tuple[str, str], int]()
        for one in self._twin.journal:
            if one.object_type == "deals" and one.other is not None and one.other[0] in kinds:
                person = person_of(kinds[one.other[0]], one.other[1])
                if one.verb == "associate":
                    given_ms[one.id, person] = one.at_ms
                replaced = one.at_ms - given_ms.get((one.id, person), 0) < REPLACED_MS
                found.append(Part(one.id, person, one.verb == "dissociate" and not replaced))
        return found

    def properties(self) -> set[str]:
        # HubSpot counts the date of creation among what a create changes.
        return {name for one in self._twin.journal if one.object_type == "contacts" for name in one.changes} - {
            "createdate"
        }

    def writes(self) -> int:
        return len(self._twin.journal)


class SalesforceContacts:
    """A place on a deal is a contact role, of which a contact may have several."""

    unmapped = "Department"
    _NAMES: Mapping[str, str] = {name: name.title().replace("_", "") for name in FIELDS}

    def __init__(self, twin: SalesforceTwin) -> None:
        self._twin = twin
        self._person = twin.person
        self._made: dict[str, tuple[str, str]] = {}  # role → opportunity and contact

    def add(self, **values: str | None) -> str:
        return self._person.add_contact(**_named(self._NAMES, values, None))

    def edit(self, id: str, **values: str | None) -> None:
        self._person.edit_contact(id, **_named(self._NAMES, values, None))

    def note(self, id: str, text: str) -> None:
        self._person.edit_contact(id, **{self.unmapped: text})

    def delete(self, id: str) -> None:
        self._person.delete_contact(id)

    def merge(self, primary: str, other: str) -> str:
        self._person.merge_contacts(primary, [other])
        return primary

    def live(self) -> dict[str, dict[str, Any]]:
        return {
            id: {**_shown(self._NAMES, row), "stamp": row.get("Propstreet_Id__c"), "unmapped": row.get(self.unmapped)}
            for id, row in self._person.live_records("Contact").items()
        }

    def stamped(self, kind: Kind) -> dict[str, list[str]]:
        rows = self._person.live_records("Contact" if kind is Kind.CONTACT else "Account")
        return _by_stamp({id: row.get("Propstreet_Id__c") for id, row in rows.items()})

    def put_on(self, deal: str, contact: str, label: str | None) -> None:
        self._made[self._person.add_role(deal, contact, role=label)] = (deal, contact)

    def relabel(self, deal: str, contact: str, label: str) -> None:
        ours = [id for id, row in self._roles(deal, contact) if row["Role"] in OURS]
        if not ours:
            raise KeyError(contact)
        for id in ours:
            self._person.edit_role(id, Role=label)

    def take_off(self, deal: str, person: str) -> None:
        for id, _ in self._roles(deal, split_person(person)[1]):
            self._person.delete_role(id)

    def on_deal(self, deal: str) -> Labels:
        """Roles of contacts that are deleted stay, and name nobody (salesforce.md section 7.2)."""
        live = self._person.live_records("Contact")
        found: Labels = {}
        for row in self._person.roles_of(deal).values():
            if row["ContactId"] in live:
                labels = found.setdefault(person_of(Kind.CONTACT, row["ContactId"]), [])
                labels += [row["Role"]] if row["Role"] else []
        return found

    def names(self, deal: str, person: str) -> list[str]:
        return [f"{deal}:{person}"]

    def parts(self) -> list[Part]:
        """A role that was deleted leaves no trace, so its deal and person are those that it was made with."""
        found = []
        for one in self._twin.journal:
            if one.object == "OpportunityContactRole":
                if one.verb == "create":
                    self._made[one.id] = (one.changes["OpportunityId"], one.changes["ContactId"])
                deal, contact = self._made[one.id]
                found.append(Part(deal, person_of(Kind.CONTACT, contact), one.verb == "delete"))
        return found

    def properties(self) -> set[str]:
        fields = self._twin.org.table("Contact").fields.values()
        filled = {field.name for field in fields if field.default is not None or field.type == "boolean"}
        names = {name for one in self._twin.journal if one.object == "Contact" for name in one.changes}
        return names - filled - {"OwnerId", "Name"}

    def writes(self) -> int:
        return len(self._twin.journal)

    def _roles(self, deal: str, contact: str) -> Sequence[tuple[str, Mapping[str, Any]]]:
        return [(id, row) for id, row in self._person.roles_of(deal).items() if row["ContactId"] == contact]


def _named(names: Mapping[str, str], values: Mapping[str, str | None], empty: Any) -> dict[str, Any]:
    return {names[name]: empty if value is None else value for name, value in values.items()}


def _shown(names: Mapping[str, str], row: Mapping[str, Any]) -> dict[str, Any]:
    return {name: row.get(there) for name, there in names.items()}


def _by_stamp(stamps: Mapping[str, Any]) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for id, stamp in stamps.items():
        if stamp:
            found.setdefault(str(stamp), []).append(id)
    return found
