"""A bare caller of the Propstreet twin for its own tests: bytes in, status, headers and JSON out."""

from __future__ import annotations

from decimal import Decimal
from typing import Any
from urllib.parse import urlencode

import msgspec

from syncd.testing.clock import VirtualClock
from syncd.testing.sandbox.propstreet import PropstreetTwin, Switches
from syncd.testing.sandbox.wire import Request

_decode = msgspec.json.Decoder(float_hook=Decimal).decode


class Answer(msgspec.Struct, frozen=True):
    status: int
    headers: dict[str, str]
    json: Any

    @property
    def slug(self) -> str:
        """The last segment of a problem's type, of either family (propstreet.md, section 8)."""
        return str(self.json["type"]).replace(":", "/").rsplit("/", 1)[1]


class Api:
    def __init__(self, twin: PropstreetTwin, token: str = "pat_sandbox") -> None:
        self.twin = twin
        self.token = token

    def call(self, method: str, path: str, body: Any = None, **headers: str) -> Answer:
        sent = {"authorization": f"Bearer {self.token}", "content-type": "application/json"}
        sent |= {name.replace("_", "-"): value for name, value in headers.items()}
        content = body if isinstance(body, bytes) else b"" if body is None else msgspec.json.encode(body)
        response = self.twin(Request(method, f"/api/v1{path}", sent, content))
        shown = _decode(response.body) if response.body else None
        return Answer(response.status, dict(response.headers), shown)

    def get(self, path: str, **query: str | int | list[str]) -> Answer:
        return self.call("GET", f"{path}?{urlencode(query, doseq=True)}" if query else path)

    def post(self, body: Any, **headers: str) -> Answer:
        return self.call("POST", "/projects", body, **headers)

    def patch(self, id: str, body: Any, **headers: str) -> Answer:
        return self.call("PATCH", f"/projects/{id}", body, **headers)

    def delete(self, id: str, **headers: str) -> Answer:
        return self.call("DELETE", f"/projects/{id}", **headers)

    def scan(self, path: str = "/projects", **query: str | int | list[str]) -> list[dict[str, Any]]:
        """Every row of every page."""
        rows: list[dict[str, Any]] = []
        page = self.get(path, **query)
        while True:
            assert page.status == 200
            rows += page.json["data"]
            if not page.json["page"]["hasMore"]:
                return rows
            page = self.get(path, **query, cursor=page.json["page"]["nextCursor"])


def api(**switches: Any) -> Api:
    """A fresh Propstreet without a rate limit, unless asked for."""
    return Api(PropstreetTwin(VirtualClock(), Switches(**{"rate_limit": None, **switches})))


def clock_of(api: Api) -> VirtualClock:
    assert isinstance(api.twin.clock, VirtualClock)
    return api.twin.clock
