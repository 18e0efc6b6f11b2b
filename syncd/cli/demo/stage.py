"""Where the demo plays: both twins on loopback, a folder with a configuration, and a way to type commands.

The commands are the ones that people type, run by the same code; only the process is the demo's own. The twins let
more calls through than the real systems do, so that nobody has to wait.
"""

from __future__ import annotations

import contextlib
import dataclasses
import io
import os
import random
import tempfile
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from textwrap import dedent
from typing import Any

import msgspec

from syncd.cli.app import app
from syncd.clock import Clock, SystemClock
from syncd.config.load import read_toml, shipped_tables
from syncd.core.model import Fields, Kind, Side
from syncd.errors import ConfigError
from syncd.mapping import Mapper, load_tables
from syncd.testing.sandbox import propstreet
from syncd.testing.sandbox.propstreet.twin import TOKEN
from syncd.testing.sandbox.serve import Served, serve
from syncd.testing.sandbox.wire import Faulty

from .crm import Crm
from .hubspot import HubSpot
from .salesforce import Salesforce

CRMS: Mapping[str, Callable[[Clock], Crm]] = {"hubspot": HubSpot, "salesforce": Salesforce}

# The shipped tables never create projects and never delete; the demo lets both travel both ways.
OWN_RULES = {'create = "to_crm"': 'create = "both"', "on_delete = {": 'on_delete = "archive"\n# on_delete = {'}
SILENCE_S = 0.3  # how long a lost answer keeps its client waiting before the line goes dead


@dataclasses.dataclass(frozen=True)
class Stage:
    """Both systems as their users see them, and syncd's command line."""

    propstreet: propstreet.PropstreetTwin
    crm: Crm
    lines: Mapping[Side, Faulty]
    mapper: Mapper

    def typed(self, *words: str) -> int:
        """Show a command, run it, and give its exit code."""
        print(f"  $ syncd {' '.join(words)}")
        said = io.StringIO()
        with contextlib.redirect_stdout(said):
            code: int = app(list(words), standalone_mode=False)
        for line in said.getvalue().splitlines():
            print(f"    {line}".rstrip())
        return code

    def asked(self, *words: str) -> Any:
        """The JSON that a command prints, without showing it."""
        said = io.StringIO()
        with contextlib.redirect_stdout(said):
            app([*words, "--json"], standalone_mode=False)
        return msgspec.json.decode(said.getvalue())

    def project(self, id: str) -> Fields:
        """The mapped fields of a project, as Propstreet has them now."""
        return self.mapper.read(Side.PROPSTREET, self.propstreet.project(id)).fields

    def copy(self, id: str) -> Fields:
        """The same of a record of the CRM."""
        return self.mapper.read(Side.CRM, self.crm.record(id)).fields

    def copy_of(self, project: str) -> str:
        """The live record that carries this project's stamp; "" when there is none."""
        return next((id for id, shown in self.crm.live().items() if self.crm.project_of(shown) == project), "")

    def project_of(self, copy: str) -> str:
        return self.crm.project_of(self.crm.record(copy))

    def named(self, name: str) -> tuple[int, int]:
        """How many live records of each system are called that."""
        projects = [project for project in self.propstreet.live_projects() if project["name"] == name]
        copies = [shown for shown in self.crm.live().values() if self.crm.name_of(shown) == name]
        return len(projects), len(copies)

    def alive(self, project: str, copy: str) -> tuple[str, str]:
        """How both records stand."""
        return str(self.propstreet.project(project)["status"]), "live" if copy in self.crm.live() else "deleted"

    def lacking(self) -> set[str]:
        """Fields of the mapping that the CRM does not have."""
        return set(self.mapper.crm_fields) - self.crm.fields()

    def writes(self) -> int:
        """Writes that took effect so far, by the systems' own journals."""
        return len(self.propstreet.journal) + len(self.crm.journal())

    def calls_in_all(self) -> int:
        """Requests that arrived so far, in both systems."""
        return sum(len(line.requests) for line in self.lines.values())


@contextlib.contextmanager
def staged(name: str, projects: int) -> Iterator[Stage]:
    """Open for as long as the block lasts; nothing is left behind. Raises ConfigError for a CRM that has no twin."""
    if name not in CRMS:
        raise ConfigError(f"there is no demo of {name}", remedy=f"use one of: {', '.join(CRMS)}")
    clock = SystemClock()
    left, crm = _propstreet(clock), CRMS[name](clock)
    left.seed_projects(projects, random.Random(7))
    lines = {Side.PROPSTREET: Faulty(left), Side.CRM: Faulty(crm.twin)}
    with contextlib.ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="syncd-demo-")))
        served = {side: stack.enter_context(serve(line, hang_s=SILENCE_S)) for side, line in lines.items()}
        config = _written(folder, served, crm)
        secrets = {"PROPSTREET_TOKEN": TOKEN, **crm.secrets}
        stack.enter_context(_environment({"SYNCD_CONFIG": str(config), **secrets}))
        table = folder / "table.toml"
        mapper = load_tables(read_toml(table), str(table))[Kind.PROJECT]
        yield Stage(left, crm, lines, mapper)


def _propstreet(clock: SystemClock) -> propstreet.PropstreetTwin:
    return propstreet.PropstreetTwin(
        clock, propstreet.Switches(rate_limit=propstreet.RateLimit(pat_per_minute=600_000))
    )


def _written(folder: Path, served: Mapping[Side, Served], crm: Crm) -> Path:
    """syncd.toml and the mapping table beside it."""
    table = shipped_tables()[crm.name].read_text(encoding="utf-8")
    for old, new in {**OWN_RULES, **crm.rules}.items():
        assert f"\n{old}" in table, f"the shipped table has no line {old} …"
        table = table.replace(f"\n{old}", f"\n{new}", 1)
    (folder / "table.toml").write_text(table, encoding="utf-8")
    head = dedent(f"""
        [[connections]]
        name = "demo"
        mapping = "table.toml"

        [connections.propstreet]
        base_url = "{served[Side.PROPSTREET].url}"
        token_env = "PROPSTREET_TOKEN"
        overlap_s = 0           # nothing becomes visible late here, so nothing has to be read twice

        [connections.crm]
    """)
    config = folder / "syncd.toml"
    config.write_text(f"{head.strip()}\n{crm.table(served[Side.CRM].url)}\n", encoding="utf-8")
    return config


@contextlib.contextmanager
def _environment(variables: Mapping[str, str]) -> Iterator[None]:
    """What a user would export, and afterwards as it was."""
    before = {name: os.environ.get(name) for name in variables}
    os.environ.update(variables)
    try:
        yield
    finally:
        for name, value in before.items():
            if value is None:
                del os.environ[name]
            else:
                os.environ[name] = value
