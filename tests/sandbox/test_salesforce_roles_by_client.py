"""The real simple-salesforce on contacts and roles, mounted under requests (salesforce.md, sections 2.5, 7.2, 7.3)."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import requests
from simple_salesforce.api import Salesforce
from simple_salesforce.exceptions import SalesforceMalformedRequest, SalesforceResourceNotFound

from syncd.testing.clock import VirtualClock
from syncd.testing.sandbox.mount_requests import TwinAdapter
from syncd.testing.sandbox.salesforce import DuplicateRule, SalesforceTwin, Switches

KEY = "Propstreet_Id__c"
TYPED = {"attributes": {"type": "OpportunityContactRole"}}


@pytest.fixture
def twin() -> SalesforceTwin:
    twin = SalesforceTwin(VirtualClock(), Switches(new_fields_visible=True))
    twin.person.add_prospect_object()
    return twin


@pytest.fixture
def salesforce(twin: SalesforceTwin) -> Iterator[Any]:
    """In direct mode. Its objects are attributes made up on the spot, which no type checker follows."""
    with requests.Session() as session:
        session.trust_env = False
        session.mount("https://", TwinAdapter(twin))
        yield Salesforce(
            session=session, session_id=twin.open_session(), instance="acme.my.salesforce.com", version="67.0"
        )


def test_a_key_on_contacts_then_an_upsert(twin: SalesforceTwin, salesforce: Any) -> None:
    """salesforce.md, sections 3.4 and 3.10: the Tooling route, then created once and found again."""
    metadata = {"label": "Propstreet Id", "type": "Text", "length": 64, "externalId": True, "unique": True}
    body = {"FullName": f"Contact.{KEY}", "Metadata": metadata}
    assert salesforce.toolingexecute("sobjects/CustomField/", method="POST", data=body)["success"]

    assert salesforce.Contact.upsert(f"{KEY}/c-1", {"LastName": "Berg", "Email": "b@x.test"}) == 201
    assert salesforce.Contact.upsert(f"{KEY}/c-1", {"FirstName": "Anna"}) == 200
    assert salesforce.Contact.get_by_custom_id(KEY, "c-1")["Name"] == "Anna Berg"


def test_a_role_from_end_to_end(twin: SalesforceTwin, salesforce: Any) -> None:
    """salesforce.md, section 7.2 and trap 12: created, made primary, queried with its parents, deleted for ever."""
    deal, anna = twin.person.add_record(Name="Storgatan 1"), twin.person.add_contact(LastName="Anna", Email="a@x.test")
    other = twin.person.add_role(deal, twin.person.add_contact(LastName="Bo"), primary=True)

    id = salesforce.OpportunityContactRole.create({"OpportunityId": deal, "ContactId": anna})["id"]
    assert salesforce.OpportunityContactRole.update(id, {"IsPrimary": True}) == 204
    soql = f"SELECT Id, Contact.Email, Opportunity.Name FROM OpportunityContactRole WHERE OpportunityId IN ('{deal}')"
    rows = {row["Id"]: row for row in salesforce.query_all(soql)["records"]}
    assert (rows[id]["Contact"]["Email"], rows[id]["Opportunity"]["Name"]) == ("a@x.test", "Storgatan 1")
    assert twin.person.record(other)["IsPrimary"] is False
    under = "SELECT Id, (SELECT ContactId FROM OpportunityContactRoles WHERE IsPrimary = TRUE) FROM Opportunity"
    (row,) = salesforce.query(under)["records"]
    assert row["OpportunityContactRoles"]["records"][0]["ContactId"] == anna

    start = datetime.fromtimestamp(twin.clock.time(), UTC)
    assert salesforce.OpportunityContactRole.delete(id) == 204
    twin.clock.sleep(120)
    left = salesforce.query_all("SELECT Id FROM OpportunityContactRole", include_deleted=True)["records"]
    assert [row["Id"] for row in left] == [other]
    gone = salesforce.OpportunityContactRole.deleted(start - timedelta(minutes=1), start + timedelta(minutes=2))
    assert [row["id"] for row in gone["deletedRecords"]] == [id]
    with pytest.raises(SalesforceResourceNotFound):
        salesforce.OpportunityContactRole.delete(id)


def test_roles_and_prospects_in_collections(twin: SalesforceTwin, salesforce: Any) -> None:
    """salesforce.md, sections 3.5 and 7.4: through `restful`, a failed row beside a good one."""
    deal, contact = twin.person.add_record(Name="Storgatan 1"), twin.person.add_contact()
    rows = [TYPED | {"OpportunityId": deal, "ContactId": contact}, TYPED | {"OpportunityId": contact}]
    made: Any = salesforce.restful("composite/sobjects", method="POST", json={"records": rows})
    gone: Any = salesforce.restful("composite/sobjects", params={"ids": made[0]["id"]}, method="DELETE")
    prospect = salesforce.Prospect__c.create({"Opportunity__c": deal, "Contact__c": contact})

    assert [row["success"] for row in made] == [True, False]
    assert gone[0]["success"]
    assert twin.person.roles_of(deal) == {}
    assert twin.person.record(prospect["id"])["Contact__c"] == contact


def test_a_duplicate_and_a_bad_address(twin: SalesforceTwin, salesforce: Any) -> None:
    """salesforce.md traps 8 and 29: the client hands the error on as it came."""
    twin.switch(duplicate_rules=(DuplicateRule(object="Contact", fields=("Email",)),))
    first = twin.person.add_contact(Email="b@x.test")

    with pytest.raises(SalesforceMalformedRequest) as double:
        salesforce.Contact.create({"LastName": "Berg", "Email": "b@x.test"})
    with pytest.raises(SalesforceMalformedRequest) as bad:
        salesforce.Contact.create({"LastName": "Berg", "Email": "b@x"})

    doubled: Any = double.value.content
    refused: Any = bad.value.content
    matches = doubled[0]["duplicateResut"]["matchResults"][0]["matchRecords"]
    assert [match["record"]["Id"] for match in matches] == [first]
    assert refused[0]["errorCode"] == "INVALID_EMAIL_ADDRESS"
