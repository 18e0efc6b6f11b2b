"""sandbox: the twins of both systems on loopback, and all that a newcomer has to type to play with them.

It serves and explains, and keeps nothing: whatever happened in the twins is gone when it ends. It listens nowhere
but on loopback.
"""

from __future__ import annotations

import contextlib
import errno
import random
import signal
import time
from collections.abc import Callable, Mapping, Sequence
from textwrap import dedent
from types import FrameType
from typing import Any, NoReturn

import msgspec

from syncd.clock import Clock, SystemClock
from syncd.errors import ConfigError
from syncd.testing.sandbox import hubspot, propstreet, salesforce
from syncd.testing.sandbox.propstreet.twin import TOKEN
from syncd.testing.sandbox.serve import Served, serve
from syncd.testing.sandbox.wire import Twin

PROJECTS_MAX = 20_000  # more takes a minute to make up
PORTS = 4  # an API and a side door for each system
PORT_MAX = 65_535 - PORTS + 1

# The twins keep the limits of the real systems, but for one: a real personal token gives 60 calls a minute, and a
# first load of 25 projects would take half of it. This is what a real OAuth client has.
PROPSTREET_PER_MINUTE = 600
SEARCH_LAG_S = 0.2
ORG_CURRENCY = "SEK"  # of the Salesforce org, which has only one, as the shipped table expects

LOOK_UP_S = 0.5  # a signal that comes just before a sleep begins is heard after it: so sleep shortly

_STOPPERS = (signal.SIGINT, signal.SIGTERM)


class Crm(msgspec.Struct, frozen=True):
    """What the manual says of a CRM, and how its twin is made."""

    title: str
    limits: str  # what is in it, and how much it lets through
    twin: Callable[[Clock], Twin]
    exports: Mapping[str, str]
    table: tuple[str, ...]  # lines of [connections.crm] that are not the same for all
    edit: tuple[str, str]  # a side door, and what a broker may send there about the record that is made first
    currency: str | None = None  # the only one that the projects may be in


CRMS = {
    "hubspot": Crm(
        "HubSpot",
        "no deals yet; 190 calls in 10 s and 5 searches a second, as the real one",
        lambda clock: hubspot.HubSpotTwin(clock, hubspot.Switches(search_lag=hubspot.Lag(typical_s=SEARCH_LAG_S))),
        {"HUBSPOT_TOKEN": "pat-sandbox"},
        (
            'token_env = "HUBSPOT_TOKEN"',
            f"visibility_lag_s = 1         # this search is {SEARCH_LAG_S} s behind; leave this out for a real HubSpot",
        ),
        ("edit_deal", '{"id": "170000000001", "amount": "99000000"}'),
    ),
    "salesforce": Crm(
        "Salesforce",
        f"no opportunities yet; 15000 calls a day, one currency ({ORG_CURRENCY})",
        lambda clock: salesforce.SalesforceTwin(clock, salesforce.Switches(currency=ORG_CURRENCY)),
        {"SALESFORCE_CLIENT_ID": "sandbox-app", "SALESFORCE_CLIENT_SECRET": "sandbox-secret"},
        (
            'domain = "acme.my"           # the org\'s My Domain; base_url is for sandboxes and proxies only',
            'client_id_env = "SALESFORCE_CLIENT_ID"',
            'client_secret_env = "SALESFORCE_CLIENT_SECRET"',
        ),
        ("edit_record", '{"id": "006Qy0000000001IAA", "Amount": 99000000}'),
        currency=ORG_CURRENCY,
    ),
}


def run_sandbox(crm: str, projects: int, port: int) -> int:
    """Serve until Ctrl-C. Raises ConfigError for what can't be served."""
    _checked(crm, projects, port)
    for number in _STOPPERS:  # also where the parent process ignores them
        signal.signal(number, _stop)
    try:
        _serve(CRMS[crm], projects, port)
    except KeyboardInterrupt:
        print("\nthe sandbox is closed, and what happened in it is gone", flush=True)
    return 0


def _stop(_number: int, _frame: FrameType | None) -> NoReturn:
    """Once: an impatient second Ctrl-C must not tear down what is just being closed."""
    for number in _STOPPERS:
        signal.signal(number, signal.SIG_IGN)
    raise KeyboardInterrupt


def _serve(crm: Crm, projects: int, port: int) -> NoReturn:
    clock = SystemClock()
    left = propstreet.PropstreetTwin(
        clock, propstreet.Switches(rate_limit=propstreet.RateLimit(pat_per_minute=PROPSTREET_PER_MINUTE))
    )
    ids = left.seed_projects(projects, random.Random(0))
    if crm.currency is not None:
        _price_in(left, crm.currency)
    right = crm.twin(clock)
    with contextlib.ExitStack() as stack:
        try:
            served_left = stack.enter_context(serve(left, port=port, door_port=port and port + 1))
            served_right = stack.enter_context(serve(right, port=port and port + 2, door_port=port and port + 3))
        except OSError as error:
            raise _port_error(port, error) from error
        print(_manual(crm, served_left, served_right, ids), flush=True)
        while True:
            time.sleep(LOOK_UP_S)


def _price_in(twin: propstreet.PropstreetTwin, currency: str) -> None:
    """The same figures in this currency: an org that has only one would hold the other prices."""
    for project in twin.live_projects():
        priced = {part: project[part] for part in ("price", "priceRange") if project.get(part)}
        if any(amount["currency"] != currency for amount in priced.values()):
            named: dict[str, Any] = {part: {**amount, "currency": currency} for part, amount in priced.items()}
            twin.edit_project(project["id"], **named)


def _checked(crm: str, projects: int, port: int) -> None:
    if crm not in CRMS:
        raise ConfigError(f"there is no sandbox of {crm}", remedy=f"use one of: {', '.join(CRMS)}")
    if not 0 <= projects <= PROJECTS_MAX:
        raise ConfigError(f"a sandbox begins with 0 to {PROJECTS_MAX} projects", remedy="give fewer with --projects")
    if not 0 <= port <= PORT_MAX:
        raise ConfigError(f"the first port must be 0 to {PORT_MAX}", remedy="give another with --port")


def _port_error(port: int, error: OSError) -> ConfigError:
    ports = f"{port} to {port + PORTS - 1}"
    why = "is taken" if error.errno == errno.EADDRINUSE else "may not be used"
    return ConfigError(f"one of the ports {ports} {why}", remedy="name others with --port, or take free ones: --port 0")


def _manual(crm: Crm, left: Served, right: Served, ids: Sequence[str]) -> str:
    """What to copy, in the order in which one needs it."""
    first, second = [*ids, "ID", "ID"][:2]
    door, edit = crm.edit
    text = f"""
        Two sandboxes are open. Nothing in them is real, and nothing leaves this machine.

          Propstreet  {left.url}  {len(ids)} projects; {PROPSTREET_PER_MINUTE} calls a minute (a real token: 60)
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
        curl -d '{edit}' {right.door_url}/{door}
        curl -d '{{"id": "{second}"}}' {left.door_url}/delete_project
        curl {right.door_url}/journal

        The last one shows what syncd has written to {crm.title}. The second needs the backfill.
        All that a broker can do: curl {left.door_url}/ and curl {right.door_url}/

        Ctrl-C closes both.
    """
    exports = "\n".join(f"export {name}={value}" for name, value in {"PROPSTREET_TOKEN": TOKEN, **crm.exports}.items())
    manual = dedent(text).strip()
    return manual.replace("@CONFIG@", _config(crm, left, right)).replace("@EXPORTS@", exports)


def _config(crm: Crm, left: Served, right: Served) -> str:
    name = crm.title.lower()
    shared = dedent(f"""
        [[connections]]
        name = "sandbox"
        mapping = "{name}"{" " * (10 - len(name))}       # the table that comes with syncd; or a path to your own

        [connections.propstreet]
        base_url = "{left.url}"
        token_env = "PROPSTREET_TOKEN"

        [connections.crm]
        adapter = "{name}"
        namespace = "{name}"
        base_url = "{right.url}"
    """).strip()
    return "\n".join([shared, *crm.table])
