"""The twin's prospects, one by one: propstreet.md, sections 11.1, 11.2, 13 and 21."""

from __future__ import annotations

import random
from typing import Any

import pytest

from tests.sandbox.propstreet.office import Office, ref
from tests.sandbox.propstreet_api import Answer, clock_of


def wrong(answer: Answer) -> list[str]:
    assert (answer.status, answer.slug) == (400, "validation-failed")
    return list(answer.json["errors"])


def test_new_prospect_is_what_its_contact_is() -> None:
    """Section 11.2: 201; not_contacted, no capabilities, no teaser; tags and labels are the contact's, company too."""
    office = Office()
    company = office.twin.add_company(name="Norrskär AB")
    contact = office.contact("Astrid", lastName="Dal", tags=["tier-1", "core"], company=company)
    answer = office.add({"contactId": contact, "externalRefs": [ref("7")]})

    assert answer.status == 201
    assert answer.headers["Location"] == f"/api/v1{office.prospects}/{answer.json['id']}"
    assert answer.headers["ETag"] == answer.json["etag"]
    assert {
        "projectId": office.project,
        "contactId": contact,
        "companyId": company,
        "displayName": "Astrid Dal",
        "organizationName": "Norrskär AB",
        "classification": "not_contacted",
        "capabilities": [],
        "tags": ["tier-1", "core"],
        "externalRefs": [ref("7")],
    }.items() <= answer.json.items()
    assert {"teaser", "deletedUtc"}.isdisjoint(answer.json)
    assert office.api.get(f"{office.prospects}/{answer.json['id']}").json == answer.json


def test_company_is_a_placeholder() -> None:
    """Section 11.2: companyId alone; tags are the company's."""
    office = Office()
    company = office.twin.add_company(name="Norrskär AB", tags=["core"])
    shown = office.add({"companyId": company}).json

    assert (shown["companyId"], shown["displayName"], shown["tags"]) == (company, "Norrskär AB", ["core"])
    assert "contactId" not in shown


def test_exactly_one_party() -> None:
    """Trap 50: both, as a read shows them, are refused; so is neither, and whatever else a create doesn't take."""
    office = Office()
    contact, company = office.contact(), office.twin.add_company(name="Norrskär")

    assert wrong(office.add({"contactId": contact, "companyId": company})) == ["contactId"]
    assert wrong(office.add({})) == ["contactId"]
    assert wrong(office.add({"contactId": 7})) == ["contactId"]
    assert wrong(office.add({"contactId": "seven"})) == ["contactId"]
    assert wrong(office.add({"contactId": contact, "classification": "bidder"})) == ["classification"]
    assert wrong(office.add({"contactId": contact, "externalRefs": None})) == ["externalRefs"]
    assert office.ids() == []


@pytest.mark.parametrize("status", [404, 400, 422])
def test_party_that_is_not_there(status: int) -> None:
    """Section 11.3, not_found_or_no_access; what a single POST answers is unknown. A contact is no company."""
    office = Office(unknown_party=status)
    gone = office.contact()
    office.twin.delete_contact(gone)
    for body in ({"contactId": "1"}, {"contactId": gone}, {"companyId": office.contact()}):
        assert office.add(body).status == status


@pytest.mark.parametrize("status", [422, 409, 403])
def test_blocked_contact(status: int) -> None:
    """Section 11.3, blocked: permanent, until somebody lifts it."""
    office = Office(blocked_party=status)
    contact = office.contact()
    office.twin.block(contact)
    refused = office.add({"contactId": contact})
    office.twin.block(contact, blocked=False)

    assert (refused.status, refused.slug) == (status, "contact-blocked")
    assert office.add({"contactId": contact}).status == 201


def test_same_investor_twice_is_a_duplicate() -> None:
    """Section 11.1: 409, also for a matched one; on another project it is none."""
    office = Office()
    contact = office.contact()
    office.offer(contact)
    matched = office.contact("Bo")
    office.twin.communicate(office.project, [matched])
    other = office.twin.add_project(name="Solna")

    for again in (contact, matched):
        answer = office.add({"contactId": again})
        assert (answer.status, answer.slug) == (409, "duplicate-prospect")
    assert office.api.call("POST", f"/projects/{other}/prospects", {"contactId": contact}).status == 201


@pytest.mark.parametrize("status", [409, 400, 422])
def test_refs_are_unique_inside_a_project_only(status: int) -> None:
    """Section 13 and traps 23, 24: the same ref on two prospects of one project clashes, on two projects it doesn't."""
    office = Office(duplicate_ref=status)
    first = office.offer(externalRefs=[ref("a")])
    second = office.offer()
    other = office.twin.add_project(name="Solna")
    body = {"contactId": office.contact(), "externalRefs": [ref("a", "HubSpot")]}
    for answer in (office.add(body), office.patch(second["id"], {"externalRefs": [ref("a", "HUBSPOT")]})):
        assert (answer.status, answer.slug) == (status, "duplicate-external-ref")

    elsewhere = office.api.call("POST", f"/projects/{other}/prospects", body).json
    assert office.api.get(f"{office.prospects}/external/HUBSPOT/a").json["id"] == first["id"]
    assert office.api.get(f"/projects/{other}/prospects/external/hubspot/a").json["id"] == elsewhere["id"]
    assert office.patch(second["id"], {"externalRefs": [ref("A")]}).status == 200
    assert office.patch(first["id"], {"externalRefs": [ref("a")]}).status == 200


def test_patch_writes_classification_and_refs_only() -> None:
    """Section 11.1; trap 21: refs are replaced whole."""
    office = Office()
    prospect = office.offer(externalRefs=[ref("1"), ref("2", "salesforce")])
    changed = office.patch(prospect["id"], {"classification": "bidder"}).json
    assert (changed["classification"], changed["externalRefs"]) == ("bidder", prospect["externalRefs"])
    assert changed["etag"] != prospect["etag"]
    assert office.patch(prospect["id"], {"externalRefs": []}).json["externalRefs"] == []
    for field in ("contactId", "tags", "capabilities", "teaser", "displayName", "status"):
        assert wrong(office.patch(prospect["id"], {field: "x"})) == [field]

    assert wrong(office.patch(prospect["id"], {"classification": "hot"})) == ["classification"]
    assert wrong(office.patch(prospect["id"], {"classification": None})) == ["classification"]


def test_if_match() -> None:
    """Section 6: PATCH and DELETE with a stale tag are refused, and nothing is written."""
    office = Office()
    prospect = office.offer()
    office.twin.edit_prospect(prospect["id"], classification="interested")
    for answer in (
        office.patch(prospect["id"], {"classification": "bidder"}, if_match=prospect["etag"]),
        office.delete(prospect["id"], if_match=prospect["etag"]),
    ):
        assert (answer.status, answer.slug) == (412, "precondition-failed")
    now = office.api.get(f"{office.prospects}/{prospect['id']}")

    assert now.json["classification"] == "interested"
    assert office.delete(prospect["id"], if_match=now.headers["ETag"]).status == 204


def test_idempotency_key() -> None:
    """Section 7: the same key again is the same answer, not a duplicate."""
    office = Office()
    contact = office.contact()
    first = office.add({"contactId": contact}, idempotency_key="k")

    assert office.add({"contactId": contact}, idempotency_key="k") == first
    assert office.add({"contactId": contact}, idempotency_key="l").status == 409


def test_delta_of_one_project() -> None:
    """Sections 4 and 5: inclusive, ascending, tombstones on request, ties by id; other projects' rows are not in it."""
    office = Office()
    first = [office.offer()["id"] for _ in range(5)]
    elsewhere = office.twin.add_project(name="Solna")
    office.twin.add_prospect(elsewhere, contact=office.contact())
    clock_of(office.api).advance(60)
    office.delete(first[1])
    office.twin.edit_prospect(first[0], classification="bidder")
    stamp = office.twin.prospect(office.project, first[0])["updatedUtc"]

    assert office.ids(page_size=2) == [*first[2:], first[0]]
    assert office.ids(include_deleted="true", updated_since=stamp) == first[:2]
    assert office.ids(updated_since=stamp) == [first[0]]
    assert office.api.scan(office.prospects, include_deleted="true")[-1]["changeType"] == "delete"


def test_filters() -> None:
    """Section 11.1: capability, classification, and tags, which may be repeated and are any of."""
    office = Office()
    plain = office.offer()["id"]
    [chatty] = office.twin.communicate(office.project, [office.contact("Bo", tags=["vip", "nordic"])])
    office.twin.accept_teaser(chatty)
    bidder = office.offer(office.contact("Cilla", tags=["core"]))["id"]
    office.patch(bidder, {"classification": "bidder"})

    assert office.ids(capability="chat") == [chatty]
    assert office.ids(classification="bidder") == [bidder]
    assert office.ids(classification="not_contacted") == [plain, chatty]
    assert office.ids(tags="nordic") == [chatty]
    assert sorted(office.ids(tags=["vip", "core"])) == sorted([chatty, bidder])
    assert office.ids(tags="nobody") == []


@pytest.mark.parametrize(
    "query", [{"capability": "phone"}, {"classification": "hot"}, {"page_size": 501}, {"cursor": "x"}]
)
def test_wrong_parameters(query: dict[str, Any]) -> None:
    """Section 8."""
    office = Office()

    assert wrong(office.api.get(office.prospects, **query)) == list(query)


def test_prospects_are_under_their_own_project() -> None:
    """Section 11.1: by way of another project, or of none, there is no such prospect."""
    office = Office()
    id = office.offer(externalRefs=[ref("1")])["id"]
    other = office.twin.add_project(name="Solna")
    for project in (other, "1"):
        for method, path in (("GET", id), ("PATCH", id), ("DELETE", id), ("POST", f"{id}/remove")):
            assert office.api.call(method, f"/projects/{project}/prospects/{path}", {}).status == 404
        assert office.api.get(f"/projects/{project}/prospects/external/hubspot/1").status == 404

    assert office.api.get("/projects/1/prospects").status == 404
    assert office.api.call("POST", "/projects/1/prospects", {"contactId": office.contact()}).status == 404
    assert office.ids() == [id]


@pytest.mark.parametrize(("bumps", "moved"), [(False, False), (True, True)])
def test_prospect_change_and_its_project(bumps: bool, moved: bool) -> None:
    """Section 21, prospect change bumps project; trap 2: by default the project's row stays as it was."""
    office = Office(bump_project_on_prospect_change=bumps)
    prospect = office.offer()["id"]
    shown = []
    for change in (
        lambda: office.patch(prospect, {"classification": "bidder"}),
        lambda: office.twin.edit_prospect(prospect, tags=["vip"]),
        lambda: office.offer(),
        lambda: office.delete(prospect),
    ):
        before = office.twin.project(office.project)
        clock_of(office.api).advance(1)
        change()
        shown.append(office.twin.project(office.project) != before)

    assert shown == [moved] * 4


@pytest.mark.parametrize(("project_delete", "left"), [("keeps", 2), ("deletes", 0)])
def test_deleted_project_and_its_prospects(project_delete: str, left: int) -> None:
    """Section 10.3: unknown whether they go with it; either way they can't be reached through the API any more."""
    office = Office(project_delete=project_delete)
    for _ in range(2):
        office.offer()
    office.api.delete(office.project)

    assert len(office.twin.live_prospects(office.project)) == left
    assert office.api.get(office.prospects).status == 404
    assert office.add({"contactId": office.contact()}).status == 404
    office.switch(get_deleted="200")
    assert len(office.ids(include_deleted="true")) == 2
    assert len(office.ids()) == left


@pytest.mark.parametrize(("refused", "status"), [("allowed", 204), ("refused", 409)])
def test_delete_of_a_matched_prospect(refused: str, status: int) -> None:
    """Section 11.2: it may be refused; our own additions never are."""
    office = Office(delete_matched=refused)
    own = office.offer()["id"]
    [matched] = office.twin.communicate(office.project, 1)

    assert office.delete(matched).status == status
    assert office.delete(own).status == 204
    assert office.delete(own).status == 404


def test_re_added_contact_is_a_new_prospect() -> None:
    """Section 11.2: a new id; the ref of the deleted one is free again, and leads to the new one."""
    office = Office()
    contact = office.contact()
    first = office.offer(contact, externalRefs=[ref("1")])
    office.delete(first["id"])
    second = office.offer(contact, externalRefs=[ref("1")])

    assert second["id"] != first["id"]
    assert office.api.get(f"{office.prospects}/external/hubspot/1").json["id"] == second["id"]
    assert sorted(office.ids(include_deleted="true")) == sorted([first["id"], second["id"]])


def test_re_added_contact_may_be_the_old_prospect() -> None:
    """Section 11.2: or the old one revived, with its history, and its refs where none are sent."""
    office = Office(re_added="revived")
    contact = office.contact()
    first = office.offer(contact, externalRefs=[ref("1")])
    office.patch(first["id"], {"classification": "interested"})
    office.delete(first["id"])
    second = office.offer(contact)

    assert second["id"] == first["id"]
    assert (second["classification"], second["externalRefs"]) == ("interested", [ref("1")])
    assert "deletedUtc" not in second
    assert office.ids(include_deleted="true") == [first["id"]]


def test_reserved_refs_of_deleted_prospects() -> None:
    """Section 21, deleted refs: reserved for ever."""
    office = Office(deleted_refs="reserved")
    office.delete(office.offer(externalRefs=[ref("1")])["id"])

    assert office.add({"contactId": office.contact(), "externalRefs": [ref("1")]}).status == 409


def test_late_commit_of_a_prospect() -> None:
    """Section 5, SBX: visible after a newer one was served, with its older stamp."""
    office = Office()
    prospect = office.offer()["id"]
    office.twin.edit_prospect(prospect, classification="bidder", late_s=30.0)
    assert office.api.get(f"{office.prospects}/{prospect}").json["classification"] == "not_contacted"
    clock_of(office.api).advance(30)

    assert office.api.get(f"{office.prospects}/{prospect}").json["classification"] == "bidder"


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("PUT", ""),
        ("PUT", "/1"),
        ("PUT", "/classify"),
        ("GET", "/1/remove"),
        ("GET", "/1/contact-person"),
        ("PATCH", "/external/hubspot/1"),
    ],
)
def test_methods(method: str, path: str) -> None:
    """Section 11.1: on a path that there is, another method is a 405."""
    office = Office()

    assert office.api.call(method, office.prospects + path, {}).status == 405
    assert office.api.call(method, f"{office.prospects}/1/2/3/4", {}).status == 404


def test_lookup_while_a_ref_is_on_its_way() -> None:
    """Section 21, read-after-write lag: readers find a ref where they see it, and nowhere before."""
    office = Office()
    id = office.offer(externalRefs=[ref("1")])["id"]
    office.switch(read_lag_s=5.0)
    office.patch(id, {"externalRefs": [ref("2")]})

    assert office.api.get(f"{office.prospects}/external/hubspot/2").status == 404
    clock_of(office.api).advance(5)
    assert office.api.get(f"{office.prospects}/external/hubspot/2").json["id"] == id


def test_pages_of_many() -> None:
    """Section 4: every row once, in order, whatever the page size."""
    office = Office()
    seeded = office.twin.seed_prospects(office.project, 60, random.Random(3))

    assert office.ids(page_size=7) == office.ids() == seeded
