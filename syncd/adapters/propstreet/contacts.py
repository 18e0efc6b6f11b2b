"""Contacts: the people in the organisation's network (propstreet.md section 17.1)."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple, Unpack

from syncd.adapters.limiter import Priority

from .network_records import Contact, ContactBody
from .paging import Page
from .prospect_records import AssociatedProject
from .resource import Collection, DeltaFilters, PageOptions, shown, written
from .transport import Transport
from .wire import Call, target

WRITABLE = frozenset(ContactBody.__annotations__)
_FILTERS = frozenset(DeltaFilters.__annotations__)


class InvestorFilters(PageOptions, total=False):
    status: str | None  # open, closed
    classification: str | None  # the prospect's stage, not the project's


INVESTOR_FILTERS = frozenset(InvestorFilters.__annotations__)


class Upserted(NamedTuple):
    contact: Contact
    action: str  # created, updated, revived, or what a later release says


class Contacts(Collection[Contact, ContactBody]):
    def __init__(self, transport: Transport) -> None:
        super().__init__(transport, ("network", "contacts"), Contact, noun="contact", writable=WRITABLE)

    def scan(self, **filters: Unpack[DeltaFilters]) -> Iterator[Contact]:
        """Every contact, all pages. `updated_since` is inclusive; tombstones come only with `include_deleted`."""
        return self._list(Contact, self._path, "contacts", _FILTERS, filters)

    def page(self, *, cursor: str | None = None, **filters: Unpack[DeltaFilters]) -> Page:
        """One page. A cursor goes with exactly the filters and the page size that it was given for."""
        return self._list_page(self._path, "contacts", _FILTERS, cursor, filters)

    def upsert_by_external_ref(
        self,
        namespace: str,
        id: str,
        body: ContactBody,
        *,
        match_email: bool = False,
        revive: bool = True,
        priority: Priority = Priority.LIVE,
    ) -> Upserted:
        """Write these fields to the contact that carries the ref, or make it.

        `match_email`: without such a contact, the one with this e-mail address gets the ref. Not for mailboxes
        that people share: two of them would become one (propstreet.md trap 56).
        `revive`: a deleted contact comes back; False makes a new one instead. A person may have been deleted on
        purpose: look at the tombstones first, or say False (trap 55).

        There is no guard by etag, and no `create_only`: its name and its description contradict each other.
        Raises AlreadyExists, OutcomeUnknown, Rejected.
        """
        query = {"match": "email" if match_email else None, "revive": "true" if revive else "false"}
        call = Call(
            method="PATCH",
            target=target(*self._path, "external", namespace, id, query=query),
            what=f"the contact with {namespace} id {id}",
            body=written(body, WRITABLE),
            priority=priority,
            creates=True,
        )
        answer = self._transport.write(call)
        told = answer.headers.get("x-propstreet-upsert-action", "").strip().lower()
        return Upserted(shown(Contact, answer, call), told or ("created" if answer.status == 201 else "updated"))

    def delete(self, id: str, *, if_match: str | None, priority: Priority = Priority.LIVE) -> None:
        """Delete softly. Raises Missing when it is gone already, PreconditionFailed when it moved."""
        self._delete((*self._path, id), if_match, f"contact {id}", priority)

    def projects(self, id: str, **filters: Unpack[InvestorFilters]) -> Iterator[AssociatedProject]:
        """The projects in which this contact is a prospect. No change feed: it repairs what was bound wrongly."""
        path, what = (*self._path, id, "projects"), f"projects of contact {id}"
        return self._list(AssociatedProject, path, what, INVESTOR_FILTERS, filters)
