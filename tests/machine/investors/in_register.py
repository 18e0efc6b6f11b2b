"""What people do with records of investors in the CRM, beyond what they would do on the deals themselves."""

from __future__ import annotations

from syncd.core.model import RIGHT
from syncd.core.remote import split_person

from .crm_records import Entry, RecordPlaces
from .in_crm import STAGES, InCrm


class InRegister(InCrm):
    def add_loose(self) -> None:
        """A record that does not say yet what it belongs to, or about whom it is."""
        deal, person = self._some_deal(), self._some_crm_person()
        links = {}
        if deal is not None and self._rng.random() < 0.5:
            links["project"] = deal
        elif person is not None and self._rng.random() < 0.6:
            links["contact"] = split_person(person)[1]
        stage = self._rng.choice(STAGES)
        id = self._register.add_record(stage, **links)
        self._say(f"record {id} made as {stage} with {links}")

    def link_record(self) -> None:
        """What it lacks."""
        id = self._some([id for id, one in self._entries().items() if one.place is None])
        deal, person = self._some_deal(), self._some_crm_person()
        if id is None or deal is None or person is None:
            return
        one = self._entries()[id]
        if not one.links.get("project"):
            self._link(id, "project", deal)
        elif not (one.links.get("contact") or one.links.get("company")):
            self._link(id, "contact", split_person(person)[1])

    def move_record(self) -> None:
        """About somebody else, or in another deal."""
        id = self._some_placed()
        deal, person = self._some_deal(), self._some_crm_person()
        if id is None or deal is None or person is None:
            return
        kind, to = ("project", deal) if self._rng.random() < 0.3 else ("contact", split_person(person)[1])
        before = self._entries()[id]
        if to in before.links.get(kind, ()):
            return
        for one in sorted(before.links.get(kind, ())):
            self._register.unlink(id, kind, one)
        assert before.place is not None
        self._part(RIGHT, *before.place)
        self.stages.pop((RIGHT, *before.place), None)
        self._link(id, kind, to)

    def unlink_record(self) -> None:
        id = self._some_placed()
        if id is not None:
            links = self._entries()[id].links
            kind = self._rng.choice(sorted(links))
            self.unlinked.add(self._entries()[id].place)
            for one in sorted(links[kind]):
                self._register.unlink(id, kind, one)
            self._say(f"record {id} lost its {kind}")

    def drop_record(self) -> None:
        """This one, whichever others there are of the same person."""
        id = self._some(sorted(self._entries()))
        if id is not None:
            place = self._entries()[id].place
            if place is not None:
                self._part(RIGHT, *place)
            self._register.delete_record(id)
            self._say(f"record {id} of {place} deleted")

    @property
    def _register(self) -> RecordPlaces:
        assert self.records is not None
        return self.records

    def _entries(self) -> dict[str, Entry]:
        return self._register.entries()

    def _some_placed(self) -> str | None:
        id: str | None = self._some(sorted(id for id, one in self._entries().items() if one.place is not None))
        return id

    def _link(self, id: str, kind: str, to: str) -> None:
        self._register.link(id, **{kind: to})
        self._say(f"record {id} linked to {kind} {to}")
        one = self._entries()[id]
        if one.place is None:
            return
        self.placed.add((RIGHT, *one.place))
        if len(self._register.names(*one.place)) > 1 or one.place in self.unlinked:
            self.odd.add((RIGHT, *one.place))
        if one.stage is not None:
            self._note_stage(RIGHT, *one.place, one.stage)
