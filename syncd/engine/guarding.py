"""Holds everything that is about to be written against the guards, before the first write of it.

Ops enter the outbox uncleared and are never claimed like that. What a guard parked earlier counts towards it still,
so a set can't grow past its guard one record at a time.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from syncd.core.guards import Suspect, Trip, suspects, tripped
from syncd.store import bindings, outbox
from syncd.store.bindings import BindingState
from syncd.store.outbox import Entry, OpState

from .connection import Connection


def guard(connection: Connection, run: str, *, first_load: bool) -> list[Trip]:
    """Park what looks like an accident and clear the rest. Returns the guards that tripped."""
    counts: Counter[Suspect] = Counter()
    for entry in _uncleared(connection):
        counts.update(_suspects(connection, entry))
    fresh = set(counts)
    if fresh:
        for entry in _parked(connection):
            counts.update(suspect for suspect in _suspects(connection, entry) if suspect in fresh)
    trips = _trips(connection, counts, first_load=first_load)
    for trip in trips:
        _park(connection, trip)
        connection.log.error("guard.tripped", run=run, guard=trip.name, count=trip.count, population=trip.population)
    with connection.store.begin() as tx:
        outbox.clear(tx, connection.name)
    return trips


def _trips(connection: Connection, counts: Counter[Suspect], *, first_load: bool) -> list[Trip]:
    if not counts:
        return []
    with connection.store.read() as tx:
        population = bindings.count(tx, connection.name, state=BindingState.BOUND)
    return tripped(counts, population, connection.guards, creates=not first_load)


def _park(connection: Connection, trip: Trip) -> None:
    ids = [entry.id for entry in _uncleared(connection) if trip.suspect in set(_suspects(connection, entry))]
    reason = f"{trip.count} {trip.name} at once, with {trip.population} records paired"
    remedy = f'if it is meant: syncd held retry --guard "{trip.name}"; if not: syncd held drop --guard "{trip.name}"'
    with connection.store.begin() as tx:
        now = connection.clock.time()
        outbox.park(tx, connection.name, trip.name, ids, reason=reason, remedy=remedy, now=now)


def _suspects(connection: Connection, entry: Entry) -> Iterator[Suspect]:
    fields = connection.mappers[entry.kind].policy.fields
    return suspects(entry.op, follows_writes={name for name, field in fields.items() if field.follows_writes})


def _uncleared(connection: Connection) -> Iterator[Entry]:
    yield from _iterate(connection, OpState.TODO, uncleared=True)


def _parked(connection: Connection) -> Iterator[Entry]:
    yield from (entry for entry in _iterate(connection, OpState.HELD, uncleared=True) if entry.guard is not None)


def _iterate(connection: Connection, state: OpState, *, uncleared: bool) -> Iterator[Entry]:
    after = 0
    while True:
        with connection.store.read() as tx:
            entries = outbox.iterate(tx, connection.name, state, after, uncleared=uncleared)
        if not entries:
            return
        after = entries[-1].id
        yield from entries
