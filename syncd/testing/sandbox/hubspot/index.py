"""What search knows: the records as they were some time ago (hubspot.md, sections 5.8 and 7.1, trap 5).

A write is noted at once and seen when its lag is over. Late arrivals never undo newer ones. Each distinct query
is answered from a standing view, kept up to date from then on, so that paging through a window is not a scan.
"""

from __future__ import annotations

import heapq
from bisect import bisect_left, bisect_right, insort
from collections import OrderedDict
from collections.abc import Callable, Hashable
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from .records import Version

VIEWS_MAX = 4
PENDING_MAX = 4096  # beyond this, due writes are taken in without waiting for a search

Test = Callable[["Version"], bool]
Span = tuple[int, int]  # of modified stamps, both ends included


class View:
    """The records that pass one test, by ascending id."""

    def __init__(self, test: Test, ids: list[int]) -> None:
        self.test = test
        self.ids = ids
        self.orders: dict[Hashable, list[int]] = {}  # ids in other orders, until something changes

    def put(self, id: int, *, belongs: bool) -> None:
        """This record has changed; from now on it belongs here, or not."""
        position = bisect_left(self.ids, id)
        is_in = position < len(self.ids) and self.ids[position] == id
        if belongs or is_in:
            self.orders.clear()
        if belongs and not is_in:
            self.ids.insert(position, id)
        elif is_in and not belongs:
            del self.ids[position]


class SearchIndex:
    """Not thread-safe: the twin's lock is around it."""

    def __init__(self) -> None:
        self.shown: dict[int, Version] = {}
        self._by_stamp: list[Span] = []  # (stamp, id); entries that no longer hold are skipped
        self._pending: list[tuple[float, int, Version]] = []
        self._gone: set[int] = set()
        self._views: OrderedDict[Hashable, View] = OrderedDict()

    def note(self, version: Version, visible_at: float, now: float) -> None:
        """This was written; search sees it at `visible_at`."""
        heapq.heappush(self._pending, (visible_at, version.number, version))
        if len(self._pending) > PENDING_MAX:
            self.catch_up(now)

    def forget(self, id: int) -> None:
        """Archived and absorbed records never appear (section 5.8): at once, without a lag."""
        self._gone.add(id)
        if self.shown.pop(id, None) is not None:
            for view in self._views.values():
                view.put(id, belongs=False)

    def readmit(self, id: int) -> None:
        self._gone.discard(id)

    def clear_views(self) -> None:
        """The definitions that tests were made from have changed."""
        self._views.clear()

    def catch_up(self, now: float) -> None:
        """Take in every write whose lag is over."""
        while self._pending and self._pending[0][0] <= now:
            self._show(heapq.heappop(self._pending)[2])

    def view(self, key: Hashable, test: Test, span: Span | None) -> View:
        """The standing view for this key. `span` bounds the stamps that can pass the test, if any does."""
        if key in self._views:
            self._views.move_to_end(key)
            return self._views[key]
        shown = self.shown
        candidates = shown if span is None else self._within(span)
        view = View(test, sorted(id for id in candidates if test(shown[id])))
        self._views[key] = view
        if len(self._views) > VIEWS_MAX:
            self._views.popitem(last=False)
        return view

    def ordered(self, view: View, key: Hashable, by: Callable[[Version], Any], *, reverse: bool) -> list[int]:
        """A view's ids in another order; equal ones stay by ascending id."""
        if key not in view.orders:
            view.orders[key] = sorted(view.ids, key=lambda id: by(self.shown[id]), reverse=reverse)
        return view.orders[key]

    def _show(self, version: Version) -> None:
        old = self.shown.get(version.id)
        if version.id in self._gone or (old is not None and old.number >= version.number):
            return
        self.shown[version.id] = version
        entry = (version.modified_ms, version.id)
        if not self._by_stamp or entry >= self._by_stamp[-1]:
            self._by_stamp.append(entry)
        else:
            insort(self._by_stamp, entry)
        for view in self._views.values():
            view.put(version.id, belongs=view.test(version))
        if len(self._by_stamp) > 2 * len(self.shown) + 1000:
            self._by_stamp = sorted((kept.modified_ms, kept.id) for kept in self.shown.values())

    def _within(self, span: Span) -> set[int]:
        start = bisect_left(self._by_stamp, (span[0], -1))
        end = bisect_right(self._by_stamp, (span[1], 1 << 62))
        entries = self._by_stamp[start:end]
        return {id for stamp, id in entries if id in self.shown and self.shown[id].modified_ms == stamp}
