"""What explain says of a project: who is in it on either side, and how each of them stands."""

from __future__ import annotations

from itertools import islice

import msgspec

from syncd.core.model import Kind, Side
from syncd.store import bindings, mirror

from . import kin
from .connection import Connection
from .explain import Explanation, Investor, explain
from .titles import title

SHOWN_MAX = 100


def with_investors(connection: Connection, one: Explanation) -> Explanation:
    """The same, with the investors of a project or deal; at most so many, those of Propstreet first."""
    if one.kind != kin.PARENT or kin.CHILD not in connection.mappers:
        return one
    ids = islice(_ids(connection, {Side.PROPSTREET: one.propstreet_id, Side.CRM: one.crm_id}), SHOWN_MAX)
    return msgspec.structs.replace(one, investors=[found for id in ids for found in _investors(connection, id)])


def _ids(connection: Connection, parents: dict[Side, str | None]) -> list[str]:
    """Each pair once, by its id in Propstreet where it has one there."""
    found: dict[str, None] = {}
    with connection.store.read() as tx:
        for side, parent in parents.items():
            if parent is None:
                continue
            inside = mirror.ids_within(tx, connection.name, side, kin.CHILD, [parent]).get(parent, [])
            paired = bindings.by_ids(tx, connection.name, kin.CHILD, side, inside)
            for id in inside:
                binding = paired.get(id)
                found[(binding.left_id if binding is not None else None) or id] = None
    return list(found)


def _investors(connection: Connection, id: str) -> list[Investor]:
    investors = [one for one in explain(connection, id) if one.kind == Kind.PROSPECT]
    with connection.store.read() as tx:
        return [
            Investor(id, title(tx, connection, Kind.PROSPECT, _sides(one)), one.state, one.why, one.next)
            for one in investors
        ]


def _sides(one: Explanation) -> dict[Side, str | None]:
    return {Side.PROPSTREET: one.propstreet_id, Side.CRM: one.crm_id}
