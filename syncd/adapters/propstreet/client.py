"""A typed client of Propstreet's public API v1, usable on its own.

    auth = TokenAuth(os.environ["PROPSTREET_TOKEN"])
    with PropstreetClient("https://app.propstreet.com", auth) as client:
        for project in client.projects.scan(updated_since="2026-05-01T00:00:00Z", include_deleted=True):
            print(project.id, project.name, project.price)

Every method raises only RemoteError. Reads are repeated a little where that helps; writes never.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, cast

import httpx
import msgspec

from syncd.adapters.limiter import Limiter, Priority
from syncd.clock import Clock, SystemClock
from syncd.errors import Missing, Rejected

from .auth import Auth
from .paging import Page, read_page, walk
from .problems import broken_answer
from .records import Project, ProjectBody, Property
from .transport import Timeouts, Transport
from .wire import SYSTEM, Answer, Call, Json, decode_object, encode, target, text_id

PAGE_SIZE_MAX = 500  # propstreet.md section 4
WRITABLE = frozenset(ProjectBody.__annotations__)


class Created(msgspec.Struct, frozen=True):
    project: Project
    new: bool  # False: the server answered with a project that it had already


class PropstreetClient:
    """Safe to share between threads. `peer` takes the place of the network in tests."""

    def __init__(
        self,
        base_url: str,
        auth: Auth,
        *,
        clock: Clock | None = None,
        limiter: Limiter | None = None,
        timeouts: Timeouts = Timeouts(),  # noqa: B008 - frozen
        workers: int = 4,
        peer: httpx.BaseTransport | None = None,
    ) -> None:
        clock = clock or SystemClock()
        limiter = limiter or Limiter(clock, name=SYSTEM, limit=auth.per_minute, window_s=60.0)
        self._transport = Transport(
            base_url, auth, clock=clock, limiter=limiter, timeouts=timeouts, workers=workers, peer=peer
        )
        self.projects = Projects(self._transport)

    @property
    def origin(self) -> str:
        return self._transport.origin

    @property
    def calls(self) -> int:
        """HTTP requests sent since the client was built."""
        return self._transport.limiter.calls

    def close(self) -> None:
        self._transport.close()

    def __enter__(self) -> PropstreetClient:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


class Projects:
    """propstreet.md section 10."""

    def __init__(self, transport: Transport) -> None:
        self._transport = transport

    def scan(
        self,
        *,
        updated_since: str | None = None,
        include_deleted: bool = False,
        status: str | None = None,
        classification: str | None = None,
        teaser_stage: str | None = None,
        page_size: int = PAGE_SIZE_MAX,
        priority: Priority = Priority.LIVE,
    ) -> Iterator[Project]:
        """Every project, all pages. `updated_since` is inclusive; tombstones come only with `include_deleted`."""

        def fetch(cursor: str | None) -> Page:
            return self.page(
                cursor=cursor,
                updated_since=updated_since,
                include_deleted=include_deleted,
                status=status,
                classification=classification,
                teaser_stage=teaser_stage,
                page_size=page_size,
                priority=priority,
            )

        for page in walk(fetch, what="projects"):
            yield from map(Project, page.rows)

    def page(
        self,
        *,
        cursor: str | None = None,
        updated_since: str | None = None,
        include_deleted: bool = False,
        status: str | None = None,
        classification: str | None = None,
        teaser_stage: str | None = None,
        page_size: int = PAGE_SIZE_MAX,
        priority: Priority = Priority.LIVE,
    ) -> Page:
        """One page. A cursor goes with exactly the filters and the page size that it was given for."""
        query = {
            "updated_since": updated_since,
            "include_deleted": "true" if include_deleted else None,
            "status": status,
            "classification": classification,
            "teaser_stage": teaser_stage,
            "page_size": page_size,
            "cursor": cursor,
        }
        where = target("projects", query=query)
        answer = self._transport.read(Call(method="GET", target=where, what="the project list", priority=priority))
        return read_page(answer, "projects")

    def get(self, id: str, *, priority: Priority = Priority.LIVE) -> Project:
        """One project; a deleted one is Missing, or a tombstone (both are seen). Raises Missing."""
        return self._one(target("projects", id), f"project {id}", priority)

    def find_by_external_ref(self, namespace: str, id: str, *, priority: Priority = Priority.LIVE) -> Project | None:
        """The project that carries this ref, or None. The namespace folds case, the id does not."""
        where = target("projects", "external", namespace, id)
        try:
            return self._one(where, f"the project with {namespace} id {id}", priority)
        except Missing:
            return None

    def properties(self, id: str, *, priority: Priority = Priority.LIVE) -> list[Property]:
        """The properties linked to a project: none or one, today."""
        call = Call(
            method="GET",
            target=target("projects", id, "properties"),
            what=f"the properties of project {id}",
            priority=priority,
        )
        return [Property(row) for row in read_page(self._transport.read(call), "properties").rows]

    def create(self, body: ProjectBody, *, idempotency_key: str, priority: Priority = Priority.LIVE) -> Created:
        """A new project. The key stays the same on every resend of the same body (propstreet.md trap 26).

        Put an external ref into the body, so that a lost answer can be looked up. Raises AlreadyExists,
        OutcomeUnknown, Rejected.
        """
        call = Call(
            method="POST",
            target=target("projects"),
            what="a new project",
            body=_body(body),
            headers={"idempotency-key": idempotency_key},
            priority=priority,
        )
        answer = self._transport.write(call)
        return Created(self._shown(answer, call), answer.status == 201)

    def patch(self, id: str, body: ProjectBody, *, if_match: str | None, priority: Priority = Priority.LIVE) -> Project:
        """Write these fields; the answer is the whole project.

        `if_match` is the etag of the project that the change is based on; None writes over whatever is there.
        Raises PreconditionFailed, Missing, OutcomeUnknown, Rejected.
        """
        call = Call(
            method="PATCH",
            target=target("projects", id),
            what=f"project {id}",
            body=_body(body),
            headers=_guard(if_match),
            priority=priority,
        )
        return self._shown(self._transport.write(call), call)

    def delete(self, id: str, *, if_match: str | None, priority: Priority = Priority.LIVE) -> None:
        """Delete softly. Raises Missing when it is gone already, PreconditionFailed when it moved."""
        call = Call(
            method="DELETE",
            target=target("projects", id),
            what=f"project {id}",
            headers=_guard(if_match),
            priority=priority,
        )
        answer = self._transport.write(call)
        if answer.body and decode_object(answer.body) is None:
            raise broken_answer(answer, call)

    def _one(self, where: str, what: str, priority: Priority) -> Project:
        call = Call(method="GET", target=where, what=what, priority=priority)
        raw = self._transport.read(call)
        if text_id(raw.get("id")) is None:
            raise broken_answer(Answer(200, {}, b""), call)
        return Project(raw)

    def _shown(self, answer: Answer, call: Call) -> Project:
        raw = decode_object(answer.body)
        if raw is None or text_id(raw.get("id")) is None:
            raise broken_answer(answer, call)
        return Project(raw)


def unwritable(fields: Mapping[str, Any]) -> tuple[str, ...]:
    """The names that Propstreet lets nobody write, or that we must not send (propstreet.md traps 31 and 32)."""
    return tuple(sorted(name for name in fields if name not in WRITABLE))


def _body(body: ProjectBody) -> bytes:
    fields = cast(Json, body)
    names = unwritable(fields)
    if fields.get("externalRefs", ()) is None:
        names = (*names, "externalRefs")
    if names:
        message = f"propstreet does not let us write {', '.join(names)}"
        raise Rejected(message, system=SYSTEM, fields=names, remedy="let these fields flow to the CRM only")
    return encode(fields)


def _guard(if_match: str | None) -> dict[str, str]:
    return {} if if_match is None else {"if-match": if_match}
