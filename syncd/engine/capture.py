"""Turns a change feed into mirror rows and notices, page by page. Decides nothing.

A page's rows, its notices and the place to resume from are stored in one transaction, so a kill between pages costs
at most one page read again. The watermark moves past a scan only after its last page.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

import msgspec

from syncd.adapters.base import ChangePage, Hint, StartsNow
from syncd.core.model import RIGHT, Kind, Side
from syncd.errors import CursorRefused
from syncd.store import mirror, notices, watermarks
from syncd.store.bulk import Tx
from syncd.store.notices import NewNotice

from . import kin, merges, reads, sharing
from .connection import Connection

DELTA, FULL, LOADED = "", "full", "loaded"
"""Scopes of a watermark: the delta's own mark, the cursor of an unfinished full scan, and that a first load is done."""

KNOWN_PAGE = 500

OnPage = Callable[[ChangePage], None]


def capture(connection: Connection, side: Side, kind: Kind, *, full: bool, on_page: OnPage) -> int:
    """Read what changed on this side, or everything when `full` or when nothing was ever read; count the news.

    Raises RemoteError; what was stored by then is kept, and the next call resumes after it.
    """
    try:
        return sum(_pages(connection, side, kind, full, on_page))
    except CursorRefused:
        _restart(connection, side, kind)
    try:
        return sum(_pages(connection, side, kind, full, on_page))
    except CursorRefused:
        _forget(connection, side, kind)
    return sum(_pages(connection, side, kind, full, on_page))


def _restart(connection: Connection, side: Side, kind: Kind) -> None:
    """The feed can't resume inside the scan: begin it again from the mark."""
    with connection.store.begin() as tx:
        for scope in (DELTA, FULL):
            watermarks.restart(tx, connection.name, side, kind, scope, now=connection.clock.time())


def _forget(connection: Connection, side: Side, kind: Kind) -> None:
    """Nor from the mark: read everything."""
    with connection.store.begin() as tx:
        for scope in (DELTA, FULL):
            watermarks.forget(tx, connection.name, side, kind, scope)


def _pages(connection: Connection, side: Side, kind: Kind, full: bool, on_page: OnPage) -> Iterator[int]:
    lean = is_lean(connection, side, kind)
    if lean:
        _begin_lean(connection, side, kind, again=full)
        full = False
    with connection.store.read() as tx:
        delta = watermarks.get(tx, connection.name, side, kind, DELTA)
        unfinished = watermarks.get(tx, connection.name, side, kind, FULL)
    whole = full or delta is None or delta.mark is None
    if whole:
        cursor = unfinished.cursor if unfinished is not None else None
    else:
        assert delta is not None
        cursor = delta.cursor or delta.mark
    for page in connection.adapter(side).changes(kind, cursor):
        if kind is kin.CHILD:
            page = _looked_up(connection, side, kind, page)
        with connection.store.begin() as tx:
            page = _known(tx, connection, side, kind, page) if lean else sharing.own(tx, connection, side, kind, page)
            news = _store_page(tx, connection, side, kind, page, everything=whole)
            _move_mark(tx, connection, side, kind, page, whole)
        merges.follow(connection, side, kind, merges.merges_in({row.id: row for row in page.rows if row.absorbed}))
        on_page(page)
        yield news


def _looked_up(connection: Connection, side: Side, kind: Kind, page: ChangePage) -> ChangePage:
    """The page with the records that its hints are about: whom they are about is to be paired before they are."""
    with connection.store.read() as tx:
        fresh = _news(tx, connection, side, kind, page.hints)
    found = reads.fetch(connection, side, kind, fresh, keep=False).found
    rows = [row for id, row in found.items() if row.id == id and not row.deleted]
    known = {row.id for row in rows}
    hints = [hint for hint in page.hints if hint.id not in known]
    return msgspec.structs.replace(page, rows=[*page.rows, *rows], hints=hints)


def is_lean(connection: Connection, side: Side, kind: Kind) -> bool:
    """Are only those records of this kind followed that we have met: the people of the CRM, of whom most are nobody's
    investor?"""
    if side is not RIGHT or kind not in kin.PEOPLE or connection.mappers[kind].everyone:
        return False
    return isinstance(connection.adapter(side), StartsNow)


def _begin_lean(connection: Connection, side: Side, kind: Kind, *, again: bool) -> None:
    """Follow changes from now on. Whom we have met already is looked at again where nothing tells what changed."""
    adapter, name, now = connection.adapter(side), connection.name, connection.clock.time()
    assert isinstance(adapter, StartsNow)
    with connection.store.read() as tx:
        mark = watermarks.get(tx, name, side, kind, DELTA)
    begun = mark is not None and mark.mark is not None
    if not begun:
        cursor = adapter.start(kind)
        with connection.store.begin() as tx:
            watermarks.complete(tx, name, side, kind, DELTA, mark=cursor, now=now)
    if begun and not again:
        return
    after = ""
    while True:
        with connection.store.begin() as tx:
            ids = mirror.slice(tx, name, side, kind, after, KNOWN_PAGE)
            notices.put(tx, name, [NewNotice(side, kind, id, "changed", fetch=True) for id in ids], now=now)
        if not ids:
            return
        after = ids[-1]


def _known(tx: Tx, connection: Connection, side: Side, kind: Kind, page: ChangePage) -> ChangePage:
    """The page without those whom we have never met, under any name: who is needed later is read then."""
    ids = [*(id for row in page.rows for id in (row.id, *row.absorbed)), *(hint.id for hint in page.hints)]
    known = mirror.heads(tx, connection.name, side, kind, ids)
    return msgspec.structs.replace(
        page,
        rows=[row for row in page.rows if not known.keys().isdisjoint((row.id, *row.absorbed))],
        hints=[hint for hint in page.hints if hint.id in known],
    )


def _store_page(tx: Tx, connection: Connection, side: Side, kind: Kind, page: ChangePage, *, everything: bool) -> int:
    now = connection.clock.time()
    news = mirror.put(tx, connection.name, side, kind, page.rows, now=now)
    fresh = _news(tx, connection, side, kind, page.hints)
    # A full scan looks at every live record again: it is how a changed mapping or a lost base comes to be noticed.
    noticed = dict.fromkeys(row.id for row in page.rows if not row.deleted) if everything else {}
    noticed.update(dict.fromkeys(news))
    if kind is kin.PARENT:
        kin.stirred(tx, connection, side, [*noticed, *fresh], now=now)
    if kind is kin.CHILD:
        kin.note_people(tx, connection, side, [row for row in page.rows if row.id in noticed], now=now)
    notices.put(
        tx,
        connection.name,
        [
            *(NewNotice(side, kind, id, "changed") for id in noticed),
            *(NewNotice(side, kind, id, "changed", fetch=True) for id in fresh),
        ],
        now=now,
    )
    return len(news) + len(fresh)


def _news(tx: Tx, connection: Connection, side: Side, kind: Kind, hints: Sequence[Hint]) -> list[str]:
    """Hints about records that we have not seen at least as new. Search indexes lag, so older is no news."""
    heads = mirror.heads(tx, connection.name, side, kind, [hint.id for hint in hints])
    news = []
    for hint in hints:
        head = heads.get(hint.id)
        if head is None or head.deleted or not hint.modified or hint.modified > (head.modified or ""):
            news.append(hint.id)
    return news


def _move_mark(tx: Tx, connection: Connection, side: Side, kind: Kind, page: ChangePage, whole: bool) -> None:
    now = connection.clock.time()
    if not page.complete:
        scope = FULL if whole else DELTA
        watermarks.set_page(tx, connection.name, side, kind, scope, cursor=page.cursor, now=now)
        return
    watermarks.complete(tx, connection.name, side, kind, DELTA, mark=page.cursor, now=now)
    watermarks.forget(tx, connection.name, side, kind, FULL)
