"""Companies: the organisations in the network (propstreet.md section 17.2).

The API that we know of neither deletes a company nor upserts one by its ref: find it, then patch or create.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Unpack

from .contacts import INVESTOR_FILTERS, InvestorFilters
from .network_records import Company, CompanyBody, Employee
from .paging import Page
from .prospect_records import AssociatedProject
from .resource import Collection, DeltaFilters, PageOptions
from .transport import Transport

WRITABLE = frozenset(CompanyBody.__annotations__)
_FILTERS = frozenset(DeltaFilters.__annotations__)
_PAGE_ONLY = frozenset(PageOptions.__annotations__)


class Companies(Collection[Company, CompanyBody]):
    def __init__(self, transport: Transport) -> None:
        super().__init__(transport, ("network", "companies"), Company, noun="company", writable=WRITABLE)

    def scan(self, **filters: Unpack[DeltaFilters]) -> Iterator[Company]:
        """Every company, all pages. `updated_since` is inclusive; tombstones come only with `include_deleted`."""
        return self._list(Company, self._path, "companies", _FILTERS, filters)

    def page(self, *, cursor: str | None = None, **filters: Unpack[DeltaFilters]) -> Page:
        """One page. A cursor goes with exactly the filters and the page size that it was given for."""
        return self._list_page(self._path, "companies", _FILTERS, cursor, filters)

    def contacts(self, id: str, **options: Unpack[PageOptions]) -> Iterator[Employee]:
        """The contacts linked to this company."""
        return self._list(Employee, (*self._path, id, "contacts"), f"contacts of company {id}", _PAGE_ONLY, options)

    def projects(self, id: str, **filters: Unpack[InvestorFilters]) -> Iterator[AssociatedProject]:
        """The projects in which this company is a prospect. No change feed: it repairs what was bound wrongly."""
        path, what = (*self._path, id, "projects"), f"projects of company {id}"
        return self._list(AssociatedProject, path, what, INVESTOR_FILTERS, filters)
