"""The store: one database, opened, migrated, and asked for transactions.

- A write transaction is short, and none is open over a network call: `Store.in_transaction` is there to check it.
- Killing the process loses no committed transaction, and leaves none half done. On SQLite that holds for a power
  cut too: the log is flushed at every commit (synchronous=FULL), because an op is marked as sending before it is
  sent, and that mark must survive. A commit covers hundreds of rows, so the flush is lost in the noise.
- SQLite has one writer at a time. A write transaction takes its turn at the beginning (BEGIN IMMEDIATE), so that
  it never has to give up half way; readers see the last commit and wait for nobody (WAL).
"""

from __future__ import annotations

import copy
import os
import sqlite3
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext, suppress
from typing import Any

from sqlalchemy import URL, Connection, Engine, create_engine, event, func, inspect, make_url, select
from sqlalchemy.exc import ArgumentError, IntegrityError, SQLAlchemyError
from sqlalchemy.pool import StaticPool

from syncd.errors import ConfigError, StoreCorrupt, StoreError, StoreTooNew

from .bulk import Tx
from .errors import named, translate
from .schema import HEAD, VERSION_TABLE

BUSY_S = 10.0
"""How long a transaction waits for another's lock before StoreLocked. Ours last milliseconds."""

POOL_MAX = 16
"""Connections at once. Above the threads of one process, which rate limits keep in single digits per side."""

_WRITE: dict[str, Any] = {"syncd_writes": True}
_READ: dict[str, Any] = {"syncd_writes": False}
# SQLite reads one snapshot by nature; PostgreSQL only when asked.
_READ_POSTGRESQL: dict[str, Any] = {"isolation_level": "REPEATABLE READ", "postgresql_readonly": True}


def open_store(url: str, *, migrate: bool = True, durable: bool = True, busy_s: float = BUSY_S) -> Store:
    """Connect, and bring the tables up to date; with `migrate` False an older store is refused instead.

    `sqlite:///syncd.db`, `sqlite://` (in memory), or `postgresql://user:password@host/database`. Raises
    ConfigError for what is no such URL, StoreError for a database that can't be used. Without `durable` a power
    cut may take the last commits with it; a kill does not.
    """
    store = connect(url, durable=durable, busy_s=busy_s)
    try:
        store.ready(migrate=migrate)
    except BaseException:
        store.close()
        raise
    return store


def connect(url: str, *, durable: bool = True, busy_s: float = BUSY_S) -> Store:
    """A store whose tables are left as they are, for whoever wants to look at its version or upgrade it."""
    return Store(_engine(_place(url), durable=durable, busy_s=busy_s))


class Store:
    """Thread-safe; one per process."""

    def __init__(self, engine: Engine) -> None:
        self.before_commit: list[Callable[[], None]] = []  # what these raise rolls the transaction back
        self.after_commit: list[Callable[[], None]] = []
        self._fence: Callable[[Tx], None] | None = None
        self._engine = engine
        self._mine = threading.local()
        # All threads share the one connection that a database in memory lives in, so they take turns.
        self._turn = threading.RLock() if isinstance(engine.pool, StaticPool) else nullcontext()

    @property
    def url(self) -> URL:
        return self._engine.url

    @property
    def in_transaction(self) -> bool:
        """Does this thread have a transaction open?"""
        return getattr(self._mine, "open", False)

    def fenced(self, check: Callable[[Tx], None]) -> Store:
        """This store, but every write transaction begins with a check; what that raises keeps it from happening."""
        fenced = copy.copy(self)
        fenced._fence = check
        return fenced

    @contextmanager
    def begin(self) -> Iterator[Tx]:
        """A write transaction: committed at the end, rolled back by an exception. They do not nest."""
        with self._connected(_WRITE) as connection, connection.begin():
            if self._fence is not None:
                self._fence(connection)
            yield connection
            for hook in self.before_commit:
                hook()
        for hook in self.after_commit:
            hook()

    @contextmanager
    def read(self) -> Iterator[Tx]:
        """A transaction that sees one state of the store and writes nothing."""
        options = _READ if self.url.get_backend_name() == "sqlite" else _READ_POSTGRESQL
        with self._connected(options) as connection, connection.begin() as transaction:
            yield connection
            transaction.rollback()

    def ready(self, *, migrate: bool) -> None:
        """Check that the tables are those that this program knows, migrating them if need be and allowed."""
        version = self.version()
        if version == HEAD:
            return
        if migrate:
            self.upgrade()
            return
        self._refuse_newer(version)
        raise StoreError(f"{named(self.url)} is not up to date", remedy="run: syncd db upgrade")

    def version(self) -> str | None:
        """The migration that the tables are at; None for an empty database."""
        with self.read() as tx:
            return _version(tx)

    def upgrade(self) -> list[str]:
        """Migrate to the newest version: all of it, or nothing. Returns the revisions applied, oldest first."""
        self._refuse_newer(self.version())
        from . import migrate  # Alembic is slow to import and rarely needed.

        with self.begin() as tx:
            if tx.dialect.name == "postgresql":
                tx.execute(select(func.pg_advisory_xact_lock(func.hashtext("syncd migration"))))
            return migrate.upgrade(tx)

    def close(self) -> None:
        """Give back all connections. SQLite then folds its log into the file."""
        with suppress(SQLAlchemyError, sqlite3.Error):
            self._engine.dispose()

    def _refuse_newer(self, version: str | None) -> None:
        from . import migrate

        if version is None or version in migrate.known():
            return
        raise StoreTooNew(
            f"{named(self.url)} was migrated by a newer syncd, to {version}; this one knows it up to {HEAD}",
            remedy="run that newer syncd, or restore the backup from before it",
        )

    @contextmanager
    def _connected(self, options: dict[str, Any]) -> Iterator[Connection]:
        assert not self.in_transaction, "a transaction is open already in this thread"
        with self._turn:
            self._mine.open = True
            try:
                with self._engine.connect().execution_options(**options) as connection:
                    yield connection
            except (SQLAlchemyError, sqlite3.Error) as exc:
                # What a database says of a refused row may quote the row.
                raise translate(exc, self.url) from None if isinstance(exc, IntegrityError) else exc
            finally:
                self._mine.open = False


def _version(tx: Tx) -> str | None:
    tables = inspect(tx)
    if not tables.has_table(VERSION_TABLE):
        if tx.dialect.name == "sqlite" and tables.get_table_names():
            raise StoreCorrupt(
                f"{named(tx.engine.url)} is another program's database",
                remedy="give store.url a file of its own",
            )
        return None
    return tx.exec_driver_sql(f"SELECT version_num FROM {VERSION_TABLE}").scalar()


def _place(url: str) -> URL:
    """The parsed address, with the driver that we use."""
    remedy = "write it as sqlite:///syncd.db or postgresql://user:password@host/database"
    try:
        place = make_url(url)
    except (ArgumentError, ValueError):
        raise ConfigError("store.url is not a database address", remedy=remedy) from None
    match place.drivername:
        case "sqlite" | "sqlite+pysqlite":
            return place.set(drivername="sqlite+pysqlite")
        case "postgresql" | "postgres" | "postgresql+psycopg":
            return place.set(drivername="postgresql+psycopg")
        case other:
            raise ConfigError(f"store.url names {other}, which syncd can't use", remedy=remedy)


def _engine(place: URL, *, durable: bool, busy_s: float) -> Engine:
    if place.get_backend_name() == "sqlite":
        return _sqlite(place, durable=durable, busy_s=busy_s)
    return _postgresql(place, durable=durable, busy_s=busy_s)


def _sqlite(place: URL, *, durable: bool, busy_s: float) -> Engine:
    in_memory = place.database in (None, "", ":memory:")
    pool: dict[str, Any] = {"poolclass": StaticPool} if in_memory else _pool(busy_s)
    if not in_memory:
        _create_private(place)
    engine = create_engine(
        place, connect_args={"check_same_thread": False, "timeout": busy_s}, hide_parameters=True, **pool
    )

    @event.listens_for(engine, "connect")
    def prepare(connection: sqlite3.Connection, _record: object) -> None:
        connection.isolation_level = None  # the driver leaves BEGIN to us
        _log_ahead(connection)
        connection.execute(f"PRAGMA synchronous = {'FULL' if durable else 'OFF'}")

    @event.listens_for(engine, "begin")
    def begin(connection: Connection) -> None:
        writes = connection.get_execution_options()["syncd_writes"]
        connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")

    return engine


def _log_ahead(connection: sqlite3.Connection) -> None:
    """Set WAL mode. SQLite does not wait when others do the same to a new file: take a turn as writer, and retry."""
    for _ in range(POOL_MAX):
        try:
            connection.execute("PRAGMA journal_mode = WAL")
            return
        except sqlite3.OperationalError as exc:
            if exc.sqlite_errorcode != sqlite3.SQLITE_BUSY:
                raise
        connection.execute("BEGIN IMMEDIATE")
        connection.execute("ROLLBACK")


def _postgresql(place: URL, *, durable: bool, busy_s: float) -> Engine:
    settings = {"lock_timeout": str(int(busy_s * 1000))} | ({} if durable else {"synchronous_commit": "off"})
    asked = {
        "application_name": "syncd",
        "connect_timeout": str(max(2, int(busy_s))),
        "options": " ".join(f"-c {name}={value}" for name, value in settings.items()),
    }
    try:
        return create_engine(
            place.update_query_dict({name: value for name, value in asked.items() if name not in place.query}),
            pool_pre_ping=True,
            hide_parameters=True,
            **_pool(busy_s),
        )
    except ModuleNotFoundError as exc:
        raise ConfigError(
            "store.url names PostgreSQL, and its driver is not installed",
            remedy="run: pip install 'syncd[postgres]'",
        ) from exc


def _pool(busy_s: float) -> dict[str, Any]:
    return {"pool_size": POOL_MAX, "max_overflow": 0, "pool_timeout": busy_s}


def _create_private(place: URL) -> None:
    """The store holds what both systems know about people: only its owner may read it."""
    if place.query.get("uri"):
        return
    with suppress(OSError):  # there already, or SQLite will say what is wrong
        os.close(os.open(place.database or "", os.O_CREAT | os.O_EXCL | os.O_RDWR, 0o600))
