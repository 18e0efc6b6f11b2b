"""Companies that stand in for people: a prospect may name a company alone, until somebody says who it is there.

Whom a contact works for, Propstreet says. Two people at once who could take a company's place both come beside it.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence

from syncd.core.model import LEFT, RIGHT, Kind
from syncd.core.remote import Remote, one_person, person_of
from syncd.mapping.contact import employers
from syncd.store import mirror

from . import kin
from .connection import Connection
from .pairing import Pair

REPRESENTED = "one of its people is an investor in this project already"

Standing = Mapping[tuple[str, str], Remote]
"""Propstreet's prospects, by project and person."""


def stand_ins(connection: Connection, pairs: Sequence[Pair], standing: Standing) -> dict[str, Remote]:
    """The prospect that each of these contacts on deals is to take over, by the pair's name; absent if none."""
    where = {pair.name: place for pair in pairs if (place := _place(pair, Kind.CONTACT)) is not None}
    works_for = _employers(connection, [contact for _, contact in where.values()])
    found: dict[str, Remote] = {}
    for name, (project, contact) in where.items():
        rows = [standing.get((project, person_of(Kind.COMPANY, id))) for id in works_for.get(contact, ())]
        there = [row for row in rows if row is not None]
        if len(there) == 1:
            found[name] = there[0]
    claims = Counter(row.id for row in found.values())
    return {name: row for name, row in found.items() if claims[row.id] == 1}


def represented(connection: Connection, pairs: Sequence[Pair], standing: Standing) -> list[Pair]:
    """Those of these companies on deals of which somebody is a prospect in the project."""
    where = [(pair, place) for pair in pairs if (place := _place(pair, Kind.COMPANY)) is not None]
    if not where:
        return []
    people = {key: who[1] for key in standing if (who := one_person(key[1])) is not None and who[0] is Kind.CONTACT}
    works_for = _employers(connection, people.values())
    there = {(project, company) for (project, _), id in people.items() for company in works_for.get(id, ())}
    return [pair for pair, place in where if place in there]


def is_represented(connection: Connection, pair: Pair) -> bool:
    """The same of one pair, by the mirror alone."""
    place = _place(pair, Kind.COMPANY)
    if place is None or pair.left is not None or pair.stamped:
        return False
    with connection.store.read() as tx:
        inside = mirror.within(tx, connection.name, LEFT, kin.CHILD, [place[0]]).get(place[0], [])
    return bool(represented(connection, [pair], {(place[0], row.person): row for row in inside if row.person}))


def note_left_behind(connection: Connection, pairs: Sequence[Pair]) -> None:
    """Say of pairs which have become a person's what they left on the deal under the company's name."""
    former = {id: pair for pair in pairs if _is_a_persons(pair) for id in pair.former}
    if not former:
        return
    with connection.store.read() as tx:
        rows = mirror.get(tx, connection.name, RIGHT, kin.CHILD, list(former))
    for id, row in rows.items():
        who, pair = one_person(row.person), former[id]
        here = pair.right is not None and pair.right.parent == row.parent
        if here and not row.deleted and who is not None and who[0] is Kind.COMPANY:
            pair.leaves = row


def _place(pair: Pair, kind: Kind) -> tuple[str, str] | None:
    """The project, and the id of the one that it is about there, if that is of this kind."""
    place = pair.place
    who = one_person(place.person) if place is not None else None
    if place is None or place.parent is None or who is None or who[0] is not kind:
        return None
    return place.parent, who[1]


def _is_a_persons(pair: Pair) -> bool:
    both = [one_person(row.person) for row in (pair.left, pair.right) if row is not None and not row.deleted]
    return len(both) == 2 and all(who is not None and who[0] is Kind.CONTACT for who in both)


def _employers(connection: Connection, contacts: Iterable[str]) -> dict[str, frozenset[str]]:
    ids = list(dict.fromkeys(contacts))
    if not ids:
        return {}
    with connection.store.read() as tx:
        rows = mirror.get(tx, connection.name, LEFT, Kind.CONTACT, ids)
    return {id: employers(row.raw) for id, row in rows.items()}
