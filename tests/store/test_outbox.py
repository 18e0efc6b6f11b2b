"""The outbox hands out each op once, remembers what may have landed, and keeps a journal."""

from __future__ import annotations

import threading
from collections.abc import Sequence

import pytest
from msgspec.structs import replace

from syncd.core.model import LEFT, RIGHT, Kind, Side
from syncd.core.ops import Change, Create, Delete, Hold, Op, Update
from syncd.store import Store, Tx, outbox
from syncd.store.outbox import Batch, Entry, Finished, Keyed, NewOp, OpState, Verb

CREATE = Create(RIGHT, "P-1", {"name": "Lindholmen", "assets": ("office", "retail"), "open": True})
UPDATE = Update(RIGHT, "901", {"name": Change("New", "Old", "New", "flows_right", onward=True)}, stamp="P-1")
DELETE = Delete(LEFT, "P-1", {"assets": ("office",)})
HOLD = Hold(RIGHT, "901", "name", "required and empty", "give it a name")


def op(op: Op = CREATE, *, binding: int = 1, not_before: float = 0.0, run: str = "r1") -> NewOp:
    return NewOp(connection="nordic", run=run, binding=binding, kind=Kind.PROJECT, op=op, not_before=not_before)


def add(store: Store, *new: NewOp, now: float = 1.0) -> None:
    with store.begin() as tx:
        outbox.add(tx, new, now=now)


def claim(
    store: Store, verb: Verb = Verb.CREATE, side: Side = RIGHT, limit: int = 100, now: float = 2.0
) -> list[Entry]:
    with store.begin() as tx:
        return outbox.claim(tx, "nordic", side=side, kind=Kind.PROJECT, verb=verb, limit=limit, now=now)


def finish(store: Store, *finished: Finished, now: float = 3.0) -> None:
    with store.begin() as tx:
        outbox.finish(tx, finished, now=now)


def everything(store: Store, bindings: Sequence[int] = (1,)) -> list[Entry]:
    with store.read() as tx:
        return outbox.history(tx, "nordic", bindings)[::-1]


@pytest.mark.parametrize(
    ("wanted", "side", "verb", "record", "state"),
    [
        (CREATE, RIGHT, Verb.CREATE, None, OpState.TODO),
        (UPDATE, RIGHT, Verb.UPDATE, "901", OpState.TODO),
        (DELETE, LEFT, Verb.DELETE, "P-1", OpState.TODO),
        (HOLD, RIGHT, Verb.HOLD, "901", OpState.HELD),
    ],
    ids=["create", "update", "delete", "hold"],
)
def test_an_op_survives(store: Store, wanted: Op, side: Side, verb: Verb, record: str | None, state: OpState) -> None:
    """With its tuples and flags; a hold is held from the start, with its own words."""
    add(store, op(wanted))

    (entry,) = everything(store)
    assert entry.op == wanted
    assert (entry.side, entry.verb, entry.record, entry.state) == (side, verb, record, state)
    assert (entry.attempts, entry.run, entry.created, entry.shown) == (0, "r1", 1.0, None)
    expected = (HOLD.reason, HOLD.remedy) if wanted is HOLD else (None, None)
    assert (entry.reason, entry.remedy) == expected


def test_a_claim_takes_the_oldest_of_one_batch(store: Store) -> None:
    add(store, *(op(binding=number) for number in range(1, 6)), op(UPDATE, binding=9), op(DELETE, binding=8))

    first, second = claim(store, limit=3), claim(store, limit=3)
    assert [entry.binding for entry in first] == [1, 2, 3]
    assert [entry.binding for entry in second] == [4, 5]
    assert {(entry.state, entry.attempts, entry.changed) for entry in first} == {(OpState.SENDING, 1, 2.0)}
    assert claim(store) == []


def test_what_is_not_due_is_not_claimed(store: Store) -> None:
    add(store, op(not_before=10.0))

    assert claim(store, now=9.0) == []
    assert len(claim(store, now=10.0)) == 1


def test_a_held_op_is_not_claimed(store: Store) -> None:
    add(store, op(HOLD))

    assert claim(store, Verb.HOLD) == []


@pytest.mark.parametrize("state", [OpState.SENDING, OpState.UNCONFIRMED])
def test_a_binding_has_one_op_under_way(store: Store, state: OpState) -> None:
    """Two threads that settle one base would undo each other's work."""
    add(store, op(UPDATE), op(Update(LEFT, "P-1")))
    (first,) = claim(store, Verb.UPDATE)
    finish(store, Finished(id=first.id, state=state))

    assert claim(store, Verb.UPDATE, LEFT) == []
    finish(store, Finished(id=first.id, state=OpState.DONE))
    assert len(claim(store, Verb.UPDATE, LEFT)) == 1


def test_one_batch_has_one_op_of_a_binding(store: Store) -> None:
    add(store, op(UPDATE), op(replace(UPDATE, id="902")), op(UPDATE, binding=2))

    assert [entry.binding for entry in claim(store, Verb.UPDATE)] == [1, 2]
    assert claim(store, Verb.UPDATE) == []


def test_an_op_that_waits_does_not_block_the_other_side(store: Store) -> None:
    add(store, op(UPDATE, not_before=99.0), op(Update(LEFT, "P-1")))

    assert len(claim(store, Verb.UPDATE, LEFT)) == 1


def test_batches_with_work_come_creates_first(store: Store) -> None:
    add(store, op(DELETE), op(UPDATE, binding=2), op(CREATE, binding=3), op(CREATE, binding=4), op(HOLD, binding=5))
    add(store, op(Update(LEFT, "P-6"), binding=6, not_before=9.0))

    def due(now: float) -> list[Batch]:
        with store.read() as tx:
            assert outbox.next_batch_kinds(tx, "other", now=now) == []
            return outbox.next_batch_kinds(tx, "nordic", now=now)

    create, update = Batch(RIGHT, Kind.PROJECT, Verb.CREATE), Batch(RIGHT, Kind.PROJECT, Verb.UPDATE)
    late, delete = Batch(LEFT, Kind.PROJECT, Verb.UPDATE), Batch(LEFT, Kind.PROJECT, Verb.DELETE)
    assert due(1.0) == [create, update, delete]
    assert due(9.0) == [create, update, late, delete]
    claim(store)
    assert due(1.0) == [update, delete]


def test_the_next_due_time_is_that_of_the_first_that_waits(store: Store) -> None:
    with store.read() as tx:
        assert outbox.next_due(tx, "nordic") is None
    add(store, op(not_before=9.0), op(binding=2, not_before=7.0), op(HOLD, binding=3))

    with store.read() as tx:
        assert outbox.next_due(tx, "nordic") == 7.0


def test_a_retry_comes_back_when_it_is_due(store: Store) -> None:
    add(store, op())
    (entry,) = claim(store)
    finish(store, Finished(id=entry.id, state=OpState.TODO, reason="rate limited", not_before=30.0))

    assert claim(store, now=29.0) == []
    (again,) = claim(store, now=30.0)
    assert (again.id, again.attempts, again.reason) == (entry.id, 2, "rate limited")


def test_what_was_done_is_in_the_journal(store: Store) -> None:
    """With the id that the create made, and what the target showed."""
    add(store, op(), op(UPDATE, binding=2))
    (create,), (update,) = claim(store), claim(store, Verb.UPDATE)
    shown = {"name": "Lindholmen", "assets": ("office",), "price": None}
    finish(
        store,
        Finished(id=create.id, state=OpState.DONE, shown=shown, record="901"),
        Finished(id=update.id, state=OpState.REPLANNED, reason="the record moved"),
    )

    done, replanned = everything(store, [1, 2])
    assert (done.state, done.record, done.shown, done.changed) == (OpState.DONE, "901", shown, 3.0)
    assert (replanned.state, replanned.record, replanned.reason) == (OpState.REPLANNED, "901", "the record moved")


def test_a_kill_leaves_a_trace_of_what_may_have_landed(store: Store, store_url: str) -> None:
    add(store, op(), op(binding=2))
    (entry,) = claim(store, limit=1)

    with store.read() as tx:
        assert outbox.sending(tx, "nordic") == [entry]
        assert outbox.sending(tx, "other") == []


def test_keys_are_stored_before_the_first_send(store: Store) -> None:
    """propstreet.md: a create is sent again under the key that it was first sent with."""
    add(store, op(), op(binding=2))
    first, second = claim(store)
    with store.begin() as tx:
        outbox.set_keys(tx, [Keyed(first.id, "k1", "hash"), Keyed(second.id, "k2")])
    finish(store, Finished(id=first.id, state=OpState.TODO))

    (again,) = claim(store)
    assert (again.key, again.body_hash) == ("k1", "hash")


def test_a_guard_parks_a_set(store: Store) -> None:
    add(store, *(op(DELETE, binding=number) for number in range(1, 4)), op(HOLD, binding=9))
    parked = everything(store, [1, 2])
    with store.begin() as tx:
        ids = [entry.id for entry in parked]
        outbox.park(tx, "nordic", "deletes", ids, reason="too many", remedy="syncd held retry", now=5.0)

    assert [entry.binding for entry in claim(store, Verb.DELETE, LEFT)] == [3]
    with store.read() as tx:
        held = outbox.held(tx, "nordic", guard="deletes")
        assert [entry.binding for entry in outbox.held(tx, "nordic")] == [1, 2, 9]
    assert {(entry.guard, entry.reason, entry.remedy) for entry in held} == {
        ("deletes", "too many", "syncd held retry")
    }
    finish(store, *(Finished(id=entry.id, state=OpState.TODO) for entry in held))
    assert [(entry.binding, entry.guard) for entry in claim(store, Verb.DELETE, LEFT)] == [(1, None), (2, None)]


def test_open_is_what_is_not_over(store: Store) -> None:
    add(store, op(), op(UPDATE), op(HOLD), op(DELETE, binding=2))
    (create,) = claim(store)
    finish(store, Finished(id=create.id, state=OpState.DONE))

    with store.read() as tx:
        standing = outbox.open_for(tx, "nordic", [1, 2, 3])
    assert {binding: [entry.op for entry in entries] for binding, entries in standing.items()} == {
        1: [UPDATE, HOLD],
        2: [DELETE],
    }


def test_ops_are_counted_and_walked_by_state(store: Store) -> None:
    add(store, *(op(binding=number) for number in range(1, 6)), op(DELETE, binding=9, run="r2"))

    walked: list[Entry] = []
    with store.read() as tx:
        while page := outbox.iterate(tx, "nordic", OpState.TODO, walked[-1].id if walked else 0, limit=2):
            walked += page
        counts = outbox.counts(tx, "nordic", OpState.TODO)
        of_run = outbox.counts(tx, "nordic", OpState.TODO, run="r2")
        ops_of_run = outbox.of_run(tx, "nordic", "r2")
        assert outbox.counts(tx, "nordic", OpState.DONE) == {}
        assert outbox.get(tx, "nordic", [walked[0].id, 999]) == {walked[0].id: walked[0]}
    delete = Batch(LEFT, Kind.PROJECT, Verb.DELETE)
    assert [entry.binding for entry in walked] == [1, 2, 3, 4, 5, 9]
    assert counts == {Batch(RIGHT, Kind.PROJECT, Verb.CREATE): 5, delete: 1}
    assert of_run == {delete: 1}
    assert [entry.op for entry in ops_of_run] == [DELETE]


def test_history_is_latest_first(store: Store) -> None:
    add(store, op(), op(UPDATE), op(DELETE), op(binding=2))

    with store.read() as tx:
        assert [entry.op for entry in outbox.history(tx, "nordic", [1], limit=2)] == [DELETE, UPDATE]


def test_only_what_is_over_is_pruned(store: Store) -> None:
    add(store, *(op(binding=number) for number in range(1, 5)))
    first, second, third = claim(store, limit=3)
    finish(store, Finished(id=first.id, state=OpState.DONE), Finished(id=second.id, state=OpState.REPLANNED), now=3.0)
    finish(store, Finished(id=third.id, state=OpState.UNCONFIRMED), now=3.0)

    with store.begin() as tx:
        assert outbox.prune(tx, "nordic", before=3.0) == 0
        assert outbox.prune(tx, "nordic", before=4.0, limit=1) == 1
        assert outbox.prune(tx, "nordic", before=4.0) == 1
        assert outbox.prune(tx, "nordic", before=4.0) == 0


def test_threads_never_claim_the_same_op(store: Store) -> None:
    """Nor two ops of one binding, which stand in different batches here."""
    for number in range(1, 41):
        add(store, op(UPDATE, binding=number), op(Update(LEFT, f"P-{number}"), binding=number))
    start = threading.Barrier(4)
    claimed: list[Entry] = []

    def work(side: Side) -> None:
        start.wait()
        while entries := claim(store, Verb.UPDATE, side, limit=3):
            claimed.extend(entries)

    threads = [threading.Thread(target=work, args=[side]) for side in (LEFT, RIGHT, LEFT, RIGHT)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(entry.binding for entry in claimed) == list(range(1, 41))


def test_a_claim_that_is_rolled_back_never_was(store: Store) -> None:
    add(store, op())

    def die(tx: Tx) -> None:
        outbox.claim(tx, "nordic", side=RIGHT, kind=Kind.PROJECT, verb=Verb.CREATE, limit=1, now=2.0)
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt), store.begin() as tx:
        die(tx)
    (entry,) = claim(store)
    assert entry.attempts == 1
