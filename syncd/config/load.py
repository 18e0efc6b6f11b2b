"""Reads syncd.toml and its mapping tables, whole, before anything connects. An error names file, key and remedy."""

from __future__ import annotations

import difflib
import re
import tomllib
from collections.abc import Mapping
from importlib import resources
from pathlib import Path
from typing import Any

import msgspec

import syncd
from syncd.core.model import Kind
from syncd.errors import ConfigError
from syncd.mapping import Mapper, load_tables

from .model import Config, ConnectionConfig

_UNKNOWN = re.compile(r"unknown field `([^`]+)`")
_COPY_ONE = "name another with --config, or copy config/syncd.example.toml and edit it"


def load_config(path: Path) -> Config:
    """Raises ConfigError."""
    try:
        config = msgspec.convert(read_toml(path), Config)
    except msgspec.ValidationError as error:
        raise ConfigError(f"{path}: {_place(str(error))}", remedy=_remedy(str(error))) from error
    names = [connection.name for connection in config.connections]
    if not names:
        raise ConfigError(f"{path}: there is no [[connections]] entry", remedy="add one; see README.md")
    for name in names:
        if names.count(name) > 1:
            raise ConfigError(f"{path}: two connections are called {name}", remedy="give each its own name")
    return config


def read_toml(path: Path, *, when_missing: str = _COPY_ONE) -> dict[str, Any]:
    """Raises ConfigError; `when_missing` is what to do when there is no such file."""
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError as error:
        raise ConfigError(f"{path}: there is no such file", remedy=when_missing) from error
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigError(f"{path}: it can't be read ({type(error).__name__})", remedy="mend the file") from error
    except tomllib.TOMLDecodeError as error:
        raise ConfigError(f"{path}: it is not valid TOML: {error}", remedy="mend that line") from error


def pick(config: Config, name: str | None, path: Path) -> ConnectionConfig:
    """The connection of this name; without a name, the only one. Raises ConfigError."""
    known = [connection.name for connection in config.connections]
    if name is None:
        if len(known) == 1:
            return config.connections[0]
        raise ConfigError(f"{path}: it has {len(known)} connections", remedy=f"add --connection {known[0]}")
    for connection in config.connections:
        if connection.name == name:
            return connection
    raise ConfigError(f"{path}: no connection is called {name}", remedy=f"use one of: {', '.join(known)}")


def load_mapping(connection: ConnectionConfig, path: Path) -> dict[Kind, Mapper]:
    """The tables that a connection names, checked. Raises ConfigError."""
    source = _mapping_path(connection.mapping, path)
    when_missing = f"correct connections.{connection.name}.mapping in {path}"
    return load_tables(read_toml(source, when_missing=when_missing), str(source))


def shipped_tables() -> dict[str, Path]:
    """The tables that come with the package, by bare name."""
    packaged = Path(str(resources.files(syncd) / "mapping" / "shipped"))
    checkout = Path(syncd.__file__).parent.parent / "config" / "mappings"
    folder = packaged if packaged.is_dir() else checkout
    return {table.stem: table for table in sorted(folder.glob("*.toml"))}


def _mapping_path(name: str, config_path: Path) -> Path:
    shipped = shipped_tables()
    if name in shipped:
        return shipped[name]
    if not name.endswith(".toml"):
        remedy = f"use a path to a .toml file, or one of: {', '.join(shipped)}"
        raise ConfigError(f"{config_path}: no shipped mapping is called {name}", remedy=remedy)
    return config_path.parent / name


def _place(message: str) -> str:
    """msgspec's "… - at `$.connections[0].name`" with the key path first."""
    found = re.match(r"^(.*?)(?: - at `\$\.?([^`]*)`)?$", message, re.DOTALL)
    assert found is not None
    what, where = found.group(1), found.group(2)
    unknown = _UNKNOWN.search(what)
    if unknown is not None:
        return f"{where}.{unknown.group(1)}: no such key" if where else f"{unknown.group(1)}: no such key"
    what = what[:1].lower() + what[1:]
    return f"{where}: {what}" if where else what


def _remedy(message: str) -> str:
    unknown = _UNKNOWN.search(message)
    if unknown is None:
        return "mend that key; config/README.md lists them all"
    near = difflib.get_close_matches(unknown.group(1), sorted(_keys(Config)), n=1)
    return f"did you mean {near[0]}?" if near else "take that key out; config/README.md lists those there are"


def _keys(struct: type[msgspec.Struct]) -> set[str]:
    """Every key of the configuration's own structs, at any depth."""
    names: set[str] = set()
    for field in msgspec.structs.fields(struct):
        names.add(field.name)
        for inner in (field.type, *getattr(field.type, "__args__", ())):
            if isinstance(inner, type) and issubclass(inner, msgspec.Struct):
                names |= _keys(inner)
    return names


def environment_secret(environment: Mapping[str, str], name: str) -> str:
    """The secret in this environment variable. Raises ConfigError that names the variable, never its value."""
    value = environment.get(name, "").strip()
    if not value:
        raise ConfigError(f"the environment variable {name} is not set", remedy=f"export {name}=…")
    return value
