"""What an org's own set-up refuses in a write: locks, owners, uniqueness, duplicates, validation (section 6.2)."""

from __future__ import annotations

from typing import Any

from .org import Author, Org
from .refusal import Refusal
from .switches import DuplicateRule
from .table import Table, Values


def check_locks(org: Org, id: str, author: Author) -> None:
    """A row that another transaction holds, and one that an approval process holds (traps 30 and ENTITY_IS_LOCKED)."""
    if not author.api:
        return
    take_lock(org, id, share=org.switches.lock_share)
    if id in org.approvals:
        message = "This record is locked. If you need to edit it, contact your admin."
        raise Refusal("ENTITY_IS_LOCKED", message, fields=())


def take_lock(org: Org, id: str, *, share: float = 0.0) -> None:
    """UNABLE_TO_LOCK_ROW while another transaction holds the row; this share of tries meets one by chance."""
    held = org.locks.get(id, 0)
    if held or (share and org.rng.random() < share):
        if held:
            org.locks[id] = held - 1
        raise Refusal(
            "UNABLE_TO_LOCK_ROW", f"unable to obtain exclusive access to this record or 1 records: {id}", fields=()
        )


def check_owner(org: Org, table: Table, changes: Values) -> None:
    owner = org.row(changes["OwnerId"]) if changes.get("OwnerId") else None
    if owner is not None and not owner["IsActive"]:
        raise Refusal(
            "INACTIVE_OWNER_OR_USER",
            f"operation performed with inactive user [{owner['Id'][:15]}] as owner of {table.kind.label.lower()}",
            fields=["OwnerId"],
        )


def check_shared(org: Org, table: Table, changes: Values) -> None:
    """A reference leads only to what is shared with who writes it (INSUFFICIENT_ACCESS_ON_CROSS_REFERENCE_ENTITY)."""
    for name in table.ties:
        parent = changes.get(name)
        if parent is not None and parent in org.by_prefix[parent[:3]].unshared:
            message = f"insufficient access rights on cross-reference id: {parent[:15]}"
            raise Refusal("INSUFFICIENT_ACCESS_ON_CROSS_REFERENCE_ENTITY", message, fields=())


def check_unique(table: Table, id: str, changes: Values) -> None:
    """The message holds the other record's id, in its short form."""
    for name, index in table.indexes.items():
        value = changes.get(name)
        if value is None or not index.field.unique:
            continue
        for holder in index.holders(value):
            if holder != id:
                raise Refusal(
                    "DUPLICATE_VALUE",
                    f"duplicate value found: {name} duplicates value on record with id: {holder[:15]}",
                    fields=(),
                )


def check_rules(org: Org, table: Table, values: Values) -> None:
    for rule in org.switches.validation_rules:
        if rule.object != table.name or values.get(rule.field) != rule.value:
            continue
        missing = [name for name in rule.requires if values.get(name) is None]
        if missing:
            raise Refusal("FIELD_CUSTOM_VALIDATION_EXCEPTION", rule.message, fields=missing)


def check_countries(org: Org, changes: Values) -> None:
    """With coded address lists on, a country is one of theirs (FIELD_INTEGRITY_EXCEPTION, section 6.2)."""
    for name in ("BillingCountry", "MailingCountry"):
        value = changes.get(name)
        if value is not None and value not in (org.switches.countries or ()):
            raise Refusal(
                "FIELD_INTEGRITY_EXCEPTION",
                f"There's a problem with this country, even though it may appear correct. Please select a country from "
                f"the list of valid countries.: {name}",
                fields=[name],
            )


def check_duplicates(org: Org, table: Table, id: str, values: Values, changes: Values, author: Author) -> None:
    """allowSave passes an alert, never a block. Compares with every live record: rules are rare.

    An edit is looked at only when it touches what the rule compares.
    """
    for rule in org.switches.duplicate_rules:
        if rule.object != table.name or (rule.action == "alert" and author.allow_save):
            continue
        if changes.keys().isdisjoint(rule.fields):
            continue
        sought = _match_key(rule, values)
        matches = [row["Id"] for row in table.live() if row["Id"] != id and _match_key(rule, row) == sought]
        if sought is not None and matches:
            raise _duplicates(org, table, rule, matches)


def _match_key(rule: DuplicateRule, values: Values) -> tuple[str, ...] | None:
    texts = [str(values.get(name, "")).casefold() for name in rule.fields]
    return tuple(texts) if all(texts) else None


def _duplicates(org: Org, table: Table, rule: DuplicateRule, ids: list[str]) -> Refusal:
    version = org.switches.versions[-1]
    records: list[dict[str, Any]] = [
        {
            "additionalInformation": [],
            "fieldDiffs": [],
            "matchConfidence": 100.0,
            "record": {
                "attributes": {
                    "type": table.name, "url": f"/services/data/v{version}/sobjects/{table.name}/{id}"
                },
                "Id": id,
            },
        }
        for id in ids
    ]  # fmt: skip
    match = {
        "entityType": table.name,
        "errors": [],
        "matchEngine": "ExactMatchEngine",
        "matchRecords": records,
        "rule": rule.name,
        "size": len(records),
        "success": True,
    }
    message = "Use one of these records?"
    detail = {
        "allowSave": rule.action == "alert",
        "duplicateRule": rule.name,
        "duplicateRuleEntityType": table.name,
        "errorMessage": message,
        "matchResults": [match],
    }
    return Refusal("DUPLICATES_DETECTED", message, fields=None, extra={org.switches.duplicate_key: detail})
