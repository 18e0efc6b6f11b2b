"""The side door of a twin: JSON over POST, for a curious person who plays a broker with curl.

`POST /edit_project {"id": "9001", "name": "New"}` calls `twin.side_door["edit_project"](id="9001", name="New")`.
`GET /` names the doors, `GET /journal` shows what API clients wrote, `POST /advance {"seconds": 60}` moves a
virtual clock, and where the twin is behind a `Faulty` line, `POST /fault {"kind": "timeout_after"}` plans a fault.
It is a twin itself, so it is mounted and served like one, on a port of its own: never under the API.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import msgspec

from .wire import Fault, Faulty, Request, Response, Twin

Doors = Mapping[str, Callable[..., Any]]


class SideDoor:
    """What the twin offers in `side_door`, and the clock where it can be moved."""

    def __init__(self, twin: Twin) -> None:
        behind = twin.twin if isinstance(twin, Faulty) else twin
        self.name = f"{twin.name} side door"
        self._doors: dict[str, Callable[..., Any]] = dict(getattr(behind, "side_door", {}))
        self._journal: Callable[[], Any] = lambda: getattr(behind, "journal", [])
        advance = getattr(getattr(behind, "clock", None), "advance", None)
        if advance is not None:
            self._doors["advance"] = advance
        if isinstance(twin, Faulty):
            self._doors["fault"] = lambda **fault: twin.plan(msgspec.convert(fault, Fault))
            self._doors["behave"] = twin.behave

    def __call__(self, request: Request) -> Response:
        door = request.path.strip("/")
        match request.method, door:
            case "GET", "":
                return _answer(200, sorted(self._doors))
            case "GET", "journal":
                return _answer(200, self._journal())
            case "POST", _ if door in self._doors:
                return _enter(self._doors[door], request.body)
            case _:
                return _answer(404, {"error": "no such door; GET / names them"})


def _enter(door: Callable[..., Any], body: bytes) -> Response:
    try:
        return _answer(200, door(**msgspec.json.decode(body or b"{}", type=dict[str, Any])))
    except (TypeError, ValueError, LookupError) as exc:  # the caller's mistake: wrong names, ids or values
        return _answer(400, {"error": f"{type(exc).__name__}: {exc}"})


_encoder = msgspec.json.Encoder(decimal_format="number")


def _answer(status: int, content: Any) -> Response:
    return Response(status, {"content-type": "application/json"}, _encoder.encode(content))
