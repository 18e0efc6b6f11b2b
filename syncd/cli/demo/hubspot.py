"""HubSpot in the demo: deals. It lets more calls through than the real one, so that nobody has to wait."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from textwrap import dedent
from typing import Any

from syncd.clock import Clock
from syncd.testing.sandbox.hubspot import HubSpotTwin, Lag, RateLimit, Switches


class HubSpot:
    name, title, noun = "hubspot", "HubSpot", "deal"
    create_call = ("POST", "/deals/batch/(create|upsert)$")
    quiet_calls = 2
    rules: Mapping[str, str] = {}
    secrets: Mapping[str, str] = {"HUBSPOT_TOKEN": "pat-sandbox"}

    def __init__(self, clock: Clock) -> None:
        limit = RateLimit(burst_max=100_000, search_max=1_000)
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

    def project_of(self, record: Mapping[str, Any]) -> str:
        return record.get("propstreet_id") or ""

    def journal(self) -> Sequence[object]:
        return self.twin.journal
