"""Search in the twin (hubspot.md, sections 3.4, 5.8 and 7.1; traps 5 to 7, 37, 39)."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from syncd.testing.sandbox.hubspot import Lag

from .hubspot_client import DEALS, Client, where

STAMP = "hs_lastmodifieddate"


def stamp(client: Client, id: str) -> str:
    """The deal's modified stamp as epoch milliseconds."""
    return str(client.twin.account.deals.shelf.records[int(id)].version.modified_ms)


def test_a_fresh_write_is_not_found_before_its_lag() -> None:
    """hubspot.md trap 5: search-then-create makes duplicates."""
    client = Client(search_lag=Lag(typical_s=10))
    id = client.create(propstreet_id="PS-1")
    wanted = where("propstreet_id", "EQ", "PS-1")

    early = client.found(wanted)
    client.clock.advance(10)

    assert early == []
    assert [id] == client.found(wanted)


def test_the_lag_has_a_long_tail() -> None:
    """hubspot.md, section 12: a seeded distribution; some writes are seen much later than the others."""
    client = Client(search_lag=Lag(typical_s=1, spread_s=2, tail_share=0.3, tail_s=600), seed=7)
    for _ in range(50):
        client.create()

    client.clock.advance(4)
    soon = client.search()["total"]
    client.clock.advance(600)

    assert 0 < soon < 50
    assert client.search()["total"] == 50


def test_rows_come_back_as_the_index_saw_them() -> None:
    """hubspot.md, section 7.1: the index holds the stamp it saw; only a batch read tells the truth."""
    client = Client()
    id = client.create(amount="1")
    old = stamp(client, id)
    client.search()
    client.twin.switch(search_lag=Lag(typical_s=30))
    client.clock.advance(5)
    client.write(id, amount="2")

    row = client.search(where(STAMP, "EQ", old), properties=["amount"])["results"][0]
    client.twin.switch(search_rows="store")
    stored = client.search(where(STAMP, "EQ", old), properties=["amount"])["results"][0]

    assert (row["properties"]["amount"], stored["properties"]["amount"]) == ("1", "2")
    client.clock.advance(30)
    assert client.found(where(STAMP, "EQ", old)) == []


def test_a_late_arrival_never_undoes_a_newer_one() -> None:
    client = Client(search_lag=Lag(typical_s=100))
    id = client.create(amount="1")
    client.twin.switch(search_lag=Lag(typical_s=0))
    client.write(id, amount="2")

    assert [id] == client.found(where("amount", "EQ", "2"))
    client.clock.advance(100)
    assert [id] == client.found(where("amount", "EQ", "2"))


def test_archived_records_never_appear() -> None:
    """hubspot.md trap 11."""
    client = Client()
    id = client.create()
    assert [id] == client.found()

    client.twin.person.archive_deal(id)

    assert client.found() == []


def test_a_page_ends_at_200_and_a_query_at_10_000() -> None:
    """hubspot.md, section 3.4: default 10, max 200, and `after` beyond the cap is a 400."""
    client = Client()
    for n in range(12):
        client.create(amount=str(n))

    page = client.search()
    rest = client.search(after=page["paging"]["next"]["after"])

    assert (page["total"], len(page["results"]), page["paging"]["next"]["after"]) == (12, 10, "10")
    assert len(rest["results"]) == 2
    assert "paging" not in rest
    client.search(limit=201, status=400)
    client.search(limit=200, after="9800")
    client.search(limit=200, after="9801", status=400)
    client.search(limit=200, after="x", status=400)


def test_a_body_ends_at_3000_characters() -> None:
    """hubspot.md, section 3.4: IN with many ids runs into it."""
    client = Client()
    ids = [f"17000000{n:04d}" for n in range(250)]

    assert "3000" in client.search(where("hs_object_id", "IN", values=ids), status=400)["message"]
    assert client.found(where("hs_object_id", "IN", values=ids[:100])) == []


def test_filters_are_limited() -> None:
    """hubspot.md, section 3.4: 5 groups of 6, 18 in total."""
    client = Client()
    one = where("amount", "EQ", "1")

    client.search(*[one] * 7, status=400)
    client.search(status=400, filterGroups=[{"filters": [one]}] * 6)
    client.search(status=400, filterGroups=[{"filters": [one] * 5}] * 4)
    client.search(*[one] * 6)


@pytest.mark.parametrize(
    ("filter", "expected"),
    [
        (where("dealname", "EQ", "BETA house"), {"b"}),
        (where("dealname", "NEQ", "beta HOUSE"), {"a", "c"}),
        (where("dealname", "IN", values=["beta house"]), {"b"}),
        (where("dealname", "IN", values=["Beta House"]), set()),
        (where("dealname", "NOT_IN", values=["beta house"]), {"a", "c"}),
        (where("dealname", "CONTAINS_TOKEN", "hou*"), {"a", "b"}),
        (where("dealname", "NOT_CONTAINS_TOKEN", "house"), {"c"}),
        (where("dealtype", "EQ", "newbusiness"), {"a"}),
        (where("dealtype", "EQ", "NEWBUSINESS"), set()),
        (where("amount", "GT", "9"), {"b"}),
        (where("amount", "GTE", "9"), {"a", "b"}),
        (where("amount", "LT", "10.0"), {"a"}),
        (where("amount", "LTE", "10"), {"a", "b"}),
        (where("amount", "BETWEEN", "9", highValue="9.5"), {"a"}),
        (where("amount", "HAS_PROPERTY"), {"a", "b"}),
        (where("amount", "NOT_HAS_PROPERTY"), {"c"}),
        (where("amount", "NEQ", "9"), {"b"}),
        (where("hs_is_closed", "EQ", "true"), {"c"}),
    ],
)
def test_operators_and_their_case_rules(filter: dict[str, Any], expected: set[str]) -> None:
    """hubspot.md, section 5.8 and trap 39: case counts in enumerations, and IN wants lower case."""
    client = Client()
    client.create(description="a", dealname="Alpha House", amount="9", dealtype="newbusiness")
    client.create(description="b", dealname="Beta House", amount="10")
    client.create(description="c", dealname="Gamma", dealstage="closedlost")

    rows = client.search(filter, properties=["description"])["results"]

    assert expected == {row["properties"]["description"] for row in rows}


@pytest.mark.parametrize(
    "filter",
    [
        where("amount", "LIKE", "1"),
        where("nonsense", "EQ", "1"),
        where("amount", "EQ"),
        where("amount", "EQ", "many"),
        where("amount", "IN"),
        where("hs_object_id", "GT", "x"),
        where(STAMP, "GTE", "yesterday"),
    ],
)
def test_filters_that_make_no_sense_are_refused(filter: dict[str, Any]) -> None:
    """hubspot.md, section 12: an unknown operator is a 400."""
    Client().search(filter, status=400)


def test_groups_are_alternatives() -> None:
    client = Client()
    first, second, _ = (client.create(amount=str(n)) for n in range(3))

    body = {"filterGroups": [{"filters": [where("amount", "EQ", str(n))]} for n in range(2)]}

    assert [first, second] == client.found(**body)


def test_snake_case_keys_are_ignored_and_everything_comes() -> None:
    """hubspot.md trap 37."""
    client = Client()
    client.create()

    assert client.search(filter_groups=[{"filters": [where("amount", "EQ", "5")]}])["total"] == 1


def test_one_sort_is_honoured() -> None:
    """hubspot.md, section 3.4; the object form and the string form."""
    client = Client()
    a, b, c = (client.create(amount=amount) for amount in ("2", "10", "2"))
    by_amount = {"propertyName": "amount", "direction": "DESCENDING"}
    by_id = {"propertyName": "hs_object_id", "direction": "DESCENDING"}

    assert [b, a, c] == client.found(sorts=[by_amount, by_id])
    assert [a, c, b] == client.found(sorts=["amount"])
    assert [c, b, a] == client.found(sorts=["-hs_object_id"])
    client.write(a, amount="99")
    assert [a, b, c] == client.found(sorts=[by_amount])


def test_a_keyset_walk_passes_the_cap_and_equal_stamps() -> None:
    """hubspot.md trap 6: a bulk edit gives every row one millisecond, and the walk still sees each once."""
    client = Client()
    ids = [client.create() for _ in range(25)]
    client.clock.advance(60)
    client.twin.person.bulk_edit(ids, amount="1")
    bounds = [where(STAMP, "GTE", stamp(client, ids[0])), where(STAMP, "LTE", stamp(client, ids[0]))]

    seen: list[str] = []
    while page := client.found(
        *bounds, where("hs_object_id", "GT", seen[-1] if seen else "0"), sorts=["hs_object_id"], limit=10
    ):
        seen += page

    assert len({stamp(client, id) for id in ids}) == 1
    assert ids == seen


def test_a_row_edited_during_the_walk_leaves_the_window() -> None:
    """hubspot.md, section 7.1: its stamp is beyond the window's end; it returns in the next one."""
    client = Client()
    first, second = client.create(), client.create()
    end = stamp(client, second)
    window = [where(STAMP, "LTE", end), where("hs_object_id", "GT", "0")]
    assert [first, second] == client.found(*window)
    client.clock.advance(5)

    client.write(second, amount="1")

    assert [first] == client.found(*window)
    assert [second] == client.found(where(STAMP, "GT", end))


def test_contacts_have_another_modified_property() -> None:
    """hubspot.md trap 7: hs_lastmodifieddate finds no contact, without an error."""
    client = Client()
    client.ask("POST", "/crm/v3/objects/contacts", {"properties": {"email": "a@b.test"}}, status=201)

    def total(name: str) -> int:
        body = {"filterGroups": [{"filters": [where(name, "GTE", "0")]}]}
        return int(client.ask("POST", "/crm/v3/objects/contacts/search", body)["total"])

    assert (total("hs_lastmodifieddate"), total("lastmodifieddate")) == (0, 1)


@settings(max_examples=60, deadline=None)
@given(
    st.lists(
        st.tuples(
            st.sampled_from(["create", "edit", "archive", "restore", "merge", "wait", "look"]), st.integers(0, 9)
        ),
        max_size=40,
    )
)
def test_standing_views_agree_with_a_fresh_scan(steps: list[tuple[str, int]]) -> None:
    """Whatever happened between two pages, a window shows exactly the rows whose indexed stamp is in it."""
    client = Client(search_lag=Lag(typical_s=1, spread_s=3))
    person, ids = client.twin.person, [client.create() for _ in range(3)]
    start = int(client.clock.time() * 1000)
    bounds = [where(STAMP, "GTE", str(start)), where(STAMP, "LTE", str(start + 8000))]
    for step, number in steps:
        live, chosen = list(person.live_deals()), ids[number % len(ids)]
        match step:
            case "create":
                ids.append(client.create())
            case "edit" if chosen in live:
                person.edit_deal(chosen, amount=str(number))
            case "archive" if chosen in live:
                person.archive_deal(chosen)
            case "restore" if client.twin.account.deals.shelf.archived:
                person.restore_deal(str(client.twin.account.deals.shelf.archived[0]))
            case "merge" if len(live) > 1:
                ids.append(person.merge_deals(live[0], live[-1]))
            case "wait":
                client.clock.advance(number / 3)
            case "look":
                client.found(*bounds)

    got = client.found(*bounds, limit=200)

    shown = client.twin.account.deals.shelf.index.shown.values()
    assert got == sorted(str(it.id) for it in shown if start <= it.modified_ms <= start + 8000)
    assert set(got) <= set(person.live_deals())
    client.clock.advance(60)
    assert list(person.live_deals()) == client.found(limit=200)


def test_a_type_that_nobody_wrote_is_empty() -> None:
    assert Client().ask("POST", f"{DEALS}/search", {}) == {"total": 0, "results": []}
