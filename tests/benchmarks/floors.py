"""The fewest calls that a pass can do its work with, from page and batch sizes alone.

It knows nothing of how the engine goes about it. A term is here because an API allows no less or because a promise
of DESIGN.md section 2 can't be kept with less; which of the two is said at each.
"""

from __future__ import annotations

from collections.abc import Mapping

import msgspec

from syncd.core.model import Side
from tests.engine.world import Crm

PROPSTREET_PAGE = 500  # projects in a list page (propstreet.md section 5)
LIST_PAGE = 100  # deals in a list page of HubSpot (hubspot.md section 3.4)
SEARCH_PAGE = 200  # rows in a search page
BATCH = 100  # rows in a batch call
HISTORY_BATCH = 50  # rows in a batch read with history
QUERY_PAGE = 2_000  # rows of a query of Salesforce (salesforce.md section 3.2)
COLLECTION = 200  # rows in a collection
GUARDED = 24  # rows under a guard of their own in one composite call, beside the look at what came of them


class Work(msgspec.Struct, frozen=True, kw_only=True):
    """What there is to do for a pass. Zero where nothing is said."""

    everything: bool = False  # a first load lists all there is; otherwise the pass reads a window of changes
    projects_listed: int = 0  # in Propstreet's list, or in its window
    deals_listed: int = 0  # in the CRM's list, or in its window
    deals_news: int = 0  # of those in the window, how many show something that we did not know
    created: int = 0  # projects that have no deal yet
    to_propstreet: int = 0  # projects to be written, stamps apart
    to_crm: int = 0  # deals to be updated
    to_crm_two_way: int = 0  # of those, how many in a field that people edit in the CRM, too


def floor(work: Work, crm: Crm) -> Mapping[Side, Mapping[str, int]]:
    """The calls of each side, term by term. Each term is rounded up, because no API sells half a call."""
    return {
        Side.PROPSTREET: {
            # Needed to see anything; an empty answer costs a call as well.
            "list pages of 500": max(1, up(work.projects_listed, PROPSTREET_PAGE)),
            # Propstreet has no batch write for projects, and identity is stamped on both sides (P3, P6).
            "one PATCH per stamp": work.created,
            # The same; If-Match makes a read before it unnecessary, and its answer one after it.
            "one PATCH per deal edited": work.to_propstreet,
        },
        Side.CRM: _hubspot(work) if crm == "hubspot" else _salesforce(work),
    }


def _hubspot(work: Work) -> Mapping[str, int]:
    return {
        # A list, not a search: search neither shows records that it has not indexed yet nor goes past 10,000.
        "list pages of 100": max(1, up(work.deals_listed, LIST_PAGE)) if work.everything else 0,
        "search pages of 200": 0 if work.everything else max(1, up(work.deals_listed, SEARCH_PAGE)),
        # Archived deals are in no search and in no other list: without it a deletion is not seen (P1).
        "archived list, one page": 1,
        # A choice: search rows are stale (hubspot.md trap 5), so what changed is read again before it counts.
        "batch read of 100 changed": up(work.deals_news, BATCH),
        # A choice: an upsert overwrites the deal it meets, so the stamp is looked up before (adoption, P2 and P3).
        "look-up by stamp, 100": up(work.created, BATCH),
        "batch upsert of 100": up(work.created, BATCH),
        # A choice: HubSpot has no conditional write; what is to be written is read just before (P2).
        "verify read of 100": up(work.to_crm, BATCH),
        "batch update of 100": up(work.to_crm, BATCH),
        # A choice: an edit that slipped in between is reported (P2); only where a person could have made one.
        "audit read of 50": up(work.to_crm_two_way, HISTORY_BATCH),
    }


def _salesforce(work: Work) -> Mapping[str, int]:
    return {
        # One query for changes and deletions alike, whose rows are whole: nothing has to be read again.
        "query pages of 2,000": max(1, up(work.deals_listed, QUERY_PAGE)),
        # A choice, as with HubSpot: an upsert overwrites what it meets.
        "look-up by stamp, 200": up(work.created, COLLECTION),
        # Composite: the upsert and the look at what came of it in one call.
        "upsert of 200": up(work.created, COLLECTION),
        # A choice, P2: Salesforce guards single rows only. A batch is cheaper, and is read and compared before.
        "guarded update of 24, or 200 verified": up(work.to_crm, GUARDED)
        if work.to_crm <= 2 * GUARDED
        else 2 * up(work.to_crm, COLLECTION),
    }


def total(terms: Mapping[Side, Mapping[str, int]]) -> int:
    return sum(calls for side in terms.values() for calls in side.values())


def up(rows: int, size: int) -> int:
    return -(-rows // size)
