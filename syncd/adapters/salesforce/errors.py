"""From Salesforce's answers and the network's troubles to our error tree: the only place that knows (section 6).

An error is classified by its code first, then the status, and never by prose but where Salesforce leaves no choice:
the two meanings of REQUEST_LIMIT_EXCEEDED, and the id of the record that has a unique value already. Salesforce's
messages quote values and its client's exceptions quote queries (trap 41), so none of them gets into ours.
"""

from __future__ import annotations

import re
import ssl
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

import msgspec
import requests
import urllib3.exceptions

from syncd.errors import (
    AlreadyExists,
    Forbidden,
    Missing,
    OutcomeUnknown,
    PreconditionFailed,
    QuotaExhausted,
    RateLimited,
    Rejected,
    RemoteError,
    ServerTrouble,
    Unauthorized,
    Unreachable,
)

from .ids import full_id
from .remedies import REMEDIES
from .shapes import Complaint

SYSTEM = "salesforce"

_DAY_RETRY_S = 900.0  # the window rolls, and nobody says when calls come free (trap 28)
_CROWD_RETRY_S = 5.0  # too many long requests at once
_LOCK_RETRY_S = 2.0  # another transaction holds the row or its account (trap 30)
_ALIKE_MAX = 5
_CURABLE = frozenset({406, 408, 420})  # the edge's own, with a page for a body or none (trap 40)
_PASSES = frozenset({"SERVER_UNAVAILABLE", "UNKNOWN_EXCEPTION", "QUERY_TIMEOUT", "INVALID_QUERY_LOCATOR"})
_UNTOUCHED = frozenset({"ALL_OR_NONE_OPERATION_ROLLED_BACK", "PROCESSING_HALTED", "BATCH_PROCESSING_HALTED"})
_UNSENT = (
    requests.ConnectTimeout,
    urllib3.exceptions.NewConnectionError,  # refused, or no such name
    urllib3.exceptions.ConnectTimeoutError,
    ssl.SSLCertVerificationError,
    ConnectionRefusedError,
)
_UNSENT_WORDS = ("failed to establish a new connection", "certificate verify failed")

_BY_CODE: dict[str, type[RemoteError]] = {
    "INVALID_SESSION_ID": Unauthorized,
    "INVALID_AUTH_HEADER": Unauthorized,
    "UNABLE_TO_LOCK_ROW": RateLimited,
    "NOT_FOUND": Missing,  # whatever the text says about an external id field (trap 36)
    "ENTITY_IS_DELETED": Missing,
    "ENTITY_FAILED_IFLASTMODIFIED_ON_UPDATE": PreconditionFailed,
    "DUPLICATE_VALUE": AlreadyExists,
    "INSUFFICIENT_ACCESS": Forbidden,
    "INSUFFICIENT_ACCESS_OR_READONLY": Forbidden,
    "INSUFFICIENT_ACCESS_ON_CROSS_REFERENCE_ENTITY": Forbidden,
    "API_DISABLED_FOR_ORG": Forbidden,
    "API_CURRENTLY_DISABLED": Forbidden,
    "TXN_SECURITY_METERING_ERROR": Forbidden,
}
_BY_STATUS: dict[int, type[RemoteError]] = {
    300: AlreadyExists,  # several records own the key (trap 11)
    401: Unauthorized,
    403: Forbidden,
    404: Missing,
    409: PreconditionFailed,
    412: PreconditionFailed,
    429: RateLimited,
}
_OTHER_ID = re.compile(r"\b([A-Za-z0-9]{15}(?:[A-Z0-5]{3})?)\b")


def refused(
    status: int, content: Any, headers: Mapping[str, str], *, writing: bool, key: str | None = None
) -> RemoteError:
    """The error that this answer, other than 2xx, means. `key` is the unique field that a write goes by."""
    said = complaints(content)
    after_s = _seconds(headers.get("Retry-After"))
    codes = {one.code for one in said}
    if status >= 500 or status in _CURABLE or 310 > status > 300:
        kind = OutcomeUnknown if writing else ServerTrouble
        return _error(kind, said, status, f"salesforce answered {status}", after_s)
    if status == 404 and not said:
        return not_understood(status, writing=writing)
    if "REQUEST_LIMIT_EXCEEDED" in codes:
        return _limited(said, status, after_s)
    return _by_code(said, status, after_s, writing=writing, key=key)


def refused_row(errors: Sequence[Complaint], *, key: str | None = None) -> RemoteError:
    """The error of one row of a collection whose call as such succeeded (traps 7, 8)."""
    if any(one.code == "REQUEST_LIMIT_EXCEEDED" for one in errors):
        return _limited(errors, None, None)
    return _by_code(errors, None, None, writing=True, key=key)


def not_understood(status: int | None, *, writing: bool) -> RemoteError:
    """The answer is not Salesforce's: a proxy's page, a redirect, or half a document (traps 4, 40)."""
    kind = OutcomeUnknown if writing else ServerTrouble
    return kind("salesforce's answer can't be read", system=SYSTEM, status=status)


def not_answered(exc: Exception, *, writing: bool) -> RemoteError:
    """The network failed. Only what surely kept the request from being sent is Unreachable."""
    if any(_never_sent(one) for one in _causes(exc)):
        return Unreachable(
            "salesforce can't be reached", system=SYSTEM, remedy="check domain, base_url and the network"
        )
    kind = OutcomeUnknown if writing else ServerTrouble
    return kind("salesforce did not answer", system=SYSTEM)


def complaints(content: Any) -> list[Complaint]:
    """The errors in a body: a list, an object, or nothing that can be read (section 6.1)."""
    entries = content if isinstance(content, list) else [content]
    found = []
    for entry in entries:
        try:
            found.append(msgspec.convert(entry, Complaint))
        except msgspec.ValidationError:
            continue
    return [one for one in found if one.code is not None]


def _limited(said: Sequence[Complaint], status: int | None, after_s: float | None) -> RemoteError:
    """One code, two meanings, told apart by the text alone (section 6.2, trap 28)."""
    if any("concurrent" in (one.message or "").lower() for one in said):
        return _error(RateLimited, said, status, "too many long requests run at once", after_s or _CROWD_RETRY_S)
    return _error(QuotaExhausted, said, status, "the org's daily calls are spent", after_s or _DAY_RETRY_S)


def _by_code(
    said: Sequence[Complaint], status: int | None, after_s: float | None, *, writing: bool, key: str | None
) -> RemoteError:
    codes = [one.code for one in said if one.code]
    if any(code in _UNTOUCHED for code in codes):
        return _error(ServerTrouble, said, status, "another row of the call failed, and this one was not tried")
    if any(code in _PASSES for code in codes):
        kind: type[RemoteError] = OutcomeUnknown if writing else ServerTrouble
        return _error(kind, said, status, "salesforce failed over this request", after_s)
    named = (_BY_CODE[code] for code in codes if code in _BY_CODE)
    kind = next(named, _BY_STATUS.get(status or 0, Rejected))
    if status == 412:
        kind = PreconditionFailed  # by the status, its code is not documented (section 4, trap 35)
    if _lock_inside(said):
        kind = RateLimited
    fields = _fields(said)
    if kind is AlreadyExists and fields and key is not None and key not in fields:
        kind = Rejected  # another unique field, which no look at our key can explain
    if codes == ["INVALID_CROSS_REFERENCE_KEY"] and not fields:
        kind = Missing  # what the row itself is called, not something that it points to
    return _error(kind, said, status, *_sentence(kind, after_s))


def _lock_inside(said: Sequence[Complaint]) -> bool:
    """A failed trigger or flow has the code of its own cause in its text."""
    wrapped = ("CANNOT_INSERT_UPDATE_ACTIVATE_ENTITY", "CANNOT_EXECUTE_FLOW_TRIGGER")
    return any(one.code in wrapped and "UNABLE_TO_LOCK_ROW" in (one.message or "") for one in said)


def _sentence(kind: type[RemoteError], after_s: float | None) -> tuple[str, float | None]:
    sentences: dict[type[RemoteError], tuple[str, float | None]] = {
        Unauthorized: ("salesforce does not accept our session", None),
        Forbidden: ("our user may not do this", None),
        RateLimited: ("salesforce asks for a pause", after_s or _LOCK_RETRY_S),
        PreconditionFailed: ("the record has moved", None),
        Missing: ("salesforce has no such record for us", None),
        AlreadyExists: ("another record has this key", None),
    }
    return sentences.get(kind, ("salesforce refused the request", after_s))


def _error(
    kind: type[RemoteError],
    said: Sequence[Complaint],
    status: int | None,
    sentence: str,
    retry_after_s: float | None = None,
) -> RemoteError:
    fields = _fields(said)
    code = next((one.code for one in said), None)
    about = f" over {', '.join(fields)}" if fields else ""
    alike = _alike(said)
    like = f" {' and '.join(alike)}" if alike else ""
    because = f" ({code.lower()}{like})" if code else ""
    remedy = next((REMEDIES[one.code] for one in said if one.code in REMEDIES), None)
    if kind is QuotaExhausted:
        remedy = "wait, they come free over 24 hours; poll less often, or buy more API calls from salesforce"
    if kind is Unauthorized:
        remedy = "check the External Client App, its user's permissions and session policies, then run syncd check"
    if kind is Forbidden and remedy is None:
        remedy = "give our user's permission set access to the object and its fields"
    return kind(
        f"{sentence}{about}{because}",
        system=SYSTEM,
        status=status,
        code=code,
        retry_after_s=retry_after_s,
        existing_id=_existing_id(said) if kind is AlreadyExists else None,
        fields=fields,
        remedy=remedy,
    )


def _fields(said: Iterable[Complaint]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(name for one in said for name in one.fields or ()))


def _alike(said: Iterable[Complaint]) -> list[str]:
    """The records that a duplicate rule takes for the same, as far as somebody would look at them (section 6.1)."""
    ids = (full_id(id) for one in said for id in one.alike)
    return list(dict.fromkeys(id for id in ids if id is not None))[:_ALIKE_MAX]


def _existing_id(said: Iterable[Complaint]) -> str | None:
    """ "duplicate value found: X duplicates value on record with id: 006…"."""
    for one in said:
        _, found, tail = (one.message or "").partition("with id:")
        named = _OTHER_ID.search(tail) if found else None
        if named is not None:
            return full_id(named[1])
    return None


def _causes(exc: BaseException) -> Iterator[BaseException]:
    """requests packs urllib3's errors into arguments, urllib3 the sockets' into `reason`."""
    waiting: list[Any] = [exc]
    for _ in range(10):
        if not waiting:
            return
        one = waiting.pop()
        if isinstance(one, BaseException):
            yield one
            waiting += [*one.args, getattr(one, "reason", None), one.__cause__]


def _never_sent(exc: BaseException) -> bool:
    """By class, and where somebody has kept only the text, by the words of urllib3 and OpenSSL."""
    said = str(exc).lower()
    return isinstance(exc, _UNSENT) or any(words in said for words in _UNSENT_WORDS)


def _seconds(text: str | None) -> float | None:
    try:
        return max(0.0, float(text)) if text else None
    except ValueError:
        return None
