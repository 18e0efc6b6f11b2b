"""Finds out what writes with an unknown outcome did: timed out, cut off, or under way when the process was killed.

The target is read and compared with what was sent and with what it showed before. Nothing is sent again blindly.
"""

from __future__ import annotations

from collections.abc import Iterator

from syncd.adapters.base import Written
from syncd.core.confirm import confirm
from syncd.core.model import Kind, Side
from syncd.core.ops import Create, Delete, Update
from syncd.core.remote import Remote
from syncd.store import mirror, outbox
from syncd.store.outbox import Entry, OpState

from . import kin, reads
from .connection import Connection
from .results import Adopted, Made, Moved, NotMade, Result, Told
from .view import half_written, snapshot


def unknown(connection: Connection, *, after_crash: bool, creates: bool | None = None) -> Iterator[list[Entry]]:
    """Ops whose outcome is unknown, in batches: creates, all but creates, or both.

    `after_crash`: those that were being sent, too.
    """
    states = (OpState.UNCONFIRMED, OpState.SENDING) if after_crash else (OpState.UNCONFIRMED,)
    for state in states:
        after = 0
        while True:
            with connection.store.read() as tx:
                entries = outbox.iterate(tx, connection.name, state, after, connection.tuning.claim_max)
            if not entries:
                break
            after = entries[-1].id
            yield [one for one in entries if creates is None or isinstance(one.op, Create) is creates]


def tell(connection: Connection, entries: list[Entry]) -> list[Result]:
    """What became of these ops. Those whose target can't be read are left out, and stay unconfirmed.

    Raises RemoteError when nothing can be read.
    """
    results: list[Result] = []
    for side in Side:
        for kind in connection.mappers:
            here = [entry for entry in entries if entry.side is side and entry.kind is kind]
            results += _creates(connection, side, kind, [one for one in here if isinstance(one.op, Create)])
            results += _changes(connection, side, kind, [one for one in here if not isinstance(one.op, Create)])
    return results


def _creates(connection: Connection, side: Side, kind: Kind, entries: list[Entry]) -> list[Result]:
    if not entries:
        return []
    refs = {entry.op.ref: entry for entry in entries if isinstance(entry.op, Create)}
    if kind is kin.CHILD and not kin.is_stamped(connection, kind):
        found = reads.find_placed(connection, side, entries)
    else:
        found = reads.find(connection, side, kind, list(refs))
    with connection.store.read() as tx:
        # What landed and was deleted since must not be made once more.
        buried = mirror.buried(tx, connection.name, side, kind, [ref for ref in refs if ref not in found])
    return [Result(entry=entry, outcome=_create(ref, found, buried)) for ref, entry in refs.items()]


def _create(ref: str, found: dict[str, Remote], buried: dict[str, Remote]) -> Made | Adopted | NotMade:
    if ref in found:
        return Made(found[ref])
    return Adopted(buried[ref]) if ref in buried else NotMade()


def _changes(connection: Connection, side: Side, kind: Kind, entries: list[Entry]) -> list[Result]:
    if not entries:
        return []
    ids = [entry.record for entry in entries if entry.record is not None]
    with connection.store.read() as tx:
        before = mirror.get(tx, connection.name, side, kind, ids)
    # Not mirrored yet: until the outcome is stored, the mirror's version is the one that the write was guarded with.
    now = reads.fetch(connection, side, kind, ids, keep=False)
    return [
        _change(connection, entry, before.get(entry.record or ""), now.found[entry.record or ""])
        for entry in entries
        if entry.record in now.found
    ]


def _change(connection: Connection, entry: Entry, before: Remote | None, now: Remote) -> Result:
    match entry.op:
        case Delete():
            landed = Written(now) if now.deleted else Moved("the delete did not land")
            return Result(entry=entry, outcome=landed, current=before)
        case Update() if now.deleted or now.id != entry.record:
            return Result(entry=entry, outcome=Moved("the record is gone"), current=now)
        case Update() as op if half_written(connection.mappers[entry.kind], op, now):
            return Result(entry=entry, outcome=NotMade(), current=before)
        case Update() as op:
            mapper = connection.mappers[entry.kind]
            sent = before.version if before is not None else None
            told = confirm(op, snapshot(mapper, op.side, now), mapper.policy, sent_version=sent)
            return Result(entry=entry, outcome=Told(now, told), current=before)
        case _:
            raise AssertionError("creates and holds are not confirmed by id")
