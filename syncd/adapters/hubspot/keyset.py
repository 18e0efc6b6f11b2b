"""One page of a search in the order of ids, beginning behind the last id of the page before (hubspot.md 7.1).

Each page is a query of its own, so it is never near search's 10,000 (trap 6); a page that does not move on fails.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from typing import Any

from syncd.errors import ServerTrouble

from .client import Answer, Client
from .errors import SYSTEM
from .records import ID, RecordType
from .shapes import Page

PAGE_MAX = 200


def search_after(
    client: Client,
    records: RecordType,
    last: int,
    filters: Sequence[dict[str, Any]],
    *,
    properties: Sequence[str],
    limit: int = PAGE_MAX,
) -> Answer[Page]:
    """The records with an id above `last` that pass all filters, as the index has them: ids can be relied on, no more.

    Raises ServerTrouble when HubSpot does not heed the filter or the sort.
    """
    body = {
        "filterGroups": [{"filters": [*filters, {"propertyName": ID, "operator": "GT", "value": str(last)}]}],
        "sorts": [{"propertyName": ID, "direction": "ASCENDING"}],
        "properties": list(properties),
        "limit": limit,
    }
    answer = client.search(Page, records.name, body)
    ids = [int(row.id) for row in answer.body.results]
    if any(id <= before for before, id in pairwise((last, *ids))):
        raise ServerTrouble("hubspot's search does not heed its filter or its sort", system=SYSTEM)
    return answer


def next_after(page: Page, limit: int = PAGE_MAX) -> int | None:
    """The last id of a page that has another one behind it. A full page may be the last: `paging` is absent then."""
    if len(page.results) < limit or page.after is None:
        return None
    return int(page.results[-1].id)
