"""The twin's contacts: propstreet.md, sections 9, 13 and 17.1."""

from __future__ import annotations

from typing import Any

import pytest

from tests.sandbox.propstreet.office import Office, ref
from tests.sandbox.propstreet_api import Answer, Api, api, clock_of

CONTACTS = "/network/contacts"


def make(here: Api, body: Any, **headers: str) -> Answer:
    return here.call("POST", CONTACTS, body, **headers)


def made(here: Api, **fields: Any) -> dict[str, Any]:
    answer = make(here, {"firstName": "Astrid", **fields})
    assert answer.status == 201
    contact: dict[str, Any] = answer.json
    return contact


def patch(here: Api, id: str, body: Any, **headers: str) -> Answer:
    return here.call("PATCH", f"{CONTACTS}/{id}", body, **headers)


def upsert(here: Api, id: str, body: Any, query: str = "", namespace: str = "hubspot", **headers: str) -> Answer:
    return here.call("PATCH", f"{CONTACTS}/external/{namespace}/{id}{query}", body, **headers)


def action(answer: Answer) -> str:
    return answer.headers["X-Propstreet-Upsert-Action"]


def wrong(answer: Answer) -> list[str]:
    assert (answer.status, answer.slug) == (400, "validation-failed")
    return list(answer.json["errors"])


def test_create_answers_201_with_location_and_etag() -> None:
    """Section 17.1; null fields are left out, lists are lists."""
    here = api()
    answer = make(here, {"firstName": "Astrid", "email": "astrid@example.com", "externalRefs": [ref("1")]})

    assert answer.status == 201
    assert answer.headers["Location"] == f"/api/v1{CONTACTS}/{answer.json['id']}"
    assert answer.headers["ETag"] == answer.json["etag"]
    assert answer.json["emails"] == [{"address": "astrid@example.com", "type": "work", "isPrimary": True}]
    assert answer.json["tags"] == []
    assert {"lastName", "phone", "phones", "companies", "primaryCompanyId"}.isdisjoint(answer.json)
    assert here.get(f"{CONTACTS}/{answer.json['id']}").json == answer.json
    assert here.get(f"{CONTACTS}/external/HubSpot/1").json == answer.json
    assert here.get(f"{CONTACTS}/external/hubspot/2").status == 404


@pytest.mark.parametrize("body", [{}, {"tags": ["vip"]}, {"firstName": " "}, {"email": None}])
def test_somebody_needs_a_name_an_address_or_a_number(body: Any) -> None:
    """Section 17.1: at least one of name, email, phone."""
    here = api()

    assert make(here, body).status == 400
    for enough in ({"lastName": "Dal"}, {"email": "a@example.com"}, {"phone": "112"}):
        assert make(here, enough).status == 201


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("firstName", "x" * 256),
        ("firstName", 7),
        ("email", "nonsense"),
        ("email", "a@" + "b" * 250 + ".com"),
        ("emails", [{"type": "work"}]),
        ("emails", [{"address": "a@example.com", "type": "pigeon"}]),
        ("emails", [{"address": "a@example.com", "isPrimary": "yes"}]),
        ("phone", ""),
        ("phone", "0" * 51),
        ("phones", "112"),
        ("primaryLanguage", "swedish"),
        ("tags", "vip"),
        ("tags", [""]),
        ("tags", [f"t{n}" for n in range(101)]),
        ("externalRefs", None),
        ("externalRefs", [ref("1"), ref("2", "HubSpot")]),
        ("connections", [{"companyId": "1"}]),
        ("connections", [{}]),
        ("connections", {}),
        ("blocked", "no"),
        ("primaryCompanyId", "1"),
        ("companies", []),
        ("id", "1"),
        ("esgRating", 1),
    ],
)
def test_wrong_values(field: str, value: Any) -> None:
    """Section 17.1: 400 names the field and nothing is written, on create, PATCH and upsert."""
    here = api()
    before = made(here)

    assert wrong(make(here, {"firstName": "x", field: value})) == [field]
    assert wrong(patch(here, before["id"], {field: value})) == [field]
    assert wrong(upsert(here, "7", {"firstName": "x", field: value})) == [field]
    assert here.scan(CONTACTS) == [before]


@pytest.mark.parametrize(
    ("sent", "shown"),
    [
        ("070-174 06 05", "+46701740605"),
        ("+46 (0)70 174 06 05", "+46701740605"),
        ("0047 22 12 34 56", "+4722123456"),
        ("+358.9.1234567", "+35891234567"),
        ("ask for Astrid", "ask for Astrid"),
        ("112", "112"),
    ],
)
def test_phones_become_e164_where_possible(sent: str, shown: str) -> None:
    """Section 17.1, trap 54: what is read back differs from what was written; else it is kept raw."""
    contact = made(api(), phone=sent)

    assert (contact["phone"], contact["phones"][0]["number"]) == (shown, shown)


def test_national_numbers_may_stay_as_they_are() -> None:
    """Section 17.1: which country completes a number is unknown."""
    assert made(api(phone_country=None), phone="070-174 06 05")["phone"] == "070-174 06 05"


def test_first_of_several_becomes_primary() -> None:
    """Section 17.1: emails or phones without a single value; one that says so comes before the first."""
    here = api()
    emails = [{"address": "a@example.com"}, {"address": "b@example.com", "type": "personal"}]
    contact = made(here, emails=emails, phones=[{"number": "112"}, {"number": "113", "isPrimary": True}])

    assert contact["email"] == "a@example.com"
    assert contact["emails"] == [
        {"address": "a@example.com", "type": "work", "isPrimary": True},
        {"address": "b@example.com", "type": "personal", "isPrimary": False},
    ]
    assert (contact["phone"], [one["isPrimary"] for one in contact["phones"]]) == ("113", [False, True])


def test_single_value_and_list_stay_in_agreement() -> None:
    """Section 17.1: a new single value takes the primary one's place; one of the list is promoted; null clears."""
    here = api()
    id = made(here, emails=[{"address": "a@example.com"}, {"address": "b@example.com"}])["id"]

    def addresses(**body: Any) -> tuple[str | None, list[tuple[str, bool]]]:
        shown = patch(here, id, body).json
        return shown.get("email"), [(one["address"], one["isPrimary"]) for one in shown.get("emails", [])]

    assert addresses(email="c@example.com") == ("c@example.com", [("c@example.com", True), ("b@example.com", False)])
    assert addresses(email="b@example.com") == ("b@example.com", [("c@example.com", False), ("b@example.com", True)])
    assert addresses(emails=[{"address": "d@example.com"}], email="e@example.com") == (
        "e@example.com",
        [("e@example.com", True), ("d@example.com", False)],
    )
    assert addresses(email=None, emails=[{"address": "f@example.com"}]) == ("f@example.com", [("f@example.com", True)])
    assert addresses(email=None) == (None, [])
    assert addresses(email="g@example.com") == ("g@example.com", [("g@example.com", True)])
    assert addresses(emails=None) == (None, [])
    patch(here, id, {"phone": "112"})
    assert "phone" not in patch(here, id, {"phone": None}).json


def test_email_is_unique() -> None:
    """Section 17.1: in the organisation, in any case; 409; free again when its owner is deleted or takes another."""
    here = api()
    owner = made(here, email="a@example.com")["id"]
    other = made(here)["id"]
    for answer in (make(here, {"email": "A@Example.com"}), patch(here, other, {"email": "a@example.com"})):
        assert (answer.status, answer.slug) == (409, "duplicate-email")
    assert patch(here, owner, {"email": "A@example.com"}).status == 200
    patch(here, owner, {"email": "b@example.com"})
    assert patch(here, other, {"email": "a@example.com"}).status == 200
    here.call("DELETE", f"{CONTACTS}/{other}")

    assert make(here, {"email": "a@example.com"}).status == 201


def test_refs_are_unique() -> None:
    """Sections 13 and 17.1: one contact per ref, 409; a company or a project may have the same one."""
    here = api()
    made(here, externalRefs=[ref("1")])
    here.twin.add_company(name="Norrskär", externalRefs=[ref("1")])
    here.twin.add_project(externalRefs=[ref("1")])
    clash = make(here, {"firstName": "Bo", "externalRefs": [ref("1", "HUBSPOT")]})

    assert (clash.status, clash.slug) == (409, "duplicate-external-ref")


def test_patch_is_partial_and_null_clears() -> None:
    """Sections 9 and 17.1."""
    here = api()
    id = made(here, lastName="Dal", tags=["vip"], strategy={"focus": ["office"]})["id"]
    changed = patch(here, id, {"lastName": None, "tags": None}).json

    assert (changed["firstName"], changed["tags"], changed["strategy"]) == ("Astrid", [], {"focus": ["office"]})
    assert "lastName" not in changed


def test_patch_that_changes_nothing() -> None:
    """Section 6: documented for contacts: 200 with unchanged data, tag and stamp."""
    here = api()
    before = made(here, phone="070-174 06 05")
    clock_of(here).advance(1)
    answer = patch(here, before["id"], {"phone": "+46 70 174 06 05", "firstName": "Astrid"})

    assert (answer.status, answer.json) == (200, before)


def test_order_of_checks() -> None:
    """Section 6, SBX: 412 before 400, or the other way round by switch."""
    office = Office()
    contact = made(office.api)
    assert patch(office.api, contact["id"], {"email": "x"}, if_match="W/x").status == 412
    office.switch(validate_before_match=True)
    assert patch(office.api, contact["id"], {"email": "x"}, if_match="W/x").status == 400
    assert patch(office.api, contact["id"], {"lastName": "x"}, if_match="W/x").status == 412


def test_stale_tag() -> None:
    """Section 17.1: 412 on PATCH, upsert and DELETE; nothing is written."""
    here = api()
    contact = made(here, externalRefs=[ref("1")])
    tag = contact["etag"]
    here.twin.edit_contact(contact["id"], lastName="Dal")
    path = f"{CONTACTS}/{contact['id']}"
    for answer in (
        here.call("PATCH", path, {"lastName": "Lost"}, if_match=tag),
        here.call("DELETE", path, if_match=tag),
        upsert(here, "1", {"lastName": "Lost"}, if_match=tag),
    ):
        assert answer.status == 412

    assert here.twin.contact(contact["id"])["lastName"] == "Dal"


def test_delta() -> None:
    """Section 17.1: inclusive updated_since, tombstones on request, pages."""
    here = api()
    first, second, third = (made(here)["id"] for _ in range(3))
    clock_of(here).advance(1)
    patch(here, first, {"lastName": "Dal"})
    here.call("DELETE", f"{CONTACTS}/{second}")
    stamp = here.twin.contact(second)["deletedUtc"]

    assert [row["id"] for row in here.scan(CONTACTS, page_size=1)] == [third, first]
    assert [row["id"] for row in here.scan(CONTACTS, updated_since=stamp, include_deleted="true")] == [first, second]
    assert here.get(f"{CONTACTS}/{second}").status == 404


def test_create_once_per_key() -> None:
    """Section 7."""
    here = api()
    first = make(here, {"firstName": "Once"}, idempotency_key="k")

    assert make(here, {"firstName": "Once"}, idempotency_key="k") == first
    assert len(here.scan(CONTACTS)) == 1


def test_connections_link_companies() -> None:
    """Section 17.1: write-only; the read shows companies and the primary one."""
    here = api()
    one, two = here.twin.add_company(name="One"), here.twin.add_company(name="Two")
    connections = [{"companyId": one, "jobTitle": "CEO"}, {"companyId": two, "isPrimary": True}]
    contact = made(here, connections=connections)

    assert contact["primaryCompanyId"] == two
    assert [(end["id"], end["name"], end.get("jobTitle"), end["isPrimary"]) for end in contact["companies"]] == [
        (one, "One", "CEO", False),
        (two, "Two", None, True),
    ]
    assert "connections" not in contact
    assert len(patch(here, contact["id"], {"connections": connections}).json["companies"]) == 2
    assert here.scan(CONTACTS) == [here.twin.contact(contact["id"])]


def test_blocked_is_write_only() -> None:
    """Section 17.1: a blocked contact can't become a prospect, and doesn't show why."""
    office = Office()
    contact = made(office.api, blocked=True)

    assert "blocked" not in contact
    assert office.add({"contactId": contact["id"]}).slug == "contact-blocked"
    patch(office.api, contact["id"], {"blocked": False})
    assert office.add({"contactId": contact["id"]}).status == 201


def test_upsert_creates_and_updates() -> None:
    """Section 17.1: 201 with Location when created; the header says what it did; the ref is in the path."""
    here = api()
    first = upsert(here, "7", {"firstName": "Astrid"})
    again = upsert(here, "7", {"lastName": "Dal"}, namespace="HubSpot")

    assert (first.status, action(first)) == (201, "created")
    assert first.headers["Location"].endswith(first.json["id"])
    assert first.json["externalRefs"] == [ref("7")]
    assert (again.status, action(again)) == (200, "updated")
    assert (again.json["id"], again.json["firstName"], again.json["lastName"]) == (first.json["id"], "Astrid", "Dal")
    assert upsert(here, "8", {"tags": ["vip"]}).status == 400


def test_upsert_keeps_other_refs() -> None:
    """Section 13: the path's ref is one of what the body says, or is added to it; one per namespace."""
    here = api()
    id = made(here, externalRefs=[ref("1"), ref("s", "salesforce")])["id"]

    assert upsert(here, "1", {"lastName": "Dal"}).json["externalRefs"] == [ref("1"), ref("s", "salesforce")]
    assert upsert(here, "1", {"externalRefs": [ref("t", "salesforce")]}).json["externalRefs"] == [
        ref("t", "salesforce"),
        ref("1"),
    ]
    assert upsert(here, "1", {"externalRefs": [ref("2")]}).status == 409
    assert here.twin.contact(id)["externalRefs"] == [ref("t", "salesforce"), ref("1")]


def test_upsert_revives_the_deleted() -> None:
    """Section 17.1, trap 55: by default the old contact comes back, with the same id."""
    here = api()
    old = made(here, email="a@example.com", externalRefs=[ref("1")])["id"]
    here.call("DELETE", f"{CONTACTS}/{old}")
    back = upsert(here, "1", {"lastName": "Dal"})

    assert (back.status, action(back), back.json["id"]) == (200, "revived", old)
    assert (back.json["email"], "deletedUtc" in back.json) == ("a@example.com", False)
    assert here.get(f"{CONTACTS}/external/hubspot/1").json == back.json


def test_upsert_need_not_revive() -> None:
    """Section 17.1, trap 55: revive=false makes a new one; the old one stays gone."""
    here = api()
    old = made(here, externalRefs=[ref("1")])["id"]
    here.call("DELETE", f"{CONTACTS}/{old}")
    new = upsert(here, "1", {"firstName": "Bo"}, "?revive=false")

    assert (new.status, action(new)) == (201, "created")
    assert new.json["id"] != old
    assert "deletedUtc" in here.twin.contact(old)
    assert action(upsert(here, "1", {"lastName": "Dal"})) == "updated"


def test_living_contact_is_not_revived_by_a_ref_it_lost() -> None:
    """Section 17.1: who was revived without a ref has nothing to do with it any more."""
    here = api()
    old = made(here, externalRefs=[ref("1"), ref("s", "salesforce")])["id"]
    here.call("DELETE", f"{CONTACTS}/{old}")
    assert action(upsert(here, "1", {"externalRefs": [ref("1")]})) == "revived"
    new = upsert(here, "s", {"firstName": "Bo"}, namespace="salesforce")

    assert action(new) == "created"
    assert new.json["id"] != old


def test_revived_contact_whose_address_was_taken() -> None:
    """Section 17.1: addresses stay unique, whoever comes back."""
    here = api()
    old = made(here, email="a@example.com", externalRefs=[ref("1")])["id"]
    here.call("DELETE", f"{CONTACTS}/{old}")
    made(here, email="a@example.com")

    assert upsert(here, "1", {"lastName": "Dal"}).slug == "duplicate-email"
    assert action(upsert(here, "1", {"email": "b@example.com"})) == "revived"


def test_upsert_adopts_by_email() -> None:
    """Section 17.1, trap 56: with match=email somebody else's contact gets the ref; without it, a 409."""
    here = api()
    known = made(here, email="info@example.com", externalRefs=[ref("s", "salesforce")])["id"]
    assert upsert(here, "1", {"email": "info@example.com"}).slug == "duplicate-email"
    adopted = upsert(here, "1", {"email": "Info@example.com", "firstName": "Other"}, "?match=email")

    assert (adopted.status, action(adopted), adopted.json["id"]) == (200, "updated", known)
    assert adopted.json["externalRefs"] == [ref("s", "salesforce"), ref("1")]
    assert adopted.json["firstName"] == "Other"
    assert upsert(here, "2", {"email": "info@example.com"}, "?match=email").slug == "duplicate-external-ref"
    assert action(upsert(here, "3", {"email": "new@example.com"}, "?match=email")) == "created"


@pytest.mark.parametrize("query", ["?create_only=true", "?match=phone", "?revive=maybe"])
def test_upsert_parameters(query: str) -> None:
    """Section 22: what create_only means is disputed, so a client that sends it is told."""
    assert upsert(api(), "1", {"firstName": "x"}, query).status == 400


def test_contact_bodies_and_methods() -> None:
    """Section 8."""
    here = api()
    id = made(here)["id"]

    assert make(here, b"[]").status == 400
    assert here.call("PUT", f"{CONTACTS}/{id}", {}).status == 405
    assert here.call("DELETE", CONTACTS).status == 405
    assert here.call("POST", f"{CONTACTS}/external/hubspot/1", {}).status == 405
    assert here.call("POST", f"{CONTACTS}/{id}/projects", {}).status == 405
    assert here.get(f"{CONTACTS}/{id}/else").status == 404
