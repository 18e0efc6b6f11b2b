"""An office that is settled, and what a person sees of it: what the tests of mishaps stand on."""

from __future__ import annotations

from collections.abc import Callable

from syncd.engine.report import Mode
from syncd.store import conflicts, outbox
from syncd.store.conflicts import Disputed
from syncd.store.outbox import Entry
from syncd.testing.sandbox.wire import Faulty, Request

from .world import Table, World, make_world


class Killed(BaseException):
    """The process is gone."""


def sek(value: int) -> dict[str, object]:
    return {"value": value, "currency": "SEK", "scale": "none"}


def office(projects: int = 1, *, table: Table | None = None) -> World:
    """That many projects, each with its deal, settled."""
    world = make_world(table=table)
    for number in range(projects):
        world.propstreet.add_project(name=f"House {number}", price=sek(number + 100), exclusivity="exclusive")
    world.run(Mode.BACKFILL)
    world.settle()
    return world


def projects(world: World) -> list[str]:
    return [str(project["id"]) for project in world.propstreet.live_projects()]


def deal_of(world: World, project: str) -> str:
    """The live deal that carries this project's stamp."""
    return next(id for id, deal in world.hubspot.person.live_deals().items() if deal.get("propstreet_id") == project)


def disputed(world: World) -> list[Disputed]:
    with world.store.read() as tx:
        return conflicts.list_open(tx, "test")


def held(world: World, guard: str | None = None) -> list[Entry]:
    with world.store.read() as tx:
        return outbox.held(tx, "test", guard=guard)


def once_before(line: Faulty, method: str, ending: str, act: Callable[[], object]) -> None:
    """Somebody does this in the moment before the first such request reaches the system."""

    def on_request(request: Request) -> None:
        if request.method == method and request.path.endswith(ending):
            line.on_request = None
            act()

    line.on_request = on_request


def die() -> None:
    raise Killed
