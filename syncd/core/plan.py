"""From a situation to a plan: does the pair merge, does one side get its counterpart, or does a delete follow?"""

from __future__ import annotations

from .judge import same
from .merge import QUIET as QUIET
from .merge import merge
from .model import LEFT, RIGHT, Base, Fields, Side, Situation, Snapshot, Value
from .ops import Change, Conflict, Create, Decision, Delete, Hold, Op, Plan, Update
from .policy import KindPolicy, OnDelete

LIVE, DELETED = "live", "deleted"
"""The values of a conflict about a whole record; a resolution says which of the two it shall be."""


def plan(situation: Situation, policy: KindPolicy) -> Plan:
    """What would settle this situation. Pure and total; an empty plan means there is nothing to do."""
    left, right = situation.left, situation.right
    if situation.over is not None:
        return Plan(ends=situation.over)
    match (left, right):
        case (None, None):
            return QUIET
        case (Snapshot(), None):
            assert left is not None
            return _only(situation, policy, LEFT, left)
        case (None, Snapshot()):
            assert right is not None
            return _only(situation, policy, RIGHT, right)
    assert left is not None
    assert right is not None
    if left.deleted and right.deleted:
        return Plan(ends="both records are gone")
    if left.deleted:
        return _deleted(situation, policy, LEFT, left, right)
    if right.deleted:
        return _deleted(situation, policy, RIGHT, right, left)
    return merge(situation, policy)


def _only(situation: Situation, policy: KindPolicy, here: Side, record: Snapshot) -> Plan:
    """A record without a counterpart, or a pair of which one record was not seen."""
    if situation.base is not None:
        return Plan(decisions=(Decision("", "none", f"its counterpart in {here.other} was not read"),))
    if record.deleted:
        return Plan(ends="it was deleted before it had a counterpart")
    if situation.out_of_scope is not None:
        return Plan(decisions=(Decision("", "none", situation.out_of_scope),))
    if not policy.create.reaches(here.other):
        why = f"the mapping creates nothing in {here.other}"
        why = f"{why}; and {situation.unresolved}" if situation.unresolved is not None else why
        return Plan(decisions=(Decision("", "none", why),))
    if situation.unresolved is not None:
        remedy = f"say whom it is about in {here}, or take it away there"
        return Plan(ops=(Hold(here, record.id, "", situation.unresolved, remedy),))
    if situation.waits is not None:
        return Plan(decisions=(Decision("", "wait", situation.waits),))
    return _create(policy, here, record, "it has no counterpart")


def _create(policy: KindPolicy, here: Side, record: Snapshot, why: str) -> Plan:
    target = here.other
    fields: Fields = {
        name: record.fields[name]
        for name, field in policy.fields.items()
        if field.flow.reaches(target) and record.fields.get(name) not in (None, ())
    }
    holds = tuple(
        Hold(here, record.id, name, reason, "add the value to the mapping table, or change it in that system")
        for name, reason in record.unreadable.items()
        if name in policy.fields
    )
    return Plan(
        ops=(Create(target, record.id, fields), *holds),
        decisions=(Decision("", f"create in {target}", why),),
    )


def _deleted(situation: Situation, policy: KindPolicy, gone: Side, tomb: Snapshot, survivor: Snapshot) -> Plan:
    """One record of a pair was deleted, with positive evidence."""
    decided = situation.resolutions.get("")
    if decided is not None and _as_seen(gone, decided.left, decided.right):
        if decided.value == LIVE:
            return _create(policy, gone.other, survivor, "a person decided that it shall live")
        return _follow(policy, gone, survivor, "a person decided that it shall go")
    rule = policy.on_delete(gone)
    if rule is OnDelete.IGNORE:
        return Plan(decisions=(Decision("", "none", f"deleted in {gone}; the mapping ignores deletes there"),))
    writes = rule is OnDelete.ARCHIVE or (rule is OnDelete.MARK and gone is LEFT)
    if writes and situation.base is None:
        return _doubt(gone, f"its counterpart {tomb.id} is deleted, and the two were never settled together")
    if rule is OnDelete.ARCHIVE and policy.edit_outlives_delete:
        edited = _edited(situation.base, policy, gone, survivor)
        if situation.misplaced is not None or situation.unlinked is gone:
            edited.append("what it is linked to")
        if edited:
            return _doubt(gone, f"deleted in {gone}, edited in {gone.other} since: {', '.join(edited)}")
    return _follow(policy, gone, survivor, f"deleted in {gone}")


def _as_seen(gone: Side, left: object, right: object) -> bool:
    return (left, right) == ((DELETED, LIVE) if gone is LEFT else (LIVE, DELETED))


def _doubt(gone: Side, reason: str) -> Plan:
    left, right = (DELETED, LIVE) if gone is LEFT else (LIVE, DELETED)
    return Plan(conflicts=(Conflict("", left, right, reason),), decisions=(Decision("", "conflict", reason),))


def _edited(base: Base | None, policy: KindPolicy, gone: Side, survivor: Snapshot) -> list[str]:
    """Fields of the survivor that moved since they were settled and that were on their way to the deleted side.

    A value that was settled and can't be read any more has moved too.
    """
    settled = base.of(gone.other) if base is not None else {}
    return [
        name
        for name, field in policy.fields.items()
        if name in settled
        and field.flow.reaches(gone)
        and not field.follows_writes
        and (name in survivor.unreadable or survivor.fields.get(name, settled[name]) != settled[name])
    ]


def _follow(policy: KindPolicy, gone: Side, survivor: Snapshot, why: str) -> Plan:
    """Do what the delete rule says. The pair ends once the survivor shows it."""
    rule = policy.on_delete(gone)
    target = gone.other
    match rule:
        case OnDelete.ARCHIVE:
            op: Op = Delete(target, survivor.id, dict(survivor.fields))
            return Plan(ops=(op,), decisions=(Decision("", f"delete in {target}", why),))
        case OnDelete.MARK if target is RIGHT:
            return _mark(policy, survivor, why)
        case _:
            return Plan(ends=f"{why}; the other record lives on alone")


def _mark(policy: KindPolicy, survivor: Snapshot, why: str) -> Plan:
    changes = {
        name: Change(value, survivor.fields[name], DELETED, why)
        for name, value in policy.mark.items()
        if name in survivor.fields and not _marked(policy, name, value, survivor.fields[name])
    }
    if not changes:
        return Plan(ends=f"{why}; the other record is marked")
    return Plan(ops=(Update(RIGHT, survivor.id, changes),), decisions=(Decision("", "mark in crm", why),))


def _marked(policy: KindPolicy, name: str, mark: Value, shown: Value) -> bool:
    """Does the CRM show the mark, in its own spelling of it? A mark may be no mapped field."""
    field = policy.fields.get(name)
    return shown == mark if field is None else same(field, mark, shown)
