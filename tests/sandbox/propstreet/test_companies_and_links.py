"""The twin's companies, links and associated projects: propstreet.md, sections 12, 17.2 and 17.3."""

from __future__ import annotations

from typing import Any

import pytest

from tests.sandbox.propstreet.office import Office, ref
from tests.sandbox.propstreet_api import Answer, Api, api, clock_of

COMPANIES = "/network/companies"
LINKS = "/network/links"


def made(here: Api, **fields: Any) -> dict[str, Any]:
    answer = here.call("POST", COMPANIES, {"name": "Norrskär", **fields})
    assert answer.status == 201
    company: dict[str, Any] = answer.json
    return company


def patch(here: Api, id: str, body: Any, **headers: str) -> Answer:
    return here.call("PATCH", f"{COMPANIES}/{id}", body, **headers)


def link(here: Api, contact: str, company: str, **fields: Any) -> Answer:
    return here.call("POST", LINKS, {"contactId": contact, "companyId": company, **fields})


def ids(rows: list[dict[str, Any]]) -> list[str]:
    return [row["id"] for row in rows]


def test_company_round_trip() -> None:
    """Section 17.2: 201 with Location; get, lookup, PATCH with null, DELETE, delta."""
    here = api()
    before = made(here, countryCode="SE", tags=["core"], externalRefs=[ref("1")])
    path = f"{COMPANIES}/{before['id']}"
    assert here.get(path).json == here.get(f"{COMPANIES}/external/HUBSPOT/1").json == before
    clock_of(here).advance(1)
    after = patch(here, before["id"], {"countryCode": None, "name": "Birkdal"}, if_match=before["etag"]).json
    assert (after["name"], after["tags"], "countryCode" in after) == ("Birkdal", ["core"], False)
    assert patch(here, before["id"], {"name": "Late"}, if_match=before["etag"]).status == 412
    assert here.call("DELETE", path).status == 204
    assert here.get(path).status == 404

    assert here.scan(COMPANIES) == []
    [tombstone] = here.scan(COMPANIES, include_deleted="true", updated_since=after["updatedUtc"])
    assert (tombstone["id"], tombstone["changeType"]) == (before["id"], "delete")


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("name", ""),
        ("name", None),
        ("domain", "nowhere"),
        ("countryCode", "SWE"),
        ("contacts", []),
        ("name", "x" * 256),
    ],
)
def test_wrong_company_values(field: str, value: Any) -> None:
    """Section 17.2: a name is required."""
    here = api()
    before = made(here)

    assert list(patch(here, before["id"], {field: value}).json["errors"]) == [field]
    assert here.call("POST", COMPANIES, {"domain": "example.com"}).status == 400
    assert here.scan(COMPANIES) == [before]


@pytest.mark.parametrize(
    ("fields", "domain"),
    [
        ({"domain": "WWW.Example.com"}, "example.com"),
        ({"domain": "https://www.example.com/about"}, "example.com"),
        ({"domain": "other.example.com", "homepageUrl": "https://www.Example.com/sv"}, "example.com"),
        ({"homepageUrl": "http://example.com"}, "example.com"),
    ],
)
def test_domains_are_normalised(fields: dict[str, str], domain: str) -> None:
    """Section 17.2, trap 54: lower-case, no www; what is sent beside a homepage is ignored."""
    assert made(api(), **fields)["domain"] == domain


def test_domain_beside_an_emptied_homepage() -> None:
    """Section 17.2: ignored when homepageUrl is in the same write."""
    here = api()
    id = made(here, domain="example.com", homepageUrl=None)["id"]
    assert "domain" not in here.twin.company(id)
    patch(here, id, {"domain": "example.com"})

    assert patch(here, id, {"domain": "example.org", "homepageUrl": None}).json["domain"] == "example.com"
    assert "domain" not in patch(here, id, {"domain": None}).json


def test_company_refs_are_unique() -> None:
    """Section 13."""
    here = api()
    made(here, externalRefs=[ref("1")])

    assert here.call("POST", COMPANIES, {"name": "x", "externalRefs": [ref("1")]}).slug == "duplicate-external-ref"


def test_company_shows_its_contacts() -> None:
    """Section 17.2: in the row, and as a list of its own whose rows have linkId."""
    here = api()
    company = made(here)["id"]
    contacts = [here.twin.add_contact(firstName=name, email=f"{name}@example.com") for name in "abc"]
    links = [link(here, contact, company, jobTitle="CEO").json["id"] for contact in contacts]
    shown = here.get(f"{COMPANIES}/{company}").json["contacts"]
    rows = here.scan(f"{COMPANIES}/{company}/contacts", page_size=2)

    assert ids(shown) == ids(rows) == contacts
    assert [row["linkId"] for row in rows] == links
    assert {"firstName": "a", "email": "a@example.com", "jobTitle": "CEO", "isPrimary": True}.items() <= rows[0].items()
    assert "linkId" not in shown[0]
    assert here.get(f"{COMPANIES}/1/contacts").status == 404


def test_link_round_trip() -> None:
    """Section 17.3: 201; its own row and stamp; neither end moves; no second one between the same two."""
    here = api()
    contact, company = here.twin.add_contact(firstName="Astrid"), made(here)["id"]
    before = here.twin.contact(contact)["etag"]
    made_link = link(here, contact, company, jobTitle="CEO")
    assert made_link.status == 201
    assert {"contactId": contact, "companyId": company, "jobTitle": "CEO", "isPrimary": True}.items() <= (
        made_link.json.items()
    )
    changed = here.call(
        "PATCH", f"{LINKS}/{made_link.json['id']}", {"jobTitle": None}, if_match=made_link.headers["ETag"]
    )

    assert "jobTitle" not in changed.json
    assert here.scan(LINKS) == [changed.json]
    assert here.twin.contact(contact)["etag"] == before
    assert link(here, contact, company).slug == "duplicate-link"
    assert here.call("PATCH", f"{LINKS}/{changed.json['id']}", {"companyId": "1"}).status == 400
    assert here.call("PATCH", f"{LINKS}/{changed.json['id']}", {"jobTitle": "x"}, if_match="W/x").status == 412
    assert here.call("PATCH", f"{LINKS}/1", {}).status == 404


@pytest.mark.parametrize("body", [{}, {"contactId": "1", "companyId": "1"}, {"contactId": "1"}])
def test_link_needs_two_ends(body: Any) -> None:
    """Section 17.3."""
    here = api()
    contact = here.twin.add_contact(firstName="A")

    assert here.call("POST", LINKS, body).status == 400
    assert link(here, contact, contact).status == 400


def test_one_primary_company() -> None:
    """Section 17.3: setting one clears the other, whose row moves as well."""
    here = api()
    contact = here.twin.add_contact(firstName="Astrid")
    one, two = (link(here, contact, made(here, name=name)["id"]).json for name in ("One", "Two"))
    assert (one["isPrimary"], two["isPrimary"]) == (True, False)
    clock_of(here).advance(1)
    here.call("PATCH", f"{LINKS}/{two['id']}", {"isPrimary": True})
    rows = {row["id"]: row for row in here.scan(LINKS)}

    assert (rows[one["id"]]["isPrimary"], rows[two["id"]]["isPrimary"]) == (False, True)
    assert rows[one["id"]]["updatedUtc"] > one["updatedUtc"]
    assert here.twin.contact(contact)["primaryCompanyId"] == two["companyId"]
    here.call("PATCH", f"{LINKS}/{two['id']}", {"isPrimary": False})
    assert "primaryCompanyId" not in here.twin.contact(contact)


def test_links_of_one_end() -> None:
    """Section 17.3: contact_id and company_id, with everything else a list has."""
    here = api()
    contacts = [here.twin.add_contact(firstName=name) for name in "ab"]
    companies = [made(here, name=name)["id"] for name in ("One", "Two")]
    first, second, third = (
        link(here, contact, company).json["id"]
        for contact, company in zip(("0", "0", "1"), ("0", "1", "1"), strict=True)
        for contact, company in [(contacts[int(contact)], companies[int(company)])]
    )
    clock_of(here).advance(1)
    here.twin.delete_link(first)

    assert ids(here.scan(LINKS, contact_id=contacts[0])) == [second]
    assert ids(here.scan(LINKS, contact_id=contacts[0], include_deleted="true", page_size=1)) == [second, first]
    assert ids(here.scan(LINKS, company_id=companies[1])) == [second, third]
    assert ids(here.scan(LINKS, company_id=companies[1], contact_id=contacts[1])) == [third]
    assert ids(here.scan(LINKS, contact_id="1")) == []


def test_links_go_with_their_ends() -> None:
    """Section 17.3: a link to nobody makes no sense; it leaves a tombstone."""
    here = api()
    contact, company, other = here.twin.add_contact(firstName="A"), made(here)["id"], made(here)["id"]
    one, two = link(here, contact, company).json["id"], link(here, contact, other).json["id"]
    here.call("DELETE", f"{COMPANIES}/{company}")
    assert ids(here.scan(LINKS)) == [two]
    assert ids(here.twin.contact(contact)["companies"]) == [other]
    here.call("DELETE", f"/network/contacts/{contact}")

    assert here.scan(LINKS) == []
    assert sorted(ids(here.scan(LINKS, include_deleted="true"))) == sorted([one, two])


@pytest.mark.parametrize(("needs", "status"), [("optional", 200), ("required", 428)])
def test_link_without_a_tag(needs: str, status: int) -> None:
    """Section 6: the page says that a link's PATCH needs If-Match, the changelog that it doesn't."""
    here = api(link_match=needs)
    made_link = link(here, here.twin.add_contact(firstName="A"), made(here)["id"]).json
    path = f"{LINKS}/{made_link['id']}"

    assert here.call("PATCH", path, {"jobTitle": "CEO"}).status == status
    tag = here.scan(LINKS)[0]["etag"]
    assert here.call("PATCH", path, {"jobTitle": "CFO"}, if_match=tag).status == 200


def test_associated_projects() -> None:
    """Section 12: one row per project the party is on; id, stamps and tag are the project's; filters; 100 a page."""
    office = Office()
    company = office.twin.add_company(name="Norrskär")
    contact = office.contact(company=company)
    first = office.offer(contact)["id"]
    office.patch(first, {"classification": "bidder"})
    closed = office.twin.add_project(name="Solna", status="closed")
    office.twin.add_prospect(closed, contact=contact)
    office.twin.add_prospect(closed, contact=office.contact(company=company))
    gone = office.twin.add_project(name="Gone")
    office.twin.add_prospect(gone, contact=contact)
    office.twin.delete_project(gone)
    path = f"/network/contacts/{contact}/projects"
    rows = office.api.scan(path, page_size=1)
    project = office.twin.project(office.project)

    assert ids(rows) == [office.project, closed]
    assert rows[0] == {
        "prospectId": first,
        "prospectClassification": "bidder",
        "prospectCount": 1,
        **{
            name: project[name]
            for name in ("id", "uri", "name", "status", "classification", "createdUtc", "updatedUtc", "etag")
        },
    }
    assert office.api.get(path).json["page"]["pageSize"] == 100
    assert ids(office.api.scan(path, status="closed")) == [closed]
    assert ids(office.api.scan(path, classification="bidder")) == [office.project]
    assert office.api.get(path, status="deleted").status == 400
    of_company = office.api.scan(f"{COMPANIES}/{company}/projects")
    assert [(row["id"], row["prospectCount"]) for row in of_company] == [(office.project, 1), (closed, 2)]
    office.delete(first)
    assert ids(office.api.scan(path)) == [closed]
    assert office.api.get("/network/contacts/1/projects").status == 404


def test_prospect_count_is_disputed() -> None:
    """Section 22: those of this party, or all on the project."""
    office = Office(prospect_count="all")
    contact = office.contact()
    for one in (contact, office.contact(), office.contact()):
        office.offer(one)

    assert office.api.scan(f"/network/contacts/{contact}/projects")[0]["prospectCount"] == 3


def test_company_and_link_methods() -> None:
    """Sections 17.2 and 17.3: what isn't documented isn't served."""
    here = api()
    id = made(here)["id"]

    assert here.call("PATCH", f"{COMPANIES}/external/hubspot/1", {"name": "x"}).status == 405
    assert here.call("POST", f"{COMPANIES}/{id}/contacts", {}).status == 405
    assert here.call("DELETE", f"{LINKS}/1").status == 405
    assert here.get(f"{LINKS}/1").status == 405
    assert here.get("/network").status == 404
    assert here.get("/network/people").status == 404
