"""Merges in the twin (hubspot.md, section 5.9, traps 9 and 10)."""

from __future__ import annotations

import pytest

from .hubspot_client import DEALS, Client, upsert


@pytest.fixture
def client() -> Client:
    return Client()


def merge(client: Client, primary: str, other: str) -> str:
    body = {"primaryObjectId": primary, "objectIdToMerge": other}
    return str(client.ask("POST", "/crm/v3/objects/0-3/merge", body)["id"])


def test_a_merge_makes_a_new_id_and_both_old_ones_lead_to_it(client: Client) -> None:
    """hubspot.md trap 9: compare the returned id with the asked one on every read."""
    first, second = client.create(), client.create()

    survivor = merge(client, first, second)

    assert survivor not in (first, second)
    for id in (first, second):
        assert client.ask("GET", f"{DEALS}/{id}")["id"] == survivor
    assert f"{first};{second}" == client.read(survivor, "hs_merged_object_ids")["hs_merged_object_ids"]
    assert [survivor] == client.found()
    assert [survivor] == list(client.twin.person.live_deals())


def test_only_the_primary_keeps_its_values(client: Client) -> None:
    """hubspot.md trap 10: the loser's propstreet_id is gone, and an upsert of it creates a record again."""
    first, second = client.create(propstreet_id="PS-1"), client.create(propstreet_id="PS-2", amount="5")

    survivor = client.twin.person.merge_deals(first, second)
    again = client.ask("POST", f"{DEALS}/batch/upsert", upsert("PS-1", "PS-2"))["results"]

    assert client.read(survivor, "propstreet_id", "amount") == {"propstreet_id": "PS-1", "amount": None}
    news = {row["properties"]["propstreet_id"]: (row["id"] == survivor, row["new"]) for row in again}
    assert news == {"PS-1": (True, False), "PS-2": (False, True)}


def test_an_account_may_keep_the_primary_id() -> None:
    """hubspot.md, section 5.9: the "primary id preservation" beta."""
    client = Client(merge_keeps_primary_id=True)
    first, second = client.create(), client.create()

    assert first == merge(client, first, second)
    assert first == client.ask("GET", f"{DEALS}/{second}")["id"]
    assert second == client.read(first, "hs_merged_object_ids")["hs_merged_object_ids"]


def test_merges_chain(client: Client) -> None:
    first, second, third = (client.create() for _ in range(3))

    middle = merge(client, first, second)
    last = merge(client, third, middle)

    assert client.ask("GET", f"{DEALS}/{first}")["id"] == last
    ids = set(client.read(last, "hs_merged_object_ids")["hs_merged_object_ids"].split(";"))
    assert ids == {first, second, third, middle}


def test_updates_of_an_absorbed_id_land_on_the_survivor(client: Client) -> None:
    """hubspot.md trap 9."""
    first, second = client.create(), client.create()
    survivor = merge(client, first, second)

    row = client.ask("PATCH", f"{DEALS}/{second}", {"properties": {"amount": "7"}})

    assert (survivor, "7") == (row["id"], row["properties"]["amount"])


@pytest.mark.parametrize(("follows", "status"), [(False, 207), (True, 200)])
def test_a_batch_read_of_an_absorbed_id(follows: bool, status: int) -> None:
    """hubspot.md, open question 8 and section 7.4: reported missing, unless the switch says otherwise."""
    client = Client(batch_read_follows_merges=follows)
    first, second = client.create(), client.create()
    merge(client, first, second)

    client.ask("POST", f"{DEALS}/batch/read", {"inputs": [{"id": first}]}, status=status)


def test_absorbed_records_are_not_in_the_recycle_bin(client: Client) -> None:
    """hubspot.md, section 7.4: merged is not archived."""
    merge(client, client.create(), client.create())

    assert client.ask("GET", f"{DEALS}?archived=true")["results"] == []


def test_a_survivor_that_is_archived_is_gone(client: Client) -> None:
    first, second = client.create(), client.create()
    survivor = merge(client, first, second)

    client.twin.person.archive_deal(survivor)

    assert client.send("GET", f"{DEALS}/{first}").status == 404


def test_merging_takes_two_live_records(client: Client) -> None:
    id = client.create()

    for other, status in ((id, 400), ("999", 404)):
        body = {"primaryObjectId": id, "objectIdToMerge": other}
        assert client.send("POST", f"{DEALS}/merge", body).status == status


def test_history_shows_the_merge(client: Client) -> None:
    """hubspot.md, section 7.2: MERGE_OBJECTS, after the primary's own history."""
    first, second = client.create(amount="1"), client.create()
    survivor = merge(client, first, second)

    shown = client.ask("GET", f"{DEALS}/{survivor}?propertiesWithHistory=amount,hs_merged_object_ids")

    histories = shown["propertiesWithHistory"]
    assert [it["sourceType"] for it in histories["hs_merged_object_ids"]] == ["MERGE_OBJECTS"]
    assert histories["amount"][-1]["sourceType"] == "INTEGRATION"
