"""Names to fields, as the API user sees them, and fields to values: parents are followed up to five steps."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import msgspec

from syncd.testing.sandbox.salesforce.fields import Field
from syncd.testing.sandbox.salesforce.org import Org
from syncd.testing.sandbox.salesforce.refusal import Refusal
from syncd.testing.sandbox.salesforce.table import Table, Values

from .tokens import Token, refused

STEPS_MAX = 5

Get = Callable[[Values], Any]


class Place(msgspec.Struct, frozen=True):
    """A field at the end of a path."""

    table: Table
    field: Field
    steps: tuple[Field, ...]  # the references on the way

    def getter(self, org: Org) -> Get:
        name = self.field.name
        if not self.steps:
            return lambda values: values.get(name)
        references = [(step.name, org.table(step.reference_to[0])) for step in self.steps]

        def get(values: Values) -> Any:
            for reference, above in references:
                parent = parent_of(values, reference, above)
                if parent is None:
                    return None
                values = parent
            return values.get(name)

        return get


def parent_of(values: Values, reference: str, above: Table) -> Values | None:
    """None when the API user may not see the parent, or it is in the Recycle Bin and the row is not (section 7.2)."""
    id = values.get(reference)
    parent = above.rows.get(id) if id is not None else None
    if parent is None or id in above.unshared or (parent["IsDeleted"] and not values["IsDeleted"]):
        return None
    return parent


def children(org: Org, soql: str, table: Table, token: Token) -> tuple[Table, Field]:
    """What a subquery of this object's calls its children, and the field by which they refer to it."""
    for below in org.tables.values():
        for name in below.ties:
            field = below.fields[name]
            called = (field.children or "").lower() == token.text.lower()
            if called and table.name in field.reference_to and org.find(below.name) and name.lower() in below.visible:
                return below, field
    raise refused(
        soql,
        token.at,
        f"Didn't understand relationship '{token.text}' in FROM part of query call. If you are attempting to use a "
        "custom relationship, be sure to append the '__r' after the custom relationship name. Please reference your "
        "WSDL or the describe call for the appropriate names.",
        "INVALID_TYPE",
    )


def source(org: Org, soql: str, token: Token, *, tooling: bool) -> Table:
    table = org.find(token.text)
    if table is None or table.kind.tooling != tooling:
        raise refused(
            soql,
            token.at,
            f"sObject type '{token.text}' is not supported. If you are attempting to use a custom object, be sure to "
            "append the '__c' after the entity name. Please reference your WSDL or the describe call for the "
            "appropriate names.",
            "INVALID_TYPE",
        )
    return table


def place(org: Org, soql: str, table: Table, token: Token) -> Place:
    """INVALID_FIELD for what is missing or hidden: both read the same."""
    *parents, name = token.text.split(".")
    if parents and parents[0].lower() == table.name.lower():
        parents = parents[1:]  # Opportunity.Name, from Opportunity
    if len(parents) > STEPS_MAX:
        raise refused(soql, token.at, f"more than {STEPS_MAX} levels of parents", "INVALID_FIELD")
    steps: list[Field] = []
    for parent in parents:
        reference = _relationship(table, parent)
        above = org.find(reference.reference_to[0]) if reference else None
        if reference is None or above is None:
            raise refused(
                soql,
                token.at,
                f"Didn't understand relationship '{parent}' in field path. If you are attempting to use a custom "
                "relationship, be sure to append the '__r' after the custom relationship name.",
                "INVALID_FIELD",
            )
        steps.append(reference)
        table = above
    field = table.visible.get(name.lower())
    if field is None:
        raise _no_column(soql, token, table, name)
    return Place(table, field, tuple(steps))


def _relationship(table: Table, name: str) -> Field | None:
    for field in table.visible.values():
        if field.relationship is not None and field.relationship.lower() == name.lower():
            return field
    return None


def _no_column(soql: str, token: Token, table: Table, name: str) -> Refusal:
    return refused(
        soql,
        token.at,
        f"No such column '{name}' on entity '{table.name}'. If you are attempting to use a custom field, be sure to "
        "append the '__c' after the custom field name. Please reference your WSDL or the describe call for the "
        "appropriate names.",
        "INVALID_FIELD",
    )
