"""The CRM itself, in one SQLite file: it stands for the vendor's server and SDK, and knows nothing of syncd.

It has what an adapter looks for in a CRM: ids, a stamp of the last change by the server's clock, a revision that
moves with every write, soft deletion, unique columns, and errors with a status.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import Any

OWN = ("id", "revision", "modified_ms", "deleted")
"""Columns that the CRM keeps itself."""

Row = dict[str, Any]
"""All columns of a record, its own among them."""


class CrmError(Exception):
    """The vendor's one exception."""

    def __init__(
        self, status: int, text: str, *, field: str = "", holder: int | None = None, wait_s: float = 0
    ) -> None:
        super().__init__(text)
        self.status = status
        self.field = field
        self.holder = holder  # who has the unique value, for 409
        self.wait_s = wait_s  # for 429


def found(path: Path, name: str, token: str) -> None:
    """Open a new account with an empty table of deals."""
    with closing(sqlite3.connect(path)) as db, db:
        db.execute("PRAGMA journal_mode = WAL")
        db.execute("CREATE TABLE account (name TEXT, token TEXT)")
        db.execute("INSERT INTO account VALUES (?, ?)", (name, token))
        db.execute(
            "CREATE TABLE deals (id INTEGER PRIMARY KEY AUTOINCREMENT, revision INTEGER NOT NULL, modified_ms INTEGER"
            " NOT NULL, deleted INTEGER NOT NULL, title TEXT, amount DECIMAL_TEXT, currency TEXT, exclusivity TEXT)"
        )


class Crm:
    """A session with the CRM. Every method is one request; raises CrmError, OSError."""

    def __init__(self, path: Path, token: str, now: Callable[[], float]) -> None:
        self._path = path
        self._token = token
        self._now = now

    def account(self) -> str:
        with self._open() as db:
            return str(db.execute("SELECT name FROM account").fetchone()[0])

    def columns(self, table: str) -> dict[str, str]:
        """Column → its type: TEXT, DECIMAL_TEXT, DATE_TEXT, INSTANT_TEXT or INTEGER."""
        with self._open() as db:
            return _columns(db, table)

    def add_column(self, table: str, name: str, type: str, *, unique: bool = False) -> None:
        with self._open() as db:
            db.execute(f'ALTER TABLE "{table}" ADD COLUMN "{name}" {type}')
            if unique:
                db.execute(f'CREATE UNIQUE INDEX "{table}_{name}" ON "{table}" ("{name}") WHERE deleted = 0')

    def search(self, table: str, since_ms: int, after: tuple[int, int], limit: int) -> tuple[list[Row], int]:
        """Changes since then, the deleted among them, by (modified_ms, id); and the server's time."""
        query = (
            f'SELECT * FROM "{table}" WHERE modified_ms >= ? AND (modified_ms, id) > (?, ?)'
            " ORDER BY modified_ms, id LIMIT ?"
        )
        with self._open() as db:
            return [dict(row) for row in db.execute(query, (since_ms, *after, limit))], self._ms()

    def get(self, table: str, column: str, values: Sequence[str]) -> list[Row]:
        """Every record with one of these values in this column, the deleted among them."""
        marks = ", ".join("?" * len(values))
        with self._open() as db:
            if column not in _columns(db, table):
                raise CrmError(422, "no such column", field=column)
            return [dict(row) for row in db.execute(f'SELECT * FROM "{table}" WHERE "{column}" IN ({marks})', values)]

    def insert(self, table: str, rows: Sequence[Row]) -> list[Row | CrmError]:
        """New records; a row that is refused does not stop the others."""
        with self._open() as db:
            return [self._insert(db, table, row) for row in rows]

    def patch(self, table: str, id: str, values: Row, revision: int | None = None) -> Row:
        """Write these columns, provided that the record is still at this revision."""
        with self._open() as db:
            row = _live(db, table, id, revision)
            _check(db, table, {**row, **values}, id=row["id"])
            return self._write(db, table, row["id"], {**values, "revision": row["revision"] + 1})

    def remove(self, table: str, id: str, revision: int | None = None) -> Row:
        """Into the recycle bin."""
        with self._open() as db:
            row = _live(db, table, id, revision)
            return self._write(db, table, row["id"], {"deleted": 1, "revision": row["revision"] + 1})

    def _insert(self, db: sqlite3.Connection, table: str, values: Row) -> Row | CrmError:
        try:
            _check(db, table, values, id=None)
        except CrmError as refused:
            return refused
        new = db.execute(f'INSERT INTO "{table}" (revision, modified_ms, deleted) VALUES (1, ?, 0)', (self._ms(),))
        assert new.lastrowid is not None
        return self._write(db, table, new.lastrowid, values)

    def _write(self, db: sqlite3.Connection, table: str, id: int, values: Row) -> Row:
        values = {**values, "modified_ms": self._ms()}
        sets = ", ".join(f'"{name}" = ?' for name in values)
        db.execute(f'UPDATE "{table}" SET {sets} WHERE id = ?', (*values.values(), id))
        return dict(db.execute(f'SELECT * FROM "{table}" WHERE id = ?', (id,)).fetchone())

    def _ms(self) -> int:
        return int(self._now() * 1000)

    @contextmanager
    def _open(self) -> Iterator[sqlite3.Connection]:
        """One transaction."""
        try:
            db = sqlite3.connect(f"{self._path.resolve().as_uri()}?mode=rw", uri=True, isolation_level="IMMEDIATE")
        except sqlite3.OperationalError as error:
            raise ConnectionRefusedError("there is no such file") from error
        try:
            with closing(db), db:
                db.row_factory = sqlite3.Row
                db.execute("PRAGMA synchronous = NORMAL")
                if db.execute("SELECT 1 FROM account WHERE token = ?", (self._token,)).fetchone() is None:
                    raise CrmError(401, "unknown token")
                yield db
        except sqlite3.OperationalError as error:
            raise CrmError(503, "busy, or not a CRM") from error


def _columns(db: sqlite3.Connection, table: str) -> dict[str, str]:
    types = {row["name"]: row["type"] for row in db.execute(f'PRAGMA table_info("{table}")')}
    if not types:
        raise CrmError(422, "no such table", field=table)
    return types


def _live(db: sqlite3.Connection, table: str, id: str, revision: int | None) -> Row:
    row = db.execute(f'SELECT * FROM "{table}" WHERE id = ? AND deleted = 0', (id,)).fetchone()
    if row is None:
        raise CrmError(404, "no such record")
    if revision is not None and row["revision"] != revision:
        raise CrmError(412, "it is at another revision")
    return dict(row)


def _check(db: sqlite3.Connection, table: str, values: Mapping[str, Any], *, id: int | None) -> None:
    """May a record look like this?"""
    types = _columns(db, table)
    if not values.get("title"):
        raise CrmError(422, "a title is required", field="title")
    for name, value in values.items():
        if name not in types:
            raise CrmError(422, "no such column", field=name)
        if types[name] == "DECIMAL_TEXT" and value is not None and not _is_number(value):
            raise CrmError(422, f"not a number: {value}", field=name)
        if value is None or name in OWN or not db.execute(*_unique_index(table, name)).fetchone():
            continue
        query = f'SELECT id FROM "{table}" WHERE "{name}" = ? AND deleted = 0 AND id IS NOT ?'
        holder = db.execute(query, (value, id)).fetchone()
        if holder is not None:
            raise CrmError(409, "taken", field=name, holder=holder["id"])


def _unique_index(table: str, name: str) -> tuple[str, tuple[str]]:
    return "SELECT 1 FROM sqlite_master WHERE type = 'index' AND name = ?", (f"{table}_{name}",)


def _is_number(value: object) -> bool:
    try:
        return Decimal(str(value)).is_finite()
    except InvalidOperation:
        return False
