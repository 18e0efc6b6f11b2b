"""A believable account: Nordic companies and people, projects as deals, and investors' deals beside them.

A prospect is here in both forms: a labelled contact of the project's deal, and a deal of its own in the investor
pipeline that is linked to the project's.
"""

from __future__ import annotations

import random
from collections.abc import Mapping, Sequence
from typing import Any, Protocol

STREETS = (
    "Storgatan",
    "Kungsgatan",
    "Drottninggatan",
    "Vasagatan",
    "Skeppsbron",
    "Aleksanterinkatu",
    "Karl Johans gate",
)
CITIES = ("Stockholm", "Göteborg", "Malmö", "Helsinki", "Oslo", "Uppsala")
FIRST = ("Anna", "Erik", "Sofia", "Mikko", "Ingrid", "Lars", "Aino", "Nils")
LAST = ("Berg", "Lindqvist", "Virtanen", "Hansen", "Åkesson", "Dahl", "Niemi", "Holm")
FIRMS = ("Fastigheter", "Kapital", "Kiinteistöt", "Eiendom", "Invest", "Property Partners")
INVESTOR_PIPELINE = "investors"
INVESTOR_STAGES = {"teaser_sent": "0.2", "nda_signed": "0.4", "bid_given": "0.7", "bought": "1.0", "declined": "0.0"}
INVESTOR, PROJECT = "Investor deal", "Project deal"
INVESTORS_MAX = 4


class Hand(Protocol):
    """Whoever does it: what of the side door is needed here."""

    def add_deal(self, *, objects: str = "deals", **props: str) -> str: ...

    def associate(
        self, id: str, other: str, *, label: str | None = None, objects: str = "deals", to: str = "contacts"
    ) -> None: ...

    def add_label(
        self, label: str, *, inverse: str | None = None, name: str = "", objects: str = "deals", to: str = "contacts"
    ) -> int: ...

    def add_pipeline(self, id: str, stages: Mapping[str, str], *, label: str = "") -> None: ...


def sow(hand: Hand, deals: int, seed_number: int) -> list[str]:
    """Once per account: labels and pipelines are made here, too."""
    rng = random.Random(seed_number)
    hand.add_pipeline(INVESTOR_PIPELINE, INVESTOR_STAGES, label="Investors")
    hand.add_label("Investor", inverse="Invests in")
    hand.add_label(INVESTOR, inverse=PROJECT, objects="deals", to="deals")
    investors = [_investor(hand, rng, number) for number in range(max(INVESTORS_MAX, deals // 2))]
    return [_project(hand, rng, number, investors) for number in range(deals)]


def _investor(hand: Hand, rng: random.Random, number: int) -> tuple[str, str]:
    """A person of a firm: contact and company."""
    last = rng.choice(LAST)
    domain = f"firm{number}.example"
    company = hand.add_deal(
        objects="companies", name=f"{last} {rng.choice(FIRMS)}", domain=domain, city=rng.choice(CITIES)
    )
    contact = hand.add_deal(
        objects="contacts", firstname=rng.choice(FIRST), lastname=last, email=f"person{number}@{domain}"
    )
    hand.associate(contact, company, label="Primary", objects="contacts", to="companies")
    return contact, company


def _project(hand: Hand, rng: random.Random, number: int, investors: Sequence[tuple[str, str]]) -> str:
    props: dict[str, Any] = {"amount": str(rng.randrange(20, 900) * 1_000_000), "deal_currency_code": "SEK"}
    name = f"{rng.choice(STREETS)} {number + 1}"
    project = hand.add_deal(dealname=name, **props)
    for contact, company in rng.sample(investors, rng.randrange(1, INVESTORS_MAX)):
        hand.associate(project, contact, label="Investor")
        stage = rng.choice(list(INVESTOR_STAGES))
        own = hand.add_deal(dealname=f"{name}, investor", pipeline=INVESTOR_PIPELINE, dealstage=stage)
        hand.associate(project, own, label=INVESTOR, to="deals")
        hand.associate(own, contact)
        hand.associate(own, company, to="companies")
    return project
