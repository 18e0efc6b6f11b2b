"""The links that the mapping has against the associations that the account allows: shown, and never made.

Which object types can be associated is a decision of whoever made the custom object; syncd only says what lacks.
"""

from __future__ import annotations

from collections.abc import Iterator

from syncd.adapters.base import Problem, SetupItem
from syncd.core.model import FieldType, Kind
from syncd.errors import Missing, Rejected
from syncd.mapping.wanted import WantedField

from .associations import Way
from .client import Client
from .labels import types_of
from .records import RecordType


def compare(client: Client, records: RecordType, kind: Kind) -> list[SetupItem]:
    """One line per link: ok or wrong, for setup makes none. Raises RemoteError."""
    return [_line(kind, way, exists=_exists(client, way)) for way in records.links]


def problems(client: Client, records: RecordType) -> Iterator[Problem]:
    """What `syncd check` has to tell. Raises RemoteError, Forbidden where the token may not look."""
    for way in records.links:
        if not _exists(client, way):
            yield Problem(f"{way.source} can't be associated with {way.target}", _remedy(way))


def _line(kind: Kind, way: Way, *, exists: bool) -> SetupItem:
    label = f"Association with {way.target}"
    field = WantedField(name=f"links.{way.kind}", label=label, type=FieldType.REF, written=False)
    return SetupItem(kind=kind, field=field, state="ok" if exists else "wrong", detail="" if exists else _remedy(way))


def _exists(client: Client, way: Way) -> bool:
    """Is there any type of association? An object type that HubSpot does not know has none."""
    try:
        return bool(types_of(client, way))
    except (Missing, Rejected):
        return False


def _remedy(way: Way) -> str:
    return (
        f"allow it in hubspot's settings, under Objects, {way.source}, Associations; "
        f"or correct links.{way.kind} under [prospect] in the mapping"
    )
