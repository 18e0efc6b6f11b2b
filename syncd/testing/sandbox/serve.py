"""A twin on the loopback interface: `with serve(twin) as served: httpx.get(served.url + ...)`.

One background thread per twin runs its API and, if asked for, its side door on a port of its own. It speaks real
HTTP/1.1 with keep-alive and closes without a trace. It listens nowhere but on loopback, leaves the process's
logging and signals alone, and knows no system: everything it answers comes from the twin.

A fault that is planned around the twin becomes what a socket can show: a timeout is silence for `hang_s`, then a
closed connection; a reset and a refusal close the connection at once.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import socket
import threading
from collections.abc import Awaitable, Callable, Iterator
from typing import Any

import msgspec
import uvicorn

from .door import SideDoor
from .wire import PeerRefused, PeerReset, PeerTimeout, Request, Response, Twin

LOOPBACK = "127.0.0.1"
BODY_MAX = 64 * 1024 * 1024  # above every limit of the real systems, so that the twin is the one to refuse

Receive = Callable[[], Awaitable[dict[str, Any]]]
Send = Callable[[dict[str, Any]], Awaitable[None]]


class Served(msgspec.Struct, frozen=True):
    """Where a twin can be reached."""

    url: str
    door_url: str | None = None  # the side door; None when it was not asked for


@contextlib.contextmanager
def serve(twin: Twin, *, port: int = 0, door_port: int | None = None, hang_s: float = 2.0) -> Iterator[Served]:
    """Answer on loopback until the block ends. Port 0 takes any free one; a taken port raises OSError.

    `door_port` opens the side door as well. `hang_s` bounds, in real seconds, how long a planned timeout lasts.
    """
    with contextlib.ExitStack() as sockets:
        listener = sockets.enter_context(_listen(port))
        apps = [(_App(twin, hang_s), listener)]
        door_url = None
        if door_port is not None:
            door = sockets.enter_context(_listen(door_port))
            door_url = _url(door)
            apps.append((_App(SideDoor(twin), hang_s), door))
        with _running([(_server(app), sock) for app, sock in apps]):
            yield Served(_url(listener), door_url)


def _listen(port: int) -> socket.socket:
    # asyncio turns Nagle's algorithm off only where the protocol is named; with it, every answer takes 40 ms.
    sock = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    try:
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        sock.bind((LOOPBACK, port))
        sock.listen(128)  # connections may come before the thread is up: they wait here
    except OSError:
        sock.close()
        raise
    return sock


def _url(sock: socket.socket) -> str:
    return f"http://{LOOPBACK}:{sock.getsockname()[1]}"


@contextlib.contextmanager
def _running(servers: list[tuple[uvicorn.Server, socket.socket]]) -> Iterator[None]:
    async def main() -> None:
        await asyncio.gather(*(server.serve(sockets=[sock]) for server, sock in servers))

    thread = threading.Thread(target=lambda: asyncio.run(main()), name="sandbox", daemon=True)
    with _muted(thread):
        thread.start()
        try:
            yield
        finally:
            for server, _ in servers:
                server.should_exit = True
            thread.join()


@contextlib.contextmanager
def _muted(thread: threading.Thread) -> Iterator[None]:
    """Drop what is logged from this thread, and only that: the process may run a uvicorn of its own."""

    def speaks_elsewhere(record: logging.LogRecord) -> bool:
        return record.thread != thread.ident

    loggers = [logging.getLogger(name) for name in ("uvicorn.error", "uvicorn.access", "uvicorn.asgi", "asyncio")]
    for logger in loggers:
        logger.addFilter(speaks_elsewhere)
    try:
        yield
    finally:
        for logger in loggers:
            logger.removeFilter(speaks_elsewhere)


class _Config(uvicorn.Config):
    def configure_logging(self) -> None:
        """Leave the process's logging as it is."""


def _server(app: _App) -> uvicorn.Server:
    return uvicorn.Server(
        _Config(
            app,
            interface="asgi3",
            http="h11",
            ws="none",
            lifespan="off",
            proxy_headers=False,
            server_header=False,
            date_header=False,  # the twin tells the time, by its own clock
            timeout_keep_alive=60,
            timeout_graceful_shutdown=1,
        )
    )


class _App:
    """ASGI around a twin. The twin is quick and holds a lock, so it runs on the loop's own thread."""

    def __init__(self, twin: Twin, hang_s: float) -> None:
        self._twin = twin
        self._hang_s = hang_s

    async def __call__(self, scope: dict[str, Any], receive: Receive, send: Send) -> None:
        body = await _read(receive)
        if body is None:
            return
        try:
            response = self._twin(_inbound(scope, body))
        except PeerTimeout:
            await _wait_until_gone(receive, self._hang_s)
            await _hang_up(receive, send)
        except (PeerReset, PeerRefused):
            await _hang_up(receive, send)
        else:
            await _answer(response, send)


def _inbound(scope: dict[str, Any], body: bytes) -> Request:
    target: str = scope["raw_path"].decode("ascii")
    if scope["query_string"]:
        target += "?" + scope["query_string"].decode("ascii")
    headers = {name.decode("latin-1"): value.decode("latin-1") for name, value in scope["headers"]}
    return Request(scope["method"], target, headers, body)


async def _read(receive: Receive) -> bytes | None:
    """The whole body; None when the client went away or would not stop."""
    parts: list[bytes] = []
    size = 0
    while True:
        message = await receive()
        if message["type"] == "http.disconnect":
            return None
        part: bytes = message.get("body", b"")
        parts.append(part)
        size += len(part)
        if size > BODY_MAX:
            return None
        if not message.get("more_body"):
            return b"".join(parts)


async def _answer(response: Response, send: Send) -> None:
    headers = [(name.encode("latin-1"), value.encode("latin-1")) for name, value in response.headers.items()]
    if response.status != 204:
        headers.append((b"content-length", str(len(response.body)).encode()))
    await send({"type": "http.response.start", "status": response.status, "headers": headers})
    await send({"type": "http.response.body", "body": response.body})


async def _hang_up(receive: Receive, send: Send) -> None:
    """Close the connection without a byte of answer, as a reset does."""
    # ASGI has no word for this; uvicorn's `send` is a method of the object that holds the transport.
    transport: asyncio.Transport = send.__self__.transport  # type: ignore[attr-defined]
    transport.abort()
    await _wait_until_gone(receive, 1.0)


async def _wait_until_gone(receive: Receive, at_most_s: float) -> None:
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(at_most_s):
            while (await receive())["type"] != "http.disconnect":
                pass
