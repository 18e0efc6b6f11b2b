"""Keeps Propstreet and a CRM telling the same truth. See README.md; the layers are in pyproject.toml."""

__version__ = "0.1.0"
