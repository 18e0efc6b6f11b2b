"""Finds out who carries an external ref when Propstreet says that it is taken.

A refusal alone does not tell: the documents disagree on the status (propstreet.md section 13) and say nothing on
what a used idempotency key answers (section 7). So the truth is looked up before anything is called a failure.
"""

from __future__ import annotations

from itertools import islice
from typing import TypeVar

from syncd.adapters.limiter import Priority
from syncd.errors import AlreadyExists, OutcomeUnknown, PreconditionFailed, Rejected, RemoteError

from .client import Projects
from .records import Project
from .wire import SYSTEM

_TOMBSTONES_MAX = 10_000  # looked through; more would cost a create too many calls
_Error = TypeVar("_Error", bound=RemoteError)


def holder_of(records: Projects, namespace: str, ref: str) -> Project | None:
    """The live project that carries exactly this ref."""
    project = records.find_by_external_ref(namespace, ref)
    if project is None or project.deleted or project.ref_in(namespace) != ref:
        return None
    return project


def why_refused(
    records: Projects, namespace: str, ref: str, refused: AlreadyExists | Rejected
) -> AlreadyExists | Rejected | OutcomeUnknown:
    """What a refused create really means. Raises RemoteError when even that can't be read."""
    if refused.status not in (400, 409, 422):
        return refused
    holder = holder_of(records, namespace, ref)
    if holder is not None:
        return _meaning(refused, AlreadyExists, "the reference of the new project is taken", holder.id)
    if "idempotency" in (refused.code or ""):
        message = "propstreet has seen this create before, but shows no project of it"
        return _meaning(refused, OutcomeUnknown, message)
    if isinstance(refused, Rejected):
        return refused
    return _reserved(records, namespace, ref, refused) or refused


def who_has_it(
    records: Projects, namespace: str, ref: str, id: str, taken: AlreadyExists
) -> AlreadyExists | PreconditionFailed:
    """What it means that this project may not be stamped with the ref."""
    holder = holder_of(records, namespace, ref)
    if holder is None:
        return taken
    if holder.id == id:
        return _meaning(taken, PreconditionFailed, f"project {id} carries the reference already")
    return _meaning(taken, AlreadyExists, f"another project carries the reference meant for project {id}", holder.id)


def _reserved(records: Projects, namespace: str, ref: str, refused: RemoteError) -> Rejected | None:
    """A deleted project may keep its ref for itself (propstreet.md section 10.3); no retry helps then."""
    deleted = records.scan(include_deleted=True, status="deleted", priority=Priority.RETRY)
    for project in islice(deleted, _TOMBSTONES_MAX):
        if project.deleted and project.ref_in(namespace) == ref:
            error = _meaning(
                refused, Rejected, f"the deleted project {project.id} still holds the reference of a new project"
            )
            error.existing_id = project.id
            error.remedy = "ask Propstreet to free the deleted project's reference, then run syncd held retry"
            return error
    return None


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
