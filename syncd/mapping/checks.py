"""Refuses tables that read well but would not work, or would work against what Propstreet allows.

Each check looks at one rule over the whole table and notes every breach; none of them stops at the first.
"""

from __future__ import annotations

from collections import Counter

from syncd.core.model import FieldType, Side
from syncd.core.policy import OnConflict, OnDelete

from .codecs import Unknown
from .entry import Catalogue
from .money import currency_of
from .problems import suggestion
from .table import FieldTable, KindTable


def check(table: KindTable, catalogue: Catalogue) -> None:
    """Add all problems of this table to its node's problems."""
    for field in table.fields.values():
        _check_flow(field)
        _check_codec(field)
        _check_money(field)
        _check_values(field)
        _check_order(field)
        _check_union(field)
    _check_properties(table)
    _check_constants(table)
    _check_defaults(table)
    _check_mark(table)
    _check_creates(table, catalogue)


def _check_flow(field: FieldTable) -> None:
    """Propstreet sets status, classification and the teaser's stage by itself (propstreet.md trap 31)."""
    if field.flow.reaches(Side.PROPSTREET) and not field.entry.writable:
        field.node.wrong("flow", "would write a field that Propstreet lets nobody write", 'write flow = "to_crm"')


def _check_codec(field: FieldTable) -> None:
    fitting = {field.entry.type}
    if field.entry.type in (FieldType.ENUM, FieldType.REF, FieldType.SET):
        fitting.add(FieldType.TEXT)
    if field.codec not in fitting:
        field.node.wrong("codec", "does not fit this field", f"use one of {', '.join(sorted(fitting))}")
    if field.codec is not FieldType.ENUM:
        for key in ("values", "unknown"):
            if key in field.node:
                field.node.wrong(key, "is for enums only", "take the key out")
    if field.codec not in (FieldType.MONEY, FieldType.INSTANT) and "decimals" in field.node:
        field.node.wrong("decimals", "is for money and instants only", "take the key out")
    if field.codec is FieldType.INSTANT and (field.decimals or 0) > 7:
        field.node.wrong("decimals", "is finer than an instant", "write a whole number from 0 to 7")


def _check_money(field: FieldTable) -> None:
    if field.codec is not FieldType.MONEY:
        if "currency" in field.node:
            field.node.wrong("currency", "is for money only", "take the key out")
        if isinstance(field.node.content.get("crm"), dict):
            field.node.wrong("crm", "is a table, which is for money only", 'write it as crm = "property"')
        return
    if field.currency is None and not isinstance(field.node.content.get("crm"), dict):
        remedy = 'write currency = "SEK", or crm = { amount = "…", currency = "…" }'
        field.node.wrong("currency", "is missing", remedy)
    if field.currency is not None and not _is_currency(field.currency):
        field.node.wrong("currency", "is not a currency", 'write three capital letters, as in "SEK"')


def _is_currency(text: str) -> bool:
    try:
        return currency_of(text) == text
    except ValueError:
        return False


def _check_values(field: FieldTable) -> None:
    """One-to-one, complete towards the CRM, and nothing that Propstreet would not take."""
    if field.codec is not FieldType.ENUM or "values" not in field.node:
        return
    for shared in [raw for raw, count in Counter(field.values.values()).items() if count > 1]:
        both = " and ".join(name for name, raw in field.values.items() if raw == shared)
        field.node.wrong("values", f"gives {both} the same CRM value", "give each a value of its own")
    if field.flow.reaches(Side.CRM) and field.unknown is not Unknown.PASS:
        for name in field.entry.values:
            if name not in field.values:
                field.node.wrong("values", f"lacks {name}", f'add {name} = "…", or unknown = "pass"')
    if field.flow.reaches(Side.PROPSTREET):
        for name in field.values:
            if name not in field.entry.values:
                what = "is not a value that Propstreet takes"
                field.node.wrong(f"values.{name}", what, suggestion(name, field.entry.values))


def _check_order(field: FieldTable) -> None:
    """`furthest` compares places in `order`, so every value must have exactly one."""
    furthest = [key for key in ("on_conflict", "on_first_meeting") if getattr(field, key) is OnConflict.FURTHEST]
    if field.entry.type is not FieldType.ENUM:
        for key in [*furthest, *(["order"] if "order" in field.node else [])]:
            field.node.wrong(key, "is for enums only", "take the key out, or choose another rule")
        return
    if furthest and not field.order:
        names = ", ".join(f'"{name}"' for name in field.values)
        field.node.wrong("order", "is missing, and furthest needs it", f"sort these: order = [{names}]")
    if not field.order:
        return
    for name, count in Counter(field.order).items():
        if count > 1:
            field.node.wrong("order", f"has {name} more than once", "leave it in one place")
        if name not in field.values:
            field.node.wrong("order", f"has {name}, which is not a value", suggestion(name, field.values))
    for name in field.values:
        if name not in field.order:
            field.node.wrong("order", f"lacks {name}", "put every value in its place")


def _check_union(field: FieldTable) -> None:
    for key in ("on_conflict", "on_first_meeting"):
        if getattr(field, key) is OnConflict.UNION and field.entry.type is not FieldType.SET:
            field.node.wrong(key, "is union, which is for sets only", "choose another rule")


def _check_properties(table: KindTable) -> None:
    """A property has one owner; only a currency may be shared, by amounts."""
    owners: dict[str, str] = {}
    for name, field in table.fields.items():
        owner = owners.setdefault(field.property, name)
        if field.property and owner != name:
            field.node.wrong("crm", f"is the property that {owner} is mapped to", "give each a property of its own")
    for name, field in table.fields.items():
        if field.currency_property in owners:
            what = f"is the property that {owners[field.currency_property]} is mapped to"
            field.node.wrong("crm.currency", what, f"give the currency of {name} a property of its own")


def _check_constants(table: KindTable) -> None:
    """Constants must not fight with fields, nor with each other."""
    mapped = {field.property for field in table.fields.values()}
    mapped |= {field.currency_property for field in table.fields.values() if field.currency_property}
    agreed: dict[str, str] = {}
    for field in table.fields.values():
        if field.constants and field.currency_property:
            field.node.wrong("with", "does not go with money in two properties", "put it beside another field")
        for name, constant in field.constants.items():
            if name in mapped:
                field.node.wrong(f"with.{name}", "is a property that a field is mapped to", "take it out of `with`")
            elif agreed.setdefault(name, constant) != constant:
                field.node.wrong(f"with.{name}", "is given another value by another field", "agree on one")


def _check_defaults(table: KindTable) -> None:
    """What a policy is worked out of must be among the fields that a new CRM record is made of."""
    for name, policy in table.defaults.items():
        source = table.fields.get(policy.source)
        if source is None or not source.flow.reaches(Side.CRM):
            what = f"is worked out of {policy.source}, which no field takes to the CRM"
            table.node.wrong(f"on_create.crm.{name}", what, f"map {policy.source}, or take the policy out")


def _check_mark(table: KindTable) -> None:
    if table.when_propstreet_deletes is OnDelete.MARK and not table.mark:
        remedy = 'map status, or write mark = { … }, or on_delete = "unbind"'
        table.node.wrong("on_delete", "is mark, but there is nothing to mark with", remedy)
    if "mark" not in table.node:
        return
    for name, value in table.mark.items():
        field = table.fields.get(name)
        if field is None:
            table.node.wrong(f"mark.{name}", "is not a mapped field", suggestion(name, table.fields))
        elif not field.flow.reaches(Side.CRM):
            table.node.wrong(f"mark.{name}", "never flows to the CRM", "mark with a field that does")
        elif field.codec not in (FieldType.ENUM, FieldType.TEXT):
            table.node.wrong(f"mark.{name}", "is neither text nor enum", "mark with a text or an enum")
        elif field.codec is FieldType.ENUM and field.unknown is not Unknown.PASS and value not in field.values:
            table.node.wrong(f"mark.{name}", "is not one of the field's values", suggestion(value, field.values))


def _check_creates(table: KindTable, catalogue: Catalogue) -> None:
    """What Propstreet requires of a new record must come from somewhere."""
    if not table.create.reaches(Side.PROPSTREET):
        return
    for name, entry in catalogue.fields.items():
        field = table.fields.get(name)
        if entry.required and (field is None or not field.flow.reaches(Side.PROPSTREET)):
            what = f"reaches Propstreet, which requires {name}"
            table.node.wrong("create", what, f'map {name} with flow = "both", or write create = "to_crm"')
    if catalogue.one_of and not any(
        field.flow.reaches(Side.PROPSTREET) for name, field in table.fields.items() if name in catalogue.one_of
    ):
        what = f"reaches Propstreet, which requires one of {', '.join(catalogue.one_of)}"
        table.node.wrong("create", what, 'map one of them with flow = "both", or write create = "to_crm"')
