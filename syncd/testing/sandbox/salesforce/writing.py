"""Creating, changing and deleting one row (salesforce.md, sections 3.3, 3.4, 6.2, 7).

Every function checks everything before it puts anything, so a refusal leaves no trace.
"""

from __future__ import annotations

from typing import Any

from . import compound, recycle, roles, rules, sharing, stages
from .ids import full
from .org import Author, Org, audit
from .refusal import Refusal, deleted, no_such_column, not_found
from .table import Index, Table, Values

Sent = dict[str, Any]


def create(org: Org, table: Table, sent: Sent, author: Author) -> str:
    """Returns the new id."""
    if author.api:
        org.demand(table, "create")
    changes = {**table.blank, **canonical(org, table, sent, author, creating=True)}
    missing = [name for name in table.required if changes.get(name) is None]
    if missing:
        raise Refusal("REQUIRED_FIELD_MISSING", f"Required fields are missing: [{', '.join(missing)}]", fields=missing)
    if table.kind.owned and changes.get("OwnerId") is None:
        changes["OwnerId"] = author.user_id
    roles.check_parents(org, table, changes, author)
    _check_setup(org, table, "", changes, changes, author)
    id = table.mint.new_id()
    values = {name: value for name, value in changes.items() if value is not None}
    if table.kind.custom:
        values.setdefault("Name", _name(table, id))
    values |= audit(id, org.stamp(), author.user_id)
    put(org, table, id, values, author)
    if table.name == "Opportunity":
        roles.first(org, id, author)
    org.write_down("create", table, id, author, changes)
    _settle(org, table)
    return id


def _name(table: Table, id: str) -> str:
    """The next number, or for an unnamed record its id."""
    head = table.fields["Name"].auto_number
    return f"{head}{table.mint.count:05d}" if head else id[:15]


def update(org: Org, table: Table, id: str, sent: Sent, author: Author) -> None:
    """Partial: only what is named changes; null clears."""
    if author.api:
        org.demand(table, "edit")
    rules.check_locks(org, id, author)
    old = table.rows[id]
    changes = canonical(org, table, sent, author, creating=False)
    if old.get("HasOpportunityLineItem"):
        changes.pop("Amount", None)  # silently: the products say what it is (trap 22)
    cleared = [name for name, value in changes.items() if value is None and not table.fields[name].nillable]
    if cleared:
        raise Refusal("REQUIRED_FIELD_MISSING", f"Required fields are missing: [{', '.join(cleared)}]", fields=cleared)
    effective = {name: value for name, value in changes.items() if old.get(name) != value}
    values = {name: value for name, value in {**old, **changes}.items() if value is not None}
    roles.check_parents(org, table, values, author)
    _check_setup(org, table, id, values, effective, author)
    if effective or org.switches.noop_bumps:
        stamp = org.stamp()
        values["SystemModstamp"] = values["LastModifiedDate"] = stamp
        values["LastModifiedById"] = author.user_id
        put(org, table, id, values, author)
    org.write_down("update", table, id, author, effective)
    _settle(org, table)


def put(org: Org, table: Table, id: str, values: Values, author: Author) -> None:
    """Replace a row by one that has been checked, with what follows from it by itself."""
    if table.plain:
        table.put(id, values)
        return
    compound.fill(table, values)
    table.put(id, values)
    sharing.settle(org, table, id)
    roles.settle(org, table, id, author)


def delete(org: Org, table: Table, id: str, author: Author) -> None:
    """Into the Recycle Bin, with what hangs on it; a role, for ever. There is no conditional delete (trap 42)."""
    if author.api:
        org.demand(table, "delete")
    rules.check_locks(org, id, author)
    roles.check_parents(org, table, table.rows[id], author)
    recycle.remove(org, table, id)
    org.write_down("delete", table, id, author, {})
    _settle(org, table)


def canonical(org: Org, table: Table, sent: Sent, author: Author, *, creating: bool) -> Values:
    """What was sent, as the org keeps it, keyed by canonical names."""
    changes: Values = {}
    fast = table.fast
    for name, value in sent.items():
        write = fast.get(name)
        if write is None:
            if name == "attributes":
                continue
            name, write = _slow(org, table, name, value, author, creating=creating)
            if write is None:
                changes[name] = _by_foreign_key(org, table, name, value)
                continue
        changes[name] = write(value)
    if "StageName" in changes and changes["StageName"] is not None and table.name == "Opportunity":
        stages.follow(org.stages.get(changes["StageName"], stages.NOWHERE), changes)
    return changes


def _slow(org: Org, table: Table, name: str, value: Any, author: Author, *, creating: bool) -> tuple[str, Any]:
    """The name in its own spelling and its writer; no writer for a reference by foreign key."""
    fields = table.visible if author.api else table.present
    field = fields.get(name.lower())
    by_key = field is None and isinstance(value, dict)
    if by_key:
        field = next((it for it in fields.values() if (it.relationship or "").lower() == name.lower()), None)
    if field is None:
        raise no_such_column(table.name, name)
    if field.name == "Id":
        raise Refusal("INVALID_FIELD", "The Id field should not be specified in the sobject data.", fields=["Id"])
    writable = field.createable if creating else field.updateable
    if not writable or (author.api and field.name in table.readonly):
        verb = "create" if creating else "update"
        raise Refusal(
            "INVALID_FIELD_FOR_INSERT_UPDATE",
            f"Unable to {verb} fields: {field.name}. Please check the security settings of this field and verify that "
            "it is read/write for your profile or permission set.",
            fields=[field.name],
        )
    return field.name, None if by_key else table.writers[field.name]


def _by_foreign_key(org: Org, table: Table, name: str, value: Sent) -> str:
    """`{"Account": {"Ext__c": "v"}}` (section 7.4)."""
    parents = org.table(table.fields[name].reference_to[0])
    keys = [key for key in value if key != "attributes"]
    index = find_index(parents, keys[0]) if len(keys) == 1 else None
    if index is None:
        raise Refusal("INVALID_FIELD", f"{keys} is not an external id of {parents.name}", fields=[name])
    holders = index.holders(str(value[keys[0]]))
    if len(holders) != 1:
        raise Refusal(
            "INVALID_FIELD",
            f"Foreign key external ID: {str(value[keys[0]]).lower()} not found for field {index.field.name} in entity "
            f"{parents.name}",
            fields=(),
        )
    return holders[0]


def find_index(table: Table, name: str) -> Index | None:
    """The external id index under this name, in any case, if the API user sees the field."""
    field = table.visible.get(name.lower())
    return table.indexes.get(field.name) if field is not None and field.external_id else None


def _check_setup(org: Org, table: Table, id: str, values: Values, changes: Values, author: Author) -> None:
    if "OwnerId" in changes:
        rules.check_owner(org, table, changes)
    if author.api:
        rules.check_shared(org, table, changes)
    rules.check_unique(table, id, changes)
    if org.switches.countries is not None:
        rules.check_countries(org, changes)
    if org.switches.validation_rules:
        rules.check_rules(org, table, values)
    if org.switches.duplicate_rules and author.api:
        rules.check_duplicates(org, table, id, values, changes, author)


def _settle(org: Org, table: Table) -> None:
    """Permissions take effect at once."""
    if table.kind.setup:
        org.redefine()


def seen(org: Org, table: Table, id: str) -> str:
    """The id of a live row that the API user may see, in its long form; 404 otherwise."""
    known = table.known(id)
    if known is None or known in table.unshared:
        raise not_found("Id" if full(id) else id)
    if table.rows[known]["IsDeleted"]:
        raise deleted()
    return known
