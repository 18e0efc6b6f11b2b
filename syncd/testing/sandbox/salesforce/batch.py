"""sObject Collections (salesforce.md, section 3.5): up to 200 rows a call, answered row by row."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from itertools import groupby
from typing import Any

from .call import Answer, Call
from .ids import full
from .org import Author
from .refusal import Refusal, no_such_resource, wrong_method
from .rows import canonical_names, demand_key, holders_of, shown
from .table import Index, Table
from .writing import create, delete, find_index, seen, update

ROWS_MAX = 200
RUNS_MAX = 10  # of one type each
RETRIEVE_MAX = 2000

Row = dict[str, Any]
Act = Callable[[], Row]

BYSTANDER = Refusal(
    "ALL_OR_NONE_OPERATION_ROLLED_BACK",
    "Record rolled back because not all records were valid and the request was using AllOrNone header",
)


def handle(call: Call) -> Answer:
    """/composite/sobjects, /composite/sobjects/X and /composite/sobjects/X/Field__c"""
    match call.method, call.rest[2:]:
        case "POST", ():
            return _each(call, [_create(call, row) for row in _records(call)])
        case "PATCH", ():
            return _each(call, [_update(call, row) for row in _records(call)])
        case "DELETE", ():
            return _delete(call)
        case "PATCH", (name, field):
            return _upsert(call, call.table(name), field)
        case "GET" | "POST", (name,):
            return _retrieve(call, call.table(name))
    if len(call.rest) > 4:
        raise no_such_resource()
    raise wrong_method(call.method, "GET,POST,PATCH,DELETE")


def _records(call: Call) -> list[Row]:
    records = call.body().get("records")
    if not isinstance(records, list) or not all(isinstance(row, dict) for row in records):
        raise Refusal("JSON_PARSER_ERROR", "records: a list of sObjects is required")
    _check_count(len(records), ROWS_MAX)
    types = [_type_of(row) for row in records]
    if sum(1 for _ in groupby(types)) > RUNS_MAX:
        raise Refusal("LIMIT_EXCEEDED", f"At most {RUNS_MAX} runs of one type each may be in one call.")
    return records


def _check_count(count: int, most: int) -> None:
    if count > most:
        raise Refusal(
            "EXCEEDED_ID_LIMIT", f"record limit reached. cannot submit more than {most} records into this call"
        )


def _type_of(row: Row) -> str:
    attributes = row.get("attributes")
    name = attributes.get("type") if isinstance(attributes, dict) else None
    if not isinstance(name, str):
        raise Refusal("INVALID_TYPE", "attributes.type is required on every record")
    return name


def _table(call: Call, row: Row) -> Table:
    table = call.org.find(_type_of(row))
    if table is None:
        raise Refusal("INVALID_TYPE", f"sObject type '{_type_of(row)}' is not supported.")
    return table


def _author(call: Call) -> Author:
    return call.author(tagged=False)


def _create(call: Call, row: Row) -> Act:
    return lambda: _succeeded(create(call.org, _table(call, row), row, _author(call)))


def _update(call: Call, row: Row) -> Act:
    def act() -> Row:
        table = _table(call, row)
        asked = row.get("id", row.get("Id"))
        if not isinstance(asked, str) or full(asked) is None:
            raise Refusal("MISSING_ARGUMENT" if asked is None else "MALFORMED_ID", "Id not specified", fields=["Id"])
        id = _present(call, table, asked)
        sent = {name: value for name, value in row.items() if name not in ("id", "Id")}
        update(call.org, table, id, sent, _author(call))
        return _succeeded(id)

    return act


def _present(call: Call, table: Table, asked: str) -> str:
    """As `seen`, in a row's words."""
    try:
        return seen(call.org, table, asked)
    except Refusal as refusal:
        if refusal.code == "NOT_FOUND":
            raise Refusal("INVALID_CROSS_REFERENCE_KEY", "invalid cross reference id") from refusal
        raise


def _delete(call: Call) -> Answer:
    ids = call.many("ids")
    _check_count(len(ids), ROWS_MAX)
    return _each(call, [_delete_one(call, asked) for asked in ids], all_or_none=call.flag("allOrNone"))


def _delete_one(call: Call, asked: str) -> Act:
    def act() -> Row:
        table = call.org.by_prefix.get(asked[:3])
        if table is None or full(asked) is None:
            raise Refusal("MALFORMED_ID", f"bad id {asked}")
        id = _present(call, table, asked)
        delete(call.org, table, id, _author(call))
        return _succeeded(id)

    return act


def _upsert(call: Call, table: Table, field: str) -> Answer:
    """The key must be in the body here, and only once per call (traps 9 and 10)."""
    index = find_index(table, field)
    if index is None:
        raise Refusal(
            "INVALID_FIELD",
            f"Field name provided, {field} does not match an External ID, Salesforce Id, or indexed field for "
            f"{table.name}",
        )
    demand_key(call, index)
    records = _records(call)
    if any(_type_of(row).lower() != table.name.lower() for row in records):
        raise Refusal("INVALID_TYPE", f"All records must be of type {table.name}")
    counts = Counter(index.key(value) for row in records if isinstance(value := row.get(index.field.name), str))
    author = _author(call)
    return _each(call, [_upsert_one(call, table, index, row, counts, author) for row in records])


def _upsert_one(call: Call, table: Table, index: Index, row: Row, counts: Counter[str], author: Author) -> Act:
    name = index.field.name

    def act() -> Row:
        value = row.get(name)
        if not isinstance(value, str) or not value:
            raise Refusal("MISSING_ARGUMENT", f"{name} not specified", fields=[name])
        if "id" in row or "Id" in row:
            raise Refusal(
                "INVALID_FIELD", "cannot specify both an external ID reference and a salesforce id", fields=[name]
            )
        if counts[index.key(value)] > 1:
            raise Refusal("DUPLICATE_VALUE", f"Duplicate external id specified: {value}", fields=[name])
        holders = holders_of(table, index, value)
        if len(holders) > 1:
            raise Refusal(
                "DUPLICATE_EXTERNAL_ID", f"{name}: more than one record found for external id field", fields=[name]
            )
        if holders:
            update(call.org, table, holders[0], row, author)
            return _succeeded(holders[0]) | {"created": False}
        return _succeeded(create(call.org, table, row, author)) | {"created": True}

    return act


def _succeeded(id: str) -> Row:
    return {"id": id, "success": True, "errors": []}


def _each(call: Call, acts: list[Act], *, all_or_none: bool | None = None) -> Answer:
    """One answer per row, in order; with allOrNone either all rows stay or none."""
    if all_or_none is None:
        all_or_none = call.body().get("allOrNone") is True
    if not all_or_none:
        return Answer(200, [_tried(call, act) for act in acts])
    results: list[Row] = []
    with call.org.transaction(keep=lambda: all(row["success"] for row in results)):
        results = [_tried(call, act) for act in acts]
    if all(row["success"] for row in results):
        return Answer(200, results)
    return Answer(200, [BYSTANDER.row() if row["success"] else row for row in results])


def _tried(call: Call, act: Act) -> Row:
    try:
        return act()
    except Refusal as refusal:
        if refusal.code == "INVALID_FIELD" and call.org.switches.bad_field_sinks_call:
            raise
        return refusal.row()


def _retrieve(call: Call, table: Table) -> Answer:
    """Missing rows are null, in the place where they were asked for."""
    if call.method == "POST":
        body = call.body()
        asked, fields = body.get("ids"), body.get("fields")
    else:
        asked, fields = call.many("ids"), call.many("fields")
    if not isinstance(asked, list) or not isinstance(fields, list) or not fields:
        raise Refusal("MISSING_ARGUMENT", "ids and fields are required")
    _check_count(len(asked), RETRIEVE_MAX)
    names = canonical_names(table, fields)
    found: list[Row | None] = []
    for wanted in asked:
        id = table.known(str(wanted))
        there = id is not None and id not in table.unshared and not table.rows[id]["IsDeleted"]
        found.append(shown(call, table, table.rows[id], names) if id is not None and there else None)
    return Answer(200, found)
