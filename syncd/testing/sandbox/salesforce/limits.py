"""The day's allowance, its header and its refusals (salesforce.md, sections 3.9 and 5; traps 27 and 28).

Calls count for a rolling 24 hours. A refused call does not count, and nothing says when to come back.
"""

from __future__ import annotations

from collections import deque
from typing import Any

from .org import Org
from .refusal import Refusal

DAY_S = 86_400.0
GRAIN_S = 60  # calls of one minute leave the window together


class Meter:
    def __init__(self) -> None:
        self._minutes: deque[list[int]] = deque()  # [minute, calls]
        self._calls = 0

    def admit(self, org: Org) -> None:
        """Count this call, or refuse it."""
        limit = org.switches.rate_limit
        if org.switches.busy:
            raise Refusal("REQUEST_LIMIT_EXCEEDED", "ConcurrentRequests (Concurrent API Requests) Limit exceeded.")
        if limit is not None and self.used(org) >= limit.daily_max:
            raise Refusal("REQUEST_LIMIT_EXCEEDED", "TotalRequests Limit exceeded.")
        minute = int(org.now() // GRAIN_S)
        if not self._minutes or self._minutes[-1][0] != minute:
            self._minutes.append([minute, 0])
        self._minutes[-1][1] += 1
        self._calls += 1

    def used(self, org: Org) -> int:
        """Calls of the last 24 hours, those of other integrations included."""
        edge = (org.now() - DAY_S) // GRAIN_S
        while self._minutes and self._minutes[0][0] <= edge:
            self._calls -= self._minutes.popleft()[1]
        others = org.switches.rate_limit.used_by_others if org.switches.rate_limit else 0
        return self._calls + others

    def header(self, org: Org) -> dict[str, str]:
        limit = org.switches.rate_limit
        return {} if limit is None else {"Sforce-Limit-Info": f"api-usage={self.used(org)}/{limit.daily_max}"}

    def shown(self, org: Org) -> dict[str, Any]:
        """GET /limits/"""
        most = org.switches.rate_limit.daily_max if org.switches.rate_limit else 5_000_000
        return {
            "DailyApiRequests": {"Max": most, "Remaining": max(0, most - self.used(org))},
            "DailyBulkV2QueryJobs": {"Max": 10_000, "Remaining": 10_000},
            "DailyBulkApiBatches": {"Max": 15_000, "Remaining": 15_000},
            "DataStorageMB": {"Max": 1024, "Remaining": 1000},
        }
