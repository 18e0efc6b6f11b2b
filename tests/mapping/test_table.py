"""A bad table is refused with the file, the key path and a remedy, and with all that is wrong at once."""

from __future__ import annotations

import tomllib

import pytest

from syncd.core.model import Kind, Side
from syncd.core.policy import Flow, OnConflict, OnDelete
from syncd.errors import ConfigError
from syncd.mapping import load_tables

from .tables import mapper

NAME = 'name = { crm = "dealname" }'
STATUS = 'status = { crm = "s" }'


def refusal(fields: str, head: str = 'object = "deals"') -> tuple[str, str]:
    with pytest.raises(ConfigError) as caught:
        mapper(fields, head)
    return str(caught.value), caught.value.remedy or ""


@pytest.mark.parametrize("field", ["status", "classification", "teaser_stage", "created", "link", "progress"])
@pytest.mark.parametrize("flow", ["both", "to_propstreet"])
def test_read_only_fields_flow_one_way(field: str, flow: str) -> None:
    """propstreet.md trap 31: Propstreet lets nobody write these."""
    message, remedy = refusal(f'{field} = {{ crm = "p", flow = "{flow}" }}')

    assert message == (f"test.toml: project.fields.{field}.flow: would write a field that Propstreet lets nobody write")
    assert remedy == 'write flow = "to_crm"'


@pytest.mark.parametrize(
    ("fields", "path", "what", "remedy"),
    [
        ('nme = { crm = "x" }', "nme", "not a field", "did you mean name?"),
        ('zzz = { crm = "x" }', "zzz", "not a field", "use one of asset_count, "),
        ('name = { crm = "x", flwo = "both" }', "name.flwo", "not a key", "did you mean flow?"),
        ('name = { crm = "x", flow = "bth" }', "name.flow", "not one of its choices", "did you mean both?"),
        ('name = { crm = "x", flow = "never" }', "name.flow", "not one of its choices", "use one of both, "),
        ('name = { crm = "x", codec = "txt" }', "name.codec", "not one of its choices", "did you mean text?"),
        ('name = { crm = "x", codec = "money", currency = "SEK" }', "name.codec", "does not fit", "use one of text"),
        ("name = {}", "name.crm", "is missing", "name the CRM property"),
        ('name = "dealname"', "name", "not a table", "write it as name = "),
        ('name = { crm = "" }', "name.crm", "not a text", "in quotes"),
        ("name = { crm = 5 }", "name.crm", "not a text", "in quotes"),
        ('name = { crm = "x", required = "yes" }', "name.required", "not true or false", "without quotes"),
        ('name = { crm = "x", currency = "SEK" }', "name.currency", "for money only", "take the key out"),
        ('name = { crm = "x", decimals = 2 }', "name.decimals", "money and instants", "take the key out"),
        ('name = { crm = "x", values = { a = "b" } }', "name.values", "for enums only", "take the key out"),
        ('name = { crm = { amount = "a", currency = "b" } }', "name.crm", "for money only", 'crm = "property"'),
        ('name = { crm = "x", on_conflict = "union" }', "name.on_conflict", "sets only", "another rule"),
        ('name = { crm = "x", on_conflict = "furthest" }', "name.on_conflict", "enums only", "another rule"),
        ('price = { crm = "x" }', "price.currency", "is missing", 'write currency = "SEK"'),
        ('price = { crm = "x", currency = "sek" }', "price.currency", "not a currency", "three capital letters"),
        ('price = { crm = { amount = "a" } }', "price.crm.currency", "is missing", "that holds the currency"),
        ('price = { crm = "x", currency = "SEK", decimals = 2.5 }', "price.decimals", "not a number", "0 to 9"),
        ('created = { crm = "x", decimals = 8 }', "created.decimals", "finer than", "0 to 7"),
        ('status = { crm = "x", values = { open = "1", closed = "2" } }', "status.values", "lacks deleted", "add"),
        (
            'asset_type = { crm = "x", values = { single = "1", portfolio = "1" } }',
            "asset_type.values",
            "gives single and portfolio the same",
            "of its own",
        ),
        (
            'asset_type = { crm = "x", values = { single = "1", portfolio = "2", portfolo = "3" } }',
            "asset_type.values.portfolo",
            "not a value that Propstreet takes",
            "did you mean portfolio?",
        ),
        ('status = { crm = "x", on_conflict = "furthest" }', "status.order", "furthest needs it", 'order = ["open"'),
        ('status = { crm = "x", order = ["open", "closed"] }', "status.order", "lacks deleted", "every value"),
        (
            'status = { crm = "x", order = ["open", "closed", "deleted", "delete"] }',
            "status.order",
            "has delete, which is not a value",
            "did you mean deleted?",
        ),
        (
            'status = { crm = "x", order = ["open", "closed", "deleted", "open"] }',
            "status.order",
            "has open more than once",
            "one place",
        ),
        ('status = { crm = "x", order = [["open"]] }', "status.order", "not a list of texts", '["one", "two"]'),
        (f'{NAME}\nlink = {{ crm = "dealname" }}', "link.crm", "that name is mapped to", "of its own"),
        (
            f'{NAME}\nprice = {{ crm = {{ amount = "a", currency = "dealname" }} }}',
            "price.crm.currency",
            "that name is mapped to",
            "of its own",
        ),
        (
            f'{NAME}\nlink = {{ crm = "l", with = {{ dealname = "x" }} }}',
            "link.with.dealname",
            "that a field is mapped to",
            "take it out",
        ),
        (
            'price = { crm = { amount = "a", currency = "c" }, with = { x = "1" } }',
            "price.with",
            "does not go with money in two",
            "beside another field",
        ),
        (
            'link = { crm = "l", with = { a = "1" } }\nname = { crm = "n", with = { a = "2" } }',
            "name.with.a",
            "another value by another field",
            "agree",
        ),
    ],
)
def test_a_bad_field(fields: str, path: str, what: str, remedy: str) -> None:
    """One problem: the message names file and key path, the remedy what to type."""
    message, cure = refusal(fields)

    assert message.startswith(f"test.toml: project.fields.{path}: ")
    assert what in message
    assert remedy in cure


@pytest.mark.parametrize(
    ("head", "path", "what", "remedy"),
    [
        ("", "object", "is missing", 'object = "deals"'),
        ('object = "deals"\ncreat = "both"', "creat", "not a key", "did you mean create?"),
        ('object = "deals"\ncreate = "all"', "create", "not one of its choices", "use one of"),
        ('object = "deals"\non_delete = "remove"', "on_delete", "not one of its choices", "use one of"),
        ('object = "deals"\non_delete = { hubspot = "mark" }', "on_delete.hubspot", "not a key", "use one of"),
        ('object = "deals"\non_delete = { crm = "unbnd" }', "on_delete.crm", "not one of", "did you mean unbind?"),
        ('object = "deals"\non_delete = "mark"', "on_delete", "nothing to mark with", "map status"),
        ('object = "deals"\nmark = { status = "deleted" }', "mark.status", "not a mapped field", "use one of name"),
        ('object = "deals"\nwhere = { pipeline = "x" }', "where.pipeline", "not a key", "use one of crm"),
        ('object = "deals"\nwhere = { crm = { pipeline = [] } }', "where.crm.pipeline", "allows nothing", "list"),
        ('object = "deals"\non_create = { crm = { a = [] } }', "on_create.crm.a", "not a text", "quotes"),
        ('object = "deals"\nedit_outlives_delete = 1', "edit_outlives_delete", "not true or false", "without"),
    ],
)
def test_a_bad_head(head: str, path: str, what: str, remedy: str) -> None:
    message, cure = refusal(NAME, head)

    assert message.startswith(f"test.toml: project.{path}: ")
    assert what in message
    assert remedy in cure


@pytest.mark.parametrize(
    ("mark", "what"),
    [
        ('status = "gone"', "is not one of the field's values"),
        ('asset_count = "5"', "is neither text nor enum"),
        ('name = "x"', "never flows to the CRM"),
    ],
)
def test_a_mark_that_cannot_be_written(mark: str, what: str) -> None:
    fields = f'name = {{ crm = "n", flow = "to_propstreet" }}\n{STATUS}\nasset_count = {{ crm = "c" }}'

    assert what in refusal(fields, f'object = "deals"\nmark = {{ {mark} }}')[0]


def test_creating_projects_needs_their_name() -> None:
    """propstreet.md section 10.2: a project must have a name on create."""
    message, remedy = refusal(STATUS, 'object = "deals"\ncreate = "both"')

    assert "project.create: reaches Propstreet, which requires name" in message
    assert 'create = "to_crm"' in remedy


def test_all_problems_are_told_at_once() -> None:
    message, remedy = refusal('name = { crm = "a", flwo = "x" }\nstatus = { crm = "a", flow = "both" }', "")
    first, *lines = message.splitlines()

    assert first == "test.toml has 4 problems:"
    assert [line.strip().split(": ")[0] for line in lines] == [
        "project.fields.name.flwo",
        "project.object",
        "project.fields.status.flow",
        "project.fields.status.crm",
    ]
    assert all("; " in line for line in lines)
    assert remedy == "mend these keys"


@pytest.mark.parametrize(
    ("document", "what"),
    [
        ("", "maps nothing"),
        ("[projct]\nobject = 'deals'", "did you mean project?"),
        ("project = 5", "is not a table"),
        ("[project]\nobject = 'deals'", "project.fields: maps nothing"),
    ],
)
def test_a_document_without_a_usable_table(document: str, what: str) -> None:
    with pytest.raises(ConfigError) as caught:
        load_tables(tomllib.loads(document), "test.toml")

    assert what in f"{caught.value} {caught.value.remedy}"
    assert caught.value.exit_code == 2


def test_what_is_left_out() -> None:
    """Defaults: creates flow to the CRM, writable fields both ways, nothing is deleted, conflicts are held."""
    table = mapper(f"{NAME}\n{STATUS}")
    policy = table.policy

    assert (table.kind, table.object, policy.create) == (Kind.PROJECT, "deals", Flow.TO_CRM)
    assert (policy.fields["name"].flow, policy.fields["status"].flow) == (Flow.BOTH, Flow.TO_CRM)
    assert policy.fields["name"].required
    assert policy.fields["name"].on_conflict is policy.fields["name"].on_first_meeting is OnConflict.HOLD
    assert policy.on_delete(Side.PROPSTREET) is OnDelete.MARK
    assert policy.on_delete(Side.CRM) is OnDelete.UNBIND
    assert policy.mark == {"status": "deleted"}
    assert policy.edit_outlives_delete


def test_without_a_status_a_deletion_unbinds() -> None:
    assert mapper(NAME).policy.on_delete(Side.PROPSTREET) is OnDelete.UNBIND


def test_one_rule_for_deletions_on_either_side() -> None:
    policy = mapper(NAME, 'object = "deals"\non_delete = "archive"').policy

    assert policy.on_delete(Side.PROPSTREET) is policy.on_delete(Side.CRM) is OnDelete.ARCHIVE


def test_stage_ids_may_be_written_as_numbers() -> None:
    """HubSpot's own stages have numbers for ids; the quotes are easily forgotten."""
    fields = 'status = { crm = "s", values = { open = 11, closed = 12, deleted = 13 } }'

    assert mapper(fields).write(Side.CRM, {"status": "closed"}, current={}).wire == {"s": "12"}
