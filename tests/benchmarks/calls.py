"""Rows about calls: each pass next to the floor, and what an idle pass costs. Counts are the same on every machine."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from syncd.core.model import Side

from .story import Act
from .table import Row, Verdict, at_most

RATIO_MAX = 1.05
IDLE_CALLS_MAX = 3
IDLE_CPU_MS_MAX = 100.0


def rows(act: Act) -> Iterator[Row]:
    yield Row(
        what=f"calls, {act.what}",
        crm=act.crm,
        size=size_of(act),
        measured=f"{act.calls:,} = {_sides(act)}",
        bar=f"floor {act.floor:,} = {_told(act.floors)}",
        ratio=f"{act.ratio:.3f}",
        verdict=held(act.ratio <= RATIO_MAX),
    )
    if act.what == "idle pass":
        yield from _idle(act)


def size_of(act: Act) -> str:
    return f"{act.projects:,} projects" + (f" × {act.prospects}" if act.prospects else "")


def _idle(act: Act) -> Iterator[Row]:
    yield Row(
        what="writes, idle pass",
        crm=act.crm,
        size=size_of(act),
        measured=f"{act.measured.writes}",
        bar=f"0, and ≤ {IDLE_CALLS_MAX} calls",
        verdict=held(act.measured.writes == 0 and act.calls <= IDLE_CALLS_MAX),
    )
    yield at_most("CPU, idle pass", size_of(act), act.measured.cpu_s * 1000, IDLE_CPU_MS_MAX, "ms", crm=act.crm)


def _sides(act: Act) -> str:
    return _told(act.measured.calls)


def _told(calls: Mapping[Side, int]) -> str:
    return " + ".join(f"{calls[side]:,}" for side in Side)


def held(kept: bool) -> Verdict:
    return Verdict.MET if kept else Verdict.BROKEN
