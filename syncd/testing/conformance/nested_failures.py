"""Broken writes of a kind that lives in parents. It has no stamp to be found by: reading its set shows what landed."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from syncd.adapters.base import Outcome
from syncd.errors import Forbidden, OutcomeUnknown, RemoteError, Unreachable

from .breakage import Breakage
from .failures import AFTER, WRITE_ERRORS, assert_discreet, assert_facts
from .nested_probe import added, create, delete, everybody, has, known, need, nest_of, new, placed, rows, update
from .peer import Peer
from .probe import broken, failed

VERBS = ("create", "update", "delete")


class NestedFailureChecks:
    """The error tree, on every write of a nested kind"""

    @pytest.mark.parametrize("breakage", WRITE_ERRORS)
    @pytest.mark.parametrize("verb", VERBS)
    def test_a_broken_write_of_a_place_is_an_outcome(self, peer: Peer, verb: str, breakage: Breakage) -> None:
        """It never raises, never claims success, and where nothing took effect nothing has changed."""
        nest = nest_of(peer)
        write, parent = prepared(peer, verb)
        before = everybody(peer, parent)
        broken(peer, breakage, writes_only=True)

        error = failed(write(), *WRITE_ERRORS[breakage])

        assert_facts(peer, error, breakage)
        assert_discreet(peer, error, nest.sample(0), nest.sample(1))
        if breakage not in AFTER:
            assert before == everybody(peer, parent), "the write failed before its effect, and yet something changed"

    @pytest.mark.parametrize("breakage", [*AFTER, Breakage.TIMEOUT_BEFORE, Breakage.RESET_BEFORE])
    def test_a_person_is_put_there_once_after_an_unknown_outcome(self, peer: Peer, breakage: Breakage) -> None:
        """The answer was lost. Reading the set shows whether it landed, and sending it again makes no second one."""
        nest = nest_of(peer)
        parent, person = nest.add_parent(), nest.add_person(0)
        twice = new(parent, person, nest.sample(0))
        broken(peer, breakage, writes_only=True)
        failed(create(peer, twice), OutcomeUnknown, Unreachable)
        peer.heal()
        peer.settle()

        assert set(nest.inside(parent)) == set(rows(peer, parent))
        assert (breakage in AFTER) == (person in nest.inside(parent))
        again = placed(create(peer, twice), parent, person)
        assert [again.id] == [row.id for row in rows(peer, parent).values()]

    @pytest.mark.parametrize("breakage", AFTER)
    @pytest.mark.parametrize("verb", ["update", "delete"])
    def test_an_unknown_outcome_of_a_place_can_be_confirmed(self, peer: Peer, verb: str, breakage: Breakage) -> None:
        """The write took effect and its answer was lost; once the line is back, the set shows the effect."""
        nest = nest_of(peer)
        write, parent = prepared(peer, verb)
        broken(peer, breakage, writes_only=True)

        failed(write(), OutcomeUnknown)
        peer.heal()
        peer.settle()

        shown = rows(peer, parent)
        if verb == "delete":
            assert (shown, nest.inside(parent)) == ({}, {})
        else:
            (raw,), (truth,) = [row.raw for row in shown.values()], nest.inside(parent).values()
            assert has(truth, nest.sample(1)) == has(raw, nest.sample(1))

    def test_a_broken_batch_of_places_fails_item_by_item(self, peer: Peer) -> None:
        """One call fails for many, in several parents: each item has its own outcome, none is forgotten."""
        nest = nest_of(peer)
        count = need(peer, "create_max", 2, most=4)
        parents = [nest.add_parent(), nest.add_parent()]
        items = [new(parents[n % 2], nest.add_person(n), nest.sample(0)) for n in range(count)]
        broken(peer, Breakage.FORBIDDEN, writes_only=True)

        outcomes = create(peer, *items)

        assert count == len(outcomes)
        for outcome in outcomes:
            failed([outcome], Forbidden)

    def test_all_is_well_with_a_nest_once_the_line_is_back(self, peer: Peer) -> None:
        """No failure sticks to the adapter."""
        nest = nest_of(peer)
        parent = nest.add_parent()
        for n, breakage in enumerate((Breakage.REFUSED, Breakage.BROKEN, Breakage.RATE_LIMITED)):
            item = new(parent, nest.add_person(n), nest.sample(0))
            peer.break_(breakage)
            (outcome,) = create(peer, item)
            assert_discreet(peer, failed([outcome], RemoteError), nest.sample(0))
            peer.heal()

            placed(create(peer, item), parent, str(item.person))


def prepared(peer: Peer, verb: str) -> tuple[Callable[[], list[Outcome]], str]:
    """A write that would have an effect, ready to be sent, and the parent that it is about."""
    nest = nest_of(peer)
    if verb == "create":
        parent = nest.add_parent()
        item = new(parent, nest.add_person(0), nest.sample(0))
        return lambda: create(peer, item), parent
    place = added(peer, 0)
    current = known(peer, *place)
    send: Any = {"update": lambda: update(peer, current, nest.sample(1)), "delete": lambda: delete(peer, current.id)}
    write: Callable[[], list[Outcome]] = send[verb]
    return write, place[0]
