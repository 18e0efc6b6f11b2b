"""Who is in a deal: accounts, contacts, and the roles of contacts in opportunities (salesforce.md, 7.2 and 7.3).

Person accounts are not here: their fields exist only in orgs that switched them on.
"""

from __future__ import annotations

from .fields import Field
from .kinds import ObjectKind, kept

ROLE_NAME = "OpportunityContactRole"


def account_id(children: str) -> Field:
    return Field(
        name="AccountId",
        type="reference",
        reference_to=("Account",),
        relationship="Account",
        children=children,
        on_delete="cascade",
    )


def _address(prefix: str) -> tuple[Field, ...]:
    """The parts are written, the whole is read (section 8.2)."""
    whole = f"{prefix}Address"
    lengths = {"City": 40, "State": 80, "PostalCode": 20, "Country": 80}
    parts = [Field(name=f"{prefix}{part}", length=length, compound=whole) for part, length in lengths.items()]
    street = Field(name=f"{prefix}Street", type="textarea", compound=whole)
    return (street, *parts, kept(whole, "address", nillable=True))


ACCOUNT = ObjectKind(
    name="Account",
    label="Account",
    prefix="001",
    mergeable=True,
    currency=True,
    etag=True,
    compounds=("BillingAddress",),
    fields=(
        Field(name="Name", nillable=False),
        Field(name="ParentId", type="reference", reference_to=("Account",), relationship="Parent"),
        Field(name="Type", type="picklist", values=("Prospect", "Customer", "Partner", "Other")),
        Field(name="Industry", type="picklist", values=("Banking", "Construction", "Real Estate", "Other")),
        Field(name="Phone", type="phone", length=40),
        Field(name="Website", type="url"),
        *_address("Billing"),
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
    compounds=("Name", "MailingAddress"),
    fields=(
        Field(name="LastName", length=80, nillable=False, compound="Name"),
        Field(name="FirstName", length=40, compound="Name"),
        kept("Name", "string", length=121),
        account_id("Contacts"),
        Field(name="Email", type="email", length=80),
        Field(name="Phone", type="phone", length=40),
        Field(name="MobilePhone", type="phone", length=40),
        Field(name="Title", length=128),
        Field(name="Department", length=80),
        *_address("Mailing"),
        Field(name="HasOptedOutOfEmail", type="boolean", default=False, nillable=False),
        Field(name="DoNotCall", type="boolean", default=False, nillable=False),
        Field(name="Description", type="textarea", length=32_000),
    ),
)
ROLE = ObjectKind(
    name=ROLE_NAME,
    label="Opportunity Contact Role",
    prefix="00K",
    owned=False,
    currency=True,
    traceless=True,
    fields=(
        Field(
            name="OpportunityId",
            type="reference",
            reference_to=("Opportunity",),
            relationship="Opportunity",
            children="OpportunityContactRoles",
            nillable=False,
            updateable=False,
            on_delete="cascade",
        ),
        Field(
            name="ContactId",
            type="reference",
            reference_to=("Contact",),
            relationship="Contact",
            children="OpportunityContactRoles",
            nillable=False,
            on_delete="keep",
        ),
        Field(
            name="Role",
            type="picklist",
            length=40,
            values=(
                "Business User", "Decision Maker", "Economic Buyer", "Economic Decision Maker", "Evaluator",
                "Executive Sponsor", "Influencer", "Technical Buyer", "Other",
            ),
        ),
        Field(name="IsPrimary", type="boolean", default=False, nillable=False),
    ),
)  # fmt: skip
