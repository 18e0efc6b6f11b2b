"""Rows about speed: how many projects a first load brings across per second of one core."""

from __future__ import annotations

from collections.abc import Iterator

from .calls import size_of
from .story import Act
from .table import Row, at_least

PROJECTS_PER_S_MIN = 2_000.0


def rows(load: Act) -> Iterator[Row]:
    """For a first load. A project is two records: each is read, mirrored and written once, by a create and a stamp."""
    measured = load.measured
    own_s = measured.cpu_s - measured.twins_cpu_s
    for what, cpu_s in (("twins included", measured.cpu_s), ("the engine's own", own_s)):
        rate = load.projects / cpu_s
        yield at_least(f"first load, {what}", size_of(load), rate, PROJECTS_PER_S_MIN, "projects/s", crm=load.crm)
    for what, told in (
        ("writes", f"{measured.writes / measured.cpu_s:,.0f} writes/s"),
        ("by the wall clock", f"{load.projects / measured.wall_s:,.0f} projects/s"),
        ("share of the twins", f"{measured.twins_cpu_s / measured.cpu_s:.0%} of the CPU"),
    ):
        yield Row(what=f"first load, {what}", crm=load.crm, size=size_of(load), measured=told)
