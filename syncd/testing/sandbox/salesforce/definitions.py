"""What the Tooling API tells of the org's objects and fields: EntityDefinition and FieldDefinition.

Nothing of it is stored: the rows follow from the other tables and are written anew for each question. Durable ids are
names here, of custom objects and fields too. The contract only implies these two (salesforce.md, trap 17 and section
3.10: hidden is not missing); that they show what field-level security hides is believed, and has a switch.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from .fields import Field
from .kinds import ObjectKind
from .table import Table, Values

if TYPE_CHECKING:
    from .org import Org

ENTITY_DEFINITION = ObjectKind(
    name="EntityDefinition",
    label="Entity Definition",
    prefix="4ie",
    owned=False,
    readable_only=True,
    tooling=True,
    catalogue=True,
    fields=(
        Field(name="DurableId"),
        Field(name="QualifiedApiName", length=70),
        Field(name="DeveloperName", length=40),
        Field(name="Label", length=80),
        Field(name="KeyPrefix", length=3),
    ),
)
FIELD_DEFINITION = ObjectKind(
    name="FieldDefinition",
    label="Field Definition",
    prefix="4fe",
    owned=False,
    readable_only=True,
    tooling=True,
    catalogue=True,
    fields=(
        Field(name="DurableId"),
        Field(name="QualifiedApiName", length=70),
        Field(name="DeveloperName", length=40),
        Field(name="Label", length=80),
        Field(
            name="EntityDefinitionId",
            type="reference",
            reference_to=("EntityDefinition",),
            relationship="EntityDefinition",
        ),
    ),
)
_NO_ID = "000000000000000AAA"  # all of them show this one; what tells them apart is the durable id


def refresh(org: Org) -> None:
    """Both tables as the org is now."""
    business = [table for table in org.tables.values() if not table.kind.tooling and _shown(org, table)]
    _refill(org.table("EntityDefinition"), (_entity(table) for table in business))
    _refill(org.table("FieldDefinition"), (row for table in business for row in _fields(org, table)))


def _shown(org: Org, table: Table) -> bool:
    return org.switches.catalogue_shows_hidden or org.find(table.name) is not None


def _entity(table: Table) -> Values:
    name = table.name
    return {
        "DurableId": name,
        "QualifiedApiName": name,
        "DeveloperName": name.removesuffix("__c"),
        "Label": table.kind.label,
        "KeyPrefix": table.kind.prefix,
    }


def _fields(org: Org, table: Table) -> Iterator[Values]:
    shown = table.present if org.switches.catalogue_shows_hidden else table.visible
    for field in shown.values():
        yield {
            "DurableId": f"{table.name}.{field.name}",
            "QualifiedApiName": field.name,
            "DeveloperName": field.name.removesuffix("__c"),
            "Label": field.label or field.name,
            "EntityDefinitionId": table.name,
        }


def _refill(table: Table, rows: Iterator[Values]) -> None:
    for id in list(table.rows):
        table.put(id, None)
    for row in rows:
        table.put(row["DurableId"], row | {"Id": _NO_ID, "IsDeleted": False, "SystemModstamp": ""})
