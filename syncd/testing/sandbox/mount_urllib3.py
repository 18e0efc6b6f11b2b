"""A twin under urllib3, in process, for hubspot-api-client and anything else that talks to a PoolManager.

    deals = HubSpot(access_token="any", host="https://api.hubapi.com", retry=False).crm.deals.basic_api
    deals.api_client.rest_client.pool_manager = TwinPool(twin)

It passes bytes on and turns the line's troubles into the exceptions that urllib3 raises with `retries=False`. It
does not retry, follow redirects or keep time.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from io import BytesIO
from typing import Any, NoReturn, cast
from urllib.parse import urlsplit

import urllib3
from urllib3._request_methods import RequestMethods
from urllib3.exceptions import NewConnectionError, ProtocolError, ReadTimeoutError
from urllib3.response import HTTPResponse

from .wire import PeerRefused, PeerReset, PeerTimeout, Request, Response


class TwinPool(RequestMethods):
    """Stands in for urllib3.PoolManager. Thread-safe when the twin is."""

    def __init__(self, twin: Callable[[Request], Response]) -> None:
        super().__init__()
        self.twin = twin

    def urlopen(  # type: ignore[override]
        self,
        method: str,
        url: str,
        body: bytes | str | None = None,
        headers: Mapping[str, str] | None = None,
        *,
        preload_content: bool = True,
        **_: Any,
    ) -> HTTPResponse:
        """`url` is absolute. Timeouts, retries and redirects are accepted and mean nothing here."""
        request = _outbound(method, url, body, headers or self.headers)
        try:
            response = self.twin(request)
        except (PeerTimeout, PeerReset, PeerRefused) as exc:
            _raise(exc, url)
        return _inbound(response, url, method, preload_content=preload_content)

    def clear(self) -> None:
        """There are no connections to close."""


def _outbound(method: str, url: str, body: bytes | str | None, headers: Mapping[str, str]) -> Request:
    parts = urlsplit(url)
    target = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    sent = {name.lower(): str(value) for name, value in headers.items()}
    sent.setdefault("host", parts.netloc)
    return Request(method.upper(), target, sent, body.encode() if isinstance(body, str) else body or b"")


def _inbound(response: Response, url: str, method: str, *, preload_content: bool) -> HTTPResponse:
    return HTTPResponse(
        body=BytesIO(response.body),
        headers=response.headers,
        status=response.status,
        reason=None,
        preload_content=preload_content,
        request_method=method,
        request_url=url,
    )


def _raise(trouble: Exception, url: str) -> NoReturn:
    """What urllib3 raises with `retries=False`: the bare error, without a MaxRetryError around it."""
    pool = cast(urllib3.HTTPConnectionPool, None)  # only for the text of the error
    match trouble:
        case PeerTimeout():
            raise ReadTimeoutError(pool, url, "Read timed out.") from trouble
        case PeerRefused():
            connection = cast(Any, urlsplit(url).netloc)
            raise NewConnectionError(connection, "Failed to establish a new connection") from trouble
    raise ProtocolError("Connection aborted.", ConnectionResetError(104, "Connection reset by peer")) from trouble
