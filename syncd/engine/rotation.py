"""Says which parents a pass reads: those that can't wait for the next one, and its share of the others.

What happens inside a parent need not show on it, so each is read again before what we know of it is too old. What was
read together, as by a first load or after an outage, is due together; taking some of it ahead of time, in even shares,
keeps it apart from then on.
"""

from __future__ import annotations

from math import floor

from msgspec.structs import replace

from syncd.core.model import LEFT, Kind, Side
from syncd.mapping.project import Pace, pace
from syncd.store import bindings, mirror, parents
from syncd.store.bulk import Tx
from syncd.store.parents import Cycle

from . import kin
from .connection import Connection

IN_TIME_S = 5.0
"""Passes do not come to the second. What is read this much late is read in time."""


def turn(
    connection: Connection,
    side: Side,
    kind: Kind,
    *,
    ahead_s: float,
    per_call: int,
    most: int | None = None,
    read_since: float | None = None,
) -> list[str]:
    """The parents whose turn it is, at most so many, longest due first.

    `ahead_s`: how long it is until the next pass, and was since the last; 0 for those alone that are due now.
    `per_call`: how many the adapter reads in one call. `read_since`: without those that have been read since then.
    """
    name, now = connection.name, connection.clock.time()
    by = now + max(0.0, ahead_s - IN_TIME_S)
    with connection.store.read() as tx:
        due = parents.due(tx, name, side, kind, by=by, limit=most, read_since=read_since)
        early: dict[str, float] = {}
        for cycle in _cycles(tx, connection, side, kind, now=now, by=by):
            more = _share(cycle, now, ahead_s, per_call) - cycle.due
            if more > 0:
                early |= parents.coming(tx, name, side, kind, pace_s=cycle.pace_s, after=by, limit=more)
    return [*due, *sorted(early, key=lambda id: (early[id], id))][:most]


def _cycles(tx: Tx, connection: Connection, side: Side, kind: Kind, *, now: float, by: float) -> list[Cycle]:
    """All that rotate. What rests for longer than an open project may is counted only: most projects are closed."""
    name, tuning = connection.name, connection.tuning
    horizon, quiet_s = now + tuning.max_staleness_s, round(tuning.quiet_staleness_s)
    found = {cycle.pace_s: cycle for cycle in parents.cycles(tx, name, side, kind, by=by, until=horizon)}
    quiet = found.get(quiet_s, Cycle(quiet_s, 0, 0))
    resting = parents.resting(tx, name, side, kind, since=horizon)
    found[quiet_s] = replace(quiet, parents=quiet.parents + resting)
    return list(found.values())


def _share(cycle: Cycle, now: float, since_s: float, per_call: int) -> int:
    """How many of these would be read in `since_s`, were they read at even intervals, and in whole calls.

    By the clock, so that what is less than one in a pass is one in some passes. None where each pass reads them all,
    and where there are not enough for one call: the fewest calls are then those that wait until they are due.

    By time and not by the number of passes to come, for a pass that takes longer than it should must not make the next
    one longer still.
    """
    if cycle.pace_s <= since_s:
        return 0
    calls = cycle.parents // per_call
    return per_call * (floor(now * calls / cycle.pace_s) - floor((now - since_s) * calls / cycle.pace_s))


def pace_s(tx: Tx, connection: Connection, side: Side, parent: str) -> float:
    """How old the set of this parent may get: the stage of its project says how lively it is."""
    tuning = connection.tuning
    id: str | None = parent
    if side is not LEFT:
        binding = bindings.by_ids(tx, connection.name, kin.PARENT, side, [parent]).get(parent)
        id = binding.left_id if binding is not None else None
    row = mirror.get(tx, connection.name, LEFT, kin.PARENT, [id]).get(id) if id is not None else None
    if row is None:
        return tuning.max_staleness_s
    match pace(row.raw):
        case Pace.LIVELY:
            return min(tuning.lively_staleness_s, tuning.max_staleness_s)
        case Pace.OPEN:
            return tuning.max_staleness_s
        case Pace.QUIET:
            return tuning.quiet_staleness_s
