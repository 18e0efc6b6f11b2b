"""What happens to the twin's prospects beside plain edits: removal, contact persons, and what they copy.

propstreet.md, sections 5, 11.1, 11.2 and 21.
"""

from __future__ import annotations

import pytest

from tests.sandbox.propstreet.office import Office, ref
from tests.sandbox.propstreet_api import clock_of


@pytest.mark.parametrize(("removed", "shown"), [("hidden", 0), ("tombstone", 1)])
def test_removed_prospect(removed: str, shown: int) -> None:
    """Section 21, removed prospect; trap 19: hidden, or a tombstone with deletedUtc; gone from the default list."""
    office = Office(removed=removed)
    id = office.offer()["id"]
    clock_of(office.api).advance(1)
    assert office.move(id, "remove").status == 204
    rows = office.api.scan(office.prospects, include_deleted="true")

    assert office.ids() == []
    assert office.api.get(f"{office.prospects}/{id}").status == 404
    assert [row["deletedUtc"] == row["updatedUtc"] for row in rows] == [True] * shown
    assert [row["changeType"] for row in rows] == ["update"] * shown  # prospect.updated fires, not deleted
    assert office.move(id, "remove").status == 404
    assert office.patch(id, {"classification": "bidder"}).status == 404
    office.switch(get_deleted="200")
    assert office.api.get(f"{office.prospects}/{id}").status == {0: 404, 1: 200}[shown]


@pytest.mark.parametrize("removed", ["hidden", "tombstone"])
def test_removal_can_be_undone(removed: str) -> None:
    """Section 11.1: the same id again, with its history and its refs."""
    office = Office(removed=removed)
    before = office.offer(externalRefs=[ref("1")])
    office.patch(before["id"], {"classification": "bidder"})
    office.move(before["id"], "remove")
    assert office.api.get(f"{office.prospects}/external/hubspot/1").status == 404
    clock_of(office.api).advance(1)
    office.twin.undo_remove(before["id"])
    after = office.api.get(f"{office.prospects}/external/hubspot/1").json

    assert (after["id"], after["classification"]) == (before["id"], "bidder")
    assert office.ids(updated_since=after["updatedUtc"]) == [before["id"]]
    with pytest.raises(ValueError, match="not been removed"):
        office.twin.undo_remove(before["id"])


def test_undo_keeps_who_nobody_names() -> None:
    """Section 21, matched prospects with neither id: displayName is all there is, and it stays."""
    office = Office(matched="neither")
    [id] = office.twin.communicate(office.project, 1)
    before = office.twin.prospect(office.project, id)
    office.twin.remove_prospect(id)
    office.twin.undo_remove(id)
    after = office.twin.prospect(office.project, id)

    assert (after["displayName"], after["organizationName"]) == (before["displayName"], before["organizationName"])


def test_undo_leaves_refs_to_who_has_them_now() -> None:
    """Section 13: a ref is on one prospect of a project, whatever is undone."""
    office = Office()
    removed = office.offer(externalRefs=[ref("1"), ref("2", "salesforce")])["id"]
    office.twin.remove_prospect(removed)
    taker = office.offer(externalRefs=[ref("1")])["id"]
    office.twin.undo_remove(removed)

    assert office.twin.prospect(office.project, removed)["externalRefs"] == [ref("2", "salesforce")]
    assert office.api.get(f"{office.prospects}/external/hubspot/1").json["id"] == taker


def test_removed_contact_can_be_added_anew() -> None:
    """Section 11.2: re-adding; the removal can't be undone then."""
    office = Office()
    contact = office.contact()
    removed = office.offer(contact)["id"]
    office.twin.remove_prospect(removed)
    again = office.offer(contact)["id"]

    assert office.ids() == [again]
    with pytest.raises(ValueError, match="again"):
        office.twin.undo_remove(removed)


def test_deleted_is_not_removed() -> None:
    """Section 11.1: a delete can't be undone, and always leaves a tombstone."""
    office = Office()
    id = office.offer()["id"]
    office.delete(id)

    assert office.ids(include_deleted="true") == [id]
    with pytest.raises(ValueError, match="not been removed"):
        office.twin.undo_remove(id)


def test_contact_person_takes_the_companys_place() -> None:
    """Section 11.1, trap 51: 204, the same prospect; one who is linked to the company; one time only."""
    office = Office()
    company = office.twin.add_company(name="Norrskär", tags=["core"])
    elsewhere = office.twin.add_company(name="Birkdal")
    linked = office.contact("Linked", company=elsewhere, tags=["vip"])
    office.twin.add_link(linked, company)
    prospect = office.add({"companyId": company, "externalRefs": [ref("1")]}).json
    stranger = office.move(prospect["id"], "contact-person", {"contactId": office.contact("Stranger")})
    assert (stranger.status, stranger.slug) == (422, "contact-not-linked")
    assert office.move(prospect["id"], "contact-person", {"contactId": "1"}).status == 404
    assert office.move(prospect["id"], "contact-person", {}).status == 400
    assert office.move(prospect["id"], "contact-person", {"contactId": linked}).status == 204
    shown = office.api.get(f"{office.prospects}/{prospect['id']}").json

    assert (shown["contactId"], shown["companyId"], shown["displayName"]) == (linked, company, "Linked")
    assert (shown["tags"], shown["externalRefs"]) == (["vip"], [ref("1")])
    again = office.move(prospect["id"], "contact-person", {"contactId": linked})
    assert (again.status, again.slug) == (409, "contact-person-set")
    assert office.add({"contactId": linked}).status == 409
    assert office.add({"companyId": company}).status == 201


def test_contact_person_who_is_a_prospect_already() -> None:
    """Section 11.1: nobody is on a project twice."""
    office = Office()
    company = office.twin.add_company(name="Norrskär")
    linked = office.contact(company=company)
    office.offer(linked)
    placeholder = office.add({"companyId": company}).json["id"]
    answer = office.move(placeholder, "contact-person", {"contactId": linked})

    assert (answer.status, answer.slug) == (409, "duplicate-prospect")


def test_prospects_follow_their_contact() -> None:
    """Section 5: `prospect.updated` fires on tag changes, so the row moves; and only where something changed."""
    office = Office()
    contact = office.contact("Astrid", tags=["old"])
    office.delete(office.offer(contact)["id"])
    [tombstone] = office.api.scan(office.prospects, include_deleted="true")
    followed, other = office.offer(contact), office.offer()
    clock_of(office.api).advance(1)
    office.twin.edit_contact(contact, phone="08-123 456")
    assert office.twin.prospect(office.project, followed["id"]) == followed
    office.twin.edit_contact(contact, tags=["new"], lastName="Dal")
    shown = office.twin.prospect(office.project, followed["id"])

    assert (shown["tags"], shown["displayName"]) == (["new"], "Astrid Dal")
    assert shown["updatedUtc"] > followed["updatedUtc"]
    assert shown["etag"] != followed["etag"]
    assert office.twin.prospect(office.project, other["id"]) == other
    assert office.twin.prospect(office.project, tombstone["id"]) == tombstone


def test_prospects_follow_their_company() -> None:
    """Section 11.2: organizationName is a label, of the company or of the contact's primary one."""
    office = Office()
    company = office.twin.add_company(name="Norrskär")
    contact = office.contact(company=company)
    person, placeholder = office.offer(contact)["id"], office.add({"companyId": company}).json["id"]
    office.twin.edit_company(company, name="Birkdal", tags=["core"])
    shown = {row["id"]: row for row in office.twin.live_prospects(office.project)}
    assert {row["organizationName"] for row in shown.values()} == {"Birkdal"}
    assert (shown[person]["tags"], shown[placeholder]["tags"]) == ([], ["core"])
    office.twin.delete_company(company)

    assert "companyId" not in office.twin.prospect(office.project, person)


def test_prospect_of_a_deleted_contact_stays() -> None:
    """Section 17.2: it may point at nobody; the client has to look."""
    office = Office()
    contact = office.contact()
    prospect = office.offer(contact)
    office.twin.delete_contact(contact)

    assert office.twin.live_prospects(office.project) == [prospect]
