"""How the suite looks at a kind that lives in parents: whole sets, places, outcomes that belong to them."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import count

import pytest

from syncd.adapters.base import Brood, CreateItem, DeleteItem, Nests, Outcome, UpdateItem
from syncd.core.remote import Raw, Remote

from .nest import Nest
from .peer import Peer
from .probe import written

_numbers = count(1)


def nest_of(peer: Peer) -> Nest:
    """The nest, or the test is skipped with what is missing."""
    if not isinstance(peer.adapter, Nests) or not peer.adapter.nested:
        pytest.skip("Nests")
    if peer.nest is None:
        pytest.skip("nest")
    assert peer.nest.kind in peer.adapter.nested, f"the adapter nests {set(peer.adapter.nested)}"
    return peer.nest


def need(peer: Peer, limit: str, least: int, *, most: int = 100) -> int:
    """How many items of the nested kind to send in a call, or the test is skipped with the limit's name."""
    count: int = getattr(peer.adapter.capabilities.of(nest_of(peer).kind), limit)
    if count < least:
        pytest.skip(limit)
    return min(count, most)


def within(peer: Peer, *parents: str) -> dict[str, Brood]:
    """The sets of these parents, in as many calls as the limit asks for, each checked for form."""
    nest, adapter = nest_of(peer), peer.adapter
    assert isinstance(adapter, Nests)
    size = adapter.parents_max
    broods = [
        brood
        for start in range(0, len(parents), size)
        for brood in adapter.within(nest.kind, parents[start : start + size])
    ]
    assert sorted(parents) == sorted(brood.parent for brood in broods), "one brood for each parent, and no other"
    for brood in broods:
        assert len(brood.rows) == len({row.id for row in brood.rows}), "somebody is shown twice in one set"
        for row in brood.rows:
            assert brood.parent == row.parent, f"{row.id} is shown in {brood.parent} and says {row.parent}"
            assert row.person is not None, f"{row.id} does not say whom it is about"
            assert not row.deleted, "a set shows who is in it, and nobody else"
    return {brood.parent: brood for brood in broods}


def rows(peer: Peer, parent: str) -> dict[str, Remote]:
    """Who is in it, as the adapter shows it."""
    return {str(row.person): row for row in within(peer, parent)[parent].rows}


def known(peer: Peer, parent: str, person: str) -> Remote:
    """The record of somebody who is in it."""
    shown = rows(peer, parent)
    assert person in shown, f"{person} is in {parent}, and within() does not show it"
    return shown[person]


def fetched(peer: Peer, *ids: str) -> dict[str, Remote]:
    kind = nest_of(peer).kind
    size = peer.adapter.capabilities.of(kind).fetch_max
    found: dict[str, Remote] = {}
    for start in range(0, len(ids), size):
        found |= peer.adapter.fetch(kind, ids[start : start + size])
    assert set(ids) == set(found), "fetch() answers every id that it was asked for, and no other"
    return found


def added(peer: Peer, n: int, parent: str | None = None, fields: Raw | None = None) -> tuple[str, str]:
    """Somebody whom a person has put into a parent, a new one unless given; the parent and the person."""
    nest = nest_of(peer)
    place = (parent or nest.add_parent(), nest.add_person(n))
    nest.put(*place, nest.sample(n % 3) if fields is None else fields)
    return place


def new(parent: str | None, person: str | None, fields: Raw) -> CreateItem:
    """A create under a ref and a key of its own."""
    serial = next(_numbers)
    return CreateItem(f"ref-{serial}", fields, f"key-{serial}", parent, person)


def create(peer: Peer, *items: CreateItem) -> list[Outcome]:
    return peer.adapter.create(nest_of(peer).kind, items)


def update(peer: Peer, current: Remote, fields: Raw, *, if_version: str | None = None) -> list[Outcome]:
    return peer.adapter.update(nest_of(peer).kind, [UpdateItem(current.id, fields, current.raw, if_version)])


def delete(peer: Peer, *ids: str) -> list[Outcome]:
    return peer.adapter.delete(nest_of(peer).kind, [DeleteItem(id) for id in ids])


def placed(outcomes: Sequence[Outcome], parent: str, person: str) -> Remote:
    """The record of the only outcome, which must be written, and be about this person in this parent."""
    remote = written(outcomes).remote
    assert (parent, person) == (remote.parent, remote.person), "the outcome is about another place"
    assert not remote.deleted
    return remote


def has(raw: Raw | None, fields: Raw) -> bool:
    return raw is not None and all(raw.get(name) == value for name, value in fields.items())


def everybody(peer: Peer, *parents: str) -> dict[str, dict[str, Raw]]:
    """The truth about these parents."""
    return {parent: nest_of(peer).inside(parent) for parent in parents}
