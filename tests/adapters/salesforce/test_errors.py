"""Salesforce's errors and our tree: by code, then by status, and never a value in the message."""

from __future__ import annotations

from typing import Any

import pytest
import requests
import urllib3

from syncd.adapters.salesforce.errors import not_answered, refused, refused_row
from syncd.adapters.salesforce.shapes import Complaint
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

PRIVATE = "Storgatan 4711"


def said(code: str, message: str = PRIVATE, **more: Any) -> list[dict[str, Any]]:
    return [{"errorCode": code, "message": message, **more}]


def row(code: str, *fields: str, message: str = PRIVATE) -> list[Complaint]:
    return [Complaint(status_code=code, message=message, fields=list(fields))]


@pytest.mark.parametrize(
    ("status", "code", "kind"),
    [
        (401, "INVALID_SESSION_ID", Unauthorized),
        (401, "INVALID_AUTH_HEADER", Unauthorized),
        (403, "INSUFFICIENT_ACCESS", Forbidden),
        (400, "INSUFFICIENT_ACCESS_OR_READONLY", Forbidden),
        (403, "API_DISABLED_FOR_ORG", Forbidden),
        (403, "SOMETHING_NEW", Forbidden),
        (404, "NOT_FOUND", Missing),
        (404, "ENTITY_IS_DELETED", Missing),
        (412, "ENTITY_FAILED_IFLASTMODIFIED_ON_UPDATE", PreconditionFailed),
        (400, "UNABLE_TO_LOCK_ROW", RateLimited),
        (400, "DUPLICATE_VALUE", AlreadyExists),
        (400, "QUERY_TIMEOUT", ServerTrouble),
        (400, "INVALID_QUERY_LOCATOR", ServerTrouble),
        (503, "SERVER_UNAVAILABLE", ServerTrouble),
        (400, "MALFORMED_QUERY", Rejected),
        (400, "INVALID_FIELD", Rejected),
        (400, "A_CODE_OF_NEXT_YEAR", Rejected),
    ],
)
def test_a_code_has_its_class(status: int, code: str, kind: type[RemoteError]) -> None:
    error = refused(status, said(code), {}, writing=False)

    assert type(error) is kind
    assert (error.status, error.code, error.system) == (status, code, "salesforce")
    assert PRIVATE not in f"{error} {error.remedy}"


def test_two_limits_share_a_code() -> None:
    """salesforce.md trap 28: the day's calls are spent, or too many long ones run; only the text tells."""
    day = refused(403, said("REQUEST_LIMIT_EXCEEDED", "TotalRequests Limit exceeded."), {}, writing=True)
    crowd = refused(403, said("REQUEST_LIMIT_EXCEEDED", "ConcurrentRequests Limit exceeded."), {}, writing=True)

    assert (type(day), type(crowd)) == (QuotaExhausted, RateLimited)
    assert (day.retry_after_s or 0.0) > 60.0 > (crowd.retry_after_s or 0.0) > 0.0


@pytest.mark.parametrize("status", [406, 420, 500, 502, 503, 504])
@pytest.mark.parametrize("body", ["<html>busy</html>", "", [], {}])
def test_a_page_of_the_edge_is_trouble(status: int, body: Any) -> None:
    """salesforce.md trap 40: no JSON, or no body at all; a write may have landed."""
    assert type(refused(status, body, {}, writing=False)) is ServerTrouble
    assert type(refused(status, body, {}, writing=True)) is OutcomeUnknown


def test_a_412_counts_by_its_status() -> None:
    """salesforce.md trap 35: its body's code is not documented, and may be empty."""
    assert type(refused(412, "", {}, writing=True)) is PreconditionFailed
    assert type(refused(412, said("ANYTHING"), {}, writing=True)) is PreconditionFailed


def test_a_404_without_a_word_of_salesforces_is_no_evidence() -> None:
    assert type(refused(404, "<html>404</html>", {}, writing=False)) is ServerTrouble


def test_a_404_that_talks_of_a_schema_is_a_missing_record() -> None:
    """salesforce.md trap 36."""
    text = "Provided external ID field does not exist or is not accessible: 006XXX"

    assert type(refused(404, said("NOT_FOUND", text), {}, writing=False)) is Missing


def test_several_holders_of_a_key_are_taken() -> None:
    """salesforce.md trap 11: 300, with a list of addresses for a body."""
    assert type(refused(300, ["/services/data/v67.0/sobjects/X/1"], {}, writing=True)) is AlreadyExists


@pytest.mark.parametrize("spelling", ["errorCode", "statusCode"])
@pytest.mark.parametrize("wrap", [list, lambda one: one[0]], ids=["list", "object"])
def test_every_spelling_of_an_error_is_read(spelling: str, wrap: Any) -> None:
    """salesforce.md trap 8, with the odd key of duplicate rules beside it."""
    body = [{spelling: "DUPLICATES_DETECTED", "message": PRIVATE, "duplicateResut": {"allowSave": True}}]

    error = refused(400, wrap(body), {}, writing=True)

    assert (type(error), error.code) == (Rejected, "DUPLICATES_DETECTED")
    assert "duplicate rule" in str(error.remedy)


@pytest.mark.parametrize(
    ("code", "field"),
    [
        ("REQUIRED_FIELD_MISSING", "CloseDate"),
        ("FIELD_CUSTOM_VALIDATION_EXCEPTION", "Amount"),
        ("INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST", "StageName"),
        ("INACTIVE_OWNER_OR_USER", "OwnerId"),
        ("STRING_TOO_LONG", "Name"),
        ("NUMBER_OUTSIDE_VALID_RANGE", "Amount"),
        ("INVALID_CROSS_REFERENCE_KEY", "AccountId"),
        ("INVALID_FIELD_FOR_INSERT_UPDATE", "Amount"),
    ],
)
def test_a_refused_row_names_the_field_and_the_remedy(code: str, field: str) -> None:
    error = refused_row(row(code, field))

    assert (type(error), error.fields, error.code) == (Rejected, (field,), code)
    assert error.remedy
    assert field in str(error)
    assert PRIVATE not in f"{error} {error.remedy}"


@pytest.mark.parametrize(
    ("code", "kind"),
    [
        ("UNABLE_TO_LOCK_ROW", RateLimited),
        ("ENTITY_IS_DELETED", Missing),
        ("INVALID_CROSS_REFERENCE_KEY", Missing),
        ("INSUFFICIENT_ACCESS_OR_READONLY", Forbidden),
        ("UNKNOWN_EXCEPTION", OutcomeUnknown),
        ("ALL_OR_NONE_OPERATION_ROLLED_BACK", ServerTrouble),
        ("REQUEST_LIMIT_EXCEEDED", QuotaExhausted),
        ("ENTITY_IS_LOCKED", Rejected),
        ("DUPLICATE_EXTERNAL_ID", Rejected),
    ],
)
def test_a_refused_row_has_its_next_step(code: str, kind: type[RemoteError]) -> None:
    assert type(refused_row(row(code))) is kind


def test_a_flow_that_met_a_lock_is_tried_again() -> None:
    """salesforce.md trap 30: the trigger's failure wraps the code of its cause."""
    text = "Account_Flow: execution of BeforeUpdate caused by: UNABLE_TO_LOCK_ROW"

    assert type(refused_row(row("CANNOT_INSERT_UPDATE_ACTIVATE_ENTITY", message=text))) is RateLimited
    assert type(refused_row(row("CANNOT_INSERT_UPDATE_ACTIVATE_ENTITY"))) is Rejected


def test_a_taken_key_names_its_holder() -> None:
    text = "duplicate value found: Propstreet_Id__c duplicates value on record with id: 006D000000CVE7O"

    error = refused_row(row("DUPLICATE_VALUE", message=text), key="Propstreet_Id__c")

    assert (type(error), error.existing_id) == (AlreadyExists, "006D000000CVE7OIAX")


def test_another_taken_value_is_for_a_person() -> None:
    """Looking for our key would find nothing."""
    assert type(refused_row(row("DUPLICATE_VALUE", "Number__c"), key="Propstreet_Id__c")) is Rejected


def packed(reason: Exception) -> requests.ConnectionError:
    """As requests packs urllib3's errors."""
    pool = urllib3.HTTPSConnectionPool("acme.my.salesforce.com")
    return requests.ConnectionError(urllib3.exceptions.MaxRetryError(pool, "/", reason))


@pytest.mark.parametrize(
    "exc",
    [
        packed(urllib3.exceptions.NewConnectionError(urllib3.connection.HTTPConnection("127.0.0.1"), "refused")),
        requests.ConnectTimeout("timed out"),
        requests.exceptions.SSLError("certificate verify failed: self-signed"),
    ],
)
def test_what_was_surely_not_sent_is_unreachable(exc: Exception) -> None:
    assert type(not_answered(exc, writing=True)) is Unreachable


@pytest.mark.parametrize(
    "exc", [requests.ReadTimeout("late"), packed(urllib3.exceptions.ProtocolError("aborted", ConnectionResetError()))]
)
def test_what_may_have_been_sent_is_unknown(exc: Exception) -> None:
    """salesforce.md 9.2."""
    assert type(not_answered(exc, writing=True)) is OutcomeUnknown
    assert type(not_answered(exc, writing=False)) is ServerTrouble
