"""The demo: everything it claims holds, it fits on a few screens, and its proof can fail."""

from __future__ import annotations

import contextlib
import io
import re
from collections.abc import Iterator

import pytest
import structlog

from syncd.cli.demo import story
from syncd.cli.demo.proof import prove
from syncd.cli.demo.show import Narrator
from syncd.cli.demo.stage import Stage, staged

LINES_MAX = 132
WIDTH_MAX = 110
CRMS = ["hubspot", "salesforce"]


@pytest.fixture(params=CRMS)
def stage(request: pytest.FixtureRequest) -> Iterator[Stage]:
    """A small one, after its first load."""
    with staged(request.param, 4) as made, contextlib.redirect_stdout(io.StringIO()):
        made.typed("setup", "--apply")
        made.typed("backfill")
        yield made
    structlog.reset_defaults()


@pytest.mark.parametrize(
    ("crm", "total"), [("hubspot", "301 projects = 301 deals"), ("salesforce", "301 projects = 301 opportunities")]
)
def test_the_demo(capsys: pytest.CaptureFixture[str], crm: str, total: str) -> None:
    """Every claim is true, every step is there, and a stranger can read it."""
    code = story.run_demo(crm)
    structlog.reset_defaults()
    said = capsys.readouterr()

    assert code == 0
    assert said.err == ""
    assert "✗" not in said.out
    assert said.out.count("✓") >= len(story.SCENES)
    assert [int(number) for number in re.findall(r"^(\d+)\. ", said.out, re.MULTILINE)] == list(range(1, 11))
    assert total in said.out.splitlines()[-1]
    assert len(said.out.splitlines()) <= LINES_MAX
    assert max(map(len, said.out.splitlines())) <= WIDTH_MAX
    assert "pat_sandbox" not in said.out
    assert not any(other in said.out.lower() for other in CRMS if other != crm)


def test_a_broken_promise_ends_in_exit_code_1(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(stage: Stage, narrator: Narrator) -> None:
        narrator.scene("A scene")
        narrator.claims("pigs fly", true=False)

    monkeypatch.setattr(story, "SCENES", (broken,))
    monkeypatch.setattr(story, "PROJECTS", 1)

    assert story.run_demo("hubspot") == 1
    assert "1. pigs fly" in capsys.readouterr().out


def test_the_proof_finds_nothing_wrong_after_a_first_load(stage: Stage) -> None:
    proof = prove(stage)

    assert (proof.projects, proof.copies, proof.faults) == (4, 4, ())
    assert proof.fields > 40


def test_the_proof_sees_a_field_that_differs(stage: Stage) -> None:
    copy = next(iter(stage.crm.live()))
    stage.crm.rename(copy, "Something else")

    assert prove(stage).faults == (f"name of project {stage.project_of(copy)} differs",)


def test_the_proof_sees_one_too_many(stage: Stage) -> None:
    copy = stage.crm.add("One more")

    assert prove(stage).faults == (f"{stage.crm.noun} {copy} belongs to no project",)


def test_the_proof_sees_one_too_few(stage: Stage) -> None:
    copy = next(iter(stage.crm.live()))
    project = stage.project_of(copy)
    stage.crm.delete(copy)

    assert prove(stage).faults == (f"project {project} has 0 counterparts",)


def test_the_proof_sees_a_project_that_lost_its_stamp(stage: Stage) -> None:
    project = stage.propstreet.live_projects()[0]["id"]
    stage.propstreet.edit_project(project, externalRefs=[])

    copy = stage.copy_of(project)
    assert prove(stage).faults == (f"project {project} does not know its {stage.crm.noun} {copy}",)
