"""The looking glass: a situation, a policy and a plan with the two sides swapped."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from msgspec import structs

from syncd.core.model import Base, Resolution, Side, Situation, Value
from syncd.core.ops import Change, Create, Delete, Hold, Op, Plan, Update
from syncd.core.policy import FieldPolicy, Flow, KindPolicy, OnConflict

_FLOWS = {
    Flow.TO_CRM: Flow.TO_PROPSTREET,
    Flow.TO_PROPSTREET: Flow.TO_CRM,
    Flow.BOTH: Flow.BOTH,
    Flow.NEVER: Flow.NEVER,
}
_WINNERS = {OnConflict.PROPSTREET: OnConflict.CRM, OnConflict.CRM: OnConflict.PROPSTREET}


def mirrored_policy(policy: KindPolicy) -> KindPolicy:
    return structs.replace(
        policy,
        fields={name: _field(field) for name, field in policy.fields.items()},
        create=_FLOWS[policy.create],
        when_propstreet_deletes=policy.when_crm_deletes,
        when_crm_deletes=policy.when_propstreet_deletes,
    )


def mirrored_situation(situation: Situation) -> Situation:
    base = situation.base
    return structs.replace(
        situation,
        base=base and Base(base.right, base.left),
        left=situation.right,
        right=situation.left,
        resolutions={
            name: Resolution(decided.value, decided.right, decided.left)
            for name, decided in situation.resolutions.items()
        },
    )


def facts(plan: Plan, *, mirror: bool = False) -> Mapping[str, Any]:
    """What a plan does, without its words and its order; `mirror`: as it would be with the sides swapped."""
    left, right = plan.settle_left, plan.settle_right
    conflicts = [(each.field, each.left, each.right) for each in plan.conflicts]
    if mirror:
        left, right = right, left
        conflicts = [(field, there, here) for field, here, there in conflicts]
    return {
        "ops": sorted((_op(op, mirror) for op in plan.ops), key=repr),
        "settle": (left, right),
        "conflicts": sorted(conflicts, key=repr),
        "drift": sorted(plan.drift),
        "ends": plan.ends is not None,
    }


def _field(field: FieldPolicy) -> FieldPolicy:
    return structs.replace(
        field,
        flow=_FLOWS[field.flow],
        on_conflict=_WINNERS.get(field.on_conflict, field.on_conflict),
        on_first_meeting=_WINNERS.get(field.on_first_meeting, field.on_first_meeting),
    )


def _op(op: Op, mirror: bool) -> Any:
    side: Side = op.side.other if mirror else op.side
    match op:
        case Create(_, ref, fields):
            return "create", side, ref, fields
        case Update(_, id, changes, stamp):
            return "update", side, id, {name: _change(change) for name, change in sorted(changes.items())}, stamp
        case Delete(_, id, was):
            return "delete", side, id, was
        case Hold(_, id, field):
            return "hold", side, id, field


def _change(change: Change) -> tuple[Value, Value, Value, bool]:
    return change.set, change.was, change.source, change.onward
