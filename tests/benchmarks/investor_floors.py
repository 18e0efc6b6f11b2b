"""The fewest calls that a pass with investors can do its work with, from page and batch sizes alone; as `floors`.

A prospect is on the CRM's side an association with a label of ours (HubSpot) or a contact role (Salesforce).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import msgspec

from syncd.core.model import Side
from tests.engine.world import Crm

from .floors import BATCH, COLLECTION, GUARDED, LIST_PAGE, PROPSTREET_PAGE, QUERY_PAGE, SEARCH_PAGE, up

ASSOCIATED_PAGE = 1_000  # deals in a batch read of associations (hubspot.md section 3.4)
LABELLED_BATCH = 2_000  # associations in a batch create
UNLABELLED_BATCH = 100  # in a batch that takes labels
IN_LIST = 400  # ids in a query of Salesforce, whose address has an end (salesforce.md section 3.2)
ADDRESSES = 300  # e-mail addresses in one, some forty bytes each

LIVELY_S, OPEN_S, CLOSED_S = 300.0, 1_800.0, 86_400.0
"""How old the prospects of a project may get: a promise of ours, config/README.md."""


class Work(msgspec.Struct, frozen=True, kw_only=True):
    """What there is to do for a pass. Projects, contacts and companies are lists with a feed; prospects are not."""

    everything: bool = False  # a first load; otherwise the pass reads windows of changes
    in_propstreet: Sequence[int] = (0, 0, 0)  # rows in the lists, or in their windows, kind by kind
    in_crm: Sequence[int] = (0, 0, 0)
    due: int = 0  # projects whose prospects are to be read
    deals_due: int = 0  # and deals
    projects: int = 0  # to be made in the CRM and stamped on both sides
    contacts: int = 0  # likewise
    placed: int = 0  # prospects to be put on their deals
    to_propstreet: int = 0  # stages to be written there
    to_crm: int = 0  # labels or roles to be changed
    deals: int = 0  # to be updated, in fields of Propstreet's own


def share(lively: int, open_: int, closed: int, *, gap_s: float) -> int:
    """Projects whose prospects a pass has to read that comes so long after the last one, were the reads spread."""
    counts = ((lively, LIVELY_S), (open_, OPEN_S), (closed, CLOSED_S))
    return int(sum(count * min(1.0, gap_s / pace_s) for count, pace_s in counts))


def floor(work: Work, crm: Crm) -> Mapping[Side, Mapping[str, int]]:
    """The calls of each side, term by term."""
    return {
        Side.PROPSTREET: {
            "list pages of 500, each kind": sum(max(1, up(rows, PROPSTREET_PAGE)) for rows in work.in_propstreet),
            # There is no list of all prospects, and a project need not show that one has changed (P1).
            "one page per project that is due": work.due,
            "one PATCH per stamp": work.projects + work.contacts,
            "one PATCH per stage": work.to_propstreet,
        },
        Side.CRM: _hubspot(work) if crm == "hubspot" else _salesforce(work),
    }


def _hubspot(work: Work) -> Mapping[str, int]:
    deals, *people = work.in_crm
    windows = (deals, *people)
    return {
        "list pages of 100": max(1, up(deals, LIST_PAGE)) if work.everything else 0,
        # People are followed from now on and never listed, for most of them are nobody's investor.
        "the time, each kind of people": len(people) if work.everything else 0,
        "search pages of 200, each kind": 0
        if work.everything
        else sum(max(1, up(rows, SEARCH_PAGE)) for rows in windows),
        "archived list, one page, each kind": 1 if work.everything else len(windows),
        # Type ids differ from account to account (hubspot.md trap 31).
        "labels of the account": 1 if work.placed else 0,
        # Contacts and companies are two types, each with associations of its own.
        "associations of 1,000 deals, each kind": len(people) * up(work.deals_due, ASSOCIATED_PAGE),
        # P3: somebody who is there already is recognised and not made again.
        "look-up by e-mail, 100": up(work.contacts, BATCH),
        # A choice, as in `floors`: an upsert overwrites what it meets.
        "look-up by stamp, 100": up(work.projects, BATCH) + up(work.contacts, BATCH),
        "batch upsert of 100": up(work.projects, BATCH) + up(work.contacts, BATCH),
        # A choice, P2: whoever is on a deal already keeps the label that they have; one look per batch.
        "look before labelling": up(work.placed, LABELLED_BATCH),
        "batch label of 2,000": up(work.placed, LABELLED_BATCH) + up(work.to_crm, LABELLED_BATCH),
        # A choice, P2: no conditional write; the deals are read just before.
        "verify read of 1,000 deals": up(work.to_crm, ASSOCIATED_PAGE),
        # The new label is given, and then the old one taken: HubSpot has no call for both.
        "batch unlabel of 100": up(work.to_crm, UNLABELLED_BATCH),
        # As in `floors`.
        "verify read of 100, batch update of 100": 2 * up(work.deals, BATCH),
    }


def _salesforce(work: Work) -> Mapping[str, int]:
    return {
        "query pages of 2,000, each kind": sum(max(1, up(rows, QUERY_PAGE)) for rows in work.in_crm),
        # Roles count towards a page of 2,000 as well, so it takes more calls where they are many.
        "roles of 400 opportunities": up(work.deals_due, IN_LIST),
        "look-up by e-mail, 300": up(work.contacts, ADDRESSES),
        "look-up by stamp, 200": up(work.projects, COLLECTION) + up(work.contacts, COLLECTION),
        "upsert of 200": up(work.projects, COLLECTION) + up(work.contacts, COLLECTION),
        # A choice, P3: a role has no key, so the roles that are there are read first (salesforce.md section 9.1).
        "look before a role, 200": up(work.placed, COLLECTION),
        "insert of 200 roles": up(work.placed, COLLECTION),
        "guarded update of 24, or 200 verified": _guarded(work.to_crm) + _guarded(work.deals),
    }


def _guarded(rows: int) -> int:
    """A choice, as in `floors`."""
    return up(rows, GUARDED) if rows <= 2 * GUARDED else 2 * up(rows, COLLECTION)
