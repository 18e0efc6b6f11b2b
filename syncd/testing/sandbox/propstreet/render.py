"""Projects as JSON in the shape that the switches ask for (propstreet.md, sections 1, 4, 9 and 21).

In the documented shape a project is encoded as it stands; any other shape is made from it, at a price.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from decimal import Decimal
from typing import Any

import msgspec

from .project import Project
from .switches import Switches

_encode = msgspec.json.Encoder(decimal_format="number").encode
_decode = msgspec.json.Decoder(dict[str, Any], float_hook=Decimal).decode

_SHORT_TEASER = ("stage", "publishedUtc", "verifiedUtc", "communicatedUtc")
_LISTS = ("properties", "transactions", "externalRefs")


class Renderer:
    def __init__(self, switches: Switches) -> None:
        self._switches = switches
        self._shape: Callable[[Project], Any] = self._reshaped if _reshapes(switches) else _as_it_stands

    def project(self, project: Project) -> bytes:
        return _encode(self._shape(project))

    def page(self, projects: Sequence[Project], *, cursor: str | None, size: int) -> bytes:
        """One page; without a cursor it is the last."""
        rows = projects if self._shape is _as_it_stands else [self._shape(project) for project in projects]
        end: dict[str, Any] = {"hasMore": cursor is not None}
        if cursor is not None or self._switches.nulls == "explicit":
            end["nextCursor"] = cursor
        if self._switches.envelope == "top":
            return _encode({"data": rows, **end})
        page_size = str(size) if self._switches.numbers == "string" else size
        return _encode({"data": rows, "page": {**end, "pageSize": page_size}})

    def items(self, items: Sequence[Any]) -> bytes:
        """A list without pages."""
        shown = [_numbers_as_text(item) for item in items] if self._switches.numbers == "string" else items
        return _encode({"data": shown})

    def decoded(self, project: Project) -> dict[str, Any]:
        """The project as a client would read it, numbers exact."""
        return _decode(self.project(project))

    def _reshaped(self, project: Project) -> Any:
        switches = self._switches
        shown: dict[str, Any] = msgspec.to_builtins(project, builtin_types=(Decimal,))
        if switches.mandate == "absent":
            shown.pop("mandate", None)
        elif switches.mandate == "only":
            shown.pop("exclusivity", None)
        if switches.teaser == "short" and "teaser" in shown:
            shown["teaser"] = {name: shown["teaser"][name] for name in _SHORT_TEASER if name in shown["teaser"]}
        if switches.nulls == "explicit":
            shown = {**_nulls(switches), **shown}
        shown |= switches.extra_fields
        return _numbers_as_text(shown) if switches.numbers == "string" else shown


def _reshapes(switches: Switches) -> bool:
    documented = Switches()
    return any(
        getattr(switches, name) != getattr(documented, name)
        for name in ("mandate", "teaser", "nulls", "numbers", "extra_fields")
    )


def _as_it_stands(project: Project) -> Project:
    return project


def _nulls(switches: Switches) -> dict[str, Any]:
    hidden = {"absent": "mandate", "only": "exclusivity", "alias": ""}[switches.mandate]
    return {name: [] if name in _LISTS else None for name in Project.__struct_encode_fields__ if name != hidden}


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
