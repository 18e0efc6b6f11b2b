"""Reading a kind that lives in parents. A set is whole or it raises; who is missing from it has not left it yet.

changes() is never asked for such a kind, and is not asked here.
"""

from __future__ import annotations

import pytest

from syncd.adapters.base import Nests
from syncd.errors import RemoteError

from .breakage import Breakage
from .failures import READ_ERRORS, assert_discreet, assert_facts
from .nested_probe import added, fetched, has, known, nest_of, rows, within
from .peer import Peer
from .probe import broken


class NestedReadChecks:
    """within(), fetch() and find() of a nested kind"""

    def test_within_shows_the_whole_set_of_each_parent(self, peer: Peer) -> None:
        """Everybody, whoever put them there and with or without our fields; nobody where there is nobody."""
        nest = nest_of(peer)
        crowded, other, empty = nest.add_parent(), nest.add_parent(), nest.add_parent()
        people = [added(peer, n, crowded)[1] for n in range(3)]
        bare = added(peer, 3, crowded, {})[1]
        alone = added(peer, 4, other)[1]

        sets = within(peer, crowded, empty, other)

        assert {parent: {row.person for row in brood.rows} for parent, brood in sets.items()} == {
            crowded: {*people, bare},
            other: {alone},
            empty: set(),
        }
        assert not any(brood.gone for brood in sets.values()), "a parent that is there was called gone"
        by_person = {row.person: row for row in sets[crowded].rows}
        assert all(has(by_person[person].raw, nest.sample(n)) for n, person in enumerate(people))

    def test_somebody_in_two_parents_is_two_records(self, peer: Peer) -> None:
        nest = nest_of(peer)
        first, person = added(peer, 0)
        second = nest.add_parent()
        nest.put(second, person, nest.sample(1))

        one, other = known(peer, first, person), known(peer, second, person)

        assert one.id != other.id
        assert (has(one.raw, nest.sample(0)), has(other.raw, nest.sample(1))) == (True, True)

    def test_within_takes_as_many_parents_as_it_says(self, peer: Peer) -> None:
        """parents_max in one call, each with its own people."""
        nest, adapter = nest_of(peer), peer.adapter
        assert isinstance(adapter, Nests)
        places = [added(peer, n) for n in range(min(adapter.parents_max, 30))]

        broods = adapter.within(nest.kind, [parent for parent, _ in places])

        assert sorted(places) == sorted((brood.parent, row.person) for brood in broods for row in brood.rows)

    def test_within_shows_more_than_a_page(self, peer: Peer) -> None:
        parent, people = crowd(peer)

        assert people == set(rows(peer, parent))

    def test_a_broken_page_raises_rather_than_shows_a_shorter_set(self, peer: Peer) -> None:
        """The first page came through: what is on the next one must not look as if it had left."""
        nest = nest_of(peer)
        parent, people = crowd(peer)
        assert people == set(rows(peer, parent))

        for breakage in READ_ERRORS.keys() - peer.unbreakable.keys():
            nest.break_later(breakage, calls=1)
            with pytest.raises(RemoteError):
                rows(peer, parent)
            peer.heal()
        assert people == set(rows(peer, parent))

    def test_who_left_is_not_in_the_set(self, peer: Peer) -> None:
        """And the neighbours are."""
        nest = nest_of(peer)
        parent, stays = added(peer, 0)
        leaves = added(peer, 1, parent)[1]
        assert {stays, leaves} == set(rows(peer, parent))

        nest.take_off(parent, leaves)

        assert {stays} == set(rows(peer, parent))

    def test_a_parent_that_is_gone_shows_nobody(self, peer: Peer) -> None:
        """It is called gone, where the system says so; the next one is read all the same."""
        nest = nest_of(peer)
        (gone, lost), (stays, person) = added(peer, 0), added(peer, 1)
        nest.remove_parent(gone)

        sets = within(peer, gone, nest.unknown_parent, stays)

        if nest.tells_gone_parents:
            assert [sets[parent].gone for parent in (gone, nest.unknown_parent)] == [True, True]
        assert {row.person for row in sets[gone].rows} <= (set() if nest.tells_gone_parents else {lost})
        assert list(sets[nest.unknown_parent].rows) == []
        assert ([person], False) == ([row.person for row in sets[stays].rows], sets[stays].gone)

    def test_an_edit_shows_at_once(self, peer: Peer) -> None:
        """In the set and in a direct read, and the two agree; the version moves with it, where writes are guarded."""
        nest = nest_of(peer)
        place = added(peer, 0)
        before = known(peer, *place)
        peer.clock.advance(1.0)
        nest.edit(*place, nest.sample(1))

        after = known(peer, *place)

        assert has(after.raw, nest.sample(1))
        assert before.id == after.id, "the id moved with an edit"
        assert fetched(peer, after.id) == {after.id: after}
        if peer.adapter.capabilities.guarded_update:
            assert before.version != after.version, "the version did not move with the edit"

    def test_fetch_answers_every_nested_id(self, peer: Peer) -> None:
        """Who is there is shown whole. Who left is deleted, with parent and person: the parent was read and they are
        not in it. Where the parent is gone that is no evidence, and at most they are not found."""
        nest = nest_of(peer)
        parent, stays = added(peer, 0)
        left, lost = added(peer, 1, parent)[1], added(peer, 2)
        ids = [known(peer, *place).id for place in ((parent, stays), (parent, left), lost)]
        nest.take_off(parent, left)
        nest.remove_parent(lost[0])

        found = fetched(peer, *ids, nest.unknown_id)

        assert known(peer, parent, stays) == found[ids[0]]
        gone = found[ids[1]]
        assert gone.deleted, "somebody who left was fetched as if they were there"
        if nest.tells_who_left:
            assert gone.raw, "who left is told by what was read, or it is only a suspicion"
            assert (parent, left) == (gone.parent, gone.person)
        assert not (found[ids[2]].deleted and found[ids[2]].raw), "a parent that is gone was taken for evidence"
        assert (found[nest.unknown_id].deleted, found[nest.unknown_id].raw) == (True, {})

    def test_fetch_takes_as_many_nested_ids_as_it_says(self, peer: Peer) -> None:
        """fetch_max ids of several parents in one call, each answered with its own record."""
        nest = nest_of(peer)
        parents = [nest.add_parent(), nest.add_parent()]
        count = min(peer.adapter.capabilities.of(nest.kind).fetch_max, 40)
        places = [added(peer, n, parents[n % 2]) for n in range(count)]
        shown = [row for parent in parents for row in rows(peer, parent).values()]

        answer = peer.adapter.fetch(nest.kind, [row.id for row in shown])

        assert {row.id: row for row in shown} == answer
        assert sorted(places) == sorted((str(row.parent), str(row.person)) for row in answer.values())

    def test_nothing_nested_is_found_by_a_ref(self, peer: Peer) -> None:
        """A record that lives in a parent is known by its place: find() answers {}."""
        nest = nest_of(peer)
        added(peer, 0)

        assert peer.adapter.find(nest.kind, ["ref-1", "ref-2"]) == {}

    def test_asking_for_nobody_costs_nothing(self, peer: Peer) -> None:
        nest, adapter = nest_of(peer), peer.adapter
        assert isinstance(adapter, Nests)
        calls = peer.adapter.calls

        assert list(adapter.within(nest.kind, [])) == []
        assert peer.adapter.fetch(nest.kind, []) == {}
        assert peer.adapter.find(nest.kind, []) == {}
        assert calls == peer.adapter.calls

    @pytest.mark.parametrize("breakage", READ_ERRORS)
    def test_a_set_that_cannot_be_read_raises(self, peer: Peer, breakage: Breakage) -> None:
        """It is neither empty nor gone, and nobody has left it."""
        nest = nest_of(peer)
        place = added(peer, 0)
        id = known(peer, *place).id
        broken(peer, breakage)

        for read in (lambda: within(peer, place[0]), lambda: fetched(peer, id)):
            with pytest.raises(RemoteError) as caught:
                read()
            assert isinstance(caught.value, READ_ERRORS[breakage]), repr(caught.value)
            assert_facts(peer, caught.value, breakage)
            assert_discreet(peer, caught.value, nest.sample(0))


def crowd(peer: Peer) -> tuple[str, set[str]]:
    """A parent with more people than a page of its set holds, and who they are."""
    nest = nest_of(peer)
    if nest.page is None:
        pytest.skip("page")
    parent = nest.add_parent()
    # Of one sort only, as a set may be read sort by sort.
    return parent, {added(peer, 2 * n, parent)[1] for n in range(nest.page + 1)}
