"""DESIGN.md section 4's verdict table, row by row.

A row reads: the field's policy, Propstreet as (base, now), the CRM as (base, now), and the verdict.
"""

from __future__ import annotations

from typing import Any

import pytest
from msgspec import structs

from syncd.core.judge import Clash, Drift, Nothing, Refuse, Seen, Settle, Verdict, Write, judge
from syncd.core.model import LEFT, RIGHT, FieldType, Resolution, Side, Value
from syncd.core.policy import FieldPolicy, Flow, OnConflict

STAGES = ("draft", "active", "signed", "closed")
EARLY, LATE = "2026-01-15T10:00:00.0000000Z", "2026-01-15T10:00:00.0000001Z"

NEW = object()
"""Stands for a base that is not there: the two have never met in this field."""


def rule(flow: str = "both", on_conflict: str = "hold", **more: Any) -> FieldPolicy:
    return FieldPolicy(name="f", flow=Flow(flow), on_conflict=OnConflict(on_conflict), **more)


def stage(flow: str = "both") -> FieldPolicy:
    return rule(flow, "furthest", type=FieldType.ENUM, order=STAGES)


def first(choice: str, flow: str = "both", **more: Any) -> FieldPolicy:
    return rule(flow, on_first_meeting=OnConflict(choice), **more)


def seen(left: tuple[Any, Value], right: tuple[Any, Value], **more: Any) -> Seen:
    """From (base, now) of each side."""
    return Seen(
        left=left[1],
        right=right[1],
        base_left=None if left[0] is NEW else left[0],
        base_right=None if right[0] is NEW else right[0],
        settled=NEW not in (left[0], right[0]),
        **more,
    )


def said(verdict: Verdict) -> str:
    """A verdict in the table's words."""
    match verdict:
        case Nothing():
            return "nothing"
        case Settle():
            return "settle"
        case Write(side, value, _, onward):
            return f"{side} := {value}" + (", then onward" if onward else "")
        case Drift(side):
            return f"drift in {side}"
        case Clash():
            return "held for a person"
        case Refuse(side):
            return f"refused for {side}"


BOTH, TO_CRM, TO_PROPSTREET = rule(), rule("to_crm"), rule("to_propstreet")

TABLE = [
    # nobody moved
    (BOTH, ("a", "a"), ("a", "a"), "nothing"),
    (BOTH, (None, None), (None, None), "nothing"),
    (BOTH, ("Oak ", "Oak "), ("Oak", "Oak"), "nothing"),
    (TO_CRM, ("a", "a"), ("b", "b"), "nothing"),
    # left moved
    (BOTH, ("a", "b"), ("a", "a"), "crm := b"),
    (BOTH, ("a", None), ("a", "a"), "crm := None"),
    (BOTH, (None, "b"), (None, None), "crm := b"),
    (TO_CRM, ("a", "b"), ("a", "a"), "crm := b"),
    (TO_PROPSTREET, ("a", "b"), ("a", "a"), "drift in propstreet"),
    (BOTH, ("Oak ", "Elm"), ("Oak", "Oak"), "crm := Elm"),
    (BOTH, ("Oak ", "Oak"), ("Oak", "Oak"), "settle"),
    # right moved
    (BOTH, ("a", "a"), ("a", "b"), "propstreet := b"),
    (TO_PROPSTREET, ("a", "a"), ("a", "b"), "propstreet := b"),
    (TO_CRM, ("a", "a"), ("a", "b"), "drift in crm"),
    (BOTH, (("a",), ("a",)), (("a",), ()), "propstreet := ()"),
    # both moved, and are equal now
    (BOTH, ("a", "b"), ("a", "b"), "settle"),
    (TO_CRM, ("a", "b"), ("a", "b"), "settle"),
    (BOTH, (("a",), ()), (("a",), None), "settle"),
    # both moved apart: a one-way flow wins
    (TO_CRM, ("a", "b"), ("a", "c"), "crm := b"),
    (TO_PROPSTREET, ("a", "b"), ("a", "c"), "propstreet := c"),
    (rule("to_crm", "crm"), ("a", "b"), ("a", "c"), "crm := b"),
    (rule("to_crm", "union"), (("a",), ("a", "b")), (("a",), ("a", "c")), "crm := ('a', 'b')"),
    # both moved apart: on_conflict
    (rule("both", "hold"), ("a", "b"), ("a", "c"), "held for a person"),
    (rule("both", "propstreet"), ("a", "b"), ("a", "c"), "crm := b"),
    (rule("both", "crm"), ("a", "b"), ("a", "c"), "propstreet := c"),
    (rule("both", "crm"), ("a", "b"), ("a", None), "propstreet := None"),
    # furthest, both ways
    (stage(), ("draft", "active"), ("draft", "signed"), "propstreet := signed"),
    (stage(), ("draft", "closed"), ("draft", "signed"), "crm := closed"),
    (stage(), ("draft", "active"), ("draft", None), "crm := active"),
    (stage(), ("draft", "active"), ("draft", "withdrawn"), "held for a person"),
    (stage(), ("draft", "withdrawn"), ("draft", "lost"), "held for a person"),
    (stage(), ("signed", "active"), ("signed", "signed"), "crm := active"),
    # furthest on a one-way field
    (stage("to_crm"), ("draft", "signed"), ("draft", "active"), "crm := signed"),
    (stage("to_crm"), ("draft", "active"), ("draft", "closed"), "settle"),
    (stage("to_crm"), ("draft", "active"), ("draft", "withdrawn"), "held for a person"),
    (stage("to_crm"), ("draft", "draft"), ("draft", "closed"), "drift in crm"),
    (stage("to_crm"), ("closed", "active"), ("closed", "closed"), "crm := active"),
    (stage("to_propstreet"), ("draft", "closed"), ("draft", "active"), "settle"),
    # union
    (rule(on_conflict="union"), ((), ("a",)), ((), ("b",)), "propstreet := ('a', 'b'), then onward"),
    (rule(on_conflict="union"), ((), ("b",)), ((), ("a",)), "crm := ('a', 'b'), then onward"),
    (rule(on_conflict="union"), ((), ("a", "b")), ((), ("a",)), "crm := ('a', 'b')"),
    (rule(on_conflict="union"), (("c",), ("a",)), (("c",), ("a", "b")), "propstreet := ('a', 'b')"),
    (rule(on_conflict="union"), (("c",), None), (("c",), ("a",)), "propstreet := ('a',)"),
    # first meeting
    (BOTH, (NEW, "a"), (NEW, "a"), "settle"),
    (BOTH, (NEW, None), (NEW, None), "settle"),
    (BOTH, (NEW, None), (NEW, ()), "settle"),
    (BOTH, (NEW, "a"), (NEW, None), "crm := a"),
    (BOTH, (NEW, ()), (NEW, ("a",)), "propstreet := ('a',)"),
    (BOTH, (NEW, False), (NEW, None), "crm := False"),
    (BOTH, (NEW, 0), (NEW, None), "crm := 0"),
    (TO_CRM, (NEW, None), (NEW, "a"), "drift in crm"),
    (TO_PROPSTREET, (NEW, "a"), (NEW, None), "drift in propstreet"),
    (BOTH, ("a", "a"), (NEW, "b"), "held for a person"),
    (first("hold"), (NEW, "a"), (NEW, "b"), "held for a person"),
    (first("propstreet"), (NEW, "a"), (NEW, "b"), "crm := a"),
    (first("crm"), (NEW, "a"), (NEW, "b"), "propstreet := b"),
    (first("crm", "to_crm"), (NEW, "a"), (NEW, "b"), "settle"),
    (first("propstreet", "to_crm"), (NEW, "a"), (NEW, "b"), "crm := a"),
    (first("furthest", order=STAGES), (NEW, "draft"), (NEW, "active"), "propstreet := active"),
    (first("furthest", "to_crm", order=STAGES), (NEW, "draft"), (NEW, "active"), "settle"),
    (first("union"), (NEW, ("a",)), (NEW, ("b",)), "propstreet := ('a', 'b'), then onward"),
    (first("union", "to_crm"), (NEW, ("a",)), (NEW, ("b",)), "crm := ('a', 'b')"),
    (first("union", "to_crm"), (NEW, ("a",)), (NEW, ("a", "b")), "settle"),
    (first("union", "to_propstreet"), (NEW, ("a",)), (NEW, ("a", "b")), "propstreet := ('a', 'b')"),
    # a required field is never emptied
    (rule(required=True), ("a", None), ("a", "a"), "refused for crm"),
    (rule(required=True), (("a",), ("a",)), (("a",), ()), "refused for propstreet"),
    (rule("both", "crm", required=True), ("a", "b"), ("a", None), "refused for propstreet"),
    (rule(required=True), ("a", None), ("a", None), "settle"),
    (rule(required=True), ("a", "b"), ("a", None), "held for a person"),
]


@pytest.mark.parametrize(("policy", "left", "right", "expected"), TABLE)
def test_table(policy: FieldPolicy, left: tuple[Any, Value], right: tuple[Any, Value], expected: str) -> None:
    """Every row of the verdict table."""
    assert expected == said(judge(policy, seen(left, right)))


NEWEST = [
    (LATE, EARLY, "crm := b"),
    (EARLY, LATE, "propstreet := c"),
    (EARLY, EARLY, "held for a person"),
    (None, EARLY, "held for a person"),
    (EARLY, None, "held for a person"),
    (None, None, "held for a person"),
]


@pytest.mark.parametrize(("left_modified", "right_modified", "expected"), NEWEST)
@pytest.mark.parametrize("base", ["a", NEW])
def test_newest(base: object, left_modified: str | None, right_modified: str | None, expected: str) -> None:
    """The record modified last wins, to the last of seven digits; a tie or an unknown time is held."""
    policy = rule("both", "newest", on_first_meeting=OnConflict.NEWEST)
    case = seen((base, "b"), (base, "c"), left_modified=left_modified, right_modified=right_modified)

    assert expected == said(judge(policy, case))


RACE = [
    # what Propstreet shows now, and what becomes of a deal that a broker moved ahead to `signed`
    ("active", "settle"),
    ("draft", "settle"),
    (None, "settle"),
    ("signed", "settle"),
    ("closed", "crm := closed"),
    ("withdrawn", "held for a person"),
]


@pytest.mark.parametrize(("now", "expected"), RACE)
def test_a_deal_that_a_broker_moved_ahead_is_not_dragged_back(now: Value, expected: str) -> None:
    """Settled apart at the first meeting of the two stages, the target stays ahead until the source passes it."""
    behind: Value = "active" if now != "active" else "draft"

    assert expected == said(judge(stage("to_crm"), seen((behind, now), ("signed", "signed"))))


def test_a_broker_who_moves_a_deal_that_is_ahead_has_drifted() -> None:
    """Settled apart or not, a one-way field never flows back."""
    assert said(judge(stage("to_crm"), seen(("draft", "draft"), ("signed", "active")))) == "drift in crm"


def fold(left: Value, right: Value) -> bool:
    return str(left).strip().casefold() == str(right).strip().casefold()


def test_other_spellings_are_the_same_value() -> None:
    """Both moved to what the codecs know as one value: only the base moves."""
    policy = rule(alike=fold)

    assert said(judge(policy, seen(("x", "Oak "), ("x", "oak")))) == "settle"
    assert said(judge(policy, seen((NEW, "Oak "), (NEW, "oak")))) == "settle"
    assert said(judge(policy, seen(("x", "Oak"), ("x", "Elm")))) == "held for a person"


def decided(value: Value, *, left: Value = "b", right: Value = "c") -> Resolution:
    return Resolution(value, left, right)


RESOLVED = [
    (BOTH, decided("b"), "crm := b"),
    (BOTH, decided("c"), "propstreet := c"),
    (BOTH, decided("d"), "crm := d, then onward"),
    (BOTH, decided(None), "crm := None, then onward"),
    (TO_CRM, decided("b"), "crm := b"),
    (TO_CRM, decided("c"), "settle"),
    (TO_CRM, decided("d"), "crm := d"),
    (TO_PROPSTREET, decided("b"), "settle"),
    (TO_PROPSTREET, decided("d"), "propstreet := d"),
    (rule("both", "crm"), decided("b"), "crm := b"),
    (rule(required=True), decided(None), "refused for crm"),
    (rule(alike=fold), decided("B "), "crm := b"),
    (BOTH, decided("b", left="moved since"), "held for a person"),
    (BOTH, decided("b", right="moved since"), "held for a person"),
]


@pytest.mark.parametrize(("policy", "resolution", "expected"), RESOLVED)
@pytest.mark.parametrize("standing", [None, "a write was cut off"])
@pytest.mark.parametrize("base", ["a", NEW])
def test_resolutions(
    policy: FieldPolicy, resolution: Resolution, expected: str, standing: str | None, base: object
) -> None:
    """A person's word ends a conflict, a standing one too, while both sides show what that person saw."""
    case = seen((base, "b"), (base, "c"), resolution=resolution, standing=standing)

    assert expected == said(judge(policy, case))


def test_a_person_may_decide_that_a_standing_conflict_is_none() -> None:
    case = seen(("a", "b"), ("a", "b"), standing="a write was cut off")

    assert said(judge(BOTH, case)) == "held for a person"
    assert said(judge(BOTH, structs.replace(case, resolution=decided("b", right="b")))) == "settle"


def test_a_resolution_is_carried_out_once() -> None:
    """Once settled it decides nothing more, even if the target fell back to what the person had seen."""
    case = seen(("Oak ", "Oak "), ("Oak", "Oak"), resolution=Resolution("Oak ", "Oak ", "Oak"))

    assert said(judge(BOTH, case)) == "nothing"


STANDING = [
    (("a", "a"), ("a", "a")),
    (("a", "b"), ("a", "a")),
    (("a", "b"), ("a", "b")),
    ((NEW, "a"), (NEW, None)),
]


@pytest.mark.parametrize(("left", "right"), STANDING)
@pytest.mark.parametrize("policy", [BOTH, TO_CRM, rule("both", "crm")])
def test_what_stands_waits_for_a_person(policy: FieldPolicy, left: tuple[Any, Value], right: tuple[Any, Value]) -> None:
    """However the values look by now."""
    verdict = judge(policy, seen(left, right, standing="a write was cut off"))

    assert Clash("a write was cut off") == verdict


@pytest.mark.parametrize("side", [LEFT, RIGHT])
def test_a_refusal_says_which_field(side: Side) -> None:
    moved, kept = ("a", None), ("a", "a")
    left, right = (kept, moved) if side is LEFT else (moved, kept)

    verdict = judge(FieldPolicy(name="price", required=True), seen(left, right))

    assert Refuse(side, "price was emptied, and it can't be empty on the other side") == verdict


def test_a_value_emptied_while_it_was_in_dispute_is_no_gap() -> None:
    """P1: at a first meeting a value fills a gap; but what a person emptied during a dispute is that person's edit."""
    policy = FieldPolicy(name="price")
    gap = Seen(left=None, right="1 SEK", settled=False)

    assert judge(policy, gap) == Write(LEFT, "1 SEK", "first meeting: a value against nothing")
    assert isinstance(judge(policy, structs.replace(gap, disputed=True)), Clash)
