"""A state is about one account: where the credentials lead to another one, nothing is read into it and nothing written.

salesforce.md trap 43: a sandbox that was copied or refreshed has the same record ids, or wholly other ones.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import select

from syncd.core.model import RIGHT, Side
from syncd.engine.identity import verify
from syncd.engine.preview import apply_preview, preview
from syncd.engine.report import Mode
from syncd.errors import ServerTrouble, Unauthorized, WrongAccount
from syncd.store import accounts, runs
from syncd.store.db import Store
from syncd.store.schema import metadata
from syncd.testing.sandbox.wire import Fault, FaultKind

from .office import Killed, die
from .world import Crm, World, make_world

DETAILS = "/account-info/v3/details"
ACTS: dict[str, Callable[[World], object]] = {
    "backfill": lambda world: world.run(Mode.BACKFILL),
    "delta": lambda world: world.run(Mode.DELTA),
    "plan": lambda world: preview(world.connection),
}


def office(crm: Crm = "salesforce") -> World:
    """One project and its copy, loaded and settled; then both sides have news that nobody has read yet."""
    world = make_world(crm=crm)
    world.propstreet.add_project(name="House", exclusivity="exclusive")
    world.run(Mode.BACKFILL)
    world.settle()
    return world


def news(world: World) -> None:
    (project,) = world.propstreet.live_projects()
    world.propstreet.edit_project(project["id"], name="Renamed")
    world.salesforce.person.add_record("Opportunity", Name="New")
    world.later()


def refreshed(world: World) -> None:
    """The sandbox is made anew from production: the same records in another organisation, and no session lives on."""
    world.salesforce.switch(organization=2)
    world.salesforce.expire_sessions()


def account(world: World) -> str | None:
    with world.store.read() as tx:
        found = accounts.listed(tx, "test").get(Side.CRM)
    return None if found is None else found.id


def remembered(store: Store) -> dict[str, list[Any]]:
    """All that the state says, but for who works on it and how passes ended."""
    with store.read() as tx:
        tables = [table for table in metadata.sorted_tables if table.name not in ("lease", "runs")]
        return {table.name: [tuple(row) for row in tx.execute(select(table))] for table in tables}


def written(world: World) -> int:
    return len(world.propstreet.journal) + len(world.twin.journal)


def other_portal(world: World) -> None:
    """The token is replaced by one of another portal, with another process."""
    body = b'{"portalId": 9999}'
    world.right.plan(Fault(kind=FaultKind.STATUS, status=200, path=DETAILS, body=body, times=-1))
    world.restart()


def test_the_first_pass_notes_the_organisation() -> None:
    """It comes with the login, so a delta learns it too."""
    world = make_world(crm="salesforce")
    world.run(Mode.DELTA)

    assert account(world) == world.salesforce.org.organization_id


@pytest.mark.parametrize("act", ACTS)
def test_another_organisation_is_refused(act: str) -> None:
    """Trap 43: nothing is captured and nothing written, whatever the pass; its error says whose is whose."""
    world = office()
    first = world.salesforce.org.organization_id
    news(world)
    refreshed(world)
    world.restart()
    before, writes = remembered(world.store), written(world)
    world.forget_calls()

    with pytest.raises(WrongAccount) as refused:
        ACTS[act](world)

    assert refused.value.exit_code == 2
    assert f"connections.test.crm belongs to salesforce account {first}" in str(refused.value)
    assert str(refused.value).endswith(world.salesforce.org.organization_id)
    assert "another store" in str(refused.value.remedy)
    assert (remembered(world.store), written(world)) == (before, writes)
    assert world.calls() == {Side.PROPSTREET: 0, Side.CRM: 1}


def test_a_reviewed_plan_is_not_carried_out_in_another_organisation() -> None:
    world = office()
    news(world)
    reviewed = preview(world.connection)
    assert reviewed.records
    refreshed(world)
    world.restart()
    before, writes = remembered(world.store), written(world)

    with pytest.raises(WrongAccount):
        apply_preview(world.connection, reviewed)

    assert (remembered(world.store), written(world)) == (before, writes)


def test_a_process_that_lives_on_is_not_led_astray() -> None:
    """The refresh ends its session in mid-pass, and the next login leads elsewhere: the pass stops right there."""
    world = office()
    news(world)
    refreshed(world)
    before = written(world)

    for _ in range(2):
        with pytest.raises(Unauthorized, match="leads to 00D"):
            world.run()

    assert written(world) == before
    world.restart()
    with pytest.raises(WrongAccount):
        world.run()


def test_back_in_the_right_organisation_it_goes_on() -> None:
    """A refusal leaves no trace but in the list of runs."""
    world = office()
    news(world)
    refreshed(world)
    world.restart()
    with pytest.raises(WrongAccount):
        world.run()
    with world.store.read() as tx:
        (last,) = runs.last(tx, "test")
    world.salesforce.switch(organization=1)
    world.restart()
    world.settle()

    assert (last.outcome, "belongs to" in str(last.error)) == ("failed", True)
    assert {one["name"] for one in world.propstreet.live_projects()} == {"Renamed", "New"}
    assert {one["Name"] for one in world.salesforce.person.live_records("Opportunity").values()} == {"Renamed", "New"}


@pytest.mark.parametrize("noted", [True, False])
def test_killed_while_it_notes_the_account(noted: bool) -> None:
    """P6: what was noted counts before anything has been read; what was not is free for any account."""
    world = make_world(crm="salesforce")
    world.propstreet.add_project(name="House")
    world.restart()
    world.forget_calls()
    hooks = world.store.after_commit if noted else world.store.before_commit

    def die_noting() -> None:
        """At the first commit after the login; releasing the lease is no part of it."""
        if world.calls()[RIGHT] == 1:
            hooks.clear()
            die()

    hooks.append(die_noting)
    with pytest.raises(Killed):
        world.run(Mode.BACKFILL)
    assert (account(world) is not None) is noted
    assert not remembered(world.store)["records"]

    refreshed(world)
    world.restart()
    if noted:
        with pytest.raises(WrongAccount):
            world.run(Mode.BACKFILL)
        world.salesforce.switch(organization=1)
        world.restart()
    world.run(Mode.BACKFILL)

    assert account(world) == world.salesforce.org.organization_id
    assert len(world.salesforce.person.live_records("Opportunity")) == 1


def test_another_connection_of_the_same_store_has_its_own_account() -> None:
    """Two organisations, two connections, one store."""
    world = office()
    first = world.salesforce.org.organization_id
    refreshed(world)
    world.restart()
    with pytest.raises(WrongAccount):
        verify(world.connection, Side.CRM)

    world.connection = dataclasses.replace(world.connection, name="other")
    verify(world.connection, Side.CRM)
    preview(world.connection)

    with world.store.read() as tx:
        noted = [accounts.listed(tx, name)[Side.CRM].id for name in ("test", "other")]
    assert noted == [first, world.salesforce.org.organization_id]


def test_a_portal_is_asked_for_where_a_call_is_no_matter() -> None:
    """A first load and a plan ask; a delta, which is to cost no call more than it must, does not."""
    world = make_world(crm="hubspot")
    asked: dict[str, int] = {}
    for name, act in (("first", "delta"), ("delta", "delta"), ("plan", "plan"), ("backfill", "backfill")):
        world.restart()
        world.forget_calls()
        ACTS[act](world)
        asked[name] = sum(path.endswith(DETAILS) for _, path in world.right.requests)

    assert asked == {"first": 1, "delta": 0, "plan": 1, "backfill": 1}
    assert account(world) == "4242"


@pytest.mark.parametrize("act", ["backfill", "plan"])
def test_another_portal_is_refused(act: str) -> None:
    world = office("hubspot")
    other_portal(world)
    before, writes = remembered(world.store), written(world)

    with pytest.raises(WrongAccount, match="hubspot account 4242, but the credentials lead to 9999"):
        ACTS[act](world)

    assert (remembered(world.store), written(world)) == (before, writes)


def test_what_is_known_counts_in_a_delta_too() -> None:
    """A process that has learnt the portal's id in a pass before holds every later one against it."""
    world = make_world(crm="hubspot")
    world.run(Mode.BACKFILL)
    with world.store.begin() as tx:
        tx.execute(metadata.tables["accounts"].update().values(account="another"))

    with pytest.raises(WrongAccount):
        world.run(Mode.DELTA)


@pytest.mark.parametrize("status", [403, 404])
def test_a_token_that_may_not_ask_stops_nobody(status: int) -> None:
    """hubspot.md 2.2: service keys and OAuth tokens; nothing is known then, and nothing refused."""
    world = make_world(crm="hubspot")
    world.right.plan(Fault(kind=FaultKind.STATUS, status=status, path=DETAILS, times=-1))
    world.propstreet.add_project(name="House")
    world.run(Mode.BACKFILL)

    assert account(world) is None
    assert len(world.hubspot.person.live_deals()) == 1


def test_trouble_with_the_question_is_no_answer() -> None:
    """A backfill that could not find out whose account it is stops there, and the next one asks again."""
    world = make_world(crm="hubspot")
    world.propstreet.add_project(name="House")
    world.right.plan(Fault(kind=FaultKind.STATUS, status=503, path=DETAILS, times=3))
    with pytest.raises(ServerTrouble):
        world.run(Mode.BACKFILL)
    assert not world.hubspot.person.live_deals()

    world.run(Mode.BACKFILL)
    assert account(world) == "4242"
