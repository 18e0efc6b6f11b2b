"""Into the Recycle Bin, out of it, and gone for ever (salesforce.md, sections 7.2, 7.4 and 8.5).

What hangs on a record goes along with it and comes back with it; a lookup that led to it is empty meanwhile. A contact
role deleted by itself never enters the bin: no query shows it again (trap 12).
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from . import roles
from .fields import Field
from .org import Org
from .refusal import Refusal
from .table import Table


def remove(org: Org, table: Table, id: str) -> None:
    """What a person or a client asks for. DELETE_FAILED when something holds the record."""
    _check_free(org, table, id)
    if table.kind.traceless:
        _vanish(org, table, id)
    else:
        bury(org, table, id)


def bury(org: Org, table: Table, id: str, **more: Any) -> None:
    """Nothing is asked any more. `more` is what else the row shows from then on."""
    values = table.rows[id] | more | {"IsDeleted": True}
    if org.switches.delete_moves_stamp:
        values["SystemModstamp"] = values["LastModifiedDate"] = org.stamp()
    table.put(id, values)
    table.deleted_at[id] = int(org.now())
    _release_children(org, table, id)
    roles.follow(org, table, values)


def restore(org: Org, table: Table, id: str) -> None:
    """With all that went along; refused when a unique key has a new holder by now (section 3.4)."""
    held = id in table.gone_with and not table.kind.owned  # a detail comes back with its master
    if not table.kind.undeletable or held:
        raise Refusal("UNDELETE_FAILED", f"{table.kind.label} can not be undeleted by itself")
    returning = list(_gone_together(org, table, id))
    for within, gone in returning:
        _check_keys(within, gone)
    stamp = org.stamp()
    for within, gone in returning:
        values = {name: value for name, value in within.rows[gone].items() if name != "MasterRecordId"}
        within.put(gone, values | {"IsDeleted": False, "SystemModstamp": stamp, "LastModifiedDate": stamp})
        del within.deleted_at[gone]
        roles.come_back(org, within, gone)
        _take_back(org, within, gone)


def purge(org: Org, table: Table, id: str) -> None:
    """Gone for ever, from the Recycle Bin too, with all that went along."""
    if not table.rows[id]["IsDeleted"]:
        bury(org, table, id)
    for within, gone in list(_gone_together(org, table, id)):
        within.put(gone, None)


def ties(org: Org, parents: Table) -> Iterator[tuple[Table, Field]]:
    """Where rows may refer to a record of this object, and feel what becomes of it."""
    for table in org.tables.values():
        for name in table.ties:
            field = table.fields[name]
            if parents.name in field.reference_to:
                yield table, field


def _check_free(org: Org, parents: Table, parent_id: str) -> None:
    """Before anything is touched: nothing holds the record, or what would go with it."""
    for table, field in ties(org, parents):
        for child in table.ties[field.name].holders(parent_id):
            if field.on_delete == "restrict":
                raise Refusal(
                    "DELETE_FAILED",
                    f"Your attempt to delete {parent_id} could not be completed because it is associated with the "
                    f"following {table.kind.label}: {child}",
                    fields=(),
                )
            if field.cascades:
                _check_free(org, table, child)


def _vanish(org: Org, table: Table, id: str) -> None:
    values = table.rows[id]
    table.put(id, None)
    table.vanished_at[id] = int(org.now())
    roles.follow(org, table, values)


def _release_children(org: Org, parents: Table, parent_id: str) -> None:
    """Children go along, lose the reference, or keep it (sections 7.2 and 7.4)."""
    for table, field in ties(org, parents):
        for id in table.ties[field.name].holders(parent_id):
            if id not in table.rows or table.rows[id]["IsDeleted"]:
                continue
            match field.on_delete:
                case "cascade":
                    bury(org, table, id)
                    table.gone_with[id] = parent_id
                case "clear":
                    values = {name: value for name, value in table.rows[id].items() if name != field.name}
                    table.put(id, values | _touched(org))
                    parents.let_go.setdefault(parent_id, []).append((table.name, field.name, id))


def _take_back(org: Org, parents: Table, parent_id: str) -> None:
    """Rows that led to a record that is back do so again, unless they lead elsewhere by now."""
    for name, field, id in parents.let_go.pop(parent_id, []):
        table = org.table(name)
        values = table.rows.get(id)
        if org.switches.undelete_relinks and values is not None and not values["IsDeleted"] and field not in values:
            table.put(id, values | {field: parent_id} | _touched(org))


def _touched(org: Org) -> dict[str, str]:
    return {"SystemModstamp": org.stamp()} if org.switches.clearing_moves_stamp else {}


def _gone_together(org: Org, table: Table, id: str) -> Iterator[tuple[Table, str]]:
    """The record, and what it took along, and what that took along; parents first."""
    yield table, id
    for other in org.tables.values():
        for child in [child for child, parent in other.gone_with.items() if parent == id]:
            yield from _gone_together(org, other, child)


def _check_keys(table: Table, id: str) -> None:
    values = table.rows[id]
    for name, index in table.indexes.items():
        if index.field.unique and name in values and index.holders(values[name]):
            raise Refusal("DUPLICATE_VALUE", f"duplicate value found: {name}", fields=[name])
