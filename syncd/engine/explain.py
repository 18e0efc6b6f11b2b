"""Why a record is, or is not, in sync, and what to do next. Reads the store; asks the systems for nothing."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from syncd.core.judge import Clash, Drift, Nothing, Refuse, Seen, Settle, Write, judge, same
from syncd.core.merge import STRANDED, stranded
from syncd.core.model import LEFT, RIGHT, Base, Kind, Side, Situation, Snapshot, Value
from syncd.core.ops import Plan
from syncd.core.plan import plan
from syncd.core.policy import FieldPolicy, OnDelete
from syncd.core.remote import Remote
from syncd.store import bindings, conflicts, mirror, notices, outbox
from syncd.store.bindings import Binding, BindingState
from syncd.store.conflicts import ConflictState, Disputed
from syncd.store.outbox import Entry, OpState

from . import companies, kin, linking
from .connection import Connection
from .decide import situation
from .pairing import Pair
from .recognising import UNNEEDED

IN_SYNC = "in sync"
"""Of a pair about which nothing is to be said."""


class FieldView(msgspec.Struct, frozen=True):
    field: str
    propstreet: Value
    crm: Value
    settled_propstreet: Value
    settled_crm: Value
    verdict: str
    rule: str


class OpView(msgspec.Struct, frozen=True):
    id: int
    side: str
    verb: str
    fields: tuple[str, ...]
    state: str
    reason: str | None
    remedy: str | None
    changed: float


class ConflictView(msgspec.Struct, frozen=True):
    id: int
    field: str
    propstreet: Value
    crm: Value
    reason: str
    state: str


class Investor(msgspec.Struct, frozen=True):
    """One who is in a project."""

    id: str  # Propstreet's, or the CRM's of somebody who is not there
    title: str  # for people
    state: str
    why: str
    next: str


class Explanation(msgspec.Struct, frozen=True, kw_only=True):
    """Everything known about one record."""

    id: str
    kind: str
    state: str
    propstreet_id: str | None
    crm_id: str | None
    why: str  # one sentence
    next: str  # what to type, or that there is nothing to do
    fields: list[FieldView] = []
    conflicts: list[ConflictView] = []
    open: list[OpView] = []
    history: list[OpView] = []
    investors: list[Investor] = []  # of a project, where they were asked for


def explain(connection: Connection, id: str) -> list[Explanation]:
    """Whatever this id names, on either side, ids merged away included. Empty: it was never seen."""
    with connection.store.read() as tx:
        bound = bindings.find(tx, connection.name, id)
        loose = [
            (side, kind, remotes[id])
            for side in Side
            for kind in connection.mappers
            if id in (remotes := mirror.get(tx, connection.name, side, kind, [id]))
        ]
    paired = {binding.kind for binding in bound}
    return [
        *(_bound(connection, id, binding) for binding in bound),
        *(_loose(connection, kind, side, one.id, one.deleted) for side, kind, one in loose if kind not in paired),
    ]


def _loose(connection: Connection, kind: Kind, side: Side, id: str, deleted: bool) -> Explanation:
    alone = _situation(connection, kind, id if side is LEFT else None, id if side is RIGHT else None)
    why, step = _unpaired(connection, kind, alone, deleted=deleted)
    return Explanation(
        id=id,
        kind=kind.value,
        state="not paired",
        propstreet_id=id if side is LEFT else None,
        crm_id=id if side is RIGHT else None,
        why=why,
        next=step,
    )


def _unpaired(connection: Connection, kind: Kind, alone: Situation, *, deleted: bool) -> tuple[str, str]:
    """Why a record has no counterpart, and the next command."""
    planned = plan(alone, connection.mappers[kind].policy)
    why = planned.ends or next((decision.rule for decision in planned.decisions), "it has not been looked at yet")
    return why, _next(alone, planned, deleted=deleted)


def _next(alone: Situation, planned: Plan, *, deleted: bool) -> str:
    if alone.waits is not None and not deleted:
        return "that one comes first: ask syncd explain about it"
    return "nothing to do" if deleted or not planned.ops else "run: syncd delta"


def _bound(connection: Connection, id: str, binding: Binding) -> Explanation:
    now = _situation(connection, binding.kind, binding.left_id, binding.right_id, binding)
    with connection.store.read() as tx:
        disputed = conflicts.of_bindings(tx, [binding.id]).get(binding.id, [])
        entries = outbox.history(tx, connection.name, [binding.id], limit=50)
        ids = [(side, one) for side in Side if (one := binding.id_of(side)) is not None]
        waiting = notices.noted(tx, connection.name, binding.kind, ids)
    still = [entry for entry in entries if entry.state not in (OpState.DONE, OpState.REPLANNED)]
    fields = _fields(connection, binding, now)
    if binding.state is BindingState.PENDING and not (still or disputed or waiting):
        why, step = _unpaired(connection, binding.kind, now, deleted=False)
    else:
        why, step = _verdict(binding, fields, still, disputed, waiting, _gone(connection, binding, now))
    return Explanation(
        id=id,
        kind=binding.kind.value,
        state=binding.state.value,
        propstreet_id=binding.left_id,
        crm_id=binding.right_id,
        why=why,
        next=step,
        fields=fields,
        conflicts=[_conflict(one) for one in disputed],
        open=[_op(entry) for entry in still],
        history=[_op(entry) for entry in entries if entry.state is OpState.DONE],
    )


def _gone(connection: Connection, binding: Binding, situation: Situation) -> Side | None:
    """The side whose record is deleted without anything to follow from it."""
    policy = connection.mappers[binding.kind].policy
    for side in Side:
        snapshot = situation.snapshot(side)
        if snapshot is not None and snapshot.deleted and policy.on_delete(side) is OnDelete.IGNORE:
            return side
    return None


def _situation(
    connection: Connection, kind: Kind, left: str | None, right: str | None, binding: Binding | None = None
) -> Situation:
    rows: dict[Side, Remote | None] = {}
    place, needed = kin.NOWHERE, True
    with connection.store.read() as tx:
        for side, id in ((LEFT, left), (RIGHT, right)):
            row = rows[side] = mirror.get(tx, connection.name, side, kind, [id]).get(id) if id is not None else None
            if row is None or row.deleted:
                continue
            if kind is kin.CHILD and place is kin.NOWHERE:
                place = kin.places(tx, connection, side, [row])[row.id]
            if kind in kin.PEOPLE:
                needed = row.id in kin.needed(tx, connection, side, kind, [row.id])
    pair = Pair(
        kind,
        left=rows[LEFT],
        right=rows[RIGHT],
        binding=binding,
        place=place,
        idle=None if needed or _is_bound(binding) else UNNEEDED,
        stamped=kin.is_stamped(connection, kind),
    )
    if kind is kin.CHILD:
        pair.idle = companies.why_idle(connection, pair)
    return situation(connection, pair, **linking.links(connection, [pair]).get(pair.name, {}))


def _is_bound(binding: Binding | None) -> bool:
    return binding is not None and binding.state is not BindingState.PENDING


def _fields(connection: Connection, binding: Binding, situation: Situation) -> list[FieldView]:
    left, right, base = situation.left, situation.right, binding.base
    views = []
    for name, policy in connection.mappers[binding.kind].policy.fields.items():
        here = left.fields.get(name) if left is not None else None
        there = right.fields.get(name) if right is not None else None
        settled = (base.left.get(name), base.right.get(name)) if base is not None else (None, None)
        verdict, rule = "not known", "one side does not show it"
        for record in (left, right):
            if record is not None and name in record.unreadable:
                verdict, rule = "held", record.unreadable[name]
        if left is not None and right is not None and _stranded(policy, base, left, right):
            verdict, rule = "held", STRANDED
        if left is not None and right is not None and name in left.fields and name in right.fields:
            seen = Seen(
                left=here,
                right=there,
                base_left=settled[0],
                base_right=settled[1],
                settled=base is not None and name in base.left and name in base.right,
                left_modified=left.modified,
                right_modified=right.modified,
            )
            verdict, rule = _judged(policy, seen)
        views.append(FieldView(name, here, there, *settled, verdict, rule))
    return views


def _stranded(policy: FieldPolicy, base: Base | None, left: Snapshot, right: Snapshot) -> bool:
    settled = base or Base()
    return stranded(policy, settled, LEFT, left, right) or stranded(policy, settled, RIGHT, right, left)


def _judged(policy: FieldPolicy, seen: Seen) -> tuple[str, str]:
    """The verdict on a field that both sides show, in words."""
    match judge(policy, seen):
        case Nothing() if not policy.follows_writes and not same(policy, seen.left, seen.right):
            return "kept apart", "settled so: each side keeps its own until one of them is edited"
        case Nothing():
            return "in sync", ""
        case Settle(rule):
            return "settle", rule
        case Write(side, _, rule):
            return f"write to {side}", rule
        case Drift(side):
            return (
                "drift",
                f"edited in {side}, from where it does not flow; the next change in {side.other} replaces it",
            )
        case Clash(reason):
            return "conflict", reason
        case Refuse(_, reason):
            return "held", reason


def _verdict(
    binding: Binding,
    fields: Sequence[FieldView],
    still: Sequence[Entry],
    disputed: Sequence[Disputed],
    waiting: bool,
    gone: Side | None,
) -> tuple[str, str]:
    """One sentence, and the next command."""
    undecided = [one for one in disputed if one.state is ConflictState.OPEN]
    if undecided:
        names = ", ".join(one.field or "the whole record" for one in undecided)
        return f"a person must decide: {names}", f"syncd conflicts resolve {undecided[0].id} --take propstreet|crm"
    held = [entry for entry in still if entry.state is OpState.HELD]
    if held:
        return f"held: {held[0].reason}", remedy(held[0])
    if binding.state in (BindingState.ENDED, BindingState.MERGED):
        return f"over: {binding.note}", "nothing to do"
    if still:
        return f"{len(still)} writes are on their way", "run: syncd delta"
    if disputed:
        names = ", ".join(one.field or "the whole record" for one in disputed)
        return f"decided and not carried out yet: {names}", "run: syncd delta"
    if gone is not None:
        return f"its record in {gone} is deleted, and the mapping ignores that", "nothing to do"
    moving = [view.field for view in fields if view.verdict.startswith(("write", "settle"))]
    if moving:
        return f"changed and not written yet: {', '.join(moving)}", "run: syncd delta"
    unread = [f"{view.field} {view.rule}" for view in fields if view.verdict == "held"]
    if unread:
        return f"not in sync: {', '.join(unread)}", "change the value in either system"
    drifting = [f"{view.field}: {view.rule}" for view in fields if view.verdict == "drift"]
    if drifting:
        return f"in sync, but for drift in {'; '.join(drifting)}", "change it where it flows from, if that is not meant"
    apart = [f"{view.field} ({view.verdict})" for view in fields if view.verdict == "kept apart"]
    if apart:
        return (
            f"in sync, but for {', '.join(apart)}",
            "edit the field in the system that shall win, if that is not meant",
        )
    if waiting:
        return "in sync as far as it was looked at", "run: syncd delta to look at what is noted"
    return IN_SYNC, "nothing to do"


def _op(entry: Entry) -> OpView:
    changes = getattr(entry.op, "changes", None) or getattr(entry.op, "fields", None) or {}
    names = tuple(changes) or tuple(filter(None, (getattr(entry.op, "field", ""),)))
    return OpView(
        entry.id,
        entry.side.value,
        entry.verb.value,
        names,
        entry.state.value,
        entry.reason,
        remedy(entry) if entry.state is OpState.HELD else entry.remedy,
        entry.changed,
    )


def remedy(entry: Entry) -> str:
    """What to do about a held op, ending in a command that can be typed as it stands."""
    told = entry.remedy or ""
    if not any(f"syncd {command}" in told for command in ("held", "conflicts", "delta")):
        told = f"{told}, then: syncd held retry" if told else "syncd held retry"
    return f"{told} {entry.id}" if told.endswith(("held retry", "held drop")) else told


def _conflict(one: Disputed) -> ConflictView:
    return ConflictView(one.id, one.field, one.left, one.right, one.reason, one.state.value)
