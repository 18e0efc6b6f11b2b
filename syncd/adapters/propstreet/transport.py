"""Sends calls to Propstreet: paced, authorised, with time limits, and every failure translated.

Reads are tried up to three times in place. Writes are sent once: what may have landed is for the engine to look
at, never for this module to repeat. The one exception is a 401, which says that nothing happened.
"""

from __future__ import annotations

from collections.abc import Mapping
from urllib.parse import urlsplit

import httpx
import msgspec
from tenacity import RetryCallState, Retrying, retry_if_exception, stop_after_attempt

from syncd.adapters.limiter import Limiter
from syncd.clock import Clock
from syncd.errors import ConfigError, RateLimited, Rejected, ServerTrouble, Unauthorized, Unreachable

from .auth import Auth
from .problems import broken_answer, error_of, error_of_line, number, retry_after_s
from .wire import BODY_MAX, SYSTEM, Answer, Call, Json, decode_object

ANSWER_MAX = 64 * 1024 * 1024  # bytes; a page of 500 projects with full teasers is about a tenth of it
_TRIES_MAX = 3
_BACKOFF_S = 0.5  # then twice that
_WAIT_MAX_S = 60.0  # a longer Retry-After is for the engine to sit out
_PAUSE_S = 5.0  # after a 429 that does not say how long
_ALWAYS = ((b"accept", b"application/json"), (b"accept-encoding", b"gzip"), (b"user-agent", b"syncd"))
_JSON = (b"content-type", b"application/json")


class Timeouts(msgspec.Struct, frozen=True, kw_only=True):
    """Seconds. The server itself gives up after 30, connecting after 10 (propstreet.md section 1)."""

    connect_s: float = 10.0
    read_s: float = 30.0


class Transport:
    """One origin, one pool of connections, one limiter. Safe to share between threads."""

    def __init__(
        self,
        base_url: str,
        auth: Auth,
        *,
        clock: Clock,
        limiter: Limiter,
        timeouts: Timeouts = Timeouts(),  # noqa: B008 - frozen
        workers: int = 4,
        peer: httpx.BaseTransport | None = None,
    ) -> None:
        self.origin = checked_origin(base_url)
        self.limiter = limiter
        self.auth = auth
        self._clock = clock
        limits = {"connect": timeouts.connect_s, "pool": timeouts.connect_s}
        self._extensions = {"timeout": {**limits, "read": timeouts.read_s, "write": timeouts.read_s}}
        pool = httpx.Limits(max_connections=workers, max_keepalive_connections=workers)
        # The pool without httpx.Client around it: no redirects, no cookies, no environment, and half the time.
        self._line = peer or httpx.HTTPTransport(trust_env=False, limits=pool)
        self._reading = Retrying(
            stop=stop_after_attempt(_TRIES_MAX),
            retry=retry_if_exception(_worth_another_try),
            wait=_wait_s,
            sleep=clock.sleep,
            reraise=True,
        )

    def read(self, call: Call) -> Json:
        """The JSON object that a GET answers. Raises RemoteError."""
        return self._reading(self._read_once, call)

    def write(self, call: Call) -> Answer:
        """The answer of a write that took effect. Raises RemoteError; OutcomeUnknown when nobody knows."""
        if call.body is not None and len(call.body) > BODY_MAX:
            raise Rejected(f"{call.what} is larger than the 10 MB that propstreet takes", system=SYSTEM)
        return self._send(call)

    def close(self) -> None:
        self._line.close()

    def _read_once(self, call: Call) -> Json:
        answer = self._send(call)
        value = decode_object(answer.body)
        if value is None:
            raise broken_answer(answer, call)
        return value

    def _send(self, call: Call) -> Answer:
        token = self.auth.token(self._post_form)
        answer = self._once(call, token)
        if answer.status == 401:
            other = self.auth.renewed(token, self._post_form)
            if other is not None:
                answer = self._once(call, other)
        self._check(answer, call)
        return answer

    def _post_form(self, path: str, form: Mapping[str, str]) -> Json:
        """A token request. It changes nothing that we sync, so its failures are those of a read."""
        call = Call(method="GET", target=path, what="a new access token")
        request = httpx.Request("POST", self.origin + path, data=dict(form), extensions=self._extensions)
        self.limiter.acquire(call.priority)
        answer = self._exchange(request, call)
        if answer.status in (400, 401, 403):
            raise Unauthorized(
                f"propstreet does not accept our client id and secret ({answer.status})",
                system=SYSTEM,
                status=answer.status,
                remedy="check the client credentials in Propstreet, then run syncd check",
            )
        self._check(answer, call)
        value = decode_object(answer.body)
        if value is None:
            raise broken_answer(answer, call)
        return value

    def _once(self, call: Call, token: str) -> Answer:
        headers = [*_ALWAYS, (b"authorization", b"Bearer " + token.encode())]
        if call.body is not None:
            headers.append(_JSON)
        headers.extend((name.encode(), value.encode()) for name, value in call.headers.items())
        request = httpx.Request(
            call.method, self.origin + call.target, headers=headers, content=call.body, extensions=self._extensions
        )
        self.limiter.acquire(call.priority)
        answer = self._exchange(request, call)
        self._observe(answer)
        return answer

    def _exchange(self, request: httpx.Request, call: Call) -> Answer:
        try:
            response = self._line.handle_request(request)
            try:
                body = _bounded(response)
            finally:
                response.close()
        except httpx.HTTPError as exc:
            raise error_of_line(exc, call) from exc
        headers = {name.lower().decode("latin-1"): value.decode("latin-1") for name, value in response.headers.raw}
        answer = Answer(response.status_code, headers, body or b"")
        if body is None:
            raise broken_answer(answer, call)
        return answer

    def _observe(self, answer: Answer) -> None:
        limit = number(answer.headers.get("ratelimit-limit"))
        remaining = number(answer.headers.get("ratelimit-remaining"))
        self.limiter.observe(
            limit=None if limit is None else int(limit),
            remaining=None if remaining is None else int(remaining),
            reset_s=number(answer.headers.get("ratelimit-reset")),
        )

    def _check(self, answer: Answer, call: Call) -> None:
        if 200 <= answer.status < 300:
            return
        now = self._clock.time()
        if answer.status == 429:
            told = retry_after_s(answer, now)
            self.limiter.pause(_PAUSE_S if told is None else told)
        raise error_of(answer, call, now=now)


def checked_origin(base_url: str) -> str:
    """The origin in a configured base_url, without a slash. Raises ConfigError when there is more than that."""
    remedy = "write the origin only, such as https://app.propstreet.com; syncd adds /api/v1"
    try:
        parts = urlsplit(base_url)
        _ = parts.port, httpx.URL(base_url)
    except (ValueError, httpx.InvalidURL) as exc:
        raise ConfigError("the propstreet base_url is not a URL", remedy=remedy) from exc
    if parts.scheme not in ("http", "https") or not parts.hostname or not _plain(base_url):
        raise ConfigError("the propstreet base_url is not a http or https URL", remedy=remedy)
    if parts.path not in ("", "/") or parts.query or parts.fragment or "@" in parts.netloc:
        raise ConfigError("the propstreet base_url has more than an origin", remedy=remedy)
    return f"{parts.scheme}://{parts.netloc}"


def _bounded(response: httpx.Response) -> bytes | None:
    """The whole body, unpacked; None when it is larger than any answer of Propstreet's."""
    chunks: list[bytes] = []
    size = 0
    for chunk in response.iter_bytes():
        size += len(chunk)
        if size > ANSWER_MAX:
            return None
        chunks.append(chunk)
    return b"".join(chunks)


def _plain(text: str) -> bool:
    return text.isascii() and text.isprintable() and " " not in text


def _worth_another_try(exc: BaseException) -> bool:
    transient = isinstance(exc, ServerTrouble | RateLimited | Unreachable)
    return transient and (getattr(exc, "retry_after_s", None) or 0.0) <= _WAIT_MAX_S


def _wait_s(state: RetryCallState) -> float:
    error = state.outcome.exception() if state.outcome else None
    if isinstance(error, RateLimited):
        return 0.0  # the limiter holds every thread for as long as it was told
    told = error.retry_after_s if isinstance(error, ServerTrouble) else None
    return _BACKOFF_S * 2 ** (state.attempt_number - 1) if told is None else told
