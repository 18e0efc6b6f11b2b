"""Guards against accidents at scale: they look at a whole batch before its first write.

A revoked scope, an empty page or a broken filter shows up as many deletes, clears, creates, or the same field
rewritten everywhere. What trips is parked as a set that a person approves; the rest goes on.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping
from typing import Annotated

import msgspec

from .model import Kind, Side
from .ops import Create, Delete, Hold, Op, Update


class Limit(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Trips above `most`, and above `share` of the population once more than `floor` are meant."""

    most: Annotated[int, msgspec.Meta(ge=0)]
    share: Annotated[float, msgspec.Meta(ge=0, le=1)]
    floor: Annotated[int, msgspec.Meta(ge=0)]

    def trips(self, count: int, population: int) -> bool:
        return count > self.most or (count > self.floor and count > self.share * population)


class Guards(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The limits of one connection. Sized so that an office's ordinary day passes and a mishap does not."""

    deletes: Limit = Limit(most=100, share=0.05, floor=10)
    clears: Limit = Limit(most=200, share=0.10, floor=20)
    creates: Limit = Limit(most=1000, share=0.50, floor=50)
    same_field: Limit = Limit(most=5000, share=0.50, floor=50)


class Suspect(msgspec.Struct, frozen=True, order=True):
    """What an op counts towards: `what` is deletes, clears, creates, or same_field with the field's name."""

    side: Side
    what: str
    field: str = ""
    kind: Kind = Kind.PROJECT

    @property
    def name(self) -> str:
        of = "" if self.kind is Kind.PROJECT else self.kind.value
        return " ".join(part for part in (of, self.what, self.field, "in", self.side) if part)


class Trip(msgspec.Struct, frozen=True):
    suspect: Suspect
    count: int
    population: int

    @property
    def name(self) -> str:
        return self.suspect.name


def suspects(op: Op, kind: Kind = Kind.PROJECT, *, follows_writes: Collection[str] = ()) -> Iterator[Suspect]:
    """Every count that this op adds to.

    Filling what was empty destroys nothing, and a field that follows every write (a modified date) says nothing:
    neither counts as an edit of the same field everywhere.
    """
    match op:
        case Delete(side=side):
            yield Suspect(side, "deletes", kind=kind)
        case Create(side=side):
            yield Suspect(side, "creates", kind=kind)
        case Update(side=side, changes=changes):
            if any(change.set in (None, ()) for change in changes.values()):
                yield Suspect(side, "clears", kind=kind)
            for name, change in changes.items():
                if change.was not in (None, ()) and name not in follows_writes:
                    yield Suspect(side, "same_field", name, kind)
        case Hold():
            return


def tripped(
    counts: Mapping[Suspect, int],
    population: Callable[[Suspect], int],
    guards: Guards,
    *,
    first_load: Collection[Kind] = (),
) -> list[Trip]:
    """The guards that trip. `first_load`: kinds of which creating many is what was asked for."""
    trips = []
    for suspect, count in sorted(counts.items()):
        if suspect.what == "creates" and suspect.kind in first_load:
            continue
        limit: Limit = getattr(guards, suspect.what)
        among = population(suspect)
        if limit.trips(count, among):
            trips.append(Trip(suspect, count, among))
    return trips
