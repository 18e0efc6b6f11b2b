"""config/syncd.example.toml: it loads as it stands, and so does everything that is commented out in it."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path
from typing import Any

import msgspec
import pytest

import syncd
from syncd.adapters.hubspot import options as hubspot
from syncd.adapters.propstreet.options import read_options
from syncd.adapters.salesforce import options as salesforce
from syncd.config.load import load_config, load_mapping
from syncd.config.model import ConnectionConfig

EXAMPLE = Path(syncd.__file__).parent.parent / "config" / "syncd.example.toml"
FIRST, SECOND = EXAMPLE.read_text(encoding="utf-8").split("# [[connections]]\n")
WITHOUT_DEFAULT = r"^(username|private_key_env|base_url|currency) = .*\n"


def uncommented(text: str) -> str:
    return re.sub(r"^# (\[?\w[\w.]* ?[=\]])", r"\1", text, flags=re.MULTILINE)


DEFAULTS = uncommented(FIRST)
SALESFORCE = re.sub(r"^# ?", "", "# [[connections]]\n" + SECOND, flags=re.MULTILINE)


def own(connection: ConnectionConfig) -> dict[str, Any]:
    """The adapter's part of the CRM's table; the rest is the connection's own."""
    return {key: value for key, value in connection.crm.items() if key not in ("adapter", "namespace")}


def crm_options(connection: ConnectionConfig) -> hubspot.Options:
    return hubspot.decode_options(own(connection))


def salesforce_connection(path: Path, text: str) -> ConnectionConfig:
    path.write_text(FIRST + text, encoding="utf-8")
    return load_config(path).connections[1]


@pytest.fixture
def commented(tmp_path: Path) -> ConnectionConfig:
    """The connection with all that was commented out, but for the second way to sign in."""
    path = tmp_path / "syncd.toml"
    path.write_text(re.sub(r'^token_env = "PROPSTREET_TOKEN".*\n', "", DEFAULTS, flags=re.MULTILINE), encoding="utf-8")
    return load_config(path).connections[0]


def test_it_loads_as_it_stands() -> None:
    config = load_config(EXAMPLE)
    connection = config.connections[0]

    assert load_mapping(connection, EXAMPLE)
    read_options(connection.propstreet)
    crm_options(connection)


def test_what_it_calls_a_default_is_the_default(commented: ConnectionConfig) -> None:
    plain = load_config(EXAMPLE).connections[0]

    assert commented.guards == plain.guards
    assert commented.tuning == plain.tuning
    assert read_options(commented.propstreet) == read_options(plain.propstreet)
    assert crm_options(commented) == crm_options(plain)


def test_it_names_every_key(commented: ConnectionConfig) -> None:
    """A key that is not in the example is one that nobody finds."""
    document = tomllib.loads(DEFAULTS)["connections"][0]

    for options, table in (
        (read_options(commented.propstreet), document["propstreet"]),
        (crm_options(commented), document["crm"]),
        (commented.guards, document["guards"]),
        (commented.tuning, document["tuning"]),
    ):
        assert {field.name for field in msgspec.structs.fields(options)} <= set(table)


def test_two_crms_on_one_account(tmp_path: Path) -> None:
    """One layer of comments less, and Salesforce stands beside HubSpot, with a namespace of its own."""
    path = tmp_path / "syncd.toml"
    second = salesforce_connection(path, SALESFORCE)
    first = load_config(path).connections[0]

    assert load_mapping(second, path)
    salesforce.decode_options(own(second))
    assert read_options(second.propstreet) == read_options(first.propstreet)
    assert (first.crm["namespace"], second.crm["namespace"]) == ("hubspot", "salesforce")


def test_what_it_calls_a_default_of_salesforce_is_the_default(tmp_path: Path) -> None:
    path = tmp_path / "syncd.toml"
    plain = salesforce_connection(path, SALESFORCE)
    whole = salesforce_connection(path, re.sub(WITHOUT_DEFAULT, "", uncommented(SALESFORCE), flags=re.MULTILINE))

    assert salesforce.decode_options(own(whole)) == salesforce.decode_options(own(plain))


def test_it_names_every_key_of_salesforce() -> None:
    table = tomllib.loads(uncommented(SALESFORCE))["connections"][0]["crm"]

    assert {field.name for field in msgspec.structs.fields(salesforce.Options)} <= set(table)
