"""What a wanted field is in Salesforce: the type to create, the types that fit, and how a person would make it.

The Tooling API takes the metadata (salesforce.md 3.10); an administrator gets the same as steps in words.
"""

from __future__ import annotations

from typing import Any

from syncd.core.model import FieldType
from syncd.mapping.wanted import WantedField

_LABEL_MAX = 40
_PLAIN: dict[FieldType, dict[str, Any]] = {
    FieldType.TEXT: {"type": "Text", "length": 255},
    FieldType.REF: {"type": "Text", "length": 255},
    FieldType.ENUM: {"type": "Text", "length": 255},  # without a list to choose from
    FieldType.SET: {"type": "Text", "length": 255},
    FieldType.MONEY: {"type": "Number", "precision": 18, "scale": 2},  # its currency stands elsewhere
    FieldType.WHOLE: {"type": "Number", "precision": 18, "scale": 0},
    FieldType.DATE: {"type": "Date"},
    FieldType.INSTANT: {"type": "DateTime"},
    FieldType.FLAG: {"type": "Checkbox", "defaultValue": "false"},
}
_STAMP: dict[str, Any] = {"type": "Text", "length": 64, "externalId": True, "unique": True, "caseSensitive": True}
_LISTS = {FieldType.ENUM: "Picklist", FieldType.SET: "MultiselectPicklist"}
_TEXTS = frozenset({"string", "textarea", "url", "email", "phone", "encryptedstring", "picklist", "combobox"})
_NUMBERS = frozenset({"currency", "double", "int", "long"})
_FITTING: dict[FieldType, frozenset[str]] = {
    FieldType.TEXT: _TEXTS,
    FieldType.REF: frozenset({"string", "textarea", "url", "id", "reference"}),
    FieldType.ENUM: _TEXTS | {"boolean", "reference"},  # as constants: a checkbox, a record type
    FieldType.SET: frozenset({"multipicklist", "string", "textarea"}),
    FieldType.MONEY: _NUMBERS,
    FieldType.WHOLE: _NUMBERS,
    FieldType.DATE: frozenset({"date"}),
    FieldType.INSTANT: frozenset({"datetime"}),
    FieldType.FLAG: frozenset({"boolean"}),
}


def fits(field: WantedField, type: str) -> bool:
    """Can a Salesforce field of this type, as describe calls it, hold the wanted values?"""
    return type in _FITTING[field.type]


def type_of(field: WantedField) -> str:
    """As Salesforce's setup calls it."""
    return str(_form(field)["type"])


def custom_field(object: str, field: WantedField) -> dict[str, Any]:
    """The body that creates it."""
    metadata = {"label": field.label[:_LABEL_MAX], **_form(field)}
    if field.type is not FieldType.FLAG:
        metadata["required"] = False
    return {"FullName": f"{object}.{field.name}", "Metadata": metadata}


def steps(object: str, field: WantedField) -> str:
    """How an administrator makes it by hand."""
    form = _form(field)
    facts = [f"type {form['type']}"]
    facts += [f"length {form['length']}"] if "length" in form else []
    facts += [f"{form['precision'] - form['scale']} digits and {form['scale']} decimals"] if "scale" in form else []
    facts += ["unique, case-sensitive, external ID"] if field.unique else []
    facts += [f"values {', '.join(value for value, _ in field.options)}"] if "valueSet" in form else []
    return (
        f"in Setup > Object Manager > {object} > Fields & Relationships > New make {field.name.removesuffix('__c')} "
        f"({'; '.join(facts)}), then {grant(object, field.name)}"
    )


def grant(object: str, name: str) -> str:
    """How an administrator shows it to us."""
    return f"give our user's permission set read and edit access to {object}.{name} (field-level security)"


def _form(field: WantedField) -> dict[str, Any]:
    if field.unique:
        return _STAMP
    if field.type in _LISTS and field.options:
        return {"type": _LISTS[field.type], "valueSet": _values(field)} | (
            {"visibleLines": 4} if field.type is FieldType.SET else {}
        )
    return _PLAIN[field.type]


def _values(field: WantedField) -> dict[str, Any]:
    return {
        "restricted": True,
        "valueSetDefinition": {
            "sorted": False,
            "value": [{"fullName": value, "label": label, "default": False} for value, label in field.options],
        },
    }
