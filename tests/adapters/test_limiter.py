"""The limiter's laws: never too fast, hardly ever too slow, the urgent first."""

from __future__ import annotations

import threading

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from syncd.adapters.limiter import Limiter, Priority
from syncd.errors import RateLimited
from syncd.testing.clock import VirtualClock


def limiter(clock: VirtualClock, limit: int = 600, window_s: float = 60.0, share: float = 0.8) -> Limiter:
    return Limiter(clock, name="propstreet", limit=limit, window_s=window_s, share=share)


def busiest(instants: list[float], window_s: float) -> int:
    """The most calls in any half-open window of this length."""
    most = start = 0
    for end, instant in enumerate(instants):
        while instants[start] + window_s <= instant + 1e-4:
            start += 1
        most = max(most, end - start + 1)
    return most


@given(
    limit=st.sampled_from([1, 4, 5, 60, 100, 190, 600]),
    window_s=st.sampled_from([1.0, 10.0, 60.0]),
    share=st.sampled_from([0.5, 0.8, 1.0]),
    idles=st.lists(st.floats(0, 20), max_size=60),
    pauses=st.sets(st.integers(0, 59), max_size=3),
)
@settings(max_examples=150, deadline=None)
def test_no_window_holds_more_than_our_share(
    limit: int, window_s: float, share: float, idles: list[float], pauses: set[int]
) -> None:
    """Whatever the server's window is, and however calls bunch up, we stay within limit · share."""
    clock = VirtualClock()
    gate = limiter(clock, limit, window_s, share)
    instants: list[float] = []
    for round_, idle in enumerate([*idles, 0.0, 0.0]):
        clock.advance(idle)
        if round_ in pauses:
            gate.pause(idle)
        for _ in range(1 + round_ % 7):
            gate.acquire()
            instants.append(clock.monotonic())

    assert busiest(instants, window_s) <= max(1, round(limit * share))
    assert gate.calls == len(instants)


@pytest.mark.parametrize(("limit", "window_s"), [(60, 60.0), (600, 60.0), (100, 10.0), (190, 10.0), (5, 1.0)])
def test_uses_at_least_95_percent_of_our_share(limit: int, window_s: float) -> None:
    clock = VirtualClock()
    gate = limiter(clock, limit, window_s)

    while clock.monotonic() < 20 * window_s:
        gate.acquire(Priority.BACKFILL)

    assert gate.calls / 20 >= 0.95 * int(limit * 0.8)


class FixedWindow:
    """A server that counts per clock-aligned window and says so in whole seconds."""

    def __init__(self, clock: VirtualClock, limit: int, window_s: float) -> None:
        self.clock, self.limit, self.window_s = clock, limit, window_s
        self.window = -1
        self.used = 0
        self.least = limit

    def call(self, by_others: int = 0) -> tuple[int, float]:
        now = self.clock.monotonic()
        if (window := int(now // self.window_s)) != self.window:
            self.window, self.used = window, 0
        self.used += 1 + by_others
        self.least = min(self.least, self.limit - self.used)
        return self.limit - self.used, float(int((self.window + 1) * self.window_s - now) + 1)


def test_headers_of_a_fixed_window_cost_no_throughput() -> None:
    """Alone on the account, the reserve never stops us: still 95 % of our share."""
    clock = VirtualClock()
    gate, server = limiter(clock), FixedWindow(clock, 600, 60.0)

    while clock.monotonic() < 1200:
        gate.acquire()
        remaining, reset_s = server.call()
        gate.observe(limit=600, remaining=remaining, reset_s=reset_s)

    assert gate.calls / 20 >= 0.95 * 480
    assert server.least >= 119


def test_the_reserve_is_left_to_other_users() -> None:
    """propstreet.md trap 58: others use the same bucket, so RateLimit-Remaining is obeyed too."""
    clock = VirtualClock()
    gate, server = limiter(clock), FixedWindow(clock, 600, 60.0)

    while clock.monotonic() < 600:
        gate.acquire()
        remaining, reset_s = server.call(by_others=1)
        gate.observe(limit=600, remaining=remaining, reset_s=reset_s)

    assert server.least >= 600 - 480 - 3
    assert gate.calls >= 9 * 235


def test_reset_is_delta_seconds() -> None:
    """propstreet.md trap 59: an empty bucket that resets in 7 means seven seconds from now."""
    clock = VirtualClock()
    gate = limiter(clock)
    gate.acquire()
    gate.observe(limit=600, remaining=0, reset_s=7)
    before = clock.monotonic()
    gate.acquire()

    assert clock.monotonic() - before == pytest.approx(7, abs=0.01)


def test_calls_under_way_are_counted_against_what_an_answer_says_is_left() -> None:
    """An answer that was sent before our latest calls does not know of them."""
    clock = VirtualClock()
    gate = limiter(clock, limit=60)
    gate.observe(remaining=14, reset_s=30)  # three above what others keep: 60 - 48 - 1
    gate.acquire()
    gate.acquire()
    gate.observe(remaining=14, reset_s=30)
    gate.acquire()
    before = clock.monotonic()
    gate.acquire()

    assert before < 10
    assert clock.monotonic() == pytest.approx(30, abs=0.01)


def test_a_header_changes_the_limit() -> None:
    """The fallback holds only until the server says what the account may do (propstreet.md trap 57)."""
    clock = VirtualClock()
    gate = limiter(clock, limit=60)
    gate.acquire()
    gate.observe(limit=600)
    while clock.monotonic() < 600:
        gate.acquire()

    assert gate.calls >= 10 * 0.95 * 480


def test_nonsense_headers_change_nothing() -> None:
    clock = VirtualClock()
    gate = limiter(clock)
    gate.observe(limit=0)
    gate.observe(limit=-5, remaining=-3, reset_s=-1)
    gate.acquire()

    assert clock.monotonic() < 0.01


def test_pause_holds_everybody_and_ends_without_a_burst() -> None:
    """propstreet.md trap 58: one 429 stops every worker."""
    clock = VirtualClock()
    gate = limiter(clock)
    gate.pause(30)
    instants = []
    for _ in range(3):
        gate.acquire(Priority.PERSON)
        instants.append(clock.monotonic())

    assert instants[0] == pytest.approx(30, abs=0.01)
    assert instants[2] - instants[0] == pytest.approx(2 * 60 / 461, rel=0.05)


def test_waits_are_bounded() -> None:
    """A pause of hours is an answer, not a sleep."""
    clock = VirtualClock()
    gate = limiter(clock)
    gate.pause(7200)

    with pytest.raises(RateLimited, match="propstreet") as caught:
        gate.acquire()

    assert clock.monotonic() == 0
    assert caught.value.retry_after_s == pytest.approx(7200, abs=1)
    assert gate.calls == 0


class GatedClock:
    """Sleepers wait until the test lets time pass; so the order of waking is the limiter's doing alone."""

    def __init__(self) -> None:
        self.now = 0.0
        self.sleeping = 0
        self.moved = threading.Condition()

    def time(self) -> float:
        return self.now

    def monotonic(self) -> float:
        return self.now

    def sleep(self, seconds: float) -> None:
        with self.moved:
            until = self.now + seconds
            self.sleeping += 1
            self.moved.notify_all()
            assert self.moved.wait_for(lambda: self.now >= until, timeout=20)
            self.sleeping -= 1

    def wait_for_sleepers(self, count: int) -> None:
        with self.moved:
            assert self.moved.wait_for(lambda: self.sleeping == count, timeout=20)

    def advance(self, seconds: float) -> None:
        with self.moved:
            self.now += seconds
            self.moved.notify_all()


def test_the_urgent_go_first() -> None:
    """A person's call passes a waiting sweep and a waiting backfill."""
    clock = GatedClock()
    gate = Limiter(clock, name="crm", limit=1, window_s=1.0, share=1.0)
    gate.acquire()
    order: list[Priority] = []

    def call(priority: Priority) -> None:
        gate.acquire(priority)
        order.append(priority)

    ranks = [Priority.SWEEP, Priority.BACKFILL, Priority.PERSON]
    threads = [threading.Thread(target=call, args=(rank,)) for rank in ranks]
    for sleepers, thread in enumerate(threads, start=1):
        thread.start()
        clock.wait_for_sleepers(sleepers)
    while any(thread.is_alive() for thread in threads):
        clock.advance(0.25)
        for thread in threads:
            thread.join(0.01)

    assert order == sorted(ranks)


def test_threads_share_one_budget() -> None:
    clock = VirtualClock()
    gate = limiter(clock, limit=100, window_s=10.0)
    instants: list[float] = []
    lock = threading.Lock()

    def work() -> None:
        for _ in range(50):
            gate.acquire()
            with lock:
                instants.append(clock.monotonic())

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert gate.calls == 200
    assert clock.monotonic() >= 200 / 8 - 3 / 8 - 10 * 0.04
