"""The options: defaults from the contract, and errors that name the key."""

from __future__ import annotations

import pytest

from syncd.adapters.hubspot.options import decode_options
from syncd.errors import ConfigError


def test_defaults_are_the_contracts() -> None:
    """hubspot.md 3.1 and 7.1: 100 calls per 10 s, a lag of a minute, an overlap of five."""
    options = decode_options({"token_env": "TOKEN"})

    assert (options.base_url, options.api, options.ref_property) == ("https://api.hubapi.com", "v3", "propstreet_id")
    assert (
        options.burst_limit,
        options.association_limit,
        options.search_per_s,
        options.visibility_lag_s,
        options.overlap_s,
    ) == (100, 100, 4, 60.0, 300.0)


def test_a_trailing_slash_of_the_address_is_dropped() -> None:
    """hubspot.md 10.1: it would produce `//crm`."""
    assert decode_options({"token_env": "T", "base_url": "http://127.0.0.1:8411/"}).base_url == "http://127.0.0.1:8411"


@pytest.mark.parametrize(
    ("table", "named"),
    [
        ({"token_env": "T", "tokn": 1}, "tokn"),
        ({}, "token_env"),
        ({"token_env": "T", "workers": "two"}, "workers"),
        ({"token_env": "T", "share": 1.5}, "share"),
        ({"token_env": "T", "api": "v4"}, "api"),
        ({"token_env": "T", "base_url": "api.hubapi.com"}, "base_url"),
    ],
)
def test_an_unusable_option_is_named(table: dict[str, object], named: str) -> None:
    with pytest.raises(ConfigError) as caught:
        decode_options(table)

    assert f"`{named}`" in str(caught.value)
    assert caught.value.exit_code == 2
