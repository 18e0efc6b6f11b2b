"""A webhook delivery is new once."""

from __future__ import annotations

from syncd.core.model import Side
from syncd.store import Store, inbox


def test_a_delivery_is_new_once(store: Store) -> None:
    with store.begin() as tx:
        assert inbox.record(tx, "nordic", Side.CRM, ["b", "a", "b"], now=1.0) == ["b", "a"]
        assert inbox.record(tx, "nordic", Side.CRM, ["a", "c"], now=2.0) == ["c"]


def test_connections_and_sides_are_apart(store: Store) -> None:
    with store.begin() as tx:
        inbox.record(tx, "nordic", Side.CRM, ["a"], now=1.0)

        assert inbox.record(tx, "nordic", Side.PROPSTREET, ["a"], now=1.0) == ["a"]
        assert inbox.record(tx, "other", Side.CRM, ["a"], now=1.0) == ["a"]


def test_a_large_delivery_goes_in_parts(store: Store) -> None:
    ids = [f"{number}" for number in range(1200)]
    with store.begin() as tx:
        assert inbox.record(tx, "nordic", Side.CRM, ids, now=1.0) == ids


def test_old_deliveries_are_dropped_in_slices(store: Store) -> None:
    with store.begin() as tx:
        inbox.record(tx, "nordic", Side.CRM, ["a", "b", "c"], now=1.0)
        inbox.record(tx, "nordic", Side.CRM, ["d"], now=2.0)

        assert inbox.prune(tx, "nordic", before=2.0, limit=2) == 2
        assert inbox.prune(tx, "nordic", before=2.0, limit=2) == 1
        assert inbox.prune(tx, "nordic", before=2.0) == 0
        assert inbox.record(tx, "nordic", Side.CRM, ["d"], now=3.0) == []
