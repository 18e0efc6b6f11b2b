"""Creating in a parent: one record for each parent and person, however often it is asked for."""

from __future__ import annotations

import pytest

from syncd.adapters.base import Failed
from syncd.errors import AlreadyExists, Missing, PreconditionFailed, Rejected

from .nested_probe import added, create, has, known, need, nest_of, new, placed, rows
from .peer import Peer
from .probe import failed, written


class NestedCreateChecks:
    """create() of a nested kind"""

    def test_create_puts_a_person_into_a_parent(self, peer: Peer) -> None:
        """The answer says where and whom, and has the id that the set and a direct read know it by."""
        nest = nest_of(peer)
        parent, person = nest.add_parent(), nest.add_person(0)

        outcomes = create(peer, new(parent, person, nest.sample(1)))

        remote = placed(outcomes, parent, person)
        assert written(outcomes).created is not False, "a new record was reported as one that existed"
        assert {person} == set(nest.inside(parent))
        assert has(nest.inside(parent)[person], nest.sample(1))
        assert remote.id == known(peer, parent, person).id
        if written(outcomes).whole:
            assert has(remote.raw, nest.sample(1))

    def test_create_on_a_place_that_is_taken_overwrites_nothing(self, peer: Peer) -> None:
        """A person was faster: the answer shows what they wrote, and says that it was there."""
        nest = nest_of(peer)
        place = added(peer, 0)
        before = known(peer, *place)

        outcomes = create(peer, new(*place, nest.sample(1)))

        remote = placed(outcomes, *place)
        assert written(outcomes).created is False, "what was there already was reported as new"
        assert (before.id, True) == (remote.id, has(remote.raw, nest.sample(0)))
        assert has(nest.inside(place[0])[place[1]], nest.sample(0)), "create() wrote over what was there"

    def test_create_leaves_what_others_say(self, peer: Peer) -> None:
        nest = nest_of(peer)
        place = added(peer, 0, fields={})
        word = nest.say(*place)

        placed(create(peer, new(*place, nest.sample(1))), *place)

        assert {word} == nest.said(*place)
        assert {place[1]} == set(rows(peer, place[0]))

    def test_creating_twice_puts_a_person_there_once(self, peer: Peer) -> None:
        """The same item, as after a lost answer; and another one for the same place, as after a lost store."""
        nest = nest_of(peer)
        parent, person = nest.add_parent(), nest.add_person(0)
        twice = new(parent, person, nest.sample(0))
        first = placed(create(peer, twice), parent, person)

        for again in (twice, new(parent, person, nest.sample(0))):
            outcomes = create(peer, again)
            assert first.id == placed(outcomes, parent, person).id
            assert written(outcomes).created is False
        assert [first.id] == [row.id for row in rows(peer, parent).values()]

    def test_one_place_twice_in_a_call_is_one_record(self, peer: Peer) -> None:
        """Each item has its outcome; the second may have to wait for another look."""
        nest = nest_of(peer)
        need(peer, "create_max", 2)
        parent, person = nest.add_parent(), nest.add_person(0)

        first, second = create(peer, new(parent, person, nest.sample(0)), new(parent, person, nest.sample(1)))

        placed([first], parent, person)
        if isinstance(second, Failed):
            failed([second], AlreadyExists, PreconditionFailed)
        else:
            placed([second], parent, person)
        assert {person} == set(rows(peer, parent))

    def test_creates_of_several_parents_in_one_call(self, peer: Peer) -> None:
        """One outcome for each item, in the order of the items, with those who are there already among them."""
        nest = nest_of(peer)
        count = need(peer, "create_max", 3, most=9)
        parents = [nest.add_parent() for _ in range(3)]
        places = [(parents[n % 3], nest.add_person(n)) for n in range(count)]
        nest.put(*places[2], nest.sample(0))

        outcomes = create(peer, *(new(*place, nest.sample(n % 3)) for n, place in enumerate(places)))

        assert count == len(outcomes)
        for n, (place, outcome) in enumerate(zip(places, outcomes, strict=True)):
            placed([outcome], *place)
            assert (n == 2) == (written([outcome]).created is False)
            assert has(nest.inside(place[0])[place[1]], nest.sample(0 if n == 2 else n % 3))
        assert sorted(places) == sorted((parent, person) for parent in parents for person in nest.inside(parent))

    def test_a_bad_place_does_not_sink_its_batch(self, peer: Peer) -> None:
        """A parent that is gone, one that never was, nobody to put there: theirs alone fail."""
        nest = nest_of(peer)
        need(peer, "create_max", 5)
        good, gone = nest.add_parent(), nest.add_parent()
        people = [nest.add_person(n) for n in range(4)]
        nest.remove_parent(gone)
        places = [(good, people[0]), (gone, people[1]), (good, None), (nest.unknown_parent, people[2])]

        outcomes = create(peer, *(new(*place, nest.sample(0)) for place in (*places, (good, people[3]))))

        first, *bad, last = outcomes
        placed([first], good, people[0])
        placed([last], good, people[3])
        assert len(bad) == 3
        for outcome in bad:
            failed([outcome], Missing, Rejected)
        assert {people[0], people[3]} == set(nest.inside(good))

    def test_a_bad_value_does_not_sink_its_batch(self, peer: Peer) -> None:
        nest = nest_of(peer)
        bad = nest.bad()
        if bad is None:
            pytest.skip("bad()")
        count = need(peer, "create_max", 3, most=3)
        parent = nest.add_parent()
        people = [nest.add_person(n) for n in range(count)]
        fields = [nest.sample(0), bad, nest.sample(2)]

        outcomes = create(peer, *(new(parent, person, fields[n]) for n, person in enumerate(people)))

        placed([outcomes[0]], parent, people[0])
        failed([outcomes[1]], Rejected)
        placed([outcomes[2]], parent, people[2])
        assert {people[0], people[2]} == set(nest.inside(parent))
