"""Holds what the two records of a pair are linked to against each other: their project, and whom they are about.

Propstreet's prospect lives in its project for good, and names its contact once at most; so what lacks a link gets it,
a company that stood in for a person gives way to the person, and two that differ are held. Nothing is ever unlinked.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from syncd.core.model import LEFT, RIGHT, Kind, Side
from syncd.core.remote import SEVERAL, Remote, one_person

from . import kin
from .connection import Connection
from .kin import Place
from .pairing import Pair


def links(connection: Connection, pairs: Sequence[Pair]) -> dict[str, dict[str, Any]]:
    """`unlinked` and `misplaced` of each pair's situation, by the pair's name; absent where all is as it should be.

    A link that can't be made now, or that the mapping does not let through, is no reason for anything.
    Also of a pair whose left record is deleted: the other one may have been linked to something else since.
    """
    both = [(pair, *records) for pair in pairs if (records := _linked(pair)) is not None]
    if not both:
        return {}
    with connection.store.read() as tx:
        here = kin.places(tx, connection, LEFT, [left for _, left, _ in both])
        there = kin.places(tx, connection, RIGHT, [right for _, _, right in both])
    found = {}
    for pair, left, right in both:
        unlinked, misplaced = _compared(left, right, here[left.id], there[right.id])
        if unlinked is not None and not _may_be_made(connection, unlinked, here[left.id], there[right.id]):
            unlinked = None
        if left.deleted and (here[left.id].unresolved or here[left.id].over):
            continue  # the deal or the person has become another by a merge, and the record went along
        if unlinked is not None or misplaced is not None:
            found[pair.name] = {"unlinked": unlinked, "misplaced": misplaced}
    return found


def _linked(pair: Pair) -> tuple[Remote, Remote] | None:
    left, right = pair.left, pair.right
    if pair.kind is not kin.CHILD or not pair.stamped or left is None or right is None or right.deleted:
        return None
    return left, right


def _may_be_made(connection: Connection, side: Side, here: Place, there: Place) -> bool:
    """Whom a prospect is about can be said in Propstreet once, and is like adding it; a link in the CRM is an edit."""
    policy = connection.mappers[kin.CHILD].policy
    if side is LEFT:
        return there.why_not is None and policy.create.reaches(LEFT)
    edits = policy.create.reaches(RIGHT) or any(field.flow.reaches(RIGHT) for field in policy.fields.values())
    return here.over is None and edits


def _compared(left: Remote, right: Remote, here: Place, there: Place) -> tuple[Side | None, str | None]:
    """`here` is where the left one's counterpart belongs, `there` where the right one's does."""
    if _kinds(left, right) == (Kind.COMPANY, Kind.CONTACT):
        if right.parent is None and here.parent is not None:
            return RIGHT, None
        return (LEFT if there.person is not None else None), None
    if SEVERAL in (right.parent, right.person):
        return None, f"{there.unresolved}, and it is paired with {left.id}"
    parent = _one(left.parent, right.parent, here.parent, there.parent)
    person = _one(left.person, right.person, here.person, there.person)
    if _kinds(left, right) == (Kind.CONTACT, Kind.COMPANY):
        person = here.person is not None
    if parent is None or person is None:
        what, ids = (
            ("project", (left.parent, right.parent)) if parent is None else ("person", (left.person, right.person))
        )
        return None, f"its {what} is {ids[0]} in propstreet, and {ids[1]} in crm, which are not a pair"
    return (RIGHT if parent or person else None), None


def _one(left: str | None, right: str | None, left_there: str | None, right_here: str | None) -> bool | None:
    """Is the right one's link to be made? None where the two links lead to two."""
    if right is None:
        return left_there is not None
    agree = left is None or right == left_there or left == right_here
    return False if agree or (left_there is None and right_here is None) else None


def _kinds(left: Remote, right: Remote) -> tuple[Kind, Kind] | None:
    one, other = one_person(left.person), one_person(right.person)
    return None if one is None or other is None else (one[0], other[0])
