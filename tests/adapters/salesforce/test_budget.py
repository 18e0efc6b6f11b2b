"""The org's daily calls (salesforce.md traps 27, 28)."""

from __future__ import annotations

import pytest

from syncd.adapters.salesforce.budget import LOOK_AGAIN_S, Budget
from syncd.errors import QuotaExhausted
from syncd.testing.clock import VirtualClock


def budget(clock: VirtualClock | None = None) -> Budget:
    return Budget(clock or VirtualClock(), share=0.8)


def test_nothing_is_refused_until_an_answer_told() -> None:
    budget().spend()


def test_below_our_share_calls_go() -> None:
    ours = budget()
    ours.observe("api-usage=79/100")

    ours.spend()


def test_a_reserve_is_left_to_the_orgs_other_programs() -> None:
    """salesforce.md trap 27: our polling must not stop the customer's other systems."""
    ours = budget()
    ours.observe("api-usage=80/100")

    with pytest.raises(QuotaExhausted) as caught:
        ours.spend()

    assert caught.value.retry_after_s == LOOK_AGAIN_S
    assert caught.value.remedy


def test_from_time_to_time_one_call_looks_whether_there_are_more() -> None:
    """salesforce.md trap 28: nothing says when calls come free, and a stop must not be for ever."""
    clock = VirtualClock()
    ours = budget(clock)
    ours.observe("api-usage=90/100")
    with pytest.raises(QuotaExhausted):
        ours.spend()
    clock.advance(LOOK_AGAIN_S)

    ours.spend()

    with pytest.raises(QuotaExhausted):
        ours.spend()
    ours.observe("api-usage=10/100")
    ours.spend()


def test_the_tightest_limit_counts() -> None:
    """The app may have a limit of its own (salesforce.md 2.8)."""
    ours = budget()
    ours.observe("api-usage=25/5000; per-app-api-usage=240/250(appName=syncd)")

    with pytest.raises(QuotaExhausted):
        ours.spend()


@pytest.mark.parametrize("text", [None, "", "nonsense", "api-usage=5/0"])
def test_what_says_nothing_changes_nothing(text: str | None) -> None:
    ours = budget()
    ours.observe(text)

    assert ours.usage is None
