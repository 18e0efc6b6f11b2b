"""What came of many prospects in one call, however the answer is ordered and whichever codes it uses."""

from __future__ import annotations

from typing import Any, cast

import pytest
from hypothesis import given
from hypothesis import strategies as st

from syncd.adapters.propstreet import BatchCreated, BatchFailure, BatchResult, ItemStep, ProspectBody
from syncd.adapters.propstreet.batch import ClassifyFailure


def result(created: list[dict[str, Any]], failed: list[dict[str, Any]]) -> BatchResult:
    return BatchResult(tuple(map(BatchCreated, created)), tuple(map(BatchFailure, failed)))


def told(created: list[dict[str, Any]], failed: list[dict[str, Any]], *items: dict[str, Any]) -> list[str | None]:
    """Per item: the new id, the code of the failure, or None."""
    pairs = result(created, failed).paired([cast(ProspectBody, item) for item in items])
    return [pair.created.id if pair.created else pair.failure.error if pair.failure else None for pair in pairs]


@st.composite
def batches(draw: st.DrawFn) -> tuple[list[dict[str, str]], list[dict[str, Any]], list[dict[str, Any]], list[str]]:
    """A request of distinct parties, an answer in any order and dress, and what it means for each item."""
    parties = draw(
        st.lists(st.tuples(st.sampled_from(["contactId", "companyId"]), st.integers(1, 30)), unique=True, max_size=20)
    )
    items = [{name: str(n)} for name, n in parties]
    good = draw(st.lists(st.booleans(), min_size=len(items), max_size=len(items)))
    employer = {"companyId": str(draw(st.integers(1, 30)))} if draw(st.booleans()) else {}
    created = [{**employer, **item, "id": f"new {at}"} for at, item in enumerate(items) if good[at]]
    failed = [{"index": at, **item, "error": f"code {at}"} for at, item in enumerate(items) if not good[at]]
    if draw(st.booleans()):
        failed = [{**row, "index": str(row["index"])} for row in failed]
    meant = [f"new {at}" if good[at] else f"code {at}" for at in range(len(items))]
    return items, draw(st.permutations(created)), draw(st.permutations(failed)), meant


@given(batches())
def test_every_item_gets_its_own_result(batch: Any) -> None:
    """propstreet.md trap 28: matched by contact and company, also where a contact's row shows its company."""
    items, created, failed, meant = batch

    assert meant == told(created, failed, *items)


def test_a_party_twice_in_the_request() -> None:
    """The index tells which of the two failed."""
    items = [{"contactId": "1"}, {"contactId": "1"}]
    created = [{"id": "11", "contactId": "1"}]

    assert told(created, [{"index": 0, "contactId": "1", "error": "duplicate"}], *items) == ["duplicate", "11"]
    assert told(created, [{"index": 1, "contactId": "1", "error": "duplicate"}], *items) == ["11", "duplicate"]


@pytest.mark.parametrize("index", [{}, {"index": None}, {"index": 9}, {"index": -1}, {"index": 0}, {"index": "x"}])
def test_an_index_that_is_missing_or_wrong_yields_to_the_party(index: dict[str, Any]) -> None:
    items = [{"contactId": "1"}, {"companyId": "1"}]
    failed = [{**index, "companyId": "1", "error": "blocked"}]

    assert told([{"id": "11", "contactId": "1"}], failed, *items) == ["11", "blocked"]


def test_an_index_alone_is_enough() -> None:
    """propstreet.md section 11.3: the ids of a failure are optional."""
    assert told([], [{"index": 1, "error": "invalid_id"}], {"contactId": "a"}, {"contactId": "b"}) == [
        None,
        "invalid_id",
    ]


def test_a_contact_and_its_company_in_one_request() -> None:
    """The company's placeholder does not take the row of the contact that works there."""
    items = [{"companyId": "5"}, {"contactId": "1"}]
    created = [{"id": "of contact", "contactId": "1", "companyId": "5"}, {"id": "of company", "companyId": "5"}]

    assert told(created, [], *items) == ["of company", "of contact"]


def test_ids_may_be_numbers() -> None:
    """propstreet.md section 22."""
    assert told([{"id": 11, "contactId": 1}], [], {"contactId": "1"}) == ["11"]


def test_an_item_that_the_answer_forgot_is_looked_up() -> None:
    pair = result([], []).paired([{"contactId": "1"}])[0]

    assert (pair.created, pair.failure, pair.step) == (None, None, ItemStep.ADOPT)


@pytest.mark.parametrize(
    ("code", "step"),
    [
        ("validation_error", ItemStep.HOLD),
        ("invalid_id", ItemStep.REFRESH),
        ("duplicate", ItemStep.ADOPT),
        ("duplicate_external_ref", ItemStep.FIND_HOLDER),
        ("already_in_prospects", ItemStep.ADOPT),
        ("already_in_incoming", ItemStep.ADOPT),
        ("blocked", ItemStep.HOLD),
        ("invalid_source", ItemStep.HOLD),
        ("not_found_or_no_access", ItemStep.REFRESH),
        ("action_failed", ItemStep.RETRY),
        ("not_added", ItemStep.ADOPT),
        ("of_a_later_release", ItemStep.ADOPT),
        (None, ItemStep.ADOPT),
    ],
)
def test_each_code_names_the_next_step(code: str | None, step: ItemStep) -> None:
    """propstreet.md trap 27 and section 11.3: both sets of codes; an unknown one is looked into, not given up."""
    assert step is BatchFailure({"index": 0, "error": code}).step


def test_a_failure_shows_no_value() -> None:
    """The server's words may name people."""
    row = {"index": 0, "error": "blocked", "message": "Anna Andersson is blocked"}

    assert BatchFailure(row).message == "Anna Andersson is blocked"
    assert "Anna" not in repr(BatchFailure(row)) + repr(ClassifyFailure(row))
