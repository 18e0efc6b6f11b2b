"""Finds out who has what Propstreet says is taken: an external ref, or a contact's e-mail address.

A refusal alone does not tell: the documents disagree on the status (propstreet.md section 13) and say nothing on
what a used idempotency key answers (section 7). So the truth is looked up before anything is called a failure.
Errors name ids, never an address.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice
from typing import TypeVar

from syncd.adapters.base import CreateItem, Raw, UpdateItem
from syncd.adapters.limiter import Priority
from syncd.core.model import Kind
from syncd.errors import AlreadyExists, OutcomeUnknown, PreconditionFailed, Rejected, RemoteError

from .companies import Companies
from .contacts import Contacts
from .projects import Projects
from .records import Record
from .remotes import contact_keys
from .wire import SYSTEM

Records = Projects | Contacts | Companies

_LOOKED_AT_MAX = 10_000  # records looked through; more would cost one write too many calls
_Error = TypeVar("_Error", bound=RemoteError)


def holder_of(records: Records, namespace: str, ref: str) -> Record | None:
    """The live record that carries exactly this ref."""
    record = records.find_by_external_ref(namespace, ref)
    if record is None or record.deleted or record.ref_in(namespace) != ref:
        return None
    return record


def why_refused(
    kind: Kind, records: Records, namespace: str, item: CreateItem, refused: AlreadyExists | Rejected
) -> AlreadyExists | Rejected | OutcomeUnknown:
    """What a refused create really means. Raises RemoteError when even that can't be read."""
    if refused.status not in (400, 409, 422):
        return refused
    holder = holder_of(records, namespace, item.ref)
    if holder is not None:
        return _meaning(refused, AlreadyExists, f"the reference of the new {kind} is taken", holder.id)
    if "idempotency" in (refused.code or ""):
        message = f"propstreet has seen this create before, but shows no {kind} of it"
        return _meaning(refused, OutcomeUnknown, message)
    if isinstance(refused, Rejected):
        return refused
    return (
        _namesake(kind, records, item.fields, refused, f"a new {kind}")
        or _reserved(kind, records, namespace, item.ref, refused)
        or refused
    )


def who_has_it(
    kind: Kind, records: Records, namespace: str, item: UpdateItem, taken: AlreadyExists
) -> AlreadyExists | PreconditionFailed:
    """What it means that this record may not have the ref, or the address, that was written."""
    what = f"{kind} {item.id}"
    holder = None if item.stamp is None else holder_of(records, namespace, item.stamp)
    if holder is None:
        return _namesake(kind, records, item.fields, taken, what, own=item.id) or taken
    if holder.id == item.id:
        return _meaning(taken, PreconditionFailed, f"{what} carries the reference already")
    return _meaning(taken, AlreadyExists, f"another {kind} carries the reference meant for {what}", holder.id)


def _namesake(
    kind: Kind, records: Records, fields: Raw, refused: AlreadyExists, what: str, *, own: str = ""
) -> AlreadyExists | None:
    """Another contact has the address, which is unique in an organisation; None where it is not about that."""
    wanted = set(contact_keys(fields)) if kind is Kind.CONTACT else set()
    if not wanted:
        return None
    for contact in islice(records.scan(priority=Priority.RETRY), _LOOKED_AT_MAX):
        if contact.id != own and not contact.deleted and wanted & set(contact_keys(contact.raw)):
            message = f"contact {contact.id} has the e-mail address that is meant for {what}"
            error = _meaning(refused, AlreadyExists, message, contact.id)
            error.remedy = f"if {contact.id} is the same person: syncd held retry; if not, correct the address first"
            return error
    if "email" not in (refused.code or "") and not any(name.startswith("email") for name in refused.fields):
        return None
    refused.remedy = "look in Propstreet for a contact with this e-mail address; then: syncd held retry"
    return refused


def _reserved(kind: Kind, records: Records, namespace: str, ref: str, refused: RemoteError) -> Rejected | None:
    """A deleted record may keep its ref for itself (propstreet.md section 10.3); no retry helps then."""
    for record in islice(_tombstones(records), _LOOKED_AT_MAX):
        if record.deleted and record.ref_in(namespace) == ref:
            message = f"the deleted {kind} {record.id} still holds the reference of a new {kind}"
            error = _meaning(refused, Rejected, message, record.id)
            error.remedy = f"ask Propstreet to free the deleted {kind}'s reference, then run syncd held retry"
            return error
    return None


def _tombstones(records: Records) -> Iterator[Record]:
    """With the others where the list can't be asked for them alone."""
    if isinstance(records, Projects):
        return records.scan(include_deleted=True, status="deleted", priority=Priority.RETRY)
    return records.scan(include_deleted=True, priority=Priority.RETRY)


def _meaning(refused: RemoteError, kind: type[_Error], message: str, existing_id: str | None = None) -> _Error:
    """The same refusal, now that we know what it means."""
    return kind(
        message,
        system=SYSTEM,
        status=refused.status,
        code=refused.code,
        request_id=refused.request_id,
        existing_id=existing_id,
        fields=refused.fields,
    )
