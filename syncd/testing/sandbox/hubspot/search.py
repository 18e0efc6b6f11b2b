"""POST /crm/v3/objects/{type}/search (hubspot.md, sections 3.4, 5.8 and 7.1).

It answers from the index, which lags. Offsets are cursors, depth is capped, one sort is honoured, and the rows may
show what is no longer so. Full text search (`query`) is refused: this sandbox does not have it.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Hashable, Sequence
from typing import Any

import msgspec

from .account import Collection
from .call import Answer, Call
from .index import Span, Test, View
from .predicates import Filter, compile_filter, operand, sort_key
from .reading import reader
from .records import Version
from .refusal import Refusal

PAGE_DEFAULT = 10
PAGE_MAX = 200
DEPTH_MAX = 10_000
BODY_CHARACTERS_MAX = 3_000
GROUPS_MAX, GROUP_FILTERS_MAX, FILTERS_MAX = 5, 6, 18
_EVER = 1 << 62


class Group(msgspec.Struct, frozen=True):
    filters: tuple[Filter, ...] = ()


class SearchBody(msgspec.Struct, rename="camel"):
    filter_groups: list[Group] = []
    filters: tuple[Filter, ...] = ()  # the short form: one group
    sorts: list[str | dict[str, Any]] = []
    properties: list[str] = []
    limit: int = PAGE_DEFAULT
    after: str | int | None = None
    query: str | None = None


def handle(call: Call, within: Collection) -> Answer:
    call.need(f"crm.objects.{within.kind.scope}.read")
    if call.body_characters > BODY_CHARACTERS_MAX:
        raise Refusal(f"The request body is too long: at most {BODY_CHARACTERS_MAX} characters.")
    body = call.body(SearchBody)
    groups = body.filter_groups or ([Group(body.filters)] if body.filters else [])
    start = _check(body, groups)
    within.shelf.index.catch_up(call.account.now())
    ids, first = _matches(within, groups, body.sorts)
    total = len(ids) - first
    page = ids[first + start : first + start + body.limit]
    show = reader(within, body.properties)
    content: dict[str, Any] = {"total": total, "results": [show(_seen(within, id), None) for id in page]}
    if start + body.limit < total:
        content["paging"] = {"next": {"after": str(start + body.limit)}}
    return Answer(200, content)


def _check(body: SearchBody, groups: Sequence[Group]) -> int:
    """The offset to start from, if this body is allowed."""
    if body.query is not None:
        raise Refusal("This sandbox has no full text search.")
    if not 1 <= body.limit <= PAGE_MAX:
        raise Refusal(f"limit must be between 1 and {PAGE_MAX}")
    sizes = [len(group.filters) for group in groups]
    if len(sizes) > GROUPS_MAX or max(sizes, default=0) > GROUP_FILTERS_MAX or sum(sizes) > FILTERS_MAX:
        raise Refusal("There was a problem with the request: too many filters")
    after = str(body.after or 0)
    if not (after.isascii() and after.isdigit()):
        raise Refusal("There was a problem with the request: after is not an offset")
    if int(after) + body.limit > DEPTH_MAX:
        raise Refusal(f"Search can't go past {DEPTH_MAX} results.")
    return int(after)


def _seen(within: Collection, id: int) -> Version:
    if within.account.switches.search_rows == "store":
        return within.shelf.records[id].version
    return within.shelf.index.shown[id]


def _matches(within: Collection, groups: Sequence[Group], sorts: list[Any]) -> tuple[list[int], int]:
    """Matching ids in order, and where the matches begin in them.

    A lower bound on the id stays out of the view, so that the pages of a keyset walk share one view.
    """
    groups, floor = _without_floor(within, groups)
    view = _view(within, groups)
    name, descending = _sort(sorts)
    if name == "hs_object_id" and not descending:
        return view.ids, bisect_left(view.ids, floor)
    index, key = within.shelf.index, (name, descending)
    ids = index.ordered(view, key, sort_key(within, name), reverse=descending)
    return ([id for id in ids if id >= floor] if floor else ids), 0


def _sort(sorts: list[Any]) -> tuple[str, bool]:
    """Exactly one is honoured; without one the order is by id."""
    match sorts[:1]:
        case [str(name)]:
            return name.removeprefix("-"), name.startswith("-")
        case [{"propertyName": str(name), **more}]:
            return name, str(more.get("direction", "")).upper().startswith("DESC")
        case []:
            return "hs_object_id", False
    raise Refusal("There was a problem with the request: a sort needs a propertyName")


def _without_floor(within: Collection, groups: Sequence[Group]) -> tuple[Sequence[Group], int]:
    if len(groups) != 1:
        return groups, 0
    floor = 0
    kept = []
    for it in groups[0].filters:
        if it.property_name != "hs_object_id" or it.operator not in ("GT", "GTE"):
            kept.append(it)
            continue
        bound = _operand_id(within, it)
        floor = max(floor, bound + 1 if it.operator == "GT" else bound)
    return (Group(tuple(kept)),), floor


def _operand_id(within: Collection, it: Filter) -> int:
    try:
        return int(operand(within, it.property_name, it.value))
    except ValueError as exc:
        raise Refusal("There was a problem with the request: not a record id") from exc


def _view(within: Collection, groups: Sequence[Group]) -> View:
    tests = [[compile_filter(within, it) for it in group.filters] for group in groups]
    key: Hashable = tuple(groups)
    return within.shelf.index.view(key, _any(tests), _span(within, groups))


def _any(groups: list[list[Test]]) -> Test:
    """Groups are OR-ed, the filters inside them AND-ed; no group at all lets everything through."""
    match groups:
        case []:
            return lambda version: True
        case [tests]:
            return lambda version: all(test(version) for test in tests)
    return lambda version: any(all(test(version) for test in tests) for tests in groups)


def _span(within: Collection, groups: Sequence[Group]) -> Span | None:
    """The modified stamps that can match at all, so that a window is not a scan."""
    if not groups:
        return None
    spans = [_group_span(within, group) for group in groups]
    low, high = min(span[0] for span in spans), max(span[1] for span in spans)
    return None if (low, high) == (0, _EVER) else (low, high)


def _group_span(within: Collection, group: Group) -> Span:
    low, high = 0, _EVER
    for it in group.filters:
        if it.property_name != within.kind.modified:
            continue
        match it.operator:
            case "GT" | "GTE":
                low = max(low, operand(within, it.property_name, it.value))
            case "LT" | "LTE":
                high = min(high, operand(within, it.property_name, it.value))
            case "BETWEEN":
                low = max(low, operand(within, it.property_name, it.value))
                high = min(high, operand(within, it.property_name, it.high_value))
            case "EQ":
                low = max(low, operand(within, it.property_name, it.value))
                high = min(high, operand(within, it.property_name, it.value))
    return low, high
