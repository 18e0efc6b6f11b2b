"""An office with investors: projects and deals that are paired, people on both sides, prospects in the association
form. The CRM is a parameter; `Crm` says in one language what a person does there."""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Any

from syncd.config.load import shipped_tables
from syncd.core.model import Kind
from syncd.engine.report import Mode, Summary
from syncd.store import bindings
from syncd.store.bindings import Binding, BindingState

from .world import Crm, Table, World, make_world

LABELS = {
    "not_contacted": "Investor: not contacted",
    "contacted": "Investor: contacted",
    "interested": "Investor: interested",
    "not_interested": "Investor: not interested",
    "bidder": "Investor: bidder",
}


def investor_table(crm: Crm = "hubspot") -> Table:
    """The shipped table for investors, with creates and deletes in both directions."""
    path = Path(shipped_tables()[crm]).with_name(f"{crm}-prospects.toml")
    document: dict[str, Any] = tomllib.loads(path.read_text())
    for kind in ("company", "contact", "project", "prospect"):
        document[kind]["create"] = "both"
    document["project"]["on_delete"] = document["prospect"]["on_delete"] = "archive"
    return document


class Office:
    """A world, and what its people do."""

    def __init__(self, crm: Crm, **options: Any) -> None:
        self.crm = crm
        self.world: World = make_world(crm=crm, table=options.pop("table", None) or investor_table(crm), **options)
        self.names = iter(range(1, 10**6))

    @property
    def propstreet(self) -> Any:
        return self.world.propstreet

    @property
    def person(self) -> Any:
        return self.world.twin.person

    def load(self, projects: int = 2) -> list[str]:
        """Projects, each with its deal."""
        ids = self.projects(projects)
        self.world.run(Mode.BACKFILL)
        return ids

    def settle(self) -> Summary:
        """So much later that every project has been looked into, and then until it is quiet."""
        self.world.later(self.world.tuning.max_staleness_s)
        self.world.run()
        return self.world.settle()

    def projects(self, n: int) -> list[str]:
        return [self.propstreet.add_project(name=f"Kvarteret {number}") for number in range(n)]

    def contact(self, **fields: Any) -> str:
        """A contact in Propstreet."""
        n = next(self.names)
        fields = {"firstName": "Anna", "lastName": f"Berg{n}", "email": f"anna{n}@example.com", **fields}
        id: str = self.propstreet.add_contact(**fields)
        return id

    def crm_contact(self, first: str = "Bo", last: str = "", email: str = "") -> str:
        n = next(self.names)
        last, email = last or f"Lund{n}", email or f"bo{n}@example.com"
        if self.crm == "hubspot":
            id: str = self.person.add_contact(firstname=first, lastname=last, email=email)
        else:
            id = self.person.add_contact(FirstName=first, LastName=last, Email=email)
        return id

    def put_on(self, deal: str, contact: str, stage: str = "contacted") -> None:
        """Somebody gives this contact a place on the deal."""
        if self.crm == "hubspot":
            self.person.associate(deal, contact, label=LABELS[stage])
        else:
            self.person.add_role(deal, contact, role=LABELS[stage])

    def restage(self, deal: str, contact: str, stage: str) -> None:
        if self.crm == "hubspot":
            self.person.relabel(deal, contact, [LABELS[stage]])
        else:
            (role,) = self._roles(deal, contact)
            self.person.edit_role(role, Role=LABELS[stage])

    def take_off(self, deal: str, contact: str) -> None:
        if self.crm == "hubspot":
            self.person.dissociate(deal, contact)
        else:
            for role in self._roles(deal, contact):
                self.person.delete_role(role)

    def merge(self, primary: str, other: str) -> str:
        """Two contacts become one; the survivor's id."""
        if self.crm == "hubspot":
            id: str = self.person.merge_contacts(primary, other)
            return id
        self.person.merge_contacts(primary, [other])
        return primary

    def on_deal(self, deal: str) -> dict[str, str]:
        """Contact → stage, of those who carry one of our labels: what is really so."""
        stages = {label: stage for stage, label in LABELS.items()}
        if self.crm == "hubspot":
            found = self.person.associations_of(deal).get("contacts", {})
            return {id: stages[label] for id, labels in found.items() for label in labels if label in stages}
        roles = self.person.roles_of(deal).values()
        return {row["ContactId"]: stages[row["Role"]] for row in roles if row["Role"] in stages}

    def crm_contacts(self) -> list[str]:
        if self.crm == "hubspot":
            return sorted(self.person.live_contacts())
        return sorted(self.world.salesforce.person.live_records("Contact"))

    def prospects(self, project: str) -> dict[str, str]:
        """Contact → classification: what is really so."""
        return {row["contactId"]: row["classification"] for row in self.propstreet.live_prospects(project)}

    def deal(self, project: str) -> str:
        return self.pair(Kind.PROJECT, project)

    def pair(self, kind: Kind, left: str) -> str:
        """The CRM's id of what this Propstreet record is paired with."""
        for binding in self.bindings(kind):
            if binding.left_id == left and binding.right_id is not None:
                return binding.right_id
        raise KeyError(left)

    def bindings(self, kind: Kind) -> list[Binding]:
        with self.world.store.read() as tx:
            return bindings.page(tx, "test", kind=kind, state=BindingState.BOUND, limit=1000)

    def _roles(self, deal: str, contact: str) -> list[str]:
        return [id for id, row in self.person.roles_of(deal).items() if row["ContactId"] == contact]
