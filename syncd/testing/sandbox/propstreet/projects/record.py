"""A project as the server holds it: the current documented shape, frozen (propstreet.md, sections 10.2, 13, 15.2).

Older and later shapes are made from this one in `render`. Nothing here decides anything.
"""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

import msgspec

from syncd.testing.sandbox.propstreet.record import Record, Ref


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


class Project(Record, frozen=True, gc=False, kw_only=True):
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


ASSET_TYPES = ("single", "portfolio")
EXCLUSIVITIES = ("exclusive", "non_exclusive", "other")
SCALES = {"none": 0, "thousands": 3, "millions": 6, "billions": 9}
STATUSES = ("open", "closed", "deleted")
CLASSIFICATIONS = ("draft", "active", "inactive")
STAGES = ("property_added", "drafting", "published", "verified", "communicated")


def amount(value: Decimal, scale: str) -> Decimal:
    """The value in whole units of its currency: 150 millions and 150000000 none are equal (trap 35)."""
    return value.scaleb(SCALES.get(scale, 0))
