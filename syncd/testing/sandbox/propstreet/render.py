"""Rows as JSON in the shape that the switches ask for (propstreet.md, sections 1, 4, 9 and 21).

In the documented shape a row is encoded as it stands; any other shape is made from it, at a price.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from decimal import Decimal
from functools import cache
from typing import Any

import msgspec

from .projects.record import Project
from .switches import Switches

_encode = msgspec.json.Encoder(decimal_format="number").encode
_decode = msgspec.json.Decoder(dict[str, Any], float_hook=Decimal).decode

_SHORT_TEASER = ("stage", "publishedUtc", "verifiedUtc", "communicatedUtc")


Row = msgspec.Struct
"""A record, or a part of one that has a list of its own."""


class Renderer:
    def __init__(self, switches: Switches) -> None:
        self._switches = switches
        self._shape: Callable[[Row], Any] = self._reshaped if _reshapes(switches) else _as_it_stands

    def row(self, row: Row) -> bytes:
        return _encode(self._shape(row))

    def page(self, rows: Sequence[Row], *, cursor: str | None, size: int) -> bytes:
        """One page; without a cursor it is the last."""
        shown = rows if self._shape is _as_it_stands else [self._shape(row) for row in rows]
        end: dict[str, Any] = {"hasMore": cursor is not None}
        if cursor is not None or self._switches.nulls == "explicit":
            end["nextCursor"] = cursor
        if self._switches.envelope == "top":
            return _encode({"data": shown, **end})
        page_size = str(size) if self._switches.numbers == "string" else size
        return _encode({"data": shown, "page": {**end, "pageSize": page_size}})

    def items(self, items: Sequence[Any]) -> bytes:
        """A list without pages."""
        return self.document({"data": items})

    def document(self, document: Mapping[str, Any]) -> bytes:
        """An answer that is no row."""
        return _encode(_numbers_as_text(document) if self._switches.numbers == "string" else document)

    def decoded(self, row: Row) -> dict[str, Any]:
        """The row as a client would read it, numbers exact."""
        return _decode(self.row(row))

    def _reshaped(self, row: Row) -> Any:
        switches = self._switches
        shown: dict[str, Any] = msgspec.to_builtins(row, builtin_types=(Decimal,))
        if switches.nulls == "explicit":
            shown = {**_nulls(type(row)), **shown}
        if isinstance(row, Project):
            _reshape_project(shown, switches)
        shown |= switches.extra_fields
        return _numbers_as_text(shown) if switches.numbers == "string" else shown


def _reshape_project(shown: dict[str, Any], switches: Switches) -> None:
    if switches.mandate == "absent":
        shown.pop("mandate", None)
    elif switches.mandate == "only":
        shown.pop("exclusivity", None)
    if switches.teaser == "short" and shown.get("teaser") is not None:
        shown["teaser"] = {name: shown["teaser"][name] for name in _SHORT_TEASER if name in shown["teaser"]}


def _reshapes(switches: Switches) -> bool:
    documented = Switches()
    return any(
        getattr(switches, name) != getattr(documented, name)
        for name in ("mandate", "teaser", "nulls", "numbers", "extra_fields")
    )


def _as_it_stands(row: Row) -> Row:
    return row


@cache
def _nulls(type: type[Row]) -> dict[str, Any]:
    """What is left out of the documented shape: lists are empty, the rest is null."""
    fields = msgspec.structs.fields(type)
    return {field.encode_name: [] if field.default == () else None for field in fields if not field.required}


def _numbers_as_text(value: Any) -> Any:
    match value:
        case bool():
            return value
        case int() | Decimal() | float():
            return str(value)
        case dict():
            return {name: _numbers_as_text(item) for name, item in value.items()}
        case list() | tuple():
            return [_numbers_as_text(item) for item in value]
        case _:
            return value
