"""A broker's office to test in: one project, some people to offer it to, and short names for the calls."""

from __future__ import annotations

from typing import Any

import msgspec

from tests.sandbox.propstreet_api import Answer, api


class Office:
    """A fresh Propstreet with one project."""

    def __init__(self, **switches: Any) -> None:
        self.api = api(**switches)
        self.twin = self.api.twin
        self.project = self.twin.add_project(name="Kista")
        self.prospects = f"/projects/{self.project}/prospects"

    def switch(self, **switches: Any) -> None:
        self.twin.switches = msgspec.structs.replace(self.twin.switches, **switches)

    def contact(self, name: str = "Astrid", **fields: Any) -> str:
        return self.twin.add_contact(**{"firstName": name, **fields})

    def offer(self, contact: str | None = None, **fields: Any) -> dict[str, Any]:
        """A prospect as the API makes it, of somebody new unless named."""
        answer = self.add({"contactId": contact or self.contact(), **fields})
        assert answer.status == 201
        prospect: dict[str, Any] = answer.json
        return prospect

    def add(self, body: Any, **headers: str) -> Answer:
        return self.api.call("POST", self.prospects, body, **headers)

    def batch(self, *items: Any, **headers: str) -> Answer:
        return self.api.call("POST", f"{self.prospects}:batch", {"items": list(items)}, **headers)

    def patch(self, id: str, body: Any, **headers: str) -> Answer:
        return self.api.call("PATCH", f"{self.prospects}/{id}", body, **headers)

    def delete(self, id: str, **headers: str) -> Answer:
        return self.api.call("DELETE", f"{self.prospects}/{id}", **headers)

    def move(self, id: str, move: str, body: Any = None) -> Answer:
        """remove or contact-person."""
        return self.api.call("POST", f"{self.prospects}/{id}/{move}", body)

    def ids(self, **query: Any) -> list[str]:
        return [row["id"] for row in self.api.scan(self.prospects, **query)]


def ref(id: str, namespace: str = "hubspot") -> dict[str, str]:
    return {"namespace": namespace, "id": id}
