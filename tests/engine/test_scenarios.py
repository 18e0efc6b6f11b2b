"""Plays every story of tests/scenarios: one test per story, named file-story. The rule it proves is in the story."""

from __future__ import annotations

import tomllib
from collections.abc import Callable
from pathlib import Path

import msgspec
import pytest

from syncd.store.db import Store

from .scenario import Scenario, play

FOLDER = Path(__file__).parent.parent / "scenarios"
PROMISED = ("P1", "P2", "P3", "P4", "P6", "P7", "P10")
"""What stories can show; P5, P8 and P9 have tests of their own."""


def stories() -> dict[str, Scenario]:
    found = {}
    for file in sorted(FOLDER.glob("*.toml")):
        for name, told in tomllib.loads(file.read_text()).items():
            found[f"{file.stem}-{name}"] = msgspec.convert(told, Scenario)
    return found


STORIES = stories()


@pytest.mark.parametrize("name", STORIES)
def test_scenario(name: str, new_store: Callable[[], Store]) -> None:
    """P1, P2, P3, P4, P6, P7, P10: what a story tells comes true, and after it a pass writes nothing."""
    play(STORIES[name], new_store())


@pytest.mark.parametrize("name", STORIES)
def test_a_story_says_which_promise_it_is_about(name: str) -> None:
    """A broker who reads only the rules knows what syncd promises."""
    assert any(promise in STORIES[name].rule for promise in PROMISED), STORIES[name].rule


def test_the_promises_that_stories_can_show_are_all_shown() -> None:
    """No promise is left to the prose."""
    rules = " ".join(story.rule for story in STORIES.values())

    assert [promise for promise in PROMISED if promise not in rules] == []
