"""How much memory the program needs, as the records become more: `syncd backfill` in a process of its own.

The twins are in this process and are talked to over real sockets, so that nothing of theirs is counted.
"""

from __future__ import annotations

import os
import random
import subprocess
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory

import msgspec

from syncd.clock import SystemClock
from syncd.engine.report import Summary
from syncd.testing.sandbox import hubspot, propstreet
from syncd.testing.sandbox.serve import serve

from .stage import ENVIRONMENT, FREE_HUBSPOT, FREE_PROPSTREET
from .table import Row, at_most

SIZES = (2_000, 10_000, 30_000)
MB = 1_000_000
MB_MAX = 200.0
MILLION = 1_000_000

_CONFIG = """
[store]
url = "sqlite:///syncd.db"

[[connections]]
name = "bench"
mapping = "hubspot"

[connections.propstreet]
base_url = "{propstreet}"
token_env = "PROPSTREET_TOKEN"

[connections.crm]
adapter = "hubspot"
namespace = "hubspot"
base_url = "{hubspot}"
token_env = "HUBSPOT_TOKEN"
"""


def rows(sizes: Sequence[int] = SIZES) -> Iterator[Row]:
    peaks: list[float] = []
    for size in sizes:
        peaks.append(peak_mb(size))
        yield at_most("peak memory, first load", f"{size:,} projects", peaks[-1], MB_MAX, "MB", crm="hubspot")
    if len(sizes) > 1:
        grown = max(0.0, (peaks[-1] - peaks[-2]) / (sizes[-1] - sizes[-2]))
        yield at_most(
            "peak memory, not measured but drawn out",
            f"{MILLION:,} projects",
            peaks[-1] + grown * (MILLION - sizes[-1]),
            MB_MAX,
            "MB",
            crm="hubspot",
        )


def peak_mb(projects: int) -> float:
    """Of a process that does a first load of this many projects and nothing else."""
    clock = SystemClock()
    left = propstreet.PropstreetTwin(clock, propstreet.Switches(rate_limit=FREE_PROPSTREET, journal=False))
    right = hubspot.HubSpotTwin(clock, hubspot.Switches(rate_limit=FREE_HUBSPOT, journal=False))
    left.seed_projects(projects, random.Random(projects))
    with TemporaryDirectory(prefix="syncd-bench-") as folder, serve(left) as here, serve(right) as there:
        config = Path(folder, "syncd.toml")
        config.write_text(_CONFIG.format(propstreet=here.url, hubspot=there.url))
        _syncd("setup", "--apply", "--config", str(config))
        told = _syncd("backfill", "--json", "--config", str(config))
    summary = msgspec.json.decode(told.stdout, type=Summary)
    assert summary.applied["crm"].create == projects, summary
    return int(told.stderr.split()[-1]) / MB


def _syncd(*arguments: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "tests.benchmarks.peak", *arguments]
    told = subprocess.run(command, env={**os.environ, **ENVIRONMENT}, capture_output=True, text=True, check=False)
    assert told.returncode == 0, f"syncd {arguments[0]} answered {told.returncode}: {told.stderr[-2000:]}"
    return told
