"""The CRM's properties against what the mapping wants: compare, create what is missing, read it back.

It never changes a property that exists, and believes only what it reads back: HubSpot answers 200 to changes that
it ignores (hubspot.md 5.12, trap 13).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import suppress
from typing import Any

from syncd.adapters.base import SetupItem
from syncd.core.model import FieldType, Kind
from syncd.errors import AlreadyExists, Missing, Rejected
from syncd.mapping.wanted import WantedField

from .client import Client
from .errors import SYSTEM
from .records import ID, RecordType
from .shapes import PipelineList, PropertyDefinition, PropertyList

NO_SUCH_TYPE = "correct `object` in the mapping; a custom object goes by its type id, as in 2-1234567"
Definitions = Mapping[str, PropertyDefinition]

_FORMS: dict[FieldType, tuple[str, str]] = {
    FieldType.TEXT: ("string", "text"),
    FieldType.MONEY: ("number", "number"),
    FieldType.WHOLE: ("number", "number"),
    FieldType.DATE: ("date", "date"),
    FieldType.INSTANT: ("datetime", "date"),  # only `type` tells it from a date
    FieldType.ENUM: ("enumeration", "select"),
    FieldType.SET: ("enumeration", "checkbox"),
    FieldType.FLAG: ("bool", "booleancheckbox"),
    FieldType.REF: ("string", "text"),
}
_ALSO_FITS: dict[FieldType, frozenset[str]] = {
    FieldType.TEXT: frozenset({"phone_number"}),
    FieldType.ENUM: frozenset({"string"}),
    FieldType.FLAG: frozenset({"enumeration"}),
}
_FLAG_OPTIONS = (("true", "Yes"), ("false", "No"))


def compare(client: Client, records: RecordType, kind: Kind, wanted: Sequence[WantedField]) -> list[SetupItem]:
    """One line per wanted field, our own stamp property first."""
    fields = {field.name: field for field in (stamp_field(records), *wanted)}
    if records.ref in {field.name for field in wanted}:
        fields[records.ref] = stamp_field(records)
    live = definitions(client, records)
    stages = stage_options(client, records, list(fields))
    return [judge(kind, field, live.get(field.name), stages.get(field.name)) for field in fields.values()]


def provision(client: Client, records: RecordType, kind: Kind, items: Sequence[SetupItem]) -> list[SetupItem]:
    """Create the missing ones and show how each of the items stands now."""
    group = records.traits.group
    done = []
    for item in items:
        if item.state != "missing":
            done.append(item)
            continue
        group = group or definitions(client, records)[ID].group_name
        done.append(judge(kind, item.field, _created(client, records, group, item.field), None))
    return done


def stamp_field(records: RecordType) -> WantedField:
    """The property that carries the Propstreet id; upserts key on it, so it must be unique."""
    return WantedField(name=records.ref, label="Propstreet id", type=FieldType.REF, unique=True)


def definitions(client: Client, records: RecordType) -> dict[str, PropertyDefinition]:
    """The live properties by name; always read, since an admin may change them at any time (trap 23).

    Raises RemoteError; Missing where there is no such object.
    """
    try:
        found = client.read(client.properties.get_all, PropertyList, records.name).body.results
    except (Missing, Rejected) as error:
        message = f"the account has no object type {records.name}"
        raise Missing(message, system=SYSTEM, status=error.status, code=error.code, remedy=NO_SUCH_TYPE) from None
    return {definition.name: definition for definition in found if not definition.archived}


def stage_options(client: Client, records: RecordType, names: Sequence[str]) -> dict[str, frozenset[str]]:
    """What the pipeline and stage properties may hold: ids, and only live ones (trap 24). {} if none is asked."""
    traits = records.traits
    if not {traits.pipeline, traits.stage} & set(names):
        return {}
    answer = client.read(client.pipelines.get_all, PipelineList, records.name)
    live = [pipeline for pipeline in answer.body.results if not pipeline.archived]
    stages = frozenset(stage.id for pipeline in live for stage in pipeline.stages if not stage.archived)
    return {traits.pipeline: frozenset(pipeline.id for pipeline in live), traits.stage: stages}


def judge(kind: Kind, field: WantedField, live: PropertyDefinition | None, known: frozenset[str] | None) -> SetupItem:
    """How a wanted field stands against the live property. `known` replaces the property's own options."""
    if live is None:
        return SetupItem(kind=kind, field=field, state="missing")
    detail = _wrong(field, live, known)
    return SetupItem(kind=kind, field=field, state="wrong" if detail else "ok", detail=detail)


def _wrong(field: WantedField, live: PropertyDefinition, known: frozenset[str] | None) -> str:
    form = _FORMS[field.type][0]
    if field.unique and not live.has_unique_value:
        return "it is not unique, which can't be added later: rename ref_property, or delete this one and run setup"
    if not field.written:
        return ""
    if live.read_only:
        return "hubspot computes it: let this field flow to propstreet only"
    if live.type != form and live.type not in _ALSO_FITS.get(field.type, ()):
        return f"its type is {live.type}, not {form}: map another property, or another codec"
    options = known if known is not None else frozenset(option.value for option in live.options)
    lacking = [value for value, _ in field.options if value not in options]
    if lacking and (known is not None or live.type == "enumeration"):
        return f"it lacks the options {', '.join(lacking)}: add them in hubspot, or change the mapping"
    return ""


def _created(client: Client, records: RecordType, group: str, field: WantedField) -> PropertyDefinition | None:
    with suppress(AlreadyExists):  # made by somebody meanwhile; what it is like is read next
        client.write(client.properties.create, PropertyDefinition, records.name, _creation(group, field))
    try:
        return client.read(client.properties.get_by_name, PropertyDefinition, records.name, field.name).body
    except Missing:
        return None


def _creation(group: str, field: WantedField) -> dict[str, Any]:
    type_, field_type = _FORMS[field.type]
    body: dict[str, Any] = {
        "name": field.name,
        "label": field.label,
        "type": type_,
        "fieldType": field_type,
        "groupName": group,
        "hasUniqueValue": field.unique,
    }
    options = _FLAG_OPTIONS if field.type is FieldType.FLAG else field.options
    if options:
        body["options"] = [
            {"value": value, "label": label, "displayOrder": place, "hidden": False}
            for place, (value, label) in enumerate(options)
        ]
    return body
