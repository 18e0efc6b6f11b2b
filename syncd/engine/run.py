"""One pass over one connection: confirm what is open, capture both sides, then decide and apply until it is quiet.

Every step can be cut off. What it had stored by then is what the next pass goes on from.
"""

from __future__ import annotations

from collections.abc import Callable

from syncd.adapters.base import ChangePage
from syncd.core.model import Kind, Side
from syncd.errors import SyncdError
from syncd.store import conflicts, notices, outbox, runs, watermarks
from syncd.store.notices import Notice
from syncd.store.outbox import Batch, OpState, Verb

from . import confirming, decide, identity, kin, silent_links
from .capture import LOADED, capture
from .commit import commit
from .connection import Connection
from .guarding import guard
from .holding import held
from .nested import capture_nested
from .report import Applied, Mode, Progress, RunOutcome, Summary, silent
from .sending import send
from .settling import Settlement


def run_pass(connection: Connection, mode: Mode, progress: Progress = silent) -> Summary:
    """Run a backfill or a delta to its end and store how it went.

    Raises LeaseHeld at once; RemoteError and StoreError after the run was recorded as failed.
    """
    with held(connection) as working:
        run = Pass(working, mode, progress)
        return run.recorded(run.work)


class Pass:
    """The state of one pass; nothing of it outlives the pass but what is in the store."""

    def __init__(self, connection: Connection, mode: Mode, progress: Progress = silent) -> None:
        self.id = connection.new_id()
        self.captured = dict.fromkeys(Side, 0)
        self.only: set[tuple[Kind, Side, str]] | None = None  # decide nothing about any other record
        self._connection = connection
        self._mode = mode
        self._progress = progress
        self._settlement = Settlement(connection, self.id)
        self._started = connection.clock.time()
        self._calls_before = {side: connection.adapter(side).calls for side in Side}
        self._first_load = self._never_loaded()
        self._ahead_s = self._until_next()
        self._newcomers = self._at_once()
        self._waited_s = 0.0
        self._looked = dict.fromkeys(Side, 0)  # projects or deals whose prospects this pass has read
        self._log = connection.log

    def recorded(self, work: Callable[[], None]) -> Summary:
        """Do the work between the two lines that a run leaves in the store and in the log."""
        connection = self._connection
        with connection.store.begin() as tx:
            runs.start(tx, connection.name, self.id, mode=self._mode.value, now=self._started)
        self._log.info("run.started", run=self.id, mode=self._mode)
        try:
            work()
        except SyncdError as error:
            self._finish(self._summary(failed=True), error)
            raise
        summary = self._summary(failed=False)
        self._finish(summary, None)
        return summary

    def work(self) -> None:
        """Everything that a backfill or a delta does."""
        self.begin()
        self.settle_down()
        if self._capture_nested(everything=False, ahead_s=0.0, read_since=self._started):
            self.settle_down()
        self._first_load_done()
        self._prune()

    def begin(self) -> None:
        """Learn what happened: what a crash left open, and what changed on both sides.

        Before anything else, whose accounts these are. A delta does not spend a call on that, once it has a past.
        Changes are confirmed before the mirror moves, which knows the versions that they were guarded with; creates
        after, when it knows what has been deleted meanwhile.
        """
        identity.claim(self._connection, ask=self._mode is not Mode.DELTA or bool(self._first_load))
        self.confirm(after_crash=True, creates=False)
        self._capture_all()
        self._capture_nested(everything=self._mode is Mode.BACKFILL, ahead_s=self._ahead_s)
        self.confirm(after_crash=True, creates=True)

    def _capture_all(self) -> None:
        for side in Side:
            for kind in self._connection.mappers:
                if not kin.is_nested(self._connection, side, kind):
                    self._capture(side, kind)
        if self._mode is not Mode.BACKFILL:
            silent_links.look_again(self._connection)

    def _capture_nested(self, *, everything: bool, ahead_s: float, read_since: float | None = None) -> bool:
        """Read what lives in the projects that are paired by now; is there anything to decide?"""
        connection = self._connection
        if kin.CHILD not in connection.mappers:
            return False
        for side in Side:
            if kin.is_nested(connection, side, kin.CHILD):
                before = self._looked[side]

                def on_read(read: int, due: int, side: Side = side, before: int = before) -> None:
                    self._looked[side] = before + read
                    self._progress(f"reading prospects of {side}", read, due)

                # What a backfill is asked for is everything, however long it takes.
                most = None if self._mode is Mode.BACKFILL else connection.tuning.parents_max - before
                news = capture_nested(
                    connection,
                    side,
                    kin.CHILD,
                    everything=everything,
                    ahead_s=ahead_s,
                    most=most,
                    read_since=read_since,
                    on_read=on_read,
                )
                self.captured[side] += news
        return self._due_notices() > 0

    def settle_down(self) -> None:
        """Rounds of decide and apply until nothing is left that can be done now."""
        for _ in range(self._connection.tuning.rounds_max):
            decided = self._decide()
            let = guard(self._connection, self.id, first_load=self._first_load, most=self._newcomers)
            self._newcomers = {batch: left - let[batch] for batch, left in self._newcomers.items()}
            sent = self.apply()
            self.confirm(after_crash=False)
            if not decided and not sent and not self._wait():
                return

    def confirm(self, *, after_crash: bool, creates: bool | None = None) -> None:
        """Find out about writes with an unknown outcome: creates, all but creates, or both."""
        for entries in confirming.unknown(self._connection, after_crash=after_crash, creates=creates):
            self._settlement.settle(confirming.tell(self._connection, entries))

    def apply(self) -> int:
        """Send all that is due; how many ops went out. Raises the error after which nothing more can be sent."""
        with self._connection.store.read() as tx:
            waiting = sum(outbox.counts(tx, self._connection.name, OpState.TODO).values())
        total = self._settlement.applied.total() + waiting
        sent = 0
        while claimed := self._send_due():
            sent += claimed
            done = self._settlement.applied.total()
            self._progress("writing", done, max(total, done))
        if self._settlement.stop is not None:
            raise self._settlement.stop
        return sent

    def _capture(self, side: Side, kind: Kind) -> None:
        seen = 0

        def on_page(page: ChangePage) -> None:
            nonlocal seen
            seen += len(page.rows) + len(page.hints)
            self._progress(f"reading {side}", seen, page.total)

        full = self._mode is Mode.BACKFILL
        self.captured[side] += capture(self._connection, side, kind, full=full, on_page=on_page)

    def _decide(self) -> int:
        """Plan every notice that is due once; how many ops are new. What can't be decided now keeps its notice."""
        connection = self._connection
        added = 0
        for kind in connection.mappers:
            after: Notice | None = None
            done, total = 0, self._due_notices()
            while batch := self._take(kind, after):
                after = batch[-1]
                wanted = [one for one in batch if self.only is None or (kind, one.side, one.id) in self.only]
                added += commit(connection, self.id, decide.plans(connection, kind, wanted))
                done += len(batch)
                self._progress("comparing", done, max(total, done))
        return added

    def _take(self, kind: Kind, after: Notice | None) -> list[Notice]:
        connection = self._connection
        with connection.store.read() as tx:
            return notices.take(
                tx,
                connection.name,
                kind,
                limit=connection.tuning.notices_max,
                now=connection.clock.time(),
                after=after,
            )

    def _due_notices(self) -> int:
        with self._connection.store.read() as tx:
            return notices.count(tx, self._connection.name, due_by=self._connection.clock.time())

    def _send_due(self) -> int:
        """One claim of each batch that has work; how many ops that were. 0 ends it."""
        connection = self._connection
        with connection.store.read() as tx:
            due = outbox.next_batch_kinds(tx, connection.name, now=connection.clock.time(), run=self._own)
        claimed = 0
        for batch in due:
            with connection.store.begin() as tx:
                entries = outbox.claim(
                    tx,
                    connection.name,
                    side=batch.side,
                    kind=batch.kind,
                    verb=batch.verb,
                    limit=connection.tuning.claim_max,
                    now=connection.clock.time(),
                    run=self._own,
                )
            claimed += len(entries)
            self._settlement.settle(send(connection, batch, entries))
            if self._settlement.stop is not None:
                return 0
        return claimed

    def _wait(self) -> bool:
        """Wait for an op that is to be tried again soon, within what a pass may wait altogether."""
        connection = self._connection
        with connection.store.read() as tx:
            due = outbox.next_due(tx, connection.name, run=self._own)
        if due is None:
            return False
        seconds = max(0.0, due - connection.clock.time())
        if self._waited_s + seconds > connection.tuning.wait_max_s:
            return False
        self._waited_s += seconds
        connection.clock.sleep(seconds)
        return True

    def _prune(self) -> None:
        connection = self._connection
        before = connection.clock.time() - connection.tuning.journal_days * 86_400
        with connection.store.begin() as tx:
            outbox.prune(tx, connection.name, before=before)
            runs.prune(tx, connection.name, before=before)

    @property
    def _own(self) -> str | None:
        """Carrying out a reviewed plan, nothing is sent but what this run put into the outbox."""
        return self.id if self._mode is Mode.APPLY else None

    def _never_loaded(self) -> frozenset[Kind]:
        """Kinds of which a first load has not been finished: until then, creating many is what was asked for."""
        with self._connection.store.read() as tx:
            done = {mark.kind for mark in watermarks.listed(tx, self._connection.name) if mark.scope == LOADED}
        return frozenset(self._connection.mappers) - done

    def _at_once(self) -> dict[Batch, int]:
        """A teaser that is communicated may bring hundreds of investors at once: they come to the CRM by and by."""
        if kin.CHILD not in self._connection.mappers:
            return {}
        kinds = {kin.CHILD, *kin.PEOPLE} - self._first_load
        most = self._connection.tuning.newcomers_max
        return {Batch(Side.CRM, kind, Verb.CREATE): most for kind in sorted(kinds)}

    def _until_next(self) -> float:
        """How long it will be until the next pass, if it is as long as since the last."""
        with self._connection.store.read() as tx:
            last = runs.last(tx, self._connection.name)
        if not last:
            return 0.0
        return min(self._started - last[0].started, self._connection.tuning.max_staleness_s / 2)

    def _first_load_done(self) -> None:
        connection = self._connection
        with connection.store.begin() as tx:
            for kind in self._first_load:
                now = connection.clock.time()
                watermarks.complete(tx, connection.name, Side.CRM, kind, LOADED, mark=self.id, now=now)

    def _summary(self, *, failed: bool) -> Summary:
        connection = self._connection
        with connection.store.read() as tx:
            disputed = conflicts.count_open(tx, connection.name)
            counts = {state: sum(outbox.counts(tx, connection.name, state, run=self._own).values()) for state in _OPEN}
            left = 0 if self._own is not None else notices.count(tx, connection.name)
            later = outbox.uncleared(tx, connection.name)
        outcome = RunOutcome.OK
        if failed:
            outcome = RunOutcome.FAILED
        elif counts[OpState.TODO] > later or counts[OpState.UNCONFIRMED] or left:
            outcome = RunOutcome.INCOMPLETE
        elif disputed or counts[OpState.HELD]:
            outcome = RunOutcome.ATTENTION
        applied = self._settlement.applied
        return Summary(
            run=self.id,
            mode=self._mode,
            connection=connection.name,
            outcome=outcome,
            duration_s=round(connection.clock.time() - self._started, 3),
            captured={side.value: self.captured[side] for side in Side},
            applied={
                side.value: Applied(*(applied[side, verb] for verb in ("create", "update", "delete"))) for side in Side
            },
            conflicts=disputed,
            held=counts[OpState.HELD],
            calls={side.value: connection.adapter(side).calls - self._calls_before[side] for side in Side},
        )

    def _finish(self, summary: Summary, error: SyncdError | None) -> None:
        connection = self._connection
        counts = {
            "captured": dict(summary.captured),
            "applied": dict(summary.applied),
            "conflicts": summary.conflicts,
            "held": summary.held,
        }
        with connection.store.begin() as tx:
            runs.finish(
                tx,
                self.id,
                outcome=summary.outcome.value,
                counts=counts,
                calls=dict(summary.calls),
                error=str(error) if error is not None else None,
                now=connection.clock.time(),
            )
        facts = {"outcome": summary.outcome, "duration_s": summary.duration_s, "calls": dict(summary.calls)}
        log = self._log.error if error is not None else self._log.info
        log("run.finished", run=self.id, mode=self._mode, **facts, held=summary.held, conflicts=summary.conflicts)


_OPEN = (OpState.TODO, OpState.UNCONFIRMED, OpState.HELD)
