"""Pairs people and companies that carry no stamp yet, by what a person would recognise them by.

The ladder: our stamp on either side, an e-mail address (for companies: a domain) that one record on each side has, and
then creating one. What is ambiguous is held with the evidence (hubspot.md traps 14 and 15; propstreet.md trap 56).
"""

from __future__ import annotations

from functools import partial

from syncd.core.match import Doubt, Match, recognise
from syncd.core.model import Kind, Side
from syncd.core.ops import Hold
from syncd.core.remote import Remote
from syncd.store import mirror

from . import kin, reads
from .pairing import Pair, Pairing
from .view import snapshot

UNNEEDED = "no prospect that is kept in sync is about it"


class Recognising(Pairing):
    """Pairing of contacts and companies."""

    def _match(self, side: Side) -> None:
        super()._match(side)
        mine = self._needed(side)
        keys = sorted({key for here, _ in mine for key in here.keys})
        if not keys:
            return
        there = reads.match(self._connection, side.other, self._kind, keys)
        with self._connection.store.read() as tx:
            here_too = mirror.by_key(tx, self._connection.name, side, self._kind, keys)
        owners = self._owners(side.other, list({row.id for rows in there.values() for row in rows}))
        for here, pair in mine:
            candidates = [(key, row) for key in here.keys for row in there.get(key, ())]
            rivals = {row.id: row for key in here.keys for row in here_too.get(key, ()) if row.id != here.id}
            match recognise(here, candidates, list(rivals.values()), agree=partial(self._agree, side)):
                case Match(remote):
                    self._judge(pair, side, here, {remote.id: remote}, owners)
                case Doubt(reason):
                    pair.hold = Hold(side, here.id, "", reason, self._remedy(side, here))
                case None:
                    pass

    def _needed(self, side: Side) -> list[tuple[Remote, Pair]]:
        """What is alone and not in doubt, and that a prospect is about."""
        mine = [(here, pair) for here, pair in self._alone(side) if pair.hold is None and not pair.unread]
        with self._connection.store.read() as tx:
            needed = kin.needed(tx, self._connection, side, self._kind, [here.id for here, _ in mine])
        for here, pair in mine:
            pair.idle = None if here.id in needed else UNNEEDED
        return [(here, pair) for here, pair in mine if here.id in needed and here.ref is None]

    def _remedy(self, side: Side, here: Remote) -> str:
        stamp = self._connection.adapter(side.other).capabilities.stamp
        correct = "the address" if self._kind is Kind.CONTACT else "the domain"
        return f"write {here.id} into {stamp} of the record that is meant, or correct {correct}; then: syncd held retry"

    def _agree(self, side: Side, here: Remote, there: Remote) -> bool:
        """Do they go by the same name, as far as both say? A company's domain says enough."""
        if self._kind is Kind.COMPANY:
            return True
        mapper = self._connection.mappers[self._kind]
        one, other = snapshot(mapper, side, here).fields, snapshot(mapper, side.other, there).fields
        return all(_alike(one.get(name), other.get(name)) for name in ("first_name", "last_name"))


def _alike(one: object, other: object) -> bool:
    if not isinstance(one, str) or not isinstance(other, str):
        return True
    here, there = one.strip().casefold(), other.strip().casefold()
    return here.startswith(there) or there.startswith(here)
