"""Whom the sandboxes begin with: a network of people in Propstreet, investors in some projects, and in the CRM a few of
those people already, who carry no stamp and have to be recognised."""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence

import msgspec

from syncd.config.load import read_toml, shipped_tables
from syncd.core.model import Kind
from syncd.mapping import load_tables
from syncd.testing.sandbox.propstreet import PropstreetTwin
from syncd.testing.sandbox.salesforce import SalesforceTwin

PEOPLE_EACH = 6  # contacts of the network for every project that has investors
COMPANY_EACH = 2  # so many contacts to a company
# A tenth of larger crowds would be companies without a person, who have no place in Salesforce.
INVESTORS_MAX = 5


class Person(msgspec.Struct, frozen=True):
    """Somebody of Propstreet's network."""

    id: str
    first: str
    last: str
    email: str


AddContact = Callable[[Person], str]
"""Somebody adds this person in the CRM; the id there."""


class Newcomers(msgspec.Struct, frozen=True):
    prospects: int
    known: tuple[Person, str]  # an investor who is in the CRM already, and the id there
    idle: tuple[Person, str]  # the same of somebody who is in no project yet
    spare: Person  # of Propstreet's network only, and in no project yet


def seed_investors(
    twin: PropstreetTwin, projects: Sequence[str], add_contact: AddContact, rng: random.Random
) -> Newcomers:
    """A few prospects in each of these projects, of which there must be one, out of a network made for it."""
    people = PEOPLE_EACH * len(projects) + 2
    twin.seed_people(people, people // COMPANY_EACH, rng)
    prospects = sum(len(twin.seed_prospects(project, rng.randint(2, INVESTORS_MAX), rng)) for project in projects)
    busy = {prospect["contactId"] for project in projects for prospect in twin.live_prospects(project)}
    addressed = [contact for contact in twin.live_contacts() if contact.get("email")]
    investor = next(person_of(contact) for contact in addressed if contact["id"] in busy)
    idle, spare, *_ = (person_of(contact) for contact in addressed if contact["id"] not in busy)
    return Newcomers(prospects, (investor, add_contact(investor)), (idle, add_contact(idle)), spare)


def person_of(contact: dict[str, str]) -> Person:
    return Person(contact["id"], contact["firstName"], contact["lastName"], contact["email"])


def add_roles(twin: SalesforceTwin) -> None:
    """Those of the shipped table, as an admin does it: Salesforce lets no program make roles."""
    table = shipped_tables()["salesforce-prospects"]
    mapper = load_tables(read_toml(table), str(table))[Kind.PROSPECT]
    for field in mapper.wanted():
        twin.person.add_choices(field.name, [value for value, _ in field.options], mapper.object)
