"""Things outside of anybody's control on this machine: another process, and a store that can't be used."""

from __future__ import annotations

import sqlite3
import threading
from pathlib import Path

import pytest

from syncd.testing.sandbox.wire import Request

from .office import Office, finished

PASSES = ("plan", "backfill", "delta")


def test_a_second_process_on_the_same_connection(office: Office) -> None:
    """Exit 4 at once, while the first goes on undisturbed; looking is allowed meanwhile."""
    office.ready()
    reading, go_on = threading.Event(), threading.Event()

    def stall(request: Request) -> None:
        reading.set()
        go_on.wait(30)

    office.left.on_request = stall
    first = office.start("backfill")
    try:
        assert reading.wait(30)
        for command in PASSES:
            said = office.run(command)
            message, remedy = said.refusal()
            assert said.code == 4
            assert "connection nordic is being worked on by " in message
            assert "wait for it to finish" in remedy
        status = office.run("status")
        assert status.code == 0
        assert "is working on it now" in status.out
    finally:
        office.left.on_request = None
        go_on.set()

    assert finished(first).code == 0
    assert len(office.hubspot.person.live_deals()) == 5
    assert office.run("delta").code == 0


def test_a_pass_that_was_killed_does_not_block_the_next(office: Office) -> None:
    """The lease of a dead process is taken over without waiting for it to run out."""
    office.ready()
    reading, go_on = threading.Event(), threading.Event()

    def stall(request: Request) -> None:
        reading.set()
        go_on.wait(30)

    office.left.on_request = stall
    first = office.start("backfill")
    try:
        assert reading.wait(30)
        first.kill()
        first.communicate(timeout=30)
    finally:
        office.left.on_request = None
        go_on.set()

    assert office.run("backfill").code == 0


@pytest.mark.parametrize("command", [*PASSES, "status", "check"])
def test_a_store_made_by_a_newer_version(office: Office, command: str) -> None:
    office.ready("backfill")
    with sqlite3.connect(office.store) as database:
        database.execute("UPDATE syncd_version SET version_num = '9999'")
    database.close()
    before = office.writes()

    said = office.run(command)
    message, remedy = said.refusal()
    assert said.code == 2
    assert "was migrated by a newer syncd" in message
    assert "run that newer syncd" in remedy
    assert office.writes() == before


def test_db_upgrade_refuses_a_newer_store_too(office: Office) -> None:
    office.run("db", "upgrade")
    with sqlite3.connect(office.store) as database:
        database.execute("UPDATE syncd_version SET version_num = '9999'")
    database.close()

    said = office.run("db", "upgrade")
    assert said.code == 2
    assert "was migrated by a newer syncd" in said.refusal()[0]


@pytest.mark.parametrize("command", PASSES)
def test_a_store_that_may_not_be_written(office: Office, command: str) -> None:
    office.ready("backfill")
    office.write(more=f'[store]\nurl = "sqlite:///file:{office.store}?mode=ro&uri=true"\n')
    before = office.writes()

    said = office.run(command)
    message, remedy = said.refusal()
    assert said.code == 1
    assert "can't be written" in message
    assert "writable" in remedy
    assert office.writes() == before


def test_a_file_that_is_no_store(office: Office) -> None:
    office.store.write_text("dear diary, " * 1000)

    said = office.run("delta")
    assert said.code == 1
    assert "is not a database" in said.refusal()[0]
    assert office.store.read_text().startswith("dear diary")


def test_another_programs_database(office: Office) -> None:
    with sqlite3.connect(office.store) as database:
        database.execute("CREATE TABLE recipes (id INTEGER)")
    database.close()

    said = office.run("delta")
    assert said.code == 1
    assert "another program's database" in said.refusal()[0]


def test_the_store_is_for_its_owner_only(office: Office) -> None:
    office.run("db", "upgrade")

    assert Path(office.store).stat().st_mode & 0o077 == 0
