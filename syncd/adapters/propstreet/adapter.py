"""Propstreet behind the adapter contract: which part of it serves which kind, and what it can do.

It knows nothing of the CRM or the store. Projects, contacts and companies are shelves of records; prospects live in
their projects, have no feed, and are added many at a time.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from syncd.adapters.base import (
    Brood,
    Capabilities,
    ChangePage,
    CreateItem,
    DeleteItem,
    Health,
    ObjectSpec,
    Outcome,
    Remote,
    Sizes,
    UpdateItem,
)
from syncd.core.model import Kind

from . import companies, contacts, projects
from .batch import BATCH_MAX
from .client import PropstreetClient
from .health import health
from .investors import Investors
from .remotes import company_row, contact_row, project_row
from .shelf import Shelf
from .wire import SYSTEM

FETCH_MAX = 50  # one request each; a bound for one call, not a page size


class PropstreetAdapter:
    """The left side of every connection."""

    name = SYSTEM
    nested = frozenset({Kind.PROSPECT})
    parents_max = 1  # the set of one project is one call or more

    def __init__(
        self,
        client: PropstreetClient,
        *,
        objects: Mapping[Kind, ObjectSpec],
        namespace: str,
        overlap_s: float,
        page_size: int,
        workers: int,
        personal: bool,
        deletes_for_good: bool,
    ) -> None:
        self._client = client
        self._kinds = frozenset(objects)
        self._overlap_s = overlap_s
        self._page_size = page_size
        self._personal = personal
        self._shelves = {shelf.kind: shelf for shelf in _shelves(client, namespace)}
        prospects = objects.get(Kind.PROSPECT)
        stamped = prospects is not None and not prospects.nested
        self._investors = Investors(client.prospects, namespace=namespace, stamped=stamped, for_good=deletes_for_good)
        self.capabilities = Capabilities(
            guarded_update=True,
            stamp=f"the external reference {namespace}",
            create_overwrites=False,
            fetch_max=FETCH_MAX,
            find_max=FETCH_MAX,
            workers=workers,
            sizes={
                Kind.PROSPECT: Sizes(fetch_max=FETCH_MAX, find_max=FETCH_MAX, create_max=BATCH_MAX, create_apart=True)
            },
        )

    @property
    def calls(self) -> int:
        return self._client.calls

    def close(self) -> None:
        self._client.close()

    def check(self) -> Health:
        return health(self._client, self._kinds, personal=self._personal)

    def changes(self, kind: Kind, cursor: str | None) -> Iterator[ChangePage]:
        return self._shelves[kind].changes(cursor, overlap_s=self._overlap_s, page_size=self._page_size)

    def within(self, kind: Kind, parents: Sequence[str]) -> list[Brood]:
        assert kind in self.nested
        assert len(parents) <= self.parents_max
        return self._investors.within(parents)

    def fetch(self, kind: Kind, ids: Sequence[str]) -> dict[str, Remote]:
        assert len(ids) <= FETCH_MAX
        return self._of(kind).fetch(ids)

    def find(self, kind: Kind, refs: Sequence[str]) -> dict[str, Remote]:
        assert len(refs) <= FETCH_MAX
        return self._of(kind).find(refs)

    def create(self, kind: Kind, items: Sequence[CreateItem]) -> list[Outcome]:
        return self._of(kind).create(items)

    def update(self, kind: Kind, items: Sequence[UpdateItem]) -> list[Outcome]:
        return self._of(kind).update(items)

    def delete(self, kind: Kind, items: Sequence[DeleteItem]) -> list[Outcome]:
        return self._of(kind).delete(items)

    def _of(self, kind: Kind) -> Shelf | Investors:
        return self._investors if kind is Kind.PROSPECT else self._shelves[kind]


def _shelves(client: PropstreetClient, namespace: str) -> list[Shelf]:
    return [
        Shelf(
            kind=Kind.PROJECT,
            records=client.projects,
            writable=projects.WRITABLE,
            row=project_row,
            namespace=namespace,
        ),
        Shelf(
            kind=Kind.CONTACT,
            records=client.contacts,
            writable=contacts.WRITABLE,
            row=contact_row,
            namespace=namespace,
        ),
        Shelf(
            kind=Kind.COMPANY,
            records=client.companies,
            writable=companies.WRITABLE,
            row=company_row,
            namespace=namespace,
        ),
    ]
