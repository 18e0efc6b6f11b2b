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
from syncd.core.model import Side

LINES_MAX = 196
WIDTH_MAX = 110
CRMS = ["hubspot", "salesforce"]


@pytest.fixture(params=CRMS)
def stage(request: pytest.FixtureRequest) -> Iterator[Stage]:
    """A small one, after its first load, with nothing held."""
    with staged(request.param, 4) as made, contextlib.redirect_stdout(io.StringIO()):
        made.propstreet.edit_contact(made.desk, email="own@example.com")
        made.typed("setup", "--apply")
        made.typed("backfill")
        yield made
    structlog.reset_defaults()


@pytest.mark.parametrize(
    ("crm", "total"), [("hubspot", "61 projects = 61 deals"), ("salesforce", "61 projects = 61 opportunities")]
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
    assert [int(number) for number in re.findall(r"^(\d+)\. ", said.out, re.MULTILINE)] == list(range(1, 17))
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
    monkeypatch.setattr(story, "PROJECTS", 4)

    assert story.run_demo("hubspot") == 1
    assert "1. pigs fly" in capsys.readouterr().out


def test_it_is_the_answer_to_a_create_that_gets_lost(stage: Stage) -> None:
    """Scene 7 shows the same on every CRM: updates and stamps, which may go by the same call, are answered."""
    line = stage.lines[Side.CRM]
    line.plan(stage.crm.lost_create)
    stage.propstreet.edit_project(stage.propstreet.live_projects()[0]["id"], name="Renamed")
    copy = stage.crm.add("Stamped")
    stage.typed("delta")
    assert stage.named("Renamed") == (1, 1)
    assert stage.project_of(copy)
    assert line.hits == 0

    stage.propstreet.add_project(name="Created")
    stage.typed("delta")
    assert line.hits == 1
    assert stage.named("Created") == (1, 1)


def test_the_proof_finds_nothing_wrong_after_a_first_load(stage: Stage) -> None:
    proof = prove(stage)

    assert (proof.projects, proof.copies, proof.faults) == (4, 4, ())
    assert proof.people >= 5
    assert proof.investors == stage.cast.prospects + 1
    assert proof.fields > 40 + 8 * proof.people


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


def test_the_proof_sees_somebody_who_is_not_on_the_deal(stage: Stage) -> None:
    project = stage.investing[0]
    stage.crm.take_off(stage.copy_of(project), stage.contact_of(stage.desk))

    assert prove(stage).faults == (f"{stage.desk} is not the same investor of project {project} in both",)


def test_the_proof_sees_a_stage_that_differs(stage: Stage) -> None:
    project = stage.investing[0]
    stage.crm.relabel(stage.copy_of(project), stage.contact_of(stage.desk), stage.label("bidder"))

    assert prove(stage).faults == (f"{stage.desk} is not the same investor of project {project} in both",)


def test_the_proof_sees_somebody_who_is_nobodys_counterpart(stage: Stage) -> None:
    stage.propstreet.delete_contact(stage.desk)

    faults = prove(stage).faults

    assert f"contact {stage.contact_of(stage.desk)} belongs to no contact" in faults


def test_the_proof_sees_a_person_that_differs(stage: Stage) -> None:
    stage.propstreet.edit_contact(stage.desk, lastName="Nyberg")

    assert prove(stage).faults == (f"last_name of contact {stage.desk} differs",)
