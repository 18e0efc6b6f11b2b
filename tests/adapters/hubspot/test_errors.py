"""From answers to the error tree: status, code, category, policy; facts attached, values left out."""

from __future__ import annotations

import json
import ssl
from typing import Any

import pytest
import urllib3.exceptions
from urllib3 import HTTPHeaderDict

from syncd.adapters.hubspot.errors import not_answered, not_understood, refused, refused_row
from syncd.adapters.hubspot.shapes import Complaint
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

from .peer import REFUSED, RESET, TIMED_OUT


def answered(status: int, body: Any = b"", *, writing: bool = False, **headers: str) -> RemoteError:
    data = body if isinstance(body, bytes) else json.dumps(body).encode()
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return refused(status, HTTPHeaderDict(named), data, writing=writing)


@pytest.mark.parametrize(
    ("status", "reading", "writing"),
    [
        (302, ServerTrouble, OutcomeUnknown),
        (400, Rejected, Rejected),
        (401, Unauthorized, Unauthorized),
        (403, Forbidden, Forbidden),
        (404, Missing, Missing),
        (408, ServerTrouble, OutcomeUnknown),
        (409, AlreadyExists, AlreadyExists),
        (412, PreconditionFailed, PreconditionFailed),
        (413, Rejected, Rejected),
        (422, Rejected, Rejected),
        (423, RateLimited, RateLimited),
        (429, RateLimited, RateLimited),
        (437, Rejected, Rejected),
        (477, QuotaExhausted, QuotaExhausted),
        (500, ServerTrouble, OutcomeUnknown),
        (502, ServerTrouble, OutcomeUnknown),
        (524, ServerTrouble, OutcomeUnknown),
    ],
)
def test_every_status_has_its_class(status: int, reading: type, writing: type) -> None:
    """The table of hubspot.md section 6; bodies can be empty."""
    for kind, error in ((reading, answered(status)), (writing, answered(status, writing=True))):
        assert kind is type(error)
        assert ("hubspot", status) == (error.system, error.status)
        assert str(error)[0].islower()


def test_the_three_policies_of_a_429_are_told_apart() -> None:
    """hubspot.md trap 21: the day's end is no reason to try again in ten seconds."""
    rolling = answered(429, {"policyName": "TEN_SECONDLY_ROLLING", "message": "your ten_secondly_rolling limit"})
    secondly = answered(429, {"policyName": "SECONDLY"})
    by_text = answered(429, {"message": "You have reached your secondly limit."})
    daily = answered(429, {"policyName": "DAILY", "message": "You have reached your daily limit."})

    assert (RateLimited, 10.0) == (type(rolling), rolling.retry_after_s)
    assert (RateLimited, 1.0) == (type(secondly), secondly.retry_after_s)
    assert (RateLimited, 1.0) == (type(by_text), by_text.retry_after_s)
    assert QuotaExhausted is type(daily)


@pytest.mark.parametrize(("status", "body"), [(429, {"policyName": "SECONDLY"}), (477, {}), (423, {})])
def test_a_retry_after_is_honoured(status: int, body: dict[str, str]) -> None:
    assert answered(status, body, retry_after="17").retry_after_s == 17.0


def test_a_lock_waits_two_seconds() -> None:
    """hubspot.md trap 35."""
    assert answered(423).retry_after_s == 2.0


def test_missing_scopes_are_named() -> None:
    """hubspot.md trap 40: an admin's edit of the scopes is a thing to mend, and says which."""
    scopes = ["crm.objects.deals.write", "crm.schemas.deals.write"]
    body = {"category": "MISSING_SCOPES", "errors": [{"context": {"requiredGranularScopes": scopes}}]}

    error = answered(403, body)

    assert Forbidden is type(error)
    assert error.remedy == "give the token these scopes: crm.objects.deals.write, crm.schemas.deals.write"


@pytest.mark.parametrize(
    "body",
    [
        {"category": "CONFLICT", "message": "Deal already exists. Existing ID: 170000000123"},
        {"category": "CONFLICT", "context": {"existingId": ["170000000123"]}},
        {"category": "CONFLICT", "context": {"existingId": "170000000123"}},
    ],
)
def test_a_conflict_names_the_existing_record(body: dict[str, Any]) -> None:
    """From the context, or from the one prose that may be parsed; a plain string is as good as a list."""
    error = answered(409, body)

    assert error.existing_id == "170000000123"
    assert "170000000123" in str(error)
    assert "170000000123" in (error.remedy or "")


@pytest.mark.parametrize(
    ("code", "kind"),
    [
        ("INVALID_OBJECT_IDS", Missing),
        ("INVALID_ASSOCIATION_TYPE_ID", Rejected),
        ("ASSOCIATION_LIMIT_EXCEEDED", Rejected),
    ],
)
def test_what_is_wrong_with_an_association_stands_in_the_context(code: str, kind: type) -> None:
    """As a key; the category says no more than that something is."""
    error = refused_row(
        Complaint(category="VALIDATION_ERROR", context={code: ["CONTACT=9 is not valid"]}), writing=True
    )

    assert (kind, code) == (type(error), error.code)
    assert error.remedy


def test_the_fifty_first_label_has_a_remedy() -> None:
    """hubspot.md section 3.4: 437."""
    error = answered(437, {"category": "VALIDATION_ERROR"})

    assert isinstance(error, Rejected)
    assert "delete labels" in (error.remedy or "")


def test_a_quoted_record_is_no_list_of_properties() -> None:
    """P9: its `name` is a company's, and not that of a property which is wrong."""
    error = answered(400, {"category": "VALIDATION_ERROR", "message": 'not valid: [{"name": "Secret Fund"}]'})

    assert error.fields == ()
    assert "Secret" not in str(error)


def test_a_taken_unique_value_is_a_conflict_also_as_400() -> None:
    """hubspot.md trap 43: the code decides, not the status."""
    problem = {"code": "CONFLICTING_UNIQUE_VALUE", "context": {"propertyName": ["propstreet_id"]}}

    error = answered(400, {"category": "VALIDATION_ERROR", "errors": [problem]})

    assert (AlreadyExists, ("propstreet_id",)) == (type(error), error.fields)


@pytest.mark.parametrize("code", ["INVALID_OPTION", "READ_ONLY_VALUE", "PROPERTY_DOESNT_EXIST"])
def test_what_is_wrong_with_a_property_is_named_but_not_its_value(code: str) -> None:
    """hubspot.md traps 22, 23: code and property in the attributes, a remedy, and no value anywhere."""
    hidden = json.dumps([{"isValid": False, "message": "Strandvägen 7 is wrong", "error": code, "name": "dealstage"}])
    structured = {"code": code, "message": "Strandvägen 7 is wrong", "context": {"propertyName": ["dealstage"]}}
    message = f"Property values were not valid: {hidden}"
    bodies = [
        {"category": "VALIDATION_ERROR", "message": message},
        {"category": "VALIDATION_ERROR", "message": message, "errors": [structured], "correlationId": "c-1"},
        {"category": "VALIDATION_ERROR", "errors": [{"code": code, "in": "dealstage"}]},
    ]

    for error in (answered(400, body) for body in bodies):
        assert (Rejected, code, ("dealstage",)) == (type(error), error.code, error.fields)
        assert error.remedy
        assert "Strandvägen" not in f"{error} {error.remedy}"


def test_a_404_that_is_a_web_page_is_no_missing_record() -> None:
    """hubspot.md trap 41: a wrong address never reads as records that are gone."""
    assert ServerTrouble is type(answered(404, b"<html>not here</html>"))
    assert OutcomeUnknown is type(answered(404, b"<html>not here</html>", writing=True))


def test_odd_bodies_are_no_trouble() -> None:
    """Section 6: every field is optional; lists, texts, nulls and bytes that are no text have been seen."""
    for body in (
        b"\xff\xfe",
        b"[]",
        b'"no"',
        b'{"message":"\xff"}',
        {"message": None, "errors": None, "context": None},
        {"errors": "x"},
    ):
        assert Rejected is type(answered(400, body))


@pytest.mark.parametrize("writing", [True, False])
def test_only_what_was_surely_not_sent_is_unreachable(writing: bool) -> None:
    certificate = urllib3.exceptions.SSLError(ssl.SSLCertVerificationError("certificate verify failed"))
    broken_line = urllib3.exceptions.SSLError("decryption failed or bad record mac")
    unsent: list[Exception] = [REFUSED, ConnectionRefusedError(), certificate]
    unsure: list[Exception] = [TIMED_OUT, RESET, broken_line, OSError()]

    for exc in unsent:
        assert Unreachable is type(not_answered(exc, writing=writing))
    for exc in unsure:
        assert (OutcomeUnknown if writing else ServerTrouble) is type(not_answered(exc, writing=writing))


def test_an_answer_that_is_not_hubspots_may_hide_a_write() -> None:
    """hubspot.md trap 4."""
    assert OutcomeUnknown is type(not_understood(200, writing=True))
    assert ServerTrouble is type(not_understood(200, writing=False))


@pytest.mark.parametrize(
    ("category", "kind"),
    [
        ("OBJECT_NOT_FOUND", Missing),
        ("CONFLICT", AlreadyExists),
        ("VALIDATION_ERROR", Rejected),
        ("RATE_LIMITS", RateLimited),
        ("MISSING_SCOPES", Forbidden),
        ("INTERNAL_ERROR", OutcomeUnknown),
        (None, Rejected),
    ],
)
def test_a_rows_error_is_classified_by_its_category(category: str | None, kind: type) -> None:
    assert kind is type(refused_row(Complaint(category=category), writing=True))
