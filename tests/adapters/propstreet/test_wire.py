"""Paths, bodies and numbers as they go over the wire."""

from __future__ import annotations

from decimal import Decimal

import pytest

from syncd.adapters.propstreet.wire import decode_object, encode, target, text_id
from syncd.errors import Rejected


def test_numbers_stay_exact_both_ways() -> None:
    """propstreet.md trap 37: a decimal type from the first byte to the last, never a float."""
    shown = decode_object(b'{"value":0.1,"big":150000000.00,"whole":7}')

    assert shown == {"value": Decimal("0.1"), "big": Decimal("150000000.00"), "whole": 7}
    assert encode(shown) == b'{"value":0.1,"big":150000000.00,"whole":7}'


@pytest.mark.parametrize("body", [b"", b"<html>", b"{", b"[]", b'"x"', b"null", b"\xff"])
def test_what_is_no_object_is_none(body: bytes) -> None:
    assert decode_object(body) is None


def test_segments_are_percent_encoded() -> None:
    """propstreet.md section 13: both parts of an external lookup."""
    assert target("projects", "external", "hub/spot", "a b?c#d%2F") == (
        "/api/v1/projects/external/hub%2Fspot/a%20b%3Fc%23d%252F"
    )


def test_query_is_encoded_and_nothing_is_sent_for_none() -> None:
    where = target("projects", query={"updated_since": "2026-01-01T00:00:00Z", "status": None, "page_size": 5})

    assert where == "/api/v1/projects?updated_since=2026-01-01T00%3A00%3A00Z&page_size=5"


@pytest.mark.parametrize("segment", ["", ".", ".."])
def test_segments_that_would_change_the_path_are_refused(segment: str) -> None:
    with pytest.raises(Rejected):
        target("projects", segment)


def test_addresses_are_bounded() -> None:
    """propstreet.md section 1: 8,000 characters with the query."""
    with pytest.raises(Rejected, match="8000"):
        target("projects", query={"cursor": "c" * 8000})


@pytest.mark.parametrize(("value", "expected"), [("9", "9"), (9, "9"), ("", None), (None, None), (True, None)])
def test_ids_are_text(value: object, expected: str | None) -> None:
    assert expected == text_id(value)
