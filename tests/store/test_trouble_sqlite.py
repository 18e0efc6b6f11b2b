"""A SQLite store that can't be used says so in one sentence, says what to do, and loses nothing."""

from __future__ import annotations

import os
import shutil
import sqlite3
import tempfile
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import pytest

from syncd.errors import ConfigError, StoreCorrupt, StoreError, StoreFull, StoreLocked, StoreReadOnly
from syncd.store import open_store

from .trouble import ids, is_clear, write

NOBODY = 65534


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """A store in a file, with one record in it."""
    path = tmp_path / "syncd.db"
    store = open_store(f"sqlite:///{path}")
    write(store)
    store.close()
    return path


@pytest.fixture
def open_folder() -> Iterator[Path]:
    """A folder that every user may enter; pytest's own are closed to others."""
    folder = Path(tempfile.mkdtemp())
    folder.chmod(0o755)
    yield folder
    shutil.rmtree(folder)


@contextmanager
def unprivileged() -> Iterator[None]:
    """File permissions mean something, also where the tests run as root."""
    root = os.geteuid() == 0
    if root:
        os.seteuid(NOBODY)
    try:
        yield
    finally:
        if root:
            os.seteuid(0)


def test_a_locked_file(file: Path) -> None:
    store = open_store(f"sqlite:///{file}", busy_s=0.05)
    with closing(sqlite3.connect(file, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        with pytest.raises(StoreLocked) as locked:
            write(store, "2")
        assert ids(store) == ["1"], "reading goes on"
        other.execute("ROLLBACK")

    is_clear(locked.value, "locked", "syncd.db")
    write(store, "2")
    assert ids(store) == ["1", "2"]
    store.close()


def test_a_locked_new_file(tmp_path: Path) -> None:
    path = tmp_path / "new.db"
    with closing(sqlite3.connect(path, isolation_level=None)) as other:
        other.execute("BEGIN EXCLUSIVE")

        with pytest.raises(StoreLocked):
            open_store(f"sqlite:///{path}", busy_s=0.05)


def test_a_full_disk(file: Path) -> None:
    store = open_store(f"sqlite:///{file}")
    with store.read() as tx:
        pages = tx.exec_driver_sql("PRAGMA page_count").scalar()
        tx.exec_driver_sql(f"PRAGMA max_page_count = {pages}")
    with pytest.raises(StoreFull) as full:
        write(store, "2", size=1_000_000)

    is_clear(full.value, "no room", "syncd.db")
    assert ids(store) == ["1"]
    store.close()


def test_a_read_only_file(file: Path) -> None:
    store = open_store(f"sqlite:///file:{file}?mode=ro&uri=true")
    with pytest.raises(StoreReadOnly) as refused:
        write(store, "2")

    is_clear(refused.value, "can't be written")
    assert ids(store) == ["1"]
    store.close()


@pytest.mark.parametrize("exists", [True, False], ids=["file", "folder"])
def test_no_permission_to_write(open_folder: Path, exists: bool) -> None:
    """The file, or the folder that it should be made in, belongs to somebody else."""
    path = open_folder / "syncd.db"
    if exists:
        open_store(f"sqlite:///{path}").close()
        path.chmod(0o444)
    open_folder.chmod(0o555)

    with unprivileged(), pytest.raises(StoreReadOnly) as refused:
        write(open_store(f"sqlite:///{path}"))
    open_folder.chmod(0o755)
    is_clear(refused.value, "can't be written", "syncd.db")


def test_not_a_database(tmp_path: Path) -> None:
    path = tmp_path / "syncd.db"
    path.write_text("dear diary, " * 1000)
    before = path.read_bytes()

    with pytest.raises(StoreCorrupt) as refused:
        open_store(f"sqlite:///{path}")
    is_clear(refused.value, "is not a database")
    assert path.read_bytes() == before


def test_a_damaged_file(file: Path) -> None:
    pages = bytearray(file.read_bytes())
    pages[4096:] = b"\xff" * (len(pages) - 4096)
    file.write_bytes(pages)

    with pytest.raises(StoreCorrupt) as damaged:
        ids(open_store(f"sqlite:///{file}"))
    is_clear(damaged.value, "damaged")
    assert "backfill" in (damaged.value.remedy or "")


def test_another_program_s_database(tmp_path: Path) -> None:
    path = tmp_path / "browser.db"
    with closing(sqlite3.connect(path)) as other:
        other.execute("CREATE TABLE history (page TEXT)")

    with pytest.raises(StoreCorrupt) as refused:
        open_store(f"sqlite:///{path}")
    is_clear(refused.value, "another program's")
    with closing(sqlite3.connect(path)) as other:
        assert other.execute("SELECT name FROM sqlite_master").fetchall() == [("history",)]


def test_a_folder_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(StoreError) as refused:
        open_store(f"sqlite:///{tmp_path / 'nowhere' / 'syncd.db'}")

    is_clear(refused.value, "can't be opened", "nowhere")


def test_a_folder_instead_of_a_file(tmp_path: Path) -> None:
    with pytest.raises(StoreError) as refused:
        open_store(f"sqlite:///{tmp_path}")

    is_clear(refused.value, "can't be opened")


@pytest.mark.parametrize(
    "url", ["", "syncd.db", "sqlite", "mysql://localhost/syncd", "postgresql+asyncpg://host/db", "x:/y"]
)
def test_what_is_no_address(url: str) -> None:
    with pytest.raises(ConfigError) as refused:
        open_store(url)

    is_clear(refused.value, "store.url")
    assert "sqlite:///syncd.db" in (refused.value.remedy or "")
