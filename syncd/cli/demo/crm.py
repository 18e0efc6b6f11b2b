"""What the story needs of a CRM: its words, its users' hands and eyes, and how syncd is pointed at it.

One class per CRM says all of it; the story itself names no CRM. A third one is a third class.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Protocol

from syncd.testing.sandbox.wire import Twin


class Crm(Protocol):
    """A CRM of the demo. Records are those of the mapping, by id; live ones unless it says otherwise."""

    name: str  # of its adapter, its shipped table and its namespace
    title: str  # as people call it
    noun: str  # one of its records
    create_call: tuple[str, str]  # method and path of syncd's creates; the path is a regular expression
    quiet_calls: int  # what a pass that finds nothing asks of it
    rules: Mapping[str, str]  # in the shipped table, what the demo says otherwise
    secrets: Mapping[str, str]  # what a user would export

    @property
    def twin(self) -> Twin: ...

    def table(self, url: str) -> str:
        """[connections.crm] in syncd.toml, for a twin that is served there."""

    def fields(self) -> set[str]:
        """The names of the fields that its records have."""

    def add(self, name: str, amount: int | None = None) -> str:
        """A person makes a record; an amount is in kronor."""

    def rename(self, id: str, name: str) -> None: ...

    def reprice(self, id: str, amount: int) -> None: ...

    def delete(self, id: str) -> None:
        """Into the bin, from which it can be had back."""

    def record(self, id: str) -> dict[str, Any]:
        """Everything that it shows now, deleted or not."""

    def live(self) -> dict[str, dict[str, Any]]: ...

    def name_of(self, record: Mapping[str, Any]) -> str: ...

    def project_of(self, record: Mapping[str, Any]) -> str:
        """The project's id that it carries; "" when there is none."""

    def journal(self) -> Sequence[object]:
        """What syncd wrote, one entry a record."""
