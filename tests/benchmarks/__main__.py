"""`make bench`: every number of DESIGN.md section 12 that a benchmark can show, as a table.

`--quick` leaves out the sizes that take minutes and writes no file. Fails when a count breaks its bar; counts are the
same on every machine. Times and sizes are not, so they are told and never fail the run.
"""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Iterator
from pathlib import Path

from rich.console import Console

from tests.engine.world import CRMS, Crm

from . import calls, investors, memory, pace, plan_rate, staleness, throughput
from .stage import quiet, staged
from .story import play
from .table import Row, Verdict, at_least, document, rendered

RESULTS = Path(__file__).with_name("results.md")
SIZES = (1_000, 10_000, 100_000)
QUICK_SIZES = SIZES[:2]


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks", description=__doc__)
    parser.add_argument("--quick", action="store_true", help="only the small sizes; results.md stays as it is")
    quick = parser.parse_args().quick
    quiet()
    started = time.monotonic()
    rows = list(_told(_rows(quick=quick)))
    print(rendered(rows))
    if not quick:
        RESULTS.write_text(document(rows, took_s=time.monotonic() - started))
    return 1 if any(row.verdict is Verdict.BROKEN for row in rows) else 0


def _rows(*, quick: bool) -> Iterator[Row]:
    yield at_least("core.plan", "17 fields", plan_rate.measure(), plan_rate.BAR_PER_S, "situations/s")
    yield from pace.rows()
    for crm, size in _stages(quick=quick):
        with staged(size, crm) as stage:
            for act in play(stage):
                yield from calls.rows(act)
                if act.what == "first load":
                    yield from throughput.rows(act)
    yield from _with_investors()
    if not quick:
        yield from staleness.rows()
    yield from memory.rows(memory.SIZES[:1] if quick else memory.SIZES)


def _with_investors() -> Iterator[Row]:
    for crm in CRMS:
        with staged(investors.PROJECTS, crm, mapping=f"{crm}-prospects") as stage:
            for act in investors.play(stage):
                yield from calls.rows(act)


def _stages(*, quick: bool) -> Iterator[tuple[Crm, int]]:
    """The largest over one CRM only: it is the engine that is to show whether it grows with the number of pairs."""
    for crm in CRMS:
        for size in SIZES if crm == "hubspot" and not quick else QUICK_SIZES:
            yield crm, size


def _told(rows: Iterator[Row]) -> Iterator[Row]:
    """Each row on standard error as soon as it is there: the whole takes minutes."""
    console = Console(stderr=True, highlight=False)
    for row in rows:
        console.print(f"{row.what}, {row.crm or '-'}, {row.size}: {row.measured}", markup=False)
        yield row


if __name__ == "__main__":
    sys.exit(main())
