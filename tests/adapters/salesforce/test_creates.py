"""Creating: once per ref, two hundred per call, one outcome per row."""

from __future__ import annotations

import json

import pytest

from syncd.adapters.base import CreateItem
from syncd.errors import AlreadyExists, Forbidden, OutcomeUnknown, RateLimited, Rejected
from syncd.testing.sandbox.salesforce import DuplicateRule, ValidationRule
from syncd.testing.sandbox.wire import Fault, FaultKind

from .rig import LATER_S, PROJECT, REF, Rig, deal, done, error, kinds


def test_two_hundred_creates_and_what_came_of_them_are_one_call() -> None:
    rig = Rig()
    rig.warm()
    items = [deal(f"PS-{n}") for n in range(200)]

    outcomes = rig.adapter.create(PROJECT, items)

    assert len(rig.calls()) == 1
    assert [item.ref for item in items] == [done(outcome).remote.ref for outcome in outcomes]
    assert {(True, True)} == {(done(outcome).created, done(outcome).whole) for outcome in outcomes}
    assert all(done(one).remote.raw["Name"] == f"name of PS-{n}" for n, one in enumerate(outcomes))


def test_the_key_stands_in_the_body_and_not_in_the_path() -> None:
    """salesforce.md trap 9, and with it traps 31 and 32: no key can lead to another resource."""
    rig = Rig()
    refs = ["..", "a/b?c#d%e", "anna@firm.inc", "Å Ä Ö"]

    outcomes = rig.adapter.create(PROJECT, [deal(ref) for ref in refs])

    assert refs == [done(outcome).remote.ref for outcome in outcomes]
    (part, _) = json.loads(rig.asked[-1].body)["compositeRequest"]
    assert part["url"].endswith(f"/composite/sobjects/Opportunity/{REF}")
    assert {row[REF] for row in part["body"]["records"]} == set(refs)
    assert part["body"]["allOrNone"] is False


@pytest.mark.parametrize("ref", ["", "  ", "x" * 256])
def test_a_ref_that_can_be_no_stamp_is_refused(ref: str) -> None:
    """salesforce.md trap 32."""
    rig = Rig()

    outcomes = rig.adapter.create(PROJECT, [deal(ref), deal("PS-1")])

    assert kinds(outcomes)[0] is Rejected
    assert done(outcomes[1]).created


@pytest.mark.parametrize("twin", ["PS-1", "ps-1"])
def test_a_key_is_never_twice_in_a_call(twin: str) -> None:
    """salesforce.md trap 10: both rows would fail."""
    rig = Rig()

    outcomes = rig.adapter.create(PROJECT, [deal("PS-1"), deal("PS-2"), deal(twin)])

    assert [done(outcome).created for outcome in outcomes[:2]] == [True, True]
    assert isinstance(error(outcomes[2]), AlreadyExists)
    assert len(rig.person.live_records()) == 2


def test_a_repeat_is_told_from_a_creation() -> None:
    rig = Rig()
    first = done(rig.adapter.create(PROJECT, [deal("PS-1")])[0])

    again = done(rig.adapter.create(PROJECT, [deal("PS-1")])[0])

    assert (first.created, again.created) == (True, False)
    assert first.remote.id == again.remote.id


def test_failed_rows_of_a_call_that_succeeded_are_failures() -> None:
    """salesforce.md trap 7: HTTP 200, and errors in the rows, in another spelling than elsewhere (trap 8)."""
    rule = ValidationRule(object="Opportunity", field="StageName", value="Closed Won", requires=("Amount",))
    rig = Rig(switches={"validation_rules": (rule,)})
    items = [
        deal("PS-1"),
        deal("PS-2", StageName="Closed Won"),
        CreateItem("PS-3", {"Name": "no date", "StageName": "Prospecting"}, "key"),
        deal("PS-4"),
    ]

    outcomes = rig.adapter.create(PROJECT, items)

    assert [error(outcomes[1]).code, error(outcomes[2]).code] == [
        "FIELD_CUSTOM_VALIDATION_EXCEPTION",
        "REQUIRED_FIELD_MISSING",
    ]
    assert error(outcomes[2]).fields == ("CloseDate",)
    assert error(outcomes[1]).remedy
    assert done(outcomes[0]).created
    assert done(outcomes[3]).created


@pytest.mark.parametrize("action", ["alert", "block"])
def test_a_duplicate_rule_holds_the_row_with_its_remedy(action: str) -> None:
    """salesforce.md trap 29."""
    rule = DuplicateRule(object="Opportunity", fields=("Name",), action=action)  # type: ignore[arg-type]
    rig = Rig(switches={"duplicate_rules": (rule,)})
    rig.add(Name="name of PS-1")

    outcome = rig.adapter.create(PROJECT, [deal("PS-1")])[0]

    assert (type(error(outcome)), error(outcome).code) == (Rejected, "DUPLICATES_DETECTED")
    assert "duplicate rule" in str(error(outcome).remedy)


@pytest.mark.parametrize(("action", "passes"), [("alert", True), ("block", False)])
def test_an_operator_may_let_warnings_pass(action: str, passes: bool) -> None:
    """salesforce.md trap 29 and section 4: an alert can be passed, a block can't."""
    rule = DuplicateRule(object="Opportunity", fields=("Name",), action=action)  # type: ignore[arg-type]
    rig = Rig(switches={"duplicate_rules": (rule,)}, options={"save_duplicates": True})
    rig.add(Name="name of PS-1")

    outcome = rig.adapter.create(PROJECT, [deal("PS-1")])[0]

    assert (kinds([outcome])[0] is not Rejected) is passes


def test_a_record_in_the_bin_does_not_keep_its_key() -> None:
    """salesforce.md trap 20: the upsert makes a new one, so the engine asks for tombstones first."""
    rig = Rig()
    old = done(rig.adapter.create(PROJECT, [deal("PS-1")])[0]).remote.id
    rig.person.delete_record(old)

    new = done(rig.adapter.create(PROJECT, [deal("PS-1")])[0])

    assert new.created
    assert new.remote.id != old
    assert rig.adapter.capabilities.create_overwrites, "the engine must look before it creates"


def test_an_invented_stage_is_refused_before_it_is_stored() -> None:
    """salesforce.md trap 23: the API would take it."""
    rig = Rig()
    rig.warm()

    outcomes = rig.adapter.create(PROJECT, [deal("PS-1", StageName="Invented"), deal("PS-2")])

    assert (kinds(outcomes)[0], error(outcomes[0]).fields) == (Rejected, ("StageName",))
    assert done(outcomes[1]).created


def test_a_stage_that_was_added_since_is_known_at_once() -> None:
    """Before a value is refused by an old description, a new one is read."""
    rig = Rig()
    rig.warm()
    rig.person.set_stages({"Prospecting": 10, "Viewing": 30})
    rig.clock.advance(120.0)

    assert done(rig.adapter.create(PROJECT, [deal("PS-1", StageName="Viewing")])[0]).created


def test_a_bad_row_that_sinks_its_call_is_found() -> None:
    """A field that was hidden since we were described: refused as a whole, so nothing was written."""
    rig = Rig(switches={"bad_field_sinks_call": True})
    rig.warm()
    rig.twin.switch(hidden_fields=frozenset({"Opportunity.Amount"}))
    items = [deal(f"PS-{n}", **({"Amount": "5"} if n == 3 else {})) for n in range(8)]

    outcomes = rig.adapter.create(PROJECT, items)

    assert [n for n, kind in enumerate(kinds(outcomes)) if kind is Rejected] == [3]
    assert len(rig.person.live_records()) == 1 + 7


def test_a_lock_is_waited_for() -> None:
    """salesforce.md trap 30."""
    rig = Rig()
    id = done(rig.adapter.create(PROJECT, [deal("PS-1")])[0]).remote.id
    rig.person.lock_row(id)

    outcomes = rig.adapter.create(PROJECT, [deal("PS-1"), deal("PS-2")])

    assert isinstance(error(outcomes[0]), RateLimited)
    assert (error(outcomes[0]).retry_after_s or 0.0) > 0
    assert done(outcomes[1]).created


def test_no_right_to_create_is_forbidden_row_by_row() -> None:
    rig = Rig(switches={"denied": frozenset({"Opportunity.create"})})

    assert kinds(rig.adapter.create(PROJECT, [deal("PS-1")])) == [Forbidden]


def test_a_lost_look_does_not_undo_a_write() -> None:
    """The rows were confirmed; that they could not be read is only a reason to read them again."""
    rig = Rig()
    answer = {
        "compositeResponse": [
            {"httpStatusCode": 200, "body": [{"id": "006D000000CVE7O", "success": True, "created": True}]},
            {"httpStatusCode": 400, "body": [{"errorCode": "QUERY_TIMEOUT", "message": "late"}]},
        ]
    }
    body = json.dumps(answer).encode()
    rig.line.plan(Fault(kind=FaultKind.STATUS, path="/composite$", status=200, body=body))

    outcome = done(rig.adapter.create(PROJECT, [deal("PS-1")])[0])

    assert (outcome.remote.id, outcome.remote.ref, outcome.whole) == ("006D000000CVE7OIAX", "PS-1", False)


@pytest.mark.parametrize(
    "rows",
    [
        [],
        [{"success": True, "id": "006D000000CVE7O"}],
        [{"success": True}, {"success": True}],
        [{"success": True, "id": None}, {"success": True, "id": ""}],
        "everything went well",
    ],
)
def test_rows_that_are_not_confirmed_by_name_are_unknown(rows: object) -> None:
    """salesforce.md traps 4 and 7: an id for every row, as many rows as were sent."""
    rig = Rig()
    parts = [{"httpStatusCode": 200, "body": rows}, {"httpStatusCode": 500, "body": None}]
    body = json.dumps({"compositeResponse": parts}).encode()
    rig.line.plan(Fault(kind=FaultKind.STATUS, path="/composite$", status=200, body=body))

    assert kinds(rig.adapter.create(PROJECT, [deal("PS-1"), deal("PS-2")])) == [OutcomeUnknown] * 2


def test_a_person_who_writes_right_after_us_is_not_taken_for_us() -> None:
    """What the look shows is then that person's, and must not become what we believe to have written."""
    rig = Rig()
    made = done(rig.adapter.create(PROJECT, [deal("PS-1")])[0])
    rig.clock.advance(LATER_S)
    rig.person.edit_record(made.remote.id, Name="a person's")
    rows = [{"id": made.remote.id, "success": True, "created": True}]
    shown = {"records": [rig.fetch(made.remote.id)[made.remote.id].raw], "done": True}
    parts = [{"httpStatusCode": 200, "body": rows}, {"httpStatusCode": 200, "body": shown}]
    body = json.dumps({"compositeResponse": parts}, default=str).encode()
    rig.line.plan(Fault(kind=FaultKind.STATUS, path="/composite$", status=200, body=body))

    again = done(rig.adapter.create(PROJECT, [deal("PS-1")])[0])

    assert made.whole
    assert not again.whole
    assert "Name" not in again.remote.raw
