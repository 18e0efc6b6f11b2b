"""Conflicts open once, follow the values, and keep a person's decision as long as it still fits."""

from __future__ import annotations

from msgspec.structs import replace

from syncd.core.model import Kind, Resolution
from syncd.store import Store, conflicts
from syncd.store.conflicts import ConflictState, Disputed, NewConflict

NAME = NewConflict(binding=1, kind=Kind.PROJECT, field="name", left="Left", right="Right", reason="both changed")
ASSETS = replace(NAME, field="assets", left=("office",), right=None)
CHOICE = Resolution("Right", "Left", "Right")


def found(store: Store, *new: NewConflict, now: float = 1.0) -> list[NewConflict]:
    with store.begin() as tx:
        return conflicts.upsert_open(tx, "nordic", new, now=now)


def waiting(store: Store) -> list[Disputed]:
    with store.read() as tx:
        return conflicts.list_open(tx, "nordic")


def decide(store: Store, resolution: Resolution = CHOICE) -> Disputed | None:
    (open_one,) = waiting(store)
    with store.begin() as tx:
        return conflicts.resolve(tx, "nordic", open_one.id, resolution, now=2.0)


def test_a_conflict_waits_for_a_person(store: Store) -> None:
    assert found(store, NAME, ASSETS) == [NAME, ASSETS]

    name, assets = waiting(store)
    assert name == Disputed(
        id=name.id,
        connection="nordic",
        binding=1,
        kind=Kind.PROJECT,
        field="name",
        left="Left",
        right="Right",
        reason="both changed",
        opened=1.0,
        changed=1.0,
        state=ConflictState.OPEN,
        resolution=None,
        standing=False,
    )
    assert (assets.left, assets.right) == (("office",), None)


def test_the_same_conflict_again_is_no_news(store: Store) -> None:
    found(store, NAME)
    before = waiting(store)

    assert found(store, NAME, now=5.0) == []
    assert waiting(store) == before


def test_other_values_are_news_of_the_same_conflict(store: Store) -> None:
    found(store, NAME)
    moved = replace(NAME, right="Righter")

    assert found(store, moved, now=5.0) == [moved]
    (only,) = waiting(store)
    assert (only.right, only.opened, only.changed) == ("Righter", 1.0, 5.0)


def test_a_decision_is_kept_until_it_is_carried_out(store: Store) -> None:
    found(store, NAME, replace(NAME, binding=2))
    (first, _) = waiting(store)
    with store.begin() as tx:
        decided = conflicts.resolve(tx, "nordic", first.id, CHOICE, now=2.0)
    found(store, NAME, now=3.0)

    assert decided == replace(first, state=ConflictState.RESOLVED, resolution=CHOICE, changed=2.0)
    with store.read() as tx:
        assert conflicts.resolutions(tx, [1, 2, 3]) == {1: {"name": CHOICE}}
        assert conflicts.count_open(tx, "nordic") == 1


def test_a_decision_falls_when_a_side_moves(store: Store) -> None:
    """A person decided on what both sides showed; nobody decided on what they show now."""
    found(store, NAME)
    decide(store)
    found(store, replace(NAME, left="Lefter"), now=3.0)

    (only,) = waiting(store)
    assert (only.state, only.resolution) == (ConflictState.OPEN, None)


def test_a_decision_on_what_is_no_longer_shown_is_refused(store: Store) -> None:
    found(store, NAME)

    assert decide(store, Resolution("Right", "Left", "Wrong")) is None
    assert len(waiting(store)) == 1


def test_a_decision_needs_a_conflict_of_this_connection(store: Store) -> None:
    found(store, NAME)
    (only,) = waiting(store)
    with store.begin() as tx:
        assert conflicts.resolve(tx, "other", only.id, CHOICE, now=2.0) is None
        assert conflicts.get(tx, "other", only.id) is None
        assert conflicts.get(tx, "nordic", only.id) == only


def test_what_the_planner_no_longer_finds_closes(store: Store) -> None:
    """Only for the bindings that it looked at."""
    found(store, NAME, ASSETS, replace(NAME, binding=2), replace(NAME, binding=3))
    with store.begin() as tx:
        closed = conflicts.close_missing(tx, "nordic", {1: {"assets"}, 2: set()}, now=2.0)

    assert [(one.binding, one.field) for one in closed] == [(1, "name"), (2, "name")]
    assert [(one.binding, one.field) for one in waiting(store)] == [(1, "assets"), (3, "name")]


def test_a_decided_conflict_closes_too(store: Store) -> None:
    found(store, NAME)
    decide(store)
    with store.begin() as tx:
        conflicts.close_missing(tx, "nordic", {1: ()}, now=3.0)

        assert conflicts.resolutions(tx, [1]) == {}


def test_a_field_can_be_disputed_again(store: Store) -> None:
    found(store, NAME)
    (first,) = waiting(store)
    with store.begin() as tx:
        conflicts.close_missing(tx, "nordic", {1: ()}, now=2.0)

    assert found(store, NAME, now=3.0) == [NAME]
    (second,) = waiting(store)
    assert second.id > first.id


def test_explain_sees_all_that_is_not_closed(store: Store) -> None:
    found(store, NAME, ASSETS)

    with store.read() as tx:
        assert conflicts.of_bindings(tx, [1, 2]) == {1: conflicts.list_open(tx, "nordic")}


def test_one_that_stands_waits_for_a_person(store: Store) -> None:
    """What slipped through a write is not undone by the two sides looking equal later."""
    slipped = replace(NAME, standing=True, reason="overwritten")
    found(store, slipped)
    found(store, NAME, now=2.0)
    with store.begin() as tx:
        assert conflicts.close_missing(tx, "nordic", {1: ()}, now=3.0) == []
        assert conflicts.standing(tx, [1, 2]) == {1: {"name": "overwritten"}}
    decide(store)

    with store.begin() as tx:
        assert conflicts.standing(tx, [1]) == {1: {"name": "overwritten"}}
        assert [one.field for one in conflicts.close_missing(tx, "nordic", {1: ()}, now=4.0)] == ["name"]
