"""Stores what was planned: bindings, bases, ops and conflicts, together with the removal of the notices behind them.

One transaction, so that a kill leaves either the notice or what was decided about it, never neither.
"""

from __future__ import annotations

import msgspec

from syncd.core.judge import DECIDED
from syncd.core.model import Base, Side
from syncd.core.ops import Create, Delete, Op, Update
from syncd.core.plan import DELETED
from syncd.store import bindings, conflicts, notices, outbox
from syncd.store.bindings import Binding, BindingState, NewBinding
from syncd.store.bulk import Tx
from syncd.store.conflicts import NewConflict
from syncd.store.notices import NewNotice, Notice
from syncd.store.outbox import Entry, Finished, NewOp, OpState

from . import kin
from .connection import Connection
from .decide import UNREAD, Planned
from .pairing import Pair

UNREAD_AGAIN_S = 900.0
"""A record that could not be read is looked at again after this; its neighbours go on meanwhile."""

_ID_NAMES = ((Side.PROPSTREET, "left_id"), (Side.CRM, "right_id"))

_UNDER_WAY = (OpState.SENDING, OpState.UNCONFIRMED)


def commit(connection: Connection, run: str, planned: list[Planned], *, approved: bool = False) -> int:
    """Store these plans; how many ops are new. `approved`: a person has seen them, so no guard looks at them."""
    if not planned:
        return 0
    with connection.store.begin() as tx:
        return _Commit(connection, run, tx, approved=approved).take(planned)


class _Commit:
    def __init__(self, connection: Connection, run: str, tx: Tx, *, approved: bool) -> None:
        self._approved = approved
        self._connection = connection
        self._run = run
        self._tx = tx
        self._now = connection.clock.time()

    def take(self, planned: list[Planned]) -> int:
        concerned = [
            binding for one in planned for binding in (one.pair.binding, one.pair.absorbs) if binding is not None
        ]
        bound = [binding.id for binding in concerned]
        standing = outbox.open_for(self._tx, self._connection.name, bound) if bound else {}
        # What is under way must be confirmed before anything new is decided about its record: the notice stays.
        ready = [one for one in planned if not one.pair.unread and not _under_way(_entries(one, standing))]
        self._absorb([one.pair.absorbs for one in ready if one.pair.absorbs is not None], standing)
        ids = self._bind(ready)
        added = self._supersede(ready, ids, standing)
        self._dispute(ready, ids)
        notices.done(self._tx, [notice for one in ready for notice in one.pair.notices])
        self._postpone([notice for one in planned if one.pair.unread for notice in one.pair.notices])
        return added

    def _postpone(self, unread: list[Notice]) -> None:
        """Look at these again later, with a fresh read."""
        notices.done(self._tx, unread)
        due = self._now + UNREAD_AGAIN_S
        again = [NewNotice(one.side, one.kind, one.id, UNREAD, fetch=True, due=due) for one in unread]
        notices.put(self._tx, self._connection.name, again, now=self._now)

    def _absorb(self, waited: list[Binding], standing: dict[int, list[Entry]]) -> None:
        """A record that waited alone has found its counterpart: what was planned for it alone is void."""
        over = [entry for binding in waited for entry in standing.get(binding.id, [])]
        done = [Finished(id=entry.id, state=OpState.REPLANNED, reason="it has a counterpart") for entry in over]
        outbox.finish(self._tx, done, now=self._now)
        bindings.remove(self._tx, [binding.id for binding in waited])

    def _bind(self, planned: list[Planned]) -> dict[int, int]:
        """Store bindings and bases; binding ids by the place of the plan in the list."""
        ids: dict[int, int] = {}
        new: list[tuple[int, NewBinding]] = []
        changed: list[Binding] = []
        moved: list[kin.AnyBinding] = []
        for place, one in enumerate(planned):
            binding = one.pair.binding
            if binding is None:
                fresh = self._new_binding(one)
                if fresh is not None:
                    new.append((place, fresh))
                continue
            ids[place] = binding.id
            after = _after(binding, one)
            if after is not binding:
                changed.append(after)
            if kin.has_moved(binding, after):
                moved.append(after)
        bindings.save(self._tx, changed, now=self._now)
        self._alias(planned)
        made = bindings.add(self._tx, [fresh for _, fresh in new], now=self._now)
        ids.update(zip((place for place, _ in new), made, strict=True))
        for _, fresh in new:
            if fresh.state is BindingState.BOUND:
                self._connection.log.info("binding.created", kind=fresh.kind, rule="stamp")
        moved += [fresh for _, fresh in new if fresh.state is BindingState.BOUND]
        kin.follow_up(self._tx, self._connection, moved, now=self._now)
        return ids

    def _alias(self, planned: list[Planned]) -> None:
        """What stood in a record's place before names its binding still; whether anything of ours is left there is
        looked at next."""
        moved: list[NewNotice] = []
        for one in planned:
            binding, pair = one.pair.binding, one.pair
            if binding is None or pair.stamped:
                continue
            for side in Side:
                here, before = pair.record(side), binding.id_of(side)
                if here is not None and before is not None and not here.deleted and here.id != before:
                    bindings.alias(self._tx, self._connection.name, pair.kind, side, [before], binding.id)
                    moved.append(NewNotice(side, pair.kind, here.id, "moved"))
        notices.put(self._tx, self._connection.name, moved, now=self._now)

    def _new_binding(self, one: Planned) -> NewBinding | None:
        """A record alone is bound only if something is to happen with it."""
        pair = one.pair
        whole = pair.left is not None and pair.right is not None
        if not whole and not one.ops:
            return None
        over = whole and one.plan.ends is not None
        state = BindingState.ENDED if over else BindingState.BOUND if whole else BindingState.PENDING
        return NewBinding(
            connection=self._connection.name,
            kind=pair.kind,
            left_id=pair.left.id if pair.left is not None else None,
            right_id=pair.right.id if pair.right is not None else None,
            base=_base(None, one),
            state=state,
            note=one.plan.ends,
        )

    def _supersede(self, planned: list[Planned], ids: dict[int, int], standing: dict[int, list[Entry]]) -> int:
        """The outbox holds for each record just what was planned last; what is the same as before stays as it is."""
        over: list[Finished] = []
        new: list[NewOp] = []
        for place, one in enumerate(planned):
            if place not in ids:
                continue
            before = standing.get(ids[place], [])
            kept = {} if self._approved else {entry.id: entry.op for entry in before if entry.op in one.ops}
            over += [
                Finished(id=entry.id, state=OpState.REPLANNED, reason="planned afresh")
                for entry in before
                if entry.id not in kept
            ]
            parked = [entry for entry in before if entry.guard is not None]
            fresh = [op for op in one.ops if op not in kept.values()]
            new += [self._new_op(one.pair, ids[place], op, parked) for op in fresh]
        outbox.finish(self._tx, over, now=self._now)
        outbox.add(self._tx, new, now=self._now)
        return len(new)

    def _new_op(self, pair: Pair, binding: int, op: Op, parked: list[Entry]) -> NewOp:
        # What takes the place of a parked op is parked with it, or a set would leak out one record at a time.
        same = [] if self._approved else [one for one in parked if isinstance(op, type(one.op)) and op.side is one.side]
        guard = same[0] if same else None
        return NewOp(
            connection=self._connection.name,
            run=self._run,
            binding=binding,
            kind=pair.kind,
            op=op,
            key=self._connection.new_id() if isinstance(op, Create) else None,
            cleared=self._approved,
            guard=guard.guard if guard is not None else None,
            reason=guard.reason if guard is not None else None,
            remedy=guard.remedy if guard is not None else None,
        )

    def _dispute(self, planned: list[Planned], ids: dict[int, int]) -> None:
        found = [
            NewConflict(
                binding=ids[place],
                kind=one.pair.kind,
                field=conflict.field,
                left=conflict.left,
                right=conflict.right,
                reason=conflict.reason,
            )
            for place, one in enumerate(planned)
            for conflict in one.plan.conflicts
            if place in ids
        ]
        for news in conflicts.upsert_open(self._tx, self._connection.name, found, now=self._now):
            self._connection.log.warning("conflict.opened", kind=news.kind, binding=news.binding, field=news.field)
        still = {
            ids[place]: _disputed(one)
            for place, one in enumerate(planned)
            if place in ids and one.pair.binding is not None and one.plan.judged
        }
        for old in conflicts.close_missing(self._tx, self._connection.name, still, now=self._now):
            self._connection.log.info("conflict.closed", kind=old.kind, binding=old.binding, field=old.field)


def _entries(one: Planned, standing: dict[int, list[Entry]]) -> list[Entry]:
    """What is open about this pair, and about the counterpart that waited alone."""
    found = (one.pair.binding, one.pair.absorbs)
    return [entry for binding in found if binding is not None for entry in standing.get(binding.id, [])]


def _under_way(entries: list[Entry]) -> bool:
    return any(entry.state in _UNDER_WAY for entry in entries)


def _disputed(one: Planned) -> set[str]:
    """Fields whose conflict goes on: in dispute still, or decided by a person and not yet carried out."""
    fields = {conflict.field for conflict in one.plan.conflicts}
    updates = [op for op in one.ops if isinstance(op, Update)]
    deciding = {name for op in updates for name, change in op.changes.items() if change.rule == DECIDED}
    if "" in one.situation.resolutions and any(_follows_delete(op) for op in one.ops):
        deciding.add("")
    untold = {
        name
        for snapshot in (one.situation.left, one.situation.right)
        if snapshot is not None
        for name in (*snapshot.unreadable, *snapshot.hidden)
    }
    return fields | deciding | untold


def _follows_delete(op: Op) -> bool:
    """Does it carry out what was decided about a record whose counterpart was deleted?"""
    if isinstance(op, Update):
        return any(change.source == DELETED for change in op.changes.values())
    return isinstance(op, Create | Delete)


def _after(binding: Binding, one: Planned) -> Binding:
    """The binding as it is once the plan is stored: counterpart found, base settled, or over."""
    pair, plan = one.pair, one.plan
    after = binding
    if binding.state is BindingState.PENDING and pair.left is not None and pair.right is not None:
        after = msgspec.structs.replace(after, left_id=pair.left.id, right_id=pair.right.id, state=BindingState.BOUND)
    base = _base(binding.base, one)
    if base is not binding.base:
        after = msgspec.structs.replace(after, base=base)
    if not pair.stamped:
        after = _standing_now(after, pair)
    if pair.back:
        assert pair.left is not None
        assert pair.right is not None
        ids = {"left_id": pair.left.id, "right_id": pair.right.id}
        after = msgspec.structs.replace(after, **ids, state=BindingState.BOUND, note=None)
    if plan.ends is not None and binding.state is not BindingState.ENDED:
        after = msgspec.structs.replace(after, state=BindingState.ENDED, note=plan.ends)
        if not pair.stamped:
            after = _freed(after, pair)
    return after


def _standing_now(binding: Binding, pair: Pair) -> Binding:
    """The binding with the records that stand in the places of its own by now."""
    ids = {}
    for side, name in _ID_NAMES:
        here = pair.record(side)
        if here is not None and not here.deleted and here.id != binding.id_of(side) and binding.id_of(side) is not None:
            ids[name] = here.id
    return msgspec.structs.replace(binding, **ids) if ids else binding


def _freed(binding: Binding, pair: Pair) -> Binding:
    """A deleted record that is known by its place alone gives its id up: who comes back there begins anew."""
    ids = {name: None for side, name in _ID_NAMES if (here := pair.record(side)) is not None and here.deleted}
    return msgspec.structs.replace(binding, **ids) if ids else binding


def _base(base: Base | None, one: Planned) -> Base | None:
    plan = one.plan
    if not plan.settle_left and not plan.settle_right:
        return base
    return (base or Base()).moved(left=plan.settle_left, right=plan.settle_right)
