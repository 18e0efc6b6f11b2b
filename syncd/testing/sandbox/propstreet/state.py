"""The server behind the API: what a write does, whoever makes it. Rules about who may write what are elsewhere."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import ROUND_HALF_EVEN, Decimal
from typing import Any

import msgspec

from syncd.clock import Clock

from . import stamps
from .ledger import Ledger
from .project import Asset, Price, PriceRange, Project
from .render import Renderer
from .switches import Switches

APP, API = "ui", "api"  # changeOrigin: opaque to clients


class State:
    """Not thread-safe: the twin's lock is around it."""

    def __init__(self, clock: Clock, switches: Switches, first_id: int) -> None:
        self.clock = clock
        self.ledger = Ledger(first_id)
        self.properties: dict[str, list[dict[str, Any]]] = {}  # by project
        self.switches = switches
        self.render = Renderer(switches)

    def switch(self, switches: Switches) -> None:
        self.switches = switches
        self.render = Renderer(switches)

    def stamp(self) -> str:
        """The server's time now, by the server's clock."""
        now = self.clock.time() + self.switches.clock_skew_s
        return stamps.shown(stamps.ticks_at(now, self.switches.sub_ms_ticks))

    def create(
        self, attributes: Mapping[str, Any], *, origin: str, late_s: float = 0.0, stamp: str | None = None
    ) -> Project:
        """`late_s`: readers see it so much later, although it bears today's stamp."""
        id = self.ledger.new_id()
        now = stamp or self.stamp()
        whole: dict[str, Any] = {
            "name": "New project",
            "asset": Asset("single"),
            "status": "open",
            "classification": "draft",
            "external_refs": (),
            **self._kept(attributes),
        }
        project = Project(
            **whole,
            id=id,
            uri=f"https://app.propstreet.com/projects/{id}",
            mandate=whole.get("exclusivity"),
            created_utc=now,
            updated_utc=now,
            etag=self.ledger.new_etag(),
            change_type="create",
            change_origin=origin,
        )
        self.ledger.put(project, visible_at=self._visible_at(late_s))
        return project

    def change(self, project: Project, attributes: Mapping[str, Any], *, origin: str, late_s: float = 0.0) -> Project:
        """The project with these attributes, a new tag and stamp."""
        changes = self._kept(attributes)
        if "exclusivity" in changes:
            changes["mandate"] = changes["exclusivity"]
            if project.teaser is not None and "teaser" not in changes:
                teaser = msgspec.structs.replace(project.teaser, exclusivity=changes["exclusivity"])
                changes["teaser"] = teaser
        changed = msgspec.structs.replace(
            project,
            **changes,
            updated_utc=self.stamp(),
            etag=self.ledger.new_etag(),
            change_type="update",
            change_origin=origin,
        )
        self.ledger.put(changed, visible_at=self._visible_at(late_s))
        return changed

    def delete(self, project: Project, *, origin: str, late_s: float = 0.0) -> Project:
        """A soft delete: the tombstone keeps the values and is listed with include_deleted."""
        now = self.stamp()
        tombstone = msgspec.structs.replace(
            project,
            status="deleted",
            updated_utc=now,
            deleted_utc=now,
            etag=self.ledger.new_etag(),
            change_type="delete",
            change_origin=origin,
        )
        reserved = self.switches.deleted_refs == "reserved"
        self.ledger.put(tombstone, keeps_refs=reserved, visible_at=self._visible_at(late_s))
        return tombstone

    def differs(self, project: Project, attributes: Mapping[str, Any]) -> bool:
        """Would `change` change anything that a client can write?"""
        return any(getattr(project, name) != value for name, value in self._kept(attributes).items())

    def _visible_at(self, late_s: float) -> float | None:
        lag_s = max(late_s, self.switches.read_lag_s)
        return self.clock.time() + lag_s if lag_s > 0 else None

    def _kept(self, attributes: Mapping[str, Any]) -> dict[str, Any]:
        """These values as this server keeps them: trimmed, cut and rounded by the switches."""
        kept = dict(attributes)
        switches = self.switches
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
