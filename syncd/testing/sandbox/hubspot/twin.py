"""HubSpot as a callable: a request in, a response out (hubspot.md, sections 2 to 7, 9, 11, 12).

    twin = HubSpotTwin(clock, Switches(rate_limit=None))
    response = twin(Request("GET", "/crm/v3/objects/deals", {"authorization": "Bearer any"}))
    twin.person.add_deal(dealname="Storgatan 1", dealstage="appointmentscheduled")

Webhooks, the schemas of custom objects and full text search are not here. Faults of the line are `wire.Faulty`'s.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping
from email.utils import formatdate
from typing import Any
from urllib.parse import unquote

import msgspec

from syncd.clock import Clock
from syncd.testing.sandbox.wire import Request, Response

from . import association_batches, associations, objects, people, pipelines, properties
from .access import Access
from .account import Account, Applied
from .call import Answer, Call
from .limits import Bucket, Limiter, TooMany
from .person import Person
from .refusal import NoSuchPath, Refusal, WrongMethod
from .switches import Switches

Handler = Callable[[Call], Answer]

AREAS: dict[str, Handler] = {
    "objects": objects.handle,
    "properties": properties.handle,
    "pipelines": pipelines.handle,
    "owners": people.handle_owners,
}
LINKS: dict[str, Handler] = {
    "links": associations.handle,
    "associations": association_batches.handle,
}
HANDLERS = AREAS | LINKS
DATED = "2026-09"
TOKEN_INFO = "/oauth/v2/private-apps/get/access-token-info"
JSON = {"Content-Type": "application/json;charset=utf-8"}
PAGE = b"<html><head><title>Error %d</title></head><body><h2>HTTP ERROR %d</h2></body></html>"

_encode = msgspec.json.Encoder().encode


class TokenBody(msgspec.Struct, rename="camel"):
    token_key: str


class HubSpotTwin:
    """One HubSpot account. Thread-safe: one request, or one act of a person, at a time."""

    name = "hubspot"

    def __init__(self, clock: Clock, switches: Switches | None = None) -> None:
        self.clock = clock
        self.account = Account(clock, switches or Switches())
        self.access = Access(self.account.switches.apps)
        self.limiter = Limiter(people.UTC_OFFSET_S)
        self._lock = threading.RLock()
        self._date: tuple[int, str] = (0, "")
        self.person = Person(self.account, self._lock)
        self.side_door: Mapping[str, Callable[..., Any]] = self.person.doors()

    @property
    def journal(self) -> list[Applied]:
        """What API clients wrote, in the order in which it took effect."""
        with self._lock:
            return list(self.account.journal)

    def switch(self, **changes: Any) -> None:
        """Turn knobs under way: new values of fields of Switches."""
        with self._lock:
            self.account.switches = msgspec.structs.replace(self.account.switches, **changes)
            if "apps" in changes:
                self.access = Access(self.account.switches.apps)
            for collection in self.account.collections.values():
                collection.redefine()

    def __call__(self, request: Request) -> Response:
        if self.account.switches.latency_s:
            self.clock.sleep(self.account.switches.latency_s)
        with self._lock:
            self.account.recalculate()
            headers = {"Date": self._http_date()}
            try:
                answer = self._answer(request, headers)
            except Refusal as refusal:
                if isinstance(refusal, TooMany) and refusal.retry_after_s is not None:
                    headers["Retry-After"] = str(refusal.retry_after_s)
                answer = Answer(refusal.status, refusal.body(self.account.correlation_id()))
            except NoSuchPath:
                return _page(404, headers)
            except WrongMethod:
                return _page(405, headers)
            if answer.content is None:
                return Response(answer.status, headers)
            return Response(answer.status, headers | JSON, _encode(answer.content))

    def _answer(self, request: Request, headers: dict[str, str]) -> Answer:
        """Adds rate headers as soon as they are known, because refusals carry them too."""
        path = request.target.partition("?")[0]
        if (request.method, path) == ("POST", TOKEN_INFO):
            return Answer(200, self.access.introspect(_token_key(request)))
        area, rest, dated = _place(path, self.account.switches.families)
        app = self.access.enter(request.headers)
        limit = self.account.switches.rate_limit
        if limit is not None:
            headers |= self.limiter.admit(limit, app.id, self.account.now(), _bucket(area, rest))
        call = Call(request, rest, app=app, account=self.account, dated=dated)
        return self._account_info(call) if area == "account-info" else HANDLERS[area](call)

    def _account_info(self, call: Call) -> Answer:
        match call.method, call.rest:
            case "GET", ("details",):
                return Answer(200, people.account_details())
            case "GET", ("api-usage", "daily", "private-apps"):
                return Answer(200, people.api_usage(call, self.limiter))
        raise NoSuchPath

    def _http_date(self) -> str:
        second = int(self.account.now())
        if second != self._date[0]:
            self._date = (second, formatdate(second, usegmt=True))
        return self._date[1]


def _place(path: str, families: frozenset[str]) -> tuple[str, tuple[str, ...], bool]:
    """The area, what follows it, and whether the path is of the dated family (section 2.1)."""
    parts = tuple(unquote(part) for part in path.removeprefix("/").split("/"))
    match parts:
        case ("crm", "v4", "objects", kind, id, "associations", *rest) if "v4" in families:
            return "links", (kind, id, *rest), False
        case ("crm", "objects", family, kind, id, "associations", *rest) if family == DATED and family in families:
            return "links", (kind, id, *rest), True
        case ("crm", "v4", "associations", *rest) | ("crm", "associations", "v4", *rest) if "v4" in families:
            return "associations", tuple(rest), False
        case ("crm", "associations", family, *rest) if family == DATED and family in families:
            return "associations", tuple(rest), True
        case ("crm", "v3", area, *rest) if area in AREAS and "v3" in families:
            return area, tuple(rest), False
        case ("crm", area, family, *rest) if area in AREAS and family == DATED and family in families:
            return area, tuple(rest), True
        case ("account-info", "v3" | "2026-09", *rest):
            return "account-info", tuple(rest), False
    raise NoSuchPath


def _bucket(area: str, rest: tuple[str, ...]) -> Bucket:
    if area in LINKS:
        return "associations"
    return "search" if area == "objects" and rest[1:] == ("search",) else "burst"


def _token_key(request: Request) -> str:
    try:
        return msgspec.json.decode(request.body, type=TokenBody).token_key
    except msgspec.DecodeError as exc:
        raise Refusal("Invalid input JSON") from exc


def _page(status: int, headers: dict[str, str]) -> Response:
    return Response(status, headers | {"Content-Type": "text/html;charset=utf-8"}, PAGE % (status, status))
