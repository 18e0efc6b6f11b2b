"""Who may call the twin, how often, and how a create is made once: propstreet.md, sections 1, 2, 3 and 7."""

from __future__ import annotations

from urllib.parse import urlencode

import msgspec
import pytest

from syncd.testing.clock import VirtualClock
from syncd.testing.sandbox.propstreet import PropstreetTwin, RateLimit, Switches
from syncd.testing.sandbox.wire import Request, Response

from .propstreet_api import Api, api, clock_of

CREDENTIALS = {
    "grant_type": "client_credentials",
    "client_id": "sandbox",
    "client_secret": "sandbox-secret",
    "scope": "api:public",
}


def ask_token(twin: PropstreetTwin, **changed: str) -> Response:
    form = urlencode({**CREDENTIALS, **changed}).encode()
    return twin(Request("POST", "/openid/token", {"content-type": "application/x-www-form-urlencoded"}, form))


def limited(token: str = "pat_sandbox", **limit: object) -> Api:
    twin = PropstreetTwin(VirtualClock(), Switches(rate_limit=msgspec.convert(limit, RateLimit)), tokens=[token])
    return Api(twin, token)


@pytest.mark.parametrize("header", ["", "Bearer", "Bearer ", "Bearer pat_other", "Basic pat_sandbox", "pat_sandbox"])
def test_unknown_callers_are_refused(header: str) -> None:
    """Section 8: 401 with a problem body, before anything else is looked at."""
    answer = api().call("GET", "/nowhere", authorization=header)

    assert (answer.status, answer.slug, answer.headers["WWW-Authenticate"]) == (401, "unauthorized", "Bearer")


def test_client_credentials_give_a_token_that_dies() -> None:
    """Section 2: form body, scope api:public; the token is good for expires_in seconds of the server's time."""
    here = api(token_life_s=600.0)
    granted = msgspec.json.decode(ask_token(here.twin).body)
    assert (granted["token_type"], granted["expires_in"], granted["scope"]) == ("Bearer", 600, "api:public")
    here.token = granted["access_token"]
    assert here.get("/projects").status == 200
    clock_of(here).advance(600)
    assert here.get("/projects").status == 401
    here.token = msgspec.json.decode(ask_token(here.twin).body)["access_token"]

    assert here.get("/projects").status == 200


@pytest.mark.parametrize(
    ("changed", "status", "code"),
    [
        ({"client_secret": "wrong"}, 401, "invalid_client"),
        ({"client_id": "nobody"}, 401, "invalid_client"),
        ({"grant_type": "password"}, 400, "unsupported_grant_type"),
        ({"scope": "everything"}, 400, "invalid_scope"),
    ],
)
def test_wrong_credentials(changed: dict[str, str], status: int, code: str) -> None:
    """OAuth's own error bodies."""
    answer = ask_token(api().twin, **changed)

    assert (answer.status, msgspec.json.decode(answer.body)) == (status, {"error": code})


def test_token_endpoint_takes_posts_only() -> None:
    assert api().twin(Request("GET", "/openid/token")).status == 405


def test_personal_token_lives_thirty_days() -> None:
    """Section 2 and trap 57."""
    here = api()
    clock_of(here).advance(30 * 86_400 - 1)
    assert here.get("/projects").status == 200
    clock_of(here).advance(1)

    assert here.get("/projects").status == 401


def test_revoked_tokens_are_unknown() -> None:
    """A client with credentials may ask for a new one; a personal token is gone."""
    here = api()
    here.twin.revoke_tokens()
    assert here.get("/projects").status == 401

    assert ask_token(here.twin).status == 200


@pytest.mark.parametrize("window", ["bucket", "fixed"])
@pytest.mark.parametrize(("token", "most"), [("pat_sandbox", 60), ("other", 600)])
def test_rate_limit(window: str, token: str, most: int) -> None:
    """Section 3: 60 for a personal token, 600 else; headers on every answer; reset and retry are deltas."""
    here = limited(token, window=window)
    headers = [here.get("/nowhere").headers for _ in range(most)]
    refused = here.get("/projects")

    assert {one["RateLimit-Limit"] for one in headers} == {str(most)}
    assert [int(one["RateLimit-Remaining"]) for one in headers] == list(range(most - 1, -1, -1))
    assert (refused.status, refused.slug, refused.headers["RateLimit-Remaining"]) == (429, "rate-limited", "0")
    assert 0 < int(refused.headers["RateLimit-Reset"]) <= 60
    clock_of(here).advance(int(refused.headers["Retry-After"]))
    assert here.get("/projects").status == 200


def test_bucket_refills_steadily_and_a_window_at_once() -> None:
    """Section 3: which of the two is unknown."""
    bucket, window = limited(window="bucket"), limited(window="fixed")
    for here in (bucket, window):
        for _ in range(60):
            here.get("/projects")
        clock_of(here).advance(30)

    assert [bucket.get("/projects").status for _ in range(31)] == [200] * 30 + [429]
    assert window.get("/projects").status == 429
    clock_of(window).advance(30)
    assert window.get("/projects").headers["RateLimit-Remaining"] == "59"


def test_budget_can_be_shared_by_a_client() -> None:
    """Section 3: the bucket's key is unknown; a renewed token need not bring new budget."""
    remaining = []
    for per in ("token", "client"):
        here = limited("other", per=per)
        for _ in range(2):
            here.token = msgspec.json.decode(ask_token(here.twin).body)["access_token"]
            remaining.append(here.get("/projects").headers["RateLimit-Remaining"])

    assert remaining == ["599", "599", "599", "598"]


def test_refusals_may_count() -> None:
    """Section 3: whether a 429 uses budget is unknown; what there was is lost where it does, and no more."""
    shown = []
    for count in (False, True):
        here = limited(refusals_count=count)
        for _ in range(60):
            here.get("/projects")
        clock_of(here).advance(0.5)
        here.get("/projects")
        clock_of(here).advance(0.5)
        shown.append(here.get("/projects").status)
        clock_of(here).advance(1.0)
        shown.append(here.get("/projects").status)

    assert shown == [200, 200, 429, 200]


def test_without_a_limit_there_are_no_limit_headers() -> None:
    """Switched off for benches."""
    assert "RateLimit-Limit" not in api().get("/projects").headers


def test_size_limits() -> None:
    """Section 1: URL 8,000 characters, body 10 MB."""
    here = api()
    assert here.get("/projects/" + "x" * (8000 - len("/api/v1/projects/"))).status == 404
    assert here.get("/projects/" + "x" * (8001 - len("/api/v1/projects/"))).status == 414
    assert here.post(b" " * (10 * 1024 * 1024) + b"{}").status == 413


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("GET", "/", 404),
        ("GET", "/contacts", 404),
        ("GET", "/projects/1/2/3/4", 404),
        ("PUT", "/projects/1", 405),
        ("DELETE", "/projects", 405),
        ("POST", "/projects/1/properties", 405),
        ("DELETE", "/projects/external/a/b", 405),
        ("POST", "/edit_project", 404),
    ],
)
def test_what_is_not_there(method: str, path: str, status: int) -> None:
    """No PUT (section 22), and the side door is not under the API."""
    assert api().call(method, path).status == status


def test_replayed_create_has_no_second_effect() -> None:
    """Section 7: the same key and body again is the same answer, even after an edit; the journal has one entry."""
    here = api()
    first = here.post({"name": "Once"}, idempotency_key="k1")
    here.twin.edit_project(first.json["id"], name="Edited")
    again = here.post({"name": "Once"}, idempotency_key="k1")

    assert (again.status, again.json, again.headers["Location"]) == (201, first.json, first.headers["Location"])
    assert len(here.twin.journal) == len(here.scan()) == 1
    assert here.twin.journal[0].key == "k1"
    assert here.post({"name": "Once"}, idempotency_key="k2").json["id"] != first.json["id"]


@pytest.mark.parametrize("status", [422, 409])
def test_key_with_another_body(status: int) -> None:
    """Section 21, idempotency conflict; trap 26."""
    here = api(idempotency_conflict=status)
    here.post({"name": "Once"}, idempotency_key="k1")
    clash = here.post({"name": "Twice"}, idempotency_key="k1")

    assert (clash.status, clash.slug) == (status, "idempotency-conflict")
    assert len(here.scan()) == 1


def test_keys_are_forgotten() -> None:
    """Section 21, retention: 24 h, or keys that are ignored."""
    here = api()
    here.post({"name": "Once"}, idempotency_key="k1")
    clock_of(here).advance(86_399)
    here.post({"name": "Once"}, idempotency_key="k1")
    assert len(here.scan()) == 1
    clock_of(here).advance(1)
    here.post({"name": "Once"}, idempotency_key="k1")
    assert len(here.scan()) == 2
    here.twin.switches = msgspec.structs.replace(here.twin.switches, idempotency_retention_s=0.0)
    here.post({"name": "Once"}, idempotency_key="k1")

    assert len(here.scan()) == 3


def test_refused_create_is_not_kept() -> None:
    """Section 7, SBX: only 2xx; a corrected body may use the key."""
    here = api()
    assert here.post({"name": ""}, idempotency_key="k1").status == 400

    assert here.post({"name": "Right"}, idempotency_key="k1").status == 201


def test_duplicate_in_flight() -> None:
    """Section 7, SBX: the first request is still at work, although its caller has given up."""
    here = api(in_flight_s=10.0)
    first = here.post({"name": "Once"}, idempotency_key="k1")
    busy = here.post({"name": "Once"}, idempotency_key="k1")
    clock_of(here).advance(10)

    assert (busy.status, busy.slug) == (409, "idempotency-in-flight")
    assert here.post({"name": "Once"}, idempotency_key="k1").json == first.json


@pytest.mark.parametrize(("scope", "created"), [("token", 2), ("client", 1)])
def test_scope_of_keys(scope: str, created: int) -> None:
    """Section 7: unknown whether a renewed token still knows the key."""
    here = api(idempotency_scope=scope)
    for _ in range(2):
        here.token = msgspec.json.decode(ask_token(here.twin).body)["access_token"]
        here.post({"name": "Once"}, idempotency_key="k1")

    assert len(here.scan()) == created


def test_long_keys_are_refused() -> None:
    assert api().post({"name": "x"}, idempotency_key="k" * 256).status == 400


def test_create_without_key_is_made_twice() -> None:
    """Trap 25."""
    here = api()
    for _ in range(2):
        here.post({"name": "Once"})

    assert len(here.scan()) == 2
