"""The tables of the network, and how they hang together: one primary company per contact, no link to what is gone."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import msgspec

from syncd.testing.sandbox.propstreet.server import APP, Server
from syncd.testing.sandbox.propstreet.table import Table

from .record import Company, CompanyOfContact, Contact, ContactOfCompany, Link


class ContactTable(Table[Contact]):
    kind = "contact"
    path = "network/contacts"

    def __init__(self, server: Server) -> None:
        super().__init__(Contact, server)
        self.blocked: set[str] = set()
        self._by_email: dict[str, str] = {}
        self.followers.append(self._index)

    def with_email(self, email: str) -> Contact | None:
        """The living contact whose primary address this is, in any case."""
        id = self._by_email.get(email.casefold())
        return None if id is None else self.find_living(id)

    def _born(self, attributes: dict[str, Any]) -> dict[str, Any]:
        return {"tags": (), "external_refs": (), **attributes}

    def _index(self, before: Contact | None, after: Contact) -> None:
        if before is not None and before.email and self._by_email.get(before.email.casefold()) == before.id:
            del self._by_email[before.email.casefold()]
        if after.email and not after.deleted:
            self._by_email[after.email.casefold()] = after.id


class CompanyTable(Table[Company]):
    kind = "company"
    path = "network/companies"

    def __init__(self, server: Server) -> None:
        super().__init__(Company, server)

    def _born(self, attributes: dict[str, Any]) -> dict[str, Any]:
        return {"name": "New company", "tags": (), "external_refs": (), **attributes}


class LinkTable(Table[Link]):
    kind = "link"
    path = "network/links"

    def __init__(self, server: Server, contacts: ContactTable, companies: CompanyTable) -> None:
        super().__init__(Link, server)
        self._contacts = contacts
        self._companies = companies
        self._of: dict[str, list[str]] = {}  # of a contact or a company, the deleted ones too
        self.followers.append(self._index)
        contacts.followers.append(self._follow_end)
        companies.followers.append(self._follow_end)

    def of(self, end: str) -> Iterator[Link]:
        """The living links of a contact or a company, oldest first."""
        return (link for link in map(self.ledger.truth, self._of.get(end, ())) if link is not None and not link.deleted)

    def seen_of(self, end: str) -> Iterator[Link]:
        """What readers see of its links, the deleted ones too."""
        return (link for link in map(self.ledger.seen, self._of.get(end, ())) if link is not None)

    def between(self, contact: str, company: str) -> Link | None:
        return next((link for link in self.of(contact) if link.company_id == company), None)

    def primary_company(self, contact: str) -> Company | None:
        for link in self.of(contact):
            if link.is_primary:
                return self._companies.ledger.truth(link.company_id)
        return None

    def join(
        self,
        contact: str,
        company: str,
        job_title: str | None,
        *,
        origin: str,
        primary: bool = False,
        stamp: str | None = None,
    ) -> Link:
        """A new link. A contact's first one is its primary one; any other takes that place when asked to."""
        attributes = {"contact_id": contact, "company_id": company, "job_title": job_title}
        first = next(self.of(contact), None) is None
        return self.create({**attributes, "is_primary": primary or first}, origin=origin, stamp=stamp)

    def shown_contact(self, contact: Contact) -> Contact:
        """With its companies, as they are now."""
        if contact.id not in self._of:
            return contact
        ends = tuple(self._companies_of(contact.id))
        primary = next((end.id for end in ends if end.is_primary), None)
        return msgspec.structs.replace(contact, companies=ends, primary_company_id=primary)

    def shown_company(self, company: Company) -> Company:
        """With its contacts, as they are now."""
        if company.id not in self._of:
            return company
        return msgspec.structs.replace(company, contacts=tuple(end for _, end in self.contacts_of(company.id)))

    def contacts_of(self, company: str) -> Iterator[tuple[Link, ContactOfCompany]]:
        for link in self.of(company):
            contact = self._contacts.living(link.contact_id)
            yield (
                link,
                ContactOfCompany(
                    id=contact.id,
                    uri=contact.uri,
                    first_name=contact.first_name,
                    last_name=contact.last_name,
                    email=contact.email,
                    job_title=link.job_title,
                    is_primary=link.is_primary,
                ),
            )

    def _companies_of(self, contact: str) -> Iterator[CompanyOfContact]:
        for link in self.of(contact):
            company = self._companies.living(link.company_id)
            yield CompanyOfContact(
                id=company.id,
                uri=company.uri,
                name=company.name,
                job_title=link.job_title,
                is_primary=link.is_primary,
            )

    def _index(self, before: Link | None, after: Link) -> None:
        if before is None:
            self._of.setdefault(after.contact_id, []).append(after.id)
            self._of.setdefault(after.company_id, []).append(after.id)
        if after.is_primary and not after.deleted:
            for other in list(self.of(after.contact_id)):
                if other.is_primary and other.id != after.id:
                    self.change(other, {"is_primary": False}, origin=after.change_origin)

    def _follow_end(self, before: Contact | Company | None, after: Contact | Company) -> None:
        """A link goes when one of its ends does."""
        if after.deleted and before is not None and not before.deleted:
            for link in list(self.of(after.id)):
                self.delete(link, origin=after.change_origin or APP)
