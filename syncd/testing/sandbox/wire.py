"""What goes over the wire to a twin and back, and how things go wrong on the way.

A twin is a callable from Request to Response. It knows nothing about sockets or client libraries; `mount` and
`serve` bring it under them. Faults happen around the twin, so a twin never has to know about them.
"""

from __future__ import annotations

import random
import re
import threading
from collections.abc import Callable, Mapping
from enum import StrEnum
from typing import Any, Protocol
from urllib.parse import parse_qsl, urlsplit

import msgspec


class Request(msgspec.Struct, frozen=True):
    method: str
    target: str  # path and query, still percent-encoded
    headers: Mapping[str, str] = {}  # lower-case names
    body: bytes = b""

    @property
    def path(self) -> str:
        return urlsplit(self.target).path

    @property
    def query(self) -> list[tuple[str, str]]:
        return parse_qsl(urlsplit(self.target).query, keep_blank_values=True)


class Response(msgspec.Struct, frozen=True):
    status: int
    headers: Mapping[str, str] = {}
    body: bytes = b""


class Twin(Protocol):
    name: str

    def __call__(self, request: Request) -> Response: ...


class FaultKind(StrEnum):
    TIMEOUT_BEFORE = "timeout_before"  # the client gives up; the request never took effect
    TIMEOUT_AFTER = "timeout_after"  # the request took effect; the answer never came
    RESET_BEFORE = "reset_before"
    RESET_AFTER = "reset_after"
    REFUSED = "refused"  # no connection
    STATUS = "status"  # `status` with `body`, without effect
    STATUS_AFTER = "status_after"  # the request took effect, and `status` is the answer
    HTML_200 = "html_200"  # a proxy's page instead of the answer, without effect
    GARBAGE_200 = "garbage_200"  # half a JSON document; the request took effect


class Fault(msgspec.Struct, frozen=True, kw_only=True):
    kind: FaultKind
    method: str = "*"
    path: str = ""  # regular expression, searched in the path
    sent: str = ""  # the same, in the body of the request
    status: int = 500
    headers: Mapping[str, str] = {}
    body: bytes = b""
    times: int = 1  # how many matching requests it hits; -1: all
    skip: int = 0  # how many matching requests pass first


class PeerTimeout(Exception):
    """A mount turns this into its client's read timeout."""


class PeerReset(Exception):
    """A mount turns this into its client's connection reset."""


class PeerRefused(Exception):
    """A mount turns this into its client's connection refusal."""


class Faulty:
    """A twin behind a line that misbehaves on plan. Records every request, for counting calls."""

    def __init__(self, twin: Twin) -> None:
        self.twin = twin
        self.name = twin.name
        self.requests: list[tuple[str, str]] = []  # method, path
        self.on_request: Callable[[Request], None] | None = None  # called before each request, e.g. to crash
        self.on_response: Callable[[Request, Response], None] | None = None  # called after the effect
        self._faults: list[list[Any]] = []  # [fault, skipped, hit]
        self._chance: tuple[random.Random, float, tuple[Fault, ...]] | None = None
        self._lock = threading.Lock()
        self.record = True

    def plan(self, *faults: Fault) -> None:
        """Add faults; the first that matches a request hits it."""
        with self._lock:
            self._faults.extend([fault, 0, 0] for fault in faults)

    def misbehave(self, rng: random.Random, share: float, *faults: Fault) -> None:
        """From now on hit this share of requests with one of these faults, drawn from rng."""
        self._chance = (rng, share, faults)

    @property
    def hits(self) -> int:
        """Requests that planned faults have hit so far."""
        with self._lock:
            return sum(entry[2] for entry in self._faults)

    def behave(self) -> None:
        """Drop all faults."""
        with self._lock:
            self._faults.clear()
            self._chance = None

    def __call__(self, request: Request) -> Response:
        if self.record:
            self.requests.append((request.method, request.path))
        if self.on_request is not None:
            self.on_request(request)
        fault = self._pick(request)
        response = self._through(request, fault)
        if self.on_response is not None:
            self.on_response(request, response)
        return response

    def _pick(self, request: Request) -> Fault | None:
        with self._lock:
            for entry in self._faults:
                fault: Fault = entry[0]
                if not _matches(fault, request) or (fault.times >= 0 and entry[2] >= fault.times):
                    continue
                if entry[1] < fault.skip:
                    entry[1] += 1
                    continue
                entry[2] += 1
                return fault
            if self._chance is not None:
                rng, share, faults = self._chance
                if rng.random() < share:
                    return rng.choice(faults)
        return None

    def _through(self, request: Request, fault: Fault | None) -> Response:
        match fault:
            case None:
                return self.twin(request)
            case Fault(kind=FaultKind.TIMEOUT_BEFORE):
                raise PeerTimeout
            case Fault(kind=FaultKind.RESET_BEFORE):
                raise PeerReset
            case Fault(kind=FaultKind.REFUSED):
                raise PeerRefused
            case Fault(kind=FaultKind.STATUS):
                return Response(fault.status, fault.headers, fault.body)
            case Fault(kind=FaultKind.HTML_200):
                return Response(200, {"content-type": "text/html"}, b"<html><body>sign in</body></html>")
        response = self.twin(request)
        match fault.kind:
            case FaultKind.TIMEOUT_AFTER:
                raise PeerTimeout
            case FaultKind.RESET_AFTER:
                raise PeerReset
            case FaultKind.STATUS_AFTER:
                return Response(fault.status, fault.headers, fault.body)
            case _:
                half = response.body[: len(response.body) // 2] or b"{"
                return Response(200, {"content-type": "application/json"}, half)


def _matches(fault: Fault, request: Request) -> bool:
    if fault.method not in ("*", request.method) or re.search(fault.path, request.path) is None:
        return False
    return not fault.sent or re.search(fault.sent, request.body.decode("utf-8", "replace")) is not None
