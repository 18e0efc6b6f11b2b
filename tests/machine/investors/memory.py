"""What people did with investors in both systems, and what they may expect to come of it."""

from __future__ import annotations

import random
from typing import Any

from syncd.core.model import LEFT, Kind, Side
from syncd.core.remote import person_of, split_person
from tests.engine.world import World
from tests.machine.edits import SEEN_AFTER_S, Edit, Group, People

from .crm_contacts import CrmContacts, contacts_of
from .crm_records import RecordPlaces, places_of
from .truth import Row, Truth

READ_AGAIN_S = 2_000.0
"""Within this the set of an open project is read again; that of a closed one only by a full load."""

Place = tuple[Side, str, str]
"""A person in a project or on a deal."""


class Memory(People):
    def __init__(self, world: World, rng: random.Random, trace: list[str]) -> None:
        super().__init__(world, rng, trace)
        contacts = contacts_of(world.twin)
        self.contacts: CrmContacts = contacts
        self.places = places_of(world.twin, contacts, world.table["prospect"])
        self.records = self.places if isinstance(self.places, RecordPlaces) else None
        self.markers: set[str] = set()  # of contacts and companies
        self.twins: set[str] = set()  # markers that people gave to a record on either side
        self.doubled: set[str] = set()  # markers that people gave to more than one record of a side
        self.stages: dict[Place, Group] = {}
        self.details: dict[tuple[Side, str, str], Group] = {}  # of contacts, by side, id and field
        self.parted: set[Place] = set()  # places that a person was taken from, by people
        self.placed: set[Place] = set()  # places that people gave to somebody
        self.odd: set[Place] = set()  # places with several stages, or without one, by people's own doing
        self.unlinked: set[tuple[str, str] | None] = set()  # places on deals of records that lost a link
        self.lawyers: set[tuple[str, str]] = set()  # places on deals with a label that is not ours
        self.raced: set[Place] = set()  # places that people gave or changed while a pass was under way
        self.under_way = False  # a pass
        self.gone: set[tuple[Side, str]] = set()  # persons
        self.into: dict[str, str] = {}  # persons of the CRM → the one they were merged into
        self.blocked: set[str] = set()
        self.foreign_contacts: set[str] = set()
        self.noted: dict[str, str] = {}  # contacts of the CRM with an unmapped value
        self.closed: set[str] = set()  # projects, whose sets are read seldom
        self.carried: set[tuple[str, str]] = set()  # person of the CRM, and whose stamp it had at some time
        self.carried_deals: set[tuple[str, str]] = set()  # deal, and project
        self._removed: list[str] = []  # prospects, by people

    def look(self) -> None:
        """Remember who carries whose stamp just now."""
        truth = self.truth()
        self.carried |= {(right, left) for left, rights in truth.carriers.items() for right in rights}
        stamps = {id: deal.get(self.crm.stamp) for id, deal in truth.deals.items()}
        self.carried_deals |= {(id, str(stamp)) for id, stamp in stamps.items() if stamp}
        for id, deal in truth.deals.items():
            former = str(deal.get("hs_merged_object_ids") or "").split(";")
            self.carried_deals |= {(id, project) for one, project in self.carried_deals if one in former}

    def truth(self) -> Truth:
        return Truth(self._world.propstreet, self.crm, self.contacts, self.places)

    def now(self, person: str) -> str:
        """The person of the CRM that this one has become."""
        while person in self.into:
            person = self.into[person]
        return person

    def agree_on_investors(self, before: float, *, whole: bool) -> None:
        """What a pass that began then has seen of both sides, and what is the same on both, is settled."""
        truth = self.truth()
        for (side, parent, person), group in self.stages.items():
            facing = truth.facing(side, parent, person)
            seen_after_s = SEEN_AFTER_S if whole else READ_AGAIN_S
            if facing is None or ((parent in self.closed or facing[0] in self.closed) and not whole):
                continue
            here, there = truth.stage(side, parent, person), truth.stage(side.other, *facing)
            if here is not None and here == there and _is_old(group, before - seen_after_s):
                group.settled_at = group.settled_at or before
        for (side, id, field), group in self.details.items():
            same = self._details_agree(truth, side, id, field)
            if same and _is_old(group, before - SEEN_AFTER_S):
                group.settled_at = group.settled_at or before

    def forget_agreements(self) -> None:
        super().forget_agreements()
        self.stages.clear()
        self.details.clear()

    def _note_stage(self, side: Side, parent: str, person: str | None, stage: str) -> None:
        if person is None:
            return
        place = (side, parent, person)
        if side is LEFT:
            self.placed.add(place)
        if self.under_way:
            self.raced.add(place)
        if not self._rebuilding:
            _note(self.stages, place, Edit(side, stage, self._world.clock.time()))

    def _note_detail(self, side: Side, id: str, field: str, value: str) -> None:
        if not self._rebuilding:
            _note(self.details, (side, id, field), Edit(side, value, self._world.clock.time()))

    def _part(self, side: Side, parent: str, person: str | None) -> None:
        if person is not None:
            self.parted.add((side, parent, person))

    def _details_agree(self, truth: Truth, side: Side, id: str, field: str) -> bool:
        person = person_of(Kind.CONTACT, id)
        other = (truth.right_of if side is LEFT else truth.left_of).get(person)
        if other is None:
            return False
        left, right = (person, other) if side is LEFT else (other, person)
        shown = self.details_of(truth, split_person(left)[1], split_person(right)[1], field)
        return shown[0] == shown[1]

    def details_of(self, truth: Truth, left: str, right: str, field: str) -> tuple[str, str]:
        """What either side shows."""
        wire = {"first_name": "firstName", "phone": "phone", "email": "email"}[field]
        here = truth.contacts.get(left, {}).get(wire) or ""
        there = truth.crm_contacts.get(right, {}).get(field) or ""
        return str(here), str(there)

    def _left_contacts(self) -> list[Row]:
        return self._world.propstreet.live_contacts()

    def _some(self, found: list[Any]) -> Any:
        return self._rng.choice(found) if found else None

    def _some_detail(self, marker: str) -> tuple[str, str]:
        field = self._rng.choice(("first_name", "phone", "email"))
        n = self._number()
        if field == "email":
            # Who is known by another address in each system can't be recognised there.
            self.doubled |= {marker} & self.twins
            return field, address_of(f"{marker}x{n}")
        return field, f"Ulla{n}" if field == "first_name" else f"+4670{n:07d}"

    def _new_marker(self) -> str:
        marker = self._marker()
        self.markers.add(marker)
        return marker

    def _twin(self, marker: str, names: list[Any]) -> str:
        self.twins.add(marker)
        # Who is made on both sides in one moment can't be recognised: the other one was looked for a moment ago.
        if self.under_way or marker in [marker_of(name) for name in names]:
            self.doubled.add(marker)
        return marker


def _note(groups: dict[Any, Group], key: Any, edit: Edit) -> None:
    group = groups.get(key)
    if group is None or group.settled_at is not None:
        group = groups[key] = Group()
    group.edits.append(edit)


def _is_old(group: Group, by: float) -> bool:
    return group.edits[-1].at < by


def marker_of(name: Any) -> str:
    return str(name or "?").split(" ")[0]


def address_of(marker: str) -> str:
    return f"{marker.lower()}@mail.example"
