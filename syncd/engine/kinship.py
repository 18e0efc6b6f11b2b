"""Pairs records that carry no stamp: which one is the counterpart follows from the pairs of project and person.

Such a record has no identity of its own in the CRM. When a contact is merged, or a prospect taken off and added again,
another record stands in its place; the pair goes on with that one, and nothing is deleted on the other side.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from syncd.core.model import LEFT, RIGHT, Side
from syncd.core.ops import Hold
from syncd.core.remote import Remote
from syncd.store import mirror
from syncd.store.bindings import Binding, BindingState

from . import companies, kin, nested
from .kin import Place
from .linking import is_stand_in
from .pairing import Pair, Pairing


class Kinship(Pairing):
    """Pairing of a kind that the CRM nests."""

    stamped = False

    def _match(self, side: Side) -> None:
        """Look where the counterparts belong: of what is alone on this side, and of pairs that lost this side."""
        alone = [one for one in self._alone(side) if not kin.is_strangers(self._connection, side, one[0])]
        torn = self._torn(side)
        rows = [here for here, _ in (*alone, *torn)]
        if not rows:
            return
        with self._connection.store.read() as tx:
            places = kin.places(tx, self._connection, side, rows)
        standing = self._standing(side.other, places.values())
        owners = self._owners(side.other, [row.id for row in standing.values()])
        for here, pair in alone:
            place = pair.place = places[here.id]
            twin = _standing_at(place, standing)
            if twin is not None:
                self._take(pair, side, here, twin, owners.get(twin.id))
        if side is RIGHT:
            self._give_way([pair for _, pair in alone], standing, owners)
        for here, pair in torn:
            self._mend(pair, side, here, places[here.id], standing, owners)

    def _torn(self, side: Side) -> list[tuple[Remote, Pair]]:
        """Live records of this side whose counterpart is gone, or is about somebody else."""
        found = []
        for pair in self._by_binding.values():
            here, there = pair.record(side), pair.record(side.other)
            if here is None or there is None or here.deleted or pair.unread:
                continue
            found.append((here, pair))
        return found

    def _standing(self, side: Side, places: Iterable[Place]) -> dict[tuple[str, str], Remote]:
        """The live records of this side by parent and person, as far as these places ask for them."""
        wanted = sorted({place.parent for place in places if place.parent and place.person})
        inside = nested.inside(self._connection, side, self._kind, wanted)
        return {
            (parent, row.person): row
            for parent, rows in inside.items()
            for row in reversed(rows)
            if row.person and not kin.is_strangers(self._connection, side, row)
        }

    def _take(self, pair: Pair, side: Side, here: Remote, twin: Remote, owner: Binding | None) -> None:
        """Pair a record with the one that stands where its counterpart belongs."""
        mine = pair.binding
        if owner is None or (mine is not None and owner.id == mine.id):
            self._join(pair, side.other, twin)
        elif owner.state is BindingState.PENDING:
            pair.absorbs = owner
            self._join(pair, side.other, twin)
        elif self._is_gone(side, owner.id_of(side)):
            self._succeed(pair, owner)
            self._join(pair, side.other, twin)
        else:
            reason = f"{twin.id} stands where its counterpart belongs, and is paired with {owner.id_of(side)} already"
            pair.hold = Hold(side, here.id, "", reason, "take one of the two off")

    def _give_way(
        self, pairs: list[Pair], standing: Mapping[tuple[str, str], Remote], owners: Mapping[str, Binding]
    ) -> None:
        """A company that stood in for one of its people goes on as that person (propstreet.md trap 51)."""
        loose = [pair for pair in pairs if self._may_enter(pair)]
        stand_ins = companies.stand_ins(self._connection, loose, standing)
        for pair in loose:
            twin = stand_ins.get(pair.name)
            if twin is None or pair.right is None:
                continue
            owner = owners.get(twin.id)
            if owner is None or owner.state is BindingState.PENDING:
                self._take(pair, RIGHT, pair.right, twin, owner)
            elif owner.state is BindingState.BOUND:
                self._succeed(pair, owner)
                self._join(pair, LEFT, twin)
        for pair in companies.represented(self._connection, [one for one in loose if one.left is None], standing):
            pair.idle = companies.REPRESENTED

    def _may_enter(self, pair: Pair) -> bool:
        """Is it new to Propstreet, and would it become a prospect there?"""
        mapper = self._connection.mappers[self._kind]
        alone = pair.left is None and pair.right is not None and pair.hold is None
        if not alone or not mapper.policy.create.reaches(LEFT):
            return False
        assert pair.right is not None
        return kin.enters_there(mapper, RIGHT, pair.right) is None

    def _remember(self) -> None:
        super()._remember()
        companies.note_left_behind(self._connection, list(self._by_binding.values()))

    def _succeed(self, pair: Pair, owner: Binding) -> None:
        """Go on with a binding whose record on this side is gone."""
        before = self._by_binding.get(owner.id)
        if before is not None and before is not pair:
            pair.notices += before.notices
        if pair.binding is not None:
            self._by_binding.pop(pair.binding.id, None)
            pair.absorbs = pair.binding
        pair.binding = owner
        self._by_binding[owner.id] = pair

    def _mend(
        self,
        pair: Pair,
        side: Side,
        here: Remote,
        place: Place,
        standing: Mapping[tuple[str, str], Remote],
        owners: Mapping[str, Binding],
    ) -> None:
        """Go on with the record that stands where the counterpart belongs now, if it is not the one of the pair."""
        there = pair.record(side.other)
        assert there is not None
        if not there.deleted and side is not LEFT:
            return  # both are there: the left one says whom it is about
        pair.place = place
        if place.over is not None or (is_stand_in(here, there) and not there.deleted):
            return
        if place.unresolved is not None and there.deleted:
            pair.hold = Hold(side, here.id, "", place.unresolved, "settle that first; then: syncd held retry")
            return
        twin = _standing_at(place, standing)
        if twin is not None and twin.id != there.id:
            self._take(pair, side, here, twin, owners.get(twin.id))
        elif twin is None and not there.deleted and place.person is not None and place.person != there.person:
            pair.parted = True

    def _is_gone(self, side: Side, id: str | None) -> bool:
        if id is None:
            return True
        with self._connection.store.read() as tx:
            head = mirror.heads(tx, self._connection.name, side, self._kind, [id]).get(id)
        return head is None or head.deleted


def _standing_at(place: Place, standing: Mapping[tuple[str, str], Remote]) -> Remote | None:
    if place.parent is None or place.person is None:
        return None
    return standing.get((place.parent, place.person))
