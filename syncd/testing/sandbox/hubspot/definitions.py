"""What a property is, and what the factory gives every account: object types, properties, pipelines, owners.

An account may have object types of its own beside them. Data only: the rules for changing them are in `schema` and
`pipelines`.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

import msgspec

CUSTOM = "custom"

Form = Literal["email", "domain", "lifecycle"]

LIFECYCLE = (
    "subscriber",
    "lead",
    "marketingqualifiedlead",
    "salesqualifiedlead",
    "opportunity",
    "customer",
    "evangelist",
    "other",
)


class Option(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    label: str
    value: str
    display_order: int = -1
    hidden: bool = False
    description: str = ""


class Property(msgspec.Struct, frozen=True, kw_only=True):
    """A property definition (section 5.12)."""

    name: str
    label: str
    type: str = "string"
    field_type: str = "text"
    group: str
    options: tuple[Option, ...] = ()
    description: str = ""
    unique: bool = False
    read_only: bool = False
    calculated: bool = False
    hubspot_defined: bool = False
    external: bool = False  # its options live elsewhere: owners, pipelines, stages
    folded: bool = False  # kept in lower case
    form: Form | None = None  # what its text must look like, or is made to
    form_field: bool = False
    hidden: bool = False
    display_order: int = -1
    created_ms: int = 0
    updated_ms: int = 0

    @property
    def allowed(self) -> frozenset[str] | None:
        """The option values; None when they are not kept here."""
        return None if self.external else frozenset(option.value for option in self.options)


class ObjectType(msgspec.Struct, frozen=True, kw_only=True):
    """One of HubSpot's record types and what is particular about it."""

    name: str
    singular: str
    type_id: str
    label: str
    group: str
    modified: str = "hs_lastmodifieddate"  # contacts call it otherwise (trap 7)
    shown: tuple[str, ...]  # what a read without `properties` returns
    required: tuple[tuple[str, ...], ...]  # on create: one of each group
    staged: bool = False  # has pipelines
    aliases: Mapping[str, str] = {}  # unique or identifying property → where its further values are
    qualified: str | None = None  # the other name of a custom object, whose `name` is its type id

    @property
    def scope(self) -> str:
        """What scopes call it: all custom objects have one in common."""
        return self.name if self.qualified is None else CUSTOM


DEALS = ObjectType(
    name="deals",
    singular="deal",
    type_id="0-3",
    label="Deal",
    group="dealinformation",
    shown=(
        "dealname",
        "amount",
        "closedate",
        "pipeline",
        "dealstage",
        "createdate",
        "hs_lastmodifieddate",
        "hs_object_id",
    ),
    required=(("dealname",), ("dealstage",), ("pipeline",)),
    staged=True,
)
CONTACTS = ObjectType(
    name="contacts",
    singular="contact",
    type_id="0-1",
    label="Contact",
    group="contactinformation",
    modified="lastmodifieddate",
    shown=("createdate", "email", "firstname", "hs_object_id", "lastmodifieddate", "lastname"),
    required=(("email", "firstname", "lastname"),),
    aliases={"email": "hs_additional_emails"},
)
COMPANIES = ObjectType(
    name="companies",
    singular="company",
    type_id="0-2",
    label="Company",
    group="companyinformation",
    shown=("createdate", "domain", "hs_lastmodifieddate", "hs_object_id", "name"),
    required=(("name", "domain"),),
    aliases={"domain": "hs_additional_domains"},
)
OBJECT_TYPES = (DEALS, CONTACTS, COMPANIES)

CURRENCIES = ("SEK", "EUR", "NOK", "DKK", "USD", "GBP")

STAGES = (
    ("appointmentscheduled", "Appointment Scheduled", "0.2"),
    ("qualifiedtobuy", "Qualified To Buy", "0.4"),
    ("presentationscheduled", "Presentation Scheduled", "0.6"),
    ("decisionmakerboughtin", "Decision Maker Bought-In", "0.8"),
    ("contractsent", "Contract Sent", "0.9"),
    ("closedwon", "Closed Won", "1.0"),
    ("closedlost", "Closed Lost", "0.0"),
)


def factory_properties(kind: ObjectType) -> dict[str, Property]:
    """The definitions that every account has for this type."""
    rows = [*_OWN.get(kind.name, ()), *_EVERYWHERE]
    return {row[0]: _factory(kind, *row) for row in rows}


_READ_ONLY, _CALCULATED, _EXTERNAL, _UNIQUE, _FOLDED = "read_only", "calculated", "external", "unique", "folded"
_EMAIL: Form = "email"
_DOMAIN: Form = "domain"
_LIFECYCLE: Form = "lifecycle"
_Row = tuple[str, str, str, frozenset[str], tuple[str, ...]]


def _row(name: str, type_: str = "string", field: str = "text", *marks: str, options: tuple[str, ...] = ()) -> _Row:
    return name, type_, field, frozenset(marks), options


_EVERYWHERE = (
    _row("hs_object_id", "number", "number", _READ_ONLY),
    _row("hs_createdate", "datetime", "date", _READ_ONLY),
    _row("hs_lastmodifieddate", "datetime", "date", _READ_ONLY),
    _row("hs_object_source", "string", "text", _READ_ONLY),
    _row("hs_object_source_id", "string", "text", _READ_ONLY),
    _row("hs_object_source_label", "string", "text", _READ_ONLY),
    _row("hs_merged_object_ids", "enumeration", "checkbox", _READ_ONLY, _EXTERNAL),
    _row("hubspot_owner_id", "enumeration", "select", _EXTERNAL),
)
_OWN = {
    "deals": (
        _row("dealname"),
        _row("amount", "number", "number"),
        _row("closedate", "datetime", "date"),
        _row("createdate", "datetime", "date"),
        _row("pipeline", "enumeration", "select", _EXTERNAL),
        _row("dealstage", "enumeration", "radio", _EXTERNAL),
        _row("dealtype", "enumeration", "radio", options=("newbusiness", "existingbusiness")),
        _row("deal_currency_code", "enumeration", "select", options=CURRENCIES),
        _row("description", "string", "textarea"),
        _row("hs_priority", "enumeration", "select", options=("low", "medium", "high")),
        _row("hs_next_step"),
        _row("closed_lost_reason", "string", "textarea"),
        _row("closed_won_reason", "string", "textarea"),
        _row("hs_is_closed", "bool", "booleancheckbox", _READ_ONLY, _CALCULATED),
        _row("hs_is_closed_won", "bool", "booleancheckbox", _READ_ONLY, _CALCULATED),
        _row("hs_deal_stage_probability", "number", "number", _READ_ONLY, _CALCULATED),
    ),
    "contacts": (
        _row("email", "string", "text", _UNIQUE, _FOLDED, _EMAIL),
        _row("hs_additional_emails", "enumeration", "checkbox", _READ_ONLY, _EXTERNAL),
        _row("firstname"),
        _row("lastname"),
        _row("phone", "string", "phonenumber"),
        _row("mobilephone", "string", "phonenumber"),
        _row("jobtitle"),
        _row("company"),
        _row("website"),
        _row("address"),
        _row("zip"),
        _row("city"),
        _row("country"),
        _row("lifecyclestage", "enumeration", "radio", _LIFECYCLE, options=LIFECYCLE),
        _row("associatedcompanyid", "number", "number", _READ_ONLY),
        _row("createdate", "datetime", "date", _READ_ONLY),
        _row("lastmodifieddate", "datetime", "date", _READ_ONLY),
    ),
    "companies": (
        _row("name"),
        _row("domain", "string", "text", _FOLDED, _DOMAIN),
        _row("hs_additional_domains", "enumeration", "checkbox", _READ_ONLY, _EXTERNAL),
        _row("phone", "string", "phonenumber"),
        _row("website"),
        _row("description", "string", "textarea"),
        _row("address"),
        _row("zip"),
        _row("city"),
        _row("country"),
        _row("lifecyclestage", "enumeration", "radio", _LIFECYCLE, options=LIFECYCLE),
        _row("createdate", "datetime", "date", _READ_ONLY),
    ),
}


def _factory(
    kind: ObjectType, name: str, type_: str, field: str, marks: frozenset[str], options: tuple[str, ...]
) -> Property:
    return Property(
        name=name,
        label=name.removeprefix("hs_").replace("_", " ").capitalize(),
        type=type_,
        field_type=field,
        group=kind.group,
        options=tuple(Option(label=text, value=text, display_order=n) for n, text in enumerate(options)),
        unique=_UNIQUE in marks,
        read_only=_READ_ONLY in marks,
        calculated=_CALCULATED in marks,
        external=_EXTERNAL in marks,
        folded=_FOLDED in marks,
        form=next((form for form in (_EMAIL, _DOMAIN, _LIFECYCLE) if form in marks), None),
        hubspot_defined=True,
    )
