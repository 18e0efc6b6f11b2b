"""The office that these tests play in."""

from __future__ import annotations

import random
from collections.abc import Iterator
from pathlib import Path

import pytest

from .branch import Branch, opened
from .office import Lines, Office, lines, moved_in


@pytest.fixture(scope="session")
def served() -> Iterator[Lines]:
    """Three addresses on loopback, open once per test process."""
    with lines() as made:
        yield made


@pytest.fixture
def office(served: Lines, tmp_path: Path) -> Office:
    """Both systems as new, five projects, and syncd.toml beside an empty store."""
    made = moved_in(served, tmp_path)
    made.propstreet.seed_projects(5, random.Random(3))
    return made


@pytest.fixture
def branch(served: Lines, tmp_path: Path) -> Branch:
    """The office with Salesforce beside HubSpot; syncd.toml has Salesforce alone until the test says otherwise."""
    made = opened(served, tmp_path)
    made.propstreet.seed_projects(5, random.Random(3))
    return made
