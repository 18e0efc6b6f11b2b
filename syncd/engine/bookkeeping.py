"""Keeps the books of one batch of results: every row that they change, collected and then stored together.

The base of a field moves only here and in commit, and only to what the side itself showed.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping

import msgspec

from syncd.adapters.base import Overwritten, Written
from syncd.core.confirm import shows
from syncd.core.judge import DECIDED
from syncd.core.model import LEFT, Base, Fields, Kind, Side, Value
from syncd.core.ops import Change, Conflict, Create, Delete, Hold, Update
from syncd.core.plan import DELETED
from syncd.core.remote import Remote, split_person
from syncd.errors import RemoteError
from syncd.store import bindings, conflicts, mirror, notices, outbox
from syncd.store.bindings import Binding, BindingState
from syncd.store.bulk import Tx
from syncd.store.conflicts import NewConflict
from syncd.store.notices import NewNotice
from syncd.store.outbox import Entry, Finished, NewOp, OpState

from . import kin
from .connection import Connection
from .results import Result
from .view import snapshot

CHANGE_IT = "change the value in either system, then: syncd held retry"


class Book:
    """The rows that one batch of results changes, collected before they are stored."""

    def __init__(self, connection: Connection, bound: dict[int, Binding]) -> None:
        self.finished: list[Finished] = []
        self.entries: dict[int, Entry] = {}
        self._connection = connection
        self._bound = bound
        self._changed: dict[int, Binding] = {}
        self._rows: list[tuple[Entry, Remote]] = []
        self._notices: list[NewNotice] = []
        self._ops: list[tuple[Entry, Update | Hold]] = []
        self._conflicts: list[tuple[Entry, Conflict]] = []
        self._aliases: list[tuple[Entry, str]] = []
        self._freed: list[tuple[Entry, str]] = []
        self._carried_out: list[tuple[int, str]] = []  # binding and field of what a person decided

    def finish(
        self,
        entry: Entry,
        state: OpState,
        reason: str | None = None,
        remedy: str | None = None,
        *,
        shown: Fields | None = None,
        record: str | None = None,
        not_before: float = 0.0,
        sent: bool = True,
    ) -> None:
        self.entries[entry.id] = entry
        self.finished.append(
            Finished(
                id=entry.id,
                state=state,
                reason=reason,
                remedy=remedy,
                shown=shown,
                record=record,
                not_before=not_before,
                sent=sent,
            )
        )

    def notice(self, entry: Entry, side: Side, id: str | None, *, fetch: bool = False) -> None:
        if id is not None:
            self._notices.append(NewNotice(side, entry.kind, id, entry.verb.value, fetch=fetch))

    def look_at(self, side: Side, person: str) -> None:
        """Somebody seems to be another person by now."""
        kind, id = split_person(person)
        self._notices.append(NewNotice(side, kind, id, "needed", fetch=True))

    def hold_fields(self, entry: Entry, refused: Mapping[str, str]) -> None:
        for name, reason in refused.items():
            hold = Hold(entry.side, entry.record or _ref(entry), name, reason, CHANGE_IT)
            self._ops.append((entry, hold))

    def written(self, result: Result, outcome: Written) -> None:
        entry = result.entry
        match entry.op:
            case Create():
                certain = outcome.created is not False or self._writes_over(entry)
                self.created(
                    entry, outcome.remote, certain=certain, refused=result.refused, missed=self._missed(entry, outcome)
                )
                if not outcome.whole:
                    self.notice(entry, entry.side, outcome.remote.id, fetch=True)
            case Delete():
                if entry.op.id not in (self._binding(entry).left_id, self._binding(entry).right_id):
                    self._freed.append((entry, entry.op.id))  # who comes back there begins anew
                self._rows.append((entry, msgspec.structs.replace(outcome.remote, id=entry.op.id, deleted=True)))
                self.finish(entry, OpState.DONE)
                self.notice(entry, entry.side, entry.record)
            case Update() as op:
                self._updated(result, op, outcome)
            case Hold():
                raise AssertionError("a hold is never sent")

    def created(
        self,
        entry: Entry,
        remote: Remote,
        *,
        certain: bool,
        refused: Collection[str] = frozenset(),
        missed: Collection[str] = frozenset(),
    ) -> None:
        """Bind the new record. What was not sent, or is shown otherwise by a record we only found, stays unsettled.

        What was asked for and missed is settled at what the new record has by itself: what was asked for is an edit
        that has yet to get there.
        """
        op = entry.op
        assert isinstance(op, Create)
        policy = self._connection.mappers[entry.kind].policy.fields
        shown = self._shown(entry, remote)
        settled = {
            name: value
            for name, value in op.fields.items()
            if name in shown and name not in refused and (certain or shows(policy[name], op.side, value, shown[name]))
        }
        settled |= {name: shown[name] for name in missed if name in settled}
        self._bind(entry, remote.id)
        self._move(entry, target={name: shown[name] for name in settled}, source=settled)
        self._rows.append((entry, remote))
        self.finish(entry, OpState.DONE, shown={name: shown[name] for name in settled}, record=remote.id)
        self.notice(entry, op.side.other, op.ref)

    def adopted(self, entry: Entry, remote: Remote) -> None:
        """The record was there already: pair the two, and let their first meeting be planned."""
        self._bind(entry, remote.id)
        self._rows.append((entry, remote))
        self.finish(entry, OpState.REPLANNED, f"it exists already as {remote.id}", record=remote.id)
        self.notice(entry, entry.side.other, _ref(entry))

    def told(self, result: Result, remote: Remote, landed: Fields, doubtful: tuple[Conflict, ...]) -> None:
        """An update that turned out to have landed in part, whole, or not at all."""
        entry = result.entry
        op = entry.op
        assert isinstance(op, Update)
        sure = {name: op.changes[name] for name in landed}
        self._settle_changes(entry, sure, landed)
        for conflict in doubtful:
            self._conflicts.append((entry, conflict))
        self._rows.append((entry, remote))
        whole = len(landed) == len(op.changes) and (op.stamp is None or remote.ref == op.stamp)
        state = OpState.DONE if whole else OpState.REPLANNED
        self.finish(entry, state, None if whole else "its outcome was unknown; planned afresh", shown=landed)
        self.notice(entry, op.side, op.id)

    def missed(self, entry: Entry, remote: Remote) -> None:
        """An update that did not land. Whatever else the target shows by now is to be looked at."""
        self._rows.append((entry, remote))
        self.notice(entry, entry.side, remote.id)

    def refused(self, result: Result, error: RemoteError) -> None:
        """Hold what the system refuses. Where it names the fields, their neighbours go out without them."""
        entry, op = result.entry, result.entry.op
        mapper = self._connection.mappers[entry.kind]
        named = {name for field in error.fields if (name := mapper.field_of(entry.side, field)) is not None}
        if isinstance(op, Update) and named & op.changes.keys() and op.changes.keys() - named:
            for name in sorted(named & op.changes.keys()):
                self._ops.append((entry, Hold(op.side, op.id, name, str(error), error.remedy or CHANGE_IT)))
            rest = {name: change for name, change in op.changes.items() if name not in named}
            self._ops.append((entry, msgspec.structs.replace(op, changes=rest)))
            self.finish(entry, OpState.REPLANNED, f"without {', '.join(sorted(named))}: {error}")
            return
        self.finish(entry, OpState.HELD, str(error), error.remedy or CHANGE_IT)

    def store(self, tx: Tx, run: str) -> None:
        name, now = self._connection.name, self._connection.clock.time()
        groups: dict[tuple[Side, str], tuple[Entry, list[Remote]]] = {}
        for entry, remote in self._rows:
            groups.setdefault((entry.side, entry.kind.value), (entry, []))[1].append(remote)
        for (side, _), (entry, remotes) in groups.items():
            mirror.put(tx, name, side, entry.kind, remotes, now=now, fresh=True)
        self._refuse_taken(tx)
        bindings.save(tx, list(self._changed.values()), now=now)
        moved = [one for one in self._changed.values() if kin.has_moved(self._bound[one.id], one)]
        kin.follow_up(tx, self._connection, moved, now=now)
        for entry, lost in self._aliases:
            bindings.alias(tx, name, entry.kind, entry.side, [lost], entry.binding)
        for entry, freed in self._freed:
            bindings.forget_alias(tx, name, entry.kind, entry.side, [freed])
        outbox.finish(tx, self.finished, now=now)
        new = [
            NewOp(connection=name, run=run, binding=entry.binding, kind=entry.kind, op=op) for entry, op in self._ops
        ]
        outbox.add(tx, new, now=now)
        disputes = [
            NewConflict(
                binding=entry.binding,
                kind=entry.kind,
                field=conflict.field,
                left=conflict.left,
                right=conflict.right,
                reason=conflict.reason,
                standing=True,
            )
            for entry, conflict in self._conflicts
        ]
        conflicts.close(tx, self._carried_out, now=now)
        conflicts.upsert_open(tx, name, disputes, now=now)
        notices.put(tx, name, self._notices, now=now)

    def _refuse_taken(self, tx: Tx) -> None:
        """A record that belongs to another pair is never taken from it; what wanted it is held."""
        for (side, kind), taking in self._taking().items():
            owners = bindings.by_ids(tx, self._connection.name, kind, side, list(taking.values()))
            for id, there in taking.items():
                owner = owners.setdefault(there, self._changed.get(id, self._bound[id]))
                if owner.id != id and self._changed.pop(id, None) is not None:
                    self._hold_taken(id, f"its counterpart {there} is paired with {owner.id_of(side.other)} already")

    def _taking(self) -> dict[tuple[Side, Kind], dict[int, str]]:
        """The records that bindings are about to get, by the binding that gets them."""
        taking: dict[tuple[Side, Kind], dict[int, str]] = {}
        for id, binding in self._changed.items():
            for side in Side:
                there = binding.id_of(side)
                if there is not None and there != self._bound[id].id_of(side):
                    taking.setdefault((side, binding.kind), {})[id] = there
        return taking

    def _hold_taken(self, binding: int, reason: str) -> None:
        remedy = "correct the stamp that is wrong, or delete the record that is one too many"
        self.finished = [
            Finished(id=one.id, state=OpState.HELD, reason=reason, remedy=remedy)
            if self.entries[one.id].binding == binding
            else one
            for one in self.finished
        ]

    def _updated(self, result: Result, op: Update, outcome: Written) -> None:
        entry, before = result.entry, result.current
        assert before is not None
        remote = _overlaid(before, op, result.wrote, outcome)
        shown = self._shown(entry, remote)
        sent = {name: change for name, change in op.changes.items() if name not in result.refused}
        self._settle_changes(entry, sent, shown)
        was = self._shown(entry, before)
        self._own_echo(entry, was, shown)
        self._report_slipped(entry, op, before, result.slipped)
        self._rows.append((entry, remote))
        self.finish(entry, OpState.DONE, shown={name: shown.get(name) for name in sent})
        unanswered = not outcome.whole and _left_open(before, result.wrote, outcome)
        if unanswered or op.link is not None or self._goes_on(entry, sent, shown):
            self.notice(entry, op.side, op.id, fetch=unanswered)

    def _goes_on(self, entry: Entry, sent: Mapping[str, Change], shown: Fields) -> bool:
        """Does this write call for another look: a value on its way, an end or a decision to note, a field moved?"""
        policy = self._connection.mappers[entry.kind].policy.fields
        if any(change.onward or change.source == DELETED or change.rule == DECIDED for change in sent.values()):
            return True
        binding = self._binding(entry)
        base = binding.base.of(entry.side) if binding.base is not None else {}
        # Held against the base, not against the read before the write: an edit that this read was the first to show
        # is in both, and the feed will show it with the stamp of our own write.
        # What can't be read is in `base` alone, or in neither: it is to be held.
        others = [name for name in policy if name not in sent]
        return any(name not in shown or shown[name] != base.get(name) for name in others)

    def _settle_changes(self, entry: Entry, changes: Mapping[str, Change], shown: Fields) -> None:
        policy = self._connection.mappers[entry.kind].policy.fields
        target: dict[str, Value] = {}
        source: dict[str, Value] = {}
        for name, change in changes.items():
            now = shown.get(name, change.set)
            if change.rule == DECIDED:
                self._carried_out.append((entry.binding, name))
            if not change.onward:
                target[name], source[name] = now, change.source
            elif shows(policy[name], entry.side, change.set, now):
                target[name], source[name] = change.was, change.source
            else:
                self._conflicts.append((entry, _stuck(entry.side, name, change, now)))
        self._move(entry, target=target, source=source)

    def _own_echo(self, entry: Entry, was: Fields, shown: Fields) -> None:
        """A field that every write moves (a modified date) was moved by us: that is no news."""
        binding = self._binding(entry)
        base = binding.base.of(entry.side) if binding.base is not None else {}
        moved = {
            name: shown[name]
            for name, field in self._connection.mappers[entry.kind].policy.fields.items()
            if field.follows_writes and name in shown and name in base and base[name] == was.get(name)
        }
        if moved:
            self._move(entry, target=moved, source={})

    def _report_slipped(self, entry: Entry, op: Update, before: Remote, slipped: tuple[Overwritten, ...]) -> None:
        mapper = self._connection.mappers[entry.kind]
        for one in slipped:
            name = mapper.field_of(entry.side, one.field)
            if name is None or name not in op.changes:
                continue
            lost = mapper.read(entry.side, {**before.raw, one.field: one.value}).fields.get(name)
            ours = op.changes[name].set
            left, right = (lost, ours) if entry.side is LEFT else (ours, lost)
            why = f"{entry.side} was edited in the moment that we wrote to it; our write replaced the edit"
            self._conflicts.append((entry, Conflict(name, left, right, why)))

    def _shown(self, entry: Entry, remote: Remote) -> Fields:
        return snapshot(self._connection.mappers[entry.kind], entry.side, remote).fields

    def _writes_over(self, entry: Entry) -> bool:
        """Has a create written to what was there already? Then what that shows is what was sent."""
        adapter = self._connection.adapter(entry.side)
        return adapter.capabilities.create_overwrites and kin.is_stamped(self._connection, entry.kind)

    def _missed(self, entry: Entry, outcome: Written) -> frozenset[str]:
        mapper = self._connection.mappers[entry.kind]
        names = (mapper.field_of(entry.side, name) for name in outcome.missed)
        return frozenset(name for name in names if name is not None)

    def _binding(self, entry: Entry) -> Binding:
        return self._changed.get(entry.binding) or self._bound[entry.binding]

    def _bind(self, entry: Entry, id: str) -> None:
        binding = self._binding(entry)
        lost = binding.id_of(entry.side)
        if lost is not None and lost != id:
            self._aliases.append((entry, lost))
        ids = {"left_id": id} if entry.side is LEFT else {"right_id": id}
        self._changed[binding.id] = msgspec.structs.replace(binding, state=BindingState.BOUND, note=None, **ids)

    def _move(self, entry: Entry, *, target: Fields, source: Fields) -> None:
        if not target and not source:
            return
        binding = self._binding(entry)
        left, right = (target, source) if entry.side is LEFT else (source, target)
        base = (binding.base or Base()).moved(left=left, right=right)
        self._changed[binding.id] = msgspec.structs.replace(binding, base=base)


def _overlaid(before: Remote, op: Update, wrote: tuple[str, ...], outcome: Written) -> Remote:
    """The target after the write: the whole answer, or the part that it carried over what we knew.

    What was written and not answered is not known any more; least of all is it what it was before.
    """
    answer = outcome.remote
    if outcome.whole:
        return answer
    return msgspec.structs.replace(
        answer,
        raw={**{name: value for name, value in before.raw.items() if name not in wrote}, **answer.raw},
        ref=op.stamp or answer.ref or before.ref,
        absorbed=answer.absorbed or before.absorbed,
        parent=answer.parent or before.parent,
        person=answer.person or before.person,
    )


def _left_open(before: Remote, wrote: tuple[str, ...], outcome: Written) -> bool:
    """Does a partial answer leave anything untold that we wrote, or that had a value before?

    Then it may have been changed, or cleared, between our read and our write, and the stamp of our own write would
    hide that for ever: read it again.
    """
    told = outcome.remote.raw
    return any(name not in told for name in wrote) or any(
        value not in (None, "") and name not in told for name, value in before.raw.items()
    )


def _stuck(side: Side, name: str, change: Change, now: Value) -> Conflict:
    left, right = (now, change.source) if side is LEFT else (change.source, now)
    return Conflict(name, left, right, f"the merged value did not stay as it was written in {side}")


def _ref(entry: Entry) -> str:
    return entry.op.ref if isinstance(entry.op, Create) else ""
