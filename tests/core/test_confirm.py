"""What a write with an unknown outcome did, told from what its target shows now."""

from __future__ import annotations

import pytest

from syncd.core.confirm import Confirmed, confirm
from syncd.core.model import LEFT, RIGHT, Fields, Side, Snapshot, Value
from syncd.core.ops import Change, Update
from syncd.core.policy import FieldPolicy, KindPolicy


def trimmed(left: Value, right: Value) -> bool:
    """The CRM trims: "Oak " in Propstreet is "Oak" there."""
    return (left.strip() if isinstance(left, str) else left) == right


POLICY = KindPolicy(fields={"name": FieldPolicy(name="name", alike=trimmed), "tags": FieldPolicy(name="tags")})


def sent(side: Side = RIGHT, **changes: tuple[Value, Value]) -> Update:
    """An update, from name=(was, set)."""
    return Update(side, "1", {name: Change(set, was, set, "rule") for name, (was, set) in changes.items()})


def shown(version: str | None = "2", **fields: Value) -> Snapshot:
    return Snapshot(id="1", fields=fields, version=version)


@pytest.mark.parametrize(
    ("was", "set", "now", "landed", "missed", "doubtful"),
    [
        ("Elm", "Oak", "Oak", {"name": "Oak"}, (), 0),
        ("Elm", "Oak ", "Oak", {"name": "Oak"}, (), 0),
        ("Elm", "Oak", "Elm", {}, ("name",), 0),
        ("Elm", "Oak", "Ash", {}, (), 1),
        ("Elm", None, None, {"name": None}, (), 0),
        ("Elm", None, (), {"name": ()}, (), 0),
        (None, "Oak", None, {}, ("name",), 0),
    ],
)
def test_landed_missed_or_doubtful(
    was: Value, set: Value, now: Value, landed: Fields, missed: tuple[str, ...], doubtful: int
) -> None:
    """It shows what we sent, in any spelling: landed. It shows what was: missed. Anything else: a person."""
    found = confirm(sent(name=(was, set)), shown(name=now), POLICY)

    assert (landed, missed, doubtful) == (found.landed, found.missed, len(found.doubtful))


def test_fields_are_told_apart() -> None:
    op = sent(name=("Elm", "Oak"), tags=(("a",), ("b",)))

    found = confirm(op, shown(name="Oak", tags=("c",)), POLICY)

    assert found.landed == {"name": "Oak"}
    assert [doubt.field for doubt in found.doubtful] == ["tags"]


def test_a_guarded_write_whose_version_is_still_there_was_not_made() -> None:
    """Whatever the values look like: they may be equal by chance."""
    op = sent(name=("Elm", "Oak"))

    assert Confirmed(missed=("name",)) == confirm(op, shown("1", name="Oak"), POLICY, sent_version="1")
    assert Confirmed(landed={"name": "Oak"}) == confirm(op, shown("2", name="Oak"), POLICY, sent_version="1")
    assert Confirmed(landed={"name": "Oak"}) == confirm(op, shown(None, name="Oak"), POLICY, sent_version=None)


@pytest.mark.parametrize("side", [LEFT, RIGHT])
def test_a_doubt_keeps_both_values_on_their_sides(side: Side) -> None:
    (doubt,) = confirm(sent(side, name=("Elm", "Oak")), shown(name="Ash"), POLICY).doubtful

    assert (("Ash", "Oak") if side is LEFT else ("Oak", "Ash")) == (doubt.left, doubt.right)


def test_the_codecs_compare_propstreet_with_the_crm_and_not_the_reverse() -> None:
    """The write went to Propstreet, which does not trim: "Oak" there is not "Oak " in the CRM."""
    found = confirm(sent(LEFT, name=("Elm", "Oak")), shown(name="Oak "), POLICY)

    assert found.landed == {"name": "Oak "}
    assert not confirm(sent(LEFT, name=("Elm", "Oak ")), shown(name="Oak"), POLICY).landed


@pytest.mark.parametrize("set", [None, "Oak"])
def test_a_field_that_is_not_shown_is_doubtful(set: Value) -> None:
    """Unreadable is not empty: a clear is not confirmed by it."""
    target = Snapshot(id="1", unreadable={"name": "unknown option"})

    found = confirm(sent(name=(None if set else "Elm", set)), target, POLICY)

    assert (found.missed, found.landed, len(found.doubtful)) == ((), {}, 1)


def test_a_deleted_target_leaves_it_to_the_delete_rules() -> None:
    found = confirm(sent(name=("Elm", None)), Snapshot(id="1", deleted=True), POLICY)

    assert Confirmed(missed=("name",)) == found


def test_a_field_outside_the_mapping_is_compared_as_it_is() -> None:
    """A delete's mark may be no mapped field, and a table may have lost one since the write."""
    assert Confirmed(landed={"gone": True}) == confirm(sent(gone=(False, True)), shown(gone=True), POLICY)


def test_a_stamp_alone_has_nothing_to_confirm() -> None:
    """The plan that follows sees from the record whether the stamp is there."""
    assert Confirmed() == confirm(Update(RIGHT, "1", stamp="P-1"), shown(name="Oak"), POLICY)
