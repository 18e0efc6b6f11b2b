"""Prospects: the investors of a project, listed and written per project (propstreet.md section 11).

There is no list of all prospects, and a change of a prospect need not touch its project: each project is scanned
with a mark of its own (trap 2). For sync, write row by row with `patch` and its etag; `classify` and `remove`
write over whatever somebody chose a moment ago (trap 30).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Unpack

from syncd.adapters.limiter import Priority
from syncd.errors import Rejected

from .batch import BATCH_MAX, BatchResult, Classified, read_batch, read_classified
from .paging import Page
from .prospect_records import Prospect, ProspectBody, ProspectPatch
from .resource import Created, DeltaFilters, Path, Resource, written
from .wire import SYSTEM, Call, encode, target, text_id

CREATABLE = frozenset(ProspectBody.__annotations__)
PATCHABLE = frozenset(ProspectPatch.__annotations__)
_PARTIES = ("contactId", "companyId")


class ProspectFilters(DeltaFilters, total=False):
    """All but `updated_since` and `include_deleted` hide rows that leave them: never use those in a delta scan."""

    capability: str | None  # chat
    classification: str | None  # not_contacted, contacted, interested, not_interested, bidder
    tags: Sequence[str]  # any of these


_FILTERS = frozenset(ProspectFilters.__annotations__)


class Prospects(Resource):
    def scan(self, project_id: str, **filters: Unpack[ProspectFilters]) -> Iterator[Prospect]:
        """Every prospect of a project, all pages. A removed one may be gone from here without a tombstone."""
        return self._list(Prospect, _of(project_id), f"prospects of project {project_id}", _FILTERS, filters)

    def page(self, project_id: str, *, cursor: str | None = None, **filters: Unpack[ProspectFilters]) -> Page:
        """One page. A cursor goes with exactly the filters and the page size that it was given for."""
        return self._list_page(_of(project_id), f"prospects of project {project_id}", _FILTERS, cursor, filters)

    def get(self, project_id: str, id: str, *, priority: Priority = Priority.LIVE) -> Prospect:
        """One prospect; a deleted one is Missing, or a tombstone. Raises Missing."""
        return self._one(Prospect, _of(project_id, id), _named(project_id, id), priority)

    def find_by_external_ref(
        self, project_id: str, namespace: str, id: str, *, priority: Priority = Priority.LIVE
    ) -> Prospect | None:
        """The prospect of this project that carries the ref, or None; also None when the project is gone.

        A ref is unique inside a project only: other projects may have it too (propstreet.md trap 23).
        """
        what = f"the prospect of project {project_id}"
        return self._one_by_ref(Prospect, _of(project_id), namespace, id, what, priority)

    def create(
        self, project_id: str, body: ProspectBody, *, idempotency_key: str, priority: Priority = Priority.LIVE
    ) -> Created[Prospect]:
        """A new prospect, not_contacted; classify it with `patch` and the etag that this returns.

        The key stays the same on every resend of the same body (propstreet.md trap 26). Raises AlreadyExists when
        the investor is a prospect already or the ref is taken, Missing when the project or the investor is gone,
        OutcomeUnknown, Rejected.
        """
        what = f"a new prospect of project {project_id}"
        content = written(_one_party(body, what), CREATABLE)
        return self._create(Prospect, _of(project_id), content, idempotency_key, what, priority)

    def batch_add(
        self, project_id: str, items: Sequence[ProspectBody], *, priority: Priority = Priority.LIVE
    ) -> BatchResult:
        """Up to 100 new prospects in one call; some may fail while others are created: pair them, or read `failed`.

        There is no idempotency key. OutcomeUnknown means that all, some or none were added: list the prospects
        before sending anything again; a blind repeat shows earlier successes as failures (propstreet.md trap 27).
        Any other error means that nothing was added.
        """
        what = f"new prospects of project {project_id}"
        if not items:
            return BatchResult((), ())
        _check_size(items, what)
        for index, item in enumerate(items):
            written(_one_party(item, f"item {index} of the {what}"), CREATABLE)
        where = target("projects", project_id, "prospects:batch")
        body = encode({"items": items})
        call = Call(method="POST", target=where, what=what, body=body, priority=priority, creates=True)
        return read_batch(self._transport.write(call), call)

    def patch(
        self,
        project_id: str,
        id: str,
        body: ProspectPatch,
        *,
        if_match: str | None,
        priority: Priority = Priority.LIVE,
    ) -> Prospect:
        """Write these fields; the answer is the whole prospect. External refs are replaced whole: see `with_ref`.

        `if_match` is the etag of the prospect that the change is based on; None writes over whatever is there.
        Raises PreconditionFailed, Missing, AlreadyExists, OutcomeUnknown, Rejected.
        """
        content = written(body, PATCHABLE)
        return self._patch(Prospect, _of(project_id, id), content, if_match, _named(project_id, id), priority)

    def delete(self, project_id: str, id: str, *, if_match: str | None, priority: Priority = Priority.LIVE) -> None:
        """Delete with its history; see `remove`. Raises Missing when it is gone already, PreconditionFailed.

        A matched investor's prospect may be refused; `not_interested` says the same and can be taken back.
        """
        self._delete(_of(project_id, id), if_match, _named(project_id, id), priority)

    def remove(self, project_id: str, id: str, *, priority: Priority = Priority.LIVE) -> None:
        """Take it off the list and keep its history; a person can undo it, so the binding should stay (trap 19)."""
        self._act((*_of(project_id, id), "remove"), None, _named(project_id, id), priority)

    def contact_person(self, project_id: str, id: str, contact_id: str, *, priority: Priority = Priority.LIVE) -> None:
        """Name the person behind a company placeholder: once, and only a contact linked to that company.

        Never delete and add again instead: history, refs and id would be lost (propstreet.md trap 51).
        Raises Rejected when there is a person already or no such link.
        """
        body = encode({"contactId": contact_id})
        self._act((*_of(project_id, id), "contact-person"), body, _named(project_id, id), priority)

    def classify(
        self, project_id: str, ids: Sequence[str], classification: str, *, priority: Priority = Priority.LIVE
    ) -> Classified:
        """Set the stage of up to 100 prospects, whatever it was. Read `failed`: some may fail while others don't."""
        what = f"the classification of prospects of project {project_id}"
        if not ids:
            return Classified((), (), ())
        _check_size(ids, what)
        body = encode({"prospectIds": ids, "classification": classification})
        where = target(*_of(project_id, "classify"))
        call = Call(method="POST", target=where, what=what, body=body, priority=priority)
        return read_classified(self._transport.write(call), call, ids)


def _of(project_id: str, *more: str) -> Path:
    return ("projects", project_id, "prospects", *more)


def _named(project_id: str, id: str) -> str:
    return f"prospect {id} of project {project_id}"


def _one_party(body: Mapping[str, Any], what: str) -> Mapping[str, Any]:
    given = [name for name in _PARTIES if text_id(body.get(name)) is not None]
    if len(given) != 1 or any(body.get(name) is None for name in _PARTIES if name in body):
        message = f"{what} needs exactly one of contactId and companyId"
        raise Rejected(message, system=SYSTEM, fields=_PARTIES, remedy="send contactId alone where it is known")
    return body


def _check_size(items: Sequence[Any], what: str) -> None:
    if len(items) > BATCH_MAX:
        raise Rejected(f"{what} are more than the {BATCH_MAX} that propstreet takes in one call", system=SYSTEM)
