"""What a record belongs to: a prospect that is a record of its own, its deal, and the contact or company it is about.

In HubSpot these are associations, which no read of the record itself shows in full (hubspot.md 5.1, 5.10). So every
page or batch of such records, of a hundred at most, costs one call more for each link that the mapping has: up to
three. To change an association is not to change the record (trap 8): the feed does not show it, a read does. So the
links can be read alone, a thousand records at a time for the same three calls.

A read of associations that fails fails as a whole: nothing is shown as unlinked because of an error.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import msgspec

from syncd.adapters.base import Links, ObjectSpec, Remote
from syncd.core.model import Kind
from syncd.core.remote import SEVERAL, person_of
from syncd.errors import ConfigError

from . import associations
from .associations import Way
from .client import Client
from .labels import is_primary
from .records import RecordType, type_name
from .shapes import Associated

Linked = Mapping[Kind, Sequence[Associated]]


def ways_of(objects: Mapping[Kind, ObjectSpec], kind: Kind) -> tuple[Way, ...]:
    """The links that this kind has. Raises ConfigError where one leads to other records than those of its kind."""
    spec = objects[kind]
    if spec.links and Kind.PROJECT not in spec.links:
        raise ConfigError(f"links.project is missing under [{kind}]", remedy='write links.project = "deals" there')
    for target, name in spec.links.items():
        there = objects[target].name if target in objects else name
        if type_name(name) != type_name(there):
            what = f"links.{target} under [{kind}] leads to {name}, and [{target}] is mapped to {there}"
            raise ConfigError(what, remedy=f'write links.{target} = "{there}" under [{kind}]')
    return tuple(Way(spec.name, name, target) for target, name in spec.links.items())


def shown(client: Client, records: RecordType, remotes: Sequence[Remote]) -> list[Remote]:
    """These records with their parent and person, in this order; a deleted one has neither. Raises RemoteError."""
    ids = list(dict.fromkeys(remote.id for remote in remotes if not remote.deleted))
    if not records.links or not ids:
        return list(remotes)
    found = places(client, records, ids)
    return [remote if remote.deleted else _bound(remote, found[remote.id]) for remote in remotes]


def _bound(remote: Remote, place: Links) -> Remote:
    parent, person = place
    return msgspec.structs.replace(remote, parent=parent, person=person)


def places(client: Client, records: RecordType, ids: Sequence[str]) -> dict[str, Links]:
    """Parent and person of each of these, a thousand at most; neither of what is not there. Raises RemoteError."""
    found = {way.kind: associations.read(client, way, ids) for way in records.links}
    linked = {id: {kind: of_kind[id] for kind, of_kind in found.items()} for id in ids}
    return {id: (_parent(one), _person(one)) for id, one in linked.items()}


def _parent(linked: Linked) -> str | None:
    ids = {one.id for one in linked[Kind.PROJECT]}
    return SEVERAL if len(ids) > 1 else next(iter(ids), None)


def _person(linked: Linked) -> str | None:
    """The contact; without one the company, of several the primary one. Two contacts leave it open who is meant."""
    contacts = {one.id for one in linked.get(Kind.CONTACT, ())}
    companies = {one.id for one in linked.get(Kind.COMPANY, ())}
    kind, ids = (Kind.CONTACT, contacts) if contacts else (Kind.COMPANY, companies)
    if kind is Kind.COMPANY and len(ids) > 1:
        ids = {one.id for one in linked[kind] if any(map(is_primary, one.association_types))} or ids
    if len(ids) > 1:
        return SEVERAL
    return next((person_of(kind, id) for id in ids), None)
