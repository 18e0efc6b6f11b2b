"""The org's fields against what the mapping wants: compare, create what is missing, show it to us, read it back.

It never changes a field that exists. A field made through the API is seen by nobody until a permission set grants
it (salesforce.md 3.10), so creating comes with granting, and a field that is hidden is not missing (trap 17). Lookups
are compared, and left for a person to make: what is deleted with what is the org's to decide.
"""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress

from syncd.adapters.base import SetupItem
from syncd.core.model import FieldType, Kind
from syncd.errors import AlreadyExists, Forbidden, Missing, Rejected
from syncd.mapping.wanted import WantedField

from . import paths
from .client import Client
from .currency import CURRENCY, NAME_IT
from .describe import Descriptions
from .errors import SYSTEM
from .links import Link
from .metadata import custom_field, fits, grant, steps, type_of
from .permissions import grant_fields
from .records import RecordType
from .shapes import Field, Made
from .unseen import Unseen, ask

_TAKEN = frozenset({"DUPLICATE_DEVELOPER_NAME", "DUPLICATE_VALUE"})
_NO_FIELDS = "INVALID_FIELD"  # of the creation of a field: the object takes none (section 14)
_NOT_LET = frozenset({"INVALID_TYPE", "NOT_FOUND", "INSUFFICIENT_ACCESS_OR_READONLY"})


def compare(client: Client, descriptions: Descriptions, kind: Kind, wanted: Sequence[WantedField]) -> list[SetupItem]:
    """One line per wanted field; first our own stamp field, which nested kinds have none of, and the links."""
    records = descriptions.of(kind, at_most_s=0.0)
    own = [stamp_field(records)] if records.stamped else []
    own += [link_field(link) for link in records.links]
    fields = {field.name: field for field in (*own, *wanted, *own)}
    unseen = ask(client, records.name, [name for name in fields if name not in records.fields])
    return [judge(records, kind, field, unseen) for field in fields.values()]


def provision(client: Client, descriptions: Descriptions, kind: Kind, items: Sequence[SetupItem]) -> list[SetupItem]:
    """Create the missing ones, grant us these and the hidden ones, and show how each of the items stands now."""
    spec = descriptions.objects[kind]
    name, links = spec.name, frozenset(spec.links.values())
    missing = [item.field for item in items if item.state == "missing" and _custom(item.field.name)]
    missing = [field for field in missing if field.name not in links]
    hidden = [item.field for item in items if item.state == "hidden"]
    for field in missing:
        _create(client, name, field)
    if missing or hidden:
        grant_fields(client, name, [*missing, *hidden])
    now = {item.field.name: item for item in compare(client, descriptions, kind, [item.field for item in items])}
    return [now[item.field.name] for item in items]


def stamp_field(records: RecordType) -> WantedField:
    """The field that carries the Propstreet id; upserts key on it, so it must be unique (trap 11)."""
    return WantedField(name=records.ref, label="Propstreet Id", type=FieldType.REF, unique=True)


def link_field(link: Link) -> WantedField:
    """The lookup that leads to the record that one belongs to."""
    return WantedField(name=link.field, label=f"The {link.kind} of a {link.owner}", type=FieldType.REF)


def judge(records: RecordType, kind: Kind, field: WantedField, unseen: Unseen) -> SetupItem:
    """How a wanted field stands against the live one."""
    live = records.fields.get(field.name)
    if live is None:
        return _unseen(records, kind, field, unseen)
    link = records.links.of(field.name)
    detail = _wrong(records, field, live) if link is None else _misled(records, link, live)
    return SetupItem(kind=kind, field=field, state="wrong" if detail else "ok", detail=detail)


def _unseen(records: RecordType, kind: Kind, field: WantedField, unseen: Unseen) -> SetupItem:
    if unseen.hides(field.name):
        return SetupItem(kind=kind, field=field, state="hidden", detail=grant(records.name, field.name))
    if records.links.of(field.name) is not None:
        return SetupItem(kind=kind, field=field, state="missing", detail=records.knowing(unseen).remedy(field.name))
    if field.name == CURRENCY and (assumed := records.currency.assumed) is not None:
        return SetupItem(kind=kind, field=field, state="ok", detail=f"all amounts of the org are in {assumed}")
    if field.name == CURRENCY:
        detail = f"the org has one currency, so {records.name} has no such field: {NAME_IT}"
        return SetupItem(kind=kind, field=field, state="missing", detail=detail)
    if not _custom(field.name):
        hidden = ", or it is hidden from us" if unseen.there is None else ""
        detail = f"{records.name} has no such standard field{hidden}: {unseen.remedy(records.name, field.name)}"
        return SetupItem(kind=kind, field=field, state="missing", detail=detail)
    return SetupItem(kind=kind, field=field, state="missing", detail=steps(records.name, field))


def _wrong(records: RecordType, field: WantedField, live: Field) -> str:
    if field.unique and not (live.unique and live.external_id):
        return "it must be unique and an external ID: tick both in Setup > Object Manager, or name another ref_field"
    if not field.written:
        return ""
    if not live.updateable and (parts := records.parts_of(field.name)):
        return f"salesforce makes it of {', '.join(parts)}: map those, or let it flow to propstreet only"
    if not live.updateable:
        return "our user can't edit it, or salesforce computes it: grant it, or let it flow to propstreet only"
    if not fits(field, live.type):
        return f"its type is {live.type}, which does not hold a {type_of(field)}: map another field, or another codec"
    lacking = [value for value, _ in field.options if value not in live.choices]
    if lacking and live.type in ("picklist", "multipicklist"):
        # Also where Salesforce would take any text: an invented stage breaks the org's reports (trap 23).
        return (
            f"it lacks the values {', '.join(lacking)}: add them in Setup > Object Manager > {records.name} > Fields & "
            f"Relationships > {field.name}, or change the mapping"
        )
    return ""


def _misled(records: RecordType, link: Link, live: Field) -> str:
    fault = link.fault(records.name, live)
    if fault is not None:
        return f"{fault}: {link.steps(records.name)}"
    return "" if live.createable else "our user can't write it: grant edit access to it, or name another lookup"


def _create(client: Client, object: str, field: WantedField) -> None:
    try:
        with suppress(AlreadyExists):
            client.tooling(paths.CUSTOM_FIELD, Made, custom_field(object, field))
    except (Forbidden, Rejected, Missing) as exc:
        if exc.code in _TAKEN:
            return  # made by somebody meanwhile, or hidden from us; what it is like is read next
        if exc.code == _NO_FIELDS:
            raise Forbidden(
                f"salesforce lets nobody add fields to {object}",
                system=SYSTEM,
                status=exc.status,
                code=exc.code,
                fields=(field.name,),
                remedy=f"take {field.name} out of the mapping",
            ) from None
        if not isinstance(exc, Forbidden) and exc.code not in _NOT_LET:
            raise
        raise Forbidden(
            f"our user may not create fields of {object}",
            system=SYSTEM,
            status=exc.status,
            code=exc.code,
            fields=(field.name,),
            remedy=steps(object, field),
        ) from None


def _custom(name: str) -> bool:
    return name.endswith("__c")
