"""When a failed op is tried again, and when it is given up."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from syncd.core.retry import ATTEMPTS_MAX, Again, GiveUp, decide_retry

CAP_S = 1200.0

attempts = st.integers(1, ATTEMPTS_MAX - 1)
jitters = st.floats(0, 1, exclude_max=True)


def delay_s(attempts: int, retry_after_s: float | None, jitter: float) -> float:
    decision = decide_retry(attempts, retry_after_s=retry_after_s, jitter=jitter)
    assert isinstance(decision, Again)
    return decision.after_s


def test_the_delays_grow_threefold_up_to_twenty_minutes() -> None:
    delays = [delay_s(attempt, None, 0.0) for attempt in range(1, ATTEMPTS_MAX)]

    assert delays[:4] == [1.0, 3.0, 9.0, 27.0]
    assert delays == sorted(delays)
    assert delays[-1] == CAP_S / 2


@given(attempts, jitters, jitters)
def test_jitter_spreads_over_half_the_delay(attempt: int, low: float, high: float) -> None:
    """Never under half of it, so that a crowd spreads out and nobody hammers."""
    low, high = sorted((low, high))

    assert delay_s(attempt, None, 0.0) <= delay_s(attempt, None, low) <= delay_s(attempt, None, high)
    assert delay_s(attempt, None, high) <= min(CAP_S, 2 * delay_s(attempt, None, 0.0))


@given(attempts, st.floats(0, 86_400), jitters)
def test_the_server_may_ask_for_longer_and_never_for_shorter(attempt: int, retry_after_s: float, jitter: float) -> None:
    expected = max(retry_after_s, delay_s(attempt, None, jitter))

    assert expected == delay_s(attempt, retry_after_s, jitter)


@given(st.integers(ATTEMPTS_MAX, 10**6), st.none() | st.floats(0, 100), jitters)
def test_it_ends(attempt: int, retry_after_s: float | None, jitter: float) -> None:
    assert decide_retry(attempt, retry_after_s=retry_after_s, jitter=jitter) == GiveUp(
        f"given up after {attempt} attempts"
    )
