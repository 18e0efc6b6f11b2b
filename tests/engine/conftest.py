"""What the engine's tests share: a log that goes nowhere, and stores with nothing in them."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
import structlog

from syncd.store.db import Store, open_store

from .world import emptied


@pytest.fixture(autouse=True)
def _silent_log() -> Iterator[None]:
    """Those tests that look at the log capture it themselves."""
    with structlog.testing.capture_logs():
        yield


@pytest.fixture(scope="session")
def kept() -> Iterator[Store]:
    """One database for many tests: to migrate a new one for each takes longer than most of them."""
    store = open_store("sqlite://")
    yield store
    store.close()


@pytest.fixture
def new_store(kept: Store) -> Callable[[], Store]:
    """A store with nothing in it, as often as one is asked for; the one before is gone then."""
    return lambda: emptied(kept)
