"""Migrations build exactly the tables that the program knows, in one step or none, and never go back."""

from __future__ import annotations

import threading
from collections.abc import Iterator

import pytest
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from sqlalchemy import inspect

from syncd.errors import StoreError, StoreTooNew
from syncd.store import Store, connect, migrate, open_store
from syncd.store.schema import HEAD, VERSION_TABLE, metadata


@pytest.fixture
def bare(empty_url: str) -> Iterator[Store]:
    """A store that is open and has no tables."""
    store = connect(empty_url)
    yield store
    store.close()


def test_the_program_is_at_the_newest_migration() -> None:
    assert migrate.known()[0] == HEAD


def test_an_empty_database_is_migrated_on_opening(empty_url: str) -> None:
    store = open_store(empty_url)

    assert store.version() == HEAD
    store.close()


def test_migrating_says_what_it_applied(bare: Store) -> None:
    assert bare.version() is None
    assert bare.upgrade() == migrate.known()[::-1]
    assert bare.upgrade() == []


def test_the_migrations_build_the_tables_that_the_program_knows(bare: Store) -> None:
    bare.upgrade()

    with bare.read() as tx:
        context = MigrationContext.configure(tx, opts={"version_table": VERSION_TABLE, "compare_type": True})
        assert compare_metadata(context, metadata) == []
        found = inspect(tx)
        for table in metadata.tables.values():
            assert found.get_pk_constraint(table.name)["constrained_columns"] == [
                column.name for column in table.primary_key
            ]


def test_partial_indexes_are_partial(bare: Store) -> None:
    """Alembic does not compare what they leave out."""
    bare.upgrade()

    with bare.read() as tx:
        found = inspect(tx)
        for table in metadata.tables.values():
            actual = {index["name"]: dict(index.get("dialect_options", {})) for index in found.get_indexes(table.name)}
            for index in table.indexes:
                option = f"{tx.dialect.name}_where"
                assert (option in actual[index.name]) == (index.dialect_options[tx.dialect.name]["where"] is not None)


def test_an_old_store_is_not_touched_without_leave(empty_url: str) -> None:
    with pytest.raises(StoreError) as refused:
        open_store(empty_url, migrate=False)

    assert refused.value.remedy == "run: syncd db upgrade"


def test_a_store_of_a_newer_program_is_refused_and_left_alone(store: Store, store_url: str) -> None:
    with store.begin() as tx:
        tx.exec_driver_sql(f"UPDATE {VERSION_TABLE} SET version_num = '9999'")

    for attempt in (lambda: open_store(store_url), lambda: open_store(store_url, migrate=False), store.upgrade):
        with pytest.raises(StoreTooNew, match=f"to 9999; this one knows it up to {HEAD}") as refused:
            attempt()
        assert refused.value.exit_code == 2
    assert store.version() == "9999"


def test_a_migration_that_fails_leaves_nothing(bare: Store) -> None:
    def die() -> None:
        raise KeyboardInterrupt

    bare.before_commit.append(die)
    with pytest.raises(KeyboardInterrupt):
        bare.upgrade()
    bare.before_commit.clear()

    assert bare.version() is None
    with bare.read() as tx:
        assert inspect(tx).get_table_names() == []
    assert bare.upgrade() != []


def test_two_processes_that_start_at_once_migrate_once(empty_url: str) -> None:
    start = threading.Barrier(3)
    applied: list[list[str]] = []

    def work() -> None:
        store = connect(empty_url)
        start.wait()
        applied.append(store.upgrade())
        store.close()

    threads = [threading.Thread(target=work) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert sorted(applied) == [[], [], migrate.known()[::-1]]
