"""What the strategies draw is what a validated table and two real systems could show, and nothing important is rare."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from hypothesis import Phase, find, given, settings
from hypothesis import strategies as st

from syncd.core.instant import canonical_instant
from syncd.core.model import FieldType, Situation
from syncd.core.policy import Flow, KindPolicy, OnConflict
from syncd.testing.strategies import policies, situations, values


@given(policies())
@settings(max_examples=50)
def test_policies_are_valid(policy: KindPolicy) -> None:
    """Union only on sets, furthest only with an order, no field that flows nowhere."""
    for name, rule in policy.fields.items():
        winners = {rule.on_conflict, rule.on_first_meeting}
        assert name == rule.name
        assert rule.flow is not Flow.NEVER
        assert OnConflict.UNION not in winners or rule.type is FieldType.SET
        assert OnConflict.FURTHEST not in winners or rule.order


@given(st.data())
@settings(max_examples=50)
def test_values_are_canonical(data: st.DataObject) -> None:
    """Instants have seven digits, sets are sorted, an enum has an order; None is there when asked for."""
    type = data.draw(st.sampled_from(FieldType))
    value = data.draw(values(type, empty=False))

    match type:
        case FieldType.INSTANT:
            assert canonical_instant(str(value)) == value
        case FieldType.SET:
            assert isinstance(value, tuple)
            assert list(value) == sorted(value)
        case _:
            assert value is not None


@given(policies().flatmap(lambda policy: st.tuples(st.just(policy), situations(policy))))
@settings(max_examples=100)
def test_situations_could_be(drawn: tuple[KindPolicy, Situation]) -> None:
    """No field is readable and unreadable at once, nothing is unmapped, a gone record shows nothing."""
    policy, situation = drawn
    for snapshot in (situation.left, situation.right):
        if snapshot is not None:
            assert not set(snapshot.fields) & set(snapshot.unreadable)
            assert {*snapshot.fields, *snapshot.unreadable} <= set(policy.fields)
            assert not (snapshot.deleted and snapshot.fields)


def _changed(situation: Situation, side: str) -> bool:
    snapshot = getattr(situation, side)
    base = getattr(situation.base, side) if situation.base else {}
    return snapshot is not None and any(base[name] != snapshot.fields.get(name, base[name]) for name in base)


@pytest.mark.parametrize(
    "wanted",
    [
        lambda s: s.base is None and s.left and s.right,
        lambda s: s.base is not None and s.left and s.right and _changed(s, "left") and _changed(s, "right"),
        lambda s: s.base is not None and s.left and s.right and s.left.deleted and _changed(s, "right"),
        lambda s: s.base is not None and (s.left is None or s.right is None),
        lambda s: bool(s.resolutions),
        lambda s: s.left is not None and s.left.unreadable,
    ],
    ids=["first meeting", "both changed", "delete against edit", "one not seen", "resolved", "unreadable"],
)
def test_nothing_important_is_rare(wanted: Callable[[Situation], object]) -> None:
    drawn = policies().flatmap(situations)

    find(
        drawn,
        lambda situation: bool(wanted(situation)),
        settings=settings(max_examples=500, phases=[Phase.generate], database=None),
    )
