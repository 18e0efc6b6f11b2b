"""Credentials that lead to another account than the state is about: refused before anything is read or written."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from syncd.testing.sandbox.wire import Fault, FaultKind

from .branch import Branch
from .office import Office

DETAILS = "/account-info/v3/details"


@pytest.fixture
def copied(branch: Branch) -> Branch:
    """Loaded and settled; then the domain leads to a copy of the organisation, and people go on working."""
    branch.set_up("lapland")
    for command in ("backfill", "delta"):
        branch.fine(command)
    branch.salesforce.switch(organization=2)
    branch.salesforce.expire_sessions()
    branch.propstreet.edit_project(branch.propstreet.live_projects()[0]["id"], name="Renamed meanwhile")
    return branch


def message(branch: Branch) -> str:
    return (
        "the state of connections.lapland.crm belongs to salesforce account 00DQy0000000001MAA, "
        f"but the credentials lead to {branch.salesforce.org.organization_id}"
    )


def remembered(branch: Branch) -> dict[str, Any]:
    """What `status` counts, but for the passes themselves."""
    status: dict[str, Any] = branch.run("status", "--json").json
    return {name: value for name, value in status.items() if name not in ("last", "lag_s")}


@pytest.mark.parametrize("command", ["plan", "delta", "backfill"])
def test_no_pass_works_in_another_organisation(copied: Branch, command: str) -> None:
    """salesforce.md trap 43: one clear message, exit code 2, nothing written; the state can still be looked at."""
    before, known = copied.written(), remembered(copied)
    said = copied.run(command)

    what, remedy = said.refusal()
    assert said.code == 2
    assert what == message(copied)
    assert "another store" in remedy
    assert copied.written() == before
    assert remembered(copied) == known


def test_check_tells_of_it_and_of_the_other_side(copied: Branch) -> None:
    said = copied.run("check")

    assert said.code == 2
    assert f"✗ {message(copied)}" in said.out
    assert f"crm: salesforce {copied.salesforce.org.organization_id}" in said.out
    assert "propstreet: 127" in said.out
    copied.salesforce.switch(organization=1)
    assert copied.run("check").code == 0


def test_setup_makes_no_fields_in_another_organisation(copied: Branch) -> None:
    """Looking is free; making fields is a write."""
    copied.change("calls_per_s", 'ref_field = "Another_Id__c"\ncalls_per_s')
    fields = copied.salesforce.org.table("Opportunity").fields

    assert "Another_Id__c" in copied.run("setup").out
    said = copied.run("setup", "--apply")
    assert said.code == 2
    assert said.refusal()[0] == message(copied)
    assert "Another_Id__c" not in fields
    copied.salesforce.switch(organization=1)
    copied.fine("setup", "--apply")
    assert "Another_Id__c" in fields


def test_a_reviewed_plan_stays_a_plan(copied: Branch, tmp_path: Path) -> None:
    copied.salesforce.switch(organization=1)
    file = str(tmp_path / "plan.json")
    copied.fine("plan", "--output", file)
    copied.salesforce.switch(organization=2)
    before = copied.written()

    said = copied.run("apply", file)

    assert said.code == 2
    assert said.refusal()[0] == message(copied)
    assert copied.written() == before
    copied.salesforce.switch(organization=1)
    copied.fine("apply", file)
    assert copied.written() > before


def test_another_store_takes_another_organisation(copied: Branch) -> None:
    """What the message says to do does it: the copy has the same records and stamps, and pairs anew."""
    copied.change("[[connections]]", '[store]\nurl = "sqlite:///copy.db"\n\n[[connections]]')
    assert copied.run("backfill").code == 3, "of what differs, a person says which is right"

    assert copied.run("status", "--json").json["paired"] == 5
    projects = {one["id"] for one in copied.propstreet.live_projects()}
    assert {one["Propstreet_Id__c"] for one in copied.opportunities().values()} == projects
    assert len(copied.opportunities()) == len(projects)


def test_the_other_connection_goes_on(branch: Branch) -> None:
    """Two CRMs, one store: the one that leads astray stops alone."""
    branch.write_both()
    branch.set_up("nordic", "lapland")
    branch.fine("backfill")
    branch.salesforce.switch(organization=2)
    branch.salesforce.expire_sessions()
    project = branch.propstreet.live_projects()[0]["id"]
    branch.propstreet.edit_project(project, name="Reaches one")

    said = branch.run("delta")

    assert said.code == 2
    assert "connections.lapland.crm belongs to" in said.err
    assert branch.hubspot.person.deal(branch.deal_of(project))["dealname"] == "Reaches one"
    assert branch.shown_of(project)["Name"] != "Reaches one"


def test_another_portal_is_told_by_check_and_refused_by_a_backfill(office: Office) -> None:
    """A delta spends no call on the question; what costs more than a delta does."""
    office.ready("backfill")
    other = Fault(kind=FaultKind.STATUS, status=200, path=DETAILS, body=b'{"portalId": 9999}', times=-1)
    office.right.plan(other)
    before = office.writes()

    checked, said = office.run("check"), office.run("backfill")

    told = "the state of connections.nordic.crm belongs to hubspot account 4242, but the credentials lead to 9999"
    assert (checked.code, said.code) == (2, 2)
    assert told in checked.out
    assert said.refusal()[0] == told
    assert office.writes() == before
    office.right.requests.clear()
    assert office.run("delta").code == 0
    assert not any(path.endswith(DETAILS) for _, path in office.right.requests)
