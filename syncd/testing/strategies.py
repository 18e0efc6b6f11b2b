"""Hypothesis strategies for the core's values: policies, and the situations that may arise under them.

The domains are small on purpose, so that equal values, clashes of two edits, ties in time and empty values come
up in every run. Everything drawn is canonical and valid: a table validator would accept each policy, and the two
sides could show each situation. Raw records, which only the mapping sees, are not made here.
"""

from __future__ import annotations

from collections.abc import Mapping

from hypothesis import strategies as st
from hypothesis.strategies import DrawFn, SearchStrategy

from syncd.core.model import Base, Fields, FieldType, Kind, Resolution, Side, Situation, Snapshot, Value
from syncd.core.policy import FieldPolicy, Flow, KindPolicy, OnConflict, OnDelete

LEFT_ID, RIGHT_ID = "P-1", "9001"
ENUM_ORDER = ("draft", "active", "signed", "closed")
INSTANTS = tuple(f"2026-01-15T10:00:0{second}.0000000Z" for second in range(3))

_DOMAINS: dict[FieldType, tuple[Value, ...]] = {
    # Two of these differ only by what a system that trims or folds case would lose.
    FieldType.TEXT: ("Oak", "oak", "Oak ", "Birch & Åse", "x" * 40),
    # Two of these differ only by what a system that rounds to whole units would lose.
    FieldType.MONEY: ("150000000 SEK", "150000000.25 SEK", "150000000 EUR", "0 SEK", "-5 SEK"),
    FieldType.DATE: ("2026-01-15", "2026-01-16", "2026-12-31"),
    FieldType.INSTANT: (*INSTANTS, "2026-01-15T10:00:00.0000001Z"),
    FieldType.ENUM: ENUM_ORDER,
    FieldType.FLAG: (True, False),
    FieldType.WHOLE: (0, 1, -1, 7, 10**12),
    FieldType.SET: ((), ("a",), ("b",), ("a", "b"), ("a", "b", "c")),
    FieldType.REF: ("https://app.example/p/1", "https://app.example/p/2"),
}


def values(type: FieldType, *, empty: bool = True) -> SearchStrategy[Value]:
    """Canonical values of this type, and None where `empty`."""
    domain = _DOMAINS[type]
    return st.sampled_from((None, *domain) if empty else domain)


def field_types() -> SearchStrategy[FieldType]:
    return st.sampled_from(FieldType)


@st.composite
def field_policies(draw: DrawFn, name: str = "f", *, flows: tuple[Flow, ...] = ()) -> FieldPolicy:
    """A valid rule for one field: union only on sets, furthest only with an order, never a flow of `never`."""
    type = draw(field_types())
    winners = [OnConflict.PROPSTREET, OnConflict.CRM, OnConflict.NEWEST, OnConflict.HOLD]
    if type is FieldType.SET:
        winners.append(OnConflict.UNION)
    if type is FieldType.ENUM:
        winners.append(OnConflict.FURTHEST)
    return FieldPolicy(
        name=name,
        type=type,
        flow=draw(st.sampled_from(flows or (Flow.BOTH, Flow.TO_CRM, Flow.TO_PROPSTREET))),
        on_conflict=draw(st.sampled_from(winners)),
        on_first_meeting=draw(st.sampled_from(winners)),
        order=ENUM_ORDER if type is FieldType.ENUM else (),
        required=draw(st.sampled_from((False, False, False, True))),
        follows_writes=type is FieldType.INSTANT and draw(st.booleans()),
    )


@st.composite
def policies(draw: DrawFn, *, fields_max: int = 4, flows: tuple[Flow, ...] = ()) -> KindPolicy:
    """A valid policy for projects with one to `fields_max` fields; `flows` narrows what the fields may do."""
    names = [f"f{number}" for number in range(draw(st.integers(1, fields_max)))]
    fields = {name: draw(field_policies(name, flows=flows)) for name in names}
    return KindPolicy(
        kind=Kind.PROJECT,
        fields=fields,
        create=draw(st.sampled_from(Flow)),
        when_propstreet_deletes=draw(st.sampled_from(OnDelete)),
        when_crm_deletes=draw(st.sampled_from(OnDelete)),
        mark=draw(_marks(fields)),
        edit_outlives_delete=draw(st.booleans()),
    )


def fields_of(policy: KindPolicy, *, whole: bool = False) -> SearchStrategy[dict[str, Value]]:
    """Values for the fields of a policy; unless `whole`, some are absent, as in a partial read."""
    every = {name: values(rule.type) for name, rule in policy.fields.items()}
    return st.fixed_dictionaries(every) if whole else st.fixed_dictionaries({}, optional=every)


def bases(policy: KindPolicy) -> SearchStrategy[Base]:
    """What was settled: often the same on both sides, sometimes each in its own spelling, sometimes in part."""
    same = fields_of(policy, whole=True).map(lambda fields: Base(fields, fields))
    own = st.builds(Base, fields_of(policy, whole=True), fields_of(policy, whole=True))
    return same | own | st.builds(Base, fields_of(policy), fields_of(policy))


@st.composite
def snapshots(
    draw: DrawFn, policy: KindPolicy, side: Side, *, near: Fields | None = None, deletes: bool = True
) -> Snapshot:
    """One side now: each field as in `near`, or edited. A deleted record shows no fields, perhaps a stamp."""
    own, other = (LEFT_ID, RIGHT_ID) if side is Side.PROPSTREET else (RIGHT_ID, LEFT_ID)
    deleted = deletes and draw(st.sampled_from((False, False, False, True)))
    fields = {} if deleted else draw(_edited(policy, near or {}))
    unreadable, hidden = (draw(st.sampled_from((None, None, None, *fields))) for _ in range(2))
    for name in (unreadable, hidden):
        fields.pop(name or "", None)
    return Snapshot(
        id=own,
        fields=fields,
        unreadable={} if unreadable is None else {unreadable: "unknown option"},
        hidden=frozenset() if hidden in (None, unreadable) else frozenset({hidden}),
        ref=draw(st.sampled_from((other, None))),
        version=draw(st.sampled_from(('W/"1"', 'W/"2"', None))),
        modified=draw(st.sampled_from((*INSTANTS, None))),
        deleted=deleted,
    )


@st.composite
def situations(
    draw: DrawFn, policy: KindPolicy, *, bound: bool | None = None, deletes: bool = True, resolved: bool = True
) -> Situation:
    """What the planner may be shown under a policy.

    `bound` True gives only pairs (both snapshots, with or without a base), False only records that have no
    counterpart yet, None both. A pair that was settled and lost one snapshot altogether is in None too: absence is
    no evidence of a delete.
    """
    pair = draw(st.sampled_from((True, True, True, False))) if bound is None else bound
    base = draw(st.none() | bases(policy)) if pair or bound is None else None
    left, right = (
        draw(snapshots(policy, side, near=base.of(side) if base else None, deletes=deletes)) for side in Side
    )
    missing = None if pair else draw(st.sampled_from(Side))
    return Situation(
        base=base,
        left=None if missing is Side.PROPSTREET else left,
        right=None if missing is Side.CRM else right,
        out_of_scope=draw(st.sampled_from((None, None, "the mapping leaves it out"))),
        stamped=draw(st.sampled_from((True, True, False))),
        resolutions=draw(_resolutions(policy, left, right)) if pair and resolved else {},
    )


@st.composite
def _edited(draw: DrawFn, policy: KindPolicy, near: Fields) -> dict[str, Value]:
    """A whole record: each field as in `near`, or truly edited since."""
    fields: dict[str, Value] = {}
    for name, rule in policy.fields.items():
        if name in near and draw(st.booleans()):
            fields[name] = near[name]
        else:
            others = [value for value in (None, *_DOMAINS[rule.type]) if name not in near or value != near[name]]
            fields[name] = draw(st.sampled_from(others))
    return fields


def _marks(fields: Mapping[str, FieldPolicy]) -> SearchStrategy[dict[str, Value]]:
    """One value for OnDelete.MARK to write: in a mapped field that flows to the CRM, or in one of its own."""
    mapped = [
        st.fixed_dictionaries({name: values(rule.type, empty=False)})
        for name, rule in fields.items()
        if rule.flow.reaches(Side.CRM)
    ]
    own: SearchStrategy[dict[str, Value]] = st.just({"gone": True})
    return st.one_of(own, *mapped)


@st.composite
def _resolutions(draw: DrawFn, policy: KindPolicy, left: Snapshot, right: Snapshot) -> dict[str, Resolution]:
    """Mostly none; else a person's decision on one field, taken on what is shown now or on something older."""
    shared = [name for name in policy.fields if name in left.fields and name in right.fields]
    name = draw(st.sampled_from((None, None, None, *shared)))
    if name is None:
        return {}
    type = policy.fields[name].type
    saw = left.fields[name], right.fields[name]
    if draw(st.sampled_from((True, True, False))):
        return {name: Resolution(draw(st.sampled_from(saw) | values(type)), *saw)}
    return {name: Resolution(draw(values(type)), draw(values(type)), draw(values(type)))}
