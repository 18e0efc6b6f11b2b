"""The endpoints under /api/v1/network/links (propstreet.md, section 17.3)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

from syncd.testing.sandbox.propstreet import paging
from syncd.testing.sandbox.propstreet.bodies import Attributes
from syncd.testing.sandbox.propstreet.http import Refusal, Reply, invalid
from syncd.testing.sandbox.propstreet.idempotency import Replays
from syncd.testing.sandbox.propstreet.journal import Applied
from syncd.testing.sandbox.propstreet.paging import Filter, Filters, ListQuery
from syncd.testing.sandbox.propstreet.resource import Resource
from syncd.testing.sandbox.propstreet.server import API
from syncd.testing.sandbox.propstreet.state import State
from syncd.testing.sandbox.wire import Request

from . import body
from .record import Link


class Links(Resource[Link]):
    filters: ClassVar[Filters] = {
        "contact_id": Filter(lambda link, wanted: link.contact_id in wanted),
        "company_id": Filter(lambda link, wanted: link.company_id in wanted),
    }

    def __init__(self, state: State, replays: Replays, journal: list[Applied]) -> None:
        super().__init__(state, state.links, replays, journal)

    def patch(self, id: str, request: Request, scope: str = "") -> Reply:
        needs = self._server.switches.link_match == "required"
        if needs and not request.headers.get("if-match", "").strip():
            self._writable(id)
            raise Refusal(428, "precondition-required", "If-Match is required here.")
        return super().patch(id, request, scope)

    def _read(self, sent: Mapping[str, Any], current: Link | None) -> Attributes:
        return body.link(sent, current, self._server.switches)

    def _made(self, sent: Mapping[str, Any], scope: str) -> Link:
        attributes = self._read(sent, None)
        contact, company = attributes["contact_id"], attributes["company_id"]
        if self._state.contacts.find_living(contact) is None:
            raise invalid({"contactId": ["no such contact"]})
        if self._state.companies.find_living(company) is None:
            raise invalid({"companyId": ["no such company"]})
        if self._state.links.between(contact, company) is not None:
            raise Refusal(409, "duplicate-link", "The contact is linked to this company already.")
        return self._state.links.join(contact, company, attributes.get("job_title"), origin=API)

    def _rows(self, query: ListQuery, scope: str) -> tuple[list[Link], bool]:
        """By way of the end that was asked for: a contact has few links, the tenant many."""
        ends = [wanted[-1] for _, wanted in query.filters]
        if not ends:
            return super()._rows(query, scope)
        return paging.page_of(filter(query.keeps, self._state.links.seen_of(ends[0])), query.start, query.size)
