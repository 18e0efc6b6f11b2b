"""Traps of salesforce.md, section 10, against the whole engine: the real client, the twin, a first load, and a pass.

Each test goes the way by which a client falls into the trap, and looks at what both systems show in the end. What the
adapter proves on its own is not repeated here; README.md says which test holds which trap.
"""

from __future__ import annotations

from typing import Any

import pytest

from syncd.adapters.base import ObjectSpec, Setting
from syncd.adapters.salesforce import factory
from syncd.clock import SystemClock
from syncd.core.model import RIGHT, Kind, Side
from syncd.engine.persons import retry_held
from syncd.engine.report import Mode, Summary
from syncd.errors import QuotaExhausted, Unauthorized
from syncd.store import outbox
from syncd.store.db import open_store
from syncd.store.outbox import Entry
from syncd.testing.sandbox.salesforce import Lossy, RateLimit, SalesforceTwin, Switches, ValidationRule
from syncd.testing.sandbox.serve import serve
from syncd.testing.sandbox.wire import Fault, FaultKind, Request
from tests.engine.world import Table, World, make_world, shipped_table

STAMP = "Propstreet_Id__c"
DAY_S = 86_400.0
DESCRIBED_S = 3600.0  # so long an object's description is kept
PRICE = {"value": "100", "scale": "none", "currency": "SEK"}


def world_with(*, table: Table | None = None, options: dict[str, Any] | None = None, **switches: Any) -> World:
    """A world whose Salesforce has these switches."""
    salesforce = Switches(**{"rate_limit": None, "currency": "SEK", **switches})
    return make_world(crm="salesforce", table=table, salesforce=salesforce, options={RIGHT: options or {}})


def sync(world: World, mode: Mode = Mode.DELTA) -> Summary:
    world.later(400)
    return world.run(mode)


def loaded(world: World, count: int = 1, **fields: Any) -> list[str]:
    """Projects, and the opportunities that a first load made of them."""
    ids = [world.propstreet.add_project(**{"name": f"Project {number}", **fields}) for number in range(count)]
    sync(world, Mode.BACKFILL)
    world.settle()
    world.later(400)
    return ids


def deal_of(world: World, project: str) -> str:
    records = world.salesforce.person.live_records()
    (id,) = [id for id, record in records.items() if record[STAMP] == project]
    return id


def deal(world: World, project: str) -> dict[str, Any]:
    return world.salesforce.person.record(deal_of(world, project))


def names(world: World) -> list[str]:
    """Of all live opportunities, each as often as it is there."""
    return sorted(str(record["Name"]) for record in world.salesforce.person.live_records().values())


def project_names(world: World) -> list[str]:
    return sorted(project["name"] for project in world.propstreet.live_projects())


def writes(world: World) -> int:
    return len(world.propstreet.journal) + len(world.salesforce.journal)


def held(world: World) -> list[Entry]:
    with world.store.read() as tx:
        return outbox.held(tx, "test")


def lose_store(world: World) -> None:
    world.connection.close()
    world.restart(open_store("sqlite://"))


def price(world: World, project: str) -> Any:
    return world.propstreet.project(project)["price"]


# The session and the line: traps 1, 4, 5, 39, 40


def test_trap_01_a_session_that_ends_while_a_person_edits() -> None:
    """salesforce.md trap 1: the call that is repeated after the login still carries its guard."""
    world = world_with()
    (id,) = loaded(world)
    world.propstreet.edit_project(id, name="Ours")
    intruded: list[str] = []

    def intrude(request: Request) -> None:
        if request.path.endswith("/composite") and not intruded:
            intruded.append(deal_of(world, id))
            world.salesforce.expire_sessions()
            world.later(5)
            world.salesforce.person.edit_record(intruded[0], NextStep="Theirs", Name="Theirs")

    world.right.on_request = intrude
    world.run()
    world.right.on_request = None
    world.settle()

    assert intruded
    assert project_names(world) == names(world) == ["Theirs"]  # the newer of the two, and both were looked at


@pytest.mark.parametrize("kind", [FaultKind.TIMEOUT_AFTER, FaultKind.RESET_AFTER, FaultKind.GARBAGE_200])
def test_trap_04_and_40_a_batch_whose_answer_is_lost(kind: FaultKind) -> None:
    """salesforce.md traps 4, 40: no answer and no JSON confirm nothing; read by the stamp, and made once."""
    world = world_with()
    for number in range(3):
        world.propstreet.add_project(name=f"Project {number}")
    world.right.plan(Fault(kind=kind, method="POST", path="/composite$"))
    sync(world, Mode.BACKFILL)
    world.settle()

    assert names(world) == ["Project 0", "Project 1", "Project 2"]
    assert held(world) == []


def test_trap_05_a_proxy_of_the_environment_is_not_used(monkeypatch: pytest.MonkeyPatch) -> None:
    """salesforce.md trap 5: over a real socket, with variables that would lead every call to a dead end."""
    for name in ("HTTP_PROXY", "http_proxy", "HTTPS_PROXY", "https_proxy", "ALL_PROXY", "all_proxy"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    for name in ("NO_PROXY", "no_proxy"):
        monkeypatch.delenv(name, raising=False)
    twin = SalesforceTwin(SystemClock(), Switches())
    twin.person.add_field(STAMP, unique=True, external_id=True, length=64)
    id = twin.person.add_record(Name="Storgatan 1")
    with serve(twin, hang_s=0.5) as served:
        options = {"domain": "acme.my", "client_id_env": "ID", "client_secret_env": "SECRET", "base_url": served.url}
        adapter = factory(
            Setting(
                options=options,
                objects={Kind.PROJECT: ObjectSpec("Opportunity", ("Name",))},
                namespace="salesforce",
                clock=SystemClock(),
                secret={"ID": "the-app", "SECRET": "s3cret"}.__getitem__,
            )
        )
        found = adapter.fetch(Kind.PROJECT, [id])
        adapter.close()

    assert found[id].raw["Name"] == "Storgatan 1"


def test_trap_39_a_session_that_cannot_be_cured_stops_and_loses_nothing() -> None:
    """salesforce.md traps 2, 39: one login, one clear error, and the edit goes out when the cause is gone."""
    world = world_with()
    (id,) = loaded(world)
    world.propstreet.edit_project(id, name="Edited")
    world.salesforce.switch(session_incurable=True)
    world.forget_calls()
    with pytest.raises(Unauthorized):
        sync(world)
    asked = world.calls()[Side.CRM]
    world.salesforce.switch(session_incurable=False)
    world.settle()

    assert asked <= 4
    assert names(world) == ["Edited"]


# Writing in batches: traps 7, 10, 20, 22 to 24, 30


def test_trap_07_a_bad_row_is_told_and_its_neighbours_go_on() -> None:
    """salesforce.md trap 7: HTTP 200, and one row that an admin's rule refuses."""
    world = world_with()
    ids = loaded(world, 5)
    rule = ValidationRule(object="Opportunity", field="Name", value="Renamed 2", requires=("NextStep",))
    world.salesforce.switch(validation_rules=(rule,))
    for number, id in enumerate(ids):
        world.propstreet.edit_project(id, name=f"Renamed {number}")
    world.settle()

    assert names(world) == ["Project 2", "Renamed 0", "Renamed 1", "Renamed 3", "Renamed 4"]
    assert len(held(world)) == 1


def test_trap_20_a_deleted_opportunity_is_not_resurrected() -> None:
    """salesforce.md trap 20: the shipped table leaves the project alone, and no upsert makes a twin of it."""
    world = world_with(table=shipped_table("salesforce"))
    (id,) = loaded(world)
    world.salesforce.person.delete_record(deal_of(world, id))
    sync(world)
    world.propstreet.edit_project(id, name="Edited later")
    world.settle()

    assert names(world) == []
    assert project_names(world) == ["Edited later"]


def test_trap_20_after_a_lost_store_neither() -> None:
    """salesforce.md trap 20: what the bin shows with our stamp on it counts as deleted, not as never made."""
    world = world_with()
    kept, gone = loaded(world, 2)
    world.salesforce.person.delete_record(deal_of(world, gone))
    world.settle()
    lose_store(world)
    sync(world, Mode.BACKFILL)
    world.settle()

    assert names(world) == project_names(world) == [world.propstreet.project(kept)["name"]]


def test_trap_22_an_amount_that_products_make_is_not_written_for_ever() -> None:
    """salesforce.md trap 22: the write succeeds and is ignored; passes become quiet, and a person is told."""
    world = world_with()
    (id,) = loaded(world, price=PRICE)
    world.salesforce.person.set_products(deal_of(world, id), amount=100)
    world.settle()
    world.propstreet.edit_project(id, price={"value": "250", "scale": "none", "currency": "SEK"})
    world.settle()
    before = writes(world)
    for _ in range(3):
        sync(world)

    assert writes(world) == before
    assert deal(world, id)["Amount"] == 100
    assert price(world, id)["value"] in (100, 250)


def test_trap_23_a_stage_that_an_admin_took_away_is_held() -> None:
    """salesforce.md trap 23: Salesforce would store it; we hold the stage alone, once we have looked again."""
    world = world_with()
    (id,) = loaded(world)
    stage = deal(world, id)["StageName"]
    world.salesforce.person.set_stages({stage: 10, "Something else": 20})
    world.later(DESCRIBED_S)
    world.propstreet.edit_project(id, status="closed", name="Edited")
    world.settle()

    assert deal(world, id)["StageName"] == stage
    assert names(world) == ["Edited"]
    assert [getattr(entry.op, "field", None) for entry in held(world)] == ["progress"]


def test_trap_24_and_38_what_the_org_makes_of_our_values_is_no_edit() -> None:
    """salesforce.md traps 24, 38: trimmed, cut, rounded; our own writes come back untagged and cost no write."""
    world = world_with()
    world.salesforce.switch(lossy=Lossy(length_max=12, fields=frozenset({"Name"})))
    (id,) = loaded(world, price=PRICE)
    world.propstreet.edit_project(id, name="A name that is longer than twelve")
    world.settle()
    before = writes(world)
    for _ in range(3):
        sync(world)

    assert writes(world) == before
    assert names(world) == ["A name that "]
    assert project_names(world) == ["A name that is longer than twelve"]


def test_trap_30_a_lock_is_waited_out() -> None:
    """salesforce.md trap 30: the locked row is tried again, its neighbours are not kept waiting."""
    world = world_with()
    ids = loaded(world, 3)
    world.salesforce.person.lock_row(deal_of(world, ids[1]), times=3)
    for number, id in enumerate(ids):
        world.propstreet.edit_project(id, name=f"Renamed {number}")
    world.settle()

    assert names(world) == ["Renamed 0", "Renamed 1", "Renamed 2"]
    assert held(world) == []


# Money: trap 37


def test_trap_37_a_price_in_euro_never_becomes_kronor() -> None:
    """salesforce.md trap 37: an org of kronor. The price is held, its neighbours go out, and kronor go out again."""
    world = world_with(currency="SEK")
    (id,) = loaded(world, price=PRICE)
    world.propstreet.edit_project(id, name="Renamed", price={**PRICE, "value": "120", "currency": "EUR"})
    world.settle()
    in_between = deal(world, id)
    (waiting,) = held(world)
    world.propstreet.edit_project(id, price={**PRICE, "value": "130"})
    world.settle()

    assert (in_between["Name"], in_between["Amount"]) == ("Renamed", 100)
    assert getattr(waiting.op, "field", None) == "price"
    assert "CurrencyIsoCode" in str(waiting.reason)
    assert "price it in SEK" in str(waiting.remedy)
    assert deal(world, id)["Amount"] == 130
    assert price(world, id)["value"] == 130


def test_trap_37_a_new_project_in_euro_is_held_until_it_is_in_kronor() -> None:
    """salesforce.md trap 37: held whole rather than made with a price that is wrong, or without one."""
    world = world_with(currency="SEK")
    id = world.propstreet.add_project(name="Abroad", price={**PRICE, "currency": "EUR"})
    world.propstreet.add_project(name="At home", price=PRICE)
    for mode in (Mode.BACKFILL, Mode.DELTA, Mode.DELTA):
        sync(world, mode)
    before = names(world)
    (waiting,) = held(world)
    world.propstreet.edit_project(id, price=PRICE)
    retry_held(world.connection, [waiting.id])
    world.settle()

    assert before == ["At home"]
    assert names(world) == ["Abroad", "At home"]
    assert {record["Amount"] for record in world.salesforce.person.live_records().values()} == {100}


def test_trap_37_a_currency_that_nobody_named_moves_no_price() -> None:
    """salesforce.md trap 37: neither way, until it is named; then what was held goes on, and nothing was lost."""
    world = world_with(currency="NOK", options={"currency": None})
    priced = world.propstreet.add_project(name="Priced", price={**PRICE, "currency": "NOK"})
    bare = world.propstreet.add_project(name="Bare")
    sync(world, Mode.BACKFILL)
    world.settle()
    world.salesforce.person.edit_record(deal_of(world, bare), Amount=77, Name="Bare no more")
    world.settle()
    told = {str(entry.reason) for entry in held(world)}
    unnamed = (names(world), project_names(world), world.propstreet.project(bare).get("price"))

    world.options = {RIGHT: {"currency": "NOK"}}
    world.restart()
    retry_held(world.connection, [entry.id for entry in held(world)])
    world.settle()

    assert unnamed == (["Bare no more"], ["Bare no more", "Priced"], None)
    assert any("CurrencyIsoCode" in reason for reason in told)
    assert any("without a currency" in reason for reason in told)
    assert held(world) == []
    assert deal(world, priced)["Amount"] == 100
    assert (price(world, bare)["value"], price(world, bare)["currency"]) == (77, "NOK")


def test_trap_37_with_several_currencies_every_price_keeps_its_own() -> None:
    """salesforce.md trap 37: both ways, whatever is named in the connection, and quiet afterwards."""
    world = world_with(multi_currency=True, options={"currency": "SEK"})
    (id,) = loaded(world, price={**PRICE, "currency": "EUR"})
    made = deal(world, id)
    world.salesforce.person.edit_record(deal_of(world, id), Amount=90, CurrencyIsoCode="NOK")
    world.settle()
    there = price(world, id)
    world.propstreet.edit_project(id, price={**PRICE, "value": "80", "currency": "DKK"})
    world.settle()

    assert (made["Amount"], made["CurrencyIsoCode"]) == (100, "EUR")
    assert (there["value"], there["currency"]) == (90, "NOK")
    assert (deal(world, id)["Amount"], deal(world, id)["CurrencyIsoCode"]) == (80, "DKK")
    assert held(world) == []


# The feed: traps 13, 14, 17, 18


def test_trap_13_what_was_committed_late_arrives() -> None:
    """salesforce.md trap 13: it becomes visible below the mark, and within the overlap."""
    world = world_with()
    (id,) = loaded(world)
    world.salesforce.person.edit_record(deal_of(world, id), Name="Late")
    world.salesforce.person.backdate(deal_of(world, id), 120)
    world.run()
    sync(world)

    assert project_names(world) == ["Late"]


@pytest.mark.parametrize("offset_s", [-3600.0, 3600.0])
def test_trap_14_and_15_one_second_on_many_short_pages(offset_s: float) -> None:
    """salesforce.md traps 14, 15: a bulk edit of a dozen, five to a page, by a clock that is not ours."""
    world = world_with(options={"page_max": 5}, clock_offset_s=offset_s)
    ids = loaded(world, 12)
    world.salesforce.person.bulk_edit([deal_of(world, id) for id in ids], Propstreet_Exclusivity__c="other")
    sync(world)

    assert {project["exclusivity"] for project in world.propstreet.live_projects()} == {"other"}


def test_trap_17_a_field_that_is_hidden_clears_nothing() -> None:
    """salesforce.md trap 17: read as absent, never as empty; and when it is back, edits flow again."""
    world = world_with()
    (id,) = loaded(world, price=PRICE)
    world.salesforce.switch(hidden_fields=frozenset({"Opportunity.Amount"}))
    world.salesforce.person.edit_record(deal_of(world, id), NextStep="Call them")
    for _ in range(3):
        sync(world)
    hidden = price(world, id)["value"]
    world.salesforce.switch(hidden_fields=frozenset())
    world.later(4000)
    world.salesforce.person.edit_record(deal_of(world, id), Amount=300)
    world.settle()

    assert hidden == 100
    assert price(world, id)["value"] == 300


def test_trap_18_records_that_are_not_shared_any_more_delete_nothing() -> None:
    """salesforce.md trap 18: thirty records out of sight, and an edit that meets one of them."""
    world = world_with()
    ids = loaded(world, 30)
    deals = {id: deal_of(world, id) for id in ids}
    for id in deals.values():
        world.salesforce.person.share(id, visible=False)
    for mode in (Mode.DELTA, Mode.BACKFILL, Mode.DELTA):
        sync(world, mode)
    for id in ids:
        world.propstreet.edit_project(id, name=f"Edited {id[-4:]}")
    for _ in range(2):
        sync(world)

    assert len(world.propstreet.live_projects()) == 30
    assert len(world.salesforce.person.live_records()) == 30


# Limits: traps 27, 28


def test_trap_27_and_28_a_spent_day_is_a_pause_and_loses_nothing() -> None:
    """salesforce.md traps 27, 28: others used the day up; no hammering, and the edit goes out when calls are free."""
    world = world_with(rate_limit=RateLimit(daily_max=1000))
    (id,) = loaded(world)
    world.propstreet.edit_project(id, name="Edited")
    world.salesforce.switch(rate_limit=RateLimit(daily_max=1000, used_by_others=1000))
    world.forget_calls()
    for _ in range(3):
        with pytest.raises(QuotaExhausted):
            sync(world)
    asked = world.calls()[Side.CRM]
    world.salesforce.switch(rate_limit=RateLimit(daily_max=1000))
    world.later(DAY_S)
    world.settle()

    assert asked <= 3
    assert names(world) == ["Edited"]
