"""Adapters by name: ours, installed ones, and a clear word about the rest."""

from __future__ import annotations

from importlib.metadata import EntryPoint

import pytest

from syncd.adapters.registry import GROUP, adapter_factory, adapter_names
from syncd.errors import ConfigError


def installed(name: str, value: str) -> EntryPoint:
    return EntryPoint(name, value, GROUP)


THEIRS = installed("theirs", "syncd.adapters.propstreet:factory")


def test_an_installed_adapter_is_found() -> None:
    from syncd.adapters.propstreet import factory

    assert adapter_factory("theirs", installed=[THEIRS]) is factory


def test_ours_goes_first() -> None:
    """A package can't take the place of a built-in adapter."""
    names = adapter_names(installed=[THEIRS, installed("hubspot", "elsewhere:factory")])

    assert names == ("hubspot", "salesforce", "theirs")


def test_an_unknown_name_lists_the_known_ones() -> None:
    with pytest.raises(ConfigError, match="pipedrive") as caught:
        adapter_factory("pipedrive", installed=[THEIRS])

    assert caught.value.remedy == "use one of: hubspot, salesforce, theirs"


def test_propstreet_is_not_a_crm() -> None:
    with pytest.raises(ConfigError):
        adapter_factory("propstreet")
    with pytest.raises(ConfigError):
        adapter_factory("propstreet", installed=[installed("propstreet", "syncd.adapters.propstreet:factory")])


@pytest.mark.parametrize("value", ["no.such.module:factory", "syncd.adapters.base:no_such_factory"])
def test_an_adapter_that_does_not_load_is_a_config_error(value: str) -> None:
    with pytest.raises(ConfigError, match="broken") as caught:
        adapter_factory("broken", installed=[installed("broken", value)])

    assert caught.value.remedy is not None


@pytest.mark.parametrize("name", ["hubspot", "salesforce"])
def test_ours_are_built_in(name: str) -> None:
    assert callable(adapter_factory(name))
