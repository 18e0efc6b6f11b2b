"""Whose records a state is about is noted once, and stays."""

from __future__ import annotations

import pytest

from syncd.core.model import Side
from syncd.store import Store, accounts
from syncd.store.accounts import Account

FIRST = Account(side=Side.CRM, id="00D1", seen=1.0)


def test_nothing_is_known_at_first(store: Store) -> None:
    with store.read() as tx:
        assert accounts.listed(tx, "nordic") == {}


def test_the_first_account_is_noted_and_stays(store: Store) -> None:
    """salesforce.md trap 43: a second one is told of the first, in the same transaction or a later one."""
    with store.begin() as tx:
        assert accounts.claim(tx, "nordic", Side.CRM, "00D1", now=1.0) == FIRST
        assert accounts.claim(tx, "nordic", Side.CRM, "00D1", now=2.0) == FIRST
    with store.begin() as tx:
        assert accounts.claim(tx, "nordic", Side.CRM, "00D2", now=3.0) == FIRST
        assert accounts.listed(tx, "nordic") == {Side.CRM: FIRST}


def test_connections_and_sides_are_apart(store: Store) -> None:
    with store.begin() as tx:
        accounts.claim(tx, "nordic", Side.CRM, "00D1", now=1.0)
        accounts.claim(tx, "other", Side.CRM, "00D2", now=1.0)
        accounts.claim(tx, "nordic", Side.PROPSTREET, "p-1", now=1.0)

        assert {side: one.id for side, one in accounts.listed(tx, "nordic").items()} == {
            Side.CRM: "00D1",
            Side.PROPSTREET: "p-1",
        }


def test_what_was_not_committed_is_not_known(store: Store) -> None:
    """A process that dies in between leaves the account unclaimed."""

    class Killed(BaseException):
        pass

    def die() -> None:
        raise Killed

    store.before_commit.append(die)
    with pytest.raises(Killed), store.begin() as tx:
        accounts.claim(tx, "nordic", Side.CRM, "00D1", now=1.0)
    store.before_commit.clear()

    with store.read() as tx:
        assert accounts.listed(tx, "nordic") == {}
