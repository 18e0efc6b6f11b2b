"""The business objects of a fresh org (salesforce.md, section 7), and the list of all that there are.

OpportunityContactRole is not here yet: its hard deletes and its primary rule want a module of their own.
"""

from __future__ import annotations

from .fields import Field
from .furniture import ASSIGNMENT, CUSTOM_FIELD, FIELD_PERMISSIONS, ORGANIZATION, PERMISSION_SET, STAGE, USER
from .kinds import ObjectKind, kept


def _account_id() -> Field:
    return Field(name="AccountId", type="reference", reference_to=("Account",), relationship="Account", cascades=True)


OPPORTUNITY = ObjectKind(
    name="Opportunity",
    label="Opportunity",
    prefix="006",
    currency=True,
    fields=(
        Field(name="Name", length=120, nillable=False),
        _account_id(),
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
ACCOUNT = ObjectKind(
    name="Account",
    label="Account",
    prefix="001",
    mergeable=True,
    currency=True,
    etag=True,
    fields=(
        Field(name="Name", nillable=False),
        Field(name="ParentId", type="reference", reference_to=("Account",), relationship="Parent"),
        Field(name="Type", type="picklist", values=("Prospect", "Customer", "Partner", "Other")),
        Field(name="Industry", type="picklist", values=("Banking", "Construction", "Real Estate", "Other")),
        Field(name="Phone", type="phone", length=40),
        Field(name="Website", type="url"),
        Field(name="BillingCity", length=40),
        Field(name="BillingCountry", length=80),
        Field(name="NumberOfEmployees", type="int", precision=8, scale=0),
        Field(name="Description", type="textarea", length=32_000),
    ),
)
CONTACT = ObjectKind(
    name="Contact",
    label="Contact",
    prefix="003",
    mergeable=True,
    currency=True,
    fields=(
        Field(name="LastName", length=80, nillable=False),
        Field(name="FirstName", length=40),
        kept("Name", "string", length=121),
        _account_id(),
        Field(name="Email", type="email", length=80),
        Field(name="Phone", type="phone", length=40),
        Field(name="MobilePhone", type="phone", length=40),
        Field(name="Title", length=128),
        Field(name="MailingCity", length=40),
        Field(name="MailingCountry", length=80),
        Field(name="Description", type="textarea", length=32_000),
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
OBJECTS = (
    OPPORTUNITY, ACCOUNT, CONTACT, DEAL, STAGE, USER, ORGANIZATION,
    PERMISSION_SET, FIELD_PERMISSIONS, ASSIGNMENT, CUSTOM_FIELD,
)  # fmt: skip
