"""A clock that moves only when told to, shared by a twin and the client under test."""

from __future__ import annotations

import threading


class VirtualClock:
    """Sleeping advances it at once. Thread-safe; `monotonic` and `time` move together."""

    def __init__(self, start: float = 1_790_000_000.0) -> None:
        self._now = start
        self._start = start
        self._lock = threading.Lock()

    def time(self) -> float:
        return self._now

    def monotonic(self) -> float:
        return self._now - self._start

    def sleep(self, seconds: float) -> None:
        self.advance(max(0.0, seconds))

    def advance(self, seconds: float) -> None:
        with self._lock:
            self._now += seconds
