"""Everything wrong with a table, collected before anybody is told, so that it can be mended in one go."""

from __future__ import annotations

from collections.abc import Iterable
from difflib import get_close_matches

import msgspec

from syncd.errors import ConfigError


class Problem(msgspec.Struct, frozen=True):
    path: str  # the key path in the document
    what: str
    remedy: str


class Problems:
    def __init__(self, source: str) -> None:
        self.source = source
        self.found: list[Problem] = []

    def add(self, path: str, what: str, remedy: str) -> None:
        self.found.append(Problem(path, what, remedy))

    def raise_any(self) -> None:
        """Raises ConfigError with all of them, if there are any."""
        if not self.found:
            return
        if len(self.found) == 1:
            problem = self.found[0]
            raise ConfigError(f"{self.source}: {problem.path}: {problem.what}", remedy=problem.remedy)
        lines = (f"  {problem.path}: {problem.what}; {problem.remedy}" for problem in self.found)
        raise ConfigError(
            "\n".join((f"{self.source} has {len(self.found)} problems:", *lines)), remedy="mend these keys"
        )


def suggestion(word: str, known: Iterable[str]) -> str:
    """A remedy for a name that is not among the known ones: the nearest, or all of them."""
    choices = sorted(known)
    near = get_close_matches(word, choices, n=1)
    return f"did you mean {near[0]}?" if near else f"use one of {', '.join(choices)}"
