"""The table of prospects: what each copies from its contact or company, and who is on which project already."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from syncd.testing.sandbox.propstreet.network.record import Company, Contact, Link
from syncd.testing.sandbox.propstreet.network.tables import CompanyTable, ContactTable, LinkTable
from syncd.testing.sandbox.propstreet.projects.record import Project
from syncd.testing.sandbox.propstreet.projects.table import ProjectTable
from syncd.testing.sandbox.propstreet.record import Ref
from syncd.testing.sandbox.propstreet.server import APP, Server
from syncd.testing.sandbox.propstreet.table import Attributes, Table

from .record import CLASSIFICATIONS, Prospect


class ProspectTable(Table[Prospect]):
    """Follows contacts, companies, links and projects; is followed by its project if the switch says so."""

    kind = "prospect"
    path = "prospects"

    def __init__(
        self,
        server: Server,
        projects: ProjectTable,
        contacts: ContactTable,
        companies: CompanyTable,
        links: LinkTable,
    ) -> None:
        super().__init__(Prospect, server)
        self._projects = projects
        self._contacts = contacts
        self._companies = companies
        self._links = links
        self._of_project: dict[str, list[str]] = {}
        self._of_party: dict[str, dict[str, None]] = {}  # of a contact or a company
        self._behind: dict[str, str] = {}  # the contact whom a matched prospect doesn't name
        self.followers += [self._index, self._bump_project]
        projects.followers.append(self._follow_project)
        contacts.followers.append(self._follow_party)
        companies.followers.append(self._follow_party)
        links.followers.append(self._follow_link)

    def of_project(self, project: str) -> Iterator[Prospect]:
        """All of it, deleted or not, oldest first."""
        return self.ledger.all_of(self._of_project.get(project, ()))

    def of_party(self, party: str) -> Iterator[Prospect]:
        """All of a contact or a company, deleted or not, on any project."""
        return self.ledger.all_of(self._of_party.get(party, ()))

    def on(self, project: str, contact: str | None, company: str | None) -> Prospect | None:
        """The one that stands for this party on this project: the living one, or else the last one that was."""
        found = None
        for prospect in self.of_party(contact or company or ""):
            if prospect.project_id == project and self._stands_for(prospect, contact, company):
                if not prospect.deleted:
                    return prospect
                found = prospect
        return found

    def keep_unnamed(self, prospect: Prospect, contact: str) -> None:
        """Only the server knows who this is."""
        self._behind[prospect.id] = contact
        self._of_party.setdefault(contact, {})[prospect.id] = None

    def copied(self, contact_id: str | None, company_id: str | None) -> dict[str, Any]:
        """What a prospect shows of its contact, or else of its company (section 11.2)."""
        contact = self._contacts.ledger.truth(contact_id or "")
        if contact is None:
            company = self._companies.ledger.truth(company_id or "")
            name = company.name if company is not None else None
            return {"display_name": name, "organization_name": name, "tags": company.tags if company else ()}
        link = self._links.between(contact.id, company_id or "")
        company = self._companies.ledger.truth(link.company_id) if link else self._links.primary_company(contact.id)
        return {
            "display_name": contact.label,
            "organization_name": company.name if company is not None else None,
            "company_id": company.id if company is not None else None,
            "tags": contact.tags,
        }

    def remove(self, prospect: Prospect, *, origin: str) -> Prospect:
        """Off the list, its history kept; `restore` undoes it."""
        return self._bury(prospect, "update", origin)

    def restore(self, prospect: Prospect, refs: tuple[Ref, ...] = (), *, origin: str) -> Prospect:
        """Back on the list with the same id, and these refs, or else those of its own that are still free."""
        refs = refs or tuple(ref for ref in prospect.external_refs if self._is_free(ref, prospect))
        named = prospect.contact_id is not None or prospect.company_id is not None
        copied = self.copied(prospect.contact_id, prospect.company_id) if named else {}
        return self.change(prospect, {**copied, "external_refs": refs, "deleted_utc": None}, origin=origin)

    def _is_free(self, ref: Ref, prospect: Prospect) -> bool:
        return self.ledger.holder(ref, prospect.project_id) in (None, prospect.id)

    def _place(self, id: str, born: Attributes) -> str:
        return f"projects/{born['project_id']}/prospects/{id}"

    def _born(self, attributes: dict[str, Any]) -> dict[str, Any]:
        return {
            "classification": CLASSIFICATIONS[0],
            "capabilities": (),
            "tags": (),
            "external_refs": (),
            **attributes,
        }

    def _index(self, before: Prospect | None, after: Prospect) -> None:
        if before is None:
            self._of_project.setdefault(after.project_id, []).append(after.id)
        for party in (after.contact_id, after.company_id):
            if party is not None:
                self._of_party.setdefault(party, {})[after.id] = None

    def _bump_project(self, before: Prospect | None, after: Prospect) -> None:
        project = self._projects.find_living(after.project_id)
        if project is not None and self.server.switches.bump_project_on_prospect_change:
            self._projects.change(project, {}, origin=after.change_origin)

    def _follow_project(self, before: Project | None, after: Project) -> None:
        gone = after.deleted and before is not None and not before.deleted
        if gone and self.server.switches.project_delete == "deletes":
            for prospect in self.of_project(after.id):
                if not prospect.deleted:
                    self.delete(prospect, origin=after.change_origin)

    def _follow_party(self, before: Contact | Company | None, after: Contact | Company) -> None:
        if before is not None and not after.deleted:
            self._copy_again(after.id)

    def _follow_link(self, before: Link | None, after: Link) -> None:
        contact = self._contacts.find_living(after.contact_id)
        if contact is not None:
            self._copy_again(contact.id)

    def _copy_again(self, party: str) -> None:
        for prospect in list(self.of_party(party)):
            if (prospect.deleted and not prospect.removed) or prospect.id in self._behind:
                continue
            copied = self.copied(prospect.contact_id, prospect.company_id)
            if self.differs(prospect, copied):
                self.change(prospect, copied, origin=APP)

    def _stands_for(self, prospect: Prospect, contact: str | None, company: str | None) -> bool:
        if contact is not None:
            return contact in (prospect.contact_id, self._behind.get(prospect.id))
        return prospect.contact_id is None and prospect.company_id == company
