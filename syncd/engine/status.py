"""How a connection stands: in sync, pending, held, conflicts, lag, last run. Reads the store only."""

from __future__ import annotations

import msgspec

from syncd.store import bindings, conflicts, lease, notices, outbox, runs
from syncd.store.bindings import BindingState
from syncd.store.outbox import OpState

from .connection import Connection
from .report import Mode, RunOutcome


class LastRun(msgspec.Struct, frozen=True):
    run: str
    mode: str
    outcome: str | None
    started: float
    finished: float | None
    error: str | None


class Status(msgspec.Struct, frozen=True, kw_only=True):
    connection: str
    paired: int
    ended: int  # pairs that are over: deleted, unbound or merged away
    pending: int  # writes on their way, and records to be looked at
    unconfirmed: int  # writes whose outcome is not known yet
    held: int
    conflicts: int
    lag_s: float | None  # since the last pass began that read both sides to the end; None: none lately
    working: str | None  # the process that holds the lease now
    last: LastRun | None


def status(connection: Connection) -> Status:
    """Quick at any size: counts, no scans of records."""
    name, now = connection.name, connection.clock.time()
    with connection.store.read() as tx:
        counts = {state: sum(outbox.counts(tx, name, state).values()) for state in _OPEN}
        ended = sum(bindings.count(tx, name, state=state) for state in (BindingState.ENDED, BindingState.MERGED))
        whole = next((run for run in runs.last(tx, name, 50) if _read_to_the_end(run)), None)
        holder = lease.get(tx, name)
        last = runs.last(tx, name)
        return Status(
            connection=name,
            paired=bindings.count(tx, name, state=BindingState.BOUND),
            ended=ended,
            pending=counts[OpState.TODO] + counts[OpState.SENDING] + notices.count(tx, name),
            unconfirmed=counts[OpState.UNCONFIRMED],
            held=counts[OpState.HELD],
            conflicts=conflicts.count_open(tx, name),
            lag_s=round(now - whole.started, 1) if whole is not None else None,
            working=holder.holder if holder is not None and holder.expires > now else None,
            last=_last(last[0]) if last else None,
        )


def _read_to_the_end(run: runs.Run) -> bool:
    return run.mode in (Mode.BACKFILL, Mode.DELTA) and run.outcome not in (None, RunOutcome.FAILED)


def _last(run: runs.Run) -> LastRun:
    return LastRun(run.id, run.mode, run.outcome, run.started, run.finished, run.error)


_OPEN = (OpState.TODO, OpState.SENDING, OpState.UNCONFIRMED, OpState.HELD)
