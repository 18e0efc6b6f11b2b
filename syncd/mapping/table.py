"""A mapping table as data: what each key may be, and what it means when it is left out.

Reads one document into structs and notes what it can't read. Whether the table makes sense is checked elsewhere.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import msgspec

from syncd.core.model import FieldType, Kind, Side
from syncd.core.policy import Flow, OnConflict, OnDelete

from .codecs import Unknown
from .defaults import DefaultPolicy, read_policy
from .entry import Catalogue, Entry
from .node import Node
from .problems import suggestion
from .terms import OWNERS, Terms, read_terms

KIND_KEYS = ("object", "create", "on_delete", "edit_outlives_delete", "where", "on_create", "mark", "fields")
FIELD_KEYS = (
    "crm",
    "flow",
    "on_conflict",
    "on_first_meeting",
    "codec",
    "currency",
    "decimals",
    "values",
    "unknown",
    "order",
    "with",
    "label",
    "required",
)


class FieldTable(msgspec.Struct, frozen=True, kw_only=True):
    entry: Entry
    node: Node  # for the key paths of problems
    property: str  # the CRM property that holds the value
    currency_property: str | None
    flow: Flow
    on_conflict: OnConflict
    on_first_meeting: OnConflict
    codec: FieldType
    currency: str | None
    decimals: int | None
    values: Mapping[str, str]  # canonical → CRM; as catalogued where the table gives none
    unknown: Unknown
    order: tuple[str, ...]
    constants: Mapping[str, str]  # properties that are always written with it
    label: str | None
    required: bool


class KindTable(msgspec.Struct, frozen=True, kw_only=True):
    kind: Kind
    node: Node
    object: str
    create: Flow
    when_propstreet_deletes: OnDelete
    when_crm_deletes: OnDelete
    edit_outlives_delete: bool
    where: Mapping[str, tuple[str, ...]]
    on_create: Mapping[str, str]
    defaults: Mapping[str, DefaultPolicy]  # property → how the value of a new record is worked out
    mark: Mapping[str, str]
    terms: Terms
    fields: Mapping[str, FieldTable]


def kind_table(kind: Kind, node: Node, catalogue: Catalogue) -> KindTable:
    node.only((*KIND_KEYS, *(key for key, owners in OWNERS.items() if kind in owners)), elsewhere=OWNERS)
    fields = _fields(node, catalogue)
    mark = _mark(node, fields)
    when_propstreet_deletes, when_crm_deletes = _on_delete(node, marked=bool(mark))
    on_create, defaults = _on_create(node)
    object = node.text("object")
    if "object" not in node:
        node.wrong("object", "is missing", 'name the CRM object, as in object = "deals"')
    return KindTable(
        kind=kind,
        node=node,
        object=object or "",
        create=node.choice("create", Flow, Flow.TO_CRM),
        when_propstreet_deletes=when_propstreet_deletes,
        when_crm_deletes=when_crm_deletes,
        edit_outlives_delete=node.flag("edit_outlives_delete", True),
        where=_where(node),
        on_create=on_create,
        defaults=defaults,
        mark=mark,
        terms=read_terms(kind, node),
        fields=fields,
    )


def _fields(node: Node, catalogue: Catalogue) -> dict[str, FieldTable]:
    fields: dict[str, FieldTable] = {}
    inner = node.node("fields")
    if inner is None or not inner.content:
        node.wrong("fields", "maps nothing", f"map at least one of {', '.join(sorted(catalogue.fields))}")
        return fields
    for name in inner.content:
        entry = catalogue.fields.get(name)
        if entry is None:
            inner.wrong(name, "is not a field that Propstreet has", suggestion(name, catalogue.fields))
            continue
        field = inner.node(name)
        if field is not None:
            fields[name] = _field(entry, field)
    return fields


def _field(entry: Entry, node: Node) -> FieldTable:
    node.only(FIELD_KEYS)
    property, currency_property = _place(node)
    values = node.texts("values")
    on_conflict = node.choice("on_conflict", OnConflict, OnConflict.HOLD)
    on_first_meeting = node.choice("on_first_meeting", OnConflict, OnConflict.HOLD)
    races = OnConflict.FURTHEST in (on_conflict, on_first_meeting)
    return FieldTable(
        entry=entry,
        node=node,
        property=property,
        currency_property=currency_property,
        flow=node.choice("flow", Flow, Flow.BOTH if entry.writable else Flow.TO_CRM, but=(Flow.NEVER,)),
        on_conflict=on_conflict,
        on_first_meeting=on_first_meeting,
        codec=node.choice("codec", FieldType, entry.type),
        currency=node.text("currency"),
        decimals=node.digits("decimals"),
        values=values or {value: value for value in entry.values},
        unknown=node.choice("unknown", Unknown, Unknown.HOLD),
        order=node.names("order") or (entry.order if races else ()),
        constants=node.texts("with"),
        label=node.text("label"),
        required=node.flag("required", entry.required) or entry.required,
    )


def _place(node: Node) -> tuple[str, str | None]:
    """The property of the value, and that of its currency where `crm` is a table of two."""
    found = node.content.get("crm")
    if found is None:
        node.wrong("crm", "is missing", 'name the CRM property, as in crm = "dealname"')
        return "", None
    if not isinstance(found, dict):
        return node.text("crm") or "", None
    parts = Node(found, node.at("crm"), node.problems)
    parts.only(("amount", "currency"))
    for key in ("amount", "currency"):
        if key not in parts:
            parts.wrong(key, "is missing", f"name the CRM property that holds the {key}")
    return parts.text("amount") or "", parts.text("currency")


def _on_delete(node: Node, *, marked: bool) -> tuple[OnDelete, OnDelete]:
    """What a deletion on either side means; left out, the gentlest thing that still shows."""
    gentle = {Side.PROPSTREET: OnDelete.MARK if marked else OnDelete.UNBIND, Side.CRM: OnDelete.UNBIND}
    if not isinstance(node.content.get("on_delete", {}), dict):
        both = node.choice("on_delete", OnDelete, OnDelete.UNBIND)
        return both, both
    inner = node.node("on_delete") or Node({}, node.at("on_delete"), node.problems)
    inner.only(tuple(Side))
    left, right = (inner.choice(side, OnDelete, gentle[side]) for side in Side)
    return left, right


def _mark(node: Node, fields: Mapping[str, FieldTable]) -> dict[str, str]:
    if "mark" in node:
        return node.texts("mark")
    status = fields.get("status")
    return {"status": "deleted"} if status is not None and status.flow.reaches(Side.CRM) else {}


def _where(node: Node) -> dict[str, tuple[str, ...]]:
    inner = node.node("where")
    if inner is None:
        return {}
    inner.only(("crm",))
    crm = inner.node("crm")
    if crm is None:
        return {}
    where = {name: crm.names(name) for name in crm.content}
    for name, allowed in where.items():
        if not allowed and crm.content[name] == []:
            crm.wrong(name, "allows nothing", "list at least one value, or take the key out")
    return where


def _on_create(node: Node) -> tuple[dict[str, str], dict[str, DefaultPolicy]]:
    """Constants, and policies where a table stands in the place of a text."""
    inner = node.node("on_create")
    if inner is None:
        return {}, {}
    inner.only(("crm",))
    given = inner.node("crm")
    if given is None:
        return {}, {}
    constants: dict[str, Any] = {}
    policies: dict[str, DefaultPolicy] = {}
    for name, found in given.content.items():
        table = given.node(name) if isinstance(found, dict) else None
        if table is None:
            constants[name] = found
        elif (policy := read_policy(table)) is not None:
            policies[name] = policy
    return Node({"crm": constants}, inner.path, inner.problems).texts("crm"), policies
