"""Values on their way out, and raw values compared."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from syncd.adapters.base import ObjectSpec
from syncd.adapters.salesforce.options import decode_options
from syncd.adapters.salesforce.records import RecordType
from syncd.adapters.salesforce.shapes import Description, Field, PicklistValue
from syncd.adapters.salesforce.unseen import Unseen
from syncd.adapters.salesforce.values import same, to_wire
from syncd.core.model import Kind
from syncd.errors import Rejected

LOGIN: dict[str, Any] = {"domain": "acme.my", "client_id_env": "ID", "client_secret_env": "SECRET"}
STAGES = [PicklistValue("Open"), PicklistValue("Old", active=False)]


def records(*fields: Field, **options: Any) -> RecordType:
    spec = ObjectSpec("Deal__c", tuple(field.name for field in fields))
    return RecordType(Kind.PROJECT, spec, decode_options({**LOGIN, **options}), Description("Deal__c", list(fields)))


@pytest.mark.parametrize(
    ("type", "value", "sent"),
    [
        ("currency", "150000000.25", Decimal("150000000.25")),
        ("double", 5, Decimal(5)),
        ("percent", "0.1", Decimal("0.1")),
        ("int", "7", 7),
        ("int", "7.0", 7),
        ("boolean", True, True),
        ("boolean", "false", False),
        ("date", "2026-12-31", "2026-12-31"),
        ("datetime", "2026-12-31T10:00:00.000Z", "2026-12-31T10:00:00.000Z"),
        ("multipicklist", ("A", "B"), "A;B"),
        ("string", 5, "5"),
        ("string", None, None),
        ("currency", None, None),
        ("picklist", None, None),
    ],
)
def test_a_value_takes_the_form_of_its_field(type: str, value: Any, sent: Any) -> None:
    """salesforce.md 8.2."""
    assert to_wire(records(Field(name="X__c", type=type)), {"X__c": value}, creating=False) == {"X__c": sent}


@pytest.mark.parametrize(
    ("field", "value"),
    [
        (Field(name="X__c", type="currency"), "much"),
        (Field(name="X__c", type="currency"), "NaN"),
        (Field(name="X__c", type="double"), True),
        (Field(name="X__c", type="int"), "7.5"),
        (Field(name="X__c", type="boolean"), None),
        (Field(name="X__c", type="boolean"), "perhaps"),
        (Field(name="X__c", type="string", length=3), "long"),
        (Field(name="X__c", type="picklist", restricted_picklist=True, picklist_values=STAGES), "Old"),
        (Field(name="StageName", type="picklist", picklist_values=STAGES), "Invented"),
        (Field(name="X__c", type="string", updateable=False), "x"),
    ],
)
def test_what_a_field_cannot_hold_is_refused_by_name_only(field: Field, value: Any) -> None:
    """A wrong JSON type sinks a whole batch; an invented stage breaks reports (salesforce.md trap 23)."""
    with pytest.raises(Rejected) as caught:
        to_wire(records(field), {field.name: value}, creating=False)

    assert caught.value.fields == (field.name,)
    assert caught.value.remedy
    assert value is None or f" {value}" not in str(caught.value)


def test_an_open_picklist_takes_what_it_does_not_list() -> None:
    field = Field(name="X__c", type="picklist", picklist_values=STAGES)

    assert to_wire(records(field), {"X__c": "New"}, creating=True) == {"X__c": "New"}


@pytest.mark.parametrize(
    ("unseen", "says"),
    [
        (Unseen(), "X__c is missing or hidden from us"),
        (Unseen(frozenset({"X__c"})), "X__c is hidden from us"),
        (Unseen(frozenset({"Y__c"})), "X__c is missing"),
    ],
)
def test_a_hidden_field_is_not_written(unseen: Unseen, says: str) -> None:
    """salesforce.md trap 17."""
    with pytest.raises(Rejected, match=f": {says}$"):
        to_wire(records().knowing(unseen), {"X__c": 1}, creating=False)


def test_creating_and_updating_have_their_own_rights() -> None:
    only_once = records(Field(name="X__c", type="string", updateable=False))

    assert to_wire(only_once, {"X__c": "a"}, creating=True) == {"X__c": "a"}
    with pytest.raises(Rejected):
        to_wire(only_once, {"X__c": "a"}, creating=False)


@pytest.mark.parametrize(
    ("type", "left", "right", "alike"),
    [
        ("multipicklist", "A;B", "B;A", True),
        ("multipicklist", "A;B", "A", False),
        ("currency", 1, Decimal("1.0"), True),
        ("currency", 1, Decimal("1.1"), False),
        ("currency", 0, None, False),
        ("string", "", None, True),
        ("string", "a", "A", False),
        ("string", "A;B", "B;A", False),
        ("boolean", False, None, False),
    ],
)
def test_raw_values_compare_as_what_they_mean(type: str, left: Any, right: Any, alike: bool) -> None:
    """salesforce.md trap 24: the order of a multi-select is the org's own, and empty is null."""
    field = Field(name="X__c", type=type)

    assert same(field, left, right) is alike
    assert same(field, right, left) is alike
