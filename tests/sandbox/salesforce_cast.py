"""An opportunity with people in it, for the tests of contact roles."""

from __future__ import annotations

from .salesforce_client import Client

ROLES = "/sobjects/OpportunityContactRole"


class Cast:
    """An opportunity with two roles, the first of them primary."""

    def __init__(self, client: Client) -> None:
        person = client.person
        self.deal = person.add_record(Name="Storgatan 1")
        self.anna, self.bo = (person.add_contact(LastName=name, Email=f"{name}@x.test") for name in ("Anna", "Bo"))
        self.first = person.add_role(self.deal, self.anna, role="Decision Maker", primary=True)
        self.second = person.add_role(self.deal, self.bo)


def role_ids(client: Client, where: str = "", *, verb: str = "query") -> list[str]:
    rows = client.query(f"SELECT Id FROM OpportunityContactRole {where} ORDER BY Id", verb=verb)["records"]
    return [row["Id"] for row in rows]


def primaries(client: Client, deal: str) -> list[str]:
    return [id for id, role in client.person.roles_of(deal).items() if role["IsPrimary"]]
