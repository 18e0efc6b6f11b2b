"""What a pass would do, without doing it: the same capture and the same planner, and nothing written but the store's
own mirror. A preview can be kept, reviewed, and applied later; what has moved since is skipped with a reason."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from math import ceil

import msgspec

from syncd.adapters.base import Audits
from syncd.core.model import LEFT, RIGHT, Kind, Side
from syncd.core.ops import Create, Delete, Hold, Op, Update
from syncd.core.policy import Flow
from syncd.store import notices
from syncd.store.notices import Notice

from . import decide, kin
from .commit import commit
from .connection import Connection
from .decide import Planned
from .expecting import Expected
from .holding import held
from .report import Mode, Progress, Summary, silent
from .run import Pass
from .titles import name_of, title

VERSION = 1


class PreviewRecord(msgspec.Struct, frozen=True, kw_only=True):
    """One record of a preview: its ops, and what is in dispute about it."""

    kind: Kind
    propstreet_id: str | None
    crm_id: str | None
    parent: str | None = None  # the project or deal that it lives in, where its record is read
    title: str  # for people; the name of the record
    ops: tuple[Op, ...] = ()
    conflicts: tuple[str, ...] = ()  # "field: reason"


class Preview(msgspec.Struct, frozen=True, kw_only=True):
    version: int = VERSION
    connection: str
    records: list[PreviewRecord]
    calls: dict[str, int]  # needed to carry it out, per side


class Skipped(msgspec.Struct, frozen=True):
    record: PreviewRecord
    reason: str


class AppliedPreview(msgspec.Struct, frozen=True):
    summary: Summary
    skipped: list[Skipped]


def preview(connection: Connection, progress: Progress = silent) -> Preview:
    """Read what changed and plan it. Raises LeaseHeld, RemoteError."""
    with held(connection) as working:
        run = Pass(working, Mode.PLAN, progress)
        run.begin()
        records: list[PreviewRecord] = []
        for planned in _planned(working):
            records += [record for one in planned if (record := _record(working, one)) is not None]
            progress("comparing", len(records), None)
    return Preview(connection=connection.name, records=records, calls=calls_needed(connection, records))


def _planned(connection: Connection) -> Iterator[list[Planned]]:
    expected = Expected(connection)
    for kind in connection.mappers:
        after: Notice | None = None
        while True:
            with connection.store.read() as tx:
                batch = notices.take(
                    tx,
                    connection.name,
                    kind,
                    limit=connection.tuning.notices_max,
                    now=connection.clock.time(),
                    after=after,
                )
            if not batch:
                break
            after = batch[-1]
            yield expected.after(kind, decide.plans(connection, kind, batch))


def _record(connection: Connection, one: Planned) -> PreviewRecord | None:
    conflicts = tuple(f"{conflict.field or 'the record'}: {conflict.reason}" for conflict in one.plan.conflicts)
    if not one.ops and not conflicts:
        return None
    left, right = one.pair.left, one.pair.right
    return PreviewRecord(
        kind=one.pair.kind,
        propstreet_id=left.id if left is not None else None,
        crm_id=right.id if right is not None else None,
        parent=next((row.parent for row in (left, right) if row is not None), None),
        title=_title(connection, one),
        ops=one.ops,
        conflicts=conflicts,
    )


def _title(connection: Connection, one: Planned) -> str:
    for snapshot in (one.situation.left, one.situation.right):
        if snapshot is not None and (name := name_of(one.pair.kind, snapshot.fields)):
            return name
    if one.pair.kind is not kin.CHILD:
        return one.pair.name
    ids = {side: remote.id for side in Side if (remote := one.pair.record(side)) is not None}
    with connection.store.read() as tx:
        return title(tx, connection, one.pair.kind, ids) or one.pair.name


def calls_needed(connection: Connection, records: list[PreviewRecord]) -> dict[str, int]:
    """Requests that carrying this out takes, stamps and checks included, if nothing moves meanwhile."""
    needed: Counter[Side] = Counter()
    for kind in connection.mappers:
        its = [record for record in records if record.kind is kind]
        for side in Side:
            needed[side] += _creates(connection, side, kind, its)
            needed[side] += _changes(connection, side, kind, [op for record in its for op in record.ops])
    return {side.value: needed[side] for side in Side}


def _creates(connection: Connection, side: Side, kind: Kind, records: Sequence[PreviewRecord]) -> int:
    can = connection.adapter(side).capabilities
    sizes = can.of(kind)
    creates = [one for one in records for op in one.ops if isinstance(op, Create) and op.side is side]
    if sizes.create_apart:
        # What was made is looked at where it was made, and where nothing can be looked for beforehand.
        batches = (ceil(n / sizes.create_max) for n in Counter(one.parent for one in creates).values())
        return sum(1 + n for n in batches)
    calls = ceil(len(creates) / sizes.create_max)
    return calls + (ceil(len(creates) / sizes.find_max) if can.create_overwrites else 0)


def _changes(connection: Connection, side: Side, kind: Kind, ops: list[Op]) -> int:
    can = connection.adapter(side).capabilities
    sizes = can.of(kind)
    deletes = sum(isinstance(op, Delete) and op.side is side for op in ops)
    calls = ceil(deletes / sizes.delete_max)
    if not can.guarded_update:
        calls += ceil(deletes / sizes.fetch_max)
    changes = [op for op in ops if isinstance(op, Update) and op.side is side]
    stamps = [op for op in ops if isinstance(op, Create) and op.side is side.other and kin.is_stamped(connection, kind)]
    # A stamp can go out only once the counterpart is there, so it shares no call with the changes.
    for updates in (changes, stamps):
        calls += _updates(connection, side, kind, updates)
    return calls


def _updates(connection: Connection, side: Side, kind: Kind, ops: Sequence[Update | Create]) -> int:
    can, adapter = connection.adapter(side).capabilities, connection.adapter(side)
    sizes = can.of(kind)
    calls = ceil(len(ops) / sizes.update_max)
    if can.guarded_update:
        return calls
    calls += ceil(len(ops) / sizes.fetch_max)
    if isinstance(adapter, Audits):
        calls += ceil(sum(_two_way(connection, kind, op) for op in ops) / adapter.audit_max)
    return calls


def _two_way(connection: Connection, kind: Kind, op: Update | Create) -> bool:
    """Does it write a field that people may edit there? After a create, what the new record has by itself comes."""
    two_way = {name for name, field in connection.mappers[kind].policy.fields.items() if field.flow is Flow.BOTH}
    return bool(two_way & op.changes.keys() if isinstance(op, Update) else two_way - op.fields.keys())


def apply_preview(connection: Connection, reviewed: Preview, progress: Progress = silent) -> AppliedPreview:
    """Carry out a reviewed preview, and nothing else. Raises LeaseHeld, RemoteError."""
    skipped: list[Skipped] = []
    with held(connection) as working:
        run = Pass(working, Mode.APPLY, progress)

        def work() -> None:
            run.begin()
            run.only = set()
            for kind in working.mappers:
                records = [record for record in reviewed.records if record.kind is kind]
                skipped.extend(_commit_reviewed(working, run, kind, records))
                run.apply()  # people and projects are there before those who belong to them
            run.settle_down()

        return AppliedPreview(run.recorded(work), skipped)


def _commit_reviewed(connection: Connection, run: Pass, kind: Kind, records: list[PreviewRecord]) -> list[Skipped]:
    """Put the ops of these records into the outbox where planning them now comes to the same."""
    skipped: list[Skipped] = []
    size = connection.tuning.notices_max
    for start in range(0, len(records), size):
        some = records[start : start + size]
        planned = decide.plans(connection, kind, [_notice(connection, record) for record in some])
        by_id = {(side, here.id): one for one in planned for side in Side if (here := one.pair.record(side))}
        unmoved: dict[int, Planned] = {}
        for record in some:
            one = by_id.get(_key(record))
            reason = _moved(record, one)
            if reason is not None or one is None:
                skipped.append(Skipped(record, reason or "it is not there any more"))
            else:
                unmoved[id(one)] = one
        commit(connection, run.id, list(unmoved.values()), approved=True)
        assert run.only is not None
        run.only |= {
            (kind, side, here.id) for one in unmoved.values() for side in Side if (here := one.pair.record(side))
        }
    return skipped


def _moved(record: PreviewRecord, one: Planned | None) -> str | None:
    if one is None:
        return "it is not there any more"
    if all(isinstance(op, Hold) for op in record.ops):
        return "a person must act on it first"
    if one.ops != record.ops:
        return "it has moved since the plan was made" if one.ops else "there is nothing left to do"
    return None


def _key(record: PreviewRecord) -> tuple[Side, str]:
    if record.propstreet_id is not None:
        return LEFT, record.propstreet_id
    return RIGHT, record.crm_id or ""


def _notice(connection: Connection, record: PreviewRecord) -> Notice:
    """As if the record had been noticed. Its number is none that the store gives out, so it removes nothing."""
    side, id = _key(record)
    return Notice(connection.name, side, record.kind, id, -1, "reviewed", False, 0.0)
