"""The thin server and the httpx mount: what a client sees of a twin, and of a line that misbehaves."""

from __future__ import annotations

import logging
import socket
from collections.abc import Callable
from typing import Any

import httpx
import pytest

from syncd.testing.clock import VirtualClock
from syncd.testing.sandbox.mount_httpx import TwinTransport
from syncd.testing.sandbox.serve import Served, serve
from syncd.testing.sandbox.wire import Fault, FaultKind, Faulty, Request, Response


class Echo:
    """A twin that answers with what it was asked."""

    name = "echo"

    def __init__(self) -> None:
        self.clock = VirtualClock(1000.0)
        self.seen: list[Request] = []
        self.journal = [{"method": "PATCH", "id": "1"}]
        self.side_door: dict[str, Callable[..., Any]] = {"add": self.add}

    def __call__(self, request: Request) -> Response:
        self.seen.append(request)
        if request.method == "DELETE":
            return Response(204, {"x-echo": "gone"})
        return Response(200, {"etag": 'W/"1"', "content-type": "text/plain"}, request.body)

    def add(self, left: int, right: int = 1) -> int:
        if left < 0:
            raise ValueError("left is negative")
        return left + right


def in_process(twin: Echo | Faulty) -> httpx.Client:
    return httpx.Client(transport=TwinTransport(twin), base_url="http://sandbox")


def test_mount_carries_target_headers_and_body_unchanged() -> None:
    """The path stays percent-encoded, header names are lower-case, bytes are bytes."""
    echo = Echo()
    with in_process(echo) as client:
        answer = client.patch("/a%2Fb?x=1&y=%C3%A5", content=b"\x00\xff", headers={"If-Match": 'W/"7"'})

    assert (answer.status_code, answer.content, answer.headers["ETag"]) == (200, b"\x00\xff", 'W/"1"')
    assert echo.seen[0].target == "/a%2Fb?x=1&y=%C3%A5"
    assert echo.seen[0].headers["if-match"] == 'W/"7"'


@pytest.mark.parametrize(
    ("kind", "error"),
    [
        (FaultKind.TIMEOUT_BEFORE, httpx.ReadTimeout),
        (FaultKind.TIMEOUT_AFTER, httpx.ReadTimeout),
        (FaultKind.RESET_BEFORE, httpx.ReadError),
        (FaultKind.RESET_AFTER, httpx.ReadError),
        (FaultKind.REFUSED, httpx.ConnectError),
    ],
)
def test_mount_turns_line_trouble_into_httpx_errors(kind: FaultKind, error: type[Exception]) -> None:
    """Before means without effect, after means with it."""
    echo = Echo()
    line = Faulty(echo)
    line.plan(Fault(kind=kind))
    with in_process(line) as client, pytest.raises(error):
        client.get("/")

    assert len(echo.seen) == (1 if kind.endswith("after") else 0)


def test_served_twin_answers_over_one_kept_connection() -> None:
    """Keep-alive is real: many calls, one connection; 204 has no body."""
    echo = Echo()
    with serve(echo) as served, httpx.Client(base_url=served.url) as client:
        streams = {client.post("/x?q=a%20b", content=b"hi").extensions["network_stream"] for _ in range(5)}
        gone = client.delete("/x")

        assert len(streams) == 1
        assert (gone.status_code, gone.content, gone.headers["x-echo"]) == (204, b"", "gone")
    assert echo.seen[0].target == "/x?q=a%20b"


def test_served_large_body_arrives_whole() -> None:
    """Above the 10 MB of the contract, so that the twin is the one to refuse it."""
    big = b"x" * (11 * 1024 * 1024)
    with serve(Echo()) as served:
        assert httpx.post(served.url, content=big).content == big


def test_reset_over_a_socket_is_a_broken_connection() -> None:
    """The effect of RESET_AFTER took place, yet not a byte of an answer came."""
    echo = Echo()
    line = Faulty(echo)
    line.plan(Fault(kind=FaultKind.RESET_AFTER))
    with serve(line) as served, httpx.Client(base_url=served.url) as client:
        with pytest.raises(httpx.TransportError):
            client.post("/", content=b"once")

        assert client.post("/", content=b"again").content == b"again"
    assert len(echo.seen) == 2


def test_timeout_over_a_socket_is_silence() -> None:
    """The client's own read timeout ends it, long before the server's bound."""
    line = Faulty(Echo())
    line.plan(Fault(kind=FaultKind.TIMEOUT_BEFORE))
    with serve(line, hang_s=30.0) as served, pytest.raises(httpx.ReadTimeout):
        httpx.get(served.url, timeout=0.05)


def test_silence_is_bounded() -> None:
    """A client without a timeout is hung up on after hang_s."""
    line = Faulty(Echo())
    line.plan(Fault(kind=FaultKind.TIMEOUT_BEFORE))
    with serve(line, hang_s=0.01) as served, pytest.raises(httpx.TransportError):
        httpx.get(served.url, timeout=None)


def test_port_is_free_again_and_taken_ports_are_refused() -> None:
    """Shutdown releases the port; two servers never share one."""
    with serve(Echo()) as first:
        port = int(first.url.rsplit(":", 1)[1])
        with pytest.raises(OSError, match="in use"), serve(Echo(), port=port):
            pass
    with serve(Echo(), port=port) as again:
        assert again.url == first.url


def test_serving_is_silent(caplog: pytest.LogCaptureFixture) -> None:
    """Neither start, access, faults nor shutdown reach the process's logging, and its set-up is left alone."""
    before = [(logging.getLogger(n).level, logging.getLogger(n).propagate) for n in ("uvicorn.error", "uvicorn.access")]
    line = Faulty(Echo())
    line.plan(Fault(kind=FaultKind.RESET_BEFORE))
    with caplog.at_level(logging.DEBUG, logger="uvicorn"), serve(line) as served:
        with pytest.raises(httpx.TransportError):
            httpx.get(served.url)
        httpx.get(served.url)

    after = [(logging.getLogger(n).level, logging.getLogger(n).propagate) for n in ("uvicorn.error", "uvicorn.access")]
    assert before == after
    assert [record for record in caplog.records if record.name.startswith("uvicorn")] == []


def _door(served: Served) -> httpx.Client:
    assert served.door_url is not None
    return httpx.Client(base_url=served.door_url)


def test_side_door_plays_a_person() -> None:
    """Every door is a POST with named values; mistakes come back as a sentence."""
    with serve(Faulty(Echo()), door_port=0) as served, _door(served) as door:
        assert door.get("/").json() == ["add", "advance", "behave", "fault"]
        assert door.post("/add", json={"left": 2}).json() == 3
        assert door.get("/journal").json() == [{"method": "PATCH", "id": "1"}]
        assert _shown(door.post("/add", json={"left": -1})) == (400, {"error": "ValueError: left is negative"})
        assert door.post("/add", json={"wrong": 1}).status_code == 400
        assert door.post("/add", content=b"[").status_code == 400
        assert door.post("/nowhere", json={}).status_code == 404


def test_side_door_plans_faults() -> None:
    """A line that can misbehave does so on request; an unknown kind of fault is refused."""
    with serve(Faulty(Echo()), door_port=0) as served, _door(served) as door:
        assert door.post("/fault", json={"kind": "status", "status": 503}).json() is None
        assert door.post("/fault", json={"kind": "gremlins"}).status_code == 400

        assert [httpx.get(served.url).status_code for _ in range(2)] == [503, 200]


def test_side_door_moves_a_virtual_clock_and_is_not_part_of_the_api() -> None:
    """The door has a port of its own; a twin served without one has no door."""
    echo = Echo()
    with serve(echo, door_port=0) as served, _door(served) as door:
        door.post("/advance", json={"seconds": 60})
        assert httpx.post(f"{served.url}/advance", json={"seconds": 60}).status_code == 200

    assert echo.clock.time() == 1060.0
    with serve(echo) as plain:
        assert plain.door_url is None


def test_only_loopback_listens() -> None:
    """Nothing leaves the machine."""
    with serve(Echo()) as served:
        host, port = served.url.removeprefix("http://").split(":")
        assert host == "127.0.0.1"
        with socket.create_connection((host, int(port)), timeout=5) as peer:
            assert peer.getpeername()[0] == "127.0.0.1"


def _shown(answer: httpx.Response) -> tuple[int, Any]:
    return answer.status_code, answer.json()
