"""What writes of every kind share: which fields may go out, our own external ref among the others', one outcome each.

External refs are replaced whole, so those of other systems go along, guarded by the tag of the row that they were
read from (propstreet.md trap 21).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, Protocol, TypeVar

from syncd.adapters.base import Failed, Outcome, Raw, UpdateItem, Written
from syncd.errors import Rejected, RemoteError

from .records import Record, with_ref
from .resource import unwritable
from .wire import SYSTEM

REFS = "externalRefs"

_Item = TypeVar("_Item")


class Rows(Protocol):
    """Records that are read and patched by one id."""

    def get(self, id: str) -> Record: ...

    def patch(self, id: str, body: Any, *, if_match: str | None) -> Record: ...


def patched(rows: Rows, item: UpdateItem, *, writable: frozenset[str], namespace: str) -> Record:
    """The record after this update. Raises RemoteError."""
    fields, version = checked(item.fields, writable), item.if_version
    if item.stamp is not None:
        current = Record(item.current) if "id" in item.current else rows.get(item.id)
        fields = {**fields, REFS: with_ref(current.external_refs, namespace, item.stamp)}
        version = version or current.etag
    return rows.patch(item.id, fields, if_match=version)


def checked(fields: Raw, writable: frozenset[str]) -> Raw:
    """The mapped fields of a write. Raises Rejected for what is not a mapping's to write, the refs among it."""
    names = tuple(name for name in unwritable(fields, writable) if name != REFS) + ((REFS,) if REFS in fields else ())
    if names:
        message = f"propstreet does not let a mapping write {', '.join(names)}"
        raise Rejected(message, system=SYSTEM, fields=names, remedy="let these fields flow to the CRM only")
    return fields


def outcomes(write: Callable[[_Item], Written], items: Sequence[_Item]) -> list[Outcome]:
    """One by one; what fails does not stop the next."""
    return [_outcome(write, item) for item in items]


def _outcome(write: Callable[[_Item], Written], item: _Item) -> Outcome:
    try:
        return write(item)
    except RemoteError as error:
        return Failed(error)
