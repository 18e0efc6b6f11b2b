"""What only the store has to answer asks for no secret; what connects tells of the missing one before it does."""

from __future__ import annotations

import pytest

from .office import Office

NOTHING_SET = {"PROPSTREET_TOKEN": None, "HUBSPOT_TOKEN": None}


@pytest.mark.parametrize("words", [["status"], ["conflicts", "list"], ["held", "list"]])
def test_looking_needs_no_secret(office: Office, words: list[str]) -> None:
    office.ready("backfill")

    assert office.run(*words, **NOTHING_SET).code == 0


def test_explaining_and_deciding_need_no_secret(office: Office) -> None:
    office.ready("backfill")
    project = office.propstreet.live_projects()[0]["id"]
    office.propstreet.edit_project(project, exclusivity="by_moonlight")
    assert office.run("delta").code == 3

    assert office.run("explain", project, **NOTHING_SET).code == 0
    assert "1 write released" in office.run("held", "retry", "--all", **NOTHING_SET).out


@pytest.mark.parametrize("words", [["check"], ["setup"], ["plan"], ["backfill"], ["delta"]])
@pytest.mark.parametrize("name", ["PROPSTREET_TOKEN", "HUBSPOT_TOKEN"])
def test_what_connects_says_which_is_missing(office: Office, words: list[str], name: str) -> None:
    said = office.run(*words, **{name: None})

    assert said.code == 2
    assert f"the environment variable {name} is not set" in said.refusal()[0]
    assert not office.left.requests
    assert not office.right.requests


def test_options_are_still_checked(office: Office) -> None:
    office.change("visibility_lag_s = 0", "visibilty_lag_s = 0")

    assert "visibilty_lag_s" in office.run("status", **NOTHING_SET).refusal()[0]
