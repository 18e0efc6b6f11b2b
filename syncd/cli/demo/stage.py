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
import re
import tempfile
import textwrap
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import msgspec

from syncd.cli.app import app
from syncd.cli.newcomers import Newcomers, seed_investors
from syncd.clock import Clock, SystemClock
from syncd.config.load import read_toml
from syncd.core.model import Fields, Kind, Side
from syncd.errors import ConfigError
from syncd.mapping import Mapper, load_tables
from syncd.testing.sandbox import propstreet
from syncd.testing.sandbox.propstreet.twin import TOKEN
from syncd.testing.sandbox.serve import serve
from syncd.testing.sandbox.wire import Faulty

from .config import written
from .crm import Crm
from .hubspot import HubSpot
from .salesforce import Salesforce

CRMS: Mapping[str, Callable[[Clock], Crm]] = {"hubspot": HubSpot, "salesforce": Salesforce}

INVESTED = 3  # projects with investors
LINE_MAX = 104  # of what a command says
SHARED = "info@norrviken.example"
SILENCE_S = 0.3  # how long a lost answer keeps its client waiting before the line goes dead


@dataclasses.dataclass(frozen=True)
class Stage:
    """Both systems as their users see them, and syncd's command line."""

    propstreet: propstreet.PropstreetTwin
    crm: Crm
    lines: Mapping[Side, Faulty]
    mappers: Mapping[Kind, Mapper]
    cast: Newcomers
    investing: Sequence[str]  # the projects that have investors from the beginning
    desk: str  # the contact of one of them, whose address is a shared mailbox's

    @property
    def mapper(self) -> Mapper:
        """Of projects."""
        return self.mappers[Kind.PROJECT]

    def typed(self, *words: str) -> int:
        """Show a command, run it, and give its exit code."""
        print(f"  $ syncd {' '.join(words)}")
        said = io.StringIO()
        with contextlib.redirect_stdout(said):
            code: int = app(list(words), standalone_mode=False)
        for line in said.getvalue().splitlines():
            print(*(f"    {part}".rstrip() for part in _folded(line)), sep="\n")
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
        return next((id for id, shown in self.crm.live().items() if self.crm.stamp_of(shown) == project), "")

    def project_of(self, copy: str) -> str:
        return self.crm.stamp_of(self.crm.record(copy))

    def named(self, name: str) -> tuple[int, int]:
        """How many live records of each system are called that."""
        projects = [project for project in self.propstreet.live_projects() if project["name"] == name]
        copies = [shown for shown in self.crm.live().values() if self.crm.name_of(shown) == name]
        return len(projects), len(copies)

    def plain_project(self, number: int) -> str:
        """One of the first open projects that has a price in kronor, and no range that a new price could leave."""
        found = [
            project["id"]
            for project in self.propstreet.live_projects()
            if project["status"] == "open"
            and (project.get("price") or {}).get("currency") == "SEK"
            and project.get("priceRange") is None
        ]
        id: str = found[number]
        return id

    def label(self, classification: str) -> str:
        """What the CRM says of an investor who is so far."""
        wire = self.mappers[Kind.PROSPECT].write(Side.CRM, {"classification": classification}, current=None).wire
        (label,) = wire.values()
        return str(label)

    def contact_of(self, contact: str) -> str:
        """The live contact of the CRM that carries this one's stamp; "" when there is none."""
        return next((id for id, shown in self.crm.contacts().items() if self.crm.stamp_of(shown) == contact), "")

    def listed(self, project: str) -> dict[str, str]:
        """The investors that Propstreet has in a project, but for matched ones who have not accepted: how far each is,
        by contact."""
        mapper = self.mappers[Kind.PROSPECT]
        shown = [one for one in self.propstreet.live_prospects(project) if mapper.enters(one) is None]
        return {one.get("contactId") or one["id"]: self._stage(Side.PROPSTREET, one) for one in shown}

    def placed(self, project: str) -> dict[str, str]:
        """The same of the project's counterpart in the CRM, by the contact's id in Propstreet where it carries one."""
        mapper, contacts = self.mappers[Kind.PROSPECT], self.crm.contacts()
        people = self.crm.people_on(self.copy_of(project))
        return {
            self.crm.stamp_of(contacts[id]) or id: self._stage(Side.CRM, raw)
            for id, raw in people.items()
            if mapper.in_scope(raw)
        }

    def name(self, contact: str) -> str:
        """Of somebody in Propstreet."""
        shown = self.propstreet.contact(contact)
        return f"{shown['firstName']} {shown['lastName']}"

    def _stage(self, side: Side, raw: Mapping[str, Any]) -> str:
        return str(self.mappers[Kind.PROSPECT].read(side, dict(raw)).fields.get("classification"))

    def alive(self, project: str, copy: str) -> tuple[str, str]:
        """How both records stand."""
        return str(self.propstreet.project(project)["status"]), "live" if copy in self.crm.live() else "deleted"

    def lacking(self) -> set[str]:
        """Fields of the mapping that the CRM does not have."""
        return set(self.mapper.crm_fields) - self.crm.fields()

    def writes(self) -> int:
        """Writes that took effect so far, by the systems' own journals."""
        return len(self.propstreet.journal) + len(self.crm.journal())

    def sets_read(self) -> int:
        """Requests so far that asked Propstreet who is in a project."""
        sets = re.compile(r"/projects/[^/]+/prospects(\?|$)")
        return sum(method == "GET" and bool(sets.search(path)) for method, path in self.lines[Side.PROPSTREET].requests)

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
    rng = random.Random(7)
    investing = _communicated(left, left.seed_projects(projects, rng))
    cast = seed_investors(left, investing, lambda who: crm.add_contact(who.first, who.last, who.email), rng)
    desk = left.add_contact(firstName="Ylva", lastName="Sandberg", email=SHARED)
    crm.add_contact("Ylva", "Sandberg", SHARED)
    left.add_prospect(investing[0], contact=desk)
    lines = {Side.PROPSTREET: Faulty(left), Side.CRM: Faulty(crm.twin)}
    with contextlib.ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="syncd-demo-")))
        served = {side: stack.enter_context(serve(line, hang_s=SILENCE_S)) for side, line in lines.items()}
        config = written(folder, served, crm)
        secrets = {"PROPSTREET_TOKEN": TOKEN, **crm.secrets}
        stack.enter_context(_environment({"SYNCD_CONFIG": str(config), **secrets}))
        table = folder / "table.toml"
        yield Stage(left, crm, lines, load_tables(read_toml(table), str(table)), cast, investing, desk)


def _folded(line: str) -> list[str]:
    """On as many lines as a narrow terminal needs, all of them as far in as the first."""
    if len(line) <= LINE_MAX:
        return [line]
    inset = " " * (len(line) - len(line.lstrip()) + 2)
    return textwrap.wrap(line, LINE_MAX, subsequent_indent=inset, drop_whitespace=True, break_on_hyphens=False)


def _communicated(twin: propstreet.PropstreetTwin, ids: Sequence[str]) -> list[str]:
    """Some open projects, whose teasers are out with investors from now on."""
    chosen = [id for id in ids if twin.project(id)["status"] == "open"][-INVESTED:]
    for id in chosen:
        twin.edit_project(id, teaser="communicated")
    return chosen


def _propstreet(clock: SystemClock) -> propstreet.PropstreetTwin:
    return propstreet.PropstreetTwin(
        clock, propstreet.Switches(rate_limit=propstreet.RateLimit(pat_per_minute=600_000))
    )


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
