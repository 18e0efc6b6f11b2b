"""The org's calls of a day, which every program of the customer shares (salesforce.md section 5, traps 27, 28).

Salesforce tells after each call how many were made in the last 24 hours, by whomever. We stop at our share, so
that the customer's other systems go on. Nobody says when calls come free again: from time to time one is let
through to look.
"""

from __future__ import annotations

import re
import threading

import msgspec

from syncd.clock import Clock
from syncd.errors import QuotaExhausted

from .errors import SYSTEM

LOOK_AGAIN_S = 900.0

_USAGE = re.compile(r"api-usage=(\d+)/(\d+)")


class Usage(msgspec.Struct, frozen=True):
    used: int
    total: int


class Budget:
    """Thread-safe. Asked before each call, told after each answer."""

    def __init__(self, clock: Clock, *, share: float) -> None:
        self._clock = clock
        self._share = share
        self._lock = threading.Lock()
        self._look_at = 0.0
        self.usage: Usage | None = None  # None: no answer said yet

    def spend(self) -> None:
        """Raises QuotaExhausted when our share is used up, before anything is sent."""
        with self._lock:
            if self.usage is None or self.usage.used < self.usage.total * self._share:
                return
            wait_s = self._look_at - self._clock.monotonic()
            if wait_s <= 0:
                self._look_at = self._clock.monotonic() + LOOK_AGAIN_S
                return
        raise QuotaExhausted(
            "our share of the org's daily calls is used up",
            system=SYSTEM,
            code="DAILY_SHARE",
            retry_after_s=wait_s,
            remedy="wait, raise daily_share, or buy more API calls from salesforce",
        )

    def observe(self, limit_info: str | None) -> None:
        """Take in a Sforce-Limit-Info header: the tightest of the limits that it names (section 2.8)."""
        told = [Usage(int(used), int(total)) for used, total in _USAGE.findall(limit_info or "")]
        told = [usage for usage in told if usage.total > 0]
        if not told:
            return
        with self._lock:
            self.usage = max(told, key=lambda usage: usage.used / usage.total)
            self._look_at = self._clock.monotonic() + LOOK_AGAIN_S
