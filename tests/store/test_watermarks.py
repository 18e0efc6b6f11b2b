"""A watermark moves only after the last page; a scan that was cut off goes on where it was."""

from __future__ import annotations

from syncd.core.model import Kind, Side
from syncd.store import Store, watermarks
from syncd.store.watermarks import Watermark

WHERE = ("nordic", Side.CRM, Kind.PROJECT)


def mark(mark: str | None, cursor: str | None, changed: float, scope: str = "") -> Watermark:
    return Watermark(side=Side.CRM, kind=Kind.PROJECT, scope=scope, mark=mark, cursor=cursor, changed=changed)


def test_nothing_was_read_yet(store: Store) -> None:
    with store.read() as tx:
        assert watermarks.get(tx, *WHERE) is None


def test_a_page_moves_the_cursor_and_not_the_mark(store: Store) -> None:
    with store.begin() as tx:
        watermarks.set_page(tx, *WHERE, cursor="page 2", now=1.0)
        assert watermarks.get(tx, *WHERE) == mark(None, "page 2", 1.0)

        watermarks.complete(tx, *WHERE, mark="noon", now=2.0)
        assert watermarks.get(tx, *WHERE) == mark("noon", None, 2.0)

        watermarks.set_page(tx, *WHERE, cursor="page 2", now=3.0)
        assert watermarks.get(tx, *WHERE) == mark("noon", "page 2", 3.0)


def test_a_refused_cursor_leaves_the_mark(store: Store) -> None:
    with store.begin() as tx:
        watermarks.complete(tx, *WHERE, mark="noon", now=1.0)
        watermarks.set_page(tx, *WHERE, cursor="dead", now=2.0)
        watermarks.restart(tx, *WHERE, now=3.0)

        assert watermarks.get(tx, *WHERE) == mark("noon", None, 3.0)


def test_scopes_are_apart(store: Store) -> None:
    """Each open project has a watermark of its own for its prospects."""
    with store.begin() as tx:
        watermarks.complete(tx, *WHERE, "P-2", mark="two", now=1.0)
        watermarks.complete(tx, *WHERE, "P-1", mark="one", now=1.0)
        watermarks.forget(tx, *WHERE, "P-3")
        watermarks.forget(tx, *WHERE)

        expected = [mark("one", None, 1.0, "P-1"), mark("two", None, 1.0, "P-2")]
        assert watermarks.listed(tx, "nordic") == expected
        assert watermarks.listed(tx, "other") == []


def test_what_is_forgotten_is_read_again(store: Store) -> None:
    with store.begin() as tx:
        watermarks.complete(tx, *WHERE, mark="noon", now=1.0)
        watermarks.forget(tx, *WHERE)

        assert watermarks.get(tx, *WHERE) is None
