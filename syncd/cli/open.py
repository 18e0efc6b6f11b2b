"""From the options on the command line to open connections, one after the other, closed again whatever happens."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from typing import TypeVar

from syncd.config.build import build
from syncd.config.load import load_config, pick
from syncd.config.model import Config, ConnectionConfig
from syncd.engine.connection import Connection

from .logs import configure

T = TypeVar("T")


def chosen(path: Path, name: str | None) -> tuple[Config, list[ConnectionConfig]]:
    """The configuration, and the connection named, or all of them."""
    config = load_config(path)
    return config, config.connections if name is None else [pick(config, name, path)]


def only(path: Path, name: str | None) -> tuple[Config, ConnectionConfig]:
    """For commands that work on just one connection."""
    config = load_config(path)
    return config, pick(config, name, path)


@contextmanager
def opened(config: Config, entry: ConnectionConfig, path: Path, *, connects: bool = True) -> Iterator[Connection]:
    """`connects=False` is for what only the store has to answer: then no secret has to be set."""
    connection = build(config, entry, path, connects=connects)
    try:
        yield connection
    finally:
        connection.close()


def each_stored(path: Path, name: str | None, ask: Callable[[Connection], T]) -> list[T]:
    """What the stores of these connections have to say; nothing connects."""
    configure(verbose=False)
    config, entries = chosen(path, name)
    answers = []
    for entry in entries:
        with opened(config, entry, path, connects=False) as connection:
            answers.append(ask(connection))
    return answers


def one_stored(path: Path, name: str | None) -> AbstractContextManager[Connection]:
    """Just one of them."""
    configure(verbose=False)
    config, entry = only(path, name)
    return opened(config, entry, path, connects=False)
