"""The table that the benchmarks come to: one row per number, with the bar it is held against."""

from __future__ import annotations

import os
import platform
from collections.abc import Iterable, Sequence
from enum import StrEnum

import msgspec


class Verdict(StrEnum):
    MET = "met"
    SHORT = "**short**"  # of a timing or a size, which depends on the machine: reported, not asserted
    BROKEN = "**broken**"  # of a count, which does not: the run fails
    TOLD = ""  # there is no bar for it


class Row(msgspec.Struct, frozen=True, kw_only=True):
    what: str
    crm: str = ""  # nothing where none takes part
    size: str  # of what it was measured with
    measured: str
    bar: str = ""
    ratio: str = ""
    verdict: Verdict = Verdict.TOLD


def at_least(what: str, size: str, measured: float, bar: float, unit: str, *, crm: str = "") -> Row:
    """A timing: more is better."""
    return Row(
        what=what,
        crm=crm,
        size=size,
        measured=f"{measured:,.0f} {unit}",
        bar=f"≥ {bar:,.0f}",
        ratio=f"{measured / bar:.2f}",
        verdict=Verdict.MET if measured >= bar else Verdict.SHORT,
    )


def at_most(what: str, size: str, measured: float, bar: float, unit: str, *, crm: str = "") -> Row:
    """A time or a size: less is better."""
    return Row(
        what=what,
        crm=crm,
        size=size,
        measured=f"{measured:,.0f} {unit}",
        bar=f"≤ {bar:,.0f}",
        ratio=f"{measured / bar:.2f}",
        verdict=Verdict.MET if measured <= bar else Verdict.SHORT,
    )


def rendered(rows: Iterable[Row]) -> str:
    """Markdown whose columns line up, to be read as it is, too."""
    header = ("what", "crm", "size", "measured", "floor or bar", "ratio", "verdict")
    cells = [header, *map(_cells, rows)]
    widths = [max(len(line[place]) for line in cells) for place in range(len(header))]
    lines = [_line(line, widths) for line in cells]
    lines.insert(1, "| " + " | ".join("-" * width for width in widths) + " |")
    return "\n".join(lines)


def document(rows: Iterable[Row], *, took_s: float) -> str:
    """The table as a file that stays with the code."""
    machine = f"{os.cpu_count()} cores, {platform.machine()}, Python {platform.python_version()}"
    return (
        "# Benchmarks\n\n"
        f"Written by `make bench` in {took_s / 60:.0f} minutes, on {machine}.\n"
        "README.md says what each number means.\n\n"
        f"{rendered(rows)}\n"
    )


def _cells(row: Row) -> tuple[str, ...]:
    return row.what, row.crm, row.size, row.measured, row.bar, row.ratio, row.verdict.value


def _line(cells: Sequence[str], widths: Sequence[int]) -> str:
    return "| " + " | ".join(cell.ljust(width) for cell, width in zip(cells, widths, strict=True)) + " |"
