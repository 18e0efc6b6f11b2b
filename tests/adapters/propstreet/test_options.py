"""The connection's table: complete, of the right types, and with nothing unknown in it."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest

from syncd.adapters.propstreet import factory, read_options
from syncd.core.model import Kind
from syncd.errors import ConfigError
from syncd.testing.clock import VirtualClock

from .peer import ORIGIN, Peer, adapter, page, setting


def test_defaults() -> None:
    options = read_options({"base_url": ORIGIN, "token_env": "TOKEN"})

    assert (options.overlap_s, options.page_size, options.workers) == (300, 500, 4)
    assert (options.connect_timeout_s, options.read_timeout_s) == (10, 30)
    assert options.remove_prospects == "remove"


@pytest.mark.parametrize(
    ("table", "named"),
    [
        ({"base_url": None}, "base_url"),
        ({"base_url": 7}, "base_url"),
        ({"page_size": 501}, "page_size"),
        ({"page_size": 0}, "page_size"),
        ({"workers": 0}, "workers"),
        ({"overlap_s": -1}, "overlap_s"),
        ({"read_timeout_s": 0}, "read_timeout_s"),
        ({"tokn_env": "X"}, "tokn_env"),
        ({"token_env": None}, "sign in"),
        ({"client_id_env": "ID"}, "sign in"),
        ({"token_env": None, "client_id_env": "ID"}, "sign in"),
        ({"client_id_env": "ID", "client_secret_env": "SECRET"}, "sign in"),
        ({"base_url": "https://app.propstreet.com/api/v1"}, "origin"),
    ],
)
def test_what_is_wrong_is_named(table: dict[str, Any], named: str) -> None:
    with pytest.raises(ConfigError, match=named):
        adapter(Peer(page([])), **table)


@pytest.mark.parametrize("namespace", ["", " hubspot", "x" * 51])
def test_namespaces_that_propstreet_refuses(namespace: str) -> None:
    """propstreet.md section 13: at most 50 characters."""
    plain = setting(Peer(page([])))

    with pytest.raises(ConfigError, match="namespace"):
        factory(msgspec.structs.replace(plain, namespace=namespace))


def test_options_reach_the_requests() -> None:
    peer = Peer(page([]))
    clock = VirtualClock()
    list(adapter(peer, clock, page_size=7, connect_timeout_s=1, read_timeout_s=2).changes(Kind.PROJECT, None))

    assert "page_size=7" in peer.targets[0]
    assert peer.requests[0].extensions["timeout"] == {"connect": 1.0, "pool": 1.0, "read": 2.0, "write": 2.0}
