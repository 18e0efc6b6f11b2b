"""The story of `story` with investors: a first load, stages that change on either side, and a pass with nothing to do.

The shipped table for investors, as it stands: the CRM's people are made from Propstreet's, every prospect becomes a
label or a role of its own, and a classification moves both ways. Nothing tells that one changed, so those change whose
project's turn it is: its teaser is with investors.
"""

from __future__ import annotations

import random
from collections.abc import Iterator
from typing import NamedTuple

from syncd.core.model import Kind, Side
from syncd.engine.report import Applied, Mode, RunOutcome
from syncd.mapping.project import Pace, pace
from tests.engine.investors import LABELS

from .investor_floors import Work, floor, share
from .stage import Measured, Stage, pairs
from .story import Act

PAUSE_S = 450.0
"""As in `story`, and a whole part of the half hour that the prospects of an open project may go without a look."""

PROJECTS = 200
PROSPECTS = 40  # of each project
CONTACTS_PER_PROJECT = 10  # so that with 40 prospects each, everybody is on four lists
CHANGED_SHARE = 0.01
STAGES = tuple(LABELS)
_NOTHING = Applied()
_SEED = 2


class Prospect(NamedTuple):
    project: str
    contact: str
    id: str


class Crowd:
    """A stage with investors on it."""

    def __init__(self, stage: Stage, *, prospects: int = PROSPECTS) -> None:
        self.stage = stage
        rng = random.Random(_SEED)
        projects = stage.projects
        self.contacts, self.companies = stage.propstreet.seed_people(
            CONTACTS_PER_PROJECT * len(projects), len(projects), rng
        )
        self.companies.append(stage.propstreet.add_company(name="Nobody works here"))
        self.prospects = [
            Prospect(project, contact, stage.propstreet.add_prospect(project, contact=contact))
            for project in projects
            for contact in rng.sample(self.contacts, prospects)
        ]
        self.begun = stage.clock.time()
        self.paces = {project: pace(stage.propstreet.project(project)) for project in projects}

    def run(self, mode: Mode = Mode.DELTA) -> Measured:
        """The next pass, which begins a pause after the one before did."""
        self.wait()
        self.begun = self.stage.clock.time()
        return self.stage.run(mode)

    def wait(self) -> None:
        clock = self.stage.clock
        clock.advance(max(0.0, self.begun + PAUSE_S - clock.time()))

    @property
    def people(self) -> int:
        """Contacts that a prospect is about; nobody needs the others."""
        return len({prospect.contact for prospect in self.prospects})

    def due(self, gap_s: float) -> int:
        counts = [sum(one is pace for one in self.paces.values()) for pace in (Pace.LIVELY, Pace.OPEN, Pace.QUIET)]
        return share(*counts, gap_s=gap_s)

    def some(self) -> list[Prospect]:
        """One in a hundred of all, on projects that are read in every pass."""
        lively = [prospect for prospect in self.prospects if self.paces[prospect.project] is Pace.LIVELY]
        count = max(1, int(len(self.prospects) * CHANGED_SHARE))
        return lively[:: len(lively) // count][:count]


def play(stage: Stage, *, prospects: int = PROSPECTS) -> Iterator[Act]:
    crowd = Crowd(stage, prospects=prospects)
    yield _first_load(crowd)
    _move_on(crowd)
    yield _from_propstreet(crowd)
    _move_on(crowd)
    yield _from_crm(crowd)
    _move_on(crowd)
    yield _idle(crowd)


def _first_load(crowd: Crowd) -> Act:
    """Projects, then the people that prospects are about, then the prospects: in one pass."""
    stage = crowd.stage
    projects, people, prospects = len(stage.projects), crowd.people, len(crowd.prospects)
    measured = crowd.run(Mode.BACKFILL)
    stamped = Applied(update=projects + people)
    _expect(measured, propstreet=stamped, crm=Applied(create=projects + people + prospects))
    work = Work(
        everything=True,
        in_propstreet=(projects, len(crowd.contacts), len(crowd.companies)),
        due=projects,
        deals_due=projects,
        projects=projects,
        contacts=people,
        placed=prospects,
    )
    return _act("first load with investors", crowd, measured, work)


def _from_propstreet(crowd: Crowd) -> Act:
    """Brokers classify one per cent of the prospects."""
    changed = crowd.some()
    for prospect in changed:
        crowd.stage.propstreet.edit_prospect(prospect.id, classification="interested")
    measured = crowd.run()
    _expect(measured, crm=Applied(update=len(changed)))
    return _act("1 % of the stages, Propstreet", crowd, measured, _window(crowd, to_crm=len(changed)))


def _from_crm(crowd: Crowd) -> Act:
    """People of the CRM change the label or the role of one per cent."""
    changed = crowd.some()
    _restage(crowd.stage, changed, "bidder")
    measured = crowd.run()
    _expect(measured, propstreet=Applied(update=len(changed)))
    return _act("1 % of the stages, CRM", crowd, measured, _window(crowd, to_propstreet=len(changed)))


def _idle(crowd: Crowd) -> Act:
    measured = crowd.run()
    _expect(measured)
    return _act("idle pass with investors", crowd, measured, _window(crowd))


def _window(crowd: Crowd, *, to_propstreet: int = 0, to_crm: int = 0) -> Work:
    """A pause after the last pass. Of each list the row at the mark is shown once more."""
    due = crowd.due(PAUSE_S)
    return Work(in_propstreet=(1, 1, 1), due=due, deals_due=due, to_propstreet=to_propstreet, to_crm=to_crm)


def _move_on(crowd: Crowd) -> None:
    """Nothing of the pass before is within an overlap afterwards: somebody edits one of each kind, as in `story`."""
    stage = crowd.stage
    crowd.wait()
    at = f"{stage.clock.time():.0f}"
    stage.propstreet.edit_project(stage.projects[-1], name=f"Renamed at {at}")
    stage.propstreet.edit_contact(crowd.prospects[-1].contact, firstName=f"Renamed {at}")
    stage.propstreet.edit_company(crowd.companies[-1], name=f"Renamed at {at}")
    _expect(crowd.run(), crm=Applied(update=2))


def _restage(stage: Stage, changed: list[Prospect], classification: str) -> None:
    label = LABELS[classification]
    deals, contacts = pairs(stage, Kind.PROJECT), pairs(stage, Kind.CONTACT)
    person = stage.person
    for prospect in changed:
        deal, contact = deals[prospect.project], contacts[prospect.contact]
        if stage.crm == "hubspot":
            person.relabel(deal, contact, [label])
        else:
            (role,) = [id for id, row in person.roles_of(deal).items() if row["ContactId"] == contact]
            person.edit_role(role, Role=label)


def _act(what: str, crowd: Crowd, measured: Measured, work: Work) -> Act:
    stage = crowd.stage
    floors = {side: sum(terms.values()) for side, terms in floor(work, stage.crm).items()}
    return Act(
        what=what,
        crm=stage.crm,
        projects=len(stage.projects),
        prospects=len(crowd.prospects) // len(stage.projects),
        measured=measured,
        floors=floors,
    )


def _expect(measured: Measured, *, propstreet: Applied = _NOTHING, crm: Applied = _NOTHING) -> None:
    summary = measured.summary
    wanted = {Side.PROPSTREET.value: propstreet, Side.CRM.value: crm}
    assert (summary.outcome, dict(summary.applied)) == (RunOutcome.OK, wanted), summary
