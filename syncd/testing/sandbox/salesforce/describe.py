"""Describe (salesforce.md, section 3.8): only what the API user may see is in it."""

from __future__ import annotations

from typing import Any

from . import stamps
from .call import Answer, Call
from .fields import Field
from .org import Org
from .table import Table


def handle_all(call: Call) -> Answer:
    """GET /sobjects"""
    call.demand_method("GET")
    if _unchanged(call):
        return Answer(304)
    tables = [it for it in call.org.tables.values() if call.org.find(it.name) and not it.kind.tooling]
    content = {"encoding": "UTF-8", "maxBatchSize": 200, "sobjects": [_facts(call, it) for it in tables]}
    return Answer(200, content, _modified(call))


def handle_one(call: Call, table: Table) -> Answer:
    """GET /sobjects/X/describe"""
    call.demand_method("GET")
    if _unchanged(call):
        return Answer(304)
    fields = [_field(table, it) for it in table.visible.values()]
    more = {"fields": fields, "childRelationships": _children(call.org, table), "recordTypeInfos": [_MASTER]}
    return Answer(200, _facts(call, table) | more, _modified(call))


def handle_basic(call: Call, table: Table) -> Answer:
    """GET /sobjects/X/"""
    return Answer(200, {"objectDescribe": _facts(call, table), "recentItems": []})


_MASTER = {
    "active": True,
    "available": True,
    "defaultRecordTypeMapping": True,
    "developerName": "Master",
    "master": True,
    "name": "Master",
    "recordTypeId": "012000000000000AAA",
}


def _facts(call: Call, table: Table) -> dict[str, Any]:
    kind, denied = table.kind, call.org.switches.denied
    writable = not kind.readable_only and (not kind.setup or call.org.switches.may_customize)
    url = f"{call.base}/sobjects/{table.name}"
    return {
        "name": table.name,
        "label": kind.label,
        "labelPlural": kind.label + "s",
        "keyPrefix": kind.prefix,
        "custom": kind.custom,
        "createable": writable and f"{table.name}.create" not in denied,
        "updateable": writable and f"{table.name}.edit" not in denied,
        "deletable": writable and f"{table.name}.delete" not in denied,
        "undeletable": writable and kind.undeletable,
        "mergeable": kind.mergeable,
        "queryable": True,
        "retrieveable": True,
        "replicateable": kind.replicated,
        "searchable": kind.owned,
        "urls": {"sobject": url, "describe": f"{url}/describe", "rowTemplate": f"{url}/{{ID}}"},
    }


def _field(table: Table, field: Field) -> dict[str, Any]:
    return field.described(readonly=field.name in table.readonly)


def _children(org: Org, table: Table) -> list[dict[str, Any]]:
    return [
        {
            "childSObject": other.name,
            "field": field.name,
            "relationshipName": field.children,
            "cascadeDelete": field.cascades,
        }
        for other in org.tables.values()
        for field in other.visible.values()
        if table.name in field.reference_to
    ]


def _unchanged(call: Call) -> bool:
    since = call.since("if-modified-since")
    return since is not None and call.org.schema_at_s <= since


def _modified(call: Call) -> dict[str, str]:
    return {"Last-Modified": stamps.http_date(call.org.schema_at_s)}
