"""The verdict on one field: DESIGN.md section 4's table, and nothing else. All branching of the merge is here."""

from __future__ import annotations

import msgspec

from .model import LEFT, RIGHT, Resolution, Side, Value
from .policy import FieldPolicy, Flow, OnConflict


class Seen(msgspec.Struct, frozen=True, kw_only=True):
    """One field as both sides show it, and what was settled. `settled` False: the two have never met here."""

    left: Value
    right: Value
    base_left: Value = None
    base_right: Value = None
    settled: bool = True
    left_modified: str | None = None  # of the record, for newest
    right_modified: str | None = None
    resolution: Resolution | None = None
    standing: str | None = None  # why only a person may settle it
    disputed: bool = False  # it has an open conflict

    def of(self, side: Side) -> Value:
        return self.left if side is LEFT else self.right


class Nothing(msgspec.Struct, frozen=True):
    """Nobody moved."""


class Settle(msgspec.Struct, frozen=True):
    """No write: only the base moves, to what each side shows."""

    rule: str


class Write(msgspec.Struct, frozen=True):
    """Write `value` to `side`. `onward`: from there it still has to travel to the other side."""

    side: Side
    value: Value
    rule: str
    onward: bool = False


class Drift(msgspec.Struct, frozen=True):
    """The target of a one-way field was edited. It is reported, and overwritten when the source moves."""

    side: Side


class Clash(msgspec.Struct, frozen=True):
    """A person decides."""

    reason: str


class Refuse(msgspec.Struct, frozen=True):
    """The write that would follow is not allowed: hold it."""

    side: Side
    reason: str


Verdict = Nothing | Settle | Write | Drift | Clash | Refuse

NOTHING = Nothing()

DECIDED = "a person decided"
"""The rule of a write that carries out a resolution."""


def judge(policy: FieldPolicy, seen: Seen) -> Verdict:
    """What one field needs. Pure; symmetric in the sides up to the policy's own preference."""
    left_moved = not seen.settled or seen.left != seen.base_left
    right_moved = not seen.settled or seen.right != seen.base_right
    if not left_moved and not right_moved and seen.standing is None:
        return NOTHING
    verdict = _resolved(policy, seen) or _compared(policy, seen, left_moved, right_moved)
    if isinstance(verdict, Write) and policy.required and _empty(verdict.value):
        return Refuse(verdict.side, f"{policy.name} was emptied, and it can't be empty on the other side")
    return verdict


def same(policy: FieldPolicy, left: Value, right: Value) -> bool:
    """Do both sides show the same thing, in any spelling that the codecs know? Nothing is nothing: None and ()."""
    return policy.alike(left, right) or (_empty(left) and _empty(right))


def _compared(policy: FieldPolicy, seen: Seen, left_moved: bool, right_moved: bool) -> Verdict:
    if seen.standing is not None:
        return Clash(seen.standing)
    if not seen.settled:
        return _first_meeting(policy, seen)
    if same(policy, seen.left, seen.right):
        return Settle("both sides show the same")
    if left_moved and right_moved:
        return _both_moved(policy, seen)
    return _one_moved(policy, seen, LEFT if left_moved else RIGHT)


def _first_meeting(policy: FieldPolicy, seen: Seen) -> Verdict:
    if same(policy, seen.left, seen.right):
        return Settle("both sides show the same at their first meeting")
    if seen.disputed and (_empty(seen.left) or _empty(seen.right)):
        # Both had a value when the dispute began: a person has emptied one since, and that is an edit.
        return Clash("first meeting: in dispute, and one side was emptied since")
    if _empty(seen.right):
        return _flow(policy, seen, LEFT, "first meeting: a value against nothing")
    if _empty(seen.left):
        return _flow(policy, seen, RIGHT, "first meeting: a value against nothing")
    return _contest(policy, seen, policy.on_first_meeting, "first meeting")


def _both_moved(policy: FieldPolicy, seen: Seen) -> Verdict:
    if policy.flow is not Flow.BOTH and policy.on_conflict is not OnConflict.FURTHEST:
        source = LEFT if policy.flow is Flow.TO_CRM else RIGHT
        return _flow(policy, seen, source, "both changed: the one-way flow wins")
    return _contest(policy, seen, policy.on_conflict, "both changed")


def _one_moved(policy: FieldPolicy, seen: Seen, mover: Side) -> Verdict:
    # A target that was further than its source keeps its value, so the two are settled apart, and the next move of
    # the source is one more leg of the same race.
    if policy.on_conflict is OnConflict.FURTHEST and policy.flow is not Flow.BOTH and _settled_apart(policy, seen):
        return _furthest(policy, seen, "changed there only") if policy.flow.reaches(mover.other) else Drift(mover)
    return _flow(policy, seen, mover, "changed there only")


def _settled_apart(policy: FieldPolicy, seen: Seen) -> bool:
    return not same(policy, seen.base_left, seen.base_right)


def _contest(policy: FieldPolicy, seen: Seen, choice: OnConflict, occasion: str) -> Verdict:
    match choice:
        case OnConflict.HOLD:
            return Clash(f"{occasion}: policy holds it for a person")
        case OnConflict.PROPSTREET:
            return _win(policy, seen, LEFT, f"{occasion}: propstreet wins")
        case OnConflict.CRM:
            return _win(policy, seen, RIGHT, f"{occasion}: crm wins")
        case OnConflict.NEWEST:
            return _newest(policy, seen, occasion)
        case OnConflict.FURTHEST:
            return _furthest(policy, seen, occasion)
        case OnConflict.UNION:
            return _union(policy, seen, occasion)


def _newest(policy: FieldPolicy, seen: Seen, occasion: str) -> Verdict:
    left, right = seen.left_modified, seen.right_modified
    if left is None or right is None or left == right:
        return Clash(f"{occasion}: neither record is the newer one")
    return _win(policy, seen, LEFT if left > right else RIGHT, f"{occasion}: the newest wins")


def _furthest(policy: FieldPolicy, seen: Seen, occasion: str) -> Verdict:
    left, right = _place(policy, seen.left), _place(policy, seen.right)
    if left is None or right is None or left == right:
        return Clash(f"{occasion}: the order does not tell which is further")
    return _win(policy, seen, LEFT if left > right else RIGHT, f"{occasion}: the furthest wins")


def _place(policy: FieldPolicy, value: Value) -> int | None:
    if value is None:
        return -1
    return policy.order.index(value) if isinstance(value, str) and value in policy.order else None


def _union(policy: FieldPolicy, seen: Seen, occasion: str) -> Verdict:
    left, right = _members(seen.left), _members(seen.right)
    union = tuple(sorted(left | right))
    rule = f"{occasion}: the union of both"
    if policy.flow is not Flow.BOTH:
        return _one_way_union(policy, right if policy.flow is Flow.TO_CRM else left, union, rule)
    # Only one side is written in a round, and the other follows from it as a one-sided change. Writing both at
    # once and losing one half way would let the half that is left behind overwrite the other.
    if union == tuple(sorted(left)):
        return Write(RIGHT, union, rule)
    if union == tuple(sorted(right)):
        return Write(LEFT, union, rule)
    first = LEFT if sorted(left) < sorted(right) else RIGHT
    return Write(first, union, rule, onward=True)


def _one_way_union(policy: FieldPolicy, target: set[str], union: tuple[str, ...], rule: str) -> Verdict:
    if union == tuple(sorted(target)):
        return Settle(f"{rule}, which the target shows already")
    return Write(RIGHT if policy.flow is Flow.TO_CRM else LEFT, union, rule)


def _members(value: Value) -> set[str]:
    return set(value) if isinstance(value, tuple) else set()


def _win(policy: FieldPolicy, seen: Seen, winner: Side, rule: str) -> Verdict:
    """The winner's value goes to the other side; where it may not go, both keep what they have."""
    if policy.flow.reaches(winner.other):
        return Write(winner.other, seen.of(winner), rule)
    return Settle(f"{rule}, and may not be written to {winner.other}: both keep theirs")


def _flow(policy: FieldPolicy, seen: Seen, source: Side, rule: str) -> Verdict:
    """The source's value goes to the other side; where it may not go, the source has drifted."""
    if policy.flow.reaches(source.other):
        return Write(source.other, seen.of(source), rule)
    return Drift(source)


def _resolved(policy: FieldPolicy, seen: Seen) -> Verdict | None:
    """A person's decision, as long as both sides still show what they saw. Otherwise it is void."""
    decided = seen.resolution
    if decided is None or decided.left != seen.left or decided.right != seen.right:
        return None
    rule = DECIDED
    left_shows, right_shows = same(policy, seen.left, decided.value), same(policy, decided.value, seen.right)
    if left_shows and right_shows:
        return Settle(rule)
    if left_shows:
        return _win(policy, seen, LEFT, rule)
    if right_shows:
        return _win(policy, seen, RIGHT, rule)
    first = RIGHT if policy.flow.reaches(RIGHT) else LEFT
    return Write(first, decided.value, rule, onward=policy.flow is Flow.BOTH)


def _empty(value: Value) -> bool:
    return value is None or value == ()
