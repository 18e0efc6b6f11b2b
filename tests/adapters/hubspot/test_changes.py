"""The change feed against the twin: what the contract's traps make of it."""

from __future__ import annotations

import json

import pytest

from syncd.core.instant import canonical_instant, from_epoch_ms, to_epoch_ms
from syncd.errors import CursorRefused, ServerTrouble
from syncd.testing.sandbox.hubspot import Lag
from syncd.testing.sandbox.wire import Fault, FaultKind

from .peer import Answer, Peer, adapter_at, row
from .rig import PROJECT, Rig

DONE = '{"object":"deals","phase":"done","mark":"2026-11-21T09:00:00.0000000Z"}'


def test_a_full_scan_shows_live_and_archived() -> None:
    rig = Rig()
    ids = [rig.add(f"Storgatan {n}") for n in range(230)]
    for id in ids[::10]:
        rig.person.archive_deal(id)

    rows, hints, _ = rig.scan()

    assert set(ids) == set(rows)
    assert {id for id in rows if rows[id].deleted} == set(ids[::10])
    assert not hints
    assert rig.adapter.calls == 3 + 1


def test_an_idle_pass_is_two_calls() -> None:
    rig = Rig()
    for n in range(150):
        rig.add(f"Storgatan {n}")
    rig.clock.advance(3600)
    _, _, cursor = rig.scan()
    rig.clock.advance(3600)
    before = rig.adapter.calls

    rows, hints, _ = rig.scan(cursor)

    assert ({}, set(), 2) == (rows, hints, rig.adapter.calls - before)


def test_one_stamp_on_more_rows_than_search_can_page() -> None:
    """hubspot.md trap 6: 10,001 rows modified in one millisecond; each comes once, in 51 calls."""
    rig = Rig()
    _, _, cursor = rig.scan()
    rig.twin.switch(search_lag=Lag(typical_s=0.0), journal=False)
    rig.clock.advance(1000)
    ids = [rig.add("x") for _ in range(10_001)]

    _, hints, _ = rig.scan(cursor)

    assert set(ids) == hints
    assert rig.calls_of("/search") == 51


def test_what_search_shows_late_is_not_lost() -> None:
    """hubspot.md trap 5: a write that search shows after five minutes is older than the mark, but in the overlap."""
    rig = Rig()
    _, _, cursor = rig.scan()
    rig.twin.switch(search_lag=Lag(typical_s=300.0))
    id = rig.add()
    for _ in range(5):
        rig.clock.advance(59)
        _, hints, cursor = rig.scan(cursor)
        assert not hints
    rig.clock.advance(10)

    _, hints, _ = rig.scan(cursor)

    assert {id} == hints


def test_what_search_shows_at_once_is_told_at_once() -> None:
    """The lag holds back the mark, not the news."""
    rig = Rig()
    rig.twin.switch(search_lag=Lag(typical_s=0.0))
    _, _, cursor = rig.scan()
    rig.clock.advance(5)
    id = rig.add()
    rig.clock.advance(1)

    assert {id} == rig.scan(cursor)[1]


@pytest.mark.parametrize("offset_s", [-7200.0, 7200.0])
def test_the_mark_is_hubspots_time(offset_s: float) -> None:
    """hubspot.md trap 44: two hours of skew either way lose nothing."""
    rig = Rig()
    rig.twin.switch(clock_offset_s=offset_s)
    _, _, cursor = rig.scan()
    served = from_epoch_ms(int(rig.clock.time() + offset_s) * 1000)
    rig.clock.advance(100)
    id = rig.add()
    rig.clock.advance(2)

    _, hints, after = rig.scan(cursor)

    assert served == json.loads(cursor)["mark"]
    assert {id} == hints
    assert to_epoch_ms(json.loads(after)["mark"]) - to_epoch_ms(served) == 42_000


def test_without_a_date_there_is_no_mark() -> None:
    """hubspot.md trap 44: rather no pass than one by the local clock."""
    peer = Peer(Answer(200, {"results": []}, {"Date": "soon"}))

    for cursor in (None, DONE):
        with pytest.raises(ServerTrouble):
            list(adapter_at(peer).changes(PROJECT, cursor))


def test_the_mark_of_a_scan_is_the_time_of_its_first_answer() -> None:
    """What is edited after its page was read is younger than the mark."""
    rig = Rig(page_max=1)
    first, _ = rig.add("a"), rig.add("b")
    rig.clock.advance(500)
    feed = rig.adapter.changes(PROJECT, None)
    next(feed)
    rig.clock.advance(400)
    rig.person.edit_deal(first, dealname="A")
    rig.clock.advance(500)
    cursor = list(feed)[-1].cursor
    rig.clock.advance(60)

    assert first in rig.scan(cursor)[1]


def test_search_asks_by_id_and_never_by_offset() -> None:
    """hubspot.md traps 6 and 37: the exact body, one group, camelCase, no `after`."""
    peer = Peer(Answer(200, {"results": []}))

    list(adapter_at(peer).changes(PROJECT, DONE))

    since = str(to_epoch_ms(canonical_instant("2026-11-21T08:55:00Z")))
    assert peer.asked[0].body == {
        "filterGroups": [
            {
                "filters": [
                    {"propertyName": "hs_lastmodifieddate", "operator": "GTE", "value": since},
                    {"propertyName": "hs_object_id", "operator": "GT", "value": "0"},
                ]
            }
        ],
        "sorts": [{"propertyName": "hs_object_id", "direction": "ASCENDING"}],
        "properties": ["hs_lastmodifieddate"],
        "limit": 200,
    }


def test_a_full_page_that_is_the_last_costs_no_further_call() -> None:
    """hubspot.md section 5.8: `paging` is absent at the end."""
    peer = Peer(Answer(200, {"results": [row("1"), row("2")]}), Answer(200, {"results": []}))

    pages = list(adapter_at(peer, page_max=2).changes(PROJECT, DONE))

    assert [[hint.id for hint in page.hints] for page in pages] == [["1", "2"], []]
    assert len(peer.asked) == 2, "the search and the list of archived records"


@pytest.mark.parametrize("ids", [(1, 2), (2, 1), (4, 3)])
def test_a_search_that_ignores_its_filter_or_sort_fails(ids: tuple[int, int]) -> None:
    """hubspot.md trap 37: the same full page for ever, or rows skipped over."""
    page = Answer(200, {"results": [row(str(id)) for id in ids], "paging": {"next": {"after": "2"}}})

    with pytest.raises(ServerTrouble):
        list(adapter_at(Peer(page), page_max=2).changes(PROJECT, DONE))


def test_a_listing_that_does_not_move_on_fails() -> None:
    page = Answer(200, {"results": [row("1")], "paging": {"next": {"after": "7"}}})

    with pytest.raises(ServerTrouble):
        list(adapter_at(Peer(page)).changes(PROJECT, None))


def test_a_touched_contact_is_found() -> None:
    """hubspot.md trap 7: by lastmodifieddate; the other name finds nothing and says nothing."""
    rig = Rig(name="contacts", fields=("firstname",))
    _, _, cursor = rig.scan()
    rig.clock.advance(1000)
    id = rig.person.add_deal(objects="contacts", email="anna@example.test", firstname="Anna")
    rig.clock.advance(60)

    assert {id} == rig.scan(cursor)[1]


def test_archived_deals_come_as_deleted_rows() -> None:
    """hubspot.md trap 11: search never shows them."""
    rig = Rig()
    id = rig.add(propstreet_id="PS-1")
    _, _, cursor = rig.scan()
    rig.clock.advance(1000)
    rig.person.archive_deal(id)
    rig.clock.advance(60)

    rows, hints, _ = rig.scan(cursor)

    assert (rows[id].deleted, rows[id].ref) == (True, "PS-1")
    assert not hints


def test_a_restored_deal_is_news() -> None:
    """Section 7.4: it comes back as an ordinary modified row."""
    rig = Rig()
    id = rig.add()
    rig.person.archive_deal(id)
    rig.clock.advance(1000)
    _, _, cursor = rig.scan()
    rig.clock.advance(1000)
    rig.person.restore_deal(id)
    rig.clock.advance(60)

    rows, hints, _ = rig.scan(cursor)

    assert ({}, {id}) == (rows, hints)


def test_a_large_recycle_bin_is_read_in_turns() -> None:
    """At most archived_pages in one pass; the next goes on where it stopped, and at the end begins anew."""
    rig = Rig(archived_pages=2)
    _, _, cursor = rig.scan()
    ids = [rig.add() for _ in range(450)]
    for id in ids:
        rig.person.archive_deal(id)
    rig.clock.advance(1000)
    seen = []
    for _ in range(4):
        rows, _, cursor = rig.scan(cursor)
        seen.append(set(rows))

    assert [set(ids[:200]), set(ids[200:400]), set(ids[400:]), set(ids[:200])] == seen


def test_rows_that_are_not_archived_are_never_shown_as_deleted() -> None:
    """hubspot.md traps 38, 41: a server that overlooks `archived=True` lists all the living."""
    living = Answer(200, {"results": [row("1"), row("2")]})

    pages = list(adapter_at(Peer(Answer(200, {"results": []}), living)).changes(PROJECT, DONE))

    assert [remote for page in pages for remote in page.rows] == []
    assert pages[-1].complete


def test_long_property_lists_are_read_by_batch() -> None:
    """hubspot.md trap 36: the address names no property but the id."""
    rig = Rig(fields=("dealname", *(f"hs_field_{n}" for n in range(60))))
    ids = [rig.add(f"Storgatan {n}") for n in range(3)]
    rig.person.archive_deal(ids[2])

    rows, _, _ = rig.scan()

    assert [f"Storgatan {n}" for n in range(3)] == [rows[id].raw["dealname"] for id in ids]
    assert [rows[id].deleted for id in ids] == [False, False, True]
    assert rig.calls_of("batch/read") == 2


@pytest.mark.parametrize(
    "cursor",
    [
        "",
        "{}",
        "17",
        DONE.replace("deals", "contacts"),
        DONE.replace("2026-11-21T09:00:00.0000000Z", "yesterday"),
        DONE.replace("done", "sweep"),
        DONE.replace("done", "sweep").replace("}", ',"since":"2026-11-21T09:00:00Z","after":"x"}'),
    ],
)
def test_a_cursor_that_is_not_ours_is_refused(cursor: str) -> None:
    with pytest.raises(CursorRefused):
        list(Rig().adapter.changes(PROJECT, cursor))


def test_a_listing_cursor_that_hubspot_forgot_is_refused() -> None:
    rig = Rig(page_max=1)
    rig.add(), rig.add()
    cursor = next(rig.adapter.changes(PROJECT, None)).cursor
    rig.line.plan(Fault(kind=FaultKind.STATUS, status=400, method="GET", body=b'{"category":"VALIDATION_ERROR"}'))

    with pytest.raises(CursorRefused):
        list(rig.adapter.changes(PROJECT, cursor))


def test_a_forgotten_place_in_the_recycle_bin_begins_anew() -> None:
    """It must not cost the watermark, which is good."""
    rig = Rig()
    id = rig.add()
    rig.person.archive_deal(id)
    _, _, cursor = rig.scan()
    rig.line.plan(Fault(kind=FaultKind.STATUS, status=400, method="GET", body=b'{"category":"VALIDATION_ERROR"}'))

    rows, _, _ = rig.scan(cursor.replace("}", ',"archived_after":"5"}'))

    assert {id} == set(rows)
