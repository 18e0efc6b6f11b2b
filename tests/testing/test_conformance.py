"""The conformance suite catches what it is there to catch: adapters with one fault each, and the check it fails."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from pathlib import Path
from typing import Any

import msgspec
import pytest

from syncd.adapters.base import Brood, ChangePage, CreateItem, DeleteItem, Failed, Outcome, UpdateItem, Written
from syncd.core.model import Kind
from syncd.core.remote import Remote
from syncd.errors import OutcomeUnknown, Rejected, RemoteError
from syncd.testing import AdapterSuite, Breakage
from syncd.testing.memory import MemoryAdapter, MemoryNest, MemorySystem, Row
from syncd.testing.memory.adapter import cursor_at
from tests.adapters.test_memory_conformance import BATCHES, OURS, MemoryPeer, NestPeer

Check = Callable[..., None]


class StopsAtOnePage(MemoryAdapter):
    def changes(self, kind: Kind, cursor: str | None) -> Iterator[ChangePage]:
        for page in super().changes(kind, cursor):
            yield msgspec.structs.replace(page, complete=True)
            return


class ExclusiveMark(MemoryAdapter):
    """Reads behind the watermark instead of from it."""

    def _watermark(self, mark: Any, high: str) -> str:
        return f"{high}~" if high else str(mark.since)


class CountsRows(MemoryAdapter):
    """Pages by offset: an edit moves a row to the end, and another one slips into the page that was read."""

    def changes(self, kind: Kind, cursor: str | None) -> Iterator[ChangePage]:
        offset = int(cursor or 0)
        while True:
            rows = sorted(self.system.visible(kind), key=lambda row: (row.modified, row.id))
            shown = [self._remote(row) for row in rows[offset : offset + 2]]
            complete = offset + 2 >= len(rows)
            offset += len(shown)
            yield ChangePage(rows=shown, cursor=str(0 if complete else offset), complete=complete)
            if complete:
                return


class AnyCursorWillDo(MemoryAdapter):
    def changes(self, kind: Kind, cursor: str | None) -> Iterator[ChangePage]:
        known = cursor is None or cursor.startswith("{")
        return super().changes(kind, cursor) if known else iter([ChangePage(cursor="{}", complete=True)])


class UnreadableIsGone(MemoryAdapter):
    def fetch(self, kind: Kind, ids: Sequence[str]) -> dict[str, Remote]:
        try:
            return super().fetch(kind, ids)
        except RemoteError:
            return {id: Remote(id=id, deleted=True) for id in ids}


class SkipsTheGone(MemoryAdapter):
    def fetch(self, kind: Kind, ids: Sequence[str]) -> dict[str, Remote]:
        return {id: remote for id, remote in super().fetch(kind, ids).items() if not remote.deleted}


class FindsTheStampsOfOthers(MemoryAdapter):
    def find(self, kind: Kind, refs: Sequence[str]) -> dict[str, Remote]:
        rows = (self.system.row(kind, id) for id in self.system.ids(kind))
        return {ref: self._remote(row) for row in rows for ref in row.stamps.values() if ref in refs}


class CreatesEachTime(MemoryAdapter):
    """Knows neither ref nor key."""

    def _create_one(self, kind: Kind, item: CreateItem) -> Written:
        holder = self.system.holder(kind, self.namespace, item.ref)
        stamps = {} if holder else {self.namespace: item.ref}
        return Written(self._remote(self.system.add(kind, item.fields, stamps=stamps)), created=True)


class SinksTheBatch(MemoryAdapter):
    def create(self, kind: Kind, items: Sequence[CreateItem]) -> list[Outcome]:
        outcomes = super().create(kind, items)
        bad = next((outcome for outcome in outcomes if isinstance(outcome, Failed)), None)
        return outcomes if bad is None else [bad] * len(items)


class AnswersInItsOwnOrder(MemoryAdapter):
    def create(self, kind: Kind, items: Sequence[CreateItem]) -> list[Outcome]:
        return super().create(kind, items)[::-1]


class NoGuard(MemoryAdapter):
    def _update_one(self, kind: Kind, item: UpdateItem) -> Written:
        return super()._update_one(kind, msgspec.structs.replace(item, if_version=None))


class WritesTheWholeRecord(MemoryAdapter):
    def _update_one(self, kind: Kind, item: UpdateItem) -> Written:
        return super()._update_one(kind, msgspec.structs.replace(item, fields={**item.current, **item.fields}))


class WipesStamps(MemoryAdapter):
    def _update_one(self, kind: Kind, item: UpdateItem) -> Written:
        others = dict.fromkeys(self.system.row(kind, item.id).stamps, "")
        self.system.edit(kind, item.id, {}, stamps=others)
        return super()._update_one(kind, msgspec.structs.replace(item, if_version=None))


class DeletesOnce(MemoryAdapter):
    def _delete_one(self, kind: Kind, item: DeleteItem) -> Written:
        return Written(self._remote(self.system.remove(kind, item.id)))


class HopesForTheBest(MemoryAdapter):
    """Takes a lost answer for a success."""

    def update(self, kind: Kind, items: Sequence[UpdateItem]) -> list[Outcome]:
        outcomes = super().update(kind, items)
        lost = isinstance(outcomes[0], Failed) and isinstance(outcomes[0].error, OutcomeUnknown)
        return [Written(Remote(id=item.id)) for item in items] if lost else outcomes


class SendsWritesAgain(MemoryAdapter):
    def update(self, kind: Kind, items: Sequence[UpdateItem]) -> list[Outcome]:
        tries = (super(SendsWritesAgain, self).update(kind, items) for _ in range(3))
        return next((outcomes for outcomes in tries if isinstance(outcomes[0], Written)), [])


class Talks(MemoryAdapter):
    """Repeats the refused values."""

    def create(self, kind: Kind, items: Sequence[CreateItem]) -> list[Outcome]:
        outcomes = super().create(kind, items)
        return [
            Failed(Rejected(f"memory refused {item.fields}", system="memory", status=400))
            if isinstance(outcome, Failed)
            else outcome
            for item, outcome in zip(items, outcomes, strict=True)
        ]


class AsksEachTime(MemoryAdapter):
    """Every pass would cost a call more."""

    def identity(self, *, ask: bool) -> str | None:
        return self._call("identity", lambda: self.system.account)


class NamedAfterItsSession(MemoryAdapter):
    def identity(self, *, ask: bool) -> str | None:
        return f"{super().identity(ask=ask)}-{id(self)}"


FAULTS: list[tuple[type[MemoryAdapter], Check, dict[str, Any]]] = [
    (StopsAtOnePage, AdapterSuite.test_from_the_start_every_record_shows, {}),
    (ExclusiveMark, AdapterSuite.test_an_edit_at_the_stamp_of_the_watermark_shows, {}),
    (CountsRows, AdapterSuite.test_records_deleted_during_the_scan_do_not_hide_their_neighbours, {}),
    (AnyCursorWillDo, AdapterSuite.test_a_dead_cursor_is_refused, {}),
    (UnreadableIsGone, AdapterSuite.test_what_cannot_be_read_is_never_deleted, {"breakage": Breakage.FORBIDDEN}),
    (SkipsTheGone, AdapterSuite.test_fetch_answers_every_id, {}),
    (FindsTheStampsOfOthers, AdapterSuite.test_find_ignores_the_stamps_of_others, {}),
    (CreatesEachTime, AdapterSuite.test_create_again_makes_no_second_record, {}),
    (CreatesEachTime, AdapterSuite.test_create_on_a_taken_ref_makes_no_second_record, {}),
    (SinksTheBatch, AdapterSuite.test_a_bad_row_does_not_sink_its_batch, {}),
    (AnswersInItsOwnOrder, AdapterSuite.test_outcomes_come_in_the_order_of_the_items, {}),
    (NoGuard, AdapterSuite.test_a_guarded_update_of_a_moved_record_does_nothing, {}),
    (WritesTheWholeRecord, AdapterSuite.test_update_leaves_a_strangers_edit_alone, {}),
    (WipesStamps, AdapterSuite.test_the_stamps_of_others_survive_every_write, {}),
    (DeletesOnce, AdapterSuite.test_deleting_twice_is_success, {}),
    (
        HopesForTheBest,
        AdapterSuite.test_a_broken_write_is_an_outcome,
        {"verb": "update", "breakage": Breakage.TIMEOUT_BEFORE},
    ),
    (SendsWritesAgain, AdapterSuite.test_a_write_is_sent_once, {}),
    (Talks, AdapterSuite.test_a_refused_value_is_not_repeated_in_the_error, {}),
    (AsksEachTime, AdapterSuite.test_the_account_is_always_called_the_same, {}),
    (NamedAfterItsSession, AdapterSuite.test_the_account_is_always_called_the_same, {}),
]


@pytest.mark.parametrize(
    ("faulty", "check", "arguments"), FAULTS, ids=[f"{faulty.__name__}-{n}" for n, (faulty, *_) in enumerate(FAULTS)]
)
def test_a_faulty_adapter_fails(faulty: type[MemoryAdapter], check: Check, arguments: dict[str, Any]) -> None:
    """Each fault is one that an adapter had, or could have, without anybody noticing."""

    def make(system: MemorySystem) -> MemoryAdapter:
        return faulty(system, namespace=OURS, page_max=2, capabilities=BATCHES, overlap_s=0.0)

    with pytest.raises((AssertionError, pytest.fail.Exception)):
        check(AdapterSuite(), MemoryPeer(make), **arguments)


@pytest.mark.parametrize(
    ("check", "arguments"), [fault[1:] for fault in FAULTS], ids=[fault[1].__name__ for fault in FAULTS]
)
def test_the_same_adapter_without_the_fault_passes(check: Check, arguments: dict[str, Any]) -> None:
    def make(system: MemorySystem) -> MemoryAdapter:
        return MemoryAdapter(system, namespace=OURS, page_max=2, capabilities=BATCHES, overlap_s=0.0)

    check(AdapterSuite(), MemoryPeer(make), **arguments)


class ShowsWhatItGot(MemoryNest):
    """Half a set, where the next page does not come."""

    def within(self, kind: Kind, parents: Sequence[str]) -> list[Brood]:
        return [self._as_far_as_it_goes(kind, parent) for parent in parents]

    def _as_far_as_it_goes(self, kind: Kind, parent: str) -> Brood:
        rows: list[Remote] = []
        try:
            self._call("within", lambda: None)
            while page := self._call("within", partial(self._set_page, kind, parent, len(rows))):
                rows += page
        except RemoteError:
            if not rows:
                raise
        return Brood(parent, rows, gone=not self._is_live(parent))


class UnreadSetIsGone(MemoryNest):
    def within(self, kind: Kind, parents: Sequence[str]) -> list[Brood]:
        try:
            return super().within(kind, parents)
        except RemoteError:
            return [Brood(parent, gone=True) for parent in parents]


class ForgetsEmptyParents(MemoryNest):
    def within(self, kind: Kind, parents: Sequence[str]) -> list[Brood]:
        return [brood for brood in super().within(kind, parents) if brood.rows]


class ShowsOnlyOurs(MemoryNest):
    """Leaves out who has none of our fields: they look as if they had left."""

    def _inside(self, kind: Kind, parent: str) -> list[Remote]:
        return [remote for remote in super()._inside(kind, parent) if remote.raw.get("name")]


class GoneParentIsEmpty(MemoryNest):
    def within(self, kind: Kind, parents: Sequence[str]) -> list[Brood]:
        return [Brood(brood.parent, brood.rows) for brood in super().within(kind, parents)]


class NamesNobody(MemoryNest):
    """Says in its answers neither where nor whom."""

    def _create_one(self, kind: Kind, item: CreateItem) -> Written:
        outcome = super()._create_one(kind, item)
        return Written(msgspec.structs.replace(outcome.remote, parent=None, person=None), created=outcome.created)


class EvidenceFromNowhere(MemoryNest):
    """Somebody in a parent that can't be read is told as having left it."""

    def _gone(self, id: str) -> Remote:
        parent, _, person = id.partition(":")
        return Remote(id=id, raw={"parent": parent}, parent=parent, person=person, deleted=True)


class LeavesWithoutEvidence(MemoryNest):
    def _gone(self, id: str) -> Remote:
        return Remote(id=id, deleted=True)


class KnowsThePlaceByItsRow(MemoryNest):
    """The id of a record that was taken off and put back, or merged, is another one."""

    def _remote(self, row: Row) -> Remote:
        shown = super()._remote(row)
        return msgspec.structs.replace(shown, id=f"{shown.id}:{row.version}") if shown.parent else shown


class OverwritesThePlace(MemoryNest):
    def _create_one(self, kind: Kind, item: CreateItem) -> Written:
        outcome = super()._create_one(kind, item)
        if kind in self.nested and not outcome.created:
            self._update_one(kind, UpdateItem(outcome.remote.id, item.fields, {}))
        return outcome


class AddsAgain(MemoryNest):
    def _row(self, kind: Kind, id: str) -> Row | None:
        return None


class AllOrNothing(MemoryNest):
    def create(self, kind: Kind, items: Sequence[CreateItem]) -> list[Outcome]:
        outcomes = super().create(kind, items)
        bad = next((outcome for outcome in outcomes if isinstance(outcome, Failed)), None)
        return outcomes if bad is None else [bad] * len(items)


class ParentByParent(MemoryNest):
    """Answers in the order in which it sent."""

    def create(self, kind: Kind, items: Sequence[CreateItem]) -> list[Outcome]:
        return super().create(kind, sorted(items, key=lambda item: item.parent or ""))


class SilencesOthers(MemoryNest):
    def _update_one(self, kind: Kind, item: UpdateItem) -> Written:
        outcome = super()._update_one(kind, item)
        if row := self._row(kind, item.id):
            self.system.edit(kind, row.id, {}, stamps=dict.fromkeys(row.stamps, ""))
        return outcome


class TakesEverybodyOff(MemoryNest):
    """Whatever others say."""

    def _delete_one(self, kind: Kind, item: DeleteItem) -> Written:
        row = self._row(kind, item.id) if kind in self.nested else None
        if row is not None:
            self.system.remove(kind, row.id)
        return super()._delete_one(kind, item)


class UnguardedNest(MemoryNest):
    def _update_one(self, kind: Kind, item: UpdateItem) -> Written:
        return super()._update_one(kind, msgspec.structs.replace(item, if_version=None))


class PutsBack(MemoryNest):
    def _update_one(self, kind: Kind, item: UpdateItem) -> Written:
        parent, _, person = item.id.partition(":")
        return super()._update_one(kind, item) if self._row(kind, item.id) else self._put(kind, item, parent, person)

    def _put(self, kind: Kind, item: UpdateItem, parent: str, person: str) -> Written:
        return super()._create_one(kind, CreateItem("ref", item.fields, "key", parent, person))


class FindsPlaces(MemoryNest):
    def _found(self, kind: Kind, refs: Sequence[str]) -> dict[str, Remote]:
        return {ref: self._remote(self.system.row(kind, id)) for ref in refs for id in self.system.ids(kind)}


class OnlyTheFirst(MemoryNest):
    """The first that a key fits is taken for the one."""

    def _matching(self, kind: Kind, keys: Sequence[str]) -> dict[str, list[Remote]]:
        return {key: some[:1] for key, some in super()._matching(kind, keys).items()}


class NobodyIsAnAnswer(MemoryNest):
    def _matching(self, kind: Kind, keys: Sequence[str]) -> dict[str, list[Remote]]:
        return {**{key: [] for key in keys}, **super()._matching(kind, keys)}


class RecognisesTheDead(MemoryNest):
    def _matching(self, kind: Kind, keys: Sequence[str]) -> dict[str, list[Remote]]:
        everybody = [self._remote(states[-1]) for id in range(99) if (states := self.system.states(kind, f"m-{id}"))]
        found = {key: [remote for remote in everybody if key in remote.keys] for key in keys}
        return {key: some for key, some in found.items() if some}


class UnreachableIsNobody(MemoryNest):
    def match(self, kind: Kind, keys: Sequence[str]) -> dict[str, list[Remote]]:
        try:
            return super().match(kind, keys)
        except RemoteError:
            return {}


class StartsAtTheBeginning(MemoryNest):
    def start(self, kind: Kind) -> str:
        return self._call("start", lambda: cursor_at(""))


class StartsTooLate(MemoryNest):
    """With the time of the next instant: what happens in this one is lost."""

    def start(self, kind: Kind) -> str:
        return self._call("start", lambda: cursor_at(f"{self.system.now()}~"))


class ReadsToStart(MemoryNest):
    def start(self, kind: Kind) -> str:
        return [page.cursor for page in self.changes(kind, None)][-1]


NEST_FAULTS: list[tuple[type[MemoryNest], Check, dict[str, Any]]] = [
    (ShowsWhatItGot, AdapterSuite.test_a_broken_page_raises_rather_than_shows_a_shorter_set, {}),
    (UnreadSetIsGone, AdapterSuite.test_a_set_that_cannot_be_read_raises, {"breakage": Breakage.FORBIDDEN}),
    (ForgetsEmptyParents, AdapterSuite.test_within_shows_the_whole_set_of_each_parent, {}),
    (ShowsOnlyOurs, AdapterSuite.test_within_shows_the_whole_set_of_each_parent, {}),
    (GoneParentIsEmpty, AdapterSuite.test_a_parent_that_is_gone_shows_nobody, {}),
    (NamesNobody, AdapterSuite.test_create_puts_a_person_into_a_parent, {}),
    (EvidenceFromNowhere, AdapterSuite.test_fetch_answers_every_nested_id, {}),
    (LeavesWithoutEvidence, AdapterSuite.test_fetch_answers_every_nested_id, {}),
    (KnowsThePlaceByItsRow, AdapterSuite.test_an_edit_shows_at_once, {}),
    (OverwritesThePlace, AdapterSuite.test_create_on_a_place_that_is_taken_overwrites_nothing, {}),
    (AddsAgain, AdapterSuite.test_creating_twice_puts_a_person_there_once, {}),
    (AddsAgain, AdapterSuite.test_one_place_twice_in_a_call_is_one_record, {}),
    (
        AddsAgain,
        AdapterSuite.test_a_person_is_put_there_once_after_an_unknown_outcome,
        {"breakage": Breakage.TIMEOUT_AFTER},
    ),
    (AllOrNothing, AdapterSuite.test_a_bad_place_does_not_sink_its_batch, {}),
    (AllOrNothing, AdapterSuite.test_a_bad_value_does_not_sink_its_batch, {}),
    (ParentByParent, AdapterSuite.test_creates_of_several_parents_in_one_call, {}),
    (SilencesOthers, AdapterSuite.test_update_writes_only_what_was_asked, {}),
    (TakesEverybodyOff, AdapterSuite.test_delete_leaves_what_others_say, {}),
    (UnguardedNest, AdapterSuite.test_a_guarded_update_of_a_place_that_moved_does_nothing, {}),
    (PutsBack, AdapterSuite.test_a_guarded_update_of_somebody_who_left_brings_nobody_back, {}),
    (FindsPlaces, AdapterSuite.test_nothing_nested_is_found_by_a_ref, {}),
    (OnlyTheFirst, AdapterSuite.test_all_that_one_key_fits_are_shown, {}),
    (NobodyIsAnAnswer, AdapterSuite.test_records_are_found_by_what_they_are_known_by, {}),
    (RecognisesTheDead, AdapterSuite.test_the_deleted_are_not_recognised, {}),
    (UnreachableIsNobody, AdapterSuite.test_who_cannot_be_looked_up_is_not_nobody, {"breakage": Breakage.REFUSED}),
    (StartsAtTheBeginning, AdapterSuite.test_a_feed_that_starts_now_shows_nothing_of_the_past, {}),
    (StartsTooLate, AdapterSuite.test_a_feed_that_starts_now_shows_everything_from_then_on, {}),
    (ReadsToStart, AdapterSuite.test_starting_now_costs_the_same_however_much_there_is, {}),
]


@pytest.mark.parametrize(
    ("faulty", "check", "arguments"),
    NEST_FAULTS,
    ids=[f"{faulty.__name__}-{n}" for n, (faulty, *_) in enumerate(NEST_FAULTS)],
)
def test_a_faulty_nest_fails(faulty: type[MemoryNest], check: Check, arguments: dict[str, Any]) -> None:
    """The same for kinds that live in parents, and for recognising people."""

    def make(system: MemorySystem) -> MemoryAdapter:
        return faulty(system, namespace=OURS, page_max=2)

    with pytest.raises((AssertionError, pytest.fail.Exception)):
        check(AdapterSuite(), NestPeer(make), **arguments)


@pytest.mark.parametrize(
    ("check", "arguments"), [fault[1:] for fault in NEST_FAULTS], ids=[fault[1].__name__ for fault in NEST_FAULTS]
)
def test_the_same_nest_without_the_fault_passes(check: Check, arguments: dict[str, Any]) -> None:
    check(AdapterSuite(), NestPeer(lambda system: MemoryNest(system, namespace=OURS, page_max=2)), **arguments)


def test_a_suite_without_a_peer_says_what_to_do(tmp_path: Path) -> None:
    """Somebody who forgets the fixture is told its name."""
    file = tmp_path / "test_mine.py"
    file.write_text("from syncd.testing import AdapterSuite\nclass TestMine(AdapterSuite): pass\n")
    command = [sys.executable, "-m", "pytest", "-p", "no:cacheprovider", "-k", "test_delete_deletes", str(file)]

    result = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)

    assert result.returncode == 1
    assert "override the fixture `peer`" in result.stdout
