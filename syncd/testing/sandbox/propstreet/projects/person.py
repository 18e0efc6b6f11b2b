"""A person's moves with projects, and what an onlooker sees of them."""

from __future__ import annotations

import random
from collections.abc import Mapping
from typing import Any

import msgspec

from syncd.testing.sandbox.propstreet.person import Person
from syncd.testing.sandbox.propstreet.server import APP
from syncd.testing.sandbox.propstreet.switches import DAY_S

from . import edits, seed
from .record import Project, PropertyRef

SEEDED_DAYS = 400


class ProjectPerson(Person):
    def add_project(self, *, late_s: float = 0.0, **fields: Any) -> str:
        """A person starts a project; fields by their wire names. `late_s`: readers see it so much later."""
        with self._lock:
            attributes = self._project_attributes(fields, None)
            return self._state.projects.create(attributes, origin=APP, late_s=late_s).id

    def edit_project(self, id: str, *, late_s: float = 0.0, **fields: Any) -> None:
        """A person edits any field: status, classification and `teaser="published"` too, and unheard-of values."""
        with self._lock:
            project = self._state.projects.living(id)
            attributes = self._project_attributes(fields, project)
            self._state.projects.change(project, attributes, origin=APP, late_s=late_s)

    def delete_project(self, id: str, *, late_s: float = 0.0) -> None:
        with self._lock:
            self._state.projects.delete(self._state.projects.living(id), origin=APP, late_s=late_s)

    def link_property(self, id: str, **fields: Any) -> str:
        """A person links a property, in place of the one linked before; it can't be done through the API."""
        with self._lock:
            project = self._state.projects.living(id)
            return self._link(project, {"name": project.name, **fields})

    def project(self, id: str) -> dict[str, Any]:
        """The truth about it, deleted or not, as JSON would show it now. Raises KeyError."""
        with self._lock:
            project = self._state.projects.ledger.truth(id)
            if project is None:
                raise KeyError(id)
            return self._state.server.render.decoded(project)

    def live_projects(self) -> list[dict[str, Any]]:
        """The truth about all that are not deleted, oldest id first."""
        with self._lock:
            render = self._state.server.render
            return [render.decoded(project) for project in self._state.projects.ledger.all() if not project.deleted]

    def seed_projects(self, n: int, rng: random.Random, *, properties: bool = False) -> list[str]:
        """N believable projects. The first ones are spread over the past year, later ones bear today's stamp."""
        with self._lock:
            server, projects = self._state.server, self._state.projects
            span_s = SEEDED_DAYS * DAY_S if not len(projects.ledger) else 0.0
            ids = []
            for index, (attributes, stage) in enumerate(seed.drawn(n, rng)):
                stamp = server.stamp(ago_s=span_s * (n - index) / n)
                if stage is not None:
                    attributes |= self._project_attributes({"teaser": stage}, None, stamp)
                project = projects.create(attributes, origin=APP, stamp=stamp)
                if properties:
                    currency = project.price.currency if project.price is not None else "SEK"
                    self._link(project, seed.drawn_property(project.name, currency, rng))
                ids.append(project.id)
            return ids

    def _project_attributes(
        self, fields: Mapping[str, Any], current: Project | None, stamp: str | None = None
    ) -> dict[str, Any]:
        server = self._state.server
        read = edits.attributes(
            fields,
            current,
            teaser_id=server.new_id() if fields.get("teaser") and not (current and current.teaser) else "",
            stamp=stamp or server.stamp(),
            etag=server.new_etag(),
        )
        for ref in read.get("external_refs", ()):
            if self._state.projects.ledger.holder(ref) not in (None, current and current.id):
                raise ValueError(f"another project has this ref in {ref.namespace}")
        return read

    def _link(self, project: Project, fields: Mapping[str, Any]) -> str:
        server, projects = self._state.server, self._state.projects
        id, now = server.new_id(), server.stamp()
        linked = PropertyRef(id, f"https://app.propstreet.com/properties/{id}", fields["name"])
        own = {"createdUtc": now, "updatedUtc": now, "etag": server.new_etag()}
        projects.properties[project.id] = [{**msgspec.structs.asdict(linked), **fields, **own}]
        projects.change(project, {"properties": (linked,)}, origin=APP)
        return id
