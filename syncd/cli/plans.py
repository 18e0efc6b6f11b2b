"""plan and apply: what a pass would do, kept in a file, reviewed, and carried out."""

from __future__ import annotations

from pathlib import Path

import msgspec

from syncd.core.model import Kind, Side
from syncd.core.ops import Create, Delete, Hold, Op, Update
from syncd.engine.preview import VERSION, Preview, PreviewRecord, apply_preview, preview
from syncd.errors import ConfigError

from .logs import configure
from .open import only, opened
from .output import counted, print_json, print_summary, progress_bars, shown

_ARROW = {Side.PROPSTREET: "propstreet ←", Side.CRM: "→ crm"}


def run_plan(path: Path, name: str | None, output: Path | None, *, json: bool, verbose: bool) -> int:
    configure(verbose=verbose)
    config, entry = only(path, name)
    with opened(config, entry, path) as connection, progress_bars(json=json) as progress:
        made = preview(connection, progress)
    if output is not None:
        _keep(made, output)
    if json:
        print_json(made)
    else:
        _print_plan(made, output, nests=Kind.PROSPECT in connection.mappers)
    return 3 if any(record.conflicts or _holds(record) for record in made.records) else 0


def _keep(made: Preview, output: Path) -> None:
    try:
        output.write_bytes(msgspec.json.format(msgspec.json.encode(made), indent=1))
    except OSError as error:
        raise ConfigError(f"{output}: it can't be written ({type(error).__name__})", remedy="name another") from error


def _holds(record: PreviewRecord) -> bool:
    return any(isinstance(op, Hold) for op in record.ops)


def _print_plan(made: Preview, output: Path | None, *, nests: bool) -> None:
    for record in made.records:
        ids = " ↔ ".join(id or "(new)" for id in (record.propstreet_id, record.crm_id))
        print(f"{record.kind} {record.title}  [{ids}]")
        for op in record.ops:
            for line in _lines(op):
                print(f"    {line}")
        for conflict in record.conflicts:
            print(f"    conflict  {conflict}")
    if not made.records:
        print("nothing new to do; what waits already: syncd status")
        return
    writes = sum(not isinstance(op, Hold) for record in made.records for op in record.ops)
    needed = ", ".join(f"{calls} to {side}" for side, calls in made.calls.items())
    print(f"\n{counted(len(made.records), 'record')}, {counted(writes, 'write')}; API calls needed: {needed}")
    projects = [record for record in made.records if record.kind is Kind.PROJECT]
    if nests and any(isinstance(op, Create) for record in projects for op in record.ops):
        print("investors of new projects come with the same pass: who they are is read once their projects are paired")
    print(f"carry it out: syncd apply {output}" if output is not None else "carry it out: syncd delta")


def _lines(op: Op) -> list[str]:
    match op:
        case Create(side, _, fields):
            head = f"{_ARROW[side]}  create"
            return [head, *(f"  {name}: {shown(value)}" for name, value in fields.items())]
        case Update(side, _, changes, stamp):
            lines = [
                f"{_ARROW[side]}  {name}: {shown(one.was)} → {shown(one.set)}  ({one.rule})"
                for name, one in changes.items()
            ]
            return [*lines, f"{_ARROW[side]}  stamp {stamp}"] if stamp is not None else lines
        case Delete(side, id):
            return [f"{_ARROW[side]}  delete {id}"]
        case Hold(_, _, field, reason, remedy):
            return [f"held  {field or 'the record'}: {reason}" + (f"; {remedy}" if remedy else "")]


def run_apply(path: Path, name: str | None, file: Path, *, json: bool, verbose: bool) -> int:
    configure(verbose=verbose)
    reviewed = _reviewed(file)
    config, entry = only(path, name or reviewed.connection)
    if entry.name != reviewed.connection:
        raise ConfigError(f"{file} was made for connection {reviewed.connection}", remedy="make a plan for this one")
    with opened(config, entry, path) as connection, progress_bars(json=json) as progress:
        done = apply_preview(connection, reviewed, progress)
    if json:
        print_json({"summary": done.summary, "skipped": done.skipped})
    else:
        print_summary(done.summary)
        for one in done.skipped:
            print(f"  skipped {one.record.title}: {one.reason}")
    return done.summary.exit_code or (3 if done.skipped else 0)


def _reviewed(file: Path) -> Preview:
    try:
        reviewed = msgspec.json.decode(file.read_bytes(), type=Preview)
    except OSError as error:
        raise ConfigError(f"{file}: it can't be read ({type(error).__name__})", remedy="syncd plan -o FILE") from error
    except (msgspec.DecodeError, msgspec.ValidationError) as error:
        raise ConfigError(f"{file}: it is not a plan: {error}", remedy="make one: syncd plan -o FILE") from error
    if reviewed.version != VERSION:
        raise ConfigError(f"{file}: it was made by another version of syncd", remedy="make a new one: syncd plan")
    return reviewed
