"""Reading that was cut off goes on where it was: page by page, and the mark moves only after the last (P6, P8)."""

from __future__ import annotations

import pytest

from syncd.core.model import LEFT, RIGHT, Kind, Side
from syncd.engine.report import Mode, RunOutcome
from syncd.store import watermarks
from syncd.testing.sandbox.wire import Faulty, Request

from .world import World, make_world

RECORDS, PAGE = 10, 2


class Killed(BaseException):
    """The process is gone."""


@pytest.fixture
def world() -> World:
    """Ten projects and ten deals of their own, in pages of two."""
    world = make_world(options={LEFT: {"page_size": PAGE}, RIGHT: {"page_max": PAGE}})
    for number in range(RECORDS):
        world.propstreet.add_project(name=f"House {number}")
        world.hubspot.person.add_deal(dealname=f"Deal {number}")
    world.later()
    return world


LISTS = {LEFT: "/api/v1/projects", RIGHT: "/crm/v3/objects/deals"}


def line_of(world: World, side: Side) -> Faulty:
    return world.left if side is LEFT else world.right


def pages_read(world: World, side: Side) -> int:
    return line_of(world, side).requests.count(("GET", LISTS[side]))


def die_at_page(world: World, side: Side, page: int) -> None:
    left = [page]

    def on_request(request: Request) -> None:
        if (request.method, request.path) == ("GET", LISTS[side]):
            left[0] -= 1
            if left[0] == 0:
                raise Killed

    line_of(world, side).on_request = on_request


@pytest.mark.parametrize("page", [2, 4])
@pytest.mark.parametrize("side", [LEFT, RIGHT])
def test_a_first_load_that_died_in_the_middle_reads_only_what_remains(world: World, side: Side, page: int) -> None:
    """P6: pages that were stored are not read again; in the end everything is there once."""
    uncut = make_world(options=world.options)
    for number in range(RECORDS):
        uncut.propstreet.add_project(name=f"House {number}")
        uncut.hubspot.person.add_deal(dealname=f"Deal {number}")
    uncut.run(Mode.BACKFILL)
    whole = pages_read(uncut, side)
    die_at_page(world, side, page)

    with pytest.raises(Killed):
        world.run(Mode.BACKFILL)
    line_of(world, side).on_request = None
    world.forget_calls()
    world.restart()
    world.later(100)
    summary = world.run(Mode.BACKFILL)

    assert pages_read(world, side) == whole - (page - 1)
    assert summary.outcome is RunOutcome.OK
    assert len(world.propstreet.live_projects()) == len(world.hubspot.person.live_deals()) == 2 * RECORDS


def test_a_mark_moves_only_after_the_last_page(world: World) -> None:
    """P1: had the mark moved with the first page, what the other pages hold would never be read."""
    die_at_page(world, LEFT, 3)

    with pytest.raises(Killed):
        world.run(Mode.BACKFILL)

    with world.store.read() as tx:
        mark = watermarks.get(tx, "test", LEFT, Kind.PROJECT)
        unfinished = watermarks.get(tx, "test", LEFT, Kind.PROJECT, "full")
    assert mark is None or mark.mark is None
    assert unfinished is not None
    assert unfinished.cursor is not None


def test_edits_made_while_a_scan_was_cut_off_are_not_missed(world: World) -> None:
    """P1: records on pages already read were edited before the scan went on: a later pass brings them."""
    world.run(Mode.BACKFILL)
    world.later(400)
    ids = sorted(project["id"] for project in world.propstreet.live_projects())
    for id in ids[:6]:
        world.propstreet.edit_project(id, name=f"{id} first")
    world.later()
    die_at_page(world, LEFT, 3)
    with pytest.raises(Killed):
        world.run()
    world.left.on_request = None
    world.propstreet.edit_project(ids[0], name=f"{ids[0]} second")
    world.restart()
    world.settle()

    names = {deal["propstreet_id"]: deal["dealname"] for deal in world.hubspot.person.live_deals().values()}
    assert names[ids[0]] == f"{ids[0]} second"
    assert [names[id] for id in ids[1:6]] == [f"{id} first" for id in ids[1:6]]


def test_a_dead_cursor_starts_the_scan_again(world: World) -> None:
    """P6: Propstreet forgets cursors (trap 12); the scan begins anew and nothing is lost."""
    die_at_page(world, LEFT, 4)
    with pytest.raises(Killed):
        world.run(Mode.BACKFILL)
    world.left.on_request = None
    switches = world.propstreet.switches
    world.propstreet.switches = type(switches)(rate_limit=None, pat_life_s=1e9, cursor_life_s=1.0)
    world.later(5000)
    world.propstreet.switches = type(switches)(rate_limit=None, pat_life_s=1e9)
    world.restart()

    world.run(Mode.BACKFILL)

    assert len(world.hubspot.person.live_deals()) == 2 * RECORDS


def test_an_idle_pass_reads_one_page_there_and_two_here() -> None:
    """P8, P4: with nothing changed a delta is one list call, a search and a look at the archived, and no write."""
    world = make_world()
    for number in range(30):
        world.propstreet.add_project(name=f"House {number}")
    world.run(Mode.BACKFILL)
    world.later(4000)
    world.run()
    world.later(4000)
    world.forget_calls()
    before = len(world.propstreet.journal) + len(world.hubspot.journal)

    summary = world.run()

    assert summary.calls == {"propstreet": 1, "crm": 2}
    assert len(world.propstreet.journal) + len(world.hubspot.journal) == before
