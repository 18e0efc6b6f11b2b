"""Rate limits and their headers (hubspot.md, sections 3.1 to 3.3).

A rolling burst window per app; a search bucket, a window for association calls and a day for the whole account. A
refused request fills no bucket. Search is exempt from the burst and carries no headers.
"""

from __future__ import annotations

from collections import deque
from typing import Literal

from .refusal import Refusal
from .switches import RateLimit

DAY_S = 86_400
SEARCH_WINDOW_S = 1.0
ACCOUNT = 0  # association calls are counted for all apps together

Bucket = Literal["burst", "search", "associations"]


class Limiter:
    def __init__(self, utc_offset_s: int) -> None:
        self._utc_offset_s = utc_offset_s  # the day ends at the account's midnight
        self._bursts: dict[tuple[Bucket, int], deque[float]] = {}
        self._searches: deque[float] = deque()
        self._day = -1
        self.today = 0

    def admit(self, limit: RateLimit, app_id: int, now: float, bucket: Bucket) -> dict[str, str]:
        """Count this request and give the headers for its answer; raises the 429 that it gets instead."""
        self._turn_day(now)
        if limit.daily_max is not None and self.today >= limit.daily_max:
            raise _refused(limit, "DAILY", "daily", self.midnight(now) - now)
        if bucket == "search":
            self._admit_search(limit, now)
            self.today += 1
            return {}
        most, whose = (limit.associations_max, ACCOUNT) if bucket == "associations" else (limit.burst_max, app_id)
        headers = self._admit_burst(limit, most, (bucket, whose), now)
        self.today += 1
        return headers | self._daily_headers(limit)

    def _turn_day(self, now: float) -> None:
        day = int((now + self._utc_offset_s) // DAY_S)
        if day != self._day:
            self._day, self.today = day, 0

    def midnight(self, now: float) -> float:
        return (self._day + 1) * DAY_S - self._utc_offset_s

    def _admit_search(self, limit: RateLimit, now: float) -> None:
        if limit.search_max is None:
            return
        _slide(self._searches, now, SEARCH_WINDOW_S)
        if len(self._searches) >= limit.search_max:
            policy = "SECONDLY" if limit.secondly_named else None
            raise _refused(limit, policy, "secondly", _wait_s(self._searches, now, SEARCH_WINDOW_S))
        self._searches.append(now)

    def _admit_burst(self, limit: RateLimit, most: int | None, whose: tuple[Bucket, int], now: float) -> dict[str, str]:
        headers = {}
        if most is not None:
            burst = self._bursts.setdefault(whose, deque())
            _slide(burst, now, limit.burst_window_s)
            if len(burst) >= most:
                wait_s = _wait_s(burst, now, limit.burst_window_s)
                raise _refused(limit, "TEN_SECONDLY_ROLLING", "ten_secondly_rolling", wait_s)
            burst.append(now)
            headers["X-HubSpot-RateLimit-Max"] = str(most)
            headers["X-HubSpot-RateLimit-Remaining"] = str(most - len(burst))
            headers["X-HubSpot-RateLimit-Interval-Milliseconds"] = str(int(limit.burst_window_s * 1000))
        return headers

    def _daily_headers(self, limit: RateLimit) -> dict[str, str]:
        if limit.daily_max is None:
            return {}
        remaining = str(limit.daily_max - self.today)
        return {"X-HubSpot-RateLimit-Daily": str(limit.daily_max), "X-HubSpot-RateLimit-Daily-Remaining": remaining}


class TooMany(Refusal):
    """429: its body has an errorType and no category, unlike every other error."""

    def __init__(self, message: str, *, policy: str | None, retry_after_s: int | None) -> None:
        extra = {"errorType": "RATE_LIMIT", "groupName": "publicapi:private-apps:api-calls"}
        if policy is not None:
            extra["policyName"] = policy
        super().__init__(message, status=429, category="", extra=extra)
        self.retry_after_s = retry_after_s


def _refused(limit: RateLimit, policy: str | None, name: str, wait_s: float) -> TooMany:
    retry_after_s = max(1, int(wait_s) + 1) if limit.retry_after else None
    return TooMany(f"You have reached your {name} limit.", policy=policy, retry_after_s=retry_after_s)


def _slide(window: deque[float], now: float, length_s: float) -> None:
    while window and window[0] <= now - length_s:
        window.popleft()


def _wait_s(window: deque[float], now: float, length_s: float) -> float:
    """Until the oldest request leaves the window; a limit of zero never opens."""
    return window[0] + length_s - now if window else length_s
