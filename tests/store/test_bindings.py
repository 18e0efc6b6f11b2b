"""Bindings keep a pair and its base, and never let a record have two."""

from __future__ import annotations

import pytest
from msgspec.structs import replace

from syncd.core.model import LEFT, RIGHT, Base, Kind
from syncd.errors import StoreError
from syncd.store import Store, bindings
from syncd.store.bindings import Binding, BindingState, NewBinding

BASE = Base(
    {"name": "Lindholmen", "price": "150000000 SEK", "assets": ("office", "retail"), "open": True, "units": 7},
    {"name": "Lindholmen", "price": None, "assets": ()},
)


def new(left: str | None = None, right: str | None = None, base: Base | None = None) -> NewBinding:
    return NewBinding(connection="nordic", kind=Kind.PROJECT, left_id=left, right_id=right, base=base)


def add(store: Store, *wanted: NewBinding, now: float = 1.0) -> list[Binding]:
    with store.begin() as tx:
        ids = bindings.add(tx, wanted, now=now)
        found = bindings.get(tx, ids)
    return [found[id] for id in ids]


def test_canonical_values_survive(store: Store) -> None:
    """Tuples come back as tuples, flags as flags, and an empty base is not the same as none."""
    full, empty, none = add(store, new("P-1", "1", BASE), new("P-2", "2", Base()), new("P-3", "3"))

    assert full.base == BASE
    assert isinstance(full.base.left["assets"], tuple)
    assert full.base.left["open"] is True
    assert empty.base == Base()
    assert none.base is None


def test_ids_come_in_the_order_given(store: Store) -> None:
    made = add(store, *(new(f"P-{number:04}") for number in range(1200)))

    assert [binding.left_id for binding in made] == [f"P-{number:04}" for number in range(1200)]
    assert len({binding.id for binding in made}) == 1200


def test_an_id_is_never_given_out_twice(store: Store) -> None:
    """The journal still speaks of the binding that is gone."""
    (first,) = add(store, new("P-1"))
    with store.begin() as tx:
        bindings.remove(tx, [first.id])
    (second,) = add(store, new("P-1"))

    assert second.id > first.id


def test_either_side_finds_the_binding(store: Store) -> None:
    (pair,) = add(store, new("P-1", "901"))

    with store.read() as tx:
        assert bindings.by_ids(tx, "nordic", Kind.PROJECT, LEFT, ["P-1", "901"]) == {"P-1": pair}
        assert bindings.by_ids(tx, "nordic", Kind.PROJECT, RIGHT, ["P-1", "901"]) == {"901": pair}
        assert bindings.by_ids(tx, "other", Kind.PROJECT, LEFT, ["P-1"]) == {}
        assert bindings.by_ids(tx, "nordic", Kind.CONTACT, LEFT, ["P-1"]) == {}


def test_an_alias_finds_the_binding_of_the_survivor(store: Store) -> None:
    """hubspot.md: two deals were merged; the id of the one that is gone still comes up."""
    (pair,) = add(store, new("P-1", "901"))
    with store.begin() as tx:
        bindings.alias(tx, "nordic", Kind.PROJECT, RIGHT, ["899", "900", "900"], pair.id)

    with store.read() as tx:
        found = bindings.by_ids(tx, "nordic", Kind.PROJECT, RIGHT, ["899", "900", "901", "902"])
    assert found == {"899": pair, "900": pair, "901": pair}


def test_an_alias_can_move_on(store: Store) -> None:
    first, second = add(store, new("P-1", "901"), new("P-2", "902"))
    with store.begin() as tx:
        bindings.alias(tx, "nordic", Kind.PROJECT, RIGHT, ["900"], first.id)
        bindings.alias(tx, "nordic", Kind.PROJECT, RIGHT, ["900"], second.id)

        assert bindings.by_ids(tx, "nordic", Kind.PROJECT, RIGHT, ["900"]) == {"900": second}


def test_saving_moves_ids_base_state_and_note(store: Store) -> None:
    made = add(store, new("P-1"), new("P-2"))
    moved = [
        replace(one, right_id=f"9{one.id}", base=BASE, state=BindingState.BOUND, note="by stamp", changed=2.0)
        for one in made
    ]
    with store.begin() as tx:
        bindings.save(tx, moved, now=2.0)

        assert list(bindings.get(tx, [one.id for one in made], lock=True).values()) == moved


@pytest.mark.parametrize("second", [new("P-1", "902"), new("P-2", "901")], ids=["left", "right"])
def test_a_record_has_one_binding_at_most(store: Store, second: NewBinding) -> None:
    """Promise 3, by the database itself; the message names no record."""
    add(store, new("P-1", "901"))

    with pytest.raises(StoreError) as refused:
        add(store, second)
    assert "P-1" not in str(refused.value)
    assert refused.value.__cause__ is None


def test_many_may_wait_for_a_counterpart(store: Store) -> None:
    assert len(add(store, new("P-1"), new("P-2"), new(right="901"), new(right="902"))) == 4


def test_former_ids_are_those_of_the_aliases(store: Store) -> None:
    first, second = add(store, new("P-1", "901"), new("P-2", "902"))
    with store.begin() as tx:
        bindings.alias(tx, "nordic", Kind.PROJECT, RIGHT, ["899", "900"], first.id)

        assert bindings.former_ids(tx, [first.id, second.id]) == {first.id: frozenset({"899", "900"})}


def test_removing_takes_the_aliases_along(store: Store) -> None:
    first, second = add(store, new("P-1", "901"), new("P-2", "902"))
    with store.begin() as tx:
        bindings.alias(tx, "nordic", Kind.PROJECT, RIGHT, ["900"], first.id)
        bindings.remove(tx, [first.id])

        assert bindings.by_ids(tx, "nordic", Kind.PROJECT, RIGHT, ["900", "901", "902"]) == {"902": second}


def test_counting_and_paging(store: Store) -> None:
    made = add(store, *(new(f"P-{number}") for number in range(5)))
    with store.begin() as tx:
        bindings.save(tx, [replace(made[4], state=BindingState.ENDED)], now=2.0)

        assert bindings.count(tx, "nordic") == 5
        assert bindings.count(tx, "nordic", Kind.PROJECT, BindingState.PENDING) == 4
        assert bindings.count(tx, "nordic", Kind.CONTACT) == 0
        assert bindings.count(tx, "other") == 0
        assert bindings.page(tx, "nordic", limit=2) == made[:2]
        assert bindings.page(tx, "nordic", kind=Kind.PROJECT, after=made[1].id, limit=2) == made[2:4]
        ended = bindings.page(tx, "nordic", state=BindingState.ENDED)
    assert [one.left_id for one in ended] == ["P-4"]


def test_people_find_a_binding_by_any_id(store: Store) -> None:
    (pair,) = add(store, new("P-1", "901"))
    with store.begin() as tx:
        bindings.alias(tx, "nordic", Kind.PROJECT, RIGHT, ["900"], pair.id)

        assert [bindings.find(tx, "nordic", id) for id in ("P-1", "901", "900")] == [[pair]] * 3
        assert bindings.find(tx, "nordic", "902") == []
        assert bindings.find(tx, "other", "P-1") == []


def test_a_side_names_its_id(store: Store) -> None:
    (pair,) = add(store, new("P-1", "901"))

    assert (pair.id_of(LEFT), pair.id_of(RIGHT)) == ("P-1", "901")
