"""Tokens, scopes, limits, paths and the clock of the twin (hubspot.md, sections 2, 3 and 6)."""

from __future__ import annotations

from email.utils import parsedate_to_datetime

import msgspec
import pytest

from syncd.testing.sandbox.hubspot import App, RateLimit
from syncd.testing.sandbox.wire import Request, Response

from .hubspot_client import DEALS, Client

TOKEN_INFO = "/oauth/v2/private-apps/get/access-token-info"
APPS = {
    "full": App(id=7),
    "reader": App(id=8, scopes=frozenset({"crm.objects.deals.read"})),
    "definer": App(id=9, scopes=frozenset({"crm.schemas.deals.write"})),
    "old": App(id=10, expired=True),
}


def refusal(response: Response) -> tuple[int, str]:
    return response.status, msgspec.json.decode(response.body)["category"]


@pytest.mark.parametrize(
    ("token", "expected"), [("wrong", "INVALID_AUTHENTICATION"), ("old", "EXPIRED_AUTHENTICATION")]
)
def test_a_wrong_or_expired_token_is_401(token: str, expected: str) -> None:
    """hubspot.md, section 6."""
    assert refusal(Client(token, apps=APPS).send("GET", DEALS)) == (401, expected)


def test_no_token_is_401_even_where_any_token_will_do() -> None:
    twin = Client().twin

    for headers in ({}, {"authorization": "Bearer "}, {"authorization": "Basic eDp5"}):
        assert twin(Request("GET", DEALS, headers)).status == 401


@pytest.mark.parametrize(
    ("token", "method", "target", "status"),
    [
        ("reader", "GET", DEALS, 200),
        ("reader", "POST", f"{DEALS}/search", 200),
        ("reader", "GET", "/crm/v3/properties/deals", 200),
        ("reader", "GET", "/crm/v3/pipelines/deals", 200),
        ("reader", "POST", f"{DEALS}/batch/upsert", 403),
        ("reader", "DELETE", f"{DEALS}/1", 403),
        ("reader", "GET", "/crm/v3/objects/contacts", 403),
        ("reader", "POST", "/crm/v3/properties/deals", 403),
        ("reader", "GET", "/crm/v3/owners/", 403),
        ("definer", "GET", "/crm/v3/properties/deals", 403),
        ("definer", "DELETE", "/crm/v3/properties/deals/propstreet_id", 204),
    ],
)
def test_scopes(token: str, method: str, target: str, status: int) -> None:
    """hubspot.md, section 2.3: records and definitions have scopes of their own; schema write does not read."""
    response = Client(token, apps=APPS).send(method, target, {})

    assert response.status == status
    if status == 403:
        body = msgspec.json.decode(response.body)
        assert body["category"] == "MISSING_SCOPES"
        assert body["errors"][0]["context"]["requiredGranularScopes"]


def test_scopes_can_be_taken_away_under_way() -> None:
    """hubspot.md trap 40: an admin edits scopes or rotates the token mid-run."""
    client = Client("full", apps=APPS)
    assert client.send("GET", DEALS).status == 200

    client.twin.switch(apps={"full": App(scopes=frozenset())})
    assert client.send("GET", DEALS).status == 403

    client.twin.switch(apps={"rotated": App()})
    assert client.send("GET", DEALS).status == 401


def test_a_token_tells_its_app_and_scopes() -> None:
    """hubspot.md, section 2.2: how a client learns its own app id."""
    client = Client("reader", apps=APPS)

    info = client.ask("POST", TOKEN_INFO, {"tokenKey": "reader"})

    assert (info["appId"], info["hubId"], info["scopes"]) == (8, 4242, ["crm.objects.deals.read"])
    client.ask("POST", TOKEN_INFO, {"tokenKey": "wrong"}, status=401)


def test_the_app_is_the_source_of_its_writes() -> None:
    """hubspot.md, section 7.2: sourceId is the app id."""
    client = Client("full", apps=APPS)

    assert client.read(client.create(), "hs_object_source_id") == {"hs_object_source_id": "7"}


def test_the_burst_window_rolls_per_app() -> None:
    """hubspot.md, sections 3.1 and 3.3: TEN_SECONDLY_ROLLING, no category, no promise of Retry-After."""
    client = Client("full", apps=APPS, rate_limit=RateLimit(burst_max=3))
    for _ in range(3):
        last = client.send("GET", DEALS)
    refused = client.send("GET", DEALS)
    client.headers = {"authorization": "Bearer reader"}
    other_app = client.send("GET", DEALS)
    client.headers = {"authorization": "Bearer full"}
    client.clock.advance(10)

    body = msgspec.json.decode(refused.body)
    assert refused.status == 429
    assert (body["policyName"], body["errorType"]) == ("TEN_SECONDLY_ROLLING", "RATE_LIMIT")
    assert "category" not in body
    assert "Retry-After" not in refused.headers
    assert (last.headers["X-HubSpot-RateLimit-Max"], last.headers["X-HubSpot-RateLimit-Remaining"]) == ("3", "0")
    assert last.headers["X-HubSpot-RateLimit-Interval-Milliseconds"] == "10000"
    assert (other_app.status, client.send("GET", DEALS).status) == (200, 200)


def test_search_has_a_bucket_for_the_whole_account() -> None:
    """hubspot.md trap 20 and section 3.1: 5 a second over all apps, exempt from the burst, no rate headers."""
    client = Client("full", apps=APPS, rate_limit=RateLimit(burst_max=1))
    answers = [client.send("POST", f"{DEALS}/search", {}) for _ in range(5)]
    client.headers = {"authorization": "Bearer reader"}
    refused = client.send("POST", f"{DEALS}/search", {})
    client.clock.advance(1)

    assert [answer.status for answer in answers] == [200] * 5
    assert not [name for name in answers[0].headers if "ratelimit" in name.lower()]
    assert msgspec.json.decode(refused.body)["policyName"] == "SECONDLY"
    assert client.send("POST", f"{DEALS}/search", {}).status == 200


def test_the_search_limit_may_be_told_by_its_message_only() -> None:
    """hubspot.md, section 6: the second exception to never classifying on prose."""
    client = Client(rate_limit=RateLimit(search_max=0 + 1, secondly_named=False))
    client.send("POST", f"{DEALS}/search", {})

    body = client.ask("POST", f"{DEALS}/search", {}, status=429)

    assert "policyName" not in body
    assert "secondly" in body["message"]


def test_the_day_ends_at_the_accounts_midnight() -> None:
    """hubspot.md trap 21 and section 3.1: DAILY, for everybody, until midnight in the account's zone."""
    client = Client(rate_limit=RateLimit(daily_max=2, retry_after=True))
    client.send("GET", DEALS)
    last = client.send("POST", f"{DEALS}/search", {})
    refused = client.send("GET", DEALS)
    wait_s = int(refused.headers["Retry-After"])

    assert last.status == 200
    assert msgspec.json.decode(refused.body)["policyName"] == "DAILY"
    client.clock.advance(wait_s - 2)
    assert client.send("GET", DEALS).status == 429
    client.clock.advance(2)
    answer = client.send("GET", DEALS)
    assert answer.headers["X-HubSpot-RateLimit-Daily-Remaining"] == "1"
    assert (client.clock.time() + 3600) % 86_400 < 3


def test_limits_can_be_off() -> None:
    client = Client(rate_limit=RateLimit(burst_max=None, search_max=None, daily_max=None))

    statuses = {client.send("POST", f"{DEALS}/search", {}).status for _ in range(50)}

    assert statuses == {200}
    assert "X-HubSpot-RateLimit-Max" not in client.send("GET", DEALS).headers


def test_usage_of_the_day_is_told() -> None:
    """hubspot.md, section 5.15."""
    client = Client(rate_limit=RateLimit(daily_max=100))
    client.send("GET", DEALS)

    (usage,) = client.ask("GET", "/account-info/v3/api-usage/daily/private-apps")["results"]

    assert (usage["currentUsage"], usage["usageLimit"]) == (2, 100)


@pytest.mark.parametrize(
    ("method", "target", "status"),
    [
        ("GET", "/crm/v3/nonsense", 404),
        ("GET", "/crm//v3/objects/deals", 404),
        ("GET", "/crm/v3/objects", 404),
        ("GET", "/crm/v3/objects/deals/1/2/3", 404),
        ("GET", "/crm/v3/objects/deals/batch/frobnicate", 404),
        ("GET", "/crm/objects/2027-03/deals", 404),
        ("PUT", "/crm/v3/objects/deals/1", 405),
        ("GET", "/crm/v3/objects/deals/batch/read", 405),
    ],
)
def test_an_unknown_path_is_a_page(method: str, target: str, status: int) -> None:
    """hubspot.md, section 6: bodies can be HTML. A trailing slash in a client's host makes `//crm` (10.1)."""
    response = Client().send(method, target)

    assert (response.status, response.headers["Content-Type"]) == (status, "text/html;charset=utf-8")


def test_families_can_be_switched_off() -> None:
    """hubspot.md trap 42: both are served now, and one day v3 is not."""
    client = Client()
    assert client.send("GET", "/crm/objects/2026-09/0-3").status == 200
    assert client.send("GET", "/crm/properties/2026-09/deals").status == 200

    client.twin.switch(families=frozenset({"2026-09"}))

    assert client.send("GET", DEALS).status == 404


def test_every_answer_has_the_twins_date() -> None:
    """hubspot.md trap 44: HubSpot's clock is told by the Date header, and may be off against ours."""
    client = Client(apps=APPS, clock_offset_s=90.0, rate_limit=RateLimit(burst_max=0))
    targets = ["/nonsense", DEALS]

    for token in ("full", "wrong"):
        client.headers = {"authorization": f"Bearer {token}"}
        for target in targets:
            date = parsedate_to_datetime(client.send("GET", target).headers["Date"])
            assert date.timestamp() == client.clock.time() + 90


def test_latency_passes_on_the_clock() -> None:
    client = Client(latency_s=0.25)
    before = client.clock.time()

    client.send("GET", DEALS)

    assert client.clock.time() - before == 0.25


def test_the_side_door_names_its_acts() -> None:
    """What `syncd sandbox` offers to a person with curl: plain values in, plain values out."""
    client = Client()
    door = client.twin.side_door

    id = door["add_deal"](dealname="x")
    door["edit_deal"](id=id, amount="5")

    assert door["deal"](id=id)["amount"] == "5"
    assert list(door["live_deals"]()) == [id]
    assert client.twin.journal == []
    with pytest.raises(KeyError):
        door["edit_deal"](id="999", amount="5")
    with pytest.raises(ValueError, match="INVALID_INTEGER"):
        door["edit_deal"](id=id, amount="x")
