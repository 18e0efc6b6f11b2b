"""Transactions: whole or not at all, seen from other threads, and after a kill."""

from __future__ import annotations

import os
import signal
import stat
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from syncd.core.model import Kind, Side
from syncd.core.remote import Remote
from syncd.errors import StoreError
from syncd.store import Store, Tx, mirror, open_store


class Crash(BaseException):
    """The process dies here."""


def put(tx: Tx, id: str) -> None:
    mirror.put(tx, "nordic", Side.CRM, Kind.PROJECT, [Remote(id=id)], now=1.0)


def ids(store: Store) -> list[str]:
    with store.read() as tx:
        return mirror.slice(tx, "nordic", Side.CRM, Kind.PROJECT, "", 100)


def test_an_exception_rolls_back(store: Store) -> None:
    def die(tx: Tx) -> None:
        put(tx, "1")
        raise Crash

    with pytest.raises(Crash), store.begin() as tx:
        die(tx)

    assert ids(store) == []


def test_dying_before_the_commit_leaves_nothing(store: Store) -> None:
    def die() -> None:
        raise Crash

    store.before_commit.append(die)
    with pytest.raises(Crash), store.begin() as tx:
        put(tx, "1")
    store.before_commit.clear()

    assert ids(store) == []
    assert not store.in_transaction


def test_dying_after_the_commit_leaves_everything(store: Store) -> None:
    """The hook runs outside the transaction, as the death of a process would come."""
    seen: list[bool] = []

    def die() -> None:
        seen.append(store.in_transaction)
        raise Crash

    store.after_commit.append(die)
    with pytest.raises(Crash), store.begin() as tx:
        put(tx, "1")
    store.after_commit.clear()

    assert ids(store) == ["1"]
    assert seen == [False]


def test_reading_commits_nothing(store: Store) -> None:
    store.after_commit.append(lambda: pytest.fail("a read was committed"))

    assert ids(store) == []


def test_a_thread_knows_whether_it_has_a_transaction_open(store: Store) -> None:
    """So that every adapter call in a test can check that none is."""
    elsewhere: list[bool] = []
    with store.begin():
        assert store.in_transaction
        thread = threading.Thread(target=lambda: elsewhere.append(store.in_transaction))
        thread.start()
        thread.join()
    with store.read():
        assert store.in_transaction

    assert elsewhere == [False]
    assert not store.in_transaction


def test_transactions_do_not_nest(store: Store) -> None:
    """On SQLite the inner one would wait for the outer for ever."""
    with store.begin(), pytest.raises(AssertionError), store.begin():
        pass


def test_a_reader_sees_the_last_commit_while_another_writes(store: Store) -> None:
    seen: list[list[str]] = []
    with store.begin() as tx:
        put(tx, "1")
    with store.begin() as tx:
        put(tx, "2")
        thread = threading.Thread(target=lambda: seen.append(ids(store)))
        thread.start()
        thread.join()

    assert seen == [["1"]]
    assert ids(store) == ["1", "2"]


def test_a_reader_sees_one_state_throughout(store: Store) -> None:
    """Otherwise a count and the rows that it counts need not agree."""

    def write() -> None:
        with store.begin() as tx:
            put(tx, "1")

    with store.read() as tx:
        before = mirror.count(tx, "nordic", Side.CRM, Kind.PROJECT)
        thread = threading.Thread(target=write)
        thread.start()
        thread.join()
        after = mirror.count(tx, "nordic", Side.CRM, Kind.PROJECT)

    assert (before, after) == (0, 0)
    assert ids(store) == ["1"]


def test_writers_wait_for_each_other(store: Store) -> None:
    def write(first: int) -> None:
        for number in range(first, first + 25):
            with store.begin() as tx:
                put(tx, f"{number:04}")

    threads = [threading.Thread(target=write, args=[first]) for first in (0, 100, 200, 300)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert len(ids(store)) == 100


def test_what_was_committed_is_there_the_next_time(store_url: str) -> None:
    store = open_store(store_url)
    with store.begin() as tx:
        put(tx, "1")
    store.close()

    again = open_store(store_url, migrate=False)
    assert ids(again) == ["1"]
    again.close()


_KILLED = """
import os, signal, sys
from syncd.core.model import Kind, Side
from syncd.core.remote import Remote
from syncd.store import mirror, open_store

store = open_store(sys.argv[1])
with store.begin() as tx:
    mirror.put(tx, "nordic", Side.CRM, Kind.PROJECT, [Remote(id="committed")], now=1.0)
with store.begin() as tx:
    mirror.put(tx, "nordic", Side.CRM, Kind.PROJECT, [Remote(id="open")], now=1.0)
    os.kill(os.getpid(), signal.SIGKILL)
"""


def test_kill_9_keeps_what_was_committed_and_nothing_else(store_url: str) -> None:
    killed = subprocess.run([sys.executable, "-c", _KILLED, store_url], check=False)

    assert killed.returncode == -signal.SIGKILL
    store = open_store(store_url, migrate=False)
    assert ids(store) == ["committed"]
    with store.begin() as tx:
        put(tx, "next")
    assert ids(store) == ["committed", "next"]
    store.close()


def test_a_store_in_memory_is_shared_by_threads() -> None:
    store = open_store("sqlite://")

    def write(first: int) -> None:
        for number in range(first, first + 10):
            with store.begin() as tx:
                put(tx, f"{number:04}")

    threads = [threading.Thread(target=write, args=[first]) for first in (0, 100)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert len(ids(store)) == 20
    store.close()


def test_sqlite_flushes_at_every_commit(tmp_path: Path) -> None:
    """A power cut must not take back that an op is being sent."""
    store = open_store(f"sqlite:///{tmp_path / 'syncd.db'}")
    with store.read() as tx:
        pragmas = [tx.exec_driver_sql(f"PRAGMA {name}").scalar() for name in ("journal_mode", "synchronous")]
    store.close()

    assert pragmas == ["wal", 2]


def test_only_its_owner_may_read_a_store(tmp_path: Path) -> None:
    """It holds what both systems know about people (promise 9); so do the files beside it."""
    umask = os.umask(0)
    try:
        store = open_store(f"sqlite:///{tmp_path / 'syncd.db'}")
        with store.begin() as tx:
            put(tx, "1")
        modes = {file.name: stat.S_IMODE(file.stat().st_mode) for file in tmp_path.iterdir()}
        store.close()
    finally:
        os.umask(umask)

    assert modes == dict.fromkeys(("syncd.db", "syncd.db-wal", "syncd.db-shm"), 0o600)


def test_a_refused_row_is_not_quoted(store: Store) -> None:
    """Databases quote the row that they refuse, and it holds people's data (promise 9)."""
    with pytest.raises(StoreError) as refused, store.begin() as tx:
        tx.exec_driver_sql("INSERT INTO runs (id, connection) VALUES ('secret', 'nordic')")

    shown = "".join(_chain(refused.value))
    assert "secret" not in shown


def _chain(error: BaseException | None) -> list[str]:
    return [] if error is None else [str(error), *_chain(error.__cause__)]
