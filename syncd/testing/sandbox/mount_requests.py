"""A twin under requests, in process, for simple-salesforce and anything else that takes a requests.Session.

    session = requests.Session()
    session.mount("https://", TwinAdapter(twin))

It passes bytes on and turns the line's troubles into the exceptions that requests raises. It does not retry or keep
time; redirects and sessions are requests' own.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from io import BytesIO
from typing import Any, NoReturn, cast
from urllib.parse import urlsplit

import requests
import urllib3
from requests.adapters import HTTPAdapter
from urllib3.exceptions import MaxRetryError, NewConnectionError, ProtocolError, ReadTimeoutError
from urllib3.response import HTTPResponse

from .wire import PeerRefused, PeerReset, PeerTimeout, Request, Response


class TwinAdapter(HTTPAdapter):
    """Carries a session's requests to a twin, or to a `Faulty` around one. Thread-safe when the twin is."""

    def __init__(self, twin: Callable[[Request], Response]) -> None:
        super().__init__()
        self.twin = twin

    def send(
        self,
        request: requests.PreparedRequest,
        stream: bool = False,
        timeout: Any = None,
        verify: Any = True,
        cert: Any = None,
        proxies: Mapping[str, str] | None = None,
    ) -> requests.Response:
        """Timeouts, certificates and proxies are accepted and mean nothing here."""
        try:
            answer = self.twin(_outbound(request))
        except (PeerTimeout, PeerReset, PeerRefused) as exc:
            _raise(exc, request)
        response = self.build_response(request, _inbound(answer, request))
        if not stream:
            response.content  # noqa: B018, as requests does: the body is read before anyone sees the answer
        return response


def _outbound(request: requests.PreparedRequest) -> Request:
    parts = urlsplit(str(request.url))
    target = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    sent = {_text(name).lower(): _text(value) for name, value in request.headers.items()}
    sent.setdefault("host", parts.netloc)
    return Request((request.method or "GET").upper(), target, sent, _body(request.body))


def _text(value: str | bytes) -> str:
    return value.decode("latin-1") if isinstance(value, bytes) else value


def _body(body: Any) -> bytes:
    """Text, bytes, a file, or parts to be joined."""
    if body is None:
        return b""
    if isinstance(body, str):
        return body.encode()
    if isinstance(body, bytes):
        return body
    return b"".join([body.read()] if hasattr(body, "read") else body)


def _inbound(answer: Response, request: requests.PreparedRequest) -> HTTPResponse:
    return HTTPResponse(
        body=BytesIO(answer.body),
        headers=answer.headers,
        status=answer.status,
        reason=requests.status_codes._codes.get(answer.status, ("",))[0].replace("_", " ").title(),
        preload_content=False,
        decode_content=False,
        request_method=request.method,
        request_url=request.url,
    )


def _raise(trouble: Exception, request: requests.PreparedRequest) -> NoReturn:
    """As requests over urllib3 does: the cause inside tells a refusal, after which nothing was sent, from a reset."""
    pool = cast(urllib3.HTTPConnectionPool, None)  # only for the text of the errors
    match trouble:
        case PeerTimeout():
            cause: Exception = ReadTimeoutError(pool, str(request.url), "Read timed out.")
            raise requests.ReadTimeout(cause, request=request) from trouble
        case PeerRefused():
            connection = cast(Any, urlsplit(str(request.url)).netloc)
            refusal = NewConnectionError(connection, "Failed to establish a new connection")
            cause = MaxRetryError(pool, str(request.url), refusal)
            raise requests.ConnectionError(cause, request=request) from trouble
    cause = ProtocolError("Connection aborted.", ConnectionResetError(104, "Connection reset by peer"))
    raise requests.ConnectionError(cause, request=request) from trouble
