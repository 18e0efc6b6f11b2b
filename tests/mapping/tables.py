"""Small tables and records for the mapping's tests."""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Any

from syncd.core.model import Kind
from syncd.mapping import Mapper, load_tables

MAPPINGS = Path(__file__).parents[2] / "config" / "mappings"
SHIPPED = MAPPINGS / "hubspot.toml"
SALESFORCE = MAPPINGS / "salesforce.toml"


def mapper(fields: str, head: str = 'object = "deals"') -> Mapper:
    """The mapper of a project table with these fields, one table per line: name = { crm = … }."""
    return load_tables(tomllib.loads(f"[project]\n{head}\n[project.fields]\n{fields}"), "test.toml")[Kind.PROJECT]


def shipped() -> Mapper:
    return load_tables(tomllib.loads(SHIPPED.read_text()), "hubspot.toml")[Kind.PROJECT]


def shipped_salesforce() -> Mapper:
    return load_tables(tomllib.loads(SALESFORCE.read_text()), "salesforce.toml")[Kind.PROJECT]


def project(**changes: Any) -> dict[str, Any]:
    """A whole project as Propstreet shows it; None takes a key out, as Propstreet does."""
    whole = {
        "id": "9001",
        "uri": "https://app.propstreet.com/projects/9001",
        "name": "Kista Logistics",
        "asset": {"type": "portfolio", "propertyCount": 5},
        "status": "open",
        "classification": "active",
        "exclusivity": "exclusive",
        "mandate": "exclusive",
        "price": {"value": 150, "currency": "SEK", "scale": "millions"},
        "priceRange": {"min": 100, "max": 200, "currency": "SEK", "scale": "millions"},
        "externalRefs": [{"namespace": "hubspot", "id": "3344"}],
        "createdUtc": "2026-05-20T08:00:00Z",
        "updatedUtc": "2026-05-21T08:00:00.1234567Z",
        "etag": 'W/"AAAAAAAAAB4="',
    } | changes
    return {key: value for key, value in whole.items() if value is not None}
