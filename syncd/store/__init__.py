"""The state store: what syncd remembers between two passes, on SQLite or PostgreSQL.

    store = open_store("sqlite:///syncd.db")
    with store.begin() as tx:
        changed = mirror.put(tx, "nordic", Side.CRM, Kind.PROJECT, page.rows, now=now)
        notices.put(tx, "nordic", [NewNotice(Side.CRM, Kind.PROJECT, id, "poll") for id in changed], now=now)

Each table has a module of functions that take the transaction first and return frozen structs. They do not commit,
do not look at the clock, and know no system, mapping or policy.
"""

from __future__ import annotations

from . import accounts, bindings, conflicts, inbox, lease, mirror, notices, outbox, parents, runs, watermarks
from .bulk import Tx
from .db import Store, connect, open_store

__all__ = [
    "Store",
    "Tx",
    "accounts",
    "bindings",
    "conflicts",
    "connect",
    "inbox",
    "lease",
    "mirror",
    "notices",
    "open_store",
    "outbox",
    "parents",
    "runs",
    "watermarks",
]
