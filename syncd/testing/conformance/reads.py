"""Reading records by id and by stamp. Absence is never taken for a deletion."""

from __future__ import annotations

import pytest

from syncd.errors import RemoteError

from .breakage import Breakage
from .peer import Peer
from .probe import broken, created, fetch_one, fetched, shows


class ReadChecks:
    """check(), fetch() and find()"""

    def test_check_names_the_account(self, peer: Peer) -> None:
        """With a good token there is an account and nothing fatal to mend."""
        health = peer.adapter.check()

        assert health.account
        assert [problem.what for problem in health.problems if problem.fatal] == []

    def test_fetch_answers_every_id(self, peer: Peer) -> None:
        """Live, deleted and never heard of, in one call or in several: each asked id is a key of the answer."""
        live, gone = peer.add(peer.sample(1)), peer.add(peer.sample(2))
        peer.remove(gone)

        answer = fetched(peer, [gone, live, peer.unknown_id])

        assert {live, gone, peer.unknown_id} == set(answer)
        assert (live, False) == (answer[live].id, answer[live].deleted)
        assert shows(peer, answer[live].raw, peer.sample(1))
        assert answer[gone].deleted, "a deleted record was fetched as alive"
        assert answer[peer.unknown_id].deleted, "a direct read said not found, and fetch calls the record alive"

    def test_fetch_sees_an_edit_at_once(self, peer: Peer) -> None:
        """fetch() reads the truth, not an index that is late."""
        id = peer.add(peer.sample(1))
        before = fetch_one(peer, id)
        peer.clock.advance(1.0)
        peer.edit(id, peer.change(1))

        after = fetch_one(peer, id)

        assert shows(peer, after.raw, peer.change(1))
        assert after.modified is None or before.modified is None or after.modified > before.modified
        if peer.adapter.capabilities.guarded_update:
            assert before.version != after.version, "the version did not move with the edit"

    def test_fetch_of_an_untouched_record_is_the_same(self, peer: Peer) -> None:
        id = peer.add(peer.sample(1))

        assert fetch_one(peer, id) == fetch_one(peer, id)

    def test_fetch_takes_as_many_as_it_says(self, peer: Peer) -> None:
        """fetch_max ids in one call, each answered with its own record."""
        count = min(peer.adapter.capabilities.of(peer.kind).fetch_max, 100)
        samples = {peer.add(peer.sample(n)): n for n in range(count)}

        answer = peer.adapter.fetch(peer.kind, list(samples))

        assert set(samples) == set(answer)
        assert all(shows(peer, answer[id].raw, peer.sample(n)) for id, n in samples.items())

    def test_fetch_of_one_id_twice_is_one_answer(self, peer: Peer) -> None:
        """Some systems refuse a batch that names a record twice; callers need not care."""
        if peer.adapter.capabilities.of(peer.kind).fetch_max < 2:
            pytest.skip("fetch_max")
        id = peer.add(peer.sample(1))

        assert {id} == set(peer.adapter.fetch(peer.kind, [id, id]))

    def test_fetch_follows_a_merge(self, peer: Peer) -> None:
        """An id that was merged away answers with its survivor, under the id that was asked for."""
        primary, other = peer.add(peer.sample(1)), peer.add(peer.sample(2))
        survivor = peer.merge(primary, other)
        if survivor is None:
            pytest.skip("merge")

        answer = fetched(peer, [other, primary])

        assert {other, primary} == set(answer)
        for asked, remote in answer.items():
            assert survivor == remote.id, f"{asked!r} was merged into {survivor!r} and answers as {remote.id!r}"
            assert not remote.deleted
            assert other in remote.absorbed

    @pytest.mark.parametrize(
        "breakage",
        [
            Breakage.UNAUTHORIZED,
            Breakage.FORBIDDEN,
            Breakage.RATE_LIMITED,
            Breakage.BROKEN,
            Breakage.UNAVAILABLE,
            Breakage.TIMEOUT_BEFORE,
            Breakage.RESET_BEFORE,
            Breakage.REFUSED,
            Breakage.HTML_200,
            Breakage.GARBAGE_200,
        ],
    )
    def test_what_cannot_be_read_is_never_deleted(self, peer: Peer, breakage: Breakage) -> None:
        """A revoked scope or a broken answer raises, for fetch, find and changes; nothing looks gone or empty."""
        id = peer.add(peer.sample(1), ref="ref-1")
        broken(peer, breakage)

        with pytest.raises(RemoteError):
            peer.adapter.fetch(peer.kind, [id])
        with pytest.raises(RemoteError):
            peer.adapter.find(peer.kind, ["ref-1"])
        with pytest.raises(RemoteError):
            list(peer.adapter.changes(peer.kind, None))

    def test_find_by_stamp(self, peer: Peer) -> None:
        """A stamped record is found, however it was stamped; a ref that nobody carries is absent."""
        by_us = created(peer, 1, ref="ref-us").id
        by_them = peer.add(peer.sample(2), ref="ref-them")
        peer.add(peer.sample(3))
        peer.settle()

        found = {
            **peer.adapter.find(peer.kind, ["ref-us"]),
            **peer.adapter.find(peer.kind, ["ref-them"]),
            **peer.adapter.find(peer.kind, ["ref-nobody"]),
        }

        assert {"ref-us": by_us, "ref-them": by_them} == {ref: remote.id for ref, remote in found.items()}
        assert {"ref-us", "ref-them"} == {remote.ref for remote in found.values()}

    def test_find_takes_as_many_as_it_says(self, peer: Peer) -> None:
        """find_max refs in one call, some of them nobody's."""
        count = min(peer.adapter.capabilities.of(peer.kind).find_max, 100)
        ids = {f"ref-{n}": peer.add(peer.sample(n), ref=f"ref-{n}") for n in range(0, count, 2)}
        peer.settle()

        found = peer.adapter.find(peer.kind, [f"ref-{n}" for n in range(count)])

        assert ids == {ref: remote.id for ref, remote in found.items()}

    def test_find_shows_only_the_living(self, peer: Peer) -> None:
        """A deleted record gives its stamp up: its counterpart is not found again."""
        peer.remove(peer.add(peer.sample(1), ref="ref-1"))
        peer.settle()

        assert peer.adapter.find(peer.kind, ["ref-1"]) == {}

    def test_find_ignores_the_stamps_of_others(self, peer: Peer) -> None:
        """Another program's stamp with our ref's text is not ours."""
        id = peer.add(peer.sample(1))
        if not peer.stamp_by_other(id, "ref-1"):
            pytest.skip("other programs' stamps")
        peer.settle()

        assert peer.adapter.find(peer.kind, ["ref-1"]) == {}
        assert fetch_one(peer, id).ref is None

    def test_asking_for_nothing_costs_nothing(self, peer: Peer) -> None:
        calls = peer.adapter.calls

        assert peer.adapter.fetch(peer.kind, []) == {}
        assert peer.adapter.find(peer.kind, []) == {}
        assert calls == peer.adapter.calls

    def test_calls_are_counted(self, peer: Peer) -> None:
        id = peer.add(peer.sample(1))
        calls = peer.adapter.calls

        peer.adapter.fetch(peer.kind, [id])

        assert peer.adapter.calls > calls
