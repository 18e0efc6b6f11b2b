"""Recognising records without a stamp, and beginning a feed without reading what is there already."""

from __future__ import annotations

import pytest

from syncd.adapters.base import Matches, StartsNow
from syncd.core.remote import Raw
from syncd.errors import RemoteError

from .breakage import Breakage
from .failures import READ_ERRORS, assert_discreet, assert_facts
from .feed import hear
from .peer import Peer
from .probe import broken, created, fetch_one, fetched, scan, shows

LONG_S = 86_400.0
"""Longer than any overlap."""


class MatchChecks:
    """Matches"""

    def test_records_are_found_by_what_they_are_known_by(self, peer: Peer) -> None:
        """Whole records, as a direct read shows them, by the keys that were asked for; absent where there is none."""
        adapter = needs_match(peer)
        ids = {key_of(peer, n): peer.add(fields_of(peer, n)) for n in range(3)}
        peer.add(peer.sample(50))
        peer.settle()
        first, second, _ = ids

        answer = adapter.match(peer.kind, [first, key_of(peer, 9), second])

        assert {first: [ids[first]], second: [ids[second]]} == {
            key: [remote.id for remote in remotes] for key, remotes in answer.items()
        }
        for key, (remote,) in answer.items():
            assert key in remote.keys, "a record was found by a key that it does not show"
            assert fetch_one(peer, remote.id) == remote

    def test_all_that_one_key_fits_are_shown(self, peer: Peer) -> None:
        """Which of them is meant is for a person to say: one alone would be taken for the one."""
        adapter = needs_match(peer)
        if peer.keys_unique:
            pytest.skip("keys_unique")
        ids = {peer.add({**peer.sample(n), **fields_of(peer, 1, alone=True)}) for n in (1, 2)}
        peer.settle()

        answer = adapter.match(peer.kind, [key_of(peer, 1)])

        assert ids == {remote.id for remote in answer[key_of(peer, 1)]}

    def test_the_deleted_are_not_recognised(self, peer: Peer) -> None:
        adapter = needs_match(peer)
        gone, stays = (peer.add(fields_of(peer, n)) for n in (1, 2))
        peer.remove(gone)
        peer.settle()

        answer = adapter.match(peer.kind, [key_of(peer, 1), key_of(peer, 2)])

        assert {key_of(peer, 2): [stays]} == {key: [one.id for one in some] for key, some in answer.items()}

    def test_a_record_is_known_by_what_it_shows_now(self, peer: Peer) -> None:
        """Its former address finds it no more."""
        adapter = needs_match(peer)
        id = peer.add(fields_of(peer, 1))
        peer.settle()
        peer.edit(id, fields_of(peer, 2, alone=True))
        peer.settle()

        answer = adapter.match(peer.kind, [key_of(peer, 1), key_of(peer, 2)])

        assert {key_of(peer, 2): [id]} == {key: [one.id for one in some] for key, some in answer.items()}

    def test_match_takes_as_many_keys_as_it_says(self, peer: Peer) -> None:
        """match_max keys in one call, some of them nobody's."""
        adapter = needs_match(peer)
        count = min(adapter.match_max, 60)
        ids = {key_of(peer, n): [peer.add(fields_of(peer, n))] for n in range(0, count, 2)}
        peer.settle()

        answer = adapter.match(peer.kind, [key_of(peer, n) for n in range(count)])

        assert ids == {key: [one.id for one in some] for key, some in answer.items()}

    def test_every_read_and_write_shows_the_keys(self, peer: Peer) -> None:
        """The feed, a direct read, what find() and a create answer with: each lets the record be recognised.

        Of adapters without Matches, too: the other side's records are recognised by it.
        """
        if peer.known_by(0) is None:
            pytest.skip("known_by()")
        key = key_of(peer, 1)
        id = peer.add(fields_of(peer, 1), ref="ref-1")
        ours = created(peer, 2, ref="ref-2")
        peer.settle()

        seen = scan(peer)

        assert key in fetched(peer, [id])[id].keys
        assert key in peer.adapter.find(peer.kind, ["ref-1"])["ref-1"].keys
        assert id not in seen.rows or key in seen.rows[id].keys
        assert ours.keys in ((), fetch_one(peer, ours.id).keys)

    @pytest.mark.parametrize("breakage", READ_ERRORS)
    def test_who_cannot_be_looked_up_is_not_nobody(self, peer: Peer, breakage: Breakage) -> None:
        """A person would be made a second time for each; and no address is in the error."""
        adapter = needs_match(peer)
        peer.add(fields_of(peer, 1))
        peer.settle()
        adapter.match(peer.kind, [key_of(peer, 1)])
        broken(peer, breakage)

        with pytest.raises(RemoteError) as caught:
            adapter.match(peer.kind, [key_of(peer, 1)])

        assert isinstance(caught.value, READ_ERRORS[breakage]), repr(caught.value)
        assert_facts(peer, caught.value, breakage)
        assert_discreet(peer, caught.value, fields_of(peer, 1), {"key": key_of(peer, 1).partition(":")[2]})

    def test_looking_nobody_up_costs_nothing(self, peer: Peer) -> None:
        adapter = needs_match(peer)
        calls = peer.adapter.calls

        assert adapter.match(peer.kind, []) == {}
        assert calls == peer.adapter.calls


class StartChecks:
    """StartsNow"""

    def test_a_feed_that_starts_now_shows_nothing_of_the_past(self, peer: Peer) -> None:
        """What was last changed long ago does not come, however much there is of it."""
        adapter = needs_start(peer)
        past = {peer.add(peer.sample(n)) for n in range(2 * peer.feed_page + 1)}
        peer.clock.advance(LONG_S)
        peer.adapter.check()

        assert not past & scan(peer, adapter.start(peer.kind)).ids

    def test_a_feed_that_starts_now_shows_everything_from_then_on(self, peer: Peer) -> None:
        """A new record, an edit of one that it did not show, a deletion; and what happened in the same instant."""
        adapter = needs_start(peer)
        ids = [peer.add(peer.sample(n)) for n in range(3)]
        known = fetched(peer, ids)
        peer.clock.advance(LONG_S)
        peer.adapter.check()

        cursor = adapter.start(peer.kind)
        peer.edit(ids[0], peer.change(0))
        new = peer.add(peer.sample(3))
        peer.clock.advance(30.0)
        peer.edit(ids[1], peer.change(1))

        assert shows(peer, hear(peer, cursor, known, ids[0]).raw, peer.change(0))
        assert shows(peer, hear(peer, cursor, known, new).raw, peer.sample(3))
        assert shows(peer, hear(peer, cursor, known, ids[1]).raw, peer.change(1))
        if peer.tombstones:
            peer.remove(ids[2])
            assert hear(peer, cursor, known, ids[2], lambda row: row.deleted).deleted

    def test_starting_now_costs_the_same_however_much_there_is(self, peer: Peer) -> None:
        """A call at most: the point of it is that nothing is read."""
        adapter = needs_start(peer)
        for n in range(2 * peer.feed_page + 1):
            peer.add(peer.sample(n))
        peer.adapter.check()
        calls = peer.adapter.calls

        adapter.start(peer.kind)

        assert peer.adapter.calls - calls <= 1

    def test_another_process_goes_on_from_where_this_one_started(self, peer: Peer) -> None:
        adapter = needs_start(peer)
        peer.adapter.check()
        cursor = adapter.start(peer.kind)
        id = peer.add(peer.sample(1))
        peer.settle()

        other = peer.build()
        seen = scan(peer, cursor, other)
        other.close()

        assert id in seen.ids


def needs_match(peer: Peer) -> Matches:
    if not isinstance(peer.adapter, Matches):
        pytest.skip("Matches")
    if peer.known_by(0) is None:
        pytest.skip("known_by()")
    return peer.adapter


def needs_start(peer: Peer) -> StartsNow:
    if not isinstance(peer.adapter, StartsNow):
        pytest.skip("StartsNow")
    return peer.adapter


def fields_of(peer: Peer, n: int, *, alone: bool = False) -> Raw:
    """A record that is known by key_of(n); alone, only the fields that make it so."""
    known = peer.known_by(n)
    assert known is not None
    return known[0] if alone else {**peer.sample(n), **known[0]}


def key_of(peer: Peer, n: int) -> str:
    known = peer.known_by(n)
    assert known is not None
    return known[1]
