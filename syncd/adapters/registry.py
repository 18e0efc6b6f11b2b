"""Finds an adapter by the name that the configuration gives: ours first, then installed entry points.

It imports an adapter only when asked for it, so that a command that needs none starts at once. Propstreet is not
in it: it is one of the two sides of every connection and never the CRM.
"""

from __future__ import annotations

import importlib
from collections.abc import Iterable
from importlib.metadata import EntryPoint, entry_points
from typing import cast

from syncd.errors import ConfigError

from .base import Factory

GROUP = "syncd.adapters"
_BUILT_IN = {
    "hubspot": "syncd.adapters.hubspot:factory",
    "salesforce": "syncd.adapters.salesforce:factory",
}
_NOT_A_CRM = "propstreet"


def adapter_factory(name: str, *, installed: Iterable[EntryPoint] | None = None) -> Factory:
    """The factory of this CRM adapter. Raises ConfigError, naming the known ones."""
    others = _installed(installed)
    if name in _BUILT_IN:
        module, attribute = _BUILT_IN[name].split(":")
        return cast(Factory, getattr(importlib.import_module(module), attribute))
    if name not in others:
        known = ", ".join(sorted({*_BUILT_IN, *others}))
        raise ConfigError(f'there is no CRM adapter "{name}"', remedy=f"use one of: {known}")
    try:
        return cast(Factory, others[name].load())
    except (ImportError, AttributeError) as exc:
        raise ConfigError(
            f'the CRM adapter "{name}" is installed but can\'t be loaded from {others[name].value}',
            remedy="reinstall the package that brings it",
        ) from exc


def adapter_names(*, installed: Iterable[EntryPoint] | None = None) -> tuple[str, ...]:
    """What `adapter = "…"` may be, sorted."""
    return tuple(sorted({*_BUILT_IN, *_installed(installed)}))


def _installed(points: Iterable[EntryPoint] | None) -> dict[str, EntryPoint]:
    found = entry_points(group=GROUP) if points is None else points
    return {point.name: point for point in found if point.name not in (*_BUILT_IN, _NOT_A_CRM)}
