"""A HubSpot twin with an adapter on it, in process, and a line between them that can be broken."""

from __future__ import annotations

from typing import Any

from syncd.adapters.hubspot.adapter import HubSpotAdapter
from syncd.core.model import Kind
from syncd.core.remote import Remote
from syncd.testing.clock import VirtualClock
from syncd.testing.sandbox.hubspot import HubSpotTwin, RateLimit, Switches
from syncd.testing.sandbox.mount_urllib3 import TwinPool
from syncd.testing.sandbox.wire import Faulty

from .peer import adapter_at

PROJECT = Kind.PROJECT
IN_PIPELINE = {"pipeline": "default", "dealstage": "appointmentscheduled"}
FIELDS = ("dealname", "amount", "pipeline", "dealstage")


class Rig:
    def __init__(self, *, fields: tuple[str, ...] = FIELDS, name: str = "deals", **options: Any) -> None:
        self.clock = VirtualClock()
        self.twin = HubSpotTwin(self.clock, Switches(rate_limit=None))
        self.person = self.twin.person
        self.person.add_property("propstreet_id", objects=name, unique=True)
        self.line = Faulty(self.twin)
        self.adapter: HubSpotAdapter = adapter_at(
            TwinPool(self.line), clock=self.clock, fields=fields, name=name, **options
        )

    def limited(self, **limits: Any) -> None:
        self.twin.switch(rate_limit=RateLimit(**limits))

    def add(self, name: str = "Storgatan 1", **props: str) -> str:
        return self.person.add_deal(dealname=name, **props)

    def fetch(self, *ids: str) -> dict[str, Remote]:
        return self.adapter.fetch(PROJECT, ids)

    def scan(self, cursor: str | None = None) -> tuple[dict[str, Remote], set[str], str]:
        """A whole pass: rows by id, ids of hints, the new cursor."""
        rows: dict[str, Remote] = {}
        hints: set[str] = set()
        for page in self.adapter.changes(PROJECT, cursor):
            rows |= {row.id: row for row in page.rows}
            hints |= {hint.id for hint in page.hints}
            cursor = page.cursor
        assert cursor is not None
        return rows, hints, cursor

    def calls_of(self, *paths: str) -> int:
        """How many requests went to paths that end so."""
        return sum(path.endswith(paths) for _, path in self.line.requests)
