"""The endpoints under /api/v1/projects that are not about prospects (sections 10 and 14).

Status, classification and teaser stage cannot be written by anyone who comes this way.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

from syncd.testing.sandbox.propstreet.bodies import Attributes
from syncd.testing.sandbox.propstreet.http import Reply
from syncd.testing.sandbox.propstreet.idempotency import Replays
from syncd.testing.sandbox.propstreet.journal import Applied
from syncd.testing.sandbox.propstreet.paging import Filter, Filters
from syncd.testing.sandbox.propstreet.resource import Resource
from syncd.testing.sandbox.propstreet.state import State

from . import body
from .record import CLASSIFICATIONS, STAGES, STATUSES, Project


class Projects(Resource[Project]):
    filters: ClassVar[Filters] = {
        "status": Filter(lambda project, wanted: project.status in wanted, STATUSES),
        "classification": Filter(lambda project, wanted: project.classification in wanted, CLASSIFICATIONS),
        "teaser_stage": Filter(
            lambda project, wanted: project.teaser is not None and project.teaser.stage in wanted, STAGES
        ),
    }
    not_served = ("near", "radius", "location")  # there is no map
    noop_is_silent = False  # what an empty PATCH does is unknown for projects (section 6)

    def __init__(self, state: State, replays: Replays, journal: list[Applied]) -> None:
        super().__init__(state, state.projects, replays, journal)

    def properties(self, id: str) -> Reply:
        self._readable(id)
        return Reply(200, self._server.render.items(self._state.projects.properties.get(id, [])))

    def _read(self, sent: Mapping[str, Any], current: Project | None) -> Attributes:
        return body.writes(sent, current, self._server.switches)
