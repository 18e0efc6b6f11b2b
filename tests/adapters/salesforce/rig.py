"""A Salesforce twin with an adapter on it, in process, and a line between them that can be broken."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from syncd.adapters.base import CreateItem, Failed, ObjectSpec, Outcome, Setting, UpdateItem, Written
from syncd.adapters.salesforce.adapter import SalesforceAdapter
from syncd.core.model import Kind
from syncd.core.remote import Raw, Remote
from syncd.errors import RemoteError
from syncd.testing.clock import VirtualClock
from syncd.testing.sandbox.mount_requests import TwinAdapter
from syncd.testing.sandbox.salesforce import SalesforceTwin, Switches
from syncd.testing.sandbox.salesforce.people import People
from syncd.testing.sandbox.wire import Faulty, Request

PROJECT = Kind.PROJECT
REF = "Propstreet_Id__c"
SECRET = "s3cret"
FIELDS = ("Name", "Amount", "StageName", "CloseDate")
LATER_S = 3600.0  # so long after a change, the guard's whole seconds can hide no other


class Rig:
    def __init__(
        self,
        *,
        name: str = "Opportunity",
        fields: tuple[str, ...] = FIELDS,
        switches: Mapping[str, Any] | None = None,
        options: Mapping[str, Any] | None = None,
        secrets: Mapping[str, str] | None = None,
        stamped: bool = True,
        kind: Kind = PROJECT,
        beside: Mapping[Kind, ObjectSpec] | None = None,
        admin: Callable[[People], None] | None = None,
    ) -> None:
        """`name` and `fields` are those of `kind`; what the mapping names `beside` it has its own stamp, too.

        `admin` does to the org beforehand what its administrator would, such as to add objects.
        """
        self.clock = VirtualClock()
        self.twin = SalesforceTwin(self.clock, Switches(**(switches or {})))
        self.person = self.twin.person
        self.name = name
        self.kind = kind
        objects = {kind: ObjectSpec(name, fields), **(beside or {})}
        if admin is not None:
            admin(self.person)
        for object in dict.fromkeys(spec.name for spec in objects.values() if stamped and not spec.nested):
            self.person.add_field(REF, object, unique=True, external_id=True, case_sensitive=True, length=64)
        self.line = Faulty(self.twin)
        self.asked: list[Request] = []
        self.line.on_request = self.asked.append
        login = {"domain": "acme.my", "client_id_env": "ID", "client_secret_env": "SECRET"}
        self.adapter = SalesforceAdapter(
            Setting(
                options=dict(options) if options and "username" in options else {**login, **(options or {})},
                objects=objects,
                namespace="salesforce",
                clock=self.clock,
                secret={"ID": "the-app", "SECRET": SECRET, **(secrets or {})}.__getitem__,
                transport=TwinAdapter(self.line),
            )
        )

    def add(self, **fields: Any) -> str:
        named = {"LastName": "Lindqvist"} if self.name == "Contact" else {"Name": "Storgatan 1"}
        return self.person.add_record(self.name, **{**named, **fields})

    def fetch(self, *ids: str) -> dict[str, Remote]:
        return self.adapter.fetch(self.kind, ids)

    def warm(self) -> None:
        """Signed in, described, and with the latest Date in hand."""
        self.adapter.fetch(self.kind, [self.add()])
        self.asked.clear()

    def calls(self) -> list[tuple[str, str]]:
        """What was asked since the last look, less the login."""
        asked = [(one.method, one.path.removeprefix("/services/data/v67.0/")) for one in self.asked]
        self.asked.clear()
        return [call for call in asked if "oauth2" not in call[1]]

    def scan(self, cursor: str | None = None) -> tuple[dict[str, Remote], str]:
        """A whole pass: rows by id, the new cursor."""
        rows: dict[str, Remote] = {}
        for page in self.adapter.changes(self.kind, cursor):
            rows |= {row.id: row for row in page.rows}
            cursor = page.cursor
        assert cursor is not None
        return rows, cursor


def deal(ref: str, **fields: Any) -> CreateItem:
    needed = {"Name": f"name of {ref}", "StageName": "Prospecting", "CloseDate": "2026-12-31"}
    return CreateItem(ref, {**needed, **fields}, f"key of {ref}")


def edit(read: Remote, fields: Raw, *, guarded: bool = True, stamp: str | None = None) -> UpdateItem:
    return UpdateItem(read.id, fields, read.raw, read.version if guarded else None, stamp)


def error(outcome: Outcome) -> RemoteError:
    assert isinstance(outcome, Failed), outcome
    return outcome.error


def done(outcome: Outcome) -> Written:
    assert isinstance(outcome, Written), outcome
    return outcome


def kinds(outcomes: list[Outcome]) -> list[type]:
    return [type(one.error) if isinstance(one, Failed) else Written for one in outcomes]
