"""Adding up to a hundred investors in one call, some of which may fail (propstreet.md, section 11.3).

Ids and refs are validated item by item and item against item before anything is written. `created` comes in no order
that a client could rely on (trap 28). An item that succeeded in an earlier call fails in this one (trap 27).
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import msgspec

from syncd.testing.sandbox.propstreet.http import Refusal
from syncd.testing.sandbox.propstreet.record import Ref
from syncd.testing.sandbox.propstreet.server import API
from syncd.testing.sandbox.propstreet.state import State

from . import body
from .adding import NotAdded, Party, add, check_id, check_refs
from .record import Prospect


class Failure(msgspec.Struct, frozen=True):
    index: int  # of the item in the request
    item: Any
    reason: NotAdded


class _Wanted(msgspec.Struct, frozen=True):
    index: int
    party: Party
    refs: tuple[Ref, ...]


class Outcome(msgspec.Struct, frozen=True):
    created: Sequence[tuple[dict[str, Any], Prospect]]  # what was asked for, and what was made of it
    failed: Sequence[Failure]


def add_all(state: State, project: str, items: Sequence[Any], codes: list[str]) -> Outcome:
    """`codes`: with which the next additions fail, whatever they are; one goes with each."""
    wanted, failed = _validated(state, project, items)
    created = []
    taken: set[Party] = set()
    for one in wanted:
        try:
            if one.party in taken:
                raise NotAdded("duplicate", "The investor is in this request twice.")
            taken.add(one.party)
            if codes:
                raise NotAdded(codes.pop(0), "The investor could not be added.")
            created.append((items[one.index], add(state, project, one.party, one.refs, origin=API)))
        except NotAdded as reason:
            failed.append(Failure(one.index, items[one.index], reason))
    return Outcome(created, sorted(failed, key=lambda failure: failure.index))


def shown(outcome: Outcome, codes: str) -> dict[str, Any]:
    """The answer, in the schema's words or the guide's."""
    created = [
        {
            "id": prospect.id,
            **_named(item),
            **({"externalRefs": prospect.external_refs} if prospect.external_refs else {}),
        }
        for item, prospect in reversed(outcome.created)
    ]
    failed = [
        {
            "index": failure.index,
            **_named(failure.item),
            "error": _GUIDE.get(failure.reason.code, "not_added") if codes == "guide" else failure.reason.code,
            "message": failure.reason.message,
        }
        for failure in outcome.failed
    ]
    return {"created": created, "failed": failed}


_GUIDE = {
    "validation_error": "validation_error",
    "invalid_id": "invalid_id",
    "duplicate": "duplicate",
    "duplicate_external_ref": "duplicate",
    "already_in_prospects": "duplicate",  # the guide's own sample, although its table has not_added for this
}


def _validated(state: State, project: str, items: Sequence[Any]) -> tuple[list[_Wanted], list[Failure]]:
    wanted: list[_Wanted] = []
    failed: list[Failure] = []
    claimed: set[tuple[str, str]] = set()
    for index, item in enumerate(items):
        try:
            one = _read(state, index, item)
            revived = state.prospects.on(project, one.party.contact_id, one.party.company_id)
            check_refs(state, project, one.refs, revived)
            if claimed & {ref.key for ref in one.refs}:
                raise NotAdded("duplicate_external_ref", "Another item of this request has this reference.")
            claimed |= {ref.key for ref in one.refs}
            wanted.append(one)
        except NotAdded as reason:
            failed.append(Failure(index, item, reason))
    return wanted, failed


def _read(state: State, index: int, item: Any) -> _Wanted:
    if not isinstance(item, dict):
        raise NotAdded("validation_error", "An item must be an object.")
    try:
        party, refs = body.addition(item, state.server.switches)
    except Refusal as refusal:
        raise NotAdded(
            "validation_error",
            "; ".join(problem for problems in (refusal.errors or {}).values() for problem in problems),
        ) from None
    check_id(party)
    return _Wanted(index, party, refs)


def _named(item: Any) -> dict[str, Any]:
    """The party as the item named it: one of the two ids, even where the prospect has both."""
    if not isinstance(item, dict):
        return {}
    return {name: item[name] for name in ("contactId", "companyId") if isinstance(item.get(name), str)}
