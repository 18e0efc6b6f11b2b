"""The projects of a contact or a company: /network/contacts/{id}/projects and its like (propstreet.md, section 12).

One row for each living project that it is a living prospect on; stamps and tag are the project's.
"""

from __future__ import annotations

from collections.abc import Iterator

import msgspec

from syncd.testing.sandbox.propstreet import paging
from syncd.testing.sandbox.propstreet.http import Reply
from syncd.testing.sandbox.propstreet.paging import Filter
from syncd.testing.sandbox.propstreet.prospects.record import CLASSIFICATIONS, Prospect
from syncd.testing.sandbox.propstreet.state import State
from syncd.testing.sandbox.wire import Request

PAGE_DEFAULT = 100


class AssociatedProject(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    id: str
    uri: str
    prospect_id: str
    name: str
    status: str
    classification: str
    prospect_classification: str
    prospect_count: int
    created_utc: str
    updated_utc: str
    etag: str


_FILTERS = {
    "status": Filter(lambda row, wanted: row.status in wanted, ("open", "closed")),
    "classification": Filter(lambda row, wanted: row.prospect_classification in wanted, CLASSIFICATIONS),
}


def projects_of(state: State, party: str, request: Request) -> Reply:
    server = state.server
    now = server.clock.time()
    query = paging.list_query(request.query, _FILTERS, now, server.switches, default_size=PAGE_DEFAULT)
    rows, more = paging.page_of(filter(query.passes, _rows(state, party)), query.start, query.size)
    cursor = paging.cursor_behind(rows[-1], now, server.switches) if more else None
    return Reply(200, server.render.page(rows, cursor=cursor, size=query.size))


def _rows(state: State, party: str) -> Iterator[AssociatedProject]:
    by_project: dict[str, list[Prospect]] = {}
    for prospect in state.prospects.of_party(party):
        if not prospect.deleted and party in (prospect.contact_id, prospect.company_id):
            by_project.setdefault(prospect.project_id, []).append(prospect)
    for id, prospects in by_project.items():
        project = state.projects.ledger.seen(id)
        if project is None or project.deleted:
            continue
        everybody = state.server.switches.prospect_count == "all"
        counted = state.prospects.of_project(id) if everybody else prospects
        yield AssociatedProject(
            id=id,
            uri=project.uri,
            prospect_id=prospects[0].id,
            name=project.name,
            status=project.status,
            classification=project.classification,
            prospect_classification=prospects[0].classification,
            prospect_count=sum(not prospect.deleted for prospect in counted),
            created_utc=project.created_utc,
            updated_utc=project.updated_utc,
            etag=project.etag,
        )
