"""Contacts, companies and links: what each method asks for, and what it gives back."""

from __future__ import annotations

from typing import Any, cast

import httpx
import pytest

from syncd.adapters.propstreet import CompanyBody, ContactBody, LinkBody, LinkPatch, with_ref
from syncd.errors import AlreadyExists, Missing, OutcomeUnknown, PreconditionFailed, Rejected, RemoteError

from .peer import Peer, client, ok, page, problem

CONTACTS, COMPANIES, LINKS = "/api/v1/network/contacts", "/api/v1/network/companies", "/api/v1/network/links"
ANNA: dict[str, Any] = {"id": "789", "firstName": "Anna", "email": "anna@example.test", "etag": 'W/"AA=="'}
PRIVATE: ContactBody = {"firstName": "Anna", "email": "anna@example.test", "phone": "+46701234567"}


def test_delta_lists_read_all_pages_with_the_same_filters() -> None:
    """propstreet.md traps 1 and 6."""
    since = "2026-05-01T00:00:00Z"
    query = "updated_since=2026-05-01T00%3A00%3A00Z&include_deleted=true&page_size=7"
    replies = [page([{"id": "1"}], "c1"), page([{"id": "2"}])] * 2
    peer = Peer(*replies)
    propstreet = client(peer)
    contacts = propstreet.contacts.scan(updated_since=since, include_deleted=True, page_size=7)
    assert [each.id for each in contacts] == ["1", "2"]
    companies = propstreet.companies.scan(updated_since=since, include_deleted=True, page_size=7)
    assert [each.id for each in companies] == ["1", "2"]

    assert peer.targets == [
        f"GET {CONTACTS}?{query}",
        f"GET {CONTACTS}?{query}&cursor=c1",
        f"GET {COMPANIES}?{query}",
        f"GET {COMPANIES}?{query}&cursor=c1",
    ]


def test_links_of_a_contact_or_a_company() -> None:
    peer = Peer(page([{"id": "1", "contactId": "789", "companyId": 5}]))
    links = client(peer).links

    assert [(each.contact_id, each.company_id) for each in links.scan(contact_id="789")] == [("789", "5")]
    assert links.page(company_id="5", include_deleted=True, cursor="c").rows[0]["id"] == "1"
    assert peer.targets == [
        f"GET {LINKS}?contact_id=789&page_size=500",
        f"GET {LINKS}?company_id=5&include_deleted=true&page_size=500&cursor=c",
    ]


def test_one_page() -> None:
    peer = Peer(page([ANNA], "c2"))
    propstreet = client(peer)

    assert propstreet.contacts.page(cursor="c1").next_cursor == "c2"
    assert propstreet.companies.page(page_size=1).rows == [ANNA]
    assert peer.targets == [f"GET {CONTACTS}?page_size=500&cursor=c1", f"GET {COMPANIES}?page_size=1"]


def test_find_by_external_ref() -> None:
    peer = Peer(ok(ANNA), problem(404))
    propstreet = client(peer)

    found = propstreet.contacts.find_by_external_ref("HubSpot", "5/01")
    assert found is not None
    assert found.first_name == "Anna"
    assert propstreet.companies.find_by_external_ref("hubspot", "none") is None
    assert peer.targets == [
        f"GET {CONTACTS}/external/HubSpot/5%2F01",
        f"GET {COMPANIES}/external/hubspot/none",
    ]


def test_create() -> None:
    peer = Peer(ok(ANNA, 201), ok({"id": "5"}, 201), ok({"id": "1"}, 201))
    propstreet = client(peer)
    contact: ContactBody = {**PRIVATE, "tags": [], "externalRefs": with_ref([], "hubspot", "501")}
    company: CompanyBody = {"name": "Fastighets AB", "tags": None}
    link: LinkBody = {"contactId": "789", "companyId": "5", "jobTitle": "CFO"}

    assert propstreet.contacts.create(contact, idempotency_key="k1").new
    assert propstreet.companies.create(company, idempotency_key="k2").record.id == "5"
    assert propstreet.links.create(link, idempotency_key="k3").record.id == "1"
    assert [peer.sent(at) for at in range(3)] == [contact, company, link]
    assert [request.headers["idempotency-key"] for request in peer.requests] == ["k1", "k2", "k3"]
    assert peer.targets == [f"POST {CONTACTS}", f"POST {COMPANIES}", f"POST {LINKS}"]


def test_patch_sends_the_tag_verbatim() -> None:
    """propstreet.md traps 38 and 39; on links one page of the documentation requires it."""
    peer = Peer(ok(ANNA))
    propstreet = client(peer)
    propstreet.contacts.patch("789", {"phone": None}, if_match='W/"AA=="')
    propstreet.companies.patch("5", {"domain": "example.test"}, if_match='W/"AA=="')
    propstreet.links.patch("1", {"isPrimary": True}, if_match='W/"AA=="')

    assert peer.targets == [f"PATCH {CONTACTS}/789", f"PATCH {COMPANIES}/5", f"PATCH {LINKS}/1"]
    assert {request.headers["if-match"] for request in peer.requests} == {'W/"AA=="'}
    assert [peer.sent(at) for at in range(3)] == [{"phone": None}, {"domain": "example.test"}, {"isPrimary": True}]


def test_tags_have_three_states() -> None:
    """propstreet.md section 9: left out, cleared by null, and explicitly none."""
    peer = Peer(ok(ANNA))
    contacts = client(peer).contacts
    states: list[ContactBody] = [{}, {"tags": None}, {"tags": []}]
    for body in states:
        contacts.patch("789", body, if_match="e")

    assert [request.content for request in peer.requests] == [b"{}", b'{"tags":null}', b'{"tags":[]}']


@pytest.mark.parametrize(
    ("status", "told", "expected"),
    [
        (201, "created", "created"),
        (200, "Updated", "updated"),
        (200, "revived", "revived"),
        (200, "merged", "merged"),
        (201, None, "created"),
        (200, None, "updated"),
    ],
)
def test_upsert_says_what_it_did(status: int, told: str | None, expected: str) -> None:
    """propstreet.md section 17.1: a header tells, and its unknown values get through."""
    headers = {"x_propstreet_upsert_action": told} if told else {}
    contact, action = client(Peer(ok(ANNA, status, **headers))).contacts.upsert_by_external_ref("hs", "1", PRIVATE)

    assert (contact.id, action) == ("789", expected)


def test_upsert_asks_for_what_it_means() -> None:
    """propstreet.md traps 55 and 56; `create_only` is never sent, since its name and its prose disagree."""
    peer = Peer(ok(ANNA))
    contacts = client(peer).contacts
    contacts.upsert_by_external_ref("hubspot", "5/01", PRIVATE)
    contacts.upsert_by_external_ref("hubspot", "501", PRIVATE, match_email=True, revive=False)

    assert peer.targets == [
        f"PATCH {CONTACTS}/external/hubspot/5%2F01?revive=true",
        f"PATCH {CONTACTS}/external/hubspot/501?match=email&revive=false",
    ]
    assert [peer.sent(0), peer.sent(1)] == [PRIVATE, PRIVATE]


def test_delete() -> None:
    peer = Peer(httpx.Response(204))
    client(peer).contacts.delete("789", if_match="e")

    assert peer.targets == [f"DELETE {CONTACTS}/789"]
    assert peer.requests[0].headers["if-match"] == "e"


def test_associated_projects() -> None:
    """propstreet.md section 12: the classification asked for is the prospect's."""
    row = {"id": "9001", "prospectId": "77", "prospectClassification": "bidder", "classification": "active"}
    peer = Peer(page([row], "c"), page([]))
    propstreet = client(peer)
    shown = list(propstreet.contacts.projects("7/9", status="open", classification="bidder"))
    list(propstreet.companies.projects("5", page_size=10))

    assert [(each.id, each.prospect_id, each.prospect_classification) for each in shown] == [("9001", "77", "bidder")]
    assert peer.targets == [
        f"GET {CONTACTS}/7%2F9/projects?status=open&classification=bidder&page_size=500",
        f"GET {CONTACTS}/7%2F9/projects?status=open&classification=bidder&page_size=500&cursor=c",
        f"GET {COMPANIES}/5/projects?page_size=10",
    ]


def test_contacts_of_a_company() -> None:
    peer = Peer(ok({"data": [{"id": "789", "linkId": "1", "jobTitle": "CFO", "isPrimary": True}]}))
    shown = list(client(peer).companies.contacts("5"))

    assert [(each.id, each.link_id, each.job_title, each.is_primary) for each in shown] == [("789", "1", "CFO", True)]
    assert peer.targets == [f"GET {COMPANIES}/5/contacts?page_size=500"]


@pytest.mark.parametrize("name", ["id", "companies", "primaryCompanyId", "updatedUtc", "etag", "changeOrigin"])
def test_read_models_are_never_sent(name: str) -> None:
    """A whitelist, so that an echoed read can't go out."""
    peer = Peer(ok(ANNA))
    propstreet = client(peer)
    body: Any = {name: "x"}
    with pytest.raises(Rejected, match=name):
        propstreet.contacts.patch("789", cast(ContactBody, body), if_match="e")
    with pytest.raises(Rejected, match=name):
        propstreet.contacts.upsert_by_external_ref("hubspot", "1", cast(ContactBody, body))
    with pytest.raises(Rejected, match=name):
        propstreet.companies.create(cast(CompanyBody, body), idempotency_key="k")
    with pytest.raises(Rejected, match=name):
        propstreet.links.patch("1", cast(LinkPatch, body), if_match="e")
    assert peer.requests == []


def test_an_upsert_in_conflict_meets_somebody_who_exists() -> None:
    """It sends no tag, so an unnamed 409 can't be about a stale one."""
    with pytest.raises(AlreadyExists):
        client(Peer(problem(409))).contacts.upsert_by_external_ref("hubspot", "501", PRIVATE)


@pytest.mark.parametrize("body", [{"externalRefs": None}])
def test_null_refs_are_not_sent(body: Any) -> None:
    """propstreet.md section 9."""
    with pytest.raises(Rejected, match="externalRefs"):
        client(Peer(ok(ANNA))).contacts.upsert_by_external_ref("hubspot", "1", body)


@pytest.mark.parametrize(
    ("reply", "expected"),
    [
        (problem(400, "/help/validation-failed", {"emails[0].address": ["anna@example.test is wrong"]}), Rejected),
        (problem(404), Missing),
        (problem(409, "/help/duplicate-email"), AlreadyExists),
        (problem(409, "/help/duplicate-external-ref"), AlreadyExists),
        (problem(412, "urn:propstreet:error:precondition-failed"), PreconditionFailed),
        (problem(422), Rejected),
        (problem(500), OutcomeUnknown),
        (ok({"message": "Anna"}), OutcomeUnknown),
        (httpx.ReadError("anna@example.test"), OutcomeUnknown),
    ],
)
def test_a_refusal_names_the_record_and_nobody(reply: Any, expected: type[RemoteError]) -> None:
    """propstreet.md trap 41; and no personal value is in the message."""
    peer = Peer(reply)
    with pytest.raises(expected) as caught:
        client(peer).contacts.upsert_by_external_ref("hubspot", "501", PRIVATE)
    with pytest.raises(expected):
        client(peer).contacts.patch("789", PRIVATE, if_match="e")

    message = str(caught.value).lower()
    assert "contact with hubspot id 501" in message
    assert not any(value in message for value in ("anna", "example.test", "4670", "private"))
