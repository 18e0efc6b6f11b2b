"""Traps of propstreet.md, section 23, against the whole engine: the real client, the twin, a first load, and a pass.

Each test goes the way by which a client falls into the trap, and looks at what both systems show in the end. What an
adapter or a codec proves on its own is not repeated here; README.md says which test holds which trap.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import msgspec
import pytest

from syncd.core.model import LEFT
from syncd.engine.persons import retry_held
from syncd.engine.report import Mode, RunOutcome, Summary
from syncd.errors import RemoteError
from syncd.store import outbox
from syncd.store.db import open_store
from syncd.store.outbox import Entry
from syncd.testing.sandbox.propstreet import Switches
from syncd.testing.sandbox.wire import Fault, FaultKind, Request, Response
from tests.engine.world import World, make_world, shipped_table

PRICE = {"value": "82.5", "currency": "EUR", "scale": "millions"}
TIMEOUT_AFTER_POST = Fault(kind=FaultKind.TIMEOUT_AFTER, method="POST", path="/projects$")


class Killed(BaseException):
    """The process is gone."""


def world_with(**switches: Any) -> World:
    """A world whose Propstreet has these switches."""
    return make_world(propstreet=Switches(rate_limit=None, pat_life_s=1e9, **switches))


def switch(world: World, **changes: Any) -> None:
    world.propstreet.switches = msgspec.structs.replace(world.propstreet.switches, **changes)


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


def patches(world: World) -> list[dict[str, Any]]:
    """The bodies of the PATCHes that took effect."""
    return [entry.fields for entry in world.propstreet.journal if entry.method == "PATCH"]


def writes(world: World) -> int:
    return len(world.propstreet.journal) + len(world.hubspot.journal)


def held(world: World) -> list[Entry]:
    with world.store.read() as tx:
        return outbox.held(tx, "test")


def once(world: World, act: Callable[[], None], *, before: str) -> None:
    """A person acts right before our first request of this method reaches Propstreet."""
    waiting = [act]

    def on_request(request: Request) -> None:
        if request.method == before and waiting:
            waiting.pop()()

    world.left.on_request = on_request


# Reading what changed: traps 1 to 8


def test_trap_01_killed_between_pages() -> None:
    """propstreet.md trap 1: every page is read, and the mark does not pass rows of pages that were not."""
    world = make_world(options={LEFT: {"page_size": 2}})
    world.propstreet.add_project(name="The first")
    sync(world, Mode.BACKFILL)
    names = {f"Project {number}" for number in range(7)}
    for name in names:
        world.propstreet.add_project(name=name)
    pages: list[Response] = []

    def die_after_two_pages(request: Request, response: Response) -> None:
        pages.append(response)
        if len(pages) == 2:
            raise Killed

    world.left.on_response = die_after_two_pages
    with pytest.raises(Killed):
        sync(world)
    world.left.on_response = None
    world.restart()
    sync(world)

    assert {"The first", *names} == {deal["dealname"] for deal in world.hubspot.person.live_deals().values()}


@pytest.mark.parametrize("skew_s", [-7200.0, 7200.0])
def test_trap_03_a_server_with_another_clock(skew_s: float) -> None:
    """propstreet.md trap 3: the watermark is server time, so two hours of skew lose no edit."""
    world = world_with(clock_skew_s=skew_s)
    id, deal = loaded(world)
    for number in range(3):
        world.propstreet.edit_project(id, name=f"Kista {number}")
        sync(world)

        assert world.hubspot.person.deal(deal)["dealname"] == f"Kista {number}"


def test_trap_04_the_boundary_comes_back_on_every_poll() -> None:
    """propstreet.md trap 4: rows are taken again at the mark and within the overlap, and cost no write."""
    world = make_world()
    for number in range(5):
        world.propstreet.add_project(name=f"Project {number}")
    sync(world, Mode.BACKFILL)
    before = writes(world)
    for _ in range(3):
        summary = world.run()

        assert summary.outcome is RunOutcome.OK
    assert writes(world) == before


def test_trap_05_rows_of_one_instant_on_both_sides_of_a_kill() -> None:
    """propstreet.md trap 5: `>=` and all seven digits, so that a row that ties with the mark is not lost."""
    world = make_world(options={LEFT: {"page_size": 1, "overlap_s": 0}})
    ids = [world.propstreet.add_project(name=f"Project {number}") for number in range(3)]
    sync(world, Mode.BACKFILL)
    world.propstreet.edit_project(ids[0], name="Edited first")
    world.run()
    world.propstreet.edit_project(ids[1], name="Edited in the same instant")
    world.run()

    names = {deal["dealname"] for deal in world.hubspot.person.live_deals().values()}
    assert names == {"Edited first", "Edited in the same instant", "Project 2"}


@pytest.mark.parametrize("mode", [Mode.DELTA, Mode.BACKFILL])
def test_trap_06_absence_deletes_nothing_and_a_tombstone_does(mode: Mode) -> None:
    """propstreet.md trap 6: an empty list is no deletion; deletedUtc is."""
    world = make_world()
    id, deal = loaded(world)
    nothing = b'{"data": [], "page": {"nextCursor": null, "pageSize": 500, "hasMore": false}}'
    world.left.plan(Fault(kind=FaultKind.STATUS, status=200, body=nothing, method="GET", path="/projects$"))
    sync(world, mode)

    assert deal in world.hubspot.person.live_deals()

    world.propstreet.delete_project(id)
    sync(world, mode)

    assert deal not in world.hubspot.person.live_deals()


def test_trap_07_our_own_writes_come_back_and_are_no_news() -> None:
    """propstreet.md trap 7: both feeds show what we wrote, trimmed and rounded as it is, and nothing is written."""
    world = world_with(trims_names=True, price_decimals=0)
    id, deal = loaded(world, price={"value": 100, "currency": "SEK"})
    world.hubspot.person.edit_deal(deal, dealname="Kista  Logistics 2  ", amount="120.4")
    sync(world)

    assert world.propstreet.project(id)["price"]["value"] == 120

    before = writes(world)
    for mode in (Mode.DELTA, Mode.DELTA, Mode.BACKFILL):
        sync(world, mode)
    assert writes(world) == before


def test_trap_08_a_change_by_another_api_client_is_no_echo() -> None:
    """propstreet.md trap 8: it has the very changeOrigin that our writes have, and is taken all the same."""
    world = make_world()
    id, deal = loaded(world)
    world.hubspot.person.edit_deal(deal, dealname="Ours")
    sync(world)
    ours = world.propstreet.project(id)["changeOrigin"]
    headers = {"authorization": "Bearer pat_sandbox", "content-type": "application/json"}
    answer = world.propstreet(Request("PATCH", f"/api/v1/projects/{id}", headers, b'{"name": "Theirs"}'))
    sync(world)

    assert answer.status == 200
    assert world.propstreet.project(id)["changeOrigin"] == ours
    assert world.hubspot.person.deal(deal)["dealname"] == "Theirs"


# External refs, creates: traps 21 to 26


def test_trap_21_a_ref_that_is_added_while_we_stamp() -> None:
    """propstreet.md trap 21: read, replace ours only, write under If-Match; theirs survives the race."""
    world = make_world()
    id = world.propstreet.add_project(name="Kista", externalRefs=[{"namespace": "salesforce", "id": "006A"}])
    two = [{"namespace": "salesforce", "id": "006A"}, {"namespace": "erp", "id": "77"}]
    once(world, lambda: world.propstreet.edit_project(id, externalRefs=two), before="PATCH")
    sync(world, Mode.BACKFILL)

    refs = {ref["namespace"]: ref["id"] for ref in world.propstreet.project(id)["externalRefs"]}
    assert refs == {"salesforce": "006A", "erp": "77", "hubspot": deal_of(world, id)}


def test_trap_22_our_namespace_in_another_case_is_ours() -> None:
    """propstreet.md trap 22: folded, it is our stamp: the deal is taken up, and no second entry is sent."""
    world = make_world()
    deal = world.hubspot.person.add_deal(dealname="Hamnen")
    id = world.propstreet.add_project(name="Hamnen", externalRefs=[{"namespace": "HubSpot", "id": deal}])
    sync(world, Mode.BACKFILL)
    world.settle()

    assert deal_of(world, id) == deal
    assert [ref["id"] for ref in world.propstreet.project(id)["externalRefs"]] == [deal]
    assert len(world.propstreet.live_projects()) == len(world.hubspot.person.live_deals()) == 1


@pytest.mark.parametrize(("retention_s", "status"), [(86_400.0, 409), (0.0, 400), (0.0, 422)])
def test_trap_25_a_create_whose_answer_is_lost(retention_s: float, status: Any) -> None:
    """propstreet.md trap 25: it is looked up by its ref, and made once, whatever the server thinks of keys."""
    world = world_with(idempotency_retention_s=retention_s, duplicate_ref=status)
    world.hubspot.person.add_deal(dealname="Hamnen")
    world.left.plan(TIMEOUT_AFTER_POST)
    sync(world, Mode.BACKFILL)
    world.settle()

    (project,) = world.propstreet.live_projects()
    assert project["name"] == "Hamnen"
    assert held(world) == []
    assert [method for method, _ in world.left.requests].count("POST") == 1


@pytest.mark.parametrize("retention_s", [0.0, 86_400.0])
def test_trap_25_killed_before_the_answer_is_stored(retention_s: float) -> None:
    """propstreet.md trap 25: the key and the ref are stored before the first send, so a restart finds the project."""
    world = world_with(idempotency_retention_s=retention_s)
    world.hubspot.person.add_deal(dealname="Hamnen")

    def die_after_post(request: Request, response: Response) -> None:
        if request.method == "POST":
            raise Killed

    world.left.on_response = die_after_post
    with pytest.raises(Killed):
        sync(world, Mode.BACKFILL)
    world.left.on_response = None
    world.restart()
    world.settle()

    assert len(world.propstreet.live_projects()) == 1


def test_trap_25_readers_that_do_not_see_the_create_yet() -> None:
    """propstreet.md trap 25, section 21's read-after-write lag: what can't be seen yet is not made twice."""
    world = world_with(read_lag_s=120.0, idempotency_retention_s=0.0)
    world.hubspot.person.add_deal(dealname="Hamnen")
    world.left.plan(TIMEOUT_AFTER_POST)
    sync(world, Mode.BACKFILL)
    for _ in range(4):
        world.later(400)
        world.run()

    assert len(world.propstreet.live_projects()) == len(world.hubspot.person.live_deals()) == 1


def test_trap_26_one_key_for_one_body() -> None:
    """propstreet.md trap 26: a resend has the key of the first send; another body has another key."""
    world = make_world()
    deal = world.hubspot.person.add_deal(dealname="Hamnen")
    sent: list[tuple[str, bytes]] = []
    world.left.on_request = lambda request: (
        sent.append((request.headers["idempotency-key"], request.body)) if request.method == "POST" else None
    )
    world.left.plan(Fault(kind=FaultKind.TIMEOUT_BEFORE, method="POST", path="/projects$", times=-1))
    sync(world, Mode.BACKFILL)
    world.hubspot.person.edit_deal(deal, dealname="Hamnen 2")
    world.later(5000)
    world.run()
    world.left.behave()
    world.later(5000)
    world.run()

    bodies: dict[str, set[bytes]] = {}
    for key, body in sent:
        bodies.setdefault(key, set()).add(body)
    assert len(sent) > len(bodies) > 1
    assert all(len(of_one_key) == 1 for of_one_key in bodies.values())
    assert [project["name"] for project in world.propstreet.live_projects()] == ["Hamnen 2"]


# What is written: traps 31 to 41


def test_trap_31_a_stage_never_goes_to_propstreet() -> None:
    """propstreet.md trap 31: a deal that is moved, and a status that is edited in HubSpot, send nothing back."""
    world = make_world()
    _, deal = loaded(world, classification="active")
    before = len(world.propstreet.journal)
    world.hubspot.person.edit_deal(
        deal, dealstage="closedwon", propstreet_status="closed", propstreet_classification="draft"
    )
    world.settle()

    assert len(world.propstreet.journal) == before
    assert world.hubspot.person.deal(deal)["dealstage"] == "closedwon"


@pytest.mark.parametrize("alias", ["alias", "absent", "only"])
def test_trap_32_and_33_the_alias_in_all_its_ages(alias: Any) -> None:
    """propstreet.md traps 32, 33: `exclusivity ?? mandate` is read, and only `exclusivity` is ever written."""
    world = world_with(mandate=alias)
    id, deal = loaded(world, exclusivity="exclusive")

    assert world.hubspot.person.deal(deal)["propstreet_exclusivity"] == "exclusive"

    world.hubspot.person.edit_deal(deal, propstreet_exclusivity="other")
    world.settle()

    shown = world.propstreet.project(id)
    assert (shown.get("exclusivity") or shown.get("mandate")) == "other"
    assert [body for body in patches(world) if "mandate" in body] == []
    assert held(world) == []


def test_trap_33_the_alias_is_removed_under_way() -> None:
    """propstreet.md trap 33: a release that drops `mandate` blanks nothing and writes nothing."""
    world = world_with(mandate="only")
    _, deal = loaded(world, exclusivity="exclusive")
    before = writes(world)
    for age in ("alias", "absent"):
        switch(world, mandate=age)
        sync(world, Mode.BACKFILL)

    assert world.hubspot.person.deal(deal)["propstreet_exclusivity"] == "exclusive"
    assert writes(world) == before


def test_trap_34_a_count_takes_its_asset_type_along() -> None:
    """propstreet.md trap 34: the asset is replaced whole, so the half that nobody edited goes with the other."""
    world = make_world()
    id, deal = loaded(world, asset={"type": "portfolio", "propertyCount": 4})
    world.hubspot.person.edit_deal(deal, propstreet_asset_count="5")
    world.settle()

    assert world.propstreet.project(id)["asset"] == {"type": "portfolio", "propertyCount": 5}


def test_trap_35_a_price_keeps_its_scale_and_is_compared_as_an_amount() -> None:
    """propstreet.md trap 35: 82.5 millions go out as 82500000, and an edit of that comes back in millions."""
    world = make_world()
    id, deal = loaded(world, price=PRICE)

    assert world.hubspot.person.deal(deal)["amount"] == "82500000"

    world.hubspot.person.edit_deal(deal, amount="82750000.10")
    world.settle()

    price = world.propstreet.project(id)["price"]
    assert (str(price["value"]), price["currency"], price["scale"]) == ("82.7500001", "EUR", "millions")

    before = writes(world)
    world.propstreet.edit_project(id, price={"value": "82750000.1", "currency": "EUR", "scale": "none"})
    world.settle()

    assert [entry for entry in world.hubspot.journal if "amount" in entry.changes and entry.verb == "update"] == []
    assert writes(world) - before <= 1  # the modified date alone


def test_trap_37_numbers_become_text_under_way() -> None:
    """propstreet.md trap 37 and sections 1, 4, 9, 21: a release that shows everything otherwise causes no write."""
    world = make_world(options={LEFT: {"page_size": 1}})
    for number in range(3):
        world.propstreet.add_project(
            name=f"Project {number}",
            price=PRICE,
            asset={"type": "portfolio", "propertyCount": 4},
            teaser="published",
            exclusivity="exclusive",
        )
    sync(world, Mode.BACKFILL)
    before = writes(world)
    switch(
        world,
        numbers="string",
        nulls="explicit",
        envelope="top",
        teaser="short",
        mandate="absent",
        extra_fields={"yield": 4.5, "tenants": [{"name": "x"}]},
    )
    for mode in (Mode.DELTA, Mode.BACKFILL):
        sync(world, mode)

    assert writes(world) == before
    assert held(world) == []


def test_trap_38_and_39_every_guarded_write_carries_the_tag_as_it_came() -> None:
    """propstreet.md traps 38, 39: If-Match on every PATCH and DELETE, weak and quoted as Propstreet wrote it."""
    world = make_world()
    tags: list[tuple[str, str | None]] = []

    def note(request: Request) -> None:
        if request.method in ("PATCH", "DELETE"):
            tags.append((request.method, request.headers.get("if-match")))

    world.left.on_request = note
    _, deal = loaded(world)
    world.hubspot.person.edit_deal(deal, dealname="Kista 2")
    sync(world)
    world.hubspot.person.archive_deal(deal)
    sync(world)

    assert [method for method, _ in tags] == ["PATCH", "PATCH", "DELETE"]
    assert all(tag is not None and tag.startswith('W/"') and tag.endswith('"') for _, tag in tags)
    assert world.propstreet.live_projects() == []


@pytest.mark.parametrize(("stale", "validate_before_match"), [("412 urn", False), ("412 help", True), ("409", False)])
def test_trap_39_and_41_a_broker_who_is_faster(stale: Any, validate_before_match: bool) -> None:
    """propstreet.md traps 39, 41, section 6: a stale tag, however it is told, is merged afresh and wins no race."""
    world = world_with(stale=stale, validate_before_match=validate_before_match)
    id, deal = loaded(world, exclusivity="exclusive")
    world.hubspot.person.edit_deal(deal, dealname="Of HubSpot")
    once(world, lambda: world.propstreet.edit_project(id, exclusivity="other"), before="PATCH")
    answers: list[int] = []
    world.left.on_response = lambda request, response: answers.append(response.status)
    world.settle()

    assert int(stale[:3]) in answers
    assert world.propstreet.project(id)["name"] == "Of HubSpot"
    assert world.propstreet.project(id)["exclusivity"] == "other"
    assert world.hubspot.person.deal(deal)["propstreet_exclusivity"] == "other"
    assert held(world) == []


def test_trap_41_an_in_flight_duplicate_is_looked_up() -> None:
    """propstreet.md trap 41 and section 7: a 409 on a key that is still at work is neither a duplicate nor a race."""
    world = world_with(in_flight_s=3600.0, idempotency_conflict=409, read_lag_s=200.0)
    world.hubspot.person.add_deal(dealname="Hamnen")
    world.left.plan(TIMEOUT_AFTER_POST)
    answers: list[int] = []
    world.left.on_response = lambda request, response: answers.append(response.status)
    sync(world, Mode.BACKFILL)
    for _ in range(4):
        world.later(400)
        world.run()

    assert 409 in answers
    assert len(world.propstreet.live_projects()) == 1
    assert held(world) == []


# Pace and the long run: traps 45 to 60


def test_trap_45_the_lifecycle_is_read_from_the_timestamps() -> None:
    """propstreet.md trap 45: a stage that lags its timestamps does not hold the deal back."""
    world = make_world()
    id, deal = loaded(world)
    world.propstreet.edit_project(id, teaser="communicated")
    world.propstreet.edit_project(id, teaser={"stage": "drafting"})
    world.settle()

    assert world.hubspot.person.deal(deal)["dealstage"] == "contractsent"
    assert world.hubspot.person.deal(deal)["propstreet_teaser_stage"] == "communicated"


def test_trap_58_two_passes_share_one_bucket_and_get_through() -> None:
    """propstreet.md traps 57, 58, 59: others use our budget up; we wait the delta seconds and lose nothing."""
    world = make_world(propstreet=Switches(pat_life_s=1e9))
    headers = {"authorization": "Bearer pat_sandbox"}
    for number in range(20):
        world.hubspot.person.add_deal(dealname=f"Deal {number}")
    for _ in range(55):
        world.propstreet(Request("GET", "/api/v1/projects?page_size=1", headers))
    began = world.clock.time()
    summary = world.run(Mode.BACKFILL)

    assert summary.outcome is RunOutcome.OK
    assert len(world.propstreet.live_projects()) == 20
    assert world.clock.time() - began < 600


def test_trap_60_what_the_feed_never_showed_is_found_by_a_full_scan() -> None:
    """propstreet.md trap 60: a row that became visible far too late is beyond every overlap; a backfill has it."""
    world = make_world()
    loaded(world)
    world.propstreet.add_project(name="Committed late", late_s=4000)
    world.later(3000)
    world.propstreet.add_project(name="Newer")
    sync(world)
    world.later(2000)
    sync(world)
    names = {deal["dealname"] for deal in world.hubspot.person.live_deals().values()}

    assert names == {"Kista Logistics", "Newer"}

    sync(world, Mode.BACKFILL)
    names = {deal["dealname"] for deal in world.hubspot.person.live_deals().values()}

    assert names == {"Kista Logistics", "Newer", "Committed late"}


def test_trap_60_the_mass_delete_brake() -> None:
    """propstreet.md trap 60: half an office deleted at once is parked as a set, and nothing of it is archived."""
    world = make_world()
    ids = [world.propstreet.add_project(name=f"Project {number}") for number in range(40)]
    sync(world, Mode.BACKFILL)
    for id in ids[:20]:
        world.propstreet.delete_project(id)
    summary = sync(world)

    assert len(world.hubspot.person.live_deals()) == 40
    assert summary.outcome is RunOutcome.ATTENTION
    assert len(held(world)) == 20


# Refusals: section 8


@pytest.mark.parametrize(
    ("status", "mode", "skip"),
    [
        (401, Mode.DELTA, 0),
        (403, Mode.DELTA, 1),
        (404, Mode.DELTA, 1),
        (404, Mode.BACKFILL, 2),
        (503, Mode.DELTA, 1),
    ],
)
def test_section_8_refused_in_the_middle_of_a_pass(status: int, mode: Mode, skip: int) -> None:
    """propstreet.md section 8: a token, role or route that is gone deletes and clears nothing, and loses no edit."""
    world = make_world()
    id, deal = loaded(world, exclusivity="exclusive")
    world.hubspot.person.edit_deal(deal, dealname="Edited")
    world.propstreet.edit_project(id, exclusivity="other")
    world.left.plan(Fault(kind=FaultKind.STATUS, status=status, times=-1, skip=skip))
    for _ in range(2):
        try:
            sync(world, mode)
        except RemoteError:
            world.later(60)

    assert deal in world.hubspot.person.live_deals()

    world.left.behave()
    retry_held(world.connection, [entry.id for entry in held(world)])
    sync(world, Mode.BACKFILL)
    world.settle()

    assert world.propstreet.project(id)["name"] == "Edited"
    assert world.hubspot.person.deal(deal)["propstreet_exclusivity"] == "other"
    assert len(world.propstreet.live_projects()) == len(world.hubspot.person.live_deals()) == 1


# Unknowns of sections 9, 10.3, 13 and 21 that a project can meet


@pytest.mark.parametrize(("get_deleted", "second_delete"), [("404", "404"), ("200", "204")])
def test_section_10_3_a_project_that_somebody_else_deletes_first(get_deleted: Any, second_delete: Any) -> None:
    """propstreet.md section 10.3: a second delete is done, whether it is a 404 or a 204."""
    world = world_with(get_deleted=get_deleted, second_delete=second_delete)
    id, deal = loaded(world)
    world.hubspot.person.archive_deal(deal)
    once(world, lambda: world.propstreet.delete_project(id), before="DELETE")
    world.settle()

    assert world.propstreet.live_projects() == []
    assert held(world) == []


def test_section_10_3_a_price_that_can_not_be_cleared() -> None:
    """propstreet.md section 10.3: where `price: null` is refused, that field is held and its neighbours go on."""
    world = world_with(price_null="refused")
    id, deal = loaded(world, price=PRICE)
    world.hubspot.person.edit_deal(deal, amount="", deal_currency_code="", dealname="Kista 2")
    world.settle()

    assert world.propstreet.project(id)["name"] == "Kista 2"
    assert [getattr(entry.op, "field", None) for entry in held(world)] == ["price"]


def test_section_10_3_a_deleted_project_that_keeps_its_ref() -> None:
    """propstreet.md section 10.3: a reserved ref is told apart from a live holder, and held with a remedy."""
    world = world_with(deleted_refs="reserved")
    deal = world.hubspot.person.add_deal(dealname="Hamnen")
    id = world.propstreet.add_project(name="Old", externalRefs=[{"namespace": "hubspot", "id": deal}])
    world.propstreet.delete_project(id)
    world.propstreet.add_project(name="Another")
    sync(world, Mode.BACKFILL)
    world.settle()

    assert [project["name"] for project in world.propstreet.live_projects()] == ["Another"]
    assert deal in world.hubspot.person.live_deals()


def test_section_21_a_name_that_is_too_long_is_held_alone() -> None:
    """propstreet.md section 21: the smaller limit counts; the price beside the name goes out."""
    world = make_world()
    id, deal = loaded(world, price={"value": 100, "currency": "SEK"})
    world.hubspot.person.edit_deal(deal, dealname="x" * 201, amount="110")
    world.settle()

    assert world.propstreet.project(id)["name"] == "Kista Logistics"
    assert world.propstreet.project(id)["price"]["value"] == 110
    assert [getattr(entry.op, "field", None) for entry in held(world)] == ["name"]


def test_section_4_cursors_that_die_between_pages() -> None:
    """propstreet.md section 4: a 400 for a cursor restarts the scan from the mark, and nothing is lost."""
    world = make_world(
        options={LEFT: {"page_size": 2}}, propstreet=Switches(rate_limit=None, pat_life_s=1e9, cursor_life_s=30.0)
    )
    for number in range(7):
        world.propstreet.add_project(name=f"Project {number}")
    pages: list[int] = []

    def slow(request: Request, response: Response) -> None:
        pages.append(response.status)
        if len(pages) == 2:
            world.later(60)

    world.left.on_response = slow
    sync(world, Mode.BACKFILL)

    assert 400 in pages
    assert len(world.hubspot.person.live_deals()) == 7


def test_section_5_a_row_committed_late_is_in_the_overlap() -> None:
    """propstreet.md section 5: an edit that readers see a minute late, after a newer row, reaches HubSpot."""
    world = make_world()
    id, deal = loaded(world)
    world.propstreet.edit_project(id, name="Committed late", late_s=100)
    world.later(10)
    world.propstreet.add_project(name="Newer")
    sync(world)
    world.later(60)
    sync(world)

    assert world.hubspot.person.deal(deal)["dealname"] == "Committed late"


def test_section_21_a_lag_after_our_own_write_brings_nothing_back() -> None:
    """propstreet.md section 21, read-after-write lag: readers that still show the old value undo no edit."""
    world = world_with()
    id, deal = loaded(world)
    switch(world, read_lag_s=30.0)
    world.hubspot.person.edit_deal(deal, dealname="Of HubSpot")
    sync(world)
    for _ in range(3):
        world.later(7)
        world.run()
        world.run(Mode.BACKFILL)
    world.settle()

    assert world.propstreet.project(id)["name"] == world.hubspot.person.deal(deal)["dealname"] == "Of HubSpot"


def test_section_21_a_lag_after_a_create_is_no_deletion() -> None:
    """propstreet.md section 8 (404: read-after-write grace): a project that readers do not see yet is not gone."""
    world = world_with(read_lag_s=300.0)
    deal = world.hubspot.person.add_deal(dealname="Hamnen")
    sync(world, Mode.BACKFILL)
    (project,) = world.propstreet.live_projects()
    world.hubspot.person.edit_deal(deal, dealname="Hamnen 2")
    once(world, lambda: world.propstreet.edit_project(project["id"], exclusivity="other"), before="PATCH")
    sync(world)
    world.later(1000)
    world.settle()

    assert deal in world.hubspot.person.live_deals()
    assert [project["name"] for project in world.propstreet.live_projects()] == ["Hamnen 2"]


def test_section_13_a_lost_store_in_a_tenant_with_two_portals() -> None:
    """propstreet.md section 13: a second portal has a namespace of its own; its refs are nobody's stamps."""
    world = make_world(table=shipped_table())
    refs = [{"namespace": "hubspot-2", "id": "170000000001"}]
    id = world.propstreet.add_project(name="Kista", externalRefs=refs)
    sync(world, Mode.BACKFILL)
    deal = deal_of(world, id)
    world.restart(open_store("sqlite://"))
    sync(world, Mode.BACKFILL)

    assert list(world.hubspot.person.live_deals()) == [deal]
    stamped = {ref["namespace"]: ref["id"] for ref in world.propstreet.project(id)["externalRefs"]}
    assert stamped == {"hubspot-2": "170000000001", "hubspot": deal}
