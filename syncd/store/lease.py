"""The lease: one process at a time works on a connection.

It expires unless it is renewed, so that a killed process frees its connection by itself. Every change of holder
raises the fence; whoever holds an older number has lost the lease, whatever its own clock says.
"""

from __future__ import annotations

import msgspec
from sqlalchemy import ColumnElement, and_, or_, select, update

from syncd.core.instant import from_epoch_ms
from syncd.errors import LeaseHeld

from .bulk import Tx, insert
from .schema import lease


class Lease(msgspec.Struct, frozen=True, kw_only=True):
    holder: str | None  # None: nobody
    fence: int
    expires: float


def acquire(tx: Tx, connection: str, holder: str, *, now: float, ttl_s: float) -> int:
    """The fence to renew and release with. Raises LeaseHeld while the lease of another holder lasts."""
    taken = {"holder": holder, "expires": now + ttl_s}
    free = or_(lease.c.holder.is_(None), lease.c.expires <= now)
    next_fence = lease.c.fence + 1
    taken_over = update(lease).where(lease.c.connection == connection, free).values(fence=next_fence, **taken)
    fence: int | None = tx.scalar(taken_over.returning(lease.c.fence))
    if fence is None:
        first = insert(tx.dialect.name, lease).values(connection=connection, fence=1, **taken).on_conflict_do_nothing()
        fence = tx.scalar(first.returning(lease.c.fence))
    if fence is None:
        raise _held(connection, get(tx, connection))
    return fence


def renew(tx: Tx, connection: str, fence: int, *, now: float, ttl_s: float) -> None:
    """Hold it for `ttl_s` from now. Raises LeaseHeld if it was lost."""
    renewed = update(lease).where(_ours(connection, fence)).values(expires=now + ttl_s)
    if tx.execute(renewed).rowcount == 0:
        raise _held(connection, get(tx, connection))


def check(tx: Tx, connection: str, fence: int) -> None:
    """Raises LeaseHeld unless this fence still holds the lease. Nobody can take it before the transaction ends."""
    if tx.scalar(select(lease.c.fence).where(_ours(connection, fence)).with_for_update(read=True)) is None:
        raise _held(connection, get(tx, connection))


def release(tx: Tx, connection: str, fence: int) -> None:
    """Give it back; nothing happens if it was lost. The fence stays, so that the next one is higher."""
    tx.execute(update(lease).where(_ours(connection, fence)).values(holder=None, expires=0.0))


def get(tx: Tx, connection: str) -> Lease | None:
    """Who holds it, or held it last: for status."""
    row = tx.execute(select(lease).where(lease.c.connection == connection)).one_or_none()
    return None if row is None else Lease(holder=row.holder, fence=row.fence, expires=row.expires)


def _ours(connection: str, fence: int) -> ColumnElement[bool]:
    return and_(lease.c.connection == connection, lease.c.fence == fence, lease.c.holder.is_not(None))


def _held(connection: str, current: Lease | None) -> LeaseHeld:
    if current is None or current.holder is None:
        return LeaseHeld(f"the lease on connection {connection} was given up", remedy="start again")
    until = from_epoch_ms(int(current.expires * 1000))
    return LeaseHeld(
        f"connection {connection} is being worked on by {current.holder} until {until}",
        remedy="wait for it to finish, or stop it; a killed process frees the connection at that time",
    )
