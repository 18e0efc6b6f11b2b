"""A person's moves with contacts, companies and links, and what an onlooker sees of them."""

from __future__ import annotations

import random
from collections.abc import Mapping
from typing import Any

from syncd.testing.sandbox.propstreet.bodies import Attributes
from syncd.testing.sandbox.propstreet.person import Person, as_mistakes
from syncd.testing.sandbox.propstreet.server import APP
from syncd.testing.sandbox.propstreet.switches import DAY_S

from . import body, seed
from .record import Company, Contact

SEEDED_DAYS = 700


class NetworkPerson(Person):
    def add_contact(
        self, *, company: str | None = None, jobTitle: str | None = None, late_s: float = 0.0, **fields: Any
    ) -> str:
        """A person adds a contact, linked to a company if one is named."""
        with self._lock:
            attributes = self._contact_attributes(fields, None)
            if company is not None:
                self._state.companies.living(company)
            id = self._state.contacts.create(attributes, origin=APP, late_s=late_s).id
            if company is not None:
                self._state.links.join(id, company, jobTitle, origin=APP)
            return id

    def edit_contact(self, id: str, *, late_s: float = 0.0, **fields: Any) -> None:
        with self._lock:
            contact = self._state.contacts.living(id)
            attributes = self._contact_attributes(fields, contact)
            self._state.contacts.change(contact, attributes, origin=APP, late_s=late_s)

    def delete_contact(self, id: str, *, late_s: float = 0.0) -> None:
        """Its links go with it; its prospects stay, and point at nobody."""
        with self._lock:
            self._state.contacts.delete(self._state.contacts.living(id), origin=APP, late_s=late_s)

    def block(self, contact: str, *, blocked: bool = True) -> None:
        """Nobody can make a prospect of a blocked contact. Its row doesn't show it."""
        with self._lock:
            held = self._state.contacts.blocked
            (held.add if blocked else held.discard)(self._state.contacts.living(contact).id)

    def add_company(self, *, late_s: float = 0.0, **fields: Any) -> str:
        with self._lock:
            attributes = self._company_attributes(fields, None)
            return self._state.companies.create(attributes, origin=APP, late_s=late_s).id

    def edit_company(self, id: str, *, late_s: float = 0.0, **fields: Any) -> None:
        with self._lock:
            company = self._state.companies.living(id)
            attributes = self._company_attributes(fields, company)
            self._state.companies.change(company, attributes, origin=APP, late_s=late_s)

    def delete_company(self, id: str, *, late_s: float = 0.0) -> None:
        with self._lock:
            self._state.companies.delete(self._state.companies.living(id), origin=APP, late_s=late_s)

    def add_link(self, contact: str, company: str, *, jobTitle: str | None = None, primary: bool = False) -> str:
        with self._lock:
            state = self._state
            state.contacts.living(contact)
            state.companies.living(company)
            if state.links.between(contact, company) is not None:
                raise ValueError("the contact is linked to this company already")
            return state.links.join(contact, company, jobTitle, origin=APP, primary=primary).id

    def delete_link(self, id: str) -> None:
        with self._lock:
            self._state.links.delete(self._state.links.living(id), origin=APP)

    def contact(self, id: str) -> dict[str, Any]:
        """The truth about it, deleted or not, as JSON would show it now. Raises KeyError."""
        with self._lock:
            contact = self._state.contacts.ledger.truth(id)
            if contact is None:
                raise KeyError(id)
            return self._state.server.render.decoded(self._state.links.shown_contact(contact))

    def company(self, id: str) -> dict[str, Any]:
        """The truth about it, deleted or not, as JSON would show it now. Raises KeyError."""
        with self._lock:
            company = self._state.companies.ledger.truth(id)
            if company is None:
                raise KeyError(id)
            return self._state.server.render.decoded(self._state.links.shown_company(company))

    def live_contacts(self) -> list[dict[str, Any]]:
        """The truth about all that are not deleted, oldest id first."""
        with self._lock:
            return [self.contact(row.id) for row in self._state.contacts.ledger.all() if not row.deleted]

    def live_companies(self) -> list[dict[str, Any]]:
        """The truth about all that are not deleted, oldest id first."""
        with self._lock:
            return [self.company(row.id) for row in self._state.companies.ledger.all() if not row.deleted]

    def seed_people(self, contacts: int, companies: int, rng: random.Random) -> tuple[list[str], list[str]]:
        """Ids of so many believable contacts and companies, most of the contacts linked to one of the companies.

        The first ones are spread over the past, later ones bear today's stamp.
        """
        with self._lock:
            state = self._state
            span_s = SEEDED_DAYS * DAY_S if not len(state.contacts.ledger) and not len(state.companies.ledger) else 0.0
            firms = []
            for index, drawn in enumerate(seed.companies(companies, len(state.companies.ledger), rng)):
                stamp = state.server.stamp(ago_s=span_s * (1 - index / companies / 2))
                firms.append(state.companies.create(drawn, origin=APP, stamp=stamp))
            people = []
            for index, somebody in enumerate(seed.contacts(contacts, len(state.contacts.ledger), firms, rng)):
                stamp = state.server.stamp(ago_s=span_s * (1 - index / contacts) / 2)
                contact = state.contacts.create(somebody.attributes, origin=APP, stamp=stamp)
                if somebody.company is not None:
                    state.links.join(contact.id, somebody.company, somebody.job_title, origin=APP, stamp=stamp)
                people.append(contact.id)
            return people, [firm.id for firm in firms]

    def _contact_attributes(self, fields: Mapping[str, Any], current: Contact | None) -> Attributes:
        with as_mistakes():
            attributes = body.contact(_without(fields, "connections", "blocked"), current, self._state.server.switches)
        email = attributes.get("email")
        holder = self._state.contacts.with_email(email) if email else None
        if holder is not None and holder is not current:
            raise ValueError("another contact has this e-mail address")
        self._check_refs(self._state.contacts.ledger.holder, attributes, current)
        return attributes

    def _company_attributes(self, fields: Mapping[str, Any], current: Company | None) -> Attributes:
        with as_mistakes():
            attributes = body.company(fields, current, self._state.server.switches)
        self._check_refs(self._state.companies.ledger.holder, attributes, current)
        return attributes

    def _check_refs(self, holder: Any, attributes: Attributes, current: Contact | Company | None) -> None:
        for ref in attributes.get("external_refs", ()):
            if holder(ref) not in (None, current and current.id):
                raise ValueError(f"another row has this ref in {ref.namespace}")


def _without(fields: Mapping[str, Any], *names: str) -> Mapping[str, Any]:
    for name in names:
        if name in fields:
            raise ValueError(f"{name} is not a field that a person edits")
    return fields
