"""conflicts and held: what waits for a person, and what they decide. All of it is in the store: nothing connects."""

from __future__ import annotations

from pathlib import Path

from syncd.core.model import Side
from syncd.core.ops import Create, Delete, Hold, Op, Update
from syncd.engine.connection import Connection
from syncd.engine.explain import remedy
from syncd.engine.persons import drop_held, resolve, retry_held
from syncd.engine.titles import title_of
from syncd.errors import ConfigError
from syncd.store import conflicts, outbox
from syncd.store.conflicts import Disputed
from syncd.store.outbox import Entry

from .open import each_stored, one_stored
from .output import counted, print_json, shortened, shown, table


def run_conflicts(path: Path, name: str | None, *, json: bool) -> int:
    def listed(connection: Connection) -> list[tuple[Disputed, str]]:
        with connection.store.read() as tx:
            found = conflicts.list_open(tx, connection.name)
            return [(one, title_of(tx, connection, one.binding)) for one in found]

    titled = [one for some in each_stored(path, name, listed) for one in some]
    found = [one for one, _ in titled]
    if json:
        print_json(found)
        return 3 if found else 0
    rows = [
        (
            one.id,
            one.connection,
            f"{one.kind} {title}".rstrip(),
            one.field or "the record",
            shown(one.left),
            shown(one.right),
            one.reason,
        )
        for one, title in titled
    ]
    if not rows:
        print("no conflicts")
        return 0
    table("conflicts", ("id", "connection", "record", "field", "propstreet", "crm", "why"), rows)
    print(f"decide one: syncd conflicts resolve {found[0].id} --take propstreet|crm")
    return 3


def run_resolve(path: Path, name: str | None, id: int, *, take: str | None, value: str | None) -> int:
    if (take is None) == (value is None):
        raise ConfigError("say whose value it shall be", remedy="add --take propstreet, --take crm or --value …")
    if take is not None and take not in list(Side):
        raise ConfigError(f"there is no side {take}", remedy="--take propstreet or --take crm")
    with one_stored(path, name) as connection:
        decided = resolve(connection, id, take=Side(take) if take is not None else None, value=value)
    print(f"conflict {id} on {decided.field or 'the record'} is decided; carry it out with: syncd delta")
    return 0


def run_held(path: Path, name: str | None, *, json: bool) -> int:
    def listed(connection: Connection) -> list[tuple[Entry, str]]:
        with connection.store.read() as tx:
            return [(one, title_of(tx, connection, one.binding)) for one in outbox.held(tx, connection.name)]

    titled = [one for some in each_stored(path, name, listed) for one in some]
    found = [one for one, _ in titled]
    if json:
        print_json(found)
        return 3 if found else 0
    if not found:
        print("nothing is held")
        return 0
    for one, title in titled:
        _print_held(one, title)
    return 3


def _print_held(one: Entry, title: str) -> None:
    """Not in a table: sentences are too long for columns."""
    print(f"{one.id}  {one.kind} {title}".rstrip() + f"  [{one.connection}: {_what(one)}]")
    print(f"    {_fields_of(one.op)}: {one.reason or ''}")
    print(f"    → {remedy(one)}")


def _fields_of(op: Op) -> str:
    match op:
        case Create(fields=fields):
            return shortened(tuple(fields))
        case Update(changes=changes):
            return shortened(tuple(changes))
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
    with one_stored(path, name) as connection:
        act = retry_held if verb == "retry" else drop_held
        count = act(connection, ids, guard=guard)
    done = "released; carry it out with: syncd delta" if verb == "retry" else "dropped"
    print(f"{counted(count, 'write')} {done}")
    return 0
