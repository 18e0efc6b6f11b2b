"""One rate limiter per account: every thread asks it before every call.

It paces; it does not retry, count failures or know what a call is for. The state is one instant, the classic
generic cell rate: a call may go `burst - 1` intervals before its due time, and each call moves the due time on by
one interval. Hence the law that keeps us inside any kind of window a server may use (fixed, sliding or bucket):

- in a time span t there are never more than burst + rate · t calls;
- in a span of `window_s` there are never more than limit · share calls; the rest is for the account's other users.
"""

from __future__ import annotations

import threading
from enum import IntEnum

from syncd.clock import Clock
from syncd.errors import RateLimited

_BURST_SHARE = 0.04  # of what we take: costs that much throughput, buys a quick answer after a quiet moment
_NEAR_S = 1e-6  # closer than any clock tells apart
_SLEEP_MIN_S = 0.001  # shorter sleeps may not move a clock at all
_SLEEP_MAX_S = 5.0  # look up this often: the limit may have been raised meanwhile
_SAME_RESET_S = 1.5  # servers round the reset to whole seconds


class Priority(IntEnum):
    """Who goes first when calls are scarce."""

    PERSON = 0  # somebody is looking at a terminal
    LIVE = 1  # changes of the last minutes
    RETRY = 2  # what failed before
    BACKFILL = 3  # a first load
    SWEEP = 4  # comparing everything, when nothing else is to do


class Limiter:
    """Takes `share` of an account's `limit` calls per `window_s`, until live headers say otherwise."""

    def __init__(
        self,
        clock: Clock,
        *,
        name: str,
        limit: int,
        window_s: float,
        share: float = 0.8,
        wait_max_s: float = 300.0,
    ) -> None:
        assert limit > 0 < window_s
        assert 0 < share <= 1
        self.name = name
        self.calls = 0  # let through since the limiter was built
        self._clock = clock
        self._window_s = window_s
        self._share = share
        self._wait_max_s = wait_max_s
        self._lock = threading.Lock()
        self._waiting = [0] * len(Priority)
        self._due = clock.monotonic()
        self._left: int | None = None  # calls we may still send before _reset_at; None: no header said
        self._reset_at = self._due
        self._adopt(limit)

    def acquire(self, priority: Priority = Priority.LIVE) -> None:
        """Wait for a call's turn; nobody goes while somebody more urgent waits.

        Raises RateLimited rather than wait longer than `wait_max_s`, at once where that is known beforehand.
        """
        if self._take(priority) <= 0:
            return
        give_up_at = self._clock.monotonic() + self._wait_max_s
        with self._lock:
            self._waiting[priority] += 1
        try:
            while (wait_s := self._take(priority)) > 0:
                if self._clock.monotonic() + wait_s > give_up_at:
                    message = f"no call to {self.name} is free soon"
                    raise RateLimited(message, system=self.name, retry_after_s=wait_s)
                self._clock.sleep(min(max(wait_s, _SLEEP_MIN_S), _SLEEP_MAX_S))
        finally:
            with self._lock:
                self._waiting[priority] -= 1

    def observe(self, *, limit: int | None = None, remaining: int | None = None, reset_s: float | None = None) -> None:
        """Take in what an answer said. `reset_s` counts from now (propstreet.md trap 59); None means a window."""
        with self._lock:
            if limit is not None and limit > 0 and limit != self._limit:
                self._adopt(limit)
            if remaining is None:
                return
            now = self._clock.monotonic()
            reset_at = now + min(max(self._window_s if reset_s is None else reset_s, 0.0), self._wait_max_s)
            left = max(remaining - self._reserve, 0)
            if self._left is not None and now < self._reset_at and reset_at <= self._reset_at + _SAME_RESET_S:
                # Within one window the answer does not know of calls still under way, but our own count does.
                self._left = min(self._left, left)
            else:
                self._left, self._reset_at = left, reset_at

    def pause(self, seconds: float) -> None:
        """Nobody calls for this long, and then one at a time: a 429 is for all threads (propstreet.md trap 58)."""
        with self._lock:
            self._hold_until(self._clock.monotonic() + seconds)

    def _adopt(self, limit: int) -> None:
        # A half-open window holds fewer than burst + rate · window calls; this makes that `take + 1`.
        take = max(int(limit * self._share + _NEAR_S), 1)
        burst = 1 + int(take * _BURST_SHARE)
        self._limit = limit
        self._interval_s = self._window_s / (take - burst + 1)
        self._lead_s = (burst - 1) * self._interval_s
        # One less than we leave to others, so that our own use alone never reaches it.
        self._reserve = max(limit - take - 1, 0)

    def _take(self, priority: Priority) -> float:
        """0 when the call may go, and is counted; else the seconds until it is worth asking again."""
        with self._lock:
            now = self._clock.monotonic()
            if any(self._waiting[:priority]):
                return max(self._interval_s, self._due - self._lead_s - now)
            if self._left is not None and now >= self._reset_at:
                self._left = None
            if self._left == 0:
                self._hold_until(self._reset_at)
            wait_s = self._due - self._lead_s - now
            if wait_s > _NEAR_S:
                return wait_s
            self._due = max(self._due, now) + self._interval_s
            if self._left is not None:
                self._left -= 1
            self.calls += 1
            return 0.0

    def _hold_until(self, instant: float) -> None:
        self._due = max(self._due, instant + self._lead_s)
