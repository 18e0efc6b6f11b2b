"""What a person gets wrong: one message, the next step, the right exit code, and nothing written anywhere."""

from __future__ import annotations

from pathlib import Path

import pytest

from syncd.testing.sandbox.wire import Fault, FaultKind

from .office import Office

PASSES = ("plan", "backfill", "delta")


@pytest.fixture(autouse=True)
def nothing_is_written(office: Office) -> object:
    """Whatever the mistake, it is found before the first write."""
    yield
    assert office.writes() == 0


@pytest.mark.parametrize("command", PASSES)
@pytest.mark.parametrize("name", ["PROPSTREET_TOKEN", "HUBSPOT_TOKEN"])
def test_a_wrong_token(office: Office, command: str, name: str) -> None:
    said = office.run(command, **{name: "never-issued-0c4d"})

    message, remedy = said.refusal()
    assert said.code == 1
    assert "does not accept" in message
    assert "token" in remedy
    assert "never-issued" not in said.out + said.err


@pytest.mark.parametrize(
    ("name", "other"), [("PROPSTREET_TOKEN", "crm: hubspot"), ("HUBSPOT_TOKEN", "propstreet: 127")]
)
def test_check_reports_both_sides_even_if_one_refuses(office: Office, name: str, other: str) -> None:
    said = office.run("check", **{name: "never-issued-0c4d"})

    assert said.code == 2
    assert "does not accept" in said.out
    assert other in said.out
    assert "never-issued" not in said.out


@pytest.mark.parametrize("name", ["PROPSTREET_TOKEN", "HUBSPOT_TOKEN"])
@pytest.mark.parametrize("value", [None, "", "  "])
def test_an_environment_variable_that_is_not_set(office: Office, name: str, value: str | None) -> None:
    said = office.run("delta", **{name: value})

    message, remedy = said.refusal()
    assert said.code == 2
    assert f"the environment variable {name} is not set" in message
    assert remedy == f"export {name}=…"


@pytest.mark.parametrize("side", ["propstreet", "hubspot"])
def test_a_host_that_does_not_answer(office: Office, side: str) -> None:
    """Port 9 on loopback: nobody listens there."""
    office.write(**{side: "http://127.0.0.1:9"})

    said = office.run("delta")
    message, remedy = said.refusal()
    assert said.code == 1
    assert f"{side} can't be reached" in message
    assert "base_url" in remedy

    checked = office.run("check")
    assert checked.code == 2
    assert f"{side} can't be reached" in checked.out


def test_an_address_with_a_path(office: Office) -> None:
    office.write(propstreet=office.urls["propstreet"] + "/api/v1")

    said = office.run("check")
    assert said.code == 2
    assert "write the origin only" in said.refusal()[1]


def test_an_address_of_something_else(office: Office) -> None:
    """A web server that is not Propstreet."""
    office.write(propstreet=office.urls["hubspot"])

    assert office.run("delta").code == 1
    said = office.run("check")
    assert said.code == 2
    assert "base_url" in said.out


def test_an_address_of_a_web_site(office: Office) -> None:
    """It answers 404 with a page, which is no word of Propstreet's about anything."""
    page = Fault(kind=FaultKind.STATUS, status=404, headers={"content-type": "text/html"}, body=b"<html>", times=-1)
    office.left.plan(page)

    said = office.run("check")
    assert said.code == 2
    assert "there is no Propstreet API at base_url" in said.out
    assert "write the origin only" in said.out
    assert office.run("delta").code == 1


def test_no_configuration(office: Office) -> None:
    office.config.unlink()

    said = office.run("delta")
    assert said.code == 2
    assert said.refusal()[0] == f"{office.config}: there is no such file"


@pytest.mark.parametrize(
    ("text", "message", "remedy"),
    [
        ("[[connections]\n", "it is not valid TOML", "mend that line"),
        ("[stoer]\nurl = 'x'\n", "stoer: no such key", "did you mean store?"),
        ("[store]\nurl = 3\n", "store.url: expected `str`, got `int`", "config/README.md"),
        ("[store]\nurl = 'mysql://u:hush@h/d'\n", "store.url names mysql", "write it as sqlite:///"),
        ("[store]\nurl = 'sqlite:////no/such/folder/x.db'\n", "can't be opened", "its folder"),
        ("[connections.tunning]\nlease_s = 3\n", "connections[0].tunning: no such key", "did you mean tuning?"),
        ("[connections.guards]\ndeletes = 3\n", "connections[0].guards.deletes: expected", "config/README.md"),
    ],
)
def test_a_slip_in_the_configuration(office: Office, text: str, message: str, remedy: str) -> None:
    office.write(more=text)

    said = office.run("delta")
    found, next_step = said.refusal()
    assert said.code in (1, 2)
    assert message in found
    assert remedy in next_step
    assert "hush" not in said.err


@pytest.mark.parametrize(
    ("old", "new", "message", "remedy"),
    [
        ('visibility_lag_s = 0', 'visibilty_lag_s = 0', "visibilty_lag_s", "[connections.crm]"),
        ('token_env = "PROPSTREET_TOKEN"', 'tokenenv = "X"', "tokenenv", "[connections.propstreet]"),
        ('token_env = "PROPSTREET_TOKEN"', '', "no way to sign in", "token_env"),
        ('adapter = "hubspot"', 'adapter = "hubspt"', 'no CRM adapter "hubspt"', "use one of: hubspot"),
        ('namespace = "hubspot"', '', "crm.namespace: it is missing", "add namespace"),
        ('name = "nordic"', 'nam = "nordic"', "nam: no such key", "did you mean name?"),
        ('mapping = "hubspot"', 'mapping = "huspot"', "no shipped mapping is called huspot", "or one of: hubspot"),
        ('mapping = "hubspot"', 'mapping = "nope.toml"', "there is no such file", "connections.nordic.mapping"),
    ],
)  # fmt: skip
def test_a_slip_in_a_connection(office: Office, old: str, new: str, message: str, remedy: str) -> None:
    office.change(old, new)

    said = office.run("delta")
    found, next_step = said.refusal()
    assert said.code == 2
    assert str(office.folder) in found
    assert message in found
    assert remedy in next_step


def test_a_field_that_does_not_exist(office: Office) -> None:
    office.write_table(("[project.fields.name]", "[project.fields.nmae]"))

    said = office.run("check")
    message, remedy = said.refusal()
    assert said.code == 2
    assert "table.toml: project.fields.nmae: is not a field that Propstreet has" in message
    assert remedy == "did you mean name?"


def test_everything_wrong_with_a_table_at_once(office: Office) -> None:
    office.write_table(('on_conflict = "newest"', 'on_conflict = "latest"'), ('flow = "to_crm"', 'flow = "both"'))

    said = office.run("delta")
    message, _ = said.refusal()
    assert said.code == 2
    assert "project.fields.name.on_conflict" in message
    assert "project.fields.progress.flow" in message


def test_a_pass_before_setup(office: Office) -> None:
    """The properties are not there yet: a pass fails, and leads to check, which leads to setup."""
    said = office.run("backfill")

    _, remedy = said.refusal()
    assert said.code == 1
    assert "syncd check" in remedy or "syncd setup" in remedy


def test_a_property_that_the_crm_lacks(office: Office) -> None:
    """config/README.md: setup creates what begins with propstreet_; any other name is more likely misspelt."""
    office.write_table(('crm = "dealname"', 'crm = "delname"'))

    done = office.run("setup", "--apply")
    assert done.code == 3
    assert "delname" not in office.hubspot.account.deals.properties
    checked = office.run("check")
    assert checked.code == 2
    assert "delname is missing" in checked.out
    assert "correct the mapping" in checked.out


def test_an_object_that_the_crm_lacks(office: Office) -> None:
    """It is named, once, and the fields of the other kinds are counted all the same."""
    office.write_table(('object = "deals"', 'object = "2-1234567"'))

    checked = office.run("check")

    assert checked.code == 2
    assert checked.out.count("✗") == 1
    assert "no object type 2-1234567" in checked.out
    for command in ("setup", "setup --apply"):
        message, remedy = office.run(*command.split()).refusal()
        assert "no object type 2-1234567" in message
        assert "correct `object` in the mapping" in remedy


@pytest.mark.parametrize(
    ("words", "message", "remedy"),
    [
        (["conflicts", "resolve", "4"], "say whose value it shall be", "--take propstreet"),
        (["conflicts", "resolve", "4", "--take", "bo"], "there is no side bo", "--take propstreet or --take crm"),
        (["conflicts", "resolve", "4", "--take", "crm"], "there is no open conflict 4", "syncd conflicts list"),
        (["held", "retry"], "say what to retry", "syncd held retry ID"),
        (["held", "retry", "5"], "not held: 5", "syncd held list"),
        (["held", "drop", "--guard", "x"], "nothing is held by the guard 'x'", "syncd held list"),
        (["explain", "77"], "syncd has never seen a record 77", "syncd delta"),
        (["apply", "nope.json"], "nope.json: it can't be read", "syncd plan -o"),
        (["plan", "--output", "/no/such/folder/x.json"], "it can't be written", "name another"),
        (["delta", "--connection", "x"], "no connection is called x", "use one of: nordic"),
    ],
)
def test_a_command_that_makes_no_sense(office: Office, words: list[str], message: str, remedy: str) -> None:
    office.run("setup", "--apply")

    said = office.run(*words)
    found, next_step = said.refusal()
    assert said.code == 2
    assert message in found
    assert remedy in next_step


def test_a_plan_of_another_kind(office: Office, tmp_path: Path) -> None:
    file = tmp_path / "plan.json"
    file.write_text("{}")

    said = office.run("apply", str(file))
    assert said.code == 2
    assert "it is not a plan" in said.refusal()[0]


@pytest.mark.parametrize("words", [["dleta"], ["delta", "--jsn"], ["explain"], ["conflicts", "resolve", "x"]])
def test_a_command_line_that_makes_no_sense(office: Office, words: list[str]) -> None:
    said = office.run(*words)
    assert said.code == 2
    assert "Usage: syncd" in said.err
