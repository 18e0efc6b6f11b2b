"""check and setup: is everything in place, and if not, what to do about it."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path

import msgspec

from syncd.adapters.base import Problem, SetsUp, SetupItem
from syncd.core.model import Kind, Side
from syncd.engine.connection import Connection
from syncd.engine.identity import verify
from syncd.errors import ConfigError, RemoteError, SyncdError, WrongAccount
from syncd.mapping.build import is_ours

from .logs import configure
from .open import chosen, only, opened
from .output import NAMES_MAX, counted, listed, print_json, table

_WORD = re.compile(r"\w+")
_SETTABLE = ("missing", "hidden")
_STATES = {"hidden": "hidden from us"}
_DONE = {"missing": "created {} in the CRM", "hidden": "got {} shown in the CRM", "ok": "there already"}


class SideHealth(msgspec.Struct, frozen=True):
    side: str
    account: str
    problems: tuple[Problem, ...]


class ConnectionHealth(msgspec.Struct, frozen=True):
    connection: str
    ok: bool
    sides: list[SideHealth]


def run_check(path: Path, name: str | None, *, json: bool, verbose: bool) -> int:
    configure(verbose=verbose)
    config, entries = chosen(path, name)
    found = []
    for entry in entries:
        with opened(config, entry, path) as connection:
            found.append(_health(connection))
    if json:
        print_json(found[0] if len(found) == 1 else found)
    else:
        for one in found:
            _print_health(one)
    return 0 if all(one.ok for one in found) else 2


def _health(connection: Connection) -> ConnectionHealth:
    sides = [_side_health(connection, side) for side in Side]
    ok = not any(problem.fatal for side in sides for problem in side.problems)
    return ConnectionHealth(connection.name, ok, sides)


def _side_health(connection: Connection, side: Side) -> SideHealth:
    """What one side says; an error here is a finding like any other, so that both sides are always reported."""
    adapter = connection.adapter(side)
    try:
        health = adapter.check()
        problems = [*_account(connection, side), *health.problems]
        if isinstance(adapter, SetsUp):
            known = any(problem.fatal for problem in problems)
            wanting = [item for item in _compared(connection, adapter, leaving_out=known) if item.state != "ok"]
            names = {item.field.name for item in wanting}
            # The adapter may tell of the same fields by itself, one by one: once is enough.
            problems = [problem for problem in problems if not names & set(_WORD.findall(problem.what))]
            problems += _problems(wanting)
    except SyncdError as error:
        remedy = error.remedy or f"check base_url and the token in connections.{connection.name}.{side}"
        return SideHealth(side.value, "?", (Problem(str(error), remedy),))
    return SideHealth(side.value, health.account, tuple(problems))


def _account(connection: Connection, side: Side) -> list[Problem]:
    """What was found out about the account comes from where the credentials lead, so the rest is told as well."""
    try:
        verify(connection, side)
    except WrongAccount as error:
        return [Problem(str(error), error.remedy or "")]
    return []


def _problems(wanting: list[SetupItem]) -> list[Problem]:
    """Fields to be created as one problem, whatever their number; the others one by one."""
    ours = [item for item in wanting if _is_to_create(item)]
    problems = []
    if ours:
        names = ", ".join(_names(ours))
        problems.append(Problem(f"{counted(len(ours), 'field')} missing in the CRM: {names}", "syncd setup --apply"))
    for item in wanting:
        if not _is_to_create(item):
            detail = item.detail or "create it in the CRM, or correct the mapping"
            problems.append(Problem(f"{item.field.name} is {_STATES.get(item.state, item.state)}", detail))
    return problems


def _names(items: Sequence[SetupItem]) -> list[str]:
    """The fields by name; many of several kinds by their number, since the kinds have much the same names."""
    kinds = Counter(item.kind for item in items)
    if len(kinds) == 1:
        return [item.field.name for item in items]
    if len(items) <= NAMES_MAX:
        return [f"{item.field.name} of {item.kind}" for item in items]
    return [f"{count} of {kind}" for kind, count in kinds.items()]


def _is_ours(item: SetupItem) -> bool:
    """Only under our own prefix, and our own stamp: any other name that is missing is more likely misspelt."""
    return item.field.unique or is_ours(item.field.name)


def _is_to_create(item: SetupItem) -> bool:
    return item.state == "missing" and _is_ours(item)


def _print_health(one: ConnectionHealth) -> None:
    print(f"{one.connection}: {'ready' if one.ok else 'not ready'}")
    for side in one.sides:
        print(f"  {side.side}: {side.account}" + ("" if any(problem.fatal for problem in side.problems) else "  ok"))
        for problem in side.problems:
            print(f"    {'✗' if problem.fatal else '!'} {problem.what}")
            print(f"      → {problem.remedy}")


def run_setup(path: Path, name: str | None, *, apply: bool, json: bool, verbose: bool) -> int:
    configure(verbose=verbose)
    config, entry = only(path, name)
    with opened(config, entry, path) as connection:
        adapter = connection.crm
        if not isinstance(adapter, SetsUp):
            raise ConfigError(f"the {adapter.name} adapter can't set up fields", remedy="create them by hand")
        items = _compared(connection, adapter)
        before = {(item.kind, item.field.name): item.state for item in items}
        wanting = [item for item in items if item.state in _SETTABLE and _is_ours(item)]
        if apply and wanting:
            verify(connection, Side.CRM)
            for kind in connection.mappers:
                adapter.provision(kind, [item for item in wanting if item.kind is kind])
            items = _compared(connection, adapter)
    if json:
        print_json(items)
    else:
        _print_setup(items, before, applied=apply)
    left = [item for item in items if item.state != "ok"]
    return 3 if left else 0


def _compared(connection: Connection, adapter: SetsUp, *, leaving_out: bool = False) -> list[SetupItem]:
    """`leaving_out` the kinds that can't be compared. Raises RemoteError."""
    items: list[SetupItem] = []
    for kind, mapper in connection.mappers.items():
        try:
            items += adapter.compare(kind, mapper.wanted())
        except RemoteError:
            if not leaving_out:
                raise
    return items


def _print_setup(items: list[SetupItem], before: Mapping[tuple[Kind, str], str], *, applied: bool) -> None:
    """What is not as it should be, whole; what is, in a line for each state that it was in."""
    done = [item for item in items if item.state == "ok"]
    wanting = [item for item in items if item.state != "ok"]
    for state, what in _DONE.items():
        found = [item for item in done if before[item.kind, item.field.name] == state]
        if found:
            print(listed(what.format(counted(len(found), "field")), _names(found)))
    if wanting:
        rows = [(item.kind, item.field.name, item.field.type, item.state, _todo(item, applied)) for item in wanting]
        table("fields to see to", ("kind", "field", "type", "state", "what to do"), rows)
    else:
        print("everything is in place → syncd plan")


def _todo(item: SetupItem, applied: bool) -> str:
    """What `--apply` could not do is for a person, and trying it again would not help."""
    if _is_to_create(item) and not applied:
        return "syncd setup --apply"
    return item.detail or "create it in the CRM, or correct the mapping"
