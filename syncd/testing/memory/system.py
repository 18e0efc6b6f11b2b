"""A record system in memory: state, a virtual clock, and side doors for the people who work in it.

It stands for whatever is behind an adapter. It keeps every state that a record has had, so that its change feed
can lag, and it can lose precision, refuse fields, merge records and fail on request. It speaks no wire format:
for that there are the sandbox twins.
"""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Callable, Iterator, Mapping

import msgspec

from syncd.core.instant import from_epoch_ms
from syncd.core.model import FieldType, Kind
from syncd.core.remote import Raw
from syncd.errors import AlreadyExists, Missing, PreconditionFailed, Rejected, RemoteError
from syncd.testing.clock import VirtualClock

from .lossy import Keep

PERSON = "a person"


class Row(msgspec.Struct, frozen=True, kw_only=True):
    """One state of one record."""

    id: str
    fields: Raw
    stamps: Mapping[str, str] = {}  # namespace → the counterpart's id
    version: int
    modified: str
    by: str  # who made it so
    deleted: bool = False
    merged_into: str | None = None
    absorbed: tuple[str, ...] = ()


class Failure(msgspec.Struct):
    """A scripted failure of calls to come."""

    error: Callable[[], RemoteError]
    verb: str
    after: bool  # the effect takes place, and then the call fails
    times: int  # how many calls it hits; -1: all
    skip: int


class MemorySystem:
    """`add`, `edit`, `remove`, `merge` and `read` are a person's doors; `by` is set when an adapter uses them.

    Invariants:
    - `version` and `modified` of a record never go back.
    - No two live records of a kind carry the same stamp of the same namespace.
    - An edit that changes nothing makes no new state.
    """

    def __init__(
        self,
        clock: VirtualClock,
        *,
        prefix: str = "m",
        required: tuple[str, ...] = (),  # fields that may not be empty
        keeps: Mapping[str, Keep] | None = None,  # what becomes of a field's values
        schema: Mapping[Kind, dict[str, FieldType]] | None = None,  # where given, other fields are refused
        lag_s: float = 0.0,  # how late the change feed is
        merge_makes_new_id: bool = True,
        account: str | None = None,  # its own id; None: it does not tell
    ) -> None:
        self.clock = clock
        self.required = required
        self.keeps = dict(keeps or {})
        self.schema = schema
        self.lag_s = lag_s
        self.account = account
        self.counts: Counter[str] = Counter()  # calls by verb
        self.on_call: Callable[[str, bool], None] | None = None  # (verb, after the effect?), e.g. to crash
        self.lock = threading.RLock()
        self._prefix = prefix
        self._merge_makes_new_id = merge_makes_new_id
        self._states: dict[Kind, dict[str, list[Row]]] = {kind: {} for kind in Kind}
        self._by_stamp: dict[tuple[Kind, str, str], str] = {}
        self._by_key: dict[tuple[Kind, str], str] = {}
        self._failures: list[Failure] = []
        self._ids = 0

    def now(self) -> str:
        """The server's clock, as a canonical instant."""
        return from_epoch_ms(int(self.clock.time() * 1000))

    def add(
        self,
        kind: Kind,
        fields: Raw,
        *,
        stamps: Mapping[str, str] | None = None,
        key: str | None = None,
        by: str = PERSON,
    ) -> Row:
        """A new record. A key that was used before answers with the record it made."""
        with self.lock:
            known = self._by_key.get((kind, key)) if key is not None else None
            if known is not None:
                return self.row(kind, known)
            self._check(kind, fields, whole=True)
            self._check_free(kind, stamps or {}, id=None)
            row = Row(
                id=self._new_id(),
                fields=self._kept(fields),
                stamps=dict(stamps or {}),
                version=1,
                modified=self.now(),
                by=by,
            )
            if key is not None:
                self._by_key[kind, key] = row.id
            return self._push(kind, row)

    def edit(
        self,
        kind: Kind,
        id: str,
        fields: Raw,
        *,
        stamps: Mapping[str, str] | None = None,
        if_version: str | None = None,
        by: str = PERSON,
    ) -> Row:
        """Write these fields and stamps. Raises Missing, PreconditionFailed, Rejected, AlreadyExists."""
        with self.lock:
            row = self._live(kind, id, if_version)
            self._check(kind, fields, whole=False)
            self._check_free(kind, stamps or {}, id=id)
            fields = {**row.fields, **self._kept(fields)}
            merged = {**row.stamps, **(stamps or {})}
            if fields == row.fields and merged == row.stamps:
                return row
            return self._push(kind, self._next(row, fields=fields, stamps=merged, by=by))

    def remove(self, kind: Kind, id: str, *, if_version: str | None = None, by: str = PERSON) -> Row:
        """Delete softly. Raises Missing for a record that is gone or never was."""
        with self.lock:
            row = self._live(kind, id, if_version)
            return self._push(kind, self._next(row, deleted=True, by=by))

    def merge(self, kind: Kind, primary: str, other: str) -> str:
        """Make one record of two; the primary's values and stamps survive. The survivor's id."""
        with self.lock:
            kept, lost = self._live(kind, primary), self._live(kind, other)
            gone = (lost, kept) if self._merge_makes_new_id else (lost,)
            survivor = self._new_id() if self._merge_makes_new_id else kept.id
            absorbed = (*kept.absorbed, *lost.absorbed, *(row.id for row in gone))
            for row in gone:
                self._push(kind, self._next(row, deleted=True, merged_into=survivor, by=PERSON))
            self._push(kind, self._next(kept, id=survivor, absorbed=absorbed, by=PERSON))
            return survivor

    def read(self, kind: Kind, id: str) -> Raw | None:
        """The fields now, or None when the record is gone."""
        row = self.row(kind, id)
        return None if row.deleted else dict(row.fields)

    def row(self, kind: Kind, id: str) -> Row:
        """The record's last state, its survivor's if it was merged away. Raises Missing if it never was."""
        with self.lock:
            states = self._states[kind].get(id)
            if states is None:
                raise Missing(f"memory: no {kind} {id}", system="memory", status=404)
            target = states[-1].merged_into
            return states[-1] if target is None else self.row(kind, target)

    def states(self, kind: Kind, id: str) -> tuple[Row, ...]:
        """Every state that this record has had, oldest first."""
        return tuple(self._states[kind].get(id, ()))

    def ids(self, kind: Kind) -> set[str]:
        """The live records."""
        return {id for id, states in self._states[kind].items() if not states[-1].deleted}

    def holder(self, kind: Kind, namespace: str, ref: str) -> Row | None:
        """The live record that carries this stamp."""
        id = self._by_stamp.get((kind, namespace, ref))
        return None if id is None else self._states[kind][id][-1]

    def visible(self, kind: Kind) -> Iterator[Row]:
        """What the change feed knows: each record as it was `lag_s` ago. Merged-away ids are not in it."""
        horizon = from_epoch_ms(int((self.clock.time() - self.lag_s) * 1000))
        with self.lock:
            for states in self._states[kind].values():
                shown = next((row for row in reversed(states) if row.modified <= horizon), None)
                if shown is not None and shown.merged_into is None:
                    yield shown

    def fail(
        self,
        error: Callable[[], RemoteError],
        *,
        verb: str = "*",
        after: bool = False,
        times: int = 1,
        skip: int = 0,
    ) -> None:
        """Let calls to come fail: of this verb, before or after their effect, once `skip` calls have passed."""
        self._failures.append(Failure(error, verb, after, times, skip))

    def heal(self) -> None:
        """Drop all scripted failures."""
        self._failures.clear()

    def next_failure(self, verb: str) -> Failure | None:
        """What happens to this call; counts it."""
        with self.lock:
            self.counts[verb] += 1
            for failure in self._failures:
                if failure.times == 0 or failure.verb not in ("*", verb):
                    continue
                if failure.skip > 0:
                    failure.skip -= 1
                    continue
                failure.times -= 1
                return failure
        return None

    def _live(self, kind: Kind, id: str, if_version: str | None = None) -> Row:
        row = self.row(kind, id)
        if row.deleted:
            raise Missing(f"memory: {kind} {id} is gone", system="memory", status=404)
        if if_version is not None and if_version != str(row.version):
            raise PreconditionFailed(f"memory: {kind} {id} has moved", system="memory", status=412)
        return row

    def _check(self, kind: Kind, fields: Raw, *, whole: bool) -> None:
        empty = [name for name in self.required if (whole or name in fields) and not fields.get(name)]
        unknown = [name for name in fields if name not in self.schema[kind]] if self.schema else []
        bad = tuple(sorted({*empty, *unknown}))
        if bad:
            raise Rejected(f"memory: a {kind} was refused: {', '.join(bad)}", system="memory", status=400, fields=bad)

    def _check_free(self, kind: Kind, stamps: Mapping[str, str], *, id: str | None) -> None:
        for namespace, ref in stamps.items():
            holder = self.holder(kind, namespace, ref)
            if holder is not None and holder.id != id:
                raise AlreadyExists(
                    f"memory: {kind} {holder.id} carries this stamp already",
                    system="memory",
                    status=409,
                    existing_id=holder.id,
                )

    def _kept(self, fields: Raw) -> Raw:
        return {name: self.keeps[name](value) if name in self.keeps else value for name, value in fields.items()}

    def _next(self, row: Row, **changes: object) -> Row:
        return msgspec.structs.replace(row, version=row.version + 1, modified=max(row.modified, self.now()), **changes)

    def _push(self, kind: Kind, row: Row) -> Row:
        self._states[kind].setdefault(row.id, []).append(row)
        for namespace, ref in row.stamps.items():
            if not row.deleted:
                self._by_stamp[kind, namespace, ref] = row.id
            elif self._by_stamp.get((kind, namespace, ref)) == row.id:
                del self._by_stamp[kind, namespace, ref]
        return row

    def _new_id(self) -> str:
        self._ids += 1
        return f"{self._prefix}-{self._ids}"
