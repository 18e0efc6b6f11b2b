"""What a person decides is checked before it is kept, and lasts after it was carried out."""

from __future__ import annotations

import pytest

from syncd.engine.persons import drop_held, resolve
from syncd.engine.report import Mode
from syncd.errors import ConfigError

from .office import deal_of, disputed, held
from .world import World, make_world


def in_dispute() -> World:
    """One project whose name and exclusivity both sides edited, under policies that hold."""
    world = make_world()
    for name in ("name", "exclusivity"):
        world.table["project"]["fields"][name]["on_conflict"] = "hold"
    world.restart()
    project = world.propstreet.add_project(name="Oak", exclusivity="exclusive")
    world.run(Mode.BACKFILL)
    world.later(400)
    world.propstreet.edit_project(project, name="Elm", exclusivity="other")
    world.hubspot.person.edit_deal(deal_of(world, project), dealname="Ash", propstreet_exclusivity="non_exclusive")
    world.later()
    world.run()
    return world


@pytest.mark.parametrize(("field", "value"), [("exclusivity", "nonsense"), ("name", "")])
def test_a_value_that_can_not_be_written_is_refused_at_once(field: str, value: str) -> None:
    """P10: a decision that no system would take is told while the person is still there, and the conflict stays."""
    world = in_dispute()
    (conflict,) = (one for one in disputed(world) if one.field == field)

    with pytest.raises(ConfigError):
        resolve(world.connection, conflict.id, value=value)

    assert conflict.id in {one.id for one in disputed(world)}


def test_a_dropped_hold_does_not_come_back_by_itself() -> None:
    """P10: `held drop` lasts: a full comparison does not hold the same field again."""
    world = make_world()
    project = world.propstreet.add_project(name="Oak", exclusivity="exclusive")
    world.run(Mode.BACKFILL)
    world.later(400)
    world.propstreet.edit_project(project, exclusivity="brand_new_value")
    world.later()
    world.run()
    (hold,) = held(world)

    drop_held(world.connection, [hold.id])
    world.later(400)
    world.run(Mode.BACKFILL)

    assert held(world) == []
