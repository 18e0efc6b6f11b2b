"""syncd check: whose account, and what a person must mend."""

from __future__ import annotations

import pytest

from syncd.adapters.base import Health
from syncd.errors import ServerTrouble, Unauthorized, Unreachable
from syncd.testing.clock import VirtualClock
from syncd.testing.sandbox.hubspot import App, HubSpotTwin, Switches
from syncd.testing.sandbox.mount_urllib3 import TwinPool
from syncd.testing.sandbox.wire import Fault, FaultKind

from .peer import REFUSED, TOKEN, Peer, adapter_at
from .rig import Rig


def complaints(health: Health) -> str:
    return "; ".join(f"{problem.what}: {problem.remedy}" for problem in health.problems)


def test_a_good_account_is_healthy_and_named() -> None:
    health = Rig().adapter.check()

    assert Health(account="hubspot 4242") == health


def test_the_account_is_the_portal_and_asked_for_once() -> None:
    """A token belongs to one portal for good; what check() has learnt needs no call any more."""
    rig = Rig()
    assert rig.adapter.identity(ask=False) is None
    assert [rig.adapter.identity(ask=True), rig.adapter.identity(ask=True)] == ["4242", "4242"]
    assert rig.calls_of("/account-info/v3/details") == 1

    checked = Rig()
    checked.adapter.check()
    calls = checked.adapter.calls
    assert checked.adapter.identity(ask=True) == "4242"
    assert checked.adapter.calls == calls


@pytest.mark.parametrize("status", [403, 404])
def test_a_token_that_may_not_ask_has_no_account(status: int) -> None:
    """Section 2.2: not every sort of token may; check() then takes the portal from the token itself."""
    rig = Rig()
    rig.line.plan(Fault(kind=FaultKind.STATUS, status=status, path="account-info", times=-1))

    assert rig.adapter.identity(ask=True) is None
    rig.adapter.check()
    assert rig.adapter.identity(ask=False) == "4242"


def test_trouble_with_the_question_is_no_answer() -> None:
    rig = Rig()
    rig.line.plan(Fault(kind=FaultKind.STATUS, status=503, path="account-info", times=-1))

    with pytest.raises(ServerTrouble):
        rig.adapter.identity(ask=True)


@pytest.mark.parametrize("path", ["access-token-info", "account-info"])
@pytest.mark.parametrize("status", [403, 404])
def test_an_account_that_tells_nothing_of_itself_is_healthy_too(path: str, status: int) -> None:
    """Section 2.2: service keys and OAuth tokens can't be introspected like this."""
    rig = Rig()
    rig.line.plan(Fault(kind=FaultKind.STATUS, status=status, path=path, times=-1))

    assert rig.adapter.check().problems == ()


def test_a_wrong_token_is_unauthorized() -> None:
    """hubspot.md trap 40."""
    rig = Rig()
    rig.twin.switch(apps={"another": App()})

    with pytest.raises(Unauthorized) as caught:
        rig.adapter.check()

    assert "token_env" in (caught.value.remedy or "")


def test_nobody_there_is_unreachable() -> None:
    with pytest.raises(Unreachable):
        adapter_at(Peer(REFUSED)).check()


def test_missing_scopes_are_named() -> None:
    """Section 2.3."""
    rig = Rig()
    rig.twin.switch(apps={TOKEN: App(scopes=frozenset({"crm.objects.deals.read"}))})

    assert "crm.objects.deals.write" in complaints(rig.adapter.check())


def test_a_token_that_may_not_read_is_a_problem_not_a_crash() -> None:
    """hubspot.md trap 40."""
    rig = Rig()
    rig.twin.switch(apps={TOKEN: App(scopes=frozenset())})

    assert "crm.objects.deals.read" in complaints(rig.adapter.check())


def test_the_stamp_property_must_exist_and_be_unique() -> None:
    """hubspot.md trap 13: refuse to start otherwise."""
    clock = VirtualClock()
    twin = HubSpotTwin(clock, Switches(rate_limit=None))
    adapter = adapter_at(TwinPool(twin), clock=clock)

    missing = complaints(adapter.check())
    twin.person.add_property("propstreet_id")
    plain = complaints(adapter.check())

    assert "have no property propstreet_id: run `syncd setup --apply`" in missing
    assert "propstreet_id of deals is not unique" in plain


def test_mapped_properties_must_exist() -> None:
    """Section 4.2: reading an unknown name is ignored silently, so it has to be checked."""
    assert "no property p_gone" in complaints(Rig(fields=("dealname", "p_gone")).adapter.check())
