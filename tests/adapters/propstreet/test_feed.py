"""The change feed: inclusive, resumable after every page, and its mark is the server's time."""

from __future__ import annotations

import httpx
import msgspec
import pytest

from syncd.core.model import Kind
from syncd.errors import CursorRefused, Rejected, ServerTrouble
from syncd.testing.clock import VirtualClock

from .peer import Peer, adapter, ok, page, problem, project

MARK = '{"mark":"2026-05-20T08:00:00.1234567Z"}'
EARLY, LATE = "2026-05-20T08:00:00.1234567Z", "2026-05-20T09:00:00.7654321Z"


def test_everything_with_tombstones_and_no_other_filter() -> None:
    """propstreet.md trap 6 and section 5: filters hide what leaves them."""
    peer = Peer(page([project("1")]))
    [shown] = adapter(peer).changes(Kind.PROJECT, None)

    assert peer.targets == ["GET /api/v1/projects?include_deleted=true&page_size=500"]
    assert [row.id for row in shown.rows] == ["1"]
    assert (shown.complete, shown.cursor) == (True, MARK)


def test_rows_are_whole_records() -> None:
    raw = project("1", etag='W/"x"', unknown={"a": 1})
    [shown] = adapter(Peer(page([raw]))).changes(Kind.PROJECT, None)

    [row] = shown.rows
    assert (row.id, row.raw, row.ref, row.version) == ("1", raw, "3344", 'W/"x"')
    assert (row.modified, row.deleted) == (EARLY, False)


@pytest.mark.parametrize("gone", [{"deletedUtc": LATE}, {"status": "deleted"}])
def test_tombstones_are_deleted(gone: dict[str, str]) -> None:
    """propstreet.md trap 6: and nothing else is."""
    [shown] = adapter(Peer(page([project("1", **gone), project("2")]))).changes(Kind.PROJECT, None)

    assert [row.deleted for row in shown.rows] == [True, False]


def test_starts_an_overlap_before_the_mark() -> None:
    """propstreet.md traps 4 and 5: the boundary is taken again, and rounded down, never up."""
    peer = Peer(page([]))
    [*adapter(peer).changes(Kind.PROJECT, MARK)]

    assert "updated_since=2026-05-20T07%3A55%3A00.1230000Z" in peer.targets[0]
    assert "include_deleted=true" in peer.targets[0]


def test_without_an_overlap_the_mark_is_still_not_passed() -> None:
    """propstreet.md trap 5: seven digits may lose some on the way back, but only downwards."""
    peer = Peer(page([]))
    [*adapter(peer, overlap_s=0).changes(Kind.PROJECT, MARK)]
    sent = peer.requests[0].url.params["updated_since"]

    assert sent <= EARLY


def test_the_mark_is_the_highest_server_time_seen() -> None:
    """propstreet.md trap 3: not the last row's, and never our own clock's."""
    peer = Peer(page([project("1", updatedUtc=LATE)], "c1"), page([project("2", updatedUtc=EARLY)]))
    clock = VirtualClock(start=0.0)
    pages = [*adapter(peer, clock).changes(Kind.PROJECT, MARK)]

    assert msgspec.json.decode(pages[-1].cursor) == {"mark": LATE}


def test_fractions_of_any_length_compare_as_time() -> None:
    """propstreet.md section 1: the fraction is optional; "…00Z" is before "…00.5Z"."""
    rows = [project("1", updatedUtc="2026-05-20T08:00:00Z"), project("2", updatedUtc="2026-05-20T08:00:00.5Z")]
    [shown] = adapter(Peer(page(rows))).changes(Kind.PROJECT, None)

    assert msgspec.json.decode(shown.cursor) == {"mark": "2026-05-20T08:00:00.5000000Z"}


def test_an_empty_scan_keeps_the_mark() -> None:
    [shown] = adapter(Peer(page([]))).changes(Kind.PROJECT, MARK)

    assert (shown.complete, shown.cursor, [*shown.rows]) == (True, MARK, [])


def test_an_empty_first_scan_leaves_everything_to_the_next() -> None:
    peer = Peer(page([]))
    [shown] = adapter(peer).changes(Kind.PROJECT, None)
    [*adapter(peer).changes(Kind.PROJECT, shown.cursor)]

    assert "updated_since" not in peer.targets[1]


def test_the_mark_never_goes_back() -> None:
    """A scan that shows only the overlap's old rows must not widen the next one for ever."""
    old = project("1", updatedUtc="2026-05-20T07:58:00Z")
    [shown] = adapter(Peer(page([old]))).changes(Kind.PROJECT, MARK)

    assert shown.cursor == MARK


def test_short_and_empty_pages_are_not_the_end() -> None:
    """propstreet.md trap 1: only hasMore is, and the mark moves only after it."""
    peer = Peer(page([], "c1"), page([project("1", updatedUtc=LATE)], "c2"), page([]))
    pages = [*adapter(peer).changes(Kind.PROJECT, MARK)]

    assert [shown.complete for shown in pages] == [False, False, True]
    assert all(msgspec.json.decode(shown.cursor)["mark"] == EARLY for shown in pages[:2])
    assert msgspec.json.decode(pages[2].cursor) == {"mark": LATE}


def test_resumes_after_any_page_with_the_same_filters() -> None:
    """propstreet.md section 4: same filters and page size with every cursor, whatever the options say by now."""
    peer = Peer(page([project("1", updatedUtc=LATE)], "c1"), page([project("2", updatedUtc=EARLY)]))
    first = next(adapter(peer, page_size=50, overlap_s=60).changes(Kind.PROJECT, MARK))
    [second] = adapter(peer, page_size=70, overlap_s=90).changes(Kind.PROJECT, first.cursor)

    assert peer.targets[1] == peer.targets[0] + "&cursor=c1"
    assert msgspec.json.decode(second.cursor) == {"mark": LATE}


def test_one_request_per_page() -> None:
    """P8: list rows are used as read; there is no GET per record."""
    peer = Peer(page([project(str(n)) for n in range(9)], "c1"), page([project("9")]))
    pages = [*adapter(peer).changes(Kind.PROJECT, None)]

    assert (len(peer.requests), sum(len(shown.rows) for shown in pages)) == (2, 10)


def test_a_forgotten_cursor_restarts_the_scan_from_its_mark_once() -> None:
    """propstreet.md section 4: the lifetime of a cursor is not documented."""
    peer = Peer(page([project("1")], "c1"), problem(400), page([project("1")], "c2"), page([project("2")]))
    pages = [*adapter(peer).changes(Kind.PROJECT, MARK)]

    assert [[row.id for row in shown.rows] for shown in pages] == [["1"], ["1"], ["2"]]
    assert peer.targets[2] == peer.targets[0]
    assert pages[-1].complete


def test_a_cursor_forgotten_again_is_refused() -> None:
    peer = Peer(page([], "c1"), problem(400), page([], "c2"), problem(400))

    with pytest.raises(CursorRefused):
        [*adapter(peer).changes(Kind.PROJECT, MARK)]
    assert len(peer.requests) == 4


def test_a_refused_first_page_is_no_matter_of_cursors() -> None:
    with pytest.raises(Rejected):
        [*adapter(Peer(problem(400))).changes(Kind.PROJECT, MARK)]


@pytest.mark.parametrize("cursor", ["", "nonsense", "[]", '{"mark":7}', '{"mark":"soon"}', '{"other":1}'])
def test_a_cursor_of_somebody_else_is_refused(cursor: str) -> None:
    with pytest.raises(CursorRefused):
        [*adapter(Peer(page([]))).changes(Kind.PROJECT, cursor)]


@pytest.mark.parametrize("answer", [ok({}), ok({"data": None}), httpx.Response(200, content=b"<html>")])
def test_a_broken_page_is_an_error(answer: httpx.Response) -> None:
    """P5: never an empty account."""
    with pytest.raises(ServerTrouble):
        [*adapter(Peer(answer)).changes(Kind.PROJECT, None)]


def test_pages_in_a_circle_end() -> None:
    with pytest.raises(ServerTrouble, match="circle"):
        [*adapter(Peer(page([], "c1"))).changes(Kind.PROJECT, None)]


def test_a_row_without_a_time_moves_no_mark() -> None:
    rows = [project("1", updatedUtc=None), project("2", updatedUtc="yesterday")]
    [shown] = adapter(Peer(page(rows))).changes(Kind.PROJECT, MARK)

    assert [row.modified for row in shown.rows] == [None, None]
    assert shown.cursor == MARK
