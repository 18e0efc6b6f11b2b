"""A bare client of the Salesforce twin for its tests: no SDK, so that what is checked is the wire."""

from __future__ import annotations

from typing import Any
from urllib.parse import quote_plus

import msgspec

from syncd.testing.clock import VirtualClock
from syncd.testing.sandbox.salesforce import SalesforceTwin, Switches
from syncd.testing.sandbox.wire import Request, Response

BASE = "/services/data/v67.0"
OPPORTUNITIES = "/sobjects/Opportunity"
DEAL = {"Name": "Storgatan 1", "StageName": "Prospecting", "CloseDate": "2026-12-31"}
KEY = "Propstreet_Id__c"


class Client:
    """Talks to a twin that has the external id field and a session."""

    def __init__(self, **switches: Any) -> None:
        self.clock = VirtualClock()
        self.twin = SalesforceTwin(self.clock, Switches(**switches))
        self.twin.person.add_field(KEY, unique=True, external_id=True, case_sensitive=True, length=64)
        self.person = self.twin.person
        self.token = self.twin.open_session()

    def send(self, method: str, path: str, body: Any = None, **headers: str) -> Response:
        """`path` is what follows the version, or a whole one."""
        content = body if isinstance(body, bytes) else b"" if body is None else msgspec.json.encode(body)
        sent = {"authorization": f"Bearer {self.token}", "host": "acme.my.salesforce.com"}
        sent |= {name.replace("_", "-").lower(): value for name, value in headers.items()}
        target = path if path.startswith(("/services", "/id")) else BASE + path
        return self.twin(Request(method, target, sent, content))

    def ask(self, method: str, path: str, body: Any = None, *, status: int = 200, **headers: str) -> Any:
        """The decoded answer, which must have this status."""
        response = self.send(method, path, body, **headers)
        assert response.status == status, response.body
        return msgspec.json.decode(response.body) if response.body else None

    def refused(self, method: str, path: str, body: Any = None, *, status: int = 400, **headers: str) -> str:
        """The errorCode of a call that is refused."""
        return str(self.ask(method, path, body, status=status, **headers)[0]["errorCode"])

    def create(self, **fields: Any) -> str:
        """An opportunity made through the API."""
        return str(self.ask("POST", f"{OPPORTUNITIES}/", DEAL | fields, status=201)["id"])

    def write(self, id: str, *, status: int = 204, **fields: Any) -> Any:
        return self.ask("PATCH", f"{OPPORTUNITIES}/{id}", fields, status=status)

    def read(self, id: str, *names: str) -> Any:
        row = self.ask("GET", f"{OPPORTUNITIES}/{id}?fields={','.join(names)}")
        return {name: row[name] for name in names}

    def query(self, soql: str, *, verb: str = "query", batch: int = 2000) -> Any:
        options = f"batchSize={batch}"
        return self.ask("GET", f"/{verb}/?q={quote_plus(soql)}", sforce_query_options=options)

    def names(self, where: str, *, verb: str = "query") -> list[str]:
        """Opportunities by name."""
        rows = self.query(f"SELECT Name FROM Opportunity {where}", verb=verb)["records"]
        return [row["Name"] for row in rows]

    def malformed(self, soql: str) -> tuple[str, str]:
        """errorCode and the last line of the message."""
        error = self.ask("GET", f"/query/?q={quote_plus(soql)}", status=400)[0]
        return error["errorCode"], error["message"].rsplit("\n", 1)[-1]

    def upsert(self, *rows: dict[str, Any], status: int = 200, all_or_none: bool = False) -> Any:
        """A collection, keyed by the external id."""
        records = [{"attributes": {"type": "Opportunity"}} | DEAL | row for row in rows]
        body = {"allOrNone": all_or_none, "records": records}
        return self.ask("PATCH", f"/composite/sobjects/Opportunity/{KEY}", body, status=status)


def codes(rows: Any) -> list[str | None]:
    """Per row of a collection's answer, what was wrong."""
    return [row["errors"][0]["statusCode"] if row["errors"] else None for row in rows]
