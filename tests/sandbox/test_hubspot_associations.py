"""One record's associations in the twin (hubspot.md, sections 2.1, 2.3, 3.4, 5.1, 5.4, 5.10; traps 8, 28, 30)."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest

from syncd.testing.sandbox.hubspot import App, RateLimit

from .hubspot_client import DEAL, DEALS, Client, linked, spec

V4 = "/crm/v4/objects"
CONTACTS = "/crm/v3/objects/contacts"


class Rig:
    """A deal, a contact and a company, not yet linked."""

    def __init__(self, **switches: Any) -> None:
        self.client = Client(**switches)
        self.person = self.client.twin.person
        self.deal = self.client.create()
        # One more contact first, so that no id of a contact is the id of a deal.
        self.person.add_contact(email="first@firm.example")
        self.contact = self.person.add_contact(email="anna@firm.example")
        self.company = self.person.add_company(name="Firm")

    def put(self, *types: dict[str, Any], to: str = "contacts", id: str = "", status: int = 201) -> Any:
        target = id or (self.contact if to == "contacts" else self.company)
        return self.client.ask("PUT", f"{V4}/deals/{self.deal}/associations/{to}/{target}", list(types), status=status)


@pytest.fixture
def rig() -> Rig:
    return Rig()


def test_a_link_is_seen_from_both_sides(rig: Rig) -> None:
    """hubspot.md, section 5.10: direction matters, 3 from the deal and 4 from the contact."""
    made = rig.put(spec(3))

    assert made == {
        "fromObjectTypeId": "0-3",
        "fromObjectId": int(rig.deal),
        "toObjectTypeId": "0-1",
        "toObjectId": int(rig.contact),
        "labels": [],
    }
    assert linked(rig.client, rig.deal) == {rig.contact: [3]}
    assert linked(rig.client, rig.contact, of="contacts", to="deals") == {rig.deal: [4]}
    assert linked(rig.client, rig.deal, to="companies") == {}


def test_the_target_id_is_a_number_on_the_wire(rig: Rig) -> None:
    """hubspot.md, section 5.10 (O)."""
    rig.put(spec(3))

    (row,) = rig.client.ask("GET", f"{V4}/0-3/{rig.deal}/associations/0-1")["results"]

    unlabelled = {"category": "HUBSPOT_DEFINED", "typeId": 3, "label": None}
    assert row == {"toObjectId": int(rig.contact), "associationTypes": [unlabelled]}


def test_a_default_link_answers_like_a_batch(rig: Rig) -> None:
    """hubspot.md, section 5.10: PUT default, 200 batch-shaped; idempotent (section 9)."""
    path = f"{V4}/deal/{rig.deal}/associations/default/company/{rig.company}"

    first, second = rig.client.ask("PUT", path), rig.client.ask("PUT", path)

    assert [it["associationSpec"]["associationTypeId"] for it in first["results"]] == [341, 342]
    assert (first["status"], first["results"]) == ("COMPLETE", second["results"])
    assert len([entry for entry in rig.client.twin.journal if entry.verb == "associate"]) == 1


def test_a_primary_link_shows_both_types(rig: Rig) -> None:
    """hubspot.md, section 5.10 and trap 28: 5 and 341; one primary company per record."""
    other = rig.person.add_company(name="Other")
    rig.put(spec(341), to="companies")
    rig.put(spec(341), to="companies", id=other)
    before = linked(rig.client, rig.deal, to="companies")

    rig.put(spec(5), to="companies", id=other)

    assert before == {rig.company: [5, 341], other: [341]}
    assert linked(rig.client, rig.deal, to="companies") == {rig.company: [341], other: [5, 341]}
    assert linked(rig.client, rig.company, of="companies", to="deals") == {rig.deal: [342]}
    assert linked(rig.client, other, of="companies", to="deals") == {rig.deal: [6, 342]}


def test_the_primary_company_can_be_set_from_its_side(rig: Rig) -> None:
    """hubspot.md trap 28: 6 sets it as 5 does, and the earlier one loses it."""
    other = rig.person.add_company(name="Other")
    rig.put(spec(341), to="companies")

    rig.client.ask("PUT", f"{V4}/companies/{other}/associations/deals/{rig.deal}", [spec(6)], status=201)

    assert linked(rig.client, rig.deal, to="companies") == {rig.company: [341], other: [5, 341]}


def test_the_first_company_is_primary_whichever_side_links(rig: Rig) -> None:
    """hubspot.md trap 28: the record's first company, seen from the company."""
    path = f"{V4}/companies/{rig.company}/associations/default/deals"
    second = rig.client.create()

    for id in (rig.deal, second):
        rig.client.ask("PUT", f"{path}/{id}")

    assert linked(rig.client, rig.company, of="companies", to="deals") == {rig.deal: [6, 342], second: [6, 342]}


def test_removing_a_link_is_idempotent(rig: Rig) -> None:
    """hubspot.md, sections 5.10 and 9: 204, with all types, and again."""
    rig.put(spec(5), to="companies")

    for _ in range(2):
        rig.client.ask("DELETE", f"{V4}/deals/{rig.deal}/associations/companies/{rig.company}", status=204)

    assert linked(rig.client, rig.deal, to="companies") == {}
    assert linked(rig.client, rig.company, of="companies", to="deals") == {}
    rig.client.ask("DELETE", f"{V4}/deals/999/associations/companies/{rig.company}", status=204)


@pytest.mark.parametrize(("mode", "status"), [("ignore", 201), ("refuse", 400)])
def test_no_types_link_nothing(mode: str, status: int) -> None:
    """hubspot.md trap 30: 2xx and nothing linked; assert on the body."""
    rig = Rig(empty_types=mode)

    rig.put(status=status)

    assert linked(rig.client, rig.deal) == {}


@pytest.mark.parametrize(
    ("sent", "expected"),
    [
        (spec(999), "One or more associations are invalid"),
        (spec(3, "USER_DEFINED"), "One or more associations are invalid"),
        (spec(4), "invalid from object type 0-3 for associations to be created. expected: 0-1"),
        (spec(341), "invalid to object type 0-1 for associations to be created. expected: 0-2"),
    ],
)
def test_a_type_that_does_not_fit_is_refused(rig: Rig, sent: dict[str, Any], expected: str) -> None:
    """hubspot.md, section 5.10: there must be such a type, in this direction."""
    body = rig.put(sent, status=400)

    assert (body["category"], body["message"]) == ("VALIDATION_ERROR", expected)
    assert linked(rig.client, rig.deal) == {}


def test_records_that_are_not_there_are_refused(rig: Rig) -> None:
    rig.person.delete_contact(rig.contact)

    for id in (rig.contact, "999", "x"):
        body = rig.put(spec(3), id=id, status=400)
        assert body["context"]["INVALID_OBJECT_IDS"] == [f"CONTACT={id} is not valid"]
    assert rig.client.send("GET", f"{V4}/deals/999/associations/contacts").status == 404


def test_many_links_come_in_pages(rig: Rig) -> None:
    """hubspot.md, section 3.4: 500 a page at most; the cursor is opaque."""
    contacts = [rig.person.add_contact(lastname=f"B{n}") for n in range(5)]
    for id in contacts:
        rig.put(spec(3), id=id)
    path = f"{V4}/deals/{rig.deal}/associations/contacts"

    first = rig.client.ask("GET", f"{path}?limit=2")
    rest = rig.client.ask("GET", f"{path}?limit=500&after={first['paging']['next']['after']}")

    assert contacts == [str(row["toObjectId"]) for row in first["results"] + rest["results"]]
    assert (len(first["results"]), "paging" in rest) == (2, False)
    assert "paging" not in rig.client.ask("GET", f"{path}?limit=5")
    for query in ("limit=501", "limit=0", "after=%00", "after=x"):
        assert rig.client.send("GET", f"{path}?{query}").status == 400


@pytest.mark.parametrize("bumps", [False, True])
def test_linking_does_not_mark_the_records_as_modified(bumps: bool) -> None:
    """hubspot.md trap 8: links need a reconcile of their own; a switch, because dates do move now and then."""
    rig = Rig(association_edits_bump=bumps)
    stamps = [rig.client.ask("GET", f"{DEALS}/{rig.deal}"), rig.client.ask("GET", f"{CONTACTS}/{rig.contact}")]
    rig.client.clock.advance(5)

    rig.put(spec(3))
    again = [rig.client.ask("GET", f"{DEALS}/{rig.deal}"), rig.client.ask("GET", f"{CONTACTS}/{rig.contact}")]

    assert [bumps, bumps] == [a["updatedAt"] > b["updatedAt"] for a, b in zip(again, stamps, strict=True)]


def test_an_archived_record_is_linked_to_nothing(rig: Rig) -> None:
    """hubspot.md trap 11: what is archived is invisible, from its neighbours as well; a restore brings it back."""
    rig.put(spec(3))

    rig.person.delete_contact(rig.contact)
    gone = linked(rig.client, rig.deal)
    rig.person.restore_contact(rig.contact)

    assert gone == {}
    assert linked(rig.client, rig.deal) == {rig.contact: [3]}


def test_a_restore_may_come_back_alone() -> None:
    """hubspot.md, section 7.4: what a restore does to links is not told; the other way."""
    rig = Rig(restore_brings_associations=False)
    rig.put(spec(3))
    rig.put(spec(341), to="companies")

    rig.person.archive_deal(rig.deal)
    rig.person.restore_deal(rig.deal)

    assert rig.person.associations_of(rig.deal) == {}
    assert linked(rig.client, rig.contact, of="contacts", to="deals") == {}


@pytest.mark.parametrize("keeps", [False, True])
def test_a_merge_moves_the_links_of_both(keeps: bool) -> None:
    """hubspot.md, section 5.9: the survivor has them all, and one primary company."""
    rig = Rig(merge_keeps_primary_id=keeps)
    second, other = rig.client.create(), rig.person.add_company(name="Other")
    rig.put(spec(5), to="companies")
    rig.person.associate(second, other, to="companies")
    rig.person.associate(second, rig.contact)
    rig.person.associate(rig.deal, second, to="deals")

    survivor = rig.person.merge_deals(rig.deal, second)

    assert linked(rig.client, survivor, to="companies") == {rig.company: [5, 341], other: [341]}
    assert linked(rig.client, survivor) == {rig.contact: [3]}
    assert linked(rig.client, survivor, to="deals") == {}
    assert linked(rig.client, rig.contact, of="contacts", to="deals") == {survivor: [4]}
    assert linked(rig.client, second) == {rig.contact: [3]}


def test_an_absorbed_id_links_the_survivor(rig: Rig) -> None:
    """hubspot.md trap 9: updates land on the survivor."""
    survivor = rig.person.merge_contacts(rig.contact, rig.person.add_contact(email="a@home.example"))

    made = rig.put(spec(3))

    assert str(made["toObjectId"]) == survivor
    assert linked(rig.client, rig.deal) == {survivor: [3]}


def test_deals_can_be_linked_to_deals(rig: Rig) -> None:
    """hubspot.md, sections 5.10 and 5.13: a prospect as a deal of its own, in a second pipeline, beside its project."""
    rig.person.add_pipeline("investors", {"teaser_sent": "0.2", "bought": "1.0"})
    own = rig.client.create(pipeline="investors", dealstage="teaser_sent")

    rig.put(spec(451), to="deals", id=own)

    assert linked(rig.client, rig.deal, to="deals") == {own: [451]}
    assert linked(rig.client, own, to="deals") == {rig.deal: [451]}
    assert rig.client.found({"propertyName": "pipeline", "operator": "EQ", "value": "investors"}) == [own]


def test_a_record_is_created_with_its_links(rig: Rig) -> None:
    """hubspot.md, section 5.4: `associations` of a create, single and batch; of an upsert there are none (5.6)."""
    links = [{"to": {"id": rig.contact}, "types": [spec(3)]}, {"to": {"id": rig.company}, "types": [spec(341)]}]

    single = rig.client.ask("POST", DEALS, {"properties": DEAL, "associations": links}, status=201)["id"]
    body = {"inputs": [{"properties": DEAL, "associations": links}]}
    (row,) = rig.client.ask("POST", f"{DEALS}/batch/create", body, status=201)["results"]
    row_of_upsert = {"id": "PS-1", "idProperty": "propstreet_id", "properties": DEAL, "associations": links}
    (upserted,) = rig.client.ask("POST", f"{DEALS}/batch/upsert", {"inputs": [row_of_upsert]})["results"]

    for id in (single, row["id"]):
        assert linked(rig.client, id) == {rig.contact: [3]}
        assert linked(rig.client, id, to="companies") == {rig.company: [5, 341]}
    assert rig.person.associations_of(upserted["id"]) == {}


def test_a_bad_link_spoils_its_row_only(rig: Rig) -> None:
    """hubspot.md trap 1: with trace ids, a row whose association is invalid is alone."""
    links = [{"to": {"id": id}, "types": [spec(3)]} for id in (rig.contact, "999")]
    inputs = [
        {"properties": DEAL, "associations": [link], "objectWriteTraceId": f"op-{n}"} for n, link in enumerate(links)
    ]

    answer = rig.client.ask("POST", f"{DEALS}/batch/create", {"inputs": inputs}, status=207)

    assert [it["context"]["objectWriteTraceId"] for it in answer["errors"]] == [["op-1"]]
    assert linked(rig.client, answer["results"][0]["id"]) == {rig.contact: [3]}
    assert len(rig.person.live_deals()) == 2


@pytest.mark.parametrize("link", [{"id": "999", "type": 3}, {"id": "", "type": 999}, {"id": "", "type": 4}])
def test_a_create_with_a_bad_link_creates_nothing(rig: Rig, link: dict[str, Any]) -> None:
    sent = [{"to": {"id": link["id"] or rig.contact}, "types": [spec(link["type"])]}]

    rig.client.ask("POST", DEALS, {"properties": DEAL, "associations": sent}, status=400)

    assert [rig.deal] == list(rig.person.live_deals())


def test_links_inside_a_read_are_a_glance(rig: Rig) -> None:
    """hubspot.md, section 5.1: names of types and no ids; absent without any; truncated."""
    rig.put(spec(3))
    rig.put(spec(341), to="companies")

    one = rig.client.ask("GET", f"{DEALS}/{rig.deal}?associations=contacts,companies&associations=deals")
    (listed,) = rig.client.ask("GET", f"{DEALS}?associations=contact")["results"]
    for n in range(101):
        rig.person.associate(rig.deal, rig.person.add_contact(lastname=f"B{n}"))
    many = rig.client.ask("GET", f"{DEALS}/{rig.deal}?associations=contacts")["associations"]["contacts"]

    assert one["associations"] == {
        "contacts": {"results": [{"id": rig.contact, "type": "deal_to_contact"}]},
        "companies": {
            "results": [
                {"id": rig.company, "type": "deal_to_company"},
                {"id": rig.company, "type": "deal_to_company_unlabeled"},
            ]
        },
    }
    assert listed["associations"] == {"contacts": one["associations"]["contacts"]}
    assert (len(many["results"]), bool(many["paging"]["next"]["after"])) == (100, True)
    assert "associations" not in rig.client.ask("GET", f"{DEALS}/{rig.deal}")


def test_a_glance_takes_the_scope_of_the_other_side(rig: Rig) -> None:
    """hubspot.md, section 2.3."""
    rig.client.twin.switch(apps={"any": App(scopes=frozenset({"crm.objects.deals.read"}))})

    assert rig.client.send("GET", f"{DEALS}/{rig.deal}?associations=contacts").status == 403
    assert rig.client.send("GET", f"{DEALS}/{rig.deal}").status == 200


def test_an_admin_limits_how_many(rig: Rig) -> None:
    """hubspot.md, section 6: refused for that record; seen from either side, and what is linked stays writable."""
    rig.client.twin.switch(association_limits={"deals/contacts": 1})
    rig.put(spec(3))
    other = rig.person.add_contact(email="bo@firm.example")

    body = rig.put(spec(3), id=other, status=400)
    turned = f"{V4}/contacts/{other}/associations/default/deals/{rig.deal}"

    assert "ASSOCIATION_LIMIT_EXCEEDED" in body["context"]
    assert rig.client.send("PUT", turned).status == 400
    links = [{"to": {"id": rig.contact}, "types": [spec(3)]}]
    rig.client.twin.switch(association_limits={"deals/contacts": 1, "contacts/deals": 1})
    assert rig.client.send("POST", DEALS, {"properties": DEAL, "associations": links}).status == 400
    rig.put(spec(3))
    rig.person.delete_contact(rig.contact)
    rig.put(spec(3), id=other)


def test_an_erased_contact_is_linked_to_nothing(rig: Rig) -> None:
    """hubspot.md, section 5.7."""
    rig.put(spec(3))

    rig.client.ask("POST", f"{CONTACTS}/gdpr-delete", {"objectId": rig.contact}, status=204)

    assert rig.person.associations_of(rig.deal) == {}
    assert rig.client.twin.account.links.pairs("deals", int(rig.deal)) == []


@pytest.mark.parametrize("path", ["/crm/objects/2026-09", V4])
def test_both_path_families(rig: Rig, path: str) -> None:
    """hubspot.md, section 2.1 and trap 42."""
    base = f"{path}/deals/{rig.deal}/associations"

    rig.client.ask("PUT", f"{base}/contacts/{rig.contact}", [spec(3)], status=201)
    rig.client.ask("PUT", f"{base}/default/companies/{rig.company}")

    assert len(rig.client.ask("GET", f"{base}/contacts")["results"]) == 1
    rig.client.ask("DELETE", f"{base}/companies/{rig.company}", status=204)
    assert rig.client.ask("GET", f"{base}/companies")["results"] == []


def test_the_numbered_family_can_be_switched_off(rig: Rig) -> None:
    """hubspot.md, section 1: v4 leaves support before the others do."""
    rig.client.twin.switch(families=frozenset({"v3", "2026-09"}))

    assert rig.client.send("GET", f"{V4}/deals/{rig.deal}/associations/contacts").status == 404
    assert rig.client.send("GET", f"/crm/objects/2026-09/deals/{rig.deal}/associations/contacts").status == 200


@pytest.mark.parametrize("target", ["deals/1", "deals/1/associations", "deals/1/notes/contacts", "deals"])
def test_nothing_else_is_served_there(rig: Rig, target: str) -> None:
    assert rig.client.send("GET", f"{V4}/{target}").status == 404


def test_other_methods_are_refused(rig: Rig) -> None:
    assert rig.client.send("POST", f"{V4}/deals/{rig.deal}/associations/contacts").status == 405
    assert rig.client.send("GET", f"{V4}/deals/{rig.deal}/associations/contacts/{rig.contact}").status == 405


READ = ("crm.objects.deals.read", "crm.objects.contacts.read")
WRITE = ("crm.objects.deals.write", "crm.objects.contacts.write")


@pytest.mark.parametrize(
    ("scopes", "method", "expected"),
    [
        (READ, "GET", 200),
        (READ[:1], "GET", 403),
        (READ[1:], "GET", 403),
        (READ, "PUT", 403),
        (WRITE, "PUT", 201),
        (WRITE[:1], "PUT", 403),
        (WRITE[1:], "DELETE", 403),
        (WRITE, "DELETE", 204),
    ],
)
def test_links_take_the_scopes_of_both_sides(scopes: tuple[str, ...], method: str, expected: int) -> None:
    """hubspot.md, section 2.3."""
    rig = Rig()
    rig.client.twin.switch(apps={"any": App(scopes=frozenset(scopes))})
    path = f"{V4}/deals/{rig.deal}/associations/contacts" + ("" if method == "GET" else f"/{rig.contact}")

    response = rig.client.send(method, path, [spec(3)] if method == "PUT" else None)

    assert response.status == expected
    if expected == 403:
        body = msgspec.json.decode(response.body)
        (missing,) = body["errors"][0]["context"]["requiredGranularScopes"]
        assert (body["category"], missing in scopes) == ("MISSING_SCOPES", False)


def test_a_create_with_links_takes_the_scope_of_the_other_side(rig: Rig) -> None:
    """hubspot.md, section 2.3."""
    rig.client.twin.switch(apps={"any": App(scopes=frozenset({"crm.objects.deals.write"}))})
    links = [{"to": {"id": rig.contact}, "types": [spec(3)]}]

    rows = {"inputs": [{"properties": DEAL, "associations": links, "objectWriteTraceId": "op-1"}]}

    assert rig.client.send("POST", DEALS, {"properties": DEAL, "associations": links}).status == 403
    assert rig.client.send("POST", f"{DEALS}/batch/create", rows).status == 403
    assert rig.client.send("POST", DEALS, {"properties": DEAL}).status == 201


def test_association_calls_have_a_window_of_their_own() -> None:
    """hubspot.md, section 3.1: 100 in 10 s for the account (B), whatever the burst of the app is."""
    rig = Rig()
    rig.client.twin.switch(rate_limit=RateLimit(associations_max=2), apps={"any": App(id=1), "another": App(id=2)})
    path = f"{V4}/deals/{rig.deal}/associations/contacts"

    first, second, third = (rig.client.send("GET", path) for _ in range(3))
    rig.client.headers = {"authorization": "Bearer another"}

    assert [first.status, second.status, third.status] == [200, 200, 429]
    assert first.headers["X-HubSpot-RateLimit-Max"] == "2"
    assert msgspec.json.decode(third.body)["policyName"] == "TEN_SECONDLY_ROLLING"
    assert rig.client.send("GET", path).status == 429
    assert rig.client.send("GET", DEALS).status == 200
    rig.client.clock.advance(10)
    assert rig.client.send("GET", path).status == 200


def test_the_journal_tells_of_links(rig: Rig) -> None:
    """What an oracle reads: both ends, and nothing for an edit that changed nothing."""
    rig.put(spec(3))
    rig.put(spec(3))
    rig.client.ask("DELETE", f"{V4}/deals/{rig.deal}/associations/contacts/{rig.contact}", status=204)

    entries = [(it.verb, it.id, it.other) for it in rig.client.twin.journal if it.other]
    assert entries == [(verb, rig.deal, ("contacts", rig.contact)) for verb in ("associate", "dissociate")]
