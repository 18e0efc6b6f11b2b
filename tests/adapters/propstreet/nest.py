"""The doors of prospects, for the conformance suite."""

from __future__ import annotations

import json
from typing import Any

from syncd.core.model import Kind
from syncd.core.remote import Raw, person_of, split_person
from syncd.testing import Breakage, Nest
from syncd.testing.conformance.line import Answer, break_line
from syncd.testing.sandbox.propstreet import PropstreetTwin
from syncd.testing.sandbox.wire import Faulty

STAGES = ("contacted", "interested", "bidder")


class PropstreetNest(Nest):
    """What others say of a prospect are its tags."""

    page = 500
    tells_who_left = False  # a prospect that is not found says nothing of its project
    shared = False  # a prospect is one record, tags and all
    unknown_id = "999999999/999999999"

    def __init__(self, twin: PropstreetTwin, line: Faulty, *, retry_after_s: float) -> None:
        self._twin, self._line, self._retry_after_s = twin, line, retry_after_s
        # Where a deleted project can still be read, so can its prospects (propstreet.md section 10.3 leaves it open).
        self.tells_gone_parents = twin.switches.get_deleted == "404"

    def add_parent(self) -> str:
        return self._twin.add_project(name="Oak street")

    def remove_parent(self, parent: str) -> None:
        self._twin.delete_project(parent)

    def add_person(self, n: int) -> str:
        if n % 2:
            return person_of(Kind.COMPANY, self._twin.add_company(name=f"Fond {n}001"))
        return person_of(Kind.CONTACT, self._twin.add_contact(firstName=f"Anna {n}001"))

    def sample(self, n: int) -> Raw:
        return {"classification": STAGES[n]}

    def put(self, parent: str, person: str, fields: Raw) -> None:
        kind, id = split_person(person)
        made = self._twin.add_prospect(parent, **{kind.value: id})
        if fields:
            self._twin.edit_prospect(made, **fields)

    def edit(self, parent: str, person: str, fields: Raw) -> None:
        self._twin.edit_prospect(self._live(parent)[person]["id"], **fields)

    def take_off(self, parent: str, person: str) -> None:
        self._twin.remove_prospect(self._live(parent)[person]["id"])

    def inside(self, parent: str) -> dict[str, Raw]:
        return {person: {"classification": row["classification"]} for person, row in self._live(parent).items()}

    def say(self, parent: str, person: str) -> str:
        self._twin.edit_prospect(self._live(parent)[person]["id"], tags=["lawyer"])
        return "lawyer"

    def said(self, parent: str, person: str) -> set[str]:
        return set(self._live(parent)[person].get("tags") or ())

    def break_later(self, breakage: Breakage, *, calls: int) -> None:
        break_line(
            self._line, breakage, _problem, only=(("*", "/api/v1/"),), retry_after_s=self._retry_after_s, skip=calls
        )

    def _live(self, parent: str) -> dict[str, dict[str, Any]]:
        """Who is on it, and is somebody; nobody where it is gone."""
        if parent not in {project["id"] for project in self._twin.live_projects()}:
            return {}
        return {_person(row): row for row in self._twin.live_prospects(parent)}


def _person(row: dict[str, Any]) -> str:
    contact = row.get("contactId")
    return person_of(Kind.CONTACT, contact) if contact else person_of(Kind.COMPANY, row["companyId"])


def _problem(status: int) -> Answer:
    problem = {"type": f"/help/status-{status}", "title": "no"}
    return {"content-type": "application/problem+json"}, json.dumps(problem).encode()
