"""Tokens: bought, renewed in time, renewed once when refused, and never shown."""

from __future__ import annotations

import threading

import httpx
import pytest

from syncd.adapters.propstreet import ClientCredentials, PropstreetClient, TokenAuth
from syncd.errors import ConfigError, RateLimited, RemoteError, ServerTrouble, Unauthorized, Unreachable
from syncd.testing.clock import VirtualClock

from .peer import ORIGIN, Peer, Reply, client, ok, problem, project


class TokenServer(httpx.BaseTransport):
    """Sells numbered tokens; takes only those it has not revoked."""

    def __init__(self, clock: VirtualClock, expires_in: object = 3600) -> None:
        self.clock = clock
        self.expires_in = expires_in
        self.sold = 0
        self.oldest_valid = 1
        self.forms: list[str] = []
        self.bearers: list[str] = []
        self.trouble: httpx.Response | None = None

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        if request.url.path == "/openid/token":
            return self._sell(request)
        bearer = request.headers["authorization"]
        self.bearers.append(bearer)
        if int(bearer.removeprefix("Bearer token-")) < self.oldest_valid:
            return problem(401)
        return ok(project())

    def _sell(self, request: httpx.Request) -> httpx.Response:
        self.forms.append(request.read().decode())
        if self.trouble is not None:
            return self.trouble
        self.sold += 1
        return ok({"access_token": f"token-{self.sold}", "expires_in": self.expires_in, "token_type": "Bearer"})


def connected(server: httpx.BaseTransport, clock: VirtualClock) -> PropstreetClient:
    auth = ClientCredentials("client-1", "shh-secret-2", clock=clock)
    return PropstreetClient(ORIGIN, auth, clock=clock, peer=server)


def test_the_token_request() -> None:
    """propstreet.md section 2: a form to the host's root, once for many calls; and it counts as a call."""
    clock = VirtualClock()
    server = TokenServer(clock)
    propstreet = connected(server, clock)
    for _ in range(3):
        propstreet.projects.get("9001")

    form = "grant_type=client_credentials&client_id=client-1&client_secret=shh-secret-2&scope=api%3Apublic"
    assert server.forms == [form]
    assert server.bearers == ["Bearer token-1"] * 3
    assert propstreet.calls == 4


@pytest.mark.parametrize(
    ("expires_in", "fresh_s", "stale_s"),
    [(3600, 2870, 2890), ("3600", 2870, 2890), (None, 235, 245), (0, 235, 245), (-5, 235, 245)],
)
def test_renewed_at_80_percent_of_its_life(expires_in: object, fresh_s: float, stale_s: float) -> None:
    clock = VirtualClock()
    server = TokenServer(clock, expires_in)
    propstreet = connected(server, clock)
    propstreet.projects.get("9001")
    clock.advance(fresh_s)
    propstreet.projects.get("9001")
    sold_while_fresh = server.sold
    clock.advance(stale_s - fresh_s)
    propstreet.projects.get("9001")

    assert (sold_while_fresh, server.sold) == (1, 2)


def test_a_refused_token_is_renewed_once_and_the_call_repeated() -> None:
    """Even for a write: a 401 says that nothing happened."""
    clock = VirtualClock()
    server = TokenServer(clock)
    propstreet = connected(server, clock)
    propstreet.projects.get("9001")
    server.oldest_valid = 2
    propstreet.projects.patch("9001", {"name": "x"}, if_match="e")

    assert server.bearers == ["Bearer token-1", "Bearer token-1", "Bearer token-2"]


def test_a_second_401_stops() -> None:
    clock = VirtualClock()
    server = TokenServer(clock)
    server.oldest_valid = 99
    with pytest.raises(Unauthorized) as caught:
        connected(server, clock).projects.get("9001")

    assert (server.sold, len(server.bearers)) == (2, 2)
    assert "syncd check" in (caught.value.remedy or "")


def test_a_fixed_token_is_not_tried_twice() -> None:
    peer = Peer(problem(401))
    with pytest.raises(Unauthorized):
        client(peer).projects.get("9001")

    assert len(peer.requests) == 1


@pytest.mark.parametrize("status", [400, 401, 403])
def test_refused_credentials_stop(status: int) -> None:
    clock = VirtualClock()
    server = TokenServer(clock)
    server.trouble = problem(status)
    with pytest.raises(Unauthorized) as caught:
        connected(server, clock).projects.get("9001")

    assert "secret-2" not in repr(caught.value) + str(caught.value.__dict__)


@pytest.mark.parametrize(
    ("reply", "expected"),
    [
        (problem(500), ServerTrouble),
        (problem(429), RateLimited),
        (httpx.Response(200, content=b"<html>"), ServerTrouble),
        (httpx.ReadTimeout("slow"), ServerTrouble),
        (httpx.ConnectError("refused"), Unreachable),
        (ok({}), Unauthorized),
        (ok({"access_token": "with a space"}), Unauthorized),
        (ok({"access_token": "line\nbreak"}), Unauthorized),
    ],
)
def test_a_write_without_a_token_was_not_sent(reply: Reply, expected: type[RemoteError]) -> None:
    """So its error is a read's: never OutcomeUnknown."""
    clock = VirtualClock()
    with pytest.raises(expected):
        connected(Peer(reply), clock).projects.patch("9001", {"name": "x"}, if_match="e")


def test_an_early_renewal_that_fails_costs_nothing_while_the_token_lives() -> None:
    clock = VirtualClock()
    server = TokenServer(clock)
    propstreet = connected(server, clock)
    propstreet.projects.get("9001")
    server.trouble = problem(503)
    clock.advance(3000)
    propstreet.projects.get("9001")
    propstreet.projects.get("9001")
    asked_while_it_lives = len(server.forms)
    clock.advance(600)

    with pytest.raises(ServerTrouble):
        propstreet.projects.get("9001")
    assert asked_while_it_lives == 2


def test_threads_refused_together_renew_once() -> None:
    clock = VirtualClock()
    auth = ClientCredentials("client-1", "shh-secret-2", clock=clock)
    sold: list[str] = []

    def post(path: str, form: object) -> dict[str, object]:
        sold.append(path)
        return {"access_token": f"token-{len(sold)}", "expires_in": 60}

    assert auth.token(post) == "token-1"
    found: list[str | None] = []
    threads = [threading.Thread(target=lambda: found.append(auth.renewed("token-1", post))) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert found == ["token-2"] * 4


@pytest.mark.parametrize("token", ["", "with space", "line\n", "tök"])
def test_tokens_that_no_header_can_carry_are_a_config_error(token: str) -> None:
    """The HTTP library would put the whole header into its own error message."""
    with pytest.raises(ConfigError) as caught:
        TokenAuth(token)
    assert "space" not in str(caught.value)


def test_no_repr_shows_a_secret() -> None:
    both = (TokenAuth("tok-secret-1"), ClientCredentials("client-1", "shh-secret-2", clock=VirtualClock()))

    assert "secret-" not in repr(both) + str(both)
