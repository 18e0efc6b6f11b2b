"""A scripted peer for the client: answers in order, remembers what it was asked, opens no socket."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import httpx
import msgspec

from syncd.adapters.base import Setting
from syncd.adapters.propstreet import PropstreetAdapter, PropstreetClient, TokenAuth, factory
from syncd.testing.clock import VirtualClock

ORIGIN = "https://app.propstreet.test"
SECRETS = {"TOKEN": "tok-secret-1", "ID": "client-1", "SECRET": "shh-secret-2", "PAT": "pat_secret-3"}
SECRETS |= {"TWIN": "pat_sandbox", "TWIN_ID": "sandbox", "TWIN_SECRET": "sandbox-secret"}

Reply = httpx.Response | Exception | Callable[[httpx.Request], httpx.Response]


class Peer(httpx.BaseTransport):
    """Each request takes the next reply; the last one goes on for ever."""

    def __init__(self, *replies: Reply) -> None:
        self.replies = list(replies)
        self.requests: list[httpx.Request] = []

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        request.read()
        self.requests.append(request)
        reply = self.replies.pop(0) if len(self.replies) > 1 else self.replies[0]
        if isinstance(reply, Exception):
            raise reply
        if isinstance(reply, httpx.Response):
            return httpx.Response(reply.status_code, headers=reply.headers, content=reply.content)
        return reply(request)

    @property
    def targets(self) -> list[str]:
        return [f"{r.method} {r.url.raw_path.decode()}" for r in self.requests]

    def sent(self, index: int = -1) -> Any:
        return msgspec.json.decode(self.requests[index].content)


def ok(value: object, status: int = 200, **headers: str) -> httpx.Response:
    names = {name.replace("_", "-"): text for name, text in headers.items()}
    return httpx.Response(status, headers={"content-type": "application/json", **names}, content=_json(value))


def problem(status: int, type: str | None = None, errors: object = None, **headers: str) -> httpx.Response:
    document = {"type": type, "title": "Ms Private", "detail": "secret 150000000", "errors": errors}
    return ok({name: value for name, value in document.items() if value is not None}, status, **headers)


def page(rows: list[dict[str, Any]], next_cursor: str | None = None) -> httpx.Response:
    return ok({"data": rows, "page": {"nextCursor": next_cursor, "pageSize": 500, "hasMore": bool(next_cursor)}})


def project(id: str = "9001", **fields: Any) -> dict[str, Any]:
    plain = {
        "id": id,
        "name": "Kista Logistics",
        "asset": {"type": "single"},
        "status": "open",
        "updatedUtc": "2026-05-20T08:00:00.1234567Z",
        "etag": 'W/"AAAAAAAAAB4="',
        "externalRefs": [{"namespace": "HubSpot", "id": "3344"}],
    }
    return {**plain, **fields}


def client(peer: Peer, clock: VirtualClock | None = None) -> PropstreetClient:
    return PropstreetClient(ORIGIN, TokenAuth("tok-secret-1"), clock=clock or VirtualClock(), peer=peer)


def setting(peer: httpx.BaseTransport, clock: VirtualClock | None = None, **options: Any) -> Setting:
    table = {"base_url": ORIGIN, "token_env": "TOKEN", **options}
    return Setting(
        options={name: value for name, value in table.items() if value is not None},
        objects={},
        namespace="hubspot",
        clock=clock or VirtualClock(),
        secret=SECRETS.__getitem__,
        transport=peer,
    )


def adapter(peer: httpx.BaseTransport, clock: VirtualClock | None = None, **options: Any) -> PropstreetAdapter:
    return factory(setting(peer, clock, **options))


def _json(value: object) -> bytes:
    return msgspec.json.encode(value)
