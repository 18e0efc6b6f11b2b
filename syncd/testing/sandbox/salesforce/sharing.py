"""Which records the API user may not see at all, by what they hang on (salesforce.md, section 7.3; trap 18)."""

from __future__ import annotations

from .org import Org
from .parties import ROLE_NAME
from .table import Table


def share(org: Org, table: Table, id: str, *, visible: bool) -> None:
    """An opportunity takes its roles along: they have no sharing of their own."""
    (table.unshared.discard if visible else table.unshared.add)(id)
    if table.name == "Opportunity":
        roles = org.table(ROLE_NAME)
        for role in [role for role, values in roles.rows.items() if values["OpportunityId"] == id]:
            share(org, roles, role, visible=visible)


def settle(org: Org, table: Table, id: str) -> None:
    """After a row was written: a role is seen with its opportunity, a contact without an account by its owner."""
    values = table.rows[id]
    if table.name == ROLE_NAME:
        if values["OpportunityId"] in org.table("Opportunity").unshared:
            table.unshared.add(id)
    elif table.name == "Contact" and org.switches.private_contacts:
        private = values.get("AccountId") is None and values["OwnerId"] != org.api_user
        (table.unshared.add if private else table.unshared.discard)(id)
