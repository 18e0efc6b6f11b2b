"""Adds investors to projects: one batch per project, and for each of them what came of it (propstreet.md 11.3).

A new prospect is not_contacted; any other classification is patched afterwards, guarded by what a read of the set
showed. Where that does not succeed the prospect is there all the same, and the answer says what it lacks. Whoever is on
the project already is answered with what stands there, and never written over.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from syncd.adapters.base import CreateItem, Failed, Outcome, Remote, Written
from syncd.core.model import Kind
from syncd.core.remote import split_person
from syncd.errors import AlreadyExists, Missing, Rejected, RemoteError, ServerTrouble

from .batch import BatchCreated, BatchItem, ItemStep
from .prospect_records import ProspectBody
from .prospects import PATCHABLE, Prospects
from .records import with_ref
from .remotes import place_of, prospect_row
from .standing import standing
from .wire import SYSTEM
from .writing import checked

CLASSIFICATION = "classification"
FIRST = "not_contacted"  # what every new prospect is, propstreet.md section 11.2
_LOOKED_FOR = (ItemStep.ADOPT, ItemStep.FIND_HOLDER)
_CODE_MAX = 60

Wanted = Mapping[int, CreateItem]
"""Items by their place in the request."""


def add(prospects: Prospects, items: Sequence[CreateItem], *, namespace: str, stamped: bool) -> list[Outcome]:
    """One outcome per item, in the order of the items: at most 100, for the batches to hold them."""
    outcomes: dict[int, Outcome] = {}
    by_project: dict[str, dict[int, CreateItem]] = {}
    for at, item in enumerate(items):
        try:
            by_project.setdefault(_project(item), {})[at] = item
        except Rejected as wrong:
            outcomes[at] = Failed(wrong)
    for project, wanted in by_project.items():
        outcomes |= _Addition(prospects, project, namespace=namespace, stamped=stamped).outcomes(wanted)
    return [outcomes[at] for at in range(len(items))]


class _Addition:
    """Investors for one project."""

    def __init__(self, prospects: Prospects, project: str, *, namespace: str, stamped: bool) -> None:
        self._prospects = prospects
        self._project = project
        self._namespace = namespace
        self._stamped = stamped

    def outcomes(self, wanted: Wanted) -> dict[int, Outcome]:
        bodies = [self._body(item) for item in wanted.values()]
        try:
            pairs = self._prospects.batch_add(self._project, bodies).paired(bodies)
        except RemoteError as error:
            if isinstance(error, Missing):
                error.remedy = f"look for project {self._project} in Propstreet; then: syncd held retry"
            return {at: Failed(error) for at in wanted}
        told = list(zip(wanted.items(), pairs, strict=True))
        shown = self._shown([pair for _, pair in told])
        return {at: self._outcome(item, pair, shown) for (at, item), pair in told}

    def _body(self, item: CreateItem) -> ProspectBody:
        """Exactly one of the two ids (propstreet.md trap 50)."""
        kind, id = split_person(item.person or "")
        body: ProspectBody = {"contactId": id} if kind is Kind.CONTACT else {"companyId": id}
        if self._stamped:
            body["externalRefs"] = with_ref([], self._namespace, item.ref)
        return body

    def _shown(self, pairs: Sequence[BatchItem]) -> list[Remote] | RemoteError:
        """What stands on the project now, as far as these need it: in one list, and not one by one."""
        created = [pair.created for pair in pairs if pair.created is not None]
        looked_for = [pair for pair in pairs if pair.step in _LOOKED_FOR]
        try:
            if len(created) == 1 and not looked_for:
                return [self._row(self._prospects.get(self._project, created[0].id).raw)]
            return standing(self._prospects, self._project, self._namespace) if created or looked_for else []
        except RemoteError as error:
            return error

    def _outcome(self, item: CreateItem, pair: BatchItem, shown: list[Remote] | RemoteError) -> Outcome:
        if pair.created is not None:
            return self._created(item, pair.created, shown)
        if pair.step in _LOOKED_FOR:
            return Failed(shown) if isinstance(shown, RemoteError) else self._found(item, pair, shown)
        if pair.step is ItemStep.RETRY:
            message = f"propstreet could not add {self._named(item)} just now"
            return Failed(ServerTrouble(message, system=SYSTEM, code=_code(pair)))
        return Failed(self._rejected(item, pair))

    def _created(self, item: CreateItem, made: BatchCreated, shown: list[Remote] | RemoteError) -> Written:
        asked = item.fields.get(CLASSIFICATION)
        row = next((row for row in shown if place_of(row.id)[1] == made.id), None) if isinstance(shown, list) else None
        if row is None:
            default = {CLASSIFICATION: FIRST, "projectId": self._project}
            return _half_known(self._row({**default, **made.raw}), asked)
        now = row.raw.get(CLASSIFICATION)
        if asked is None or asked == now:
            return Written(row, created=True)
        if now not in (None, FIRST):
            # Somebody was faster, or it is an earlier prospect that was revived: its value is not ours to replace.
            return Written(row, created=False)
        try:
            place = place_of(row.id)
            prospect = self._prospects.patch(*place, {"classification": asked}, if_match=row.version)
        except RemoteError:
            return _half_known(row, asked)
        return Written(self._row(prospect.raw), created=True)

    def _found(self, item: CreateItem, pair: BatchItem, shown: list[Remote]) -> Outcome:
        """The prospect that is there already: the investor's own, or the one that has the reference."""
        there = next((row for row in shown if row.person == item.person), None)
        if there is not None:
            return Written(there, created=False)
        holder = next((row for row in shown if self._stamped and row.ref == item.ref), None)
        if holder is not None:
            message = f"prospect {holder.id} has the reference of {self._named(item)}"
            return Failed(AlreadyExists(message, system=SYSTEM, code=_code(pair), existing_id=holder.id))
        return Failed(self._rejected(item, pair))

    def _rejected(self, item: CreateItem, pair: BatchItem) -> Rejected:
        code = _code(pair)
        message = f"propstreet did not add {self._named(item)} ({code})"
        return Rejected(message, system=SYSTEM, code=code, remedy=_remedy(pair))

    def _named(self, item: CreateItem) -> str:
        return f"{(item.person or '').replace(':', ' ')} to project {self._project}"

    def _row(self, raw: dict[str, object]) -> Remote:
        return prospect_row(self._project, raw, self._namespace)


def _project(item: CreateItem) -> str:
    """Raises Rejected for what can't be asked for."""
    checked(item.fields, PATCHABLE)
    if item.parent is None or item.person is None:
        raise Rejected(
            "a prospect needs a project, and a contact or a company",
            system=SYSTEM,
            remedy="name the contact or the company in the CRM; then: syncd held retry",
        )
    return item.parent


def _half_known(row: Remote, asked: object) -> Written:
    """It was added, and is as yet what every new one is; the row may be older than what is there now: read it again."""
    return Written(row, whole=False, created=True, missed=() if asked in (None, FIRST) else (CLASSIFICATION,))


def _code(pair: BatchItem) -> str:
    """As a word; a later release's may be anything, and must not carry people's data."""
    if pair.failure is None:
        return "no answer"
    code = pair.failure.error
    return code if code.isidentifier() and len(code) <= _CODE_MAX else "no code"


def _remedy(pair: BatchItem) -> str:
    match pair.step, _code(pair):
        case ItemStep.REFRESH, _:
            return "it may be deleted, or hidden from the user of the token: look in Propstreet; then: syncd held retry"
        case _, "blocked":
            return "the contact is blocked in Propstreet: unblock it, or take the investor off the deal"
        case ItemStep.HOLD, _:
            return "look at the contact or company in Propstreet; then: syncd held retry"
        case _:
            return "it may be blocked or deleted in Propstreet: look there; then: syncd held retry"
