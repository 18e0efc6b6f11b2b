"""What the acts of people and the truth of both systems say about who belongs where, and what syncd says of itself."""

from __future__ import annotations

from syncd.core.model import LEFT, RIGHT, Kind, Side
from syncd.core.remote import split_person
from syncd.engine.explain import Explanation, explain

from .history import InvestorHistory
from .truth import person_in

DONE = ("in sync", "in sync as far as it was looked at")


class Evidence:
    def __init__(self, history: InvestorHistory) -> None:
        self._history = history
        self._world = history.world
        self._people = history.people
        self._truth = history.people.truth()
        self._mappers = self._world.connection.mappers
        self._explained: dict[str, list[Explanation]] = {}

    def is_plain(self, project: str, deal: str) -> bool:
        """Nobody deleted, restored or merged either; those have rules of their own."""
        deleted = {(LEFT, project), (RIGHT, deal)} & self._people.deleted
        return not deleted and deal not in self._people.merged and deal not in self._people.outside

    def may_be_over(self, project: str, deal: str, left: str | None, right: str | None, why: set[str]) -> bool:
        """Did people do something after which the two need not be together?

        The role of a deleted contact stays in Salesforce, and is in sync (salesforce.md section 7.2).
        """
        return self.is_gone(left, right) or (self.was_parted(project, deal, left, right) and not why & {*DONE})

    def was_parted(self, project: str, deal: str, left: str | None, right: str | None) -> bool:
        parted = {(side, parent, self._people.now(person)) for side, parent, person in self._people.parted}
        return (LEFT, project, left) in parted or any(
            (RIGHT, deal, one) in parted for one in (right, *self.once(left)) if one
        )

    def is_gone(self, *persons: str | None) -> bool:
        gone = {person for _, person in self._people.gone}
        gone |= {self._people.now(person) for person in gone}
        return any(person in gone or bool(self.once(person) & gone) for person in persons if person)

    def once(self, left: str | None) -> set[str]:
        """Everybody in the CRM whom this contact or company was ever stamped into, as they are called now."""
        return {self._people.now(right) for right, stamp in self._people.carried if stamp == left}

    def lefts(self, right: str) -> set[str]:
        """Whose counterpart this person of the CRM is, or was."""
        now = self._people.now(right)
        return {left for one, left in self._people.carried if self._people.now(one) == now}

    def contact_gone(self, side: Side, left: str | None) -> bool:
        return bool(self.once(left) & {self._people.now(person) for at, person in self._people.gone if at is side})

    def is_odd(self, deal: str, person: str) -> bool:
        odd = {(at, self._people.now(one)) for _, at, one in self._people.odd}
        return (deal, self._people.now(person)) in odd

    def deals_ever(self) -> dict[str, set[str]]:
        """The projects whose stamp a deal had at any time."""
        found: dict[str, set[str]] = {}
        for deal, project in self._people.carried_deals:
            found.setdefault(deal, set()).add(project)
        return found

    def exists(self, person: str) -> bool:
        kind, id = split_person(person)
        return id in (self._truth.contacts if kind is Kind.CONTACT else self._truth.companies)

    def person_is_held(self, side: Side, person: str | None) -> bool:
        """Is somebody without a counterpart because a person must say who they are?"""
        if person is None or person in (self._truth.right_of if side is LEFT else self._truth.left_of):
            return False
        kind, id = split_person(person)
        return self.is_held(id, kind=kind)

    def names(self, deal: str, person: str) -> list[str]:
        """By which syncd knows a place on a deal."""
        return self._people.places.names(deal, person)

    def is_of_people(self, deal: str, person: str) -> bool:
        """Have people made all of these records but one? In HubSpot nobody sees a new one at once."""
        records = [self._truth.records[id] for id in self.names(deal, person) if id in self._truth.records]
        return bool(records) and sum(one.stamp is not None for one in records) < 2

    def was_unlinked(self, deal: str, person: str) -> bool:
        """Did a record lose this place for a while, in which another one may have come to it?"""
        return (deal, self._people.now(person)) in {
            (place[0], self._people.now(place[1])) for place in self._people.unlinked if place is not None
        }

    def stands_without(self, name: str, deal: str, person: str | None) -> bool:
        """Is its record on the deal, without whom the prospect is about, because that is nobody, or somebody gone?"""
        records = [one for one in self._truth.records.values() if one.stamp == name and one.deal == deal]
        others = [left for one in records if one.person for left in self.lefts(one.person)]
        return bool(records) and (person is None or self.is_gone(*others))

    def record_dropped(self, name: str) -> bool:
        """Have people deleted the record of this prospect, whomever it was about by then?"""
        return self._people.records is not None and name in self._people.records.dropped

    def stands_for(self, project: str, deal: str, person: str) -> bool:
        """Is it the record of another project's prospect, moved by people, or of one here that names nobody?"""
        stamps = {self._truth.records[id].stamp for id in self.names(deal, person) if id in self._truth.records}
        nobody = {f"{project}/{row['id']}" for row in self._truth.prospects[project] if person_in(row) is None}
        return any(stamp in nobody or not stamp.startswith(f"{project}/") for stamp in stamps if stamp)

    def is_held(self, *names: str, kind: Kind = Kind.PROSPECT) -> bool:
        """Is one of these held, or in dispute, for everybody to see?"""
        answers = [one for name in names for one in self.explain(name, kind)]
        return any(one.conflicts or any(op.state == "held" for op in one.open) for one in answers)

    def why(self, *names: str, kind: Kind = Kind.PROSPECT) -> set[str]:
        return {one.why for name in names for one in self.explain(name, kind)}

    def explain(self, name: str, kind: Kind = Kind.PROSPECT) -> list[Explanation]:
        """Records of other kinds may have the same id."""
        if name not in self._explained:
            self._explained[name] = explain(self._world.connection, name)
        return [one for one in self._explained[name] if one.kind == kind]
