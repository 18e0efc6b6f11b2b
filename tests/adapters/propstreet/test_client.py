"""The client as a whole: what it holds, and how it is closed."""

from __future__ import annotations

import textwrap
from contextlib import redirect_stdout
from functools import partial
from io import StringIO

from syncd.adapters.propstreet import (
    Companies,
    Contacts,
    Links,
    Projects,
    PropstreetClient,
    Prospects,
    TokenAuth,
    with_ref,
)
from syncd.adapters.propstreet import client as client_module
from syncd.testing.clock import VirtualClock

from .peer import Peer, client, ok, project
from .twin import World


def test_is_a_context_manager() -> None:
    with client(Peer(ok(project()))) as propstreet:
        propstreet.projects.get("9001")

    assert (propstreet.calls, propstreet.origin) == (1, "https://app.propstreet.test")


def test_resources_share_one_line_and_one_limiter() -> None:
    """propstreet.md trap 58: whatever is asked for counts against the same minute."""
    peer = Peer(ok({"id": "1"}))
    propstreet = client(peer)
    shown = [
        propstreet.projects.get("1"),
        propstreet.prospects.get("1", "1"),
        propstreet.contacts.get("1"),
        propstreet.companies.get("1"),
        propstreet.links.patch("1", {}, if_match="e"),
    ]

    assert [type(record).__name__ for record in shown] == ["Project", "Prospect", "Contact", "Company", "Link"]
    assert propstreet.calls == len(peer.requests) == 5
    kinds = {type(each) for each in vars(propstreet).values()}
    assert kinds >= {Projects, Prospects, Contacts, Companies, Links}


def test_the_example_in_the_documentation_runs() -> None:
    """What the module's docstring shows is what it does."""
    world = World()
    interested = world.twin.add_prospect(world.project, contact=world.twin.add_contact(firstName="Bo"))
    world.twin.edit_prospect(interested, classification="interested")
    lines = (client_module.__doc__ or "").splitlines()
    example = textwrap.dedent("\n".join(line for line in lines if not line or line.startswith("    ")))
    names = {
        "ClientCredentials": lambda id, secret, clock: TokenAuth("pat_sandbox"),
        "PropstreetClient": partial(PropstreetClient, clock=world.clock, peer=world.peer),
        "SystemClock": VirtualClock,
        "client_id": "",
        "client_secret": "",
        "with_ref": with_ref,
    }
    with redirect_stdout(StringIO()) as printed:
        exec(example, names)

    assert f"{world.project} Kista None" in printed.getvalue()
    assert interested in printed.getvalue()
    assert sorted(world.listed()) == sorted(each["id"] for each in world.twin.live_prospects(world.project))
    assert len(world.listed()) == 2
