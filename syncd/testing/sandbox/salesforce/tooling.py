"""Adding a custom field (salesforce.md, section 3.10): POST /tooling/sobjects/CustomField/.

The field is there at once, and invisible to the API user until a permission set grants it. Of the Tooling API's other
objects only those that say which fields there are can be read: `CustomField`, and the definitions.
"""

from __future__ import annotations

import re
from typing import Any

from . import definitions, roles
from .call import Answer, Call
from .fields import Field
from .org import Org, audit
from .refusal import Refusal
from .table import Table

TYPES = {
    "Text": "string",
    "TextArea": "textarea",
    "LongTextArea": "textarea",
    "Number": "double",
    "Currency": "currency",
    "Percent": "percent",
    "Date": "date",
    "DateTime": "datetime",
    "Checkbox": "boolean",
    "Picklist": "picklist",
    "MultiselectPicklist": "multipicklist",
    "Email": "email",
    "Phone": "phone",
    "Url": "url",
}
LENGTHS = {"TextArea": 255, "Email": 80, "Phone": 40, "Url": 255}
_NAME = re.compile(r"[A-Za-z]([A-Za-z0-9]|_(?!_))*__c")


def prepare_query(call: Call) -> None:
    """Before any question: may it be asked, and the definitions as they are now."""
    if not call.org.switches.may_view_setup:
        raise Refusal("INSUFFICIENT_ACCESS", "insufficient access rights: View Setup and Configuration")
    definitions.refresh(call.org)


def handle_create(call: Call) -> Answer:
    call.demand_method("POST")
    if not call.org.switches.may_customize:
        raise Refusal("INSUFFICIENT_ACCESS", "insufficient access rights on entity: CustomField")
    body = call.body()
    metadata = body.get("Metadata")
    object, _, name = str(body.get("FullName", "")).partition(".")
    table = call.org.find(object)
    if table is None or not isinstance(metadata, dict):
        raise Refusal("INVALID_FIELD", "FullName and Metadata of an existing object are required", fields=["FullName"])
    roles.demand_customizable(call.org, table)
    field = _field(name, metadata)
    if name.lower() in (known.lower() for known in table.fields):
        raise Refusal(
            "DUPLICATE_DEVELOPER_NAME",
            f"There is already a field named {name.removesuffix('__c')} on {table.kind.label}.",
            fields=["DeveloperName"],
        )
    id = add_field(call.org, table, field, visible=call.org.switches.new_fields_visible)
    return Answer(201, {"id": id, "success": True, "errors": [], "warnings": [], "infos": []})


def add_field(org: Org, table: Table, field: Field, *, visible: bool) -> str:
    """Returns the definition's id."""
    table.add_field(field)
    if not visible:
        org.born_hidden.add((table.name, field.name))
    definitions = org.table("CustomField")
    id = definitions.mint.new_id()
    facts = {
        "DeveloperName": field.name.removesuffix("__c"),
        "TableEnumOrId": table.name,
        "FullName": f"{table.name}.{field.name}",
    }
    definitions.put(id, facts | audit(id, org.stamp(), org.api_user))
    org.redefine()
    return id


def _field(name: str, metadata: dict[str, Any]) -> Field:
    kind = metadata.get("type")
    if kind not in TYPES:
        raise _wrong("Type", f"Field type {kind} is not supported")
    if _NAME.fullmatch(name) is None:
        raise _wrong("FullName", "The Field Name field can only contain underscores and alphanumeric characters.")
    unique, external = metadata.get("unique") is True, metadata.get("externalId") is True
    if (unique or external) and kind not in ("Text", "Number", "Email"):
        raise _wrong("ExternalId", f"A {kind} can be neither unique nor an external id")
    return Field(
        name=name,
        type=TYPES[kind],
        label=str(metadata.get("label") or name),
        length=_length(kind, metadata),
        precision=metadata.get("precision", 18),
        scale=metadata.get("scale", 0 if kind == "Number" else 2),
        nillable=metadata.get("required") is not True and kind != "Checkbox",
        default=_default(metadata) if kind == "Checkbox" else None,
        unique=unique,
        external_id=external,
        case_sensitive=metadata.get("caseSensitive") is True,
        values=_values(kind, metadata),
        restricted=bool((metadata.get("valueSet") or {}).get("restricted", False)),
        help=metadata.get("inlineHelpText"),
    )


def _length(kind: str, metadata: dict[str, Any]) -> int:
    if kind in ("Text", "LongTextArea"):
        length = metadata.get("length")
        low, high = (1, 255) if kind == "Text" else (256, 131_072)
        if not isinstance(length, int) or not low <= length <= high:
            raise _wrong("Length", f"Length must be between {low} and {high}")
        return length
    return LENGTHS.get(kind, 255)


def _default(metadata: dict[str, Any]) -> bool:
    return str(metadata.get("defaultValue", "false")).lower() == "true"


def _values(kind: str, metadata: dict[str, Any]) -> tuple[str, ...]:
    if TYPES[kind] not in ("picklist", "multipicklist"):
        return ()
    definition = (metadata.get("valueSet") or {}).get("valueSetDefinition") or {}
    values = tuple(str(value.get("fullName")) for value in definition.get("value", ()))
    if not values:
        raise _wrong("ValueSet", "A picklist needs values")
    return values


def _wrong(field: str, message: str) -> Refusal:
    return Refusal("FIELD_INTEGRITY_EXCEPTION", message, fields=[field])
