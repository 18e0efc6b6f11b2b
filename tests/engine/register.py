"""An office whose investors are records of their own in the CRM, linked to their deal and their person."""

from __future__ import annotations

import tomllib
from typing import Any, Protocol

from syncd.core.model import Kind
from tests.mapping.tables import PROSPECTS

from .investors import Office
from .world import Crm, Table

LINKS = {"project": "deals", "contact": "contacts", "company": "companies"}
LOOKUPS = {"project": "Opportunity__c", "contact": "Contact__c", "company": "Account__c"}
OBJECT = "Investor__c"
STAGES = ("not_contacted", "contacted", "interested", "not_interested", "bidder")


def register_table(crm: Crm) -> Table:
    """The shipped table with the example at its end, with creates and deletes in both directions."""
    before, rest = PROSPECTS[crm].read_text().split("\n[prospect]\n")
    example = [line.removeprefix("#:").removeprefix(" ") for line in rest.splitlines() if line.startswith("#:")]
    document: dict[str, Any] = tomllib.loads("\n".join((before, *example)))
    for kind in ("company", "contact", "project", "prospect"):
        document[kind]["create"] = "both"
    document["project"]["on_delete"] = document["prospect"]["on_delete"] = "archive"
    return document


def install(crm: Crm, person: Any, prospect: Table) -> None:
    """Somebody makes the object in the CRM; the table's section is about it from now on."""
    if crm == "salesforce":
        person.add_investor_object()
        prospect["object"] = OBJECT
    else:
        prospect["object"] = person.add_object("investor")


class Records(Protocol):
    """What people do with such records, in either CRM."""

    crm: Crm
    object: str
    stage: str  # the property that shows it

    @property
    def person(self) -> Any:
        """The twin's side door."""

    def records(self) -> dict[str, dict[str, Any]]:
        """All that are live: what is really so."""
        if self.crm == "salesforce":
            return dict(self.person.live_records(OBJECT))
        found = self.person.live_deals(objects=self.object)
        return {id: row for id, row in found.items() if self.object != "deals" or row.get("pipeline") == "investors"}

    def add_record(self, stage: str = "contacted", **links: str) -> str:
        """Somebody makes one; `links` by kind, as in the table."""
        if self.crm == "salesforce":
            lookups = {LOOKUPS[kind]: id for kind, id in links.items()}
            return str(self.person.add_record(OBJECT, **{self.stage: stage}, **lookups))
        title = {"dealname": "Somebody", "pipeline": "investors"} if self.object == "deals" else {"name": "Somebody"}
        id = str(self.person.add_deal(objects=self.object, **title, **{self.stage: stage}))
        self.link(id, **links)
        return id

    def edit_record(self, id: str, stage: str) -> None:
        if self.crm == "salesforce":
            self.person.edit_record(id, **{self.stage: stage})
        else:
            self.person.edit_deal(id, objects=self.object, **{self.stage: stage})

    def delete_record(self, id: str) -> None:
        if self.crm == "salesforce":
            self.person.delete_record(id)
        else:
            self.person.archive_deal(id, objects=self.object)

    def link(self, id: str, **links: str) -> None:
        for kind, other in links.items():
            if self.crm == "salesforce":
                self.person.edit_record(id, **{LOOKUPS[kind]: other})
            else:
                self.person.associate(id, other, objects=self.object, to=LINKS[kind])

    def unlink(self, id: str, kind: str, other: str) -> None:
        if self.crm == "salesforce":
            self.person.edit_record(id, **{LOOKUPS[kind]: None})
        else:
            self.person.dissociate(id, other, objects=self.object, to=LINKS[kind])

    def links(self, id: str) -> dict[str, set[str]]:
        """By kind as in the table, where there are any: what is really so."""
        if self.crm == "salesforce":
            row = self.person.record(id)
            return {kind: {row[name]} for kind, name in LOOKUPS.items() if row.get(name)}
        found = self.person.associations_of(id, objects=self.object)
        return {kind: set(found[to]) for kind, to in LINKS.items() if found.get(to)}


class Register(Office, Records):
    """`deals`: the records are deals of a pipeline of their own."""

    def __init__(self, crm: Crm, *, deals: bool = False, **options: Any) -> None:
        table = register_table(crm)
        prospect = table["prospect"]
        self.stage = prospect["fields"]["classification"]["crm"]
        if deals:
            assert crm == "hubspot"
            self.stage = prospect["fields"]["classification"]["crm"] = "dealstage"
            prospect["fields"]["classification"] |= {"values": {stage: stage for stage in STAGES}}
            prospect["fields"]["display_name"]["crm"] = "dealname"
            prospect["where"] = {"crm": {"pipeline": "investors"}}
            prospect["on_create"] = {"crm": {"pipeline": "investors"}}
            prospect["fields"]["classification"]["with"] = {"pipeline": "investors"}

        def admin(person: Any) -> None:
            if deals:
                person.add_pipeline("investors", dict.fromkeys(STAGES, "0.5"))
                prospect["object"] = "deals"
            else:
                install(crm, person, prospect)
            self.object = prospect["object"]

        super().__init__(crm, table=table, admin=admin, **options)

    def stages(self) -> list[str]:
        return sorted(str(row[self.stage]) for row in self.records().values())

    def put_on(self, deal: str, contact: str, stage: str = "contacted") -> None:
        self.add_record(stage, project=deal, contact=contact)

    def restage(self, deal: str, contact: str, stage: str) -> None:
        self.edit_record(self._about(deal, contact), stage)

    def take_off(self, deal: str, contact: str) -> None:
        self.delete_record(self._about(deal, contact))

    def on_deal(self, deal: str) -> dict[str, str]:
        rows = {id: row for id, row in self.records().items() if deal in self.links(id).get("project", ())}
        return {contact: row[self.stage] for id, row in rows.items() for contact in self.links(id).get("contact", ())}

    def delete_deal(self, id: str) -> None:
        (self.person.archive_deal if self.crm == "hubspot" else self.person.delete_record)(id)

    def delete_crm_contact(self, id: str) -> None:
        self.person.delete_contact(id)

    def record(self, prospect: str) -> str:
        """The CRM's id of the record of this prospect, of which the project does not matter."""
        for binding in self.bindings(Kind.PROSPECT):
            if (binding.left_id or "").endswith(f"/{prospect}") and binding.right_id is not None:
                return binding.right_id
        raise KeyError(prospect)

    def _about(self, deal: str, contact: str) -> str:
        """The one record of this contact on this deal."""
        (id,) = [id for id in self.records() if self.links(id) == {"project": {deal}, "contact": {contact}}]
        return id
