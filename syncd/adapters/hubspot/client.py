"""hubspot-api-client 12, tamed: one pool, timeouts on every call, raw answers, our errors, our pacing.

The SDK builds URLs and signs requests; everything after the bytes is ours (hubspot.md 10). `Line` stands where the
SDK expects its connection pool, so none of the SDK's sixty exception classes is ever raised. Reads are retried
here, at most three times; so are writes of which the second does nothing more, and no others.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping
from email.utils import parsedate_to_datetime
from typing import Any, Generic, TypeVar

import msgspec
import tenacity
import urllib3
import urllib3.exceptions
from hubspot import HubSpot
from urllib3 import HTTPHeaderDict

from syncd.adapters.limiter import Limiter, Priority
from syncd.clock import Clock
from syncd.core.instant import from_epoch_ms
from syncd.errors import OutcomeUnknown, RateLimited, ServerTrouble, Unreachable

from .errors import not_answered, not_understood, refused
from .options import Options
from .versions import in_version

T = TypeVar("T")

_READ_ATTEMPTS_MAX = 3
_READ_WAIT_MAX_S = 30.0  # a longer pause is the engine's to wait
_BURST_WINDOW_S = 10.0
_SHORT_OF_CALLS_S = 1.0  # in a rolling window some calls come free each second


class Answer(msgspec.Struct, Generic[T], frozen=True):
    body: T
    served_at: str | None  # canonical instant of the Date header: the server's clock (trap 44)


class Client:
    """Every call to HubSpot goes through read(), search() or write(), or the two that are for associations."""

    def __init__(self, options: Options, *, token: str, clock: Clock, transport: Any = None) -> None:
        self.token = token
        self.burst = Limiter(
            clock, name="hubspot", limit=options.burst_limit, window_s=_BURST_WINDOW_S, share=options.share
        )
        self.searches = Limiter(clock, name="hubspot search", limit=options.search_per_s, window_s=1.0, share=1.0)
        self.associating = Limiter(
            clock,
            name="hubspot associations",
            limit=options.association_limit,
            window_s=_BURST_WINDOW_S,
            share=options.share,
        )
        self._share = options.share
        self._line = Line(options, transport)
        self._apis: dict[tuple[str, str], Any] = {}
        sdk = HubSpot(access_token=token, host=options.base_url, retry=False, api_factory=self._build)
        self.basic = sdk.crm.objects.basic_api
        self.batch = sdk.crm.objects.batch_api
        self.properties = sdk.crm.properties.core_api
        self.pipelines = sdk.crm.pipelines.pipelines_api
        self.associations = sdk.crm.associations.v4.batch_api
        self.labels = sdk.crm.associations.v4.schema.definitions_api
        self._search = sdk.crm.objects.search_api
        self._retrying = tenacity.Retrying(
            stop=tenacity.stop_after_attempt(_READ_ATTEMPTS_MAX),
            wait=tenacity.wait_exponential(multiplier=0.5),
            retry=tenacity.retry_if_exception(_worth_retrying),
            sleep=clock.sleep,
            reraise=True,
        )

    @property
    def calls(self) -> int:
        return self._line.calls

    def read(self, call: Callable[..., Any], shape: type[T], /, *args: Any, **named: Any) -> Answer[T]:
        """This SDK method's answer. Raises RemoteError; what can pass was tried three times."""
        return self._retrying(self._once, self.burst, False, call, shape, args, named)

    def search(self, shape: type[T], object_type: str, body: dict[str, Any]) -> Answer[T]:
        """As read(), paced by the account's search limit, which the burst limit does not cover (section 3.1)."""
        args = (object_type, body)
        return self._retrying(self._once, self.searches, False, self._search.do_search, shape, args, {})

    def write(self, call: Callable[..., Any], shape: type[T], /, *args: Any) -> Answer[T]:
        """This SDK method's answer, sent once. Raises OutcomeUnknown where it may have landed."""
        return self._once(self.burst, True, call, shape, args, {})

    def read_associations(self, call: Callable[..., Any], shape: type[T], /, *args: Any) -> Answer[T]:
        """As read(), paced by what the account has for associations, which is not the burst limit (section 3.1)."""
        return self._retrying(self._once, self.associating, False, call, shape, args, {})

    def associate(self, call: Callable[..., Any], shape: type[T], /, *args: Any, repeatable: bool = False) -> Answer[T]:
        """As write(), paced likewise. `repeatable`: once more does nothing more, so what can pass is tried again."""
        if not repeatable:
            return self._once(self.associating, True, call, shape, args, {})
        return self._retrying(self._once, self.associating, True, call, shape, args, {})

    def get(self, path: str) -> Callable[[], Any]:
        """A method for read(), for a path that the SDK does not wrap."""
        return lambda **options: self.basic.api_client.call_api(path, "GET", auth_settings=["oauth2"], **options)

    def post(self, path: str, body: dict[str, Any]) -> Callable[[], Any]:
        """As get(), for a question that is asked with a body."""
        return lambda **options: self.basic.api_client.call_api(
            path, "POST", auth_settings=["oauth2"], body=body, **options
        )

    def close(self) -> None:
        self._line.close()

    def _build(self, package: Any, name: str, config: dict[str, Any]) -> Any:
        """The SDK's hook for making API objects: each is made once, and all share one line (section 10.2)."""
        key = (package.__name__, name)
        if key not in self._apis:
            configuration = package.Configuration()
            configuration.host = config["host"]
            configuration.access_token = config["access_token"]
            configuration.retries = config["retry"]
            api_client = package.ApiClient(configuration=configuration)
            api_client.rest_client.pool_manager = self._line
            api_client.sanitize_for_serialization = _as_it_is
            api_client.set_default_header("Accept-Encoding", "gzip")
            api_client.user_agent = "syncd"
            self._apis[key] = getattr(package, name)(api_client=api_client)
        return self._apis[key]

    def _once(
        self,
        limiter: Limiter,
        writing: bool,
        call: Callable[..., Any],
        shape: type[T],
        args: tuple[Any, ...],
        named: dict[str, Any],
    ) -> Answer[T]:
        limiter.acquire(Priority.LIVE)
        try:
            response = call(*args, **named, _preload_content=False)
        except Unanswered as exc:
            raise not_answered(exc.reason, writing=writing) from exc.reason
        except Refusal as exc:
            error = refused(exc.status, exc.headers, exc.body, writing=writing)
            if isinstance(error, RateLimited) and error.retry_after_s is not None:
                limiter.pause(error.retry_after_s)
            raise error from None
        headers = HTTPHeaderDict(response.headers)
        if limiter is self.burst:
            self._observe(headers)
        try:
            body = msgspec.json.decode(response.data or b"{}", type=shape)
        except (msgspec.DecodeError, UnicodeDecodeError) as exc:
            raise not_understood(response.status, writing=writing) from exc
        return Answer(body, _served_at(headers))

    def _observe(self, headers: Mapping[str, str]) -> None:
        """Take in the live limits. `remaining` is news only when others have eaten into what we leave them."""
        limit, remaining = (_whole(headers.get(f"X-HubSpot-RateLimit-{name}")) for name in ("Max", "Remaining"))
        if not limit:
            return
        if remaining is not None and remaining < limit * (1 - self._share) - 1:
            self.burst.observe(limit=limit, remaining=remaining, reset_s=_SHORT_OF_CALLS_S)
        else:
            self.burst.observe(limit=limit)


class Line:
    """Stands in for the SDK's PoolManager: one pool for all its API objects, and no call without a timeout."""

    def __init__(self, options: Options, transport: Any = None) -> None:
        self.calls = 0
        self._lock = threading.Lock()
        self._base_url = options.base_url
        self._api = options.api
        self._timeout = urllib3.Timeout(connect=options.connect_timeout_s, read=options.read_timeout_s)
        self._owned = transport is None
        self._pool: Any = _pool(options.workers) if transport is None else transport

    def request(self, method: str, url: str, **named: Any) -> Any:
        """A 2xx answer, read to its end. Raises Refusal for any other, Unanswered when the network failed."""
        url = self._base_url + in_version(self._api, url.removeprefix(self._base_url))
        with self._lock:
            self.calls += 1
        try:
            response = self._pool.request(method, url, **{**named, "timeout": self._timeout, "preload_content": True})
        except (urllib3.exceptions.HTTPError, OSError) as exc:
            raise Unanswered(exc) from exc
        if not 200 <= response.status < 300:
            raise Refusal(response.status, HTTPHeaderDict(response.headers), response.data or b"")
        return response

    def close(self) -> None:
        if self._owned:
            self._pool.clear()


class Unanswered(Exception):
    """Passes through the SDK, which would catch a TLS error itself and then fail over its missing body."""

    def __init__(self, reason: Exception) -> None:
        super().__init__(type(reason).__name__)
        self.reason = reason


class Refusal(Exception):
    """Passes through the SDK, which would fail over a body that is not UTF-8."""

    def __init__(self, status: int, headers: Mapping[str, str], body: bytes) -> None:
        super().__init__(status)
        self.status = status
        self.headers = headers
        self.body = body


def _as_it_is(value: Any) -> Any:
    """Our bodies are JSON already; the SDK would copy each one, at a third of a batch's cost."""
    return value


def _pool(workers: int) -> urllib3.PoolManager:
    return urllib3.PoolManager(num_pools=1, maxsize=workers + 1, retries=False)


def _worth_retrying(exc: BaseException) -> bool:
    if isinstance(exc, RateLimited):
        return exc.retry_after_s is None or exc.retry_after_s <= _READ_WAIT_MAX_S
    return isinstance(exc, (ServerTrouble, Unreachable, OutcomeUnknown))


def _served_at(headers: Mapping[str, str]) -> str | None:
    try:
        return from_epoch_ms(int(parsedate_to_datetime(headers["Date"]).timestamp() * 1000))
    except (KeyError, ValueError):
        return None


def _whole(text: str | None) -> int | None:
    return int(text) if text and text.isdecimal() else None
