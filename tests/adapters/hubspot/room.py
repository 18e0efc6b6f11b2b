"""An account with deals and people on them, and an adapter that looks after all four kinds."""

from __future__ import annotations

from typing import Any

from syncd.adapters.base import Brood, CreateItem, Failed, ObjectSpec, Outcome, Setting, UpdateItem, Written
from syncd.adapters.hubspot.adapter import HubSpotAdapter
from syncd.core.model import Kind
from syncd.core.remote import Remote, person_of
from syncd.errors import RemoteError
from syncd.testing.clock import VirtualClock
from syncd.testing.sandbox.hubspot import App, HubSpotTwin, Switches
from syncd.testing.sandbox.mount_urllib3 import TwinPool
from syncd.testing.sandbox.wire import Faulty

from .peer import TOKEN

PROJECT, CONTACT, COMPANY, PROSPECT = Kind.PROJECT, Kind.CONTACT, Kind.COMPANY, Kind.PROSPECT
COLD, WARM, HOT = "Investor: not contacted", "Investor: interested", "Investor: bidder"
TEXTS = (COLD, WARM, HOT)

READ, CREATE, TAKE, CUT = "batch/read", "batch/create", "batch/labels/archive", "contacts/batch/archive"


def objects(*, companies: bool = True) -> dict[Kind, ObjectSpec]:
    """What the mapping needs of each kind."""
    specs = {
        PROJECT: ObjectSpec("deals", ("dealname",)),
        COMPANY: ObjectSpec("companies", ("name", "domain")),
        CONTACT: ObjectSpec("contacts", ("firstname", "lastname", "email")),
        PROSPECT: ObjectSpec("association", ("label",), values={"label": TEXTS}, nested=True),
    }
    return specs if companies else {kind: spec for kind, spec in specs.items() if kind is not COMPANY}


class Room:
    """`labels=False`: nobody has made the labels yet. `specs`: another mapping than the one above."""

    def __init__(
        self,
        *,
        labels: bool = True,
        companies: bool = True,
        specs: dict[Kind, ObjectSpec] | None = None,
        **options: Any,
    ) -> None:
        self.clock = VirtualClock()
        self.twin = HubSpotTwin(self.clock, Switches(rate_limit=None, apps={TOKEN: App()}))
        self.person = self.twin.person
        for kind in ("deals", "contacts", "companies"):
            self.person.add_property("propstreet_id", objects=kind, unique=True)
        for text in TEXTS if labels else ():
            self.person.add_label(text, inverse=f"{text} in")
            self.person.add_label(text, inverse=f"{text} in", to="companies")
        self.person.add_label("Lawyer")
        self.line = Faulty(self.twin)
        self.adapter = HubSpotAdapter(
            Setting(
                options={"token_env": "HUBSPOT_TOKEN", **options},
                objects=specs or objects(companies=companies),
                namespace="hubspot",
                clock=self.clock,
                secret=lambda name: TOKEN,
                transport=TwinPool(self.line),
            )
        )

    def deal(self, name: str = "Storgatan 1") -> str:
        return self.person.add_deal(dealname=name)

    def contact(self, name: str = "Anna", **props: str) -> str:
        id: str = self.person.add_contact(firstname=name, **props)
        return id

    def company(self, name: str = "Anna AB", **props: str) -> str:
        id: str = self.person.add_company(name=name, **props)
        return id

    def on(self, deal: str, label: str | None = None, *, name: str = "Anna") -> str:
        """A new contact on this deal; their id."""
        contact = self.contact(name)
        self.person.associate(deal, contact, label=label)
        return contact

    def labels_of(self, deal: str, person: str, *, to: str = "contacts") -> list[str] | None:
        """What is really so; None: not on the deal."""
        return self.person.associations_of(deal).get(to, {}).get(person)

    def within(self, *deals: str) -> dict[str, list[Remote]]:
        broods: list[Brood] = self.adapter.within(PROSPECT, deals)
        assert len({brood.parent for brood in broods}) == len(broods)
        return {brood.parent: list(brood.rows) for brood in broods}

    def fetch(self, *ids: str) -> dict[str, Remote]:
        return self.adapter.fetch(PROSPECT, ids)

    def calls_of(self, *paths: str) -> int:
        """How many requests went to paths that end so."""
        return sum(path.endswith(paths) for _, path in self.line.requests)


def prospect(deal: str, person: str, *, kind: Kind = CONTACT) -> str:
    """Its id."""
    return f"{deal}:{kind.value}:{person}"


def new(deal: str | None, person: str, label: Any = COLD, *, kind: Kind = CONTACT) -> CreateItem:
    return CreateItem(f"PS-{deal}-{person}", {"label": label}, "key", deal, person_of(kind, person))


def relabel(id: str, label: Any, was: str | None) -> UpdateItem:
    return UpdateItem(id, {"label": label}, {"label": was})


def done(outcome: Outcome) -> Written:
    assert isinstance(outcome, Written), outcome
    return outcome


def error(outcome: Outcome) -> RemoteError:
    assert isinstance(outcome, Failed), outcome
    return outcome.error


def label_of(outcome: Outcome) -> Any:
    return done(outcome).remote.raw["label"]
