"""The twin of Propstreet: one callable for its clients, a side door for those who play a person in its app.

It is deterministic: ids, tags, tokens and stamps follow from the calls and the clock alone. It knows no socket,
and nothing of syncd but the clock.
"""

from __future__ import annotations

import random
import threading
from collections.abc import Callable, Iterable, Mapping
from typing import Any
from urllib.parse import unquote

import msgspec

from syncd.clock import Clock
from syncd.testing.sandbox.wire import Request, Response

from . import http, people, seed, stamps
from .access import Access, Caller, Meter
from .http import Refusal, Reply
from .project import Project, PropertyRef
from .projects import Applied, Projects
from .state import APP, State
from .switches import DAY_S, Switches

TOKEN = "pat_sandbox"
CLIENTS = {"sandbox": "sandbox-secret"}
FIRST_ID = 9001
SEEDED_DAYS = 400

_PREFIX = "/api/v1/"


class PropstreetTwin:
    """Propstreet's projects API. Thread-safe: one call at a time."""

    name = "propstreet"

    def __init__(
        self,
        clock: Clock,
        switches: Switches = Switches(),  # noqa: B008, it is frozen
        *,
        tokens: Iterable[str] = (TOKEN,),
        clients: Mapping[str, str] = CLIENTS,
        first_id: int = FIRST_ID,
    ) -> None:
        self.clock = clock
        self.journal: list[Applied] = []  # every API write that took effect, oldest first
        self._lock = threading.RLock()
        self._state = State(clock, switches, first_id)
        self._projects = Projects(self._state, self._note)
        self._access = Access(tokens, clients, clock.time())
        self._meter = Meter()

    @property
    def switches(self) -> Switches:
        return self._state.switches

    @switches.setter
    def switches(self, switches: Switches) -> None:
        with self._lock:
            self._state.switch(switches)

    # What clients see

    def __call__(self, request: Request) -> Response:
        with self._lock:
            self._state.ledger.reveal(self.clock.time())
            common: Mapping[str, str] = {}
            try:
                _check_size(request)
                path = request.target.partition("?")[0]
                if path == "/openid/token":
                    return http.response(self._token(request), common)
                caller = self._caller(request)
                common = self._metered(caller)
                return http.response(self._route(request, path, caller), common)
            except Refusal as refusal:
                return http.refused(refusal, self.switches, common)

    def _token(self, request: Request) -> Reply:
        if request.method != "POST":
            raise _not_allowed("POST")
        return self._access.issue(request.body, self.clock.time(), self.switches)

    def _caller(self, request: Request) -> Caller:
        return self._access.caller(request.headers.get("authorization", ""), self.clock.time(), self.switches)

    def _metered(self, caller: Caller) -> Mapping[str, str]:
        limit = self.switches.rate_limit
        return {} if limit is None else self._meter.spend(caller, self.clock.time(), limit)

    def _route(self, request: Request, path: str, caller: Caller) -> Reply:
        parts = path[len(_PREFIX) :].split("/") if path.startswith(_PREFIX) else []
        if "%" in path:
            parts = [unquote(part) for part in parts]
        match request.method, parts:
            case "PATCH", ["projects", id]:
                return self._projects.patch(id, request)
            case "GET", ["projects", id]:
                return self._projects.get(id)
            case "DELETE", ["projects", id]:
                return self._projects.delete(id, request)
            case "GET", ["projects"]:
                return self._projects.list(request)
            case "POST", ["projects"]:
                return self._projects.create(request, path, caller)
            case "GET", ["projects", "external", namespace, id]:
                return self._projects.find(namespace, id)
            case "GET", ["projects", id, "properties"]:
                return self._projects.properties(id)
            case _, ["projects"]:
                raise _not_allowed("GET, POST")
            case _, ["projects", _]:
                raise _not_allowed("GET, PATCH, DELETE")
            case _, ["projects", "external", _, _] | ["projects", _, "properties"]:
                raise _not_allowed("GET")
            case _:
                raise http.missing()

    def _note(self, method: str, id: str, fields: dict[str, Any], key: str | None) -> None:
        if self.switches.journal:
            self.journal.append(Applied(method, id, fields, self.clock.time(), key))

    # What a person in the app does, and what an onlooker sees

    @property
    def side_door(self) -> Mapping[str, Callable[..., Any]]:
        return {
            "add_project": self.add_project,
            "edit_project": self.edit_project,
            "delete_project": self.delete_project,
            "link_property": self.link_property,
            "project": self.project,
            "live_projects": self.live_projects,
            "seed_projects": lambda n, seed=0: self.seed_projects(n, random.Random(seed)),
            "revoke_tokens": self.revoke_tokens,
        }

    def add_project(self, *, late_s: float = 0.0, **fields: Any) -> str:
        """A person starts a project; fields by their wire names. `late_s`: readers see it so much later."""
        with self._lock:
            attributes = self._attributes(fields, None)
            return self._state.create(attributes, origin=APP, late_s=late_s).id

    def edit_project(self, id: str, *, late_s: float = 0.0, **fields: Any) -> None:
        """A person edits any field: status, classification and `teaser="published"` too, and unheard-of values."""
        with self._lock:
            project = self._living(id)
            self._state.change(project, self._attributes(fields, project), origin=APP, late_s=late_s)

    def delete_project(self, id: str, *, late_s: float = 0.0) -> None:
        with self._lock:
            self._state.delete(self._living(id), origin=APP, late_s=late_s)

    def link_property(self, id: str, **fields: Any) -> str:
        """A person links a property, in place of the one linked before; it can't be done through the API."""
        with self._lock:
            project = self._living(id)
            return self._link(project, {"name": project.name, **fields})

    def project(self, id: str) -> dict[str, Any]:
        """The truth about it, deleted or not, as JSON would show it now. Raises KeyError."""
        with self._lock:
            project = self._state.ledger.truth(id)
            if project is None:
                raise KeyError(id)
            return self._state.render.decoded(project)

    def live_projects(self) -> list[dict[str, Any]]:
        """The truth about all that are not deleted, oldest id first."""
        with self._lock:
            render = self._state.render
            return [render.decoded(project) for project in self._state.ledger.all() if not project.deleted]

    def seed_projects(self, n: int, rng: random.Random, *, properties: bool = False) -> list[str]:
        """N believable projects. The first ones are spread over the past year, later ones bear today's stamp."""
        with self._lock:
            now = self.clock.time() + self.switches.clock_skew_s
            span_s = SEEDED_DAYS * DAY_S if not len(self._state.ledger) else 0.0
            ids = []
            for index, (attributes, stage) in enumerate(seed.drawn(n, rng)):
                age_s = span_s * (n - index) / n
                stamp = stamps.shown(stamps.ticks_at(now - age_s, self.switches.sub_ms_ticks))
                if stage is not None:
                    attributes |= self._attributes({"teaser": stage}, None, stamp)
                project = self._state.create(attributes, origin=APP, stamp=stamp)
                if properties:
                    currency = project.price.currency if project.price is not None else "SEK"
                    self._link(project, seed.drawn_property(project.name, currency, rng))
                ids.append(project.id)
            return ids

    def revoke_tokens(self) -> None:
        """No token given out so far is good any more."""
        with self._lock:
            self._access.revoke_all()

    def _living(self, id: str) -> Project:
        project = self._state.ledger.truth(id)
        if project is None or project.deleted:
            raise KeyError(id)
        return project

    def _attributes(
        self, fields: Mapping[str, Any], current: Project | None, stamp: str | None = None
    ) -> dict[str, Any]:
        ledger = self._state.ledger
        read = people.attributes(
            fields,
            current,
            teaser_id=ledger.new_id() if fields.get("teaser") and not (current and current.teaser) else "",
            stamp=stamp or self._state.stamp(),
            etag=ledger.new_etag(),
        )
        for ref in read.get("external_refs", ()):
            if ledger.holder(ref) not in (None, current and current.id):
                raise ValueError(f"another project has this ref in {ref.namespace}")
        return read

    def _link(self, project: Project, fields: Mapping[str, Any]) -> str:
        state = self._state
        id, now = state.ledger.new_id(), state.stamp()
        linked = PropertyRef(id, f"https://app.propstreet.com/properties/{id}", fields["name"])
        own = {"createdUtc": now, "updatedUtc": now, "etag": state.ledger.new_etag()}
        state.properties[project.id] = [{**msgspec.structs.asdict(linked), **fields, **own}]
        state.change(project, {"properties": (linked,)}, origin=APP)
        return id


def _check_size(request: Request) -> None:
    if len(request.target) > http.URL_MAX:
        raise Refusal(414, "uri-too-long", f"The URL is longer than {http.URL_MAX} characters.")
    if len(request.body) > http.BODY_MAX:
        raise Refusal(413, "payload-too-large", "The body is larger than 10 MB.")


def _not_allowed(methods: str) -> Refusal:
    return Refusal(405, "method-not-allowed", "The method is not allowed here.", headers={"Allow": methods})
