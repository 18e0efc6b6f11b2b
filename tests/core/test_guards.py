"""Guards: an office's ordinary day passes, a mishap does not (P5)."""

from __future__ import annotations

from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from syncd.core.guards import Guards, Limit, Suspect, Trip, suspects, tripped
from syncd.core.model import LEFT, RIGHT, Kind, Value
from syncd.core.ops import Change, Create, Delete, Hold, Op, Update

LIMIT = Limit(most=100, share=0.05, floor=10)


@pytest.mark.parametrize(
    ("count", "population", "trips"),
    [
        (0, 0, False),
        (10, 12, False),
        (11, 12, True),
        (11, 220, False),
        (12, 220, True),
        (100, 1_000_000, False),
        (101, 1_000_000, True),
    ],
)
def test_a_limit_has_a_floor_a_share_and_a_ceiling(count: int, population: int, trips: bool) -> None:
    assert LIMIT.trips(count, population) is trips


@given(st.integers(0, 300), st.integers(0, 3000))
def test_a_limit_that_trips_stays_tripped(count: int, population: int) -> None:
    """One op more, or a smaller population, never makes a batch look harmless."""
    if LIMIT.trips(count, population):
        assert LIMIT.trips(count + 1, population)
        assert LIMIT.trips(count, max(0, population - 1))


def update(**changes: Value) -> Update:
    return Update(RIGHT, "1", {name: Change(value, "was", value, "rule") for name, value in changes.items()})


@pytest.mark.parametrize(
    ("op", "expected"),
    [
        (Delete(LEFT, "1"), [Suspect(LEFT, "deletes")]),
        (Create(RIGHT, "P-1", {"name": "Oak"}), [Suspect(RIGHT, "creates")]),
        (update(name="Oak"), [Suspect(RIGHT, "same_field", "name")]),
        (update(name=None), [Suspect(RIGHT, "clears"), Suspect(RIGHT, "same_field", "name")]),
        (update(tags=()), [Suspect(RIGHT, "clears"), Suspect(RIGHT, "same_field", "tags")]),
        (update(count=0), [Suspect(RIGHT, "same_field", "count")]),
        (update(exclusive=False), [Suspect(RIGHT, "same_field", "exclusive")]),
        (Update(RIGHT, "1", {}, "P-1"), []),
        (Hold(LEFT, "1", "name", "unknown option"), []),
    ],
)
def test_what_an_op_counts_towards(op: Op, expected: list[Suspect]) -> None:
    """Zero and False are values; a stamp alone and a hold count towards nothing."""
    assert expected == list(suspects(op))


def test_a_record_cleared_in_two_fields_is_one_clear() -> None:
    cleared = list(suspects(update(name=None, tags=())))

    assert cleared.count(Suspect(RIGHT, "clears")) == 1


def counted(*ops: Op) -> Counter[Suspect]:
    return Counter(suspect for op in ops for suspect in suspects(op))


def test_an_ordinary_day_passes() -> None:
    day = counted(
        *[Delete(RIGHT, str(n)) for n in range(10)],
        *[Create(RIGHT, str(n), {}) for n in range(50)],
        *[update(name="Oak") for _ in range(50)],
        *[update(price=None) for _ in range(20)],
    )

    assert tripped(day, lambda _: 1000, Guards()) == []


def test_a_mishap_trips_what_it_is_made_of_and_nothing_else() -> None:
    """A broken filter deletes half the deals, while twenty names are edited."""
    mishap = counted(*[Delete(RIGHT, str(n)) for n in range(60)], *[update(name="Oak") for _ in range(20)])

    (trip,) = tripped(mishap, lambda _: 120, Guards())

    assert trip == Trip(Suspect(RIGHT, "deletes"), 60, 120)
    assert trip.name == "deletes in crm"


def test_the_sides_are_counted_apart() -> None:
    both = counted(*[Delete(side, str(n)) for side in (LEFT, RIGHT) for n in range(8)])

    assert tripped(both, lambda _: 20, Guards()) == []


def test_the_kinds_are_counted_apart() -> None:
    """What is an accident among deals may be an ordinary day among their investors, and has its own name."""
    counts = Counter(suspect for n in range(60) for suspect in suspects(Delete(RIGHT, str(n)), Kind.PROSPECT))

    (trip,) = tripped(counts, lambda _: 120, Guards())

    assert trip.name == "prospect deletes in crm"
    assert tripped(counts, lambda suspect: 5000 if suspect.kind is Kind.PROSPECT else 120, Guards()) == []


def test_the_same_field_everywhere_trips_under_its_name() -> None:
    """A revoked scope shows one property empty in every record."""
    mass = counted(*[update(price=None) for _ in range(600)])

    trips = tripped(mass, lambda _: 1000, Guards())

    assert [trip.name for trip in trips] == ["clears in crm", "same_field price in crm"]


def test_a_first_load_may_create_as_many_as_there_are() -> None:
    load = counted(*[Create(RIGHT, str(n), {}) for n in range(2000)], *[Delete(RIGHT, str(n)) for n in range(101)])

    assert [trip.suspect.what for trip in tripped(load, lambda _: 2000, Guards())] == ["creates", "deletes"]
    first = tripped(load, lambda _: 2000, Guards(), first_load={Kind.PROJECT})
    assert [trip.suspect.what for trip in first] == ["deletes"]


def test_filling_what_was_empty_is_no_mass_edit() -> None:
    """P5: only what replaces values everywhere looks like an accident; a first fill destroys nothing."""
    filled = Update(RIGHT, "1", {"f": Change("new", None, "new", "rule")})
    replaced = Update(RIGHT, "1", {"f": Change("new", "old", "new", "rule")})

    assert not list(suspects(filled))
    assert list(suspects(replaced)) == [Suspect(RIGHT, "same_field", "f")]


def test_a_field_that_follows_every_write_is_no_mass_edit() -> None:
    """P5: a modified date changes with every record; that says nothing about the records."""
    dated = Update(RIGHT, "1", {"updated": Change("new", "old", "new", "rule")})

    assert not list(suspects(dated, follows_writes={"updated"}))
