"""How results reach a person or a script: one JSON document, or tables and progress bars on a terminal."""

from __future__ import annotations

import sys
import textwrap
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime

import msgspec
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, SpinnerColumn, TaskID, TextColumn
from rich.table import Table

from syncd.core.model import Value
from syncd.engine.report import Progress as OnProgress
from syncd.engine.report import Summary, silent

NAMES_MAX = 8  # fields that a line names; a create has them all
_LINE_MAX = 100  # of running text; tables and messages are as long as they are


def print_json(document: object) -> None:
    """One document, indented, on standard output."""
    print(msgspec.json.format(msgspec.json.encode(document), indent=2).decode())


def console() -> Console:
    return Console(soft_wrap=True, highlight=False)


def table(title: str, columns: Sequence[str], rows: Sequence[Sequence[object]]) -> None:
    """A table that keeps every cell whole: drawn on a terminal, in plain columns elsewhere."""
    if not sys.stdout.isatty():
        print(title)
        for line in aligned([columns, *rows]):
            print(f"  {line}")
        return
    drawn = Table(title=title, title_justify="left", header_style="bold")
    for column in columns:
        drawn.add_column(column, overflow="fold")
    for row in rows:
        drawn.add_row(*(str(cell) for cell in row))
    console().print(drawn)


def aligned(rows: Sequence[Sequence[object]]) -> list[str]:
    cells = [[str(cell) for cell in row] for row in rows]
    widths = [max(map(len, column)) for column in zip(*cells, strict=True)]
    return ["  ".join(map(str.ljust, row, widths)).rstrip() for row in cells]


def counted(count: int, noun: str) -> str:
    """ "1 record", "2 records"."""
    return f"{count} {noun}" if count == 1 else f"{count} {noun}s"


def listed(head: str, names: Iterable[str]) -> str:
    """A head and its names, on as many lines as they need."""
    text = f"{head}: {', '.join(names)}"
    return textwrap.fill(text, _LINE_MAX, subsequent_indent="  ", break_on_hyphens=False, break_long_words=False)


def shortened(names: Sequence[str]) -> str:
    """Names of fields, or how many they are where a line can't hold them."""
    return ", ".join(names) if len(names) <= NAMES_MAX else counted(len(names), "field")


def shown(value: Value) -> str:
    """A canonical value for people: no trailing zeros of an instant, sets with commas."""
    match value:
        case None:
            return "–"
        case tuple():
            return ", ".join(value) or "–"
        case str() if len(value) == 28 and value.endswith("Z") and value[10] == "T":
            return value.rstrip("Z").rstrip("0").rstrip(".") + "Z"
        case _:
            return str(value)


def moment(seconds: float | None) -> str:
    return "–" if seconds is None else f"{datetime.fromtimestamp(seconds, UTC):%Y-%m-%d %H:%M:%S}Z"


def span(seconds: float | None) -> str:
    """A length of time, for people."""
    if seconds is None:
        return "never"
    for unit, size in (("d", 86400), ("h", 3600), ("min", 60)):
        if seconds >= 2 * size:
            return f"{seconds / size:.0f} {unit}"
    return f"{seconds:.0f} s"


@contextmanager
def progress_bars(*, json: bool) -> Iterator[OnProgress]:
    """Bars on standard error while a terminal is attached to it; nothing otherwise."""
    if json or not sys.stderr.isatty():
        yield silent
        return
    columns = (SpinnerColumn(), TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn())
    with Progress(*columns, console=Console(stderr=True), transient=True) as bars:
        tasks: dict[str, TaskID] = {}

        def on_progress(stage: str, done: int, total: int | None) -> None:
            task = tasks.get(stage)
            if task is None:
                task = tasks[stage] = bars.add_task(stage, total=total)
            bars.update(task, completed=done, total=total)

        yield on_progress


def print_summary(summary: Summary) -> None:
    """The summary of a pass, for people."""
    print(f"{summary.connection}: {summary.mode} {summary.outcome} in {summary.duration_s:.1f} s  (run {summary.run})")
    for side in summary.captured:
        done = summary.applied[side]
        print(
            f"  {side:<10} {summary.captured[side]:>7} changed {done.create:>7} created {done.update:>7} updated"
            f" {done.delete:>7} deleted {summary.calls[side]:>7} calls"
        )
    if summary.conflicts:
        print(f"  conflicts that wait for a decision: {summary.conflicts} → syncd conflicts list")
    if summary.held:
        print(f"  writes that are held: {summary.held} → syncd held list")
    if summary.outcome == "incomplete":
        print("  some writes wait to be tried again → syncd delta")
