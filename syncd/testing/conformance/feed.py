"""The change feed: nothing is ever lost; showing a row twice or late is allowed."""

from __future__ import annotations

from collections.abc import Callable

import msgspec
import pytest

from syncd.adapters.base import Hint
from syncd.core.remote import Remote
from syncd.errors import CursorRefused

from .peer import Peer
from .probe import Scan, fetched, pages, scan, shown, shows


class FeedChecks:
    """changes()"""

    def test_an_empty_feed_ends_with_a_complete_page(self, peer: Peer) -> None:
        """The final page is complete even when there is nothing in it, at the first pass and at the next."""
        first = scan(peer)

        assert not first.ids & peer.ids()
        assert scan(peer, first.cursor).cursor

    def test_from_the_start_every_record_shows(self, peer: Peer) -> None:
        """A cursor of None reads everything, over as many pages as it takes."""
        samples = add_pages(peer)
        peer.settle()

        found = shown(peer, scan(peer))

        assert_all_shown(peer, found, samples)

    def test_records_of_one_stamp_all_show(self, peer: Peer) -> None:
        """Pages end in the middle of a tie: records modified at the same instant come on both of its sides."""
        samples = add_pages(peer)
        for id in samples:
            peer.edit(id, peer.change(0))
        peer.settle()

        assert set(samples) <= scan(peer).ids

    def test_from_the_start_a_deleted_record_never_looks_alive(self, peer: Peer) -> None:
        """Reading everything shows a deleted record as deleted or not at all; with tombstones, as deleted."""
        id = peer.add(peer.sample(1))
        peer.add(peer.sample(2))
        peer.remove(id)
        peer.settle()

        found = shown(peer, scan(peer))

        assert id not in found or found[id].deleted, "a deleted record was shown as alive"
        if peer.tombstones:
            assert id in found, "the system keeps tombstones, and the first scan showed none"

    def test_resumes_after_any_page(self, peer: Peer) -> None:
        """Killed after any page, another process goes on from that page's cursor and misses nothing."""
        samples = add_pages(peer)
        peer.settle()
        whole = list(pages(peer))

        before: set[str] = set()
        for number, page in enumerate(whole):
            before |= {row.id for row in page.rows} | {hint.id for hint in page.hints}
            adapter = peer.build()
            after = scan(peer, page.cursor, adapter)
            adapter.close()
            assert set(samples) <= before | after.ids, f"resumed after page {number}, records were lost"

    def test_a_repeated_read_is_safe(self, peer: Peer) -> None:
        """The same cursor can be read again, also after it was followed: a crash may come before it was stored."""
        add_pages(peer)
        peer.settle()
        cursor = scan(peer).cursor
        id = peer.add(peer.sample(90))
        peer.settle()

        first, again = scan(peer, cursor), scan(peer, cursor)

        assert first.ids <= again.ids
        assert id in again.ids or id in hear(peer, again.cursor, {}, id).id

    def test_when_nothing_changed_nothing_is_news(self, peer: Peer) -> None:
        """Once everything was shown, passes may repeat rows, with the version and the date that they had."""
        add_pages(peer)
        cursor, known = caught_up(peer)

        for _ in range(3):
            seen = scan(peer, cursor)
            assert not news(seen, known), "rows came as news though nobody changed anything"
            cursor = seen.cursor
            peer.settle()

    def test_a_creation_after_the_watermark_shows(self, peer: Peer) -> None:
        add_pages(peer)
        cursor, known = caught_up(peer)

        id = peer.add(peer.sample(90), ref="ref-90")
        heard = hear(peer, cursor, known, id)

        assert shows(peer, heard.raw, peer.sample(90))
        assert heard.ref == "ref-90", "the stamp that the record carries is not shown"
        assert not heard.deleted

    def test_an_edit_after_the_watermark_shows(self, peer: Peer) -> None:
        samples = add_pages(peer)
        cursor, known = caught_up(peer)
        id = min(samples)

        peer.edit(id, peer.change(1))
        heard = hear(peer, cursor, known, id)

        assert shows(peer, heard.raw, peer.change(1))

    def test_an_edit_at_the_stamp_of_the_watermark_shows(self, peer: Peer) -> None:
        """The watermark is inclusive: one record was seen, another changes in the same instant."""
        seen_id, late_id = peer.add(peer.sample(1)), peer.add(peer.sample(2))
        cursor, known = caught_up(peer)

        peer.edit(seen_id, peer.change(1))
        cursor = scan(peer, cursor).cursor
        peer.edit(late_id, peer.change(2))

        assert shows(peer, hear(peer, cursor, known, late_id).raw, peer.change(2))

    def test_a_deletion_after_the_watermark_shows(self, peer: Peer) -> None:
        if not peer.tombstones:
            pytest.skip("tombstones")
        id = min(add_pages(peer))
        cursor, known = caught_up(peer)

        peer.remove(id)

        assert hear(peer, cursor, known, id, lambda row: row.deleted).deleted

    def test_records_edited_during_the_scan_are_not_lost(self, peer: Peer) -> None:
        """One that was shown already, one that was not yet: the feed shows what both came to be."""
        samples = add_pages(peer)
        peer.settle()
        feed = pages(peer)
        page = next(feed)
        early = {row.id: row for row in page.rows} | fetched_hints(peer, page.hints)
        chosen = [min(early), min(set(samples) - set(early))]

        for id in chosen:
            peer.edit(id, peer.change(7))
        rest = Scan()
        for page in feed:
            rest.take(page)

        for id in chosen:
            if not shows(peer, rest.rows[id].raw if id in rest.rows else None, peer.change(7)):
                heard = hear(peer, rest.cursor, {**early, **rest.rows}, id)
                assert shows(peer, heard.raw, peer.change(7)), "an edit during the scan was lost"

    def test_records_deleted_during_the_scan_do_not_hide_their_neighbours(self, peer: Peer) -> None:
        """Pages that count rows lose one when an earlier one disappears; keysets do not."""
        samples = add_pages(peer)
        peer.settle()
        feed = pages(peer)
        first = Scan()
        first.take(next(feed))

        gone = min(first.ids)
        peer.remove(gone)
        for page in feed:
            first.take(page)

        assert set(samples) - {gone} <= first.ids

    def test_a_merge_shows_the_survivor(self, peer: Peer) -> None:
        """The survivor is news, and it names whom it absorbed."""
        primary, other = peer.add(peer.sample(1)), peer.add(peer.sample(2))
        cursor, known = caught_up(peer)
        survivor = peer.merge(primary, other)
        if survivor is None:
            pytest.skip("merge")

        heard = hear(peer, cursor, known, survivor)

        assert not heard.deleted
        assert other in heard.absorbed, "the survivor does not name the id that was merged into it"

    def test_a_dead_cursor_is_refused(self, peer: Peer) -> None:
        """What is no cursor of this adapter (any more) raises CursorRefused; it never reads as an empty feed."""
        with pytest.raises(CursorRefused):
            list(peer.adapter.changes(peer.kind, "no cursor of anybody"))


def add_pages(peer: Peer) -> dict[str, int]:
    """Records for two pages and a bit: id → the n of its sample."""
    return {peer.add(peer.sample(n)): n for n in range(2 * peer.feed_page + 1)}


def assert_all_shown(peer: Peer, found: dict[str, Remote], samples: dict[str, int]) -> None:
    missing = set(samples) - set(found)
    assert not missing, f"{len(missing)} of {len(samples)} records were not shown"
    for id, n in samples.items():
        assert shows(peer, found[id].raw, peer.sample(n)), f"the record of sample({n}) does not show its fields"
        assert not found[id].deleted


def caught_up(peer: Peer) -> tuple[str, dict[str, Remote]]:
    """A watermark behind which there is no news, and what was known then."""
    peer.settle()
    first = scan(peer)
    peer.settle()
    second = scan(peer, first.cursor)
    return second.cursor, shown(peer, first) | shown(peer, second)


def news(seen: Scan, known: dict[str, Remote]) -> set[str]:
    """The ids that an engine which knows these records would look at."""
    rows = {id for id, row in seen.rows.items() if id not in known or state(row) != state(known[id])}
    hints = {
        id
        for id, modified in seen.hints.items()
        if id not in known or modified is None or modified != known[id].modified
    }
    return rows | hints


def state(row: Remote) -> tuple[str | None, str | None, bool]:
    return row.version, row.modified, row.deleted


def hear(
    peer: Peer,
    cursor: str,
    known: dict[str, Remote],
    id: str,
    wanted: Callable[[Remote], bool] = lambda row: True,
) -> Remote:
    """What the feed tells of this id as news, within the passes that the peer grants."""
    for _ in range(peer.passes_max):
        peer.settle()
        seen = scan(peer, cursor)
        if id in news(seen, known):
            told = shown(peer, msgspec.structs.replace(seen, hints={}) if id in seen.rows else seen)[id]
            if wanted(told):
                return told
        cursor = seen.cursor
    pytest.fail(f"the feed did not tell of the change within {peer.passes_max} passes")


def fetched_hints(peer: Peer, hints: object) -> dict[str, Remote]:
    assert isinstance(hints, list | tuple)
    return fetched(peer, [hint.id for hint in hints if isinstance(hint, Hint)])
