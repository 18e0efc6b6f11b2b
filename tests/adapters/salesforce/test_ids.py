"""Ids in their two forms (salesforce.md 8.1, trap 21)."""

from __future__ import annotations

import pytest

from syncd.adapters.salesforce.ids import full_id


@pytest.mark.parametrize("long", ["001D000000IqhSLIAZ", "006D000000CVE7OIAX"])
def test_both_forms_are_one_record(long: str) -> None:
    assert full_id(long) == full_id(long[:15]) == long


def test_the_checksum_tells_ids_apart_that_differ_by_case() -> None:
    assert full_id("006D000000CVE7O") != full_id("006d000000CVE7O")


@pytest.mark.parametrize(
    "wrong", ["", "..", "006D000000CVE7OIAY", "006d000000cve7oiax", "006D000000CVE7O/", "006D000000CVE7OI", "a b"]
)
def test_what_is_no_id_is_refused(wrong: str) -> None:
    """salesforce.md 2.6: the library joins ids into paths unchecked."""
    assert full_id(wrong) is None
