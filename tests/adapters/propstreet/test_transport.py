"""Sending: limits of time and size, retries in place for reads only, and what the headers teach the limiter."""

from __future__ import annotations

import gzip
from collections.abc import Iterator
from email.utils import formatdate

import httpx
import pytest

from syncd.adapters.propstreet import PropstreetClient, TokenAuth
from syncd.adapters.propstreet.transport import checked_origin
from syncd.errors import (
    ConfigError,
    Missing,
    OutcomeUnknown,
    RateLimited,
    Rejected,
    RemoteError,
    ServerTrouble,
    Unauthorized,
    Unreachable,
)
from syncd.testing.clock import VirtualClock
from syncd.testing.sandbox.propstreet import PropstreetTwin
from syncd.testing.sandbox.serve import serve

from .peer import ORIGIN, Peer, Reply, client, ok, problem, project

HTML = httpx.Response(200, headers={"content-type": "text/html"}, content=b"<html>sign in</html>")
CUT = httpx.Response(200, headers={"content-type": "application/json"}, content=b'{"id": "90')
TIMEOUT = httpx.ReadTimeout("slow")


@pytest.mark.parametrize("trouble", [problem(500), problem(503), HTML, CUT, TIMEOUT, httpx.ConnectError("no")])
def test_reads_are_tried_three_times(trouble: Reply) -> None:
    clock, peer = VirtualClock(), Peer(trouble, trouble, ok(project()))

    assert client(peer, clock).projects.get("9001").id == "9001"
    assert len(peer.requests) == 3
    assert clock.monotonic() == pytest.approx(1.5, abs=0.01)


@pytest.mark.parametrize(
    ("trouble", "expected"),
    [(problem(500), ServerTrouble), (HTML, ServerTrouble), (TIMEOUT, ServerTrouble), (problem(429), RateLimited)],
)
def test_reads_are_tried_no_more_than_that(trouble: Reply, expected: type[RemoteError]) -> None:
    peer = Peer(trouble)

    with pytest.raises(expected):
        client(peer).projects.get("9001")
    assert len(peer.requests) == 3


@pytest.mark.parametrize("refusal", [problem(400), problem(401), problem(403), problem(404), problem(422)])
def test_refused_reads_are_not_repeated(refusal: Reply) -> None:
    peer = Peer(refusal)

    with pytest.raises(RemoteError):
        client(peer).projects.get("9001")
    assert len(peer.requests) == 1


@pytest.mark.parametrize(
    ("trouble", "expected"),
    [
        (problem(500), OutcomeUnknown),
        (problem(503, Retry_After="1"), OutcomeUnknown),
        (HTML, OutcomeUnknown),
        (CUT, OutcomeUnknown),
        (httpx.Response(200), OutcomeUnknown),
        (TIMEOUT, OutcomeUnknown),
        (httpx.ReadError("reset"), OutcomeUnknown),
        (httpx.ConnectError("refused"), Unreachable),
        (httpx.ConnectTimeout("slow"), Unreachable),
        (problem(429), RateLimited),
    ],
)
def test_writes_are_sent_once(trouble: Reply, expected: type[RemoteError]) -> None:
    """propstreet.md trap 25: what may have landed is read again by the engine, never resent blindly."""
    peer = Peer(trouble)

    with pytest.raises(expected):
        client(peer).projects.patch("9001", {"name": "x"}, if_match="e")
    assert len(peer.requests) == 1


def test_redirects_are_not_followed() -> None:
    """The token would travel to wherever a redirect points."""
    peer = Peer(httpx.Response(302, headers={"location": "https://elsewhere.test/"}))

    with pytest.raises(ServerTrouble):
        client(peer).projects.get("9001")
    assert {request.url.host for request in peer.requests} == {"app.propstreet.test"}


def test_time_limits_are_explicit() -> None:
    """propstreet.md section 1: connect 10 s, answer 30 s."""
    peer = Peer(ok(project()))
    client(peer).projects.get("9001")

    expected = {"connect": 10.0, "read": 30.0, "write": 30.0, "pool": 10.0}
    assert expected == peer.requests[0].extensions["timeout"]


@pytest.mark.parametrize("as_date", [False, True])
def test_a_429_holds_the_whole_client_until_retry_after(as_date: bool) -> None:
    """propstreet.md trap 58 and section 3: one pause for all threads, in seconds or up to a date."""
    clock = VirtualClock()
    told = formatdate(clock.time() + 20, usegmt=True) if as_date else "20"
    peer = Peer(problem(429, Retry_After=told), ok(project()))
    client(peer, clock).projects.get("9001")

    assert clock.monotonic() == pytest.approx(20, abs=0.01)


def test_a_429_on_a_write_holds_the_next_call_too() -> None:
    clock = VirtualClock()
    propstreet = client(Peer(problem(429, Retry_After="20"), ok(project())), clock)
    with pytest.raises(RateLimited) as caught:
        propstreet.projects.patch("9001", {"name": "x"}, if_match="e")
    propstreet.projects.get("9001")

    assert caught.value.retry_after_s == 20
    assert clock.monotonic() == pytest.approx(20, abs=0.01)


def test_a_long_retry_after_is_not_slept_in_place() -> None:
    clock, peer = VirtualClock(), Peer(problem(503, Retry_After="3600"))

    with pytest.raises(ServerTrouble) as caught:
        client(peer, clock).projects.get("9001")
    assert (len(peer.requests), caught.value.retry_after_s, clock.monotonic()) == (1, 3600, 0)


def test_the_headers_feed_the_limiter() -> None:
    """propstreet.md traps 58 and 59: what remains is obeyed, and the reset is a delta in seconds."""
    clock = VirtualClock()
    spent = {"RateLimit_Limit": "600", "RateLimit_Remaining": "100", "RateLimit_Reset": "12"}
    propstreet = client(Peer(ok(project(), 200, **spent)), clock)
    propstreet.projects.get("9001")
    propstreet.projects.get("9001")

    assert clock.monotonic() == pytest.approx(12, abs=0.01)


def test_headers_that_make_no_sense_are_ignored() -> None:
    clock = VirtualClock()
    odd = {"RateLimit_Limit": "many", "RateLimit_Remaining": "-1", "RateLimit_Reset": "1e9"}
    propstreet = client(Peer(ok(project(), 200, **odd)), clock)
    propstreet.projects.get("9001")
    propstreet.projects.get("9001")

    assert clock.monotonic() < 1


@pytest.mark.parametrize(("token", "per_minute"), [("pat_abc", 60), ("other", 600)])
def test_a_personal_token_is_paced_for_60_a_minute(token: str, per_minute: int) -> None:
    """propstreet.md trap 57, until the headers say otherwise."""
    clock = VirtualClock()
    propstreet = PropstreetClient(ORIGIN, TokenAuth(token), clock=clock, peer=Peer(ok(project())))
    while clock.monotonic() < 300:
        propstreet.projects.get("9001")

    assert 0.95 * 0.8 * per_minute <= propstreet.calls / 5 <= 0.82 * per_minute


def test_no_error_shows_the_token_or_a_value() -> None:
    """P9: neither in the message, nor in what it was raised from, nor in a repr."""
    propstreet = client(Peer(problem(401)))
    with pytest.raises(Unauthorized) as refused:
        propstreet.projects.get("9001")
    with pytest.raises(OutcomeUnknown) as lost:
        client(Peer(TIMEOUT)).projects.patch("9001", {"name": "Private"}, if_match="e")

    shown = "".join(repr(e) + repr(e.__cause__) + str(e.__dict__) for e in (refused.value, lost.value))
    assert "secret" not in shown + repr(propstreet) + repr(propstreet.__dict__)
    assert "Private" not in shown


def test_large_bodies_are_refused_before_they_are_sent() -> None:
    """propstreet.md section 1: 10 MB."""
    peer = Peer(ok(project()))

    with pytest.raises(Rejected, match="10 MB"):
        client(peer).projects.patch("9001", {"name": "x" * (10 * 1024 * 1024)}, if_match="e")
    assert peer.requests == []


@pytest.mark.parametrize(
    ("base_url", "expected"),
    [
        ("https://app.propstreet.com", "https://app.propstreet.com"),
        ("https://app.propstreet.com/", "https://app.propstreet.com"),
        ("http://127.0.0.1:8080", "http://127.0.0.1:8080"),
    ],
)
def test_base_url_is_an_origin(base_url: str, expected: str) -> None:
    assert expected == checked_origin(base_url)


@pytest.mark.parametrize(
    "base_url",
    [
        "",
        "app.propstreet.com",
        "ftp://app.propstreet.com",
        "https://",
        "https://app.propstreet.com/api/v1",
        "https://app.propstreet.com?x=1",
        "https://me:secret@app.propstreet.com",
        "https://app.propstreet.com:port",
        "https://app propstreet.com",
        "https://1.2.3.400",
        "https://app.propstreet.com\n",
    ],
)
def test_anything_else_is_a_config_error(base_url: str) -> None:
    with pytest.raises(ConfigError) as caught:
        checked_origin(base_url)
    assert "secret" not in str(caught.value)
    assert caught.value.remedy is not None


def test_missing_is_told_from_trouble() -> None:
    with pytest.raises(Missing):
        client(Peer(problem(404))).projects.get("9001")


class Endless(httpx.SyncByteStream):
    """An answer that goes on for as long as anybody reads."""

    def __init__(self) -> None:
        self.chunks = 0

    def __iter__(self) -> Iterator[bytes]:
        chunk = b" " * 1024 * 1024
        while True:
            self.chunks += 1
            yield chunk


def test_answers_are_bounded() -> None:
    """And what the bound cuts off a write leaves it unknown."""
    endless = Endless()
    peer = Peer(lambda _: httpx.Response(200, stream=endless))

    with pytest.raises(OutcomeUnknown):
        client(peer).projects.patch("9001", {"name": "x"}, if_match="e")
    assert endless.chunks == 65


def test_compressed_answers_are_unpacked() -> None:
    packed = gzip.compress(ok(project()).content)
    peer = Peer(lambda _: httpx.Response(200, headers={"content-encoding": "gzip"}, content=packed))

    assert client(peer).projects.get("9001").id == "9001"
    assert peer.requests[0].headers["accept-encoding"] == "gzip"


def test_over_a_real_socket() -> None:
    """The pool that is used when no peer is given: keep-alive, time limits, and no answer from a closed port."""
    clock = VirtualClock()
    auth = TokenAuth("pat_sandbox")
    with serve(PropstreetTwin(clock)) as served, PropstreetClient(served.url, auth, clock=clock) as c:
        made = c.projects.create({"name": "Kista"}, idempotency_key="k").record
        c.projects.patch(made.id, {"name": "Solna"}, if_match=made.etag)

        assert [shown.name for shown in c.projects.scan()] == ["Solna"]
    with PropstreetClient(served.url, auth, clock=clock) as c, pytest.raises(Unreachable):
        c.projects.get(made.id)
