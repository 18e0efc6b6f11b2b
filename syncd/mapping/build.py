"""A mapper out of a table that has been checked: codecs into slots, rules into policies."""

from __future__ import annotations

import operator
from collections.abc import Callable, Mapping
from functools import partial

from syncd.core.model import FieldType, Side, Value
from syncd.core.policy import FieldPolicy, KindPolicy

from .codecs import Codec, Date, Enum, Flag, Instant, Joined, Ref, Set, Text, Tidy, Whole
from .entry import Catalogue, Entry
from .money import Money
from .slots import AmountAndCurrency, OneProperty, Slot, WithConstants, alike
from .table import FieldTable, KindTable
from .translate import Mapper
from .wanted import WantedField

OURS = "propstreet_"  # how the names of properties begin that setup may create, in any case: Salesforce writes capitals


def mapper_of(table: KindTable, catalogue: Catalogue) -> Mapper:
    slots = {name: _slot(field) for name, field in table.fields.items()}
    policy = KindPolicy(
        kind=table.kind,
        fields={name: _field_policy(field, slots[name]) for name, field in table.fields.items()},
        create=table.create,
        when_propstreet_deletes=table.when_propstreet_deletes,
        when_crm_deletes=table.when_crm_deletes,
        mark=table.mark,
        edit_outlives_delete=table.edit_outlives_delete,
    )
    return Mapper(
        policy=policy,
        object=table.object,
        catalogue=catalogue,
        slots=slots,
        on_create=table.on_create,
        defaults=table.defaults,
        where=table.where,
        terms=table.terms,
        wanted=_wanted(table),
    )


def is_ours(name: str) -> bool:
    """May setup create a property of this name? Any other that is missing is more likely misspelt."""
    return name.casefold().startswith(OURS)


def _slot(field: FieldTable) -> Slot:
    slot: Slot
    if field.currency_property is not None:
        slot = AmountAndCurrency(field.property, field.currency_property, Money(field.currency, field.decimals))
    else:
        slot = OneProperty(field.property, _codec(field))
    return WithConstants(slot, field.constants) if field.constants else slot


def _codec(field: FieldTable) -> Codec:
    match field.codec:
        case FieldType.TEXT:
            return _text_codec(field.entry)
        case FieldType.MONEY:
            return Money(field.currency, field.decimals)
        case FieldType.DATE:
            return Date()
        case FieldType.INSTANT:
            return Instant() if field.decimals is None else Instant(field.decimals)
        case FieldType.ENUM:
            return Enum(field.values, field.unknown)
        case FieldType.FLAG:
            return Flag()
        case FieldType.WHOLE:
            return Whole()
        case FieldType.SET:
            return Set()
        case FieldType.REF:
            return Ref()


def _text_codec(entry: Entry) -> Codec:
    if entry.type is FieldType.SET:
        return Joined()
    return Text() if entry.spelling is None else Tidy(entry.spelling)


def _field_policy(field: FieldTable, slot: Slot) -> FieldPolicy:
    return FieldPolicy(
        name=field.entry.name,
        type=field.entry.type,
        flow=field.flow,
        on_conflict=field.on_conflict,
        on_first_meeting=field.on_first_meeting,
        order=field.order,
        required=field.required,
        follows_writes=field.entry.follows_writes,
        alike=_alike(field, slot),
    )


def _alike(field: FieldTable, slot: Slot) -> Callable[[Value, Value], bool]:
    if field.entry.spelling is not None:
        return field.entry.spelling.same
    return partial(alike, slot) if slot.codec.lossy else operator.eq


def _wanted(table: KindTable) -> tuple[WantedField, ...]:
    """Every property that is read, written or asked about, once; fields first, in the order of the table."""
    wanted: dict[str, WantedField] = {}
    for field in table.fields.values():
        written = field.flow.reaches(Side.CRM)
        wanted[field.property] = WantedField(
            name=field.property,
            label=field.label or _words(field.property),
            type=field.codec,
            options=_options(field),
            written=written,
        )
    for field in table.fields.values():
        if name := field.currency_property:
            written = field.flow.reaches(Side.CRM) or (name in wanted and wanted[name].written)
            wanted[name] = WantedField(name=name, label=_words(name), type=_currency_type(name), written=written)
    for name, policy in table.defaults.items():
        wanted.setdefault(name, WantedField(name=name, label=_words(name), type=policy.type))
    for name, (constants, written) in _constants(table).items():
        options = tuple((constant, constant) for constant in constants)
        wanted.setdefault(
            name, WantedField(name=name, label=_words(name), type=FieldType.ENUM, options=options, written=written)
        )
    return tuple(wanted.values())


def _currency_type(name: str) -> FieldType:
    """Text where setup makes it; a CRM's own currency property is a list of what the account deals in."""
    return FieldType.TEXT if is_ours(name) else FieldType.ENUM


def _options(field: FieldTable) -> tuple[tuple[str, str], ...]:
    if field.codec is not FieldType.ENUM:
        return ()
    return tuple((raw, _words(name)) for name, raw in field.values.items())


def _constants(table: KindTable) -> dict[str, tuple[tuple[str, ...], bool]]:
    """Property → the constants that stand in the table for it, and whether any of them is written."""
    constants: dict[str, tuple[tuple[str, ...], bool]] = {}
    written: list[Mapping[str, str]] = [field.constants for field in table.fields.values()]
    for name, constant in ((n, c) for group in [*written, table.on_create] for n, c in group.items()):
        so_far = constants.get(name, ((), True))[0]
        constants[name] = (so_far if constant in so_far else (*so_far, constant), True)
    for name, allowed in table.where.items():
        so_far, is_written = constants.get(name, ((), False))
        constants[name] = ((*so_far, *(value for value in allowed if value not in so_far)), is_written)
    return constants


def _words(name: str) -> str:
    """ "propstreet_price_min" → "Propstreet price min", and so for "Propstreet_Price_Min__c"."""
    return name.removesuffix("__c").replace("_", " ").strip().capitalize()
