"""Records by the hundred (hubspot.md, sections 5.3 to 5.7): read, create, update, upsert, archive.

Results come in another order than the inputs. Creates and upserts have one outcome per row only when every input
carries its own `objectWriteTraceId`; otherwise one bad input refuses the whole call and nothing is written
(trap 1). Reads and updates always have one outcome per row. The 2026-09 family says so with 200 or 201 and
`numErrors` in the body, v3 with 207 (section 2.1).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import msgspec

from .account import Collection
from .call import Answer, Call
from .lookup import check_id_property, locate
from .reading import check_history_limit, reader, shown_after_write, with_history
from .records import Record
from .refusal import NoSuchPath, Refusal, WrongMethod, not_found
from .values import iso
from .writing import Claims, NewLink, Prepared, archive, carry_out, prepare_create, prepare_update

INPUTS_MAX = 100

Row = dict[str, Any]


class IdInput(msgspec.Struct):
    id: str


class ReadBody(msgspec.Struct, rename="camel"):
    inputs: list[IdInput]
    properties: list[str] = []
    properties_with_history: list[str] = []
    id_property: str | None = None


class ArchiveBody(msgspec.Struct):
    inputs: list[IdInput]


class CreateInput(msgspec.Struct, rename="camel"):
    properties: dict[str, Any]
    object_write_trace_id: str | None = None
    associations: tuple[NewLink, ...] = ()


class CreateBody(msgspec.Struct):
    inputs: list[CreateInput]


class WriteInput(msgspec.Struct, rename="camel"):
    id: str
    properties: dict[str, Any]
    id_property: str | None = None
    object_write_trace_id: str | None = None


class WriteBody(msgspec.Struct):
    inputs: list[WriteInput]


Input = CreateInput | WriteInput


def handle(call: Call, within: Collection, action: str) -> Answer:
    """/crm/v3/objects/{type}/batch/{action}"""
    do = _ACTIONS.get(action)
    if do is None:
        raise NoSuchPath
    if call.method != "POST":
        raise WrongMethod
    return do(call, within)


def _read(call: Call, within: Collection) -> Answer:
    call.need(f"crm.objects.{within.kind.scope}.read")
    body = call.body(ReadBody)
    _check_size(body.inputs)
    check_history_limit(body.properties_with_history, len(body.inputs))
    archived = call.flag("archived")
    follow = call.account.switches.batch_read_follows_merges
    show = reader(within, body.properties)
    results, missing = [], []
    for id in dict.fromkeys(item.id for item in reversed(body.inputs)):
        record = locate(within, id, body.id_property, follow=follow, archived=archived)
        if record is None or (record.archived_ms is not None) is not archived:
            missing.append(id)
            continue
        shown = show(record.version, record.archived_ms)
        results.append(with_history(within, record, body.properties_with_history, shown))
    errors = [not_found(within.kind.label, missing).row()] if missing else []
    return batch_answer(call, 200, results, errors)


def _create(call: Call, within: Collection) -> Answer:
    call.need(f"crm.objects.{within.kind.scope}.write")
    inputs = call.body(CreateBody).inputs
    _check_size(inputs)
    check_targets(call, [link for item in inputs for link in item.associations])

    def prepare(item: CreateInput, claims: Claims) -> Prepared:
        trace_id, links = item.object_write_trace_id, item.associations
        return prepare_create(within, item.properties, claims, dated=call.dated, trace_id=trace_id, links=links)

    prepared, errors = _prepare(inputs, prepare, per_row=_traced(inputs))
    results = [shown_after_write(within, _carry_out(call, row).version) for row in prepared]
    return batch_answer(call, call.account.switches.created_status, results[::-1], errors)


def _update(call: Call, within: Collection) -> Answer:
    call.need(f"crm.objects.{within.kind.scope}.write")
    inputs = call.body(WriteBody).inputs
    _check_size(inputs)
    _check_duplicates(inputs)

    def prepare(item: WriteInput, claims: Claims) -> Prepared:
        record = locate(within, item.id, item.id_property, follow=True)
        if record is None or record.archived_ms is not None:
            raise not_found(within.kind.label, [item.id])
        return prepare_update(
            within, record, item.properties, claims, dated=call.dated, trace_id=item.object_write_trace_id
        )

    prepared, errors = _prepare(inputs, prepare, per_row=True)
    results = [shown_after_write(within, _carry_out(call, row).version) for row in prepared]
    return batch_answer(call, 200, results[::-1], errors)


def _upsert(call: Call, within: Collection) -> Answer:
    """Live records only are matched: an archived one with the same value stays where it is (trap 12)."""
    call.need(f"crm.objects.{within.kind.scope}.write")
    inputs = call.body(WriteBody).inputs
    _check_size(inputs)
    for name in dict.fromkeys(item.id_property for item in inputs):
        check_id_property(within, name or "hs_object_id")
    _check_duplicates(inputs)

    def prepare(item: WriteInput, claims: Claims) -> Prepared:
        assert item.id_property is not None
        record = within.shelf.holder(item.id_property, item.id)
        trace_id = item.object_write_trace_id
        if record is not None:
            sent = item.properties
            if item.id_property == "email" and call.account.switches.email_upsert_blanks:
                sent = {**dict.fromkeys(within.writers.keys() & record.version.values, ""), "email": item.id, **sent}
            return prepare_update(within, record, sent, claims, dated=call.dated, trace_id=trace_id)
        properties = {item.id_property: item.id, **item.properties}
        return prepare_create(within, properties, claims, dated=call.dated, trace_id=trace_id)

    prepared, errors = _prepare(inputs, prepare, per_row=_traced(inputs))
    results = []
    for row in prepared:
        shown = shown_after_write(within, _carry_out(call, row).version)
        shown["new"] = row.record is None
        results.append(shown)
    return batch_answer(call, 200, results[::-1], errors)


def _archive(call: Call, within: Collection) -> Answer:
    """Unknown ids are ignored without a word."""
    call.need(f"crm.objects.{within.kind.scope}.write")
    inputs = call.body(ArchiveBody).inputs
    _check_size(inputs)
    for item in inputs:
        archive(call.account, within, within.shelf.survivor(item.id), call.source, app_id=call.app.id)
    return Answer(204)


_ACTIONS: dict[str, Callable[[Call, Collection], Answer]] = {
    "read": _read,
    "create": _create,
    "update": _update,
    "upsert": _upsert,
    "archive": _archive,
}


def _check_size(inputs: Sequence[object]) -> None:
    if len(inputs) > INPUTS_MAX:
        raise Refusal(f"The batch is too large: at most {INPUTS_MAX} inputs are allowed.")


def _check_duplicates(inputs: Sequence[WriteInput]) -> None:
    """Whole call, trace ids or not (trap 16)."""
    if len({item.id.casefold() for item in inputs}) < len(inputs):
        raise Refusal("Duplicate IDs found in batch input. IDs must be unique")


def check_targets(call: Call, links: Sequence[NewLink]) -> None:
    """Linking takes the scopes of both sides (section 2.3)."""
    types = call.account.association_types.types
    for link in links:
        for spec in link.types:
            it = types.get((spec.association_category, spec.association_type_id))
            if it is not None:
                call.need(f"crm.objects.{call.account.collections[it.target].kind.scope}.write")


def _traced(inputs: Sequence[Input]) -> bool:
    traces = {item.object_write_trace_id for item in inputs}
    return None not in traces and len(traces) == len(inputs)


def _prepare(
    inputs: Sequence[Any], prepare: Callable[[Any, Claims], Prepared], *, per_row: bool
) -> tuple[list[Prepared], list[Row]]:
    """Check every row against the account and the rows before it. Without `per_row` the first misfit is raised."""
    prepared: list[Prepared] = []
    errors: list[Row] = []
    claims: Claims = {}
    for item in inputs:
        try:
            prepared.append(prepare(item, claims))
        except Refusal as refusal:
            if not per_row:
                raise
            trace_id = item.object_write_trace_id
            errors.append(refusal.row({"objectWriteTraceId": [trace_id]} if trace_id else None))
    return prepared, errors


def _carry_out(call: Call, prepared: Prepared) -> Record:
    return carry_out(call.account, prepared, call.source, app_id=call.app.id)


def batch_answer(
    call: Call, status: int, results: list[Row], errors: Sequence[Row], *, shown_max: int | None = None
) -> Answer:
    """`shown_max`: so many errors are in the body at most, though all are counted."""
    moment = iso(call.account.now_ms())
    content: Row = {"status": "COMPLETE", "results": results, "startedAt": moment, "completedAt": moment}
    if not errors:
        return Answer(status, content)
    content |= {"numErrors": len(errors), "errors": errors[:shown_max]}
    return Answer(status if call.dated else 207, content)
