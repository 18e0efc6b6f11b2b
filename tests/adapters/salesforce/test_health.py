"""What `syncd check` says about an org."""

from __future__ import annotations

import pytest

from syncd.testing.sandbox.salesforce import RateLimit

from .rig import REF, Rig


def problems(rig: Rig) -> str:
    return "\n".join(f"{one.what} -> {one.remedy}" for one in rig.adapter.check().problems)


def test_a_good_org_has_no_problems() -> None:
    assert problems(Rig()) == ""


def test_another_object_by_its_name_alone() -> None:
    assert problems(Rig(name="Deal__c", fields=("Name", "Amount__c", "Stage__c"))) == ""


def test_a_version_that_is_not_offered_is_told() -> None:
    """salesforce.md 3.1 and trap 6: the version is a setting, and checked."""
    rig = Rig(switches={"versions": ("66.0", "67.0")}, options={"api_version": "66.0"})
    rig.twin.switch(versions=("66.0",))
    assert problems(rig) == ""

    old = Rig()
    old.line.on_request = None
    old.adapter._client.versions = lambda: ["58.0", "66.0"]  # type: ignore[method-assign]

    assert "67.0; the newest is 66.0" in problems(old)


def test_an_object_that_is_hidden_is_told() -> None:
    assert "no object Opportunity" in problems(Rig(stamped=False, switches={"hidden_objects": {"Opportunity"}}))


def test_a_stamp_field_that_is_missing_is_told() -> None:
    assert "syncd setup --apply" in problems(Rig(stamped=False))


@pytest.mark.parametrize("half", ["external_id", "unique"])
def test_a_stamp_field_that_is_no_key_is_told(half: str) -> None:
    """salesforce.md trap 11."""
    rig = Rig(stamped=False)
    rig.person.add_field(REF, unique=half == "unique", external_id=half == "external_id")

    assert "not a unique external id" in problems(rig)


def test_a_stamp_field_that_we_may_not_write_is_told() -> None:
    assert "can't be written by us" in problems(Rig(switches={"readonly_fields": {f"Opportunity.{REF}"}}))


def test_a_hidden_field_is_told() -> None:
    """salesforce.md trap 17."""
    told = problems(Rig(switches={"hidden_fields": {"Opportunity.Amount"}}))

    assert "Amount" in told
    assert "permission set" in told


def test_a_day_that_is_nearly_spent_is_told_without_stopping() -> None:
    """salesforce.md trap 27."""
    rig = Rig(switches={"rate_limit": RateLimit(daily_max=1000, used_by_others=700)})

    (problem,) = rig.adapter.check().problems

    assert not problem.fatal
    assert "of the org's 1000 daily calls" in problem.what
