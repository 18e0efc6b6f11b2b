"""The HTTP session under simple-salesforce: time limits, no redirects, nothing from the environment.

simple-salesforce gives most of its calls no timeout, follows redirects that turn a POST into a GET, and lets a
.netrc replace the session's token (salesforce.md 2.3, traps 3, 4, 5). It also hides the headers of the answers,
which are kept here for the thread that asked.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping
from email.utils import parsedate_to_datetime
from typing import Any
from urllib.parse import urlsplit, urlunsplit

import requests
from requests.adapters import HTTPAdapter

from syncd.core.instant import from_epoch_ms

from .options import Options

CLIENT_NAME = "syncd"  # shows in the org's logs and change events (section 4)


class Line(requests.Session):
    """Every request to Salesforce. Thread-safe as far as simple-salesforce uses it."""

    def __init__(self, options: Options, transport: HTTPAdapter | None, on_answer: Callable[[Mapping[str, str]], None]):
        super().__init__()
        self.trust_env = False
        self.max_redirects = 0
        self.calls = 0
        self.served_at: str | None = None  # canonical instant of the latest Date header: the server's clock
        self.headers["Sforce-Call-Options"] = f"client={CLIENT_NAME}"
        self.headers["User-Agent"] = CLIENT_NAME
        self.hooks["response"].append(self._observe)
        self.mount("https://", transport or _adapter(options))
        self._timeout = (options.connect_timeout_s, options.read_timeout_s)
        self._on_answer = on_answer
        self._lock = threading.Lock()
        self._local = threading.local()

    @property
    def answered(self) -> Mapping[str, str]:
        """The headers of this thread's latest answer."""
        return getattr(self._local, "headers", {})

    def request(self, method: str, url: str | bytes, *args: Any, **named: Any) -> requests.Response:
        named.setdefault("timeout", self._timeout)
        return super().request(method, url, *args, **named)

    def send(self, request: requests.PreparedRequest, **named: Any) -> requests.Response:
        self._local.headers = {}
        with self._lock:
            self.calls += 1
        return super().send(request, **named)

    def _observe(self, response: requests.Response, **_: Any) -> None:
        self._local.headers = response.headers
        self.served_at = _date(response.headers) or self.served_at
        self._on_answer(response.headers)


class ToOrigin(HTTPAdapter):
    """Answers for all https hosts by talking to one origin; Host keeps the real name."""

    def __init__(self, origin: str, **named: Any) -> None:
        self._to = urlsplit(origin)
        super().__init__(**named)

    def send(self, request: requests.PreparedRequest, *args: Any, **named: Any) -> requests.Response:
        parts = urlsplit(str(request.url))
        request.headers["Host"] = parts.netloc
        request.url = urlunsplit((self._to.scheme, self._to.netloc, parts.path, parts.query, parts.fragment))
        return super().send(request, *args, **named)


def _adapter(options: Options) -> HTTPAdapter:
    size = options.workers + 1
    if options.base_url is not None:
        return ToOrigin(options.base_url, pool_connections=1, pool_maxsize=size)
    return HTTPAdapter(pool_connections=2, pool_maxsize=size)


def _date(headers: Mapping[str, str]) -> str | None:
    try:
        return from_epoch_ms(int(parsedate_to_datetime(headers["Date"]).timestamp() * 1000))
    except (KeyError, ValueError):
        return None
