"""Batches in the twin (hubspot.md, sections 5.3 to 5.7, traps 1 to 3, 12 and 16)."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from .hubspot_client import DEAL, DEALS, Client, upsert

UPSERT = f"{DEALS}/batch/upsert"


@pytest.fixture
def client() -> Client:
    return Client()


def test_an_upsert_creates_and_then_updates(client: Client) -> None:
    """hubspot.md, sections 5.6 and 9: `new` tells the retry from the first, and there is one record."""
    first = client.ask("POST", UPSERT, upsert("PS-1"))["results"]
    again = client.ask("POST", UPSERT, upsert("ps-1", dealname="New"))["results"]

    assert [row["new"] for row in first] == [True]
    assert [(first[0]["id"], False)] == [(row["id"], row["new"]) for row in again]
    assert client.read(first[0]["id"], "dealname")["dealname"] == "New"
    assert first[0]["properties"]["propstreet_id"] == "PS-1"


def test_results_come_in_another_order_without_the_trace(client: Client) -> None:
    """hubspot.md trap 3: join by the unique property, never by position."""
    results = client.ask("POST", UPSERT, upsert("PS-1", "PS-2", "PS-3"))["results"]

    assert [row["properties"]["propstreet_id"] for row in results] == ["PS-3", "PS-2", "PS-1"]
    assert all("objectWriteTraceId" not in row for row in results)


def bad_and_good(*, traced: bool) -> dict[str, Any]:
    body = upsert("PS-1", "PS-2", traced=traced)
    body["inputs"][0]["properties"] = DEAL | {"amount": "x"}
    return body


def test_with_trace_ids_a_bad_row_is_alone(client: Client) -> None:
    """hubspot.md trap 1: 207, the good row written, the bad one named by its trace id."""
    answer = client.ask("POST", UPSERT, bad_and_good(traced=True), status=207)

    assert [row["properties"]["propstreet_id"] for row in answer["results"]] == ["PS-2"]
    assert answer["numErrors"] == 1
    assert answer["errors"][0]["category"] == "VALIDATION_ERROR"
    assert answer["errors"][0]["context"]["objectWriteTraceId"] == ["op-0"]
    assert answer["status"] == "COMPLETE"


@pytest.mark.parametrize("spoil", [None, "op-1"])
def test_without_all_trace_ids_nothing_is_written(client: Client, spoil: str | None) -> None:
    """hubspot.md trap 1: one row without a trace id of its own, and one bad input rejects all."""
    body = bad_and_good(traced=True)
    body["inputs"][0]["objectWriteTraceId"] = spoil

    client.ask("POST", UPSERT, body, status=400)

    assert client.twin.person.live_deals() == {}


def test_duplicates_in_one_call_refuse_all_of_it(client: Client) -> None:
    """hubspot.md trap 16: whatever the case, trace ids or not."""
    answer = client.ask("POST", UPSERT, upsert("PS-1", "ps-1", "PS-2"), status=400)

    assert "Duplicate IDs found in batch input" in answer["message"]
    assert client.twin.person.live_deals() == {}


def test_an_upsert_needs_a_unique_property(client: Client) -> None:
    """hubspot.md, section 5.6 and trap 13."""
    body = {"inputs": [{"id": "x", "idProperty": "dealname", "properties": DEAL}]}

    assert "non-unique" in client.ask("POST", UPSERT, body, status=400)["message"]
    assert client.send("POST", UPSERT, {"inputs": [{"id": "1", "properties": DEAL}]}).status == 400


def test_an_upsert_that_creates_needs_required_properties(client: Client) -> None:
    """hubspot.md, section 5.6: an update does not."""
    partial = {"inputs": [{"id": "PS-1", "idProperty": "propstreet_id", "properties": {"amount": "5"}}]}

    assert client.send("POST", UPSERT, partial).status == 400
    client.ask("POST", UPSERT, upsert("PS-1"))

    assert client.ask("POST", UPSERT, partial)["results"][0]["properties"]["amount"] == "5"


def test_an_upsert_writes_the_id_value_on_creation(client: Client) -> None:
    """hubspot.md, section 5.6 (B)."""
    body = upsert("PS-1")

    assert "propstreet_id" not in body["inputs"][0]["properties"]
    assert client.ask("POST", UPSERT, body)["results"][0]["properties"]["propstreet_id"] == "PS-1"


def test_an_archived_record_is_not_matched(client: Client) -> None:
    """hubspot.md traps 11 and 12: the upsert makes a fresh record, and a restore makes two."""
    old = client.ask("POST", UPSERT, upsert("PS-1"))["results"][0]["id"]
    client.twin.person.archive_deal(old)

    fresh = client.ask("POST", UPSERT, upsert("PS-1"))["results"][0]
    client.twin.person.restore_deal(old)

    assert fresh["new"] is True
    shown = client.twin.person.live_deals()
    assert {old: "PS-1", fresh["id"]: "PS-1"} == {id: deal["propstreet_id"] for id, deal in shown.items()}
    assert fresh["id"] == client.ask("GET", f"{DEALS}/PS-1?idProperty=propstreet_id")["id"]


def test_a_restore_may_lose_a_value_that_was_taken() -> None:
    """hubspot.md trap 12, the other way."""
    client = Client(restore_keeps_taken_unique=False)
    old = client.create(propstreet_id="PS-1")
    client.twin.person.archive_deal(old)
    client.create(propstreet_id="PS-1")

    client.twin.person.restore_deal(old)

    assert client.twin.person.deal(old).get("propstreet_id") is None


def test_a_conflict_in_a_batch_names_the_existing_id(client: Client) -> None:
    """hubspot.md, section 5.4: CONFLICT with trace and existing id, for taken values and within the batch."""
    taken = client.create(propstreet_id="PS-1")
    rows = [DEAL | {"propstreet_id": name} for name in ("PS-1", "PS-2", "PS-2")]
    inputs = [{"properties": row, "objectWriteTraceId": f"op-{n}"} for n, row in enumerate(rows)]

    answer = client.ask("POST", f"{DEALS}/batch/create", {"inputs": inputs}, status=207)

    made = answer["results"][0]["id"]
    assert [("CONFLICT", ["op-0"], [taken]), ("CONFLICT", ["op-2"], [made])] == [
        (error["category"], error["context"]["objectWriteTraceId"], error["context"]["existingId"])
        for error in answer["errors"]
    ]


def test_a_batch_create_answers_201(client: Client) -> None:
    answer = client.ask("POST", f"{DEALS}/batch/create", {"inputs": [{"properties": DEAL}]}, status=201)

    assert "numErrors" not in answer


def test_an_update_reports_each_missing_record(client: Client) -> None:
    """hubspot.md, section 5.5: OBJECT_NOT_FOUND beside successes, without any trace id."""
    id = client.create()
    inputs = [{"id": "999", "properties": {"amount": "1"}}, {"id": id, "properties": {"amount": "2"}}]

    answer = client.ask("POST", f"{DEALS}/batch/update", {"inputs": inputs}, status=207)

    assert [id] == [row["id"] for row in answer["results"]]
    assert [(it["category"], it["context"]["ids"]) for it in answer["errors"]] == [("OBJECT_NOT_FOUND", ["999"])]


def test_a_read_reports_what_is_missing(client: Client) -> None:
    """hubspot.md, section 5.3: 207, one entry with all the ids; archived ones are missing, too."""
    kept, gone = client.create(), client.create()
    client.twin.person.archive_deal(gone)
    body = {"inputs": [{"id": id} for id in (kept, gone, "999")], "properties": ["dealname"]}

    answer = client.ask("POST", f"{DEALS}/batch/read", body, status=207)
    archived = client.ask("POST", f"{DEALS}/batch/read?archived=true", body, status=207)

    assert [kept] == [row["id"] for row in answer["results"]]
    assert (1, {gone, "999"}) == (answer["numErrors"], set(answer["errors"][0]["context"]["ids"]))
    assert [gone] == [row["id"] for row in archived["results"]]


def test_a_read_by_unique_property_comes_unordered(client: Client) -> None:
    """hubspot.md, section 5.3."""
    ids = [client.create(propstreet_id=f"PS-{n}") for n in range(3)]
    inputs = [{"id": f"PS-{n}"} for n in range(3)]
    body = {"idProperty": "propstreet_id", "inputs": inputs, "properties": ["propstreet_id"]}

    answer = client.ask("POST", f"{DEALS}/batch/read", body)

    assert set(ids) == {row["id"] for row in answer["results"]}
    assert ids != [row["id"] for row in answer["results"]]


def test_a_batch_has_a_hundred_inputs_at_most(client: Client) -> None:
    """hubspot.md, section 3.4: 101 refuse the whole call; 50 with history."""
    ids = [{"id": str(n)} for n in range(101)]

    assert client.send("POST", UPSERT, upsert(*(f"PS-{n}" for n in range(101)))).status == 400
    for action in ("read", "archive"):
        assert client.send("POST", f"{DEALS}/batch/{action}", {"inputs": ids}).status == 400
    with_history = {"inputs": ids[:51], "propertiesWithHistory": ["amount"]}
    assert client.send("POST", f"{DEALS}/batch/read", with_history).status == 400


def test_a_batch_archive_ignores_what_it_does_not_know(client: Client) -> None:
    """hubspot.md, section 5.7."""
    id = client.create()

    client.ask("POST", f"{DEALS}/batch/archive", {"inputs": [{"id": "999"}, {"id": id}]}, status=204)

    assert client.twin.person.live_deals() == {}


def test_the_dated_family_puts_errors_into_200(client: Client) -> None:
    """hubspot.md, section 2.1 and trap 2: no 207 on 2026-09."""
    answer = client.ask("POST", "/crm/objects/2026-09/deals/batch/upsert", bad_and_good(traced=True))

    assert (len(answer["results"]), answer["numErrors"]) == (1, 1)


def test_the_journal_holds_what_api_clients_changed(client: Client) -> None:
    client.ask("POST", UPSERT, upsert("PS-1"))
    client.ask("POST", UPSERT, upsert("PS-1", amount="5"))
    client.twin.person.edit_deal(client.twin.journal[0].id, amount="6")

    assert [(it.verb, it.trace_id) for it in client.twin.journal] == [("create", "op-0"), ("update", "op-0")]
    assert client.twin.journal[1].changes == {"amount": "5"}
    quiet = Client(journal=False)
    quiet.create()
    assert quiet.twin.journal == []


def test_threads_share_one_account(client: Client) -> None:
    """Upserts of the same key from many threads make one record, as HubSpot's unique property promises."""
    names = [f"PS-{n}" for n in range(20)]

    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(lambda _: client.ask("POST", UPSERT, upsert(*names)), range(16)))

    assert len(client.twin.person.live_deals()) == 20
    assert sum(row["new"] for answer in answers for row in answer["results"]) == 20
