"""What a person decides: conflicts resolved, held ops tried again or dropped. All of it enters through notices."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from syncd.core.model import LEFT, Base, Resolution, Side, Value
from syncd.core.ops import Create, Delete, Hold, Op, Update
from syncd.core.plan import DELETED, LIVE
from syncd.core.remote import Remote
from syncd.core.spelling import parse_value
from syncd.errors import ConfigError
from syncd.store import bindings, conflicts, mirror, notices, outbox
from syncd.store.bindings import Binding, BindingState
from syncd.store.bulk import Tx
from syncd.store.conflicts import ConflictState, Disputed
from syncd.store.notices import NewNotice
from syncd.store.outbox import Entry, Finished, OpState

from .connection import Connection
from .view import snapshot

APPROVED, DROPPED = "approved by a person", "dropped by a person"


def resolve(connection: Connection, id: int, *, take: Side | None = None, value: str | None = None) -> Disputed:
    """Decide a conflict: the value of one side, or one of the person's own as typed ("" for none).

    The next pass carries it out.

    For a whole record, taking the side that still has it keeps it alive; taking the other one lets the delete go on.
    Raises ConfigError when there is no such open conflict, or it has moved since it was listed.
    """
    with connection.store.begin() as tx:
        found = conflicts.get(tx, connection.name, id)
        if found is None or found.state is ConflictState.CLOSED:
            raise ConfigError(f"there is no open conflict {id}", remedy="see: syncd conflicts list")
        left, right = _shown_now(tx, connection, found) if found.standing else (found.left, found.right)
        decided = Resolution(_chosen(tx, connection, found, take, value), left, right)
        now = connection.clock.time()
        kept = conflicts.resolve(tx, connection.name, id, decided, now=now)
        if kept is None:
            raise ConfigError(f"conflict {id} has moved since it was listed", remedy="see: syncd conflicts list")
        _note(tx, connection, [found.binding], "resolved", fetch=True)
    connection.log.info("conflict.resolved", conflict=id, kind=found.kind, field=found.field)
    return kept


def _shown_now(tx: Tx, connection: Connection, found: Disputed) -> tuple[Value, Value]:
    """What the two sides show by now, as far as the mirror knows."""
    mapper = connection.mappers[found.kind]
    rows = _mirrored(tx, connection, bindings.get(tx, [found.binding])[found.binding])
    shown = {side: snapshot(mapper, side, remote).fields.get(found.field) for side, remote in rows.items()}
    return shown.get(LEFT), shown.get(LEFT.other)


def _mirrored(tx: Tx, connection: Connection, binding: Binding) -> dict[Side, Remote]:
    """Both records of a pair, as far as the mirror knows them."""
    rows = {
        side: mirror.get(tx, connection.name, side, binding.kind, [id]).get(id)
        for side in Side
        if (id := binding.id_of(side)) is not None
    }
    return {side: remote for side, remote in rows.items() if remote is not None}


def _chosen(tx: Tx, connection: Connection, found: Disputed, take: Side | None, value: str | None) -> Value:
    if take is not None:
        return found.left if take is LEFT else found.right
    if found.field == "":
        if value in (LIVE, DELETED):
            return value
        raise ConfigError(f"conflict {found.id} is about a whole record", remedy=f"take a side, or {LIVE} or {DELETED}")
    field = connection.mappers[found.kind].policy.fields.get(found.field)
    if field is None:
        raise ConfigError(f"field {found.field} is not mapped any more", remedy="map it again, or take a side")
    try:
        chosen = parse_value(field.type, value or "")
    except ValueError as error:
        raise ConfigError(f"that is no value for {found.field}: {error}", remedy="or take a side") from error
    # A decision that can't be carried out would end the conflict and settle nothing.
    for side, remote in _mirrored(tx, connection, bindings.get(tx, [found.binding])[found.binding]).items():
        writing = connection.mappers[found.kind].write(side, {found.field: chosen}, current=remote.raw)
        if field.flow.reaches(side) and found.field in writing.refused:
            why = f"it {writing.refused[found.field]} in {side}"
            raise ConfigError(f"that is no value for {found.field}: {why}", remedy="or take a side")
    return chosen


def retry_held(connection: Connection, ids: Sequence[int] = (), *, guard: str | None = None) -> int:
    """Let held ops go out with the next pass; a guard's whole set at once. Returns how many."""
    with connection.store.begin() as tx:
        chosen = _held(tx, connection, ids, guard)
        approved = [entry for entry in chosen if entry.guard is not None]
        others = [entry for entry in chosen if entry.guard is None]
        now = connection.clock.time()
        released = [Finished(id=one.id, state=OpState.TODO, reason=APPROVED, cleared=True) for one in approved]
        outbox.finish(tx, released, now=now)
        # What was refused is planned afresh: its cause is gone by now, or it will be refused again.
        again = [Finished(id=one.id, state=OpState.REPLANNED, reason="tried again") for one in others]
        outbox.finish(tx, again, now=now)
        _note(tx, connection, [entry.binding for entry in others], "retry", fetch=True)
    return len(chosen)


def drop_held(connection: Connection, ids: Sequence[int] = (), *, guard: str | None = None) -> int:
    """Give held ops up for good: both sides keep what they have.

    A field is planned again when somebody edits it again; a pair whose create or delete was dropped is over.
    """
    with connection.store.begin() as tx:
        chosen = _held(tx, connection, ids, guard)
        now = connection.clock.time()
        over = [Finished(id=one.id, state=OpState.REPLANNED, reason=DROPPED) for one in chosen]
        outbox.finish(tx, over, now=now)
        bound = bindings.get(tx, {one.binding for one in chosen})
        for one in chosen:
            bound[one.binding] = _without(tx, connection, bound[one.binding], one.op)
        bindings.save(tx, list(bound.values()), now=now)
    return len(chosen)


def _without(tx: Tx, connection: Connection, binding: Binding, op: Op) -> Binding:
    """The pair as it is when this is never to be done."""
    match op:
        case Create() | Delete():
            note = f"a person dropped the {'create' if isinstance(op, Create) else 'delete'} in {op.side}"
            return msgspec.structs.replace(binding, state=BindingState.ENDED, note=note)
        case Update(side=side, changes=changes):
            kept = {name: change.was for name, change in changes.items()}
            source = {name: change.source for name, change in changes.items()}
            left, right = (kept, source) if side is LEFT else (source, kept)
            return msgspec.structs.replace(binding, base=(binding.base or Base()).moved(left=left, right=right))
        case Hold() if binding.state is BindingState.MERGED:
            note = f"{binding.note}; a person unpaired it"
            return msgspec.structs.replace(binding, state=BindingState.ENDED, note=note)
        case Hold(field=field):
            mapper = connection.mappers[binding.kind]
            rows = _mirrored(tx, connection, binding).items()
            shown = {side: snapshot(mapper, side, remote).fields for side, remote in rows}
            if any(field not in shown.get(side, {}) for side in Side):
                return binding  # nobody can say what is kept: it is held again when it is looked at again
            left, right = ({field: shown[side][field]} for side in Side)
            return msgspec.structs.replace(binding, base=(binding.base or Base()).moved(left=left, right=right))


def _held(tx: Tx, connection: Connection, ids: Sequence[int], guard: str | None) -> list[Entry]:
    """The held ops meant. Raises ConfigError for an id that is not held, or a guard that parked nothing."""
    found: list[Entry] = []
    while batch := outbox.held(tx, connection.name, guard=guard, after=found[-1].id if found else 0):
        found += batch
    if guard is not None:
        if not found:
            raise ConfigError(f"nothing is held by the guard {guard!r}", remedy="see: syncd held list")
        return found
    missing = set(ids) - {entry.id for entry in found}
    if missing:
        raise ConfigError(f"not held: {', '.join(map(str, sorted(missing)))}", remedy="see: syncd held list")
    return [entry for entry in found if not ids or entry.id in set(ids)]


def _note(tx: Tx, connection: Connection, ids: Sequence[int], reason: str, *, fetch: bool = False) -> None:
    """Look at these pairs again, on both sides."""
    found = bindings.get(tx, ids)
    new = [
        NewNotice(side, binding.kind, id, reason, fetch=fetch)
        for binding in found.values()
        for side in Side
        if (id := binding.id_of(side)) is not None
    ]
    notices.put(tx, connection.name, new, now=connection.clock.time())
