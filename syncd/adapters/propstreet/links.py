"""Links: which contact works for which company (propstreet.md section 17.3).

They are listed, made and changed. No route that reads or deletes a single one is known.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Unpack

from syncd.adapters.limiter import Priority

from .network_records import Link, LinkBody, LinkPatch
from .paging import Page
from .resource import Created, DeltaFilters, Resource, written

CREATABLE = frozenset(LinkBody.__annotations__)
PATCHABLE = frozenset(LinkPatch.__annotations__)
_PATH = ("network", "links")


class LinkFilters(DeltaFilters, total=False):
    contact_id: str | None
    company_id: str | None


_FILTERS = frozenset(LinkFilters.__annotations__)


class Links(Resource):
    def scan(self, **filters: Unpack[LinkFilters]) -> Iterator[Link]:
        """Every link, all pages. `updated_since` is inclusive; tombstones come only with `include_deleted`."""
        return self._list(Link, _PATH, "links", _FILTERS, filters)

    def page(self, *, cursor: str | None = None, **filters: Unpack[LinkFilters]) -> Page:
        """One page. A cursor goes with exactly the filters and the page size that it was given for."""
        return self._list_page(_PATH, "links", _FILTERS, cursor, filters)

    def create(self, body: LinkBody, *, idempotency_key: str, priority: Priority = Priority.LIVE) -> Created[Link]:
        """A new link. It carries no external ref: after a lost answer, scan by contact and company.

        Raises AlreadyExists, OutcomeUnknown, Rejected.
        """
        return self._create(Link, _PATH, written(body, CREATABLE), idempotency_key, "a new link", priority)

    def patch(self, id: str, body: LinkPatch, *, if_match: str, priority: Priority = Priority.LIVE) -> Link:
        """Write these fields; the answer is the whole link. Making it primary unmakes the contact's primary link.

        The etag is needed here: one page of the documentation requires it. Raises PreconditionFailed, Missing,
        OutcomeUnknown, Rejected.
        """
        return self._patch(Link, (*_PATH, id), written(body, PATCHABLE), if_match, f"link {id}", priority)
