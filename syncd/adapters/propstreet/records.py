"""Propstreet's records as Python values: what all have in common, projects and linked properties.

A record is a thin view over the JSON as it came: fields that we do not know, and enum values that did not exist
when this was written, stay in `raw` and get through. Bodies of writes are typed dicts that hold only what
Propstreet lets anybody write.
"""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal, InvalidOperation
from typing import Any, TypedDict, cast

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


class View(msgspec.Struct, frozen=True):
    """Part of a record, or all of it, as it came. Numbers with a fraction in `raw` are Decimal."""

    raw: Json

    def __repr__(self) -> str:
        return f"{type(self).__name__}()"  # the rest is people's data


class Record(View, frozen=True):
    """What every Propstreet record has."""

    @property
    def id(self) -> str:
        return text_id(self.raw.get("id")) or ""

    @property
    def uri(self) -> str | None:
        """A link into the app; opaque."""
        return text(self.raw.get("uri"))

    @property
    def etag(self) -> str | None:
        """Opaque; goes back byte for byte as `if_match` (propstreet.md trap 38)."""
        return text(self.raw.get("etag"))

    @property
    def created_utc(self) -> str | None:
        return text(self.raw.get("createdUtc"))

    @property
    def updated_utc(self) -> str | None:
        return text(self.raw.get("updatedUtc"))

    @property
    def deleted_utc(self) -> str | None:
        return text(self.raw.get("deletedUtc"))

    @property
    def deleted(self) -> bool:
        """Is this a tombstone?"""
        return self.raw.get("deletedUtc") is not None or self.raw.get("status") == "deleted"

    @property
    def change_type(self) -> str | None:
        return text(self.raw.get("changeType"))

    @property
    def change_origin(self) -> str | None:
        """Opaque, and no proof of who made a change (propstreet.md trap 8)."""
        return text(self.raw.get("changeOrigin"))

    @property
    def external_refs(self) -> list[Json]:
        """As they came, in their order; missing and null mean none."""
        return objects(self.raw.get("externalRefs"))

    def ref_in(self, namespace: str) -> str | None:
        """The id that this record carries in a namespace; namespaces fold case, ids do not (trap 22)."""
        for ref in self.external_refs:
            if same_namespace(ref, namespace):
                return text_id(ref.get("id"))
        return None

    def __repr__(self) -> str:
        return f"{type(self).__name__}({self.id!r})"  # the rest is people's data


class Named(Record, frozen=True):
    @property
    def name(self) -> str | None:
        return text(self.raw.get("name"))


class Project(Named, frozen=True):
    """A deal in Propstreet (propstreet.md section 10.2)."""

    @property
    def status(self) -> str | None:
        return text(self.raw.get("status"))

    @property
    def classification(self) -> str | None:
        return text(self.raw.get("classification"))

    @property
    def exclusivity(self) -> str | None:
        """`exclusivity`, or its old name `mandate` where only that is shown (propstreet.md trap 33)."""
        value = self.raw.get("exclusivity")
        return text(self.raw.get("mandate") if value is None else value)

    @property
    def asset_type(self) -> str | None:
        asset = self.raw.get("asset")
        return text(asset.get("type")) if isinstance(asset, dict) else None

    @property
    def property_count(self) -> int | None:
        asset = self.raw.get("asset")
        count = decimal(asset.get("propertyCount")) if isinstance(asset, dict) else None
        return None if count is None else int(count)

    @property
    def price(self) -> Price | None:
        return _price(self.raw.get("price"))

    @property
    def price_range(self) -> PriceRange | None:
        given = self.raw.get("priceRange")
        if not isinstance(given, dict):
            return None
        least, most = decimal(given.get("min")), decimal(given.get("max"))
        return PriceRange(least, most, str(given.get("currency", "")), str(given.get("scale") or "none"))


class Property(Named, frozen=True):
    """A property linked to a project (propstreet.md section 14)."""

    @property
    def description(self) -> str | None:
        return text(self.raw.get("description"))

    @property
    def location(self) -> Json:
        location = self.raw.get("location")
        return location if isinstance(location, dict) else {}

    @property
    def price(self) -> Price | None:
        return _price(self.raw.get("price"))

    @property
    def categories(self) -> list[Json]:
        return objects(self.raw.get("categories"))


def with_ref(refs: Iterable[Json], namespace: str, id: str) -> list[ExternalRefBody]:
    """These refs with ours replaced or added; all others as they came and in place (propstreet.md trap 21)."""
    ours: Json = {"namespace": namespace, "id": id}
    merged = [ours if same_namespace(ref, namespace) else ref for ref in refs]
    if not any(ref is ours for ref in merged):
        merged.append(ours)
    return cast(list[ExternalRefBody], merged)


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


def text(value: object) -> str | None:
    return value if isinstance(value, str) else None


def texts(value: object) -> list[str]:
    """Missing and null mean none."""
    return [each for each in value if isinstance(each, str)] if isinstance(value, list) else []


def objects(value: object) -> list[Json]:
    """Missing and null mean none."""
    return [each for each in value if isinstance(each, dict)] if isinstance(value, list) else []


def _price(given: object) -> Price | None:
    if not isinstance(given, dict) or (value := decimal(given.get("value"))) is None:
        return None
    return Price(value, str(given.get("currency", "")), str(given.get("scale") or "none"))
