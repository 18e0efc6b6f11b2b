"""Who is calling, and how often they may: bearer tokens, client credentials, rate limits (sections 2 and 3)."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from urllib.parse import parse_qsl

import msgspec

from .http import Refusal, Reply
from .switches import RateLimit, Switches

SCOPE = "api:public"
MINUTE_S = 60.0


class Caller(msgspec.Struct, frozen=True):
    token: str
    owner: str  # the client for a token it was given; the token itself for a personal one
    personal: bool
    issued_at: float

    def expires_at(self, switches: Switches) -> float:
        return self.issued_at + (switches.pat_life_s if self.personal else switches.token_life_s)


class Access:
    """Personal tokens begin their life with the twin; other tokens are given out at /openid/token."""

    def __init__(self, tokens: Iterable[str], clients: Mapping[str, str], now: float) -> None:
        self._callers = {token: Caller(token, token, token.startswith("pat_"), now) for token in tokens}
        self._clients = dict(clients)
        self._issued = 0

    def caller(self, authorization: str, now: float, switches: Switches) -> Caller:
        """Raises a 401 for anything but a live bearer token."""
        caller = self._callers.get(authorization[7:]) if authorization[:7].lower() == "bearer " else None
        if caller is None or now >= caller.expires_at(switches):
            raise Refusal(
                401, "unauthorized", "A valid access token is required.", headers={"WWW-Authenticate": "Bearer"}
            )
        return caller

    def issue(self, form: bytes, now: float, switches: Switches) -> Reply:
        """Client credentials for an access token; refusals are OAuth's own, not problem documents."""
        asked = dict(parse_qsl(form.decode("utf-8", "replace"), keep_blank_values=True))
        secret = self._clients.get(asked.get("client_id", ""))
        if asked.get("grant_type") != "client_credentials":
            return _oauth_error(400, "unsupported_grant_type")
        if secret is None or asked.get("client_secret") != secret:
            return _oauth_error(401, "invalid_client")
        if asked.get("scope") != SCOPE:
            return _oauth_error(400, "invalid_scope")
        return Reply(200, msgspec.json.encode(self._grant(asked["client_id"], now, switches)))

    def revoke(self, token: str) -> None:
        """From now on this token is not known. Raises KeyError when it was not."""
        del self._callers[token]

    def revoke_all(self) -> None:
        """As an expiry before its time: clients with credentials can ask for a new token."""
        self._callers.clear()

    def _grant(self, client: str, now: float, switches: Switches) -> dict[str, str | int]:
        self._issued += 1
        token = f"access-{client}-{self._issued}"
        self._callers[token] = Caller(token, client, False, now)
        return {
            "access_token": token,
            "token_type": "Bearer",
            "expires_in": int(switches.token_life_s),
            "scope": SCOPE,
        }


def _oauth_error(status: int, code: str) -> Reply:
    return Reply(status, msgspec.json.encode({"error": code}))


class _Account(msgspec.Struct):
    left: float
    at: float  # bucket: when `left` was right; fixed: when the window began


class Meter:
    """Counts calls per caller and puts the RateLimit headers on every answer."""

    def __init__(self) -> None:
        self._accounts: dict[str, _Account] = {}

    def spend(self, caller: Caller, now: float, limit: RateLimit) -> Mapping[str, str]:
        """The headers of an admitted call. Raises a 429 with the same headers and Retry-After."""
        most = limit.pat_per_minute if caller.personal else limit.oauth_per_minute
        account = self._accounts.setdefault(
            caller.token if limit.per == "token" else caller.owner, _Account(float(most), now)
        )
        _refill(account, now, most, limit)
        admitted = account.left >= 1
        if admitted or (limit.refusals_count and account.left > 0):
            account.left -= min(1.0, account.left)
        headers = _headers(account, now, most, limit)
        if admitted:
            return headers
        wait_s = _one_call_in_s(account, now, most, limit)
        raise Refusal(
            429, "rate-limited", "Too many requests.", headers={**headers, "Retry-After": str(math.ceil(wait_s))}
        )


def _refill(account: _Account, now: float, most: int, limit: RateLimit) -> None:
    if limit.window == "bucket":
        account.left = min(most, account.left + max(0.0, now - account.at) * most / MINUTE_S)
        account.at = now
    elif now - account.at >= MINUTE_S:
        account.left, account.at = float(most), now


def _headers(account: _Account, now: float, most: int, limit: RateLimit) -> dict[str, str]:
    return {
        "RateLimit-Limit": str(most),
        "RateLimit-Remaining": str(int(account.left)),
        "RateLimit-Reset": str(math.ceil(_full_again_in_s(account, now, most, limit))),
    }


def _full_again_in_s(account: _Account, now: float, most: int, limit: RateLimit) -> float:
    if limit.window == "bucket":
        return (most - account.left) * MINUTE_S / most
    return account.at + MINUTE_S - now


def _one_call_in_s(account: _Account, now: float, most: int, limit: RateLimit) -> float:
    if limit.window == "bucket":
        return (1 - account.left) * MINUTE_S / most
    return account.at + MINUTE_S - now
