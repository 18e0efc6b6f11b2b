"""Pairs records that carry no stamp: which one is the counterpart follows from the pairs of project and person.

Such a record has no identity of its own in the CRM. When a contact is merged, or a prospect taken off and added again,
another record stands in its place; the pair goes on with that one, and nothing is deleted on the other side.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from syncd.core.model import LEFT, RIGHT, Kind, Side
from syncd.core.ops import Hold
from syncd.core.remote import Remote, one_person
from syncd.store.bindings import Binding, BindingState

from . import companies, kin, nested
from .kin import Place
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
            loose = [pair for _, pair in alone if pair.left is None and pair.hold is None]
            for pair in companies.represented(self._connection, loose, standing):
                pair.idle = companies.REPRESENTED
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

    def _remember(self) -> None:
        self._give_way()
        super()._remember()
        companies.note_left_behind(self._connection, list(self._by_binding.values()))

    def _give_way(self) -> None:
        """Have companies that stand in for a person give way to them; the pair of the two is made when that is so."""
        pairs = [*self._by_binding.values(), *self._loose.values()]
        deals = dict(found for pair in pairs if (found := _project_and_deal(pair)) is not None)
        for prospect, newcomer in companies.stand_ins(self._connection, deals).items():
            pair = self._pair_about(prospect)
            if pair is None:
                continue
            pair.gives_way = newcomer.id
            alone = self._loose.get((RIGHT, newcomer.id))
            if alone is not None and alone.left is None:
                alone.idle = companies.SUCCEEDS

    def _pair_about(self, prospect: str) -> Pair | None:
        """The pair of this prospect, among these or fetched; None where it is over."""
        for pair in (*self._by_binding.values(), *self._loose.values()):
            if pair.left is not None and pair.left.id == prospect:
                return None if pair.over else pair
        binding = self._owners(LEFT, [prospect]).get(prospect)
        if binding is not None and binding.state not in (BindingState.BOUND, BindingState.PENDING):
            return None
        pair = self._pair_of(LEFT, prospect, binding)
        for side, id in ((LEFT, prospect), (RIGHT, binding.right_id if binding is not None else None)):
            row = self._read(side, [id]).get(id) if id is not None else None
            if row is not None:
                pair.join(side, row)
        return pair

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
        if place.over is not None:
            return
        if place.unresolved is not None and there.deleted:
            pair.hold = Hold(side, here.id, "", place.unresolved, "settle that first; then: syncd held retry")
            return
        twin = _standing_at(place, standing)
        if twin is not None and twin.id != there.id:
            self._take(pair, side, here, twin, owners.get(twin.id))
        elif twin is None and not there.deleted and place.person is not None and place.person != there.person:
            pair.parted = True


def _project_and_deal(pair: Pair) -> tuple[str, str] | None:
    """Of a company that may stand in for a person, or of a contact who may be that person."""
    left, right, place = pair.left, pair.right, pair.place
    if place is None or place.parent is None or pair.over:
        return None
    if left is not None and not left.deleted:
        who = one_person(left.person)
        return (left.parent, place.parent) if who is not None and who[0] is Kind.COMPANY and left.parent else None
    who = one_person(right.person) if left is None and right is not None and not right.deleted else None
    assert right is not None or who is None
    if who is None or who[0] is not Kind.CONTACT or right is None or right.parent is None:
        return None
    return place.parent, right.parent


def _standing_at(place: Place, standing: Mapping[tuple[str, str], Remote]) -> Remote | None:
    if place.parent is None or place.person is None:
        return None
    return standing.get((place.parent, place.person))
