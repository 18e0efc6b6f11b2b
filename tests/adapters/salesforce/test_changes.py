"""The feed: nothing lost by late commits, ties, deletions, merges or a restart (salesforce.md section 8)."""

from __future__ import annotations

import json
from typing import Any

import msgspec
import pytest

from syncd.errors import CursorRefused, Forbidden, ServerTrouble
from syncd.testing.sandbox.wire import Fault, FaultKind

from .rig import PROJECT, REF, Rig


def test_a_thousand_records_of_one_second_come_page_by_page() -> None:
    """salesforce.md trap 14: the stamp has whole seconds, so the id breaks the tie."""
    rig = Rig(options={"page_max": 7})
    ids = {rig.add(Name=f"name {n}") for n in range(50)}

    rows, _ = rig.scan()

    assert ids == set(rows)


def test_a_row_that_was_committed_late_is_seen() -> None:
    """salesforce.md trap 13: it appears with the stamp of its transaction's beginning."""
    rig = Rig()
    _, cursor = rig.scan()
    rig.clock.advance(60.0)
    _, cursor = rig.scan(cursor)
    late = rig.add(Name="late")
    rig.person.backdate(late, 240)

    rows, _ = rig.scan(cursor)

    assert late in rows


def test_the_mark_is_salesforces_own_time() -> None:
    """salesforce.md trap 14: never our clock."""
    rig = Rig(switches={"clock_offset_s": -7200.0})
    _, cursor = rig.scan()
    id = rig.add()

    rows, _ = rig.scan(cursor)

    assert id in rows


def test_a_delta_asks_from_the_mark_less_the_overlap() -> None:
    rig = Rig(options={"overlap_s": 10.0})
    old = rig.add()
    rig.clock.advance(60.0)
    _, cursor = rig.scan()
    new = rig.add()
    rig.clock.advance(60.0)

    rows, _ = rig.scan(cursor)

    assert {new} == set(rows) - {old}
    assert old not in rows


def test_an_idle_pass_is_one_call() -> None:
    rig = Rig()
    _, cursor = rig.scan()
    rig.asked.clear()

    rig.scan(cursor)

    assert [path for _, path in rig.calls()] == ["queryAll/"]


def test_a_page_that_the_server_cuts_short_is_not_the_last() -> None:
    """salesforce.md trap 15: only `done` says so."""
    rig = Rig(switches={"page_max": 2})
    ids = {rig.add(Name=f"name {n}") for n in range(7)}

    rows, _ = rig.scan()

    assert ids == set(rows)


def test_locators_may_die_between_pages() -> None:
    rig = Rig(switches={"page_max": 2})
    ids = {rig.add(Name=f"name {n}") for n in range(7)}
    seen: set[str] = set()

    for page in rig.adapter.changes(PROJECT, None):
        seen |= {row.id for row in page.rows}
        rig.person.drop_cursors()

    assert ids == seen


def test_the_first_scan_shows_what_is_in_the_bin() -> None:
    rig = Rig()
    id = rig.add(**{REF: "PS-1"})
    rig.person.delete_record(id)

    rows, _ = rig.scan()

    assert (rows[id].deleted, rows[id].ref) == (True, "PS-1")


def test_a_record_that_is_out_of_sight_is_not_deleted() -> None:
    """salesforce.md trap 18: a change of sharing looks like nothing at all."""
    rig = Rig()
    id = rig.add()
    _, cursor = rig.scan()
    rig.person.share(id, visible=False)

    rows, _ = rig.scan(cursor)

    assert id not in rows


def test_a_merge_shows_the_survivor_last() -> None:
    """salesforce.md trap 19."""
    rig = Rig(name="Contact", fields=("LastName",))
    kept, lost, gone = rig.add(), rig.add(), rig.add()
    _, cursor = rig.scan()
    rig.person.merge_records(kept, [lost, gone])

    rows, _ = rig.scan(cursor)

    assert {kept} == set(rows)
    assert set(rows[kept].absorbed) == {lost, gone}
    assert not rows[kept].deleted


def test_a_hidden_field_is_left_out_and_never_null() -> None:
    """salesforce.md trap 17."""
    rig = Rig(switches={"hidden_fields": frozenset({"Opportunity.Amount"})})
    id = rig.add(Amount=5)

    rows, _ = rig.scan()

    assert "Amount" not in rows[id].raw
    assert "Name" in rows[id].raw


def test_a_field_that_is_hidden_while_we_scan_does_not_end_the_scan() -> None:
    """salesforce.md 3.8: INVALID_FIELD means that the description is out of date."""
    rig = Rig(options={"page_max": 2})
    ids = {rig.add(Name=f"name {n}") for n in range(5)}
    rows: dict[str, Any] = {}

    for page in rig.adapter.changes(PROJECT, None):
        rows |= {row.id: row for row in page.rows}
        rig.twin.switch(hidden_fields=frozenset({"Opportunity.Amount"}))

    assert ids == set(rows)
    assert ["Amount" in row.raw for row in rows.values()].count(True) == 2


def test_without_its_stamp_field_nothing_is_read() -> None:
    """Every record would look as if it had no counterpart, and be made a second time."""
    rig = Rig()
    rig.add(**{REF: "PS-1"})
    rig.twin.switch(hidden_fields=frozenset({f"Opportunity.{REF}"}))

    with pytest.raises(Forbidden, match=REF) as caught:
        rig.scan()

    assert caught.value.remedy


@pytest.mark.parametrize(
    "cursor",
    [
        "",
        "{}",
        "null",
        '{"object":"Opportunity"}',
        '{"object":"Opportunity","mark":"soon","done":true}',
        '{"object":"Account","mark":"2026-11-21T10:00:00.0000000Z","done":true}',
        '{"object":"Opportunity","mark":"2026-11-21T10:00:00.0000000Z","after":{"stamp":"x","id":"y"}}',
    ],
)
def test_what_is_no_cursor_of_ours_is_refused(cursor: str) -> None:
    with pytest.raises(CursorRefused):
        Rig().scan(cursor)


def test_after_two_weeks_everything_is_read_again() -> None:
    """salesforce.md 8.5: the bin is emptied after 15 days, and deletions with it."""
    rig = Rig()
    _, cursor = rig.scan()
    rig.clock.advance(14.5 * 86_400)

    with pytest.raises(CursorRefused, match="deletions"):
        rig.scan(cursor)


def page(*rows: dict[str, Any], done: bool = True) -> Fault:
    body = json.dumps({"totalSize": len(rows), "done": done, "records": rows, "nextRecordsUrl": "/x"}).encode()
    return Fault(kind=FaultKind.STATUS, path="/queryAll", status=200, headers={"Date": DATE}, body=body, times=-1)


DATE = "Sat, 21 Nov 2026 10:00:00 GMT"
ROW = {"Id": "006D000000CVE7OIAX", "SystemModstamp": "2026-11-21T09:00:00.000+0000", "IsDeleted": False}


@pytest.mark.parametrize(
    "fault",
    [
        page(ROW, done=False),
        page(ROW, ROW),
        page({**ROW, "Id": "006D000000CVE7P"}, {**ROW, "SystemModstamp": "2026-11-21T08:00:00.000+0000"}),
        page(done=False),
        page({"Id": ROW["Id"]}),
    ],
    ids=["the same page for ever", "a row twice", "out of order", "an empty page that is not the last", "no stamp"],
)
def test_a_query_that_does_not_move_on_fails(fault: Fault) -> None:
    rig = Rig()
    rig.line.plan(fault)

    with pytest.raises(ServerTrouble):
        rig.scan()


def test_without_a_date_there_is_no_mark() -> None:
    rig = Rig()
    twin = rig.line.twin
    rig.line.twin = lambda request: _undated(twin(request))  # type: ignore[assignment]

    with pytest.raises(ServerTrouble, match="no date"):
        rig.scan()


def _undated(response: Any) -> Any:
    return msgspec.structs.replace(
        response, headers={name: value for name, value in response.headers.items() if name != "Date"}
    )


def test_a_scan_that_breaks_goes_on_from_its_last_page() -> None:
    """salesforce.md trap 34: the mark is handed out with the last page only."""
    rig = Rig(options={"page_max": 2})
    ids = {rig.add(Name=f"name {n}") for n in range(7)}
    rig.line.plan(Fault(kind=FaultKind.STATUS, path="/queryAll", status=500, skip=2, times=3))
    seen: set[str] = set()
    cursor: str | None = None

    feed = rig.adapter.changes(PROJECT, None)
    for shown in (next(feed), next(feed)):
        seen |= {row.id for row in shown.rows}
        cursor = shown.cursor
        assert not shown.complete
    with pytest.raises(ServerTrouble):
        next(feed)
    rows, _ = rig.scan(cursor)

    assert ids == seen | set(rows)
    assert not seen & set(rows)
