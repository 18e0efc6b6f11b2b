"""What the story needs of a CRM: its words, its users' hands and eyes, and how syncd is pointed at it.

One class per CRM says all of it; the story itself names no CRM. A third one is a third class.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Protocol

from syncd.testing.sandbox.wire import Fault, Twin


class Crm(Protocol):
    """A CRM of the demo. Records are those of the mapping, by id; live ones unless it says otherwise."""

    name: str  # of its adapter and its namespace; its shipped table is this, with -prospects
    title: str  # as people call it
    noun: str  # one of its records
    place: str  # what says of a person on a record that they are an investor
    by_hand: str  # what an admin has done before syncd can be set up; "" where that is nothing
    lost_create: Fault  # loses the answer to the next call with which syncd creates, and to no other
    quiet_calls: int  # what a pass that finds nothing asks of it, at most
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

    def stamp_of(self, record: Mapping[str, Any]) -> str:
        """Its counterpart's id that it carries; "" when there is none. People carry one, too."""

    def add_contact(self, first: str, last: str, email: str) -> str: ...

    def contacts(self) -> dict[str, dict[str, Any]]:
        """The live ones, by id."""

    def merge(self, known: str, other: str) -> str:
        """A person makes one contact of two; the id of what is left, which is not the first one's."""

    def put_on(self, id: str, contact: str, label: str) -> None:
        """A person makes this contact an investor."""

    def relabel(self, id: str, contact: str, label: str) -> None: ...

    def take_off(self, id: str, contact: str) -> None: ...

    def people_on(self, id: str) -> dict[str, dict[str, Any]]:
        """What says how each contact stands to this record, as the mapping reads it, by contact."""

    def journal(self) -> Sequence[object]:
        """What syncd wrote, one entry a record."""
