"""What a write does to a row, whoever makes it: stamps, tags, and what has to follow. Who may write is elsewhere.

A resource says what is its own in its hooks.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, ClassVar, Generic, TypeVar

import msgspec

from .ledger import Ledger
from .record import Record
from .server import Server

R = TypeVar("R", bound=Record)

ORIGIN = "https://app.propstreet.com/"

Attributes = Mapping[str, Any]
"""New values by attribute of the row."""

Follower = Callable[[R | None, R], None]
"""Called after a write, with the row before it (None: there was none) and after it."""


class Table(Generic[R]):
    """Not thread-safe: the twin's lock is around it."""

    kind: ClassVar[str]
    path: ClassVar[str]

    def __init__(self, type: type[R], server: Server) -> None:
        self.server = server
        self.ledger: Ledger[R] = Ledger()
        self.followers: list[Follower[R]] = []
        self._type = type

    def create(self, attributes: Attributes, *, origin: str, late_s: float = 0.0, stamp: str | None = None) -> R:
        """`late_s`: readers see it so much later, although it bears today's stamp."""
        id = self.server.new_id()
        now = stamp or self.server.stamp()
        born = self._born(self._kept(attributes))
        row = self._type(
            **born,
            id=id,
            uri=ORIGIN + self._place(id, born),
            created_utc=now,
            updated_utc=now,
            etag=self.server.new_etag(),
            change_type="create",
            change_origin=origin,
        )
        self._put(None, row, late_s)
        return row

    def change(self, row: R, attributes: Attributes, *, origin: str, late_s: float = 0.0, silently: bool = False) -> R:
        """The row with these attributes, a new tag and stamp; with the old ones if `silently`."""
        changes = self._follows(row, self._kept(attributes))
        if not silently:
            changes["updated_utc"] = self.server.stamp()
            changes["etag"] = self.server.new_etag()
            changes["change_type"] = "update"
            changes["change_origin"] = origin
        changed = msgspec.structs.replace(row, **changes)
        self._put(row, changed, late_s)
        return changed

    def delete(self, row: R, *, origin: str, late_s: float = 0.0) -> R:
        """A soft delete: the tombstone keeps the values and is listed with include_deleted."""
        return self._bury(row, "delete", origin, late_s)

    def differs(self, row: R, attributes: Attributes) -> bool:
        """Would `change` change anything that a client can write?"""
        return any(getattr(row, name) != value for name, value in self._kept(attributes).items())

    def path_of(self, row: R) -> str:
        return row.uri.removeprefix(ORIGIN)

    def living(self, id: str) -> R:
        """Raises KeyError when there is none, or no more."""
        row = self.ledger.truth(id)
        if row is None or row.deleted:
            raise KeyError(id)
        return row

    def find_living(self, id: str) -> R | None:
        row = self.ledger.truth(id)
        return None if row is None or row.deleted else row

    def _bury(self, row: R, change_type: str, origin: str, late_s: float = 0.0) -> R:
        now = self.server.stamp()
        tombstone = msgspec.structs.replace(
            row,
            **self._buried(row),
            updated_utc=now,
            deleted_utc=now,
            etag=self.server.new_etag(),
            change_type=change_type,
            change_origin=origin,
        )
        self._put(row, tombstone, late_s)
        return tombstone

    def _put(self, before: R | None, after: R, late_s: float) -> None:
        keeps_refs = after.deleted_utc is None or self.server.switches.deleted_refs == "reserved"
        self.ledger.put(after, keeps_refs=keeps_refs, visible_at=self.server.visible_at(late_s))
        for follow in self.followers:
            follow(before, after)

    def _place(self, id: str, born: Attributes) -> str:
        """Where a row is, below the API and the app alike."""
        return f"{self.path}/{id}"

    def _born(self, attributes: dict[str, Any]) -> dict[str, Any]:
        """All that a new row needs beyond what every row has."""
        return attributes

    def _kept(self, attributes: Attributes) -> dict[str, Any]:
        """These values as this server keeps them."""
        return dict(attributes)

    def _follows(self, row: R, changes: dict[str, Any]) -> dict[str, Any]:
        """These changes, and those that come with them."""
        return changes

    def _buried(self, row: R) -> dict[str, Any]:
        """What a delete changes in the row itself."""
        return {}
