"""What the tests of stores in trouble share."""

from __future__ import annotations

from syncd.core.model import Kind, Side
from syncd.core.remote import Remote
from syncd.errors import SyncdError
from syncd.store import Store, mirror


def write(store: Store, id: str = "1", *, first: str | None = None, size: int = 0) -> None:
    """Mirror one record, after this statement if given."""
    with store.begin() as tx:
        if first is not None:
            tx.exec_driver_sql(first)
        mirror.put(tx, "nordic", Side.CRM, Kind.PROJECT, [Remote(id=id, raw={"x": "x" * size})], now=1.0)


def ids(store: Store) -> list[str]:
    """What is mirrored."""
    with store.read() as tx:
        return mirror.slice(tx, "nordic", Side.CRM, Kind.PROJECT, "", 100)


def is_clear(error: SyncdError, *words: str) -> None:
    """One lower-case sentence with these words, and a remedy."""
    message = str(error)
    assert message[0].islower()
    assert "\n" not in message
    assert error.remedy
    for word in words:
        assert word in message
