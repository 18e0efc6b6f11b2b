"""When a failed op is tried again, and when it is given up. Pure: the caller brings the jitter."""

from __future__ import annotations

import msgspec

ATTEMPTS_MAX = 10
"""With the delays below half an hour to more than an hour of trouble; then a person is told."""

_FIRST_S, _CAP_S = 2.0, 1200.0


class Again(msgspec.Struct, frozen=True):
    after_s: float


class GiveUp(msgspec.Struct, frozen=True):
    reason: str


def decide_retry(attempts: int, *, retry_after_s: float | None, jitter: float) -> Again | GiveUp:
    """After this many attempts: again in a while, or not. `jitter` in [0, 1); the server has a say."""
    if attempts >= ATTEMPTS_MAX:
        return GiveUp(f"given up after {attempts} attempts")
    backoff = min(_CAP_S, _FIRST_S * 3.0 ** (attempts - 1)) * (0.5 + jitter / 2)
    return Again(max(backoff, retry_after_s or 0.0))
