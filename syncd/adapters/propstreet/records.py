"""Propstreet's projects and linked properties as Python values.

A record is a thin view over the JSON as it came: fields that we do not know, and enum values that did not exist
when this was written, stay in `raw` and get through. Bodies of writes are typed dicts that hold only what
Propstreet lets anybody write.
"""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal, InvalidOperation
from typing import Any, TypedDict

import msgspec

from .wire import Json, text_id


class ExternalRefBody(TypedDict):
    namespace: str
    id: str


class AssetBody(TypedDict, total=False):
    """Replaced whole, so `type` is always needed (propstreet.md trap 34)."""

    type: str
    propertyCount: int


class PriceBody(TypedDict):
    value: Decimal | int
    currency: str
    scale: str


class PriceRangeBody(TypedDict, total=False):
    min: Decimal | int
    max: Decimal | int
    currency: str
    scale: str


class ProjectBody(TypedDict, total=False):
    """What a project write may hold; a field that is left out stays as it is, None clears it."""

    name: str
    asset: AssetBody
    exclusivity: str | None
    price: PriceBody | None
    priceRange: PriceRangeBody | None
    externalRefs: list[ExternalRefBody]


class Price(msgspec.Struct, frozen=True):
    value: Decimal
    currency: str
    scale: str


class PriceRange(msgspec.Struct, frozen=True):
    min: Decimal | None
    max: Decimal | None
    currency: str
    scale: str


class Record(msgspec.Struct, frozen=True):
    """What every Propstreet record has. Numbers with a fraction in `raw` are Decimal."""

    raw: Json

    @property
    def id(self) -> str:
        return text_id(self.raw.get("id")) or ""

    @property
    def name(self) -> str | None:
        return _text(self.raw.get("name"))

    @property
    def etag(self) -> str | None:
        """Opaque; goes back byte for byte as `if_match` (propstreet.md trap 38)."""
        return _text(self.raw.get("etag"))

    @property
    def created_utc(self) -> str | None:
        return _text(self.raw.get("createdUtc"))

    @property
    def updated_utc(self) -> str | None:
        return _text(self.raw.get("updatedUtc"))

    @property
    def deleted(self) -> bool:
        """Is this a tombstone?"""
        return self.raw.get("deletedUtc") is not None or self.raw.get("status") == "deleted"

    @property
    def price(self) -> Price | None:
        given = self.raw.get("price")
        if not isinstance(given, dict) or (value := decimal(given.get("value"))) is None:
            return None
        return Price(value, str(given.get("currency", "")), str(given.get("scale") or "none"))

    @property
    def external_refs(self) -> list[Json]:
        """As they came, in their order; missing and null mean none."""
        refs = self.raw.get("externalRefs")
        return [ref for ref in refs if isinstance(ref, dict)] if isinstance(refs, list) else []

    def ref_in(self, namespace: str) -> str | None:
        """The id that this record carries in a namespace; namespaces fold case, ids do not (trap 22)."""
        for ref in self.external_refs:
            if same_namespace(ref, namespace):
                return text_id(ref.get("id"))
        return None

    def __repr__(self) -> str:
        return f"{type(self).__name__}({self.id!r})"  # the rest is people's data


class Project(Record, frozen=True):
    """A deal in Propstreet (propstreet.md section 10.2)."""

    @property
    def status(self) -> str | None:
        return _text(self.raw.get("status"))

    @property
    def classification(self) -> str | None:
        return _text(self.raw.get("classification"))

    @property
    def exclusivity(self) -> str | None:
        """`exclusivity`, or its old name `mandate` where only that is shown (propstreet.md trap 33)."""
        value = self.raw.get("exclusivity")
        return _text(self.raw.get("mandate") if value is None else value)

    @property
    def asset_type(self) -> str | None:
        asset = self.raw.get("asset")
        return _text(asset.get("type")) if isinstance(asset, dict) else None

    @property
    def property_count(self) -> int | None:
        asset = self.raw.get("asset")
        count = decimal(asset.get("propertyCount")) if isinstance(asset, dict) else None
        return None if count is None else int(count)

    @property
    def price_range(self) -> PriceRange | None:
        given = self.raw.get("priceRange")
        if not isinstance(given, dict):
            return None
        least, most = decimal(given.get("min")), decimal(given.get("max"))
        return PriceRange(least, most, str(given.get("currency", "")), str(given.get("scale") or "none"))


class Property(Record, frozen=True):
    """A property linked to a project (propstreet.md section 14)."""

    @property
    def description(self) -> str | None:
        return _text(self.raw.get("description"))

    @property
    def location(self) -> Json:
        location = self.raw.get("location")
        return location if isinstance(location, dict) else {}

    @property
    def categories(self) -> list[Json]:
        categories = self.raw.get("categories")
        return [c for c in categories if isinstance(c, dict)] if isinstance(categories, list) else []


def with_ref(refs: Iterable[Json], namespace: str, id: str) -> list[Json]:
    """These refs with ours replaced or added; all others as they came and in place (propstreet.md trap 21)."""
    ours: Json = {"namespace": namespace, "id": id}
    merged = [ours if same_namespace(ref, namespace) else ref for ref in refs]
    return merged if any(ref is ours for ref in merged) else [*merged, ours]


def same_namespace(ref: Json, namespace: str) -> bool:
    given = ref.get("namespace")
    return isinstance(given, str) and given.casefold() == namespace.casefold()


def decimal(value: Any) -> Decimal | None:
    """An exact number from a number or a string (propstreet.md trap 37); None for anything else."""
    if isinstance(value, bool) or not isinstance(value, int | str | Decimal):
        return None
    try:
        exact = Decimal(value)
    except InvalidOperation:
        return None
    return exact if exact.is_finite() else None


def _text(value: object) -> str | None:
    return value if isinstance(value, str) else None
