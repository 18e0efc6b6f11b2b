"""Reads lists page by page, in both of Propstreet's envelopes (propstreet.md section 4).

A short or empty page is not the end; only `hasMore` is. An answer that is no page is an error and never an empty
list: absence of rows must not be mistaken for absence of records.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

import msgspec

from syncd.errors import ServerTrouble

from .wire import SYSTEM, Json, text_id

PAGE_SIZE_MAX = 500  # propstreet.md section 4
PAGES_MAX = 50_000  # 25 million rows of full pages: no account is that large


class Page(msgspec.Struct, frozen=True):
    rows: list[Json]  # as they came; Project(row) and its like make a value of one
    next_cursor: str | None  # None on the last page


def read_page(answer: Json, what: str) -> Page:
    """The page in this answer. Raises ServerTrouble when it is none."""
    rows, inner = answer.get("data"), answer.get("page")
    envelope = inner if isinstance(inner, dict) else {}
    cursor = envelope.get("nextCursor") or answer.get("nextCursor")
    more = envelope.get("hasMore", answer.get("hasMore"))
    if more is None:
        more = bool(cursor)
    if not isinstance(rows, list) or not all(isinstance(row, dict) and text_id(row.get("id")) for row in rows):
        raise ServerTrouble(f"propstreet's page of {what} is not a list of records", system=SYSTEM)
    if not isinstance(more, bool) or (more and not isinstance(cursor, str)):
        raise ServerTrouble(f"propstreet's page of {what} does not say how to go on", system=SYSTEM)
    return Page(rows, cursor if more else None)


def walk(fetch: Callable[[str | None], Page], *, start: str | None = None, what: str) -> Iterator[Page]:
    """Every page from this cursor on. Raises ServerTrouble when the list runs in a circle or never ends."""
    seen = {start}
    cursor = start
    for _ in range(PAGES_MAX):
        page = fetch(cursor)
        yield page
        cursor = page.next_cursor
        if cursor is None:
            return
        if cursor in seen:
            raise ServerTrouble(f"propstreet's pages of {what} run in a circle", system=SYSTEM)
        seen.add(cursor)
    raise ServerTrouble(f"propstreet's pages of {what} do not end", system=SYSTEM)
