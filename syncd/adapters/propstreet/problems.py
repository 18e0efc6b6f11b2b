"""Turns every way a Propstreet call can fail into our error tree. The only place that knows its error shapes.

Branches on the status first, then on the last segment of the problem's `type`, which both type families share
(propstreet.md section 8). Never on `title` or `detail`, and never repeats them: they may hold people's data.
"""

from __future__ import annotations

import re
from email.utils import parsedate_to_datetime

import httpx

from syncd.errors import (
    AlreadyExists,
    Forbidden,
    Missing,
    OutcomeUnknown,
    PreconditionFailed,
    RateLimited,
    Rejected,
    RemoteError,
    ServerTrouble,
    Unauthorized,
    Unreachable,
)

from .wire import SYSTEM, Answer, Call, Json, decode_object

_RACES = ("concurrency-conflict", "precondition-failed")
_KEYS = ("externalRefs", "email")  # unique: the refs of any record, the address of a contact
_CODE = re.compile(r"[A-Za-z0-9_.-]{1,60}$")
_FIELD = re.compile(r"[A-Za-z0-9_.\[\]$-]{1,80}$")
_FIELDS_MAX = 20
_NUMBER = re.compile(r"\s*\d{1,12}(\.\d{1,9})?\s*")


def error_of(answer: Answer, call: Call, *, now: float) -> RemoteError:
    """The error that this answer is. `now` is wall time, for a Retry-After that is a date."""
    problem = decode_object(answer.body) or {}
    code, fields = _code(problem), _fields(problem)
    kind = _kind(answer, code, fields, call)
    return kind(
        _message(kind, call, answer.status, code),
        system=SYSTEM,
        status=answer.status,
        code=code,
        request_id=answer.headers.get("x-request-id"),
        retry_after_s=retry_after_s(answer, now),
        fields=fields,
        remedy=_REMEDIES.get(kind),
    )


def error_of_line(exc: httpx.HTTPError, call: Call) -> RemoteError:
    """The error of a call that got no answer: a write that left us may have landed."""
    kind: type[RemoteError]
    if isinstance(exc, httpx.ConnectError | httpx.ConnectTimeout | httpx.PoolTimeout):
        kind = Unreachable
    elif isinstance(exc, httpx.LocalProtocolError | httpx.UnsupportedProtocol):
        kind = Rejected
    else:
        kind = OutcomeUnknown if call.writes else ServerTrouble
    return kind(_message(kind, call, None, type(exc).__name__), system=SYSTEM, remedy=_REMEDIES.get(kind))


def broken_answer(answer: Answer, call: Call) -> RemoteError:
    """A success that is not Propstreet's JSON: a proxy's sign-in page, half a document."""
    kind = OutcomeUnknown if call.writes else ServerTrouble
    message = f"propstreet's answer about {call.what} is not the JSON it should be"
    remedy = "check that base_url is Propstreet itself and not a proxy's sign-in page"
    return kind(message, system=SYSTEM, status=answer.status, remedy=remedy)


def retry_after_s(answer: Answer, now: float) -> float | None:
    """Seconds from Retry-After, which may also be a date; on a 429 without it, those to the reset of the limit."""
    text = answer.headers.get("retry-after")
    if text is None and answer.status == 429:
        text = answer.headers.get("ratelimit-reset")
    if text is None:
        return None
    if (seconds := number(text)) is not None:
        return max(seconds, 0.0)
    try:
        return max(parsedate_to_datetime(text).timestamp() - now, 0.0)
    except (ValueError, OverflowError):
        return None


def number(text: str | None) -> float | None:
    """A plain count or count of seconds in a header; None for anything else."""
    if text is None or _NUMBER.fullmatch(text) is None:
        return None
    return float(text)


def _kind(answer: Answer, code: str | None, fields: tuple[str, ...], call: Call) -> type[RemoteError]:
    trouble = OutcomeUnknown if call.writes else ServerTrouble
    match answer.status:
        case 401:
            return Unauthorized
        case 403:
            return Forbidden
        case 404 | 410:
            # A proxy's own page says nothing about the record, and Missing counts as a deletion further up.
            return trouble if "html" in answer.headers.get("content-type", "") else Missing
        case 400 | 422 if "duplicate" in (code or ""):
            return AlreadyExists  # section 13: a taken ref is a 409, or one of these
        case 409:
            return _conflict(code, fields, call)
        case 412 | 428:
            return PreconditionFailed
        case 429:
            return RateLimited
        case status if status == 408 or status >= 500 or status < 400:
            return trouble
        case _:
            return Rejected


def _conflict(code: str | None, fields: tuple[str, ...], call: Call) -> type[RemoteError]:
    """409 is many things (propstreet.md trap 41); an old guide has a stale tag answered by an unnamed one."""
    named = code or ""
    if named in _RACES:
        return PreconditionFailed
    about_keys = any(field.startswith(_KEYS) for field in fields)
    if about_keys or "duplicate" in named or "external-ref" in named:
        return AlreadyExists
    if call.creates:
        return Rejected if "blocked" in named else AlreadyExists
    return Rejected if named or call.method == "POST" else PreconditionFailed


def _code(problem: Json) -> str | None:
    kind = problem.get("type")
    if not isinstance(kind, str):
        return None
    last = re.split(r"[/:]", kind.rstrip("/"))[-1]
    return last if _CODE.match(last) and last != "rfc7807" else None


def _fields(problem: Json) -> tuple[str, ...]:
    errors = problem.get("errors")
    if not isinstance(errors, dict):
        return ()
    return tuple(name for name in errors if _FIELD.match(name))[:_FIELDS_MAX]


_SENTENCES: dict[type[RemoteError], str] = {
    Unauthorized: "propstreet does not accept our token for {what}",
    Forbidden: "propstreet does not let this user touch {what}",
    Missing: "{what} is not in propstreet, or not visible to this user",
    AlreadyExists: "propstreet says that {what} exists already",
    PreconditionFailed: "{what} was changed in propstreet since we read it",
    RateLimited: "propstreet asks us to slow down before {what}",
    Rejected: "propstreet refuses {what} as it is",
    OutcomeUnknown: "nobody knows whether the write to {what} in propstreet took effect",
    ServerTrouble: "propstreet could not answer about {what}",
    Unreachable: "propstreet can't be reached for {what}",
}

_REMEDIES: dict[type[RemoteError], str] = {
    Unauthorized: "make a new token in Propstreet, put it into the environment, and run syncd check",
    Forbidden: "give the user of the token the broker role, or take the record out of the sync",
    Unreachable: "check base_url and the network, then run syncd check",
}


def _message(kind: type[RemoteError], call: Call, status: int | None, code: str | None) -> str:
    facts = " ".join(str(fact) for fact in (status, code) if fact is not None)
    return f"{_SENTENCES[kind].format(what=call.what)} ({facts})" if facts else _SENTENCES[kind].format(what=call.what)
