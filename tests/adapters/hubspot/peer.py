"""A small stand-in for HubSpot's end of the line: answers as told, and remembers what it was asked."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import msgspec
import urllib3
from urllib3 import HTTPHeaderDict
from urllib3.response import HTTPResponse

from syncd.adapters.base import ObjectSpec, Setting
from syncd.adapters.hubspot.adapter import HubSpotAdapter
from syncd.core.model import Kind
from syncd.testing.clock import VirtualClock

DATE = "Sat, 21 Nov 2026 10:00:00 GMT"
SERVED_AT = "2026-11-21T10:00:00.0000000Z"
TOKEN = "pat-very-secret"


class Asked(msgspec.Struct, frozen=True):
    method: str
    path: str
    query: list[tuple[str, str]]
    headers: dict[str, str]
    body: Any
    timeout: Any


class Answer(msgspec.Struct, frozen=True):
    status: int = 200
    body: Any = b""  # bytes as they are, anything else as JSON
    headers: dict[str, str] = {}


Reply = Answer | Exception | Callable[[Asked], "Answer | Exception"]


class Peer:
    """Looks like a urllib3.PoolManager. Each request takes the next reply; the last one stays."""

    def __init__(self, *replies: Reply) -> None:
        self.replies = list(replies)
        self.asked: list[Asked] = []

    def request(
        self,
        method: str,
        url: str,
        *,
        fields: Iterable[tuple[str, Any]] | None = None,
        body: str | None = None,
        headers: dict[str, str] | None = None,
        timeout: Any = None,
        preload_content: bool = True,
    ) -> HTTPResponse:
        parts = urlsplit(url)
        query = parse_qsl(parts.query) + [(name, str(value)) for name, value in fields or ()]
        content = json.loads(body) if body else None
        asked = Asked(method, parts.path, query, dict(headers or {}), content, timeout)
        self.asked.append(asked)
        reply = self.replies.pop(0) if len(self.replies) > 1 else self.replies[0]
        answer = reply(asked) if callable(reply) else reply
        if isinstance(answer, Exception):
            raise answer
        data = answer.body if isinstance(answer.body, bytes) else json.dumps(answer.body).encode()
        return HTTPResponse(data, HTTPHeaderDict({"Date": DATE, **answer.headers}), answer.status)


def adapter_at(
    peer: Any,
    *,
    clock: VirtualClock | None = None,
    name: str = "deals",
    fields: tuple[str, ...] = ("dealname", "amount"),
    **options: Any,
) -> HubSpotAdapter:
    """An adapter whose network is this peer."""
    return HubSpotAdapter(
        Setting(
            options={"token_env": "HUBSPOT_TOKEN", **options},
            objects={Kind.PROJECT: ObjectSpec(name, fields)},
            namespace="hubspot",
            clock=clock or VirtualClock(),
            secret=lambda name: TOKEN,
            transport=peer,
        )
    )


def row(id: str, ref: str | None = None, **more: Any) -> dict[str, Any]:
    """A record as HubSpot shows it."""
    properties = {
        "dealname": f"deal {id}",
        "amount": None,
        "propstreet_id": ref,
        "hs_lastmodifieddate": "2026-11-21T09:00:00.000Z",
        "hs_merged_object_ids": None,
        "hs_object_id": id,
    }
    properties |= more.pop("properties", {})
    return {"id": id, "properties": properties, "updatedAt": "2026-11-21T09:00:00Z", "archived": False, **more}


def batch(*results: dict[str, Any], errors: Iterable[dict[str, Any]] = (), status: int | None = None) -> Answer:
    """The answer to a batch call."""
    problems = list(errors)
    body: dict[str, Any] = {"status": "COMPLETE", "results": list(results)}
    if problems:
        body |= {"numErrors": len(problems), "errors": problems}
    return Answer(status or (207 if problems else 200), body)


def not_found(*ids: str) -> dict[str, Any]:
    return {"status": "error", "category": "OBJECT_NOT_FOUND", "message": "gone", "context": {"ids": list(ids)}}


NO_SUCH_RECORD = Answer(404, {"status": "error", "message": "resource not found", "correlationId": "c-404"})
HTML = Answer(200, b"<html><body>sign in</body></html>", {"Content-Type": "text/html"})
REFUSED = urllib3.exceptions.NewConnectionError(urllib3.connection.HTTPConnection("127.0.0.1"), "refused")
TIMED_OUT = urllib3.exceptions.ReadTimeoutError(urllib3.HTTPConnectionPool("127.0.0.1"), "/", "timed out")
RESET = urllib3.exceptions.ProtocolError("connection aborted", ConnectionResetError())
