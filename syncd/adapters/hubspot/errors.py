"""From HubSpot's answers and the network's troubles to our error tree: the only place that knows (hubspot.md 6).

An error is classified by its codes, then its category, then the status; never by prose, with two exceptions that
HubSpot leaves no choice in: "Existing ID: n" and the name of a rate limit. HubSpot's messages quote values, so
none of them gets into ours.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

import msgspec
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

from .shapes import Complaint

SYSTEM = "hubspot"

NO_SUCH_LABEL = "INVALID_ASSOCIATION_TYPE_ID"

_DAY_RETRY_S = 3600.0  # the daily budget returns at the account's midnight, which a 429 does not tell
_MOVING_RETRY_S = 3600.0  # 477: the account changes its data centre, which can take hours
_LOCK_RETRY_S = 2.0  # 423
_BURST_RETRY_S = 10.0  # the rolling window itself
_SEARCH_RETRY_S = 1.0

_BY_CODE: dict[str, type[RemoteError]] = {
    "CONFLICTING_UNIQUE_VALUE": AlreadyExists,
    "OBJECT_ALREADY_EXISTS": AlreadyExists,
    "CONFLICT": AlreadyExists,
    "OBJECT_NOT_FOUND": Missing,
    "MISSING_SCOPES": Forbidden,
    "INVALID_AUTHENTICATION": Unauthorized,
    "EXPIRED_AUTHENTICATION": Unauthorized,
    "RATE_LIMITS": RateLimited,
    "INVALID_OBJECT_IDS": Missing,
}
_BY_STATUS: dict[int, type[RemoteError]] = {
    401: Unauthorized,
    403: Forbidden,
    404: Missing,
    409: AlreadyExists,
    412: PreconditionFailed,
}
_REMEDIES: dict[str, str] = {
    "INVALID_OPTION": "add the option in hubspot or map the value to one that exists; see `syncd check`",
    "PROPERTY_DOESNT_EXIST": "run `syncd setup` to see which properties are missing",
    "READ_ONLY_VALUE": "let this field flow to propstreet only; hubspot computes it",
    "INVALID_OBJECT_IDS": "one of the two records is not there any more: look at both in hubspot",
    NO_SUCH_LABEL: "run `syncd setup --apply`, which makes the labels that are missing",
    "ASSOCIATION_LIMIT_EXCEEDED": "raise the limit for these associations in hubspot's settings",
}
_IN_CONTEXT = ("INVALID_OBJECT_IDS", NO_SUCH_LABEL, "ASSOCIATION_LIMIT_EXCEEDED")
"""Codes that HubSpot writes as keys of `context`, over associations alone."""

_UNSURE = frozenset({"INTERNAL_ERROR", "SERVICE_UNAVAILABLE", "TIMEOUT"})  # what 5xx is called in a row's error
_UNSENT = (
    urllib3.exceptions.NewConnectionError,  # refused, or no such name
    urllib3.exceptions.ConnectTimeoutError,
    urllib3.exceptions.LocationValueError,
    ConnectionRefusedError,
)
_EXISTING_ID = re.compile(r"Existing ID: (\d+)")


def refused(status: int, headers: Mapping[str, str], body: bytes, *, writing: bool) -> RemoteError:
    """The error that this answer, other than 2xx, means."""
    complaint = _read(body)
    after_s = _seconds(headers.get("Retry-After"))
    if complaint is None and status == 404 and body:
        return not_understood(status, writing=writing)
    said = complaint or Complaint()
    match status:
        case 423:
            return _error(RateLimited, said, status, "the object type is locked", after_s or _LOCK_RETRY_S)
        case 429:
            return _limited(said, after_s)
        case 437:
            remedy = "delete labels in hubspot that nobody uses; two object types can have 50"
            return _error(Rejected, said, status, "hubspot allows no more labels", remedy=remedy)
        case 477:
            return _error(QuotaExhausted, said, status, "the account is being moved", after_s or _MOVING_RETRY_S)
        case _ if 400 <= status < 500 and status != 408:
            return _by_code(said, status)
    kind = OutcomeUnknown if writing else ServerTrouble
    return _error(kind, said, status, f"hubspot answered {status}", after_s)


def refused_row(complaint: Complaint, *, writing: bool) -> RemoteError:
    """The error that a batch names for one of its rows."""
    if complaint.category in _UNSURE:
        kind = OutcomeUnknown if writing else ServerTrouble
        return _error(kind, complaint, None, "hubspot failed over this row")
    return _by_code(complaint, None)


def not_understood(status: int | None, *, writing: bool, request_id: str | None = None) -> RemoteError:
    """The answer is not HubSpot's: a proxy's page, or half a document (trap 4)."""
    kind = OutcomeUnknown if writing else ServerTrouble
    return kind("hubspot's answer can't be read", system=SYSTEM, status=status, request_id=request_id)


def not_answered(exc: Exception, *, writing: bool) -> RemoteError:
    """The network failed. Only what surely kept the request from being sent is Unreachable."""
    if isinstance(exc, _UNSENT) or "certificate verify failed" in str(exc).lower():
        return Unreachable("hubspot can't be reached", system=SYSTEM, remedy="check base_url and the network")
    kind = OutcomeUnknown if writing else ServerTrouble
    return kind("hubspot did not answer", system=SYSTEM)


def on_record(error: RemoteError, id: str) -> AlreadyExists:
    """This refusal, naming the record that has the value already. The value itself is not told (P9)."""
    about = f" over {', '.join(error.fields)}" if error.fields else ""
    return AlreadyExists(
        f"hubspot refused the request{about}: record {id} has the value already",
        system=SYSTEM,
        status=error.status,
        code=error.code,
        request_id=error.request_id,
        existing_id=id,
        fields=error.fields,
        remedy=f"look at record {id} in hubspot: merge the two, or change the value; then: syncd held retry",
    )


def blamed(complaint: Complaint, name: str) -> tuple[str, ...]:
    """What the error's context says under this name; HubSpot writes a list, and at times a plain string."""
    return tuple(_context(complaint, name))


def _limited(said: Complaint, after_s: float | None) -> RemoteError:
    """The three policies of a 429 (section 3.3, trap 21)."""
    policy = f"{said.policy_name or ''} {said.message or ''}".upper()
    if "DAILY" in policy:
        return _error(QuotaExhausted, said, 429, "the account's daily calls are spent", after_s or _DAY_RETRY_S)
    secondly = "SECONDLY" in policy and "TEN_SECONDLY" not in policy
    wait_s = after_s or (_SEARCH_RETRY_S if secondly else _BURST_RETRY_S)
    return _error(RateLimited, said, 429, "hubspot asks for a pause", wait_s)


def _by_code(said: Complaint, status: int | None) -> RemoteError:
    if status in (401, 403):
        kind = _BY_STATUS[status]
    else:
        named = (_BY_CODE[code] for code in _codes(said) if code in _BY_CODE)
        kind = next(named, _BY_STATUS.get(status or 0, Rejected))
    if kind is Forbidden:
        return _error(kind, said, status, "the token may not do this", remedy=_scopes_remedy(said))
    if kind is Unauthorized:
        remedy = "put a valid token into the variable that token_env names"
        return _error(kind, said, status, "hubspot does not accept the token", remedy=remedy)
    error = _error(kind, said, status, "hubspot refused the request", _LOCK_RETRY_S if kind is RateLimited else None)
    return error if error.existing_id is None else on_record(error, error.existing_id)


def _error(
    kind: type[RemoteError],
    said: Complaint,
    status: int | None,
    sentence: str,
    retry_after_s: float | None = None,
    *,
    remedy: str | None = None,
) -> RemoteError:
    codes = list(_codes(said))
    fields = tuple(dict.fromkeys(_fields(said)))
    code = codes[0] if codes else said.policy_name or said.error_type
    about = f" over {', '.join(fields)}" if fields else ""
    because = f" ({code.lower()})" if code else ""
    return kind(
        f"{sentence}{about}{because}",
        system=SYSTEM,
        status=status,
        code=code,
        request_id=said.correlation_id,
        retry_after_s=retry_after_s,
        existing_id=_existing_id(said) if kind is AlreadyExists else None,
        fields=fields,
        remedy=remedy or next((_REMEDIES[name] for name in codes if name in _REMEDIES), None),
    )


def _read(body: bytes) -> Complaint | None:
    try:
        return msgspec.json.decode(body, type=Complaint)
    except (msgspec.DecodeError, UnicodeDecodeError):
        return None


def _codes(said: Complaint) -> Iterator[str]:
    """Most precise first: codes of single properties, then of associations, then the category."""
    yield from (detail["error"] for detail in _details(said))
    for inner in said.errors or ():
        if inner.code:
            yield inner.code
    yield from (code for code in _IN_CONTEXT if code in (said.context or {}))
    yield from (code for code in (said.code, said.category) if code)


def _fields(said: Complaint) -> Iterator[str]:
    """The properties that an error is about; HubSpot has four places for them."""
    for part in (*(said.errors or ()), said):
        yield from _context(part, "propertyName")
        yield from _context(part, "properties")
        if part.field:
            yield part.field
    yield from (detail["name"] for detail in _details(said) if isinstance(detail.get("name"), str))


def _details(said: Complaint) -> Iterable[dict[str, Any]]:
    """The JSON list that property failures hide inside `message` (section 6)."""
    text = said.message or ""
    start = text.find("[{")
    if start < 0:
        return []
    try:
        found = msgspec.json.decode(text[start : text.rfind("]") + 1])
    except msgspec.DecodeError:
        return []
    # Without a code it is something else that the message quotes, and its `name` may be a company's.
    return [detail for detail in found if isinstance(detail, dict) and isinstance(detail.get("error"), str)]


def _existing_id(said: Complaint) -> str | None:
    for part in (said, *(said.errors or ())):
        for existing in _context(part, "existingId"):
            if existing.isdecimal():
                return existing
        if stated := _EXISTING_ID.search(part.message or ""):
            return stated[1]
    return None


def _scopes_remedy(said: Complaint) -> str:
    names = [
        scope
        for part in (said, *(said.errors or ()))
        for key in ("requiredGranularScopes", "requiredScopes")
        for scope in _context(part, key)
    ]
    wanted = ", ".join(dict.fromkeys(names))
    return f"give the token these scopes: {wanted}" if wanted else "give the token the scopes that `syncd check` lists"


def _context(said: Complaint, name: str) -> Iterator[str]:
    found = (said.context or {}).get(name)
    yield from (str(entry) for entry in (found if isinstance(found, list) else [found]) if entry is not None)


def _seconds(text: str | None) -> float | None:
    try:
        return max(0.0, float(text)) if text else None
    except ValueError:
        return None
