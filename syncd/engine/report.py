"""What a pass tells: the summary that scripts read, and the progress that people watch. DESIGN.md section 9."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from typing import Protocol

import msgspec


class Mode(StrEnum):
    BACKFILL = "backfill"  # everything is read and compared
    DELTA = "delta"  # only what changed since the last pass
    APPLY = "apply"  # a reviewed plan, and nothing else
    PLAN = "plan"  # nothing is written


class RunOutcome(StrEnum):
    OK = "ok"
    ATTENTION = "attention"  # done, but a person must act: exit 3
    INCOMPLETE = "incomplete"  # writes are waiting to be tried again: exit 1
    FAILED = "failed"  # exit 1


class Applied(msgspec.Struct, frozen=True):
    create: int = 0
    update: int = 0
    delete: int = 0


class Summary(msgspec.Struct, frozen=True, kw_only=True):
    """The summary of a pass. Stable: other people's scripts read it."""

    run: str
    mode: Mode
    connection: str
    outcome: RunOutcome
    duration_s: float
    captured: Mapping[str, int]  # news per side
    applied: Mapping[str, Applied]
    conflicts: int  # open, of all passes
    held: int
    calls: Mapping[str, int]

    @property
    def exit_code(self) -> int:
        return {RunOutcome.OK: 0, RunOutcome.ATTENTION: 3}.get(self.outcome, 1)


class Progress(Protocol):
    """Told about long work as it goes on. `total` None: nobody knows yet."""

    def __call__(self, stage: str, done: int, total: int | None) -> None: ...


def silent(stage: str, done: int, total: int | None) -> None:
    """No progress shown."""
