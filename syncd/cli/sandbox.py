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
from collections.abc import Sequence
from types import FrameType
from typing import Any, NoReturn

from syncd.clock import Clock, SystemClock
from syncd.errors import ConfigError
from syncd.testing.sandbox import hubspot, propstreet, salesforce
from syncd.testing.sandbox.serve import serve
from syncd.testing.sandbox.wire import Twin

from .manual import PROPSTREET_PER_MINUTE, Crm, Move, manual
from .newcomers import Newcomers, add_roles, seed_investors

PROJECTS_MAX = 20_000  # more takes a minute to make up
PORTS = 4  # an API and a side door for each system
PORT_MAX = 65_535 - PORTS + 1

# The twins keep the limits of the real systems, but for Propstreet's, which are in the manual.
SEARCH_LAG_S = 0.2
ORG_CURRENCY = "SEK"  # of the Salesforce org, which has only one

PROJECTS_WITH_INVESTORS = 4

LOOK_UP_S = 0.5  # a signal that comes just before a sleep begins is heard after it: so sleep shortly

_STOPPERS = (signal.SIGINT, signal.SIGTERM)


def _salesforce(clock: Clock) -> salesforce.SalesforceTwin:
    twin = salesforce.SalesforceTwin(clock, salesforce.Switches(currency=ORG_CURRENCY))
    add_roles(twin)
    return twin


CRMS = {
    "hubspot": Crm(
        "HubSpot",
        "no deals yet, 2 contacts; 190 calls in 10 s and 5 searches a second, as the real one",
        lambda clock: hubspot.HubSpotTwin(clock, hubspot.Switches(search_lag=hubspot.Lag(typical_s=SEARCH_LAG_S))),
        {"HUBSPOT_TOKEN": "pat-sandbox"},
        (
            'token_env = "HUBSPOT_TOKEN"',
            f"visibility_lag_s = 1         # this search is {SEARCH_LAG_S} s behind; leave this out for a real HubSpot",
        ),
        lambda twin, who: twin.person.add_contact(firstname=who.first, lastname=who.last, email=who.email),
        Move("edit_deal", '{"id": "170000000001", "amount": "99000000"}'),
        Move("associate", '{"id": "170000000001", "other": "@CONTACT@", "label": "Investor: bidder"}'),
    ),
    "salesforce": Crm(
        "Salesforce",
        f"no opportunities yet, 2 contacts; 15000 calls a day, one currency ({ORG_CURRENCY})",
        _salesforce,
        {"SALESFORCE_CLIENT_ID": "sandbox-app", "SALESFORCE_CLIENT_SECRET": "sandbox-secret"},
        (
            'domain = "acme.my"           # the org\'s My Domain; base_url is for sandboxes and proxies only',
            'client_id_env = "SALESFORCE_CLIENT_ID"',
            'client_secret_env = "SALESFORCE_CLIENT_SECRET"',
            f'currency = "{ORG_CURRENCY}"              # this org has only one; leave it out where there are more',
        ),
        lambda twin, who: twin.person.add_contact(FirstName=who.first, LastName=who.last, Email=who.email),
        Move("edit_record", '{"id": "006Qy0000000001IAA", "Amount": 99000000}'),
        Move("add_role", '{"opportunity": "006Qy0000000001IAA", "contact": "@CONTACT@", "role": "Investor: bidder"}'),
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
    cast = _investors(crm, left, right, ids)
    with contextlib.ExitStack() as stack:
        try:
            served_left = stack.enter_context(serve(left, port=port, door_port=port and port + 1))
            served_right = stack.enter_context(serve(right, port=port and port + 2, door_port=port and port + 3))
        except OSError as error:
            raise _port_error(port, error) from error
        print(manual(crm, served_left, served_right, ids, cast), flush=True)
        while True:
            time.sleep(LOOK_UP_S)


def _investors(crm: Crm, left: propstreet.PropstreetTwin, right: Twin, projects: Sequence[str]) -> Newcomers | None:
    """In the first projects; None where there are no projects for them."""
    chosen = projects[:PROJECTS_WITH_INVESTORS]
    if not chosen:
        return None
    return seed_investors(left, chosen, lambda who: crm.add_contact(right, who), random.Random(0))


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
