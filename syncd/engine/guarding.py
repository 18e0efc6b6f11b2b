"""Holds everything that is about to be written against the guards, before the first write of it.

Ops enter the outbox uncleared and are never claimed like that. What a guard parked earlier counts towards it still,
so a set can't grow past its guard one record at a time.
"""

from __future__ import annotations

import itertools
from collections import Counter
from collections.abc import Collection, Iterator, Mapping

from syncd.core.guards import Suspect, Trip, suspects, tripped
from syncd.core.model import Kind, Side
from syncd.core.ops import Create
from syncd.core.remote import person_of, split_person
from syncd.store import bindings, mirror, outbox
from syncd.store.bindings import BindingState
from syncd.store.outbox import Batch, Entry, OpState

from . import kin
from .connection import Connection

BATCH = 500  # ops looked at together


def guard(
    connection: Connection,
    run: str,
    *,
    first_load: Collection[Kind] = (),
    most: Mapping[Batch, int] | None = None,
) -> Counter[Batch]:
    """Park what looks like an accident and clear the rest; of some batches only so many: how many went through."""
    counts: Counter[Suspect] = Counter()
    seen: set[tuple[Suspect, str]] = set()
    for entry, parent in _with_parents(connection, _uncleared(connection)):
        counts.update(_new(_suspects(connection, entry), parent, seen))
    fresh = set(counts)
    if fresh:
        for entry, parent in _with_parents(connection, _parked(connection)):
            counts.update(suspect for suspect in _new(_suspects(connection, entry), parent, seen) if suspect in fresh)
    for trip in _trips(connection, counts, first_load):
        _park(connection, trip)
        connection.log.error("guard.tripped", run=run, guard=trip.name, count=trip.count, population=trip.population)
    with connection.store.begin() as tx:
        return outbox.clear(tx, connection.name, most=most)


def _with_parents(connection: Connection, entries: Iterator[Entry]) -> Iterator[tuple[Entry, str | None]]:
    """Each with the project that brings it, if it is an investor or the person behind one.

    A teaser that is communicated brings hundreds into one project at once, and that is an ordinary day: it counts as
    one create. An accident brings them into many.
    """
    while some := list(itertools.islice(entries, BATCH)):
        found: dict[tuple[Kind, str], str | None] = {}
        for side in Side:
            for kind in (kin.CHILD, *kin.PEOPLE):
                ops = [one.op for one in some if one.kind is kind]
                refs = [op.ref for op in ops if isinstance(op, Create) and op.side is side.other]
                found |= {(kind, ref): parent for ref, parent in _parents(connection, side, kind, refs).items()}
        for one in some:
            yield one, found.get((one.kind, one.op.ref)) if isinstance(one.op, Create) else None


def _parents(connection: Connection, side: Side, kind: Kind, ids: list[str]) -> dict[str, str | None]:
    if not ids:
        return {}
    with connection.store.read() as tx:
        if kind is kin.CHILD:
            rows = mirror.get(tx, connection.name, side, kind, ids)
            return {id: row.parent for id, row in rows.items()}
        about = mirror.about(tx, connection.name, side, kin.CHILD, [person_of(kind, id) for id in ids])
        return {split_person(person)[1]: min(row.parent or "" for row in some) for person, some in about.items()}


def _new(found: Iterator[Suspect], parent: str | None, seen: set[tuple[Suspect, str]]) -> Iterator[Suspect]:
    for suspect in found:
        if parent and (suspect, parent) in seen:
            continue
        if parent:
            seen.add((suspect, parent))
        yield suspect


def _trips(connection: Connection, counts: Counter[Suspect], first_load: Collection[Kind]) -> list[Trip]:
    def population(suspect: Suspect) -> int:
        brought = suspect.what == "creates" and suspect.kind is not kin.PARENT
        kind = kin.PARENT if brought else suspect.kind
        with connection.store.read() as tx:
            return bindings.count(tx, connection.name, kind, BindingState.BOUND)

    return tripped(counts, population, connection.guards, first_load=first_load)


def _park(connection: Connection, trip: Trip) -> None:
    ids = [entry.id for entry in _uncleared(connection) if trip.suspect in set(_suspects(connection, entry))]
    reason = f"{trip.count} {trip.name} at once, with {trip.population} records paired"
    remedy = f'if it is meant: syncd held retry --guard "{trip.name}"; if not: syncd held drop --guard "{trip.name}"'
    with connection.store.begin() as tx:
        now = connection.clock.time()
        outbox.park(tx, connection.name, trip.name, ids, reason=reason, remedy=remedy, now=now)


def _suspects(connection: Connection, entry: Entry) -> Iterator[Suspect]:
    fields = connection.mappers[entry.kind].policy.fields
    return suspects(
        entry.op, entry.kind, follows_writes={name for name, field in fields.items() if field.follows_writes}
    )


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
