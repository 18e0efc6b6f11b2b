"""What HubSpot's answer to a batch of associations says of each pair (hubspot.md 5.10)."""

from __future__ import annotations

from typing import Any

import pytest

from syncd.adapters.hubspot import associations
from syncd.adapters.hubspot.associations import Pair, Way
from syncd.adapters.hubspot.client import Client
from syncd.adapters.hubspot.options import decode_options
from syncd.core.model import Kind
from syncd.errors import Missing, OutcomeUnknown, PreconditionFailed, Rejected, RemoteError
from syncd.testing.clock import VirtualClock

from .peer import TOKEN, Answer, Peer

WAY = Way("2-7", "contacts", Kind.CONTACT)
NO_CONTACT = {"category": "VALIDATION_ERROR", "context": {"INVALID_OBJECT_IDS": ["CONTACT=5 is not valid"]}}
LOOSE = {"category": "VALIDATION_ERROR", "message": "no"}


def joined(*pairs: Pair, both: bool = True) -> list[dict[str, Any]]:
    """As they are shown, in one direction or in both."""
    ways = [way for pair in pairs for way in ((pair, pair[::-1]) if both else (pair,))]
    return [{"from": {"id": source}, "to": {"id": target}} for source, target in ways]


def about(error: dict[str, Any], source: str, target: str) -> dict[str, Any]:
    named = {"fromObjectId": [source], "toObjectId": [target]}
    return error | {"context": error.get("context", {}) | named}


def kinds(pairs: list[Pair], results: list[dict[str, Any]], *errors: dict[str, Any]) -> list[type[RemoteError] | None]:
    """What became of each pair, when this is the answer."""
    peer = Peer(Answer(200, {"results": results, "errors": list(errors), "numErrors": len(errors)}))
    client = Client(decode_options({"token_env": "T"}), token=TOKEN, clock=VirtualClock(), transport=peer)
    effects = associations.join(client, WAY, pairs)
    found = [effects[pair] for pair in pairs]
    return [None if error is None else type(error) for error in found]


@pytest.mark.parametrize("both", [True, False])
def test_a_pair_that_is_shown_is_made(both: bool) -> None:
    assert kinds([("1", "5"), ("2", "5")], joined(("2", "5"), ("1", "5"), both=both)) == [None, None]


def test_a_pair_that_is_not_mentioned_is_not_known() -> None:
    """Traps 2 and 30: results and errors are counted, whatever the status says."""
    assert kinds([("1", "5"), ("2", "5")], joined(("1", "5"))) == [None, OutcomeUnknown]


def test_an_error_is_about_the_pair_that_it_names() -> None:
    assert kinds([("1", "5"), ("2", "6")], joined(("2", "6")), about(NO_CONTACT, "1", "5")) == [Missing, None]


def test_an_error_that_names_nobody_is_about_the_only_pair_left() -> None:
    pairs = [("1", "5"), ("2", "5"), ("3", "5")]

    assert kinds(pairs, joined(("1", "5"), ("3", "5")), LOOSE) == [None, Rejected, None]
    assert kinds(pairs, joined(("1", "5")), LOOSE) == [None, OutcomeUnknown, OutcomeUnknown]


def test_the_other_direction_of_a_neighbour_is_no_answer() -> None:
    """Ids are unique within one type only (section 4.1)."""
    assert kinds([("1", "5"), ("5", "1")], joined(("5", "1")), about(NO_CONTACT, "1", "5")) == [Missing, None]


def test_an_answer_about_somebody_else_is_a_merge() -> None:
    """Trap 9: the contact lives on under another id."""
    assert kinds([("1", "5"), ("2", "6")], joined(("1", "9"), ("2", "6"))) == [PreconditionFailed, None]
