"""Bindings: this Propstreet record is that CRM record, and what the two last agreed on.

A record has one binding at most; the database sees to it. An id that was merged away becomes an alias of the
binding that its survivor has.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from enum import StrEnum
from typing import Any

import msgspec
from sqlalchemy import ColumnElement, Row, bindparam, delete, func, insert, or_, select, update

from syncd.core.model import LEFT, Base, Kind, Side

from .bulk import Tx, chunks, each, new_ids, upsert
from .encoding import encode, fields_from
from .schema import aliases, bindings


class BindingState(StrEnum):
    PENDING = "pending"  # one side only; its counterpart is being made, or may not be
    BOUND = "bound"
    ENDED = "ended"  # over: the survivor lives on alone and is never bound again by itself
    MERGED = "merged"  # its record was merged into another one's; the note says which


class NewBinding(msgspec.Struct, frozen=True, kw_only=True):
    connection: str
    kind: Kind
    left_id: str | None = None
    right_id: str | None = None
    base: Base | None = None  # None: the two were never settled together
    state: BindingState = BindingState.PENDING
    note: str | None = None

    def id_of(self, side: Side) -> str | None:
        return self.left_id if side is LEFT else self.right_id


class Binding(msgspec.Struct, frozen=True, kw_only=True):
    id: int
    connection: str
    kind: Kind
    left_id: str | None
    right_id: str | None
    base: Base | None
    state: BindingState
    note: str | None
    created: float
    changed: float

    def id_of(self, side: Side) -> str | None:
        return self.left_id if side is LEFT else self.right_id


def by_ids(tx: Tx, connection: str, kind: Kind, side: Side, ids: Sequence[str]) -> dict[str, Binding]:
    """The bindings of these records, by the id asked for, which may be an alias; absent if unbound."""
    column = bindings.c.left_id if side is LEFT else bindings.c.right_id
    found: dict[str, Binding] = {}
    for chunk in chunks(ids):
        query = _rows.where(bindings.c.connection == connection, bindings.c.kind == kind.value, column.in_(chunk))
        for binding in _all(tx.execute(query)):
            found[binding.id_of(side) or ""] = binding
    return found | _by_alias(tx, connection, kind, side, [id for id in ids if id not in found])


def get(tx: Tx, ids: Iterable[int], *, lock: bool = False) -> dict[int, Binding]:
    """Bindings by their own id. `lock` keeps other writers away from them until the transaction ends."""
    found: dict[int, Binding] = {}
    for chunk in chunks(sorted(ids)):
        query = _rows.where(bindings.c.id.in_(chunk)).order_by(bindings.c.id)
        for binding in _all(tx.execute(query.with_for_update() if lock else query)):
            found[binding.id] = binding
    return found


def former_ids(tx: Tx, ids: Sequence[int]) -> dict[int, frozenset[str]]:
    """The ids that these bindings had before, on either side; absent if there were none."""
    found: dict[int, set[str]] = {}
    for chunk in chunks(ids):
        for binding, id in tx.execute(select(aliases.c.binding, aliases.c.id).where(aliases.c.binding.in_(chunk))):
            found.setdefault(binding, set()).add(id)
    return {binding: frozenset(names) for binding, names in found.items()}


def find(tx: Tx, connection: str, id: str) -> list[Binding]:
    """Whatever this id may name, on either side and of any kind, aliases included: for people."""
    named = select(aliases.c.binding).where(aliases.c.connection == connection, aliases.c.id == id)
    either = or_(bindings.c.left_id == id, bindings.c.right_id == id, bindings.c.id.in_(named))
    return _all(tx.execute(_rows.where(bindings.c.connection == connection, either).order_by(bindings.c.id)))


def add(tx: Tx, new: Sequence[NewBinding], *, now: float) -> list[int]:
    """Store these bindings; their ids, in the order given."""
    ids = new_ids(tx, bindings, len(new))
    rows = [
        {
            "id": id,
            "connection": binding.connection,
            "kind": binding.kind.value,
            "created": now,
            **_changeable(binding, now),
        }
        for id, binding in zip(ids, new, strict=True)
    ]
    each(tx, _added, rows)
    return ids


def save(tx: Tx, changed: Sequence[Binding], *, now: float) -> None:
    """Store ids, base, state and note of these bindings."""
    each(tx, _saved, [{"the_id": binding.id, **_changeable(binding, now)} for binding in changed])


def alias(tx: Tx, connection: str, kind: Kind, side: Side, ids: Sequence[str], binding: int) -> None:
    """From now on these ids name the binding too."""
    key = {"connection": connection, "kind": kind.value, "side": side.value, "binding": binding}
    upsert(tx, aliases, [key | {"id": id} for id in dict.fromkeys(ids)])


def forget_alias(tx: Tx, connection: str, kind: Kind, side: Side, ids: Sequence[str]) -> None:
    """These ids name nothing any more but what is there by itself."""
    for chunk in chunks(ids):
        tx.execute(
            delete(aliases).where(
                aliases.c.connection == connection,
                aliases.c.kind == kind.value,
                aliases.c.side == side.value,
                aliases.c.id.in_(chunk),
            )
        )


def remove(tx: Tx, ids: Sequence[int]) -> None:
    """Forget these bindings and their aliases. The journal keeps what was done."""
    for chunk in chunks(ids):
        tx.execute(delete(aliases).where(aliases.c.binding.in_(chunk)))
        tx.execute(delete(bindings).where(bindings.c.id.in_(chunk)))


def count(tx: Tx, connection: str, kind: Kind | None = None, state: BindingState | None = None) -> int:
    query = select(func.count()).select_from(bindings).where(*_which(connection, kind, state))
    return tx.scalar(query) or 0


def page(
    tx: Tx,
    connection: str,
    *,
    kind: Kind | None = None,
    state: BindingState | None = None,
    after: int = 0,
    limit: int = 100,
) -> list[Binding]:
    """The next bindings after this id, in the order they were made."""
    query = _rows.where(*_which(connection, kind, state), bindings.c.id > after)
    return _all(tx.execute(query.order_by(bindings.c.id).limit(limit)))


_rows = select(bindings)
_added = insert(bindings)
_saved = update(bindings).where(bindings.c.id == bindparam("the_id"))
_saved = _saved.values(
    {
        name: bindparam(name)
        for name in ("left_id", "right_id", "base_left", "base_right", "settled", "state", "note", "changed")
    }
)


def _by_alias(tx: Tx, connection: str, kind: Kind, side: Side, ids: Sequence[str]) -> dict[str, Binding]:
    target: dict[str, int] = {}
    query = select(aliases.c.id, aliases.c.binding).where(
        aliases.c.connection == connection, aliases.c.kind == kind.value, aliases.c.side == side.value
    )
    for chunk in chunks(ids):
        target.update((id, binding) for id, binding in tx.execute(query.where(aliases.c.id.in_(chunk))))
    named = get(tx, set(target.values()))
    return {id: named[binding] for id, binding in target.items() if binding in named}


def _which(connection: str, kind: Kind | None, state: BindingState | None) -> list[ColumnElement[bool]]:
    clauses = [bindings.c.connection == connection]
    if kind is not None:
        clauses.append(bindings.c.kind == kind.value)
    if state is not None:
        clauses.append(bindings.c.state == state.value)
    return clauses


def _changeable(binding: Binding | NewBinding, now: float) -> dict[str, Any]:
    base = binding.base or Base()
    return {
        "left_id": binding.left_id,
        "right_id": binding.right_id,
        "base_left": encode(base.left),
        "base_right": encode(base.right),
        "settled": binding.base is not None,
        "state": binding.state.value,
        "note": binding.note,
        "changed": now,
    }


def _all(rows: Iterable[Row[Any]]) -> list[Binding]:
    return [_binding(row) for row in rows]


def _binding(row: Iterable[Any]) -> Binding:
    id, connection, kind, left_id, right_id, left, right, settled, state, note, created, changed = row
    return Binding(
        id=id,
        connection=connection,
        kind=Kind(kind),
        left_id=left_id,
        right_id=right_id,
        base=Base(fields_from(left), fields_from(right)) if settled else None,
        state=BindingState(state),
        note=note,
        created=created,
        changed=changed,
    )
