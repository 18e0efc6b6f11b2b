"""Turns notices into plans. Reads both sides where the mirror may not be enough; writes to no system, and to the
store only what was read. Storing a plan is commit's business, so that a preview can do without."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from typing import Any

import msgspec

from syncd.core.model import LEFT, RIGHT, Kind, Side, Situation
from syncd.core.ops import Create, Decision, Delete, Hold, Op, Plan, Update
from syncd.core.plan import plan
from syncd.core.remote import Remote, one_person
from syncd.mapping.translate import Mapper
from syncd.store import conflicts, mirror, watermarks
from syncd.store.bindings import BindingState
from syncd.store.notices import Notice

from . import kin, linking, merges, reads, sharing
from .capture import DELTA
from .connection import Connection
from .kin import NOWHERE
from .kinship import Kinship
from .nested import LEFT_ITS_SET
from .pairing import Pair, Pairing
from .placed import Placed
from .recognising import Recognising
from .view import snapshot

UNJUDGED = Plan(judged=False)

UNREAD = "not read"
"""The reason of a notice whose record could not be read, or seemed to be gone, when it was last looked at."""


@dataclasses.dataclass
class Planned:
    """A pair and what would settle it."""

    pair: Pair
    situation: Situation
    plan: Plan

    @property
    def ops(self) -> tuple[Op, ...]:
        return self.plan.ops if self.pair.hold is None else (self.pair.hold,)


def plans(connection: Connection, kind: Kind, noticed: list[Notice]) -> list[Planned]:
    """Pair and plan these notices; asks the systems only for what the mirror can't tell. Raises RemoteError."""
    unread, adrift = _refresh(connection, kind, noticed)
    adrift |= sharing.misread(connection, kind, noticed)
    readable = [notice for notice in noticed if (notice.side, notice.id) not in unread | adrift]
    pairing = _pairing(connection, kind)
    planned = [
        Planned(pair, situation, _plan(connection, pair, situation))
        for pair, situation in _situations(connection, pairing.pairs(readable))
    ]
    unsaid = [
        Planned(Pair(kind, notices=[notice], unread=(notice.side, notice.id) in unread), Situation(), UNJUDGED)
        for notice in noticed
        if (notice.side, notice.id) in unread | adrift
    ]
    return _look_before_creating(connection, kind, pairing, planned) + unsaid


def _pairing(connection: Connection, kind: Kind) -> Pairing:
    if kind in kin.PEOPLE:
        return Recognising(connection, kind)
    if kind is kin.CHILD:
        return Placed(connection, kind) if kin.is_stamped(connection, kind) else Kinship(connection, kind)
    return Pairing(connection, kind)


_Records = set[tuple[Side, str]]


def _refresh(connection: Connection, kind: Kind, noticed: list[Notice]) -> tuple[_Records, _Records]:
    """Read fresh what a notice wants fresh, and follow the merges that come to light.

    Returns what can't be read, and what nothing is to be said about until its parent has been looked at.
    """
    unread: _Records = set()
    adrift: _Records = set()
    for side in (LEFT, RIGHT):
        wanted = {notice.id: notice for notice in noticed if notice.side is side and notice.fetch}
        if wanted:
            fetched = reads.fetch(connection, side, kind, list(wanted), keep=False)
            without = _without_parent(connection, side, kind, fetched.found)
            vanished = _vanished(connection, side, kind, fetched.found, wanted) - without
            found = {id: remote for id, remote in fetched.found.items() if id not in vanished | without}
            if kind is kin.CHILD:
                _refresh_people(connection, side, found)
            unread |= {(side, id) for id in (*fetched.failed, *vanished)}
            adrift |= {(side, id) for id in without}
            reads.mirrored(connection, side, kind, found)
            merges.follow(connection, side, kind, merges.merges_in(found))
            for id, error in fetched.failed.items():
                connection.log.warning("record.not_read", side=side, kind=kind, id=id, error=type(error).__name__)
    return unread, adrift


def _without_parent(connection: Connection, side: Side, kind: Kind, found: Mapping[str, Remote]) -> set[str]:
    """Records of the CRM whose parent can't be read: it has been deleted or merged, or is not ours to see just now.

    That they are not there says nothing about them (hubspot.md traps 8 and 9). The parent is looked at instead.
    """
    if side is not RIGHT or not kin.is_nested(connection, side, kind):
        return set()
    bare = [id for id, one in found.items() if one.deleted and not one.raw]
    with connection.store.begin() as tx:
        known = {id: row for id, row in mirror.get(tx, connection.name, side, kind, bare).items() if not row.deleted}
        parents = [row.parent for row in known.values() if row.parent is not None]
        kin.doubt(tx, connection, side, parents, now=connection.clock.time())
    return set(known)


def _refresh_people(connection: Connection, side: Side, found: Mapping[str, Remote]) -> None:
    """Whom records were about that are gone now: a contact that was merged takes its places along."""
    with connection.store.read() as tx:
        known = mirror.get(tx, connection.name, side, kin.CHILD, [id for id, one in found.items() if one.deleted])
    for kind in kin.PEOPLE:
        whom = [who for row in known.values() if (who := one_person(row.person)) is not None]
        ids = {id for of, id in whom if of is kind}
        if not ids or kind not in connection.mappers:
            continue
        people = reads.fetch(connection, side, kind, sorted(ids), keep=False)
        reads.mirrored(connection, side, kind, people.found, noting=True)
        merges.follow(connection, side, kind, merges.merges_in(people.found))


def _vanished(
    connection: Connection, side: Side, kind: Kind, found: Mapping[str, Remote], wanted: Mapping[str, Notice]
) -> set[str]:
    """Records that a read says are gone, without a tombstone, and that the feed showed alive.

    Nothing is there either for somebody who may not look, or who looks too soon (propstreet.md, section 8): it is
    believed when it is still so a while later, or when the set that it was in does not show it either.
    """
    believed = (UNREAD, LEFT_ITS_SET)
    bare = [id for id, one in found.items() if one.deleted and not one.raw and wanted[id].reason not in believed]
    with connection.store.read() as tx:
        heads = mirror.heads(tx, connection.name, side, kind, bare)
    return {id for id in bare if id in heads and not heads[id].deleted}


def _situations(connection: Connection, pairs: list[Pair]) -> list[tuple[Pair, Situation]]:
    bound = [pair.binding.id for pair in pairs if pair.binding is not None]
    with connection.store.read() as tx:
        decided = conflicts.resolutions(tx, bound) if bound else {}
        standing = conflicts.standing(tx, bound) if bound else {}
        disputed = conflicts.of_bindings(tx, bound) if bound else {}
    _place(connection, pairs)
    linked = linking.links(connection, pairs)
    return [
        (
            pair,
            situation(
                connection,
                pair,
                resolutions=decided.get(id, {}),
                disputed=frozenset(one.field for one in disputed.get(id, ())),
                standing=standing.get(id, {}),
                **linked.get(pair.name, {}),
            ),
        )
        for pair in pairs
        for id in (pair.binding.id if pair.binding is not None else 0,)
    ]


def _place(connection: Connection, pairs: list[Pair]) -> None:
    """Say of nested records where their counterparts belong, as far as pairing has not."""
    for side in Side:
        rows = {
            id(pair): row
            for pair in pairs
            if pair.kind is kin.CHILD and pair.place is None
            for row in (pair.record(side),)
            if row is not None and not row.deleted
        }
        if rows:
            with connection.store.read() as tx:
                places = kin.places(tx, connection, side, rows.values())
            for pair in pairs:
                if id(pair) in rows:
                    pair.place = places[rows[id(pair)].id]


def situation(connection: Connection, pair: Pair, **judged: Any) -> Situation:
    mapper = connection.mappers[pair.kind]
    left, right = pair.left, None if pair.parted else pair.right
    place = pair.place or NOWHERE
    return Situation(
        base=None if pair.parted else pair.base,
        left=snapshot(mapper, LEFT, left) if left is not None else None,
        right=snapshot(mapper, RIGHT, right) if right is not None else None,
        out_of_scope=pair.idle or _outside(mapper, pair) or (place.over if pair.binding is None else None),
        unresolved=place.unresolved,
        waits=place.waits,
        over=place.over if pair.binding is not None else None,
        stamped=pair.stamped,
        former=pair.former,
        **judged,
    )


def _outside(mapper: Mapper, pair: Pair) -> str | None:
    if pair.right is not None and not pair.parted:
        return kin.enters_there(mapper, RIGHT, pair.right)
    return kin.enters_there(mapper, LEFT, pair.left) if pair.left is not None else None


def _plan(connection: Connection, pair: Pair, situation: Situation) -> Plan:
    if pair.hold is not None or pair.over or pair.unread or _half_read(pair):
        return UNJUDGED
    if pair.binding is not None and pair.binding.state is BindingState.MERGED:
        return _merged(pair)
    mapper = connection.mappers[pair.kind]
    return _tidied(mapper, pair, _giving_way(pair, plan(situation, mapper.policy)))


def _giving_way(pair: Pair, found: Plan) -> Plan:
    """Nothing else becomes of a company whose person takes its place; what is in sync already stays so."""
    if pair.gives_way is None or pair.left is None:
        return found
    ops = [op for op in found.ops if not isinstance(op, Create) and not (isinstance(op, Hold) and op.field == "")]
    update = Update(LEFT, pair.left.id, link=pair.gives_way)
    decisions = (*found.decisions, Decision("", "link in propstreet", "somebody of the company is on the deal"))
    return msgspec.structs.replace(found, ops=(*ops, update), decisions=decisions)


def _tidied(mapper: Mapper, pair: Pair, found: Plan) -> Plan:
    """What the pair left behind where it stood before is ours, and says what is not so any more."""
    if pair.leaves is None:
        return found
    why = f"the company stood in for a person, who is on the deal now as {pair.name}"
    op = Delete(RIGHT, pair.leaves.id, snapshot(mapper, RIGHT, pair.leaves).fields)
    decisions = (*found.decisions, Decision("", "delete in crm", why))
    return msgspec.structs.replace(found, ops=(*found.ops, op), decisions=decisions)


def _merged(pair: Pair) -> Plan:
    """A record that lost its counterpart by a merge waits for a person, as long as it is there."""
    side = LEFT if pair.left is not None else RIGHT
    record = pair.record(side)
    assert pair.binding is not None
    why = pair.binding.note or "its counterpart was merged into another pair's"
    if record is None or record.deleted:
        return Plan(ends=f"{why}; this one was deleted", judged=False)
    return Plan(ops=(Hold(side, record.id, "", why, "delete or merge it here too"),), judged=False)


def _half_read(pair: Pair) -> bool:
    """Is one record of a bound pair unknown? Then nothing can be said, least of all that it is gone."""
    return (
        pair.binding is not None
        and pair.binding.state is BindingState.BOUND
        and not pair.parted
        and (pair.left is None or pair.right is None)
    )


def _look_before_creating(
    connection: Connection, kind: Kind, pairing: Pairing, planned: list[Planned]
) -> list[Planned]:
    """Where a create could write over, or double, a record that the mirror does not know: look for it first."""
    for target in (LEFT, RIGHT):
        creating = [one for one in planned if any(isinstance(op, Create) and op.side is target for op in one.ops)]
        if creating and _must_look(connection, target, kind):
            found = reads.find(connection, target, kind, [_record_id(one, target.other) for one in creating])
            adopted = [one.pair for one in creating if _adopt(pairing, one, target.other, found)]
            again = {id(pair): (pair, situation) for pair, situation in _situations(connection, adopted)}
            planned = [
                Planned(*again[id(one.pair)], _plan(connection, *again[id(one.pair)])) if id(one.pair) in again else one
                for one in planned
            ]
    return planned


def _must_look(connection: Connection, target: Side, kind: Kind) -> bool:
    if not kin.is_stamped(connection, kind):
        return False  # pairing has looked at the place where it would stand
    if connection.adapter(target).capabilities.create_overwrites:
        return True
    with connection.store.read() as tx:
        watermark = watermarks.get(tx, connection.name, target, kind, DELTA)
    return watermark is None or watermark.mark is None


def _record_id(one: Planned, side: Side) -> str:
    record = one.pair.record(side)
    assert record is not None
    return record.id


def _adopt(pairing: Pairing, one: Planned, side: Side, found: Mapping[str, Remote]) -> bool:
    here = one.pair.record(side)
    assert here is not None
    there = found.get(here.id)
    if there is None:
        return False
    pairing.adopt(one.pair, side, here, there)
    return True
