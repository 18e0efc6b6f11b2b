"""A project's fields as a person edits them: any field, no rules (section 10.2).

Fields go by their wire names, as in the JSON of a project. Mistakes of the caller are ValueErrors.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import msgspec

from .record import STAGES, Project, Teaser

_FIELDS = {field.encode_name: field for field in msgspec.structs.fields(Project)}
_SERVERS_OWN = {
    "id", "uri", "mandate", "properties", "createdUtc", "updatedUtc", "deletedUtc", "etag", "changeType",
    "changeOrigin",
}  # fmt: skip
_STAMP_OF = {"published": "publishedUtc", "verified": "verifiedUtc", "communicated": "communicatedUtc"}


def attributes(
    fields: Mapping[str, Any], current: Project | None, *, teaser_id: str, stamp: str, etag: str
) -> dict[str, Any]:
    """These fields as attributes of a project. A teaser may be a stage, part of a teaser, or None."""
    read: dict[str, Any] = {}
    for name, value in fields.items():
        field = _FIELDS.get(name)
        if field is None or name in _SERVERS_OWN:
            raise ValueError(f"{name} is not a field that a person edits")
        read[field.name] = msgspec.convert(_completed(name, value), field.type, strict=False)
    if fields.get("status") == "deleted":
        raise ValueError("a project is deleted with delete_project")
    if fields.get("teaser") is not None:
        read["teaser"] = _teaser(fields["teaser"], current, teaser_id, stamp, etag)
    return read


def _completed(name: str, value: Any) -> Any:
    match name, value:
        case "teaser", _:
            return None  # read on its own
        case "price" | "priceRange", Mapping():
            return {"scale": "none", **value}
        case "asset", str():
            return {"type": value}
        case _:
            return value


def _teaser(wanted: Any, current: Project | None, id: str, stamp: str, etag: str) -> Teaser:
    """The project's teaser after this move; reaching a stage stamps it."""
    before = current.teaser if current is not None else None
    parts: dict[str, Any] = {"stage": wanted} if isinstance(wanted, str) else dict(wanted)
    stamped = _STAMP_OF.get(parts.get("stage", ""))
    held: dict[str, Any] = (
        msgspec.to_builtins(before)
        if before is not None
        else {"id": id, "stage": STAGES[0], "createdUtc": stamp, "navigateUri": f"propstreet://teasers/{id}"}
    )
    if stamped is not None:
        held.setdefault(stamped, stamp)
    if current is not None and current.exclusivity is not None:
        held.setdefault("exclusivity", current.exclusivity)
    return msgspec.convert({**held, **parts, "updatedUtc": stamp, "etag": etag}, Teaser)
