"""Changing what is said about a person in a parent, and taking them off: nobody else's word is touched."""

from __future__ import annotations

import pytest

from syncd.adapters.base import DeleteItem, Failed, UpdateItem, Written
from syncd.errors import Missing, PreconditionFailed, Rejected

from .nested_probe import (
    added,
    create,
    delete,
    everybody,
    fetched,
    has,
    known,
    need,
    nest_of,
    new,
    placed,
    rows,
    update,
)
from .peer import Peer
from .probe import failed, only, written
from .updates import need_guard


class NestedChangeChecks:
    """update() and delete() of a nested kind"""

    def test_update_writes_only_what_was_asked(self, peer: Peer) -> None:
        """The field has its new value and no trace of the old one; what others say stays, and so do the neighbours."""
        nest = nest_of(peer)
        parent, person = added(peer, 0)
        neighbour = added(peer, 1, parent)[1]
        for one in (person, neighbour):
            nest.say(parent, one)
        before, words = nest.inside(parent), nest.said(parent, person)

        remote = placed(update(peer, known(peer, parent, person), nest.sample(2)), parent, person)

        assert {person: {**before[person], **nest.sample(2)}, neighbour: before[neighbour]} == nest.inside(parent)
        assert (words, True) == (nest.said(parent, person), bool(words)), "update() touched what others say"
        assert remote.id == known(peer, parent, person).id

    def test_update_of_a_place_answers_with_what_the_system_shows(self, peer: Peer) -> None:
        nest = nest_of(peer)
        place = added(peer, 0)

        outcome = written(update(peer, known(peer, *place), nest.sample(1)))

        fresh = known(peer, *place)
        carried = {name: value for name, value in outcome.remote.raw.items() if outcome.whole or name in nest.sample(1)}
        assert carried == {name: fresh.raw.get(name) for name in (fresh.raw if outcome.whole else carried)}

    def test_updates_of_several_parents_in_one_call(self, peer: Peer) -> None:
        """In the order of the items."""
        nest = nest_of(peer)
        count = need(peer, "update_max", 2, most=6)
        parents = [nest.add_parent(), nest.add_parent()]
        places = [added(peer, n, parents[n % 2]) for n in range(count)]
        current = [known(peer, *place) for place in places]

        items = [UpdateItem(row.id, nest.sample((n + 1) % 3), row.raw) for n, row in enumerate(current)]
        outcomes = peer.adapter.update(nest.kind, items)

        for n, (place, outcome) in enumerate(zip(places, outcomes, strict=True)):
            placed([outcome], *place)
            assert has(nest.inside(place[0])[place[1]], nest.sample((n + 1) % 3))

    def test_a_guarded_update_of_a_place_that_moved_does_nothing(self, peer: Peer) -> None:
        """A person chose while we were deciding: PreconditionFailed, and their choice stands."""
        nest = nest_of(peer)
        need_guard(peer)
        place = added(peer, 0)
        old = known(peer, *place)
        nest.edit(*place, nest.sample(1))

        failed(update(peer, old, nest.sample(2), if_version=old.version), PreconditionFailed)

        assert has(nest.inside(place[0])[place[1]], nest.sample(1)), "the update was refused and yet had an effect"

    def test_a_guarded_update_of_a_place_that_has_not_moved_goes_through(self, peer: Peer) -> None:
        nest = nest_of(peer)
        need_guard(peer)
        place = added(peer, 0)
        current = known(peer, *place)

        placed(update(peer, current, nest.sample(1), if_version=current.version), *place)

        assert has(nest.inside(place[0])[place[1]], nest.sample(1))

    def test_a_guarded_update_of_somebody_who_left_brings_nobody_back(self, peer: Peer) -> None:
        """Taken off since we read: an error that is looked into, and no effect.

        An update that is not guarded may put them back, where an association is made by labelling it: the engine reads
        just before those.
        """
        nest = nest_of(peer)
        need_guard(peer)
        place = added(peer, 0)
        current = known(peer, *place)
        nest.take_off(*place)

        failed(update(peer, current, nest.sample(2), if_version=current.version), Missing, PreconditionFailed)

        assert nest.inside(place[0]) == {}, "an update put somebody back who had been taken off"

    def test_update_in_a_parent_that_is_gone_brings_nothing_back(self, peer: Peer) -> None:
        nest = nest_of(peer)
        place = added(peer, 0)
        current = known(peer, *place)
        nest.remove_parent(place[0])

        outcome = only(update(peer, current, nest.sample(2), if_version=current.version))

        if isinstance(outcome, Failed):
            failed([outcome], Missing, PreconditionFailed, Rejected)
        assert nest.inside(place[0]) == {}

    def test_delete_takes_a_person_off(self, peer: Peer) -> None:
        """The answer, a direct read and the set say so; the neighbour stays."""
        nest = nest_of(peer)
        parent, person = added(peer, 0)
        neighbour = added(peer, 1, parent)[1]
        id = known(peer, parent, person).id

        remote = written(delete(peer, id)).remote

        assert (id, True) == (remote.id, remote.deleted)
        assert fetched(peer, id)[id].deleted
        assert {neighbour} == set(nest.inside(parent)) == set(rows(peer, parent))

    def test_delete_leaves_what_others_say(self, peer: Peer) -> None:
        """What we said is gone, and whatever somebody else said is what remains of it."""
        nest = nest_of(peer)
        if not nest.shared:
            pytest.skip("shared")
        parent, person = added(peer, 0)
        word = nest.say(parent, person)

        written(delete(peer, known(peer, parent, person).id))

        assert {word} == nest.said(parent, person), "delete() took off what somebody else said"
        assert not nest.inside(parent).get(person), "what we said is still there"

    def test_gone_already_is_done(self, peer: Peer) -> None:
        """Taken off by us or by a person, with a parent that is gone, and what never was."""
        nest = nest_of(peer)
        parent, person = added(peer, 0)
        left, lost = added(peer, 1, parent)[1], added(peer, 2)
        ids = [known(peer, *place).id for place in ((parent, person), (parent, left), lost)]
        written(delete(peer, ids[0]))
        nest.take_off(parent, left)
        nest.remove_parent(lost[0])

        for id in (*ids, nest.unknown_id):
            assert written(delete(peer, id)).remote.deleted

    def test_a_batch_of_people_is_taken_off(self, peer: Peer) -> None:
        """Of several parents, in the order of the items, with one among them who is gone already."""
        nest = nest_of(peer)
        count = need(peer, "delete_max", 3, most=5)
        parents = [nest.add_parent(), nest.add_parent()]
        places = [added(peer, n, parents[n % 2]) for n in range(count)]
        stays = added(peer, count, parents[0])[1]
        ids = [known(peer, *place).id for place in places]
        nest.take_off(*places[1])

        outcomes = peer.adapter.delete(nest.kind, [DeleteItem(id) for id in ids])

        assert ids == [written([outcome]).remote.id for outcome in outcomes]
        assert {parents[0]: {stays}, parents[1]: set()} == {
            parent: set(people) for parent, people in everybody(peer, *parents).items()
        }

    def test_who_was_taken_off_may_be_put_back(self, peer: Peer) -> None:
        nest = nest_of(peer)
        place = added(peer, 0)
        written(delete(peer, known(peer, *place).id))

        outcome = only(create(peer, new(*place, nest.sample(0))))

        assert isinstance(outcome, Written), outcome
        assert {place[1]} == set(rows(peer, place[0])) == set(nest.inside(place[0]))

    def test_writing_about_nobody_costs_nothing(self, peer: Peer) -> None:
        nest = nest_of(peer)
        calls = peer.adapter.calls

        assert [] == create(peer) == delete(peer) == peer.adapter.update(nest.kind, [])
        assert calls == peer.adapter.calls
