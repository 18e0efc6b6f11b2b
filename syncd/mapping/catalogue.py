"""What Propstreet has to map: per kind the fields, how each is read, and which of them it lets us write.

The one place that knows which field names a table may use. Adding a kind is adding a catalogue.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import msgspec

from syncd.core.model import Fields, FieldType, Kind, Value

from . import prices, project
from .readings import Writing

Raw = Mapping[str, Any]


class Entry(msgspec.Struct, frozen=True, kw_only=True):
    """One field of a kind, as Propstreet has it."""

    name: str
    type: FieldType
    read: Callable[[Raw], Value]  # raises Unreadable
    wire: tuple[str, ...]  # the JSON names it is read from; the one it is written to comes first
    writable: bool = False
    required: bool = False  # Propstreet refuses a record without it
    follows_writes: bool = False  # our own write moves it
    values: tuple[str, ...] = ()  # for enums: what the contract lists; readers pass newer ones on


class Catalogue(msgspec.Struct, frozen=True):
    fields: Mapping[str, Entry]
    write: Callable[[Fields, Raw], Writing]


def _catalogue(write: Callable[[Fields, Raw], Writing], *entries: Entry) -> Catalogue:
    return Catalogue({entry.name: entry for entry in entries}, write)


_PROJECT = _catalogue(
    project.write_project,
    Entry(name="name", type=FieldType.TEXT, read=project.read_name, wire=("name",), writable=True, required=True),
    Entry(name="price", type=FieldType.MONEY, read=prices.read_price, wire=("price",), writable=True),
    Entry(name="price_min", type=FieldType.MONEY, read=prices.read_price_min, wire=("priceRange",), writable=True),
    Entry(name="price_max", type=FieldType.MONEY, read=prices.read_price_max, wire=("priceRange",), writable=True),
    Entry(
        name="exclusivity",
        type=FieldType.ENUM,
        read=project.read_exclusivity,
        wire=("exclusivity", "mandate"),
        writable=True,
        values=project.EXCLUSIVITIES,
    ),
    Entry(
        name="asset_type",
        type=FieldType.ENUM,
        read=project.read_asset_type,
        wire=("asset",),
        writable=True,
        values=project.ASSET_TYPES,
    ),
    Entry(name="asset_count", type=FieldType.WHOLE, read=project.read_asset_count, wire=("asset",), writable=True),
    Entry(name="status", type=FieldType.ENUM, read=project.read_status, wire=("status",), values=project.STATUSES),
    Entry(
        name="classification",
        type=FieldType.ENUM,
        read=project.read_classification,
        wire=("classification",),
        values=project.CLASSIFICATIONS,
    ),
    Entry(
        name="teaser_stage",
        type=FieldType.ENUM,
        read=project.read_teaser_stage,
        wire=("teaser",),
        values=project.TEASER_STAGES,
    ),
    Entry(name="teaser_published", type=FieldType.INSTANT, read=project.read_teaser_published, wire=("teaser",)),
    Entry(name="teaser_verified", type=FieldType.INSTANT, read=project.read_teaser_verified, wire=("teaser",)),
    Entry(name="teaser_communicated", type=FieldType.INSTANT, read=project.read_teaser_communicated, wire=("teaser",)),
    Entry(
        name="progress",
        type=FieldType.ENUM,
        read=project.read_progress,
        wire=("status", "teaser"),
        values=project.PROGRESSES,
    ),
    Entry(name="created", type=FieldType.INSTANT, read=project.read_created, wire=("createdUtc",)),
    Entry(
        name="updated",
        type=FieldType.INSTANT,
        read=project.read_updated,
        wire=("updatedUtc",),
        follows_writes=True,
    ),
    Entry(name="deleted", type=FieldType.INSTANT, read=project.read_deleted, wire=("deletedUtc",)),
    Entry(name="link", type=FieldType.REF, read=project.read_link, wire=("uri",)),
)

CATALOGUES: Mapping[Kind, Catalogue] = {Kind.PROJECT: _PROJECT}
