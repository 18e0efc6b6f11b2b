"""The Salesforce adapter passes the conformance suite: simple-salesforce over a twin in process."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from decimal import Decimal
from typing import Any

import pytest

from syncd.adapters.base import Adapter, ObjectSpec, Setting
from syncd.adapters.salesforce import factory
from syncd.adapters.salesforce.currency import CURRENCY
from syncd.adapters.salesforce.ids import full_id
from syncd.core.model import Kind
from syncd.core.remote import Raw
from syncd.testing import AdapterSuite, Breakage, Peer
from syncd.testing.clock import VirtualClock
from syncd.testing.conformance.line import Answer, break_line
from syncd.testing.sandbox.mount_requests import TwinAdapter
from syncd.testing.sandbox.salesforce import SalesforceTwin, Switches
from syncd.testing.sandbox.wire import Faulty
from tests.adapters.salesforce import nest

SECRET = "s3cret-0f-the-app"
OURS, THEIRS = "Propstreet_Id__c", "Fortnox_Id__c"
WRITES = (("POST", r"/(composite|CustomField)/?$"), ("DELETE", ""), ("PATCH", ""))
CODES = {
    401: "INVALID_SESSION_ID",
    403: "INSUFFICIENT_ACCESS",
    404: "NOT_FOUND",
    409: "ENTITY_IS_LOCKED_ELSEWHERE",
    412: "ENTITY_FAILED_IFLASTMODIFIED_ON_UPDATE",
    422: "FIELD_INTEGRITY_EXCEPTION",
}


class SalesforcePeer(Peer):
    feed_page = 3
    wanted_name = "Syncd_Conformance__c"
    secrets = (SECRET,)
    unknown_id = str(full_id("006000000000zzz"))
    volatile = frozenset({"SystemModstamp", "LastModifiedById"})
    fields: tuple[str, ...] = ("Name", "Amount", "Description", "StageName", "CloseDate")
    beside: Mapping[Kind, ObjectSpec] = {}  # what the mapping has besides this kind

    def __init__(self, switches: dict[str, Any], **options: Any) -> None:
        self.clock = VirtualClock()
        self.twin = SalesforceTwin(self.clock, Switches(**switches))
        self.furnish()
        self.twin.person.add_field(OURS, self.object, unique=True, external_id=True, case_sensitive=True, length=64)
        self.twin.person.add_field(THEIRS, self.object)
        self.line = Faulty(self.twin)
        self._options = {"page_max": self.feed_page, **options}
        self.adapter = self.build()

    @property
    def object(self) -> str:
        return "Opportunity"

    def furnish(self) -> None:
        """What an administrator has added to the org."""

    @property
    def objects(self) -> dict[Kind, ObjectSpec]:
        return {self.kind: ObjectSpec(self.object, self.fields), **self.beside}

    def build(self) -> Adapter:
        return factory(
            Setting(
                options={"domain": "acme.my", "client_id_env": "ID", "client_secret_env": "SECRET", **self._options},
                objects=self.objects,
                namespace="salesforce",
                clock=self.clock,
                secret={"ID": "the-app", "SECRET": SECRET}.__getitem__,
                transport=TwinAdapter(self.line),
            )
        )

    def sample(self, n: int) -> Raw:
        return {
            "Name": f"Oak street {n}001",
            "Amount": f"{150 + n}000000.25",
            "Description": f"A house for {n} families",
            "StageName": "Prospecting",
            "CloseDate": "2026-12-31",
        }

    def change(self, n: int) -> Raw:
        return {"Name": f"Birch lane {n}002", "Amount": f"{900 + n}000000.75"}

    def bad(self) -> Raw:
        return {**self.sample(77), "Name": "Elm road 77001", "CloseDate": "no day 4711"}

    def shows(self, raw: Raw, fields: Raw) -> bool:
        return super().shows(raw, _as_shown(fields))

    def add(self, fields: Raw, ref: str | None = None) -> str:
        stamped = fields if ref is None else {**fields, OURS: ref}
        return self.twin.person.add_record(self.object, **_as_shown(stamped))

    def edit(self, id: str, fields: Raw) -> None:
        self.twin.person.edit_record(id, **_as_shown(fields))

    def remove(self, id: str) -> None:
        self.twin.person.delete_record(id)

    def merge(self, primary: str, other: str) -> str | None:
        if self.object not in ("Contact", "Account"):
            return None  # Salesforce can't
        self.twin.person.merge_records(primary, [other])
        return primary

    def read(self, id: str) -> Raw | None:
        return self._all().get(id)

    def ids(self) -> set[str]:
        return set(self._all())

    def stamp_by_other(self, id: str, stamp: str) -> bool:
        self.edit(id, {THEIRS: stamp})
        return True

    def stamps_by_other(self, id: str) -> set[str]:
        stamp = self.twin.person.record(id)[THEIRS]
        return {stamp} if stamp else set()

    def break_(self, breakage: Breakage, *, writes_only: bool = False) -> None:
        only = WRITES if writes_only else (("*", ""),)
        break_line(self.line, breakage, self._complaint, only=only, retry_after_s=self.retry_after_s)

    def heal(self) -> None:
        self.line.behave()
        self.clock.advance(60.0)

    def _all(self) -> dict[str, Raw]:
        live = self.twin.person.live_records(self.object)
        names = ("Id", "IsDeleted", "SystemModstamp", "LastModifiedById", OURS, THEIRS, *self.fields)
        return {id: {name: values[name] for name in names} for id, values in live.items()}

    def _complaint(self, status: int) -> Answer:
        """An error that quotes what must not be quoted further, as Salesforce's messages do."""
        quoted = json.dumps([self.sample(1), self.change(1), self.secrets])
        body = [{"message": quoted, "errorCode": CODES.get(status, "SERVER_UNAVAILABLE"), "fields": []}]
        return {"content-type": "application/json"}, json.dumps([] if status == 429 else body).encode()


class DealPeer(SalesforcePeer):
    """Opportunities, with contacts in them who are prospects."""

    beside: Mapping[Kind, ObjectSpec] = {Kind.PROSPECT: nest.SPEC}

    def __init__(self, switches: dict[str, Any], **options: Any) -> None:
        super().__init__(switches, **options)
        self.nest = nest.SalesforceNest(
            self.twin, self.line, page=switches.get("page_max"), retry_after_s=self.retry_after_s
        )


class ContactPeer(SalesforcePeer):
    """People: records that can be merged (trap 19), and are known by their addresses."""

    kind = Kind.CONTACT
    fields = ("LastName", "Email", "Description", "Title")
    unknown_id = str(full_id("003000000000zzz"))

    @property
    def object(self) -> str:
        return "Contact"

    def sample(self, n: int) -> Raw:
        return {
            "LastName": f"Lindqvist {n}001",
            "Email": f"anna.{n}001@nordic.example",
            "Description": f"A broker of {n} houses",
            "Title": "Broker",
        }

    def change(self, n: int) -> Raw:
        return {"LastName": f"Bergman {n}002", "Title": f"Partner {n}003"}

    def known_by(self, n: int) -> tuple[Raw, str]:
        return {"Email": f"Known.{n}001@nordic.example"}, f"email:known.{n}001@nordic.example"

    def bad(self) -> Raw:
        return {**self.sample(77), "Email": "no address 77001"}


class AccountPeer(SalesforcePeer):
    """Companies: records that can be merged, and whose rows alone carry an ETag, which is not used (section 4)."""

    kind = Kind.COMPANY
    fields = ("Name", "Website", "Description", "NumberOfEmployees")
    unknown_id = str(full_id("001000000000zzz"))

    @property
    def object(self) -> str:
        return "Account"

    def sample(self, n: int) -> Raw:
        return {
            "Name": f"Nordic Holding {n}001",
            "Website": f"https://www.nordic{n}001.example",
            "Description": f"Owns {n} houses",
            "NumberOfEmployees": 100 + n,
        }

    def change(self, n: int) -> Raw:
        return {"Name": f"Baltic Holding {n}002", "Website": f"https://baltic{n}002.example/en"}

    def known_by(self, n: int) -> tuple[Raw, str]:
        return {"Website": f"https://www.known{n}001.example/en"}, f"domain:known{n}001.example"

    def bad(self) -> Raw:
        return {**self.sample(77), "Website": "https://elm-road-77001.example/" * 9}


class InvestorPeer(SalesforcePeer):
    """Prospects as records of their own, in an object of the org's, with lookups to what they belong to (7.4)."""

    kind = Kind.PROSPECT
    fields = ("Classification__c", "Notes__c")
    unknown_id = str(full_id("a03000000000zzz"))

    @property
    def object(self) -> str:
        return "Investor__c"

    @property
    def objects(self) -> dict[Kind, ObjectSpec]:
        names = {Kind.PROJECT: "Opportunity", Kind.CONTACT: "Contact", Kind.COMPANY: "Account"}
        links = {kind: f"{name}__c" for kind, name in names.items()}
        beside = {kind: ObjectSpec(name, ("Name",)) for kind, name in names.items()}
        return {self.kind: ObjectSpec(self.object, self.fields, links=links), **beside}

    def furnish(self) -> None:
        self.twin.person.add_investor_object()
        for name in ("Opportunity", "Contact", "Account"):
            self.twin.person.add_field(OURS, name, unique=True, external_id=True, case_sensitive=True, length=64)

    def sample(self, n: int) -> Raw:
        return {"Classification__c": "Contacted", "Notes__c": f"Asked for {n} more drawings"}

    def change(self, n: int) -> Raw:
        return {"Classification__c": "Bidder", "Notes__c": f"Bids in {n} days"}

    def bad(self) -> Raw:
        return {**self.sample(77), "Classification__c": "Undecided 77001"}


class KronaPeer(SalesforcePeer):
    """An org with one currency, which no record shows and the connection names (trap 37)."""

    fields = (*SalesforcePeer.fields, CURRENCY)

    def __init__(self, switches: dict[str, Any]) -> None:
        super().__init__({**switches, "currency": "SEK"}, currency="SEK")

    def sample(self, n: int) -> Raw:
        return {**super().sample(n), CURRENCY: "SEK"}

    def add(self, fields: Raw, ref: str | None = None) -> str:
        return super().add({name: value for name, value in fields.items() if name != CURRENCY}, ref)

    def _all(self) -> dict[str, Raw]:
        live = self.twin.person.live_records(self.object)
        names = ("Id", "IsDeleted", "SystemModstamp", "LastModifiedById", OURS, THEIRS, *SalesforcePeer.fields)
        return {id: {CURRENCY: "SEK"} | {name: values[name] for name in names} for id, values in live.items()}


def _as_shown(fields: Raw) -> Raw:
    return {name: Decimal(value) if name == "Amount" else value for name, value in fields.items()}


class TestSalesforceAdapter(AdapterSuite):
    """On four kinds of records, an org with one currency, and one that differs where the contract only believes."""

    @pytest.fixture(
        params=[
            (DealPeer, {}),
            (ContactPeer, {}),
            (AccountPeer, {}),
            (InvestorPeer, {}),
            (KronaPeer, {}),
            (
                DealPeer,
                {
                    "multi_currency": True,
                    "stage_restricted": True,
                    "noop_bumps": False,
                    "bad_field_sinks_call": True,
                    "guard_stamp": "LastModifiedDate",
                    "stale_body": "empty",
                    "page_max": 2,
                    "new_fields_visible": True,
                },
            ),
        ],
        ids=["as documented", "contacts", "accounts", "investors", "one currency", "the other choices"],
    )
    def peer(self, request: pytest.FixtureRequest) -> Iterator[Peer]:
        build, switches = request.param
        peer = build(switches)
        yield peer
        peer.close()
