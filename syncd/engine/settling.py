"""Says what each result means: done, again later, planned afresh, held, or the end of the pass.

What it means for the store is bookkeeping's business; a batch of results is stored in one transaction.
"""

from __future__ import annotations

from collections import Counter
from typing import assert_never

from syncd.adapters.base import Failed, Written
from syncd.core.model import Side
from syncd.core.ops import Create, Update
from syncd.core.remote import Remote
from syncd.core.retry import GiveUp, decide_retry
from syncd.errors import AlreadyExists, NextStep, PreconditionFailed, RateLimited, RemoteError
from syncd.store import bindings
from syncd.store.outbox import Entry, Finished, OpState

from .bookkeeping import Book
from .connection import Connection
from .results import Adopted, Made, Moved, NothingLeft, NotMade, Result, Told


class Settlement:
    """Settles batches of results for one pass, and remembers what the pass must know of them."""

    def __init__(self, connection: Connection, run: str) -> None:
        self.applied: Counter[tuple[Side, str]] = Counter()
        self.stop: RemoteError | None = None  # an error after which nothing more can be sent
        self._connection = connection
        self._run = run
        self._moves: Counter[int] = Counter()

    def settle(self, results: list[Result]) -> None:
        """Store these results."""
        if not results:
            return
        with self._connection.store.begin() as tx:
            bound = bindings.get(tx, {result.entry.binding for result in results})
            book = Book(self._connection, bound)
            for result in results:
                self._one(book, result)
            book.store(tx, self._run)
        for done in book.finished:
            self._log(done, book)

    def _one(self, book: Book, result: Result) -> None:
        entry, outcome = result.entry, result.outcome
        book.hold_fields(entry, result.refused)
        match outcome:
            case Written():
                self.applied[entry.side, entry.verb.value] += 1
                book.written(result, outcome)
            case Made(remote):
                self.applied[entry.side, entry.verb.value] += 1
                book.created(entry, remote, certain=False)
            case Told(remote, confirmed) if not (confirmed.landed or confirmed.doubtful or _stamped(entry, remote)):
                book.missed(entry, remote)
                self._again(book, entry, None)
            case Told(remote, confirmed):
                book.told(result, remote, confirmed.landed, confirmed.doubtful)
            case Adopted(remote):
                book.adopted(entry, remote)
            case NotMade():
                self._again(book, entry, None)
            case NothingLeft():
                book.finish(entry, OpState.REPLANNED, "no field of it can be written")
            case Moved(why):
                self._moved(book, entry, why)
            case Failed(error):
                self._failed(book, result, error)
            case _:
                assert_never(outcome)

    def _failed(self, book: Book, result: Result, error: RemoteError) -> None:
        entry = result.entry
        match error.next_step:
            case NextStep.RETRY:
                self._again(book, entry, error)
            case NextStep.CONFIRM:
                book.finish(entry, OpState.UNCONFIRMED, str(error))
            case NextStep.REPLAN if result.person is not None and isinstance(error, PreconditionFailed):
                self._moved(book, entry, str(error))
                book.look_at(entry.side, result.person)
            case NextStep.REPLAN if isinstance(entry.op, Create) or isinstance(error, AlreadyExists):
                book.finish(entry, OpState.HELD, str(error), error.remedy or "look for the record that has this ref")
            case NextStep.REPLAN:
                self._moved(book, entry, str(error))
            case NextStep.HOLD:
                book.refused(result, error)
            case NextStep.PAUSE | NextStep.STOP:
                self.stop = error
                book.finish(entry, OpState.TODO, str(error), sent=False)

    def _again(self, book: Book, entry: Entry, error: RemoteError | None) -> None:
        wait = decide_retry(
            entry.attempts,
            retry_after_s=error.retry_after_s if error is not None else None,
            jitter=self._connection.jitter(),
        )
        why = str(error) if error is not None else "its outcome was unknown, and it did not land"
        if isinstance(wait, GiveUp):
            book.finish(entry, OpState.HELD, f"{wait.reason}: {why}", "when the cause is gone: syncd held retry")
            return
        again = self._connection.clock.time() + wait.after_s
        # Being told to slow down says nothing about the op: it costs no attempt.
        book.finish(entry, OpState.TODO, why, not_before=again, sent=not isinstance(error, RateLimited))

    def _moved(self, book: Book, entry: Entry, why: str) -> None:
        """Plan afresh from a fresh read, but not for ever."""
        self._moves[entry.binding] += 1
        if self._moves[entry.binding] > self._connection.tuning.moves_max:
            why = f"it moved {self._moves[entry.binding]} times while it was being written; last: {why}"
            book.finish(entry, OpState.HELD, why, "when it has come to rest: syncd held retry")
            return
        book.finish(entry, OpState.REPLANNED, why)
        if isinstance(entry.op, Create):
            book.notice(entry, entry.side.other, entry.op.ref)
        else:
            book.notice(entry, entry.side, entry.record, fetch=True)

    def _log(self, done: Finished, book: Book) -> None:
        entry = book.entries[done.id]
        facts = {
            "run": self._run,
            "kind": entry.kind,
            "binding": entry.binding,
            "op": entry.id,
            "side": entry.side,
        }
        match done.state:
            case OpState.DONE:
                self._connection.log.info("op.applied", verb=entry.verb, **facts)
            case OpState.TODO:
                self._connection.log.warning("op.retry_scheduled", reason=done.reason, **facts)
            case OpState.REPLANNED | OpState.UNCONFIRMED:
                self._connection.log.info("op.replanned", reason=done.reason, **facts)
            case OpState.HELD:
                self._connection.log.warning("op.held", reason=done.reason, **facts)
            case OpState.SENDING:
                return


def _stamped(entry: Entry, remote: Remote) -> bool:
    """Does the target carry the stamp that this update was to write?"""
    return isinstance(entry.op, Update) and entry.op.stamp is not None and remote.ref == entry.op.stamp
