"""Contact roles: one primary per opportunity, and what else ties them to it (salesforce.md, sections 7.1 and 7.2).

Every function does nothing for a row of another object, so that writers need not ask.
"""

from __future__ import annotations

from . import rules
from .org import Author, Org, audit
from .parties import ROLE_NAME
from .refusal import Refusal
from .table import Table, Values


def check_parents(org: Org, table: Table, values: Values, author: Author) -> None:
    """Writing a role locks its opportunity and that one's account; both parents must be shared with the writer."""
    if table.name != ROLE_NAME or not author.api:
        return
    opportunity = org.row(values["OpportunityId"])
    for id in (values["OpportunityId"], opportunity.get("AccountId") if opportunity else None):
        if id is not None:
            rules.take_lock(org, id)
    opportunities, contacts = org.table("Opportunity"), org.table("Contact")
    hidden = values["OpportunityId"] in opportunities.unshared or values["ContactId"] in contacts.unshared
    if hidden or values["OpportunityId"] in org.approvals:
        raise Refusal(
            "INSUFFICIENT_ACCESS_ON_CROSS_REFERENCE_ENTITY", "insufficient access rights on cross-reference id"
        )


def settle(org: Org, table: Table, id: str, author: Author) -> None:
    """After a role was written: a new primary clears the old one, whose stamps move though nobody wrote it."""
    if table.name != ROLE_NAME:
        return
    role = table.rows[id]
    if role["IsPrimary"]:
        for other in _of(table, role["OpportunityId"]):
            if other["IsPrimary"] and other["Id"] != id:
                stamp = org.stamp()
                moved = {"SystemModstamp": stamp, "LastModifiedDate": stamp, "LastModifiedById": author.user_id}
                table.put(other["Id"], other | moved | {"IsPrimary": False})
    follow(org, table, role)


def follow(org: Org, table: Table, role: Values) -> None:
    """Opportunity.ContactId is the primary role's contact; the opportunity's stamps do not move (section 7.1)."""
    if table.name != ROLE_NAME:
        return
    opportunities = org.table("Opportunity")
    old = opportunities.rows.get(role["OpportunityId"])
    if old is None:
        return
    contact = next((it["ContactId"] for it in _of(table, role["OpportunityId"]) if it["IsPrimary"]), None)
    if old["IsDeleted"] or old.get("ContactId") == contact:
        return  # a deleted opportunity shows what it showed
    values = {name: value for name, value in old.items() if name != "ContactId"}
    opportunities.put(old["Id"], values if contact is None else values | {"ContactId": contact})


def come_back(org: Org, table: Table, id: str) -> None:
    """With its parent from the Recycle Bin, as primary only if no other is by now."""
    if table.name != ROLE_NAME:
        return
    role = table.rows[id]
    if role["IsPrimary"] and sum(it["IsPrimary"] for it in _of(table, role["OpportunityId"])) > 1:
        table.put(id, role | {"IsPrimary": False})
    follow(org, table, role)


def first(org: Org, opportunity: str, author: Author) -> None:
    """`ContactId` on the create of an opportunity makes its primary role (section 7.1)."""
    contact = org.table("Opportunity").rows[opportunity].get("ContactId")
    if contact is None:
        return
    table = org.table(ROLE_NAME)
    id = table.mint.new_id()
    facts = {**table.blank, "OpportunityId": opportunity, "ContactId": contact, "IsPrimary": True}
    table.put(id, facts | audit(id, org.stamp(), author.user_id))


def of_opportunity(org: Org, opportunity: str) -> list[Values]:
    """The live ones, by id."""
    return sorted(_of(org.table(ROLE_NAME), opportunity), key=lambda role: str(role["Id"]))


def demand_customizable(org: Org, table: Table) -> None:
    """Not every edition lets an admin add fields to roles (section 14)."""
    if table.name == ROLE_NAME and not org.switches.role_custom_fields:
        raise Refusal("INVALID_FIELD", f"{ROLE_NAME} does not support custom fields", fields=["FullName"])


def _of(table: Table, opportunity: str) -> list[Values]:
    return [table.rows[id] for id in table.ties["OpportunityId"].holders(opportunity)]
