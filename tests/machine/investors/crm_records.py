"""What people do about investors who are records of their own in the CRM, each linked to a deal and to a person.

A label of which no table knows stays beside them, on the deal itself.
"""

from __future__ import annotations

from typing import Any

import msgspec

from syncd.core.model import Kind
from syncd.core.remote import person_of
from syncd.testing.sandbox.hubspot import HubSpotTwin
from syncd.testing.sandbox.salesforce import SalesforceTwin
from tests.engine.investors import LABELS
from tests.engine.register import LOOKUPS, Records
from tests.engine.world import Table

from .crm_contacts import OURS, Labels, Part, Places

NO_STAGE = ""


def places_of(twin: HubSpotTwin | SalesforceTwin, contacts: Places, prospect: Table) -> Places:
    """As the table of prospects has them: on the deals themselves, or as records."""
    if prospect["form"] != "record":
        return contacts
    return RecordPlaces(twin, contacts, prospect["object"], prospect["fields"]["classification"]["crm"])


class Entry(msgspec.Struct, frozen=True):
    """A live record, as its links tell of it."""

    links: dict[str, set[str]]  # by kind, as in the table
    stage: str | None
    stamp: str | None

    @property
    def deal(self) -> str | None:
        return _only(self.links.get("project", set()))

    @property
    def person(self) -> str | None:
        """A contact comes before the company."""
        for kind in (Kind.CONTACT, Kind.COMPANY):
            if linked := self.links.get(kind.value):
                id = _only(linked)
                return person_of(kind, id) if id is not None else None
        return None

    @property
    def place(self) -> tuple[str, str] | None:
        return None if self.deal is None or self.person is None else (self.deal, self.person)


class RecordPlaces(Records):
    """A place on a deal is a record, and several are several."""

    def __init__(self, twin: HubSpotTwin | SalesforceTwin, beside: Places, object: str, stage: str) -> None:
        self.crm = "hubspot" if isinstance(twin, HubSpotTwin) else "salesforce"
        self.object = object
        self.stage = stage
        self._twin = twin
        self._beside = beside
        self.dropped: set[str] = set()  # stamps of what people deleted
        self._last: dict[str, tuple[str, str]] = {}  # record → its last place

    @property
    def person(self) -> Any:
        return self._twin.person

    def entries(self) -> dict[str, Entry]:
        stamp = "propstreet_id" if self.crm == "hubspot" else "Propstreet_Id__c"
        found = {
            id: Entry(self.links(id), row.get(self.stage) or None, row.get(stamp) or None)
            for id, row in self.records().items()
        }
        self._last |= {id: one.place for id, one in found.items() if one.place is not None}
        return found

    def delete_record(self, id: str) -> None:
        self.dropped.add(self.entries()[id].stamp or "")
        super().delete_record(id)

    def put_on(self, deal: str, contact: str, label: str | None) -> None:
        if label in OURS:
            self.add_record(OURS[label], project=deal, contact=contact)
        else:
            self._beside.put_on(deal, contact, label)

    def relabel(self, deal: str, contact: str, label: str) -> None:
        """A label that is not ours says nothing in a record, and stands beside it."""
        for id in self.names(deal, person_of(Kind.CONTACT, contact)):
            self.edit_record(id, OURS.get(label, NO_STAGE))
        if label not in OURS:
            self._beside.put_on(deal, contact, label)

    def take_off(self, deal: str, person: str) -> None:
        for id in self.names(deal, person):
            self.delete_record(id)
        if person in self._beside.on_deal(deal):
            self._beside.take_off(deal, person)

    def on_deal(self, deal: str) -> Labels:
        found = self._beside.on_deal(deal)
        for one in self.entries().values():
            if one.place is not None and one.deal == deal:
                labels = found.setdefault(one.place[1], [])
                labels += [LABELS[one.stage]] if one.stage else []
        return found

    def names(self, deal: str, person: str) -> list[str]:
        return [id for id, one in self.entries().items() if one.place == (deal, person)]

    def parts(self) -> list[Part]:
        """A record that is gone had its last place, and so had one that lost a link."""
        return [
            *self._beside.parts(),
            *(Part(*place, taken=True) for id in self._taken() if (place := self._last.get(id)) is not None),
        ]

    def _taken(self) -> list[str]:
        if isinstance(self._twin, HubSpotTwin):
            rows = [one for one in self._twin.journal if one.object_type == self.object]
            return [one.id for one in rows if one.verb in ("archive", "dissociate")]
        cleared = dict.fromkeys(LOOKUPS.values())
        return [
            one.id
            for one in self._twin.journal
            if one.object == self.object and (one.verb == "delete" or one.changes.items() & cleared.items())
        ]


def _only(ids: set[str]) -> str | None:
    return next(iter(ids)) if len(ids) == 1 else None
