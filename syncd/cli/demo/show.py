"""How the demo speaks: numbered steps, short tables of what both systems show now, and what was checked."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence

from syncd.cli.output import aligned, shown
from syncd.core.model import Fields

CELL_MAX = 36  # characters; the tables fit a narrow terminal


@dataclasses.dataclass
class Narrator:
    """Prints, and remembers whether everything that it claimed was true."""

    crm: str  # its title
    step: int = 0
    failed: list[str] = dataclasses.field(default_factory=list)

    def scene(self, what: str) -> None:
        self.step += 1
        print(f"\n{self.step}. {what}")

    def tells(self, what: str) -> None:
        print(f"  {what}")

    def claims(self, what: str, *, true: bool) -> None:
        """A promise, with the result of looking."""
        print(f"  {'✓' if true else '✗'} {what}")
        if not true:
            self.failed.append(f"{self.step}. {what}")

    def compares(self, names: Sequence[str], left: Fields, right: Fields, *, title: str = "") -> None:
        """A table of these fields as both systems have them."""
        rows = [(name, _cell(left, name), _cell(right, name)) for name in names]
        self.tabulates([(title, "Propstreet", self.crm), *rows])

    def tabulates(self, rows: Sequence[Sequence[object]]) -> None:
        for line in aligned(rows):
            print(f"    {line}")


def _cell(fields: Fields, name: str) -> str:
    text = shown(fields.get(name))
    return text if len(text) <= CELL_MAX else text[: CELL_MAX - 1] + "…"
