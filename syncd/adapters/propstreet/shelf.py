"""The records of one kind that stand by themselves: projects, contacts and companies, one request each."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from typing import Any, cast

import msgspec

from syncd.adapters.base import ChangePage, CreateItem, DeleteItem, Outcome, Remote, UpdateItem, Written
from syncd.adapters.limiter import Priority
from syncd.core.model import Kind
from syncd.errors import AlreadyExists, Missing, Rejected

from . import feed
from .companies import Companies
from .paging import Page
from .records import with_ref
from .taken import Records, holder_of, who_has_it, why_refused
from .wire import SYSTEM, Json
from .writing import REFS, checked, outcomes, patched


class Shelf(msgspec.Struct, frozen=True, kw_only=True):
    """`row` shows a record, given our namespace."""

    kind: Kind
    records: Records
    writable: frozenset[str]
    row: Callable[[Json, str], Remote]
    namespace: str

    def changes(self, cursor: str | None, *, overlap_s: float, page_size: int) -> Iterator[ChangePage]:
        priority = Priority.BACKFILL if cursor is None else Priority.LIVE

        def fetch(scan: feed.Scan, after: str | None) -> Page:
            return self.records.page(
                cursor=after,
                updated_since=scan.since,
                include_deleted=True,
                page_size=scan.size,
                priority=priority,
            )

        return feed.changes(
            cursor, fetch, self.show, what=f"the {self.kind} list", overlap_s=overlap_s, page_size=page_size
        )

    def fetch(self, ids: Sequence[str]) -> dict[str, Remote]:
        found: dict[str, Remote] = {}
        for id in ids:
            if "/" in id:  # a prospect's, say: that there is no such record here proves nothing
                raise Rejected(
                    f"{id} can't be the id of a {self.kind} in propstreet", system=SYSTEM, code="MALFORMED_ID"
                )
            try:
                found[id] = self.show(self.records.get(id).raw)
            except Missing:
                found[id] = Remote(id=id, deleted=True)
        return found

    def find(self, refs: Sequence[str]) -> dict[str, Remote]:
        found = {ref: holder_of(self.records, self.namespace, ref) for ref in refs}
        return {ref: self.show(record.raw) for ref, record in found.items() if record is not None}

    def create(self, items: Sequence[CreateItem]) -> list[Outcome]:
        return outcomes(self._create, items)

    def update(self, items: Sequence[UpdateItem]) -> list[Outcome]:
        return outcomes(self._update, items)

    def delete(self, items: Sequence[DeleteItem]) -> list[Outcome]:
        return outcomes(self._delete, items)

    def show(self, raw: Json) -> Remote:
        return self.row(raw, self.namespace)

    def _create(self, item: CreateItem) -> Written:
        """By POST with a key, never by upsert: that revives who was deleted, and adopts whoever has the address
        (propstreet.md traps 55 and 56)."""
        fields = {**checked(item.fields, self.writable), REFS: with_ref([], self.namespace, item.ref)}
        try:
            made = self.records.create(cast(Any, fields), idempotency_key=item.key)
        except (AlreadyExists, Rejected) as refused:
            raise why_refused(self.kind, self.records, self.namespace, item, refused) from refused
        return Written(self.show(made.record.raw), created=made.new)

    def _update(self, item: UpdateItem) -> Written:
        try:
            record = patched(self.records, item, writable=self.writable, namespace=self.namespace)
        except AlreadyExists as taken:
            raise who_has_it(self.kind, self.records, self.namespace, item, taken) from taken
        return Written(self.show(record.raw))

    def _delete(self, item: DeleteItem) -> Written:
        if isinstance(self.records, Companies):
            message = f"propstreet lets nobody delete company {item.id} by its API"
            remedy = 'delete it in Propstreet, or write on_delete = { crm = "unbind" } into [company] of the mapping'
            raise Rejected(message, system=SYSTEM, remedy=remedy)
        with suppress(Missing):  # gone already is what we wanted (propstreet.md section 10.3)
            self.records.delete(item.id, if_match=item.if_version)
        return Written(Remote(id=item.id, deleted=True), whole=False)
