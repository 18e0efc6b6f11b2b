"""What a database says, as one of our errors: one sentence for people, and what to do about it.

No statement, parameter or row goes into a message: they are people's data.
"""

from __future__ import annotations

import os
import sqlite3
from contextlib import suppress
from pathlib import Path

from sqlalchemy import URL
from sqlalchemy.exc import DBAPIError, IntegrityError, SQLAlchemyError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from syncd.errors import StoreCorrupt, StoreError, StoreFull, StoreLocked, StoreReadOnly


def translate(exc: SQLAlchemyError | sqlite3.Error, url: URL) -> StoreError:
    """The store's own error for this one."""
    store = named(url)
    if isinstance(exc, PoolTimeout):
        return StoreLocked(f"{store} has no connection left for this thread", remedy="run fewer threads at once")
    original = exc.orig if isinstance(exc, DBAPIError) else exc
    if isinstance(original, sqlite3.Error):
        return _from_sqlite(original, url, store)
    if isinstance(exc, DBAPIError):
        return _from_postgresql(exc, store)
    return StoreError(f"{store} can't be used: {type(exc).__name__}", remedy="please report this")


def named(url: URL) -> str:
    """What to call this store in a message; never with its password."""
    if url.get_backend_name() == "sqlite":
        return f"the state store {url.database or 'in memory'}"
    return f"the state store {url.set(query={}).render_as_string(hide_password=True)}"


def _from_sqlite(exc: sqlite3.Error, url: URL, store: str) -> StoreError:
    name: str = getattr(exc, "sqlite_errorname", "") or ""
    match name.split("_")[1:2]:
        case ["BUSY" | "LOCKED"]:
            return _locked(store)
        case ["FULL"]:
            return _full(store)
        case ["READONLY"]:
            return _read_only(store)
        case ["CANTOPEN"] if _write_protected(url):
            return _read_only(store)
        case ["CANTOPEN"]:
            return StoreError(f"{store} can't be opened", remedy="check that its folder exists and is yours")
        case ["CORRUPT"]:
            return _corrupt(store)
        case ["NOTADB"]:
            return StoreCorrupt(f"{store} is not a database", remedy="check store.url, or move that file away")
        case ["IOERR"]:
            return StoreError(f"the disk failed under {store}", remedy="check the disk and its free space")
        case ["CONSTRAINT"]:
            return _refused(store)
        case _:
            return StoreError(f"{store} failed: {name or type(exc).__name__}", remedy="please report this")


def _from_postgresql(exc: DBAPIError, store: str) -> StoreError:
    state: str = getattr(exc.orig, "sqlstate", None) or ""
    match state[:2], state:
        case _, "53100" | "53400":
            return _full(store)
        case _, "25006":
            return _read_only(store)
        case _, "55P03" | "40P01" | "40001" | "57014":
            return _locked(store)
        case "XX", _:
            return _corrupt(store)
        case "42", "42501":
            return StoreError(f"{store} does not let us do that", remedy="let its user own the tables")
        case "23", _:
            return _refused(store)
        case "28", _:
            return _not_let_in(store)
        case "08" | "57", _:
            return _down(store)
    if isinstance(exc, IntegrityError):
        return _refused(store)
    return _from_libpq(str(exc.orig).lower(), state, store)


def _from_libpq(message: str, state: str, store: str) -> StoreError:
    """Failures while connecting carry no code, only libpq's words."""
    if "password" in message or "authentication" in message or "pg_hba" in message or 'role "' in message:
        return _not_let_in(store)
    if 'database "' in message and "does not exist" in message:
        return StoreError(f"{store} does not exist", remedy="create the database, or check store.url")
    if "too many clients" in message or "connection slots" in message:
        return StoreLocked(f"{store} has no connection left", remedy="raise max_connections")
    if state:
        return StoreError(f"{store} failed with SQLSTATE {state}", remedy="please report this")
    return _down(store)


def _locked(store: str) -> StoreError:
    return StoreLocked(f"{store} is locked by another program", remedy="close what has it open, and start again")


def _full(store: str) -> StoreError:
    return StoreFull(f"there is no room left for {store}", remedy="free some disk space, and start again")


def _read_only(store: str) -> StoreError:
    return StoreReadOnly(f"{store} can't be written", remedy="make the file, its folder or the server writable")


def _corrupt(store: str) -> StoreError:
    return StoreCorrupt(
        f"{store} is damaged",
        remedy="restore it from a backup, or move it away and run a backfill: the stamps on both sides rebuild it",
    )


def _refused(store: str) -> StoreError:
    return StoreError(f"{store} refused a row that breaks one of its rules", remedy="please report this")


def _not_let_in(store: str) -> StoreError:
    return StoreError(f"{store} refuses the user or the password", remedy="check both in store.url")


def _down(store: str) -> StoreError:
    return StoreError(f"{store} can't be reached", remedy="start the PostgreSQL server, or check store.url")


def _write_protected(url: URL) -> bool:
    """May we not write there? SQLite then fails to open the log beside the file, or to make the file."""
    with suppress(OSError, ValueError):
        path = Path(url.database or "")
        wanted = [path, path.parent] if path.is_file() else [path.parent]
        return path.parent.is_dir() and not all(os.access(one, os.W_OK, effective_ids=True) for one in wanted)
    return False
