"""simple-salesforce 1.12, tamed: our session, our re-login, our errors, our pacing; it builds the URLs.

The library is always in "direct" mode, with a session that we log in for. Its own refresh drops the headers of the
call that it repeats, guards included, and can go round for ever (salesforce.md 2.4, traps 1, 2): here one failed
call brings one login, under one lock, and then the error stands (trap 39). Reads are retried, at most three times
in all; writes never are. Its object types are left aside: they lose decimals and take no options (trap 33).
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping, Sequence
from decimal import Decimal
from typing import Any, TypeVar, cast

import msgspec
import requests
import tenacity
from requests.adapters import HTTPAdapter
from simple_salesforce.api import Salesforce
from simple_salesforce.exceptions import SalesforceError, SalesforceExpiredSession
from simple_salesforce.util import exception_handler

from syncd.adapters.limiter import Limiter
from syncd.clock import Clock
from syncd.errors import RateLimited, RemoteError, ServerTrouble, Unauthorized, Unreachable

from . import paths
from .budget import Budget
from .errors import SYSTEM, not_answered, not_understood, refused
from .line import Line
from .login import Login, Signed
from .options import Options
from .shapes import Composite, Page, Part, Row, Version

T = TypeVar("T")

_READ_ATTEMPTS_MAX = 3
_READ_WAIT_MAX_S = 30.0  # a longer pause is the engine's to wait
_PAGES_MAX = 10_000  # of one answer; each is another call
_as_json = msgspec.json.Encoder(decimal_format="number").encode


class Session:
    """A login and the library's client for it."""

    def __init__(self, signed: Signed, line: Line, options: Options) -> None:
        self.signed = signed
        self.salesforce: Any = Salesforce(
            session=line,
            session_id=signed.token,
            instance=signed.host,
            version=options.api_version,
            parse_float=Decimal,
            object_pairs_hook=None,
        )
        self.salesforce.headers.pop("X-PrettyPrint", None)


Call = Callable[[Any], Any]
"""What to ask of a simple_salesforce.Salesforce."""


class Client:
    """Every call to Salesforce goes through read() or write()."""

    def __init__(self, options: Options, login: Login, *, clock: Clock, transport: HTTPAdapter | None = None) -> None:
        self.budget = Budget(clock, share=options.daily_share)
        self.base = paths.base(options.api_version)
        self._options = options
        self._login = login
        self._line = Line(options, transport, self._observe)
        self._limiter = Limiter(clock, name=SYSTEM, limit=options.calls_per_s * 10, window_s=10.0, share=1.0)
        self._lock = threading.Lock()
        self._session: Session | None = None
        self._organisation = ""
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

    @property
    def served_at(self) -> str | None:
        """Salesforce's own time, as of its latest answer (trap 14)."""
        return self._line.served_at

    @property
    def signed(self) -> Signed:
        """Whose session this is. Raises RemoteError when nobody lets us in."""
        return self._retrying(self._current).signed

    def read(self, call: Call, shape: type[T]) -> T:
        """The answer. Raises RemoteError; what can pass was tried three times."""
        return cast(T, self._retrying(self._once, call, shape, False, None))

    def write(self, call: Call, shape: type[T], *, key: str | None = None) -> T:
        """The answer of a call that is sent once. Raises OutcomeUnknown where it may have landed."""
        return self._once(call, shape, True, key)

    def get(self, path: str, shape: type[T], **params: str) -> T:
        return self.read(lambda salesforce: salesforce.restful(path, params=params or None) or [], shape)

    def rows(self, soql: str, *, deleted: bool = False) -> list[Row]:
        """All rows of a query, page by page."""
        return self.rest(self.page(soql, deleted=deleted))

    def page(self, soql: str, *, deleted: bool = False) -> Page:
        """The first page of a query; with `deleted`, the recycle bin is searched as well."""
        return self.read(lambda salesforce: salesforce.query(soql, include_deleted=deleted), Page)

    def rest(self, page: Page) -> list[Row]:
        """The rows of this page and of those that follow. The end is where `done` says so (trap 15)."""
        rows = list(page.records)
        for _ in range(_PAGES_MAX):
            if page.done:
                return rows
            page = self._next(page)
            rows += page.records
        raise ServerTrouble("a query of salesforce's does not end", system=SYSTEM)

    def send(self, method: str, path: str, body: Any, shape: type[T], *, key: str | None = None) -> T:
        """A write. Bodies are encoded here, since requests can't write an exact decimal (section 2.5)."""
        data = _as_json(body)
        return self.write(lambda salesforce: salesforce.restful(path, method=method, data=data) or [], shape, key=key)

    def composite(self, parts: Sequence[Mapping[str, Any]]) -> list[Part]:
        """One call that carries several, the later after the earlier, each failing for itself (section 3.6)."""
        named = [self._part(part, f"part{number}") for number, part in enumerate(parts)]
        body = {"allOrNone": False, "collateSubrequests": False, "compositeRequest": named}
        answers = self.send("POST", paths.COMPOSITE, body, Composite).composite_response
        if len(answers) != len(parts):
            raise not_understood(200, writing=True)
        return answers

    def tooling(self, path: str, shape: type[T], body: Any = None) -> T:
        """The Tooling API: a question, or with a body a write."""
        if body is None:
            return self.read(lambda salesforce: salesforce.toolingexecute(path), shape)
        return self.write(lambda salesforce: salesforce.toolingexecute(path, method="POST", data=body), shape)

    def versions(self) -> list[str]:
        """What the instance offers; costs no API call of the org's."""

        def ask(salesforce: Any) -> Any:
            response = salesforce.session.get(f"https://{salesforce.sf_instance}{paths.VERSIONS}")
            if response.status_code >= 300:
                exception_handler(response, name=paths.VERSIONS)
            return response.json()

        return [one.version for one in self.read(ask, list[Version])]

    def close(self) -> None:
        self._line.close()

    def _part(self, part: Mapping[str, Any], name: str) -> dict[str, Any]:
        """Headers of the call do not reach its parts: each has its own."""
        full = {**part, "url": f"{self.base}/{part['url']}", "referenceId": name}
        if self._options.save_duplicates and part["method"] != "GET":
            full["httpHeaders"] = {**part.get("httpHeaders", {}), "Sforce-Duplicate-Rule-Header": "allowSave=true"}
        return full

    def _next(self, page: Page) -> Page:
        url = page.next_records_url
        if url is None:
            raise not_understood(200, writing=False)
        return self.read(lambda salesforce: salesforce.query_more(url, identifier_is_url=True), Page)

    def _once(self, call: Call, shape: type[T], writing: bool, key: str | None) -> T:
        self.budget.spend()
        session = self._current()
        try:
            return self._ask(session, call, shape, writing, key)
        except SalesforceExpiredSession:
            session = self._renewed(session)
        try:
            return self._ask(session, call, shape, writing, key)
        except SalesforceExpiredSession as exc:
            raise refused(401, exc.content, self._line.answered, writing=writing) from None

    def _ask(self, session: Session, call: Call, shape: type[T], writing: bool, key: str | None) -> T:
        self._limiter.acquire()
        try:
            content = call(session.salesforce)
        except SalesforceExpiredSession:
            raise
        except SalesforceError as exc:
            raise self._refused(exc, writing, key) from None
        except (ValueError, TypeError) as exc:  # what is not JSON, or not the JSON that the library expects
            if isinstance(exc, requests.RequestException) and not isinstance(exc, requests.JSONDecodeError):
                raise not_answered(exc, writing=writing) from None
            raise not_understood(None, writing=writing) from None
        except requests.TooManyRedirects:
            raise not_understood(None, writing=writing) from None
        except requests.RequestException as exc:
            raise not_answered(exc, writing=writing) from None
        try:
            return msgspec.convert(content, shape)
        except msgspec.ValidationError:
            raise not_understood(None, writing=writing) from None

    def _refused(self, exc: Any, writing: bool, key: str | None) -> RemoteError:
        error = refused(exc.status, exc.content, self._line.answered, writing=writing, key=key)
        if isinstance(error, RateLimited) and error.status in (403, 429) and error.retry_after_s is not None:
            self._limiter.pause(error.retry_after_s)
        return error

    def _current(self) -> Session:
        with self._lock:
            if self._session is None:
                self._session = self._signed_in()
            return self._session

    def _renewed(self, stale: Session) -> Session:
        """Threads that were refused together log in once: the others find a session that is not the stale one."""
        with self._lock:
            if self._session is stale or self._session is None:
                self._session = self._signed_in()
            return self._session

    def _signed_in(self) -> Session:
        """Never into another organisation: refreshing a sandbox ends its sessions, in mid-pass too (trap 43)."""
        self._limiter.acquire()
        signed = self._login.sign_in(self._line)
        if self._organisation and signed.organisation != self._organisation:
            was, now = self._organisation, signed.organisation or "one that does not tell its id"
            raise Unauthorized(
                f"the login led to organisation {was} before, and leads to {now} now",
                system=SYSTEM,
                remedy="run syncd check",
            )
        self._organisation = signed.organisation
        return Session(signed, self._line, self._options)

    def _observe(self, headers: Mapping[str, str]) -> None:
        self.budget.observe(headers.get("Sforce-Limit-Info"))


def _worth_retrying(exc: BaseException) -> bool:
    if isinstance(exc, RateLimited):
        return exc.retry_after_s is None or exc.retry_after_s <= _READ_WAIT_MAX_S
    return isinstance(exc, (ServerTrouble, Unreachable))
