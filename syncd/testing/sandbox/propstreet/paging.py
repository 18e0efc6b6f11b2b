"""A list's query and its cursor: which rows, from where, how many (propstreet.md, sections 4 and 5)."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, TypeVar

import msgspec

from . import stamps
from .http import Errors, Refusal, invalid
from .ledger import Placed, key_of, place
from .record import Record
from .switches import Switches

P = TypeVar("P", bound=Placed)

PAGE_MAX = 500
PAGE_DEFAULT = 500


class Filter(msgspec.Struct, frozen=True):
    """A query parameter that hides rows. Sent more than once, the last counts, or any if it is `repeats`."""

    passes: Callable[[Any, Sequence[str]], bool]  # a row, and what was asked for
    values: Sequence[str] | None = None  # what may be asked for; None: anything
    repeats: bool = False


Filters = Mapping[str, Filter]


class ListQuery(msgspec.Struct, frozen=True, kw_only=True):
    start: int  # rows behind this place in the order of changes
    size: int
    include_deleted: bool
    filters: Sequence[tuple[Filter, Sequence[str]]]

    @property
    def keeps(self) -> Callable[[Record], bool]:
        if not self.filters:
            return _any if self.include_deleted else _alive
        return lambda row: (self.include_deleted or not row.deleted) and self.passes(row)

    def passes(self, row: object) -> bool:
        return all(filter.passes(row, wanted) for filter, wanted in self.filters)


def list_query(
    query: list[tuple[str, str]],
    filters: Filters,
    now: float,
    switches: Switches,
    *,
    default_size: int = PAGE_DEFAULT,
    not_served: Iterable[str] = (),
) -> ListQuery:
    """Raises a 400 that names every parameter that is wrong."""
    sent = dict(query)
    errors: Errors = {}
    start = place(0)
    if "updated_since" in sent:
        ticks = stamps.parsed(sent["updated_since"])
        if ticks is None:
            errors["updated_since"] = ["must be an ISO 8601 instant"]
        else:
            start = place(ticks)  # inclusive: before every row with this stamp
    size = sent.get("page_size", str(default_size))
    if not (size.isascii() and size.isdigit() and len(size) <= 3 and 1 <= int(size) <= PAGE_MAX):
        errors["page_size"] = [f"must be between 1 and {PAGE_MAX}"]
    deleted = sent.get("include_deleted", "false").lower()
    if deleted not in ("true", "false"):
        errors["include_deleted"] = ["must be true or false"]
    asked = {name: _asked(query, name, filters[name]) for name in filters if name in sent}
    errors.update({name: ["is not a known value"] for name, wanted in asked.items() if wanted is None})
    errors.update({name: ["is not served by the sandbox"] for name in not_served if name in sent})
    if errors:
        raise invalid(errors)
    if "cursor" in sent:
        start = max(start, _place_behind(sent["cursor"], now, switches))
    return ListQuery(
        start=start,
        size=int(size),
        include_deleted=deleted == "true",
        filters=[(filters[name], wanted) for name, wanted in asked.items() if wanted is not None],
    )


def page_of(rows: Iterable[P], start: int, size: int) -> tuple[list[P], bool]:
    """As Ledger.page, of a few rows in any order."""
    behind = sorted((row for row in rows if key_of(row) > start), key=key_of)
    return behind[:size], len(behind) > size


def _asked(query: list[tuple[str, str]], name: str, filter: Filter) -> list[str] | None:
    """What this filter was asked for; None when it is no known value."""
    wanted = [value for sent, value in query if sent == name]
    if not filter.repeats:
        wanted = wanted[-1:]
    return None if filter.values is not None and not set(wanted) <= set(filter.values) else wanted


class _Cursor(msgspec.Struct, omit_defaults=True):
    u: str
    i: str
    t: float | None = None  # when it was given out, if cursors die


def cursor_behind(row: Placed, now: float, switches: Switches) -> str:
    issued = now if switches.cursor_life_s is not None else None
    return base64.urlsafe_b64encode(msgspec.json.encode(_Cursor(row.updated_utc, row.id, issued))).decode()


def _place_behind(text: str, now: float, switches: Switches) -> int:
    try:
        cursor = msgspec.json.decode(base64.b64decode(text, altchars=b"-_", validate=True), type=_Cursor)
        ticks, id = stamps.parsed(cursor.u), int(cursor.i)
    except (ValueError, binascii.Error, msgspec.MsgspecError):
        raise _dead_cursor() from None
    dead = switches.cursor_life_s is not None and now - (cursor.t or 0.0) > switches.cursor_life_s
    if ticks is None or dead:
        raise _dead_cursor()
    return place(ticks, id)


def _dead_cursor() -> Refusal:
    return invalid({"cursor": ["is not a cursor of this list"]})


def _any(row: Record) -> bool:
    return True


def _alive(row: Record) -> bool:
    return row.deleted_utc is None
