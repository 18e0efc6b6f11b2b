"""The last word of the demo: both systems read whole, outside of syncd, and held against each other."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from typing import Any

import msgspec

from syncd.core.model import Fields, Kind, Side

from .stage import Stage

Records = Mapping[str, Mapping[str, Any]]


class Proof(msgspec.Struct, frozen=True):
    projects: int
    copies: int  # records of the CRM
    people: int  # contacts that are paired
    investors: int  # people in projects
    fields: int  # values compared
    faults: tuple[str, ...]


def prove(stage: Stage) -> Proof:
    """Every project has just one counterpart, every person at most one, the two know each other, every mapped field is
    equal, and the same people are investors in both, equally far."""
    crm = stage.crm
    projects = {project["id"]: project for project in stage.propstreet.live_projects()}
    copies, contacts = crm.live(), crm.contacts()
    people = {contact["id"]: contact for contact in stage.propstreet.live_contacts()}
    stamped = {id: shown for id, shown in contacts.items() if crm.stamp_of(shown)}
    faults = [*_lone(stage, crm.noun, projects, copies), *_lone(stage, "contact", people, stamped)]
    counts = Counter(crm.stamp_of(copy) for copy in copies.values())
    faults += [f"project {id} has {counts[id]} counterparts" for id in projects if counts[id] != 1]
    compared = 0
    for kind, noun, here, there in (
        (Kind.PROJECT, crm.noun, projects, copies),
        (Kind.CONTACT, "contact", people, stamped),
    ):
        for id, left, right in _pairs(stage, here, there):
            if ref(left, crm.name) != id:
                faults.append(f"{kind} {left['id']} does not know its {noun} {id}")
            shown = [
                stage.mappers[kind].read(side, dict(raw)).fields for side, raw in zip(Side, (left, right), strict=True)
            ]
            compared += len(shown[0])
            faults += [f"{name} of {kind} {left['id']} differs" for name in unequal(stage, kind, *shown)]
    investors = 0
    for project in projects:
        if counts[project] == 1:
            listed, placed = stage.listed(project), stage.placed(project)
            investors += len(listed)
            differing = sorted(dict(listed.items() ^ placed.items()))
            faults += [f"{contact} is not the same investor of project {project} in both" for contact in differing]
    return Proof(len(projects), len(copies), len(stamped), investors, compared + investors, tuple(faults))


def _lone(stage: Stage, noun: str, here: Records, there: Records) -> Iterator[str]:
    """Records of the CRM whose counterpart is not there, or has another one besides."""
    stamps = Counter(stage.crm.stamp_of(shown) for shown in there.values())
    for id, shown in there.items():
        stamp = stage.crm.stamp_of(shown)
        if stamp not in here:
            yield f"{noun} {id} belongs to no {'project' if noun != 'contact' else 'contact'}"
        elif noun == "contact" and stamps[stamp] > 1:
            yield f"contact {stamp} has {stamps[stamp]} counterparts"


def _pairs(stage: Stage, here: Records, there: Records) -> Iterator[tuple[str, Mapping[str, Any], Mapping[str, Any]]]:
    """The id in the CRM, and both records."""
    for id, right in there.items():
        left = here.get(stage.crm.stamp_of(right))
        if left is not None:
            yield id, left, right


def ref(record: Mapping[str, Any], namespace: str) -> str | None:
    """The counterpart's id, as the record of Propstreet carries it."""
    return next((one["id"] for one in record.get("externalRefs") or () if one["namespace"] == namespace), None)


def unequal(stage: Stage, kind: Kind, left: Fields, right: Fields) -> Iterator[str]:
    """Fields that differ. A date that syncd's own write moves on is as it was before that write, so it is left out."""
    for name, field in stage.mappers[kind].policy.fields.items():
        if not field.follows_writes and not field.alike(left.get(name), right.get(name)):
            yield name
