"""Salesforce as a callable: a request in, a response out (salesforce.md, sections 3 to 8 and 11).

    twin = SalesforceTwin(clock, Switches(multi_currency=True))
    token = twin.open_session()
    response = twin(Request("GET", "/services/data/v67.0/limits/", {"authorization": f"Bearer {token}"}))
    twin.person.add_record("Opportunity", Name="Storgatan 1")

Bulk, batch, graph, Pub/Sub, Apex and person accounts are not here. Faults of the line are `wire.Faulty`'s.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping
from typing import Any

import msgspec

from syncd.clock import Clock
from syncd.testing.sandbox.wire import Request, Response

from . import access, batch, composite, describe, replication, rows, stamps, tooling
from .access import Access
from .call import Answer, Call
from .limits import Meter
from .org import Applied, Org
from .people import People
from .query import Cursors
from .refusal import OAuthRefusal, Page, Refusal, no_such_resource, wrong_method
from .switches import Switches
from .table import Table

JSON = {"Content-Type": "application/json;charset=UTF-8"}
_encode = msgspec.json.Encoder(decimal_format="number").encode


class SalesforceTwin:
    """One Salesforce org. Thread-safe: one request, or one act of a person, at a time."""

    name = "salesforce"

    def __init__(self, clock: Clock, switches: Switches = Switches()) -> None:  # noqa: B008, it is frozen
        self.clock = clock
        self.org = Org(clock, switches)
        self.access = Access(self.org)
        self.meter = Meter()
        self._cursors = Cursors()
        self._lock = threading.RLock()
        self.person = People(self.org, self._cursors, self._lock)
        doors = {"expire_sessions": self.expire_sessions, "switch": self.switch_by_name}
        self.side_door: Mapping[str, Callable[..., Any]] = dict(self.person.doors()) | doors

    @property
    def journal(self) -> list[Applied]:
        """What API clients wrote, in the order in which it took effect."""
        with self._lock:
            return list(self.org.journal)

    def switch(self, **changes: Any) -> None:
        """Turn knobs under way: new values of fields of Switches."""
        with self._lock:
            self.org.switches = msgspec.structs.replace(self.org.switches, **changes)
            self.org.redefine()

    def switch_by_name(self, **changes: Any) -> None:
        """As `switch`, from JSON."""
        types = {field.name: field.type for field in msgspec.structs.fields(Switches)}
        self.switch(**{name: msgspec.convert(value, types[name]) for name, value in changes.items()})

    def open_session(self) -> str:
        """A session id, without the way over the token endpoint."""
        with self._lock:
            return self.access.open()

    def expire_sessions(self) -> None:
        """Every session ends now; a new login helps."""
        with self._lock:
            self.access.expire_all()

    def __call__(self, request: Request) -> Response:
        if self.org.switches.latency_s:
            self.clock.sleep(self.org.switches.latency_s)
        with self._lock:
            self.org.purge()
            headers = {"Date": stamps.http_date(int(self.org.now()))}
            try:
                answer = self._answer(request, headers)
            except Refusal as refusal:
                empty = refusal.status == 412 and self.org.switches.stale_body == "empty"
                answer = Answer(refusal.status, None if empty else refusal.body())
            except OAuthRefusal as refusal:
                answer = Answer(refusal.status, refusal.body)
            except Page as page:
                return Response(page.status, headers | {"Content-Type": page.content_type}, page.body.encode())
            headers |= answer.headers
            if answer.content is None:
                return Response(answer.status, headers)
            return Response(answer.status, headers | JSON, _encode(answer.content))

    def _answer(self, request: Request, headers: dict[str, str]) -> Answer:
        """Adds the limit header as soon as it is known, because refusals carry it too."""
        self._check_length(request)
        path = request.target.partition("?")[0].rstrip("/")
        if path == "/services/oauth2/token":
            return Answer(200, self.access.token(request))
        if path.startswith("/services/Soap/"):
            raise access.soap_login(path)
        if path == "/services/data":
            return Answer(200, [_version(number) for number in self.org.switches.versions])
        if path == "/services/oauth2/userinfo" or path.startswith("/id/"):
            self.access.enter(request.headers)
            return Answer(200, self.access.userinfo())
        if not path.startswith("/services/data/"):
            raise Page(404, "<html><body>404 Not Found</body></html>")
        self.access.enter(request.headers)
        try:
            self.meter.admit(self.org)
        finally:
            headers |= self.meter.header(self.org)
        return self._route(Call(self.org, request.method, request.target, request.headers, request.body))

    def _check_length(self, request: Request) -> None:
        """Section 5: the edge measures bytes, and answers with a page."""
        uri = len("https://") + len(request.headers.get("host", "")) + len(request.target)
        if uri > self.org.switches.uri_max:
            raise Page(414, "<html><head><title>414 URI Too Long</title></head></html>")
        sent = sum(len(name) + len(value) + 4 for name, value in request.headers.items())
        if uri + sent > self.org.switches.uri_max:
            raise Page(431, "<html><head><title>431 Request Header Fields Too Large</title></head></html>")

    def _route(self, call: Call) -> Answer:
        """Serves subrequests of composite calls as well."""
        if call.version not in self.org.switches.versions:
            raise no_such_resource()
        match call.rest:
            case ("query" | "queryAll" as verb, *_):
                return self._cursors.handle(call, deleted_too=verb == "queryAll")
            case ("limits",):
                return Answer(200, self.meter.shown(self.org))
            case ("sobjects",):
                return describe.handle_all(call)
            case ("sobjects", name, *more):
                return _sobject(call, call.table(name), tuple(more))
            case ("composite",) if not call.within:
                return composite.handle(call, self._route)
            case ("composite", "sobjects", *_):
                return batch.handle(call)
            case ("tooling", "query", *_):
                tooling.prepare_query(call)
                return self._cursors.handle(call, deleted_too=False, tooling=True)
            case ("tooling", "sobjects", "CustomField"):
                return tooling.handle_create(call)
        raise no_such_resource()


def _sobject(call: Call, table: Table, more: tuple[str, ...]) -> Answer:
    match call.method, more:
        case "GET", ():
            return describe.handle_basic(call, table)
        case "POST", ():
            return rows.handle_new(call, table)
        case _, ("describe",):
            return describe.handle_one(call, table)
        case "GET", ("deleted",):
            return replication.handle_deleted(call, table)
        case "GET", ("updated",):
            return replication.handle_updated(call, table)
        case _, (id,):
            return rows.handle_row(call, table, id)
        case _, (field, value):
            return rows.handle_keyed(call, table, field, value)
        case _, ():
            raise wrong_method(call.method, "GET,POST")
    raise no_such_resource()


def _version(number: str) -> dict[str, str]:
    season, year = divmod(int(float(number)) - 58, 3)[1], 2023 + (int(float(number)) - 58) // 3
    name = ("Summer", "Winter", "Spring")[season]
    return {
        "label": f"{name} '{(year + (season > 0)) % 100:02d}",
        "url": f"/services/data/v{number}",
        "version": number,
    }
