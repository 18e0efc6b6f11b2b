"""A project as the server holds it: the current documented shape, frozen (propstreet.md, sections 10.2, 13, 15.2).

The field names are the wire's in snake case, and absent values are left out, so that a project is its own JSON.
Older and later shapes are made from this one in `render`. Nothing here decides anything.
"""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

import msgspec


class Price(msgspec.Struct, frozen=True, gc=False):
    value: Decimal
    currency: str
    scale: str


class PriceRange(msgspec.Struct, frozen=True, gc=False, kw_only=True, omit_defaults=True):
    min: Decimal | None = None
    max: Decimal | None = None
    currency: str
    scale: str


class Asset(msgspec.Struct, frozen=True, gc=False, omit_defaults=True, rename="camel"):
    type: str
    property_count: int | None = None


class Ref(msgspec.Struct, frozen=True, gc=False):
    namespace: str
    id: str

    @property
    def key(self) -> tuple[str, str]:
        """Refs with equal keys are the same: the namespace is case-insensitive, the id exact (section 13)."""
        return self.namespace.lower(), self.id


class PropertyRef(msgspec.Struct, frozen=True, gc=False):
    id: str
    uri: str
    name: str


class Teaser(msgspec.Struct, frozen=True, gc=False, kw_only=True, omit_defaults=True, rename="camel"):
    id: str
    stage: str
    published_utc: str | None = None
    verified_utc: str | None = None
    communicated_utc: str | None = None
    is_pre_market: bool | None = None
    exclusivity: str | None = None  # mirrors the project's
    title: str | None = None
    tags: tuple[str, ...] = ()
    options: Mapping[str, Any] | None = None
    navigate_uri: str | None = None
    created_utc: str
    updated_utc: str
    etag: str


class Project(msgspec.Struct, frozen=True, gc=False, kw_only=True, omit_defaults=True, rename="camel"):
    id: str
    uri: str
    name: str
    asset: Asset
    status: str
    classification: str
    teaser: Teaser | None = None
    exclusivity: str | None = None
    mandate: str | None = None  # the deprecated alias: always equal to exclusivity
    price: Price | None = None
    price_range: PriceRange | None = None
    properties: tuple[PropertyRef, ...] = ()
    transactions: tuple[Any, ...] = ()  # only when closed; the items' schema is unknown
    external_refs: tuple[Ref, ...]
    created_utc: str
    updated_utc: str
    deleted_utc: str | None = None
    etag: str
    change_type: str
    change_origin: str

    @property
    def deleted(self) -> bool:
        return self.deleted_utc is not None


ASSET_TYPES = ("single", "portfolio")
EXCLUSIVITIES = ("exclusive", "non_exclusive", "other")
SCALES = {"none": 0, "thousands": 3, "millions": 6, "billions": 9}
STATUSES = ("open", "closed", "deleted")
CLASSIFICATIONS = ("draft", "active", "inactive")
STAGES = ("property_added", "drafting", "published", "verified", "communicated")


def amount(value: Decimal, scale: str) -> Decimal:
    """The value in whole units of its currency: 150 millions and 150000000 none are equal (trap 35)."""
    return value.scaleb(SCALES.get(scale, 0))
