"""A PostgreSQL store that can't be used says so in one sentence, says what to do, and shows no password."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest
from sqlalchemy import make_url
from sqlalchemy.exc import OperationalError

from syncd.errors import ConfigError, StoreError, StoreLocked, StoreReadOnly
from syncd.store import Store, open_store
from syncd.store.errors import translate
from tests.postgres import Databases

from .trouble import ids, is_clear, write


@pytest.fixture
def url(postgres: Databases) -> Iterator[str]:
    made = postgres.migrated()
    yield made
    postgres.drop(made)


@pytest.fixture
def server_store(url: str) -> Iterator[Store]:
    opened = open_store(url)
    yield opened
    opened.close()


def test_a_locked_table(server_store: Store, url: str) -> None:
    waiting = open_store(url, busy_s=0.05)
    write(server_store)
    with server_store.begin() as tx:
        tx.exec_driver_sql("LOCK TABLE records IN EXCLUSIVE MODE")
        with pytest.raises(StoreLocked) as locked:
            write(waiting, "2")

    is_clear(locked.value, "locked")
    assert ids(waiting) == ["1"]
    waiting.close()


def test_a_read_only_server(server_store: Store) -> None:
    with pytest.raises(StoreReadOnly) as refused:
        write(server_store, first="SET TRANSACTION READ ONLY")

    is_clear(refused.value, "can't be written")


def test_a_user_without_rights(server_store: Store, url: str) -> None:
    guest = f"{make_url(url).database}_guest"
    with server_store.begin() as tx:
        tx.exec_driver_sql(f"CREATE ROLE {guest}")
    with pytest.raises(StoreError) as refused:
        write(server_store, first=f"SET LOCAL ROLE {guest}")

    is_clear(refused.value, "does not let us")
    with server_store.begin() as tx:
        tx.exec_driver_sql(f"DROP ROLE {guest}")


def test_a_server_that_is_down(tmp_path: Path) -> None:
    with pytest.raises(StoreError) as refused:
        open_store(f"postgresql://syncd:hush@/syncd?host={tmp_path}")

    is_clear(refused.value, "can't be reached")
    assert "hush" not in f"{refused.value} {refused.value.remedy}"


def test_a_server_that_went_away(server_store: Store, url: str) -> None:
    """The pool notices, and the next transaction works."""
    with pytest.raises(StoreError) as gone:
        write(server_store, first="SELECT pg_terminate_backend(pg_backend_pid())")

    is_clear(gone.value, "can't be reached")
    write(server_store)
    assert ids(server_store) == ["1"]


def test_a_connection_that_died_in_the_pool(server_store: Store, url: str) -> None:
    """A restart of the server at night costs no pass."""
    write(server_store)
    other = open_store(url)
    with other.begin() as tx:
        tx.exec_driver_sql(
            "SELECT pg_terminate_backend(pid, 10000) FROM pg_stat_activity"
            " WHERE datname = current_database() AND pid <> pg_backend_pid()"
        )
    other.close()

    assert ids(server_store) == ["1"]


def test_a_user_that_the_server_does_not_know(url: str) -> None:
    stranger = make_url(url).set(username="nobody_at_all", password="hush").render_as_string(hide_password=False)

    with pytest.raises(StoreError) as refused:
        open_store(stranger)
    is_clear(refused.value, "refuses the user or the password")
    assert "hush" not in str(refused.value)


def test_a_database_that_the_server_does_not_have(postgres: Databases) -> None:
    url = postgres.empty()
    postgres.drop(url)

    with pytest.raises(StoreError) as refused:
        open_store(url)
    is_clear(refused.value, "does not exist")


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        ('FATAL:  password authentication failed for user "syncd"', "refuses the user or the password"),
        ("fe_sendauth: no password supplied", "refuses the user or the password"),
        ("FATAL:  sorry, too many clients already", "no connection left"),
        ("FATAL:  remaining connection slots are reserved", "no connection left"),
        ("could not translate host name", "can't be reached"),
        ("connection timeout expired", "can't be reached"),
    ],
)
def test_what_libpq_says_while_connecting(words: str, expected: str) -> None:
    """It gives no code then."""
    failed = OperationalError(None, None, psycopg.OperationalError(words))

    is_clear(translate(failed, make_url("postgresql://syncd:hush@db.example/syncd")), expected, "db.example")


def test_a_missing_driver(monkeypatch: pytest.MonkeyPatch) -> None:
    """Without the extra, psycopg is not there to import."""
    monkeypatch.setitem(sys.modules, "psycopg", None)

    with pytest.raises(ConfigError) as refused:
        open_store("postgresql://localhost/syncd")
    is_clear(refused.value, "driver is not installed")
    assert refused.value.remedy == "run: pip install 'syncd[postgres]'"
