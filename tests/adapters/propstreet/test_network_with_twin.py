"""Contacts, companies and links against the twin of Propstreet."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from syncd.adapters.propstreet import with_ref
from syncd.errors import AlreadyExists, Missing, OutcomeUnknown, PreconditionFailed
from syncd.testing.sandbox.propstreet import Switches
from syncd.testing.sandbox.wire import Fault, FaultKind

from .twin import ANNA, SHAPES, World, name_of


@pytest.fixture(params=SHAPES, ids=name_of)
def world(request: pytest.FixtureRequest) -> Iterator[World]:
    made = World(Switches(**request.param))
    yield made
    made.client.close()


def test_a_contact_from_create_to_delete(world: World) -> None:
    """propstreet.md trap 54: the answer is the truth, tidied by the server."""
    contacts = world.client.contacts
    made = contacts.create({**ANNA, "externalRefs": with_ref([], "hubspot", "9")}, idempotency_key="k").record
    assert (made.first_name, made.phone, made.ref_in("HUBSPOT")) == ("Anna", "+46701234567", "9")
    assert [(each.address, each.is_primary) for each in made.emails] == [("anna@example.test", True)]
    with pytest.raises(AlreadyExists) as caught:
        contacts.create({"email": "Anna@example.test"}, idempotency_key="another")
    assert "nna" not in str(caught.value)

    tagged = contacts.patch(made.id, {"tags": ["vip"], "phone": None}, if_match=made.etag)
    assert (tagged.tags, tagged.phone, tagged.phones) == (["vip"], None, [])
    with pytest.raises(PreconditionFailed):
        contacts.patch(made.id, {"lastName": "Ny"}, if_match=made.etag)
    again = contacts.patch(made.id, {"tags": ["vip"]}, if_match=tagged.etag)
    assert again.etag == contacts.get(made.id).etag == tagged.etag
    found = contacts.find_by_external_ref("hubSpot", "9")
    assert found is not None
    assert found.id == made.id

    contacts.delete(made.id, if_match=tagged.etag)
    assert list(contacts.scan()) == []
    assert [each.deleted for each in contacts.scan(include_deleted=True, page_size=1)] == [True]


def test_upsert(world: World) -> None:
    """propstreet.md section 17.1 and traps 55 and 56."""
    contacts = world.client.contacts
    made, action = contacts.upsert_by_external_ref("hubspot", "9", ANNA)
    assert (action, made.ref_in("hubspot")) == ("created", "9")
    changed, action = contacts.upsert_by_external_ref("HUBSPOT", "9", {"lastName": "Ny"})
    assert (action, changed.id, changed.last_name) == ("updated", made.id, "Ny")

    with pytest.raises(AlreadyExists):
        contacts.upsert_by_external_ref("salesforce", "003A", {"email": "anna@example.test"})
    adopted, action = contacts.upsert_by_external_ref(
        "salesforce", "003A", {"email": "anna@example.test"}, match_email=True
    )
    assert (action, adopted.id) == ("updated", made.id)
    assert (adopted.ref_in("salesforce"), adopted.ref_in("hubspot")) == ("003A", "9")

    contacts.delete(made.id, if_match=None)
    revived, action = contacts.upsert_by_external_ref("hubspot", "9", {"lastName": "Tillbaka"})
    assert (action, revived.id) == ("revived", made.id)
    contacts.delete(made.id, if_match=None)
    fresh, action = contacts.upsert_by_external_ref("hubspot", "9", {"lastName": "Ny"}, revive=False)
    assert action == "created"
    assert fresh.id != made.id


def test_companies(world: World) -> None:
    """propstreet.md section 17.2: the domain is tidied, and follows the homepage."""
    companies = world.client.companies
    body = with_ref([], "hubspot", "7")
    made = companies.create({"name": "Fond AB", "domain": "WWW.Fond.test", "externalRefs": body}, idempotency_key="k")
    assert (made.new, made.record.domain) == (True, "fond.test")
    with pytest.raises(AlreadyExists):
        companies.create({"name": "Other", "externalRefs": body}, idempotency_key="another")
    moved = companies.patch(
        made.record.id,
        {"homepageUrl": "https://www.ny.test/om", "domain": "ignored.test"},
        if_match=made.record.etag,
    )
    assert moved.domain == "ny.test"
    with pytest.raises(PreconditionFailed):
        companies.patch(made.record.id, {"name": "late"}, if_match=made.record.etag)

    world.clock.advance(60)
    other = world.twin.add_company(name="Other")
    assert [each.id for each in companies.scan()] == [moved.id, other]
    since = companies.get(other).updated_utc
    assert [each.name for each in companies.scan(updated_since=since)] == ["Other"]
    found = companies.find_by_external_ref("hubspot", "7")
    assert found is not None
    assert found.etag == moved.etag


def test_links(world: World) -> None:
    """propstreet.md section 17.3: one primary company per contact."""
    links, twin = world.client.links, world.twin
    contact, first, second = twin.add_contact(**ANNA), twin.add_company(name="A"), twin.add_company(name="B")
    a = links.create({"contactId": contact, "companyId": first, "jobTitle": "CFO"}, idempotency_key="1").record
    b = links.create({"contactId": contact, "companyId": second}, idempotency_key="2").record
    assert (a.contact_id, a.company_id, a.job_title, a.is_primary, b.is_primary) == (contact, first, "CFO", True, False)
    with pytest.raises(AlreadyExists):
        links.create({"contactId": contact, "companyId": first}, idempotency_key="3")

    assert b.etag is not None
    moved = links.patch(b.id, {"isPrimary": True, "jobTitle": "Chair"}, if_match=b.etag)
    assert (moved.is_primary, moved.job_title) == (True, "Chair")
    with pytest.raises(PreconditionFailed):
        links.patch(b.id, {"jobTitle": None}, if_match=b.etag)
    shown = {each.id: each.is_primary for each in links.scan(contact_id=contact)}
    assert shown == {a.id: False, b.id: True}
    assert [each.id for each in links.scan(company_id=first)] == [a.id]
    assert len(links.page(page_size=1).rows) == 1

    person = world.client.contacts.get(contact)
    assert person.primary_company_id == second
    assert sorted((each.name or "", each.is_primary) for each in person.companies) == [("A", False), ("B", True)]
    [employee] = world.client.companies.contacts(second)
    assert (employee.id, employee.link_id, employee.email) == (contact, b.id, "anna@example.test")
    assert (employee.job_title, employee.is_primary) == ("Chair", True)
    assert [each.id for each in world.client.companies.get(second).contacts] == [contact]


def test_links_are_deleted_with_their_contact(world: World) -> None:
    link = world.twin.add_link(contact := world.twin.add_contact(**ANNA), world.twin.add_company(name="A"))
    world.twin.delete_contact(contact)

    assert list(world.client.links.scan()) == []
    assert [(each.id, each.deleted) for each in world.client.links.scan(include_deleted=True)] == [(link, True)]


def test_where_an_investor_is_active(world: World) -> None:
    """propstreet.md section 12: filtered by the prospect's stage; the id is the project's."""
    company = world.twin.add_company(name="Fond AB")
    contact = world.twin.add_contact(company=company, **ANNA)
    other = world.twin.add_project(name="Solna")
    here = world.twin.add_prospect(world.project, contact=contact)
    there = world.twin.add_prospect(other, contact=contact)
    world.twin.edit_prospect(there, classification="bidder")
    shown = {each.id: each for each in world.client.contacts.projects(contact, page_size=1)}

    assert {id: each.prospect_id for id, each in shown.items()} == {world.project: here, other: there}
    assert shown[other].prospect_count == 1
    assert shown[other].name == "Solna"
    [bidding] = world.client.contacts.projects(contact, classification="bidder", status="open")
    assert (bidding.id, bidding.prospect_classification) == (other, "bidder")
    assert len(list(world.client.companies.projects(company))) == 2
    with pytest.raises(Missing):
        list(world.client.companies.projects("999999"))


@pytest.mark.parametrize(
    ("path", "write"),
    [
        ("contacts$", lambda c: c.contacts.create({"lastName": "X"}, idempotency_key="k")),
        ("companies$", lambda c: c.companies.create({"name": "X"}, idempotency_key="k")),
        ("external", lambda c: c.contacts.upsert_by_external_ref("hubspot", "1", {"lastName": "X"})),
    ],
)
def test_a_lost_write_is_unknown_and_never_sent_twice(path: str, write: Any) -> None:
    world = World()
    world.line.plan(Fault(kind=FaultKind.TIMEOUT_AFTER, path=path))

    with pytest.raises(OutcomeUnknown):
        write(world.client)
    assert len(world.line.requests) == 1
    assert len(world.twin.live_contacts() + world.twin.live_companies()) == 1
