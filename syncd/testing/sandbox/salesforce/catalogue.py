"""The deals of a fresh org (salesforce.md, sections 7.1 and 7.4), the objects an admin may add, and the list of all."""

from __future__ import annotations

from .definitions import ENTITY_DEFINITION, FIELD_DEFINITION
from .fields import Field
from .furniture import ASSIGNMENT, CUSTOM_FIELD, FIELD_PERMISSIONS, ORGANIZATION, PERMISSION_SET, STAGE, USER
from .kinds import ObjectKind, kept
from .parties import ACCOUNT, CONTACT, ROLE, account_id


def _lookup(object: str) -> Field:
    return Field(
        name=f"{object}__c",
        type="reference",
        reference_to=(object,),
        relationship=f"{object}__r",
        children="Investors__r",
        label=object,
    )


OPPORTUNITY = ObjectKind(
    name="Opportunity",
    label="Opportunity",
    prefix="006",
    currency=True,
    fields=(
        Field(name="Name", length=120, nillable=False),
        account_id("Opportunities"),
        Field(
            name="ContactId",
            type="reference",
            reference_to=("Contact",),
            relationship="Contact",
            updateable=False,
            derived=True,
        ),
        Field(name="Amount", type="currency"),
        Field(name="StageName", type="picklist", nillable=False),
        Field(name="CloseDate", type="date", nillable=False),
        Field(name="Probability", type="percent", precision=3, scale=0, defaulted=True),
        Field(
            name="ForecastCategoryName",
            type="picklist",
            values=("Omitted", "Pipeline", "Best Case", "Commit", "Closed"),
            defaulted=True,
        ),
        Field(name="Type", type="picklist", values=("Existing Business", "New Business")),
        Field(name="LeadSource", type="picklist", values=("Web", "Phone Inquiry", "Partner Referral", "Other")),
        Field(name="NextStep"),
        Field(name="Description", type="textarea", length=32_000),
        kept("IsClosed", "boolean"),
        kept("IsWon", "boolean"),
        kept("HasOpportunityLineItem", "boolean"),
    ),
)
DEAL = ObjectKind(
    name="Deal__c",
    label="Deal",
    prefix="a01",
    currency=True,
    fields=(
        Field(name="Name", length=80),
        Field(
            name="Account__c", type="reference", reference_to=("Account",), relationship="Account__r", label="Account"
        ),
        Field(name="Amount__c", type="currency", label="Amount"),
        Field(
            name="Stage__c",
            type="picklist",
            values=("Lead", "Negotiation", "Signed", "Lost"),
            restricted=True,
            label="Stage",
        ),
        Field(name="Close_Date__c", type="date", label="Close Date"),
        Field(name="Confidential__c", type="boolean", default=False, nillable=False, label="Confidential"),
        Field(name="Notes__c", type="textarea", length=32_768, label="Notes"),
    ),
)
PROSPECT = ObjectKind(
    name="Prospect__c",
    label="Prospect",
    prefix="a02",
    owned=False,
    currency=True,
    fields=(
        Field(name="Name", length=80),
        Field(
            name="Opportunity__c",
            type="reference",
            reference_to=("Opportunity",),
            relationship="Opportunity__r",
            children="Prospects__r",
            nillable=False,
            updateable=False,
            on_delete="cascade",
            label="Opportunity",
        ),
        Field(
            name="Contact__c",
            type="reference",
            reference_to=("Contact",),
            relationship="Contact__r",
            children="Prospects__r",
            label="Contact",
        ),
        Field(
            name="Account__c",
            type="reference",
            reference_to=("Account",),
            relationship="Account__r",
            children="Prospects__r",
            on_delete="restrict",
            label="Account",
        ),
        Field(
            name="Status__c",
            type="picklist",
            values=("New", "Contacted", "Interested", "Bidding", "Declined"),
            restricted=True,
            label="Status",
        ),
        Field(name="Bid__c", type="currency", label="Bid"),
        Field(name="Notes__c", type="textarea", length=32_768, label="Notes"),
    ),
)
"""Not in a fresh org: a prospect as a record of its own, a detail of its opportunity. An admin adds it."""

INVESTOR = ObjectKind(
    name="Investor__c",
    label="Investor",
    prefix="a03",
    currency=True,
    fields=(
        kept("Name", "string", length=80, auto_number="I-"),
        _lookup("Opportunity"),
        _lookup("Contact"),
        _lookup("Account"),
        Field(
            name="Classification__c",
            type="picklist",
            values=("Not contacted", "Contacted", "Interested", "Not interested", "Bidder"),
            restricted=True,
            label="Classification",
        ),
        Field(name="Notes__c", type="textarea", length=32_768, label="Notes"),
    ),
)
"""Not in a fresh org either: a record of its own, with lookups that may be empty and are cleared. An admin adds it."""

OBJECTS = (
    OPPORTUNITY, ACCOUNT, CONTACT, ROLE, DEAL, STAGE, USER, ORGANIZATION,
    PERMISSION_SET, FIELD_PERMISSIONS, ASSIGNMENT, CUSTOM_FIELD, ENTITY_DEFINITION, FIELD_DEFINITION,
)  # fmt: skip
