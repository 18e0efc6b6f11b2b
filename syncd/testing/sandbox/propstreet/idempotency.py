"""Idempotency-Key on POST: the same key again gives the same answer, without a second effect (section 7).

Only successes are kept; a refused request may be sent again with the same key and another body.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from itertools import islice

import msgspec

from syncd.clock import Clock
from syncd.testing.sandbox.wire import Request

from .access import Caller
from .http import Refusal, Reply
from .switches import Switches

KEY_MAX = 255

Place = tuple[str, str, str, str]
"""What a key is unique in: caller, method, path, and the key itself."""


class _Kept(msgspec.Struct, frozen=True):
    at: float
    digest: bytes
    reply: Reply


class Replays:
    def __init__(self) -> None:
        self._kept: dict[Place, _Kept] = {}  # oldest first

    def once(
        self, request: Request, path: str, caller: Caller, clock: Clock, switches: Switches, make: Callable[[], Reply]
    ) -> Reply:
        """Make it, or answer as when this key was used before. Raises for another body, or one still at work."""
        key = request.headers.get("idempotency-key", "")
        if key == "" or switches.idempotency_retention_s <= 0:
            return make()
        place = (caller.token if switches.idempotency_scope == "token" else caller.owner, request.method, path, key)
        now = clock.time()
        before = self._find(place, request.body, now, switches)
        if before is not None:
            return before
        reply = make()
        self._keep(place, request.body, reply, now, switches)
        return reply

    def _find(self, place: Place, body: bytes, now: float, switches: Switches) -> Reply | None:
        if len(place[3]) > KEY_MAX:
            raise Refusal(400, "validation-failed", "The idempotency key is too long.")
        kept = self._kept.get(place)
        if kept is None or now - kept.at >= switches.idempotency_retention_s:
            return None
        if kept.digest != _digest(body):
            status = switches.idempotency_conflict
            raise Refusal(status, "idempotency-conflict", "This idempotency key was used for another body.")
        if now - kept.at < switches.in_flight_s:
            raise Refusal(409, "idempotency-in-flight", "A request with this idempotency key is under way.")
        return kept.reply

    def _keep(self, place: Place, body: bytes, reply: Reply, now: float, switches: Switches) -> None:
        self._forget(now - switches.idempotency_retention_s)
        self._kept.pop(place, None)
        self._kept[place] = _Kept(now, _digest(body), reply)

    def _forget(self, until: float) -> None:
        for place, kept in list(islice(self._kept.items(), 2)):  # two out for one in: it shrinks, at a constant cost
            if kept.at <= until:
                del self._kept[place]


def _digest(body: bytes) -> bytes:
    return hashlib.blake2b(body, digest_size=16).digest()
