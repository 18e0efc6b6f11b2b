"""status, explain, conflicts, held: what a person asks and decides. All of it is in the store: nothing connects."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from pathlib import Path
from textwrap import indent
from typing import TypeVar

from syncd.core.model import Side
from syncd.core.ops import Create, Delete, Hold, Op, Update
from syncd.engine.connection import Connection
from syncd.engine.explain import Explanation, FieldView, explain, remedy
from syncd.engine.persons import drop_held, resolve, retry_held
from syncd.engine.status import Status, status
from syncd.errors import ConfigError
from syncd.store import conflicts, outbox
from syncd.store.conflicts import Disputed
from syncd.store.outbox import Entry

from .logs import configure
from .open import chosen, only, opened
from .output import counted, listed, moment, print_json, shown, span, table

T = TypeVar("T")

_NAMES_MAX = 8  # fields that a line of history names; a create has them all


def run_status(path: Path, name: str | None, *, json: bool) -> int:
    found = _each(path, name, status)
    if json:
        print_json(found[0] if len(found) == 1 else found)
    else:
        for one in found:
            _print_status(one)
    return 3 if any(one.held or one.conflicts for one in found) else 0


def _print_status(one: Status) -> None:
    print(f"{one.connection}: {one.paired} paired, {one.pending} pending, {one.held} held, {one.conflicts} conflicts")
    print(f"  last read to the end {span(one.lag_s)} ago" if one.lag_s is not None else "  never read to the end")
    if one.ended:
        print(f"  {one.ended} pairs are over (deleted, unbound or merged away)")
    if one.unconfirmed:
        print(f"  {one.unconfirmed} writes are unconfirmed → syncd delta")
    if one.working:
        print(f"  {one.working} is working on it now")
    if one.last is None:
        print("  no pass yet → syncd plan, then syncd backfill")
    else:
        print(f"  last run: {one.last.mode} {one.last.outcome or 'did not finish'}, {moment(one.last.started)}")
        if one.last.error:
            print(f"  it said: {one.last.error}")
    if one.conflicts:
        print("  → syncd conflicts list")
    if one.held:
        print("  → syncd held list")


def run_explain(path: Path, name: str | None, id: str, *, json: bool) -> int:
    found = [one for some in _each(path, name, lambda connection: explain(connection, id)) for one in some]
    if not found:
        raise ConfigError(f"syncd has never seen a record {id}", remedy="check the id, or run: syncd delta")
    if json:
        print_json(found)
    else:
        for one in found:
            _print_explanation(one)
    return 0


def _print_explanation(one: Explanation) -> None:
    print(f"{one.kind}: propstreet {one.propstreet_id or '–'} ↔ crm {one.crm_id or '–'}  ({one.state})")
    print(f"  {one.why}")
    print(f"  next: {one.next}")
    _print_fields(one.fields)
    for disputed in one.conflicts:
        print(f"  conflict {disputed.id} ({disputed.state}) on {disputed.field or 'the record'}: {disputed.reason}")
    for op in one.open:
        print(f"  {op.state} {op.id}: {op.verb} in {op.side}: {_shortened(op.fields)}: {op.reason or ''}")
        if op.remedy:
            print(f"    → {op.remedy}")
    for op in one.history[:10]:
        print(f"  {moment(op.changed)}  {op.verb} in {op.side}: {_shortened(op.fields) or 'the stamp'}")


def _shortened(names: Sequence[str]) -> str:
    return ", ".join(names) if len(names) <= _NAMES_MAX else counted(len(names), "field")


def _print_fields(fields: list[FieldView]) -> None:
    """All that a person must look at, and the rest in a line; --json has every value."""
    quiet = [view for view in fields if view.verdict in ("in sync", "not known")]
    empty = [view for view in quiet if view.propstreet is None and view.crm is None]
    same = [view for view in quiet if view.verdict == "in sync" and view not in empty]
    rest = [view for view in fields if view not in same and view not in empty]
    if rest:
        rows = [(view.field, shown(view.propstreet), shown(view.crm), view.verdict, view.rule) for view in rest]
        table("fields that differ", ("field", "propstreet", "crm", "verdict", "why"), rows)
    for what, views in (("in sync", same), ("empty on both sides", empty)):
        if views:
            print(indent(listed(what, [view.field for view in views]), "  "))


def run_conflicts(path: Path, name: str | None, *, json: bool) -> int:
    def listed(connection: Connection) -> list[Disputed]:
        with connection.store.read() as tx:
            return conflicts.list_open(tx, connection.name)

    found = [one for some in _each(path, name, listed) for one in some]
    if json:
        print_json(found)
        return 3 if found else 0
    rows = [
        (one.id, one.connection, one.field or "the record", shown(one.left), shown(one.right), one.reason)
        for one in found
    ]
    if not rows:
        print("no conflicts")
        return 0
    table("conflicts", ("id", "connection", "field", "propstreet", "crm", "why"), rows)
    print(f"decide one: syncd conflicts resolve {found[0].id} --take propstreet|crm")
    return 3


def run_resolve(path: Path, name: str | None, id: int, *, take: str | None, value: str | None) -> int:
    if (take is None) == (value is None):
        raise ConfigError("say whose value it shall be", remedy="add --take propstreet, --take crm or --value …")
    if take is not None and take not in list(Side):
        raise ConfigError(f"there is no side {take}", remedy="--take propstreet or --take crm")
    with _one(path, name) as connection:
        decided = resolve(connection, id, take=Side(take) if take is not None else None, value=value)
    print(f"conflict {id} on {decided.field or 'the record'} is decided; carry it out with: syncd delta")
    return 0


def run_held(path: Path, name: str | None, *, json: bool) -> int:
    def listed(connection: Connection) -> list[Entry]:
        with connection.store.read() as tx:
            return outbox.held(tx, connection.name)

    found = [one for some in _each(path, name, listed) for one in some]
    if json:
        print_json(found)
        return 3 if found else 0
    if not found:
        print("nothing is held")
        return 0
    rows = [
        (one.id, one.connection, _what(one), _fields_of(one.op), one.reason or "", remedy(one) or "") for one in found
    ]
    table("held", ("id", "connection", "what", "fields", "why", "what to do"), rows)
    return 3


def _fields_of(op: Op) -> str:
    match op:
        case Create(fields=fields):
            return _shortened(tuple(fields))
        case Update(changes=changes):
            return _shortened(tuple(changes))
        case Hold(field=field):
            return field or "the record"
        case Delete():
            return "the record"


def _what(entry: Entry) -> str:
    """A hold names the record in trouble, any other op what it would do."""
    record = f"{entry.side} {entry.record or '(new)'}"
    return record if isinstance(entry.op, Hold) else f"{entry.verb} {record}"


def run_release(verb: str, path: Path, name: str | None, ids: list[int], *, guard: str | None, all: bool) -> int:
    if [bool(ids), guard is not None, all].count(True) != 1:
        raise ConfigError(f"say what to {verb}", remedy=f"syncd held {verb} ID…, or --guard NAME, or --all")
    with _one(path, name) as connection:
        act = retry_held if verb == "retry" else drop_held
        count = act(connection, ids, guard=guard)
    done = "released; carry it out with: syncd delta" if verb == "retry" else "dropped"
    print(f"{counted(count, 'write')} {done}")
    return 0


def _each(path: Path, name: str | None, ask: Callable[[Connection], T]) -> list[T]:
    configure(verbose=False)
    config, entries = chosen(path, name)
    answers = []
    for entry in entries:
        with opened(config, entry, path, connects=False) as connection:
            answers.append(ask(connection))
    return answers


def _one(path: Path, name: str | None) -> AbstractContextManager[Connection]:
    configure(verbose=False)
    config, entry = only(path, name)
    return opened(config, entry, path, connects=False)
