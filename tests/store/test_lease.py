"""One process at a time works on a connection; a killed one gives way by itself, and knows when it lost."""

from __future__ import annotations

import threading

import pytest

from syncd.errors import LeaseHeld
from syncd.store import Store, lease
from syncd.store.lease import Lease

NOON = 1_768_478_400.0  # 2026-01-15T12:00:00Z


def acquire(store: Store, holder: str = "ada:1", *, now: float = NOON, connection: str = "nordic") -> int:
    with store.begin() as tx:
        return lease.acquire(tx, connection, holder, now=now, ttl_s=60.0)


def renew(store: Store, fence: int, *, now: float) -> None:
    with store.begin() as tx:
        lease.renew(tx, "nordic", fence, now=now, ttl_s=60.0)


def test_a_second_process_is_told_who_works_and_until_when(store: Store) -> None:
    acquire(store)

    with pytest.raises(LeaseHeld) as held:
        acquire(store, "bob:2", now=NOON + 59.9)
    assert "nordic is being worked on by ada:1 until 2026-01-15T12:01:00.0000000Z" in str(held.value)
    assert held.value.remedy is not None
    assert held.value.exit_code == 4


def test_the_holder_itself_can_not_take_it_twice(store: Store) -> None:
    acquire(store)

    with pytest.raises(LeaseHeld):
        acquire(store)


def test_connections_are_apart(store: Store) -> None:
    acquire(store)

    assert acquire(store, "bob:2", connection="other") == 1


def test_renewing_keeps_it(store: Store) -> None:
    fence = acquire(store)
    renew(store, fence, now=NOON + 50)

    with pytest.raises(LeaseHeld):
        acquire(store, "bob:2", now=NOON + 100)


def test_an_expired_lease_is_taken_over_with_a_higher_fence(store: Store) -> None:
    first = acquire(store)
    second = acquire(store, "bob:2", now=NOON + 60)

    assert second > first
    with pytest.raises(LeaseHeld, match="bob:2"):
        renew(store, first, now=NOON + 61)
    with store.begin() as tx:
        lease.check(tx, "nordic", second)
        with pytest.raises(LeaseHeld, match="bob:2"):
            lease.check(tx, "nordic", first)


def test_a_late_holder_keeps_what_nobody_took(store: Store) -> None:
    """A laptop that slept goes on with its pass."""
    fence = acquire(store)
    renew(store, fence, now=NOON + 3600)

    with store.read() as tx:
        assert lease.get(tx, "nordic") == Lease(holder="ada:1", fence=fence, expires=NOON + 3660)


def test_what_was_given_back_is_free_at_once(store: Store) -> None:
    first = acquire(store)
    with store.begin() as tx:
        lease.release(tx, "nordic", first)
        with pytest.raises(LeaseHeld, match="given up"):
            lease.renew(tx, "nordic", first, now=NOON, ttl_s=60.0)

    assert acquire(store, "bob:2", now=NOON + 1) > first


def test_who_lost_it_can_not_give_back_another_s(store: Store) -> None:
    first = acquire(store)
    second = acquire(store, "bob:2", now=NOON + 60)
    with store.begin() as tx:
        lease.release(tx, "nordic", first)

        lease.check(tx, "nordic", second)


def test_nobody_holds_it_yet(store: Store) -> None:
    with store.begin() as tx:
        assert lease.get(tx, "nordic") is None
        with pytest.raises(LeaseHeld):
            lease.renew(tx, "nordic", 1, now=NOON, ttl_s=60.0)


@pytest.mark.parametrize("before", ["nobody", "expired"])
def test_of_many_at_once_one_gets_it(store: Store, before: str) -> None:
    if before == "expired":
        acquire(store, "old:0", now=NOON - 60)
    start = threading.Barrier(8)
    won: list[str] = []
    lost: list[LeaseHeld] = []

    def race(holder: str) -> None:
        start.wait()
        try:
            acquire(store, holder)
            won.append(holder)
        except LeaseHeld as held:
            lost.append(held)

    threads = [threading.Thread(target=race, args=[f"host:{number}"]) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(won) == 1
    assert len(lost) == 7
    assert all(won[0] in str(held) for held in lost)
