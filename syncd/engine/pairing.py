"""Finds out which record of the other side a record belongs to, before anything counts as new.

Identity is a stamp: the counterpart's id, written into a record when the two were paired. A record without a binding
is held against the stamps on both sides. What is ambiguous is held for a person; nothing is guessed by name.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable

from syncd.core.model import LEFT, RIGHT, Base, Kind, Side
from syncd.core.ops import Hold
from syncd.core.remote import Remote
from syncd.store import bindings, mirror
from syncd.store.bindings import Binding, BindingState
from syncd.store.notices import Notice

from . import kin, reads
from .connection import Connection
from .kin import Place


@dataclasses.dataclass
class Pair:
    """The two records of one binding, or one record that may get a counterpart."""

    kind: Kind
    left: Remote | None = None
    right: Remote | None = None
    binding: Binding | None = None  # None: not stored yet
    notices: list[Notice] = dataclasses.field(default_factory=list)
    hold: Hold | None = None  # why it can't be paired
    former: frozenset[str] = frozenset()  # ids it had before
    unread: bool = False  # one of its records could not be read just now: nothing can be said, look again later
    absorbs: Binding | None = None  # the counterpart's own binding, in which it waited for a counterpart
    place: Place | None = None  # where the counterpart belongs, for kinds that live in others
    idle: str | None = None  # why nobody needs a counterpart of it
    stamped: bool = True
    leaves: Remote | None = None  # a record of the CRM that stood for this one before, and stands there still
    gives_way: str | None = None  # the CRM's record of the person whom this prospect, a company's, is to be about
    parted: bool = False  # it belongs elsewhere by now: its counterpart is made anew

    @property
    def base(self) -> Base | None:
        return self.binding.base if self.binding is not None else None

    @property
    def over(self) -> bool:
        return self.binding is not None and self.binding.state is BindingState.ENDED and not self.back

    @property
    def back(self) -> bool:
        """Was it over, and are both records there, each with the other's stamp? A restored record comes back so."""
        left, right = self.left, self.right
        return (
            self.binding is not None
            and self.binding.state is BindingState.ENDED
            and left is not None
            and right is not None
            and not left.deleted
            and not right.deleted
            and (self.place is None or self.place.over is None)
            and (not self.stamped or (left.ref == right.id and right.ref == left.id) or self._is_in_place(left, right))
        )

    def _is_in_place(self, left: Remote, right: Remote) -> bool:
        """Are they about the same person in the same project, and does no stamp say otherwise? Who is added to a list
        again may come back under the id of before, without the stamp."""
        place = self.place
        if place is None or place.parent is None or place.person is None:
            return False
        there = (place.parent, place.person) == (right.parent, right.person)
        return there and left.ref in (None, right.id) and right.ref in (None, left.id)

    def record(self, side: Side) -> Remote | None:
        return self.left if side is LEFT else self.right

    def join(self, side: Side, remote: Remote) -> None:
        if side is LEFT:
            self.left = remote
        else:
            self.right = remote

    @property
    def name(self) -> str:
        """For messages and order: the ids."""
        return "/".join(remote.id for remote in (self.left, self.right) if remote is not None)


class Pairing:
    """Pairs one batch of noticed records of one kind."""

    stamped = True

    def __init__(self, connection: Connection, kind: Kind) -> None:
        self._connection = connection
        self._kind = kind
        self._by_binding: dict[int, Pair] = {}
        self._loose: dict[tuple[Side, str], Pair] = {}  # records without a counterpart so far
        self._unread: set[str] = set()  # records that could not be read

    def pairs(self, noticed: list[Notice]) -> list[Pair]:
        """One pair per record noticed, both sides read as far as they are known. May ask the systems."""
        for side in (LEFT, RIGHT):
            self._collect(side, [notice for notice in noticed if notice.side is side])
        for side in (LEFT, RIGHT):
            self._complete(side)
        for side in (LEFT, RIGHT):
            self._match(side)
        self._remember()
        unique = {id(pair): pair for pair in (*self._by_binding.values(), *self._loose.values())}
        return list(unique.values())

    def adopt(self, pair: Pair, side: Side, here: Remote, there: Remote) -> None:
        """Pair a record with one that a search found just now; the pair's hold says why where that can't be."""
        self._judge(pair, side, here, {there.id: there}, self._owners(side.other, [there.id]))

    def _collect(self, side: Side, noticed: list[Notice]) -> None:
        ids = [notice.id for notice in noticed]
        if not ids:
            return
        with self._connection.store.read() as tx:
            rows = mirror.get(tx, self._connection.name, side, self._kind, ids)
            bound = bindings.by_ids(tx, self._connection.name, self._kind, side, ids)
        for notice in noticed:
            pair = self._pair_of(side, notice.id, bound.get(notice.id))
            pair.notices.append(notice)
            row = rows.get(notice.id)
            if row is not None and (pair.binding is None or pair.binding.id_of(side) == row.id):
                pair.join(side, row)

    def _pair_of(self, side: Side, id: str, binding: Binding | None) -> Pair:
        if binding is None:
            return self._loose.setdefault((side, id), Pair(self._kind, stamped=self.stamped))
        pair = self._by_binding.setdefault(binding.id, Pair(self._kind, binding=binding, stamped=self.stamped))
        if binding.state is BindingState.PENDING:
            self._loose[(side, id)] = pair
        return pair

    def _complete(self, side: Side) -> None:
        """Read this side of every pair that is bound to a record we have not looked at yet."""
        wanted = {
            id: pair
            for pair in self._by_binding.values()
            if pair.binding is not None and pair.record(side) is None and (id := pair.binding.id_of(side)) is not None
        }
        rows = self._read(side, list(wanted))
        for id, pair in wanted.items():
            if id in rows:
                pair.join(side, rows[id])
            elif id in self._unread:
                pair.unread = True

    def _remember(self) -> None:
        """Tell each pair which ids it had before: a stamp that names one of them is stale, not foreign."""
        if not self._by_binding:
            return
        with self._connection.store.read() as tx:
            former = bindings.former_ids(tx, list(self._by_binding))
        for id, ids in former.items():
            self._by_binding[id].former = ids

    def _read(self, side: Side, ids: Iterable[str]) -> dict[str, Remote]:
        """From the mirror, or else from the system itself."""
        wanted = list(ids)
        if not wanted:
            return {}
        with self._connection.store.read() as tx:
            rows = mirror.get(tx, self._connection.name, side, self._kind, wanted)
        missing = [id for id in wanted if id not in rows]
        if not missing:
            return rows
        fetched = reads.fetch(self._connection, side, self._kind, missing, keep=False)
        # One whose deal is not to be read, having been merged, say, is not gone for that.
        lives_in_others = side is RIGHT and kin.is_nested(self._connection, side, self._kind)
        bare = {id for id, row in fetched.found.items() if lives_in_others and row.deleted and not row.raw}
        found = {id: row for id, row in fetched.found.items() if id not in bare}
        reads.mirrored(self._connection, side, self._kind, found)
        self._unread |= fetched.failed.keys() | bare
        return rows | found

    def _alone(self, side: Side) -> list[tuple[Remote, Pair]]:
        """Every live record of this side that has no counterpart."""
        return [
            (here, pair)
            for (at, _), pair in list(self._loose.items())
            if at is side
            and (here := pair.record(side)) is not None
            and not here.deleted
            and pair.record(side.other) is None
        ]

    def _match(self, side: Side) -> None:
        """Hold what is alone on this side against the stamps on both sides."""
        mine = self._alone(side)
        if not mine:
            return
        other = side.other
        stamps = sorted({here.ref for here, _ in mine if here.ref is not None})
        stamped = self._read(other, stamps)
        with self._connection.store.read() as tx:
            carriers = mirror.by_ref(tx, self._connection.name, other, self._kind, [here.id for here, _ in mine])
            rivals = mirror.by_ref(tx, self._connection.name, side, self._kind, stamps)
            alone = [here.id for here, _ in mine if here.ref is None and here.id not in carriers]
            buried = mirror.buried(tx, self._connection.name, other, self._kind, alone)
        known = {remote.id for remote in stamped.values()}
        known.update(remote.id for remotes in carriers.values() for remote in remotes)
        known.update(remote.id for remote in buried.values())
        owners = self._owners(other, list(known))
        for here, pair in mine:
            candidates = {remote.id: remote for remote in carriers.get(here.id, ())}
            if here.id in buried:
                # It had a counterpart, which somebody deleted before we learnt of it: that is no new record.
                candidates[buried[here.id].id] = buried[here.id]
            if here.ref is not None and here.ref in stamped:
                candidates[stamped[here.ref].id] = stamped[here.ref]
            claiming = [rival.id for rival in rivals.get(here.ref or "", ())]
            if len(claiming) > 1:
                pair.hold = _doubt(side, here, f"{' and '.join(claiming)} all carry the stamp {here.ref}")
            elif here.ref in self._unread:
                pair.unread = True
            elif candidates:
                self._judge(pair, side, here, candidates, owners)

    def _owners(self, side: Side, ids: list[str]) -> dict[str, Binding]:
        with self._connection.store.read() as tx:
            return bindings.by_ids(tx, self._connection.name, self._kind, side, ids)

    def _judge(
        self, pair: Pair, side: Side, here: Remote, candidates: dict[str, Remote], owners: dict[str, Binding]
    ) -> None:
        """Join the one candidate that can be meant; otherwise hold."""
        live = [remote for remote in candidates.values() if not remote.deleted]
        if len(live) > 1:
            names = " and ".join(sorted(remote.id for remote in live))
            pair.hold = _doubt(side, here, f"both {names} are stamped with it or stand in its stamp")
            return
        there = live[0] if live else next(iter(candidates.values()))
        owner = owners.get(there.id)
        mine = pair.binding is not None and owner is not None and owner.id == pair.binding.id
        waiting = owner is not None and owner.state is BindingState.PENDING
        if owner is not None and not mine and not waiting:
            belongs = owner.id_of(side)
            pair.hold = _doubt(side, here, f"its counterpart {there.id} is paired with {belongs} already")
            return
        if there.ref is not None and there.ref != here.id:
            pair.hold = _doubt(side, here, f"it is stamped with {there.id}, which is stamped with {there.ref}")
            return
        rival = self._loose.get((side.other, there.id))
        claimant = rival.record(side) if rival is not None and rival is not pair else None
        if claimant is not None:
            pair.hold = _doubt(side, here, f"its counterpart {there.id} is {claimant.id}'s as well, by what they carry")
            return
        pair.absorbs = owner if waiting and not mine else None
        self._join(pair, side.other, there)

    def _is_gone(self, side: Side, id: str | None) -> bool:
        if id is None:
            return True
        with self._connection.store.read() as tx:
            head = mirror.heads(tx, self._connection.name, side, self._kind, [id]).get(id)
        return head is None or head.deleted

    def _join(self, pair: Pair, side: Side, there: Remote) -> None:
        """The counterpart may have been noticed itself: then the two notices are about one pair."""
        twin = self._loose.pop((side, there.id), None)
        if twin is not None and twin is not pair:
            pair.notices += twin.notices
            if twin.binding is not None:
                self._by_binding.pop(twin.binding.id, None)
        self._loose[(side, there.id)] = pair
        pair.join(side, there)


def _doubt(side: Side, here: Remote, reason: str) -> Hold:
    return Hold(side, here.id, "", reason, "correct the stamp that is wrong, or delete the record that is one too many")
