"""The query endpoints (salesforce.md, section 3.2): first pages, later pages by locator, and their limits."""

from __future__ import annotations

from typing import Any

import msgspec

from . import soql
from .call import Answer, Call, header_options
from .refusal import Refusal

PAGE_MAX, PAGE_MIN = 2000, 200
CURSORS_MAX = 200  # ours, so that a long test does not fill memory; the oldest goes first


Shown = dict[str, Any]


class Cursor(msgspec.Struct, frozen=True):
    result: soql.Result
    page: int
    born: float


class Cursors:
    def __init__(self) -> None:
        self._open: dict[str, Cursor] = {}
        self._count = 0

    def handle(self, call: Call, *, deleted_too: bool, tooling: bool = False) -> Answer:
        """GET /query/?q= and /query/{locator}, the same for queryAll."""
        call.demand_method("GET")
        rest = call.rest[2:] if tooling else call.rest[1:]
        if rest:
            return self._more(call, rest[0])
        text = call.one("q")
        if text is None:
            raise Refusal("MALFORMED_QUERY", "A query string has to be specified")
        result = soql.answer(call.org, text, base=call.base, deleted_too=deleted_too, tooling=tooling)
        if result.counts:
            return Answer(200, {"totalSize": len(result.rows), "done": True, "records": []})
        cursor = Cursor(result, _page(call, result), call.org.now())
        return Answer(200, self._page(call, cursor, None, 0))

    def forget(self) -> None:
        """Every locator is dead from now on."""
        self._open.clear()

    def _more(self, call: Call, asked: str) -> Answer:
        """A page can be asked for again: its answer may have been lost."""
        locator, _, start = asked.rpartition("-")
        cursor = self._open.get(locator)
        lived_s = call.org.now() - cursor.born if cursor else 0.0
        if cursor is None or not start.isdigit() or lived_s > call.org.switches.cursor_life_s:
            raise Refusal("INVALID_QUERY_LOCATOR", "invalid query locator")
        return Answer(200, self._page(call, cursor, locator, int(start)))

    def _page(self, call: Call, cursor: Cursor, locator: str | None, start: int) -> dict[str, Any]:
        rows = cursor.result.rows
        records, end = self._records(call, cursor, start)
        content: dict[str, Any] = {"totalSize": len(rows), "done": end >= len(rows)}
        if end < len(rows):
            locator = locator or self._keep(cursor)
            content["nextRecordsUrl"] = f"{call.base}/query/{locator}-{end}"
        return content | {"records": records}

    def _records(self, call: Call, cursor: Cursor, start: int) -> tuple[list[Shown], int]:
        """Of one page, and where the next begins. Rows of subqueries count towards the page (section 3.2)."""
        rows, show = cursor.result.rows, cursor.result.show
        if not cursor.result.under:
            end = start + cursor.page
            return [show(row) for row in rows[start:end]], end
        records: list[Shown] = []
        taken = 0
        for row in rows[start:]:
            if taken >= cursor.page:
                break
            record = show(row)
            for under in cursor.result.under:
                result = under.results.get(row["Id"])
                nested = None if result is None else self._page(call, Cursor(result, cursor.page, cursor.born), None, 0)
                record[under.called] = nested
                taken += len(nested["records"]) if nested else 0
            records.append(record)
            taken += 1
        return records, start + len(records)

    def _keep(self, cursor: Cursor) -> str:
        self._count += 1
        locator = f"0r8Qy{self._count:010d}AAA"
        self._open[locator] = cursor
        while len(self._open) > CURSORS_MAX:
            del self._open[next(iter(self._open))]
        return locator


def _page(call: Call, result: soql.Result) -> int:
    """`Sforce-Query-Options: batchSize=n`, clamped; the server may always return fewer (trap 15)."""
    asked = header_options(call.headers.get("sforce-query-options", "")).get("batchsize", "")
    size = min(max(int(asked), PAGE_MIN), PAGE_MAX) if asked.isdigit() else PAGE_MAX
    return max(1, min(size, call.org.switches.page_max, result.page_max or PAGE_MAX))
