"""Updating: nothing that moved is written over, in as few calls as that takes (salesforce.md 9.3)."""

from __future__ import annotations

import json
from typing import Any

import pytest

from syncd.adapters.base import UpdateItem
from syncd.adapters.salesforce.updates import GUARDED_MAX
from syncd.core.remote import Remote
from syncd.errors import Missing, OutcomeUnknown, PreconditionFailed, RateLimited, Rejected
from syncd.testing.sandbox.wire import Fault, FaultKind

from .rig import LATER_S, PROJECT, REF, Rig, deal, done, edit, error, kinds


def settled(rig: Rig, count: int) -> list[Remote]:
    """Records that changed long ago, as read now."""
    ids = [rig.add(Name=f"name {n}") for n in range(count)]
    rig.clock.advance(LATER_S)
    found = rig.fetch(*ids)
    rig.asked.clear()
    return [found[id] for id in ids]


def renames(reads: list[Remote]) -> list[UpdateItem]:
    return [edit(read, {"Name": f"new {n}"}) for n, read in enumerate(reads)]


@pytest.mark.parametrize(
    ("count", "calls"),
    [(1, 1), (GUARDED_MAX, 1), (GUARDED_MAX + 1, 2), (2 * GUARDED_MAX, 2), (2 * GUARDED_MAX + 1, 2), (200, 2)],
)
def test_any_number_of_updates_takes_two_calls_at_most(count: int, calls: int) -> None:
    rig = Rig()
    items = renames(settled(rig, count))

    outcomes = rig.adapter.update(PROJECT, items)

    assert len(rig.calls()) == calls
    assert [f"new {n}" for n in range(count)] == [done(outcome).remote.raw["Name"] for outcome in outcomes]
    assert all(done(outcome).whole and done(outcome).remote.version for outcome in outcomes)


@pytest.mark.parametrize("count", [3, 60])
def test_a_row_that_moved_stays_and_its_neighbours_go(count: int) -> None:
    """By Salesforce's own guard where there are few, by its values where there are many."""
    rig = Rig()
    reads = settled(rig, count)
    rig.person.edit_record(reads[1].id, Name="a person's")

    outcomes = rig.adapter.update(PROJECT, renames(reads))

    assert isinstance(error(outcomes[1]), PreconditionFailed)
    assert rig.person.record(reads[1].id)["Name"] == "a person's"
    assert [n for n in range(count) if n != 1] == [n for n, outcome in enumerate(outcomes) if _went(outcome)]


def _went(outcome: Any) -> bool:
    return hasattr(outcome, "remote")


def test_two_edits_within_one_second_are_told_apart_by_their_values() -> None:
    """salesforce.md section 4: the guard has whole seconds, and the second edit would pass it unseen."""
    rig = Rig()
    id = rig.add()
    read = rig.fetch(id)[id]
    rig.person.edit_record(id, Name="a person's")
    assert rig.fetch(id)[id].version == read.version, "the edit is not within the same second"

    outcomes = rig.adapter.update(PROJECT, [edit(read, {"Name": "ours"})])

    assert isinstance(error(outcomes[0]), PreconditionFailed)
    assert error(outcomes[0]).fields == ("Name",)
    assert rig.person.record(id)["Name"] == "a person's"


def test_in_a_batch_only_the_fields_that_are_written_count() -> None:
    """An edit of another field is no reason to plan afresh; the answer shows it."""
    rig = Rig()
    reads = settled(rig, 60)
    rig.person.edit_record(reads[1].id, Amount=7)

    outcomes = rig.adapter.update(PROJECT, renames(reads))

    assert done(outcomes[1]).remote.raw["Amount"] == 7
    assert done(outcomes[1]).remote.raw["Name"] == "new 1"


def test_the_guard_is_the_stamp_as_an_http_date() -> None:
    rig = Rig()
    (read,) = settled(rig, 1)

    rig.adapter.update(PROJECT, renames([read]))

    (part, look) = json.loads(rig.asked[-1].body)["compositeRequest"]
    assert part["httpHeaders"] == {"If-Unmodified-Since": "Mon, 21 Sep 2026 14:13:20 GMT"}
    assert "Id" not in part["body"]
    assert look["method"] == "GET"


def test_an_automation_that_moved_the_row_is_noticed() -> None:
    """salesforce.md 8.3: only SystemModstamp moves then."""
    rig = Rig()
    (read,) = settled(rig, 1)
    rig.person.automate(read.id, Name="a flow's")

    assert kinds(rig.adapter.update(PROJECT, renames([read]))) == [PreconditionFailed]


def test_an_unguarded_update_is_one_call() -> None:
    rig = Rig()
    reads = settled(rig, 200)
    items = [edit(read, {"Name": "new"}, guarded=False) for read in reads]

    assert all(_went(outcome) for outcome in rig.adapter.update(PROJECT, items))
    assert len(rig.calls()) == 1


@pytest.mark.parametrize("count", [2, 60])
def test_a_record_that_is_gone_is_missing(count: int) -> None:
    rig = Rig()
    reads = settled(rig, count)
    rig.person.delete_record(reads[0].id)

    outcomes = rig.adapter.update(PROJECT, renames(reads))

    assert isinstance(error(outcomes[0]), Missing)
    assert all(_went(outcome) for outcome in outcomes[1:])


def test_a_record_that_was_merged_away_is_missing_and_its_survivor_untouched() -> None:
    """salesforce.md trap 19."""
    rig = Rig(name="Contact", fields=("LastName",))
    kept, lost = rig.add(), rig.add()
    rig.clock.advance(LATER_S)
    read = rig.fetch(lost)[lost]
    rig.person.merge_records(kept, [lost])

    outcomes = rig.adapter.update(PROJECT, [edit(read, {"LastName": "Ours"})])

    assert isinstance(error(outcomes[0]), Missing)
    assert rig.person.record(kept)["LastName"] == "Lindqvist"


def test_what_is_no_id_never_becomes_a_path() -> None:
    """salesforce.md 2.6."""
    rig = Rig()
    rig.warm()

    outcomes = rig.adapter.update(PROJECT, [UpdateItem("../Account/001", {"Name": "x"}, {})])

    assert kinds(outcomes) == [Missing]
    assert rig.calls() == []


def test_one_record_twice_in_a_batch_is_written_once() -> None:
    rig = Rig()
    (read,) = settled(rig, 1)

    outcomes = rig.adapter.update(PROJECT, [edit(read, {"Name": "first"}), edit(read, {"Name": "second"})])

    assert done(outcomes[0]).remote.raw["Name"] == "first"
    assert isinstance(error(outcomes[1]), PreconditionFailed)


def test_a_stamp_that_another_record_has_is_taken() -> None:
    rig = Rig()
    holder = rig.add(**{REF: "PS-1"})
    (read,) = settled(rig, 1)

    outcome = rig.adapter.update(PROJECT, [edit(read, {}, stamp="PS-1")])[0]

    assert (error(outcome).next_step, error(outcome).existing_id) == ("replan", holder)


def test_an_amount_that_products_make_is_shown_as_it_is() -> None:
    """salesforce.md trap 22: the write succeeds and is ignored; what we answer is what the record shows."""
    rig = Rig()
    id = rig.add()
    rig.person.set_products(id, amount=5)
    rig.clock.advance(LATER_S)
    read = rig.fetch(id)[id]

    outcome = rig.adapter.update(PROJECT, [edit(read, {"Amount": "7", "Name": "new"})])[0]

    assert done(outcome).remote.raw["Amount"] == 5
    assert done(outcome).remote.raw["Name"] == "new"


def test_what_the_org_makes_of_a_value_is_shown() -> None:
    """salesforce.md trap 24: trimmed, rounded, empty to null."""
    rig = Rig()
    (read,) = settled(rig, 1)

    outcome = rig.adapter.update(PROJECT, [edit(read, {"Name": "  new  ", "Amount": "1.005"})])[0]

    assert done(outcome).remote.raw["Name"] == "new"
    assert done(outcome).remote.raw == rig.fetch(read.id)[read.id].raw


@pytest.mark.parametrize("count", [2, 60])
def test_a_locked_row_is_tried_again_alone(count: int) -> None:
    """salesforce.md trap 30."""
    rig = Rig()
    reads = settled(rig, count)
    rig.person.lock_row(reads[0].id)

    outcomes = rig.adapter.update(PROJECT, renames(reads))

    assert isinstance(error(outcomes[0]), RateLimited)
    assert all(_went(outcome) for outcome in outcomes[1:])


def test_a_record_in_approval_is_held() -> None:
    rig = Rig()
    (read,) = settled(rig, 1)
    rig.person.hold_for_approval(read.id)

    outcome = rig.adapter.update(PROJECT, renames([read]))[0]

    assert (type(error(outcome)), error(outcome).code) == (Rejected, "ENTITY_IS_LOCKED")
    assert "approval" in str(error(outcome).remedy)


@pytest.mark.parametrize("kind", [FaultKind.TIMEOUT_AFTER, FaultKind.RESET_AFTER, FaultKind.STATUS_AFTER])
@pytest.mark.parametrize("count", [30, 60])
def test_a_lost_answer_leaves_every_row_unknown(kind: FaultKind, count: int) -> None:
    """salesforce.md 9.2: also the rows of the call that came before; each is sent once."""
    rig = Rig()
    reads = settled(rig, count)
    rig.line.plan(Fault(kind=kind, method="POST", path="/composite$", status=503, times=-1))

    outcomes = rig.adapter.update(PROJECT, renames(reads))

    assert kinds(outcomes) == [OutcomeUnknown] * count
    assert len([one for one in rig.asked if one.method == "POST"]) == (2 if count == 30 else 1)


def test_a_row_that_failed_without_a_word_is_unknown_and_its_neighbour_is_not() -> None:
    rig = Rig()
    reads = settled(rig, 2)
    parts = [{"httpStatusCode": 500, "body": None}, {"httpStatusCode": 204, "body": None}]
    body = json.dumps({"compositeResponse": [*parts, {"httpStatusCode": 200, "body": None}]}).encode()
    rig.line.plan(Fault(kind=FaultKind.STATUS, path="/composite$", status=200, body=body))
    first, second = sorted(range(2), key=lambda place: reads[place].id)

    outcomes = rig.adapter.update(PROJECT, renames(reads))

    assert isinstance(error(outcomes[first]), OutcomeUnknown)
    assert done(outcomes[second]).whole is False


@pytest.mark.parametrize("stale_body", ["list", "empty"])
@pytest.mark.parametrize("guard_stamp", ["SystemModstamp", "LastModifiedDate"])
def test_a_412_is_a_moved_record_however_it_is_worded(stale_body: str, guard_stamp: str) -> None:
    """salesforce.md trap 35 and section 4: neither the body nor the compared stamp is documented."""
    rig = Rig(switches={"stale_body": stale_body, "guard_stamp": guard_stamp})
    (read,) = settled(rig, 1)
    rig.person.edit_record(read.id, Name="a person's")

    assert kinds(rig.adapter.update(PROJECT, renames([read]))) == [PreconditionFailed]


def test_our_own_fresh_write_can_be_followed_by_another() -> None:
    rig = Rig()
    made = done(rig.adapter.create(PROJECT, [deal("PS-1")])[0]).remote

    first = done(rig.adapter.update(PROJECT, [edit(made, {"Name": "one"})])[0]).remote
    second = done(rig.adapter.update(PROJECT, [edit(first, {"Name": "two"})])[0]).remote

    assert second.raw["Name"] == "two"
