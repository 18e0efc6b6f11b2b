"""Which record is associated with which, and how: both directions of every association, and nothing else.

No rule is checked here. What a record is linked to while it is archived stays, so that a restore brings it back;
readers leave out what is not live.
"""

from __future__ import annotations

from collections.abc import Mapping
from collections.abc import Set as AbstractSet

import msgspec

from .association_types import Key

Linked = dict[int, set[Key]]  # target id → the types of the association, as seen from the source
NOTHING: Mapping[int, AbstractSet[Key]] = {}


class Pair(msgspec.Struct, frozen=True):
    """Two records, in the direction in which their association is looked at."""

    source: str
    id: int
    target: str
    to_id: int

    @property
    def turned(self) -> Pair:
        return Pair(self.target, self.to_id, self.source, self.id)


class Links:
    def __init__(self) -> None:
        self._sides: dict[tuple[str, str], dict[int, Linked]] = {}

    def of(self, source: str, id: int, target: str) -> Mapping[int, AbstractSet[Key]]:
        """Everything of this type that the record is associated with, archived or not."""
        return self._sides.get((source, target), {}).get(id, NOTHING)

    def between(self, pair: Pair) -> AbstractSet[Key]:
        return self.of(pair.source, pair.id, pair.target).get(pair.to_id, frozenset())

    def add(self, pair: Pair, keys: AbstractSet[Key]) -> None:
        """In this direction only."""
        side = self._sides.setdefault((pair.source, pair.target), {})
        side.setdefault(pair.id, {}).setdefault(pair.to_id, set()).update(keys)

    def take(self, pair: Pair, keys: AbstractSet[Key]) -> None:
        """In this direction only; the association itself stays."""
        linked = self._sides.get((pair.source, pair.target), {}).get(pair.id, {})
        if pair.to_id in linked:
            linked[pair.to_id] -= keys

    def cut(self, pair: Pair) -> None:
        """Both directions, with all types."""
        for end in (pair, pair.turned):
            side = self._sides.get((end.source, end.target), {})
            linked = side.get(end.id, {})
            linked.pop(end.to_id, None)
            if not linked:
                side.pop(end.id, None)

    def pairs(self, kind: str, id: int) -> list[Pair]:
        """All associations of a record, archived ends included."""
        return [
            Pair(kind, id, target, to_id)
            for (source, target), side in self._sides.items()
            if source == kind
            for to_id in side.get(id, ())
        ]

    def drop_types(self, keys: AbstractSet[Key]) -> None:
        """No association has one of these types any more."""
        for side in self._sides.values():
            for linked in side.values():
                for held in linked.values():
                    held -= keys
