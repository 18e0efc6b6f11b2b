"""The last word of the demo: both systems read whole, outside of syncd, and held against each other."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from typing import Any

import msgspec

from syncd.core.model import Fields, Side

from .stage import Stage


class Proof(msgspec.Struct, frozen=True):
    projects: int
    copies: int  # records of the CRM
    fields: int  # values compared
    faults: tuple[str, ...]


def prove(stage: Stage) -> Proof:
    """Every project has just one counterpart, the two know each other, and every mapped field is equal."""
    crm = stage.crm
    projects = {project["id"]: project for project in stage.propstreet.live_projects()}
    copies = crm.live()
    of = Counter(crm.project_of(copy) for copy in copies.values())
    lone = [id for id, copy in copies.items() if crm.project_of(copy) not in projects]
    faults = [f"{crm.noun} {id} belongs to no project" for id in lone]
    faults += [f"project {id} has {of[id]} counterparts" for id in projects if of[id] != 1]
    compared = 0
    for id, copy in copies.items():
        project = projects.get(crm.project_of(copy))
        if project is None:
            continue
        if ref(project, crm.name) != id:
            faults.append(f"project {project['id']} does not know its {crm.noun} {id}")
        left, right = (stage.mapper.read(side, raw).fields for side, raw in zip(Side, (project, copy), strict=True))
        compared += len(left)
        faults += [f"{name} of project {project['id']} differs" for name in unequal(stage, left, right)]
    return Proof(len(projects), len(copies), compared, tuple(faults))


def ref(project: dict[str, Any], namespace: str) -> str | None:
    """The counterpart's id, as the project carries it."""
    return next((one["id"] for one in project.get("externalRefs") or () if one["namespace"] == namespace), None)


def unequal(stage: Stage, left: Fields, right: Fields) -> Iterator[str]:
    """Fields that differ. A date that syncd's own write moves on is as it was before that write, so it is left out."""
    for name, field in stage.mapper.policy.fields.items():
        if not field.follows_writes and not field.alike(left.get(name), right.get(name)):
            yield name
