"""Labels given and taken on one way, prospect by prospect: with the ids of this account, and never by belief.

HubSpot accepts types that link nothing, and ids go stale when an admin deletes a label; so what counts as given is
what the answer shows, and a label that is not known is looked for once more (hubspot.md traps 30, 31).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress

import msgspec

from syncd.core.model import Kind
from syncd.errors import PreconditionFailed, Rejected, RemoteError

from . import associations
from .associations import Pair, Way
from .batches import send
from .errors import NO_SUCH_LABEL, SYSTEM
from .labels import Types
from .prospects import LABEL, Nest, Place

Effect = frozenset[str] | RemoteError
"""The labels of ours that a prospect has, or has lost, by a write; or why there is none."""

Effects = dict[Place, Effect]

_SETUP = "run `syncd setup --apply`, or give the label its text back in hubspot"


class Job(msgspec.Struct, frozen=True):
    """One prospect that is written: where it is, and what is to become of it."""

    place: Place
    text: str | None = None  # the label that it gets
    takes: frozenset[str] = frozenset()  # the labels of ours that it loses


def give(nest: Nest, kind: Kind, jobs: Sequence[Job]) -> Effects:
    """Each its label. What counts is what HubSpot shows: it takes types that link nothing (trap 30)."""
    way = nest.ways[kind]

    def label(some: Sequence[Job], types: Types) -> list[Effect]:
        shown = associations.label(nest.client, way, {job.place.pair: types[job.text or ""] for job in some})
        _take_back(nest, way, some, shown, types)
        return [_seen(nest, job, shown[job.place.pair]) for job in some]

    def act(some: Sequence[Job], types: Types) -> Effects:
        known = [job for job in some if job.text in types]
        done = send(known, lambda part: label(part, types), _as_it_is, _is_stale, most=associations.LABEL_MAX)
        effects: Effects = {job.place: _no_such_label() for job in some}
        return effects | {job.place: effect for job, effect in zip(known, done, strict=True)}

    return _with_labels(nest, way, jobs, act)


def _take_back(
    nest: Nest, way: Way, jobs: Sequence[Job], shown: Mapping[Pair, associations.Effect], types: Types
) -> None:
    """A label that went to the survivor of a merge, who has one of ours already, was not meant for them."""
    asked = {job.place.pair for job in jobs}
    for job in jobs:
        strays = [pair for pair in shown if pair not in asked and pair[0] == job.place.deal]
        if not isinstance(shown[job.place.pair], PreconditionFailed) or len(strays) != 1:
            continue
        labels = shown[strays[0]]
        if not isinstance(labels, RemoteError) and job.text and nest.texts.intersection(labels) - {job.text}:
            with suppress(RemoteError):  # both labels stand then, and the next read shows it to a person
                associations.take(nest.client, way, {strays[0]: [types[job.text]]})


def take(nest: Nest, kind: Kind, jobs: Sequence[Job]) -> Effects:
    """From each the labels that it loses; the effect is what was taken. A label that is gone has been taken already."""
    way = nest.ways[kind]

    def lose(some: Sequence[Job], types: Types) -> list[Effect]:
        given = {job.place.pair: [types[text] for text in sorted(job.takes) if text in types] for job in some}
        effects = associations.take(nest.client, way, given)
        return [_taken(job, effects[job.place.pair]) for job in some]

    def act(some: Sequence[Job], types: Types) -> Effects:
        having = [job for job in some if job.takes & types.keys()]
        done = send(having, lambda part: lose(part, types), _as_it_is, _is_stale)
        effects: Effects = {job.place: job.takes for job in some}
        return effects | {job.place: effect for job, effect in zip(having, done, strict=True)}

    return _with_labels(nest, way, jobs, act)


def cut(nest: Nest, kind: Kind, jobs: Sequence[Job]) -> Effects:
    way = nest.ways[kind]

    def part(some: Sequence[Job]) -> list[Effect]:
        effects = associations.cut(nest.client, way, [job.place.pair for job in some])
        return [_taken(job, effects[job.place.pair]) for job in some]

    done = send(jobs, part, _as_it_is, _is_stale)
    return {job.place: effect for job, effect in zip(jobs, done, strict=True)}


def _with_labels(nest: Nest, way: Way, jobs: Sequence[Job], act: Callable[[Sequence[Job], Types], Effects]) -> Effects:
    """Do it with the labels as we know them and, where HubSpot knows one no more, once again with them as they are."""
    if not jobs:
        return {}
    try:
        types = nest.labels.of(way)
    except RemoteError as exc:
        return {job.place: exc for job in jobs}
    effects = act(jobs, types)
    stale = [job for job in jobs if _is_stale(effects[job.place])]
    if not stale:
        return effects
    try:
        return effects | act(stale, nest.labels.renewed(way, types))
    except RemoteError as exc:
        return effects | {job.place: exc for job in stale}


def _seen(nest: Nest, job: Job, shown: associations.Effect) -> Effect:
    if isinstance(shown, RemoteError):
        return shown
    return nest.texts.intersection(shown) if job.text in shown else _no_such_label()


def _taken(job: Job, effect: associations.Effect) -> Effect:
    return effect if isinstance(effect, RemoteError) else job.takes


def _is_stale(effect: Effect) -> bool:
    return isinstance(effect, RemoteError) and effect.code == NO_SUCH_LABEL


def _no_such_label() -> RemoteError:
    message = "hubspot has no label with this text"
    return Rejected(message, system=SYSTEM, code=NO_SUCH_LABEL, fields=(LABEL,), remedy=_SETUP)


def _as_it_is(error: RemoteError) -> Effect:
    return error
