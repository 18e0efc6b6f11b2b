"""Deleting: softly, and gone already is success."""

from __future__ import annotations

import pytest

from syncd.adapters.base import DeleteItem

from .feed import caught_up, hear
from .peer import Peer
from .probe import created, deleted, fetch_one, written


class DeleteChecks:
    """delete()"""

    def test_delete_deletes(self, peer: Peer) -> None:
        """The answer and a fresh read both say so; the neighbour stays."""
        id, neighbour = created(peer, 1).id, created(peer, 2).id

        outcome = written(deleted(peer, id))

        assert (id, True) == (outcome.remote.id, outcome.remote.deleted)
        assert fetch_one(peer, id).deleted
        assert {neighbour} == peer.ids()

    def test_deleting_twice_is_success(self, peer: Peer) -> None:
        """So is deleting what a person deleted, and what never was."""
        id, theirs = created(peer, 1).id, created(peer, 2).id
        written(deleted(peer, id))
        peer.remove(theirs)

        for gone in (id, theirs, peer.unknown_id):
            assert written(deleted(peer, gone)).remote.deleted

    def test_a_deletion_of_ours_shows_in_the_feed(self, peer: Peer) -> None:
        if not peer.tombstones:
            pytest.skip("tombstones")
        id = created(peer, 1).id
        cursor, known = caught_up(peer)

        written(deleted(peer, id))

        assert hear(peer, cursor, known, id, lambda row: row.deleted).deleted

    def test_the_ref_of_a_deleted_record_can_be_used_again(self, peer: Peer) -> None:
        """The counterpart of a deleted record may be created anew, with the same stamp."""
        first = created(peer, 1, ref="ref-1").id
        written(deleted(peer, first))
        peer.settle()

        second = created(peer, 2, ref="ref-1")

        assert {second.id} == peer.ids()
        assert not second.deleted

    def test_a_batch_of_deletes(self, peer: Peer) -> None:
        """In the order of the items, with one among them that is gone already."""
        count = min(peer.adapter.capabilities.of(peer.kind).delete_max, 5)
        if count < 3:
            pytest.skip("delete_max")
        ids = [peer.add(peer.sample(n)) for n in range(count)]
        peer.remove(ids[1])

        outcomes = peer.adapter.delete(peer.kind, [DeleteItem(id) for id in ids])

        assert ids == [written([outcome]).remote.id for outcome in outcomes]
        assert set() == peer.ids()

    def test_deleting_nothing_costs_nothing(self, peer: Peer) -> None:
        calls = peer.adapter.calls

        assert peer.adapter.delete(peer.kind, []) == []
        assert calls == peer.adapter.calls
