"""The people of a random history: what they do in both systems, and what they may expect to come of it."""

from __future__ import annotations

import dataclasses
import random
from typing import Any

from syncd.core.model import LEFT, RIGHT, Side, Value
from syncd.mapping import Mapper
from tests.engine.world import World

from .crm_people import people_of

SEEN_AFTER_S = 150.0
"""An edit older than this when a pass begins is seen by it: above every lag and clock error that is drawn."""

FOREIGN_NAMESPACE = "another"
EUROS = 7
"""What every price in euro ends in, and none in kronor."""

WATCHED = ("name", "price", "exclusivity")


@dataclasses.dataclass
class Edit:
    side: Side
    value: Value  # canonical, as that side showed it right after the edit
    at: float


@dataclasses.dataclass
class Group:
    """Edits of one field of one record, by either side, none of which was settled when the next was made."""

    edits: list[Edit] = dataclasses.field(default_factory=list)
    settled_at: float | None = None  # when the pass began that had seen them all


class People:
    def __init__(self, world: World, rng: random.Random, trace: list[str]) -> None:
        self.born: dict[str, tuple[Side, str]] = {}  # marker → where a person made it
        self.groups: dict[tuple[Side, str, str], Group] = {}  # by side, id and field
        self.deleted: set[tuple[Side, str]] = set()
        self.merged: set[str] = set()  # deals, as every CRM's records are called here, that took part in a merge
        self.foreign: set[str] = set()  # projects with another system's ref
        self.outside: set[str] = set()  # deals out of scope
        self.crm = people_of(world.twin)
        self._world = world
        self._rng = rng
        self._trace = trace
        self._count = 0
        self._rebuilding = False  # no pass has ended well since the store was lost

    def act(self) -> None:
        """One thing that a person does."""
        acts = (
            (self.add_project, 8),
            (self.add_deal, 6),
            (self.edit_project, 34),
            (self.edit_deal, 34),
            (self.move_project, 6),
            (self.delete_project, 4),
            (self.archive_deal, 4),
            (self.merge_deals, 2 if self.crm.merges else 0),
            (self.restore_deal, 2),
            (self.upset_crm, 6),
        )
        act = self._rng.choices([act for act, _ in acts], [weight for _, weight in acts])[0]
        act()

    def agree(self, before: float) -> None:
        """A pass that began then ended well: what is old enough has been seen by it."""
        self._rebuilding = False
        for group in self.groups.values():
            if group.settled_at is None and group.edits[-1].at < before - SEEN_AFTER_S:
                group.settled_at = before

    def forget_agreements(self) -> None:
        """The store is lost, and what was settled with it: from here on first meetings decide."""
        self.groups.clear()
        self._rebuilding = True

    def add_project(self) -> None:
        marker = self._marker()
        fields: dict[str, Any] = {"name": f"{marker} new", "price": self._price()}
        if self._rng.random() < 0.3:
            fields["externalRefs"] = [{"namespace": FOREIGN_NAMESPACE, "id": f"006{marker}"}]
        if self._rng.random() < 0.2:
            fields["asset"] = {"type": "portfolio", "propertyCount": self._rng.randint(2, 9)}
        id = self._world.propstreet.add_project(**fields)
        if "externalRefs" in fields:
            self.foreign.add(id)
        self.born[marker] = (LEFT, id)
        self._say(f"project {id} made")

    def add_deal(self) -> None:
        marker = self._marker()
        outside = self._rng.random() < 0.15
        id = self.crm.add(self._mapper, {"name": f"{marker} new", "price": "1000000 SEK"}, outside=outside)
        if outside:
            self.outside.add(id)
        else:
            self.born[marker] = (RIGHT, id)
        self._say(f"{self.crm.what} {id} made{' outside' if outside else ''}")

    def edit_project(self) -> None:
        project = self._some_project()
        if project is None:
            return
        id, marker = project["id"], str(project["name"]).split(" ")[0]
        field, wire = self._rng.choice(
            (
                ("name", {"name": f"{marker} p{self._number()}{self._rng.choice(('', ' ', ' with a long tail'))}"}),
                ("price", {"price": self._price()}),
                ("price", {"price": None}),
                ("exclusivity", {"exclusivity": self._rng.choice(("exclusive", "non_exclusive", "other"))}),
            )
        )
        self._world.propstreet.edit_project(id, **wire)
        self._note(LEFT, id, field)
        self._say(f"project {id} {wire}")

    def edit_deal(self) -> None:
        id = self._some_deal()
        if id is None:
            return
        marker = str(self.shown(RIGHT, id)["name"] or "?").split(" ")[0]
        field, value = self._rng.choice(
            (
                ("name", f"{marker} d{self._number()}{self._rng.choice(('', ' with a long tail'))}"),
                ("price", f"{self._number()}000.5 SEK"),
                ("exclusivity", self._rng.choice(("exclusive", "non_exclusive", "other"))),
                ("progress", self._rng.choice(("qualification", "negotiation", "lost"))),
                ("unmapped", f"not mapped {self._number()}"),
            )
        )
        if field == "unmapped":
            self.crm.touch(id, value)
        else:
            self.crm.edit(id, self._mapper, field, value, late_s=self._rng.choice((0, 0, 0, 0, 100)))
        self._note(RIGHT, id, field)
        self._say(f"{self.crm.what} {id} {field} {value!r}")

    def move_project(self) -> None:
        """What only the Propstreet app can do."""
        project = self._some_project()
        if project is None:
            return
        wire = self._rng.choice(
            (
                {"teaser": "published"},
                {"teaser": "communicated"},
                {"classification": "active"},
                {"status": "closed"},
                {"priceRange": {"min": 1, "max": 10**9, "currency": "SEK", "scale": "none"}},
            )
        )
        self._world.propstreet.edit_project(project["id"], **wire)
        self._say(f"project {project['id']} {wire}")

    def delete_project(self) -> None:
        project = self._some_project()
        if project is not None:
            self._world.propstreet.delete_project(project["id"])
            self.deleted.add((LEFT, project["id"]))
            self._say(f"project {project['id']} deleted")

    def archive_deal(self) -> None:
        id = self._some_deal()
        if id is not None:
            self.crm.delete(id)
            self.deleted.add((RIGHT, id))
            self._say(f"{self.crm.what} {id} deleted")

    def restore_deal(self) -> None:
        gone = sorted(id for side, id in self.deleted if side is RIGHT)
        if gone:
            id = self._rng.choice(gone)
            try:
                self.crm.restore(id)
            except (KeyError, ValueError):
                return
            self._say(f"{self.crm.what} {id} restored")

    def upset_crm(self) -> None:
        id = self._some_deal()
        if id is not None:
            self._say(f"{self.crm.what} {id}: {self.crm.upset(id)}")

    def merge_deals(self) -> None:
        deals = self._deals()
        if len(deals) < 2:
            return
        primary, other = self._rng.sample(deals, 2)
        survivor = self.crm.merge(primary, other)
        self.merged |= {primary, other, survivor}
        self._say(f"deals {primary} and {other} merged into {survivor}")

    def shown(self, side: Side, id: str) -> dict[str, Value]:
        """What that side shows of a record, canonical."""
        return dict(self._mapper.read(side, self.raw(side, id)).fields)

    def raw(self, side: Side, id: str) -> dict[str, Any]:
        if side is LEFT:
            return dict(self._world.propstreet.project(id))
        return self.crm.seen(self.crm.record(id), self._mapper)

    @property
    def _mapper(self) -> Mapper:
        return self._world.mapper

    def _note(self, side: Side, id: str, field: str) -> None:
        if field not in WATCHED or self._rebuilding:
            return
        group = self.groups.get((side, id, field))
        if group is None or group.settled_at is not None:
            group = self.groups[side, id, field] = Group()
        group.edits.append(Edit(side, self.shown(side, id).get(field), self._world.clock.time()))

    def _some_project(self) -> dict[str, Any] | None:
        projects = sorted(self._world.propstreet.live_projects(), key=lambda project: str(project["id"]))
        return self._rng.choice(projects) if projects else None

    def _some_deal(self) -> str | None:
        deals = self._deals()
        return self._rng.choice(deals) if deals else None

    def _deals(self) -> list[str]:
        return sorted(id for id in self.crm.live() if id not in self.outside)

    def _price(self) -> dict[str, Any]:
        if self.crm.one_currency and self._rng.random() < 0.1:
            return {"value": 1_000_000 * self._rng.randint(1, 400) + EUROS, "currency": "EUR", "scale": "none"}
        scale = self._rng.choice(("none", "thousands", "millions"))
        value = {"none": 1_000_000, "thousands": 1_000, "millions": 1}[scale] * self._rng.randint(1, 400)
        return {"value": value, "currency": "SEK", "scale": scale}

    def _marker(self) -> str:
        return f"M{self._number()}"

    def _number(self) -> int:
        self._count += 1
        return self._count

    def _say(self, what: str) -> None:
        self._trace.append(f"  {what}")
