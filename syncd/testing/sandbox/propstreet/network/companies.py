"""The endpoints under /api/v1/network/companies (propstreet.md, section 17.2)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import msgspec

from syncd.testing.sandbox.propstreet import paging
from syncd.testing.sandbox.propstreet.bodies import Attributes
from syncd.testing.sandbox.propstreet.http import Reply
from syncd.testing.sandbox.propstreet.idempotency import Replays
from syncd.testing.sandbox.propstreet.journal import Applied
from syncd.testing.sandbox.propstreet.resource import Resource
from syncd.testing.sandbox.propstreet.state import State
from syncd.testing.sandbox.wire import Request

from . import body
from .associated import projects_of
from .record import Company


class Companies(Resource[Company]):
    def __init__(self, state: State, replays: Replays, journal: list[Applied]) -> None:
        super().__init__(state, state.companies, replays, journal)

    def projects(self, id: str, request: Request) -> Reply:
        return projects_of(self._state, self._readable(id).id, request)

    def contacts(self, id: str, request: Request) -> Reply:
        """Its contacts with the ids of their links, in the order in which the links changed."""
        server = self._server
        company = self._readable(id)
        now = server.clock.time()
        query = paging.list_query(request.query, {}, now, server.switches)
        ends = dict(self._state.links.contacts_of(company.id))
        links, more = paging.page_of(ends, query.start, query.size)
        cursor = paging.cursor_behind(links[-1], now, server.switches) if more else None
        rows = [msgspec.structs.replace(ends[link], link_id=link.id) for link in links]
        return Reply(200, server.render.page(rows, cursor=cursor, size=query.size))

    def _read(self, sent: Mapping[str, Any], current: Company | None) -> Attributes:
        return body.company(sent, current, self._server.switches)

    def _joined(self, row: Company) -> Company:
        return self._state.links.shown_company(row)

    def _joined_all(self, rows: list[Company]) -> list[Company]:
        return [self._state.links.shown_company(row) for row in rows]
