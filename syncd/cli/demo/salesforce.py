"""Salesforce in the demo: opportunities, in an org with several currencies and calls to spare."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from textwrap import dedent
from typing import Any

from syncd.clock import Clock
from syncd.testing.sandbox.salesforce import RateLimit, SalesforceTwin, Switches


class Salesforce:
    name, title, noun = "salesforce", "Salesforce", "opportunity"
    create_call = ("POST", "/composite$")  # the upsert and the look at what came of it are one call
    quiet_calls = 3  # a login, the object's description, the changes
    rules: Mapping[str, str] = {'crm = "Amount"': 'crm = { amount = "Amount", currency = "CurrencyIsoCode" }'}
    secrets: Mapping[str, str] = {"SALESFORCE_CLIENT_ID": "sandbox-app", "SALESFORCE_CLIENT_SECRET": "sandbox-secret"}

    def __init__(self, clock: Clock) -> None:
        self.twin = SalesforceTwin(clock, Switches(multi_currency=True, rate_limit=RateLimit(daily_max=1_000_000)))

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

    def project_of(self, record: Mapping[str, Any]) -> str:
        return record.get("Propstreet_Id__c") or ""

    def journal(self) -> Sequence[object]:
        return [applied for applied in self.twin.journal if applied.object == "Opportunity"]
