"""Keys: which live records go by which keys. A list that follows the mirror, which alone writes it and asks it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import cache

from sqlalchemy import Insert, bindparam, delete

from syncd.core.model import Kind, Side

from .bulk import Tx, each, insert
from .schema import record_keys

ByRecord = Mapping[str, Iterable[str]]
"""Keys by the id of the record that goes by them; a record without any need not be there."""


def relist(tx: Tx, connection: str, side: Side, kind: Kind, *, before: ByRecord, after: ByRecord) -> None:
    """These records went by the keys before, and go by those after. No difference, no statement."""
    had, have = _pairs(before), _pairs(after)
    key = {"connection": connection, "side": side.value, "kind": kind.value}
    where = {f"the_{name}": value for name, value in key.items()}
    each(tx, _removed, [where | {"the_key": name, "the_id": id} for name, id in sorted(had - have)])
    each(tx, _added(tx.dialect.name), [key | {"key": name, "id": id} for name, id in sorted(have - had)])


def _pairs(keys: ByRecord) -> set[tuple[str, str]]:
    return {(name, id) for id, names in keys.items() for name in names}


_removed = delete(record_keys).where(
    *(record_keys.c[name] == bindparam(f"the_{name}") for name in ("connection", "side", "kind", "key", "id"))
)


@cache
def _added(dialect: str) -> Insert:
    return insert(dialect, record_keys).on_conflict_do_nothing()
