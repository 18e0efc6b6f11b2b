"""Accounts: whose records a connection's state is about. Noted once for each side, and never moved."""

from __future__ import annotations

import msgspec
from sqlalchemy import select

from syncd.core.model import Side

from .bulk import Tx, insert
from .schema import accounts


class Account(msgspec.Struct, frozen=True, kw_only=True):
    side: Side
    id: str
    seen: float  # when it was noted first


def claim(tx: Tx, connection: str, side: Side, id: str, *, now: float) -> Account:
    """The account that this side's state is about: this one, unless another has been noted before."""
    noted = {"connection": connection, "side": side.value, "account": id, "seen": now}
    tx.execute(insert(tx.dialect.name, accounts).values(noted).on_conflict_do_nothing())
    return listed(tx, connection)[side]


def listed(tx: Tx, connection: str) -> dict[Side, Account]:
    """What is known of a connection; a side of which nothing is known is absent."""
    query = select(accounts.c.side, accounts.c.account, accounts.c.seen).where(accounts.c.connection == connection)
    return {Side(side): Account(side=Side(side), id=id, seen=seen) for side, id, seen in tx.execute(query)}
