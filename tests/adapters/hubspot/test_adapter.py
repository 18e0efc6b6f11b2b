"""What the engine is told about HubSpot, and the way in."""

from __future__ import annotations

import pytest

from syncd.adapters.base import Audits, Identifies, ObjectSpec, SetsUp, Setting
from syncd.adapters.hubspot import factory
from syncd.core.model import Kind
from syncd.errors import ConfigError
from syncd.testing.clock import VirtualClock

from .peer import Peer, adapter_at, batch
from .rig import PROJECT


def missing_secret(name: str) -> str:
    raise ConfigError(f"the environment variable {name} is not set")


def test_capabilities() -> None:
    """Section 9: no conditional write, and an upsert writes over what has the ref; 3.4: a hundred per call."""
    adapter = adapter_at(Peer(batch()), workers=3)
    can = adapter.capabilities

    assert (can.guarded_update, can.create_overwrites, can.workers) == (False, True, 3)
    assert {100} == {can.fetch_max, can.find_max, can.create_max, can.update_max, can.delete_max}
    assert isinstance(adapter, SetsUp)
    assert isinstance(adapter, Audits)
    assert isinstance(adapter, Identifies)


def test_the_entry_point_builds_it_without_a_call() -> None:
    peer = Peer(batch())
    adapter = factory(
        Setting(
            options={"token_env": "T"},
            objects={PROJECT: ObjectSpec("deals")},
            namespace="hubspot",
            clock=VirtualClock(),
            secret=lambda name: "token",
            transport=peer,
        )
    )

    assert (adapter.name, adapter.calls) == ("hubspot", 0)
    adapter.close()


def test_a_secret_that_is_not_set_stops_at_once() -> None:
    with pytest.raises(ConfigError, match="NO_TOKEN"):
        factory(
            Setting(
                options={"token_env": "NO_TOKEN"},
                objects={},
                namespace="hubspot",
                clock=VirtualClock(),
                secret=missing_secret,
            )
        )


def test_asking_for_nothing_costs_nothing() -> None:
    adapter = adapter_at(Peer(batch()))

    assert {} == adapter.fetch(PROJECT, []) == adapter.find(PROJECT, [])
    assert [] == adapter.create(PROJECT, []) == adapter.update(PROJECT, []) == adapter.delete(PROJECT, [])
    assert adapter.calls == 0


def test_every_kind_has_its_own_object() -> None:
    """Contacts and custom objects are rows of a table, nothing more."""
    peer = Peer(batch())
    adapter = adapter_at(peer, name="2-3456789")

    adapter.update(PROJECT, [])
    adapter.delete(PROJECT, [])
    adapter.find(PROJECT, [])
    with pytest.raises(KeyError):
        adapter.fetch(Kind.CONTACT, ["1"])

    assert peer.asked == []
