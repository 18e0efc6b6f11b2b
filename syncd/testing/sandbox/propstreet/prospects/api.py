"""The endpoints under /api/v1/projects/{id}/prospects (propstreet.md, sections 11.1 to 11.3)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

from syncd.testing.sandbox.propstreet.access import Caller
from syncd.testing.sandbox.propstreet.bodies import Attributes, json_of
from syncd.testing.sandbox.propstreet.http import Refusal, Reply, invalid, missing
from syncd.testing.sandbox.propstreet.idempotency import Replays
from syncd.testing.sandbox.propstreet.journal import Applied
from syncd.testing.sandbox.propstreet.paging import Filter, Filters, ListQuery
from syncd.testing.sandbox.propstreet.resource import Resource
from syncd.testing.sandbox.propstreet.server import API
from syncd.testing.sandbox.propstreet.state import State
from syncd.testing.sandbox.wire import Request

from . import batch, body
from .adding import NotAdded, Party, add, check_party
from .record import CHAT, CLASSIFICATIONS, Prospect


class Prospects(Resource[Prospect]):
    """`scope` is the project's id; whether there is such a project is checked before anything else."""

    filters: ClassVar[Filters] = {
        "capability": Filter(lambda prospect, wanted: wanted[0] in prospect.capabilities, (CHAT,)),
        "classification": Filter(lambda prospect, wanted: prospect.classification in wanted, CLASSIFICATIONS),
        "tags": Filter(lambda prospect, wanted: not set(wanted).isdisjoint(prospect.tags), repeats=True),
    }
    noop_is_silent = False  # what an empty PATCH does is unknown for prospects (section 6)

    def __init__(self, state: State, replays: Replays, journal: list[Applied], codes: list[str]) -> None:
        super().__init__(state, state.prospects, replays, journal)
        self._codes = codes

    def page(self, request: Request, scope: str = "") -> Reply:
        project = self._state.projects.ledger.seen(scope)
        if project is None or (project.deleted and self._server.switches.get_deleted == "404"):
            raise missing()
        return super().page(request, scope)

    def delete(self, id: str, request: Request, scope: str = "") -> Reply:
        refused = self._server.switches.delete_matched == "refused"
        if refused and self._writable(id, scope).teaser is not None:
            raise Refusal(409, "matched-prospect", "A prospect matched by Propstreet can't be deleted.")
        return super().delete(id, request, scope)

    def remove(self, id: str, scope: str) -> Reply:
        prospect = self._writable(id, scope)
        self._note("POST", self._state.prospects.remove(prospect, origin=API), {}, action="remove")
        return Reply(204)

    def contact_person(self, id: str, request: Request, scope: str) -> Reply:
        """A person in place of a company's name: once, and only one who is linked to the company (trap 51)."""
        prospects = self._state.prospects
        prospect = self._writable(id, scope)
        sent = json_of(request)
        contact = body.contact_person(sent, self._server.switches)
        if prospect.contact_id is not None:
            raise Refusal(409, "contact-person-set", "The prospect has a contact person already.")
        self._checked_party(Party(contact_id=contact))
        if self._state.links.between(contact, prospect.company_id or "") is None:
            raise Refusal(422, "contact-not-linked", "The contact is not linked to the prospect's company.")
        other = prospects.on(scope, contact, None)
        if other is not None and not other.deleted:
            raise _duplicate()
        named = {"contact_id": contact, **prospects.copied(contact, prospect.company_id)}
        changed = prospects.change(prospect, named, origin=API)
        self._note("POST", changed, sent, action="contact-person")
        return Reply(204)

    def classify(self, request: Request, scope: str) -> Reply:
        """Several at once, whatever their tags are by now (trap 30)."""
        self._living_project(scope)
        sent = json_of(request)
        ids, classification = body.classified(sent, self._server.switches)
        succeeded, failed = [], []
        for id in ids:
            prospect = self._state.prospects.find_living(id)
            if prospect is None or prospect.project_id != scope:
                failed.append({"prospectId": id, "error": "not_found"})
                continue
            changed = self._changed(prospect, {"classification": classification})
            self._note("POST", changed, {"classification": classification}, action="classify")
            succeeded.append(id)
        answer = {"classified": len(succeeded), "succeeded": succeeded, "failed": failed}
        return Reply(200, self._server.render.document(answer))

    def add_batch(self, request: Request, path: str, caller: Caller, scope: str) -> Reply:
        def make() -> Reply:
            self._living_project(scope)
            items = body.items(json_of(request), self._server.switches)
            outcome = batch.add_all(self._state, scope, items, self._codes)
            for item, prospect in outcome.created:
                self._note("POST", prospect, item, action="batch")
            answer = batch.shown(outcome, self._server.switches.batch_codes)
            return Reply(200, self._server.render.document(answer))

        return self._once(request, path, caller, make) if self._server.switches.batch_keys == "honoured" else make()

    def _read(self, sent: Mapping[str, Any], current: Prospect | None) -> Attributes:
        return body.change(sent, self._server.switches)

    def _made(self, sent: Mapping[str, Any], scope: str) -> Prospect:
        self._living_project(scope)
        party, refs = body.addition(sent, self._server.switches)
        try:
            return add(self._state, scope, party, refs, origin=API)
        except NotAdded as reason:
            raise self._refusal(reason, party) from None

    def _rows(self, query: ListQuery, scope: str) -> tuple[list[Prospect], bool]:
        keeps = query.keeps
        if query.include_deleted and self._server.switches.removed == "hidden":
            return self._table.ledger.page(query.start, query.size, lambda row: not row.removed and keeps(row), scope)
        return self._table.ledger.page(query.start, query.size, keeps, scope)

    def _readable(self, id: str, scope: str = "") -> Prospect:
        prospect = super()._readable(id, scope)
        if prospect.removed and self._server.switches.removed == "hidden":
            raise missing()
        return prospect

    def _living_project(self, id: str) -> None:
        if self._state.projects.find_living(id) is None:
            raise missing()

    def _checked_party(self, party: Party) -> None:
        try:
            check_party(self._state, party)
        except NotAdded as reason:
            raise self._refusal(reason, party) from None

    def _refusal(self, reason: NotAdded, party: Party) -> Refusal:
        """What a single POST answers for what a batch has a code for."""
        switches = self._server.switches
        field = "contactId" if party.contact_id is not None else "companyId"
        match reason.code:
            case "invalid_id":
                return invalid({field: [reason.message]})
            case "not_found_or_no_access":
                status = switches.unknown_party
                return Refusal(status, "not-found" if status == 404 else "validation-failed", reason.message)
            case "blocked":
                return Refusal(switches.blocked_party, "contact-blocked", reason.message)
            case "duplicate_external_ref":
                return Refusal(switches.duplicate_ref, "duplicate-external-ref", reason.message)
            case _:
                return _duplicate()


def _duplicate() -> Refusal:
    return Refusal(409, "duplicate-prospect", "The investor is a prospect of this project already.")
