"""The HubSpot adapter passes the conformance suite: hubspot-api-client over a twin in process."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any

import pytest

from syncd.adapters.base import Adapter, ObjectSpec, Setting
from syncd.adapters.hubspot import factory
from syncd.core.model import Kind
from syncd.core.remote import Raw
from syncd.testing import AdapterSuite, Breakage, Peer
from syncd.testing.clock import VirtualClock
from syncd.testing.conformance.line import Answer, break_line
from syncd.testing.sandbox.hubspot import App, HubSpotTwin, Lag, RateLimit, Switches
from syncd.testing.sandbox.mount_urllib3 import TwinPool
from syncd.testing.sandbox.wire import Faulty
from tests.adapters.hubspot import nest

TOKEN = "pat-eu1-c0nf0rm-ance"
OURS, THEIRS = "propstreet_id", "fortnox_id"
FIELDS = ("dealname", "amount", "description", "dealstage", "pipeline")
WRITES = (
    ("POST", r"/batch/(create|update|upsert|archive|labels/archive|associate/default)$"),
    ("PATCH", ""),
    ("DELETE", ""),
)
CATEGORIES = {
    401: "INVALID_AUTHENTICATION",
    403: "MISSING_SCOPES",
    404: "OBJECT_NOT_FOUND",
    409: "CONFLICT",
    422: "VALIDATION_ERROR",
}
DEAL_LINKS = {Kind.PROJECT: "deals", Kind.CONTACT: "contacts"}
INVESTOR_LINKS = {**DEAL_LINKS, Kind.COMPANY: "companies"}


class HubSpotPeer(Peer):
    objects = "deals"
    fields: tuple[str, ...] = FIELDS
    feed_page = 100  # the listing's page is what HubSpot allows, the adapter has no option for it
    volatile = frozenset({"hs_lastmodifieddate", "lastmodifieddate", "hs_projected_amount"})
    secrets = (TOKEN,)
    links: Mapping[Kind, str] = {}
    beside: Mapping[Kind, ObjectSpec] = {}  # what the mapping has besides this kind

    def __init__(self, switches: dict[str, Any], **options: Any) -> None:
        self.clock = VirtualClock()
        self.twin = HubSpotTwin(self.clock, Switches(apps={TOKEN: App()}, **switches))
        self.furnish()
        self.twin.person.add_property(OURS, objects=self.objects, unique=True)
        self.twin.person.add_property(THEIRS, objects=self.objects)
        self.line = Faulty(self.twin)
        self._options = options
        self.adapter = self.build()

    def furnish(self) -> None:
        """Make what the factory's account lacks."""

    def build(self) -> Adapter:
        return factory(
            Setting(
                options={"token_env": "TOKEN", "base_url": "https://hubspot.test", **self._options},
                objects={self.kind: ObjectSpec(self.objects, self.fields, links=self.links), **self.beside},
                namespace="hubspot",
                clock=self.clock,
                secret={"TOKEN": TOKEN}.__getitem__,
                transport=TwinPool(self.line),
            )
        )

    def sample(self, n: int) -> Raw:
        return {
            "dealname": f"Oak street {n}001",
            "amount": f"{150 + n}000000.25",
            "description": f"A house for {n} families",
            "dealstage": "appointmentscheduled",
            "pipeline": "default",
        }

    def change(self, n: int) -> Raw:
        return {"dealname": f"Birch lane {n}002", "amount": f"{900 + n}000000.75"}

    def bad(self) -> Raw:
        return {**self.sample(77), "dealname": "Elm road 77001", "dealstage": "no stage 4711"}

    def add(self, fields: Raw, ref: str | None = None) -> str:
        stamp = {} if ref is None else {OURS: ref}
        return self.twin.person.add_deal(objects=self.objects, **fields, **stamp)

    def edit(self, id: str, fields: Raw) -> None:
        self.twin.person.edit_deal(id, objects=self.objects, **fields)

    def remove(self, id: str) -> None:
        self.twin.person.archive_deal(id, objects=self.objects)

    def merge(self, primary: str, other: str) -> str:
        return self.twin.person.merge_deals(primary, other, objects=self.objects)

    def read(self, id: str) -> Raw | None:
        shown = self.twin.person.live_deals(objects=self.objects).get(id)
        return None if shown is None else dict(shown)

    def ids(self) -> set[str]:
        return set(self.twin.person.live_deals(objects=self.objects))

    def stamp_by_other(self, id: str, stamp: str) -> bool:
        self.twin.person.edit_deal(id, objects=self.objects, **{THEIRS: stamp})
        return True

    def stamps_by_other(self, id: str) -> set[str]:
        stamp = self.twin.person.deal(id, objects=self.objects).get(THEIRS)
        return {stamp} if stamp else set()

    def settle(self) -> None:
        """Longer than search may run behind (section 7.1)."""
        self.clock.advance(90.0)

    def break_(self, breakage: Breakage, *, writes_only: bool = False) -> None:
        only = WRITES if writes_only else (("*", ""),)
        break_line(self.line, breakage, self._complaint, only=only, retry_after_s=self.retry_after_s)

    def heal(self) -> None:
        self.line.behave()
        self.clock.advance(60.0)

    def _complaint(self, status: int) -> Answer:
        """An error that quotes what must not be quoted further, as HubSpot's messages do."""
        quoted = json.dumps([self.sample(1), self.change(1), self.secrets])
        body = {"status": "error", "message": quoted, "correlationId": "c0-1"}
        if status == 429:
            body |= {"errorType": "RATE_LIMIT", "policyName": "TEN_SECONDLY_ROLLING"}
        if status in CATEGORIES:
            body["category"] = CATEGORIES[status]
        return {"content-type": "application/json"}, json.dumps(body).encode()


class DealPeer(HubSpotPeer):
    """Deals, with people on them who are prospects."""

    beside: Mapping[Kind, ObjectSpec] = {Kind.COMPANY: ObjectSpec("companies", ("name",)), Kind.PROSPECT: nest.SPEC}

    def __init__(self, switches: dict[str, Any], **options: Any) -> None:
        super().__init__(switches, **options)
        self.nest = nest.HubSpotNest(self.twin, self.line, retry_after_s=self.retry_after_s)

    def furnish(self) -> None:
        self.twin.person.add_property(OURS, objects="companies", unique=True)
        nest.furnish(self.twin)


class ContactPeer(HubSpotPeer):
    kind = Kind.CONTACT
    objects = "contacts"
    fields = ("firstname", "lastname", "email", "phone")
    keys_unique = True

    def sample(self, n: int) -> Raw:
        """Without an address, which no two contacts may share."""
        return {"firstname": f"Anna {n}001", "lastname": f"Berg {n}001", "phone": f"+46 40 {n}001"}

    def change(self, n: int) -> Raw:
        return {"firstname": f"Bo {n}002", "phone": f"+46 46 {n}002"}

    def known_by(self, n: int) -> tuple[Raw, str]:
        return {"email": f"Anna.{n}001@example.test"}, f"email:anna.{n}001@example.test"

    def bad(self) -> Raw:
        return {**self.sample(77), "email": "no address 4711"}


class CompanyPeer(HubSpotPeer):
    kind = Kind.COMPANY
    objects = "companies"
    fields = ("name", "domain", "website")

    def sample(self, n: int) -> Raw:
        return {"name": f"Fund {n}001", "domain": f"fund{n}001.test"}

    def change(self, n: int) -> Raw:
        return {"name": f"Bank {n}002", "domain": f"bank{n}002.test"}

    def known_by(self, n: int) -> tuple[Raw, str]:
        return {"domain": f"known{n}001.test"}, f"domain:known{n}001.test"

    def bad(self) -> Raw:
        return {**self.sample(77), "lifecyclestage": "no stage 4711"}


class InvestorPeer(HubSpotPeer):
    """Prospects that are records of a custom object, linked to deals and people."""

    kind = Kind.PROSPECT
    fields = ("name", "note", "state")
    links = INVESTOR_LINKS

    def furnish(self) -> None:
        self.objects = self.twin.person.add_object("investor")
        self.twin.person.add_property("note", objects=self.objects)
        self.twin.person.add_property(
            "state", objects=self.objects, type="enumeration", field_type="select", options=["cold", "hot"]
        )

    def sample(self, n: int) -> Raw:
        return {"name": f"Investor {n}001", "note": f"A fund of {n} people", "state": "cold"}

    def change(self, n: int) -> Raw:
        return {"name": f"Buyer {n}002", "state": "hot"}

    def bad(self) -> Raw:
        return {**self.sample(77), "name": "Investor 77001", "state": "no state 4711"}


class InvestorDealPeer(HubSpotPeer):
    """Prospects that are deals, too."""

    kind = Kind.PROSPECT
    links = DEAL_LINKS


AS_DOCUMENTED: dict[str, Any] = {}
OTHERWISE: dict[str, Any] = {
    "rate_limit": RateLimit(retry_after=True),
    "search_lag": Lag(typical_s=5.0, spread_s=20.0),
    "search_rows": "store",
    "noop_bumps": False,
    "created_status": 200,
    "taken_on_create": "validation",
    "structured_errors": False,
    "merge_keeps_primary_id": True,
    "batch_read_follows_merges": True,
}


class TestHubSpotAdapter(AdapterSuite):
    """On both path families (hubspot.md trap 42), and on a HubSpot that does otherwise wherever the contract only
    believes."""

    @pytest.fixture(
        params=[
            (AS_DOCUMENTED, {}),
            ({"search_lag": Lag(typical_s=20.0)}, {"api": "2026-09"}),
            (OTHERWISE, {}),
        ],
        ids=["as documented", "dated paths", "the other choices"],
    )
    def peer(self, request: pytest.FixtureRequest) -> Iterator[Peer]:
        switches, options = request.param
        peer = DealPeer(switches, **options)
        yield peer
        peer.close()


class TestHubSpotPeople(AdapterSuite):
    """Contacts and companies are records like deals."""

    @pytest.fixture(
        params=[(ContactPeer, AS_DOCUMENTED), (ContactPeer, OTHERWISE), (CompanyPeer, AS_DOCUMENTED)],
        ids=["contacts", "contacts, the other choices", "companies"],
    )
    def peer(self, request: pytest.FixtureRequest) -> Iterator[Peer]:
        sort, switches = request.param
        peer = sort(switches)
        yield peer
        peer.close()


class TestHubSpotInvestors(AdapterSuite):
    """Prospects of a form of their own are records like deals; that they have links changes nothing about that."""

    @pytest.fixture(
        params=[(InvestorPeer, AS_DOCUMENTED), (InvestorPeer, OTHERWISE), (InvestorDealPeer, AS_DOCUMENTED)],
        ids=["custom object", "custom object, the other choices", "deals"],
    )
    def peer(self, request: pytest.FixtureRequest) -> Iterator[Peer]:
        sort, switches = request.param
        peer = sort(switches)
        yield peer
        peer.close()
