"""Associations by the thousand (hubspot.md, sections 3.4 and 5.10): read, create, default, archive, labels archive.

Every row has an outcome of its own. A record without associations is an error row, not an empty one (trap 29), and
no error tells whether the record is there at all. The 2026-09 family answers 200 where v4 has 201, 204 or 207.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import msgspec

from .account import Collection
from .associating import Spec, checked, located
from .associations import PAGE_MAX, ends, link, link_plainly, page, unlink
from .batch import batch_answer
from .call import Answer, Call
from .labels import handle as handle_labels
from .links import Pair
from .lookup import locate
from .refusal import NoSuchPath, Refusal, WrongMethod

READ_MAX, CREATE_MAX, ARCHIVE_MAX = 1_000, 2_000, 100

Row = dict[str, Any]


class Ref(msgspec.Struct, frozen=True):
    id: str | int


class ReadInput(msgspec.Struct):
    id: str | int
    after: str | None = None


class ReadBody(msgspec.Struct):
    inputs: list[ReadInput]


class CreateInput(msgspec.Struct, rename={"source": "from"}):
    source: Ref
    to: Ref
    types: list[Spec]


class CreateBody(msgspec.Struct):
    inputs: list[CreateInput]


class DefaultInput(msgspec.Struct, rename={"source": "from"}):
    source: Ref
    to: Ref


class DefaultBody(msgspec.Struct):
    inputs: list[DefaultInput]


class ArchiveInput(msgspec.Struct, rename={"source": "from"}):
    source: Ref
    to: list[Ref]


class ArchiveBody(msgspec.Struct):
    inputs: list[ArchiveInput]


def handle(call: Call) -> Answer:
    """/crm/v4/associations/{from}/{to}/..."""
    match call.rest:
        case (source, target, "labels", *rest):
            return handle_labels(call, source, target, rest)
        case (source, target, "batch", *action) if tuple(action) in _ACTIONS:
            if call.method != "POST":
                raise WrongMethod
            right = "read" if action == ["read"] else "write"
            return _ACTIONS[tuple(action)](call, *ends(call, source, target, right))
    raise NoSuchPath


def _read(call: Call, source: Collection, target: Collection) -> Answer:
    inputs = call.body(ReadBody).inputs
    _check_size(inputs, READ_MAX)
    follow = call.account.switches.batch_read_follows_merges
    results, errors = [], []
    for id, after in {str(item.id): item.after for item in inputs}.items():
        record = locate(source, id, None, follow=follow)
        if record is None or record.archived_ms is not None:
            errors.append(_nothing(source, target, id))
            continue
        found = page(call, source, record.version.id, target, PAGE_MAX, after)
        if found["to"]:
            results.append({"from": {"id": str(record.version.id)}, **found})
        else:
            errors.append(_nothing(source, target, id))
    return batch_answer(call, 200, results, errors, shown_max=call.account.switches.association_errors_shown)


def _nothing(source: Collection, target: Collection, id: str) -> Row:
    kinds = source.kind.singular, target.kind.singular
    return Refusal(
        f"No {kinds[1]} is associated with {kinds[0]} {id}.",
        category="OBJECT_NOT_FOUND",
        sub_category="crm.associations.NO_ASSOCIATIONS_FOUND",
        context={"fromObjectId": [id], "fromObjectType": [kinds[0]], "toObjectType": [kinds[1]]},
    ).row()


def _create(call: Call, source: Collection, target: Collection) -> Answer:
    inputs = call.body(CreateBody).inputs
    _check_size(inputs, CREATE_MAX)

    def create(item: CreateInput) -> list[Row]:
        return [link(call, _pair(call, source, item, target), item.types)]

    results, errors = _each(inputs, create)
    return batch_answer(call, 200 if call.dated else 201, results, errors)


def _default(call: Call, source: Collection, target: Collection) -> Answer:
    """200, with errors in it where there are any."""
    inputs = call.body(DefaultBody).inputs
    _check_size(inputs, CREATE_MAX)
    results, errors = _each(inputs, lambda item: link_plainly(call, _pair(call, source, item, target)))
    return msgspec.structs.replace(batch_answer(call, 200, results, errors), status=200)


def _archive(call: Call, source: Collection, target: Collection) -> Answer:
    inputs = call.body(ArchiveBody).inputs
    _check_size(inputs, ARCHIVE_MAX)
    for item in inputs:
        for to in item.to:
            unlink(call, source, item.source.id, target, to.id, None)
    return batch_answer(call, 200, [], []) if call.dated else Answer(204)


def _archive_labels(call: Call, source: Collection, target: Collection) -> Answer:
    """Checked as a whole first. Taking the unlabelled type takes every label of the pair."""
    inputs = call.body(CreateBody).inputs
    _check_size(inputs, ARCHIVE_MAX)
    direction = Pair(source.kind.name, 0, target.kind.name, 0)
    wanted = [(item, checked(call.account, direction, item.types)) for item in inputs]
    for item, keys in wanted:
        unlink(call, source, item.source.id, target, item.to.id, keys)
    return batch_answer(call, 200, [], []) if call.dated else Answer(204)


_ACTIONS: dict[tuple[str, ...], Callable[[Call, Collection, Collection], Answer]] = {
    ("read",): _read,
    ("create",): _create,
    ("associate", "default"): _default,
    ("archive",): _archive,
    ("labels", "archive"): _archive_labels,
}


def _each(inputs: Sequence[Any], do: Callable[[Any], list[Row]]) -> tuple[list[Row], list[Row]]:
    results: list[Row] = []
    errors: list[Row] = []
    for item in inputs:
        try:
            results += do(item)
        except Refusal as refusal:
            sent = {"fromObjectId": [str(item.source.id)], "toObjectId": [str(item.to.id)]}
            errors.append(refusal.row(sent))
    return results, errors


def _pair(call: Call, source: Collection, item: CreateInput | DefaultInput, target: Collection) -> Pair:
    return located(call.account, source, item.source.id, target, item.to.id)


def _check_size(inputs: Sequence[object], most: int) -> None:
    if len(inputs) > most:
        raise Refusal(f"The batch is too large: at most {most} inputs are allowed.")
