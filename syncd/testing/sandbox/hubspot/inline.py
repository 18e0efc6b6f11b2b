"""Associations inside a record that is read or listed (hubspot.md, section 5.1): a first page, without type ids.

They are good for nothing but a glance; the associations API is the truth.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from .account import Collection
from .call import Call
from .linked import seen

INLINE_MAX = 100  # how long the first page really is, HubSpot does not say


def adder(call: Call, within: Collection) -> Callable[[dict[str, Any]], None] | None:
    """Adds to a shown record what the query's `associations` ask for; a type without any is left out."""
    targets = [call.account.collection(name, definitions=True) for name in call.many("associations")]
    for target in targets:
        call.need(f"crm.objects.{target.kind.scope}.read")
    if not targets:
        return None

    def add(shown: dict[str, Any]) -> None:
        found = {target.kind.name: _page(call, within, int(shown["id"]), target) for target in targets}
        linked = {name: page for name, page in found.items() if page["results"]}
        if linked:
            shown["associations"] = linked

    return add


def _page(call: Call, within: Collection, id: int, target: Collection) -> dict[str, Any]:
    """One row for each type of each association."""
    ways = seen(call.account, within, id, target)
    rows = [{"id": str(to_id), "type": it.name} for to_id, types in ways[:INLINE_MAX] for it in types]
    page: dict[str, Any] = {"results": rows}
    if len(ways) > INLINE_MAX:
        after = str(ways[INLINE_MAX][0])
        path = f"/crm/v3/objects/{within.kind.name}/{id}/associations/{target.kind.name}"
        page["paging"] = {"next": {"after": after, "link": f"https://api.hubapi.com{path}?after={after}"}}
    return page
