"""The doors of prospects that are people on deals, for the conformance suite."""

from __future__ import annotations

from syncd.adapters.base import ObjectSpec
from syncd.core.model import Kind
from syncd.core.remote import Raw, person_of, split_person
from syncd.testing import Breakage, Nest
from syncd.testing.conformance.line import Answer, break_line
from syncd.testing.sandbox.hubspot import HubSpotTwin
from syncd.testing.sandbox.wire import Faulty

OURS = ("Investor: cold 3001", "Investor: warm 3002", "Investor: hot 3003")
LAWYER = "Lawyer"
TYPES = {Kind.CONTACT: "contacts", Kind.COMPANY: "companies"}
SPEC = ObjectSpec("association", ("label",), values={"label": OURS}, nested=True)


def furnish(twin: HubSpotTwin) -> None:
    """The labels that `syncd setup` makes, and one that others have made."""
    for to in TYPES.values():
        for text in (*OURS, LAWYER):
            twin.person.add_label(text, inverse=f"{text} of", to=to)


class HubSpotNest(Nest):
    page = 500
    tells_gone_parents = False  # hubspot.md trap 29: nobody on it, and not there, look the same

    def __init__(self, twin: HubSpotTwin, line: Faulty, *, retry_after_s: float) -> None:
        self._twin, self._line, self._retry_after_s = twin, line, retry_after_s

    def add_parent(self) -> str:
        return self._twin.person.add_deal(dealname="Oak street", pipeline="default", dealstage="appointmentscheduled")

    def remove_parent(self, parent: str) -> None:
        self._twin.person.archive_deal(parent)

    def add_person(self, n: int) -> str:
        if n % 2:
            return person_of(Kind.COMPANY, self._twin.person.add_company(name=f"Fund {n}001"))
        return person_of(Kind.CONTACT, self._twin.person.add_contact(firstname=f"Anna {n}001"))

    def sample(self, n: int) -> Raw:
        return {"label": OURS[n]}

    def bad(self) -> Raw:
        return {"label": "Investor: nobody 77001"}

    def put(self, parent: str, person: str, fields: Raw) -> None:
        kind, id = split_person(person)
        self._twin.person.associate(parent, id, label=fields.get("label"), to=TYPES[kind])

    def edit(self, parent: str, person: str, fields: Raw) -> None:
        kind, id = split_person(person)
        self._twin.person.relabel(parent, id, [fields["label"], *self.said(parent, person)], to=TYPES[kind])

    def take_off(self, parent: str, person: str) -> None:
        kind, id = split_person(person)
        self._twin.person.dissociate(parent, id, to=TYPES[kind])

    def inside(self, parent: str) -> dict[str, Raw]:
        """Two labels of ours would be two texts in one."""
        there = self._labels(parent)
        ours = {person: ";".join(text for text in texts if text in OURS) for person, texts in there.items()}
        return {person: {"label": text} if text else {} for person, text in ours.items()}

    def say(self, parent: str, person: str) -> str:
        self.put(parent, person, {"label": LAWYER})
        return LAWYER

    def said(self, parent: str, person: str) -> set[str]:
        return {LAWYER} & set(self._labels(parent).get(person, ()))

    def break_later(self, breakage: Breakage, *, calls: int) -> None:
        break_line(self._line, breakage, _complaint, retry_after_s=self._retry_after_s, skip=calls)

    def _labels(self, parent: str) -> dict[str, list[str]]:
        """By person; nobody where the deal is gone."""
        if parent not in self._twin.person.live_deals():
            return {}
        there = self._twin.person.associations_of(parent)
        kinds = ((kind, there.get(name, {})) for kind, name in TYPES.items())
        return {person_of(kind, id): texts for kind, people in kinds for id, texts in people.items()}


def _complaint(status: int) -> Answer:
    return {"content-type": "application/json"}, b'{"status": "error", "message": "no"}'
