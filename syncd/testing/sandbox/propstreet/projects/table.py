"""The table of projects: defaults, what moves along with a change, and how this server keeps values."""

from __future__ import annotations

from decimal import ROUND_HALF_EVEN, Decimal
from typing import Any

import msgspec

from syncd.testing.sandbox.propstreet.server import Server
from syncd.testing.sandbox.propstreet.table import Attributes, Table

from .record import Asset, Price, PriceRange, Project


class ProjectTable(Table[Project]):
    kind = "project"
    path = "projects"

    def __init__(self, server: Server) -> None:
        super().__init__(Project, server)
        self.properties: dict[str, list[dict[str, Any]]] = {}  # by project

    def _born(self, attributes: dict[str, Any]) -> dict[str, Any]:
        return {
            "name": "New project",
            "asset": Asset("single"),
            "status": "open",
            "classification": "draft",
            "external_refs": (),
            **attributes,
            "mandate": attributes.get("exclusivity"),
        }

    def _follows(self, row: Project, changes: dict[str, Any]) -> dict[str, Any]:
        if "exclusivity" in changes:
            changes["mandate"] = changes["exclusivity"]
            if row.teaser is not None and "teaser" not in changes:
                changes["teaser"] = msgspec.structs.replace(row.teaser, exclusivity=changes["exclusivity"])
        return changes

    def _buried(self, row: Project) -> dict[str, Any]:
        return {"status": "deleted"}

    def _kept(self, attributes: Attributes) -> dict[str, Any]:
        """Trimmed, cut and rounded by the switches."""
        kept = dict(attributes)
        switches = self.server.switches
        if "name" in kept:
            name: str = kept["name"].strip() if switches.trims_names else kept["name"]
            kept["name"] = name[: switches.name_kept_max]
        if switches.price_decimals is not None:
            kept |= {
                name: _rounded(kept[name], switches.price_decimals)
                for name in ("price", "price_range")
                if kept.get(name) is not None
            }
        return kept


def _rounded(money: Price | PriceRange, decimals: int) -> Price | PriceRange:
    if isinstance(money, Price):
        return msgspec.structs.replace(money, value=_round(money.value, decimals))
    return msgspec.structs.replace(
        money,
        min=None if money.min is None else _round(money.min, decimals),
        max=None if money.max is None else _round(money.max, decimals),
    )


def _round(value: Decimal, decimals: int) -> Decimal:
    exponent = value.as_tuple().exponent
    assert isinstance(exponent, int)
    return value if exponent >= -decimals else value.quantize(Decimal(1).scaleb(-decimals), ROUND_HALF_EVEN)
