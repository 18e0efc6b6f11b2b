"""The conformance suite catches what it is there to catch: adapters with one fault each, and the check it fails."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import msgspec
import pytest

from syncd.adapters.base import ChangePage, CreateItem, DeleteItem, Failed, Outcome, UpdateItem, Written
from syncd.core.model import Kind
from syncd.core.remote import Remote
from syncd.errors import OutcomeUnknown, Rejected, RemoteError
from syncd.testing import AdapterSuite, Breakage
from syncd.testing.memory import MemoryAdapter, MemorySystem
from tests.adapters.test_memory_conformance import BATCHES, OURS, MemoryPeer

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


def test_a_suite_without_a_peer_says_what_to_do(tmp_path: Path) -> None:
    """Somebody who forgets the fixture is told its name."""
    file = tmp_path / "test_mine.py"
    file.write_text("from syncd.testing import AdapterSuite\nclass TestMine(AdapterSuite): pass\n")
    command = [sys.executable, "-m", "pytest", "-p", "no:cacheprovider", "-k", "test_delete_deletes", str(file)]

    result = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)

    assert result.returncode == 1
    assert "override the fixture `peer`" in result.stdout
