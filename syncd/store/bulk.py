"""Many rows at a time, in the words of either database.

SQLAlchemy writes the statement, once; the rows go straight to the driver, which loops in C. A first load is a hundred
thousand records, and SQLAlchemy's own handling of each row would cost more than the database does.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from functools import cache, lru_cache
from itertools import islice
from operator import itemgetter
from typing import Any, TypeVar

from sqlalchemy import Connection, Delete, Insert, Table, Update, null, text
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.dialects.postgresql.psycopg import PGDialect_psycopg
from sqlalchemy.dialects.sqlite.pysqlite import SQLiteDialect_pysqlite

T = TypeVar("T")

Tx = Connection
"""An open transaction. A repository function takes it first and never ends it."""

CHUNK = 500
"""Values in one IN list. SQLite takes 32,766 variables in a statement; past a few hundred nothing is won."""


def insert(dialect: str, table: Table) -> sqlite.Insert | postgresql.Insert:
    """An INSERT that knows ON CONFLICT, which both databases spell alike. `dialect` is tx.dialect.name."""
    return sqlite.insert(table) if dialect == "sqlite" else postgresql.insert(table)


def each(tx: Tx, statement: Insert | Update | Delete, rows: Sequence[Mapping[str, Any]]) -> None:
    """Run the statement once per row. The rows have the same keys, and values that the driver takes as they are.

    Statements are told apart by identity: make each one once.
    """
    if rows:
        _run(tx, statement, rows, tuple(rows[0]))


def upsert(tx: Tx, table: Table, rows: Sequence[Mapping[str, Any]]) -> None:
    """Write these whole rows, over those with the same primary key."""
    if not rows:
        return
    # SQLite's driver takes longer over a None than over a value: what no row has is null in the statement itself.
    names = tuple(name for name in rows[0] if any(row[name] is not None for row in rows))
    _run(tx, _upsert(tx.dialect.name, table, names), rows, names)


def new_ids(tx: Tx, table: Table, count: int) -> list[int]:
    """Ids that no row of this table has or ever had, rising. They are used up even if no row gets them."""
    if tx.dialect.name == "sqlite":
        # The writer is alone, so that the last id given out stays the last; SQLite moves it with the insert.
        last: int = tx.scalar(_SQLITE_LAST, {"table": table.name}) or 0
        return list(range(last + 1, last + 1 + count))
    return sorted(tx.scalars(_POSTGRESQL_NEXT, {"table": table.name, "count": count}))


def chunks(values: Sequence[T], size: int = CHUNK) -> Iterator[list[T]]:
    """The values in order, at most `size` at a time."""
    source = iter(values)
    while chunk := list(islice(source, size)):
        yield chunk


_SQLITE_LAST = text("SELECT seq FROM sqlite_sequence WHERE name = :table")
_POSTGRESQL_NEXT = text("SELECT nextval(pg_get_serial_sequence(:table, 'id')) FROM generate_series(1, :count)")


@cache
def _upsert(dialect: str, table: Table, names: tuple[str, ...]) -> Insert:
    """Of rows that have values in these columns, and null in the others."""
    statement = insert(dialect, table)
    key = [column.name for column in table.primary_key]
    rest = [column.name for column in table.columns if column.name not in key]
    values = {name: statement.excluded[name] if name in names else null() for name in rest}
    return statement.on_conflict_do_update(index_elements=key, set_=values)


def _run(
    tx: Tx, statement: Insert | Update | Delete, rows: Sequence[Mapping[str, Any]], columns: tuple[str, ...]
) -> None:
    sql, names, fixed = _compiled(statement, tx.dialect.name, columns)
    full = [{**fixed, **row} for row in rows] if fixed else rows
    if names is None:
        tx.exec_driver_sql(sql, list(full))
    else:
        pick = itemgetter(*names)
        tx.exec_driver_sql(sql, [pick(row) if len(names) > 1 else (pick(row),) for row in full])


@lru_cache(maxsize=256)
def _compiled(
    statement: Insert | Update | Delete, dialect: str, columns: tuple[str, ...]
) -> tuple[str, list[str] | None, dict[str, Any]]:
    """The SQL, the parameters' order where they go by position, and those that the statement brings itself."""
    driver = SQLiteDialect_pysqlite() if dialect == "sqlite" else PGDialect_psycopg()  # type: ignore[no-untyped-call]
    compiled = statement.compile(dialect=driver, column_keys=columns)
    fixed = {name: value for name, value in compiled.params.items() if name not in columns}
    return str(compiled), compiled.positiontup, fixed
