"""Deleting: checked, then done; gone already is done."""

from __future__ import annotations

import pytest

from syncd.adapters.base import DeleteItem
from syncd.adapters.salesforce.ids import full_id
from syncd.errors import Forbidden, Missing, OutcomeUnknown, PreconditionFailed, RateLimited
from syncd.testing.sandbox.wire import Fault, FaultKind

from .rig import LATER_S, PROJECT, Rig, done, error, kinds


def test_two_hundred_deletes_are_one_call() -> None:
    rig = Rig()
    ids = [rig.add(Name=f"name {n}") for n in range(200)]
    rig.warm()

    outcomes = rig.adapter.delete(PROJECT, [DeleteItem(id) for id in ids])

    assert ids == [done(outcome).remote.id for outcome in outcomes]
    assert len(rig.calls()) == 1
    assert len(rig.person.live_records()) == 1


def test_a_row_that_moved_since_it_was_read_stays() -> None:
    """salesforce.md trap 42: a delete heeds no conditional header."""
    rig = Rig()
    moved, unmoved = rig.add(), rig.add()
    reads = rig.fetch(moved, unmoved)
    rig.clock.advance(LATER_S)
    rig.person.edit_record(moved, Name="a person's")

    outcomes = rig.adapter.delete(PROJECT, [DeleteItem(id, read.version) for id, read in reads.items()])

    assert isinstance(error(outcomes[0]), PreconditionFailed)
    assert done(outcomes[1]).remote.deleted
    assert set(rig.person.live_records()) == {moved}


def test_a_record_that_was_merged_away_is_not_deleted_with_its_survivor() -> None:
    rig = Rig(name="Contact", fields=("LastName",))
    kept, lost = rig.add(), rig.add()
    read = rig.fetch(lost)[lost]
    rig.person.merge_records(kept, [lost])

    assert kinds(rig.adapter.delete(PROJECT, [DeleteItem(lost, read.version)])) == [PreconditionFailed]
    assert set(rig.person.live_records("Contact")) == {kept}


def test_gone_already_is_done() -> None:
    """salesforce.md 3.3: a second delete is ENTITY_IS_DELETED; what never was, an invalid reference."""
    rig = Rig()
    binned, never = rig.add(), str(full_id("006000000000zzz"))
    rig.person.delete_record(binned)

    outcomes = rig.adapter.delete(PROJECT, [DeleteItem(binned), DeleteItem(never)])

    assert all(done(outcome).remote.deleted for outcome in outcomes)


@pytest.mark.parametrize("id", ["..", "", "001D000000IqhSLIAZ"])
def test_what_is_no_id_of_this_object_is_not_sent(id: str) -> None:
    rig = Rig()
    rig.warm()

    assert kinds(rig.adapter.delete(PROJECT, [DeleteItem(id)])) == [Missing]
    assert rig.calls() == []


def test_one_bad_row_leaves_the_others() -> None:
    rig = Rig()
    locked, free = rig.add(), rig.add()
    rig.person.lock_row(locked)

    outcomes = rig.adapter.delete(PROJECT, [DeleteItem(locked), DeleteItem(free)])

    assert isinstance(error(outcomes[0]), RateLimited)
    assert done(outcomes[1]).remote.deleted


def test_no_right_to_delete_is_forbidden() -> None:
    rig = Rig(switches={"denied": frozenset({"Opportunity.delete"})})

    assert kinds(rig.adapter.delete(PROJECT, [DeleteItem(rig.add())])) == [Forbidden]


def test_a_delete_is_sent_once() -> None:
    """salesforce.md 9.2: an adapter with retries of its own would send it again."""
    rig = Rig()
    id = rig.add()
    rig.warm()
    rig.line.plan(Fault(kind=FaultKind.TIMEOUT_AFTER, method="DELETE", times=-1))

    assert kinds(rig.adapter.delete(PROJECT, [DeleteItem(id)])) == [OutcomeUnknown]
    assert [method for method, _ in rig.calls()] == ["DELETE"]
