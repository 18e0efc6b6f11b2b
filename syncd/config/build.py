"""The composition root: a checked configuration becomes a Connection that the engine can work with."""

from __future__ import annotations

import functools
import os
import random
import uuid
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import structlog

from syncd.adapters.base import Adapter, Setting
from syncd.adapters.propstreet import factory as propstreet_factory
from syncd.adapters.registry import adapter_factory
from syncd.clock import Clock, SystemClock
from syncd.core.model import Kind, Side
from syncd.engine.connection import Connection
from syncd.engine.holding import process_name
from syncd.errors import ConfigError
from syncd.mapping import Mapper
from syncd.store.db import Store, open_store

from .load import environment_secret, load_mapping
from .model import Config, ConnectionConfig
from .objects import object_spec


def build(
    config: Config,
    entry: ConnectionConfig,
    path: Path,
    *,
    environment: Mapping[str, str] | None = None,
    clock: Clock | None = None,
    transports: Mapping[Side, Any] | None = None,
    store: Store | None = None,
    connects: bool = True,
) -> Connection:
    """Everything is checked before the store is opened and before anything connects. Raises ConfigError, StoreError.

    `transports` puts an in-process peer in the place of the network, for tests and the demo. A caller who needs
    only the store says so with `connects=False`, and then no secret has to be there.
    """
    clock = clock or SystemClock()
    mappers = load_mapping(entry, path)
    secret = functools.partial(environment_secret, environment or os.environ) if connects else _no_secret
    adapters = build_adapters(entry, path, mappers, secret, clock, transports or {})
    return Connection(
        name=entry.name,
        propstreet=adapters[Side.PROPSTREET],
        crm=adapters[Side.CRM],
        mappers=mappers,
        store=store or open_store(store_url(config, path)),
        clock=clock,
        log=structlog.get_logger().bind(connection=entry.name),
        new_id=lambda: str(uuid.uuid4()),
        jitter=random.random,
        holder=process_name(uuid.uuid4().hex[:8]),
        guards=entry.guards,
        tuning=entry.tuning,
    )


def build_adapters(
    entry: ConnectionConfig,
    path: Path,
    mappers: Mapping[Kind, Mapper],
    secret: Callable[[str], str],
    clock: Clock,
    transports: Mapping[Side, Any],
) -> dict[Side, Adapter]:
    """Both adapters of a connection. Raises ConfigError with the table's place in it."""
    crm = dict(entry.crm)
    name, namespace = _take(crm, "adapter", entry, path), _take(crm, "namespace", entry, path)

    def setting(side: Side, options: Mapping[str, Any]) -> Setting:
        return Setting(
            options=options,
            objects={kind: object_spec(side, mapper) for kind, mapper in mappers.items()},
            namespace=namespace,
            clock=clock,
            secret=secret,
            transport=transports.get(side),
        )

    place = f"{path}: connections.{entry.name}"
    try:
        propstreet = propstreet_factory(setting(Side.PROPSTREET, entry.propstreet))
    except ConfigError as error:
        raise ConfigError(f"{place}.propstreet: {error}", remedy=error.remedy) from error
    try:
        return {
            Side.PROPSTREET: propstreet,
            Side.CRM: adapter_factory(name)(setting(Side.CRM, crm)),
        }
    except ConfigError as error:
        propstreet.close()
        raise ConfigError(f"{place}.crm: {error}", remedy=error.remedy) from error


def _no_secret(_name: str) -> str:
    """What no system accepts, for adapters that are built so that their options are checked, and never connect."""
    return "not-read"


def store_url(config: Config, path: Path) -> str:
    """The store's URL; a relative SQLite path is taken from the folder of the configuration file."""
    prefix = "sqlite:///"
    url = config.store.url
    place = url.removeprefix(prefix)
    if place == url or place.startswith(("/", "file:", ":memory:")) or not place:
        return url
    return prefix + str((path.parent / place).resolve())


def _take(table: dict[str, Any], key: str, entry: ConnectionConfig, path: Path) -> str:
    value = table.pop(key, None)
    if not isinstance(value, str) or not value:
        place = f"{path}: connections.{entry.name}.crm.{key}"
        raise ConfigError(f"{place}: it is missing", remedy=f'add {key} = "…"; see README.md')
    return value
