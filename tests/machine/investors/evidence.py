"""What the acts of people and the truth of both systems say about who belongs where, and what syncd says of itself."""

from __future__ import annotations

from syncd.core.model import LEFT, RIGHT, Kind, Side
from syncd.core.remote import split_person
from syncd.engine.explain import Explanation, explain

from .history import InvestorHistory

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
        return self.is_held(split_person(person)[1])

    def is_held(self, name: str) -> bool:
        """Held, or in dispute, for everybody to see."""
        return any(one.conflicts or any(op.state == "held" for op in one.open) for one in self.explain(name))

    def why(self, name: str) -> set[str]:
        return {one.why for one in self.explain(name)}

    def explain(self, name: str) -> list[Explanation]:
        if name not in self._explained:
            self._explained[name] = explain(self._world.connection, name)
        return self._explained[name]
