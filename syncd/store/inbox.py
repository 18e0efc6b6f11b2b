"""The inbox: which webhook deliveries were seen, so that a repeat is known for one. It keeps no payload."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import bindparam, delete, select

from syncd.core.model import Side

from .bulk import Tx, chunks, each, insert
from .schema import inbox


def record(tx: Tx, connection: str, side: Side, deliveries: Sequence[str], *, now: float) -> list[str]:
    """Note these deliveries; those that are new, in the order given.

    Write the notices of the new ones in the same transaction, or a kill in between loses them.
    """
    wanted = list(dict.fromkeys(deliveries))
    new: set[str] = set()
    key = {"connection": connection, "side": side.value, "received": now}
    for chunk in chunks(wanted):
        statement = insert(tx.dialect.name, inbox).values([key | {"delivery": delivery} for delivery in chunk])
        new.update(tx.scalars(statement.on_conflict_do_nothing().returning(inbox.c.delivery)))
    return [delivery for delivery in wanted if delivery in new]


def prune(tx: Tx, connection: str, *, before: float, limit: int = 1000) -> int:
    """Drop up to `limit` deliveries received before this time; how many there were."""
    old = select(inbox.c.side, inbox.c.delivery).where(inbox.c.connection == connection, inbox.c.received < before)
    rows = [
        {"the_connection": connection, "the_side": side, "the_delivery": delivery}
        for side, delivery in tx.execute(old.limit(limit))
    ]
    each(tx, _dropped, rows)
    return len(rows)


_dropped = delete(inbox).where(
    *(inbox.c[name] == bindparam(f"the_{name}") for name in ("connection", "side", "delivery"))
)
