"""What the API user sees and may write of an object (salesforce.md, sections 3.8 and 3.10; traps 17 and 37).

It follows from the definitions, the switches, and the permission sets in the org's own rows.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import msgspec

from .fields import Field
from .kinds import master
from .parties import ROLE_NAME
from .table import Table
from .values import writer

if TYPE_CHECKING:
    from .org import Org


def redefine(org: Org, table: Table) -> None:
    """Work out anew what a table shows and takes."""
    switches, name = org.switches, table.name
    if switches.master_record_everywhere and table.kind.owned:
        table.fields.setdefault("MasterRecordId", master(table.kind))
    for field in list(table.fields.values()):
        table.fields[field.name] = _renewed(org, table, field)
    there = [it for it in table.fields.values() if switches.multi_currency or not it.multi_currency_only]
    hidden, read_only = _unseen(org, name)
    table.present = {it.name.lower(): it for it in there}
    table.visible = {key: it for key, it in table.present.items() if it.name not in hidden}
    table.readonly = read_only
    table.writers = {it.name: writer(it, switches.lossy, org.exists) for it in there}
    table.fast = {
        it.name: table.writers[it.name]
        for it in table.visible.values()
        if it.createable and it.updateable and it.name not in read_only
    }
    table.required = tuple(it.name for it in there if it.required)
    table.blank = {it.name: it.default for it in there if it.default is not None}
    table.blank |= {it.name: False for it in there if it.type == "boolean" and it.default is None}


def _renewed(org: Org, table: Table, field: Field) -> Field:
    """Picklists that the org's set-up fills, and a relationship that switches decide on."""
    fresh: dict[str, Any]
    if field.name == "CurrencyIsoCode":
        fresh = {"values": org.switches.currencies, "default": org.switches.currency}
    elif (table.name, field.name) == (ROLE_NAME, "ContactId"):
        fresh = {"on_delete": "cascade" if org.switches.contact_takes_roles else "keep"}
    elif (table.name, field.name) == ("Opportunity", "StageName"):
        active = tuple(stage.name for stage in org.stages.values() if stage.active)
        fresh = {"values": active, "restricted": org.switches.stage_restricted}
    else:
        return field
    return msgspec.structs.replace(field, **fresh)


def _unseen(org: Org, name: str) -> tuple[frozenset[str], frozenset[str]]:
    """Fields of this object that are hidden, and those that can only be read."""
    permissions = _permissions(org) if org.born_hidden else {}
    hidden = _of(name, org.switches.hidden_fields)
    read_only = _of(name, org.switches.readonly_fields)
    for object, field in org.born_hidden:
        if object == name:
            match permissions.get(f"{name}.{field}"):
                case None:
                    hidden.add(field)
                case "read":
                    read_only.add(field)
    return frozenset(hidden), frozenset(read_only)


def _of(object: str, listed: frozenset[str]) -> set[str]:
    return {path.partition(".")[2] for path in listed if path.partition(".")[0] == object}


def _permissions(org: Org) -> dict[str, str]:
    """What permission sets grant the API user: "Object.Field" → "edit" or "read"."""
    assigned = {
        row["PermissionSetId"]
        for row in org.table("PermissionSetAssignment").live()
        if row["AssigneeId"] == org.api_user
    }
    granted: dict[str, str] = {}
    for row in org.table("FieldPermissions").live():
        if org.switches.grants_need_assignment and row["ParentId"] not in assigned:
            continue
        if row["PermissionsEdit"]:
            granted[row["Field"]] = "edit"
        elif row["PermissionsRead"]:
            granted.setdefault(row["Field"], "read")
    return granted
