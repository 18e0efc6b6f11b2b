"""The shape of syncd.toml. Unknown keys are refused; an adapter checks the keys of its own table itself."""

from __future__ import annotations

from typing import Any

import msgspec

from syncd.core.guards import Guards
from syncd.engine.connection import Tuning


class StoreConfig(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    url: str = "sqlite:///syncd.db"


class ConnectionConfig(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One `[[connections]]` entry."""

    name: str
    mapping: str  # a path, relative to syncd.toml; or the bare name of a shipped table
    propstreet: dict[str, Any]
    crm: dict[str, Any]
    guards: Guards = Guards()
    tuning: Tuning = Tuning()


class Config(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    connections: list[ConnectionConfig]
    store: StoreConfig = StoreConfig()
