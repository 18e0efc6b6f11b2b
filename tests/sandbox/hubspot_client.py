"""A bare client of the HubSpot twin for its tests: no SDK, so that what is checked is the wire."""

from __future__ import annotations

from typing import Any

import msgspec

from syncd.testing.clock import VirtualClock
from syncd.testing.sandbox.hubspot import HubSpotTwin, Lag, Switches
from syncd.testing.sandbox.wire import Request, Response

DEALS = "/crm/v3/objects/deals"
DEAL = {"dealname": "Storgatan 1", "dealstage": "qualifiedtobuy", "pipeline": "default"}


class Client:
    """Talks to a twin that has the property `propstreet_id`; the index lags by nothing unless told to."""

    def __init__(self, token: str = "any", **switches: Any) -> None:
        self.clock = VirtualClock()
        self.twin = HubSpotTwin(self.clock, Switches(**{"search_lag": Lag(typical_s=0), "rate_limit": None} | switches))
        self.twin.person.add_property("propstreet_id", unique=True)
        self.headers = {"authorization": f"Bearer {token}"}

    def send(self, method: str, target: str, body: Any = None) -> Response:
        content = body if isinstance(body, bytes) else b"" if body is None else msgspec.json.encode(body)
        return self.twin(Request(method, target, self.headers, content))

    def ask(self, method: str, target: str, body: Any = None, *, status: int = 200) -> Any:
        """The decoded answer, which must have this status."""
        response = self.send(method, target, body)
        assert response.status == status, response.body
        return msgspec.json.decode(response.body) if response.body else None

    def create(self, **properties: str) -> str:
        """A deal made through the API."""
        return str(self.ask("POST", DEALS, {"properties": DEAL | properties}, status=201)["id"])

    def write(self, id: str, **properties: Any) -> Any:
        """The deal's properties as the answer to a PATCH shows them."""
        return self.ask("PATCH", f"{DEALS}/{id}", {"properties": properties})["properties"]

    def refused(self, id: str, **properties: Any) -> Any:
        """The error body of a PATCH that is refused with 400."""
        return self.ask("PATCH", f"{DEALS}/{id}", {"properties": properties}, status=400)

    def read(self, id: str, *names: str) -> Any:
        return self.ask("GET", f"{DEALS}/{id}?properties={','.join(names)}")["properties"]

    def search(self, *filters: dict[str, Any], status: int = 200, **more: Any) -> Any:
        body = {"filterGroups": [{"filters": filters}]} if filters else {}
        return self.ask("POST", f"{DEALS}/search", body | more, status=status)

    def found(self, *filters: dict[str, Any], **more: Any) -> list[str]:
        return [row["id"] for row in self.search(*filters, **more)["results"]]


def where(name: str, operator: str, value: Any = None, **more: Any) -> dict[str, Any]:
    it = {"propertyName": name, "operator": operator} | more
    return it if value is None else it | {"value": value}


def upsert(*ids: str, traced: bool = True, **properties: str) -> dict[str, Any]:
    """The body of a batch upsert by propstreet_id."""
    inputs = []
    for number, id in enumerate(ids):
        row: dict[str, Any] = {"id": id, "idProperty": "propstreet_id", "properties": DEAL | properties}
        inputs.append(row | ({"objectWriteTraceId": f"op-{number}"} if traced else {}))
    return {"inputs": inputs}


def codes(body: Any) -> list[str]:
    return [error["code"] for error in body["errors"]]


def linked(client: Client, id: str, *, of: str = "deals", to: str = "contacts") -> dict[str, list[int]]:
    """What one record is associated with, and by which type ids, as the API shows it."""
    rows = client.ask("GET", f"/crm/v4/objects/{of}/{id}/associations/{to}")["results"]
    return {str(row["toObjectId"]): [it["typeId"] for it in row["associationTypes"]] for row in rows}


def spec(type_id: int, category: str = "HUBSPOT_DEFINED") -> dict[str, Any]:
    return {"associationCategory": category, "associationTypeId": type_id}
