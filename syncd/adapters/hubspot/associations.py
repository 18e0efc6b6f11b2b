"""Associations between two object types, by the batch (hubspot.md 5.10): read, joined, labelled, taken labels, cut.

It knows labels only as types to send, and nothing of what they mean. A read says what is there and never why nothing
is: a record without associations and one that does not exist look the same (trap 29).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence, Set
from typing import Any

import msgspec

from syncd.core.model import Kind
from syncd.errors import Missing, OutcomeUnknown, PreconditionFailed, RemoteError, ServerTrouble

from .client import Client
from .errors import SYSTEM, blamed, refused_row
from .shapes import Archived, Associated, AssociationBatch, AssociationType, Complaint, JoinedBatch, LabelledBatch

READ_MAX = 1_000
JOIN_MAX = 2_000
LABEL_MAX = 1_000  # of the 2,000 that HubSpot takes: whom they are about is read before, which no more of them can be
ARCHIVE_MAX = 100
_ROUNDS_MAX = 1_000  # pages of 500 that one record may have

Pair = tuple[str, str]
"""The ids of two associated records, in the direction of their way."""

_MERGED = PreconditionFailed("the record at the other end was merged into another one", system=SYSTEM)
_UNSAID = OutcomeUnknown("hubspot neither confirmed nor refused this association", system=SYSTEM)

Effect = list[str] | RemoteError
"""What HubSpot shows between two records afterwards, as texts of labels, or why it did not do it."""


class Way(msgspec.Struct, frozen=True):
    """A direction between two object types; every type of association belongs to one (section 5.11)."""

    source: str
    target: str
    kind: Kind  # what the targets are to syncd


def read(client: Client, way: Way, ids: Sequence[str]) -> dict[str, list[Associated]]:
    """Everything that these records are associated with on this way, whole; an empty list where there is nothing."""
    assert len(ids) <= READ_MAX
    found: dict[str, list[Associated]] = {id: [] for id in ids}
    waiting: list[dict[str, str]] = [{"id": id} for id in found]
    for _ in range(_ROUNDS_MAX):
        if not waiting:
            return found
        batch = client.read_associations(
            client.associations.get_page, AssociationBatch, way.source, way.target, {"inputs": waiting}
        ).body
        _check_whole(batch, len(waiting))
        # A record that was merged away may answer under its survivor's id: nobody asked for that one.
        rows = [row for row in batch.results if row.id in found]
        for row in rows:
            found[row.id] += row.to
        waiting = [{"id": row.id, "after": row.after} for row in rows if row.after is not None]
    raise ServerTrouble("hubspot's list of associations does not end", system=SYSTEM)


def join(client: Client, way: Way, pairs: Sequence[Pair]) -> dict[Pair, RemoteError | None]:
    """Associate each pair, without a label, beside whatever they have; None where it is so now. Raises RemoteError.

    Done already is done, so it is sent again where its outcome is not known.
    """
    assert len(pairs) <= JOIN_MAX
    inputs = [{"from": {"id": source}, "to": {"id": target}} for source, target in pairs]
    call, body = client.associations.create_default, {"inputs": inputs}
    batch = client.associate(call, JoinedBatch, way.source, way.target, body, repeatable=True).body
    # Both directions are shown, and ids are unique within one type only: what an error names counts for more.
    shown = {row.pair for row in batch.results}
    refused, loose = _refusals(pairs, batch.errors)
    silent = [pair for pair in pairs if pair not in refused and pair not in shown]
    merged = dict.fromkeys(_merged(silent, shown - set(pairs)), _MERGED)
    unsaid = dict.fromkeys(silent, _UNSAID) | merged | _refusals(silent, loose)[0]
    return {pair: refused.get(pair) or unsaid.get(pair) for pair in pairs}


def label(client: Client, way: Way, types: Mapping[Pair, AssociationType]) -> dict[Pair, Effect]:
    """Give each pair this type, beside those that it has; associate the two where they are not. Raises RemoteError.

    A pair whose target was merged away is answered as its survivor's (trap 9): that is in the answer, too.
    """
    assert len(types) <= LABEL_MAX
    inputs = [_input(pair, [it]) for pair, it in types.items()]
    batch = client.associate(client.associations.create, LabelledBatch, way.source, way.target, {"inputs": inputs}).body
    shown = {(str(row.from_object_id), str(row.to_object_id)): row.labels for row in batch.results}
    silent = [pair for pair in types if pair not in shown]
    refused, _ = _refusals(silent, batch.errors)
    strays = shown.keys() - types.keys()
    merged = _merged([pair for pair in silent if pair not in refused], strays)
    return {**dict.fromkeys(silent, _UNSAID), **dict.fromkeys(merged, _MERGED), **refused, **shown}


def _merged(silent: Sequence[Pair], strays: Set[Pair]) -> list[Pair]:
    """Pairs without an answer of their own, where as many answers came from the same source about others."""
    without, instead = Counter(source for source, _ in silent), Counter(source for source, _ in strays)
    return [pair for pair in silent if without[pair[0]] == instead[pair[0]]]


def take(client: Client, way: Way, types: Mapping[Pair, Sequence[AssociationType]]) -> dict[Pair, Effect]:
    """Take these types from each pair, which stays associated. What a pair does not have it need not lose."""
    assert len(types) <= ARCHIVE_MAX
    inputs = [_input(pair, given) for pair, given in types.items()]
    return _archived(client, way, client.associations.archive_labels, list(types), inputs, repeatable=True)


def cut(client: Client, way: Way, pairs: Sequence[Pair]) -> dict[Pair, Effect]:
    """Part each pair, whatever types it has."""
    assert len(pairs) <= ARCHIVE_MAX
    inputs = [{"from": {"id": source}, "to": [{"id": target}]} for source, target in pairs]
    return _archived(client, way, client.associations.archive, pairs, inputs, repeatable=False)


def _archived(
    client: Client, way: Way, call: Any, pairs: Sequence[Pair], inputs: Sequence[Any], *, repeatable: bool
) -> dict[Pair, Effect]:
    body = {"inputs": inputs}
    errors = client.associate(call, Archived, way.source, way.target, body, repeatable=repeatable).body.errors
    refused, loose = _refusals(pairs, errors)
    return {pair: refused.get(pair, _UNSAID if loose else []) for pair in pairs}


def _check_whole(batch: AssociationBatch, asked: int) -> None:
    """Nothing there is said by an error; the list of errors may be cut short, the number is not (trap 29)."""
    for complaint in batch.errors:
        error = refused_row(complaint, writing=False)
        if not isinstance(error, Missing):
            raise error
    if len(batch.results) + max(batch.num_errors, len(batch.errors)) < asked:
        raise ServerTrouble("hubspot left out associations without saying why", system=SYSTEM)


def _input(pair: Pair, types: Sequence[AssociationType]) -> dict[str, Any]:
    assert types, "an empty list is accepted, and nothing linked (trap 30)"
    specs = [{"associationCategory": it.category, "associationTypeId": it.type_id} for it in types]
    return {"from": {"id": pair[0]}, "to": {"id": pair[1]}, "types": specs}


def _refusals(pairs: Sequence[Pair], errors: Sequence[Complaint]) -> tuple[dict[Pair, RemoteError], list[Complaint]]:
    """What each error is about, by the ids that it names or because nothing else is left; and the errors left over."""
    refused: dict[Pair, RemoteError] = {}
    loose = []
    for complaint in errors:
        about = list(_about(pairs, complaint))
        refused |= dict.fromkeys(about, refused_row(complaint, writing=True))
        loose += [] if about else [complaint]
    left = [pair for pair in pairs if pair not in refused]
    if len(left) == len(loose) == 1:
        return refused | {left[0]: refused_row(loose[0], writing=True)}, []
    return refused, loose


def _about(pairs: Sequence[Pair], complaint: Complaint) -> Iterator[Pair]:
    sources, targets = blamed(complaint, "fromObjectId"), blamed(complaint, "toObjectId")
    named = blamed(complaint, "objectId")
    for source, target in pairs:
        exactly = source in sources and target in targets
        if exactly or (not sources and not targets and (source in named or target in named)):
            yield source, target
