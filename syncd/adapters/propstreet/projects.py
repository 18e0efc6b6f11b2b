"""Projects: the deals of Propstreet (propstreet.md section 10)."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Unpack

from syncd.adapters.limiter import Priority

from .paging import Page, read_page
from .records import Project, ProjectBody, Property
from .resource import Collection, DeltaFilters
from .transport import Transport
from .wire import Call, target

WRITABLE = frozenset(ProjectBody.__annotations__)


class ProjectFilters(DeltaFilters, total=False):
    """All but `updated_since` and `include_deleted` hide rows that leave them: never use those in a delta scan."""

    status: str | None  # open, closed, deleted
    classification: str | None  # draft, active, inactive
    teaser_stage: str | None  # property_added, drafting, published, verified, communicated


_FILTERS = frozenset(ProjectFilters.__annotations__)


class Projects(Collection[Project, ProjectBody]):
    def __init__(self, transport: Transport) -> None:
        super().__init__(transport, ("projects",), Project, noun="project", writable=WRITABLE)

    def scan(self, **filters: Unpack[ProjectFilters]) -> Iterator[Project]:
        """Every project, all pages. `updated_since` is inclusive; tombstones come only with `include_deleted`."""
        return self._list(Project, self._path, "projects", _FILTERS, filters)

    def page(self, *, cursor: str | None = None, **filters: Unpack[ProjectFilters]) -> Page:
        """One page. A cursor goes with exactly the filters and the page size that it was given for."""
        return self._list_page(self._path, "projects", _FILTERS, cursor, filters)

    def delete(self, id: str, *, if_match: str | None, priority: Priority = Priority.LIVE) -> None:
        """Delete softly. Raises Missing when it is gone already, PreconditionFailed when it moved."""
        self._delete((*self._path, id), if_match, f"project {id}", priority)

    def properties(self, id: str, *, priority: Priority = Priority.LIVE) -> list[Property]:
        """The properties linked to a project: none or one, today."""
        what = f"the properties of project {id}"
        call = Call(method="GET", target=target(*self._path, id, "properties"), what=what, priority=priority)
        return [Property(row) for row in read_page(self._transport.read(call), "properties").rows]
