"""Logging in, sessions, limits and lengths of the twin (salesforce.md, sections 2.2, 2.4, 3.1, 3.9, 5, 6.1)."""

from __future__ import annotations

import base64
from typing import Any

import jwt
import msgspec
import pytest

from syncd.testing.sandbox.salesforce import App, RateLimit
from syncd.testing.sandbox.wire import Request

from .salesforce_client import OPPORTUNITIES, Client

TOKEN = "/services/oauth2/token"
HOST = "acme.my.salesforce.com"
BEARER = "grant_type=urn:ietf:params:oauth:grant-type:jwt-bearer&assertion="


def log_in(client: Client, form: str, *, basic: str | None = None, host: str = HOST) -> tuple[int, Any]:
    headers = {"host": host}
    if basic is not None:
        headers["authorization"] = "Basic " + base64.b64encode(basic.encode()).decode()
    response = client.twin(Request("POST", TOKEN, headers, form.encode()))
    return response.status, msgspec.json.decode(response.body)


def assertion(**claims: Any) -> str:
    claims = {"iss": "key", "sub": "a@b.test", "aud": "https://login.salesforce.com", "exp": "1790000100"} | claims
    return BEARER + jwt.encode(claims, "x" * 40)


def test_client_credentials_give_a_session() -> None:
    """salesforce.md, section 3.1: the instance is an https url, the id names org and user."""
    client = Client()

    status, granted = log_in(client, "grant_type=client_credentials", basic="key:secret")
    client.token = granted["access_token"]

    assert (status, granted["instance_url"]) == (200, "https://acme.my.salesforce.com")
    assert granted["id"].split("/")[-2:] == [client.twin.org.organization_id, client.twin.org.api_user]
    assert client.query("SELECT COUNT() FROM Opportunity")["totalSize"] == 0


def test_the_organisation_is_told_by_the_token_and_by_a_query() -> None:
    """salesforce.md trap 43: another org has another id."""
    client = Client()
    first = client.query("SELECT Id FROM Organization")["records"][0]["Id"]
    client.twin.switch(organization=2)
    second = client.query("SELECT Id FROM Organization")["records"][0]["Id"]

    _, granted = log_in(client, "grant_type=client_credentials", basic="key:secret")

    assert first != second
    assert second in granted["id"]


@pytest.mark.parametrize(
    ("form", "basic", "host", "error"),
    [
        ("grant_type=client_credentials", "key:wrong", HOST, "invalid_client"),
        ("grant_type=client_credentials", "other:secret", HOST, "invalid_client_id"),
        ("grant_type=client_credentials", "key:secret", "login.salesforce.com", "invalid_grant"),
        ("grant_type=client_credentials", None, HOST, "invalid_client_id"),
        ("grant_type=password&username=a&password=b", None, HOST, "unsupported_grant_type"),
        (assertion(iss="other"), None, HOST, "invalid_client_id"),
        (assertion(sub="nobody@b.test"), None, HOST, "invalid_grant"),
        (assertion(aud="https://evil.test"), None, HOST, "invalid_grant"),
        (BEARER + "x.y.z", None, HOST, "invalid_grant"),
    ],
)
def test_logins_are_refused_with_an_object(form: str, basic: str | None, host: str, error: str) -> None:
    """salesforce.md, section 6.1, shape 4: not the list of every other endpoint."""
    client = Client(apps={"key": App(secret="secret", usernames=frozenset({"a@b.test"}))})

    status, body = log_in(client, form, basic=basic, host=host)

    assert (status, body["error"]) == (400, error)
    assert body["error_description"]


def test_a_jwt_may_be_checked_for_its_age() -> None:
    client = Client(jwt_expiry="checked")

    assert log_in(client, assertion())[0] == 200
    client.clock.advance(101)
    assert log_in(client, assertion())[0] == 400


def test_a_session_ends_and_a_new_one_works() -> None:
    """salesforce.md, section 2.4: INVALID_SESSION_ID, in a list."""
    client = Client(session_life_s=60)
    client.clock.advance(61)

    assert client.refused("GET", "/limits", status=401) == "INVALID_SESSION_ID"
    client.token = client.twin.open_session()
    client.ask("GET", "/limits")
    client.twin.expire_sessions()
    assert client.refused("GET", "/limits", status=401) == "INVALID_SESSION_ID"


def test_a_session_that_no_login_cures() -> None:
    """salesforce.md trap 39."""
    client = Client(session_incurable=True)
    client.token = log_in(client, "grant_type=client_credentials", basic="key:secret")[1]["access_token"]

    assert client.refused("GET", "/limits", status=401) == "INVALID_SESSION_ID"


def test_other_ways_to_be_shut_out() -> None:
    client = Client(api_enabled=False)

    assert client.refused("GET", "/limits", status=403) == "API_DISABLED_FOR_ORG"
    assert client.refused("GET", "/limits", status=401, authorization="Basic eA==") == "INVALID_AUTH_HEADER"


def test_versions_are_listed_without_a_session_and_not_counted() -> None:
    """salesforce.md, section 3.1."""
    client = Client()

    listed = msgspec.json.decode(client.twin(Request("GET", "/services/data/")).body)

    assert listed[-1] == {"label": "Summer '26", "url": "/services/data/v67.0", "version": "67.0"}
    assert client.refused("GET", "/services/data/v99.0/limits", status=404) == "NOT_FOUND"
    assert client.send("GET", "/limits").headers["Sforce-Limit-Info"] == "api-usage=2/15000"


def test_the_day_s_calls_run_out_and_come_back() -> None:
    """salesforce.md traps 27 and 28: shared, 403, and no Retry-After; the window rolls."""
    client = Client(rate_limit=RateLimit(daily_max=10, used_by_others=8))
    client.ask("GET", "/limits")
    assert client.ask("GET", "/limits")["DailyApiRequests"] == {"Max": 10, "Remaining": 0}

    refused = client.send("GET", "/limits")
    client.clock.advance(86_400 + 60)

    assert (refused.status, refused.headers["Sforce-Limit-Info"]) == (403, "api-usage=10/10")
    assert b"TotalRequests Limit exceeded" in refused.body
    assert "Retry-After" not in refused.headers
    client.token = client.twin.open_session()
    assert client.send("GET", "/limits").headers["Sforce-Limit-Info"] == "api-usage=9/10"


def test_the_concurrent_limit_reads_differently() -> None:
    """salesforce.md, section 6.2: the same code, told apart by the message only."""
    client = Client(busy=True)

    error = client.ask("GET", "/limits", status=403)[0]

    assert (error["errorCode"], error["message"].split()[0]) == ("REQUEST_LIMIT_EXCEEDED", "ConcurrentRequests")


@pytest.mark.parametrize(("length", "header", "status"), [(16_000, 10, 400), (16_500, 10, 414), (16_000, 500, 431)])
def test_long_uris_are_refused_by_the_edge(length: int, header: int, status: int) -> None:
    """salesforce.md trap 26: 414 for the URI, 431 with the headers, both as pages."""
    client = Client()
    soql = "SELECT+Id+FROM+Opportunity+WHERE+Name='"
    path = "/query/?q=" + soql + "x" * (length - len(soql) - 80) + "'"

    response = client.send("GET", path, x_padding="y" * header)

    # What the edge lets pass is refused by SOQL, whose literals are shorter.
    kind = "application/json" if status == 400 else "text/html"
    assert (response.status, response.headers["Content-Type"].split(";")[0]) == (status, kind)


def test_paths_with_and_without_a_trailing_slash() -> None:
    """salesforce.md, section 3."""
    client = Client()

    assert client.ask("GET", "/sobjects/Opportunity") == client.ask("GET", "/sobjects/Opportunity/")
    assert client.send("GET", "/nothing").status == 404
    assert client.send("GET", "/services/nothing").headers["Content-Type"].startswith("text/html")
    assert client.refused("GET", "/sobjects/Nothing/describe", status=404) == "NOT_FOUND"
    assert client.refused("PUT", OPPORTUNITIES, status=405) == "METHOD_NOT_ALLOWED"


def test_soap_logins_of_older_versions_fail_too() -> None:
    """salesforce.md trap 6: gone from 65.0, and never open here."""
    client = Client()
    answers = [
        client.twin(Request("POST", f"/services/Soap/u/{version}")).body for version in ("59.0", "65.0", "nonsense")
    ]

    assert [b"INVALID_OPERATION" in body for body in answers] == [False, True, False]


def test_replies_tell_the_server_s_time() -> None:
    """salesforce.md, section 8.4: the cursor goes by it, whatever our clock says."""
    client = Client(clock_offset_s=3600.0, latency_s=1.0)

    assert client.send("GET", "/limits").headers["Date"] == "Mon, 21 Sep 2026 15:13:21 GMT"


def test_the_user_behind_a_session() -> None:
    client = Client()

    facts = client.ask("GET", "/services/oauth2/userinfo")

    assert facts["organization_id"] == client.twin.org.organization_id
