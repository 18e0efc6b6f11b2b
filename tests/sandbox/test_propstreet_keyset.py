"""The order behind the twin's lists: sorted under any history, and no row lost or twice."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from syncd.testing.sandbox.propstreet import keyset, stamps
from syncd.testing.sandbox.propstreet.keyset import Keyset

from .propstreet_api import api, clock_of


@given(st.lists(st.integers(0, 40)), st.integers(-1, 41), st.sampled_from([2, 3, 2048]))
@settings(max_examples=100)
def test_keyset_is_a_sorted_set(keys: list[int], start: int, chunk_max: int) -> None:
    """Whatever is added and removed, in chunks of any size, `after` is what sorting would give."""
    here, there = Keyset(), set[int]()
    whole, keyset._CHUNK_MAX = keyset._CHUNK_MAX, chunk_max
    try:
        for key in keys:
            if key in there:
                here.remove(key)
            else:
                here.add(key)
            there ^= {key}
    finally:
        keyset._CHUNK_MAX = whole

    assert list(here.after(start)) == sorted(key for key in there if key > start)
    assert len(here) == len(there)


@given(st.integers(0, 4_000_000_000 * stamps.TICKS_PER_S))
@settings(max_examples=100)
def test_stamps_survive_the_wire(ticks: int) -> None:
    """What is shown reads back to the last digit."""
    assert stamps.parsed(stamps.shown(ticks)) == stamps.read_back(stamps.shown(ticks)) == ticks


@given(
    st.lists(
        st.tuples(
            st.sampled_from(["add", "edit", "delete", "tick", "page"]), st.integers(0, 9), st.sampled_from([0, 0, 3])
        ),
        max_size=40,
    )
)
@settings(max_examples=60)
def test_readers_end_at_the_truth(history: list[tuple[str, int, int]]) -> None:
    """After any history of late and timely moves, a full scan is the truth, in order, each row once."""
    here = api()
    ids: list[str] = []
    for move, number, late_s in history:
        alive = [project["id"] for project in here.twin.live_projects()]
        match move:
            case "add":
                ids.append(here.twin.add_project(late_s=late_s))
            case "edit" if alive:
                here.twin.edit_project(alive[number % len(alive)], name=f"N{number}", late_s=late_s)
            case "delete" if alive:
                here.twin.delete_project(alive[number % len(alive)], late_s=late_s)
            case "tick":
                clock_of(here).advance(number / 2)
            case _:
                here.scan(page_size=2, include_deleted="true")
    clock_of(here).advance(10)
    rows = here.scan(page_size=3, include_deleted="true")

    assert sorted(row["id"] for row in rows) == sorted(ids)
    assert all(row == here.twin.project(row["id"]) for row in rows)
    keys = [(stamps.read_back(row["updatedUtc"]), int(row["id"])) for row in rows]
    assert keys == sorted(keys)
