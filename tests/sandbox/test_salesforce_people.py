"""What people do in the twin, and how clients learn of it (salesforce.md, sections 3.7, 7.3, 8.5, 11)."""

from __future__ import annotations

import threading

import httpx
import pytest

from syncd.testing.sandbox.serve import serve
from syncd.testing.sandbox.wire import Faulty

from .salesforce_client import KEY, OPPORTUNITIES, Client

SPAN = "start=2026-09-21T14:10:00%2B00:00&end=2026-09-21T15:00:00%2B00:00"


@pytest.fixture
def client() -> Client:
    return Client()


def test_what_a_person_does_is_not_journalled_nor_counted(client: Client) -> None:
    id = client.person.add_record(Name="Storgatan 1", Amount=12.5)
    client.clock.advance(5)
    client.person.edit_record(id, Amount=None, NextStep="call")
    client.person.bulk_edit([id], NextStep="write")

    shown = client.person.live_records()[id]
    assert (shown["Amount"], shown["NextStep"], shown["StageName"]) == (None, "write", "Prospecting")
    assert shown["LastModifiedById"] != client.twin.org.api_user
    assert client.twin.journal == []
    assert client.send("GET", "/limits").headers["Sforce-Limit-Info"] == "api-usage=1/15000"
    with pytest.raises(KeyError):
        client.person.edit_record("006000000000000AAA", Name="x")
    with pytest.raises(ValueError, match="Required"):
        client.person.edit_record(id, Name=None)


def test_the_recycle_bin(client: Client) -> None:
    """salesforce.md, section 8.5: in queryAll until purged after 15 days; undelete brings it back."""
    kept, gone, at_once = (client.person.add_record(Name=name) for name in ("kept", "gone", "at once"))
    for id in (kept, gone, at_once):
        client.person.delete_record(id)
    client.person.purge_record(at_once)
    client.clock.advance(86_400)
    client.person.undelete_record(kept)
    client.token = client.twin.open_session()

    assert client.names("ORDER BY Id", verb="queryAll") == ["kept", "gone"]
    assert client.names("WHERE SystemModstamp >= 2026-09-22T14:00:00Z") == ["kept"]
    client.clock.advance(15 * 86_400)
    client.token = client.twin.open_session()
    assert client.names("", verb="queryAll") == ["kept"]
    with pytest.raises(KeyError):
        client.person.undelete_record(kept)


def test_the_list_of_deleted_rows(client: Client) -> None:
    """salesforce.md, section 3.7: ids, whole minutes, 15 days back."""
    id = client.create()
    client.person.delete_record(id)
    client.clock.advance(3600)

    answer = client.ask("GET", f"{OPPORTUNITIES}/deleted/?{SPAN}")

    assert answer["deletedRecords"] == [{"id": id, "deletedDate": "2026-09-21T14:13:20.000+0000"}]
    assert answer["latestDateCovered"] == "2026-09-21T15:00:00.000+0000"
    assert answer["earliestDateAvailable"].startswith("2026-09-06")
    cut = "start=2026-09-21T14:13:59%2B00:00&end=2026-09-21T14:14:59%2B00:00"  # seconds are cut off
    assert len(client.ask("GET", f"{OPPORTUNITIES}/deleted?{cut}")["deletedRecords"]) == 1


def test_the_list_of_updated_rows(client: Client) -> None:
    """salesforce.md, section 3.7: by SystemModstamp, and held back by long transactions."""
    client.twin.switch(replication_lag_s=1800)
    id, gone = client.create(), client.create()
    client.person.delete_record(gone)
    client.clock.advance(3600)

    answer = client.ask("GET", f"{OPPORTUNITIES}/updated/?{SPAN}")

    assert answer == {"ids": [id], "latestDateCovered": "2026-09-21T14:43:00.000+0000"}


@pytest.mark.parametrize(
    "span",
    [
        "start=2026-09-21T14:10:30%2B00:00&end=2026-09-21T14:10:50%2B00:00",  # the same minute
        "start=2026-08-01T14:10:00%2B00:00&end=2026-09-21T14:10:00%2B00:00",  # too far back
        "start=2026-09-21T14:00:00&end=2026-09-21T14:10:00%2B00:00",
        "start=2026-11-01T00%3A00%3A00%3A&end=2026-09-21T14:10:00%2B00:00",  # a naive datetime: trap 25
    ],
)
def test_bad_spans_of_replication(client: Client, span: str) -> None:
    """salesforce.md, section 3.7: INVALID_REPLICATION_DATE, and a rescan."""
    assert client.refused("GET", f"{OPPORTUNITIES}/deleted/?{span}") == "INVALID_REPLICATION_DATE"


def test_a_merge_of_accounts_leaves_a_trace(client: Client) -> None:
    """salesforce.md trap 19: MasterRecordId, children moved, the winner's own key stays, chains are possible."""
    client.person.add_field("Ext__c", "Account", unique=True, external_id=True)
    first, second, third = (
        client.person.add_record("Account", Name=name, Ext__c=name, Phone=phone)
        for name, phone in (("a", None), ("b", "1"), ("c", "2"))
    )
    deal = client.person.add_record(Name="Storgatan 1", AccountId=first)

    client.person.merge_records(second, [first])
    client.person.merge_records(third, [second])

    soql = "SELECT Id, IsDeleted, MasterRecordId, Ext__c, Phone FROM Account ORDER BY Id"
    rows = client.query(soql, verb="queryAll")["records"]
    assert [(it["IsDeleted"], it["MasterRecordId"]) for it in rows] == [(True, second), (True, third), (False, None)]
    assert (rows[2]["Ext__c"], rows[2]["Phone"]) == ("c", "2")
    assert client.person.record(deal)["AccountId"] == third
    assert client.refused("GET", f"/sobjects/Account/{first}", status=404) == "ENTITY_IS_DELETED"
    with pytest.raises(ValueError, match="merged"):
        client.person.merge_records(third, [])


@pytest.mark.parametrize("traced", [False, True])
def test_salesforce_can_not_merge_opportunities(traced: bool) -> None:
    """salesforce.md, section 7.3: an app's merge leaves no trace; a trace there is this twin's invention."""
    client = Client(master_record_everywhere=traced)
    winner, loser = client.create(), client.create(NextStep="kept")
    client.person.merge_records(winner, [loser])

    assert client.person.record(winner)["NextStep"] == "kept"
    assert client.person.record(loser)["IsDeleted"]
    assert client.person.record(loser).get("MasterRecordId") == (winner if traced else None)
    assert (client.send("GET", f"{OPPORTUNITIES}/{winner}?fields=MasterRecordId").status == 200) is traced


def test_children_go_with_their_account_or_lose_it(client: Client) -> None:
    """salesforce.md, section 7.4: cascades, and lookups that are cleared."""
    account = client.person.add_record("Account", Name="Acme")
    contact = client.person.add_record("Contact", LastName="Berg", AccountId=account)
    deal = client.person.add_record("Deal__c", Account__c=account)

    client.person.delete_record(account)

    assert client.person.record(contact)["IsDeleted"]
    assert (client.person.record(deal)["IsDeleted"], client.person.record(deal)["Account__c"]) == (False, None)


def test_admins_change_stages_and_products(client: Client) -> None:
    """Records keep a stage that is none any more."""
    id = client.create(StageName="Qualification")
    client.person.set_products(id, amount=5)
    client.person.set_products(id, amount=None)
    client.person.set_stages({"New": 5, "Won": 100, "Lost": 0}, won=["Won"], lost=["Lost"])

    rows = client.query("SELECT ApiName FROM OpportunityStage WHERE IsClosed = TRUE ORDER BY SortOrder")["records"]
    assert [it["ApiName"] for it in rows] == ["Won", "Lost"]
    assert client.read(id, "StageName", "Amount") == {"StageName": "Qualification", "Amount": 5.0}
    client.write(id, StageName="Won", Amount=7)
    assert client.read(id, "IsWon", "Amount") == {"IsWon": True, "Amount": 7.0}


def test_a_seeded_org_is_believable_and_the_same_each_time(client: Client) -> None:
    other = Client()
    ids = client.person.seed(50)

    assert other.person.seed(50) == ids
    assert other.person.live_records() == client.person.live_records()
    rows = client.query("SELECT Name, Account.Name, CloseDate, Amount FROM Opportunity")["records"]
    assert all(it["Account"]["Name"] for it in rows)
    assert len({it["Name"] for it in rows}) == 50


def test_the_side_door_by_http(client: Client) -> None:
    """salesforce.md, section 11.14: outside /services/, by JSON, a float as good as any number."""
    with serve(Faulty(client.twin), door_port=0) as served, httpx.Client(base_url=str(served.door_url)) as door:
        id = door.post("/add_record", json={"Name": "Storgatan 1", "Amount": 0.1}).json()
        door.post("/add_field", json={"name": "Pick__c", "type": "picklist", "values": ["a"]}).raise_for_status()
        door.post("/switch", json={"multi_currency": True, "rate_limit": {"daily_max": 5}}).raise_for_status()
        door.post("/expire_sessions").raise_for_status()

        shown = door.post("/record", json={"id": id}).json()
        assert (shown["Amount"], shown["CurrencyIsoCode"]) == (0.1, "EUR")
        assert door.post("/edit_record", json={"id": "006", "Name": "x"}).status_code == 400
        assert door.post("/switch", json={"nonsense": 1}).status_code == 400
        assert door.get("/journal").json() == []
    assert client.send("GET", "/limits").status == 401


def test_threads_take_turns(client: Client) -> None:
    """One request at a time: no upsert on one key makes two records."""
    threads = [threading.Thread(target=lambda: client.upsert({KEY: "ps-1"})) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert len(client.person.live_records()) == 1
