"""Fixtures for every test that needs a store: the same test on SQLite and on PostgreSQL."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from syncd.store import Store, open_store

from .postgres import Databases, databases


@pytest.fixture(scope="session")
def postgres() -> Iterator[Databases]:
    """One PostgreSQL server per test process, started when the first test wants it."""
    with databases() as made:
        yield made


@pytest.fixture(params=["sqlite", "postgresql"])
def store_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """A database of its own for this test, up to date; once on each kind of database."""
    if request.param == "sqlite":
        yield f"sqlite:///{tmp_path / 'syncd.db'}"
        return
    made: Databases = request.getfixturevalue("postgres")
    url = made.migrated()
    yield url
    made.drop(url)


@pytest.fixture(params=["sqlite", "postgresql"])
def empty_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """A database of its own for this test, without any tables; once on each kind of database."""
    if request.param == "sqlite":
        yield f"sqlite:///{tmp_path / 'empty.db'}"
        return
    made: Databases = request.getfixturevalue("postgres")
    url = made.empty()
    yield url
    made.drop(url)


@pytest.fixture
def store(store_url: str) -> Iterator[Store]:
    """A store of its own for this test, open; once on each kind of database."""
    opened = open_store(store_url, durable=False)
    yield opened
    opened.close()
