"""The outbox: ops that were decided and are not yet confirmed. What is done stays, as the journal.

    todo ─claim─▶ sending ─▶ done
     ▲               ├─▶ todo          again later: not_before
     │               ├─▶ unconfirmed   it may have landed: read the target, never send again blindly
     └── person ─ held ◀─┤             refused, or parked by a guard
                     └─▶ replanned     void: the record was noted again

- An op is marked as sending before it is sent, so that a crash leaves a trace of every write that may have landed.
- What the guards have not cleared is never claimed, so a kill between deciding and guarding lets nothing through.
- A binding has at most one op under way: nothing of it can be claimed while another is sending or unconfirmed.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import (
    Boolean,
    ColumnElement,
    FromClause,
    Integer,
    Text,
    and_,
    bindparam,
    delete,
    exists,
    func,
    insert,
    literal_column,
    null,
    or_,
    select,
    text,
    update,
)

from syncd.core.model import Kind, Side

from .bulk import Tx, chunks, each
from .entry import Batch, Entry, Finished, Keyed, NewOp, OpState, Verb, entries, finished_row, new_row
from .schema import outbox

__all__ = [
    "OPEN",
    "Batch",
    "Entry",
    "Finished",
    "Keyed",
    "NewOp",
    "OpState",
    "Verb",
    "add",
    "claim",
    "clear",
    "counts",
    "finish",
    "get",
    "held",
    "history",
    "iterate",
    "next_batch_kinds",
    "next_due",
    "of_run",
    "open_for",
    "park",
    "prune",
    "sending",
    "set_keys",
]


def add(tx: Tx, new: Sequence[NewOp], *, now: float) -> None:
    """Store these ops, in order. A Hold is held, everything else is to do."""
    each(tx, _added, [new_row(op, now) for op in new])


def next_batch_kinds(tx: Tx, connection: str, *, now: float, run: str | None = None) -> list[Batch]:
    """The batches that have work that is due, creates first; of one run if given.

    Costs the same however much there is to do.
    """
    rows = tx.execute(_DUE_BATCHES, {"connection": connection, "now": now, "run": run})
    return [Batch(Side(side), Kind(kind), Verb(verb)) for side, kind, verb in rows]


def next_due(tx: Tx, connection: str, *, run: str | None = None) -> float | None:
    """When the next op is to be tried; None when none waits."""
    waiting = [*_in_state(connection, OpState.TODO), outbox.c.cleared, *_of_run(run)]
    first: float | None = tx.scalar(select(func.min(outbox.c.not_before)).where(*waiting))
    return first


def clear(tx: Tx, connection: str, *, most: Mapping[Batch, int] | None = None) -> Counter[Batch]:
    """Let through what is to do, the guards having looked; of some batches only so many, the oldest first.

    How many of each of those went through.
    """
    waiting = [*_in_state(connection, OpState.TODO), ~outbox.c.cleared]
    let: Counter[Batch] = Counter()
    late: list[ColumnElement[bool]] = []
    for batch, limit in (most or {}).items():
        names = (("kind", batch.kind), ("side", batch.side), ("verb", batch.verb))
        its = select(outbox.c.id).where(*waiting, *(outbox.c[name] == value.value for name, value in names))
        oldest = its.order_by(outbox.c.id)
        let[batch] = len(list(tx.scalars(oldest.limit(limit))))
        late.append(outbox.c.id.not_in(oldest.offset(limit).limit(_ALL)))
    tx.execute(update(outbox).where(*waiting, *late).values(cleared=True))
    return let


def uncleared(tx: Tx, connection: str) -> int:
    """How many ops are to do and not let through yet."""
    waiting = [*_in_state(connection, OpState.TODO), ~outbox.c.cleared]
    return tx.scalar(select(func.count()).select_from(outbox).where(*waiting)) or 0


def claim(
    tx: Tx,
    connection: str,
    *,
    side: Side,
    kind: Kind,
    verb: Verb,
    limit: int,
    now: float,
    run: str | None = None,
) -> list[Entry]:
    """Mark the oldest due ops of this batch as sending and return them, in the order of their ids.

    Commit before sending. One op per binding; none whose binding has another under way; only those of `run`, if given.
    """
    _serialise(tx, connection)
    batch = [*_of(connection, side.value, kind.value, verb.value), outbox.c.cleared, *_of_run(run)]
    other = outbox.alias("other")
    in_its_way = or_(
        _is(other, OpState.SENDING, OpState.UNCONFIRMED),
        and_(_is(other, OpState.TODO), *_alike(other), other.c.id < outbox.c.id),
    )
    blocked = exists().where(other.c.binding == outbox.c.binding, _is(other, *OPEN), in_its_way)
    due = select(outbox.c.id).where(*batch, outbox.c.not_before <= now, _is(outbox, OpState.TODO), ~blocked)
    claimed = update(outbox).where(outbox.c.id.in_(due.order_by(outbox.c.id).limit(limit)))
    claimed = claimed.values(state=OpState.SENDING.value, attempts=outbox.c.attempts + 1, changed=now)
    return sorted(entries(tx.execute(claimed.returning(*_columns))), key=lambda entry: entry.id)


def set_keys(tx: Tx, keyed: Sequence[Keyed]) -> None:
    """Store what these ops are about to be sent with. Commit before sending."""
    each(tx, _keyed, [{"the_id": one.id, "key": one.key, "body_hash": one.body_hash} for one in keyed])


def finish(tx: Tx, finished: Sequence[Finished], *, now: float) -> None:
    """Store what became of these ops; TODO with `not_before` is a retry. Lifts the guard that parked one."""
    each(tx, _finished, [finished_row(one, now) for one in finished])


def park(tx: Tx, connection: str, guard: str, ids: Sequence[int], *, reason: str, remedy: str = "", now: float) -> None:
    """Hold these ops as the set of this guard, until a person approves or drops it."""
    parked = {"state": OpState.HELD.value, "guard": guard, "reason": reason, "remedy": remedy, "changed": now}
    for chunk in chunks(ids):
        tx.execute(update(outbox).where(outbox.c.connection == connection, outbox.c.id.in_(chunk)).values(parked))


def open_for(tx: Tx, connection: str, bindings: Sequence[int]) -> dict[int, list[Entry]]:
    """Everything of these bindings that is not over yet, oldest first; absent if nothing is."""
    found: dict[int, list[Entry]] = {}
    # Without the connection, which would lead SQLite to the index of everything that is open.
    query = _rows.where(_is(outbox, *OPEN)).order_by(outbox.c.id)
    for chunk in chunks(bindings):
        for entry in entries(tx.execute(query.where(outbox.c.binding.in_(chunk)))):
            found.setdefault(entry.binding, []).append(entry)
    return found


def iterate(
    tx: Tx, connection: str, state: OpState, after: int = 0, limit: int = 500, *, uncleared: bool = False
) -> list[Entry]:
    """The next ops in this state after this id, oldest first; [] ends. `uncleared`: only those yet to be guarded."""
    query = _rows.where(*_in_state(connection, state), outbox.c.id > after)
    if uncleared:
        query = query.where(~outbox.c.cleared)
    return entries(tx.execute(query.order_by(outbox.c.id).limit(limit)))


def get(tx: Tx, connection: str, ids: Sequence[int]) -> dict[int, Entry]:
    """Ops by id, whatever became of them."""
    found: dict[int, Entry] = {}
    for chunk in chunks(ids):
        rows = tx.execute(_rows.where(outbox.c.connection == connection, outbox.c.id.in_(chunk)))
        found.update((entry.id, entry) for entry in entries(rows))
    return found


def held(tx: Tx, connection: str, *, guard: str | None = None, after: int = 0, limit: int = 1000) -> list[Entry]:
    """What waits for a person: everything, or the set of one guard."""
    query = _rows.where(*_in_state(connection, OpState.HELD), outbox.c.id > after)
    if guard is not None:
        query = query.where(outbox.c.guard == guard)
    return entries(tx.execute(query.order_by(outbox.c.id).limit(limit)))


def sending(tx: Tx, connection: str, *, limit: int = 1000) -> list[Entry]:
    """What was being sent. At the start of a process that holds the lease: what a crash left in the open."""
    return iterate(tx, connection, OpState.SENDING, limit=limit)


def history(tx: Tx, connection: str, bindings: Sequence[int], limit: int = 100) -> list[Entry]:
    """All ops of these bindings, latest first."""
    query = _rows.where(outbox.c.connection == connection, outbox.c.binding.in_(list(bindings)))
    return entries(tx.execute(query.order_by(outbox.c.id.desc()).limit(limit)))


def of_run(tx: Tx, connection: str, run: str, *, after: int = 0, limit: int = 500) -> list[Entry]:
    """The ops that a run decided, oldest first: for undo. Reads through the journal."""
    query = _rows.where(outbox.c.connection == connection, outbox.c.run == run, outbox.c.id > after)
    return entries(tx.execute(query.order_by(outbox.c.id).limit(limit)))


def counts(tx: Tx, connection: str, state: OpState, *, run: str | None = None) -> dict[Batch, int]:
    """How many ops are in this state, per batch; of one run if given."""
    query = select(outbox.c.side, outbox.c.kind, outbox.c.verb, func.count()).where(*_in_state(connection, state))
    if run is not None:
        query = query.where(outbox.c.run == run)
    rows = tx.execute(query.group_by(outbox.c.side, outbox.c.kind, outbox.c.verb))
    return {Batch(Side(side), Kind(kind), Verb(verb)): total for side, kind, verb, total in rows}


def prune(tx: Tx, connection: str, *, before: float, limit: int = 1000) -> int:
    """Drop journal rows that were over before this time, of the `limit` oldest rows; how many there were.

    Costs the same however long the journal is: rows are numbered as they come, so the oldest have the lowest ids.
    """
    columns = (outbox.c.id, outbox.c.changed, outbox.c.state)
    oldest = select(*columns).where(outbox.c.connection == connection).order_by(outbox.c.id).limit(limit).subquery()
    ended = oldest.c.state.in_([OpState.DONE.value, OpState.REPLANNED.value])
    over = list(tx.scalars(select(oldest.c.id).where(oldest.c.changed < before, ended)))
    return sum(tx.execute(delete(outbox).where(outbox.c.id.in_(some))).rowcount for some in chunks(over))


OPEN = (OpState.TODO, OpState.SENDING, OpState.UNCONFIRMED, OpState.HELD)
"""The states of what is not over. In this order: it is how the partial index is declared."""

_columns = [outbox.c[name] for name in Entry.__struct_fields__]
_rows = select(*_columns)
_added = insert(outbox)
_keyed = update(outbox).where(outbox.c.id == bindparam("the_id"))
_keyed = _keyed.values(key=bindparam("key"), body_hash=bindparam("body_hash"))
_finished = update(outbox).where(outbox.c.id == bindparam("the_id"))
_finished = _finished.values(
    record=func.coalesce(bindparam("the_record", type_=Text), outbox.c.record),
    guard=null(),
    cleared=or_(outbox.c.cleared, bindparam("cleared", type_=Boolean)),
    attempts=outbox.c.attempts - bindparam("unsent", type_=Integer),
    **{name: bindparam(name) for name in ("state", "reason", "remedy", "shown", "not_before", "changed")},
)
# The CRM first: our own write to Propstreet moves its modified date, and what is news of it should be out by then.
_ALL = 2**31 - 1  # SQLite knows no offset without a limit

_SIDES = (Side.CRM, Side.PROPSTREET)
_BATCHES = [(side.value, kind.value, verb.value) for verb in Verb for side in _SIDES for kind in Kind]
# One look into the index per batch; both databases name the columns of VALUES so.
_DUE_BATCHES = text(f"""
    SELECT column2, column3, column4
    FROM (VALUES {", ".join(str((rank, *batch)) for rank, batch in enumerate(_BATCHES))}) AS batches
    WHERE EXISTS (
        SELECT 1 FROM outbox
        WHERE connection = :connection AND side = column2 AND kind = column3 AND verb = column4
            AND state = 'todo' AND not_before <= :now AND cleared
            AND (CAST(:run AS TEXT) IS NULL OR run = :run)
    )
    ORDER BY column1
""")


def _is(table: FromClause, *states: OpState) -> ColumnElement[bool]:
    """As literals: a planner only uses a partial index when it can read the states in the statement."""
    literals = [literal_column(f"'{state.value}'", Text) for state in states]
    column = table.c["state"]
    return column == literals[0] if len(literals) == 1 else column.in_(literals)


def _of(connection: str, side: Any, kind: Any, verb: Any) -> list[ColumnElement[bool]]:
    return [outbox.c.connection == connection, outbox.c.side == side, outbox.c.kind == kind, outbox.c.verb == verb]


def _of_run(run: str | None) -> list[ColumnElement[bool]]:
    return [] if run is None else [outbox.c.run == run]


def _alike(other: FromClause) -> list[ColumnElement[bool]]:
    return [other.c[name] == outbox.c[name] for name in ("side", "verb")]


def _in_state(connection: str, state: OpState) -> list[ColumnElement[bool]]:
    clauses = [outbox.c.connection == connection, _is(outbox, state)]
    return [*clauses, _is(outbox, *OPEN)] if state in OPEN else clauses


def _serialise(tx: Tx, connection: str) -> None:
    """One claim at a time per connection, or two could miss each other's. SQLite has one writer anyway."""
    if tx.dialect.name == "postgresql":
        tx.execute(select(func.pg_advisory_xact_lock(func.hashtext(f"syncd outbox {connection}"))))
