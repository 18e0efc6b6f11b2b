"""Nothing tells what happened inside a project: each is looked into before what we know is too old, in even shares."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from itertools import cycle
from math import ceil

import pytest

from syncd.core.model import LEFT, RIGHT, Kind
from syncd.engine import rotation
from syncd.engine.connection import Tuning
from syncd.engine.report import Mode
from syncd.store import parents
from syncd.testing.sandbox.propstreet import Switches
from syncd.testing.sandbox.wire import Request

from .investors import Office
from .world import make_world

PROJECTS = 60
GAP_S = 300.0
STALENESS_S = 1_800.0
SHARE = ceil(PROJECTS * GAP_S / STALENESS_S)
ROUNDED = 1
"""A share is counted by the clock in whole projects, so that a pass may have one more and the next one less."""

SET = re.compile(r"/api/v1/projects/([^/]+)/prospects")


class Killed(BaseException):
    """The process is gone."""


class Rounds:
    """An office whose passes come at even intervals, and what each of them read."""

    def __init__(self, *, bump: bool = False, projects: int = PROJECTS, tuning: Tuning | None = None) -> None:
        switches = Switches(rate_limit=None, pat_life_s=10**9, bump_project_on_prospect_change=bump)
        self.office = Office("hubspot", propstreet=switches, tuning=tuning or Tuning())
        self.world = self.office.world
        self.contact = self.office.contact()
        self.projects = self.office.projects(projects)
        self.prospects = [
            self.office.propstreet.add_prospect(project, contact=self.contact) for project in self.projects
        ]
        self.begun = self.world.clock.time()
        self.world.run(Mode.BACKFILL)
        self.loaded = sorted(self.read())
        self.there = self.office.pair(Kind.CONTACT, self.contact)

    def next(self, gap_s: float = GAP_S) -> list[str]:
        """The projects whose sets the next pass reads, in that order. It begins so long after the one before did."""
        self.world.later(self.begun + gap_s - self.world.clock.time())
        self.begun = self.world.clock.time()
        self.world.forget_calls()
        self.world.run()
        return self.read()

    def read(self) -> list[str]:
        paths = [path for method, path in self.world.left.requests if method == "GET"]
        return [found.group(1) for path in paths if (found := SET.fullmatch(path))]

    def restage(self, number: int, stage: str) -> None:
        self.office.propstreet.edit_prospect(self.prospects[number], classification=stage)

    def shows(self, number: int, stage: str) -> bool:
        return self.office.on_deal(self.office.deal(self.projects[number])) == {self.there: stage}


def test_each_pass_reads_its_share_and_no_more() -> None:
    """P8: after a first load, which reads them all at once, the reads are spread, and stay so."""
    rounds = Rounds()

    passes = [rounds.next() for _ in range(12)]

    assert [len(read) for read in passes if len(read) > SHARE + ROUNDED] == []
    for at in range(6):
        assert set().union(*passes[at : at + 6]) == set(rounds.projects)
    assert PROJECTS * 2 - SHARE <= sum(map(len, passes)) <= PROJECTS * 2 + SHARE


def test_what_may_not_get_old_at_all_is_read_once_in_a_pass() -> None:
    """P8: with no staleness allowed every set is due at any time; once in a pass is as fresh as it gets."""
    tuning = Tuning(max_staleness_s=0.0, lively_staleness_s=0.0, quiet_staleness_s=0.0)
    rounds = Rounds(projects=3, tuning=tuning)

    assert sorted(rounds.next()) == sorted(rounds.projects)


def test_a_change_that_nothing_tells_of_is_found_in_time() -> None:
    """propstreet trap 20: with passes every five minutes, within max_staleness_s, whenever it happened."""
    rounds = Rounds()
    numbers = list(range(0, PROJECTS, 7))
    changed: dict[int, float] = {}
    found: dict[int, float] = {}

    for at in range(len(numbers) + 6):
        rounds.world.later(GAP_S / 3)
        for number in numbers[at : at + 1]:
            rounds.restage(number, "contacted")
            changed[number] = rounds.world.clock.time()
        assert len(rounds.next()) <= SHARE + ROUNDED
        shown = [number for number in changed if number not in found and rounds.shows(number, "contacted")]
        found |= dict.fromkeys(shown, rounds.begun)

    assert found.keys() == changed.keys()
    assert max(found[number] - changed[number] for number in numbers) <= STALENESS_S


def test_a_change_that_moves_its_project_is_found_in_the_next_pass() -> None:
    """propstreet.md section 5 leaves open whether it does; where it does, only the changed ones are read besides."""
    rounds = Rounds(bump=True)
    changed = range(0, PROJECTS, 7)
    for _ in range(2):
        rounds.next()
    for number in changed:
        rounds.restage(number, "contacted")

    read = rounds.next()

    assert all(rounds.shows(number, "contacted") for number in changed)
    assert {rounds.projects[number] for number in changed} <= set(read)
    assert len(read) <= SHARE + ROUNDED + len(changed)


def test_what_an_outage_brought_together_comes_apart_again() -> None:
    """After a night without a pass everything is due; from the next pass on the reads are spread as before."""
    rounds = Rounds()
    rounds.next()

    assert sorted(rounds.next(8 * 3600)) == sorted(rounds.projects)
    rounds.next()
    assert [len(read) for read in (rounds.next() for _ in range(8)) if len(read) > SHARE + ROUNDED] == []


def test_projects_are_read_as_lively_as_they_are() -> None:
    """propstreet trap 20: one whose teaser is out in every pass, a closed one once a day, an open one between."""
    rounds = Rounds(projects=12)
    lively, closed = rounds.projects[:3], rounds.projects[3:6]
    for project in lively:
        rounds.office.propstreet.edit_project(project, teaser="communicated")
    for project in closed:
        rounds.office.propstreet.edit_project(project, status="closed")
    rounds.next()

    passes = [rounds.next() for _ in range(12)]

    times = {project: sum(project in read for read in passes) for project in rounds.projects}
    assert {times[project] for project in lively} == {12}
    assert {times[project] for project in closed} == {0}
    assert {times[project] for project in rounds.projects[6:]} == {2}


def test_a_pass_reads_no_more_than_it_may_and_the_oldest_first() -> None:
    """What is left over comes first in the next pass: nobody waits for ever behind those who are read often."""
    rounds = Rounds(projects=12, tuning=Tuning(parents_max=5))
    assert rounds.loaded == sorted(rounds.projects)  # a first load is asked for as a whole

    passes = [rounds.next(4 * 3600), rounds.next(1.0), rounds.next(1.0), rounds.next(1.0)]

    assert [len(read) for read in passes] == [5, 5, 2, 0]
    assert {project for read in passes for project in read} == set(rounds.projects)


def test_a_pass_that_was_killed_goes_on_where_it_stopped() -> None:
    """P6: what was read and stored is not read again; the rest is, first of all."""
    rounds = Rounds(projects=12)
    died_at = 5
    rounds.world.left.on_request = dying(died_at)
    with pytest.raises(Killed):
        rounds.next(4 * 3600)
    before = rounds.read()[: died_at - 1]
    rounds.world.left.on_request = None
    rounds.world.restart()

    after = rounds.next(1.0)

    assert len(before) == died_at - 1
    assert sorted([*before, *after]) == sorted(rounds.projects)


def dying(at: int) -> Callable[[Request], None]:
    left = [at]

    def on_request(request: Request) -> None:
        if SET.fullmatch(request.path):
            left[0] -= 1
            if left[0] == 0:
                raise Killed

    return on_request


GAPS: Mapping[str, tuple[Sequence[float], float]] = {
    "even": ([300.0], 1.0),
    "often": ([5.0], 1.0),
    "odd": ([400.0], 1.5),
    "seldom": ([900.0], 1.0),
    "late and early": ([297.0, 303.4, 300.2, 299.1, 310.0, 288.0], 2.0),
    "with nudges between": ([300.0, 4.0, 296.0, 120.0, 180.0], 2.0),
}
"""Seconds between passes, over and over; and how many times its even share a pass may have to read."""


@pytest.mark.parametrize("gaps", GAPS)
def test_none_gets_older_than_it_may_and_none_is_read_much_sooner(gaps: str) -> None:
    """However the passes come, the age is kept, and the reads cost what the interval of the passes dictates."""
    world, ids = make_world(), [f"{number:03}" for number in range(65)]
    read_at: dict[str, float] = {}
    turns: list[list[str]] = []
    ages: list[float] = []

    def read(some: list[str]) -> None:
        now = world.clock.time()
        with world.store.begin() as tx:
            parents.done(tx, "test", LEFT, Kind.PROSPECT, dict.fromkeys(some, now + STALENESS_S), now=now)
        ages.extend(now - read_at[id] for id in some if id in read_at)
        read_at.update(dict.fromkeys(some, now))
        turns.append(some)

    read(ids)
    for gap_s in _until(GAPS[gaps][0], total_s=6 * STALENESS_S):
        world.later(gap_s)
        read(rotation.turn(world.connection, LEFT, Kind.PROSPECT, ahead_s=gap_s, per_call=1))

    longest = max(GAPS[gaps][0])
    even = len(ids) / (STALENESS_S // longest)
    assert max(ages) <= STALENESS_S + rotation.IN_TIME_S
    assert max(map(len, turns[1:])) <= ceil(GAPS[gaps][1] * even) + ROUNDED
    assert len(ages) <= 1.2 * 6 * len(ids)


def test_a_pass_that_takes_long_does_not_make_the_next_one_longer() -> None:
    """With a personal token's 48 calls a minute, a late start is caught up with and not handed on for ever."""
    world, ids = make_world(), [f"{number:03}" for number in range(600)]
    read_every_s, gap_s = 60 / 48, 900.0
    turns = []

    with world.store.begin() as tx:
        parents.done(
            tx,
            "test",
            LEFT,
            Kind.PROSPECT,
            dict.fromkeys(ids, world.clock.time() + STALENESS_S),
            now=world.clock.time(),
        )
    for _ in range(12):
        world.later(gap_s)
        turns.append(rotation.turn(world.connection, LEFT, Kind.PROSPECT, ahead_s=gap_s, per_call=1))
        now = world.clock.time()
        with world.store.begin() as tx:
            parents.done(tx, "test", LEFT, Kind.PROSPECT, dict.fromkeys(turns[-1], now + STALENESS_S), now=now)
        gap_s = max(GAP_S, read_every_s * len(turns[-1]))

    assert len(turns[0]) > 250
    assert max(map(len, turns[-6:])) <= 600 * GAP_S / STALENESS_S + ROUNDED


def test_what_one_call_reads_is_read_together() -> None:
    """P8: a thousand deals are one call, so they wait for one another instead of costing one in each pass."""
    world, ids = make_world(), [f"{number:03}" for number in range(65)]
    now = world.clock.time()
    with world.store.begin() as tx:
        parents.done(tx, "test", RIGHT, Kind.PROSPECT, dict.fromkeys(ids, now + STALENESS_S), now=now)

    turns = []
    for _ in range(6):
        world.later(GAP_S)
        turns.append(rotation.turn(world.connection, RIGHT, Kind.PROSPECT, ahead_s=GAP_S, per_call=1_000))

    assert [len(turn) for turn in turns] == [0, 0, 0, 0, 0, 65]


def _until(gaps: Sequence[float], *, total_s: float) -> Iterator[float]:
    for gap_s in cycle(gaps):
        total_s -= gap_s
        if total_s < 0:
            return
        yield gap_s
