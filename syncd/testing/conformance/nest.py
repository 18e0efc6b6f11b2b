"""The doors of a kind that lives in parents: what the suite needs of a system besides those of its Peer."""

from __future__ import annotations

from abc import ABC, abstractmethod

from syncd.core.model import Kind
from syncd.core.remote import Raw

from .breakage import Breakage


class Nest(ABC):
    """Who is in which parent. Parents and people are named as Remote.parent and Remote.person name them.

    The doors act as a person in that system would, past the adapter and past any breakage.
    """

    kind: Kind = Kind.PROSPECT

    page: int | None = None
    """How many of one parent fill a page of its set; None where that is more than a test can afford."""

    tells_gone_parents: bool = True
    """Does within() tell a parent that is gone from one that is there, and perhaps empty?"""

    tells_who_left: bool = True
    """Does fetch() tell that somebody left a parent which is there, or only that there is no such record?"""

    shared: bool = True
    """Does somebody stay in a parent about whom others say something, when we take them off?"""

    unknown_parent: str = "999999999"
    unknown_id: str = "999999999:contact:999999999"
    """In the system's form, and of no record that is or was."""

    @abstractmethod
    def add_parent(self) -> str:
        """A person adds another one, with nobody in it."""

    @abstractmethod
    def remove_parent(self, parent: str) -> None:
        """A person deletes it."""

    @abstractmethod
    def add_person(self, n: int) -> str:
        """A person adds somebody, who is in no parent; every other one of another sort, where there are two."""

    @abstractmethod
    def sample(self, n: int) -> Raw:
        """Fields that create() and update() accept, of the same names for every n; n below 3 gives another value."""

    def bad(self) -> Raw | None:
        """Fields that create() gets refused because of a value in them, if there are such."""
        return None

    @abstractmethod
    def put(self, parent: str, person: str, fields: Raw) -> None:
        """A person puts somebody in, perhaps without any of our fields."""

    @abstractmethod
    def edit(self, parent: str, person: str, fields: Raw) -> None:
        """A person edits these fields of somebody who has them."""

    @abstractmethod
    def take_off(self, parent: str, person: str) -> None:
        """A person takes somebody off, with all that is said about them."""

    @abstractmethod
    def inside(self, parent: str) -> dict[str, Raw]:
        """Who is in it now, each with those of our fields that have a value."""

    @abstractmethod
    def say(self, parent: str, person: str) -> str:
        """Somebody else says something of their own about a person in a parent: what."""

    @abstractmethod
    def said(self, parent: str, person: str) -> set[str]:
        """What is left of that."""

    def break_later(self, breakage: Breakage, *, calls: int) -> None:  # noqa: B027 - needed where there are pages
        """From now on fail every call in this way, once so many more have gone through; needed where `page` is."""
