"""Every way a call can fail becomes one class of the error tree, with facts and without secrets."""

from __future__ import annotations

from datetime import UTC, datetime

import httpx
import pytest

from syncd.adapters.propstreet.problems import error_of, error_of_line, retry_after_s
from syncd.adapters.propstreet.wire import Answer, Call
from syncd.errors import (
    AlreadyExists,
    Forbidden,
    Missing,
    NextStep,
    OutcomeUnknown,
    PreconditionFailed,
    RateLimited,
    Rejected,
    RemoteError,
    ServerTrouble,
    Unauthorized,
    Unreachable,
)

READ = Call(method="GET", target="/api/v1/projects/9001", what="project 9001")
POST = Call(method="POST", target="/api/v1/projects", what="a new project", creates=True)
STEP = Call(method="POST", target="/api/v1/projects/9001/prospects/1/remove", what="prospect 1")
PATCH = Call(method="PATCH", target="/api/v1/projects/9001", what="project 9001")


def answer(status: int, type: str | None = None, **headers: str) -> Answer:
    body = b'{"type":"%s","detail":"Anna Andersson 82.5"}' % type.encode() if type else b""
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return Answer(status, named, body)


@pytest.mark.parametrize(
    ("call", "status", "type", "expected"),
    [
        (READ, 400, "/help/validation-failed", Rejected),
        (POST, 400, "/help/duplicate-external-ref", AlreadyExists),
        (POST, 422, "urn:propstreet:error:duplicate-external-ref", AlreadyExists),
        (READ, 401, None, Unauthorized),
        (PATCH, 401, None, Unauthorized),
        (READ, 403, None, Forbidden),
        (READ, 404, None, Missing),
        (PATCH, 404, "/help/not-found", Missing),
        (READ, 408, None, ServerTrouble),
        (READ, 410, None, Missing),
        (PATCH, 412, "urn:propstreet:error:precondition-failed", PreconditionFailed),
        (PATCH, 412, "/help/precondition-failed", PreconditionFailed),
        (PATCH, 413, None, Rejected),
        (PATCH, 422, None, Rejected),
        (PATCH, 428, "/help/precondition-required", PreconditionFailed),
        (READ, 429, None, RateLimited),
        (PATCH, 429, None, RateLimited),
        (READ, 500, None, ServerTrouble),
        (PATCH, 500, None, OutcomeUnknown),
        (POST, 502, None, OutcomeUnknown),
        (PATCH, 503, None, OutcomeUnknown),
        (READ, 504, None, ServerTrouble),
        (READ, 302, None, ServerTrouble),
        (PATCH, 302, None, OutcomeUnknown),
    ],
)
def test_status_decides(call: Call, status: int, type: str | None, expected: type[RemoteError]) -> None:
    error = error_of(answer(status, type), call, now=0)

    assert expected is error.__class__
    assert error.status == status


@pytest.mark.parametrize(
    ("call", "type", "expected"),
    [
        (PATCH, "/help/concurrency-conflict", PreconditionFailed),
        (PATCH, "urn:propstreet:error:precondition-failed", PreconditionFailed),
        (PATCH, "https://tools.ietf.org/html/rfc7807", PreconditionFailed),
        (PATCH, None, PreconditionFailed),
        (PATCH, "/help/duplicate-external-ref", AlreadyExists),
        (POST, "/help/duplicate-external-ref", AlreadyExists),
        (POST, "https://tools.ietf.org/html/rfc7807", AlreadyExists),
        (POST, None, AlreadyExists),
        (PATCH, "/help/teaser-already-published", Rejected),
        (PATCH, "/help/something-new", Rejected),
        (POST, "/help/contact-blocked", Rejected),
        (POST, "/help/something-new", AlreadyExists),
        (STEP, "/help/concurrency-conflict", PreconditionFailed),
        (STEP, "/help/something-new", Rejected),
        (STEP, None, Rejected),
    ],
)
def test_409_is_not_one_thing(call: Call, type: str | None, expected: type[RemoteError]) -> None:
    """propstreet.md trap 41: branch on the last segment of the type, in both families and the oldest guide."""
    assert expected is error_of(answer(409, type), call, now=0).__class__


@pytest.mark.parametrize("field", ["externalRefs[0].id", "email", "emails[0].address"])
def test_409_about_a_unique_field_is_a_taken_one(field: str) -> None:
    """propstreet.md section 13; and a contact's address is unique in the organisation (section 17.1)."""
    body = b'{"errors":{"%s":["taken"]}}' % field.encode()

    error = error_of(Answer(409, {}, body), PATCH, now=0)

    assert isinstance(error, AlreadyExists)
    assert error.fields == (field,)


@pytest.mark.parametrize("body", [b"", b"<html>denied</html>", b'"text"', b"[1]", b"{", b"\xff\xfe"])
def test_bodies_that_are_no_problem_document(body: bytes) -> None:
    """propstreet.md trap 42: a 403 may have no body at all."""
    error = error_of(Answer(403, {}, body), READ, now=0)

    assert isinstance(error, Forbidden)
    assert error.code is None


def test_a_proxys_page_is_no_evidence_of_a_deletion() -> None:
    """A 404 counts as gone further up, so a 404 that is not Propstreet's own is trouble instead."""
    page = Answer(404, {"content-type": "text/html"}, b"<html>not here</html>")

    assert isinstance(error_of(page, READ, now=0), ServerTrouble)
    assert isinstance(error_of(page, PATCH, now=0), OutcomeUnknown)


def test_facts_are_attributes_and_the_detail_stays_out() -> None:
    """The code and the field names are facts; title, detail and messages may hold people's data."""
    body = b'{"type":"/help/validation-failed","title":"Anna","detail":"82.5","errors":{"price":["82.5"]}}'

    error = error_of(Answer(400, {"x-request-id": "r-1"}, body), PATCH, now=0)

    assert (error.code, error.fields, error.request_id) == ("validation-failed", ("price",), "r-1")
    assert (error.system, error.next_step) == ("propstreet", NextStep.HOLD)
    assert str(error) == "propstreet refuses project 9001 as it is (400 validation-failed)"


@pytest.mark.parametrize("type", ["/help/Anna Andersson", "/help/" + "x" * 80, "https://tools.ietf.org/html/rfc7807"])
def test_a_type_that_is_no_code_is_none(type: str) -> None:
    assert error_of(answer(400, type), PATCH, now=0).code is None


@pytest.mark.parametrize(
    ("status", "headers", "expected"),
    [
        (429, {"retry_after": "17"}, 17.0),
        (503, {"retry_after": "17"}, 17.0),
        (429, {"retry_after": "Wed, 20 May 2026 08:00:30 GMT"}, 30.0),
        (429, {"retry_after": "Wed, 20 May 2026 07:00:00 GMT"}, 0.0),
        (429, {"ratelimit_reset": "9"}, 9.0),
        (503, {"ratelimit_reset": "9"}, None),
        (429, {"retry_after": "soon"}, None),
        (429, {"retry_after": "nan"}, None),
        (429, {}, None),
    ],
)
def test_retry_after_in_seconds_or_as_a_date(status: int, headers: dict[str, str], expected: float | None) -> None:
    """propstreet.md section 3: seconds are documented, the date form is not ruled out."""
    now = datetime(2026, 5, 20, 8, 0, 0, tzinfo=UTC).timestamp()

    assert expected == retry_after_s(answer(status, **headers), now)


@pytest.mark.parametrize(
    ("exc", "for_a_read", "for_a_write"),
    [
        (httpx.ConnectError("refused"), Unreachable, Unreachable),
        (httpx.ConnectTimeout("slow"), Unreachable, Unreachable),
        (httpx.PoolTimeout("busy"), Unreachable, Unreachable),
        (httpx.ReadTimeout("slow"), ServerTrouble, OutcomeUnknown),
        (httpx.WriteTimeout("slow"), ServerTrouble, OutcomeUnknown),
        (httpx.ReadError("reset"), ServerTrouble, OutcomeUnknown),
        (httpx.WriteError("reset"), ServerTrouble, OutcomeUnknown),
        (httpx.RemoteProtocolError("cut"), ServerTrouble, OutcomeUnknown),
        (httpx.DecodingError("gzip"), ServerTrouble, OutcomeUnknown),
        (httpx.LocalProtocolError("header"), Rejected, Rejected),
    ],
)
def test_no_answer(exc: httpx.HTTPError, for_a_read: type[RemoteError], for_a_write: type[RemoteError]) -> None:
    """A write that left us may have landed; one that never connected has not."""
    assert for_a_read is error_of_line(exc, READ).__class__
    assert for_a_write is error_of_line(exc, PATCH).__class__
