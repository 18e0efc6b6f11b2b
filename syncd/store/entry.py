"""One op in the outbox: what goes in, what comes out, and the row between them."""

from __future__ import annotations

from collections.abc import Iterable
from enum import StrEnum
from typing import Any, NamedTuple

import msgspec
from sqlalchemy import Row

from syncd.core.model import Fields, Kind, Side
from syncd.core.ops import Create, Delete, Hold, Op, Update

from .encoding import encode, fields_from, op_from


class Verb(StrEnum):
    CREATE = "create"
    UPDATE = "update"
    DELETE = "delete"
    HOLD = "hold"


class OpState(StrEnum):
    TODO = "todo"
    SENDING = "sending"
    UNCONFIRMED = "unconfirmed"
    DONE = "done"
    REPLANNED = "replanned"
    HELD = "held"


class NewOp(msgspec.Struct, frozen=True, kw_only=True):
    connection: str
    run: str
    binding: int
    kind: Kind
    op: Op
    not_before: float = 0.0
    key: str | None = None
    guard: str | None = None  # the guard whose set it joins: it is held with it
    cleared: bool = True  # False: the guards have yet to look at it
    reason: str | None = None  # a Hold brings its own reason and remedy
    remedy: str | None = None


class Entry(msgspec.Struct, frozen=True, kw_only=True):
    """One op and what became of it."""

    id: int
    connection: str
    run: str
    binding: int
    kind: Kind
    side: Side
    verb: Verb
    record: str | None  # the target's id; None until a create made it
    op: Op
    state: OpState
    attempts: int  # how often it was claimed
    not_before: float
    key: str | None  # idempotency key
    body_hash: str | None
    guard: str | None  # the guard that parked it
    cleared: bool  # only then is it sent
    reason: str | None
    remedy: str | None
    shown: Fields | None  # what the target showed after it
    created: float
    changed: float


class Finished(msgspec.Struct, frozen=True, kw_only=True):
    """What became of one op. `record` names what a create made; None leaves the target as it is."""

    id: int
    state: OpState
    reason: str | None = None
    remedy: str | None = None
    shown: Fields | None = None
    record: str | None = None
    not_before: float = 0.0
    cleared: bool = False  # let through from now on; False leaves that as it is
    sent: bool = True  # False: nothing went out, so the attempt does not count


class Keyed(msgspec.Struct, frozen=True):
    """The idempotency key that one op is about to be sent with, and a hash of the body it goes with."""

    id: int
    key: str
    body_hash: str | None = None


class Batch(NamedTuple):
    """Ops that can go to a system in one call."""

    side: Side
    kind: Kind
    verb: Verb


def new_row(new: NewOp, now: float) -> dict[str, Any]:
    side, verb, record = _target(new.op)
    hold = new.op if isinstance(new.op, Hold) else None
    return {
        "connection": new.connection,
        "run": new.run,
        "binding": new.binding,
        "kind": new.kind.value,
        "side": side.value,
        "verb": verb.value,
        "record": record,
        "op": encode(new.op),
        "state": (OpState.HELD if hold or new.guard else OpState.TODO).value,
        "attempts": 0,
        "not_before": new.not_before,
        "key": new.key,
        "guard": new.guard,
        "cleared": new.cleared,
        "reason": hold.reason if hold else new.reason,
        "remedy": hold.remedy if hold else new.remedy,
        "created": now,
        "changed": now,
    }


def _target(op: Op) -> tuple[Side, Verb, str | None]:
    match op:
        case Create(side=side):
            return side, Verb.CREATE, None
        case Update(side=side, id=id):
            return side, Verb.UPDATE, id
        case Delete(side=side, id=id):
            return side, Verb.DELETE, id
        case Hold(side=side, id=id):
            return side, Verb.HOLD, id


def finished_row(one: Finished, now: float) -> dict[str, Any]:
    return {
        "the_id": one.id,
        "the_record": one.record,
        "state": one.state.value,
        "reason": one.reason,
        "remedy": one.remedy,
        "shown": None if one.shown is None else encode(one.shown),
        "not_before": one.not_before,
        "cleared": one.cleared,
        "unsent": 0 if one.sent else 1,
        "changed": now,
    }


def entries(rows: Iterable[Row[Any]]) -> list[Entry]:
    return [_entry(row) for row in rows]


def _entry(row: Iterable[Any]) -> Entry:
    (id, connection, run, binding, kind, side, verb, record, op, state, attempts, not_before, *rest) = row
    (key, body_hash, guard, cleared, reason, remedy, shown, created, changed) = rest
    return Entry(
        id=id,
        connection=connection,
        run=run,
        binding=binding,
        kind=Kind(kind),
        side=Side(side),
        verb=Verb(verb),
        record=record,
        op=op_from(op),
        state=OpState(state),
        attempts=attempts,
        not_before=not_before,
        key=key,
        body_hash=body_hash,
        guard=guard,
        cleared=cleared,
        reason=reason,
        remedy=remedy,
        shown=None if shown is None else fields_from(shown),
        created=created,
        changed=changed,
    )
