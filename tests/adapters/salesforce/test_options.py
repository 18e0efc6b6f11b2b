"""The options: defaults from the contract, one way to log in, and errors that name the key."""

from __future__ import annotations

from typing import Any

import pytest

from syncd.adapters.salesforce.options import decode_options
from syncd.errors import ConfigError

BY_SECRET: dict[str, Any] = {"domain": "acme.my", "client_id_env": "ID", "client_secret_env": "SECRET"}
BY_KEY: dict[str, Any] = {"username": "sync@acme.com", "client_id_env": "ID", "private_key_env": "KEY"}


def test_defaults_are_the_contracts() -> None:
    """salesforce.md 1 and 8.4: version 67.0, an overlap, and less than the whole day's budget."""
    options = decode_options(BY_SECRET)

    assert (options.api_version, options.ref_field, options.base_url) == ("67.0", "Propstreet_Id__c", None)
    assert (options.overlap_s, options.daily_share, options.workers, options.page_max) == (300.0, 0.8, 2, 2000)


def test_a_trailing_slash_of_the_address_is_dropped() -> None:
    assert decode_options({**BY_SECRET, "base_url": "http://127.0.0.1:8080/"}).base_url == "http://127.0.0.1:8080"


def test_a_signed_login_needs_no_domain() -> None:
    assert decode_options(BY_KEY).domain == "login"


@pytest.mark.parametrize("key", ["password", "password_env", "security_token", "security_token_env"])
def test_a_password_is_refused_with_the_reason(key: str) -> None:
    """salesforce.md trap 6: the SOAP login fails from version 65.0 on, and everywhere from Summer '27."""
    with pytest.raises(ConfigError, match="summer 2027") as caught:
        decode_options({**BY_SECRET, key: "x"})

    assert f"`{key}`" in str(caught.value)
    assert "client_secret_env" in str(caught.value.remedy)


@pytest.mark.parametrize(
    "table",
    [
        {"client_id_env": "ID", "domain": "acme.my"},
        {**BY_SECRET, "username": "sync@acme.com"},
        {**BY_SECRET, **BY_KEY},
        {"client_id_env": "ID", "username": "sync@acme.com"},
        {"client_id_env": "ID", "private_key_env": "KEY"},
    ],
)
def test_there_is_one_way_to_log_in(table: dict[str, Any]) -> None:
    """salesforce.md 2.2: in the library the first complete group of arguments wins, silently."""
    with pytest.raises(ConfigError, match="no way to log in, or more than one"):
        decode_options(table)


@pytest.mark.parametrize("domain", ["login", "test"])
def test_client_credentials_need_the_orgs_own_domain(domain: str) -> None:
    with pytest.raises(ConfigError, match="own `domain`"):
        decode_options({**BY_SECRET, "domain": domain})


@pytest.mark.parametrize(
    ("wrong", "named"),
    [
        ({"domian": "acme"}, "domian"),
        ({"domain": "https://acme.my.salesforce.com"}, "domain"),
        ({"api_version": "v67.0"}, "api_version"),
        ({"ref_field": "Name"}, "ref_field"),
        ({"daily_share": 1.5}, "daily_share"),
        ({"page_max": 5000}, "page_max"),
        ({"base_url": "127.0.0.1:8080"}, "base_url"),
        ({"currency": "euro"}, "currency"),
        ({"workers": "two"}, "workers"),
    ],
)
def test_an_unusable_option_is_named(wrong: dict[str, Any], named: str) -> None:
    with pytest.raises(ConfigError) as caught:
        decode_options({**BY_SECRET, **wrong})

    assert f"`{named}`" in str(caught.value)
    assert caught.value.exit_code == 2
