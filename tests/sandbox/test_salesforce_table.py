"""The twin's indexes say what its rows say, whatever happened before (salesforce.md, sections 8.3, 8.5, 11.4, 11.7)."""

from __future__ import annotations

import random
from contextlib import suppress
from typing import Any

import pytest

from syncd.testing.sandbox.salesforce.table import Table

from .salesforce_client import KEY, OPPORTUNITIES, Client


def act(client: Client, rng: random.Random) -> None:
    """One thing that a client or a person may do, refused or not."""
    keys = [f"ps-{rng.randrange(12)}" for _ in range(3)]
    ids = list(client.twin.org.table("Opportunity").rows)
    id = rng.choice(ids) if ids else "006000000000000AAA"
    with suppress(KeyError, ValueError):
        match rng.randrange(8):
            case 0 | 1:
                rows: list[dict[str, Any]] = [{KEY: key, "Amount": rng.randrange(9)} for key in keys]
                if rng.random() < 0.5:
                    rows[-1]["Name"] = None
                client.upsert(*rows, all_or_none=rng.random() < 0.5)
            case 2:
                client.send("PATCH", f"{OPPORTUNITIES}/{id}", {KEY: rng.choice([None, *keys])})
            case 3:
                client.send("DELETE", f"{OPPORTUNITIES}/{id}")
            case 4:
                client.person.undelete_record(id)
            case 5:
                client.person.merge_records(id, [rng.choice([id, *ids])])
            case 6:
                client.person.backdate(id, rng.randrange(100))
            case 7:
                client.person.purge_record(id)
    client.clock.advance(rng.choice([0, 0, 1, 30]))


def check(table: Table) -> None:
    by_key: dict[str, list[str]] = {}
    for values in table.live():
        if KEY in values:
            by_key.setdefault(values[KEY], []).append(values["Id"])
    for number in range(12):
        assert sorted(table.indexes[KEY].holders(f"ps-{number}")) == sorted(by_key.get(f"ps-{number}", []))
    assert all(len(ids) == 1 for ids in by_key.values())

    stamped = list(table.stamped("", "9999"))
    assert sorted(stamped) == sorted(table.rows)
    stamps = [table.rows[id]["SystemModstamp"] for id in stamped]
    assert stamps == sorted(stamps)
    assert set(table.deleted_at) == {id for id, values in table.rows.items() if values["IsDeleted"]}


@pytest.mark.parametrize("seed", range(10))
def test_indexes_follow_any_history(seed: int) -> None:
    """Rollbacks, deletes, undeletes, merges and late commits included; a key has one live holder at most."""
    client, rng = Client(rate_limit=None), random.Random(seed)
    for _ in range(80):
        act(client, rng)
        check(client.twin.org.table("Opportunity"))


@pytest.mark.parametrize("seed", range(5))
def test_the_journal_replays_to_what_is_there(seed: int) -> None:
    """What an oracle reads is what took effect: a rolled back call leaves nothing in it."""
    client, rng = Client(rate_limit=None), random.Random(seed)
    for _ in range(30):
        rows: list[dict[str, Any]] = [{KEY: f"ps-{rng.randrange(9)}", "Amount": rng.randrange(9)} for _ in range(3)]
        rows[0] |= {"Name": None} if rng.random() < 0.3 else {}
        client.upsert(*rows, all_or_none=rng.random() < 0.5)

    amounts: dict[str, Any] = {}
    for entry in client.twin.journal:
        amounts[entry.id] = entry.changes.get("Amount", amounts.get(entry.id))
    assert amounts == {id: values["Amount"] for id, values in client.person.live_records().items()}


def test_a_rolled_back_grant_is_no_grant() -> None:
    """Set-up rows are taken back with their effect."""
    client = Client()
    client.person.add_field("Ref__c", visible=False)
    client.twin.switch(grants_need_assignment=False)
    made = client.ask("POST", "/sobjects/PermissionSet", {"Name": "a", "Label": "a"}, status=201)["id"]
    good = {"ParentId": made, "SobjectType": "Opportunity", "Field": "Opportunity.Ref__c", "PermissionsEdit": True}
    records = [{"attributes": {"type": "FieldPermissions"}} | row for row in (good, {"Field": "x"})]

    client.ask("POST", "/composite/sobjects", {"allOrNone": True, "records": records})
    assert client.malformed("SELECT Ref__c FROM Opportunity")[0] == "INVALID_FIELD"

    client.ask("POST", "/composite/sobjects", {"allOrNone": False, "records": records})
    assert client.query("SELECT Ref__c FROM Opportunity")["totalSize"] == 0
