"""Stopped anywhere and started again, it ends the same (P6)."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from syncd.core.model import Side
from syncd.core.ops import Create

from .cases import edits, worlds
from .world import World, updates, writes


def end(world: World) -> dict[str, Any]:
    """Where a world comes to rest: values, what is settled, what a person still has to see."""
    rest = world.rounds()
    return {
        "fields": [record and record.fields for record in rest.records.values()],
        "stamps": [record and record.ref for record in rest.records.values()],
        "deleted": [record and record.deleted for record in rest.records.values()],
        "base": rest.base,
        "reported": rest.reported,
        "ended": rest.ended is None,
    }


@given(st.data(), worlds())
def test_stopped_between_two_ops_it_ends_the_same(data: st.DataObject, world: World) -> None:
    """In whatever order the ops go out, and after whichever of them it stops."""
    made = world.plan
    order = data.draw(st.permutations(made.ops))
    done = data.draw(st.integers(0, len(order)))

    stopped = world.settled(made)
    for op in order[:done]:
        stopped = stopped.applied(op)

    assert end(world) == end(stopped)


@given(st.data(), worlds(bound=True, deletes=False, lossy=False))
def test_stopped_before_the_answer_it_ends_the_same(data: st.DataObject, world: World) -> None:
    """Each update of the plan landed or did not, nobody saw which, and the targets are read again."""
    made = world.plan
    stopped = world.settled(made)
    for update in updates(made):
        landed = data.draw(st.booleans())
        stopped = (stopped.affected(update) if landed else stopped).recovered(update)

    assert end(world) == end(stopped)


@given(st.data(), worlds(bound=True, deletes=False))
def test_a_lost_answer_from_a_lossy_system_loses_nothing(data: st.DataObject, world: World) -> None:
    """The field is settled, planned again, or held; its source keeps its value in every case."""
    made = world.plan
    stopped = world.settled(made)
    for update in updates(made):
        stopped = stopped.affected(update).recovered(update)

    rest = stopped.rounds()

    for update in updates(made):
        for name, change in update.changes.items():
            if name in world.resolutions:
                continue  # what the lossy side makes of the value may be just what a person has decided about
            source = rest.record(update.side.other).fields[name]
            assert change.onward or source == change.source
            assert rest.shows(update.side, name, change.set) or name in rest.reported


@given(st.data(), worlds(bound=True, deletes=False, lossy=False), st.sampled_from(Side))
def test_an_edit_that_meets_a_lost_answer_is_not_overwritten(data: st.DataObject, world: World, editor: Side) -> None:
    """A person types while our write is in flight: their value stays, or policy decides with both at hand."""
    made = world.plan
    stopped = world.settled(made)
    for update in updates(made):
        stopped = stopped.affected(update)
    typed = data.draw(edits(world.policy))
    stopped = stopped.edited(editor, typed)
    for update in updates(made):
        stopped = stopped.recovered(update)

    for name, value in typed.items():
        if name in stopped.standing and name not in world.standing:
            rest = stopped.rounds()
            assert rest.record(editor).fields[name] == value
            assert name in rest.held


@given(worlds(bound=False))
def test_a_create_that_landed_unseen_is_adopted_and_not_repeated(world: World) -> None:
    """The new record is found by its stamp and the pair meets for the first time: no second create (P3)."""
    for create in (op for op in writes(world.plan) if isinstance(op, Create)):
        source = world.record(create.side.other)
        landed = replace(world, former=frozenset({source.ref or ""})).affected(create)

        rest = landed.rounds()

        assert not any(isinstance(op, Create) for op in writes(landed.plan))
        assert not landed.stamped or rest.record(create.side.other).ref == landed.record(create.side).id


@given(worlds(bound=True, deletes=False))
def test_a_guarded_write_that_did_not_arrive_is_known_not_to_have(world: World) -> None:
    """The target still carries the version that the write was guarded with: plan as if it was never sent."""
    for update in updates(world.plan):
        version = world.record(update.side).version
        if version is not None:
            assert world == world.recovered(update, sent_version=version)
