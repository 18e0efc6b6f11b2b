"""How soon it is found what nothing tells of, and what that costs: a thousand open projects, passes every five minutes,
the limits that Propstreet has, a tenth of a second per call.

When a prospect changes, its project may stay as it was, or move along; which of the two is so is not documented
(propstreet.md section 5), so both are measured. The floor is what there is to read, spread evenly, and to write.
"""

from __future__ import annotations

import random
from collections.abc import Iterator, Mapping
from math import ceil

import msgspec

from syncd.core.model import Kind, Side
from syncd.engine.report import Mode
from syncd.testing.sandbox import propstreet
from tests.engine.investors import LABELS

from .calls import RATIO_MAX, held
from .floors import total
from .investor_floors import OPEN_S, Work, floor, share
from .stage import BY_CLIENT, BY_TOKEN, Measured, Stage, pairs, staged
from .table import Row

PROJECTS = 1_000
CHANGED = 100
CONTACTS = 50
LATENCY_S = 0.1
EVERY_S = 300.0
ROUND = ceil(OPEN_S / EVERY_S)
"""Passes in which every open project is read once."""

_SEED = 3
SIGN_INS: Mapping[str, Mapping[str, str]] = {"60 a minute": BY_TOKEN, "600 a minute": BY_CLIENT}


class Passes:
    """One after the other, each beginning five minutes after the one before did, or as soon as that one is over."""

    def __init__(self, stage: Stage) -> None:
        self.stage = stage
        self._begun = stage.clock.time()

    def next(self, mode: Mode = Mode.DELTA) -> Measured:
        clock = self.stage.clock
        clock.advance(max(0.0, self._begun + EVERY_S - clock.time()))
        self._begun = clock.time()
        return self.stage.run(mode)


class Search(msgspec.Struct, frozen=True, kw_only=True):
    """What it took to find all that had changed."""

    told: bool  # did the projects of those that changed move along?
    projects: int
    changed: int
    calls: int
    floor: int
    most: int  # calls to Propstreet in one pass
    took_s: float  # from the changes to the end of the pass that brought the last of them
    bar_s: float  # the age that is allowed, and a pass
    too_many: int  # calls that were refused for haste


def rows() -> Iterator[Row]:
    for limit, sign_in in SIGN_INS.items():
        with staged(
            0,
            "hubspot",
            mapping="hubspot-prospects",
            propstreet_limit=propstreet.RateLimit(),
            latency_s=LATENCY_S,
            sign_in=sign_in,
        ) as stage:
            for found in searches(stage):
                yield from _rows(found, limit)


def searches(stage: Stage, *, projects: int = PROJECTS, changed: int = CHANGED) -> Iterator[Search]:
    """First without a word from the projects, then with."""
    twin = stage.propstreet
    contacts, _ = twin.seed_people(CONTACTS, 1, random.Random(_SEED))
    stage.projects = [twin.add_project(name=f"Kvarteret {number}") for number in range(projects)]
    prospects = [
        twin.add_prospect(project, contact=contacts[number % CONTACTS]) for number, project in enumerate(stage.projects)
    ]
    passes = Passes(stage)
    passes.next(Mode.BACKFILL)
    for told, classification in ((False, "contacted"), (True, "bidder")):
        twin.switches = msgspec.structs.replace(twin.switches, bump_project_on_prospect_change=told)
        for _ in range(2 * ROUND):  # what a first load read at once takes a while to come apart
            passes.next()
        stride = projects // changed
        for id in prospects[::stride][:changed]:
            twin.edit_prospect(id, classification=classification)
        yield _search(passes, stage.projects[::stride][:changed], LABELS[classification], told=told)


def _search(passes: Passes, changed: list[str], label: str, *, told: bool) -> Search:
    stage = passes.stage
    deals = pairs(stage, Kind.PROJECT)
    left, begun = {deals[project] for project in changed}, stage.clock.time()
    done: list[Measured] = []
    needed = 0
    while left:
        assert len(done) < 2 * ROUND, f"{len(left)} of {len(changed)} were not found"
        done.append(passes.next())
        shown = {deal for deal in left if _shows(stage, deal, label)}
        # While a pass takes longer than five minutes, more falls due; of its last seconds some is left to the next one.
        turn = share(0, len(stage.projects), 0, gap_s=max(EVERY_S, done[-1].virtual_s))
        needed += total(floor(_work(turn, len(shown), told=told, deals=0 if done[1:] else len(deals)), "hubspot"))
        left -= shown
    return Search(
        told=told,
        projects=len(stage.projects),
        changed=len(changed),
        calls=sum(sum(measured.calls.values()) for measured in done),
        floor=needed,
        most=max(measured.calls[Side.PROPSTREET] for measured in done),
        took_s=stage.clock.time() - begun,
        bar_s=(EVERY_S if told else OPEN_S) + max(measured.virtual_s for measured in done),
        too_many=sum(measured.too_many for measured in done),
    )


def _work(turn: int, found: int, *, told: bool, deals: int) -> Work:
    """Of one pass: the projects whose turn it is, and those that moved along, as far as they are not among these."""
    if told:
        besides = int(found * (1 - EVERY_S / OPEN_S))
        return Work(in_propstreet=(found, 1, 1), due=turn + besides, to_crm=found, deals=found)
    # All deals are read together, once a round.
    return Work(in_propstreet=(1, 1, 1), due=turn, deals_due=deals, to_crm=found)


def _shows(stage: Stage, deal: str, label: str) -> bool:
    contacts = stage.person.associations_of(deal).get("contacts", {})
    return any(label in labels for labels in contacts.values())


def _rows(found: Search, limit: str) -> Iterator[Row]:
    what = f"{found.changed} changes, {'told' if found.told else 'untold'}, {limit}"
    size = f"{found.projects:,} open projects"
    ratio = found.calls / found.floor
    yield Row(
        what=f"calls, {what}",
        crm="hubspot",
        size=size,
        measured=f"{found.calls:,}, {found.most:,} in a pass",
        bar=f"floor {found.floor:,}",
        ratio=f"{ratio:.3f}",
        verdict=held(ratio <= RATIO_MAX),
    )
    yield Row(
        what=f"found, {what}",
        crm="hubspot",
        size=size,
        measured=f"{found.took_s / 60:.1f} min",
        bar=f"≤ {found.bar_s / 60:.1f}",
        ratio=f"{found.took_s / found.bar_s:.2f}",
        verdict=held(found.took_s <= found.bar_s and found.too_many == 0),
    )
