"""Updating: only the given fields, guarded where the system can, and other programs' stamps stay."""

from __future__ import annotations

import pytest

from syncd.adapters.base import UpdateItem
from syncd.errors import Missing, PreconditionFailed

from .peer import Peer
from .probe import created, failed, fetch_one, shows, updated, written


class UpdateChecks:
    """update()"""

    def test_update_writes_only_the_given_fields(self, peer: Peer) -> None:
        """Everything else in the record stays as it is, except what the system moves by itself."""
        id = peer.add(peer.sample(1))
        before = peer.read(id)
        assert before is not None

        written(updated(peer, fetch_one(peer, id), peer.change(1)))

        after = peer.read(id)
        assert after is not None
        assert shows(peer, after, peer.change(1))
        moved = {name for name in {*before, *after} if before.get(name) != after.get(name)}
        strays = moved - set(peer.change(1)) - peer.volatile
        assert not strays, f"update() also moved {sorted(strays)}"

    def test_update_leaves_a_strangers_edit_alone(self, peer: Peer) -> None:
        """A field that a person changed since we read, and that we do not write, keeps the person's value."""
        id = peer.add(peer.sample(1))
        read = fetch_one(peer, id)
        mine, theirs = split(peer)
        peer.edit(id, theirs)

        fresh = fetch_one(peer, id)
        written(peer.adapter.update(peer.kind, [UpdateItem(id, mine, read.raw, fresh.version)]))

        assert shows(peer, peer.read(id), theirs), "update() wrote a field that it was not given"
        assert shows(peer, peer.read(id), mine)

    def test_update_answers_with_what_the_system_shows(self, peer: Peer) -> None:
        """The base settles with the answer, so it has to be what a fresh read would say."""
        remote = created(peer, 1)

        outcome = written(updated(peer, fetch_one(peer, remote.id), peer.change(1)))

        fresh = fetch_one(peer, remote.id)
        assert remote.id == outcome.remote.id
        assert not outcome.remote.deleted
        if outcome.whole:
            assert fresh.raw == outcome.remote.raw
        else:
            carried = {name for name in peer.change(1) if name in outcome.remote.raw}
            assert all(fresh.raw.get(name) == outcome.remote.raw[name] for name in carried)

    def test_update_stamps(self, peer: Peer) -> None:
        """A stamp alone, without a field, binds a record that a person made."""
        id = peer.add(peer.sample(1))

        written(updated(peer, fetch_one(peer, id), {}, stamp="ref-9"))

        peer.settle()
        assert fetch_one(peer, id).ref == "ref-9"
        assert list(peer.adapter.find(peer.kind, ["ref-9"])) == ["ref-9"]
        assert shows(peer, peer.read(id), peer.sample(1))

    def test_the_stamps_of_others_survive_every_write(self, peer: Peer) -> None:
        """A field, a stamp, a stamp again: another program's stamp is never written over."""
        id = peer.add(peer.sample(1))
        if not peer.stamp_by_other(id, "theirs-1"):
            pytest.skip("other programs' stamps")

        for number, stamp in enumerate((None, "ref-1", "ref-1")):
            current = fetch_one(peer, id)
            written(updated(peer, current, peer.change(number), stamp=stamp, if_version=current.version))
            assert {"theirs-1"} == peer.stamps_by_other(id), f"write {number} lost another program's stamp"
        assert fetch_one(peer, id).ref == "ref-1"

    def test_a_stamp_written_by_another_since_we_read_survives(self, peer: Peer) -> None:
        """Stamps that are replaced whole are replaced guarded, or read again just before."""
        id = peer.add(peer.sample(1))
        stale = fetch_one(peer, id)
        if not peer.stamp_by_other(id, "theirs-1"):
            pytest.skip("other programs' stamps")

        outcomes = updated(peer, stale, {}, stamp="ref-1", if_version=stale.version)

        assert len(outcomes) == 1
        assert {"theirs-1"} == peer.stamps_by_other(id), "a stamp that arrived since the read was lost"

    def test_a_guarded_update_of_a_moved_record_does_nothing(self, peer: Peer) -> None:
        """The version of an old read gives PreconditionFailed, and the record is as the other writer left it."""
        need_guard(peer)
        id = peer.add(peer.sample(1))
        old = fetch_one(peer, id)
        peer.edit(id, peer.change(1))
        left = peer.read(id)

        outcomes = updated(peer, old, peer.change(2), if_version=old.version)

        failed(outcomes, PreconditionFailed)
        assert left == peer.read(id), "the guarded update was refused and yet had an effect"

    def test_a_guarded_update_of_an_unmoved_record_goes_through(self, peer: Peer) -> None:
        """Also with the version that the last write answered with, byte for byte."""
        need_guard(peer)
        current = fetch_one(peer, peer.add(peer.sample(1)))

        first = written(updated(peer, current, peer.change(1), if_version=current.version))
        assert first.remote.version is not None, "the answer to a guarded write carries no new version"
        written(updated(peer, first.remote, peer.change(2), if_version=first.remote.version))

        assert shows(peer, peer.read(current.id), peer.change(2))

    def test_update_of_a_record_that_is_gone_is_missing(self, peer: Peer) -> None:
        """Deleted since, or never there: Missing, and nothing comes back to life."""
        gone = created(peer, 1)
        peer.remove(gone.id)
        never = UpdateItem(peer.unknown_id, peer.change(1), {})

        failed(updated(peer, gone, peer.change(1)), Missing)
        failed(peer.adapter.update(peer.kind, [never]), Missing)

        assert set() == peer.ids()

    def test_a_missing_record_does_not_sink_its_batch(self, peer: Peer) -> None:
        count = min(peer.adapter.capabilities.of(peer.kind).update_max, 5)
        if count < 3:
            pytest.skip("update_max")
        remotes = [fetch_one(peer, peer.add(peer.sample(n))) for n in range(count)]
        items = [UpdateItem(remote.id, peer.change(n), remote.raw) for n, remote in enumerate(remotes)]
        peer.remove(remotes[1].id)

        outcomes = peer.adapter.update(peer.kind, items)

        assert count == len(outcomes)
        failed([outcomes[1]], Missing)
        for n, outcome in enumerate(outcomes):
            if n != 1:
                assert remotes[n].id == written([outcome]).remote.id, f"outcome {n} is that of another item"
                assert shows(peer, peer.read(remotes[n].id), peer.change(n))

    def test_updating_nothing_costs_nothing(self, peer: Peer) -> None:
        calls = peer.adapter.calls

        assert peer.adapter.update(peer.kind, []) == []
        assert calls == peer.adapter.calls


def need_guard(peer: Peer) -> None:
    if not peer.adapter.capabilities.guarded_update:
        pytest.skip("guarded_update")


def split(peer: Peer) -> tuple[dict[str, object], dict[str, object]]:
    """Two changes without a field in common: ours and a person's."""
    change = peer.change(3)
    ours, *rest = change
    if not rest:
        pytest.skip("change() has one field")
    return {ours: change[ours]}, {name: change[name] for name in rest}
