"""Failures: each becomes the right class with its facts, and says nothing that it should not."""

from __future__ import annotations

import traceback
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from syncd.adapters.base import Outcome
from syncd.errors import (
    AlreadyExists,
    Forbidden,
    Missing,
    OutcomeUnknown,
    PreconditionFailed,
    RateLimited,
    Rejected,
    RemoteError,
    ServerTrouble,
    Unauthorized,
    Unreachable,
)

from .breakage import Breakage
from .peer import Peer
from .probe import broken, created, deleted, failed, fetch_one, item, named, shows, updated, written

Classes = tuple[type[RemoteError], ...]

READ_ERRORS: dict[Breakage, Classes] = {
    Breakage.UNAUTHORIZED: (Unauthorized,),
    Breakage.FORBIDDEN: (Forbidden,),
    Breakage.RATE_LIMITED: (RateLimited,),
    Breakage.BROKEN: (ServerTrouble,),
    Breakage.UNAVAILABLE: (ServerTrouble,),
    Breakage.TIMEOUT_BEFORE: (Unreachable, ServerTrouble),
    Breakage.RESET_BEFORE: (Unreachable, ServerTrouble),
    Breakage.REFUSED: (Unreachable,),
    Breakage.HTML_200: (ServerTrouble,),
    Breakage.GARBAGE_200: (ServerTrouble,),
}
"""What a read raises, after the few tries in place that it may make."""

WRITE_ERRORS: dict[Breakage, Classes] = {
    Breakage.UNAUTHORIZED: (Unauthorized,),
    Breakage.FORBIDDEN: (Forbidden,),
    Breakage.INVALID: (Rejected,),
    Breakage.RATE_LIMITED: (RateLimited,),
    Breakage.BROKEN: (OutcomeUnknown,),
    Breakage.BROKEN_AFTER: (OutcomeUnknown,),
    # Many a proxy says 503 before anything was done, so an adapter that knows its system may retry.
    Breakage.UNAVAILABLE: (OutcomeUnknown, ServerTrouble),
    Breakage.TIMEOUT_BEFORE: (OutcomeUnknown, Unreachable),
    Breakage.TIMEOUT_AFTER: (OutcomeUnknown,),
    Breakage.RESET_BEFORE: (OutcomeUnknown, Unreachable),
    Breakage.RESET_AFTER: (OutcomeUnknown,),
    Breakage.REFUSED: (Unreachable,),
    Breakage.HTML_200: (OutcomeUnknown,),
    Breakage.GARBAGE_200: (OutcomeUnknown,),
}
"""What every write answers with. 404, 409 and 412 mean something else to each verb and are tested apart."""

AFTER = (Breakage.BROKEN_AFTER, Breakage.TIMEOUT_AFTER, Breakage.RESET_AFTER, Breakage.GARBAGE_200)

STATUS = {
    Breakage.UNAUTHORIZED: (401,),
    Breakage.FORBIDDEN: (403,),
    Breakage.MISSING: (404,),
    Breakage.CONFLICT: (409,),
    Breakage.PRECONDITION: (412,),
    Breakage.INVALID: (400, 422),
    Breakage.RATE_LIMITED: (429,),
    Breakage.BROKEN: (500,),
    Breakage.BROKEN_AFTER: (500,),
    Breakage.UNAVAILABLE: (503,),
}

TRIES_MAX = 4
"""A read is sent once and repeated in place at most three times."""


class FailureChecks:
    """The error tree, on every verb"""

    @pytest.mark.parametrize("breakage", READ_ERRORS)
    @pytest.mark.parametrize("verb", ["check", "changes", "fetch", "find"])
    def test_a_broken_read_raises(self, peer: Peer, verb: str, breakage: Breakage) -> None:
        id = peer.add(peer.sample(1), ref="ref-1")
        broken(peer, breakage)

        if verb == "check" and breakage is Breakage.FORBIDDEN and has_fatal_problem(peer):
            return
        with pytest.raises(RemoteError) as caught:
            READS[verb](peer, id)

        expected = READ_ERRORS[breakage]
        names = " or ".join(cls.__name__ for cls in expected)
        assert isinstance(caught.value, expected), f"expected {names}, got {caught.value!r}"
        assert_facts(peer, caught.value, breakage)
        assert_discreet(peer, caught.value)

    @pytest.mark.parametrize("breakage", WRITE_ERRORS)
    @pytest.mark.parametrize("verb", ["create", "update", "delete"])
    def test_a_broken_write_is_an_outcome(self, peer: Peer, verb: str, breakage: Breakage) -> None:
        """It never raises, never claims success, and where nothing took effect nothing has changed."""
        write, before = prepared(peer, verb)
        broken(peer, breakage, writes_only=True)

        error = failed(write(), *WRITE_ERRORS[breakage])

        assert_facts(peer, error, breakage)
        assert_discreet(peer, error)
        if breakage not in AFTER:
            assert before == everything(peer), "the write failed before its effect, and yet something changed"

    @pytest.mark.parametrize("breakage", AFTER)
    @pytest.mark.parametrize("verb", ["create", "update", "delete"])
    def test_an_unknown_outcome_can_be_confirmed(self, peer: Peer, verb: str, breakage: Breakage) -> None:
        """The write took effect and its answer was lost; once the line is back, reading shows the effect."""
        write, before = prepared(peer, verb)
        broken(peer, breakage, writes_only=True)

        failed(write(), OutcomeUnknown)
        peer.heal()
        peer.settle()

        assert before != everything(peer), "the breakage was to strike after the effect, and there was none"
        match verb:
            case "create":
                assert list(peer.adapter.find(peer.kind, ["ref-1"])) == ["ref-1"]
            case "update":
                assert shows(peer, fetch_one(peer, min(before)).raw, peer.change(1))
            case _:
                assert fetch_one(peer, min(before)).deleted

    @pytest.mark.parametrize("breakage", [*AFTER, Breakage.TIMEOUT_BEFORE, Breakage.RESET_BEFORE])
    def test_a_create_sent_again_after_an_unknown_outcome_makes_one_record(
        self, peer: Peer, breakage: Breakage
    ) -> None:
        """The same ref and key, whether the first one landed or not."""
        twice = item(peer, 1)
        broken(peer, breakage, writes_only=True)
        failed(peer.adapter.create(peer.kind, [twice]), OutcomeUnknown, Unreachable)
        peer.heal()
        peer.settle()

        again = peer.adapter.create(peer.kind, [twice])

        assert len(peer.ids()) == 1, f"{len(peer.ids())} records came of one create"
        named(again, *peer.ids())

    def test_a_broken_batch_fails_item_by_item(self, peer: Peer) -> None:
        """One call fails for many: each item has its own outcome, none is forgotten."""
        items = [item(peer, n) for n in range(min(peer.adapter.capabilities.of(peer.kind).create_max, 5))]
        broken(peer, Breakage.FORBIDDEN, writes_only=True)

        outcomes = peer.adapter.create(peer.kind, items)

        assert len(items) == len(outcomes)
        for outcome in outcomes:
            failed([outcome], Forbidden)

    def test_a_404_to_an_update_is_missing(self, peer: Peer) -> None:
        write, _ = prepared(peer, "update")
        broken(peer, Breakage.MISSING, writes_only=True)

        assert_discreet(peer, failed(write(), Missing))

    def test_a_409_is_no_success_and_no_mystery(self, peer: Peer) -> None:
        """Something is taken or has moved: look again, or leave it to a person; nothing was written."""
        write, before = prepared(peer, "update")
        broken(peer, Breakage.CONFLICT, writes_only=True)

        error = failed(write(), AlreadyExists, PreconditionFailed, Rejected)

        assert_facts(peer, error, Breakage.CONFLICT)
        assert_discreet(peer, error)
        assert before == everything(peer)

    def test_a_412_says_that_the_record_moved(self, peer: Peer) -> None:
        if not peer.adapter.capabilities.guarded_update:
            pytest.skip("guarded_update")
        write, before = prepared(peer, "update")
        broken(peer, Breakage.PRECONDITION, writes_only=True)

        error = failed(write(), PreconditionFailed)

        assert_facts(peer, error, Breakage.PRECONDITION)
        assert_discreet(peer, error)
        assert before == everything(peer)

    def test_a_refused_value_is_not_repeated_in_the_error(self, peer: Peer) -> None:
        """The system's own complaint may quote the value; ours names the field at most."""
        bad = peer.bad()
        if bad is None:
            pytest.skip("bad()")
        outcomes = peer.adapter.create(peer.kind, [type(item(peer, 1))("ref-1", bad, "key-bad")])

        error = failed(outcomes, Rejected)

        assert_discreet(peer, error, bad)

    @pytest.mark.parametrize("breakage", [Breakage.BROKEN, Breakage.RATE_LIMITED])
    def test_a_read_is_repeated_a_few_times_at_most(self, peer: Peer, breakage: Breakage) -> None:
        id = peer.add(peer.sample(1))
        broken(peer, breakage)
        calls = peer.adapter.calls

        with pytest.raises(RemoteError):
            peer.adapter.fetch(peer.kind, [id])

        assert 1 <= peer.adapter.calls - calls <= TRIES_MAX

    def test_a_write_is_sent_once(self, peer: Peer) -> None:
        """Whether a write is repeated is the outbox's business: it alone knows what may have landed."""
        write, _ = prepared(peer, "update")
        broken(peer, Breakage.BROKEN, writes_only=True)
        calls = peer.adapter.calls
        write()
        failing = peer.adapter.calls - calls
        peer.heal()

        calls = peer.adapter.calls
        written(write())

        assert failing <= peer.adapter.calls - calls, "a failing write took more calls than one that succeeds"

    def test_all_is_well_once_the_line_is_back(self, peer: Peer) -> None:
        """No failure sticks to the adapter."""
        id = peer.add(peer.sample(1))
        for breakage in (Breakage.REFUSED, Breakage.BROKEN, Breakage.RATE_LIMITED, Breakage.HTML_200):
            if breakage in peer.unbreakable:
                continue
            peer.break_(breakage)
            with pytest.raises(RemoteError):
                peer.adapter.fetch(peer.kind, [id])
            peer.heal()

            assert not fetch_one(peer, id).deleted, f"still broken after: {breakage.value}"


READS: dict[str, Callable[[Peer, str], object]] = {
    "check": lambda peer, id: peer.adapter.check(),
    "changes": lambda peer, id: list(peer.adapter.changes(peer.kind, None)),
    "fetch": lambda peer, id: peer.adapter.fetch(peer.kind, [id]),
    "find": lambda peer, id: peer.adapter.find(peer.kind, ["ref-1"]),
}


def has_fatal_problem(peer: Peer) -> bool:
    """check() may also tell what is forbidden as a problem: there may be more than one to tell."""
    try:
        problems = [problem for problem in peer.adapter.check().problems if problem.fatal]
    except RemoteError:
        return False
    assert problems, "check() calls a connection healthy that may not read"
    return True


def prepared(peer: Peer, verb: str) -> tuple[Callable[[], list[Outcome]], dict[str, Any]]:
    """A write that would have an effect, ready to be sent, and the system before it."""
    if verb == "create":
        new = item(peer, 1, ref="ref-1")
        return lambda: peer.adapter.create(peer.kind, [new]), everything(peer)
    current = fetch_one(peer, created(peer, 1).id)
    before = everything(peer)
    if verb == "update":
        return lambda: updated(peer, current, peer.change(1)), before
    return lambda: deleted(peer, current.id), before


def everything(peer: Peer) -> dict[str, Any]:
    """All live records, by id."""
    return {id: peer.read(id) for id in peer.ids()}


def assert_facts(peer: Peer, error: RemoteError, breakage: Breakage) -> None:
    """The system, the status as it was answered, and how long to wait where that was said."""
    assert error.system, "the error does not say whose it is"
    if breakage in STATUS:
        assert error.status in STATUS[breakage], f"the answer was {breakage.value}, the error says {error.status}"
    if breakage is Breakage.RATE_LIMITED:
        assert peer.retry_after_s == error.retry_after_s, "the wait that the system asked for was lost"


def assert_discreet(peer: Peer, error: RemoteError, *sent: object) -> None:
    """One lower-case line, without field values, and without credentials even in its traceback."""
    said = f"{error}\n{error!r}\n{error.remedy}\n{error.code}\n{error.fields}"
    message = str(error)
    assert message, "the error has no message"
    assert "\n" not in message, "the message is more than one line"
    assert message[0].islower() or not message[0].isalpha() or message.startswith(error.system), message
    traced = "".join(traceback.format_exception(error))
    for secret in peer.secrets:
        assert secret not in traced, "a credential turned up in the error or its traceback"
    for value in private(*(sent or (peer.sample(1), peer.change(1)))):
        assert value not in said, "a field value turned up in the error"


def private(*things: object) -> Iterator[str]:
    """The texts in these fields that can't be mistaken for words of a message: long, and with a digit."""
    for thing in things:
        match thing:
            case dict():
                yield from private(*thing.values())
            case list() | tuple():
                yield from private(*thing)
            case str() if len(thing) >= 6 and any(letter.isdigit() for letter in thing):
                yield thing
