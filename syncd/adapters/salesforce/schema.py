"""The org's fields against what the mapping wants: compare, create what is missing, show it to us, read it back.

It never changes a field that exists. A field made through the API is seen by nobody until a permission set grants
it (salesforce.md 3.10), so creating comes with granting. A field that is hidden is not missing (trap 17): which of
the two it is, the Tooling API says, to those whom it lets ask.
"""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from urllib.parse import urlencode

from syncd.adapters.base import SetupItem
from syncd.core.model import FieldType, Kind
from syncd.errors import AlreadyExists, Forbidden, Missing, Rejected
from syncd.mapping.wanted import WantedField

from . import paths
from .client import Client
from .describe import Descriptions
from .errors import SYSTEM
from .metadata import custom_field, fits, grant, steps, type_of
from .permissions import grant_fields
from .records import CURRENCY, RecordType
from .shapes import Field, Made, Page
from .soql import quoted, select

_TAKEN = frozenset({"DUPLICATE_DEVELOPER_NAME", "DUPLICATE_VALUE"})
_NOT_LET = frozenset({"INVALID_TYPE", "NOT_FOUND", "INSUFFICIENT_ACCESS_OR_READONLY"})


def compare(client: Client, descriptions: Descriptions, kind: Kind, wanted: Sequence[WantedField]) -> list[SetupItem]:
    """One line per wanted field, our own stamp field first."""
    records = descriptions.of(kind, at_most_s=0.0)
    fields = {field.name: field for field in (stamp_field(records), *wanted)}
    if records.ref in {field.name for field in wanted}:
        fields[records.ref] = stamp_field(records)
    unseen = unseen_fields(client, records, [name for name in fields if name not in records.fields])
    return [judge(records, kind, field, unseen) for field in fields.values()]


def provision(client: Client, descriptions: Descriptions, kind: Kind, items: Sequence[SetupItem]) -> list[SetupItem]:
    """Create the missing ones and show how each of the items stands now."""
    missing = [item.field for item in items if item.state == "missing" and _custom(item.field.name)]
    name = descriptions.objects[kind].name
    for field in missing:
        _create(client, name, field)
    if missing:
        grant_fields(client, name, missing)
    now = {item.field.name: item for item in compare(client, descriptions, kind, [item.field for item in items])}
    return [now[item.field.name] for item in items]


def stamp_field(records: RecordType) -> WantedField:
    """The field that carries the Propstreet id; upserts key on it, so it must be unique (trap 11)."""
    return WantedField(name=records.ref, label="Propstreet Id", type=FieldType.REF, unique=True)


def unseen_fields(client: Client, records: RecordType, names: Sequence[str]) -> frozenset[str] | None:
    """Which of these, none of which we see, are there all the same; None when we may not ask."""
    if not names:
        return frozenset()
    where = f"EntityDefinition.QualifiedApiName = {quoted(records.name)}"
    soql = select(["QualifiedApiName"], "FieldDefinition", where)
    try:
        page = client.tooling("query/?" + urlencode({"q": soql}), Page)
    except (Forbidden, Rejected, Missing):
        return None
    there = {str(row.get("QualifiedApiName")) for row in page.records}
    return frozenset(there & set(names))


def judge(records: RecordType, kind: Kind, field: WantedField, unseen: frozenset[str] | None) -> SetupItem:
    """How a wanted field stands against the live one."""
    live = records.fields.get(field.name)
    if live is None:
        return _unseen(records, kind, field, unseen)
    detail = _wrong(field, live)
    return SetupItem(kind=kind, field=field, state="wrong" if detail else "ok", detail=detail)


def _unseen(records: RecordType, kind: Kind, field: WantedField, unseen: frozenset[str] | None) -> SetupItem:
    if records.lacks_currency(field.name):
        return SetupItem(kind=kind, field=field, state="ok", detail=f"the org keeps amounts in {records.currency} only")
    if field.name == CURRENCY:
        detail = "the org has one currency: name it as `currency` in [connections.crm], or map the amount alone"
        return SetupItem(kind=kind, field=field, state="wrong", detail=detail)
    if unseen is not None and field.name in unseen:
        detail = f"it is there, but hidden from us: {grant(records.name, field.name)}"
        return SetupItem(kind=kind, field=field, state="wrong", detail=detail)
    if not _custom(field.name):
        detail = f"{records.name} has no such standard field, or it is hidden from us: correct the mapping or grant it"
        return SetupItem(kind=kind, field=field, state="missing", detail=detail)
    return SetupItem(kind=kind, field=field, state="missing", detail=steps(records.name, field))


def _wrong(field: WantedField, live: Field) -> str:
    if field.unique and not (live.unique and live.external_id):
        return "it must be unique and an external ID: tick both in Setup > Object Manager, or name another ref_field"
    if not field.written:
        return ""
    if not live.updateable:
        return "our user can't edit it, or salesforce computes it: grant it, or let it flow to propstreet only"
    if not fits(field, live.type):
        return f"its type is {live.type}, which does not hold a {type_of(field)}: map another field, or another codec"
    lacking = [value for value, _ in field.options if value not in live.choices]
    if lacking and live.type in ("picklist", "multipicklist"):
        # Also where Salesforce would take any text: an invented stage breaks the org's reports (trap 23).
        return f"it lacks the values {', '.join(lacking)}: add them in Setup, or change the mapping"
    return ""


def _create(client: Client, object: str, field: WantedField) -> None:
    try:
        with suppress(AlreadyExists):
            client.tooling(paths.CUSTOM_FIELD, Made, custom_field(object, field))
    except (Forbidden, Rejected, Missing) as exc:
        if exc.code in _TAKEN:
            return  # made by somebody meanwhile, or hidden from us; what it is like is read next
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
