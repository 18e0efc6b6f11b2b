"""The twin of Propstreet: one callable for its clients, a side door for those who play a person in its app.

It is deterministic: ids, tags, tokens and stamps follow from the calls and the clock alone. It knows no socket,
and nothing of syncd but the clock.
"""

from __future__ import annotations

import random
import threading
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from syncd.clock import Clock
from syncd.testing.sandbox.wire import Request, Response

from . import http
from .access import Access, Caller, Meter
from .http import Refusal, Reply
from .journal import Applied
from .prospects.person import ProspectPerson
from .routes import Routes
from .state import State
from .switches import Switches

TOKEN = "pat_sandbox"
CLIENTS = {"sandbox": "sandbox-secret"}
FIRST_ID = 9001

_DOORS = (
    "add_project", "edit_project", "delete_project", "link_property", "project", "live_projects",
    "add_prospect", "edit_prospect", "delete_prospect", "remove_prospect", "undo_remove", "communicate",
    "accept_teaser", "fail_additions", "prospect", "live_prospects",
    "add_contact", "edit_contact", "delete_contact", "block", "contact", "live_contacts",
    "add_company", "edit_company", "delete_company", "company", "live_companies",
    "add_link", "delete_link", "revoke_tokens",
)  # fmt: skip


class PropstreetTwin(ProspectPerson):
    """Propstreet's projects, prospects, contacts, companies and links. Thread-safe: one call at a time."""

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
        self._codes = []
        self._routes = Routes(self._state, self.journal, self._codes)
        self._access = Access(tokens, clients, clock.time())
        self._meter = Meter()

    @property
    def switches(self) -> Switches:
        return self._state.server.switches

    @switches.setter
    def switches(self, switches: Switches) -> None:
        with self._lock:
            self._state.server.switch(switches)

    def __call__(self, request: Request) -> Response:
        with self._lock:
            self._state.reveal()
            common: Mapping[str, str] = {}
            try:
                _check_size(request)
                path = request.target.partition("?")[0]
                if path == "/openid/token":
                    return http.response(self._token(request), common)
                caller = self._caller(request)
                common = self._metered(caller)
                return http.response(self._routes.reply(request, path, caller), common)
            except Refusal as refusal:
                return http.refused(refusal, self.switches, common)

    @property
    def side_door(self) -> Mapping[str, Callable[..., Any]]:
        """What a person in the app does, and what an onlooker sees."""
        return {
            **{name: getattr(self, name) for name in _DOORS},
            "seed_projects": lambda n, seed=0: self.seed_projects(n, random.Random(seed)),
            "seed_people": lambda contacts, companies, seed=0: self.seed_people(
                contacts, companies, random.Random(seed)
            ),
            "seed_prospects": lambda project, n, seed=0: self.seed_prospects(project, n, random.Random(seed)),
        }

    def revoke_tokens(self) -> None:
        """No token given out so far is good any more."""
        with self._lock:
            self._access.revoke_all()

    def _token(self, request: Request) -> Reply:
        if request.method != "POST":
            raise Refusal(405, "method-not-allowed", "The method is not allowed here.", headers={"Allow": "POST"})
        return self._access.issue(request.body, self.clock.time(), self.switches)

    def _caller(self, request: Request) -> Caller:
        return self._access.caller(request.headers.get("authorization", ""), self.clock.time(), self.switches)

    def _metered(self, caller: Caller) -> Mapping[str, str]:
        limit = self.switches.rate_limit
        return {} if limit is None else self._meter.spend(caller, self.clock.time(), limit)


def _check_size(request: Request) -> None:
    if len(request.target) > http.URL_MAX:
        raise Refusal(414, "uri-too-long", f"The URL is longer than {http.URL_MAX} characters.")
    if len(request.body) > http.BODY_MAX:
        raise Refusal(413, "payload-too-large", "The body is larger than 10 MB.")
