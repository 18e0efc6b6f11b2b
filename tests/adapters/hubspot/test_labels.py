"""Which types of association are ours, which are nobody's, and which are somebody else's; and who asks for them."""

from __future__ import annotations

import pytest

from syncd.adapters.hubspot.labels import Labels, is_bare, is_ours
from syncd.adapters.hubspot.shapes import AssociationType

from .room import CONTACT, HOT, PROSPECT, TEXTS, Room


@pytest.mark.parametrize(
    ("category", "id", "label", "bare", "ours"),
    [
        ("HUBSPOT_DEFINED", 3, None, True, False),
        ("HUBSPOT_DEFINED", 341, None, True, False),
        ("HUBSPOT_DEFINED", 5, "Primary", False, False),
        ("HUBSPOT_DEFINED", 5, None, False, False),
        ("USER_DEFINED", 36, HOT, False, True),
        ("USER_DEFINED", 5, None, True, False),
        ("USER_DEFINED", 40, "Lawyer", False, False),
        ("HUBSPOT_DEFINED", 99, HOT, False, False),
    ],
)
def test_whose_a_type_is(category: str, id: int, label: str | None, bare: bool, ours: bool) -> None:
    """hubspot.md trap 28: a primary company is more than a bare link, whatever text it shows, and never ours."""
    it = AssociationType(category, id, label)

    assert (bare, ours) == (is_bare(it), is_ours(it, frozenset(TEXTS)))


def test_labels_are_asked_for_once() -> None:
    """hubspot.md trap 31; and again by the first of several threads that find them stale."""
    room = Room()
    nest = room.adapter._nest
    assert nest is not None
    labels, way = Labels(nest.client), nest.ways[CONTACT]

    first = labels.of(way)
    assert first is labels.of(way)
    assert room.adapter.calls == 1
    second = labels.renewed(way, first)
    assert second is labels.renewed(way, first)
    assert room.adapter.calls == 2
    assert {*TEXTS, "Lawyer"} == set(second)


def test_nobody_asks_for_labels_who_only_reads() -> None:
    """Reads show the texts themselves."""
    room = Room()
    room.adapter.within(PROSPECT, [room.deal()])

    assert room.calls_of("/labels") == 0
