"""How contact roles end, come back and change hands (salesforce.md, sections 3.7, 7.2, 7.3, 8.5; traps 12, 19)."""

from __future__ import annotations

import random
from contextlib import suppress

import pytest

from .salesforce_cast import ROLES, Cast, primaries, role_ids
from .salesforce_client import Client

SPAN = "start=2026-09-21T14:10:00%2B00:00&end=2026-09-21T15:00:00%2B00:00"


@pytest.fixture
def client() -> Client:
    return Client()


@pytest.fixture
def cast(client: Client) -> Cast:
    return Cast(client)


# Deletes


@pytest.mark.parametrize("by", ["row", "collection", "composite", "person"])
def test_a_deleted_role_leaves_no_trace(client: Client, cast: Cast, by: str) -> None:
    """salesforce.md trap 12: absent from queryAll, so that only the set of ids tells; there is no way back."""
    match by:
        case "row":
            client.ask("DELETE", f"{ROLES}/{cast.first}", status=204)
        case "collection":
            client.ask("DELETE", f"/composite/sobjects?ids={cast.first}")
        case "composite":
            one = {"method": "DELETE", "url": f"/services/data/v67.0{ROLES}/{cast.first}", "referenceId": "r"}
            client.ask("POST", "/composite", {"compositeRequest": [one]})
        case "person":
            client.person.delete_role(cast.first)

    assert role_ids(client, verb="queryAll") == list(client.person.roles_of(cast.deal)) == [cast.second]
    with pytest.raises(KeyError):
        client.person.undelete_record(cast.first)


@pytest.mark.parametrize("listed", [True, False])
def test_the_list_of_deleted_rows_may_know_it(listed: bool) -> None:
    """salesforce.md, sections 3.7, 7.2 and 14: getDeleted is listed as supported; nobody has seen it for 15 days."""
    client = Client(deleted_lists_roles=listed)
    cast = Cast(client)
    client.person.delete_role(cast.first)
    client.clock.advance(3600)

    answer = client.ask("GET", f"{ROLES}/deleted/?{SPAN}")

    gone = [{"id": cast.first, "deletedDate": "2026-09-21T14:13:20.000+0000"}]
    assert answer["deletedRecords"] == (gone if listed else [])
    assert client.ask("GET", f"{ROLES}/updated/?{SPAN}")["ids"] == [cast.second]
    client.clock.advance(15 * 86_400)
    client.ask("GET", "/services/data/")
    assert client.twin.org.table("OpportunityContactRole").vanished_at == {}


def test_a_delete_that_is_rolled_back_is_none(client: Client, cast: Cast) -> None:
    """salesforce.md, section 3.5: the role is there again, and in no list of deleted ones."""
    client.ask("DELETE", f"/composite/sobjects?ids={cast.first},006000000000000AAA&allOrNone=true")
    client.clock.advance(3600)

    assert primaries(client, cast.deal) == [cast.first]
    assert client.person.record(cast.deal)["ContactId"] == cast.anna
    assert client.ask("GET", f"{ROLES}/deleted/?{SPAN}")["deletedRecords"] == []


def test_roles_go_and_come_with_their_opportunity(client: Client, cast: Cast) -> None:
    """salesforce.md, section 7.2: IsDeleted means that the parent is in the Recycle Bin; no undelete by itself."""
    client.clock.advance(60)
    client.person.delete_record(cast.deal)

    assert role_ids(client) == []
    assert role_ids(client, "WHERE IsDeleted = TRUE", verb="queryAll") == [cast.first, cast.second]
    assert role_ids(client, f"WHERE OpportunityId = '{cast.deal}'", verb="queryAll") == [cast.first, cast.second]
    assert client.refused("GET", f"{ROLES}/{cast.first}", status=404) == "ENTITY_IS_DELETED"
    assert client.person.roles_of(cast.deal) == {}
    with pytest.raises(ValueError, match="by itself"):
        client.person.undelete_record(cast.first)

    client.clock.advance(60)
    client.person.undelete_record(cast.deal)
    assert primaries(client, cast.deal) == [cast.first]
    assert role_ids(client, "WHERE SystemModstamp >= 2026-09-21T14:15:20Z") == [cast.first, cast.second]
    assert client.person.record(cast.deal)["ContactId"] == cast.anna


def test_roles_are_purged_with_their_opportunity(client: Client, cast: Cast) -> None:
    """salesforce.md, section 8.5: gone from the Recycle Bin as well."""
    client.person.purge_record(cast.deal)

    assert role_ids(client, verb="queryAll") == []


def test_a_role_may_name_a_deleted_contact(client: Client, cast: Cast) -> None:
    """salesforce.md, section 7.2: the role is returned, its contact is not; check the contact by itself."""
    client.person.delete_contact(cast.bo)

    soql = "SELECT Id, ContactId, Contact.Email FROM OpportunityContactRole ORDER BY Id"
    rows = client.query(soql)["records"]
    assert [(row["ContactId"], row["Contact"] and row["Contact"]["Email"]) for row in rows] == [
        (cast.anna, "Anna@x.test"),
        (cast.bo, None),
    ]
    assert role_ids(client, "WHERE Contact.Email = 'bo@x.test'") == []
    assert client.refused("POST", ROLES, {"OpportunityId": cast.deal, "ContactId": cast.bo}) == (
        "INVALID_CROSS_REFERENCE_KEY"
    )
    client.ask("PATCH", f"{ROLES}/{cast.second}", {"Role": "Other"}, status=204)
    client.person.undelete_contact(cast.bo)
    assert role_ids(client, "WHERE Contact.Email = 'bo@x.test'") == [cast.second]


def test_or_roles_go_with_their_contact(client: Client, cast: Cast) -> None:
    """salesforce.md, section 7.2, the other way: into the bin with the contact, back with it, primary if none is."""
    client.twin.switch(contact_takes_roles=True)
    client.person.delete_contact(cast.anna)
    assert role_ids(client, "WHERE IsDeleted = TRUE", verb="queryAll") == [cast.first]
    assert client.person.record(cast.deal)["ContactId"] is None

    client.person.undelete_contact(cast.anna)
    assert primaries(client, cast.deal) == [cast.first]

    client.person.delete_contact(cast.anna)
    client.person.edit_role(cast.second, IsPrimary=True)
    client.person.undelete_contact(cast.anna)
    assert primaries(client, cast.deal) == [cast.second]
    assert list(client.person.roles_of(cast.deal)) == [cast.first, cast.second]


# Merges


@pytest.mark.parametrize("moves", [True, False])
def test_merged_contacts_hand_their_roles_over(moves: bool) -> None:
    """salesforce.md, section 7.3 and trap 19: re-parented, so that a contact may be in a deal twice."""
    client = Client(merge_moves_children=moves)
    cast = Cast(client)
    before = client.person.record(cast.first)["SystemModstamp"]
    client.clock.advance(60)

    client.person.merge_contacts(cast.bo, [cast.anna])

    roles = client.person.roles_of(cast.deal)
    assert {id: role["ContactId"] for id, role in roles.items()} == {cast.first: cast.bo, cast.second: cast.bo}
    assert (roles[cast.first]["SystemModstamp"] > before) is moves
    assert client.person.record(cast.deal)["ContactId"] == cast.bo
    loser = client.person.record(cast.anna)
    assert (loser["IsDeleted"], loser["MasterRecordId"]) == (True, cast.bo)


def test_roles_of_an_opportunity_that_an_app_merges_away(client: Client, cast: Cast) -> None:
    """salesforce.md, section 7.2: no role moves to another opportunity; they go with their own."""
    other = client.person.add_record(Name="Storgatan 2")

    client.person.merge_records(other, [cast.deal])

    assert client.person.roles_of(other) == {}
    assert role_ids(client, "WHERE IsDeleted = TRUE", verb="queryAll") == [cast.first, cast.second]


# All together


def act(client: Client, rng: random.Random) -> None:
    """One thing that happens to deals, contacts and roles, refused or not."""
    deals = list(client.twin.org.table("Opportunity").rows)
    contacts = list(client.twin.org.table("Contact").rows)
    roles = [*client.twin.org.table("OpportunityContactRole").rows, "00K000000000000AAA"]
    deal, contact, role = rng.choice(deals), rng.choice(contacts), rng.choice(roles)
    person = client.person
    with suppress(KeyError, ValueError):
        match rng.randrange(10):
            case 0 | 1:
                person.add_role(deal, contact, primary=rng.random() < 0.5)
            case 2:
                rows = [
                    {"OpportunityId": deal, "ContactId": it, "IsPrimary": True} for it in (contact, rng.choice(roles))
                ]
                typed = [{"attributes": {"type": "OpportunityContactRole"}} | row for row in rows]
                client.ask("POST", "/composite/sobjects", {"allOrNone": rng.random() < 0.5, "records": typed})
            case 3:
                client.send("PATCH", f"{ROLES}/{role}", {"IsPrimary": rng.random() < 0.7, "ContactId": contact})
            case 4:
                client.send("DELETE", f"/composite/sobjects?ids={role},{rng.choice(roles)}&allOrNone=true")
            case 5:
                person.delete_record(rng.choice([deal, contact]))
            case 6 | 7:
                person.undelete_record(rng.choice([deal, contact]))
            case 8:
                person.merge_contacts(contact, [rng.choice(contacts)])
            case 9:
                person.automate(role, IsPrimary=True)
    client.clock.advance(rng.choice([0, 1, 30]))


@pytest.mark.parametrize("takes", [False, True])
@pytest.mark.parametrize("seed", range(8))
def test_one_primary_whatever_happened(seed: int, takes: bool) -> None:
    """salesforce.md, sections 7.1 and 7.2: at most one, the opportunity shows it, lookups by parent agree."""
    client, rng = Client(rate_limit=None, contact_takes_roles=takes), random.Random(seed)
    for number in range(4):
        client.person.add_record(Name=f"deal {number}")
        client.person.add_contact(LastName=f"contact {number}")
    table, deals = client.twin.org.table("OpportunityContactRole"), client.twin.org.table("Opportunity")
    for _ in range(120):
        act(client, rng)
        for deal in deals.live():
            live = [role for role in table.live() if role["OpportunityId"] == deal["Id"]]
            primary = [role["ContactId"] for role in live if role["IsPrimary"]]
            assert len(primary) <= 1
            assert deal.get("ContactId") == (primary[0] if primary else None)
            assert set(table.ties["OpportunityId"].holders(deal["Id"])) == {role["Id"] for role in live}
        assert set(table.gone_with) == set(table.deleted_at) == {id for id, it in table.rows.items() if it["IsDeleted"]}
        assert not table.vanished_at.keys() & table.rows.keys()
