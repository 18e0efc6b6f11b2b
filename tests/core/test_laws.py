"""What must hold for every policy and every situation; hypothesis looks for the ones where it does not."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st
from msgspec import structs

from syncd.core.merge import merge
from syncd.core.model import Side, Situation
from syncd.core.ops import Create, Delete, Update
from syncd.core.plan import QUIET, plan
from syncd.core.policy import KindPolicy, OnDelete

from .cases import cases, edits, peaceful_worlds, sides, worlds
from .world import World, has_tombstone, holds, is_quiet, updates, writes


@given(worlds())
def test_plan_is_total_and_every_history_ends_in_quiet(world: World) -> None:
    """No situation raises, and none keeps writing."""
    assert is_quiet(world.rounds().plan)


@given(worlds(bound=True, deletes=False))
def test_one_round_reaches_quiet(world: World) -> None:
    """Two, where a merged value still has to travel onward."""
    travels = any(change.onward for update in updates(world.plan) for change in update.changes.values())

    after = world.round()

    assert is_quiet((after.round() if travels else after).plan)


@given(worlds())
def test_the_second_plan_is_the_third(world: World) -> None:
    """Once quiet, a round changes nothing, and says the same about what is held."""
    settled = world.rounds()

    assert settled == settled.round()


@given(cases(bound=True, deletes=False))
def test_quiet_is_told_at_a_glance_and_by_verdicts_alike(case: tuple[KindPolicy, Situation]) -> None:
    """An untouched pair gets no verdicts. A base with one field more makes it look, and find the same."""
    policy, situation = case
    base = situation.base
    if base is not None and situation.left is not None and situation.right is not None:
        situation = structs.replace(
            situation,
            left=structs.replace(situation.left, fields=base.left),
            right=structs.replace(situation.right, fields=base.right),
        )
    looked = structs.replace(situation, base=base and base.moved(left={"unmapped": 1}, right={"unmapped": 1}))

    assert merge(looked, policy) == merge(situation, policy)


@given(st.data(), peaceful_worlds(), sides)
def test_a_one_sided_edit_is_never_lost(data: st.DataObject, world: World, editor: Side) -> None:
    """It arrives as its target can keep it, or it is held or reported with its field named."""
    edited = world.edited(editor, data.draw(edits(world.policy)))
    before, now = world.record(editor).fields, edited.record(editor).fields

    after = edited.rounds()

    for name in (name for name in now if now[name] != before[name]):
        assert after.record(editor).fields[name] == now[name]
        assert after.shows(editor.other, name, now[name]) or name in after.reported


@given(st.data(), peaceful_worlds(lossy=False))
def test_disjoint_edits_both_survive(data: st.DataObject, world: World) -> None:
    names = list(world.policy.fields)
    cut = data.draw(st.integers(0, len(names)))
    drawn = data.draw(edits(world.policy))
    for_left = {name: value for name, value in drawn.items() if name in names[:cut]}
    for_right = {name: value for name, value in drawn.items() if name in names[cut:]}

    after = world.edited(Side.PROPSTREET, for_left).edited(Side.CRM, for_right).rounds()

    for editor, fields in ((Side.PROPSTREET, for_left), (Side.CRM, for_right)):
        for name, value in fields.items():
            assert after.shows(editor, name, value)
            assert after.shows(editor.other, name, value) or name in after.reported


@given(st.data(), peaceful_worlds())
def test_a_lossy_system_does_not_ping_pong(data: st.DataObject, world: World) -> None:
    """Trimmed, rounded or clamped, what comes back is our own echo: one edit is written once, and never answered."""
    editor = data.draw(sides)
    edited = world.edited(editor, data.draw(edits(world.policy)))

    assert {update.side for update in updates(edited.plan)} <= {editor.other}
    assert is_quiet(edited.round().plan)


@given(worlds(bound=True, deletes=False))
def test_what_is_held_stays_as_it_is(world: World) -> None:
    """Settling its neighbours moves neither its base nor its values; a conflict keeps both."""
    made = world.plan
    held = {each.field for each in made.conflicts} | {*made.drift, *(hold.field for hold in holds(made))}

    after = world.round()

    for name in held:
        for side in Side:
            assert world.settled_value(side, name) == after.settled_value(side, name)
            assert world.record(side).fields.get(name) == after.record(side).fields.get(name)


@given(cases(bound=True, deletes=False))
def test_a_conflict_shows_both_values(case: tuple[KindPolicy, Situation]) -> None:
    policy, situation = case
    assert situation.left is not None
    assert situation.right is not None

    for conflict in plan(situation, policy).conflicts:
        assert situation.left.fields[conflict.field] == conflict.left
        assert situation.right.fields[conflict.field] == conflict.right


@given(cases(bound=True, deletes=False))
def test_an_update_carries_only_what_changes(case: tuple[KindPolicy, Situation]) -> None:
    """Each change differs from what the target showed, and names what the source showed."""
    policy, situation = case

    for update in updates(plan(situation, policy)):
        here, there = situation.snapshot(update.side), situation.snapshot(update.side.other)
        assert here is not None
        assert there is not None
        assert update.changes or update.stamp
        for name, change in update.changes.items():
            assert change.set != change.was
            assert (here.fields[name], there.fields[name]) == (change.was, change.source)


@given(cases(bound=True, deletes=False))
def test_each_field_gets_one_answer(case: tuple[KindPolicy, Situation]) -> None:
    """It is settled, written to one side, held, in conflict or adrift; and every answer is explained."""
    made = plan(case[1], case[0])
    written = [name for update in updates(made) for name in update.changes]
    held = {hold.field for hold in holds(made)}
    answers = [*written, *made.settle_left, *held, *made.drift, *(each.field for each in made.conflicts)]

    assert made.settle_left.keys() == made.settle_right.keys()
    assert len(answers) == len(set(answers))
    assert set(answers) == {decision.field for decision in made.decisions}


@given(cases())
def test_nothing_is_written_against_the_flow(case: tuple[KindPolicy, Situation]) -> None:
    """Not by an update, not by a create. A mark is the one exception: it is meant for the CRM."""
    policy, situation = case

    for op in writes(plan(situation, policy)):
        match op:
            case Create(side, _, fields):
                assert all(policy.fields[name].flow.reaches(side) for name in fields)
            case Update(side, _, changes):
                unmarked = changes.keys() - (policy.mark.keys() if has_tombstone(situation) else ())
                assert all(policy.fields[name].flow.reaches(side) for name in unmarked)
            case Delete():
                assert has_tombstone(situation)


@given(cases())
def test_a_required_field_is_never_emptied(case: tuple[KindPolicy, Situation]) -> None:
    policy, situation = case

    for update in updates(plan(situation, policy)):
        for name, change in update.changes.items():
            assert change.set not in (None, ()) or not policy.fields[name].required


@given(cases())
def test_a_record_is_deleted_only_on_positive_evidence(case: tuple[KindPolicy, Situation]) -> None:
    """Its counterpart is a tombstone, the two were settled together, and the table says archive."""
    policy, situation = case

    for op in writes(plan(situation, policy)):
        if isinstance(op, Delete):
            tomb, survivor = situation.snapshot(op.side.other), situation.snapshot(op.side)
            assert tomb is not None
            assert survivor is not None
            assert (tomb.deleted, survivor.deleted) == (True, False)
            assert situation.base is not None
            assert policy.on_delete(op.side.other) is OnDelete.ARCHIVE


@given(cases())
def test_absence_is_no_evidence(case: tuple[KindPolicy, Situation]) -> None:
    """A settled pair of which one record was not read is left alone: no delete, and no second counterpart (P3)."""
    policy, situation = case
    if situation.base is not None and None in (situation.left, situation.right):
        assert structs.replace(plan(situation, policy), decisions=()) == QUIET


@given(cases(bound=False))
def test_creates_follow_the_table(case: tuple[KindPolicy, Situation]) -> None:
    """One counterpart, for a live record in scope, in the direction that the table creates."""
    policy, situation = case
    record = situation.left or situation.right
    assert record is not None
    target = Side.CRM if situation.left else Side.PROPSTREET
    wanted = situation.out_of_scope is None and policy.create.reaches(target) and not record.deleted

    creates = [op for op in writes(plan(situation, policy)) if isinstance(op, Create)]

    assert [(target, record.id)] * wanted == [(op.side, op.ref) for op in creates]
