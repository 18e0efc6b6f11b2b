"""What the suite needs besides the adapter: the system's side doors, and a way to break the line to it."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping

from syncd.adapters.base import Adapter
from syncd.core.model import Kind
from syncd.core.remote import Raw
from syncd.testing.clock import VirtualClock

from .breakage import Breakage
from .nest import Nest


class Peer(ABC):
    """One system with one adapter on it, fresh for each test. Ids and raw fields are those that the adapter uses.

    The doors (`add`, `edit`, …) act as a person in that system would, past the adapter and past any breakage.
    """

    kind: Kind = Kind.PROJECT
    clock: VirtualClock
    adapter: Adapter
    """The adapter under test; `build()` made it."""

    feed_page: int = 2
    """How many records fill a page of the feed, as the adapter was configured; small is quick."""

    passes_max: int = 3
    """Within how many passes, with settle() between them, a change must show in the feed."""

    tombstones: bool = True
    """Does the feed, in the end, tell of deletions?"""

    volatile: frozenset[str] = frozenset()
    """Raw fields that the system itself moves with every write, such as etags and dates of modification."""

    secrets: tuple[str, ...] = ()
    """Credentials; they must turn up in no error."""

    unbreakable: Mapping[Breakage, str] = {}
    """Breakages that can't be had here, and why; their tests are skipped with that reason."""

    retry_after_s: float = 7.0
    """What RATE_LIMITED asks for."""

    unknown_id: str = "999999999"
    """An id in the system's form that no record has or had."""

    wanted_name: str = "syncd_conformance"
    """What setup may call a field of its own."""

    nest: Nest | None = None
    """The doors of the kind that lives in parents, where the adapter has one."""

    keys_unique: bool = False
    """Does the system see to it that no two live records are known by the same key?"""

    @abstractmethod
    def build(self) -> Adapter:
        """Another adapter on the same system, as after a restart."""

    @abstractmethod
    def sample(self, n: int) -> Raw:
        """Fields that create() accepts; another n gives another record, the same n the same."""

    @abstractmethod
    def change(self, n: int) -> Raw:
        """Fields that update() accepts, none empty; none as in sample(any) or change(any other)."""

    def known_by(self, n: int) -> tuple[Raw, str] | None:
        """Fields that make a record of sample(any) recognisable, and the one of Remote.keys that it has by them;
        another n gives another key. None for kinds that nobody recognises."""
        return None

    def bad(self) -> Raw | None:
        """Fields that create() gets refused because of a value in them, if there are such."""
        return None

    @abstractmethod
    def add(self, fields: Raw, ref: str | None = None) -> str:
        """A person adds a record, perhaps with our stamp on it; its id."""

    @abstractmethod
    def edit(self, id: str, fields: Raw) -> None:
        """A person edits these fields."""

    @abstractmethod
    def remove(self, id: str) -> None:
        """A person deletes the record."""

    def merge(self, primary: str, other: str) -> str | None:
        """A person merges two records: the survivor's id, or None where records can't be merged."""
        return None

    @abstractmethod
    def read(self, id: str) -> Raw | None:
        """The record as the system has it, in the shape of Remote.raw; None when it is gone."""

    @abstractmethod
    def ids(self) -> set[str]:
        """The records that are live now."""

    def stamp_by_other(self, id: str, stamp: str) -> bool:
        """Another program stamps the record as we do; False where only one stamp is possible."""
        return False

    def stamps_by_other(self, id: str) -> set[str]:
        """What stamp_by_other() wrote and what is left of it."""
        return set()

    def shows(self, raw: Raw, fields: Raw) -> bool:
        """Does the record show these fields, as sent in sample() or change()?"""
        return all(raw.get(name) == value for name, value in fields.items())

    def settle(self) -> None:
        """Let so much time pass that the feed has caught up with what was done."""
        self.clock.advance(60.0)

    @abstractmethod
    def break_(self, breakage: Breakage, *, writes_only: bool = False) -> None:
        """From now on fail every call, or every call that writes, in this way."""

    @abstractmethod
    def heal(self) -> None:
        """Answer again. Time passes too, so that a closed limiter opens."""

    def close(self) -> None:
        """Give back what the peer holds."""
        self.adapter.close()
