"""What came of many prospects in one call: HTTP says success even when every item failed (propstreet.md trap 29).

What was created is not in the order of the request and is matched by contact or company; a failure names its index
in the request (trap 28). The documents have two sets of error codes, so a code that we do not know is not taken for
a refusal: the project's prospects are looked at first (section 11.3).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from enum import StrEnum
from typing import Any, TypeVar

import msgspec

from .problems import broken_answer
from .prospect_records import ProspectBody
from .records import Record, View, decimal, text
from .wire import Answer, Call, decode_object, text_id

BATCH_MAX = 100  # items in one call, propstreet.md section 11.1


class ItemStep(StrEnum):
    """What to do about an item that was not created."""

    ADOPT = "adopt"  # list the project's prospects and adopt the one with this party; with none, see who has its refs
    FIND_HOLDER = "find_holder"  # another prospect of the project has the ref: find it by the ref
    REFRESH = "refresh"  # the contact or company is not what we took it for: read it again
    RETRY = "retry"  # later, a bounded number of times
    HOLD = "hold"  # no repetition helps; a person must look


_STEPS = {
    "validation_error": ItemStep.HOLD,
    "invalid_source": ItemStep.HOLD,
    "blocked": ItemStep.HOLD,
    "invalid_id": ItemStep.REFRESH,
    "not_found_or_no_access": ItemStep.REFRESH,
    "duplicate": ItemStep.ADOPT,  # twice in the request; but the guide's sample means an earlier prospect
    "duplicate_external_ref": ItemStep.FIND_HOLDER,
    "already_in_prospects": ItemStep.ADOPT,
    "already_in_incoming": ItemStep.ADOPT,
    "not_added": ItemStep.ADOPT,  # exists already, blocked, or not found: only a look tells
    "action_failed": ItemStep.RETRY,
}


class BatchCreated(Record, frozen=True):
    """A new prospect, in part: no etag and no stamps."""

    @property
    def contact_id(self) -> str | None:
        return text_id(self.raw.get("contactId"))

    @property
    def company_id(self) -> str | None:
        return text_id(self.raw.get("companyId"))


class BatchFailure(View, frozen=True):
    @property
    def contact_id(self) -> str | None:
        return text_id(self.raw.get("contactId"))

    @property
    def company_id(self) -> str | None:
        return text_id(self.raw.get("companyId"))

    @property
    def index(self) -> int | None:
        """Which item of the request, from 0."""
        index = decimal(self.raw.get("index"))
        return int(index) if index is not None and index == int(index) else None

    @property
    def error(self) -> str:
        """The code, known or not."""
        return text(self.raw.get("error")) or ""

    @property
    def message(self) -> str | None:
        """The server's words. They may name people: not for logs."""
        return text(self.raw.get("message"))

    @property
    def step(self) -> ItemStep:
        return _STEPS.get(self.error, ItemStep.ADOPT)


_Row = TypeVar("_Row", BatchCreated, BatchFailure)


class BatchItem(msgspec.Struct, frozen=True):
    """One item of the request and what came of it: `created`, or `failure`, or neither when the answer is silent."""

    item: ProspectBody
    created: BatchCreated | None = None
    failure: BatchFailure | None = None

    @property
    def step(self) -> ItemStep | None:
        """None when it was created."""
        if self.created is not None:
            return None
        return ItemStep.ADOPT if self.failure is None else self.failure.step


class BatchResult(msgspec.Struct, frozen=True):
    created: tuple[BatchCreated, ...]
    failed: tuple[BatchFailure, ...]

    def paired(self, items: Sequence[ProspectBody]) -> list[BatchItem]:
        """What came of each item of the request, in its order."""
        failures = _failures(items, self.failed)
        created = _matched(items, _without(items, failures), self.created)
        return [BatchItem(item, created.get(at), failures.get(at)) for at, item in enumerate(items)]


class ClassifyFailure(View, frozen=True):
    @property
    def prospect_id(self) -> str | None:
        return text_id(self.raw.get("prospectId"))

    @property
    def error(self) -> str:
        return text(self.raw.get("error")) or ""


class Classified(msgspec.Struct, frozen=True):
    succeeded: tuple[str, ...]  # ids
    failed: tuple[ClassifyFailure, ...]
    silent: tuple[str, ...]  # asked for, and in neither list


def read_batch(answer: Answer, call: Call) -> BatchResult:
    """Raises OutcomeUnknown when this is no such result: some may have been created all the same."""
    created, failed = _lists(answer, call, "created", "failed")
    if not all(isinstance(row, dict) for row in (*created, *failed)) or not all(text_id(r.get("id")) for r in created):
        raise broken_answer(answer, call)
    return BatchResult(tuple(map(BatchCreated, created)), tuple(map(BatchFailure, failed)))


def read_classified(answer: Answer, call: Call, ids: Sequence[str]) -> Classified:
    """Raises OutcomeUnknown when this is no such result."""
    succeeded, failed = _lists(answer, call, "succeeded", "failed")
    done = tuple(id for id in (_classified_id(row) for row in succeeded) if id is not None)
    failures = tuple(ClassifyFailure(row) for row in failed if isinstance(row, dict))
    told = {*done, *(failure.prospect_id for failure in failures)}
    return Classified(done, failures, tuple(id for id in ids if id not in told))


def _lists(answer: Answer, call: Call, *names: str) -> list[list[Any]]:
    """These lists of the answer; one that is left out or null is empty, but not all of them."""
    raw = decode_object(answer.body) or {}
    given = [raw.get(name) for name in names]
    if all(rows is None for rows in given) or not all(rows is None or isinstance(rows, list) for rows in given):
        raise broken_answer(answer, call)
    return [rows or [] for rows in given]


def _failures(items: Sequence[ProspectBody], failed: Sequence[BatchFailure]) -> dict[int, BatchFailure]:
    """Each by its index, where that item is the one it names; the others by the contact or company they name."""
    found: dict[int, BatchFailure] = {}
    others: list[BatchFailure] = []
    for failure in failed:
        at = failure.index
        if at is not None and 0 <= at < len(items) and _names(failure, items[at]):
            found[at] = failure
        else:
            others.append(failure)
    return found | _matched(items, _without(items, found), others)


def _without(items: Sequence[ProspectBody], found: Mapping[int, object]) -> list[int]:
    return [at for at in range(len(items)) if at not in found]


def _names(failure: BatchFailure, item: ProspectBody) -> bool:
    """Does the failure name this item's contact or company, or nobody at all?"""
    nobody = failure.contact_id is None and failure.company_id is None
    return nobody or _same_contact(item, failure) or _same_company(item, failure)


def _matched(items: Sequence[ProspectBody], open_: Sequence[int], rows: Sequence[_Row]) -> dict[int, _Row]:
    """One row for each of these items; contacts first, since a contact's row may show its company as well."""
    found: dict[int, _Row] = {}
    left = list(rows)
    for same in (_same_contact, _same_company):
        for at in open_:
            if at in found:
                continue
            row = next((row for row in left if same(items[at], row)), None)
            if row is not None:
                left.remove(row)
                found[at] = row
    return found


def _same_contact(item: ProspectBody, row: BatchCreated | BatchFailure) -> bool:
    contact = text_id(item.get("contactId"))
    return contact is not None and row.contact_id == contact


def _same_company(item: ProspectBody, row: BatchCreated | BatchFailure) -> bool:
    company = text_id(item.get("companyId"))
    return company is not None and row.company_id == company


def _classified_id(row: Any) -> str | None:
    """The documents do not say whether a success is an id or an object with one."""
    return text_id(row.get("prospectId", row.get("id"))) if isinstance(row, dict) else text_id(row)
