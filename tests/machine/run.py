"""Plays many random histories: `python -m tests.machine.run --histories 300`, or `--seed 17` to see one again."""

from __future__ import annotations

import argparse
import functools
import multiprocessing
import os
import random
import sys
import time
import traceback
from collections.abc import Callable

import structlog

from tests.engine.world import CRMS, Crm

from . import investors, promises
from .history import History
from .investors import FORMS, Form

Numbered = Callable[[int], tuple[int, str | None]]


def play(seed: int, crm: Crm, *, form: Form | None = None) -> str | None:
    """None when all promises held; otherwise the story and what broke. `form`: with investors, in this form."""
    replay = f"replay: python -m tests.machine.run --crm {crm} --seed {seed}"
    replay += f" --investors --form {form}" if form is not None else ""
    history = investors.InvestorHistory(seed, crm, form=form) if form is not None else History(seed, crm)
    try:
        history.play()
        if isinstance(history, investors.InvestorHistory):
            investors.check(history)
        else:
            promises.check(history)
    except Exception:
        return "\n".join([*history.trace, traceback.format_exc(), replay])
    finally:
        history.world.connection.close()
    return None


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--histories", type=int, default=300)
    parser.add_argument("--crm", choices=CRMS, help="both, in turn, if not given")
    parser.add_argument("--seed", type=int, help="play just this one, and tell it")
    parser.add_argument("--first", type=int, help="the first seed; drawn if not given")
    parser.add_argument("--jobs", type=int, default=os.cpu_count() or 1)
    parser.add_argument("--investors", action="store_true", help="with investors and the people behind them")
    parser.add_argument("--form", choices=FORMS, default=FORMS[0], help="what an investor is in the CRM")
    parser.add_argument("--all", action="store_true", help="go on after a broken one")
    options = parser.parse_args()
    structlog.configure(processors=[structlog.testing.LogCapture()])
    form: Form | None = options.form if options.investors else None
    if options.seed is not None:
        return _one(options.seed, options.crm, form)
    first = options.first if options.first is not None else random.SystemRandom().randrange(10**9)
    numbered = functools.partial(_numbered, options.crm, form)
    seeds = range(first, first + options.histories)
    return _many(seeds, options.jobs, options.crm, numbered, stop=not options.all)


def _one(seed: int, crm: Crm | None, form: Form | None) -> int:
    crm = crm or _drawn(seed)
    story = play(seed, crm, form=form)
    print(story or f"history {seed} over {crm}: all promises held")
    return 1 if story else 0


def _drawn(seed: int) -> Crm:
    """Every CRM has as many histories as another."""
    return CRMS[seed % len(CRMS)]


def _many(seeds: range, jobs: int, crm: Crm | None, numbered: Numbered, *, stop: bool) -> int:
    started = time.monotonic()
    broken: list[int] = []
    played = 0
    with multiprocessing.get_context("spawn").Pool(jobs) as pool:
        for seed, story in pool.imap_unordered(numbered, seeds, chunksize=4):
            played += 1
            if story is not None:
                broken.append(seed)
                print(f"history {seed} broke a promise\n{story}\n", file=sys.stderr)
                if stop:
                    break
    seconds = time.monotonic() - started
    rate = played / seconds
    over = crm or " and ".join(CRMS)
    print(f"{played} histories over {over}, from seed {seeds.start}: {len(broken)} broken")
    print(f"{rate:.1f} a second on {jobs} processes")
    return 1 if broken else 0


def _numbered(crm: Crm | None, form: Form | None, seed: int) -> tuple[int, str | None]:
    return seed, play(seed, crm or _drawn(seed), form=form)


if __name__ == "__main__":
    sys.exit(main())
