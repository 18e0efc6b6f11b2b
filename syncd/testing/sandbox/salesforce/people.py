"""The side door to who is in a deal: contacts, accounts, contact roles, and prospects as records of their own.

Everything here is one of `Person`'s acts under the name that a broker has for it (salesforce.md, sections 7.2 to 7.4).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import msgspec

from . import roles, seed
from .catalogue import INVESTOR, PROSPECT
from .fields import Field
from .kinds import ObjectKind
from .parties import ROLE_NAME
from .person import Person
from .table import Values


class People(Person):
    """A role is named by its own id (00K…), as every record is."""

    def doors(self) -> Mapping[str, Callable[..., Any]]:
        acts: tuple[Callable[..., Any], ...] = (
            self.add_contact,
            self.edit_contact,
            self.delete_contact,
            self.undelete_contact,
            self.merge_contacts,
            self.add_account,
            self.add_role,
            self.edit_role,
            self.delete_role,
            self.roles_of,
            self.add_object,
            self.add_prospect_object,
            self.add_investor_object,
            self.seed_roles,
        )
        return dict(super().doors()) | {act.__name__: act for act in acts}

    # Contacts and accounts

    def add_contact(self, **fields: Any) -> str:
        """Somebody, unless a LastName is given."""
        return self.add_record("Contact", **({"LastName": "Lindqvist"} | fields))

    def edit_contact(self, id: str, **fields: Any) -> None:
        """None clears."""
        self.edit_record(id, **fields)

    def delete_contact(self, id: str) -> None:
        """Whether the contact's roles go along is a switch."""
        self.delete_record(id)

    def undelete_contact(self, id: str) -> None:
        self.undelete_record(id)

    def merge_contacts(self, winner: str, losers: Sequence[str]) -> None:
        """The losers show their master, and their roles are the winner's (trap 19)."""
        self.merge_records(winner, losers)

    def add_account(self, **fields: Any) -> str:
        return self.add_record("Account", **({"Name": "Nordic Holding"} | fields))

    # Contact roles

    def add_role(self, opportunity: str, contact: str, *, role: str | None = None, primary: bool = False) -> str:
        """A second one of the same contact is allowed; a new primary clears the old one."""
        fields = {"OpportunityId": opportunity, "ContactId": contact, "Role": role, "IsPrimary": primary}
        return self.add_record(ROLE_NAME, **fields)

    def edit_role(self, id: str, **fields: Any) -> None:
        """Role, IsPrimary, ContactId; the opportunity stays."""
        self.edit_record(id, **fields)

    def delete_role(self, id: str) -> None:
        """For ever, and without a trace in queryAll (trap 12)."""
        self.delete_record(id)

    def roles_of(self, opportunity: str) -> dict[str, Values]:
        """The live ones as they are, by id, ascending; none when the opportunity is deleted."""
        with self._lock:
            _, opportunity = self._any(opportunity)
            return {role["Id"]: self.record(role["Id"]) for role in roles.of_opportunity(self._org, opportunity)}

    # Objects of the org's own

    def add_object(self, name: str, fields: Sequence[Mapping[str, Any]], *, prefix: str, label: str = "") -> None:
        """A custom object; a field is given by the attributes of Field, as `{"name": "Bid__c", "type": "currency"}`.

        With a reference that cascades it is a detail and has no owner of its own.
        """
        own = msgspec.convert([{"name": "Name", "length": 80}, *fields], tuple[Field, ...])
        owned = not any(field.cascades for field in own)
        kind = ObjectKind(name=name, label=label or name.removesuffix("__c"), prefix=prefix, fields=own, owned=owned)
        with self._lock:
            self._org.add_object(kind)

    def add_prospect_object(self) -> None:
        """`Prospect__c`: a detail of an opportunity, looking up a contact, held by an account."""
        with self._lock:
            self._org.add_object(PROSPECT)

    def add_investor_object(self) -> None:
        """`Investor__c`: numbered, and looking up an opportunity, a contact and an account, none of which it needs."""
        with self._lock:
            self._org.add_object(INVESTOR)

    def seed_roles(self, opportunities: Sequence[str], *, each: int = 3, seed_number: int = 1) -> list[str]:
        """Believable contacts with roles, so many in each opportunity and the first of them primary; the roles' ids."""
        with self._lock:
            return seed.people(self._org, opportunities, each, seed_number, self._author)
