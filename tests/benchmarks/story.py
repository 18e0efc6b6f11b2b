"""A first load, a delta over one per cent of the records, and a pass with nothing to do, each next to its floor.

It checks that each pass did what it was there for: a pass that does too little would look fast.

Both systems are read with an overlap, so the first pass after a load or a delta reads what that wrote once more, to
find nothing new in it. It is shown once, as `again`; before the other passes are measured, time goes on for longer
than the overlap, and somebody edits one project, because Propstreet's watermark is the latest change seen and moves
with changes only.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import msgspec

from syncd.core.model import Side
from syncd.engine.report import Applied, Mode, RunOutcome

from .floors import Work, floor
from .stage import Measured, Stage

PAUSE_S = 600.0
"""On the virtual clock. Longer than an overlap (300 s) and HubSpot's lag (60 s) together; short enough that the
story is over before Salesforce is asked once more what its fields are like, which happens every hour."""

INDEXED_S = 5.0
"""HubSpot's search sees a write after a second; what it has not seen costs nothing to read."""

EDITED_SHARE = 0.01
_NOTHING = Applied()


class Act(msgspec.Struct, frozen=True, kw_only=True):
    """One pass of the story."""

    what: str
    projects: int
    crm: str
    measured: Measured
    floors: Mapping[Side, int]
    prospects: int = 0  # of each project

    @property
    def calls(self) -> int:
        return sum(self.measured.calls.values())

    @property
    def floor(self) -> int:
        return sum(self.floors.values())

    @property
    def ratio(self) -> float:
        return self.calls / self.floor


def play(stage: Stage) -> Iterator[Act]:
    yield first_load(stage)
    yield again(stage)
    _ten_minutes(stage)
    yield delta(stage)
    _ten_minutes(stage)
    yield idle(stage)


def first_load(stage: Stage) -> Act:
    """Every project becomes a record of the CRM, and both are stamped. The clock stands still meanwhile."""
    count = len(stage.projects)
    measured = stage.run(Mode.BACKFILL)
    _expect(measured, propstreet=Applied(update=count), crm=Applied(create=count))
    return _act("first load", stage, measured, Work(everything=True, projects_listed=count, created=count))


def again(stage: Stage) -> Act:
    """The delta right after the load. At real rate limits a few minutes' worth of it is read again; here, all of it."""
    count = len(stage.projects)
    stage.clock.advance(INDEXED_S)
    measured = stage.run(Mode.DELTA)
    _expect(measured)
    return _act("delta right after it", stage, measured, Work(projects_listed=count, deals_listed=count))


def delta(stage: Stage) -> Act:
    """People edited one per cent of the pairs, half of them on each side."""
    half = max(1, int(len(stage.projects) * EDITED_SHARE / 2))
    _edit(stage, half)
    stage.clock.advance(INDEXED_S)
    measured = stage.run(Mode.DELTA)
    _expect(measured, propstreet=Applied(update=half), crm=Applied(update=half))
    work = Work(
        projects_listed=half + 1,  # `updated_since` is inclusive: the row at the watermark is shown once more
        deals_listed=half,
        deals_news=half,
        to_propstreet=half,
        to_crm=half,
        to_crm_two_way=half,
    )
    return _act("1 % delta", stage, measured, work)


def idle(stage: Stage) -> Act:
    """Nothing has happened for a while."""
    measured = stage.run(Mode.DELTA)
    _expect(measured)
    return _act("idle pass", stage, measured, Work())


def _ten_minutes(stage: Stage) -> None:
    """Nothing of the pass before is within an overlap afterwards."""
    stage.clock.advance(PAUSE_S)
    stage.propstreet.edit_project(stage.projects[-1], name=f"Renamed at {stage.clock.time():.0f}")
    _expect(stage.run(Mode.DELTA), crm=Applied(update=1))
    stage.clock.advance(PAUSE_S)


def _edit(stage: Stage, half: int) -> None:
    """Names, on one side or the other, of pairs all over the place."""
    stride = len(stage.projects) // (2 * half)
    deals = {deal[stage.people.stamp]: id for id, deal in stage.people.live().items()}
    (mapper,) = stage.connection.mappers.values()
    for number, id in enumerate(stage.projects[: 2 * half * stride : stride]):
        if number % 2:
            stage.propstreet.edit_project(id, name=f"Renamed {number}")
        else:
            stage.people.edit(deals[id], mapper, "name", f"Renamed {number}")


def _act(what: str, stage: Stage, measured: Measured, work: Work) -> Act:
    floors = {side: sum(terms.values()) for side, terms in floor(work, stage.crm).items()}
    return Act(what=what, crm=stage.crm, projects=len(stage.projects), measured=measured, floors=floors)


def _expect(measured: Measured, *, propstreet: Applied = _NOTHING, crm: Applied = _NOTHING) -> None:
    summary = measured.summary
    wanted = {Side.PROPSTREET.value: propstreet, Side.CRM.value: crm}
    assert (summary.outcome, dict(summary.applied)) == (RunOutcome.OK, wanted), summary
