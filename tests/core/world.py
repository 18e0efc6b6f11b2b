"""A small model of what is around the planner: two systems that hold canonical fields, and the base between them.

It carries plans out as the engine is documented to, one op at a time, and can stop after any of them. The two
systems may lose part of what they are given. Nothing here decides anything.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace

from msgspec import structs

from syncd.core.confirm import confirm, shows
from syncd.core.model import LEFT, RIGHT, Base, Fields, FieldType, Resolution, Side, Situation, Snapshot, Value
from syncd.core.ops import Create, Delete, Hold, Op, Plan, Update
from syncd.core.plan import plan
from syncd.core.policy import FieldPolicy, KindPolicy

ROUNDS_MAX = 6

Loss = Callable[[FieldType, Value], Value]
"""What a system makes of a value it is given."""


def exact(type: FieldType, value: Value) -> Value:
    return value


def trims(type: FieldType, value: Value) -> Value:
    return value.strip() if type is FieldType.TEXT and isinstance(value, str) else value


def rounds(type: FieldType, value: Value) -> Value:
    """Money to whole units, instants to whole seconds; never up."""
    if isinstance(value, str) and type is FieldType.MONEY:
        amount, currency = value.split(" ")
        return f"{amount.split('.')[0]} {currency}"
    if isinstance(value, str) and type is FieldType.INSTANT:
        return value[:19] + ".0000000Z"
    return value


def clamps(type: FieldType, value: Value) -> Value:
    """Texts to ten characters, numbers to six digits, sets to two members."""
    if isinstance(value, str) and type is FieldType.TEXT:
        return value[:10]
    if isinstance(value, int) and type is FieldType.WHOLE:
        return min(value, 999_999)
    return value[:2] if isinstance(value, tuple) else value


@dataclass(frozen=True)
class World:
    """One pair, or one record without a counterpart. Steps return a new world."""

    policy: KindPolicy
    records: Mapping[Side, Snapshot | None]
    base: Base | None = None
    losses: Mapping[Side, Loss] = field(default_factory=lambda: {LEFT: exact, RIGHT: exact})
    former: frozenset[str] = frozenset()
    resolutions: Mapping[str, Resolution] = field(default_factory=dict)
    standing: Mapping[str, str] = field(default_factory=dict)
    out_of_scope: str | None = None
    stamped: bool = True
    ended: str | None = None

    @classmethod
    def of(cls, policy: KindPolicy, situation: Situation, *, left: Loss = exact, right: Loss = exact) -> World:
        return cls(
            policy,
            {LEFT: situation.left, RIGHT: situation.right},
            situation.base,
            former=situation.former,
            resolutions=situation.resolutions,
            standing=situation.standing,
            out_of_scope=situation.out_of_scope,
            stamped=situation.stamped,
            losses={LEFT: left, RIGHT: right},
        )

    @property
    def situation(self) -> Situation:
        return Situation(
            base=self.base,
            left=self.records[LEFT],
            right=self.records[RIGHT],
            out_of_scope=self.out_of_scope,
            stamped=self.stamped,
            former=self.former,
            resolutions=self.resolutions,
            standing=self.standing,
        )

    @property
    def plan(self) -> Plan:
        return Plan() if self.ended else plan(self.situation, self.policy)

    def record(self, side: Side) -> Snapshot:
        record = self.records[side]
        assert record is not None
        return record

    @property
    def held(self) -> frozenset[str]:
        """Fields that wait for a person, as the plan says."""
        made = self.plan
        return frozenset({*(each.field for each in made.conflicts), *(hold.field for hold in holds(made))})

    @property
    def reported(self) -> frozenset[str]:
        return self.held | {*self.plan.drift}

    def shows(self, side: Side, name: str, value: Value) -> bool:
        """Does this side show the value, as far as its system can keep it? One sort of nothing is like another."""
        shown, kept = self.record(side).fields[name], self._kept(side, name, value)
        return shown == kept or (shown in (None, ()) and kept in (None, ()))

    def settled_value(self, side: Side, name: str) -> tuple[bool, Value]:
        fields = self.base.of(side) if self.base else {}
        return name in fields, fields.get(name)

    def edited(self, side: Side, fields: Fields) -> World:
        """A person edits a record; the system keeps what it can of it."""
        record = self.record(side)
        kept = {name: self._kept(side, name, value) for name, value in fields.items()}
        return self._with(side, _changed(record, {**record.fields, **kept}))

    def round(self) -> World:
        """Plan, settle what needs no write, carry out every op."""
        made = self.plan
        world = self.settled(made)
        for op in made.ops:
            world = world.applied(op)
        return world.closed(made)

    def rounds(self) -> World:
        """Round after round until nothing is written any more."""
        world = self
        for _ in range(ROUNDS_MAX):
            if is_quiet(world.plan):
                return world
            world = world.round()
        raise AssertionError("it never becomes quiet")

    def settled(self, made: Plan) -> World:
        """The part of a plan that moves at once."""
        if not made.settle_left and not made.settle_right:
            return self
        base = (self.base or Base()).moved(left=made.settle_left, right=made.settle_right)
        return replace(self, base=base, standing=_without(self.standing, made.settle_left))

    def closed(self, made: Plan) -> World:
        return replace(self, ended=made.ends) if made.ends else self

    def applied(self, op: Op) -> World:
        """The effect of an op, and the base moved to what came of it."""
        after = self.affected(op)
        match op:
            case Create():
                return after._settled_create(op)
            case Update():
                shown = {name: after.record(op.side).fields[name] for name in op.changes}
                return after._settled_update(op, shown)
            case Delete() | Hold():
                return after

    def affected(self, op: Op) -> World:
        """The effect alone, as when we die before we learn of it."""
        match op:
            case Create(side, ref, fields):
                return self._created(side, ref, fields)
            case Update(side, id, changes, stamp):
                record = self.record(side)
                assert (record.id, record.deleted) == (id, False)
                written = {name: self._kept(side, name, change.set) for name, change in changes.items()}
                after = _changed(record, {**record.fields, **written})
                return self._with(side, structs.replace(after, ref=stamp or after.ref))
            case Delete(side, id):
                assert self.record(side).id == id
                return self._with(side, Snapshot(id=id, ref=self.record(side).ref, deleted=True))
            case Hold():
                return self

    def recovered(self, op: Update, *, sent_version: str | None = None) -> World:
        """After a write whose outcome nobody saw: read the target and draw the conclusions."""
        found = confirm(op, self.record(op.side), self.policy, sent_version=sent_version)
        world = self._settled_update(op, found.landed)
        doubts = {doubt.field: doubt.reason for doubt in found.doubtful}
        return replace(world, standing={**world.standing, **doubts})

    def _settled_update(self, op: Update, shown: Fields) -> World:
        """Move the base for the fields of an update that landed; they are what the target shows now."""
        if not shown:
            return self
        base: dict[Side, dict[str, Value]] = {LEFT: {}, RIGHT: {}}
        standing = _without(self.standing, shown)
        for name, value in shown.items():
            change = op.changes[name]
            rule = self.policy.fields.get(name) or FieldPolicy(name=name)
            if change.onward and not shows(rule, op.side, change.set, value):
                standing[name] = "the merged value did not arrive"
                continue
            base[op.side][name] = change.was if change.onward else value
            base[op.side.other][name] = change.source
        moved = (self.base or Base()).moved(left=base[LEFT], right=base[RIGHT])
        return replace(self, base=moved, standing=standing)

    def _created(self, side: Side, ref: str, fields: Fields) -> World:
        old = self.records[side]
        assert old is None or old.deleted, "it has a counterpart already"
        names = {**dict.fromkeys(self.policy.fields), **fields}
        record = Snapshot(
            id=f"{old.id if old else side}-new",
            fields={name: self._kept(side, name, value) for name, value in names.items()},
            ref=ref,
            version="1",
            modified="2026-01-15T11:00:00.0000000Z",
        )
        return replace(self, former=self.former | {old.id} if old else self.former)._with(side, record)

    def _settled_create(self, op: Create) -> World:
        made = self.record(op.side)
        shown = {name: made.fields[name] for name in op.fields}
        left, right = (shown, op.fields) if op.side is LEFT else (op.fields, shown)
        world = replace(self, base=Base(left, right), resolutions={}, standing={})
        return world._with(op.side.other, structs.replace(self.record(op.side.other), ref=made.id))

    def _kept(self, side: Side, name: str, value: Value) -> Value:
        rule = self.policy.fields.get(name)
        return self.losses[side](rule.type, value) if rule else value

    def _with(self, side: Side, record: Snapshot) -> World:
        return replace(self, records={**self.records, side: record})


def is_quiet(made: Plan) -> bool:
    """Nothing is written and nothing moves; what is held, or reported, may still be there."""
    return not (writes(made) or made.settle_left or made.settle_right or made.ends)


def has_tombstone(situation: Situation) -> bool:
    return any(record is not None and record.deleted for record in (situation.left, situation.right))


def holds(made: Plan) -> tuple[Hold, ...]:
    return tuple(op for op in made.ops if isinstance(op, Hold))


def updates(made: Plan) -> tuple[Update, ...]:
    return tuple(op for op in made.ops if isinstance(op, Update))


def writes(made: Plan) -> tuple[Create | Update | Delete, ...]:
    return tuple(op for op in made.ops if not isinstance(op, Hold))


def _changed(record: Snapshot, fields: Fields) -> Snapshot:
    return structs.replace(record, fields=fields, version=f"{record.version}+")


def _without(standing: Mapping[str, str], settled: Fields) -> dict[str, str]:
    return {name: why for name, why in standing.items() if name not in settled}
