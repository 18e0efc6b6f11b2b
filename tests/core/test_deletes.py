"""Deletes: absence is a suspicion, a tombstone is evidence, and an edit outlives a delete unless policy says not."""

from __future__ import annotations

import pytest
from msgspec import structs

from syncd.core.model import LEFT, RIGHT, Base, Fields, Resolution, Side, Situation, Snapshot
from syncd.core.ops import Conflict, Create, Delete, Hold, Update
from syncd.core.plan import DELETED, LIVE, QUIET, plan
from syncd.core.policy import FieldPolicy, Flow, KindPolicy, OnDelete

SETTLED: Fields = {"name": "Oak", "stage": "active", "updated": "t1"}
EDITED: Fields = {**SETTLED, "name": "Elm"}
FIELDS = {
    "name": FieldPolicy(name="name"),
    "stage": FieldPolicy(name="stage", flow=Flow.TO_CRM),
    "updated": FieldPolicy(name="updated", flow=Flow.TO_CRM, follows_writes=True),
}


def policy(rule: str = "archive", **more: object) -> KindPolicy:
    """The same rule on both sides."""
    both = OnDelete(rule)
    plain = KindPolicy(fields=FIELDS, create=Flow.BOTH, when_propstreet_deletes=both, when_crm_deletes=both)
    return structs.replace(plain, mark={"stage": "lost"}, **more)


def deleted(gone: Side, fields: Fields = SETTLED, *, base: Fields | None = SETTLED) -> Situation:
    """One side deleted the record, the other shows these fields."""
    tomb = Snapshot(id="P-1" if gone is LEFT else "9001", deleted=True)
    survivor = Snapshot(id="9001" if gone is LEFT else "P-1", fields=fields, ref=tomb.id)
    left, right = (tomb, survivor) if gone is LEFT else (survivor, tomb)
    return Situation(base=None if base is None else Base(base, base), left=left, right=right)


both_sides = pytest.mark.parametrize("gone", [LEFT, RIGHT])


@both_sides
def test_archive_deletes_the_counterpart_and_keeps_what_it_was(gone: Side) -> None:
    made = plan(deleted(gone), policy("archive"))

    survivor = "9001" if gone is LEFT else "P-1"
    assert made.ops == (Delete(gone.other, survivor, SETTLED),)
    assert made.ends is None


@both_sides
def test_the_pair_ends_once_both_records_are_gone(gone: Side) -> None:
    situation = structs.replace(
        deleted(gone), left=Snapshot(id="P-1", deleted=True), right=Snapshot(id="9001", deleted=True)
    )

    made = plan(situation, policy())

    assert (made.ops, made.ends) == ((), "both records are gone")


@both_sides
def test_an_edit_outlives_a_delete(gone: Side) -> None:
    """The edit of the survivor was on its way to the deleted side: a person decides, and both are shown."""
    made = plan(deleted(gone, EDITED), policy())

    (conflict,) = made.conflicts
    assert ((DELETED, LIVE) if gone is LEFT else (LIVE, DELETED)) == (conflict.left, conflict.right)
    assert conflict.field == ""
    assert "name" in conflict.reason
    assert (made.ops, made.ends) == ((), None)


@both_sides
def test_policy_may_say_that_a_delete_outlives_an_edit(gone: Side) -> None:
    made = plan(deleted(gone, EDITED), policy(edit_outlives_delete=False))

    assert [Delete] == [type(op) for op in made.ops]


def test_a_value_that_can_not_be_read_any_more_was_edited() -> None:
    survivor = Snapshot(id="9001", fields={"stage": "active"}, unreadable={"name": "no canonical form"}, ref="P-1")
    situation = structs.replace(deleted(LEFT), right=survivor)

    made = plan(situation, policy())

    assert made.ops == ()
    assert [each.reason for each in made.conflicts] == ["deleted in propstreet, edited in crm since: name"]


def test_an_edit_that_flows_nowhere_does_not_hold_up_a_delete() -> None:
    """A one-way field that was edited on its target side, and a date that follows every write, are no news."""
    drifted = deleted(LEFT, {**SETTLED, "stage": "signed"})
    touched = deleted(RIGHT, {**SETTLED, "updated": "t2"})

    assert [Delete] == [type(op) for op in plan(drifted, policy()).ops]
    assert [Delete] == [type(op) for op in plan(touched, policy()).ops]


@both_sides
def test_what_was_never_settled_together_is_never_deleted(gone: Side) -> None:
    """A wrong first pairing must not cost a record."""
    made = plan(deleted(gone, base=None), policy())

    assert made.ops == ()
    assert [conflict.field for conflict in made.conflicts] == [""]


@both_sides
def test_unbind_leaves_the_survivor_alone(gone: Side) -> None:
    made = plan(deleted(gone, EDITED), policy("unbind"))

    assert made.ops == ()
    assert made.ends == f"deleted in {gone}; the other record lives on alone"


@both_sides
def test_ignore_keeps_the_pair_for_when_the_record_comes_back(gone: Side) -> None:
    made = plan(deleted(gone, EDITED), policy("ignore"))

    assert structs.replace(made, decisions=()) == QUIET


def test_a_record_that_comes_back_goes_on_where_it_was() -> None:
    """Restored in the CRM after `ignore`: the edit that Propstreet saw meanwhile still flows."""
    back = structs.replace(deleted(RIGHT, EDITED), right=Snapshot(id="9001", fields=SETTLED, ref="P-1"))

    (update,) = plan(back, policy("ignore")).ops

    assert isinstance(update, Update)
    assert (update.side, [*update.changes]) == (RIGHT, ["name"])


def test_mark_writes_into_the_crm_and_the_pair_ends_when_it_shows() -> None:
    marked = deleted(LEFT, {**SETTLED, "stage": "lost"})

    (update,) = plan(deleted(LEFT), policy("mark")).ops

    assert isinstance(update, Update)
    assert (update.side, update.id) == (RIGHT, "9001")
    assert {name: (c.set, c.was) for name, c in update.changes.items()} == {"stage": ("lost", "active")}
    assert plan(deleted(LEFT), policy("mark")).ends is None
    assert plan(marked, policy("mark")).ends == "deleted in propstreet; the other record is marked"


def test_a_mark_in_the_crms_own_spelling_is_a_mark() -> None:
    """Else it would be written in every pass."""

    def folded(left: object, right: object) -> bool:
        return str(left).lower() == str(right).lower()

    fields = {**FIELDS, "stage": FieldPolicy(name="stage", flow=Flow.TO_CRM, alike=folded)}
    made = plan(deleted(LEFT, {**SETTLED, "stage": "Lost"}), policy("mark", fields=fields))

    assert (made.ops, made.ends) == ((), "deleted in propstreet; the other record is marked")


def test_propstreet_has_nothing_to_mark() -> None:
    made = plan(deleted(RIGHT), policy("mark"))

    assert (made.ops, made.ends) == ((), "deleted in crm; the other record lives on alone")


@both_sides
def test_a_person_lets_it_live(gone: Side) -> None:
    """The deleted side gets a new record with the survivor's values, stamped with the survivor's id."""
    (create,) = plan(resolved(deleted(gone, EDITED), gone, LIVE), policy()).ops

    assert isinstance(create, Create)
    assert (gone, "9001" if gone is LEFT else "P-1") == (create.side, create.ref)
    assert create.fields["name"] == "Elm"


@both_sides
@pytest.mark.parametrize("base", [SETTLED, None])
def test_a_person_lets_it_go(gone: Side, base: Fields | None) -> None:
    made = plan(resolved(deleted(gone, EDITED, base=base), gone, DELETED), policy())

    assert [Delete] == [type(op) for op in made.ops]


@both_sides
def test_a_decision_about_another_delete_is_void(gone: Side) -> None:
    """It was taken when the other side was the deleted one."""
    made = plan(resolved(deleted(gone, EDITED), gone.other, DELETED), policy())

    assert made.ops == ()
    assert [Conflict] == [type(conflict) for conflict in made.conflicts]


@both_sides
@pytest.mark.parametrize("rule", list(OnDelete))
def test_absence_is_only_a_suspicion(gone: Side, rule: OnDelete) -> None:
    """A settled pair of which one record was not read: no delete, no mark, no end, and no second counterpart."""
    situation = structs.replace(deleted(gone), **{"left" if gone is LEFT else "right": None})

    made = plan(situation, policy(rule))

    assert structs.replace(made, decisions=()) == QUIET
    assert [f"its counterpart in {gone} was not read"] == [decision.rule for decision in made.decisions]


def test_a_record_that_was_deleted_before_it_was_mirrored_is_not_created() -> None:
    made = plan(Situation(left=Snapshot(id="P-1", deleted=True)), policy())

    assert (made.ops, made.ends) == ((), "it was deleted before it had a counterpart")


def test_a_create_carries_what_flows_and_is_not_empty_and_holds_what_it_can_not_read() -> None:
    record = Snapshot(
        id="9001", fields={"name": "Oak", "stage": "active", "updated": None}, unreadable={"price": "two currencies"}
    )
    with_price = policy(fields={**FIELDS, "price": FieldPolicy(name="price")})

    create, hold = plan(Situation(right=record), with_price).ops

    assert create == Create(LEFT, "9001", {"name": "Oak"})
    assert isinstance(hold, Hold)
    assert (hold.side, hold.field, hold.reason) == (RIGHT, "price", "two currencies")


def resolved(situation: Situation, gone: Side, value: str) -> Situation:
    """A person said so, of a record that was deleted on the side `gone`."""
    saw = (DELETED, LIVE) if gone is LEFT else (LIVE, DELETED)
    return structs.replace(situation, resolutions={"": Resolution(value, *saw)})
