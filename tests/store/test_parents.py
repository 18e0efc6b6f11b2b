"""Parents are read in turn, sooner when something says so, and none is read before another that waits longer."""

from __future__ import annotations

import threading

from syncd.core.model import Kind, Side
from syncd.store import Store, parents

WHERE = ("nordic", Side.PROPSTREET, Kind.PROSPECT)


def add(store: Store, *ids: str, due: float) -> None:
    with store.begin() as tx:
        parents.add(tx, *WHERE, ids, due=due)


def hasten(store: Store, *ids: str, due: float) -> None:
    with store.begin() as tx:
        parents.hasten(tx, *WHERE, ids, due=due)


def done(store: Store, *, now: float, **next_due: float) -> None:
    with store.begin() as tx:
        parents.done(tx, *WHERE, next_due, now=now)


def due(store: Store, *, by: float = 1e9, limit: int = 100) -> list[str]:
    with store.read() as tx:
        return parents.due(tx, *WHERE, by=by, limit=limit)


def unread(store: Store, *ids: str) -> set[str]:
    with store.read() as tx:
        return parents.unread(tx, *WHERE, ids)


def test_the_one_that_is_due_longest_comes_first(store: Store) -> None:
    """Those that are due at the same time come in the order of their ids."""
    add(store, "late", due=30.0)
    add(store, "b", "a", "é", "Z", due=20.0)
    add(store, "early", due=10.0)

    assert due(store) == ["early", "Z", "a", "b", "é", "late"]
    assert due(store, limit=2) == ["early", "Z"]


def test_what_is_not_due_waits(store: Store) -> None:
    add(store, "a", due=20.0)

    assert due(store, by=19.9) == []
    assert due(store, by=20.0) == ["a"]


def test_adding_leaves_the_known_as_they_are(store: Store) -> None:
    add(store, "a", due=20.0)
    done(store, b=30.0, now=5.0)
    add(store, "a", "b", "c", "c", due=1.0)

    assert due(store, by=1.0) == ["c"]
    assert due(store) == ["c", "a", "b"]
    assert unread(store, "a", "b", "c") == {"a", "c"}


def test_hastening_moves_forward_and_never_back(store: Store) -> None:
    add(store, "a", due=20.0)
    add(store, "b", due=5.0)
    hasten(store, "a", "b", "new", "new", due=10.0)

    assert due(store, by=5.0) == ["b"]
    assert due(store, by=10.0) == ["b", "a", "new"]


def test_hastening_does_not_forget_that_it_was_read(store: Store) -> None:
    done(store, a=100.0, now=50.0)
    hasten(store, "a", due=60.0)

    assert due(store, by=60.0) == ["a"]
    assert unread(store, "a") == set()
    with store.read() as tx:
        assert parents.oldest(tx, *WHERE) == 50.0


def test_what_was_read_is_due_again_at_its_own_time(store: Store) -> None:
    add(store, "a", "b", due=10.0)
    done(store, a=40.0, b=30.0, now=20.0)

    assert due(store, by=29.9) == []
    assert due(store, by=40.0) == ["b", "a"]


def test_the_unknown_and_the_added_are_unread(store: Store) -> None:
    add(store, "added", due=10.0)
    done(store, read=40.0, now=0.0)

    assert unread(store, "added", "read", "unknown") == {"added", "unknown"}
    assert unread(store) == set()


def test_what_was_removed_is_unknown(store: Store) -> None:
    done(store, a=40.0, b=40.0, now=20.0)
    with store.begin() as tx:
        parents.remove(tx, *WHERE, ["a", "unknown"])

    assert due(store) == ["b"]
    assert unread(store, "a", "b") == {"a"}


def test_the_overdue_of_a_connection_are_counted(store: Store) -> None:
    """On both sides and for all kinds."""
    with store.begin() as tx:
        parents.add(tx, "nordic", Side.PROPSTREET, Kind.PROSPECT, ["a", "b"], due=10.0)
        parents.add(tx, "nordic", Side.CRM, Kind.PROSPECT, ["a"], due=10.0)
        parents.add(tx, "nordic", Side.CRM, Kind.CONTACT, ["a"], due=10.0)
        parents.add(tx, "nordic", Side.CRM, Kind.CONTACT, ["b"], due=10.1)
        parents.add(tx, "other", Side.CRM, Kind.PROSPECT, ["a"], due=10.0)

        assert parents.count(tx, "nordic", due_by=10.0) == 4
        assert parents.count(tx, "nordic", due_by=9.9) == 0
        assert parents.count(tx, "unknown", due_by=10.0) == 0


def test_the_oldest_is_the_one_read_longest_ago(store: Store) -> None:
    """One that was never read has no age."""
    with store.read() as tx:
        assert parents.oldest(tx, *WHERE) is None
    add(store, "new", due=0.0)
    with store.read() as tx:
        assert parents.oldest(tx, *WHERE) is None
    done(store, a=50.0, now=30.0)
    done(store, b=50.0, now=20.0)

    with store.read() as tx:
        assert parents.oldest(tx, *WHERE) == 20.0
    done(store, b=50.0, now=40.0)
    with store.read() as tx:
        assert parents.oldest(tx, *WHERE) == 30.0


def cycles(store: Store, *, by: float = 0.0, until: float = 1e9) -> set[parents.Cycle]:
    with store.read() as tx:
        return set(parents.cycles(tx, *WHERE, by=by, until=until))


def test_a_cycle_is_all_that_is_read_at_the_same_intervals(store: Store) -> None:
    """Counted before a time, those that are due among them; what was never read as a whole has no interval yet."""
    add(store, "new", due=10.0)
    done(store, now=0.0, a=1800.0, b=1800.2)
    done(store, now=300.0, c=2100.0, lively=600.0, closed=86700.0)

    assert cycles(store, by=1800.0, until=3000.0) == {parents.Cycle(1800, 3, 1), parents.Cycle(300, 1, 1)}
    assert cycles(store, until=600.0) == set()
    with store.read() as tx:
        assert parents.resting(tx, *WHERE, since=2100.0) == 2
        assert parents.resting(tx, *WHERE, since=2100.1) == 1


def test_those_that_come_next_of_a_pace(store: Store) -> None:
    done(store, now=0.0, b=1800.0, a=1800.0, lively=300.0)
    done(store, now=300.0, c=2100.0, lively2=600.0)

    with store.read() as tx:
        coming = parents.coming(tx, *WHERE, pace_s=1800.0, after=0.0, limit=3)
        later = parents.coming(tx, *WHERE, pace_s=1800.0, after=1800.0, limit=3)

    assert list(coming.items()) == [("a", 1800.0), ("b", 1800.0), ("c", 2100.0)]
    assert later == {"c": 2100.0}


def test_connections_sides_and_kinds_are_apart(store: Store) -> None:
    others = [
        ("other", Side.PROPSTREET, Kind.PROSPECT),
        ("nordic", Side.CRM, Kind.PROSPECT),
        ("nordic", Side.PROPSTREET, Kind.CONTACT),
    ]
    done(store, a=40.0, now=20.0)
    with store.begin() as tx:
        for where in others:
            parents.hasten(tx, *where, ["a"], due=1.0)
            assert parents.unread(tx, *where, ["a"]) == {"a"}
            assert parents.oldest(tx, *where) is None
            parents.remove(tx, *where, ["a"])

    assert due(store, by=39.0) == []
    assert due(store, by=40.0) == ["a"]


def test_many_at_once(store: Store) -> None:
    """More than go into one statement."""
    ids = [f"{number:04}" for number in range(1200)]
    add(store, *ids, due=10.0)
    assert due(store, limit=2000) == ids
    assert unread(store, *ids) == set(ids)

    hasten(store, *ids[600:], due=5.0)
    assert due(store, by=5.0, limit=2000) == ids[600:]

    done(store, now=20.0, **dict.fromkeys(ids[:1100], 30.0))
    assert unread(store, *ids, *ids) == set(ids[1100:])

    with store.begin() as tx:
        parents.remove(tx, *WHERE, ids[1:])
    assert due(store, limit=2000) == ids[:1]


def test_of_two_writers_the_sooner_due_time_stays(store: Store) -> None:
    """Whoever comes first, and though neither saw the other's parent when it began."""
    for first, second in ((50.0, 70.0), (70.0, 50.0)):
        late = threading.Thread(target=hasten, args=[store, f"{first}"], kwargs={"due": second})
        with store.begin() as tx:
            parents.hasten(tx, *WHERE, [f"{first}"], due=first)
            late.start()
            late.join(timeout=0.2)
        late.join()

    assert due(store, by=50.0) == ["50.0", "70.0"]


def test_writers_never_wait_for_each_other_in_a_circle(store: Store) -> None:
    """However the ids come, the rows are locked in one order."""
    ids = [f"{number:04}" for number in range(600)]
    start = threading.Barrier(4)
    finished: list[float] = []

    def work(order: list[str], sooner: float) -> None:
        start.wait()
        hasten(store, *order, due=sooner)
        done(store, now=1.0, **dict.fromkeys(order, sooner))
        with store.begin() as tx:
            parents.remove(tx, *WHERE, order)
        finished.append(sooner)

    threads = [
        threading.Thread(target=work, args=[ids[::step], due])
        for due, step in ((9.0, 1), (8.0, -1), (7.0, 1), (6.0, -1))
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert sorted(finished) == [6.0, 7.0, 8.0, 9.0]
    assert due(store, limit=2000) == []
