"""Contact roles in the twin: what they are and who may write them (salesforce.md, sections 7.1, 7.2; traps 18, 30)."""

from __future__ import annotations

from typing import Any

import pytest

from .salesforce_cast import ROLES, Cast, primaries, role_ids
from .salesforce_client import DEAL, OPPORTUNITIES, Client, codes

COLUMNS = "Id, OpportunityId, ContactId, Role, IsPrimary, IsDeleted"
TYPED: dict[str, Any] = {"attributes": {"type": "OpportunityContactRole"}}


@pytest.fixture
def client() -> Client:
    return Client()


@pytest.fixture
def cast(client: Client) -> Cast:
    return Cast(client)


def add(client: Client, deal: str, contact: str, *, status: int = 201, **fields: Any) -> Any:
    return client.ask("POST", f"{ROLES}/", {"OpportunityId": deal, "ContactId": contact, **fields}, status=status)


# What a role is


def test_a_role_has_its_own_prefix_and_facts(client: Client) -> None:
    """salesforce.md, sections 3.8 and 7.2: 00K, replicated, never undeleted; which fields a client may write."""
    facts = client.ask("GET", f"{ROLES}/describe")
    fields = {field["name"]: field for field in facts["fields"]}
    writable = {name: (field["createable"], field["updateable"]) for name, field in fields.items()}

    assert (facts["keyPrefix"], facts["replicateable"], facts["undeletable"]) == ("00K", True, False)
    assert writable["OpportunityId"] == (True, False)
    assert writable["ContactId"] == writable["Role"] == writable["IsPrimary"] == (True, True)
    assert fields["Role"]["restrictedPicklist"] is False
    assert fields["ContactId"]["nillable"] is False
    assert "OwnerId" not in fields
    assert "CurrencyIsoCode" not in fields


def test_a_role_by_rows(client: Client) -> None:
    """salesforce.md, sections 3.3 and 7.2: created, read, edited and deleted like any row, with a stamp of its own."""
    deal, contact = client.create(), client.person.add_contact()
    before = client.person.record(deal)
    client.clock.advance(60)

    id = add(client, deal, contact, Role="Influencer")["id"]
    client.ask("PATCH", f"{ROLES}/{id}", {"Role": "Anything goes"}, status=204)
    row = client.ask("GET", f"{ROLES}/{id}")
    client.ask("DELETE", f"{ROLES}/{id}", status=204)

    assert id.startswith("00K")
    assert (row["Role"], row["IsPrimary"]) == ("Anything goes", False)
    assert row["SystemModstamp"] > before["SystemModstamp"]
    assert client.person.record(deal) == before  # roles don't move the opportunity (section 7.1)
    assert client.refused("DELETE", f"{ROLES}/{id}", status=404) == "NOT_FOUND"
    assert [(entry.verb, entry.object) for entry in client.twin.journal][1:] == [
        ("create", "OpportunityContactRole"),
        ("update", "OpportunityContactRole"),
        ("delete", "OpportunityContactRole"),
    ]


@pytest.mark.parametrize(
    ("sent", "code", "fields"),
    [
        ({}, "REQUIRED_FIELD_MISSING", ["OpportunityId", "ContactId"]),
        ({"OpportunityId": "", "ContactId": None}, "REQUIRED_FIELD_MISSING", ["OpportunityId", "ContactId"]),
        ({"OpportunityId": "006000000000000AAA"}, "INVALID_CROSS_REFERENCE_KEY", ["OpportunityId"]),
        ({"ContactId": "003000000000000AAA"}, "INVALID_CROSS_REFERENCE_KEY", ["ContactId"]),
        ({"IsPrimary": None}, "INVALID_TYPE_ON_FIELD_IN_RECORD", ["IsPrimary"]),
    ],
)
def test_a_bad_role_is_refused(client: Client, sent: Any, code: str, fields: Any) -> None:
    """salesforce.md, sections 6.2 and 7.2: both parents are required and must be there."""
    (error,) = client.ask("POST", ROLES, sent, status=400)

    assert (error["errorCode"], error["fields"]) == (code, fields)
    assert role_ids(client) == []


def test_a_role_never_moves_to_another_opportunity(client: Client, cast: Cast) -> None:
    """salesforce.md, section 7.2: OpportunityId is for creates only, by id and by key; ContactId can change."""
    client.person.add_field("Ext__c", unique=True, external_id=True)
    other = client.person.add_record(Name="Storgatan 2", Ext__c="d-2")

    for sent in ({"OpportunityId": other}, {"Opportunity": {"Ext__c": "d-2"}}):
        assert client.refused("PATCH", f"{ROLES}/{cast.second}", sent) == "INVALID_FIELD_FOR_INSERT_UPDATE"
    client.ask("PATCH", f"{ROLES}/{cast.second}", {"ContactId": cast.anna}, status=204)
    assert client.refused("PATCH", f"{ROLES}/{cast.second}", {"ContactId": None}) == "REQUIRED_FIELD_MISSING"

    shown = client.person.record(cast.second)
    assert (shown["OpportunityId"], shown["ContactId"]) == (cast.deal, cast.anna)


def test_the_same_contact_twice_is_allowed(client: Client, cast: Cast) -> None:
    """salesforce.md, section 7.2: no uniqueness over opportunity and contact."""
    again = add(client, cast.deal, cast.anna)["id"]

    assert role_ids(client, f"WHERE OpportunityId = '{cast.deal}' AND ContactId = '{cast.anna}'") == [cast.first, again]


def test_roles_in_a_collection(client: Client, cast: Cast) -> None:
    """salesforce.md, section 3.5: created, edited and deleted by rows, a bad one by itself; a parent by its own key."""
    client.person.add_field("Ext__c", "Contact", unique=True, external_id=True)
    client.person.edit_contact(cast.bo, Ext__c="c-1")
    made: list[Any] = [
        {"OpportunityId": cast.deal, "Contact": {"Ext__c": "c-1"}, "Role": "Other"},
        {"OpportunityId": cast.deal},
    ]
    typed = [TYPED | row for row in made]

    created = client.ask("POST", "/composite/sobjects", {"records": typed})
    id = created[0]["id"]
    edit = [TYPED | {"id": id, "Role": None}]
    edited = client.ask("PATCH", "/composite/sobjects", {"records": edit})
    kept = client.person.record(id)
    gone = client.ask("DELETE", f"/composite/sobjects?ids={id},{id}")

    assert codes(created) == [None, "REQUIRED_FIELD_MISSING"]
    assert (codes(edited), kept["ContactId"], kept["Role"]) == ([None], cast.bo, None)
    assert codes(gone) == [None, "INVALID_CROSS_REFERENCE_KEY"]


def test_a_contact_and_its_role_in_one_composite_call(client: Client) -> None:
    """salesforce.md, section 3.6: the role refers to the contact that the same call makes; or neither is made."""
    deal = client.create()
    role = {"OpportunityId": deal, "ContactId": "@{person.id}"}
    requests = [
        {"method": "POST", "url": "/services/data/v67.0/sobjects/Contact", "referenceId": "person"}
        | {"body": {"LastName": "Berg"}},
        {"method": "POST", "url": f"/services/data/v67.0{ROLES}", "referenceId": "role", "body": role},
    ]
    made = client.ask("POST", "/composite", {"allOrNone": True, "compositeRequest": requests})["compositeResponse"]
    role["OpportunityId"] = "006000000000000AAA"
    failed = client.ask("POST", "/composite", {"allOrNone": True, "compositeRequest": requests})["compositeResponse"]

    assert [answer["httpStatusCode"] for answer in made] == [201, 201]
    assert [answer["body"][0]["errorCode"] for answer in failed] == ["PROCESSING_HALTED", "INVALID_CROSS_REFERENCE_KEY"]
    assert len(client.person.live_records("Contact")) == 1
    (only,) = client.person.roles_of(deal).values()
    assert only["ContactId"] == made[0]["body"]["id"]


def test_guarded_edits_of_roles(client: Client, cast: Cast) -> None:
    """salesforce.md, section 4: a role's own stamp is what If-Unmodified-Since meets."""
    seen = client.send("GET", f"{ROLES}/{cast.second}").headers["Last-Modified"]
    client.clock.advance(5)
    client.person.edit_role(cast.second, Role="Other")

    stale = client.send("PATCH", f"{ROLES}/{cast.second}", {"Role": "Evaluator"}, if_unmodified_since=seen)
    assert stale.status == 412


# One primary


def test_a_new_primary_clears_the_old_one(client: Client, cast: Cast) -> None:
    """salesforce.md, section 7.2: a change that nobody wrote, with stamps of its own."""
    client.clock.advance(60)
    client.ask("PATCH", f"{ROLES}/{cast.second}", {"IsPrimary": True}, status=204)

    old = client.person.record(cast.first)
    assert primaries(client, cast.deal) == [cast.second]
    assert old["SystemModstamp"] == client.person.record(cast.second)["SystemModstamp"]
    assert old["LastModifiedById"] == client.twin.org.api_user
    assert [entry.id for entry in client.twin.journal] == [cast.second]

    third = add(client, cast.deal, cast.bo, IsPrimary=True)["id"]
    assert primaries(client, cast.deal) == [third]
    other = client.create()
    add(client, other, cast.bo, IsPrimary=True)
    assert primaries(client, cast.deal) == [third]  # one for each opportunity


def test_the_opportunity_shows_its_primary_contact(client: Client, cast: Cast) -> None:
    """salesforce.md, section 7.1: ContactId follows the primary role, and no stamp of the opportunity moves."""
    before = client.person.record(cast.deal)
    assert before["ContactId"] == cast.anna
    client.clock.advance(60)

    client.person.edit_role(cast.second, IsPrimary=True)
    assert client.person.record(cast.deal) == before | {"ContactId": cast.bo}
    client.person.edit_role(cast.second, ContactId=cast.anna)
    assert client.person.record(cast.deal) == before
    client.person.delete_role(cast.second)
    assert client.person.record(cast.deal) == before | {"ContactId": None}


def test_a_contact_id_on_create_makes_the_primary_role(client: Client) -> None:
    """salesforce.md, section 7.1: only on create, and taken back with it."""
    contact = client.person.add_contact()
    deal = client.create(ContactId=contact)

    (role,) = client.person.roles_of(deal).values()
    assert (role["ContactId"], role["IsPrimary"]) == (contact, True)
    assert client.read(deal, "ContactId") == {"ContactId": contact}
    assert client.write(deal, status=400, ContactId=None)[0]["errorCode"] == "INVALID_FIELD_FOR_INSERT_UPDATE"
    records = [
        {"attributes": {"type": "Opportunity"}} | DEAL | more for more in ({"ContactId": contact}, {"Name": None})
    ]
    client.ask("POST", "/composite/sobjects", {"allOrNone": True, "records": records})
    assert role_ids(client) == [role["Id"]]


def test_a_new_primary_in_a_call_that_is_rolled_back(client: Client, cast: Cast) -> None:
    """salesforce.md, section 3.5: allOrNone takes the cleared one back too."""
    rows: list[dict[str, Any]] = [{"id": cast.second, "IsPrimary": True}, {"id": cast.first, "ContactId": None}]
    typed = [TYPED | row for row in rows]

    client.ask("PATCH", "/composite/sobjects", {"allOrNone": True, "records": typed})

    assert primaries(client, cast.deal) == [cast.first]
    assert client.person.record(cast.deal)["ContactId"] == cast.anna


# Access


def test_writing_a_role_locks_what_it_hangs_on(client: Client) -> None:
    """salesforce.md, section 7.2 and trap 30: the opportunity, and its account."""
    account = client.person.add_account()
    deal, contact = client.create(AccountId=account), client.person.add_contact()
    id = add(client, deal, contact)["id"]

    for locked in (deal, account, id):
        client.person.lock_row(locked, times=1)
        assert client.refused("PATCH", f"{ROLES}/{id}", {"Role": "Other"}) == "UNABLE_TO_LOCK_ROW"
        client.ask("PATCH", f"{ROLES}/{id}", {"Role": "Other"}, status=204)
    client.person.lock_row(deal, times=2)
    assert client.refused("POST", ROLES, {"OpportunityId": deal, "ContactId": contact}) == "UNABLE_TO_LOCK_ROW"
    assert client.refused("DELETE", f"{ROLES}/{id}") == "UNABLE_TO_LOCK_ROW"


def test_parents_that_are_held_or_hidden(client: Client, cast: Cast) -> None:
    """salesforce.md, section 6.2: INSUFFICIENT_ACCESS_ON_CROSS_REFERENCE_ENTITY, for locked parents too."""
    body = {"OpportunityId": cast.deal, "ContactId": cast.anna}
    client.person.hold_for_approval(cast.deal)
    assert client.refused("POST", ROLES, body) == "INSUFFICIENT_ACCESS_ON_CROSS_REFERENCE_ENTITY"
    client.person.hold_for_approval(cast.deal, held=False)

    client.person.share(cast.anna, visible=False)
    assert client.refused("POST", ROLES, body) == "INSUFFICIENT_ACCESS_ON_CROSS_REFERENCE_ENTITY"
    assert (
        client.query(f"SELECT Contact.Name FROM OpportunityContactRole WHERE Id = '{cast.first}'")["records"][0][
            "Contact"
        ]
        is None
    )


def test_roles_are_seen_with_their_opportunity(client: Client, cast: Cast) -> None:
    """salesforce.md trap 18: they have no sharing of their own, those that are added later included."""
    client.person.share(cast.deal, visible=False)
    late = client.person.add_role(cast.deal, cast.bo)

    assert role_ids(client, verb="queryAll") == []
    assert client.refused("GET", f"{ROLES}/{late}", status=404) == "NOT_FOUND"
    client.person.share(cast.deal, visible=True)
    assert role_ids(client) == [cast.first, cast.second, late]


@pytest.mark.parametrize("allowed", [True, False])
def test_fields_on_roles_are_a_matter_of_edition(allowed: bool) -> None:
    """salesforce.md, sections 7.2 and 14: where they are possible, a role can be upserted on a key of ours."""
    client = Client(role_custom_fields=allowed, new_fields_visible=True)
    cast = Cast(client)
    metadata = {"label": "Ref", "type": "Text", "length": 64, "externalId": True, "unique": True}
    body = {"FullName": "OpportunityContactRole.Ref__c", "Metadata": metadata}

    made = client.send("POST", "/tooling/sobjects/CustomField/", body)

    assert made.status == (201 if allowed else 400)
    if allowed:
        role = {"OpportunityId": cast.deal, "ContactId": cast.bo}
        id = client.ask("PATCH", f"{ROLES}/Ref__c/p-1", role, status=201)["id"]
        assert client.ask("PATCH", f"{ROLES}/Ref__c/p-1", {"Role": "Other"})["id"] == id


def test_roles_have_a_currency_where_there_are_several() -> None:
    """salesforce.md, section 7.2 and trap 37."""
    client = Client(multi_currency=True)
    cast = Cast(client)

    assert client.ask("GET", f"{ROLES}/{cast.first}")["CurrencyIsoCode"] == "EUR"


def test_seeded_roles_are_believable_and_the_same_each_time(client: Client) -> None:
    deals = client.person.seed(20)
    made = client.person.seed_roles(deals, each=2)

    other = Client()
    assert other.person.seed_roles(other.person.seed(20), each=2) == made
    assert role_ids(client) == made
    assert all(len(primaries(client, deal)) == 1 for deal in deals)
    assert role_ids(client, "WHERE Contact.AccountId = null") == []


def test_the_opportunity_s_path_is_what_a_poll_asks(client: Client, cast: Cast) -> None:
    """salesforce.md, section 8.4: a window of roles, with what their parents show."""
    soql = (
        f"SELECT {COLUMNS}, Contact.Email, Opportunity.StageName FROM OpportunityContactRole "
        f"WHERE OpportunityId IN ('{cast.deal}','006000000000000AAA') AND SystemModstamp >= 2026-09-21T14:13:20Z "
        "AND Opportunity.IsClosed = FALSE ORDER BY SystemModstamp, Id"
    )
    rows = client.query(soql)["records"]

    assert [row["Id"] for row in rows] == [cast.first, cast.second]
    assert (rows[0]["Contact"]["Email"], rows[0]["Opportunity"]["StageName"]) == ("Anna@x.test", "Prospecting")
    assert client.ask("GET", f"{OPPORTUNITIES}/{cast.deal}")["ContactId"] == cast.anna
