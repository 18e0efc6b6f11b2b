"""A new user's desk: both systems on loopback, a hand-written syncd.toml, and the console script.

`Office.run` is the console script in this process; `Office.start` is a process of its own. Whatever is run, its
output is searched for the tokens and for tracebacks.
"""

from __future__ import annotations

import contextlib
import dataclasses
import io
import os
import re
import subprocess
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any
from unittest.mock import patch

import msgspec
import structlog

from syncd.cli.app import main
from syncd.clock import SystemClock
from syncd.config.load import shipped_tables
from syncd.testing.sandbox import hubspot, propstreet
from syncd.testing.sandbox.serve import serve
from syncd.testing.sandbox.wire import Faulty, Request, Response

PROPSTREET_TOKEN = "pat_office_7f3a91"
HUBSPOT_TOKEN = "pat-eu1-office-51c2"
SALESFORCE_ID = "3MVG9.office"
SALESFORCE_SECRET = "office-8d20f4"
SCRIPT = Path(sys.executable).with_name("syncd")

CONFIG = """
[[connections]]
name = "nordic"
mapping = "{mapping}"

[connections.propstreet]
base_url = "{propstreet}"
token_env = "PROPSTREET_TOKEN"

[connections.crm]
adapter = "hubspot"
namespace = "hubspot"
base_url = "{hubspot}"
token_env = "HUBSPOT_TOKEN"
visibility_lag_s = 0
search_per_s = 1000
"""


@dataclasses.dataclass(frozen=True)
class Said:
    """What a command left behind."""

    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        return msgspec.json.decode(self.out)

    def refusal(self) -> tuple[str, str]:
        """The one message and its next step, where there is nothing else on standard error."""
        found = re.fullmatch(r"syncd: (.+)\n  → (.+)\n", self.err, re.DOTALL)
        assert found is not None, self.err
        message, remedy = found.groups()
        assert "\nsyncd:" not in message, self.err
        return message, remedy


@dataclasses.dataclass
class Office:
    folder: Path
    propstreet: propstreet.PropstreetTwin
    hubspot: hubspot.HubSpotTwin
    left: Faulty
    right: Faulty
    urls: Mapping[str, str]

    @property
    def config(self) -> Path:
        return self.folder / "syncd.toml"

    @property
    def store(self) -> Path:
        return self.folder / "syncd.db"

    def write(self, *, mapping: str = "hubspot", more: str = "", **urls: str) -> None:
        """syncd.toml; `more` is appended to it."""
        text = CONFIG.format(mapping=mapping, **{**self.urls, **urls})
        self.config.write_text(text + more, encoding="utf-8")

    def change(self, old: str, new: str) -> None:
        """A slip of the pen in syncd.toml."""
        text = self.config.read_text(encoding="utf-8")
        assert old in text
        self.config.write_text(text.replace(old, new, 1), encoding="utf-8")

    def write_table(self, *changes: tuple[str, str]) -> None:
        """A table of our own: the shipped one with these lines changed; syncd.toml points to it."""
        text = shipped_tables()["hubspot"].read_text(encoding="utf-8")
        for old, new in changes:
            assert old in text, old
            text = text.replace(old, new, 1)
        (self.folder / "table.toml").write_text(text, encoding="utf-8")
        self.write(mapping="table.toml")

    def environment(self, changes: Mapping[str, str | None]) -> dict[str, str]:
        wanted = {
            **os.environ,
            "PROPSTREET_TOKEN": PROPSTREET_TOKEN,
            "HUBSPOT_TOKEN": HUBSPOT_TOKEN,
            "SALESFORCE_CLIENT_ID": SALESFORCE_ID,
            "SALESFORCE_CLIENT_SECRET": SALESFORCE_SECRET,
            "SYNCD_CONFIG": str(self.config),
            **changes,
        }
        return {name: value for name, value in wanted.items() if value is not None}

    def run(self, *words: str, **environment: str | None) -> Said:
        """`syncd WORDS`, as the console script does it. A variable set to None is unset."""
        out, err = io.StringIO(), io.StringIO()
        code: Any = 0
        with (
            patch.dict(os.environ, self.environment(environment), clear=True),
            patch.object(sys, "argv", ["syncd", *words]),
            contextlib.redirect_stdout(out),
            contextlib.redirect_stderr(err),
        ):
            try:
                main()
            except SystemExit as end:
                code = end.code
            finally:
                structlog.reset_defaults()
        assert isinstance(code, int)
        return checked(Said(code, out.getvalue(), err.getvalue()))

    def start(self, *words: str, **environment: str | None) -> subprocess.Popen[str]:
        """The installed console script in a process of its own."""
        return subprocess.Popen(
            [SCRIPT, *words],
            env=self.environment(environment),
            cwd=self.folder,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )

    def ready(self, *words: str) -> None:
        """Set HubSpot up, and then run these commands, none of which may fail."""
        for command in ("setup --apply", *words):
            said = self.run(*command.split())
            assert said.code == 0, said

    def deal_of(self, project: str) -> str:
        deals = self.hubspot.person.live_deals()
        return next(id for id, shown in deals.items() if shown.get("propstreet_id") == project)

    def writes(self) -> int:
        """Writes that took effect in both systems, by their own journals."""
        return len(self.propstreet.journal) + len(self.hubspot.journal)


def finished(process: subprocess.Popen[str], *, within_s: float = 60) -> Said:
    out, err = process.communicate(timeout=within_s)
    return checked(Said(process.returncode, out, err))


def checked(said: Said) -> Said:
    """No secret and no traceback, whatever happens."""
    for text in (said.out, said.err):
        for secret in (PROPSTREET_TOKEN, HUBSPOT_TOKEN, SALESFORCE_SECRET):
            assert secret not in text
        assert "Traceback" not in text, text
    return said


class Line:
    """A served address behind which each test puts a system of its own; opening a port takes longer than a test."""

    name = "line"

    def __init__(self) -> None:
        self.behind: Faulty | None = None

    def __call__(self, request: Request) -> Response:
        assert self.behind is not None, "a call after the end of its test"
        return self.behind(request)


@dataclasses.dataclass(frozen=True)
class Lines:
    propstreet: Line
    hubspot: Line
    salesforce: Line
    urls: Mapping[str, str]


@contextlib.contextmanager
def lines() -> Iterator[Lines]:
    made = {name: Line() for name in ("propstreet", "hubspot", "salesforce")}
    with contextlib.ExitStack() as stack:
        urls = {name: stack.enter_context(serve(line, hang_s=0.2)).url for name, line in made.items()}
        yield Lines(**made, urls=urls)


def moved_in(lines: Lines, folder: Path) -> Office:
    """An office whose systems are new and let through as many calls as one likes."""
    clock = SystemClock()
    left = propstreet.PropstreetTwin(
        clock,
        propstreet.Switches(rate_limit=propstreet.RateLimit(pat_per_minute=600_000)),
        tokens=[PROPSTREET_TOKEN],
    )
    right = hubspot.HubSpotTwin(
        clock,
        hubspot.Switches(
            apps={HUBSPOT_TOKEN: hubspot.App()},
            rate_limit=hubspot.RateLimit(burst_max=100_000, search_max=1_000),
            search_lag=hubspot.Lag(typical_s=0.0),
        ),
    )
    lines.propstreet.behind, lines.hubspot.behind = Faulty(left), Faulty(right)
    office = Office(folder, left, right, lines.propstreet.behind, lines.hubspot.behind, lines.urls)
    office.write()
    return office
