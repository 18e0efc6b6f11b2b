"""A twin of Propstreet with our client at the other end, in shapes that the contract leaves open (section 21)."""

from __future__ import annotations

from typing import Any

import msgspec

from syncd.adapters.propstreet import BatchItem, ContactBody, PropstreetClient, Prospect, ProspectBody, TokenAuth
from syncd.testing.clock import VirtualClock
from syncd.testing.sandbox.mount_httpx import TwinTransport
from syncd.testing.sandbox.propstreet import PropstreetTwin, Switches
from syncd.testing.sandbox.wire import Faulty

from .peer import ORIGIN

SHAPES: list[dict[str, Any]] = [
    {},
    {"envelope": "top"},
    {"nulls": "explicit"},
    {"numbers": "string"},
    {"extra_fields": {"brandNew": {"a": 1}}},
    {"get_deleted": "200", "second_delete": "204", "removed": "tombstone"},
    {"stale": "412 help", "link_match": "required"},
    {"stale": "409", "problem_types": "urn"},
    {"duplicate_ref": 422, "blocked_party": 409},
    {"duplicate_ref": 400, "problem_types": "urn", "blocked_party": 403},
    {"batch_codes": "guide", "re_added": "revived"},
    {"matched": "neither", "prospect_count": "all"},
]
ANNA: ContactBody = {"firstName": "Anna", "lastName": "Ek", "email": "anna@example.test", "phone": "070-123 45 67"}


def name_of(shape: dict[str, Any]) -> str:
    return "-".join(map(str, shape.values()))[:40] or "default"


class World:
    """A twin on a line that can fail, and the client at the other end."""

    def __init__(self, switches: Switches = Switches()) -> None:  # noqa: B008 - frozen
        self.clock = VirtualClock()
        self.twin = PropstreetTwin(self.clock, msgspec.structs.replace(switches, rate_limit=None))
        self.line = Faulty(self.twin)
        self.peer = TwinTransport(self.line)
        self.client = PropstreetClient(ORIGIN, TokenAuth("pat_sandbox"), clock=self.clock, peer=self.peer)
        self.project = self.twin.add_project(name="Kista")

    def prospect(self, id: str) -> Prospect:
        return self.client.prospects.get(self.project, id)

    def add(self, *items: ProspectBody) -> list[BatchItem]:
        return self.client.prospects.batch_add(self.project, items).paired(items)

    def listed(self, **filters: Any) -> list[str]:
        return [each.id for each in self.client.prospects.scan(self.project, **filters)]
