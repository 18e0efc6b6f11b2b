"""A few random histories with investors in every test run; `python -m tests.machine.run --investors` plays hundreds."""

from __future__ import annotations

import pytest

from tests.engine.world import CRMS, Crm
from tests.machine.run import play

from .history import FORMS, Form, InvestorHistory


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("crm", CRMS)
@pytest.mark.parametrize("seed", range(5))
def test_all_promises_hold(seed: int, crm: Crm, form: Form) -> None:
    """P1 to P10, after merges, removals, broken lines and kills, for everybody who stands on a deal."""
    story = play(seed, crm, form=form)

    assert story is None, story


@pytest.mark.parametrize("seed", [11, 15, 55, 335])
def test_what_was_found_once_stays_right(seed: int) -> None:
    """P1: merged deals, two labels on the survivor, somebody who came back, and a deal merged with its contacts."""
    story = play(seed, "hubspot", form="association")

    assert story is None, story


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("crm", CRMS)
def test_a_seed_replays_exactly(crm: Crm, form: Form) -> None:
    """What is found once can be looked at again."""
    stories = []
    for _ in range(2):
        history = InvestorHistory(4, crm, form=form)
        history.play()
        stories.append(history.trace)
        history.world.connection.close()

    assert stories[0] == stories[1]
    assert len(stories[0]) > 20
