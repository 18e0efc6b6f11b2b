"""Watermarks: where reading changes resumes. Server time and opaque cursors; never the local clock.

Move one in the transaction that stores its page. The mark moves only after the last page of a scan; until then the
cursor says how far it came, and a scan that was cut off goes on from there.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import msgspec
from sqlalchemy import ColumnElement, delete, select

from syncd.core.model import Kind, Side

from .bulk import Tx, insert
from .schema import watermarks


class Watermark(msgspec.Struct, frozen=True, kw_only=True):
    side: Side
    kind: Kind
    scope: str  # "" for the whole kind
    mark: str | None  # after the last complete scan; None: there was none
    cursor: str | None  # inside an unfinished one; None: there is none
    changed: float


def get(tx: Tx, connection: str, side: Side, kind: Kind, scope: str = "") -> Watermark | None:
    found = tx.execute(_rows.where(*_at(connection, side, kind, scope))).all()
    return _watermark(found[0]) if found else None


def listed(tx: Tx, connection: str) -> list[Watermark]:
    """All of a connection, by side, kind and scope: for status."""
    query = _rows.where(watermarks.c.connection == connection)
    order = query.order_by(watermarks.c.side, watermarks.c.kind, watermarks.c.scope)
    return [_watermark(row) for row in tx.execute(order)]


def set_page(tx: Tx, connection: str, side: Side, kind: Kind, scope: str = "", *, cursor: str, now: float) -> None:
    """A page is stored: the scan goes on after it. The mark stays."""
    _store(tx, connection, side, kind, scope, {"cursor": cursor, "changed": now})


def complete(tx: Tx, connection: str, side: Side, kind: Kind, scope: str = "", *, mark: str, now: float) -> None:
    """The last page is stored: the next scan begins at this mark."""
    _store(tx, connection, side, kind, scope, {"mark": mark, "cursor": None, "changed": now})


def restart(tx: Tx, connection: str, side: Side, kind: Kind, scope: str = "", *, now: float) -> None:
    """The feed refused the cursor: scan again from the mark."""
    _store(tx, connection, side, kind, scope, {"cursor": None, "changed": now})


def forget(tx: Tx, connection: str, side: Side, kind: Kind, scope: str = "") -> None:
    """Read everything again next time."""
    tx.execute(delete(watermarks).where(*_at(connection, side, kind, scope)))


_rows = select(*(watermarks.c[name] for name in Watermark.__struct_fields__))


def _at(connection: str, side: Side, kind: Kind, scope: str) -> list[ColumnElement[bool]]:
    key = {"connection": connection, "side": side.value, "kind": kind.value, "scope": scope}
    return [watermarks.c[name] == value for name, value in key.items()]


def _store(tx: Tx, connection: str, side: Side, kind: Kind, scope: str, moved: dict[str, str | float | None]) -> None:
    key = {"connection": connection, "side": side.value, "kind": kind.value, "scope": scope}
    statement = insert(tx.dialect.name, watermarks).values(**key, **moved)
    tx.execute(statement.on_conflict_do_update(index_elements=list(watermarks.primary_key), set_=moved))


def _watermark(row: Iterable[Any]) -> Watermark:
    side, kind, scope, mark, cursor, changed = row
    return Watermark(side=Side(side), kind=Kind(kind), scope=scope, mark=mark, cursor=cursor, changed=changed)
