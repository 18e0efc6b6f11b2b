"""The list's query and its cursor: which projects, from where, how many (sections 4, 5 and 10.1)."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Callable

import msgspec

from . import stamps
from .http import Errors, Refusal, invalid
from .ledger import place
from .project import CLASSIFICATIONS, STAGES, STATUSES, Project
from .switches import Switches

PAGE_MAX = 500
PAGE_DEFAULT = 500

_FILTERS = {"status": STATUSES, "classification": CLASSIFICATIONS, "teaser_stage": STAGES}
_NEEDS_A_MAP = ("near", "radius", "location")


class ListQuery(msgspec.Struct, frozen=True, kw_only=True):
    start: int  # projects behind this place in the ledger's order
    size: int
    include_deleted: bool
    filters: tuple[tuple[str, str], ...]

    @property
    def keeps(self) -> Callable[[Project], bool]:
        if not self.filters:
            return _any if self.include_deleted else _alive
        return lambda project: (
            (self.include_deleted or not project.deleted)
            and all(_value(project, name) == wanted for name, wanted in self.filters)
        )


def list_query(query: list[tuple[str, str]], now: float, switches: Switches) -> ListQuery:
    """Raises a 400 that names every parameter that is wrong."""
    sent = dict(query)
    errors: Errors = {}
    start = place(0)
    if "updated_since" in sent:
        ticks = stamps.parsed(sent["updated_since"])
        if ticks is None:
            errors["updated_since"] = ["must be an ISO 8601 instant"]
        else:
            start = place(ticks)  # inclusive: before every project with this stamp
    size = sent.get("page_size", str(PAGE_DEFAULT))
    if not (size.isascii() and size.isdigit() and len(size) <= 3 and 1 <= int(size) <= PAGE_MAX):
        errors["page_size"] = [f"must be between 1 and {PAGE_MAX}"]
    deleted = sent.get("include_deleted", "false").lower()
    if deleted not in ("true", "false"):
        errors["include_deleted"] = ["must be true or false"]
    filters = tuple((name, sent[name]) for name in _FILTERS if name in sent)
    errors.update({name: ["is not a known value"] for name, value in filters if value not in _FILTERS[name]})
    errors.update({name: ["is not served here: the sandbox has no map"] for name in _NEEDS_A_MAP if name in sent})
    if errors:
        raise invalid(errors)
    if "cursor" in sent:
        start = max(start, _place_behind(sent["cursor"], now, switches))
    return ListQuery(start=start, size=int(size), include_deleted=deleted == "true", filters=filters)


class _Cursor(msgspec.Struct, omit_defaults=True):
    u: str
    i: str
    t: float | None = None  # when it was given out, if cursors die


def cursor_behind(project: Project, now: float, switches: Switches) -> str:
    issued = now if switches.cursor_life_s is not None else None
    return base64.urlsafe_b64encode(msgspec.json.encode(_Cursor(project.updated_utc, project.id, issued))).decode()


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


def _any(project: Project) -> bool:
    return True


def _alive(project: Project) -> bool:
    return project.deleted_utc is None


def _value(project: Project, name: str) -> str | None:
    match name:
        case "status":
            return project.status
        case "classification":
            return project.classification
        case _:
            return project.teaser.stage if project.teaser is not None else None
