"""HubSpot in the demo: deals and people. It lets more calls through than the real one, so that nobody has to wait."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from textwrap import dedent
from typing import Any

from syncd.clock import Clock
from syncd.testing.sandbox.hubspot import HubSpotTwin, Lag, RateLimit, Switches
from syncd.testing.sandbox.wire import Fault, FaultKind


class HubSpot:
    name, title, noun, place, by_hand = "hubspot", "HubSpot", "deal", "label", ""
    lost_create = Fault(kind=FaultKind.TIMEOUT_AFTER, method="POST", path="/deals/batch/(create|upsert)$")
    quiet_calls = 10
    secrets: Mapping[str, str] = {"HUBSPOT_TOKEN": "pat-sandbox"}

    def __init__(self, clock: Clock) -> None:
        limit = RateLimit(burst_max=100_000, search_max=1_000, associations_max=None)
        self.twin = HubSpotTwin(clock, Switches(rate_limit=limit, search_lag=Lag(typical_s=0.0)))

    def table(self, url: str) -> str:
        return dedent(f"""
            adapter = "hubspot"
            namespace = "hubspot"
            base_url = "{url}"
            token_env = "HUBSPOT_TOKEN"
            visibility_lag_s = 0
            overlap_s = 0
            search_per_s = 1000
            association_limit = 100000
        """).strip()

    def fields(self) -> set[str]:
        return set(self.twin.account.deals.properties)

    def add(self, name: str, amount: int | None = None) -> str:
        price = {} if amount is None else {"amount": str(amount), "deal_currency_code": "SEK"}
        return self.twin.person.add_deal(dealname=name, **price)

    def rename(self, id: str, name: str) -> None:
        self.twin.person.edit_deal(id, dealname=name)

    def reprice(self, id: str, amount: int) -> None:
        self.twin.person.edit_deal(id, amount=str(amount))

    def delete(self, id: str) -> None:
        self.twin.person.archive_deal(id)

    def record(self, id: str) -> dict[str, Any]:
        return dict(self.twin.person.deal(id))

    def live(self) -> dict[str, dict[str, Any]]:
        return {id: dict(shown) for id, shown in self.twin.person.live_deals().items()}

    def name_of(self, record: Mapping[str, Any]) -> str:
        return str(record["dealname"])

    def stamp_of(self, record: Mapping[str, Any]) -> str:
        return record.get("propstreet_id") or ""

    def add_contact(self, first: str, last: str, email: str) -> str:
        return self.twin.person.add_contact(firstname=first, lastname=last, email=email)

    def contacts(self) -> dict[str, dict[str, Any]]:
        return {id: dict(shown) for id, shown in self.twin.person.live_contacts().items()}

    def merge(self, known: str, other: str) -> str:
        return self.twin.person.merge_contacts(
            known, other
        )  # what is left is a third one, with the values of the first

    def put_on(self, id: str, contact: str, label: str) -> None:
        self.twin.person.associate(id, contact, label=label)

    def relabel(self, id: str, contact: str, label: str) -> None:
        self.twin.person.relabel(id, contact, [label])

    def take_off(self, id: str, contact: str) -> None:
        self.twin.person.dissociate(id, contact)

    def people_on(self, id: str) -> dict[str, dict[str, Any]]:
        found = self.twin.person.associations_of(id).get("contacts", {})
        return {contact: {"label": ";".join(labels) or None} for contact, labels in found.items()}

    def journal(self) -> Sequence[object]:
        return self.twin.journal
