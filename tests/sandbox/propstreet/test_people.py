"""The twin's side door for the network and prospects: what people and investors do, seeds, and the journal."""

from __future__ import annotations

import random
from typing import Any

import httpx
import pytest

from syncd.testing.clock import VirtualClock
from syncd.testing.sandbox.propstreet import PropstreetTwin, Switches
from syncd.testing.sandbox.serve import serve
from tests.sandbox.propstreet.office import Office, ref
from tests.sandbox.propstreet_api import api, clock_of


def test_matched_prospects_name_a_contact() -> None:
    """Section 11.2: they appear without a write of ours, many at once, with a teaser key; trap 52, the easy half."""
    office = Office()
    matched = office.twin.communicate(office.project, 3)
    rows = office.api.scan(office.prospects)

    assert [row["id"] for row in rows] == matched
    assert all(set(row["teaser"]) == {"deadlineUtc"} and row["capabilities"] == [] for row in rows)
    for row in rows:
        contact = office.twin.contact(row["contactId"])
        assert row["displayName"] == f"{contact['firstName']} {contact['lastName']}"
        assert row["organizationName"] == office.twin.company(row["companyId"])["name"]
    assert office.twin.journal == []


def test_matched_prospects_may_name_nobody() -> None:
    """Section 21, matched prospects; trap 52: neither id, and displayName the only identity."""
    office = Office(matched="neither")
    known = office.contact("Astrid", lastName="Dal", company=office.twin.add_company(name="Norrskär"))
    office.twin.communicate(office.project, [known, {"firstName": "Bo", "organization": "Birkdal"}])
    rows = office.api.scan(office.prospects)

    assert [(row["displayName"], row["organizationName"]) for row in rows] == [
        ("Astrid Dal", "Norrskär"),
        ("Bo", "Birkdal"),
    ]
    assert all({"contactId", "companyId"}.isdisjoint(row) for row in rows)
    assert len(office.twin.live_contacts()) == 1


def test_server_knows_whom_it_does_not_name() -> None:
    """Section 11.3, already_in_incoming: adding a contact who was matched fails, although no prospect names them."""
    office = Office(matched="neither")
    known = office.contact("Astrid")
    [matched] = office.twin.communicate(office.project, [known])
    before = office.twin.prospect(office.project, matched)
    office.twin.edit_contact(known, firstName="Agnes", tags=["vip"])

    assert office.twin.prospect(office.project, matched) == before
    assert office.add({"contactId": known}).status == 409
    assert office.batch({"contactId": known}).json["failed"][0]["error"] == "already_in_incoming"
    assert office.twin.communicate(office.project, [known]) == [matched]
    assert office.api.scan(f"/network/contacts/{known}/projects") == []


def test_our_own_prospect_gets_the_teaser_too() -> None:
    """Section 11.2: `teaser` is there when it was communicated to this investor, whoever added them."""
    office = Office()
    contact = office.contact()
    own = office.offer(contact)["id"]

    assert office.twin.communicate(office.project, [contact]) == [own]
    assert "teaser" in office.twin.prospect(office.project, own)


def test_communicating_moves_the_project_once() -> None:
    """Section 5: the stage is the project's; who is matched later shows on no project row (trap 2)."""
    office = Office()
    before = office.twin.project(office.project)
    office.twin.communicate(office.project, 1, seed=1)
    first = office.twin.project(office.project)
    clock_of(office.api).advance(60)
    office.twin.communicate(office.project, 1, seed=2)

    assert first["teaser"]["stage"] == "communicated"
    assert first["etag"] != before["etag"]
    assert office.twin.project(office.project) == first


@pytest.mark.parametrize("bumps", [True, False])
def test_accepting_a_teaser(bumps: bool) -> None:
    """Traps 20 and 53: acceptedUtc and chat; the project stays as it is; whether the prospect's tag moves is open."""
    office = Office(accepting_bumps=bumps)
    [id] = office.twin.communicate(office.project, 1)
    before, project = office.twin.prospect(office.project, id), office.twin.project(office.project)
    clock_of(office.api).advance(60)
    office.twin.accept_teaser(id)
    after = office.api.get(f"{office.prospects}/{id}").json

    assert after["capabilities"] == ["chat"]
    assert after["teaser"]["acceptedUtc"] > before["updatedUtc"]
    assert after["teaser"]["deadlineUtc"] == before["teaser"]["deadlineUtc"]
    assert (after["etag"] != before["etag"], after["updatedUtc"] > before["updatedUtc"]) == (bumps, bumps)
    assert office.twin.project(office.project) == project


def test_person_edits_a_prospect() -> None:
    """Any classification, heard of or not; tags until the contact's change again."""
    office = Office()
    contact = office.contact(tags=["a"])
    id = office.twin.add_prospect(office.project, contact=contact)
    office.twin.edit_prospect(id, classification="on_fire", tags=["b"])
    shown = office.api.get(f"{office.prospects}/{id}").json
    assert (shown["classification"], shown["tags"]) == ("on_fire", ["b"])
    office.twin.edit_contact(contact, tags=["c"])

    assert office.twin.prospect(office.project, id)["tags"] == ["c"]


def test_mistakes_at_the_side_door() -> None:
    """ValueError for what can't be, KeyError for what isn't there."""
    office = Office()
    twin, contact = office.twin, office.contact(email="a@example.com", externalRefs=[ref("1")])
    company = twin.add_company(name="Norrskär")
    prospect = twin.add_prospect(office.project, contact=contact)
    for wrong in (
        lambda: twin.add_prospect(office.project, contact=contact),
        lambda: twin.add_prospect(office.project, contact=contact, company=company),
        lambda: twin.add_prospect(office.project),
        lambda: twin.accept_teaser(prospect),
        lambda: twin.add_contact(),
        lambda: twin.add_contact(email="A@example.com"),
        lambda: twin.add_contact(firstName="x", externalRefs=[ref("1")]),
        lambda: twin.add_contact(fristName="x"),
        lambda: twin.edit_contact(contact, blocked=True),
        lambda: twin.add_company(domain="example.com"),
        lambda: [twin.add_link(contact, company) for _ in range(2)],
    ):
        with pytest.raises(ValueError, match=r".+"):
            wrong()
    for missing in (
        lambda: twin.add_prospect("1", contact=contact),
        lambda: twin.add_contact(firstName="x", company="1"),
        lambda: twin.edit_prospect("1", tags=[]),
        lambda: twin.prospect("1", prospect),
        lambda: twin.prospect(office.project, "1"),
        lambda: twin.communicate(office.project, ["1"]),
        lambda: twin.block("1"),
        lambda: twin.contact(company),
        lambda: twin.company(contact),
        lambda: twin.undo_remove("1"),
    ):
        with pytest.raises(KeyError):
            missing()
    assert [row["id"] for row in twin.live_contacts()] == [contact]


def test_truths_are_live_and_whole() -> None:
    """Readers' lag doesn't touch the truth; the deleted can be looked at but are not alive."""
    office = Office(read_lag_s=60.0)
    contact, company = office.contact(), office.twin.add_company(name="Norrskär")
    kept = office.twin.add_prospect(office.project, contact=contact)
    gone = office.twin.add_prospect(office.project, company=company)
    office.twin.delete_prospect(gone)
    office.twin.delete_company(company)

    assert [row["id"] for row in office.twin.live_prospects(office.project)] == [kept]
    assert office.twin.live_companies() == []
    assert "deletedUtc" in office.twin.company(company)
    assert "deletedUtc" in office.twin.prospect(office.project, gone)


def test_journal_of_every_kind() -> None:
    """For oracles: kind, method, id, body, what a POST or an upsert was, a prospect's project; no refusals."""
    office = Office()
    here = office.api
    company = here.call("POST", "/network/companies", {"name": "Norrskär"}, idempotency_key="k").json["id"]
    contact = here.call("PATCH", "/network/contacts/external/hubspot/1", {"firstName": "A"}).json["id"]
    here.call("PATCH", f"/network/contacts/{contact}", {"email": "nonsense"})
    here.call("PATCH", "/network/contacts/external/hubspot/1", {"lastName": "B"})
    link = here.call("POST", "/network/links", {"contactId": contact, "companyId": company}).json["id"]
    one = office.add({"companyId": company}).json["id"]
    office.add({"companyId": company})
    office.move(one, "contact-person", {"contactId": contact})
    [two] = office.batch({"contactId": office.contact()}, {"contactId": contact}).json["created"]
    here.call("POST", f"{office.prospects}/classify", {"prospectIds": [one, "x"], "classification": "bidder"})
    office.patch(one, {"classification": "contacted"})
    office.move(one, "remove")
    office.delete(two["id"])
    here.call("DELETE", f"/network/contacts/{contact}")

    assert [(entry.kind, entry.method, entry.id, entry.action, entry.project) for entry in office.twin.journal] == [
        ("company", "POST", company, None, None),
        ("contact", "PATCH", contact, "created", None),
        ("contact", "PATCH", contact, "updated", None),
        ("link", "POST", link, None, None),
        ("prospect", "POST", one, None, office.project),
        ("prospect", "POST", one, "contact-person", office.project),
        ("prospect", "POST", two["id"], "batch", office.project),
        ("prospect", "POST", one, "classify", office.project),
        ("prospect", "PATCH", one, None, office.project),
        ("prospect", "POST", one, "remove", office.project),
        ("prospect", "DELETE", two["id"], None, office.project),
        ("contact", "DELETE", contact, None, None),
    ]
    assert office.twin.journal[0].key == "k"
    assert office.twin.journal[7].fields == {"classification": "bidder"}


def test_seeded_network_is_believable_and_repeats() -> None:
    """Unique addresses under reserved domains, most people at a company; what the API itself would accept."""
    one, two = api(), api()
    for here in (one, two):
        here.twin.seed_people(200, 30, random.Random(5))
    contacts, companies = one.twin.live_contacts(), one.twin.live_companies()

    assert (contacts, companies) == (two.twin.live_contacts(), two.twin.live_companies())
    assert (len(contacts), len({row["name"] for row in companies})) == (200, 30)
    emails = [row["email"] for row in contacts if "email" in row]
    assert len(set(emails)) == len(emails) > 150
    assert all(email.isascii() and email.rpartition("example.")[2] in ("com", "org", "net") for email in emails)
    assert sum("primaryCompanyId" in row for row in contacts) > 150
    for row in contacts[:50]:
        body = {name: row[name] for name in ("firstName", "lastName", "phones", "tags") if name in row}
        assert one.call("POST", "/network/contacts", body).json.get("phone") == row.get("phone")


def test_seeded_prospects_are_believable() -> None:
    """Nobody twice on a project, all stages, a few companies; the network grows where it is too small."""
    here = api()
    contacts, _ = here.twin.seed_people(30, 10, random.Random(1))
    [project] = here.twin.seed_projects(1, random.Random(1))
    ids = here.twin.seed_prospects(project, 60, random.Random(2))
    more = here.twin.seed_prospects(project, 5, random.Random(3))
    rows = here.twin.live_prospects(project)

    assert [row["id"] for row in rows] == ids + more
    assert len({row.get("contactId") or row["companyId"] for row in rows}) == 65
    assert set(contacts) <= {row.get("contactId") for row in rows}
    assert len({row["classification"] for row in rows}) == 5
    assert 1 <= sum("contactId" not in row for row in rows) <= 10
    assert all("teaser" not in row for row in rows)


def test_later_seeds_bear_todays_stamp() -> None:
    """A later seed behind a client's watermark would be a change that no feed shows."""
    here = api()
    [project] = here.twin.seed_projects(1, random.Random(1))
    paths = ("/network/contacts", "/network/companies", f"/projects/{project}/prospects")

    def seed(number: int) -> dict[str, list[str]]:
        here.twin.seed_people(10, 2, random.Random(number))
        here.twin.seed_prospects(project, 3, random.Random(number))
        return {path: [row["updatedUtc"] for row in here.scan(path)] for path in paths}

    first, second = seed(1), seed(2)
    for path in paths:
        assert len(set(first[path])) == len(first[path])
        assert max(first[path]) < second[path][-1] == "2026-09-21T14:13:20.0004567Z"
        assert second[path][: len(first[path])] == first[path]


def test_through_the_door() -> None:
    """A person with curl: JSON in, JSON out, on the side door's own port."""
    twin = PropstreetTwin(VirtualClock(), Switches(rate_limit=None))

    def door(act: str, **values: Any) -> Any:
        return httpx.post(f"{served.door_url}/{act}", json=values).json()

    with serve(twin, door_port=0) as served:
        project = door("add_project", name="Kista")
        people, _ = door("seed_people", contacts=4, companies=1)
        seeded = door("seed_prospects", project=project, n=2, seed=1)
        matched = door("communicate", project=project, investors=[people[0], {"email": "new@example.com"}])
        door("accept_teaser", id=matched[-1])
        door("remove_prospect", id=seeded[0])
        shown = door("prospect", project=project, id=matched[-1])
        alive = door("live_prospects", project=project)
        refused = door("add_prospect", project=project, contact="1")

    assert shown["capabilities"] == ["chat"]
    assert seeded[0] not in {row["id"] for row in alive}
    assert refused["error"].startswith("ValueError: ")
