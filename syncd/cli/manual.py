"""What a newcomer has to type to play with the sandboxes, in the order in which one needs it."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from textwrap import dedent
from typing import Any

import msgspec

from syncd.clock import Clock
from syncd.testing.sandbox.propstreet.twin import TOKEN
from syncd.testing.sandbox.serve import Served
from syncd.testing.sandbox.wire import Twin

from .newcomers import Newcomers, Person

# A real personal token gives 60 calls a minute, and a first load of 25 projects would take half of it. This is what a
# real OAuth client has.
PROPSTREET_PER_MINUTE = 600


class Move(msgspec.Struct, frozen=True):
    """What can be sent to a side door."""

    door: str
    body: str


class Crm(msgspec.Struct, frozen=True):
    """What the manual says of a CRM, and how its twin is made."""

    title: str
    limits: str  # what is in it, and how much it lets through
    twin: Callable[[Clock], Twin]
    exports: Mapping[str, str]
    table: tuple[str, ...]  # lines of [connections.crm] that are not the same for all
    add_contact: Callable[[Any, Person], str]  # a broker adds somebody; the id
    edit: Move  # a broker changes the record that is made first
    put_on: Move  # a broker makes a contact an investor there; @CONTACT@ is who
    currency: str | None = None  # the only one that the projects may be in


def manual(crm: Crm, left: Served, right: Served, ids: Sequence[str], cast: Newcomers | None) -> str:
    """What to copy, in the order in which one needs it."""
    first, second = [*ids, "ID", "ID"][:2]
    text = f"""
        Two sandboxes are open. Nothing in them is real, and nothing leaves this machine.

          Propstreet  {left.url}  {_holds(ids, cast)}
          {crm.title:<10}  {right.url}  {crm.limits}

        1. In another terminal, in an empty folder, paste this. It writes syncd.toml:

        cat > syncd.toml <<'END'
        @CONFIG@
        END
        @EXPORTS@

        2. Then, one after the other:

        syncd check
        syncd setup --apply
        syncd plan
        syncd backfill
        syncd status

        3. Play a broker, and run `syncd delta` after each move:

        curl -d '{{"id": "{first}", "name": "Renamed in Propstreet"}}' {left.door_url}/edit_project
        curl -d '{crm.edit.body}' {right.door_url}/{crm.edit.door}
        @INVESTORS@
        curl -d '{{"id": "{second}"}}' {left.door_url}/delete_project
        curl {right.door_url}/journal

        The last one shows what syncd has written to {crm.title}. Those that go to {crm.title} need the backfill.
        All that a broker can do: curl {left.door_url}/ and curl {right.door_url}/

        Ctrl-C closes both.
    """
    exports = "\n".join(f"export {name}={value}" for name, value in {"PROPSTREET_TOKEN": TOKEN, **crm.exports}.items())
    written = dedent(text).strip()
    moves = "\n".join(_moves(crm, left, right, first, cast))
    for mark, lines in {"@CONFIG@": _config(crm, left, right), "@EXPORTS@": exports, "@INVESTORS@\n": moves}.items():
        written = written.replace(mark, lines)
    return written


def _holds(ids: Sequence[str], cast: Newcomers | None) -> str:
    investors = f", {cast.prospects} investors in them" if cast is not None else ""
    return f"{len(ids)} projects{investors}; {PROPSTREET_PER_MINUTE} calls a minute (a real token: 60)"


def _moves(crm: Crm, left: Served, right: Served, project: str, cast: Newcomers | None) -> list[str]:
    """An investor more in the first project, from either side."""
    if cast is None:
        return []
    put_on = crm.put_on.body.replace("@CONTACT@", cast.idle[1])
    return [
        f"""curl -d '{{"project": "{project}", "contact": "{cast.spare.id}"}}' {left.door_url}/add_prospect""",
        f"curl -d '{put_on}' {right.door_url}/{crm.put_on.door}",
        "",
    ]


def _config(crm: Crm, left: Served, right: Served) -> str:
    name = crm.title.lower()
    shared = dedent(f"""
        [[connections]]
        name = "sandbox"
        mapping = "{name}-prospects"  # the table that comes with syncd; or a path to your own

        [connections.tuning]
        max_staleness_s = 0           # looks into every open project in every pass; leave this out for real accounts

        [connections.propstreet]
        base_url = "{left.url}"
        token_env = "PROPSTREET_TOKEN"

        [connections.crm]
        adapter = "{name}"
        namespace = "{name}"
        base_url = "{right.url}"
    """).strip()
    return "\n".join([shared, *crm.table])
