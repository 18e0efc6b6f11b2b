"""P9: no token and no personal value in a log, an error, a hold or a run's record; names of fields at most."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
import structlog
from structlog.typing import EventDict

from syncd.engine.report import Mode
from syncd.errors import SyncdError
from syncd.store import conflicts, outbox, runs
from syncd.testing.sandbox.wire import Fault, FaultKind

from .world import World, make_world

SECRETS = ("pat_sandbox", "pat-sandbox")
VALUES = ("Villa Viola", "Villa Valborg", "Villa Viktoria", "987654321", "semi_exclusive")


def story(world: World) -> list[str]:
    """A day with everything in it that makes people talk: conflicts, holds, refusals, faults. What was raised."""
    id = world.propstreet.add_project(name="Villa Viola", price=_sek(100))
    raised = _run(world, Mode.BACKFILL)
    (deal,) = world.hubspot.person.live_deals()
    world.propstreet.edit_project(id, price=_sek(987654321), exclusivity="semi_exclusive")
    world.hubspot.person.edit_deal(deal, amount="111", dealname="Villa Valborg")
    raised += _run(world)
    world.hubspot.person.edit_deal(deal, dealname="Villa Viktoria")
    for kind, status in ((FaultKind.STATUS, 400), (FaultKind.STATUS, 500), (FaultKind.HTML_200, 0)):
        world.left.plan(Fault(kind=kind, status=status, method="PATCH", body=b'{"title":"Villa Viktoria is refused"}'))
        raised += _run(world)
    for line in (world.left, world.right):
        line.plan(Fault(kind=FaultKind.STATUS, status=401, body=b'{"message":"pat-sandbox is no token"}'))
        raised += _run(world)
        line.behave()
    world.propstreet.delete_project(id)
    return raised + _run(world)


def test_logs_and_errors_hold_no_token_and_no_value() -> None:
    """P9: what goes to a log or to a terminal names records by id and fields by name."""
    world = make_world()
    with structlog.testing.capture_logs() as logged:
        raised = story(world)

    assert len(logged) > 20
    assert len(raised) >= 2
    assert [line for line in (*map(repr, logged), *raised) if _tells(line)] == []


def test_reasons_and_remedies_hold_no_value() -> None:
    """P9: why something is held, disputed or failed is told without the value that it is about."""
    world = make_world()
    story(world)

    with world.store.read() as tx:
        told = [f"{entry.reason} {entry.remedy}" for entry in outbox.held(tx, "test")]
        told += [conflict.reason for conflict in conflicts.list_open(tx, "test")]
        told += [f"{run.error} {run.counts}" for run in runs.last(tx, "test", 50)]
    assert len(told) > 5
    assert [line for line in told if _tells(line)] == []


def test_events_are_fixed_strings_and_carry_what_finds_a_record() -> None:
    """P9, P10: an event is counted by its name; the run and the binding are beside it, not in it."""
    with structlog.testing.capture_logs() as logged:
        story(make_world())

    events = {line["event"] for line in logged}
    assert {"run.started", "run.finished", "op.applied", "conflict.opened"} <= events
    assert all(event.count(".") == 1 and " " not in event for event in events)
    assert all("run" in line for line in logged if line["event"].startswith(("run.", "op.")))
    assert all(_finished(line) for line in logged if line["event"] == "run.finished")


@pytest.mark.parametrize("promise", [f"P{number}" for number in range(1, 11)])
def test_every_promise_is_named_by_a_test(promise: str) -> None:
    """A promise of the design without a test that names it is a wish."""
    texts = [file.read_text() for file in Path(__file__).parent.glob("test_*.py")]

    assert any(re.search(rf'^    """[^"\n]*\b{promise}\b', text, re.MULTILINE) for text in texts)


def _run(world: World, mode: Mode = Mode.DELTA) -> list[str]:
    world.later(400)
    try:
        world.run(mode)
    except SyncdError as error:
        return [f"{error} {error.remedy}"]
    return []


def _tells(line: str) -> bool:
    return any(word in line for word in (*SECRETS, *VALUES))


def _finished(line: EventDict) -> bool:
    return {"outcome", "duration_s", "calls", "held", "conflicts"} <= line.keys()


def _sek(value: int) -> dict[str, object]:
    return {"value": value, "currency": "SEK", "scale": "none"}
