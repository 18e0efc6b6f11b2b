"""Fields wanted and fields there: compared, created, granted, and said how to make by hand."""

from __future__ import annotations

import json
from typing import Any

import pytest

from syncd.adapters.base import SetupItem
from syncd.adapters.salesforce.metadata import custom_field, steps
from syncd.core.model import FieldType
from syncd.errors import Forbidden
from syncd.mapping.wanted import WantedField
from syncd.testing.sandbox.wire import Fault, FaultKind

from .rig import PROJECT, REF, Rig

OPTIONS = (("open", "Open"), ("closed", "Closed"))


def wanted(name: str, type: FieldType = FieldType.TEXT, **more: Any) -> WantedField:
    return WantedField(name=name, label=name.removesuffix("__c").replace("_", " "), type=type, **more)


def states(items: list[SetupItem]) -> dict[str, str]:
    return {item.field.name: item.state for item in items}


def test_what_is_missing_is_made_and_shown_to_us() -> None:
    """salesforce.md 3.10: a field made through the API is seen by nobody until a permission set grants it."""
    rig = Rig(stamped=False)
    fields = [
        wanted("Propstreet_Text__c"),
        wanted("Propstreet_Price__c", FieldType.MONEY),
        wanted("Propstreet_Count__c", FieldType.WHOLE),
        wanted("Propstreet_Day__c", FieldType.DATE),
        wanted("Propstreet_Moment__c", FieldType.INSTANT),
        wanted("Propstreet_Flag__c", FieldType.FLAG),
        wanted("Propstreet_Status__c", FieldType.ENUM, options=OPTIONS),
        wanted("Propstreet_Tags__c", FieldType.SET, options=OPTIONS),
        wanted("Propstreet_Free_Tags__c", FieldType.SET),
    ]
    missing = rig.adapter.compare(PROJECT, fields)
    assert set(states(missing).values()) == {"missing"}
    assert all(item.detail for item in missing)

    made = rig.adapter.provision(PROJECT, missing)

    assert states(made) == dict.fromkeys([REF, *(field.name for field in fields)], "ok")
    assert not [problem for problem in rig.adapter.check().problems if REF in problem.what]


@pytest.mark.parametrize("asks", [{}, {"may_view_setup": False}, {"catalogue_shows_hidden": False}])
def test_a_field_of_ours_that_nobody_granted_is_granted(asks: dict[str, bool]) -> None:
    """A setup that was killed in between, say: told for hidden or not, creating it finds it taken."""
    rig = Rig(switches=asks)
    rig.person.add_field("Propstreet_Text__c", visible=False)
    (_, before) = rig.adapter.compare(PROJECT, [wanted("Propstreet_Text__c")])

    made = rig.adapter.provision(PROJECT, [before])

    assert before.state == ("missing" if asks else "hidden")
    assert states(made) == {"Propstreet_Text__c": "ok"}


def test_a_hidden_field_is_not_missing() -> None:
    """salesforce.md trap 17: the one is granted, the other is made; describe tells them not apart."""
    rig = Rig(switches={"hidden_fields": frozenset({"Opportunity.Amount", "Opportunity.Propstreet_A__c"})})
    rig.person.add_field("Propstreet_A__c")

    names = ("Amount", "Propstreet_A__c", "Propstreet_B__c")
    items = {item.field.name: item for item in rig.adapter.compare(PROJECT, [wanted(name) for name in names])}

    assert states(list(items.values())) == {
        REF: "ok",
        "Amount": "hidden",
        "Propstreet_A__c": "hidden",
        "Propstreet_B__c": "missing",
    }
    for name in ("Amount", "Propstreet_A__c"):
        assert f"permission set read and edit access to Opportunity.{name}" in items[name].detail
        assert "field-level security" in items[name].detail
    assert "Fields & Relationships" in items["Propstreet_B__c"].detail


def test_a_hidden_stamp_field_is_hidden() -> None:
    rig = Rig(switches={"hidden_fields": frozenset({f"Opportunity.{REF}"})})

    (item,) = rig.adapter.compare(PROJECT, [])

    assert item.state == "hidden"


@pytest.mark.parametrize("asks", [{"may_view_setup": False}, {"catalogue_shows_hidden": False}])
def test_where_the_tooling_api_does_not_tell_both_are_named(asks: dict[str, bool]) -> None:
    """Refused, we know that we do not know; where it keeps quiet about what is hidden, missing is all that is left."""
    rig = Rig(switches={"hidden_fields": frozenset({"Opportunity.Amount"}), **asks})

    (_, item) = rig.adapter.compare(PROJECT, [wanted("Amount", FieldType.MONEY)])

    assert item.state == "missing"
    assert ("or it is hidden from us" in item.detail) is ("may_view_setup" in asks)


def test_a_list_that_is_cut_short_proves_nothing_missing() -> None:
    """salesforce.md trap 15: what is not on the first page may be on the next."""
    rig = Rig(switches={"page_max": 3, "hidden_fields": frozenset({"Opportunity.Amount"})})

    (_, item) = rig.adapter.compare(PROJECT, [wanted("Amount", FieldType.MONEY)])

    assert "or it is hidden from us" in item.detail


@pytest.mark.parametrize("refusal", [(403, "INSUFFICIENT_ACCESS"), (400, "INVALID_TYPE"), (404, "NOT_FOUND")])
def test_without_the_right_to_make_fields_the_steps_are_told(refusal: tuple[int, str]) -> None:
    """The administrator's steps, exactly: object, name, type, uniqueness, and whom to grant it to."""
    rig = Rig(stamped=False)
    status, code = refusal
    body = json.dumps([{"errorCode": code, "message": "no"}]).encode()
    missing = rig.adapter.compare(PROJECT, [])
    rig.line.plan(Fault(kind=FaultKind.STATUS, method="POST", path="CustomField", status=status, body=body))

    with pytest.raises(Forbidden) as caught:
        rig.adapter.provision(PROJECT, missing)

    remedy = str(caught.value.remedy)
    for part in ("Opportunity", "Propstreet_Id", "length 64", "unique, case-sensitive, external ID", "permission set"):
        assert part in remedy
    assert missing[0].detail == remedy


def test_without_the_right_to_grant_the_steps_are_told() -> None:
    rig = Rig()
    rig.line.plan(Fault(kind=FaultKind.STATUS, method="POST", path="/PermissionSet", status=403, body=b"[]", times=-1))
    missing = [item for item in rig.adapter.compare(PROJECT, [wanted("Propstreet_Text__c")]) if item.state == "missing"]

    (item,) = rig.adapter.provision(PROJECT, missing)

    assert item.state != "ok"
    assert "permission set" in item.detail


def test_a_key_that_is_not_unique_is_wrong() -> None:
    """salesforce.md trap 11."""
    rig = Rig(stamped=False)
    rig.person.add_field(REF, external_id=True)

    (item,) = rig.adapter.compare(PROJECT, [])

    assert item.state == "wrong"
    assert "unique" in item.detail


@pytest.mark.parametrize(
    ("field", "says"),
    [
        (wanted("CloseDate", FieldType.TEXT), "its type is date"),
        (wanted("IsWon", FieldType.FLAG), "can't edit it"),
        (wanted("StageName", FieldType.ENUM, options=(("Viewing", "Viewing"),)), "lacks the values Viewing"),
        (wanted("Nmae"), "no such standard field"),
    ],
)
def test_what_does_not_fit_says_why(field: WantedField, says: str) -> None:
    """salesforce.md trap 23 (stages) among them."""
    rig = Rig()

    (_, item) = rig.adapter.compare(PROJECT, [field])

    assert item.state in ("wrong", "missing")
    assert says in item.detail


def test_a_field_that_is_only_read_may_be_of_any_sort() -> None:
    rig = Rig()

    (_, item) = rig.adapter.compare(PROJECT, [wanted("IsWon", FieldType.TEXT, written=False)])

    assert item.state == "ok"


def test_a_long_label_is_cut() -> None:
    field = WantedField(name="X__c", label="x" * 60, type=FieldType.TEXT)

    assert len(custom_field("Opportunity", field)["Metadata"]["label"]) == 40


@pytest.mark.parametrize("type", list(FieldType))
def test_every_sort_of_field_can_be_made_by_hand_too(type: FieldType) -> None:
    assert "Fields & Relationships" in steps("Deal__c", wanted("X__c", type, options=OPTIONS))
