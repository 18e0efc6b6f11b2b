"""The SDK, tamed: one line, timeouts, retries of reads only, pacing, no exception of the SDK's own."""

from __future__ import annotations

import pytest
import urllib3
import urllib3.exceptions

from syncd.adapters.base import CreateItem, Failed
from syncd.adapters.hubspot.adapter import HubSpotAdapter
from syncd.core.model import Kind
from syncd.errors import OutcomeUnknown, QuotaExhausted, RateLimited, RemoteError, ServerTrouble, Unreachable
from syncd.testing.clock import VirtualClock

from .peer import HTML, REFUSED, RESET, TIMED_OUT, TOKEN, Answer, Asked, Peer, adapter_at, batch, row
from .rig import Rig

ITEM = CreateItem("PS-1", {"dealname": "x"}, "key-1")
SEARCH_LIMIT = Answer(429, {"policyName": "SECONDLY", "message": "slow"})


def fetch(adapter: HubSpotAdapter) -> object:
    return adapter.fetch(Kind.PROJECT, ["1"])


def test_every_call_has_a_timeout_and_a_token() -> None:
    """hubspot.md trap 19: the SDK has none by default."""
    peer = Peer(batch(row("1")), Answer(200, {"results": []}))
    adapter = adapter_at(peer, connect_timeout_s=2.0, read_timeout_s=9.0)

    fetch(adapter)
    list(adapter.changes(Kind.PROJECT, None))

    assert {(2.0, 9.0)} == {(asked.timeout.connect_timeout, asked.timeout.read_timeout) for asked in peer.asked}
    assert {f"Bearer {TOKEN}"} == {asked.headers.get("Authorization") for asked in peer.asked}
    assert {"gzip"} == {asked.headers.get("Accept-Encoding") for asked in peer.asked}


@pytest.mark.parametrize("trouble", [TIMED_OUT, RESET, REFUSED, HTML, Answer(502, b"\xff bad gateway")])
def test_a_read_is_tried_three_times(trouble: Answer | Exception) -> None:
    """hubspot.md trap 17: the SDK would never retry a POST, and a batch read is one."""
    passing, lasting = Peer(trouble, trouble, batch(row("1"))), Peer(trouble)

    fetch(adapter_at(passing))
    with pytest.raises((ServerTrouble, Unreachable)):
        fetch(adapter_at(lasting))

    assert (len(passing.asked), len(lasting.asked)) == (3, 3)


@pytest.mark.parametrize("trouble", [TIMED_OUT, RESET, HTML, Answer(502), Answer(200, b'{"results": [{"id')])
def test_a_write_is_sent_once_and_its_outcome_unknown(trouble: Answer | Exception) -> None:
    """hubspot.md traps 4 and 17."""
    peer = Peer(trouble)

    (outcome,) = adapter_at(peer).create(Kind.PROJECT, [ITEM])

    assert isinstance(outcome, Failed)
    assert (OutcomeUnknown, 1) == (type(outcome.error), len(peer.asked))


def test_a_write_that_was_never_sent_is_unreachable() -> None:
    (outcome,) = adapter_at(Peer(REFUSED)).create(Kind.PROJECT, [ITEM])

    assert isinstance(outcome, Failed)
    assert Unreachable is type(outcome.error)


def test_a_tls_error_is_ours_too() -> None:
    """The SDK catches it itself and then fails with an AttributeError over the body that it does not have."""
    error = urllib3.exceptions.SSLError("certificate verify failed: self-signed certificate")

    with pytest.raises(Unreachable):
        fetch(adapter_at(Peer(error)))


@pytest.mark.parametrize("status", [200, 201, 202, 207])
def test_any_2xx_is_a_success(status: int) -> None:
    """hubspot.md trap 4: the SDK answers None to a status it does not expect."""
    (outcome,) = adapter_at(Peer(batch(row("1", "PS-1", new=True), status=status))).create(Kind.PROJECT, [ITEM])

    assert not isinstance(outcome, Failed)
    assert (outcome.remote.id, outcome.created) == ("1", True)


def test_a_pause_that_hubspot_asks_for_holds_everybody_and_is_ours_to_wait() -> None:
    """hubspot.md trap 18: no waiting inside the SDK; the clock is the one we gave."""
    clock = VirtualClock()
    peer = Peer(Answer(429, {"policyName": "TEN_SECONDLY_ROLLING"}), batch(row("1")))
    start = clock.monotonic()

    fetch(adapter_at(peer, clock=clock))

    assert 10.0 <= clock.monotonic() - start < 13.0


@pytest.mark.parametrize("policy", [{"policyName": "DAILY"}, {"policyName": "TEN_SECONDLY_ROLLING"}])
def test_long_pauses_are_left_to_the_engine(policy: dict[str, str]) -> None:
    """hubspot.md trap 21: a spent day is never tried again here, nor is a pause of minutes."""
    peer = Peer(Answer(429, policy, {"Retry-After": "600"}))

    with pytest.raises((QuotaExhausted, RateLimited)):
        fetch(adapter_at(peer))

    assert len(peer.asked) == 1


def test_search_has_a_limit_of_its_own() -> None:
    """hubspot.md trap 20, section 3.1: searching at its limit does not slow the batches, nor the other way."""
    clock = VirtualClock()
    adapter = adapter_at(Peer(SEARCH_LIMIT), clock=clock)
    cursor = '{"object":"deals","phase":"done","mark":"2026-11-21T09:00:00.0000000Z"}'
    with pytest.raises(RateLimited):
        list(adapter.changes(Kind.PROJECT, cursor))
    start = clock.monotonic()
    adapter._client._line._pool = Peer(batch(row("1")))

    fetch(adapter)

    assert clock.monotonic() - start < 0.1


def test_the_limit_that_hubspot_tells_is_adopted() -> None:
    """Section 3.2: headers in any case; 190 calls per 10 s are faster than the configured 10."""
    told = {"x-hubspot-ratelimit-max": "190", "X-HUBSPOT-RATELIMIT-REMAINING": "180"}
    clock = VirtualClock()
    adapter = adapter_at(Peer(Answer(200, {"results": [row("1")]}, told)), clock=clock, burst_limit=10)
    start = clock.monotonic()

    for _ in range(50):
        fetch(adapter)

    assert clock.monotonic() - start < 5.0


def test_what_others_used_up_is_left_to_them() -> None:
    """hubspot.md trap 20: less remains than our own share explains, so we slow down before the 429."""
    short = {"X-HubSpot-RateLimit-Max": "100", "X-HubSpot-RateLimit-Remaining": "2"}
    clock = VirtualClock()
    adapter = adapter_at(Peer(Answer(200, {"results": [row("1")]}, short)), clock=clock)
    start = clock.monotonic()

    for _ in range(5):
        fetch(adapter)

    assert clock.monotonic() - start >= 4.0


def test_calls_are_counted_with_every_try() -> None:
    adapter = adapter_at(Peer(TIMED_OUT, batch(row("1"))))

    fetch(adapter)

    assert adapter.calls == 2


def test_one_pool_for_all_and_each_api_object_once() -> None:
    """Section 10.2: a property chain of the SDK opens a new pool at every access."""
    client = adapter_at(Peer(HTML))._client

    lines = {id(api.api_client.rest_client.pool_manager) for api in client._apis.values()}

    assert {id(client._line)} == lines
    assert len(client._apis) == 7


def test_the_real_pool_neither_retries_nor_lasts_beyond_close() -> None:
    """Without a transport the line is urllib3's, with retries off (section 10.3)."""
    adapter = adapter_at(None, base_url="http://127.0.0.1:9", connect_timeout_s=0.2)

    with pytest.raises(Unreachable):
        fetch(adapter)
    adapter.close()

    assert adapter.calls == 3
    assert isinstance(adapter._client._line._pool, urllib3.PoolManager)


def test_no_error_holds_the_token() -> None:
    peer = Peer(lambda asked: Answer(400, asked.headers))

    with pytest.raises(RemoteError) as caught:
        fetch(adapter_at(peer))

    assert TOKEN not in f"{caught.value!r} {caught.value.remedy} {vars(caught.value)}"


def test_bodies_are_sent_as_written() -> None:
    """hubspot.md trap 37: camelCase keys, or the server ignores what it does not know."""
    peer = Peer(batch(row("1")))

    fetch(adapter_at(peer))

    asked: Asked = peer.asked[0]
    assert (asked.method, asked.path) == ("POST", "/crm/v3/objects/deals/batch/read")
    assert {"inputs", "properties", "propertiesWithHistory"} == set(asked.body)


def test_a_first_load_never_meets_a_429() -> None:
    """Paced at nine tenths of 100 calls per 10 s, and within a twentieth of that: no faster, no slower."""
    rig = Rig()
    rig.limited(burst_max=100)
    statuses = set()
    rig.line.on_response = lambda request, response: statuses.add(response.status)
    id = rig.add()
    start = rig.clock.monotonic()

    for _ in range(450):
        rig.fetch(id)

    assert {200} == statuses
    assert 47.5 <= rig.clock.monotonic() - start <= 52.5


def test_searching_never_meets_a_429() -> None:
    """hubspot.md trap 20: four of the account's five searches a second."""
    rig = Rig(page_max=1)
    rig.limited(search_max=5)
    _, _, cursor = rig.scan()
    rig.clock.advance(400)
    ids = {rig.add() for _ in range(30)}
    rig.clock.advance(60)
    statuses = set()
    rig.line.on_response = lambda request, response: statuses.add(response.status)

    assert ids == rig.scan(cursor)[1]
    assert {200} == statuses
