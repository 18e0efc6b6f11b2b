"""The endpoints that every resource has: list, get, lookup by ref, POST, PATCH, DELETE (sections 4 to 9, 13).

The order of checks on a write is 404, 412, 400, 409 unless the switches say otherwise. A resource says what is its
own in the hooks: what a body means, what is unique, what a write does beyond its row.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping
from typing import Any, ClassVar, Generic, TypeVar

from syncd.testing.sandbox.wire import Request

from . import paging
from .access import Caller
from .bodies import Attributes, json_of
from .http import Refusal, Reply, missing, stale
from .idempotency import Replays
from .journal import Applied
from .paging import Filters, ListQuery
from .record import Record, Ref
from .server import API
from .state import State
from .table import Table

R = TypeVar("R", bound=Record)


class Resource(ABC, Generic[R]):
    """`scope` is a project's id for its prospects, and nothing for the lists of the tenant."""

    filters: ClassVar[Filters] = {}
    not_served: ClassVar[tuple[str, ...]] = ()  # query parameters that the sandbox can't answer
    noop_is_silent: ClassVar[bool] = True  # a PATCH that changes nothing leaves tag and stamp alone (section 17.1)

    def __init__(self, state: State, table: Table[R], replays: Replays, journal: list[Applied]) -> None:
        self._state = state
        self._server = state.server
        self._table = table
        self._replays = replays
        self._journal = journal

    def page(self, request: Request, scope: str = "") -> Reply:
        server = self._server
        now = server.clock.time()
        query = paging.list_query(request.query, self.filters, now, server.switches, not_served=self.not_served)
        rows, more = self._rows(query, scope)
        cursor = paging.cursor_behind(rows[-1], now, server.switches) if more else None
        return Reply(200, server.render.page(self._joined_all(rows), cursor=cursor, size=query.size))

    def get(self, id: str, scope: str = "") -> Reply:
        return self._shown(200, self._readable(id, scope))

    def find(self, namespace: str, id: str, scope: str = "") -> Reply:
        """By external ref: the namespace in any case, the id exactly."""
        ref = Ref(namespace, id)
        row = self._readable(self._table.ledger.holder(ref, scope) or "", scope)
        if ref.key not in {held.key for held in row.external_refs}:
            raise missing()
        return self._shown(200, row)

    def create(self, request: Request, path: str, caller: Caller, scope: str = "") -> Reply:
        """Once per Idempotency-Key: the same key and body again is answered as the first time, without effect."""

        def make() -> Reply:
            sent = json_of(request)
            row = self._made(sent, scope)
            self._note("POST", row, sent, key=request.headers.get("idempotency-key") or None)
            return self._created(row)

        return self._once(request, path, caller, make)

    def patch(self, id: str, request: Request, scope: str = "") -> Reply:
        row = self._writable(id, scope)
        validates_first = self._server.switches.validate_before_match
        if not validates_first:
            self._match(row, request)
        sent = json_of(request)
        attributes = self._read(sent, row)
        if validates_first:
            self._match(row, request)
        changed = self._changed(row, attributes)
        self._note("PATCH", changed, sent)
        return self._shown(200, changed)

    def delete(self, id: str, request: Request, scope: str = "") -> Reply:
        before = self._table.ledger.truth(id)
        gone = before is not None and before.deleted and before.scope == scope
        if gone and self._server.switches.second_delete == "204":
            return Reply(204)
        row = self._writable(id, scope)
        self._match(row, request)
        self._table.delete(row, origin=API)
        self._note("DELETE", row, {})
        return Reply(204)

    # What resources do in their own way

    @abstractmethod
    def _read(self, sent: Mapping[str, Any], current: R | None) -> Attributes:
        """What a body says, by attribute. Raises what is wrong with it."""

    def _check(self, attributes: Attributes, owner: R | None, scope: str) -> None:
        """Raise what stands against these values elsewhere in the table."""
        self._free(attributes.get("external_refs", ()), owner, scope)

    def _made(self, sent: Mapping[str, Any], scope: str) -> R:
        attributes = self._read(sent, None)
        self._check(attributes, None, scope)
        return self._table.create(attributes, origin=API)

    def _changed(self, row: R, attributes: Attributes) -> R:
        self._check(attributes, row, row.scope)
        silent = self.noop_is_silent or not self._server.switches.noop_bumps
        if silent and not self._table.differs(row, attributes):
            return row
        return self._table.change(row, attributes, origin=API)

    def _rows(self, query: ListQuery, scope: str) -> tuple[list[R], bool]:
        return self._table.ledger.page(query.start, query.size, query.keeps, scope)

    def _joined(self, row: R) -> R:
        """The row with what it shows of other tables."""
        return row

    def _joined_all(self, rows: list[R]) -> list[R]:
        return rows

    def _readable(self, id: str, scope: str = "") -> R:
        row = self._table.ledger.seen(id)
        if row is None or row.scope != scope or (row.deleted and self._server.switches.get_deleted == "404"):
            raise missing()
        return row

    # What they share

    def _once(self, request: Request, path: str, caller: Caller, make: Callable[[], Reply]) -> Reply:
        return self._replays.once(request, path, caller, self._server.clock, self._server.switches, make)

    def _created(self, row: R) -> Reply:
        return self._shown(201, row, Location=f"/api/v1/{self._table.path_of(row)}")

    def _shown(self, status: int, row: R, **headers: str) -> Reply:
        return Reply(status, self._server.render.row(self._joined(row)), {"ETag": row.etag, **headers})

    def _writable(self, id: str, scope: str = "") -> R:
        row = self._table.ledger.truth(id)
        if row is None or row.deleted or row.scope != scope:
            raise missing()
        return row

    def _match(self, row: R, request: Request) -> None:
        """Byte for byte (trap 38); without a tag anything goes, and the last writer wins (trap 39)."""
        tag = request.headers.get("if-match")
        if tag and tag != row.etag:
            raise stale(self._server.switches)

    def _free(self, refs: tuple[Ref, ...], owner: R | None, scope: str) -> None:
        """A ref belongs to one row of its scope."""
        for ref in refs:
            holder = self._table.ledger.holder(ref, scope)
            if holder is not None and (owner is None or holder != owner.id):
                status = self._server.switches.duplicate_ref
                raise Refusal(status, "duplicate-external-ref", "An external reference is in use already.")

    def _note(
        self, method: str, row: R, sent: dict[str, Any], *, key: str | None = None, action: str | None = None
    ) -> None:
        if self._server.switches.journal:
            applied = Applied(
                kind=self._table.kind,
                method=method,
                id=row.id,
                fields=sent,
                at=self._server.clock.time(),
                key=key,
                action=action,
                project=row.scope or None,
            )
            self._journal.append(applied)
