"""A believable Nordic sales org, the same for the same number."""

from __future__ import annotations

import random
from collections.abc import Sequence

from .org import Author, Org
from .parties import ROLE_NAME
from .stamps import day_of, days_after
from .writing import create

_PLACES = ("Stockholm", "Göteborg", "Malmö", "Oslo", "Bergen", "København", "Aarhus", "Helsinki", "Tampere")
_COUNTRIES = ("Sweden", "Sweden", "Sweden", "Norway", "Norway", "Denmark", "Denmark", "Finland", "Finland")
_FIRMS = ("Fastigheter", "Eiendom", "Kapital", "Holding", "Invest", "Pension", "Property Partners")
_WORDS = ("Kontor", "Logistics Park", "Bostäder", "Retail Galleria", "Hotel", "Care Home", "Tower")
_FIRST = ("Anna", "Lars", "Ingrid", "Mikko", "Sofie", "Erik", "Kari", "Johan")
_LAST = ("Lindqvist", "Hansen", "Virtanen", "Nielsen", "Berg", "Åkesson", "Dahl", "Öberg")
PER_ACCOUNT = 8


def sow(org: Org, opportunities: int, number: int, author: Author) -> list[str]:
    """Opportunities, and for every eight of them an account with a contact."""
    rng = random.Random(number)
    today = day_of(org.now())
    stages = list(org.stages)
    tables = (org.table("Account"), org.table("Contact"), org.table("Opportunity"))
    made: list[str] = []
    account = ""
    for count in range(opportunities):
        place = rng.randrange(len(_PLACES))
        if count % PER_ACCOUNT == 0:
            firm = f"{_PLACES[place]} {rng.choice(_FIRMS)} {count // PER_ACCOUNT + 1}"
            facts = {"Name": firm, "BillingCity": _PLACES[place], "BillingCountry": _COUNTRIES[place]}
            account = create(org, tables[0], facts, author)
            first, last = rng.choice(_FIRST), rng.choice(_LAST)
            email = f"contact{count}@firm{count // PER_ACCOUNT + 1}.example"
            create(org, tables[1], {"FirstName": first, "LastName": last, "Email": email, "AccountId": account}, author)
        deal = {
            "Name": f"{_PLACES[place]} {rng.choice(_WORDS)} {count + 1}",
            "AccountId": account,
            "StageName": rng.choice(stages),
            "CloseDate": days_after(today, rng.randrange(-90, 365)).isoformat(),
            "Amount": rng.randrange(5, 2_000) * 100_000 if rng.random() < 0.9 else None,
        }
        made.append(create(org, tables[2], deal, author))
    return made


def people(org: Org, opportunities: Sequence[str], each: int, number: int, author: Author) -> list[str]:
    """A contact of the opportunity's account for every role."""
    rng = random.Random(number)
    contacts, roles, deals = org.table("Contact"), org.table(ROLE_NAME), org.table("Opportunity")
    known = roles.fields["Role"].values
    made: list[str] = []
    for opportunity in opportunities:
        for place in range(each):
            facts = {"FirstName": rng.choice(_FIRST), "LastName": rng.choice(_LAST)}
            facts["Email"] = f"prospect{len(made)}@seed{number}.example"
            account = deals.rows[opportunity].get("AccountId")
            contact = create(org, contacts, facts | ({"AccountId": account} if account else {}), author)
            role = {"OpportunityId": opportunity, "ContactId": contact, "IsPrimary": place == 0}
            made.append(create(org, roles, role | {"Role": rng.choice(known)}, author))
    return made
