"""The server's tables: projects, who holds which ref, the order of changes, and what readers see of it all.

Writers see the truth at once. A reader sees a lagging write only when its time has come, and since each write may
have its own lag, a row can become visible after a newer one was served (propstreet.md, section 5, late commits).
It refuses nothing: rules are checked before `put` is called.
"""

from __future__ import annotations

import base64
import heapq
from collections.abc import Callable, Iterator

from . import stamps
from .keyset import Keyset
from .project import Project, Ref

_ID_BITS = 40


class Ledger:
    """Not thread-safe: the twin's lock is around it.

    - `_order` holds one key per project that readers see, made from the version they see.
    - `_held` holds, for projects with a write under way to readers, what they still see; None: nothing yet.
    """

    def __init__(self, first_id: int) -> None:
        self._projects: dict[str, Project] = {}
        self._holders: dict[tuple[str, str], str] = {}
        self._order = Keyset()
        self._held: dict[str, tuple[int, Project | None]] = {}
        self._under_way: list[tuple[float, int, Project]] = []
        self._next_id = first_id
        self._version = 0
        self._writes = 0

    def new_id(self) -> str:
        self._next_id += 1
        return str(self._next_id - 1)

    def new_etag(self) -> str:
        """A weak tag around an eight-byte counter, as the real ones look (section 6)."""
        self._version += 1
        return f'W/"{base64.b64encode(self._version.to_bytes(8, "big")).decode()}"'

    def truth(self, id: str) -> Project | None:
        return self._projects.get(id)

    def seen(self, id: str) -> Project | None:
        """What a reader sees of it now."""
        held = self._held.get(id)
        return held[1] if held else self._projects.get(id)

    def holder(self, ref: Ref) -> str | None:
        """The id of the project with this ref."""
        return self._holders.get(ref.key)

    def all(self) -> Iterator[Project]:
        return iter(self._projects.values())

    def __len__(self) -> int:
        return len(self._projects)

    def put(self, project: Project, *, keeps_refs: bool = True, visible_at: float | None = None) -> None:
        """This is the project from now on; readers see it at `visible_at`, or at once."""
        before = self._projects.get(project.id)
        self._projects[project.id] = project
        self._rehold(before, project, keeps_refs)
        self._writes += 1
        if visible_at is None:
            held = self._held.pop(project.id, None)
            self._reorder(held[1] if held else before, project)
        else:
            self._held.setdefault(project.id, (self._writes - 1, before))
            heapq.heappush(self._under_way, (visible_at, self._writes, project))

    def reveal(self, now: float) -> None:
        """Let readers see what is due."""
        while self._under_way and self._under_way[0][0] <= now:
            _, write, project = heapq.heappop(self._under_way)
            held = self._held.get(project.id)
            if held is None or held[0] >= write:
                continue  # readers have seen a later write of this project already
            self._reorder(held[1], project)
            if project is self._projects[project.id]:
                del self._held[project.id]
            else:
                self._held[project.id] = (write, project)

    def page(self, start: int, size: int, keep: Callable[[Project], bool]) -> tuple[list[Project], bool]:
        """Up to `size` projects behind this key, in the order of (updatedUtc, id), and whether there are more."""
        rows: list[Project] = []
        for key in self._order.after(start):
            project = self.seen(str(key & ((1 << _ID_BITS) - 1)))
            if project is None or not keep(project):
                continue
            if len(rows) == size:
                return rows, True
            rows.append(project)
        return rows, False

    def _rehold(self, before: Project | None, after: Project, keeps_refs: bool) -> None:
        refs = after.external_refs if keeps_refs else ()
        if before is not None and before.external_refs is not refs:
            for ref in before.external_refs:
                if self._holders.get(ref.key) == before.id:
                    del self._holders[ref.key]
        for ref in refs:
            self._holders[ref.key] = after.id

    def _reorder(self, before: Project | None, after: Project) -> None:
        if before is not None:
            self._order.remove(key_of(before))
        self._order.add(key_of(after))


def key_of(project: Project) -> int:
    """One number per version seen: the change's stamp first, the id second."""
    return place(stamps.read_back(project.updated_utc), int(project.id))


def place(ticks: int, id: int = 0) -> int:
    """The key of a project with this stamp and id; with no id, the place just before all with this stamp."""
    return (ticks << _ID_BITS) + id
