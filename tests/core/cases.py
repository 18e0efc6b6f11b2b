"""What the laws are tried on: policies with situations, and worlds at peace that somebody then edits."""

from __future__ import annotations

from dataclasses import replace

from hypothesis import strategies as st
from hypothesis.strategies import DrawFn, SearchStrategy
from msgspec import structs

from syncd.core.model import LEFT, RIGHT, Base, Fields, Side, Situation, Snapshot
from syncd.core.policy import KindPolicy, OnDelete
from syncd.testing.strategies import LEFT_ID, RIGHT_ID, fields_of, policies, situations, values

from .world import World, clamps, exact, rounds, trims

losses = st.sampled_from((exact, exact, trims, rounds, clamps))
sides = st.sampled_from(Side)


@st.composite
def cases(draw: DrawFn, *, bound: bool | None = None, deletes: bool = True) -> tuple[KindPolicy, Situation]:
    """A policy and a situation under it, now and then with a field that waits for a person."""
    policy = draw(policies())
    situation = draw(situations(policy, bound=bound, deletes=deletes))
    waits = draw(st.sampled_from((None, None, None, *policy.fields))) if situation.base else None
    return policy, structs.replace(situation, standing={waits: "it waits"} if waits else {})


@st.composite
def worlds(draw: DrawFn, *, bound: bool | None = None, deletes: bool = True, lossy: bool = True) -> World:
    """Any situation, between two systems of which each may lose something.

    A mark that the CRM can't hold as it is written would be a mistake of the table, so marks meet an exact CRM.
    """
    policy, situation = draw(cases(bound=bound, deletes=deletes))
    left, right = (draw(losses), draw(losses)) if lossy else (exact, exact)
    marks = OnDelete.MARK in (policy.when_propstreet_deletes, policy.when_crm_deletes)
    return World.of(policy, situation, left=left, right=exact if marks and deletes else right)


@st.composite
def peaceful_worlds(draw: DrawFn, *, lossy: bool = True) -> World:
    """A settled pair: each side shows its own base, in the spelling that its system kept."""
    policy = draw(policies())
    left, right = (draw(losses), draw(losses)) if lossy else (exact, exact)
    fields = draw(fields_of(policy, whole=True))
    records = {LEFT: Snapshot(id=LEFT_ID, ref=RIGHT_ID), RIGHT: Snapshot(id=RIGHT_ID, ref=LEFT_ID)}
    world = World(policy, records, losses={LEFT: left, RIGHT: right}).edited(LEFT, fields).edited(RIGHT, fields)
    return replace(world, base=Base(world.record(LEFT).fields, world.record(RIGHT).fields))


def edits(policy: KindPolicy) -> SearchStrategy[Fields]:
    """New values for some of the fields; some are what they were."""
    every = {name: values(rule.type) for name, rule in policy.fields.items()}
    return st.fixed_dictionaries({}, optional=every)
