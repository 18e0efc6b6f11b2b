"""Salesforce in the demo: opportunities and contact roles, in an org with several currencies and calls to spare."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from textwrap import dedent
from typing import Any

from syncd.cli.newcomers import add_roles
from syncd.clock import Clock
from syncd.testing.sandbox.salesforce import RateLimit, SalesforceTwin, Switches
from syncd.testing.sandbox.wire import Fault, FaultKind

WRITTEN = ("Opportunity", "Contact", "Account", "OpportunityContactRole")  # the rest is fields, which setup makes


class Salesforce:
    name, title, noun, place = "salesforce", "Salesforce", "opportunity", "role"
    by_hand = "Bo has added the five roles of the mapping in Setup, since no program can."
    # Updates are composite calls too; a create is one that upserts by the stamp.
    lost_create = Fault(
        kind=FaultKind.TIMEOUT_AFTER,
        method="POST",
        path="/composite$",
        sent="/composite/sobjects/Opportunity/Propstreet_Id__c",
    )
    quiet_calls = 10
    secrets: Mapping[str, str] = {"SALESFORCE_CLIENT_ID": "sandbox-app", "SALESFORCE_CLIENT_SECRET": "sandbox-secret"}

    def __init__(self, clock: Clock) -> None:
        self.twin = SalesforceTwin(clock, Switches(multi_currency=True, rate_limit=RateLimit(daily_max=1_000_000)))
        add_roles(self.twin)

    def table(self, url: str) -> str:
        return dedent(f"""
            adapter = "salesforce"
            namespace = "salesforce"
            domain = "acme.my"
            base_url = "{url}"
            client_id_env = "SALESFORCE_CLIENT_ID"
            client_secret_env = "SALESFORCE_CLIENT_SECRET"
            overlap_s = 0
            calls_per_s = 1000
        """).strip()

    def fields(self) -> set[str]:
        return {field.name for field in self.twin.org.table("Opportunity").visible.values()}

    def add(self, name: str, amount: int | None = None) -> str:
        price = {} if amount is None else {"Amount": amount, "CurrencyIsoCode": "SEK"}
        return self.twin.person.add_record("Opportunity", Name=name, **price)

    def rename(self, id: str, name: str) -> None:
        self.twin.person.edit_record(id, Name=name)

    def reprice(self, id: str, amount: int) -> None:
        self.twin.person.edit_record(id, Amount=amount)

    def delete(self, id: str) -> None:
        self.twin.person.delete_record(id)

    def record(self, id: str) -> dict[str, Any]:
        return self.twin.person.record(id)

    def live(self) -> dict[str, dict[str, Any]]:
        return self.twin.person.live_records("Opportunity")

    def name_of(self, record: Mapping[str, Any]) -> str:
        return str(record["Name"])

    def stamp_of(self, record: Mapping[str, Any]) -> str:
        return record.get("Propstreet_Id__c") or ""

    def add_contact(self, first: str, last: str, email: str) -> str:
        return self.twin.person.add_contact(FirstName=first, LastName=last, Email=email)

    def contacts(self) -> dict[str, dict[str, Any]]:
        return self.twin.person.live_records("Contact")

    def merge(self, known: str, other: str) -> str:
        self.twin.person.merge_contacts(other, [known])
        return other

    def put_on(self, id: str, contact: str, label: str) -> None:
        self.twin.person.add_role(id, contact, role=label)

    def relabel(self, id: str, contact: str, label: str) -> None:
        self.twin.person.edit_role(self._role(id, contact), Role=label)

    def take_off(self, id: str, contact: str) -> None:
        self.twin.person.delete_role(self._role(id, contact))

    def people_on(self, id: str) -> dict[str, dict[str, Any]]:
        return {role["ContactId"]: role for role in self.twin.person.roles_of(id).values()}

    def journal(self) -> Sequence[object]:
        return [applied for applied in self.twin.journal if applied.object in WRITTEN]

    def _role(self, id: str, contact: str) -> str:
        return next(role for role, shown in self.twin.person.roles_of(id).items() if shown["ContactId"] == contact)
