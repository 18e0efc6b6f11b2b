"""What people call a record, for those who look at a terminal: names of people are in it, so it is never logged.

From the mirror alone. An investor goes by the name of the person and of the project.
"""

from __future__ import annotations

from collections.abc import Mapping

from syncd.core.model import LEFT, Fields, Kind, Side
from syncd.core.remote import Remote, one_person
from syncd.mapping.prospect import read_name
from syncd.store import bindings, mirror
from syncd.store.bulk import Tx

from . import kin
from .connection import Connection
from .view import snapshot


def title(tx: Tx, connection: Connection, kind: Kind, ids: Mapping[Side, str | None]) -> str:
    """Of the record with these ids, one of which is enough; "" where nothing is known that it goes by."""
    for side in Side:
        id = ids.get(side)
        row = mirror.get(tx, connection.name, side, kind, [id]).get(id) if id is not None else None
        if row is not None and (found := _named(tx, connection, kind, side, row)):
            return found
    return ""


def title_of(tx: Tx, connection: Connection, binding: int) -> str:
    """Of the pair with this number; "" too where it is not kept any more."""
    found = bindings.get(tx, [binding]).get(binding)
    return title(tx, connection, found.kind, {side: found.id_of(side) for side in Side}) if found is not None else ""


def name_of(kind: Kind, fields: Fields) -> str:
    """Of what has a name of its own; "" where these fields do not show one."""
    names = ("first_name", "last_name") if kind is Kind.CONTACT else ("name",)
    return " ".join(str(fields[name]) for name in names if fields.get(name))


def _named(tx: Tx, connection: Connection, kind: Kind, side: Side, row: Remote) -> str:
    if kind is not kin.CHILD:
        return name_of(kind, snapshot(connection.mappers[kind], side, row).fields)
    who = _person(tx, connection, side, row) or (read_name(row.raw) if side is LEFT else "")
    where = title(tx, connection, kin.PARENT, {side: row.parent})
    return " in ".join(filter(None, (who, where))) if who else ""


def _person(tx: Tx, connection: Connection, side: Side, row: Remote) -> str:
    who = one_person(row.person)
    if who is None:
        return ""
    kind, id = who
    return title(tx, connection, kind, {side: id}) if kind in connection.mappers else ""
