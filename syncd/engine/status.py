"""How a connection stands: in sync, pending, held, conflicts, lag, last run. Reads the store only."""

from __future__ import annotations

import msgspec

from syncd.core.model import Side
from syncd.store import bindings, conflicts, lease, notices, outbox, parents, runs
from syncd.store.bindings import BindingState
from syncd.store.bulk import Tx
from syncd.store.outbox import OpState

from . import kin
from .connection import Connection
from .report import Mode, RunOutcome

OVERDUE_MAX = 100_000  # counted, not more


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
    by_kind: dict[str, int]  # the paired ones
    ended: int  # pairs that are over: deleted, unbound or merged away
    pending: int  # writes on their way, and records to be looked at
    unconfirmed: int  # writes whose outcome is not known yet
    held: int
    conflicts: int
    overdue: dict[str, int]  # per side, projects whose prospects were not read when it was their turn
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
        by_kind = {
            kind.value: bindings.count(tx, name, kind=kind, state=BindingState.BOUND) for kind in connection.mappers
        }
        return Status(
            connection=name,
            paired=bindings.count(tx, name, state=BindingState.BOUND),
            by_kind=by_kind,
            ended=ended,
            pending=counts[OpState.TODO] + counts[OpState.SENDING] + notices.count(tx, name),
            unconfirmed=counts[OpState.UNCONFIRMED],
            held=counts[OpState.HELD],
            conflicts=conflicts.count_open(tx, name),
            overdue={side.value: _overdue(tx, name, side, whole) for side in Side},
            lag_s=round(now - whole.started, 1) if whole is not None else None,
            working=holder.holder if holder is not None and holder.expires > now else None,
            last=_last(last[0]) if last else None,
        )


def _overdue(tx: Tx, name: str, side: Side, whole: runs.Run | None) -> int:
    """Due before the last pass began, and not read in it. At most OVERDUE_MAX."""
    if whole is None:
        return 0
    return len(parents.due(tx, name, side, kin.CHILD, by=whole.started, limit=OVERDUE_MAX))


def _read_to_the_end(run: runs.Run) -> bool:
    return run.mode in (Mode.BACKFILL, Mode.DELTA) and run.outcome not in (None, RunOutcome.FAILED)


def _last(run: runs.Run) -> LastRun:
    return LastRun(run.id, run.mode, run.outcome, run.started, run.finished, run.error)


_OPEN = (OpState.TODO, OpState.SENDING, OpState.UNCONFIRMED, OpState.HELD)
