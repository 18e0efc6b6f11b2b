"""Traps of hubspot.md, section 11, against the whole engine: the real client, the twin, a first load, and a pass.

Each test goes the way by which a client falls into the trap, and looks at what both systems show in the end. What an
adapter or a codec proves on its own is not repeated here; README.md says which test holds which trap.
"""

from __future__ import annotations

from typing import Any

import msgspec
import pytest

from syncd.core.model import RIGHT, Side
from syncd.engine.persons import resolve, retry_held
from syncd.engine.report import Mode, RunOutcome, Summary
from syncd.errors import QuotaExhausted, RemoteError, Unauthorized
from syncd.store import conflicts, outbox
from syncd.store.db import open_store
from syncd.store.outbox import Entry
from syncd.testing.sandbox.hubspot import Lag, RateLimit, Switches
from syncd.testing.sandbox.wire import Fault, FaultKind, Request, Response
from tests.engine.world import Table, World, make_world, shipped_table

EMPTY_PAGE = Fault(kind=FaultKind.STATUS, status=200, body=b'{"results": []}', times=-1)


def world_with(*, table: Table | None = None, options: dict[str, Any] | None = None, **switches: Any) -> World:
    """A world whose HubSpot has these switches."""
    return make_world(table=table, hubspot=Switches(**{"rate_limit": None, **switches}), options={RIGHT: options or {}})


def sync(world: World, mode: Mode = Mode.DELTA) -> Summary:
    world.later(60)
    return world.run(mode)


def loaded(world: World, **fields: Any) -> tuple[str, str]:
    """A project and the deal that a first load made of it."""
    id = world.propstreet.add_project(**{"name": "Kista Logistics", **fields})
    sync(world, Mode.BACKFILL)
    world.later(1)
    return id, deal_of(world, id)


def deal_of(world: World, project: str) -> str:
    (id,) = [id for id, deal in world.hubspot.person.live_deals().items() if deal.get("propstreet_id") == project]
    return id


def deal(world: World, id: str) -> dict[str, str | None]:
    return world.hubspot.person.deal(id)


def names(world: World) -> list[str]:
    """Of all live deals, each as often as it is there."""
    return sorted(str(deal["dealname"]) for deal in world.hubspot.person.live_deals().values())


def writes(world: World) -> int:
    return len(world.propstreet.journal) + len(world.hubspot.journal)


def held(world: World) -> list[Entry]:
    with world.store.read() as tx:
        return outbox.held(tx, "test")


def lose_store(world: World) -> None:
    world.connection.close()
    world.restart(open_store("sqlite://"))


# Writing in batches: traps 1 to 4, 16, 17


@pytest.mark.parametrize(("api", "structured"), [("v3", True), ("2026-09", False)])
def test_trap_01_and_02_a_bad_row_is_told_and_its_neighbours_go_on(api: str, structured: bool) -> None:
    """hubspot.md traps 1, 2: one option that an admin took away sinks neither its batch nor its record."""
    world = world_with(options={"api": api}, structured_errors=structured)
    ids = [world.propstreet.add_project(name=f"Project {number}", exclusivity="other") for number in range(5)]
    sync(world, Mode.BACKFILL)
    world.later(1)
    world.hubspot.person.set_options("propstreet_exclusivity", ["other", "exclusive"])
    for number, id in enumerate(ids):
        exclusivity = "non_exclusive" if number == 2 else "exclusive"
        world.propstreet.edit_project(id, name=f"Renamed {number}", exclusivity=exclusivity)
    world.settle()

    assert names(world) == [f"Renamed {number}" for number in range(5)]
    assert [deal(world, deal_of(world, id))["propstreet_exclusivity"] for id in ids].count("exclusive") == 4
    assert [getattr(entry.op, "field", None) for entry in held(world)] == ["exclusivity"]


def test_trap_03_every_project_is_bound_to_its_own_deal() -> None:
    """hubspot.md trap 3: results come in another order than the rows, and are joined by the stamp."""
    world = world_with()
    ids = {world.propstreet.add_project(name=f"Project {number}"): f"Project {number}" for number in range(30)}
    sync(world, Mode.BACKFILL)

    for id, name in ids.items():
        assert deal(world, deal_of(world, id))["dealname"] == name
        (ref,) = world.propstreet.project(id)["externalRefs"]
        assert ref["id"] == deal_of(world, id)


def test_trap_04_a_create_that_is_answered_with_200() -> None:
    """hubspot.md trap 4: any 2xx is an answer; nothing looks like "no result" and is made again."""
    world = world_with(created_status=200)
    loaded(world)
    world.settle()

    assert names(world) == ["Kista Logistics"]
    assert held(world) == []


@pytest.mark.parametrize(
    ("kind", "lag_s"),
    [
        (FaultKind.TIMEOUT_AFTER, 200.0),
        (FaultKind.RESET_AFTER, 0.0),
        (FaultKind.GARBAGE_200, 0.0),
        (FaultKind.STATUS_AFTER, 200.0),
    ],
)
def test_trap_05_and_17_a_batch_whose_answer_is_lost(kind: FaultKind, lag_s: float) -> None:
    """hubspot.md traps 5, 17: read by the stamp, never by search, and then made once."""
    world = world_with(search_lag=Lag(typical_s=lag_s))
    for number in range(3):
        world.propstreet.add_project(name=f"Project {number}")
    world.right.plan(Fault(kind=kind, status=502, body=b"<html>", method="POST", path="batch/upsert$"))
    sync(world, Mode.BACKFILL)
    world.settle()

    assert names(world) == ["Project 0", "Project 1", "Project 2"]
    assert held(world) == []


@pytest.mark.parametrize("rows", ["index", "store"])
def test_trap_05_what_search_shows_late_arrives(rows: Any) -> None:
    """hubspot.md trap 5: a lag longer than a poll interval; the overlap shows the edit when search has it."""
    world = world_with(search_lag=Lag(typical_s=150.0), search_rows=rows)
    id, at = loaded(world)
    world.hubspot.person.edit_deal(at, dealname="Edited")
    for _ in range(4):
        sync(world)

    assert world.propstreet.project(id)["name"] == "Edited"


def test_trap_06_more_rows_of_one_stamp_than_a_page_holds() -> None:
    """hubspot.md trap 6: a bulk edit of a dozen deals, five to a page."""
    world = world_with(options={"page_max": 5})
    ids = [world.propstreet.add_project(name=f"Project {number}") for number in range(12)]
    sync(world, Mode.BACKFILL)
    world.later(1)
    world.hubspot.person.bulk_edit([deal_of(world, id) for id in ids], propstreet_exclusivity="other")
    sync(world)

    assert {project["exclusivity"] for project in world.propstreet.live_projects()} == {"other"}


# Merged, archived, restored: traps 9 to 14, 43


@pytest.mark.parametrize(("keeps_id", "follows"), [(False, False), (False, True), (True, False)])
def test_trap_09_a_merge_in_either_mode(keeps_id: bool, follows: bool) -> None:
    """hubspot.md trap 9: the returned id is held against the asked one; the pair goes on with the survivor."""
    world = world_with(merge_keeps_primary_id=keeps_id, batch_read_follows_merges=follows)
    world.table["project"]["create"] = "to_crm"
    world.restart()
    id, at = loaded(world)
    loose = world.hubspot.person.add_deal(dealname="Loose")
    survivor = world.hubspot.person.merge_deals(loose, at)
    world.settle()
    world.propstreet.edit_project(id, name="After the merge")
    world.settle()

    assert deal_of(world, id) == survivor
    assert names(world) == ["After the merge"]
    assert [ref["id"] for ref in world.propstreet.project(id)["externalRefs"]] == [survivor]


@pytest.mark.parametrize("store", ["kept", "lost"])
def test_trap_10_what_people_merged_is_not_made_again(store: str) -> None:
    """hubspot.md trap 10: the loser's stamp is gone, and an upsert of it would make the deal again."""
    world = world_with()
    first, at = loaded(world)
    second = world.propstreet.add_project(name="Second")
    sync(world)
    survivor = world.hubspot.person.merge_deals(at, deal_of(world, second))
    if store == "lost":
        lose_store(world)
        sync(world, Mode.BACKFILL)
    for mode in (Mode.DELTA, Mode.BACKFILL):
        world.propstreet.edit_project(second, name=f"Second, {mode}")
        sync(world, mode)

    assert list(world.hubspot.person.live_deals()) == [survivor]
    assert deal_of(world, first) == survivor
    assert held(world) != []


@pytest.mark.parametrize(
    ("on_delete", "store"), [("unbind", "kept"), ("unbind", "lost"), ("archive", "lost"), ("ignore", "lost")]
)
def test_trap_11_an_archived_deal_is_not_resurrected(on_delete: str, store: str) -> None:
    """hubspot.md trap 11: invisible to search and reads is not "not there yet", even when the store is lost."""
    world = world_with()
    world.table["project"]["on_delete"] = on_delete
    world.restart()
    id, at = loaded(world)
    world.hubspot.person.archive_deal(at)
    if store == "lost":
        lose_store(world)
        sync(world, Mode.BACKFILL)
    else:
        sync(world)
    if id in {project["id"] for project in world.propstreet.live_projects()}:
        world.propstreet.edit_project(id, name="Edited since")
    for mode in (Mode.DELTA, Mode.BACKFILL):
        sync(world, mode)

    assert world.hubspot.person.live_deals() == {}


@pytest.mark.parametrize("keeps_stamp", [True, False])
def test_trap_12_and_43_two_deals_of_one_stamp(keeps_stamp: bool) -> None:
    """hubspot.md traps 12, 43: a deal made afresh, and the archived one restored beside it: told, not doubled."""
    world = world_with(restore_keeps_taken_unique=keeps_stamp)
    id, old = loaded(world)
    world.propstreet.edit_project(id, name="Still going")
    world.hubspot.person.archive_deal(old)
    sync(world)
    with world.store.read() as tx:
        (dispute,) = conflicts.list_open(tx, "test")
    resolve(world.connection, dispute.id, take=Side.PROPSTREET, value=None)
    sync(world)
    fresh = deal_of(world, id)
    world.hubspot.person.restore_deal(old)
    world.later(400)
    for mode in (Mode.DELTA, Mode.BACKFILL, Mode.DELTA):
        sync(world, mode)
    before = writes(world)
    sync(world)

    assert fresh != old
    assert {fresh, old} <= world.hubspot.person.live_deals().keys()
    assert [ref["id"] for ref in world.propstreet.project(id)["externalRefs"]] == [fresh]
    assert [project["id"] for project in world.propstreet.live_projects()][:1] == [id]
    assert writes(world) == before


def test_trap_14_projects_and_deals_of_one_name_stay_apart() -> None:
    """hubspot.md trap 14: a name is no key."""
    world = world_with(table=shipped_table())
    world.hubspot.person.add_deal(dealname="Kista Logistics")
    for _ in range(2):
        world.propstreet.add_project(name="Kista Logistics")
    sync(world, Mode.BACKFILL)
    stamps = [one.get("propstreet_id") for one in world.hubspot.person.live_deals().values()]

    assert len(stamps) == 3
    assert stamps.count(None) == 1


# Limits and refusals: traps 20 to 24, 35, 40, 41


@pytest.mark.parametrize("daily_max", [2, 4, 6])
def test_trap_20_and_21_a_spent_day_is_not_hammered(daily_max: int) -> None:
    """hubspot.md traps 20, 21: the pass ends at the first DAILY, wherever it comes, and tomorrow's goes on."""
    world = world_with()
    for number in range(120):
        world.propstreet.add_project(name=f"Project {number}")
    limit = RateLimit(burst_max=None, search_max=None, daily_max=daily_max)
    world.hubspot.switch(rate_limit=limit)
    world.later(86_400)
    statuses: list[int] = []
    world.right.on_response = lambda request, response: statuses.append(response.status)
    try:
        summary = world.run(Mode.BACKFILL)
    except QuotaExhausted:
        summary = None
    world.right.on_response = None

    assert summary is None or statuses.count(429) == 0
    assert statuses.count(429) <= 2

    world.hubspot.switch(rate_limit=None)
    world.later(86_400)
    world.run(Mode.BACKFILL)

    assert names(world) == sorted(f"Project {number}" for number in range(120))


def test_trap_20_477_is_a_pause_and_no_verdict() -> None:
    """hubspot.md section 6: an account on the move is left alone, and nothing of it is lost or held."""
    world = world_with()
    id, at = loaded(world)
    world.propstreet.edit_project(id, name="Edited")
    world.right.plan(Fault(kind=FaultKind.STATUS, status=477, headers={"Retry-After": "3600"}, path="batch/update$"))
    with pytest.raises(QuotaExhausted):
        sync(world)
    world.later(4000)
    world.settle()

    assert deal(world, at)["dealname"] == "Edited"
    assert held(world) == []


def test_trap_22_a_property_that_became_read_only() -> None:
    """hubspot.md trap 22: that field is held, and the others of its record are written."""
    world = world_with()
    id, at = loaded(world)
    deals = world.hubspot.account.deals
    deals.properties["amount"] = msgspec.structs.replace(deals.properties["amount"], read_only=True)
    deals.redefine()
    world.propstreet.edit_project(id, name="Edited", price={"value": 5, "currency": "SEK"})
    world.settle()

    assert deal(world, at)["dealname"] == "Edited"
    assert [getattr(entry.op, "field", None) for entry in held(world)] == ["price"]


def test_trap_23_an_option_that_comes_back() -> None:
    """hubspot.md trap 23: the refused value waits for a person, and goes on once the option is there again."""
    world = world_with()
    id, at = loaded(world, exclusivity="other")
    world.hubspot.person.set_options("propstreet_exclusivity", ["other"])
    world.propstreet.edit_project(id, exclusivity="exclusive")
    world.settle()
    (waiting,) = held(world)

    assert waiting.remedy is not None
    assert "option" in waiting.remedy

    world.hubspot.person.set_options("propstreet_exclusivity", ["other", "exclusive"])
    retry_held(world.connection, [waiting.id])
    world.settle()

    assert deal(world, at)["propstreet_exclusivity"] == "exclusive"
    assert held(world) == []


def test_trap_23_an_option_that_a_new_record_needs() -> None:
    """hubspot.md trap 23: a project that can't be made as it is waits, and the other hundred are made."""
    world = world_with()
    world.hubspot.person.set_options("propstreet_exclusivity", ["exclusive"])
    for number in range(20):
        world.propstreet.add_project(name=f"Project {number}", exclusivity="other" if number == 7 else "exclusive")
    sync(world, Mode.BACKFILL)

    assert len(names(world)) >= 19
    (waiting,) = held(world)
    assert waiting.remedy is not None

    world.hubspot.person.set_options("propstreet_exclusivity", ["exclusive", "other"])
    retry_held(world.connection, [waiting.id])
    world.settle()

    assert len(names(world)) == 20
    assert held(world) == []


def test_trap_24_a_deal_in_another_pipeline_is_left_there() -> None:
    """hubspot.md trap 24: stages are per pipeline; a deal that a broker moved is not dragged into ours."""
    world = world_with()
    id, at = loaded(world)
    world.hubspot.person.add_pipeline("rentals", {"rentals_open": "0.5"})
    world.hubspot.person.edit_deal(at, pipeline="rentals", dealstage="rentals_open")
    world.settle()
    world.propstreet.edit_project(id, teaser="published", name="Edited")
    world.settle()
    shown = deal(world, at)

    assert (shown["pipeline"], shown["dealstage"]) == ("rentals", "rentals_open")
    assert shown["dealname"] == "Edited"


def test_trap_25_and_27_recalculated_and_shown_otherwise() -> None:
    """hubspot.md traps 25, 27: HubSpot touches every record again and shows dates as epochs; nothing is written."""
    world = world_with(recalculates_after_s=5.0, search_lag=Lag(typical_s=5.0))
    loaded(world, price={"value": "82.50", "currency": "EUR", "scale": "millions"}, teaser="published")
    before = writes(world)
    for _ in range(3):
        sync(world)
    world.hubspot.switch(epoch_properties=frozenset({"propstreet_created", "propstreet_teaser_published"}))
    for mode in (Mode.DELTA, Mode.BACKFILL, Mode.DELTA):
        sync(world, mode)

    assert writes(world) == before


@pytest.mark.parametrize("mode", [Mode.DELTA, Mode.BACKFILL])
def test_trap_26_a_property_that_is_not_shown_clears_nothing(mode: Mode) -> None:
    """hubspot.md trap 26 and section 4.2: unknown names are left out of reads in silence; absent is not empty."""
    world = world_with()
    id, at = loaded(world, exclusivity="exclusive")
    world.hubspot.person.archive_property("propstreet_exclusivity")
    world.hubspot.person.edit_deal(at, dealname="Edited")
    sync(world, mode)

    assert world.propstreet.project(id)["exclusivity"] == "exclusive"
    assert world.propstreet.project(id)["name"] == "Edited"


def test_trap_35_a_lock_is_waited_out() -> None:
    """hubspot.md trap 35: 423 is tried again in the same pass, two seconds later at the earliest."""
    world = world_with()
    id, at = loaded(world)
    world.propstreet.edit_project(id, name="Edited")
    tried: list[float] = []

    def note(request: Request) -> None:
        if request.path.endswith("batch/update"):
            tried.append(world.clock.time())

    world.right.on_request = note
    world.right.plan(Fault(kind=FaultKind.STATUS, status=423, path="batch/update$"))
    sync(world)

    assert deal(world, at)["dealname"] == "Edited"
    assert len(tried) == 2
    assert tried[1] - tried[0] >= 2


@pytest.mark.parametrize(
    ("status", "mode", "skip"),
    [
        (401, Mode.DELTA, 0),
        (403, Mode.DELTA, 2),
        (403, Mode.BACKFILL, 1),
        (404, Mode.DELTA, 1),
        (404, Mode.BACKFILL, 0),
    ],
)
def test_trap_40_refused_in_the_middle_of_a_pass(status: int, mode: Mode, skip: int) -> None:
    """hubspot.md trap 40: a revoked token, scope or path deletes nothing, clears nothing, and loses no edit."""
    world = world_with()
    id, at = loaded(world, exclusivity="exclusive")
    world.hubspot.person.edit_deal(at, dealname="Edited")
    world.propstreet.edit_project(id, exclusivity="other")
    before = len(world.propstreet.journal)
    world.right.plan(Fault(kind=FaultKind.STATUS, status=status, body=b"{}", times=-1, skip=skip))
    for _ in range(2):
        try:
            sync(world, mode)
        except RemoteError as error:
            assert status != 401 or isinstance(error, Unauthorized)  # noqa: PT017, the other outcome is no error

    assert [entry.method for entry in world.propstreet.journal[before:] if entry.method == "DELETE"] == []

    world.right.behave()
    for entry in held(world):
        retry_held(world.connection, [entry.id])
    world.settle()

    assert world.propstreet.project(id)["name"] == deal(world, at)["dealname"] == "Edited"
    assert deal(world, at)["propstreet_exclusivity"] == "other"


@pytest.mark.parametrize(
    ("path", "mode"),
    [
        ("objects/deals$", Mode.BACKFILL),
        ("search$", Mode.DELTA),
        ("batch/read$", Mode.DELTA),
        ("", Mode.DELTA),
        ("", Mode.BACKFILL),
    ],
)
def test_trap_41_empty_pages_delete_nothing(path: str, mode: Mode) -> None:
    """hubspot.md trap 41: deletes need positive evidence; an empty answer is none, whoever gives it."""
    world = world_with()
    for number in range(5):
        world.propstreet.add_project(name=f"Project {number}")
    sync(world, Mode.BACKFILL)
    before = writes(world)
    world.later(1)
    world.hubspot.person.bulk_edit(list(world.hubspot.person.live_deals()), description="So that all are read again")
    world.right.plan(msgspec.structs.replace(EMPTY_PAGE, path=path))
    world.propstreet.edit_project(world.propstreet.live_projects()[0]["id"], name="Project 0, edited")
    for _ in range(2):
        try:
            sync(world, mode)
        except RemoteError:
            world.later(60)

    assert len(world.propstreet.live_projects()) == len(names(world)) == 5

    world.right.behave()
    world.settle()

    assert "Project 0, edited" in names(world)
    assert writes(world) - before <= 2


# The long run: traps 42, 44


def test_trap_42_a_hubspot_without_the_numbered_paths() -> None:
    """hubspot.md trap 42: set up, first load, edits both ways, and a deletion, on 2026-09 alone."""
    world = world_with(options={"api": "2026-09"}, families=frozenset({"2026-09"}))
    id, at = loaded(world)
    world.hubspot.person.edit_deal(at, dealname="Of HubSpot")
    world.propstreet.edit_project(id, exclusivity="other")
    world.settle()

    assert world.propstreet.project(id)["name"] == "Of HubSpot"
    assert deal(world, at)["propstreet_exclusivity"] == "other"

    world.propstreet.delete_project(id)
    world.settle()

    assert names(world) == []


@pytest.mark.parametrize("offset_s", [-7200.0, 7200.0])
def test_trap_44_a_hubspot_with_another_clock(offset_s: float) -> None:
    """hubspot.md trap 44: the mark is the Date of HubSpot's own answer, so two hours of skew lose no edit."""
    world = world_with(clock_offset_s=offset_s)
    id, at = loaded(world)
    for number in range(3):
        world.hubspot.person.edit_deal(at, dealname=f"Kista {number}")
        sync(world)

        assert world.propstreet.project(id)["name"] == f"Kista {number}"


# What the contract leaves open, where a deal can meet it


def test_section_2_1_a_rule_that_an_admin_made_for_new_records() -> None:
    """hubspot.md section 2.1: a create that lacks what an admin requires is held by name, and made afterwards."""
    world = world_with(required_on_create=("description",))
    world.propstreet.add_project(name="Kista")
    summary = sync(world, Mode.BACKFILL)

    assert summary.outcome is RunOutcome.ATTENTION
    (waiting,) = held(world)
    assert "description" in (waiting.reason or "")

    world.hubspot.switch(required_on_create=())
    retry_held(world.connection, [waiting.id])
    world.settle()

    assert names(world) == ["Kista"]


def test_section_7_1_an_edit_while_the_feed_is_being_read() -> None:
    """hubspot.md section 7.1: a row edited during the sweep leaves the window, and comes with the next one."""
    world = world_with()
    id, at = loaded(world)
    edits = iter(["Edited during the sweep"])

    def edit(request: Request, response: Response) -> None:
        if request.path.endswith("search"):
            for name in edits:
                world.later(1)
                world.hubspot.person.edit_deal(at, dealname=name)

    world.right.on_response = edit
    sync(world)
    sync(world)

    assert world.propstreet.project(id)["name"] == "Edited during the sweep"


def test_section_9_a_person_edits_between_our_read_and_our_write() -> None:
    """hubspot.md section 9: no conditional write, so what our write replaced is told with both values."""
    world = world_with()
    id, at = loaded(world)
    world.propstreet.edit_project(id, name="Of Propstreet")
    edits = iter(["Of a broker"])

    def edit(request: Request) -> None:
        if request.path.endswith("batch/update"):
            for name in edits:
                world.later(1)
                world.hubspot.person.edit_deal(at, dealname=name)
                world.later(1)

    world.right.on_request = edit
    world.settle()
    with world.store.read() as tx:
        (dispute,) = conflicts.list_open(tx, "test")

    assert (dispute.field, dispute.left, dispute.right) == ("name", "Of Propstreet", "Of a broker")
