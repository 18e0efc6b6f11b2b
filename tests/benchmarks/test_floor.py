"""Every call counts (P8) and quiet (P4), in numbers: what `make bench` shows at every size, proved at a small one."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import pytest

from syncd.core.model import Side
from tests.engine.world import CRMS

from .calls import IDLE_CALLS_MAX, RATIO_MAX
from .floors import Work, floor, total
from .stage import staged
from .story import Act, play

PROJECTS = 1_000


@pytest.fixture(scope="module", params=CRMS)
def acts(request: pytest.FixtureRequest) -> Iterator[Mapping[str, Act]]:
    with staged(PROJECTS, request.param) as stage:
        yield {act.what: act for act in play(stage)}


@pytest.mark.parametrize("what", ["first load", "delta right after it", "1 % delta", "idle pass"])
def test_a_pass_costs_no_more_calls_than_the_floor_allows(acts: Mapping[str, Act], what: str) -> None:
    """DESIGN.md section 12: at most five per cent above what page and batch sizes dictate."""
    act = acts[what]

    assert act.floor <= act.calls <= RATIO_MAX * act.floor


def test_an_idle_pass_writes_nothing_and_makes_three_calls_at_most(acts: Mapping[str, Act]) -> None:
    idle = acts["idle pass"]

    assert idle.measured.writes == 0
    assert idle.calls <= IDLE_CALLS_MAX


def test_what_the_passes_did_is_what_the_floor_was_computed_for(acts: Mapping[str, Act]) -> None:
    """A pass that leaves work undone is no cheaper: the story checks what each one wrote."""
    writes = {what: act.measured.writes for what, act in acts.items()}

    assert writes == {
        "first load": 2 * PROJECTS,
        "delta right after it": 0,
        "1 % delta": PROJECTS // 100,
        "idle pass": 0,
    }


@pytest.mark.parametrize(
    ("work", "propstreet", "crm"),
    [
        (Work(), 1, 2),  # one page on each side, and the archived deals
        (Work(everything=True, projects_listed=1000, created=1000), 2 + 1000, 2 + 10 + 10),
        (Work(everything=True, projects_listed=1001, created=1), 3 + 1, 2 + 1 + 1),
        (Work(projects_listed=501), 2, 2),
        (Work(deals_listed=201, deals_news=101), 1, 2 + 1 + 2),
        (Work(to_propstreet=3), 1 + 3, 2),
        (Work(to_crm=101, to_crm_two_way=51), 1, 2 + 2 + 2 + 2),
    ],
)
def test_the_floor_of_hubspot_counts_whole_pages_and_batches(work: Work, propstreet: int, crm: int) -> None:
    terms = floor(work, "hubspot")

    assert (propstreet, crm) == (sum(terms[Side.PROPSTREET].values()), sum(terms[Side.CRM].values()))
    assert propstreet + crm == total(terms)


@pytest.mark.parametrize(
    ("work", "crm"),
    [
        (Work(), 1),  # one query, which shows deletions too
        (Work(everything=True, projects_listed=1001, created=1001), 1 + 6 + 6),
        (Work(deals_listed=2001), 2),
        (Work(to_crm=48), 1 + 2),
        (Work(to_crm=49), 1 + 2),
        (Work(to_crm=201), 1 + 4),
    ],
)
def test_the_floor_of_salesforce_counts_whole_pages_and_batches(work: Work, crm: int) -> None:
    """salesforce.md sections 3.2, 3.5, 3.6: pages of 2,000, collections of 200, 25 parts of a composite call."""
    assert crm == sum(floor(work, "salesforce")[Side.CRM].values())
