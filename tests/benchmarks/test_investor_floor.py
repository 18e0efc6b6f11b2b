"""Every call counts (P8) with investors, too: what `make bench` shows for 8,000 prospects, proved with 600."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import pytest

from syncd.core.model import Side
from tests.engine.world import CRMS

from .calls import RATIO_MAX
from .floors import total
from .investor_floors import Work, floor, share
from .investors import play
from .stage import staged
from .story import Act

PROJECTS, PROSPECTS = 60, 10
ACTS = (
    "first load with investors",
    "1 % of the stages, Propstreet",
    "1 % of the stages, CRM",
    "idle pass with investors",
)


@pytest.fixture(scope="module", params=CRMS)
def acts(request: pytest.FixtureRequest) -> Iterator[Mapping[str, Act]]:
    with staged(PROJECTS, request.param, mapping=f"{request.param}-prospects") as stage:
        yield {act.what: act for act in play(stage, prospects=PROSPECTS)}


@pytest.mark.parametrize("what", ACTS)
def test_a_pass_costs_no_more_calls_than_the_floor_allows(acts: Mapping[str, Act], what: str) -> None:
    """DESIGN.md section 12: at most five per cent above. The story itself checks what each pass wrote."""
    act = acts[what]

    assert act.calls <= RATIO_MAX * act.floor


def test_an_idle_pass_writes_nothing(acts: Mapping[str, Act]) -> None:
    assert acts["idle pass with investors"].measured.writes == 0


def test_the_share_of_a_pass() -> None:
    """One that is lively is read in every pass that comes after five minutes or more, an open one every half hour."""
    assert share(7, 0, 0, gap_s=300.0) == 7
    assert share(7, 0, 0, gap_s=450.0) == 7
    assert share(0, 60, 0, gap_s=300.0) == 10
    assert share(3, 60, 288, gap_s=300.0) == 3 + 10 + 1


@pytest.mark.parametrize(
    ("work", "propstreet", "hubspot", "salesforce"),
    [
        (Work(), 3, 6, 3),  # a page for each of three kinds; HubSpot's archived records apart
        (Work(in_propstreet=(501, 1, 1), in_crm=(201, 1, 2_001)), 4, 6 + 1 + 10, 4),
        (Work(due=7, deals_due=1_001), 3 + 7, 6 + 2 * 2, 3 + 3),
        (Work(projects=1, contacts=101), 3 + 102, 6 + 2 + (1 + 2) * 2, 3 + 1 + 2 + 2),
        (Work(placed=2_001), 3, 6 + 1 + 2 + 2, 3 + 11 + 11),
        (Work(to_crm=101, to_propstreet=5), 3 + 5, 6 + 1 + 1 + 2, 3 + 2),
        (Work(deals=48), 3, 6 + 2, 3 + 2),
    ],
)
def test_the_floor_counts_whole_pages_and_batches(work: Work, propstreet: int, hubspot: int, salesforce: int) -> None:
    """hubspot.md section 3.4; salesforce.md sections 3.2, 3.5, 3.6; propstreet.md sections 4 and 11."""
    assert propstreet + hubspot == total(floor(work, "hubspot"))
    assert propstreet + salesforce == total(floor(work, "salesforce"))
    assert propstreet == sum(floor(work, "hubspot")[Side.PROPSTREET].values())
