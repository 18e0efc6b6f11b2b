"""Writes records together with what they belong to: the record first, then its links, then a look at both.

A batch of a hundred costs one call for the records, one for each link that it makes, and one to read each link of the
mapping, which new records are spared: they have what was made. A link is only ever added, and one that is there
already is made once more without harm. So a link that failed never costs the record: it is shown as missing, and
whoever sees it missing asks for it again.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TypeVar

import msgspec

from syncd.adapters.base import CreateItem, Failed, Outcome, Remote, UpdateItem, Written
from syncd.core.model import Kind
from syncd.core.remote import person_of, split_person
from syncd.errors import OutcomeUnknown, PreconditionFailed, Rejected, RemoteError

from . import associations, links, reads, writes
from .associations import Way
from .batches import send, send_each_once
from .client import Client
from .errors import SYSTEM
from .records import RecordType

Item = TypeVar("Item", CreateItem, UpdateItem)

Targets = Mapping[Way, str]
"""What a record is to be linked to: an id at the other end of each of these ways."""

Refused = Mapping[Way, RemoteError]
"""The links of a record that could not be made, and why."""

_TWICE = PreconditionFailed("another row of the same batch writes this record", system=SYSTEM)


def create(client: Client, records: RecordType, items: Sequence[CreateItem]) -> list[Outcome]:
    """Once per ref, linked. A record that landed without a link is `Written` without it, and not whole."""
    if not records.links:
        return writes.create(client, records, items)

    def write(some: Sequence[CreateItem], wanted: Sequence[Targets]) -> list[Outcome]:
        outcomes = writes.create(client, records, some)
        pairs = list(zip(outcomes, wanted, strict=True))
        refused = _make(client, {one.remote.id: targets for one, targets in pairs if isinstance(one, Written)})
        known = [_as_made(one, targets, refused) if _is_new(one) else one for one, targets in pairs]
        return _looked_at(client, records, known)

    return _linkable(records, items, write)


def update(client: Client, records: RecordType, items: Sequence[UpdateItem]) -> list[Outcome]:
    """Only these fields, and these links besides those that there are. What only links writes nothing else.

    Where fields were written and a link was not, the outcome is `Written` and shows which links there are.
    """
    if not records.links:
        return writes.update(client, records, items)

    def write(some: Sequence[UpdateItem], wanted: Sequence[Targets]) -> list[Outcome]:
        pairs = list(zip(some, wanted, strict=True))
        filled = [item for item, targets in pairs if _has_values(item) or not targets]
        outcomes = dict(zip((item.id for item in filled), writes.update(client, records, filled), strict=True))
        refused = _make(
            client, {item.id: targets for item, targets in pairs if not isinstance(outcomes.get(item.id), Failed)}
        )
        bare = [item.id for item in some if item.id not in outcomes]
        outcomes |= _only_linked(client, records, bare, refused)
        return _looked_at(client, records, [outcomes[item.id] for item in some])

    return send_each_once(items, _id, _TWICE, lambda some: _linkable(records, some, write))


def _linkable(
    records: RecordType, items: Sequence[Item], write: Callable[[Sequence[Item], Sequence[Targets]], list[Outcome]]
) -> list[Outcome]:
    """The outcomes in the order of the items. What can't be linked is not sent."""
    wanted = [_targets(records, item) for item in items]
    sent = [(item, targets) for item, targets in zip(items, wanted, strict=True) if not isinstance(targets, Rejected)]
    outcomes = iter(write([item for item, _ in sent], [targets for _, targets in sent]))
    return [Failed(one) if isinstance(one, Rejected) else next(outcomes) for one in wanted]


def _targets(records: RecordType, item: CreateItem | UpdateItem) -> Targets | Rejected:
    ways = {way.kind: way for way in records.links}
    targets: dict[Way, str] = {}
    for kind, id in _ends(item):
        if kind is None or not id.isdecimal():
            return Rejected("hubspot can't link a record to what has no id", system=SYSTEM)
        if kind not in ways:
            message = f"the mapping does not say how {records.name} are linked to a {kind}"
            remedy = f"name the object type of every {kind} as links.{kind} under [prospect] in the mapping"
            return Rejected(message, system=SYSTEM, remedy=remedy)
        targets[ways[kind]] = id
    return targets


def _ends(item: CreateItem | UpdateItem) -> list[tuple[Kind | None, str]]:
    ends: list[tuple[Kind | None, str]] = [] if item.parent is None else [(Kind.PROJECT, item.parent)]
    if item.person is None:
        return ends
    try:
        return [*ends, split_person(item.person)]
    except ValueError:
        return [*ends, (None, item.person)]


def _make(client: Client, wanted: Mapping[str, Targets]) -> Mapping[str, Refused]:
    """Link these records, way by way; for each of them the links that could not be made."""
    refused: dict[str, dict[Way, RemoteError]] = {id: {} for id in wanted}
    for way in dict.fromkeys(way for targets in wanted.values() for way in targets):
        pairs = [(id, targets[way]) for id, targets in wanted.items() if way in targets]
        for (id, _), error in zip(pairs, _join(client, way, pairs), strict=True):
            if error is not None:
                refused[id][way] = error
    return refused


def _join(client: Client, way: Way, pairs: Sequence[associations.Pair]) -> list[RemoteError | None]:
    def attempt(some: Sequence[associations.Pair]) -> list[RemoteError | None]:
        effects = associations.join(client, way, some)
        return [effects[pair] for pair in some]

    return send(pairs, attempt, _as_it_is, lambda _: False)


def _as_made(outcome: Outcome, targets: Targets, refused: Mapping[str, Refused]) -> Outcome:
    """A new record has the links that were made, and no others."""
    assert isinstance(outcome, Written)
    lacking = refused[outcome.remote.id]
    made = {way.kind: id for way, id in targets.items() if way not in lacking}
    parent = made.pop(Kind.PROJECT, None)
    person = next((person_of(kind, id) for kind, id in made.items()), None)
    remote = msgspec.structs.replace(outcome.remote, parent=parent, person=person)
    return msgspec.structs.replace(outcome, remote=remote, whole=outcome.whole and not lacking)


def _only_linked(
    client: Client, records: RecordType, ids: Sequence[str], refused: Mapping[str, Refused]
) -> dict[str, Outcome]:
    """Records that got links and nothing else, as they are now."""
    outcomes: dict[str, Outcome] = {id: Failed(next(iter(refused[id].values()))) for id in ids if refused[id]}
    linked = [id for id in ids if id not in outcomes]
    try:
        found = reads.unlinked(client, records, linked) if linked else {}
    except RemoteError as exc:
        return outcomes | {id: Failed(exc) for id in linked}
    return outcomes | {id: _still(id, found[id]) for id in linked}


def _still(id: str, remote: Remote) -> Outcome:
    if remote.deleted or remote.id != id:
        return Failed(PreconditionFailed("the record was deleted or merged while it was linked", system=SYSTEM))
    return Written(remote)


def _looked_at(client: Client, records: RecordType, outcomes: Sequence[Outcome]) -> list[Outcome]:
    """What was there before, with all the links it has: it may have had some. Unseen, it is not known how it is."""
    there = {n: one for n, one in enumerate(outcomes) if isinstance(one, Written) and not _is_new(one)}
    try:
        remotes = links.shown(client, records, [one.remote for one in there.values()])
    except RemoteError as exc:
        return [Failed(_unseen(exc)) if n in there else one for n, one in enumerate(outcomes)]
    seen = {
        n: msgspec.structs.replace(one, remote=remote) for (n, one), remote in zip(there.items(), remotes, strict=True)
    }
    return [seen.get(n, one) for n, one in enumerate(outcomes)]


def _unseen(error: RemoteError) -> RemoteError:
    message = f"the record is written, and what it is linked to can't be read: {error}"
    return OutcomeUnknown(message, system=SYSTEM, status=error.status, code=error.code, request_id=error.request_id)


def _has_values(item: UpdateItem) -> bool:
    return bool(item.fields) or item.stamp is not None


def _is_new(outcome: Outcome) -> bool:
    return isinstance(outcome, Written) and outcome.created is True


def _id(item: UpdateItem) -> str:
    return item.id


def _as_it_is(error: RemoteError) -> RemoteError | None:
    return error
