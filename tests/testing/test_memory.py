"""The memory system does what its traits say."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from syncd.adapters.base import CreateItem, Failed, Written
from syncd.core.model import Kind
from syncd.errors import OutcomeUnknown, Unreachable
from syncd.testing.clock import VirtualClock
from syncd.testing.memory import (
    Keep,
    MemoryAdapter,
    MemorySystem,
    both,
    clamped,
    lowered,
    rounded,
    shortened,
    trimmed,
)

PROJECT = Kind.PROJECT


@pytest.mark.parametrize(
    ("keep", "given", "kept"),
    [
        (trimmed, " Oak ", "Oak"),
        (lowered, "Anna@Oak.se", "anna@oak.se"),
        (shortened(3), "Birch", "Bir"),
        (rounded(0), Decimal("150.5"), Decimal(151)),
        (rounded(1), "0.25", "0.3"),
        (clamped(0, 100), "-5", "0"),
        (clamped(0, 100), 250, 100),
        (both(trimmed, shortened(3)), "  Birch", "Bir"),
        (rounded(0), "no number", "no number"),
        (clamped(0, 1), True, True),
        (trimmed, None, None),
    ],
)
def test_losses(keep: Keep, given: Any, kept: Any) -> None:
    """Each loses what it is named for and leaves alone what it does not understand."""
    assert keep(given) == kept
    assert type(keep(given)) is type(kept)


def test_a_lossy_system_shows_what_it_kept() -> None:
    system = MemorySystem(VirtualClock(), keeps={"name": trimmed})
    adapter = MemoryAdapter(system)

    (outcome,) = adapter.create(PROJECT, [CreateItem("P-1", {"name": "Oak "}, "key-1")])

    assert isinstance(outcome, Written)
    assert outcome.remote.raw == {"name": "Oak"}


def test_an_edit_that_changes_nothing_is_no_state() -> None:
    """Also when it changes nothing only after the loss."""
    system = MemorySystem(VirtualClock(), keeps={"name": trimmed})
    row = system.add(PROJECT, {"name": "Oak"})

    assert system.edit(PROJECT, row.id, {"name": " Oak "}) == row


def test_the_feed_lags_and_fetch_does_not() -> None:
    """Within the lag the feed shows the record as it was, and a new record not at all."""
    clock = VirtualClock()
    system = MemorySystem(clock, lag_s=20.0)
    adapter = MemoryAdapter(system)
    old = system.add(PROJECT, {"name": "Oak"}).id
    clock.advance(30.0)
    system.edit(PROJECT, old, {"name": "Birch"})
    system.add(PROJECT, {"name": "Elm"})

    (page,) = adapter.changes(PROJECT, None)

    assert [row.raw for row in page.rows] == [{"name": "Oak"}]
    assert adapter.fetch(PROJECT, [old])[old].raw == {"name": "Birch"}


def test_a_scripted_failure_strikes_before_or_after_the_effect() -> None:
    """Before: nothing happened. After: it happened, and nobody was told. Then all is well."""
    system = MemorySystem(VirtualClock())
    adapter = MemoryAdapter(system)
    item = CreateItem("P-1", {"name": "Oak"}, "key-1")
    system.fail(lambda: Unreachable("no line"), verb="create")
    system.fail(lambda: OutcomeUnknown("no answer"), verb="create", after=True)

    (before,) = adapter.create(PROJECT, [item])
    assert isinstance(before, Failed)
    assert system.ids(PROJECT) == set()
    (after,) = adapter.create(PROJECT, [item])
    assert isinstance(after, Failed)
    assert len(system.ids(PROJECT)) == 1
    (last,) = adapter.create(PROJECT, [item])
    assert isinstance(last, Written)
    assert len(system.ids(PROJECT)) == 1


def test_failures_can_wait_and_can_be_for_one_verb() -> None:
    system = MemorySystem(VirtualClock())
    adapter = MemoryAdapter(system)
    system.fail(lambda: Unreachable("no line"), verb="fetch", skip=1)

    adapter.fetch(PROJECT, ["m-1"])
    adapter.find(PROJECT, ["P-1"])
    with pytest.raises(Unreachable):
        adapter.fetch(PROJECT, ["m-1"])

    assert (system.counts["fetch"], system.counts["find"], adapter.calls) == (2, 1, 3)


def test_calls_can_be_watched() -> None:
    """Before and after each effect, as a crash test needs it."""
    system = MemorySystem(VirtualClock())
    seen: list[tuple[str, bool, int]] = []
    system.on_call = lambda verb, after: seen.append((verb, after, len(system.ids(PROJECT))))

    MemoryAdapter(system).create(PROJECT, [CreateItem("P-1", {}, "key-1")])

    assert seen == [("create", False, 0), ("create", True, 1)]
