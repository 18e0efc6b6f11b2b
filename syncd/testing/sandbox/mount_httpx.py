"""A twin under httpx, in process: `httpx.Client(transport=TwinTransport(twin), base_url=...)`.

It passes bytes on and turns the line's troubles into httpx's own exceptions. It knows no system and adds no
behaviour: what a twin answers is what the client sees.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

import httpx

from .wire import PeerRefused, PeerReset, PeerTimeout, Request, Response


class TwinTransport(httpx.BaseTransport):
    """Carries a client's requests to a twin, or to a `Faulty` around one. Thread-safe when the twin is."""

    def __init__(self, twin: Callable[[Request], Response]) -> None:
        self.twin = twin

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        try:
            response = self.twin(_inbound(request))
        except PeerTimeout as exc:
            raise httpx.ReadTimeout("the sandbox did not answer in time", request=request) from exc
        except PeerReset as exc:
            raise httpx.ReadError("the sandbox reset the connection", request=request) from exc
        except PeerRefused as exc:
            raise httpx.ConnectError("the sandbox refused the connection", request=request) from exc
        return httpx.Response(
            response.status, headers=_encoded(response.headers), stream=httpx.ByteStream(response.body)
        )


def _encoded(headers: Mapping[str, str]) -> list[tuple[bytes, bytes]]:
    """As a socket would bring them; httpx takes a mapping apart at several times the cost."""
    return [(name.encode("latin-1"), value.encode("latin-1")) for name, value in headers.items()]


def _inbound(request: httpx.Request) -> Request:
    headers = {name.lower().decode("latin-1"): value.decode("latin-1") for name, value in request.headers.raw}
    return Request(request.method, request.url.raw_path.decode("ascii"), headers, request.read())
