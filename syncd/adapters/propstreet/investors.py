"""Prospects, the investors of a project: known by project and id together, read one set at a time, added in batches.

There is no feed of them: `within` reads what stands on a project now (propstreet.md trap 2). Only the
classification is ever written, row by row and guarded; `classify` writes over whatever a broker chose (trap 30).
"""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from typing import Any

from syncd.adapters.base import Brood, CreateItem, DeleteItem, Outcome, Remote, UpdateItem, Written
from syncd.core.model import Kind
from syncd.core.remote import split_person
from syncd.errors import Missing, PreconditionFailed, Rejected

from .adding import add
from .prospect_records import Prospect
from .prospects import PATCHABLE, Prospects
from .records import Record
from .remotes import place_of, prospect_row
from .standing import brood
from .wire import SYSTEM
from .writing import outcomes, patched

_LINK_FIRST = "link the contact to the company in Propstreet; then: syncd held retry"
_ONE_COMPANY = "take the investor off in the CRM, and put the right one on"


class Investors:
    """`stamped`: do prospects carry their counterpart's id? Not where the CRM nests them. `for_good`: does a delete
    take the history along, and can't be undone?"""

    def __init__(self, prospects: Prospects, *, namespace: str, stamped: bool, for_good: bool) -> None:
        self._prospects = prospects
        self._placed = _Placed(prospects)
        self._namespace = namespace
        self._stamped = stamped
        self._for_good = for_good

    def within(self, projects: Sequence[str]) -> list[Brood]:
        return [brood(self._prospects, project, self._namespace) for project in projects]

    def fetch(self, ids: Sequence[str]) -> dict[str, Remote]:
        """One that is not there says nothing of its project: the engine looks at that itself."""
        found: dict[str, Remote] = {}
        for id in ids:
            try:
                found[id] = self._show(id, self._placed.get(id))
            except Missing:
                found[id] = Remote(id=id, deleted=True)
        return found

    def find(self, refs: Sequence[str]) -> dict[str, Remote]:
        """Nothing, ever: a ref is unique inside a project only, and is looked up there (propstreet.md trap 23). A
        create that finds its investor on the project already answers with that one."""
        return {}

    def create(self, items: Sequence[CreateItem]) -> list[Outcome]:
        return add(self._prospects, items, namespace=self._namespace, stamped=self._stamped)

    def update(self, items: Sequence[UpdateItem]) -> list[Outcome]:
        return outcomes(self._update, items)

    def delete(self, items: Sequence[DeleteItem]) -> list[Outcome]:
        return outcomes(self._delete, items)

    def _update(self, item: UpdateItem) -> Written:
        if item.person is None or item.fields or item.stamp is not None:
            prospect = patched(self._placed, item, writable=PATCHABLE, namespace=self._namespace)
        else:
            prospect = self._placed.get(item.id)
        if item.person is not None:
            prospect = self._given_person(item.id, prospect, item.person)
        return Written(self._show(item.id, prospect))

    def _given_person(self, id: str, now: Record, person: str) -> Record:
        """Say who it is at the company: once and for good (propstreet.md trap 51)."""
        if self._show(id, now).person == person:
            return now
        kind, contact = split_person(person)
        if kind is not Kind.CONTACT:
            raise Rejected("a prospect is never given another company", system=SYSTEM, remedy=_ONE_COMPANY)
        try:
            self._prospects.contact_person(*place_of(id), contact)
        except Rejected as refused:
            refused.remedy = _LINK_FIRST
            raise
        return self._placed.get(id)

    def _delete(self, item: DeleteItem) -> Written:
        with suppress(Missing):  # gone already is what we wanted
            try:
                self._take_off(item)
            except Rejected as refused:
                refused.remedy = "classify it as not_interested instead: one that Propstreet matched may have to stay"
                raise
        return Written(Remote(id=item.id, deleted=True), whole=False)

    def _take_off(self, item: DeleteItem) -> None:
        project, id = place_of(item.id)
        if self._for_good:
            self._prospects.delete(project, id, if_match=item.if_version)
            return
        now = self._prospects.get(project, id)  # remove() takes no If-Match (propstreet.md trap 30)
        if now.deleted:
            return
        if item.if_version is not None and now.etag != item.if_version:
            message = f"prospect {id} of project {project} was changed in propstreet since we read it"
            raise PreconditionFailed(message, system=SYSTEM)
        self._prospects.remove(project, id)

    def _show(self, id: str, prospect: Record) -> Remote:
        return prospect_row(place_of(id)[0], prospect.raw, self._namespace)


class _Placed:
    """Prospects by the one id that the engine knows them by."""

    def __init__(self, prospects: Prospects) -> None:
        self._prospects = prospects

    def get(self, id: str) -> Prospect:
        return self._prospects.get(*place_of(id))

    def patch(self, id: str, body: Any, *, if_match: str | None) -> Prospect:
        return self._prospects.patch(*place_of(id), body, if_match=if_match)
