"""Companies that stand in for people: a prospect may name a company alone, until somebody says who it is there.

Whom a contact works for, Propstreet says. Somebody of the company who is put on the deal takes its place there, and
the pair goes on with them once Propstreet shows it (propstreet.md trap 51). Two of them at once come beside it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from syncd.core.model import LEFT, RIGHT, Kind
from syncd.core.remote import Remote, one_person, person_of
from syncd.mapping.contact import employers
from syncd.store import bindings, mirror
from syncd.store.bindings import BindingState
from syncd.store.bulk import Tx

from . import kin
from .connection import Connection
from .pairing import Pair

REPRESENTED = "one of its people is an investor in this project already"
SUCCEEDS = "it takes the place of its company in the project"


def stand_ins(connection: Connection, deals: Mapping[str, str]) -> dict[str, Remote]:
    """By the id of a prospect that names a company alone, the CRM's record of the one person who is to take its place.

    `deals`: in these projects, by the project's id. By the mirror alone.
    """
    if not deals or not connection.mappers[kin.CHILD].policy.create.reaches(LEFT):
        return {}
    found: dict[str, Remote] = {}
    with connection.store.read() as tx:
        here = mirror.within(tx, connection.name, LEFT, kin.CHILD, list(deals))
        there = mirror.within(tx, connection.name, RIGHT, kin.CHILD, list(deals.values()))
        for project, deal in deals.items():
            found |= _in_one(tx, connection, here.get(project, []), there.get(deal, []))
    return found


def represented(
    connection: Connection, pairs: Sequence[Pair], standing: Mapping[tuple[str, str], Remote]
) -> list[Pair]:
    """Those of these companies on deals of which somebody is in the project; `standing`: who is there."""
    where = [(pair, place) for pair in pairs if (place := _company_at(pair)) is not None]
    if not where:
        return []
    people = {key: who[1] for key in standing if (who := one_person(key[1])) is not None and who[0] is Kind.CONTACT}
    with connection.store.read() as tx:
        works_for = _employers(tx, connection, people.values())
    there = {(project, company) for (project, _), id in people.items() for company in works_for.get(id, ())}
    return [pair for pair, place in where if place in there]


def why_idle(connection: Connection, pair: Pair) -> str | None:
    """Why one who is alone on a deal needs no prospect, by the mirror alone."""
    place, right = pair.place, pair.right
    if pair.left is not None or pair.stamped or right is None or place is None or place.parent is None:
        return None
    with connection.store.read() as tx:
        inside = mirror.within(tx, connection.name, LEFT, kin.CHILD, [place.parent]).get(place.parent, [])
    if represented(connection, [pair], {(place.parent, row.person): row for row in inside if row.person}):
        return REPRESENTED
    succeeding = stand_ins(connection, {place.parent: right.parent or ""}).values()
    return SUCCEEDS if right.id in {row.id for row in succeeding} else None


def note_left_behind(connection: Connection, pairs: Sequence[Pair]) -> None:
    """Say of pairs which have become a person's what of ours they left on the deal under the company's name."""
    former = {id: pair for pair in pairs if _is_a_persons(pair) for id in pair.former}
    if not former:
        return
    mapper = connection.mappers[kin.CHILD]
    with connection.store.read() as tx:
        rows = mirror.get(tx, connection.name, RIGHT, kin.CHILD, list(former))
    for id, row in rows.items():
        who, pair = one_person(row.person), former[id]
        here = pair.right is not None and pair.right.parent == row.parent and not row.deleted
        ours = here and kin.enters_there(mapper, RIGHT, row) is None
        if ours and who is not None and who[0] is Kind.COMPANY:
            pair.leaves = row


def _in_one(tx: Tx, connection: Connection, here: Sequence[Remote], there: Sequence[Remote]) -> dict[str, Remote]:
    by_person = {row.person: row for row in here if row.person}
    newcomers = {
        contact: row
        for contact, row in _newcomers(tx, connection, there).items()
        if person_of(Kind.CONTACT, contact) not in by_person
    }
    claims: dict[str, list[Remote]] = {}
    for contact, companies in _employers(tx, connection, newcomers).items():
        rows = [by_person[one] for id in companies if (one := person_of(Kind.COMPANY, id)) in by_person]
        if len(rows) == 1:
            claims.setdefault(rows[0].id, []).append(newcomers[contact])
    return {id: claiming[0] for id, claiming in claims.items() if len(claiming) == 1}


def _newcomers(tx: Tx, connection: Connection, there: Sequence[Remote]) -> dict[str, Remote]:
    """The contacts on a deal who are in no pair there, by their id in Propstreet."""
    mapper, name = connection.mappers[kin.CHILD], connection.name
    contacts = {
        who[1]: row
        for row in there
        if (who := one_person(row.person)) is not None
        and who[0] is Kind.CONTACT
        and kin.enters_there(mapper, RIGHT, row) is None
    }
    paired = bindings.by_ids(tx, name, kin.CHILD, RIGHT, [row.id for row in contacts.values()])
    known = bindings.by_ids(tx, name, Kind.CONTACT, RIGHT, list(contacts))
    return {
        one.left_id: row
        for id, row in contacts.items()
        if (one := known.get(id)) is not None and one.state is BindingState.BOUND and one.left_id is not None
        if row.id not in paired or paired[row.id].state is BindingState.PENDING
    }


def _company_at(pair: Pair) -> tuple[str, str] | None:
    """The project, and the company that it is about there; None if it is about anybody else."""
    place = pair.place
    who = one_person(place.person) if place is not None else None
    if place is None or place.parent is None or who is None or who[0] is not Kind.COMPANY:
        return None
    return place.parent, who[1]


def _is_a_persons(pair: Pair) -> bool:
    both = [one_person(row.person) for row in (pair.left, pair.right) if row is not None and not row.deleted]
    return len(both) == 2 and all(who is not None and who[0] is Kind.CONTACT for who in both)


def _employers(tx: Tx, connection: Connection, contacts: Iterable[str]) -> dict[str, frozenset[str]]:
    rows = mirror.get(tx, connection.name, LEFT, Kind.CONTACT, list(dict.fromkeys(contacts)))
    return {id: employers(row.raw) for id, row in rows.items()}
