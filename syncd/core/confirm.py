"""What a write with an unknown outcome did, told from what its target shows now. Evidence, never a resend."""

from __future__ import annotations

import msgspec

from .judge import same
from .model import LEFT, Fields, Side, Snapshot, Value
from .ops import Conflict, Update
from .policy import FieldPolicy, KindPolicy


class Confirmed(msgspec.Struct, frozen=True, kw_only=True):
    """Field by field: it landed (the base may move), it did not (plan as usual), or nobody can tell (hold)."""

    landed: Fields = {}  # as the target shows them
    missed: tuple[str, ...] = ()
    doubtful: tuple[Conflict, ...] = ()


def confirm(op: Update, target: Snapshot, policy: KindPolicy, *, sent_version: str | None = None) -> Confirmed:
    """Compare what the target shows with what was sent and with what it showed before.

    A target that still carries `sent_version`, the version that the write was guarded with, has not been written.
    A deleted one has nothing to tell, and the delete rules are next. A field that it does not show is doubtful.
    """
    if target.deleted or (sent_version is not None and target.version == sent_version):
        return Confirmed(missed=tuple(op.changes))
    landed: dict[str, Value] = {}
    missed: list[str] = []
    doubtful: list[Conflict] = []
    for name, change in op.changes.items():
        shown = target.fields.get(name)
        if name not in target.fields:
            doubtful.append(_doubt(op.side, name, change.source, shown))
        elif shows(_field(policy, name), op.side, change.set, shown):
            landed[name] = shown
        elif shown == change.was:
            missed.append(name)
        else:
            doubtful.append(_doubt(op.side, name, change.source, shown))
    return Confirmed(landed=landed, missed=tuple(missed), doubtful=tuple(doubtful))


def shows(field: FieldPolicy, side: Side, sent: Value, shown: Value) -> bool:
    """Does the target show what was sent, in any spelling that the codecs know?"""
    return same(field, shown, sent) if side is LEFT else same(field, sent, shown)


def _field(policy: KindPolicy, name: str) -> FieldPolicy:
    """A delete's mark may be no mapped field, and a mapping may have lost one since the write."""
    return policy.fields.get(name) or FieldPolicy(name=name)


def _doubt(side: Side, name: str, source: Value, shown: Value) -> Conflict:
    left, right = (shown, source) if side is LEFT else (source, shown)
    return Conflict(name, left, right, f"a write to {side} was cut off, and {side} shows neither value")
