"""Many believable Nordic investors, none of whom exists: the same for the same random numbers.

Addresses are under example.com and its like, and telephone numbers in ranges kept for fiction.
"""

from __future__ import annotations

import random
import unicodedata
from collections.abc import Iterator, Sequence
from typing import Any

import msgspec

from .record import Company, Email, Phone

_FIRST = (
    "Agnes", "Albin", "Alva", "Anders", "Arne", "Astrid", "Bengt", "Birgit", "Bodil", "Carl", "Dagny", "Ebba", "Edvin",
    "Elin", "Elof", "Embla", "Erik", "Frida", "Gustav", "Hanna", "Harald", "Hilda", "Ida", "Ingrid", "Ivar", "Jens",
    "Johanna", "Kaisa", "Karin", "Klas", "Lars", "Linnea", "Maja", "Mikko", "Moa", "Nils", "Olav", "Pia", "Ragna",
    "Signe", "Siri", "Sofia", "Sven", "Tove", "Tuva", "Ulf", "Vera", "Viggo", "Yrsa", "Åsa", "Östen",
)  # fmt: skip
_LAST = (
    "Almstierna", "Asplöv", "Bergdal", "Björkvall", "Brunmark", "Dalhammar", "Ekfors", "Elvmo", "Fagernäs", "Fjellborg",
    "Granvik", "Grönhaug", "Havsten", "Hedbacka", "Höglind", "Isaksvik", "Järnhult", "Kvistgren", "Ljungfors",
    "Lundekvam", "Mossvik", "Nordhavn", "Nyängen", "Rosenvall", "Rönnskär", "Sandåker", "Silfverlund", "Skogsberg",
    "Solhaug", "Stenvåg", "Sundmark", "Tallvik", "Tjärnholm", "Torpdal", "Uddmark", "Vintermo", "Västerskog", "Ågren",
)  # fmt: skip
_STEMS = (
    "Aspvik", "Birkdal", "Norrskär", "Fyrhamn", "Granholt", "Havsljus", "Isfjäll", "Klippsund", "Lövstad", "Mälarsten",
    "Nordport", "Ostvind", "Pilhamn", "Rimfors", "Silverdal", "Stjärnvik", "Tornberg", "Utsikt", "Vågsund", "Älvkarl",
)  # fmt: skip
_TRADES = ("Fastigheter", "Capital", "Real Estate", "Kapital", "Properties", "Eiendom", "Invest", "Logistics Fund")
_FORMS = {"SE": "AB", "NO": "AS", "DK": "A/S", "FI": "Oy"}
_COUNTRIES = ("SE", "SE", "SE", "NO", "DK", "FI")  # half of them Swedish
_LANGUAGES = {"SE": "sv", "NO": "nb", "DK": "da", "FI": "fi"}
_TITLES = ("CEO", "CFO", "Head of Transactions", "Investment Manager", "Analyst", "Partner", "Asset Manager")
_TAGS = ("tier-1", "tier-2", "repeat-buyer", "core", "value-add", "nordic", "family-office", "cold")
_ENDS = ("example.com", "example.org", "example.net")


class Drawn(msgspec.Struct, frozen=True):
    attributes: dict[str, Any]
    company: str | None  # the id of the one to link to
    job_title: str | None


def companies(n: int, before: int, rng: random.Random) -> Iterator[dict[str, Any]]:
    """Attributes of n companies; `before` how many there are already, so that names stay unique."""
    for number in range(before + 1, before + n + 1):
        country = rng.choice(_COUNTRIES)
        stem, trade = rng.choice(_STEMS), rng.choice(_TRADES)
        domain = f"{_plain(stem)}{number}.{rng.choice(_ENDS)}"
        yield {
            "name": f"{stem} {trade} {number} {_FORMS[country]}",
            "domain": domain,
            "homepage_url": f"https://www.{domain}/" if rng.random() < 0.5 else None,
            "country_code": country,
            "tags": _tags(rng),
        }


def contacts(n: int, before: int, firms: Sequence[Company], rng: random.Random) -> Iterator[Drawn]:
    """N contacts, nine in ten of them at one of these firms; addresses are unique."""
    for number in range(before + 1, before + n + 1):
        firm = rng.choice(firms) if firms and rng.random() < 0.9 else None
        country = firm.country_code if firm is not None else rng.choice(_COUNTRIES)
        first, last = rng.choice(_FIRST), rng.choice(_LAST)
        domain = firm.domain if firm is not None else rng.choice(_ENDS)
        email = f"{_plain(first)}.{_plain(last)}{number}@{domain}" if rng.random() < 0.95 else None
        phone = f"+46701740{605 + number % 95}" if rng.random() < 0.7 or email is None else None
        attributes = {
            "first_name": first,
            "last_name": last,
            "email": email,
            "emails": (Email(address=email, is_primary=True),) if email is not None else (),
            "phone": phone,
            "phones": (Phone(number=phone, is_primary=True),) if phone is not None else (),
            "primary_language": _LANGUAGES[country] if country in _LANGUAGES and rng.random() < 0.5 else None,
            "tags": _tags(rng),
        }
        yield Drawn(attributes, firm.id if firm is not None else None, rng.choice(_TITLES))


def investor(id: str, rng: random.Random) -> dict[str, Any]:
    """Somebody from outside the network, by wire names; the id makes the address unique."""
    first, last, stem = rng.choice(_FIRST), rng.choice(_LAST), rng.choice(_STEMS)
    return {
        "firstName": first,
        "lastName": last,
        "email": f"{_plain(first)}.{_plain(last)}{id}@{_plain(stem)}.{rng.choice(_ENDS)}",
        "organization": f"{stem} {rng.choice(_TRADES)}",
    }


def _tags(rng: random.Random) -> tuple[str, ...]:
    return tuple(sorted(rng.sample(_TAGS, rng.choice((0, 1, 1, 2)))))


def _plain(name: str) -> str:
    """Letters that an address can bear."""
    folded = unicodedata.normalize("NFKD", name.lower().replace("ø", "o").replace("æ", "ae"))
    return "".join(letter for letter in folded if letter.isascii() and letter.isalpha())
