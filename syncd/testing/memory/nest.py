"""A memory adapter whose prospects live in their projects, and which recognises people.

A prospect is a record with the fields `parent` and `person`, known by these two and never by a stamp. What others say
about it are stamps of other namespaces: as long as there is one, taking a prospect off empties our fields only.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

import msgspec

from syncd.adapters.base import Brood, Capabilities, CreateItem, DeleteItem, UpdateItem, Written
from syncd.core.instant import minus_seconds
from syncd.core.match import domain_key, email_key, keys_of
from syncd.core.model import Kind
from syncd.core.remote import Raw, Remote
from syncd.errors import Missing, Rejected

from .adapter import MemoryAdapter, cursor_at
from .system import MemorySystem, Row

PARENT, PERSON = "parent", "person"
NEST_CAPABILITIES = Capabilities(
    guarded_update=True, create_overwrites=False, create_max=10, update_max=10, delete_max=10
)


class MemoryNest(MemoryAdapter):
    """A MemoryAdapter with three optional protocols: Nests, Matches and StartsNow."""

    nested = frozenset({Kind.PROSPECT})
    parents_max = 5
    match_max = 50

    def __init__(
        self,
        system: MemorySystem,
        *,
        name: str = "memory-nest",
        namespace: str = "syncd",
        capabilities: Capabilities = NEST_CAPABILITIES,
        page_max: int = 100,
        overlap_s: float = 5.0,
    ) -> None:
        super().__init__(
            system, name=name, namespace=namespace, capabilities=capabilities, page_max=page_max, overlap_s=overlap_s
        )

    def within(self, kind: Kind, parents: Sequence[str]) -> list[Brood]:
        """A call for each page of each set."""
        assert len(parents) <= self.parents_max
        return [self._brood(kind, parent) for parent in parents]

    def match(self, kind: Kind, keys: Sequence[str]) -> dict[str, list[Remote]]:
        assert len(keys) <= self.match_max
        return self._call("match", lambda: self._matching(kind, keys)) if keys else {}

    def start(self, kind: Kind) -> str:
        return self._call("start", lambda: cursor_at(minus_seconds(self.system.now(), self._overlap_s)))

    def _brood(self, kind: Kind, parent: str) -> Brood:
        if not self._call("within", lambda: self._is_live(parent)):
            return Brood(parent, gone=True)
        rows: list[Remote] = []
        while page := self._call("within", partial(self._set_page, kind, parent, len(rows))):
            rows += page
        return Brood(parent, rows)

    def _matching(self, kind: Kind, keys: Sequence[str]) -> dict[str, list[Remote]]:
        live = [self._remote(self.system.row(kind, id)) for id in sorted(self.system.ids(kind))]
        found = {key: [remote for remote in live if key in remote.keys] for key in keys}
        return {key: remotes for key, remotes in found.items() if remotes}

    def _remote(self, row: Row) -> Remote:
        shown = super()._remote(row)
        parent, person = row.fields.get(PARENT), row.fields.get(PERSON)
        if parent is None:
            known = keys_of([email_key(row.fields.get("email")), domain_key(row.fields.get("website"))])
            return msgspec.structs.replace(shown, keys=known)
        return msgspec.structs.replace(shown, id=place(parent, person), ref=None, parent=parent, person=person)

    def _remote_or_gone(self, kind: Kind, id: str) -> Remote:
        if kind not in self.nested:
            return super()._remote_or_gone(kind, id)
        row = self._row(kind, id)
        return self._gone(id) if row is None else self._remote(row)

    def _found(self, kind: Kind, refs: Sequence[str]) -> dict[str, Remote]:
        return {} if kind in self.nested else super()._found(kind, refs)

    def _create_one(self, kind: Kind, item: CreateItem) -> Written:
        if kind not in self.nested:
            return super()._create_one(kind, item)
        if item.parent is None or item.person is None:
            raise Rejected(f"memory: a {kind} needs a parent and a person", system="memory", status=400)
        if not self._is_live(item.parent):
            raise Missing(f"memory: no project {item.parent}", system="memory", status=404)
        there = self._row(kind, place(item.parent, item.person))
        if there is not None:
            return Written(self._remote(there), created=False)
        facts = {PARENT: item.parent, PERSON: item.person}
        return Written(self._remote(self.system.add(kind, {**item.fields, **facts}, by=self.name)), created=True)

    def _update_one(self, kind: Kind, item: UpdateItem) -> Written:
        if kind not in self.nested:
            return super()._update_one(kind, item)
        row = self._row(kind, item.id)
        if row is None:
            raise Missing(f"memory: no {kind} {item.id}", system="memory", status=404)
        edited = self.system.edit(kind, row.id, item.fields, if_version=item.if_version, by=self.name)
        return Written(self._remote(edited))

    def _delete_one(self, kind: Kind, item: DeleteItem) -> Written:
        if kind not in self.nested:
            return super()._delete_one(kind, item)
        row = self._row(kind, item.id)
        if row is not None and any(row.stamps.values()):
            ours: Raw = dict.fromkeys(row.fields.keys() - {PARENT, PERSON})
            self.system.edit(kind, row.id, ours, if_version=item.if_version, by=self.name)
        elif row is not None:
            self.system.remove(kind, row.id, if_version=item.if_version, by=self.name)
        return Written(self._gone(item.id), whole=False)

    def _set_page(self, kind: Kind, parent: str, start: int) -> list[Remote]:
        return self._inside(kind, parent)[start : start + self._page_max]

    def _inside(self, kind: Kind, parent: str) -> list[Remote]:
        rows = (self.system.row(kind, id) for id in sorted(self.system.ids(kind)))
        return [self._remote(row) for row in rows if self._is_live(parent) and row.fields.get(PARENT) == parent]

    def _row(self, kind: Kind, id: str) -> Row | None:
        """The live record at this place, if its parent is there."""
        rows = (self.system.row(kind, one) for one in self.system.ids(kind))
        found = (row for row in rows if place(row.fields[PARENT], row.fields[PERSON]) == id)
        return next((row for row in found if self._is_live(row.fields[PARENT])), None)

    def _gone(self, id: str) -> Remote:
        """With parent and person only where the parent is there, and they are not in it."""
        parent, _, person = id.partition(":")
        if not self._is_live(parent):
            return Remote(id=id, deleted=True)
        return Remote(id=id, raw={PARENT: parent, PERSON: person}, parent=parent, person=person, deleted=True)

    def _is_live(self, parent: str) -> bool:
        return parent in self.system.ids(Kind.PROJECT)


def place(parent: str, person: str | None) -> str:
    """The id that a record of this person in this parent has."""
    return f"{parent}:{person}"
