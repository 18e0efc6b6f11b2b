"""The endpoints under /api/v1/projects (propstreet.md, sections 6, 7, 10, 13 and 14).

The order of checks on a write is 404, 412, 400, 409 unless the switches say otherwise. Status, classification and
teaser stage cannot be written by anyone who comes this way.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import msgspec

from syncd.testing.sandbox.wire import Request

from . import bodies, idempotency, paging
from .access import Caller
from .http import Refusal, Reply, missing, stale
from .idempotency import Replays
from .project import Project, Ref
from .state import API, State

Note = Callable[[str, str, dict[str, Any], str | None], None]
"""Called for every write that took effect: method, id, the body's fields, idempotency key."""


class Projects:
    def __init__(self, state: State, note: Note) -> None:
        self._state = state
        self._note = note
        self._replays = Replays()

    def list(self, request: Request) -> Reply:
        state = self._state
        now = state.clock.time()
        query = paging.list_query(request.query, now, state.switches)
        rows, more = state.ledger.page(query.start, query.size, query.keeps)
        cursor = paging.cursor_behind(rows[-1], now, state.switches) if more else None
        return Reply(200, state.render.page(rows, cursor=cursor, size=query.size))

    def get(self, id: str) -> Reply:
        return self._shown(200, self._readable(id))

    def find(self, namespace: str, id: str) -> Reply:
        """By external ref: the namespace in any case, the id exactly."""
        ref = Ref(namespace, id)
        project = self._readable(self._state.ledger.holder(ref) or "")
        if ref.key not in {held.key for held in project.external_refs}:
            raise missing()
        return self._shown(200, project)

    def properties(self, id: str) -> Reply:
        self._readable(id)
        return Reply(200, self._state.render.items(self._state.properties.get(id, [])))

    def create(self, request: Request, path: str, caller: Caller) -> Reply:
        """Once per Idempotency-Key: the same key and body again is answered as the first time, without effect."""
        state = self._state
        key = request.headers.get("idempotency-key", "")
        place = idempotency.place_of(caller, "POST", path, key, state.switches)
        replayable = key != "" and state.switches.idempotency_retention_s > 0
        now = state.clock.time()
        if replayable:
            before = self._replays.find(place, request.body, now, state.switches)
            if before is not None:
                return before
        sent = _json(request)
        attributes = bodies.writes(sent, None, state.switches)
        self._free(attributes, None)
        project = state.create(attributes, origin=API)
        self._note("POST", project.id, sent, key or None)
        reply = self._shown(201, project, Location=f"/api/v1/projects/{project.id}")
        if replayable:
            self._replays.keep(place, request.body, reply, now, state.switches)
        return reply

    def patch(self, id: str, request: Request) -> Reply:
        state = self._state
        project = self._writable(id)
        if not state.switches.validate_before_match:
            self._match(project, request)
        sent = _json(request)
        attributes = bodies.writes(sent, project, state.switches)
        if state.switches.validate_before_match:
            self._match(project, request)
        self._free(attributes, project)
        if state.switches.noop_bumps or state.differs(project, attributes):
            project = state.change(project, attributes, origin=API)
        self._note("PATCH", id, sent, None)
        return self._shown(200, project)

    def delete(self, id: str, request: Request) -> Reply:
        state = self._state
        before = state.ledger.truth(id)
        if before is not None and before.deleted and state.switches.second_delete == "204":
            return Reply(204)
        project = self._writable(id)
        self._match(project, request)
        state.delete(project, origin=API)
        self._note("DELETE", id, {}, None)
        return Reply(204)

    def _shown(self, status: int, project: Project, **headers: str) -> Reply:
        return Reply(status, self._state.render.project(project), {"ETag": project.etag, **headers})

    def _readable(self, id: str) -> Project:
        project = self._state.ledger.seen(id)
        if project is None or (project.deleted and self._state.switches.get_deleted == "404"):
            raise missing()
        return project

    def _writable(self, id: str) -> Project:
        project = self._state.ledger.truth(id)
        if project is None or project.deleted:
            raise missing()
        return project

    def _match(self, project: Project, request: Request) -> None:
        """Byte for byte (trap 38); without a tag anything goes, and the last writer wins (trap 39)."""
        tag = request.headers.get("if-match")
        if tag and tag != project.etag:
            raise stale(self._state.switches)

    def _free(self, attributes: dict[str, Any], owner: Project | None) -> None:
        """A ref belongs to one project of the tenant."""
        for ref in attributes.get("external_refs", ()):
            holder = self._state.ledger.holder(ref)
            if holder is not None and (owner is None or holder != owner.id):
                status = self._state.switches.duplicate_ref
                raise Refusal(status, "duplicate-external-ref", "An external reference is in use already.")


def _json(request: Request) -> dict[str, Any]:
    content_type = request.headers.get("content-type", "")
    if not content_type.startswith("application/json"):
        raise Refusal(415, "unsupported-media-type", "The body must be application/json.")
    return bodies.decoded(request.body)


class Applied(msgspec.Struct, frozen=True):
    """A write by an API client that took effect, for those who must know what really happened."""

    method: str
    id: str
    fields: dict[str, Any]  # what the body said, by wire name
    at: float
    key: str | None = None  # Idempotency-Key
