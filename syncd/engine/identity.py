"""Whose account is this? A state is about one account on each side, and is never used for another.

A copy of an account has the same record ids, and a new one has none of them: either way, the bindings and bases of
the one would become edits and deletes in the other (salesforce.md trap 43). So this is asked before anything is read.
"""

from __future__ import annotations

from syncd.adapters.base import Identifies
from syncd.core.model import Side
from syncd.errors import WrongAccount
from syncd.store import accounts

from .connection import Connection


def claim(connection: Connection, *, ask: bool) -> None:
    """Note whose accounts these are, as far as they are known; with `ask`, at the cost of a call each.

    Raises WrongAccount where the state is about another one, and RemoteError when nobody lets us in.
    """
    known = _known(connection)
    told = {side: _told(connection, side, known.get(side), ask=ask) for side in Side}
    new = {side: id for side, id in told.items() if id is not None and side not in known}
    if not new:
        return
    with connection.store.begin() as tx:
        for side, id in new.items():
            accounts.claim(tx, connection.name, side, id, now=connection.clock.time())


def verify(connection: Connection, side: Side) -> None:
    """As claim(), of one side, and noting nothing."""
    _told(connection, side, _known(connection).get(side), ask=True)


def _known(connection: Connection) -> dict[Side, str]:
    with connection.store.read() as tx:
        return {side: account.id for side, account in accounts.listed(tx, connection.name).items()}


def _told(connection: Connection, side: Side, known: str | None, *, ask: bool) -> str | None:
    adapter = connection.adapter(side)
    told = adapter.identity(ask=ask) if isinstance(adapter, Identifies) else None
    if None in (known, told) or known == told:
        return told
    place = f"connections.{connection.name}.{side}"
    raise WrongAccount(
        f"the state of {place} belongs to {adapter.name} account {known}, but the credentials lead to {told}",
        remedy="correct the credentials; or, for another account, use another store (store.url), or another connection "
        "with a name and a namespace of its own",
    )
