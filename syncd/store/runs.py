"""Runs: one row per pass over a connection, for status and for whoever asks what happened last night."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import msgspec
from sqlalchemy import Row, delete, insert, select, update

from .bulk import Tx
from .encoding import counts_from, encode
from .schema import runs


class Run(msgspec.Struct, frozen=True, kw_only=True):
    id: str
    connection: str
    mode: str
    started: float
    finished: float | None  # None: still running, or killed
    outcome: str | None
    counts: Mapping[str, Any]
    calls: Mapping[str, Any]  # requests per side
    error: str | None


def start(tx: Tx, connection: str, run: str, *, mode: str, now: float) -> None:
    tx.execute(insert(runs).values(id=run, connection=connection, mode=mode, started=now))


def finish(
    tx: Tx,
    run: str,
    *,
    outcome: str,
    counts: Mapping[str, Any],
    calls: Mapping[str, Any],
    error: str | None = None,
    now: float,
) -> None:
    """Store how it went. `error` is a message for people: no token, no field value."""
    ended = {"finished": now, "outcome": outcome, "counts": encode(counts), "calls": encode(calls), "error": error}
    tx.execute(update(runs).where(runs.c.id == run).values(ended))


def last(tx: Tx, connection: str, limit: int = 1) -> list[Run]:
    """The latest runs, latest first."""
    query = _rows.where(runs.c.connection == connection).order_by(runs.c.started.desc(), runs.c.id.desc())
    return _all(tx.execute(query.limit(limit)))


def get(tx: Tx, connection: str, run: str) -> Run | None:
    found = _all(tx.execute(_rows.where(runs.c.connection == connection, runs.c.id == run)))
    return found[0] if found else None


def prune(tx: Tx, connection: str, *, before: float, limit: int = 1000) -> int:
    """Drop up to `limit` runs that were started before this time; how many there were."""
    old = select(runs.c.id).where(runs.c.connection == connection, runs.c.started < before).limit(limit)
    return tx.execute(delete(runs).where(runs.c.id.in_(old))).rowcount


_rows = select(*(runs.c[name] for name in Run.__struct_fields__))


def _all(rows: Iterable[Row[Any]]) -> list[Run]:
    return [_run(row._asdict()) for row in rows]


def _run(row: dict[str, Any]) -> Run:
    decoded = {name: counts_from(row[name] or "{}") for name in ("counts", "calls")}
    return Run(**row | decoded)
