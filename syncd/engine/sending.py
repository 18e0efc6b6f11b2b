"""Carries ops from the outbox to the systems, in an adapter's largest batches, and says what became of each.

Every op is held against its target just before it is sent: by the version it is guarded with, or, where a system has
no conditional writes, by a fresh read of the fields about to be written. What has moved is not sent.
"""

from __future__ import annotations

import dataclasses
import hashlib
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import msgspec

from syncd.adapters.base import AuditItem, Audits, CreateItem, DeleteItem, Failed, Outcome, UpdateItem, Written
from syncd.core.model import LEFT, Kind, Side
from syncd.core.ops import Create, Delete, Update
from syncd.core.policy import Flow
from syncd.core.remote import Remote
from syncd.errors import AlreadyExists, RemoteError
from syncd.store import mirror, outbox
from syncd.store.outbox import Batch, Entry, Keyed, Verb

from . import kin, reads
from .connection import Connection
from .kin import NOWHERE, Place
from .results import Adopted, Moved, NothingLeft, Result
from .view import half_written, snapshot

Item = CreateItem | UpdateItem | DeleteItem


UNMAPPED = "the mapping has changed since this was planned"


@dataclasses.dataclass
class _Parcel:
    """One op, translated, or the reason why it is not sent."""

    entry: Entry
    current: Remote | None = None
    item: Item | None = None
    refused: dict[str, str] = dataclasses.field(default_factory=dict)
    instead: Moved | NothingLeft | Failed | None = None

    def result(self, outcome: Any) -> Result:
        wrote = tuple(self.item.fields) if isinstance(self.item, UpdateItem) else ()
        person = None if self.item is None or isinstance(self.item, DeleteItem) else self.item.person
        return Result(
            entry=self.entry, outcome=outcome, current=self.current, refused=self.refused, wrote=wrote, person=person
        )


def send(connection: Connection, batch: Batch, entries: list[Entry]) -> list[Result]:
    """Send claimed ops of one side, kind and verb; one result each, in any order.

    Never raises RemoteError for a write; a read that fails beforehand gives every op that error, unsent.
    """
    try:
        parcels = _pack(connection, batch, entries)
    except RemoteError as error:
        return [Result(entry=entry, outcome=Failed(error)) for entry in entries]
    results = [parcel.result(parcel.instead) for parcel in parcels if parcel.instead is not None]
    ready = [parcel for parcel in parcels if parcel.item is not None]
    results += _dispatch(connection, batch, ready)
    return _adopt_existing(connection, batch, results)


def _pack(connection: Connection, batch: Batch, entries: list[Entry]) -> list[_Parcel]:
    match batch.verb:
        case Verb.CREATE:
            return _pack_creates(connection, batch.side, entries)
        case Verb.UPDATE | Verb.DELETE:
            current = _current(connection, batch, [entry.record for entry in entries if entry.record is not None])
            places = reads.places(connection, batch.side, entries)
            return [_pack_change(connection, entry, current, places.get(entry.id, NOWHERE)) for entry in entries]
        case Verb.HOLD:
            raise AssertionError("a hold is never sent")


def _pack_change(connection: Connection, entry: Entry, current: reads.Fetched, place: Place) -> _Parcel:
    id = entry.record or ""
    if id in current.failed:
        return _Parcel(entry, instead=Failed(current.failed[id]))
    if isinstance(entry.op, Update):
        return _pack_update(connection, entry, current.found.get(id), place)
    return _pack_delete(connection, entry, current.found.get(id))


def _current(connection: Connection, batch: Batch, ids: Sequence[str]) -> reads.Fetched:
    """The targets now. A guarded write goes by the mirror: if that is stale, the version says so."""
    if not connection.adapter(batch.side).capabilities.guarded_update:
        fetched = reads.fetch(connection, batch.side, batch.kind, ids, keep=False)
        reads.mirrored(connection, batch.side, batch.kind, fetched.found, noting=True)
        return fetched
    with connection.store.read() as tx:
        return reads.Fetched(mirror.get(tx, connection.name, batch.side, batch.kind, ids), {})


def _pack_creates(connection: Connection, side: Side, entries: list[Entry]) -> list[_Parcel]:
    parcels, keyed = [], []
    places = reads.places(connection, side, entries)
    for entry in entries:
        op = entry.op
        assert isinstance(op, Create)
        mapper = connection.mappers[entry.kind]
        place = places.get(entry.id, NOWHERE)
        if nowhere := place.why_not:
            parcels.append(_Parcel(entry, instead=Moved(nowhere)))
            continue
        if not op.fields.keys() <= mapper.policy.fields.keys():
            parcels.append(_Parcel(entry, instead=Moved(UNMAPPED)))
            continue
        writing = mapper.create(side, op.fields)
        fields = dict(writing.wire)
        where = [place.parent, place.person] if place.parent else []
        body_hash = hashlib.sha256(msgspec.json.encode([op.ref, fields, *where], order="deterministic")).hexdigest()
        key = entry.key or connection.new_id()
        if entry.body_hash is not None and entry.body_hash != body_hash:
            # A key belongs to one body for ever (propstreet.md, trap 26).
            key = connection.new_id()
        if (key, body_hash) != (entry.key, entry.body_hash):
            keyed.append(Keyed(entry.id, key, body_hash))
        parcels.append(
            _Parcel(
                entry, item=CreateItem(op.ref, fields, key, place.parent, place.person), refused=dict(writing.refused)
            )
        )
    if keyed:
        with connection.store.begin() as tx:
            outbox.set_keys(tx, keyed)
    return parcels


def _pack_update(connection: Connection, entry: Entry, current: Remote | None, place: Place) -> _Parcel:
    op = entry.op
    assert isinstance(op, Update)
    if current is None or current.deleted or current.id != op.id:
        return _Parcel(entry, current, instead=Moved("the record is not there any more"))
    mapper = connection.mappers[entry.kind]
    if not op.changes.keys() <= mapper.policy.fields.keys():
        return _Parcel(entry, current, instead=Moved(UNMAPPED))
    known = place.person if op.side is LEFT else place.parent or place.person
    if op.link is not None and (place.over or known is None):
        return _Parcel(entry, current, instead=Moved(place.why_not or "nothing is known that it is to be linked to"))
    # Most updates of a first load are a stamp alone: there is nothing that could have moved.
    shown = snapshot(mapper, op.side, current).fields if op.changes else {}
    moved = [name for name, change in op.changes.items() if shown.get(name) != change.was]
    if moved and not half_written(mapper, op, current):
        return _Parcel(entry, current, instead=Moved(f"changed meanwhile: {', '.join(moved)}"))
    values = {name: change.set for name, change in op.changes.items()}
    writing = mapper.write(op.side, values, current=current.raw)
    parcel = _Parcel(entry, current, refused=dict(writing.refused))
    if not writing.wire and op.stamp is None and op.link is None:
        parcel.instead = NothingLeft()
    else:
        where = (place.parent, place.person) if op.link is not None else ()
        parcel.item = UpdateItem(op.id, dict(writing.wire), current.raw, current.version, op.stamp, *where)
    return parcel


def _pack_delete(connection: Connection, entry: Entry, current: Remote | None) -> _Parcel:
    op = entry.op
    assert isinstance(op, Delete)
    if current is None or current.deleted or current.id != op.id:
        return _Parcel(entry, current, instead=Moved("the record is not there any more"))
    shown = snapshot(connection.mappers[entry.kind], op.side, current).fields
    moved = [name for name, value in op.was.items() if shown.get(name) != value]
    if moved:
        return _Parcel(entry, current, instead=Moved(f"changed meanwhile: {', '.join(moved)}"))
    return _Parcel(entry, current, item=DeleteItem(op.id, current.version))


def _dispatch(connection: Connection, batch: Batch, parcels: list[_Parcel]) -> list[Result]:
    """Send in chunks, as many at once as the adapter allows."""
    capabilities = connection.adapter(batch.side).capabilities
    sizes = capabilities.of(batch.kind)
    size = {
        Verb.CREATE: sizes.create_max,
        Verb.UPDATE: sizes.update_max,
        Verb.DELETE: sizes.delete_max,
        Verb.HOLD: 1,
    }[batch.verb]
    chunks = list(reads.batches(parcels, size))

    def one(chunk: list[_Parcel]) -> list[Result]:
        return _send_chunk(connection, batch, chunk)

    if len(chunks) < 2 or capabilities.workers < 2:
        answers = [one(chunk) for chunk in chunks]
    else:
        with ThreadPoolExecutor(min(capabilities.workers, len(chunks))) as pool:
            answers = list(pool.map(one, chunks))
    return [result for answer in answers for result in answer]


def _send_chunk(connection: Connection, batch: Batch, chunk: list[_Parcel]) -> list[Result]:
    adapter = connection.adapter(batch.side)
    call: Callable[[Kind, Sequence[Any]], list[Outcome]] = {
        Verb.CREATE: adapter.create,
        Verb.UPDATE: adapter.update,
        Verb.DELETE: adapter.delete,
    }[batch.verb]  # type: ignore[assignment]  # each takes its own item type, which _pack made
    outcomes = call(batch.kind, [parcel.item for parcel in chunk])
    results = [parcel.result(outcome) for parcel, outcome in zip(chunk, outcomes, strict=True)]
    if batch.verb is Verb.UPDATE and not adapter.capabilities.guarded_update:
        return _audit(connection, batch, chunk, results)
    return results


def _audit(connection: Connection, batch: Batch, chunk: list[_Parcel], results: list[Result]) -> list[Result]:
    """Ask what slipped between our read and our write. Only where a person's edit could have been on its way."""
    adapter = connection.adapter(batch.side)
    if not isinstance(adapter, Audits):
        return results
    fields = connection.mappers[batch.kind].policy.fields
    items = [
        AuditItem(
            parcel.item.id,
            {name: parcel.current.raw.get(name) for name in parcel.item.fields},
            parcel.current.modified,
        )
        for parcel, result in zip(chunk, results, strict=True)
        if isinstance(result.outcome, Written)
        and isinstance(parcel.item, UpdateItem)
        and isinstance(parcel.entry.op, Update)
        and parcel.current is not None
        and any(fields[name].flow is Flow.BOTH for name in parcel.entry.op.changes)
    ]
    slipped: dict[str, list[Any]] = {}
    try:
        for some in reads.batches(items, adapter.audit_max):
            for overwritten in adapter.overwritten(batch.kind, some):
                slipped.setdefault(overwritten.id, []).append(overwritten)
    except RemoteError as error:
        connection.log.warning("audit.failed", side=batch.side, error=type(error).__name__)
    return [
        msgspec.structs.replace(result, slipped=tuple(slipped.get(result.entry.record or "", ()))) for result in results
    ]


def _adopt_existing(connection: Connection, batch: Batch, results: list[Result]) -> list[Result]:
    """A create that met its own stamp: find the record that carries it."""
    taken = {
        result.entry.op.ref: result
        for result in results
        if isinstance(result.outcome, Failed)
        and isinstance(result.outcome.error, AlreadyExists)
        and isinstance(result.entry.op, Create)
    }
    if not taken:
        return results
    try:
        if batch.kind is kin.CHILD and not kin.is_stamped(connection, batch.kind):
            found = reads.find_placed(connection, batch.side, [result.entry for result in taken.values()])
        else:
            found = reads.find(connection, batch.side, batch.kind, list(taken))
    except RemoteError as error:
        connection.log.warning("adopt.failed", side=batch.side, error=type(error).__name__)
        return results
    return [
        msgspec.structs.replace(result, outcome=Adopted(found[result.entry.op.ref]))
        if isinstance(result.entry.op, Create)
        and result.entry.op.ref in found
        and taken.get(result.entry.op.ref) is result
        else result
        for result in results
    ]
