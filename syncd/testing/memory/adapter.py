"""The adapter contract over a MemorySystem: the smallest complete adapter, for engine tests and to copy from.

As it comes it is shaped like a deal platform: whole rows in its feed, conditional writes, one write per call.
Every trait can be turned the other way; `crm.py` does so.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from functools import partial
from typing import TypeVar

import msgspec

from syncd.adapters.base import (
    Capabilities,
    ChangePage,
    CreateItem,
    DeleteItem,
    Failed,
    Health,
    Hint,
    Outcome,
    UpdateItem,
    Written,
)
from syncd.core.instant import minus_seconds
from syncd.core.model import Kind
from syncd.core.remote import Remote
from syncd.errors import CursorRefused, Missing, RemoteError

from .system import MemorySystem, Row

ROWS, HINTS = "rows", "hints"

T = TypeVar("T")
Item = TypeVar("Item")


class _Mark(msgspec.Struct, frozen=True, kw_only=True):
    """What a cursor says. A scan walks (modified, id) upwards; a row edited meanwhile comes again."""

    since: str = ""  # the scan shows what was modified at or after this
    after: tuple[str, str] | None = None  # the last row shown; None: start of a scan
    began: str = ""  # server time when the scan began
    high: str = ""  # the latest modification seen


class MemoryAdapter:
    """An Adapter whose HTTP is a method call. `calls` counts what would be requests."""

    def __init__(
        self,
        system: MemorySystem,
        *,
        name: str = "memory",
        namespace: str = "syncd",
        capabilities: Capabilities | None = None,
        feed: str = ROWS,
        page_max: int = 100,
        overlap_s: float = 5.0,
    ) -> None:
        assert feed in (ROWS, HINTS)
        self.name = name
        self.capabilities = capabilities or Capabilities(guarded_update=True, create_overwrites=False)
        self.system = system
        self.namespace = namespace
        self.calls = 0
        self._account: str | None = None
        self._feed = feed
        self._page_max = page_max
        self._overlap_s = overlap_s

    def check(self) -> Health:
        return self._call("check", lambda: Health(account=self.name))

    def identity(self, *, ask: bool) -> str | None:
        """Asking costs a call, once."""
        if self._account is None and ask:
            self._account = self._call("identity", lambda: self.system.account)
        return self._account

    def changes(self, kind: Kind, cursor: str | None) -> Iterator[ChangePage]:
        mark = _read_cursor(cursor)
        while True:
            began = mark.began or self.system.now()
            mark = msgspec.structs.replace(mark, began=began)
            page, mark = self._call("changes", partial(self._page, kind, mark))
            yield page
            if page.complete:
                return

    def fetch(self, kind: Kind, ids: Sequence[str]) -> dict[str, Remote]:
        assert len(ids) <= self.capabilities.of(kind).fetch_max
        if not ids:
            return {}
        return self._call("fetch", lambda: {id: self._remote_or_gone(kind, id) for id in ids})

    def find(self, kind: Kind, refs: Sequence[str]) -> dict[str, Remote]:
        assert len(refs) <= self.capabilities.of(kind).find_max
        if not refs:
            return {}
        return self._call("find", lambda: self._found(kind, refs))

    def create(self, kind: Kind, items: Sequence[CreateItem]) -> list[Outcome]:
        assert len(items) <= self.capabilities.of(kind).create_max
        return self._write("create", items, lambda item: self._create_one(kind, item))

    def update(self, kind: Kind, items: Sequence[UpdateItem]) -> list[Outcome]:
        assert len(items) <= self.capabilities.of(kind).update_max
        return self._write("update", items, lambda item: self._update_one(kind, item))

    def delete(self, kind: Kind, items: Sequence[DeleteItem]) -> list[Outcome]:
        assert len(items) <= self.capabilities.of(kind).delete_max
        return self._write("delete", items, lambda item: self._delete_one(kind, item))

    def close(self) -> None:
        """Nothing is held."""

    def _page(self, kind: Kind, mark: _Mark) -> tuple[ChangePage, _Mark]:
        after = mark.after or ("", "")
        wanted = (
            row for row in self.system.visible(kind) if row.modified >= mark.since and (row.modified, row.id) > after
        )
        rows = sorted(wanted, key=lambda row: (row.modified, row.id))
        shown, complete = rows[: self._page_max], len(rows) <= self._page_max
        high = max((mark.high, *(row.modified for row in shown)))
        if complete:
            mark = _Mark(since=self._watermark(mark, high))
        else:
            mark = msgspec.structs.replace(mark, after=(shown[-1].modified, shown[-1].id), high=high)
        cursor = msgspec.json.encode(mark).decode()
        if self._feed == HINTS:
            hints = [Hint(row.id, row.modified) for row in shown]
            return ChangePage(hints=hints, cursor=cursor, complete=complete), mark
        remotes = [self._remote(row) for row in shown]
        return ChangePage(rows=remotes, cursor=cursor, complete=complete), mark

    def _watermark(self, mark: _Mark, high: str) -> str:
        """Where the next scan starts.

        Not past the start of this scan: a row that it showed early may have been edited since at the very stamp it
        was shown with. A little earlier still, for rows that the feed shows out of order.
        """
        if not high:
            return mark.since
        return max(mark.since, minus_seconds(min(high, mark.began), self._overlap_s))

    def _remote(self, row: Row) -> Remote:
        return Remote(
            id=row.id,
            raw=dict(row.fields),
            ref=row.stamps.get(self.namespace),
            version=str(row.version) if self.capabilities.guarded_update else None,
            modified=row.modified,
            deleted=row.deleted,
            absorbed=row.absorbed,
        )

    def _remote_or_gone(self, kind: Kind, id: str) -> Remote:
        try:
            return self._remote(self.system.row(kind, id))
        except Missing:
            return Remote(id=id, deleted=True)

    def _found(self, kind: Kind, refs: Sequence[str]) -> dict[str, Remote]:
        rows = ((ref, self.system.holder(kind, self.namespace, ref)) for ref in refs)
        return {ref: self._remote(row) for ref, row in rows if row is not None}

    def _create_one(self, kind: Kind, item: CreateItem) -> Written:
        with self.system.lock:
            holder = self.system.holder(kind, self.namespace, item.ref)
            if holder is not None and self.capabilities.create_overwrites:
                row = self.system.edit(kind, holder.id, item.fields, by=self.name)
            elif holder is not None:
                row = holder
            else:
                stamps = {self.namespace: item.ref}
                row = self.system.add(kind, item.fields, stamps=stamps, key=item.key, by=self.name)
        return Written(self._remote(row), created=holder is None)

    def _update_one(self, kind: Kind, item: UpdateItem) -> Written:
        stamps = {} if item.stamp is None else {self.namespace: item.stamp}
        version = item.if_version if self.capabilities.guarded_update else None
        row = self.system.edit(kind, item.id, item.fields, stamps=stamps, if_version=version, by=self.name)
        return Written(self._remote(row))

    def _delete_one(self, kind: Kind, item: DeleteItem) -> Written:
        version = item.if_version if self.capabilities.guarded_update else None
        try:
            return Written(self._remote(self.system.remove(kind, item.id, if_version=version, by=self.name)))
        except Missing:
            return Written(Remote(id=item.id, deleted=True))

    def _write(self, verb: str, items: Sequence[Item], one: Callable[[Item], Written]) -> list[Outcome]:
        def effect() -> list[Outcome]:
            return [_outcome(one, item) for item in items]

        if not items:
            return []
        try:
            return self._call(verb, effect)
        except RemoteError as error:
            return [Failed(error) for _ in items]

    def _call(self, verb: str, effect: Callable[[], T]) -> T:
        """One request, with whatever was scripted to go wrong on the way."""
        self.calls += 1
        failure = self.system.next_failure(verb)
        if self.system.on_call is not None:
            self.system.on_call(verb, False)
        if failure is not None and not failure.after:
            raise failure.error()
        with self.system.lock:
            result = effect()
        if self.system.on_call is not None:
            self.system.on_call(verb, True)
        if failure is not None:
            raise failure.error()
        return result


def cursor_at(since: str) -> str:
    """A cursor after which the feed shows what was modified at or after this canonical instant."""
    return msgspec.json.encode(_Mark(since=since)).decode()


def _outcome(one: Callable[[Item], Written], item: Item) -> Outcome:
    try:
        return one(item)
    except RemoteError as error:
        return Failed(error)


def _read_cursor(cursor: str | None) -> _Mark:
    if cursor is None:
        return _Mark()
    try:
        return msgspec.json.decode(cursor, type=_Mark)
    except msgspec.MsgspecError as exc:
        raise CursorRefused("memory: this is no cursor of ours", system="memory") from exc
