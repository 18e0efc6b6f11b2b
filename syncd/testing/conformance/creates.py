"""Creating: once per ref, however often it is asked for."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import msgspec
import pytest

from syncd.errors import Rejected

from .peer import Peer
from .probe import created, failed, fetch_one, item, named, scan, shown, shows, written


class CreateChecks:
    """create()"""

    def test_create_makes_a_stamped_record(self, peer: Peer) -> None:
        """The answer shows the new id and the stamp; the system has the fields."""
        outcome = written(peer.adapter.create(peer.kind, [item(peer, 1, ref="ref-1")]))

        id = outcome.remote.id
        assert {id} == peer.ids()
        assert shows(peer, peer.read(id), peer.sample(1))
        assert "ref-1" == outcome.remote.ref == fetch_one(peer, id).ref
        assert outcome.created is not False, "a new record was reported as one that existed"
        assert not outcome.remote.deleted

    def test_create_answers_with_what_the_system_shows(self, peer: Peer) -> None:
        """`whole` says whether the answer is the record; what it does carry agrees with a fresh read."""
        outcome = written(peer.adapter.create(peer.kind, [item(peer, 1)]))

        fresh = fetch_one(peer, outcome.remote.id)
        assert outcome.remote.raw == fresh.raw if outcome.whole else outcome.remote.id == fresh.id
        if peer.adapter.capabilities.guarded_update and outcome.remote.version is not None:
            assert fresh.version == outcome.remote.version

    def test_create_again_makes_no_second_record(self, peer: Peer) -> None:
        """The same item sent twice, as after a lost answer: one record, and both answers name it."""
        twice = item(peer, 1)

        first = written(peer.adapter.create(peer.kind, [twice]))
        again = peer.adapter.create(peer.kind, [twice])

        assert {first.remote.id} == peer.ids(), "the same item made two records"
        named(again, first.remote.id)

    def test_create_on_a_taken_ref_makes_no_second_record(self, peer: Peer) -> None:
        """Another key, the same ref, as after a lost store: the record that carries the ref is found or named."""
        first = created(peer, 1, ref="ref-1")
        peer.settle()

        again = peer.adapter.create(peer.kind, [item(peer, 2, ref="ref-1")])

        assert {first.id} == peer.ids(), "a second record carries the same stamp"
        assert named(again, first.id).created is not True, "an existing record was reported as new"
        if not peer.adapter.capabilities.create_overwrites:
            assert shows(peer, peer.read(first.id), peer.sample(1)), (
                "create() wrote over the record that carries the ref: declare create_overwrites"
            )

    def test_outcomes_come_in_the_order_of_the_items(self, peer: Peer) -> None:
        """A batch answers in any order; the adapter puts it right."""
        count = min(peer.adapter.capabilities.of(peer.kind).create_max, 7)
        items = [item(peer, n) for n in range(count)]

        outcomes = peer.adapter.create(peer.kind, items)

        assert count == len(outcomes)
        for n, outcome in enumerate(outcomes):
            remote = written([outcome]).remote
            assert items[n].ref == remote.ref
            assert shows(peer, peer.read(remote.id), peer.sample(n)), f"outcome {n} is that of another item"

    def test_a_bad_row_does_not_sink_its_batch(self, peer: Peer) -> None:
        """The bad one is Rejected and leaves nothing behind; its neighbours are written."""
        bad = peer.bad()
        if bad is None:
            pytest.skip("bad()")
        count = min(peer.adapter.capabilities.of(peer.kind).create_max, 5)
        items = [item(peer, n) for n in range(count)]
        middle = count // 2
        items[middle] = msgspec.structs.replace(items[middle], fields=bad)

        outcomes = peer.adapter.create(peer.kind, items)

        assert count == len(outcomes)
        failed([outcomes[middle]], Rejected)
        good = [written([outcome]).remote.id for n, outcome in enumerate(outcomes) if n != middle]
        assert set(good) == peer.ids()

    def test_a_created_record_shows_in_the_feed(self, peer: Peer) -> None:
        """Our own writes come back as changes, with the stamp that tells whose they are."""
        id = created(peer, 1, ref="ref-1").id
        peer.settle()

        assert shown(peer, scan(peer))[id].ref == "ref-1"

    def test_creating_nothing_costs_nothing(self, peer: Peer) -> None:
        calls = peer.adapter.calls

        assert peer.adapter.create(peer.kind, []) == []
        assert calls == peer.adapter.calls

    def test_as_many_workers_as_it_says(self, peer: Peer) -> None:
        """`workers` threads may call at once; nothing is mixed up between them."""
        workers = min(peer.adapter.capabilities.workers, 4)
        items = [item(peer, n) for n in range(4 * workers)]

        with ThreadPoolExecutor(workers) as pool:
            outcomes = list(pool.map(lambda one: peer.adapter.create(peer.kind, [one]), items))

        assert len(items) == len(peer.ids())
        for n, outcome in enumerate(outcomes):
            assert shows(peer, peer.read(written(outcome).remote.id), peer.sample(n))
