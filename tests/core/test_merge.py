"""How verdicts become a plan: stamps, unreadable and absent fields, one update per side."""

from __future__ import annotations

import pytest
from msgspec import structs

from syncd.core.model import LEFT, RIGHT, Base, Fields, Side, Situation, Snapshot
from syncd.core.ops import Change, Hold, Update
from syncd.core.plan import QUIET, plan
from syncd.core.policy import FieldPolicy, KindPolicy

POLICY = KindPolicy(fields={name: FieldPolicy(name=name) for name in ("name", "price", "tags")})
SETTLED: Fields = {"name": "Oak", "price": "1 SEK", "tags": ("a",)}
LEFT_RECORD = Snapshot(id="P-1", fields=SETTLED, ref="9001")
RIGHT_RECORD = Snapshot(id="9001", fields=SETTLED, ref="P-1")
PEACE = Situation(base=Base(SETTLED, SETTLED), left=LEFT_RECORD, right=RIGHT_RECORD)


def left(**changes: object) -> Snapshot:
    return structs.replace(LEFT_RECORD, **changes)


def right(**changes: object) -> Snapshot:
    return structs.replace(RIGHT_RECORD, **changes)


def test_peace_is_quiet() -> None:
    assert plan(PEACE, POLICY) is QUIET


def test_one_update_per_side_carries_that_sides_changes() -> None:
    situation = structs.replace(
        PEACE,
        left=left(fields={**SETTLED, "name": "Elm"}),
        right=right(fields={**SETTLED, "price": "2 SEK", "tags": ("a", "b")}),
    )

    made = plan(situation, POLICY)

    to_left = {
        "price": Change("2 SEK", "1 SEK", "2 SEK", "changed there only"),
        "tags": Change(("a", "b"), ("a",), ("a", "b"), "changed there only"),
    }
    to_right = {"name": Change("Elm", "Oak", "Elm", "changed there only")}
    assert made.ops == (Update(LEFT, "P-1", to_left), Update(RIGHT, "9001", to_right))


def test_a_missing_stamp_is_written_alone_or_along_with_changes() -> None:
    bare = structs.replace(PEACE, left=left(ref=None), right=right(ref=None))
    edited = structs.replace(bare, left=left(ref=None, fields={**SETTLED, "name": "Elm"}))

    assert plan(bare, POLICY).ops == (Update(LEFT, "P-1", {}, "9001"), Update(RIGHT, "9001", {}, "P-1"))
    (to_left, to_right) = plan(edited, POLICY).ops
    assert to_left == Update(LEFT, "P-1", {}, "9001")
    assert isinstance(to_right, Update)
    assert ([*to_right.changes], to_right.stamp) == (["name"], "P-1")


def test_a_former_stamp_is_replaced() -> None:
    """hubspot.md trap 9: a merge gives the survivor a new id; the old one is still stamped in Propstreet."""
    merged = structs.replace(PEACE, left=left(ref="8000"), former=frozenset({"8000"}))

    assert plan(merged, POLICY).ops == (Update(LEFT, "P-1", {}, "9001"),)


def test_a_foreign_stamp_holds_the_whole_record() -> None:
    """Somebody moved it by hand: nothing is written or settled before a person has looked."""
    situation = structs.replace(PEACE, left=left(ref="7777"), right=right(ref="P-7", fields={**SETTLED, "name": "Elm"}))

    made = plan(situation, POLICY)

    assert [(op.side, op.id, op.field) for op in made.ops if isinstance(op, Hold)] == [
        (LEFT, "P-1", ""),
        (RIGHT, "9001", ""),
    ]
    assert structs.replace(made, ops=(), judged=True) == QUIET


def test_an_unreadable_field_is_held_and_its_neighbours_go_on() -> None:
    shown: Fields = {"price": "2 SEK", "tags": ("a",)}
    situation = structs.replace(PEACE, right=right(fields=shown, unreadable={"name": "no such option: 17"}))

    made = plan(situation, POLICY)

    update, hold = made.ops
    assert isinstance(update, Update)
    assert isinstance(hold, Hold)
    assert (update.side, [*update.changes]) == (LEFT, ["price"])
    assert (hold.side, hold.field, hold.reason) == (RIGHT, "name", "no such option: 17")
    assert "name" not in made.settle_left


def test_an_unreadable_field_outside_the_mapping_is_nobodys_business() -> None:
    situation = structs.replace(PEACE, right=right(unreadable={"colour": "?"}))

    assert plan(situation, POLICY) == QUIET


def test_an_absent_field_is_not_an_empty_one() -> None:
    """A partial read says nothing about what it leaves out."""
    situation = structs.replace(PEACE, right=right(fields={"name": "Oak"}))

    assert plan(situation, POLICY) == QUIET


@pytest.mark.parametrize("side", [LEFT, RIGHT])
def test_an_edit_towards_a_hidden_field_is_held(side: Side) -> None:
    """P1: salesforce trap 17. It can't be carried out, so a person must act; its neighbours go on."""
    seen, unseen = {**SETTLED, "name": "Elm", "price": "3 SEK"}, {"price": "1 SEK", "tags": ("a",)}
    situation = structs.replace(
        PEACE,
        left=left(fields=unseen, hidden={"name"}) if side is RIGHT else left(fields=seen),
        right=right(fields=unseen, hidden={"name"}) if side is LEFT else right(fields=seen),
    )

    made = plan(situation, POLICY)

    update, hold = made.ops
    assert isinstance(update, Update)
    assert isinstance(hold, Hold)
    assert (update.side, [*update.changes]) == (side.other, ["price"])
    assert (hold.side, hold.field, hold.remedy) == (side.other, "name", "run syncd check")
    assert "name" not in made.settle_left


def test_what_did_not_move_is_not_held_for_being_hidden() -> None:
    """Hiding a field from us is nobody's edit."""
    situation = structs.replace(PEACE, right=right(fields={"price": "1 SEK", "tags": ("a",)}, hidden={"name"}))

    assert plan(situation, POLICY) == QUIET


def test_a_value_that_never_arrived_is_held_when_its_place_is_hidden() -> None:
    """First meeting: a value against a hidden field is not a value against nothing."""
    seen: Fields = {"name": "Oak"}
    situation = Situation(left=left(fields=seen), right=right(fields={}, hidden={"name"}))

    (hold,) = plan(situation, POLICY).ops

    assert isinstance(hold, Hold)
    assert (hold.side, hold.field) == (RIGHT, "name")


def test_one_field_settles_while_another_is_in_conflict() -> None:
    situation = structs.replace(
        PEACE,
        left=left(fields={**SETTLED, "name": "Elm", "price": "3 SEK"}),
        right=right(fields={**SETTLED, "name": "Ash", "price": "3 SEK"}),
    )

    made = plan(situation, POLICY)

    assert (made.settle_left, made.settle_right) == ({"price": "3 SEK"}, {"price": "3 SEK"})
    assert [(each.field, each.left, each.right) for each in made.conflicts] == [("name", "Elm", "Ash")]
    assert made.ops == ()


@pytest.mark.parametrize("side", [LEFT, RIGHT])
def test_an_untouched_pair_still_tells_what_can_not_be_read(side: Side) -> None:
    """A field that could not be read from the start has no base, and every other field shows its own."""
    settled: Fields = {"price": "1 SEK", "tags": ("a",)}
    why = {"name": "no such option: 17"}
    situation = Situation(
        base=Base(settled, settled),
        left=left(fields=settled, unreadable=why if side is LEFT else {}),
        right=right(fields=settled, unreadable=why if side is RIGHT else {}),
    )

    (hold,) = plan(situation, POLICY).ops

    assert isinstance(hold, Hold)
    assert (hold.side, hold.field) == (side, "name")


def test_an_untouched_pair_still_tells_what_stands() -> None:
    situation = structs.replace(PEACE, standing={"name": "a write was cut off"})

    assert [each.reason for each in plan(situation, POLICY).conflicts] == ["a write was cut off"]


@pytest.mark.parametrize("side", [LEFT, RIGHT])
def test_a_field_settled_on_one_side_only_has_not_met_the_other(side: Side) -> None:
    """What was never settled is no deletion: the value flows to where there is none."""
    bare = {**SETTLED, "name": None}
    settled_there = {name: value for name, value in SETTLED.items() if name != "name"}
    base = Base(SETTLED, settled_there) if side is LEFT else Base(settled_there, SETTLED)
    one, other = (left(), right(fields=bare)) if side is LEFT else (left(fields=bare), right())

    (update,) = plan(structs.replace(PEACE, base=base, left=one, right=other), POLICY).ops

    assert isinstance(update, Update)
    assert (update.side, update.changes["name"].set) == (side.other, "Oak")
