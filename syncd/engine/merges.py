"""Follows records that were merged into others by people: a pair goes on with the survivor.

When two pairs end up on one record, the one that the survivor's stamp names keeps it, and the other one waits for a
person: which of two projects a deal stands for is not ours to guess (hubspot.md, traps 9 and 10).
"""

from __future__ import annotations

import msgspec

from syncd.core.model import LEFT, Base, Kind, Side
from syncd.core.remote import Remote
from syncd.store import bindings, mirror, notices
from syncd.store.bindings import Binding, BindingState
from syncd.store.bulk import Tx
from syncd.store.notices import NewNotice

from . import kin
from .connection import Connection
from .view import snapshot


class Merge(msgspec.Struct, frozen=True):
    """This id now names that record."""

    lost: str
    survivor: Remote


def merges_in(found: dict[str, Remote]) -> list[Merge]:
    """The merges that a read tells of: an answer under another id, or a list of absorbed ids."""
    merges = [Merge(asked, remote) for asked, remote in found.items() if remote.id != asked]
    merges += [Merge(lost, remote) for remote in found.values() for lost in remote.absorbed if lost != remote.id]
    return merges


def follow(connection: Connection, side: Side, kind: Kind, merges: list[Merge]) -> None:
    """Move bindings to survivors, keep lost ids as aliases, and note the records concerned."""
    if not merges:
        return
    with connection.store.begin() as tx:
        for merge in merges:
            _follow_one(tx, connection, side, kind, merge)


def _follow_one(tx: Tx, connection: Connection, side: Side, kind: Kind, merge: Merge) -> None:
    ids = [merge.lost, merge.survivor.id]
    bound = bindings.by_ids(tx, connection.name, kind, side, ids)
    loser, holder = bound.get(merge.lost), bound.get(merge.survivor.id)
    if loser is None:
        mirror.forget(tx, connection.name, side, kind, [merge.lost])
        return
    if holder is not None and holder.id == loser.id:
        return
    mirror.forget(tx, connection.name, side, kind, [merge.lost])
    now = connection.clock.time()
    keeper, other = _keeper(side, merge.survivor, loser, holder)
    if other is not None:
        why = f"its record was merged into {merge.survivor.id}, which is paired with {keeper.id_of(side.other)}"
        ended = _with_id(other, side, None)
        # The unique id has to be given up before the keeper takes it.
        bindings.save(tx, [msgspec.structs.replace(ended, state=BindingState.MERGED, note=why)], now=now)
    keeper = _unsettled(connection, side, keeper, merge.survivor)
    bindings.save(tx, [_with_id(keeper, side, merge.survivor.id)], now=now)
    bindings.alias(tx, connection.name, kind, side, [merge.lost], keeper.id)
    notices.put(
        tx,
        connection.name,
        [
            NewNotice(at, kind, id, "merged")
            for binding in (keeper, other)
            if binding is not None and (id := binding.id_of(side.other)) is not None
            for at in (side.other,)
        ],
        now=now,
    )
    kin.follow_merge(tx, connection, side, _with_id(keeper, side, merge.survivor.id), merge.lost, now=now)
    connection.log.warning("binding.merged", kind=kind, lost=merge.lost, survivor=merge.survivor.id)


def _unsettled(connection: Connection, side: Side, keeper: Binding, survivor: Remote) -> Binding:
    """The pair without what was settled of fields that came out empty: nobody emptied them, they were the loser's."""
    base = keeper.base
    if base is None or keeper.id_of(side) == survivor.id:
        return keeper
    shown = snapshot(connection.mappers[keeper.kind], side, survivor).fields
    empty = {name for name, value in base.of(side).items() if value is not None and shown.get(name, value) is None}
    left, right = (
        {name: value for name, value in part.items() if name not in empty} for part in (base.left, base.right)
    )
    return msgspec.structs.replace(keeper, base=Base(left, right))


def _keeper(side: Side, survivor: Remote, loser: Binding, holder: Binding | None) -> tuple[Binding, Binding | None]:
    """Which of the two bindings keeps the survivor, and which one is over."""
    if holder is None:
        return loser, None
    # A pair that is over, or was never whole, takes nothing from one that is alive.
    if (loser.state is BindingState.BOUND) != (holder.state is BindingState.BOUND):
        return (loser, holder) if loser.state is BindingState.BOUND else (holder, loser)
    if survivor.ref is not None and loser.id_of(side.other) == survivor.ref:
        return loser, holder
    return holder, loser


def _with_id(binding: Binding, side: Side, id: str | None) -> Binding:
    if side is LEFT:
        return msgspec.structs.replace(binding, left_id=id)
    return msgspec.structs.replace(binding, right_id=id)
