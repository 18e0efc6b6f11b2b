"""What a person types becomes the value that both sides are compared in."""

from __future__ import annotations

import pytest

from syncd.core.model import FieldType, Value
from syncd.core.spelling import parse_value


@pytest.mark.parametrize(
    ("type", "text", "value"),
    [
        (FieldType.TEXT, " Oak street 1 ", "Oak street 1"),
        (FieldType.TEXT, "", None),
        (FieldType.FLAG, "Yes", True),
        (FieldType.FLAG, "false", False),
        (FieldType.WHOLE, "7", 7),
        (FieldType.MONEY, "150000000.50 SEK", "150000000.5 SEK"),
        (FieldType.MONEY, "1.5E8 SEK", "150000000 SEK"),
        (FieldType.DATE, "2026-01-15", "2026-01-15"),
        (FieldType.INSTANT, "2026-01-15T10:00:00Z", "2026-01-15T10:00:00.0000000Z"),
        (FieldType.SET, "b, a,", ("a", "b")),
        (FieldType.SET, ",", None),
        (FieldType.ENUM, "exclusive", "exclusive"),
    ],
)
def test_what_a_person_types(type: FieldType, text: str, value: Value) -> None:
    assert parse_value(type, text) == value


@pytest.mark.parametrize(
    ("type", "text"),
    [
        (FieldType.FLAG, "maybe"),
        (FieldType.WHOLE, "7.5"),
        (FieldType.MONEY, "150 millions"),
        (FieldType.MONEY, "150"),
        (FieldType.MONEY, "nan SEK"),
        (FieldType.DATE, "15/1"),
        (FieldType.INSTANT, "soon"),
    ],
)
def test_what_is_no_such_value_is_refused(type: FieldType, text: str) -> None:
    with pytest.raises(ValueError, match="is"):
        parse_value(type, text)
