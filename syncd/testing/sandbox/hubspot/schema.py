"""The rules for changing property definitions (hubspot.md, section 5.12; trap 13)."""

from __future__ import annotations

import re
from typing import Any, Literal

import msgspec

from .account import Collection
from .definitions import Option, Property
from .refusal import Refusal

UNIQUE_MAX = 10
_NAME = re.compile(r"[a-z][a-z0-9_]*")

Type = Literal["string", "number", "date", "datetime", "enumeration", "bool", "phone_number"]


class CreateBody(msgspec.Struct, rename="camel"):
    name: str
    label: str
    type: Type
    field_type: str
    group_name: str
    options: list[Option] = []
    description: str = ""
    has_unique_value: bool = False
    hidden: bool = False
    form_field: bool = False
    display_order: int = -1


class PatchBody(msgspec.Struct, rename="camel"):
    """`hasUniqueValue` is not here: a PATCH answers 200 and ignores it."""

    label: str | None = None
    type: Type | None = None
    field_type: str | None = None
    group_name: str | None = None
    options: list[Option] | None = None
    description: str | None = None
    hidden: bool | None = None
    form_field: bool | None = None
    display_order: int | None = None


def create(within: Collection, body: CreateBody) -> Property:
    """An archived name comes back, with its values, under the new definition."""
    _check_definition(within, body)
    now_ms = within.account.now_ms()
    earlier = within.dropped.pop(body.name, None)
    definition = Property(
        name=body.name,
        label=body.label,
        type=body.type,
        field_type=body.field_type,
        group=body.group_name,
        options=tuple(body.options),
        description=body.description,
        unique=body.has_unique_value,
        hidden=body.hidden,
        form_field=body.form_field,
        display_order=body.display_order,
        created_ms=earlier.created_ms if earlier else now_ms,
        updated_ms=now_ms,
    )
    within.properties[body.name] = definition
    if definition.unique:
        within.shelf.make_unique(definition.name)
    within.redefine()
    return definition


def _check_definition(within: Collection, body: CreateBody) -> None:
    if body.name in within.properties:
        raise Refusal(
            f'A property named "{body.name}" already exists.',
            status=409,
            category="OBJECT_ALREADY_EXISTS",
            sub_category="Properties.PROPERTY_WITH_NAME_EXISTS",
        )
    if _NAME.fullmatch(body.name) is None:
        raise Refusal("A property name takes lower-case letters, digits and underscores, a letter first.")
    _check_group(within, body.group_name)
    if body.type == "enumeration" and not body.options:
        raise Refusal("An enumeration needs options.")
    if body.has_unique_value:
        _check_may_be_unique(within, body)


def _check_may_be_unique(within: Collection, body: CreateBody) -> None:
    if body.type not in ("string", "number"):
        raise Refusal("hasUniqueValue is for text and numbers.")
    own = [it for it in within.properties.values() if it.unique and not it.hubspot_defined]
    if len(own) >= UNIQUE_MAX:
        raise Refusal(f"At most {UNIQUE_MAX} properties of a type can have unique values.")


def _check_group(within: Collection, name: str) -> None:
    if name not in within.groups:
        raise Refusal(f"The property group {name} does not exist.")


def patch(within: Collection, name: str, body: PatchBody) -> Property:
    """Options are replaced as a whole: the ones left out disappear."""
    old = existing(within.properties, name)
    if old.hubspot_defined and (body.type or body.field_type):
        raise Refusal(f"The definition of {name} is read only.", sub_category="Properties.READ_ONLY_DEFINITION")
    if body.group_name is not None:
        _check_group(within, body.group_name)
    changes: dict[str, Any] = {
        "label": body.label,
        "type": body.type,
        "field_type": body.field_type,
        "group": body.group_name,
        "options": None if body.options is None else tuple(body.options),
        "description": body.description,
        "hidden": body.hidden,
        "form_field": body.form_field,
        "display_order": body.display_order,
        "updated_ms": within.account.now_ms(),
    }
    kept = {key: value for key, value in changes.items() if value is not None}
    within.properties[name] = msgspec.structs.replace(old, **kept)
    within.redefine()
    return within.properties[name]


def drop(within: Collection, name: str) -> None:
    """Archive a definition; its values stay and come back with it."""
    definition = existing(within.properties, name)
    if definition.hubspot_defined:
        raise Refusal(f"{name} is defined by HubSpot and can not be archived.")
    if name in within.account.switches.properties_in_use:
        raise Refusal(
            f"{name} is in use.",
            sub_category="Properties.CANNOT_DELETE_PROPERTY_IN_USE",
            errors=[{"message": f"{name} is in use.", "code": "CANNOT_DELETE_PROPERTY_IN_USE"}],
        )
    within.dropped[name] = within.properties.pop(name)
    within.shelf.drop_unique(name)
    within.redefine()


def existing(definitions: dict[str, Property], name: str) -> Property:
    if name not in definitions:
        raise Refusal(f"Property {name} does not exist", status=404, category="OBJECT_NOT_FOUND")
    return definitions[name]
