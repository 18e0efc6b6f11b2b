"""Pairs records that carry stamps and belong to others: by their stamps, and without one by what they belong to.

An investor whom somebody has on both sides already is one investor, as long as there is one on each side.
"""

from __future__ import annotations

from syncd.core.model import Side
from syncd.core.ops import Hold
from syncd.core.remote import Remote, one_person
from syncd.store.bindings import Binding, BindingState

from . import kin, nested
from .pairing import Pair, Pairing


class Placed(Pairing):
    """Pairing of prospects that are records of their own in the CRM."""

    def _match(self, side: Side) -> None:
        super()._match(side)
        alone = self._unstamped(side)
        if not alone:
            return
        with self._connection.store.read() as tx:
            places = kin.places(tx, self._connection, side, [here for here, _ in alone])
        wanted = sorted({place.parent for place in places.values() if place.parent and place.person})
        inside = nested.inside(self._connection, side.other, self._kind, wanted)
        rows = [row for some in inside.values() for row in some if self._enters(side.other, row)]
        owners = self._owners(side.other, [row.id for row in rows])
        here_too = self._by_place([here for here, _ in alone])
        there_too = self._by_place(rows)
        for here, pair in alone:
            place = pair.place = places[here.id]
            there = there_too.get((place.parent, place.person), [])
            rivals = here_too.get((here.parent, here.person), [])
            if len(there) > 1 or len(rivals) > 1:
                several = sorted(row.id for row in (there if len(there) > 1 else rivals))
                reason = f"{' and '.join(several)} are all about the same person in the same project"
                pair.hold = Hold(side, here.id, "", reason, "delete what is one too many; then: syncd held retry")
            elif there:
                self._meet(pair, side, here, there[0], owners)

    def _meet(self, pair: Pair, side: Side, here: Remote, twin: Remote, owners: dict[str, Binding]) -> None:
        """Pair it with the one about the same person in the same project, if that one has no counterpart yet."""
        owner = owners.get(twin.id)
        if owner is not None and owner.state is BindingState.ENDED and self._is_gone(side, owner.id_of(side)):
            # Who was taken off and is back: what the two were to each other is over.
            pair.absorbs = owner
            pair.former = frozenset(id for id in (twin.ref, owner.id_of(side)) if id is not None)
            self._join(pair, side.other, twin)
            return
        known = owner.id_of(side) if owner is not None else twin.ref
        if known not in (None, here.id):
            reason = f"{twin.id} is about the same person in the same project, and {known} is its counterpart"
            pair.hold = Hold(side, here.id, "", reason, "delete what is one too many; then: syncd held retry")
            return
        self._judge(pair, side, here, {twin.id: twin}, owners)

    def _by_place(self, rows: list[Remote]) -> dict[tuple[str | None, str | None], list[Remote]]:
        """Those that say what they belong to."""
        found: dict[tuple[str | None, str | None], list[Remote]] = {}
        for row in rows:
            if row.parent is not None and one_person(row.person) is not None:
                found.setdefault((row.parent, row.person), []).append(row)
        return found

    def _unstamped(self, side: Side) -> list[tuple[Remote, Pair]]:
        return [
            (here, pair)
            for here, pair in self._alone(side)
            if pair.hold is None and not pair.unread and here.ref is None and self._enters(side, here)
        ]

    def _enters(self, side: Side, row: Remote) -> bool:
        return kin.enters_there(self._connection.mappers[self._kind], side, row) is None
