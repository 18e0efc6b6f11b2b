"""Pages in both envelopes, and the ways a list can mislead."""

from __future__ import annotations

from typing import Any

import pytest

from syncd.adapters.propstreet.paging import Page, read_page, walk
from syncd.errors import ServerTrouble

ROW = {"id": "1"}


@pytest.mark.parametrize(
    ("answer", "expected"),
    [
        ({"data": [ROW], "page": {"nextCursor": "c", "pageSize": 1, "hasMore": True}}, "c"),
        ({"data": [ROW], "nextCursor": "c", "hasMore": True}, "c"),
        ({"data": [ROW], "page": {"nextCursor": "c", "hasMore": False}}, None),
        ({"data": [ROW], "page": {"hasMore": False}}, None),
        ({"data": [ROW], "nextCursor": None, "hasMore": False}, None),
        ({"data": [ROW], "page": {"nextCursor": "c"}}, "c"),
        ({"data": [ROW]}, None),
        ({"data": [], "page": {"nextCursor": "c", "hasMore": True}}, "c"),
    ],
)
def test_both_envelopes(answer: dict[str, Any], expected: str | None) -> None:
    """propstreet.md section 4: `page.*`, or top-level in the old guide; an empty page is not the end."""
    assert Page(answer["data"], expected) == read_page(answer, "projects")


@pytest.mark.parametrize(
    "answer",
    [
        {},
        {"data": None},
        {"data": {}},
        {"data": ["x"]},
        {"data": [{"name": "no id"}]},
        {"error": "x", "page": {"hasMore": False}},
        {"data": [], "page": {"hasMore": True}},
        {"data": [], "page": {"hasMore": "yes", "nextCursor": "c"}},
    ],
)
def test_what_is_no_page_is_an_error_and_not_an_empty_list(answer: dict[str, Any]) -> None:
    with pytest.raises(ServerTrouble):
        read_page(answer, "projects")


def test_walks_to_the_end() -> None:
    """propstreet.md trap 1: the first page is not all there is."""
    pages = {None: Page([ROW], "a"), "a": Page([], "b"), "b": Page([ROW], None)}

    assert [pages[None], pages["a"], pages["b"]] == list(walk(pages.__getitem__, what="projects"))


@pytest.mark.parametrize("circle", [{None: "a", "a": "a"}, {None: "a", "a": "b", "b": "a"}])
def test_a_repeated_cursor_is_refused(circle: dict[str | None, str]) -> None:
    with pytest.raises(ServerTrouble, match="circle"):
        list(walk(lambda cursor: Page([], circle[cursor]), what="projects"))


def test_a_resumed_walk_knows_its_own_start() -> None:
    with pytest.raises(ServerTrouble, match="circle"):
        list(walk(lambda _: Page([], "a"), start="a", what="projects"))
