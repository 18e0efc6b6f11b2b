"""The twin's prospects:batch and classify: propstreet.md, sections 11.1, 11.3 and 21."""

from __future__ import annotations

from typing import Any

import pytest

from tests.sandbox.propstreet.office import Office, ref
from tests.sandbox.propstreet_api import Answer


def codes(answer: Answer) -> dict[int, str]:
    assert answer.status == 200
    return {failure["index"]: failure["error"] for failure in answer.json["failed"]}


def every_reason(office: Office) -> list[Any]:
    """One item for each reason why it may fail, and two that succeed: the first and the last."""
    there, matched, blocked = office.contact("There"), office.contact("Matched"), office.contact("Blocked")
    office.offer(there, externalRefs=[ref("taken")])
    office.twin.communicate(office.project, [matched])
    office.twin.block(blocked)
    good, company = office.contact("Good"), office.twin.add_company(name="Norrskär")
    return [
        {"contactId": good, "externalRefs": [ref("1")]},
        {},
        {"contactId": good, "companyId": company},
        "nonsense",
        {"contactId": "x"},
        {"contactId": good},
        {"contactId": office.contact(), "externalRefs": [ref("taken")]},
        {"contactId": office.contact(), "externalRefs": [ref("1", "HubSpot")]},
        {"contactId": there},
        {"contactId": matched},
        {"contactId": blocked},
        {"contactId": "1"},
        {"contactId": office.contact(), "externalRefs": "1"},
        {"companyId": company},
    ]


SCHEMA = {
    1: "validation_error", 2: "validation_error", 3: "validation_error", 4: "invalid_id", 5: "duplicate",
    6: "duplicate_external_ref", 7: "duplicate_external_ref", 8: "already_in_prospects", 9: "already_in_incoming",
    10: "blocked", 11: "not_found_or_no_access", 12: "validation_error",
}  # fmt: skip
GUIDE = {
    1: "validation_error", 2: "validation_error", 3: "validation_error", 4: "invalid_id", 5: "duplicate",
    6: "duplicate", 7: "duplicate", 8: "duplicate", 9: "not_added", 10: "not_added", 11: "not_added",
    12: "validation_error",
}  # fmt: skip


@pytest.mark.parametrize(("words", "expected"), [("schema", SCHEMA), ("guide", GUIDE)])
def test_partial_result(words: str, expected: dict[int, str]) -> None:
    """Section 11.3, trap 29: success by HTTP whatever fails; the schema's codes or the guide's."""
    office = Office(batch_codes=words)
    items = every_reason(office)
    answer = office.batch(*items)

    assert codes(answer) == expected
    assert [failure["index"] for failure in answer.json["failed"]] == sorted(expected)
    assert all(failure["message"] for failure in answer.json["failed"])
    assert {one.get("contactId", one.get("companyId")) for one in answer.json["created"]} == {
        items[0]["contactId"],
        items[-1]["companyId"],
    }
    assert len(office.ids()) == 4


def test_failures_name_their_party() -> None:
    """Section 11.3: index, contactId or companyId, error, message."""
    office = Office()
    contact = office.contact()
    office.offer(contact)
    [failure] = office.batch({"contactId": contact}).json["failed"]

    assert set(failure) == {"index", "contactId", "error", "message"}
    assert failure["contactId"] == contact


def test_refs_are_validated_before_anything_is_written() -> None:
    """Section 11.3: each item, then item against item: a ref counts although the item that has it fails later."""
    office = Office()
    blocked = office.contact()
    office.twin.block(blocked)
    items = [{"contactId": id, "externalRefs": [ref("1")]} for id in (blocked, office.contact())]

    assert codes(office.batch(*items)) == {0: "blocked", 1: "duplicate_external_ref"}


def test_created_is_in_another_order() -> None:
    """Section 11.3, trap 28: matched by contactId; only what was asked for, and no tag."""
    office = Office()
    company = office.twin.add_company(name="Norrskär")
    contacts = [office.contact(name, company=company) for name in "abc"]
    created = office.batch(
        *({"contactId": id} for id in contacts[:2]), {"contactId": contacts[2], "externalRefs": [ref("1")]}
    ).json["created"]

    assert [one["contactId"] for one in created] != contacts
    assert sorted(one["contactId"] for one in created) == sorted(contacts)
    by_contact = {one["contactId"]: one for one in created}
    assert set(by_contact[contacts[0]]) == {"id", "contactId"}
    assert by_contact[contacts[2]]["externalRefs"] == [ref("1")]
    for contact in contacts:
        assert office.twin.prospect(office.project, by_contact[contact]["id"])["contactId"] == contact


def test_earlier_successes_come_back_as_failures() -> None:
    """Trap 27: the same batch again adds nothing, and an unknown Idempotency-Key doesn't help by default."""
    office = Office()
    items = [{"contactId": office.contact(), "externalRefs": [ref(str(n))]} for n in range(3)]
    first = office.batch(*items, idempotency_key="k")
    again = office.batch(*items, idempotency_key="k")
    assert codes(again) == dict.fromkeys(range(3), "already_in_prospects")
    office.switch(batch_keys="honoured")
    kept = office.batch({"contactId": office.contact()}, idempotency_key="l")

    assert office.batch(*items[:1], idempotency_key="l").status == 422
    assert (len(first.json["created"]), len(kept.json["created"]), len(office.ids())) == (3, 1, 4)


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"items": []},
        {"items": None},
        {"items": {}},
        {"items": [{"contactId": "1"}] * 101},
        [],
        {"items": [{}], "x": 1},
    ],
)
def test_whole_request_is_refused(body: Any) -> None:
    """Section 11.3: a request-level 4xx means that nothing was created; 1 to 100 items."""
    office = Office()

    assert office.api.call("POST", f"{office.prospects}:batch", body).status == 400


def test_hundred_fit() -> None:
    """Section 11.3: up to 100 items."""
    office = Office()
    answer = office.batch(*({"contactId": office.contact()} for _ in range(100)))

    assert len(answer.json["created"]) == 100


def test_batch_needs_a_living_project() -> None:
    office = Office()
    office.twin.delete_project(office.project)
    assert office.batch({"contactId": office.contact()}).status == 404
    assert office.api.get(f"{office.prospects}:batch").status == 405


def test_failures_that_pass() -> None:
    """Section 11.3, action_failed: the item may be sent again; and codes that nobody has heard of."""
    office = Office()
    items = [{"contactId": office.contact()} for _ in range(3)]
    office.twin.fail_additions(1)
    office.twin.fail_additions(1, "moon_phase")
    assert codes(office.batch(*items)) == {0: "action_failed", 1: "moon_phase"}

    assert codes(office.batch(*items)) == {2: "already_in_prospects"}


def test_revived_in_a_batch_keeps_its_own_ref() -> None:
    """Section 11.2, re-adding: the old prospect's own ref is no duplicate."""
    office = Office(re_added="revived", deleted_refs="reserved")
    contact = office.contact()
    old = office.offer(contact, externalRefs=[ref("1")])["id"]
    office.delete(old)
    answer = office.batch({"contactId": contact, "externalRefs": [ref("1")]})

    assert [one["id"] for one in answer.json["created"]] == [old]


def classify(office: Office, ids: Any, classification: Any = "bidder") -> Answer:
    return office.api.call(
        "POST", f"{office.prospects}/classify", {"prospectIds": ids, "classification": classification}
    )


def test_classify_several() -> None:
    """Section 11.1: how many, which, and which not; a tag is not asked for (trap 30)."""
    office = Office()
    ids = [office.offer()["id"] for _ in range(3)]
    office.delete(ids[2])
    elsewhere = office.twin.add_prospect(office.twin.add_project(name="Solna"), contact=office.contact())
    answer = classify(office, [*ids, elsewhere, "x", ids[0]])

    assert answer.json == {
        "classified": 2,
        "succeeded": ids[:2],
        "failed": [{"prospectId": id, "error": "not_found"} for id in (ids[2], elsewhere, "x")],
    }
    assert {row["classification"] for row in office.twin.live_prospects(office.project)} == {"bidder"}


@pytest.mark.parametrize(
    ("ids", "classification"), [([], "bidder"), (["1"] * 101, "bidder"), (["1"], "hot"), (None, "bidder")]
)
def test_classify_refuses_the_whole(ids: Any, classification: str) -> None:
    """Section 11.1: 1 to 100 ids and a known classification."""
    assert classify(Office(), ids, classification).status == 400


def test_numbers_as_strings_in_results() -> None:
    """Section 1: the batch index is number-or-string by the schema."""
    office = Office(numbers="string")

    assert office.batch({}, {"contactId": "1"}).json["failed"][1]["index"] == "1"
    assert classify(office, ["1"]).json["classified"] == "0"
