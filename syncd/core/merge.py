"""Merges the two live records of a pair: one verdict per field, collected. No branching on values happens here.

Invariants:
* a field that a side can't be read for is held, and its base does not move;
* an edit on its way to a side that does not show the field is held, and its base does not move;
* settling one field never touches another field's base;
* an Update carries only fields that change, each with what the target showed.
"""

from __future__ import annotations

from .judge import Clash, Drift, Nothing, Refuse, Seen, Settle, Verdict, Write, judge
from .model import LEFT, RIGHT, Base, Side, Situation, Snapshot, Value
from .ops import Change, Conflict, Decision, Hold, Op, Plan, Update
from .policy import FieldPolicy, KindPolicy

_EMPTY_BASE = Base()

QUIET = Plan()
"""There is nothing to do."""


def merge(situation: Situation, policy: KindPolicy) -> Plan:
    """The plan for two live records. Both snapshots must be there."""
    left, right = situation.left, situation.right
    assert left is not None
    assert right is not None
    if _untouched(situation, left, right):
        return QUIET
    foreign = _foreign_stamps(left, right, situation.former) if situation.stamped else ()
    if foreign:
        return Plan(ops=foreign, judged=False)
    return _Collector(situation, left, right).collect(policy)


def _untouched(situation: Situation, left: Snapshot, right: Snapshot) -> bool:
    """Does every field show its own base, with the stamps right? Most pairs do, and need no verdicts."""
    base = situation.base
    return (
        base is not None
        and situation.unlinked is None
        and situation.misplaced is None
        and (not situation.stamped or (left.ref == right.id and right.ref == left.id))
        and left.fields == base.left
        and right.fields == base.right
        and not (left.unreadable or right.unreadable or situation.standing)
    )


def _foreign_stamps(left: Snapshot, right: Snapshot, former: frozenset[str]) -> tuple[Hold, ...]:
    """Stamps that name neither the counterpart nor anything this pair ever was: somebody moved them by hand."""
    return tuple(
        Hold(
            side,
            here.id,
            "",
            f"it is stamped with {here.ref}, but it is paired with {there.id}",
            "put the stamp right in that system, or unpair the two",
        )
        for side, here, there in ((LEFT, left, right), (RIGHT, right, left))
        if here.ref is not None and here.ref != there.id and here.ref not in former
    )


STRANDED = "it was edited, and the other side does not show the field: it is missing there, or hidden from us"
"""Why an edit is held that has nowhere to go."""


def stranded(policy: FieldPolicy, base: Base, side: Side, here: Snapshot, there: Snapshot) -> bool:
    """Does `side` show a value that was never settled and can't travel, because the other side hides the field?

    What the mapping ignores on purpose is not hidden.
    """
    name = policy.name
    if name not in there.hidden or name not in here.fields:
        return False
    if policy.follows_writes or not policy.flow.reaches(side.other):
        return False
    settled = base.of(side)
    return here.fields[name] not in ((settled[name],) if name in settled else (None, ()))


class _Collector:
    """Sorts verdicts into the parts of a plan."""

    def __init__(self, situation: Situation, left: Snapshot, right: Snapshot) -> None:
        self.situation = situation
        self.base = situation.base or _EMPTY_BASE
        self.left = left
        self.right = right
        self.changes: dict[Side, dict[str, Change]] = {LEFT: {}, RIGHT: {}}
        self.settle_left: dict[str, Value] = {}
        self.settle_right: dict[str, Value] = {}
        self.conflicts: list[Conflict] = []
        self.holds: list[Hold] = []
        self.drift: list[str] = []
        self.decisions: list[Decision] = []

    def collect(self, policy: KindPolicy) -> Plan:
        for field in policy.fields.values():
            self._field(field)
        self._hold_misplaced()
        updates = [update for side in (LEFT, RIGHT) for update in self._updates(side)]
        ops: list[Op] = [*updates, *self.holds]
        return Plan(
            ops=tuple(ops),
            settle_left=self.settle_left,
            settle_right=self.settle_right,
            conflicts=tuple(self.conflicts),
            drift=tuple(self.drift),
            decisions=tuple(self.decisions),
        )

    def _field(self, policy: FieldPolicy) -> None:
        name = policy.name
        if name in self.left.unreadable or name in self.right.unreadable:
            self._hold_unreadable(name)
        elif name in self.left.fields and name in self.right.fields:
            self._take(policy, judge(policy, self._seen(name)))
        else:
            self._hold_stranded(policy)

    def _seen(self, name: str) -> Seen:
        base = self.base
        return Seen(
            left=self.left.fields[name],
            right=self.right.fields[name],
            base_left=base.left.get(name),
            base_right=base.right.get(name),
            settled=name in base.left and name in base.right,
            left_modified=self.left.modified,
            right_modified=self.right.modified,
            resolution=self.situation.resolutions.get(name),
            standing=self.situation.standing.get(name),
            disputed=name in self.situation.disputed,
        )

    def _take(self, policy: FieldPolicy, verdict: Verdict) -> None:
        name = policy.name
        left, right = self.left.fields[name], self.right.fields[name]
        match verdict:
            case Nothing():
                return
            case Settle(rule):
                self.settle_left[name], self.settle_right[name] = left, right
                self.decisions.append(Decision(name, "settle", rule))
            case Write(side, value, rule, onward):
                was, source = (left, right) if side is LEFT else (right, left)
                self.changes[side][name] = Change(value, was, source, rule, onward)
                self.decisions.append(Decision(name, f"write to {side}", rule))
            case Drift(side):
                self.drift.append(name)
                self.decisions.append(Decision(name, "drift", f"edited in {side}, which it does not flow from"))
            case Clash(reason):
                self.conflicts.append(Conflict(name, left, right, reason))
                self.decisions.append(Decision(name, "conflict", reason))
            case Refuse(side, reason):
                target = self.left if side is LEFT else self.right
                self.holds.append(Hold(side, target.id, name, reason, "give it a value on either side"))
                self.decisions.append(Decision(name, "hold", reason))

    def _hold_unreadable(self, name: str) -> None:
        for side, snapshot in ((LEFT, self.left), (RIGHT, self.right)):
            if name in snapshot.unreadable:
                reason = snapshot.unreadable[name]
                remedy = "add the value to the mapping table, or change it in that system"
                self.holds.append(Hold(side, snapshot.id, name, reason, remedy))
                self.decisions.append(Decision(name, "hold", reason))

    def _hold_stranded(self, policy: FieldPolicy) -> None:
        for side, here, there in ((LEFT, self.left, self.right), (RIGHT, self.right, self.left)):
            if stranded(policy, self.base, side, here, there):
                self.holds.append(Hold(side.other, there.id, policy.name, STRANDED, "run syncd check"))
                self.decisions.append(Decision(policy.name, "hold", STRANDED))

    def _hold_misplaced(self) -> None:
        reason = self.situation.misplaced
        if reason is not None:
            self.holds.append(Hold(RIGHT, self.right.id, "", reason, "correct the link that is wrong"))
            self.decisions.append(Decision("", "hold", reason))

    def _updates(self, side: Side) -> list[Update]:
        """The fields and the stamp; the link by itself, so that what refuses it refuses nothing else."""
        here, there = (self.left, self.right) if side is LEFT else (self.right, self.left)
        stamp = there.id if self.situation.stamped and here.ref != there.id else None
        found = [Update(side, here.id, self.changes[side], stamp)] if self.changes[side] or stamp is not None else []
        if self.situation.unlinked is side:
            found.append(Update(side, here.id, link=there.id))
        return found
