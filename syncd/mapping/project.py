"""A Propstreet project: how each field is read, and how the writable ones go back (propstreet.md section 10.2).

Only what is named here is ever sent: a read model never goes back (trap 32), and neither do status,
classification or the teaser's stage, which Propstreet sets by itself (trap 31). A record without a key shows null
there (section 9).
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from typing import Any

from syncd.core.model import Fields, FieldType, Value

from .entry import Entry, catalogue
from .members import EVERYWHERE, part
from .prices import read_price, read_price_max, read_price_min, write_prices
from .readings import Writing, together
from .scalars import Unreadable, instant_of, text_of, whole_of

NAME_MAX = 200  # propstreet.md section 10.2
EXCLUSIVITIES = ("exclusive", "non_exclusive", "other")
ASSET_TYPES = ("single", "portfolio")
STATUSES = ("open", "closed", "deleted")
CLASSIFICATIONS = ("draft", "active", "inactive")
TEASER_STAGES = ("property_added", "drafting", "published", "verified", "communicated")
PROGRESSES = ("qualification", "proposal", "negotiation", "closed_won")

Raw = Mapping[str, Any]


class Pace(StrEnum):
    """How often something happens inside a project."""

    LIVELY = "lively"  # its teaser is out: investors answer, and nothing else tells of it (trap 20)
    OPEN = "open"
    QUIET = "quiet"  # closed


def pace(raw: Raw) -> Pace:
    if raw.get("status") not in (None, "open"):
        return Pace.QUIET
    try:
        return Pace.LIVELY if read_teaser_stage(raw) == "communicated" else Pace.OPEN
    except Unreadable:
        return Pace.OPEN


def write_project(values: Fields, current: Raw) -> Writing:
    """The body that sets these fields on a project that shows `current` ({} for a new one)."""
    return together(
        (
            _write_name(values),
            _write_exclusivity(values),
            _write_asset(values, current),
            write_prices(values, current),
        )
    )


def read_name(raw: Raw) -> Value:
    return text_of(raw.get("name"))


def read_exclusivity(raw: Raw) -> Value:
    """The old name stands in until the API drops it (trap 33)."""
    return text_of(raw.get("exclusivity")) or text_of(raw.get("mandate"))


def read_asset_type(raw: Raw) -> Value:
    asset = part(raw, "asset")
    return None if asset is None else text_of(asset.get("type"))


def read_asset_count(raw: Raw) -> Value:
    asset = part(raw, "asset")
    return None if asset is None else whole_of(asset.get("propertyCount"))


def read_status(raw: Raw) -> Value:
    return text_of(raw.get("status"))


def read_classification(raw: Raw) -> Value:
    return text_of(raw.get("classification"))


def read_teaser_stage(raw: Raw) -> Value:
    """The furthest timestamp tells; the stage itself only where none is set (trap 45, section 15.2)."""
    teaser = part(raw, "teaser")
    if teaser is None:
        return None
    if teaser.get("communicatedUtc"):
        return "communicated"
    if teaser.get("verifiedUtc"):
        return "verified"
    if teaser.get("publishedUtc"):
        return "published"
    return text_of(teaser.get("stage"))


def read_teaser_published(raw: Raw) -> Value:
    return _teaser_instant(raw, "publishedUtc")


def read_teaser_verified(raw: Raw) -> Value:
    return _teaser_instant(raw, "verifiedUtc")


def read_teaser_communicated(raw: Raw) -> Value:
    return _teaser_instant(raw, "communicatedUtc")


def read_progress(raw: Raw) -> Value:
    """How far the deal is: the stage map of the Propstreet guide, with the lifecycle taken from the timestamps."""
    if raw.get("status") == "closed":
        return "closed_won"
    match read_teaser_stage(raw):
        case "communicated":
            return "negotiation"
        case "verified" | "published":
            return "proposal"
        case _:
            return "qualification"


def _teaser_instant(raw: Raw, key: str) -> Value:
    teaser = part(raw, "teaser")
    return None if teaser is None else instant_of(teaser.get(key))


def _write_name(values: Fields) -> Writing:
    if "name" not in values:
        return Writing()
    name = str(values["name"] or "")
    if not name.strip():
        return Writing(refused={"name": "is empty, and a project must have a name"})
    if len(name) > NAME_MAX:
        return Writing(refused={"name": f"is longer than the {NAME_MAX} characters of a project's name"})
    return Writing({"name": name})


def _write_exclusivity(values: Fields) -> Writing:
    """Only ever under the new name; null clears (traps 32, 33)."""
    if "exclusivity" not in values:
        return Writing()
    if values["exclusivity"] not in (None, *EXCLUSIVITIES):
        return Writing(refused={"exclusivity": "is not one of the values that Propstreet takes"})
    return Writing({"exclusivity": values["exclusivity"]})


def _write_asset(values: Fields, current: Raw) -> Writing:
    """The asset is replaced whole, so the half that nobody asked to change goes along (trap 34)."""
    asked = [name for name in ("asset_type", "asset_count") if name in values]
    if not asked:
        return Writing()
    try:
        kind = values["asset_type"] if "asset_type" in values else read_asset_type(current)
        count = values["asset_count"] if "asset_count" in values else read_asset_count(current)
    except Unreadable:
        return Writing(refused=dict.fromkeys(asked, "stands beside an asset that can't be read"))
    if kind not in ASSET_TYPES:
        return Writing(refused=dict.fromkeys(asked, "needs an asset type that Propstreet takes: single or portfolio"))
    if isinstance(count, int) and count < 0:
        return Writing(refused=dict.fromkeys(asked, "needs a number of properties that is not below zero"))
    if kind == "portfolio":
        return Writing({"asset": {"type": kind} if count is None else {"type": kind, "propertyCount": count}})
    if values.get("asset_count") is None:
        return Writing({"asset": {"type": kind}})
    only_a_portfolio = {"asset_count": "is for portfolios only, and this asset is single"}
    return Writing({"asset": {"type": kind}} if "asset_type" in values else {}, only_a_portfolio)


CATALOGUE = catalogue(
    write_project,
    Entry(name="name", type=FieldType.TEXT, read=read_name, wire=("name",), writable=True, required=True),
    Entry(name="price", type=FieldType.MONEY, read=read_price, wire=("price",), writable=True),
    Entry(name="price_min", type=FieldType.MONEY, read=read_price_min, wire=("priceRange",), writable=True),
    Entry(name="price_max", type=FieldType.MONEY, read=read_price_max, wire=("priceRange",), writable=True),
    Entry(
        name="exclusivity",
        type=FieldType.ENUM,
        read=read_exclusivity,
        wire=("exclusivity", "mandate"),
        writable=True,
        values=EXCLUSIVITIES,
    ),
    Entry(
        name="asset_type",
        type=FieldType.ENUM,
        read=read_asset_type,
        wire=("asset",),
        writable=True,
        values=ASSET_TYPES,
    ),
    Entry(name="asset_count", type=FieldType.WHOLE, read=read_asset_count, wire=("asset",), writable=True),
    Entry(name="status", type=FieldType.ENUM, read=read_status, wire=("status",), values=STATUSES),
    Entry(
        name="classification",
        type=FieldType.ENUM,
        read=read_classification,
        wire=("classification",),
        values=CLASSIFICATIONS,
    ),
    Entry(
        name="teaser_stage",
        type=FieldType.ENUM,
        read=read_teaser_stage,
        wire=("teaser",),
        values=TEASER_STAGES,
    ),
    Entry(name="teaser_published", type=FieldType.INSTANT, read=read_teaser_published, wire=("teaser",)),
    Entry(name="teaser_verified", type=FieldType.INSTANT, read=read_teaser_verified, wire=("teaser",)),
    Entry(name="teaser_communicated", type=FieldType.INSTANT, read=read_teaser_communicated, wire=("teaser",)),
    Entry(
        name="progress",
        type=FieldType.ENUM,
        read=read_progress,
        wire=("status", "teaser"),
        values=PROGRESSES,
    ),
    *EVERYWHERE,
)
