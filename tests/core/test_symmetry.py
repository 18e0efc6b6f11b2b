"""Swapping the sides mirrors the result: neither system is treated better than the policy says."""

from __future__ import annotations

from hypothesis import assume, given
from msgspec import structs

from syncd.core.model import LEFT, RIGHT, Situation
from syncd.core.plan import plan
from syncd.core.policy import KindPolicy, OnDelete

from .cases import cases, losses
from .mirror import facts, mirrored_policy, mirrored_situation
from .world import Loss, World, updates


def unmarked(policy: KindPolicy) -> KindPolicy:
    """A mark exists only for the CRM, so this rule alone has no mirror image."""

    def rule(rule: OnDelete) -> OnDelete:
        return OnDelete.UNBIND if rule is OnDelete.MARK else rule

    return structs.replace(
        policy,
        when_propstreet_deletes=rule(policy.when_propstreet_deletes),
        when_crm_deletes=rule(policy.when_crm_deletes),
    )


def a_third_value_was_decided(case: tuple[KindPolicy, Situation]) -> bool:
    """A person's own value has to start somewhere. It starts in the CRM, from where it travels onward."""
    changes = [change for update in updates(plan(case[1], case[0])) for change in update.changes.values()]
    return any(change.onward and change.rule == "a person decided" for change in changes)


@given(cases())
def test_swapping_the_sides_mirrors_the_plan(case: tuple[KindPolicy, Situation]) -> None:
    policy, situation = unmarked(case[0]), case[1]
    assume(not a_third_value_was_decided((policy, situation)))

    mirrored = plan(mirrored_situation(situation), mirrored_policy(policy))

    assert facts(plan(situation, policy)) == facts(mirrored, mirror=True)


@given(cases(), losses, losses)
def test_swapping_the_sides_mirrors_where_it_ends(case: tuple[KindPolicy, Situation], left: Loss, right: Loss) -> None:
    policy, situation = unmarked(case[0]), case[1]
    assume(not a_third_value_was_decided((policy, situation)) or left is right)

    end = World.of(policy, situation, left=left, right=right).rounds()
    mirrored = World.of(mirrored_policy(policy), mirrored_situation(situation), left=right, right=left).rounds()

    for side in (LEFT, RIGHT):
        here, there = end.records[side], mirrored.records[side.other]
        assert (here and (here.fields, here.deleted)) == (there and (there.fields, there.deleted))
    assert (end.reported, end.ended is None) == (mirrored.reported, mirrored.ended is None)
