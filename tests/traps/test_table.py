"""Keeps README.md honest: every trap of the three contracts is in its table, and every test that it names exists."""

from __future__ import annotations

import ast
import re
from functools import lru_cache
from pathlib import Path

import msgspec
import pytest

from tests.engine.test_scenarios import STORIES

TESTS = Path(__file__).parent.parent
TRAPS = {"propstreet.md": 60, "hubspot.md": 44, "salesforce.md": 43}
"""How many traps each contract counts."""

_ROW = re.compile(r"^\| (?P<contract>\w+\.md) \| (?P<place>[\d.]+) \| (?P<held>.+) \|$")
_LATER = re.compile(r"later: \w")


class Line(msgspec.Struct, frozen=True):
    """One row: `place` is the trap's number, or a section's in the second table."""

    contract: str
    place: str
    held: str

    @property
    def tests(self) -> list[str]:
        return re.findall(r"`([^`]+)`", self.held)


def lines(text: str) -> list[Line]:
    found = (_ROW.match(line) for line in text.splitlines())
    return [Line(**row.groupdict()) for row in found if row is not None]


TRAP_TABLE, SECTION_TABLE = map(lines, (TESTS / "traps" / "README.md").read_text().split("## Beside the traps"))


@pytest.mark.parametrize("contract", TRAPS)
def test_every_trap_is_in_the_table_once(contract: str) -> None:
    """A trap that nobody has looked at would be missing here."""
    numbers = [int(line.place) for line in TRAP_TABLE if line.contract == contract]

    assert numbers == list(range(1, TRAPS[contract] + 1))


def test_every_trap_is_held_or_put_off_with_a_reason() -> None:
    """Nothing is left open without a word."""
    assert [line for line in TRAP_TABLE if not line.tests and not _LATER.match(line.held)] == []


def test_every_test_named_exists() -> None:
    """A test that was renamed or dropped holds no trap any more."""
    named = {test for line in (*TRAP_TABLE, *SECTION_TABLE) for test in line.tests}

    assert sorted(test for test in named if not exists(test)) == []


def test_every_test_here_is_named_in_the_table() -> None:
    """The table is how these tests are found."""
    named = {test for line in (*TRAP_TABLE, *SECTION_TABLE) for test in line.tests}
    files = ("test_propstreet_traps.py", "test_hubspot_traps.py", "test_salesforce_traps.py")
    here = {f"traps/{file}::{name}" for file in files for name in functions(f"traps/{file}")}

    assert sorted(here - named) == []


def exists(test: str) -> bool:
    """Is there this function, and this story where it plays one?"""
    path, _, name = test.partition("::")
    name, _, story = name.partition("[")
    return name in functions(path) and (not story or story.removesuffix("]") in STORIES)


@lru_cache
def functions(path: str) -> frozenset[str]:
    """The tests of a file below tests/, none where there is no such file."""
    file = TESTS / path
    tree = ast.parse(file.read_text()) if file.is_file() else ast.Module([], [])
    return frozenset(
        node.name for node in ast.walk(tree) if isinstance(node, ast.FunctionDef) and node.name.startswith("test_")
    )
