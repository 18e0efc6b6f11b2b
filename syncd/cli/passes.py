"""backfill and delta: one pass over each connection."""

from __future__ import annotations

from pathlib import Path

from syncd.engine.report import Mode, Summary
from syncd.engine.run import run_pass
from syncd.errors import SyncdError

from .logs import configure
from .open import chosen, opened
from .output import print_json, print_summary, progress_bars
from .trouble import report

_WORST_LAST = (0, 3, 4, 2, 1)


def run_passes(mode: str, path: Path, name: str | None, *, json: bool, verbose: bool) -> int:
    """Run each connection in turn; one that fails does not stop the others. The worst exit code of all."""
    configure(verbose=verbose)
    config, entries = chosen(path, name)
    summaries: list[Summary] = []
    codes = [0]
    for entry in entries:
        try:
            with opened(config, entry, path) as connection, progress_bars(json=json) as progress:
                summary = run_pass(connection, Mode(mode), progress)
        except SyncdError as error:
            report(error)
            codes.append(error.exit_code)
            continue
        summaries.append(summary)
        codes.append(summary.exit_code)
        if not json:
            print_summary(summary)
    if json and summaries:
        print_json(summaries[0] if len(entries) == 1 else summaries)
    return max(codes, key=_WORST_LAST.index)
