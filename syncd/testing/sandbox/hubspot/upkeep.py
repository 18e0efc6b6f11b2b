"""What becomes of a record's associations when the record itself is merged away, or is gone for ever."""

from __future__ import annotations

from .account import Account, Collection
from .linked import holds, settle
from .links import Pair
from .records import Source


def move(account: Account, within: Collection, absorbed: int, survivor: int, source: Source) -> None:
    """A merge: the survivor gets the associations of the absorbed, without ever taking over a primary company."""
    types = account.association_types.types
    for pair in account.links.pairs(within.kind.name, absorbed):
        keys = set(account.links.between(pair))
        account.links.cut(pair)
        if (pair.target, pair.to_id) == (pair.source, survivor):
            continue
        moved = Pair(pair.source, survivor, pair.target, pair.to_id)
        taken = {key for key in keys if types[key].alone and holds(account, moved, key)}
        account.links.add(moved, keys - taken)
        account.links.add(moved.turned, {types[key].inverse for key in keys - taken})
    settle(account, within, survivor, source)


def forget(account: Account, within: Collection, id: int) -> None:
    """The record is gone for ever, or came back without its associations."""
    for pair in account.links.pairs(within.kind.name, id):
        account.links.cut(pair)
