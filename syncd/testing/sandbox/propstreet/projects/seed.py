"""Many believable Nordic projects, the same for the same random numbers."""

from __future__ import annotations

import random
from collections.abc import Iterator
from decimal import Decimal
from typing import Any

from .record import Asset, Price, PriceRange

_PLACES = {
    "SEK": ("Stockholm", "Kista", "Solna", "Göteborg", "Malmö", "Uppsala", "Västerås", "Örebro", "Norrköping"),
    "NOK": ("Oslo", "Bergen", "Trondheim", "Stavanger", "Drammen", "Tromsø"),
    "DKK": ("København", "Aarhus", "Odense", "Aalborg", "Køge"),
    "EUR": ("Helsinki", "Espoo", "Tampere", "Turku", "Oulu", "Vantaa"),
}
_COUNTRIES = {"SEK": "SE", "NOK": "NO", "DKK": "DK", "EUR": "FI"}
_CURRENCIES = ("SEK", "SEK", "SEK", "NOK", "DKK", "EUR")  # half of them Swedish
_CATEGORIES = ("office", "residential", "retail", "industrial", "hotel", "social_infrastructure")
_NOUNS = {
    "office": ("Kontor", "Office Park", "Business Center", "Tower"),
    "residential": ("Bostäder", "Homes", "Kvarter", "Student Housing"),
    "retail": ("Handel", "Shopping", "Retail Park", "Galleria"),
    "industrial": ("Logistics", "Lager", "Industri", "Cold Store"),
    "hotel": ("Hotel", "Resort"),
    "social_infrastructure": ("Skola", "Care Home", "Förskola"),
}
_EXCLUSIVITIES = ("exclusive", "exclusive", "non_exclusive", "other", None)
_CLASSIFICATIONS = ("draft", "active", "active", "active", "inactive")
_STAGES = (None, None, "property_added", "drafting", "published", "verified", "communicated")


def drawn(n: int, rng: random.Random) -> Iterator[tuple[dict[str, Any], str | None]]:
    """Attributes and teaser stage of n projects; names are unique."""
    pick = rng.random
    for number in range(1, n + 1):
        currency = _CURRENCIES[int(pick() * len(_CURRENCIES))]
        yield _project(number, currency, rng), _STAGES[int(pick() * len(_STAGES))]


def drawn_property(name: str, currency: str, rng: random.Random) -> dict[str, Any]:
    """A property that fits, without its ids and stamps (section 14)."""
    category = rng.choice(_CATEGORIES)
    return {
        "name": name,
        "location": {"country": _COUNTRIES.get(currency, "SE"), "locality": name.split()[0]},
        "categories": [{"type": category, "locationClass": rng.choice("ABC")}],
        "parcelArea": {"value": rng.randrange(500, 40_000, 10), "unit": "sqm"},
        "tenure": rng.choice(("freehold", "leasehold")),
        "tags": sorted(rng.sample(("core", "core_plus", "value_add", "portfolio"), 2)),
        "yearBuilt": rng.randrange(1890, 2025),
    }


def _project(number: int, currency: str, rng: random.Random) -> dict[str, Any]:
    pick = rng.random
    places = _PLACES[currency]
    nouns = _NOUNS[_CATEGORIES[int(pick() * len(_CATEGORIES))]]
    portfolio = pick() < 0.15
    price = _price(currency, pick())
    return {
        "name": f"{places[int(pick() * len(places))]} {nouns[int(pick() * len(nouns))]} {number}",
        "asset": Asset("portfolio", 2 + int(pick() * 30)) if portfolio else Asset("single"),
        "status": "closed" if pick() < 0.1 else "open",
        "classification": _CLASSIFICATIONS[int(pick() * len(_CLASSIFICATIONS))],
        "exclusivity": _EXCLUSIVITIES[int(pick() * len(_EXCLUSIVITIES))],
        "price": price,
        "price_range": _around(price) if price is not None and pick() < 0.3 else None,
    }


def _price(currency: str, chance: float) -> Price | None:
    if chance < 0.1:
        return None  # not set yet
    if chance < 0.2:
        return Price(Decimal(int(chance * 1_000) * 1_000_000), currency, "none")
    if chance < 0.3:
        return Price(Decimal(int(chance * 2_000_000)), currency, "thousands")
    if chance < 0.35:
        return Price(Decimal(int(chance * 1_000)).scaleb(-2), currency, "billions")
    return Price(Decimal(int(chance * 9_000)).scaleb(-1), currency, "millions")


def _around(price: Price) -> PriceRange:
    return PriceRange(
        min=price.value * Decimal("0.9"),
        max=price.value * Decimal("1.1"),
        currency=price.currency,
        scale=price.scale,
    )
