"""Writes prospects: puts people on deals with a label of ours, changes the label, takes them off.

Invariants (P7; hubspot.md traps 28 and 30):
- Only labels that the mapping lists are given or taken. The labels of others, and a primary company, stay.
- A new label is given before the old one is taken, so that nobody is without one in between.
- What counts as given is what HubSpot shows afterwards.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial

import msgspec

from syncd.adapters.base import CreateItem, DeleteItem, Failed, Outcome, Raw, Remote, UpdateItem, Written
from syncd.core.model import Kind
from syncd.errors import (
    AlreadyExists,
    Missing,
    NextStep,
    OutcomeUnknown,
    PreconditionFailed,
    Rejected,
    RemoteError,
)

from . import labelling
from .batches import send_each_once
from .errors import SYSTEM
from .labelling import Effect, Effects, Job
from .labels import is_bare, is_ours
from .prospects import LABEL, Nest, Place, held, place_of, placed, standing
from .shapes import Associated


def create(nest: Nest, items: Sequence[CreateItem]) -> list[Outcome]:
    """Whoever is on the deal already stays as they are, and the answer shows how."""
    jobs = [_creation(nest, item) for item in items]
    twice = AlreadyExists("another row of the same batch puts this person on this deal", system=SYSTEM)
    return _each_kind(jobs, twice, partial(_create, nest))


def update(nest: Nest, items: Sequence[UpdateItem]) -> list[Outcome]:
    """Give the new label, then take the one that the decision was based on. Two calls, however many deals."""
    jobs = [_change(nest, item) for item in items]
    twice = PreconditionFailed("another row of the same batch writes this prospect", system=SYSTEM)
    return _each_kind(jobs, twice, partial(_relabel, nest))


def delete(nest: Nest, items: Sequence[DeleteItem]) -> list[Outcome]:
    """Take our labels; part the two where nobody else says anything about them. Gone already is done."""
    jobs = [_removal(item) for item in items]
    twice = PreconditionFailed("another row of the same batch takes this person off", system=SYSTEM)
    return _each_kind(jobs, twice, partial(_remove, nest))


def _creation(nest: Nest, item: CreateItem) -> Job | Outcome:
    place = placed(item.parent, item.person)
    if place is None or place.kind not in nest.shown:
        return Failed(Rejected("hubspot can't hold a prospect without a deal and a person on it", system=SYSTEM))
    return _job(nest, place, item.fields)


def _change(nest: Nest, item: UpdateItem) -> Job | Outcome:
    place = place_of(item.id)
    if place is None:
        return Failed(Missing("hubspot has no such prospect", system=SYSTEM))
    if item.fields.get(LABEL, "") is None:
        return Job(place, takes=_shown(nest, item.current))
    job = _job(nest, place, item.fields)
    if isinstance(job, Job):
        return msgspec.structs.replace(job, takes=_shown(nest, item.current) - {job.text})
    return job


def _job(nest: Nest, place: Place, fields: Raw) -> Job | Outcome:
    strange = tuple(name for name in fields if name != LABEL)
    if strange:
        message = f"an association has a label and no {', '.join(strange)}"
        return Failed(Rejected(message, system=SYSTEM, fields=strange, remedy="take these fields out of the mapping"))
    text = fields.get(LABEL)
    if text not in nest.texts:
        message = "the label is none of those that the mapping lists"
        return Failed(Rejected(message, system=SYSTEM, fields=(LABEL,), remedy="list it under values in the mapping"))
    return Job(place, text)


def _shown(nest: Nest, current: Raw) -> frozenset[str]:
    """The labels of ours that the decision knew of. One that a person has added since stays, for a person to see."""
    if LABEL not in current:
        return nest.texts
    shown = str(current[LABEL] or "")
    return frozenset({shown, *shown.split(";")}) & nest.texts


def _removal(item: DeleteItem) -> Job | Outcome:
    place = place_of(item.id)
    return Written(Remote(id=item.id, deleted=True), whole=False) if place is None else Job(place)


def _each_kind(
    jobs: Sequence[Job | Outcome], twice: RemoteError, write: Callable[[Kind, Sequence[Job]], dict[Place, Outcome]]
) -> list[Outcome]:
    """The outcomes in the order of the items. What could not become a job has its own; the others go kind by kind."""

    def send_all(some: Sequence[Job]) -> list[Outcome]:
        outcomes: dict[Place, Outcome] = {}
        for kind in dict.fromkeys(job.place.kind for job in some):
            outcomes |= write(kind, [job for job in some if job.place.kind is kind])
        return [outcomes[job.place] for job in some]

    written = iter(send_each_once([job for job in jobs if isinstance(job, Job)], _id, twice, send_all))
    return [next(written) if isinstance(job, Job) else job for job in jobs]


def _id(job: Job) -> str:
    return job.place.id


def _create(nest: Nest, kind: Kind, jobs: Sequence[Job]) -> dict[Place, Outcome]:
    try:
        there = _there(nest, kind, jobs)
    except RemoteError as exc:
        return {job.place: Failed(exc) for job in jobs}
    outcomes: dict[Place, Outcome] = {
        place: Written(place.remote(held(nest, associated)), created=False) for place, associated in there.items()
    }
    given = labelling.give(nest, kind, [job for job in jobs if job.place not in there])
    return outcomes | {place: _outcome(place, effect, created=True) for place, effect in given.items()}


def _relabel(nest: Nest, kind: Kind, jobs: Sequence[Job]) -> dict[Place, Outcome]:
    effects: Effects = {job.place: job.takes for job in jobs if job.text is None}
    effects |= labelling.give(nest, kind, [job for job in jobs if job.text is not None])
    losing = [job for job in jobs if job.takes and not isinstance(effects[job.place], RemoteError)]
    for place, taken in labelling.take(nest, kind, losing).items():
        before = effects[place]
        assert not isinstance(before, RemoteError)
        effects[place] = _half_done(taken) if isinstance(taken, RemoteError) else before - taken
    return {place: _outcome(place, effect) for place, effect in effects.items()}


def _remove(nest: Nest, kind: Kind, jobs: Sequence[Job]) -> dict[Place, Outcome]:
    try:
        there = _there(nest, kind, jobs)
    except RemoteError as exc:
        return {job.place: Failed(exc) for job in jobs}
    alone = [job for job in jobs if job.place in there and not _others(nest, there[job.place])]
    losing = [
        Job(place, takes=mine)
        for place, associated in there.items()
        if _others(nest, associated) and (mine := frozenset(held(nest, associated)))
    ]
    effects = labelling.cut(nest, kind, alone) | labelling.take(nest, kind, losing)
    return {job.place: _gone(job.place, effects.get(job.place)) for job in jobs}


def _there(nest: Nest, kind: Kind, jobs: Sequence[Job]) -> dict[Place, Associated]:
    """Those of the jobs' people who are on their deals now, and how."""
    deals = list(dict.fromkeys(job.place.deal for job in jobs))
    wanted = {job.place for job in jobs}
    return {place: associated for place, associated in standing(nest, kind, deals) if place in wanted}


def _others(nest: Nest, associated: Associated) -> bool:
    """Does anybody else say anything about this person on the deal?"""
    return any(not is_bare(it) and not is_ours(it, nest.texts) for it in associated.association_types)


def _half_done(error: RemoteError) -> RemoteError:
    """The new label is given and the old one is still there: to send it all once more would not be the same call."""
    if error.next_step in (NextStep.PAUSE, NextStep.STOP):
        return error
    message = f"the new label is given, and the old one may still be there: {error}"
    return OutcomeUnknown(message, system=SYSTEM, status=error.status, code=error.code, request_id=error.request_id)


def _outcome(place: Place, effect: Effect, *, created: bool | None = None) -> Outcome:
    return Failed(effect) if isinstance(effect, RemoteError) else Written(place.remote(effect), created=created)


def _gone(place: Place, effect: Effect | None) -> Outcome:
    return Failed(effect) if isinstance(effect, RemoteError) else Written(place.taken_off(), whole=False)
