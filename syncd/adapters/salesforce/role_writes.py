"""Giving contacts a role in an opportunity, changing it, and taking it away: only roles that the mapping knows.

Salesforce has no key for a role: the set is read first, and who is in it already is not added again (salesforce.md
9.1). Somebody else's role of the same contact stays as it is, and ours stands beside it.

Invariants:
- a row is written or deleted only if it shows a role of ours or none, and belongs to the person that was meant;
- the roles of one opportunity go in one call, and no two calls go at once (the adapter sees to it): writing a role
  locks the opportunity and its account (section 7.2).
"""

from __future__ import annotations

from collections.abc import Sequence

from msgspec.structs import replace

from syncd.adapters.base import CreateItem, DeleteItem, Failed, Outcome, Remote, UpdateItem, Written
from syncd.errors import AlreadyExists, PreconditionFailed, Rejected, RemoteError

from . import deletes, paths, updates
from .batch import (
    BATCH_MAX,
    Entry,
    by_id,
    collection,
    each_key_once,
    in_parts,
    looked,
    outcome_of,
    results_of,
    with_look,
)
from .client import Client
from .errors import SYSTEM
from .ids import full_id
from .records import CONTACT, ID, OPPORTUNITY, RecordType
from .roles import (
    SEPARATOR,
    Place,
    Sets,
    is_ours,
    is_strangers,
    listed_fields,
    place_for,
    place_of,
    read_sets,
    remote_of,
)
from .values import to_wire


def create(client: Client, roles: RecordType, items: Sequence[CreateItem]) -> list[Outcome]:
    """Who has a role of ours there already keeps it: `created` is False then, and nothing is written."""
    assert len(items) <= BATCH_MAX
    judged = [_entry(roles, item) for item in items]
    entries = [one for one in judged if isinstance(one, Entry)]
    sets = read_sets(client, roles, [place_of(entry.key).opportunity for entry in entries])
    there = {entry.key: found for entry in entries if (found := _there(roles, sets, entry)) is not None}
    doubled = AlreadyExists("another row of the same batch is about this contact", system=SYSTEM)
    new = [entry for entry in entries if entry.key not in there]
    sent = iter(
        each_key_once(new, doubled, lambda some: in_parts(some, lambda part: _insert(client, roles, sets, part)))
    )
    return [one if isinstance(one, Failed) else there[one.key] if one.key in there else next(sent) for one in judged]


def update(client: Client, roles: RecordType, items: Sequence[UpdateItem], *, lately_s: float) -> list[Outcome]:
    """Guarded as records are. What becomes of a role's contact is looked at as well: merging moves it."""
    outcomes: dict[int, Outcome] = {}
    ready: dict[int, UpdateItem] = {}
    for number, item in enumerate(items):
        try:
            place_of(item.id)
            ready[number] = _row_item(roles, item)
        except RemoteError as error:
            outcomes[number] = Failed(error)
    sent = updates.update(client, roles, list(ready.values()), lately_s=lately_s) if ready else []
    for number, outcome in zip(ready, sent, strict=True):
        outcomes[number] = _updated(outcome, place_of(items[number].id))
    return [outcomes[number] for number in range(len(items))]


def delete(client: Client, roles: RecordType, items: Sequence[DeleteItem]) -> list[Outcome]:
    """All roles of ours that the contact has in the opportunity. None left is done, and so is no opportunity."""
    assert len(items) <= BATCH_MAX
    judged = [_place_or_failure(item) for item in items]
    sets = read_sets(client, roles, [one.opportunity for one in judged if isinstance(one, Place)])
    doomed: dict[int, list[str]] = {}
    outcomes: dict[int, Outcome] = {}
    for number, (item, place) in enumerate(zip(items, judged, strict=True)):
        if isinstance(place, Failed):
            outcomes[number] = place
            continue
        try:
            doomed[number] = _doomed(roles, item, place, sets)
        except RemoteError as error:
            outcomes[number] = Failed(error)
    ids = list(dict.fromkeys(id for some in doomed.values() for id in some))
    became = dict(zip(ids, _delete_rows(client, roles, ids), strict=True))
    for number, some in doomed.items():
        failure = next((became[id] for id in some if isinstance(became[id], Failed)), None)
        outcomes[number] = failure or _off(place_of(items[number].id))
    return [outcomes[number] for number in range(len(items))]


def _entry(roles: RecordType, item: CreateItem) -> Entry | Failed:
    try:
        place = place_for(item.parent, item.person)
        where = {OPPORTUNITY: place.opportunity, CONTACT: place.contact}
        return Entry(place.id, to_wire(roles, {**item.fields, **where}, creating=True))
    except RemoteError as error:
        return Failed(error)


def _there(roles: RecordType, sets: Sets, entry: Entry) -> Written | None:
    """What makes the new role needless: one of ours. Any will do where the new one would be nothing but a link."""
    place = place_of(entry.key)
    rows = (sets[place.opportunity] or {}).get(place.contact, [])
    if any(entry.body.get(name) for name in listed_fields(roles)) and not any(is_ours(roles, row) for row in rows):
        return None
    return Written(remote_of(roles, place, rows), created=False) if rows else None


def _insert(client: Client, roles: RecordType, sets: Sets, entries: Sequence[Entry]) -> list[Outcome]:
    """One call, which also reads what the opportunities show then."""
    opportunities = list(dict.fromkeys(str(entry.body[OPPORTUNITY]) for entry in entries))
    insert = {"method": "POST", "url": paths.COLLECTION, "body": collection(roles, entries)}
    answers = client.composite(with_look(roles, [insert], OPPORTUNITY, opportunities))
    results = results_of(answers[0], len(entries))
    shown = by_id(roles, looked(client, answers[1]))
    return [
        _made(roles, outcome_of(roles, result, None, shown), place_of(entry.key), sets)
        for result, entry in zip(results, entries, strict=True)
    ]


def _made(roles: RecordType, outcome: Outcome, place: Place, sets: Sets) -> Outcome:
    if isinstance(outcome, Failed):
        return outcome
    others = (sets[place.opportunity] or {}).get(place.contact, [])
    remote = remote_of(roles, place, [outcome.remote.raw]) if outcome.whole else outcome.remote
    return replace(outcome, remote=_at(remote, place, undated=bool(others)), created=True)


def _row_item(roles: RecordType, item: UpdateItem) -> UpdateItem:
    """The write of the row that stands for the record."""
    row = item.current.get(ID)
    if not isinstance(row, str):
        raise PreconditionFailed("what was read of this contact role does not say which it is", system=SYSTEM)
    written = [name for name in listed_fields(roles) if name in item.fields]
    if any(SEPARATOR in str(item.current.get(name)) for name in written):
        raise Rejected(
            f"the contact of {item.id} has several of our roles there",
            system=SYSTEM,
            fields=tuple(written),
            remedy="take all but one of them away in salesforce; then: syncd held retry",
        )
    if written and is_strangers(roles, item.current):
        raise Rejected(
            f"the contact of {item.id} has a role there that the mapping does not know",
            system=SYSTEM,
            fields=tuple(written),
            remedy=f"take that role away in salesforce, or list it in the mapping of {', '.join(written)}",
        )
    return UpdateItem(row, item.fields, item.current, item.if_version)


def _updated(outcome: Outcome, place: Place) -> Outcome:
    if isinstance(outcome, Failed):
        return outcome
    if outcome.whole and full_id(str(outcome.remote.raw.get(CONTACT))) != place.contact:
        outcome = Written(Remote(id=place.id, raw={ID: outcome.remote.raw[ID]}), whole=False)  # merged since
    return replace(outcome, remote=_at(outcome.remote, place, undated=True))


def _place_or_failure(item: DeleteItem) -> Place | Failed:
    try:
        return place_of(item.id)
    except RemoteError as error:
        return Failed(error)


def _doomed(roles: RecordType, item: DeleteItem, place: Place, sets: Sets) -> list[str]:
    """The rows to delete. Raises PreconditionFailed when the record is not as it was read."""
    rows = (sets[place.opportunity] or {}).get(place.contact)
    if not rows:
        return []
    shown = remote_of(roles, place, rows)
    if item.if_version not in (None, shown.version):
        raise PreconditionFailed(f"contact role {item.id} has moved since it was read", system=SYSTEM)
    ours = [row for row in rows if is_ours(roles, row)]
    bare = [] if ours or is_strangers(roles, shown.raw) else [shown.raw]
    return [str(row[ID]) for row in (*ours, *bare)]


def _delete_rows(client: Client, roles: RecordType, ids: Sequence[str]) -> list[Outcome]:
    outcomes: list[Outcome] = []
    for start in range(0, len(ids), BATCH_MAX):
        outcomes += deletes.delete(client, roles, [DeleteItem(id) for id in ids[start : start + BATCH_MAX]])
    return outcomes


def _off(place: Place) -> Written:
    return Written(Remote(id=place.id, deleted=True, parent=place.opportunity, person=place.person), whole=False)


def _at(remote: Remote, place: Place, *, undated: bool) -> Remote:
    modified = None if undated else remote.modified
    return replace(remote, id=place.id, parent=place.opportunity, person=place.person, modified=modified)
