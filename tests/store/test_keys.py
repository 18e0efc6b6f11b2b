"""A record is found by the keys it shows now, while it is live, and by no others."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from typing import Any

import pytest
from msgspec.structs import replace
from sqlalchemy import event, select

from syncd.core.model import Kind, Side
from syncd.core.remote import Remote
from syncd.store import Store, Tx, mirror
from syncd.store.schema import record_keys

WHERE = ("nordic", Side.CRM, Kind.CONTACT)
EARLY, LATE, LATER = (f"2026-01-15T10:00:00.000000{digit}Z" for digit in "012")
HOME, WORK = "email:anna@home.example", "email:anna@work.example"
ANNA = Remote(id="29000", raw={"name": "Anna"}, modified=EARLY, keys=(HOME, WORK))


def put(store: Store, *rows: Remote, fresh: bool = False) -> None:
    with store.begin() as tx:
        mirror.put(tx, *WHERE, rows, now=1.0, fresh=fresh)


def found(store: Store, *keys: str) -> dict[str, list[str]]:
    with store.read() as tx:
        return {key: [one.id for one in hits] for key, hits in mirror.by_key(tx, *WHERE, keys).items()}


def listed(store: Store) -> set[tuple[str, str]]:
    """What the list itself holds: more than by_key shows, if something was left behind."""
    with store.read() as tx:
        return {(row.key, row.id) for row in tx.execute(select(record_keys))}


def statements(tx: Tx, act: Callable[[], Any]) -> list[str]:
    sent: list[str] = []

    def note(_connection: Any, _cursor: Any, statement: str, *_: Any) -> None:
        sent.append(statement)

    event.listen(tx, "before_cursor_execute", note)
    act()
    event.remove(tx, "before_cursor_execute", note)
    return sent


def test_a_record_is_found_by_each_of_its_keys(store: Store) -> None:
    put(store, ANNA)

    with store.read() as tx:
        assert mirror.by_key(tx, *WHERE, [WORK, HOME, "email:unknown@a.example"]) == {HOME: [ANNA], WORK: [ANNA]}


def test_those_that_share_a_key_come_in_the_order_of_their_ids(store: Store) -> None:
    put(store, *(replace(ANNA, id=id) for id in ("9", "10", "é", "Z", "a")))

    assert found(store, HOME) == {HOME: ["10", "9", "Z", "a", "é"]}


@pytest.mark.parametrize("keys", [(), (WORK,), ("email:new@work.example",), (HOME, "email:new@work.example")])
def test_a_key_that_went_finds_nothing_and_one_that_came_finds_it(store: Store, keys: tuple[str, ...]) -> None:
    put(store, ANNA)
    put(store, replace(ANNA, modified=LATE, keys=keys))

    everyone = (HOME, WORK, "email:new@work.example")
    assert found(store, *everyone) == {key: ["29000"] for key in keys}
    assert listed(store) == {(key, "29000") for key in keys}


def test_a_record_that_gets_its_first_key_is_found(store: Store) -> None:
    put(store, replace(ANNA, keys=()))
    put(store, replace(ANNA, modified=LATE))

    assert found(store, HOME) == {HOME: ["29000"]}


def test_an_older_row_moves_no_key(store: Store) -> None:
    """hubspot.md: search lags its writes, and shows a record as it was."""
    put(store, replace(ANNA, modified=LATE, keys=(WORK,)))
    put(store, ANNA)

    assert found(store, HOME, WORK) == {WORK: ["29000"]}


def test_of_a_row_twice_in_a_page_the_later_one_s_keys_count(store: Store) -> None:
    put(store, ANNA, replace(ANNA, modified=LATE, keys=(WORK,)), ANNA)

    assert listed(store) == {(WORK, "29000")}


@pytest.mark.parametrize("tombstone", [Remote(id="29000", deleted=True), replace(ANNA, deleted=True)])
def test_the_deleted_are_not_found(store: Store, tombstone: Remote) -> None:
    """Whether or not the tombstone has a body; and the keys are known still."""
    put(store, ANNA)
    put(store, tombstone)

    assert listed(store) == set()
    with store.read() as tx:
        assert mirror.get(tx, *WHERE, ["29000"])["29000"].keys == (HOME, WORK)


def test_what_was_never_seen_alive_is_not_found(store: Store) -> None:
    put(store, replace(ANNA, deleted=True))

    assert found(store, HOME) == {}
    assert listed(store) == set()


def test_the_restored_are_found_again(store: Store) -> None:
    put(store, ANNA)
    put(store, replace(ANNA, deleted=True))
    put(store, replace(ANNA, modified=LATE))

    assert found(store, HOME, WORK) == {HOME: ["29000"], WORK: ["29000"]}


def test_the_forgotten_leave_no_key(store: Store) -> None:
    put(store, ANNA, replace(ANNA, id="29001", keys=(HOME,)), replace(ANNA, id="29002", keys=()))
    with store.begin() as tx:
        mirror.forget(tx, *WHERE, ["29000", "29002", "unknown"])

    assert listed(store) == {(HOME, "29001")}


def test_connections_sides_and_kinds_are_apart(store: Store) -> None:
    put(store, ANNA)
    with store.begin() as tx:
        mirror.put(tx, "nordic", Side.CRM, Kind.COMPANY, [replace(ANNA, keys=(HOME,))], now=1.0)
        assert mirror.by_key(tx, "nordic", Side.CRM, Kind.CONTACT, [HOME]) == {HOME: [ANNA]}
        mirror.forget(tx, "nordic", Side.CRM, Kind.COMPANY, ["29000"])

    with store.read() as tx:
        assert mirror.by_key(tx, "other", Side.CRM, Kind.CONTACT, [HOME]) == {}
        assert mirror.by_key(tx, "nordic", Side.PROPSTREET, Kind.CONTACT, [HOME]) == {}
        assert mirror.by_key(tx, "nordic", Side.CRM, Kind.COMPANY, [HOME]) == {}
        assert mirror.by_key(tx, "nordic", Side.CRM, Kind.CONTACT, [HOME]) == {HOME: [ANNA]}


def test_many_are_stored_found_and_forgotten_at_once(store: Store) -> None:
    """More than go into one statement; a key that is asked for twice answers once."""
    rows = [replace(ANNA, id=f"{number:04}", keys=(f"email:{number}@a.example",)) for number in range(1200)]
    put(store, *rows)

    wanted = [key for row in rows for key in row.keys]
    assert found(store, *wanted, *wanted) == {row.keys[0]: [row.id] for row in rows}

    with store.begin() as tx:
        mirror.forget(tx, *WHERE, [row.id for row in rows])
    assert listed(store) == set()


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ((), [Remote(id="1", raw={"a": 1})]),
        ([Remote(id="1", raw={"a": 1})], [Remote(id="1", raw={"a": 2})]),
        ([Remote(id="1", raw={"a": 1})], [Remote(id="1", deleted=True)]),
        ([ANNA], [ANNA]),
        ([ANNA], [replace(ANNA, raw={"name": "Anna Berg"})]),
    ],
    ids=["new, without keys", "changed, without keys", "deleted, without keys", "the same", "the same keys"],
)
def test_where_no_key_moves_no_statement_is_spent(
    store: Store, before: Sequence[Remote], after: Sequence[Remote]
) -> None:
    """P8: projects, which have no keys, cost what they did without them."""
    put(store, *before)

    with store.begin() as tx:
        sent = statements(tx, lambda: mirror.put(tx, *WHERE, after, now=2.0))
    assert sent
    assert [one for one in sent if "record_keys" in one] == []


def test_of_two_writers_the_newer_row_s_keys_stay(store: Store) -> None:
    """Of a record that both know, the late writer compares with what the first has stored."""
    put(store, ANNA)
    newer, newest = replace(ANNA, modified=LATE, keys=(HOME,)), replace(ANNA, modified=LATER, keys=(WORK,))
    late = threading.Thread(target=put, args=[store, newer])
    with store.begin() as tx:
        mirror.put(tx, *WHERE, [newest], now=2.0)
        late.start()
        late.join(timeout=0.2)
    late.join()

    assert listed(store) == {(WORK, "29000")}


def test_of_two_who_are_first_only_the_row_that_stays_is_found_by_its_keys(store: Store) -> None:
    """Nor is it by a key that the other one listed, once it is deleted."""
    one, other = replace(ANNA, modified=LATE, keys=(HOME,)), replace(ANNA, keys=(WORK,))
    late = threading.Thread(target=put, args=[store, other])
    with store.begin() as tx:
        mirror.put(tx, *WHERE, [one], now=2.0)
        late.start()
        late.join(timeout=0.2)
    late.join()

    with store.read() as tx:
        stayed = mirror.get(tx, *WHERE, ["29000"])["29000"]
    assert found(store, HOME, WORK) == {key: ["29000"] for key in stayed.keys}

    put(store, replace(ANNA, deleted=True))
    assert found(store, HOME, WORK) == {}
