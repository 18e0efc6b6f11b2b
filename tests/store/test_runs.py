"""Runs are told apart by how they ended, or that they did not."""

from __future__ import annotations

from syncd.store import Store, runs
from syncd.store.runs import Run


def test_a_run_from_start_to_finish(store: Store) -> None:
    counts = {"applied": {"crm": {"create": 3}}, "conflicts": 0}
    with store.begin() as tx:
        runs.start(tx, "nordic", "r1", mode="delta", now=1.0)
        running = runs.get(tx, "nordic", "r1")
        runs.finish(tx, "r1", outcome="ok", counts=counts, calls={"crm": 7}, error=None, now=2.0)
        finished = runs.get(tx, "nordic", "r1")

    assert running is not None
    assert (running.finished, running.outcome, running.counts) == (None, None, {})
    assert finished == Run(
        id="r1",
        connection="nordic",
        mode="delta",
        started=1.0,
        finished=2.0,
        outcome="ok",
        counts=counts,
        calls={"crm": 7},
        error=None,
    )


def test_the_latest_come_first(store: Store) -> None:
    with store.begin() as tx:
        for number in range(4):
            runs.start(tx, "nordic", f"r{number}", mode="delta", now=float(number))
        runs.start(tx, "other", "r9", mode="delta", now=9.0)

        assert [run.id for run in runs.last(tx, "nordic", 3)] == ["r3", "r2", "r1"]
        assert runs.get(tx, "nordic", "r9") is None


def test_old_runs_are_dropped(store: Store) -> None:
    with store.begin() as tx:
        for number in range(4):
            runs.start(tx, "nordic", f"r{number}", mode="delta", now=float(number))

        assert runs.prune(tx, "nordic", before=3.0, limit=2) == 2
        assert runs.prune(tx, "nordic", before=3.0) == 1
        assert [run.id for run in runs.last(tx, "nordic", 9)] == ["r3"]
