"""status: how the connections stand. All of it is in the store: nothing connects."""

from __future__ import annotations

from pathlib import Path

from syncd.engine.status import Status, status

from .open import each_stored
from .output import counted, moment, print_json, span


def run_status(path: Path, name: str | None, *, json: bool) -> int:
    found = each_stored(path, name, status)
    if json:
        print_json(found[0] if len(found) == 1 else found)
    else:
        for one in found:
            _print_status(one)
    return 3 if any(one.held or one.conflicts for one in found) else 0


def _print_status(one: Status) -> None:
    kinds = [counted(count, kind) for kind, count in one.by_kind.items() if count]
    paired = f"{one.paired} paired ({', '.join(kinds)})" if len(one.by_kind) > 1 and kinds else f"{one.paired} paired"
    print(f"{one.connection}: {paired}, {one.pending} pending, {one.held} held, {counted(one.conflicts, 'conflict')}")
    print(f"  last read to the end {span(one.lag_s)} ago" if one.lag_s is not None else "  never read to the end")
    for side, count in one.overdue.items():
        if count:
            print(
                f"  the last pass did not get to the prospects of {counted(count, 'project')} in {side} → syncd delta"
            )
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
