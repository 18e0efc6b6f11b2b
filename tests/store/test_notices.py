"""Notices fold events into one per record, and never lose one that comes while another is looked at."""

from __future__ import annotations

from msgspec.structs import replace

from syncd.core.model import Kind, Side
from syncd.store import Store, notices
from syncd.store.notices import NewNotice, Notice


def note(id: str, *, side: Side = Side.CRM, fetch: bool = False, due: float = 0.0, reason: str = "poll") -> NewNotice:
    return NewNotice(side, Kind.PROJECT, id, reason, fetch, due)


def put(store: Store, *new: NewNotice, now: float = 100.0) -> None:
    with store.begin() as tx:
        notices.put(tx, "nordic", new, now=now)


def take(store: Store, *, now: float = 100.0, limit: int = 100, after: Notice | None = None) -> list[Notice]:
    with store.read() as tx:
        return notices.take(tx, "nordic", Kind.PROJECT, limit=limit, now=now, after=after)


def done(store: Store, *taken: Notice) -> None:
    with store.begin() as tx:
        notices.done(tx, taken)


def test_a_thousand_events_are_one_notice(store: Store) -> None:
    put(store, *(note("901") for _ in range(1000)))

    (only,) = take(store)
    assert (only.connection, only.side, only.kind, only.id, only.due) == (
        "nordic",
        Side.CRM,
        Kind.PROJECT,
        "901",
        0.0,
    )


def test_what_is_done_is_gone(store: Store) -> None:
    put(store, note("901"), note("902"))
    first, second = take(store)
    done(store, first)

    assert take(store) == [second]


def test_a_notice_that_moved_while_it_was_looked_at_stays(store: Store) -> None:
    put(store, note("901"))
    taken = take(store)
    put(store, note("901"))
    done(store, *taken)

    (left,) = take(store)
    assert left.seq > taken[0].seq


def test_a_notice_made_anew_is_another_one(store: Store) -> None:
    """Two took it, the first is done with it, an event comes: the second must not remove that."""
    put(store, note("901"))
    first = second = take(store)
    done(store, *first)
    put(store, note("901"), now=100.001)
    done(store, *second)

    assert len(take(store, now=101.0)) == 1


def test_a_wish_for_a_fresh_read_stays(store: Store) -> None:
    put(store, note("901", fetch=True, reason="webhook"))
    put(store, note("901", fetch=False, reason="poll"))

    (only,) = take(store)
    assert (only.fetch, only.reason) == (True, "poll")


def test_the_earlier_due_time_holds(store: Store) -> None:
    put(store, note("901", due=500.0), note("902", due=50.0))
    put(store, note("901"), note("902", due=500.0))

    assert [(one.id, one.due) for one in take(store)] == [("901", 0.0), ("902", 50.0)]


def test_a_clock_set_back_hides_nothing(store: Store) -> None:
    """P1: at once is at once by any clock."""
    put(store, note("901"), now=5000.0)

    assert [one.id for one in take(store, now=100.0)] == ["901"]


def test_what_is_not_due_waits(store: Store) -> None:
    put(store, note("901", due=200.0))

    assert take(store, now=199.0) == []
    assert [one.id for one in take(store, now=200.0)] == ["901"]


def test_a_pass_meets_every_notice_once(store: Store) -> None:
    """Also those that it leaves standing, on both sides and with equal due times."""
    wanted = [note(f"{number:03}", side=side) for number in range(25) for side in Side]
    put(store, *wanted)

    met: list[Notice] = []
    while batch := take(store, limit=7, after=met[-1] if met else None):
        met += batch
    assert [(one.side, one.id) for one in met] == sorted((one.side, one.id) for one in wanted)


def test_a_postponed_notice_comes_back_then(store: Store) -> None:
    put(store, note("901"), note("902"))
    taken = take(store)
    put(store, note("902"))
    with store.begin() as tx:
        notices.postpone(tx, taken, due=300.0)

    assert [one.id for one in take(store, now=299.0)] == ["902"], "it moved, so it stays due"
    assert take(store, now=300.0)[1:] == [replace(taken[0], due=300.0)]


def test_counting(store: Store) -> None:
    put(store, note("901"), note("902", due=500.0))

    with store.read() as tx:
        assert notices.count(tx, "nordic") == 2
        assert notices.count(tx, "nordic", Kind.PROJECT, due_by=100.0) == 1
        assert notices.count(tx, "nordic", Kind.CONTACT) == 0
        assert notices.count(tx, "other") == 0
