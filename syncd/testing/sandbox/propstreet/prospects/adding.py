"""Adding one investor to a project, with every reason against it (propstreet.md, section 11.3).

Single POSTs, batches and people all add in this way; each has its own words for a refusal.
"""

from __future__ import annotations

import msgspec

from syncd.testing.sandbox.propstreet.record import Ref
from syncd.testing.sandbox.propstreet.state import State

from .record import Prospect


class Party(msgspec.Struct, frozen=True):
    """A contact or a company of the network: one of the two."""

    contact_id: str | None = None
    company_id: str | None = None


class NotAdded(Exception):
    """`code` is the schema's name for the reason."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code
        self.message = message


def add(state: State, project: str, party: Party, refs: tuple[Ref, ...], *, origin: str) -> Prospect:
    """The new prospect, or the old one revived. Raises NotAdded."""
    check_id(party)
    check_party(state, party)
    before = state.prospects.on(project, party.contact_id, party.company_id)
    if before is not None and not before.deleted:
        if before.teaser is not None:
            raise NotAdded("already_in_incoming", "The investor is a matched prospect of this project already.")
        raise NotAdded("already_in_prospects", "The investor is a prospect of this project already.")
    revives = before is not None and state.server.switches.re_added == "revived"
    check_refs(state, project, refs, before if revives else None)
    if before is not None and revives:
        return state.prospects.restore(before, refs, origin=origin)
    return state.prospects.create(newcomer(state, project, party) | {"external_refs": refs}, origin=origin)


def newcomer(state: State, project: str, party: Party) -> dict[str, object]:
    """What a new prospect is, from the network's point of view."""
    return {
        "project_id": project,
        "contact_id": party.contact_id,
        "company_id": party.company_id,
        **state.prospects.copied(party.contact_id, party.company_id),
    }


def check_id(party: Party) -> None:
    id = party.contact_id or party.company_id or ""
    if not (id.isascii() and id.isdigit()):
        raise NotAdded("invalid_id", "The id is not one of ours.")


def check_party(state: State, party: Party) -> None:
    contact, company = party.contact_id, party.company_id
    found = state.contacts.find_living(contact) if contact is not None else state.companies.find_living(company or "")
    if found is None:
        raise NotAdded("not_found_or_no_access", "No such contact or company, or it is not visible to you.")
    if contact in state.contacts.blocked:
        raise NotAdded("blocked", "The contact is blocked.")


def check_refs(state: State, project: str, refs: tuple[Ref, ...], owner: Prospect | None) -> None:
    for ref in refs:
        holder = state.prospects.ledger.holder(ref, project)
        if holder is not None and (owner is None or holder != owner.id):
            raise NotAdded("duplicate_external_ref", "Another prospect of this project has this reference.")
