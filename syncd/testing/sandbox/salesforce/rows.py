"""Single rows, by id and by external id (salesforce.md, sections 3.3, 3.4 and 4)."""

from __future__ import annotations

from typing import Any

from . import stamps
from .call import Answer, Call
from .ids import full
from .refusal import Refusal, no_such_column, no_such_resource, not_found, wrong_method
from .table import Index, Table, Values
from .writing import create, delete, find_index, seen, update

FILE_LIKE = (".inc", ".com", ".exe", ".bat", ".dll")  # paths that end like this never arrive (trap 31)


def handle_new(call: Call, table: Table) -> Answer:
    """POST /sobjects/X/"""
    id = create(call.org, table, call.body(), call.author())
    return Answer(201, {"id": id, "success": True, "errors": []})


def handle_row(call: Call, table: Table, asked: str) -> Answer:
    """GET, PATCH, DELETE /sobjects/X/{id}"""
    if full(asked) is None:
        raise not_found(asked)
    id = seen(call.org, table, asked)
    match call.method:
        case "GET":
            return _read(call, table, id)
        case "PATCH":
            check_unmodified(call, table, id)
            update(call.org, table, id, call.body(), call.author())
            return Answer(204)
        case "DELETE":
            delete(call.org, table, id, call.author())
            return Answer(204)
    raise wrong_method(call.method, "HEAD,GET,PATCH,DELETE")


def handle_keyed(call: Call, table: Table, name: str, value: str) -> Answer:
    """GET, PATCH, DELETE /sobjects/X/Field__c/{value}"""
    if value.lower().endswith(FILE_LIKE):
        raise no_such_resource()
    if name.lower() == "id" and call.method == "GET":
        return _read(call, table, seen(call.org, table, value))
    index = find_index(table, name)
    if index is None:
        raise not_found(name)
    holders = holders_of(table, index, value)
    if len(holders) > 1:
        return Answer(300, [_url(call, table, id) for id in holders])
    if call.method == "PATCH":
        return _upsert(call, table, index, value, holders)
    if not holders:
        raise Refusal("NOT_FOUND", "The requested resource does not exist")
    return handle_row(call, table, holders[0])


def _upsert(call: Call, table: Table, index: Index, value: str, holders: tuple[str, ...]) -> Answer:
    """The key is in the path and must not be in the body (trap 9)."""
    demand_key(call, index)
    name, sent = index.field.name, call.body()
    if any(key.lower() == name.lower() for key in sent):
        raise Refusal("INVALID_FIELD", f"The {name} field should not be specified in the sobject data.", fields=[name])
    if holders:
        check_unmodified(call, table, holders[0])
        update(call.org, table, holders[0], sent, call.author())
        return Answer(200, _upserted(holders[0], created=False))
    if call.flag("updateOnly"):
        raise Refusal("NOT_FOUND", "The requested resource does not exist")
    id = create(call.org, table, sent | {name: value}, call.author())
    return Answer(201, _upserted(id, created=True))


def _upserted(id: str, *, created: bool) -> dict[str, Any]:
    return {"id": id, "success": True, "errors": [], "created": created}


def demand_key(call: Call, index: Index) -> None:
    """Upserting on a key that is not unique takes "View All Data" (trap 11)."""
    if not (index.field.unique or call.org.switches.view_all_data):
        raise Refusal("INSUFFICIENT_ACCESS", "Upsert on a non-unique external id requires View All Data")


def holders_of(table: Table, index: Index, value: str) -> tuple[str, ...]:
    """Live rows only: what is in the Recycle Bin does not match (trap 20)."""
    if not table.unshared:
        return index.holders(value)
    return tuple(id for id in index.holders(value) if id not in table.unshared)


def check_unmodified(call: Call, table: Table, id: str) -> None:
    """412 when the row has moved since; one second is the resolution (section 4)."""
    values = table.rows[id]
    since = call.since("if-unmodified-since")
    if since is not None and stamps.second_of(values[call.org.switches.guard_stamp]) > since:
        raise stale()
    if table.kind.etag:
        wanted, unwanted = call.headers.get("if-match"), call.headers.get("if-none-match")
        if (wanted is not None and wanted != _etag(values)) or (unwanted is not None and unwanted == _etag(values)):
            raise stale()


def stale() -> Refusal:
    return Refusal(
        "ENTITY_FAILED_IFLASTMODIFIED_ON_UPDATE", "Entity was modified since the specified date", fields=None
    )


def _read(call: Call, table: Table, id: str) -> Answer:
    values = table.rows[id]
    check_unmodified(call, table, id)
    since = call.since("if-modified-since")
    if since is not None and stamps.second_of(values["LastModifiedDate"]) <= since:
        return Answer(304)
    headers = {"ETag": _etag(values)} if table.kind.etag else {}
    headers["Last-Modified"] = stamps.http_date(stamps.second_of(values["LastModifiedDate"]))
    names = canonical_names(table, call.many("fields"))
    return Answer(200, shown(call, table, values, names), headers)


def canonical_names(table: Table, asked: list[str]) -> list[str]:
    """All that the API user sees, unless told otherwise."""
    if not asked:
        return [field.name for field in table.visible.values()]
    names = ["Id"]
    for name in asked:
        field = table.visible.get(name.lower())
        if field is None:
            raise no_such_column(table.name, name)
        if field.name != "Id":
            names.append(field.name)
    return names


def shown(call: Call, table: Table, values: Values, names: list[str]) -> dict[str, Any]:
    attributes = {"type": table.name, "url": _url(call, table, values["Id"])}
    return {"attributes": attributes} | {name: values.get(name) for name in names}


def _url(call: Call, table: Table, id: str) -> str:
    return f"{call.base}/sobjects/{table.name}/{id}"


def _etag(values: Values) -> str:
    return f'"{values["SystemModstamp"][:19]}--gzip"'
