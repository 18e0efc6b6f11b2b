"""An account where prospects are records of their own, linked to deals and people, and an adapter on it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from syncd.adapters.base import CreateItem, ObjectSpec, Setting, UpdateItem
from syncd.adapters.hubspot.adapter import HubSpotAdapter
from syncd.core.model import Kind
from syncd.core.remote import Remote, person_of
from syncd.testing.clock import VirtualClock
from syncd.testing.sandbox.hubspot import App, HubSpotTwin, Switches
from syncd.testing.sandbox.mount_urllib3 import TwinPool
from syncd.testing.sandbox.wire import Fault, FaultKind, Faulty

from .peer import TOKEN
from .room import COMPANY, CONTACT, PROJECT, PROSPECT

JOIN, LINKED = "batch/associate/default", "associations/.*/batch/read"
EVERY_LINK = {PROJECT: "deals", CONTACT: "contacts", COMPANY: "companies"}
STATES = ("not_contacted", "bidder")


class Register:
    """Prospects are of a custom object, which may be linked to these types, or deals of the pipeline `investors`."""

    def __init__(
        self,
        *,
        deals: bool = False,
        links: Mapping[Kind, str] = EVERY_LINK,
        to: tuple[str, ...] = ("deals", "contacts", "companies"),
        **options: Any,
    ) -> None:
        self.clock = VirtualClock()
        self.twin = HubSpotTwin(self.clock, Switches(rate_limit=None, apps={TOKEN: App()}))
        self.person = self.twin.person
        self.name, self.title = ("deals", "dealname") if deals else (self._custom_object(to), "name")
        self.person.add_pipeline("investors", dict.fromkeys(STATES, "0.5"))
        for objects in dict.fromkeys(("deals", "contacts", "companies", self.name)):
            self.person.add_property("propstreet_id", objects=objects, unique=True)
        self.line = Faulty(self.twin)
        self.adapter = HubSpotAdapter(
            Setting(
                options={"token_env": "HUBSPOT_TOKEN", **options},
                objects={
                    PROJECT: ObjectSpec("deals", ("dealname",)),
                    CONTACT: ObjectSpec("contacts", ("firstname",)),
                    COMPANY: ObjectSpec("companies", ("name",)),
                    PROSPECT: ObjectSpec(self.name, tuple(self.fields()), links=links),
                },
                namespace="hubspot",
                clock=self.clock,
                secret=lambda name: TOKEN,
                transport=TwinPool(self.line),
            )
        )

    def _custom_object(self, to: tuple[str, ...]) -> str:
        name = self.person.add_object("investor", to=to)
        self.person.add_property("state", objects=name)
        return name

    def fields(self, state: str = STATES[0]) -> dict[str, str]:
        """What a prospect has."""
        if self.name == "deals":
            return {"dealname": "An investor", "pipeline": "investors", "dealstage": state}
        return {"name": "An investor", "state": state}

    def deal(self, name: str = "Storgatan 1") -> str:
        return self.person.add_deal(dealname=name)

    def contact(self, name: str = "Anna") -> str:
        id: str = self.person.add_contact(firstname=name)
        return id

    def company(self, name: str = "Anna AB") -> str:
        id: str = self.person.add_company(name=name)
        return id

    def record(self, *ends: tuple[str, str], **props: str) -> str:
        """A prospect that a person has made, linked to these: (object type, id)."""
        id = self.person.add_deal(objects=self.name, **self.fields(), **props)
        for to, other in ends:
            self.link(id, to, other)
        return id

    def link(self, id: str, to: str, other: str) -> None:
        self.person.associate(id, other, objects=self.name, to=to)

    def links_of(self, id: str) -> dict[str, set[str]]:
        """What is really so."""
        return {to: set(ids) for to, ids in self.person.associations_of(id, objects=self.name).items()}

    def fetch(self, *ids: str) -> dict[str, Remote]:
        return self.adapter.fetch(PROSPECT, ids)

    def place(self, id: str) -> tuple[str | None, str | None]:
        """The parent and the person that a read shows."""
        remote = self.fetch(id)[id]
        return remote.parent, remote.person

    def scan(self, cursor: str | None = None) -> tuple[dict[str, Remote], set[str], str]:
        """A whole pass: rows by id, ids of hints, the new cursor."""
        rows: dict[str, Remote] = {}
        hints: set[str] = set()
        for page in self.adapter.changes(PROSPECT, cursor):
            rows |= {row.id: row for row in page.rows}
            hints |= {hint.id for hint in page.hints}
            cursor = page.cursor
        assert cursor is not None
        return rows, hints, cursor

    def new(self, ref: str, parent: str | None, person: str | None, **fields: str) -> CreateItem:
        return CreateItem(ref, self.fields() | fields, f"key {ref}", parent, person)

    def fail(self, path: str, *, status: int = 503, times: int = -1) -> None:
        self.line.plan(Fault(kind=FaultKind.STATUS, status=status, path=path, times=times))

    def asked(self) -> list[str]:
        """The paths of all requests since the last time that this was asked."""
        paths = [path for _, path in self.line.requests]
        self.line.requests.clear()
        return paths


def about(contact: str) -> str:
    return person_of(CONTACT, contact)


def change(id: str, parent: str | None = None, person: str | None = None, **fields: str) -> UpdateItem:
    return UpdateItem(id, fields, {}, parent=parent, person=person)
