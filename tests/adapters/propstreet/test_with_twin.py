"""The adapter against the twin of Propstreet, in every shape the contract leaves open (section 21)."""

from __future__ import annotations

import random
from collections.abc import Iterator
from decimal import Decimal
from typing import Any

import msgspec
import pytest

from syncd.adapters.base import CreateItem, DeleteItem, Failed, Outcome, Remote, UpdateItem, Written
from syncd.adapters.propstreet import Project, PropstreetAdapter
from syncd.core.model import Kind
from syncd.errors import AlreadyExists, CursorRefused, OutcomeUnknown, PreconditionFailed, Rejected, RemoteError
from syncd.testing.clock import VirtualClock
from syncd.testing.sandbox.mount_httpx import TwinTransport
from syncd.testing.sandbox.propstreet import PropstreetTwin, RateLimit, Switches
from syncd.testing.sandbox.wire import Fault, FaultKind, Faulty

from .peer import adapter

SHAPES = [
    {},
    {"envelope": "top"},
    {"mandate": "absent"},
    {"mandate": "only"},
    {"nulls": "explicit"},
    {"numbers": "string"},
    {"teaser": "short", "extra_fields": {"brandNew": {"a": 1}}},
    {"get_deleted": "200", "second_delete": "204"},
    {"stale": "412 help"},
    {"stale": "409"},
    {"problem_types": "urn", "idempotency_conflict": 409},
    {"duplicate_ref": 422},
    {"duplicate_ref": 400, "problem_types": "urn"},
]


class World:
    """A twin on a line that can fail, its clock, and our adapter at the other end."""

    def __init__(self, switches: Switches = Switches(), **options: Any) -> None:  # noqa: B008 - frozen
        self.clock = VirtualClock()
        self.twin = PropstreetTwin(self.clock, switches)
        self.line = Faulty(self.twin)
        sign_in = {"token_env": None, "client_id_env": "TWIN_ID", "client_secret_env": "TWIN_SECRET"}
        self.adapter: PropstreetAdapter = adapter(
            TwinTransport(self.line), self.clock, **{**sign_in, "page_size": 10, **options}
        )

    def switch(self, **switches: Any) -> None:
        self.twin.switches = msgspec.structs.replace(self.twin.switches, **switches)

    def scan(self, cursor: str | None = None) -> tuple[dict[str, Remote], str]:
        rows: dict[str, Remote] = {}
        for page in self.adapter.changes(Kind.PROJECT, cursor):
            rows |= {row.id: row for row in page.rows}
            cursor = page.cursor
        assert page.complete
        assert cursor is not None
        return rows, cursor

    def read(self, id: str) -> Remote:
        return self.adapter.fetch(Kind.PROJECT, [id])[id]

    def create(self, ref: str, key: str | None = None, **fields: Any) -> Outcome:
        item = CreateItem(ref=ref, fields={"name": "Kista", **fields}, key=key or f"key-{ref}")
        return self.adapter.create(Kind.PROJECT, [item])[0]

    def update(self, at: Remote, stamp: str | None = None, **fields: Any) -> Outcome:
        item = UpdateItem(id=at.id, fields=fields, current=at.raw, if_version=at.version, stamp=stamp)
        return self.adapter.update(Kind.PROJECT, [item])[0]

    def delete(self, at: Remote) -> Outcome:
        return self.adapter.delete(Kind.PROJECT, [DeleteItem(at.id, at.version)])[0]


@pytest.fixture(params=SHAPES, ids=lambda shape: "-".join(map(str, shape.values()))[:40] or "default")
def world(request: pytest.FixtureRequest) -> Iterator[World]:
    made = World(Switches(**request.param))
    yield made
    made.adapter.close()


def remote(outcome: Outcome) -> Remote:
    assert isinstance(outcome, Written), outcome
    return outcome.remote


def error(outcome: Outcome) -> RemoteError:
    assert isinstance(outcome, Failed), outcome
    return outcome.error


def test_a_project_from_create_to_delete(world: World) -> None:
    """Whatever the shape of answers, the story is the same."""
    price = {"value": Decimal("82.5"), "currency": "EUR", "scale": "millions"}
    made = remote(world.create("77", price=price, exclusivity="other"))
    shown = Project(made.raw)
    assert (made.ref, shown.exclusivity) == ("77", "other")
    assert shown.price is not None
    assert shown.price.value == Decimal("82.5")

    renamed = remote(world.update(made, name="Solna", exclusivity=None))
    assert Project(renamed.raw).name == "Solna"
    assert Project(renamed.raw).exclusivity is None
    assert renamed.version != made.version
    assert world.read(made.id).version == renamed.version
    assert world.adapter.find(Kind.PROJECT, ["77", "78"]).keys() == {"77"}

    assert isinstance(error(world.update(made, name="late")), PreconditionFailed)
    assert isinstance(error(world.delete(made)), PreconditionFailed)
    taken = error(world.create("77", key="another"))
    assert isinstance(taken, AlreadyExists)
    assert taken.existing_id == made.id

    assert remote(world.delete(renamed)).deleted
    assert remote(world.delete(renamed)).deleted
    assert world.read(made.id).deleted
    assert world.adapter.find(Kind.PROJECT, ["77"]) == {}
    rows, _ = world.scan()
    assert rows[made.id].deleted


def test_a_stamp_leaves_other_systems_refs_alone(world: World) -> None:
    """propstreet.md trap 21."""
    others = [{"namespace": "Vitec", "id": "V/1"}, {"namespace": "sf", "id": "0061AbC"}]
    id = world.twin.add_project(name="Kista", externalRefs=others)
    stamped = remote(world.update(world.read(id), stamp="77"))

    assert stamped.ref == "77"
    assert world.twin.project(id)["externalRefs"] == [*others, {"namespace": "hubspot", "id": "77"}]
    assert remote(world.update(stamped, stamp="78")).ref == "78"
    assert world.twin.project(id)["externalRefs"][:2] == others


def test_a_repeated_create_makes_one_project(world: World) -> None:
    """propstreet.md traps 25 and 26: the answer was lost; the same key finds the same project."""
    world.line.plan(Fault(kind=FaultKind.TIMEOUT_AFTER, method="POST", path="projects"))
    assert isinstance(error(world.create("77")), OutcomeUnknown)
    again = remote(world.create("77"))

    assert [again.id] == [project["id"] for project in world.twin.live_projects()]


def test_a_repeated_create_with_forgotten_keys_names_the_first(world: World) -> None:
    """propstreet.md section 7: the ref in the body holds when the key's retention is over."""
    world.switch(idempotency_retention_s=0)
    world.line.plan(Fault(kind=FaultKind.RESET_AFTER, method="POST", path="projects"))
    world.create("77")
    taken = error(world.create("77"))

    assert isinstance(taken, AlreadyExists)
    assert [taken.existing_id] == [project["id"] for project in world.twin.live_projects()]


def test_a_deleted_project_that_reserves_its_ref(world: World) -> None:
    """propstreet.md section 10.3."""
    world.switch(deleted_refs="reserved")
    made = remote(world.create("77"))
    world.delete(made)
    refused = error(world.create("77", key="another"))

    assert isinstance(refused, Rejected)
    assert refused.existing_id == made.id


def test_a_key_that_is_still_at_work() -> None:
    world = World(Switches(in_flight_s=60, read_lag_s=60))
    world.create("77")

    assert isinstance(error(world.create("77")), OutcomeUnknown)


def test_everything_then_only_what_changed(world: World) -> None:
    """One request per page, and the next scan starts an overlap before the mark (traps 1, 3, 4)."""
    ids = world.twin.seed_projects(35, random.Random(1))
    everything, mark = world.scan()
    world.clock.advance(1000)
    world.twin.edit_project(ids[3], name="moved")
    calls = world.adapter.calls
    changed, _ = world.scan(mark)

    assert everything.keys() == set(ids)
    assert ids[3] in changed
    assert len(changed) < 10
    assert world.adapter.calls == calls + 1


def test_a_row_committed_late_is_caught_by_the_overlap() -> None:
    """propstreet.md section 5: a row may become visible after a newer row was already served."""
    world = World()
    world.twin.add_project(name="late", late_s=200)
    world.clock.advance(100)
    on_time = world.twin.add_project(name="on time")
    first, mark = world.scan()
    world.clock.advance(150)
    second, _ = world.scan(mark)

    assert first.keys() == {on_time}
    assert [Project(row.raw).name for row in second.values()].count("late") == 1


@pytest.mark.parametrize("skew_s", [-3600, 3600])
def test_the_servers_clock_is_the_only_one(skew_s: float) -> None:
    """propstreet.md trap 3."""
    world = World(Switches(clock_skew_s=skew_s))
    world.twin.add_project(name="one")
    _, mark = world.scan()
    world.clock.advance(10)
    two = world.twin.add_project(name="two")

    assert two in world.scan(mark)[0]


def test_many_rows_of_one_instant_are_all_shown() -> None:
    """propstreet.md trap 5: ties across page borders."""
    world = World()
    ids = {world.twin.add_project(name=str(n)) for n in range(25)}

    rows, mark = world.scan()
    assert rows.keys() == ids
    assert world.scan(mark)[0].keys() == ids


def test_killed_between_pages_nothing_is_lost(world: World) -> None:
    ids = set(world.twin.seed_projects(35, random.Random(2)))
    seen: set[str] = set()
    cursor: str | None = None
    for _ in range(9):
        page = next(world.adapter.changes(Kind.PROJECT, cursor))
        seen |= {row.id for row in page.rows}
        cursor = page.cursor
        if page.complete:
            break

    assert page.complete
    assert seen == ids


def test_cursors_that_die() -> None:
    """propstreet.md section 4: restart once, then say so; the mark stays where it was."""
    world = World(Switches(cursor_life_s=30))
    ids = world.twin.seed_projects(25, random.Random(3))
    pages = world.adapter.changes(Kind.PROJECT, None)
    next(pages)
    world.clock.advance(60)
    seen = {row.id for page in pages for row in page.rows}
    assert seen == set(ids)

    pages = world.adapter.changes(Kind.PROJECT, None)
    next(pages)
    world.clock.advance(60)
    next(pages)
    world.clock.advance(60)
    with pytest.raises(CursorRefused):
        next(pages)


@pytest.mark.parametrize("window", ["bucket", "fixed"])
@pytest.mark.parametrize("sign_in", ["client", "personal"])
def test_no_call_is_ever_refused_for_haste(window: str, sign_in: str) -> None:
    """propstreet.md traps 57 and 58: paced before the call, not slowed by 429s after it."""
    options = {} if sign_in == "client" else {"token_env": "TWIN", "client_id_env": None, "client_secret_env": None}
    world = World(Switches(rate_limit=RateLimit(window=window)), **options)  # type: ignore[arg-type]
    statuses: set[int] = set()
    world.line.on_response = lambda _, response: statuses.add(response.status)
    id = world.twin.add_project(name="one")
    per_minute = 600 if sign_in == "client" else 60
    while world.clock.monotonic() < 240:
        world.read(id)

    assert statuses == {200}
    assert world.adapter.calls / 4 >= 0.95 * 0.8 * per_minute


def test_tokens_are_renewed_before_they_end_and_when_revoked() -> None:
    """propstreet.md section 2."""
    world = World(Switches(token_life_s=100))
    statuses: set[int] = set()
    world.line.on_response = lambda _, response: statuses.add(response.status)
    at = remote(world.create("77"))
    for n in range(20):
        world.clock.advance(30)
        at = remote(world.update(at, name=f"name {n}"))
    assert 401 not in statuses

    world.twin.revoke_tokens()
    assert Project(remote(world.update(at, name="after")).raw).name == "after"
    assert 401 in statuses


@pytest.mark.parametrize("kind", [FaultKind.TIMEOUT_AFTER, FaultKind.RESET_BEFORE, FaultKind.GARBAGE_200])
def test_a_lost_write_is_never_sent_twice(kind: FaultKind) -> None:
    world = World()
    at = remote(world.create("77"))
    before = len(world.line.requests)
    world.line.plan(Fault(kind=kind, method="PATCH"))

    assert isinstance(error(world.update(at, name="x")), OutcomeUnknown)
    assert len(world.line.requests) == before + 1


def test_linked_properties_and_health() -> None:
    world = World(token_env="TWIN", client_id_env=None, client_secret_env=None)
    id = world.twin.add_project(name="one")
    world.twin.link_property(id, tenure="freehold")

    assert world.read(id).raw["properties"]
    assert [problem.fatal for problem in world.adapter.check().problems] == [False]
