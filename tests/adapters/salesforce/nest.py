"""The doors of prospects that are contact roles of opportunities, for the conformance suite."""

from __future__ import annotations

import json

from syncd.adapters.base import ObjectSpec
from syncd.adapters.salesforce.ids import full_id
from syncd.core.model import Kind
from syncd.core.remote import Raw, person_of, split_person
from syncd.testing import Breakage, Nest
from syncd.testing.conformance.line import Answer, break_line
from syncd.testing.sandbox.salesforce import SalesforceTwin
from syncd.testing.sandbox.wire import Faulty

OURS = ("Investor: cold 3001", "Investor: warm 3002", "Investor: hot 3003")
LAWYER = "Evaluator"
SPEC = ObjectSpec("OpportunityContactRole", ("Role",), {"Role": OURS}, nested=True)


class SalesforceNest(Nest):
    """A contact may have several roles in an opportunity: ours, and other people's beside it."""

    unknown_parent = str(full_id("006000000000zzz"))
    unknown_id = f"{unknown_parent}:contact:{full_id('003000000000zzz')}"

    def __init__(self, twin: SalesforceTwin, line: Faulty, *, page: int | None, retry_after_s: float) -> None:
        self._twin, self._line, self._retry_after_s = twin, line, retry_after_s
        self.page = page

    def add_parent(self) -> str:
        needed = {"Name": "Oak street", "StageName": "Prospecting", "CloseDate": "2026-12-31"}
        return self._twin.person.add_record("Opportunity", **needed)

    def remove_parent(self, parent: str) -> None:
        self._twin.person.delete_record(parent)

    def add_person(self, n: int) -> str:
        return person_of(Kind.CONTACT, self._twin.person.add_contact(LastName=f"Lindqvist {n}001"))

    def sample(self, n: int) -> Raw:
        return {"Role": OURS[n]}

    def bad(self) -> Raw:
        return {"Role": "Investor: nobody 77001 " * 20}

    def put(self, parent: str, person: str, fields: Raw) -> None:
        self._twin.person.add_role(parent, split_person(person)[1], role=fields.get("Role"))

    def edit(self, parent: str, person: str, fields: Raw) -> None:
        (role,) = (id for id, text in self._roles(parent, person).items() if text in OURS)
        self._twin.person.edit_role(role, **fields)

    def take_off(self, parent: str, person: str) -> None:
        for role in self._roles(parent, person):
            self._twin.person.delete_role(role)

    def inside(self, parent: str) -> dict[str, Raw]:
        """Two roles of ours would be two texts in one."""
        people = {person_of(Kind.CONTACT, role["ContactId"]) for role in self._twin.person.roles_of(parent).values()}
        ours = {
            person: ";".join(text for text in self._roles(parent, person).values() if text in OURS) for person in people
        }
        return {person: {"Role": text} if text else {} for person, text in ours.items()}

    def say(self, parent: str, person: str) -> str:
        self.put(parent, person, {"Role": LAWYER})
        return LAWYER

    def said(self, parent: str, person: str) -> set[str]:
        return {LAWYER} & set(self._roles(parent, person).values())

    def break_later(self, breakage: Breakage, *, calls: int) -> None:
        break_line(self._line, breakage, _complaint, retry_after_s=self._retry_after_s, skip=calls)

    def _roles(self, parent: str, person: str) -> dict[str, str]:
        """The texts of this contact's roles, by id."""
        roles = self._twin.person.roles_of(parent).items()
        return {id: str(role["Role"] or "") for id, role in roles if role["ContactId"] == split_person(person)[1]}


def _complaint(status: int) -> Answer:
    body = [{"message": "no", "errorCode": "INSUFFICIENT_ACCESS" if status == 403 else "SERVER_UNAVAILABLE"}]
    return {"content-type": "application/json"}, json.dumps([] if status in (401, 429) else body).encode()
