"""What is really so in both systems at one moment: who belongs to whom by the stamps, and who stands where.

Asks the twins only; what syncd remembers of it is another matter.
"""

from __future__ import annotations

from typing import Any

from syncd.core.model import LEFT, Kind, Side
from syncd.core.remote import person_of
from syncd.testing.sandbox.propstreet import PropstreetTwin
from tests.machine.crm_people import CrmPeople

from .crm_contacts import OURS, CrmContacts, Labels, Places
from .crm_records import Entry, RecordPlaces

Row = dict[str, Any]
PEOPLE = (Kind.CONTACT, Kind.COMPANY)


class Truth:
    def __init__(self, propstreet: PropstreetTwin, crm: CrmPeople, contacts: CrmContacts, places: Places) -> None:
        self.projects = {str(row["id"]): row for row in propstreet.live_projects()}
        self.deals = crm.live()
        self.contacts = {str(row["id"]): row for row in propstreet.live_contacts()}
        self.companies = {str(row["id"]): row for row in propstreet.live_companies()}
        self.crm_contacts = contacts.live()
        self.deal_of = {
            str(deal[crm.stamp]): id for id, deal in self.deals.items() if deal.get(crm.stamp) in self.projects
        }
        self.project_of = {deal: project for project, deal in self.deal_of.items()}
        self.carriers = {
            person_of(kind, left): [person_of(kind, id) for id in ids]
            for kind in PEOPLE
            for left, ids in contacts.stamped(kind).items()
        }
        self.right_of = {left: some[0] for left, some in self.carriers.items() if len(some) == 1}
        self.left_of = {right: left for left, right in self.right_of.items()}
        self.prospects: dict[str, list[Row]] = {id: propstreet.live_prospects(id) for id in self.projects}
        self.places: dict[str, Labels] = {id: places.on_deal(id) for id in self.deals}
        self.records: dict[str, Entry] = places.entries() if isinstance(places, RecordPlaces) else {}

    def on_list(self, project: str, person: str) -> list[Row]:
        return [row for row in self.prospects.get(project, []) if person_in(row) == person]

    def stage(self, side: Side, parent: str, person: str) -> str | None:
        """The one stage that this side shows; None for nobody there, or more than one answer."""
        if side is LEFT:
            rows = self.on_list(parent, person)
            return str(rows[0]["classification"]) if len(rows) == 1 else None
        stages = self.stages_on(parent, person)
        return stages[0] if len(stages) == 1 else None

    def stages_on(self, deal: str, person: str) -> list[str]:
        """By every label or role of ours that this person has on the deal."""
        return [OURS[label] for label in self.places.get(deal, {}).get(person, []) if label in OURS]

    def facing(self, side: Side, parent: str, person: str) -> tuple[str, str] | None:
        """Parent and person of the other side that these two are paired with."""
        parents, persons = (self.deal_of, self.right_of) if side is LEFT else (self.project_of, self.left_of)
        if parent not in parents or person not in persons:
            return None
        return parents[parent], persons[person]


def person_in(row: Row) -> str | None:
    """Whom a prospect is about; the contact, where it names a company too."""
    if row.get("contactId"):
        return person_of(Kind.CONTACT, str(row["contactId"]))
    return person_of(Kind.COMPANY, str(row["companyId"])) if row.get("companyId") else None
