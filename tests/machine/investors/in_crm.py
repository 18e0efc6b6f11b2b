"""What people do with contacts in the CRM, and with those who stand on its deals."""

from __future__ import annotations

from syncd.core.model import RIGHT, Kind
from syncd.core.remote import person_of, split_person
from tests.engine.investors import LABELS

from .crm_contacts import LAWYER, OURS
from .memory import Memory, address_of, marker_of

STAGES = tuple(LABELS)


class InCrm(Memory):
    def add_crm_contact(self) -> None:
        marker, roll = self._new_marker(), self._rng.random()
        values: dict[str, str | None] = {"first_name": "Bo", "last_name": f"{marker} Lund", "email": address_of(marker)}
        known = self._some(self._left_contacts())
        if roll < 0.1:
            values["email"] = f"info@{marker.lower()}.example"
        elif roll < 0.4 and known is not None and known.get("email"):
            values["email"] = known["email"]
            if roll < 0.3 and known.get("lastName"):
                values |= {"first_name": known.get("firstName") or "Bo", "last_name": known["lastName"]}
                there = [row["last_name"] for row in self.contacts.live().values()]
                marker = self._twin(marker_of(known["lastName"]), there)
        id = self.contacts.add(**values)
        self._say(f"crm contact {id} made: {values}")

    def edit_crm_contact(self) -> None:
        id = self._some(sorted(self.contacts.live()))
        if id is not None:
            field, value = self._some_detail(marker_of(self.contacts.live()[id]["last_name"]))
            self.contacts.edit(id, **{field: value})
            self._note_detail(RIGHT, id, field, value)
            self._say(f"crm contact {id} {field} {value}")

    def note_crm_contact(self) -> None:
        id = self._some(sorted(self.contacts.live()))
        if id is not None:
            self.noted[id] = f"note {self._number()}"
            self.contacts.note(id, self.noted[id])
            self._say(f"crm contact {id} {self.noted[id]}")

    def delete_crm_contact(self) -> None:
        id = self._some(sorted(self.contacts.live()))
        if id is not None:
            self.contacts.delete(id)
            self.gone.add((RIGHT, person_of(Kind.CONTACT, id)))
            self._say(f"crm contact {id} deleted")

    def merge_contacts(self) -> None:
        """Their places become one's; where both stood, the survivor has what both had."""
        ids = sorted(self.contacts.live())
        if len(ids) < 2:
            return
        primary, other = (person_of(Kind.CONTACT, id) for id in self._rng.sample(ids, 2))
        before = self.truth().places
        survivor = person_of(Kind.CONTACT, self.contacts.merge(split_person(primary)[1], split_person(other)[1]))
        self.into |= {one: survivor for one in (primary, other) if one != survivor}
        for deal, people in before.items():
            if primary in people and other in people:
                self.odd.add((RIGHT, deal, survivor))
            for one in (primary, other):
                if one != survivor and (RIGHT, deal, one) in self.stages:
                    self.stages[RIGHT, deal, survivor] = self.stages.pop((RIGHT, deal, one))
        self._say(f"crm {primary} and {other} merged into {survivor}")

    def put_on(self) -> None:
        deal, person = self._some_deal(), self._some_crm_person()
        if deal is None or person is None:
            return
        stage = self._rng.choice(STAGES)
        if self.truth().stages_on(deal, person) or (deal, person) in self.unlinked:
            if self._rng.random() < 0.8:
                return
            self.odd.add((RIGHT, deal, person))
        self.places.put_on(deal, split_person(person)[1], LABELS[stage])
        self.placed.add((RIGHT, deal, person))
        self._note_stage(RIGHT, deal, person, stage)
        self._say(f"{person} put on {deal} as {stage}")

    def put_on_as_lawyer(self) -> None:
        """With a label that is not ours, or with none."""
        deal, person = self._some_deal(), self._some_crm_person()
        if deal is None or person is None:
            return
        label = self._rng.choice((LAWYER, LAWYER, None))
        if label is None and person in self.truth().places[deal]:
            return
        self.places.put_on(deal, split_person(person)[1], label)
        if label is not None:
            self.lawyers.add((deal, person))
        self._say(f"{person} put on {deal} as {label}")

    def restage(self) -> None:
        place = self._some_place()
        if place is not None:
            deal, person = place
            stage = self._rng.choice(STAGES)
            self.places.relabel(deal, split_person(person)[1], LABELS[stage])
            self._note_stage(RIGHT, deal, person, stage)
            self._say(f"{person} on {deal} is {stage}")

    def unlabel(self) -> None:
        """No investor any more, but still on the deal."""
        place = self._some_place()
        if place is not None:
            deal, person = place
            self.places.relabel(deal, split_person(person)[1], LAWYER)
            self.odd.add((RIGHT, deal, person))
            self.lawyers.add((deal, person))
            self._say(f"{person} on {deal} is a lawyer now")

    def take_off(self) -> None:
        place = self._some_place()
        if place is not None:
            deal, person = place
            self.places.take_off(deal, person)
            self._part(RIGHT, deal, person)
            self.lawyers = {one for one in self.lawyers if (one[0], self.now(one[1])) != place}
            self._say(f"{person} taken off {deal}")

    def _some_crm_person(self) -> str | None:
        id = self._some(sorted(self.contacts.live()))
        return None if id is None else person_of(Kind.CONTACT, id)

    def _some_place(self) -> tuple[str, str] | None:
        """A contact on a deal with a label of ours."""
        places = self.truth().places
        found: tuple[str, str] | None = self._some(
            [
                (deal, person)
                for deal, people in sorted(places.items())
                for person, labels in sorted(people.items())
                if any(label in OURS for label in labels) and split_person(person)[0] is Kind.CONTACT
            ]
        )
        return found
