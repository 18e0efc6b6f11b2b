"""Named policies of new records: worked out of the record alone, written on create only, refused when they can't be."""

from __future__ import annotations

import pytest

from syncd.core.model import FieldType, Side
from syncd.errors import ConfigError
from syncd.mapping import Mapper, WantedField, Writing

from .tables import mapper

FIELDS = 'name = { crm = "Name" }\ncreated = { crm = "Made__c" }'


def dated(policy: str = '{ policy = "days_after_created", days = 180 }', fields: str = FIELDS) -> Mapper:
    return mapper(
        fields, f'object = "Opportunity"\non_create = {{ crm = {{ CloseDate = {policy}, Source = "syncd" }} }}'
    )


@pytest.mark.parametrize(
    ("created", "days", "closes"),
    [
        ("2026-05-20T08:00:00.0000000Z", 180, "2026-11-16"),
        ("2026-05-20T23:59:59.9999999Z", 0, "2026-05-20"),
        ("2028-02-28T00:00:00.0000000Z", 1, "2028-02-29"),
    ],
)
def test_days_after_created(created: str, days: int, closes: str) -> None:
    """The day in UTC, and so many days later: the same whenever it is asked, so that a resend has the same body."""
    table = dated(f'{{ policy = "days_after_created", days = {days} }}')

    first, again = (table.create(Side.CRM, {"name": "x", "created": created}) for _ in range(2))

    assert first == again
    assert (first.wire["CloseDate"], first.wire["Source"], first.refused) == (closes, "syncd", {})


@pytest.mark.parametrize("fields", [{"name": "x"}, {"name": "x", "created": None}])
def test_without_a_day_of_creation_it_is_refused(fields: dict[str, str | None]) -> None:
    """Nothing is invented: the field that it comes from is held, and the rest is written."""
    writing = dated().create(Side.CRM, fields)

    assert writing == Writing(
        {"Source": "syncd", "Name": "x"},
        {"created": "is empty, and CloseDate of a new record is worked out of it"},
    )


def test_the_end_of_time_is_refused() -> None:
    writing = dated().create(Side.CRM, {"name": "x", "created": "9999-12-31T00:00:00.0000000Z"})

    assert "CloseDate" not in writing.wire
    assert writing.refused["created"].startswith("is too late for a date to come after it")


def test_it_is_for_new_records_on_the_crm_only() -> None:
    values = {"name": "x", "created": "2026-05-20T08:00:00.0000000Z"}

    assert dated().write(Side.CRM, values, current={}).wire.keys() == {"Name", "Made__c"}
    assert dated().create(Side.PROPSTREET, {"name": "x"}) == Writing({"name": "x"})


def test_it_lies_beneath_the_fields() -> None:
    table = dated(fields=f'{FIELDS}\nlink = {{ crm = "CloseDate" }}')
    values = {"name": "x", "created": "2026-05-20T08:00:00.0000000Z", "link": "https://x"}

    assert table.create(Side.CRM, values).wire["CloseDate"] == "https://x"
    assert [field.type for field in table.wanted() if field.name == "CloseDate"] == [FieldType.REF]


def test_setup_looks_for_its_property() -> None:
    assert WantedField(name="CloseDate", label="Closedate", type=FieldType.DATE) in dated().wanted()


@pytest.mark.parametrize(
    ("policy", "path", "what", "remedy"),
    [
        ("{ days = 5 }", ".policy", "is missing", "use one of days_after_created"),
        ('{ policy = "days_after_create", days = 5 }', ".policy", "not one of its", "did you mean days_after_created?"),
        ("{ policy = 5 }", ".policy", "is not a text", "in quotes"),
        ('{ policy = "days_after_created" }', ".days", "is missing", "days = 180"),
        ('{ policy = "days_after_created", days = "5" }', ".days", "not a number that fits", "from 0 to 36500"),
        ('{ policy = "days_after_created", days = -1 }', ".days", "not a number that fits", "from 0 to 36500"),
        ('{ policy = "days_after_created", days = true }', ".days", "not a number that fits", "from 0 to 36500"),
        ('{ policy = "days_after_created", days = 99999 }', ".days", "not a number that fits", "from 0 to 36500"),
        ('{ policy = "days_after_created", days = 5, dys = 6 }', ".dys", "not a key", "did you mean days?"),
    ],
)
def test_a_bad_policy(policy: str, path: str, what: str, remedy: str) -> None:
    with pytest.raises(ConfigError) as caught:
        dated(policy)

    assert str(caught.value).startswith(f"test.toml: project.on_create.crm.CloseDate{path}: ")
    assert what in str(caught.value)
    assert remedy in str(caught.value.remedy)


@pytest.mark.parametrize("fields", ['name = { crm = "Name" }', 'teaser_published = { crm = "Made__c" }'])
def test_a_table_without_the_field_it_is_worked_out_of(fields: str) -> None:
    """A create would never have it, so the table is refused at once, with what to do."""
    with pytest.raises(ConfigError) as caught:
        dated(fields=fields)

    assert "project.on_create.crm.CloseDate: is worked out of created, which no field takes" in str(caught.value)
    assert caught.value.remedy == "map created, or take the policy out"
