"""One table of the server: its rows, who holds which ref, the order of changes, and what readers see of it all.

Writers see the truth at once. A reader sees a lagging write only when its time has come, and since each write may
have its own lag, a row can become visible after a newer one was served (propstreet.md, section 5, late commits).
It refuses nothing: rules are checked before `put` is called.
"""

from __future__ import annotations

import heapq
from collections.abc import Callable, Iterable, Iterator
from typing import Generic, Protocol, TypeVar

from . import stamps
from .keyset import Keyset
from .record import Record, Ref

R = TypeVar("R", bound=Record)

_ID_BITS = 40


class Placed(Protocol):
    """What has a place in the order of changes."""

    @property
    def id(self) -> str: ...

    @property
    def updated_utc(self) -> str: ...


class Ledger(Generic[R]):
    """Not thread-safe: the twin's lock is around it. Scopes are apart: an order and refs of their own.

    - `_orders` holds one key per row that readers see, made from the version they see.
    - `_held` holds, for rows with a write under way to readers, what they still see; None: nothing yet.
    - `_buried` holds who had a ref when it was deleted.
    """

    def __init__(self) -> None:
        self._rows: dict[str, R] = {}
        self._holders: dict[tuple[str, tuple[str, str]], str] = {}
        self._buried: dict[tuple[str, tuple[str, str]], str] = {}
        self._orders: dict[str, Keyset] = {}
        self._held: dict[str, tuple[int, R | None]] = {}
        self._under_way: list[tuple[float, int, R]] = []
        self._writes = 0

    def truth(self, id: str) -> R | None:
        return self._rows.get(id)

    def seen(self, id: str) -> R | None:
        """What a reader sees of it now."""
        held = self._held.get(id)
        return held[1] if held else self._rows.get(id)

    def holder(self, ref: Ref, scope: str = "") -> str | None:
        """The id of the row with this ref."""
        return self._holders.get((scope, ref.key))

    def buried(self, ref: Ref, scope: str = "") -> str | None:
        """The id of the row that had this ref when it was deleted."""
        return self._buried.get((scope, ref.key))

    def all(self) -> Iterator[R]:
        return iter(self._rows.values())

    def ids(self) -> list[str]:
        """Of all, oldest first."""
        return list(self._rows)

    def all_of(self, ids: Iterable[str]) -> Iterator[R]:
        return (self._rows[id] for id in ids)

    def __len__(self) -> int:
        return len(self._rows)

    def put(self, row: R, *, keeps_refs: bool = True, visible_at: float | None = None) -> None:
        """This is the row from now on; readers see it at `visible_at`, or at once."""
        before = self._rows.get(row.id)
        self._rows[row.id] = row
        self._rehold(before, row, keeps_refs)
        self._writes += 1
        if visible_at is None:
            held = self._held.pop(row.id, None)
            self._reorder(held[1] if held else before, row)
        else:
            self._held.setdefault(row.id, (self._writes - 1, before))
            heapq.heappush(self._under_way, (visible_at, self._writes, row))

    @property
    def lags(self) -> bool:
        """Is a write on its way to readers?"""
        return bool(self._under_way)

    def reveal(self, now: float) -> None:
        """Let readers see what is due."""
        while self._under_way and self._under_way[0][0] <= now:
            _, write, row = heapq.heappop(self._under_way)
            held = self._held.get(row.id)
            if held is None or held[0] >= write:
                continue  # readers have seen a later write of this row already
            self._reorder(held[1], row)
            if row is self._rows[row.id]:
                del self._held[row.id]
            else:
                self._held[row.id] = (write, row)

    def page(self, start: int, size: int, keep: Callable[[R], bool], scope: str = "") -> tuple[list[R], bool]:
        """Up to `size` rows behind this key, in the order of (updatedUtc, id), and whether there are more."""
        rows: list[R] = []
        order = self._orders.get(scope)
        for key in order.after(start) if order is not None else ():
            row = self.seen(str(key & ((1 << _ID_BITS) - 1)))
            if row is None or not keep(row):
                continue
            if len(rows) == size:
                return rows, True
            rows.append(row)
        return rows, False

    def _rehold(self, before: R | None, after: R, keeps_refs: bool) -> None:
        scope = after.scope
        refs = after.external_refs if keeps_refs else ()
        if before is not None and before.external_refs is not refs:
            for ref in before.external_refs:
                if self._holders.get((scope, ref.key)) == before.id:
                    del self._holders[scope, ref.key]
        for ref in refs:
            self._holders[scope, ref.key] = after.id
        if after.deleted and after.external_refs:
            self._buried.update({(scope, ref.key): after.id for ref in after.external_refs})

    def _reorder(self, before: R | None, after: R) -> None:
        order = self._orders.get(after.scope)
        if order is None:
            order = self._orders[after.scope] = Keyset()
        if before is not None:
            order.remove(key_of(before))
        order.add(key_of(after))


def key_of(row: Placed) -> int:
    """One number per version seen: the change's stamp first, the id second."""
    return place(stamps.read_back(row.updated_utc), int(row.id))


def place(ticks: int, id: int = 0) -> int:
    """The key of a row with this stamp and id; with no id, the place just before all with this stamp."""
    return (ticks << _ID_BITS) + id
