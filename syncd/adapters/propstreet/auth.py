"""How we prove who we are: a fixed token, or one that client credentials buy and renew (propstreet.md section 2).

No token or secret is ever in a repr, a message or a log. Nothing here opens a connection; the transport lends
its POST.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping
from typing import Protocol

from syncd.clock import Clock
from syncd.errors import ConfigError, RateLimited, ServerTrouble, Unauthorized, Unreachable

from .problems import number
from .wire import SYSTEM, Json

PAT_PER_MINUTE = 60
CLIENT_PER_MINUTE = 600
_RENEW_SHARE = 0.8
_LIFETIME_S = 300.0  # when the answer has no expires_in
_TRY_AGAIN_S = 5.0  # after a failed renewal, while the old token still lives

Post = Callable[[str, Mapping[str, str]], Json]
"""POST a form to a path of the origin. Raises RemoteError; Unauthorized when the form's secrets are refused."""


class Auth(Protocol):
    per_minute: int  # the documented limit, until live headers say otherwise
    personal: bool  # tied to a person, and dies with the token's 30 days

    def token(self, post: Post) -> str:
        """The token to send now. Raises RemoteError when it can't be had."""

    def renewed(self, refused: str, post: Post) -> str | None:
        """Another token than the one just refused; None when there is no other."""


class TokenAuth:
    """A token made elsewhere: a personal access token, or one that somebody else renews."""

    def __init__(self, token: str) -> None:
        self._token = _usable(token, "token")
        self.personal = token.startswith("pat_")
        self.per_minute = PAT_PER_MINUTE if self.personal else CLIENT_PER_MINUTE

    def token(self, post: Post) -> str:
        return self._token

    def renewed(self, refused: str, post: Post) -> str | None:
        return None


class ClientCredentials:
    """A bot user's client id and secret. The token is renewed at 80 % of its life, and once when refused."""

    per_minute = CLIENT_PER_MINUTE
    personal = False

    def __init__(self, client_id: str, client_secret: str, *, clock: Clock) -> None:
        self._form = {
            "grant_type": "client_credentials",
            "client_id": _usable(client_id, "client id"),
            "client_secret": _usable(client_secret, "client secret"),
            "scope": "api:public",
        }
        self._clock = clock
        self._lock = threading.Lock()
        self._token = ""
        self._renew_at = self._expires_at = 0.0

    def token(self, post: Post) -> str:
        with self._lock:
            now = self._clock.monotonic()
            if not self._token or now >= self._expires_at:
                self._buy(post)
            elif now >= self._renew_at:
                self._buy_early(post)
            return self._token

    def renewed(self, refused: str, post: Post) -> str | None:
        """Threads that were refused together renew once: the others find a token that is not the refused one."""
        with self._lock:
            if self._token == refused:
                self._buy(post)
            return self._token

    def _buy_early(self, post: Post) -> None:
        try:
            self._buy(post)
        except (ServerTrouble, RateLimited, Unreachable):
            self._renew_at = self._clock.monotonic() + _TRY_AGAIN_S

    def _buy(self, post: Post) -> None:
        asked_at = self._clock.monotonic()
        answer = post("/openid/token", self._form)
        token, life = answer.get("access_token"), answer.get("expires_in")
        if not isinstance(token, str) or not _sendable(token):
            raise Unauthorized("propstreet's token endpoint gave no token that can be sent", system=SYSTEM)
        lifetime_s = float(number(str(life)) or _LIFETIME_S)
        self._token = token
        self._renew_at = asked_at + _RENEW_SHARE * lifetime_s
        self._expires_at = asked_at + lifetime_s


def _usable(secret: str, name: str) -> str:
    if not _sendable(secret):
        raise ConfigError(
            f"the propstreet {name} is empty or has characters that no {name} has",
            remedy="look for a stray space or line break in the environment variable",
        )
    return secret


def _sendable(text: str) -> bool:
    # A line break would end up in the HTTP library's own error message, secret included.
    return bool(text) and text.isascii() and text.isprintable() and " " not in text
