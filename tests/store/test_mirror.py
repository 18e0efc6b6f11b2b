"""The mirror says what is news, and is not taken in by rows that come late."""

from __future__ import annotations

import threading
from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest
from msgspec.structs import replace
from sqlalchemy import event

from syncd.core.model import Kind, Side
from syncd.core.remote import Remote
from syncd.store import Store, bindings, mirror, open_store
from syncd.store.bindings import BindingState, NewBinding
from syncd.store.mirror import Head

EARLY, LATE = "2026-01-15T10:00:00.0000000Z", "2026-01-15T10:00:00.0000001Z"
LATER = "2026-01-15T10:00:00.0000002Z"
DEAL = Remote(
    id="901",
    raw={"properties": {"dealname": "Lindholmen", "amount": Decimal("150000000.50"), "none": None}},
    ref="P-1",
    version='W/"7"',
    modified=EARLY,
    absorbed=("900",),
    parent="44",
    person="contact:29000",
    keys=("email:anna@a.example",),
)


def put(store: Store, *rows: Remote, now: float = 1.0, fresh: bool = False) -> list[str]:
    with store.begin() as tx:
        return mirror.put(tx, "nordic", Side.CRM, Kind.PROJECT, rows, now=now, fresh=fresh)


def shown(store: Store, id: str = "901") -> Remote | None:
    with store.read() as tx:
        return mirror.get(tx, "nordic", Side.CRM, Kind.PROJECT, [id]).get(id)


def test_what_went_in_comes_out(store: Store) -> None:
    """Decimals keep their digits, versions their bytes."""
    assert put(store, DEAL) == ["901"]

    assert shown(store) == DEAL


def test_the_same_row_again_is_no_news(store: Store) -> None:
    """Not even with its keys in another order."""
    put(store, DEAL)
    properties = dict(reversed(DEAL.raw["properties"].items()))

    assert put(store, replace(DEAL, raw={"properties": properties})) == []


@pytest.mark.parametrize(
    "changes",
    [
        {"version": 'W/"8"'},
        {"modified": LATE},
        {"raw": {"properties": {"dealname": "Lindholmen II"}}},
        {"deleted": True},
        {"ref": None},
        {"parent": "45"},
        {"parent": None},
        {"person": "company:29000"},
        {"person": None},
        {"absorbed": ()},
        {"keys": ("domain:a.example",)},
        {"keys": ()},
    ],
    ids=lambda changes: next(iter(changes)),
)
def test_a_difference_is_news(store: Store, changes: dict[str, Any]) -> None:
    put(store, DEAL)
    moved = replace(DEAL, **changes)

    assert put(store, moved) == ["901"]
    assert shown(store) == moved


def test_only_the_body_tells_where_nothing_else_does(store: Store) -> None:
    plain = Remote(id="1", raw={"a": 1})
    put(store, plain)

    assert put(store, plain) == []
    assert put(store, replace(plain, raw={"a": 2})) == ["1"]


def test_an_older_row_is_ignored(store: Store) -> None:
    """hubspot.md: search lags its writes, and shows a record as it was."""
    put(store, replace(DEAL, modified=LATE))

    assert put(store, replace(DEAL, raw={"properties": {"dealname": "old"}})) == []
    assert shown(store) == replace(DEAL, modified=LATE)


def test_a_direct_read_counts_even_when_it_is_older(store: Store) -> None:
    """A system restored from a backup would otherwise be misread for ever."""
    put(store, replace(DEAL, modified=LATE))

    assert put(store, DEAL, fresh=True) == ["901"]
    assert shown(store) == DEAL


def test_of_two_writers_the_newer_row_stays(store: Store) -> None:
    """A late page and the answer to a write come at the same time, from two threads."""
    put(store, DEAL)
    newer, newest = replace(DEAL, modified=LATE, version="8"), replace(DEAL, modified=LATER, version="9")
    with store.begin() as tx:
        mirror.put(tx, "nordic", Side.CRM, Kind.PROJECT, [newest], now=2.0)
        late = threading.Thread(target=put, args=[store, newer])
        late.start()
        late.join(timeout=0.2)
    late.join()

    assert shown(store) == newest


def test_an_older_tombstone_counts(store: Store) -> None:
    """Listings of archived records carry the time of the last edit, not of the deletion."""
    put(store, replace(DEAL, modified=LATE))

    assert put(store, replace(DEAL, deleted=True)) == ["901"]
    assert shown(store) == replace(DEAL, modified=LATE, deleted=True)


def test_a_stale_live_row_does_not_bring_a_record_back(store: Store) -> None:
    put(store, replace(DEAL, modified=LATE, deleted=True))

    assert put(store, DEAL) == []


def test_a_restored_record_is_news(store: Store) -> None:
    put(store, replace(DEAL, deleted=True))

    assert put(store, replace(DEAL, modified=LATE)) == ["901"]


def test_a_tombstone_without_a_body_keeps_what_was_known(store: Store) -> None:
    put(store, DEAL)
    tombstone = Remote(id="901", deleted=True)

    assert put(store, tombstone) == ["901"]
    assert put(store, tombstone) == []
    last = shown(store)
    assert last is not None
    assert last == replace(DEAL, deleted=True, absorbed=())


def test_a_tombstone_that_says_more_is_believed(store: Store) -> None:
    """What it says of itself counts; the rest stays as it was known."""
    put(store, DEAL)
    put(store, Remote(id="901", deleted=True, parent="45", person="contact:29001"))

    last = shown(store)
    assert last is not None
    assert (last.parent, last.person, last.keys, last.raw) == ("45", "contact:29001", DEAL.keys, DEAL.raw)


def test_one_row_of_a_page_has_what_another_lacks(store: Store) -> None:
    """And a page whose rows all lack it clears it."""
    bare = Remote(id="900", raw={"a": 1})
    put(store, DEAL, bare)
    assert (shown(store), shown(store, "900")) == (DEAL, bare)

    bare_too = Remote(id="901", raw={"a": 1}, modified=LATE)
    put(store, bare_too, replace(bare, modified=LATE))
    assert (shown(store), shown(store, "900")) == (bare_too, replace(bare, modified=LATE))


def test_a_row_twice_in_a_page_is_news_once(store: Store) -> None:
    """propstreet.md and hubspot.md: paging over a moving list shows rows twice, in either order."""
    later = replace(DEAL, modified=LATE, version="8")

    assert put(store, DEAL, later, DEAL) == ["901"]
    assert shown(store) == later


def test_ids_are_told_apart_byte_by_byte(store: Store) -> None:
    put(store, *(Remote(id=id) for id in ("a", "A", "å", "Å", "a ")))

    with store.read() as tx:
        ids = mirror.slice(tx, "nordic", Side.CRM, Kind.PROJECT, "", 10)
    assert ids == ["A", "a", "a ", "Å", "å"]


def test_slices_walk_all_ids_in_key_order(store: Store) -> None:
    put(store, *(Remote(id=f"{number:04}") for number in range(1200)))

    walked: list[str] = []
    with store.read() as tx:
        while ids := mirror.slice(tx, "nordic", Side.CRM, Kind.PROJECT, walked[-1] if walked else "", 500):
            walked += ids
        found = mirror.get(tx, "nordic", Side.CRM, Kind.PROJECT, walked)
    assert walked == [f"{number:04}" for number in range(1200)]
    assert list(found) == walked


def test_heads_come_without_bodies(store: Store) -> None:
    put(store, DEAL)

    with store.read() as tx:
        heads = mirror.heads(tx, "nordic", Side.CRM, Kind.PROJECT, ["901", "unknown"])
    assert heads == {"901": Head(EARLY, 'W/"7"', False)}
    assert heads["901"] == (EARLY, 'W/"7"', False)


def test_a_stamp_finds_its_live_records(store: Store) -> None:
    """Two records with one stamp are both found: somebody copied a deal, and a person has to know."""
    copy, gone = replace(DEAL, id="902"), replace(DEAL, id="903", deleted=True)
    put(store, copy, DEAL, gone)

    with store.read() as tx:
        found = mirror.by_ref(tx, "nordic", Side.CRM, Kind.PROJECT, ["P-1", "P-2"])
    assert found == {"P-1": [DEAL, copy]}


def nested(id: str, parent: str | None, person: str | None, **rest: Any) -> Remote:
    return Remote(id=id, raw={"stage": id}, parent=parent, person=person, **rest)


FAMILY = [
    nested("44/9", "44", "contact:9"),
    nested("44/10", "44", "contact:10"),
    nested("45/9", "45", "contact:9"),
    nested("45/11", "45", "contact:11", deleted=True),
    nested("46/11", "46", "contact:11", deleted=True),
    nested("alone", None, None),
]


def test_a_parent_finds_its_live_records(store: Store) -> None:
    """In the order of their ids, byte by byte; a parent with none is absent."""
    put(store, *FAMILY)
    first, second, third, *_ = FAMILY

    with store.read() as tx:
        found = mirror.within(tx, "nordic", Side.CRM, Kind.PROJECT, ["45", "44", "46", "47"])
    assert found == {"44": [second, first], "45": [third]}


def test_a_parent_finds_the_ids_of_its_records(store: Store) -> None:
    """The live ones, or those that lived in it when they were last seen."""
    put(store, *FAMILY)

    with store.read() as tx:
        where = (tx, "nordic", Side.CRM, Kind.PROJECT, ["44", "45", "46"])
        assert mirror.ids_within(*where) == {"44": ["44/10", "44/9"], "45": ["45/9"]}
        assert mirror.ids_within(*where, deleted=True) == {"45": ["45/11"], "46": ["46/11"]}


def test_a_person_finds_the_live_records_about_them(store: Store) -> None:
    put(store, *FAMILY)
    first, second, third, *_ = FAMILY

    persons = ["contact:9", "contact:10", "contact:11", "company:9"]
    with store.read() as tx:
        found = mirror.about(tx, "nordic", Side.CRM, Kind.PROJECT, persons)
        mentioned = mirror.mentioned(tx, "nordic", Side.CRM, Kind.PROJECT, persons)
    assert found == {"contact:9": [first, third], "contact:10": [second]}
    assert mentioned == {"contact:9", "contact:10"}


def test_a_record_that_moved_is_found_where_it_is(store: Store) -> None:
    put(store, nested("1", "44", "contact:9"))
    moved = nested("1", "45", "contact:10")
    put(store, moved)

    with store.read() as tx:
        where = (tx, "nordic", Side.CRM, Kind.PROJECT)
        assert mirror.within(*where, ["44", "45"]) == {"45": [moved]}
        assert mirror.about(*where, ["contact:9", "contact:10"]) == {"contact:10": [moved]}


def test_many_parents_and_persons_are_asked_for_at_once(store: Store) -> None:
    """More than go into one statement; what is asked for twice answers once."""
    rows = [nested(f"{number:04}", f"D{number}", f"contact:{number}") for number in range(1200)]
    put(store, *rows)

    parents, persons = [f"D{number}" for number in range(1200)], [f"contact:{number}" for number in range(1200)]
    with store.read() as tx:
        where = (tx, "nordic", Side.CRM, Kind.PROJECT)
        assert mirror.within(*where, parents * 2) == {row.parent: [row] for row in rows}
        assert mirror.ids_within(*where, parents * 2) == {row.parent: [row.id] for row in rows}
        assert mirror.about(*where, persons * 2) == {row.person: [row] for row in rows}
        assert mirror.mentioned(*where, persons * 2) == set(persons)


@pytest.mark.parametrize(
    ("look", "index"),
    [
        (mirror.by_ref, "records_by_ref"),
        (mirror.buried, "records_by_ref"),
        (mirror.within, "records_by_parent"),
        (mirror.ids_within, "records_by_parent"),
        (mirror.about, "records_by_person"),
        (mirror.mentioned, "records_by_person"),
        (mirror.by_key, "record_keys USING PRIMARY KEY"),
    ],
)
def test_a_few_are_found_without_walking_through_all(look: Callable[..., object], index: str) -> None:
    """P8: cost grows with changes, not with size. SQLite says in advance which way it will take."""
    sent: list[tuple[str, Any]] = []

    def note(_connection: Any, _cursor: Any, statement: str, values: Any, *_: Any) -> None:
        sent.append((statement, values))

    store = open_store("sqlite://")
    with store.read() as tx:
        event.listen(tx, "before_cursor_execute", note)
        look(tx, "nordic", Side.CRM, Kind.PROJECT, ["1", "2"])
        event.remove(tx, "before_cursor_execute", note)
        ((statement, values),) = sent
        steps = [step[-1] for step in tx.exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", values)]
    store.close()

    assert index in steps[0]
    assert [step for step in steps if step.startswith("SCAN")] == []


def test_connections_sides_and_kinds_are_apart(store: Store) -> None:
    put(store, DEAL)

    with store.read() as tx:
        assert mirror.count(tx, "nordic", Side.CRM, Kind.PROJECT) == 1
        assert mirror.get(tx, "other", Side.CRM, Kind.PROJECT, ["901"]) == {}
        assert mirror.get(tx, "nordic", Side.PROPSTREET, Kind.PROJECT, ["901"]) == {}
        assert mirror.get(tx, "nordic", Side.CRM, Kind.CONTACT, ["901"]) == {}
        for connection, side, kind in (
            ("other", Side.CRM, Kind.PROJECT),
            ("nordic", Side.PROPSTREET, Kind.PROJECT),
            ("nordic", Side.CRM, Kind.CONTACT),
        ):
            assert mirror.within(tx, connection, side, kind, ["44"]) == {}
            assert mirror.ids_within(tx, connection, side, kind, ["44"]) == {}
            assert mirror.about(tx, connection, side, kind, ["contact:29000"]) == {}
            assert mirror.mentioned(tx, connection, side, kind, ["contact:29000"]) == set()


def test_what_is_forgotten_is_news_again(store: Store) -> None:
    put(store, DEAL)
    with store.begin() as tx:
        mirror.forget(tx, "nordic", Side.CRM, Kind.PROJECT, ["901"])

    assert put(store, DEAL) == ["901"]


def test_live_and_deleted_are_counted_apart(store: Store) -> None:
    put(store, DEAL, replace(DEAL, id="902", deleted=True), replace(DEAL, id="903"))

    with store.read() as tx:
        assert mirror.count(tx, "nordic", Side.CRM, Kind.PROJECT) == 2
        assert mirror.count(tx, "nordic", Side.CRM, Kind.PROJECT, deleted=True) == 1


def test_ids_that_end_so(store: Store) -> None:
    """For a person who types half an id; letter by letter, whatever they mean to a database."""
    put(store, *(Remote(id=id) for id in ("9/41", "8/41", "8/141", "8/4_", "7/42")), Remote(id="6/41", deleted=True))

    with store.read() as tx:
        where = (tx, "nordic", Side.CRM, Kind.PROJECT)
        assert mirror.ids_ending(*where, "/41", limit=9) == ["6/41", "8/41", "9/41"]
        assert mirror.ids_ending(*where, "/41", limit=2) == ["6/41", "8/41"]
        assert mirror.ids_ending(*where, "/4_", limit=9) == ["8/4_"]
        assert mirror.ids_ending(tx, "nordic", Side.CRM, Kind.PROSPECT, "/41", limit=9) == []


def pair(store: Store, state: BindingState, *, left: str | None = None, right: str | None = None) -> None:
    with store.begin() as tx:
        one = NewBinding(connection="nordic", kind=Kind.PROJECT, left_id=left, right_id=right, state=state)
        bindings.add(tx, [one], now=1.0)


def unpaired(
    store: Store, after: str = "", *, among: int = 100, limit: int = 100, side: Side = Side.CRM
) -> tuple[list[str], str]:
    with store.read() as tx:
        found, last = mirror.unpaired(tx, "nordic", side, Kind.PROJECT, after, among=among, limit=limit)
    return [remote.id for remote in found], last


def test_who_is_unpaired(store: Store) -> None:
    """No binding, or one that waits for its other half; a pair that is over had one."""
    put(store, *(Remote(id=id, raw={"a": 1}) for id in ("alone", "bound", "ended", "merged", "waits")))
    put(store, Remote(id="deleted", raw={}, deleted=True))
    pair(store, BindingState.BOUND, left="L-1", right="bound")
    pair(store, BindingState.ENDED, left="L-2", right="ended")
    pair(store, BindingState.MERGED, right="merged")
    pair(store, BindingState.PENDING, right="waits")
    pair(store, BindingState.BOUND, left="alone", right="another")

    assert unpaired(store) == (["alone", "waits"], "")


def test_the_unpaired_of_one_side_are_not_the_other_sides(store: Store) -> None:
    """The same id may be a record of each."""
    pair(store, BindingState.BOUND, left="1", right="2")
    with store.begin() as tx:
        for side in Side:
            mirror.put(tx, "nordic", side, Kind.PROJECT, [Remote(id="1", raw={}), Remote(id="2", raw={})], now=1.0)
        mirror.put(tx, "other", Side.CRM, Kind.PROJECT, [Remote(id="3", raw={})], now=1.0)
        mirror.put(tx, "nordic", Side.CRM, Kind.CONTACT, [Remote(id="4", raw={})], now=1.0)

    assert unpaired(store, side=Side.PROPSTREET) == (["2"], "")
    assert unpaired(store, side=Side.CRM) == (["1"], "")


@pytest.mark.parametrize(("among", "limit"), [(100, 2), (2, 100), (3, 2), (1, 1), (100, 100)])
def test_the_unpaired_are_gone_through_a_few_at_a_time(store: Store, among: int, limit: int) -> None:
    """By how many are found, or by how many were looked at; each comes once in a round, in the order of keys."""
    ids = ["A", "Z", "a", "b", "c", "d", "é"]
    put(store, *(Remote(id=id, raw={}) for id in ids))
    for id in ("Z", "a", "b"):
        pair(store, BindingState.BOUND, left=f"L-{id}", right=id)

    found, last = unpaired(store, among=among, limit=limit)
    rounds = 1
    while last:
        more, last = unpaired(store, last, among=among, limit=limit)
        assert len(more) <= min(among, limit)
        found += more
        rounds += 1

    assert found == ["A", "c", "d", "é"]
    assert rounds <= len(ids) + 1
