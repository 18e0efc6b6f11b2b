"""What HubSpot refuses in a write, and what it makes of the rest (hubspot.md, sections 4.2, 5.4 to 5.6, 6).

`prepare_*` check everything and change nothing; `carry_out` does what was prepared. A batch prepares all its
rows before it carries out any, so that it can be all or nothing.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import msgspec

from .account import Account, Collection
from .associating import Spec, associate, planned
from .association_types import Key
from .linked import settle
from .links import Pair
from .records import Changes, Record, Source, Values
from .refusal import Unfit, already_exists, missing_properties, unfit, value_taken
from .values import Misfit

Claims = dict[tuple[str, str], int]
"""Unique values that earlier rows of the same batch are going to take: (property, folded value) → record id."""

Properties = Mapping[str, Any]


class Target(msgspec.Struct, frozen=True):
    id: str | int


class NewLink(msgspec.Struct, frozen=True):
    """An association that a record is to have from its creation on."""

    to: Target
    types: tuple[Spec, ...]


class Prepared(msgspec.Struct, frozen=True):
    """A write that nothing speaks against any more."""

    within: Collection
    id: int
    changes: Changes
    record: Record | None  # None: to be created
    trace_id: str | None = None
    links: Sequence[tuple[Pair, set[Key]]] = ()


def prepare_create(
    within: Collection,
    sent: Properties,
    claims: Claims,
    *,
    dated: bool,
    trace_id: str | None = None,
    links: Sequence[NewLink] = (),
) -> Prepared:
    account = within.account
    changes = canonical(within, sent, {})
    _default_pipeline(within, changes)
    _check_required(within, changes)
    _check_stage(within, changes, changes)
    if account.switches.write_rules:
        _check_rules(within, changes, dated=dated)
    id = within.shelf.new_id()
    plan = planned(account, within, id, links) if links else ()
    _check_unique(within, id, changes, claims, creates=account.switches.taken_on_create == "conflict")
    return Prepared(within, id, changes, None, trace_id, plan)


def prepare_update(
    within: Collection,
    record: Record,
    sent: Properties,
    claims: Claims,
    *,
    dated: bool,
    trace_id: str | None = None,
    by_person: bool = False,
) -> Prepared:
    """Partial: only the named properties change."""
    old = record.version.values
    changes = canonical(within, sent, _without_stage(old) if by_person else old)
    if within.kind.staged and ("dealstage" in changes or "pipeline" in changes):
        _check_stage(within, changes, {**old, **changes})
    if within.account.switches.write_rules:
        _check_rules(within, {**old, **changes}, dated=dated)
    _check_unique(within, record.version.id, changes, claims, creates=False)
    return Prepared(within, record.version.id, changes, record, trace_id)


def carry_out(account: Account, prepared: Prepared, source: Source, *, app_id: int | None) -> Record:
    """Do it; `app_id` is given for API clients, whose writes are journalled."""
    within, record = prepared.within, prepared.record
    if record is None:
        values = {name: value for name, value in prepared.changes.items() if value is not None}
        record = account.create(within, prepared.id, values, source)
        verb, effective = "create", record.edits[0].changes
        for pair, keys in prepared.links:
            associate(account, pair, keys, source)
    else:
        verb, effective = "update", account.change(within, record, prepared.changes, source)
    if app_id is not None:
        account.write_down(verb, within, prepared.id, app_id, changes=effective, trace_id=prepared.trace_id)
    return record


def archive(account: Account, within: Collection, record: Record | None, source: Source, *, app_id: int | None) -> None:
    """Idempotent: what is archived, or was never there, stays as it is. Its associations are not seen any more."""
    if record is not None and record.archived_ms is None:
        within.shelf.archive(record, account.now_ms())
        settle(account, within, record.version.id, source)
        if app_id is not None:
            account.write_down("archive", within, record.version.id, app_id, changes={})


def canonical(within: Collection, sent: Properties, old: Values) -> Changes:
    """What was sent, as HubSpot keeps it; None clears. Every property that does not fit is in the one refusal."""
    changes: Changes = {}
    problems: list[Unfit] = []
    writers, verbatim = within.writers, within.verbatim
    for name, value in sent.items():
        if name in verbatim and type(value) is str and value:
            changes[name] = value  # the usual case, and there are millions of them
            continue
        write = writers.get(name)
        if write is None:
            problems.append(_unwritable(within, name))
            continue
        if type(value) is not str:
            value = _as_text(within, name, value, problems)
            if value is None:
                continue
        if value == "":
            changes[name] = None
            continue
        try:
            changes[name] = write(value, old.get(name))
        except Misfit as exc:
            problems.append(Unfit(name, exc.code, str(exc)))
    if problems:
        raise unfit(problems, structured=within.account.switches.structured_errors)
    return changes


def _without_stage(values: Values) -> Values:
    """The user interface lets people set any lifecycle stage; only the API knows no way back."""
    return {name: value for name, value in values.items() if name != "lifecyclestage"}


def _unwritable(within: Collection, name: str) -> Unfit:
    if name in within.properties:
        return Unfit(name, "READ_ONLY_VALUE", f'"{name}" is a read only property; its value cannot be set.')
    return Unfit(name, "PROPERTY_DOESNT_EXIST", f'Property "{name}" does not exist')


def _as_text(within: Collection, name: str, value: Any, problems: list[Unfit]) -> str | None:
    """Strings are the contract; numbers and flags are taken too. None leaves the property alone."""
    match value:
        case None:
            return _null(within, name, problems)
        case bool():
            return "true" if value else "false"
        case int() | float():
            return str(value)
    problems.append(Unfit(name, "INVALID_VALUE", f'Property "{name}" takes a string'))
    return None


def _null(within: Collection, name: str, problems: list[Unfit]) -> str | None:
    match within.account.switches.null_writes:
        case "clear":
            return ""
        case "refuse":
            problems.append(Unfit(name, "INVALID_VALUE", f'Property "{name}" can not be null'))
    return None


def _default_pipeline(within: Collection, changes: Changes) -> None:
    single = len(within.pipelines) == 1 and within.account.switches.pipeline_may_default
    if single and changes.get("pipeline") is None:
        changes["pipeline"] = next(iter(within.pipelines))


def _check_required(within: Collection, changes: Changes) -> None:
    groups = within.kind.required
    more = within.account.switches.required_on_create
    if more and within.kind.staged:
        groups += tuple((name,) for name in more)
    missing = [group for group in groups if not any(map(changes.get, group))]
    if missing:
        names = [name for group in missing for name in group]
        raise missing_properties("MISSING_REQUIRED_PROPERTY", within.kind.label, names)


def _check_stage(within: Collection, changes: Changes, values: Mapping[str, str | None]) -> None:
    """The stage must belong to the pipeline; moving between pipelines takes both (trap 24)."""
    if not within.kind.staged:
        return
    structured = within.account.switches.structured_errors
    pipeline = within.pipelines.get(values.get("pipeline") or "")
    if pipeline is None:
        problem = Unfit("pipeline", "INVALID_OPTION", f"pipeline was not one of: {sorted(within.pipelines)}")
        raise unfit([problem], structured=structured)
    if (values.get("dealstage") or "") not in pipeline.stages:
        name = "dealstage" if "dealstage" in changes else "pipeline"
        problem = Unfit(name, "INVALID_OPTION", f"dealstage was not one of: {sorted(pipeline.stages)}")
        raise unfit([problem], structured=structured)


def _check_rules(within: Collection, values: Mapping[str, str | None], *, dated: bool) -> None:
    """Rules set by an admin; whether they hit v3 too is a switch (section 2.1)."""
    switches = within.account.switches
    if not within.kind.staged or (switches.write_rules_on == "2026-09" and not dated):
        return
    for rule in switches.write_rules:
        if values.get(rule.property) != rule.value:
            continue
        missing = [name for name in rule.requires if not values.get(name)]
        if missing:
            raise missing_properties("MISSING_CONDITIONAL_REQUIRED_PROPERTY", within.kind.label, missing)


def _check_unique(within: Collection, id: int, changes: Changes, claims: Claims, *, creates: bool) -> None:
    """Refuses a value that another live record, or an earlier row of this batch, has."""
    taken: Claims = {}
    for name, holders in within.shelf.unique.items():
        value = changes.get(name)
        if value is None:
            continue
        key = value.casefold()
        holder = claims.get((name, key)) or holders.get(key)
        if holder is not None and holder != id:
            if creates:
                raise already_exists(within.kind.label, str(holder))
            raise value_taken(name, str(id), str(holder))
        taken[name, key] = id
    claims.update(taken)
