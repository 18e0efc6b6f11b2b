"""Queries as text: literals, quoting, and the length of an address."""

from __future__ import annotations

from urllib.parse import quote_plus

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from syncd.adapters.salesforce.soql import VALUES_MAX, alternatives, instant, like, listed, portions, quoted, select


def test_an_instant_is_utc_and_to_the_second() -> None:
    """salesforce.md trap 25: a naive moment would be shifted by the host's zone."""
    assert instant("2026-11-21T16:58:14.0000000Z") == "2026-11-21T16:58:14Z"
    assert instant("2026-11-21T16:58:14.1230000Z") == "2026-11-21T16:58:14.123Z"


@pytest.mark.parametrize(
    ("value", "literal"), [("it's", r"'it\'s'"), ('a"b', r"'a\"b'"), ("a\\b", r"'a\\b'"), ("a\nb", r"'a\nb'")]
)
def test_a_value_cannot_end_its_quotes(value: str, literal: str) -> None:
    assert quoted(value) == literal


@pytest.mark.parametrize(
    ("value", "literal"),
    [("a_b.c", r"'%/a\_b.c%'"), ("50%", r"'%/50\%%'"), ("it's", r"'%/it\'s%'"), ("a{}b", "'%/a{}b%'")],
)
def test_only_a_patterns_own_wildcards_are_wild(value: str, literal: str) -> None:
    assert like("Website", "%/{}%", value) == f"Website LIKE {literal}"


@settings(max_examples=50)
@given(st.lists(st.text(min_size=1, max_size=255), max_size=300))
def test_no_choice_of_conditions_outgrows_its_address(values: list[str]) -> None:
    """salesforce.md trap 26: none is left out, none is cut, and a long one goes alone."""
    conditions = [like("Website", "{}%", value) for value in values]
    rest = select(["Id"] * 100, "Account", "()")

    found = list(alternatives(conditions, rest))

    assert " OR ".join(conditions) == " OR ".join(found)
    lone = set(conditions)
    assert all(where in lone or len(quote_plus(select(["Id"] * 100, "Account", where))) < 15_000 for where in found)


def test_a_whole_query() -> None:
    text = select(["Id", "Name"], "Deal__c", listed("Id", ["1", "2"]), order=("SystemModstamp", "Id"), limit=5)

    assert text == "SELECT Id,Name FROM Deal__c WHERE Id IN ('1','2') ORDER BY SystemModstamp,Id LIMIT 5"


@settings(max_examples=50)
@given(st.lists(st.text(min_size=1, max_size=255), max_size=900), st.sampled_from([1, 2]))
def test_no_query_outgrows_its_address(values: list[str], times: int) -> None:
    """salesforce.md trap 26: 400 values, and well below 16,384 bytes, whatever is in them."""
    rest = select(["Id"] * 100, "Opportunity", " OR ".join(["Id IN ()"] * times))

    found = list(portions(values, rest, times=times))

    assert values == [value for portion in found for value in portion]
    for portion in found:
        where = " OR ".join([listed("Id", portion)] * times)
        assert len(portion) <= VALUES_MAX
        assert len(portion) == 1 or len(quote_plus(select(["Id"] * 100, "Opportunity", where))) < 15_000
