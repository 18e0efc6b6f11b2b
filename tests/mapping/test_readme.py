"""config/README.md is right about the mapping language: its examples load, and its tables name all there is."""

from __future__ import annotations

import re
import tomllib

import pytest

from syncd.core.model import Kind
from syncd.mapping import load_tables
from syncd.mapping.catalogue import CATALOGUES
from syncd.mapping.table import FIELD_KEYS, KIND_KEYS
from syncd.mapping.terms import OWNERS

from .tables import MAPPINGS

README = (MAPPINGS.parent / "README.md").read_text()
EXAMPLES = [text for text in re.findall(r"```toml\n(.*?)```", README, re.DOTALL) if text.startswith("[")]


def test_there_are_examples() -> None:
    assert len(EXAMPLES) == 3


@pytest.mark.parametrize("example", EXAMPLES)
def test_an_example_is_a_mapping(example: str) -> None:
    """As it stands: whoever pastes it gets no error."""
    mappers = load_tables(tomllib.loads(example), "README.md")

    assert Kind.PROJECT in mappers
    assert Kind.PROSPECT in mappers


@pytest.mark.parametrize("kind", list(CATALOGUES))
def test_every_field_is_in_the_table_of_its_kind(kind: Kind) -> None:
    """And no other one: the catalogue is the truth, and the words follow it."""
    section = README.split(f"## Fields of a {kind}\n")[1].split("\n## ")[0]
    named = {
        name for row in re.findall(r"^\| (`.*?) \|", section, re.MULTILINE) for name in re.findall(r"`(\w+)`", row)
    }

    assert named == set(CATALOGUES[kind].fields)


@pytest.mark.parametrize("key", sorted({*KIND_KEYS, *FIELD_KEYS, *OWNERS} - {"fields"}))
def test_every_key_is_in_a_table(key: str) -> None:
    assert f"\n| `{key}` |" in README
