"""The real simple-salesforce 1.12 against the twin, in process and over a socket (salesforce.md, section 2)."""

from __future__ import annotations

import io
from collections.abc import Iterator
from datetime import UTC, datetime
from decimal import Decimal
from functools import lru_cache
from typing import Any
from urllib.parse import urlsplit, urlunsplit

import jwt
import pytest
import requests
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from requests.adapters import BaseAdapter, HTTPAdapter
from simple_salesforce.api import Salesforce
from simple_salesforce.exceptions import (
    SalesforceAuthenticationFailed,
    SalesforceExpiredSession,
    SalesforceGeneralError,
    SalesforceMoreThanOneRecord,
    SalesforceRefusedRequest,
    SalesforceResourceNotFound,
)
from simple_salesforce.format import format_external_id, format_soql
from simple_salesforce.login import SalesforceLogin

from syncd.testing.clock import VirtualClock
from syncd.testing.sandbox.mount_requests import TwinAdapter
from syncd.testing.sandbox.salesforce import App, SalesforceTwin, Switches, faults
from syncd.testing.sandbox.serve import serve
from syncd.testing.sandbox.wire import Fault, FaultKind, Faulty, Request, Response

DEAL = {"Name": "Storgatan 1", "StageName": "Prospecting", "CloseDate": "2026-12-31"}
KEY = "Propstreet_Id__c"
START = datetime(2020, 1, 1, tzinfo=UTC)
WRONG_KEY = "a secret that is long enough for a symmetric signature, and no key of the app"


class ToLocal(HTTPAdapter):
    """Answers for https:// hosts by talking plain http to one local origin (section 2.3)."""

    def __init__(self, origin: str) -> None:
        self._to = urlsplit(origin)
        super().__init__()

    def send(self, request: requests.PreparedRequest, *args: Any, **more: Any) -> requests.Response:
        parts = urlsplit(str(request.url))
        request.headers["Host"] = parts.netloc
        request.url = urlunsplit((self._to.scheme, self._to.netloc, parts.path, parts.query, parts.fragment))
        return super().send(request, *args, **more)


def session_on(adapter: BaseAdapter) -> requests.Session:
    session = requests.Session()
    session.trust_env = False
    session.max_redirects = 0
    session.mount("https://", adapter)
    return session


def login(session: requests.Session) -> Any:
    """A client in direct mode. Its objects are attributes made up on the spot, which no type checker follows."""
    token, host = SalesforceLogin(
        session=session, sf_version="67.0", consumer_key="key", consumer_secret="secret", domain="acme.my"
    )
    return Salesforce(session=session, session_id=token, instance=host, version="67.0", parse_float=Decimal)


@pytest.fixture
def twin() -> SalesforceTwin:
    twin = SalesforceTwin(VirtualClock())
    twin.person.add_field(KEY, unique=True, external_id=True, length=64)
    return twin


@pytest.fixture(params=["in process", "over a socket"])
def sf(request: pytest.FixtureRequest, twin: SalesforceTwin) -> Iterator[Any]:
    """The same client by both ways."""
    if request.param == "in process":
        with session_on(TwinAdapter(twin)) as session:
            yield login(session)
        return
    with serve(twin) as served, session_on(ToLocal(served.url)) as session:
        yield login(session)


def test_a_life_of_an_opportunity(sf: Any, twin: SalesforceTwin) -> None:
    made = sf.Opportunity.create(DEAL | {"Amount": 1250000.5})
    assert sf.Opportunity.update(made["id"], {"NextStep": "call"}) == 204
    row = sf.Opportunity.get(made["id"])
    assert sf.Opportunity.delete(made["id"]) == 204

    assert (made["success"], row["Amount"], row["NextStep"]) == (True, 1250000.5, "call")
    assert [entry.verb for entry in twin.journal] == ["create", "update", "delete"]
    with pytest.raises(SalesforceResourceNotFound, match="ENTITY_IS_DELETED"):
        sf.Opportunity.get(made["id"])


def test_an_upsert_with_its_raw_response(sf: Any) -> None:
    """salesforce.md, sections 2.5 and 2.6: 201 then 200, and a key with anything in it."""
    path = format_external_id(KEY, "ps/1 + å%")

    created = sf.Opportunity.upsert(path, DEAL, raw_response=True)
    again = sf.Opportunity.upsert(path, DEAL | {"Amount": 5}, raw_response=True)

    assert (created.status_code, created.json()["created"]) == (201, True)
    assert (again.status_code, again.json()) == (200, created.json() | {"created": False})
    assert created.elapsed.total_seconds() >= 0


def test_queries_page_by_locator(sf: Any, twin: SalesforceTwin) -> None:
    """salesforce.md, section 3.2: query, query_more, query_all, queryAll."""
    ids = twin.person.seed(450)
    twin.person.delete_record(ids[0])
    soql = format_soql("SELECT Id, Amount, Account.Name FROM Opportunity WHERE CreatedDate >= {} ORDER BY Id", START)
    small = {"Sforce-Query-Options": "batchSize=200"}

    first = sf.query(soql, headers=small)
    second = sf.query_more(first["nextRecordsUrl"], identifier_is_url=True, headers=small)
    everything = sf.query_all(soql, include_deleted=True)

    assert (first["totalSize"], first["done"], len(first["records"])) == (449, False, 200)
    assert second["records"][0]["Id"] > first["records"][-1]["Id"]
    assert [row["Id"] for row in everything["records"]] == ids
    assert isinstance(everything["records"][1]["Amount"], Decimal)


def test_collections_and_composite_by_restful(sf: Any) -> None:
    """salesforce.md, sections 3.5 and 3.6."""
    rows = [{"attributes": {"type": "Opportunity"}, KEY: f"ps-{n}", **DEAL} for n in range(3)]
    del rows[2]["CloseDate"]

    upserted = sf.restful(f"composite/sobjects/Opportunity/{KEY}", method="PATCH", json={"records": rows})
    ids = [row["id"] for row in upserted if row["success"]]
    patch = {"method": "PATCH", "referenceId": "r0", "body": {"Amount": 7}}
    patch["url"] = f"/services/data/v67.0/sobjects/Opportunity/{ids[0]}"
    answer = sf.restful("composite", method="POST", json={"compositeRequest": [patch]})
    read = sf.restful("composite/sobjects/Opportunity", params={"ids": ",".join(ids), "fields": "Amount"})
    gone = sf.restful("composite/sobjects", params={"ids": ",".join(ids), "allOrNone": "false"}, method="DELETE")

    assert [row["success"] for row in upserted] == [True, True, False]
    assert upserted[2]["errors"][0]["statusCode"] == "REQUIRED_FIELD_MISSING"
    assert answer["compositeResponse"][0]["httpStatusCode"] == 204
    assert [row["Amount"] for row in read] == [7, None]
    assert [row["success"] for row in gone] == [True, True]


def test_describe_limits_and_deleted(sf: Any, twin: SalesforceTwin) -> None:
    """salesforce.md, sections 3.7 to 3.9."""
    id = twin.person.add_record(Name="Storgatan 1")
    twin.person.delete_record(id)
    now = datetime.fromtimestamp(twin.clock.time(), UTC)
    twin.clock.sleep(120)

    deleted = sf.Opportunity.deleted(now.replace(second=0), now.replace(minute=now.minute + 2))
    fields = {field["name"]: field for field in sf.Opportunity.describe()["fields"]}

    assert [row["id"] for row in deleted["deletedRecords"]] == [id]
    assert (fields[KEY]["unique"], fields[KEY]["externalId"]) == (True, True)
    assert "Opportunity" in [row["name"] for row in sf.describe()["sobjects"]]
    assert sf.limits()["DailyApiRequests"]["Max"] == 15_000
    assert sf.Opportunity.metadata()["objectDescribe"]["keyPrefix"] == "006"
    assert sf.oauth2("userinfo")["organization_id"].startswith("00D")


def test_a_field_by_the_tooling_api(sf: Any) -> None:
    """salesforce.md, section 3.10."""
    metadata = {"label": "Area", "type": "Number", "precision": 12, "scale": 2}

    made = sf.toolingexecute(
        "sobjects/CustomField/", method="POST", data={"FullName": "Opportunity.Area__c", "Metadata": metadata}
    )

    assert made["success"] is True


def test_errors_become_the_library_s_exceptions(sf: Any, twin: SalesforceTwin) -> None:
    """salesforce.md, section 2.7 and trap 35."""
    twin.person.add_field("Ref__c", external_id=True)
    for _ in range(2):
        twin.person.add_record(Name="Twin", Ref__c="same")
    id = twin.person.add_record(Name="Storgatan 1")
    stale = {"If-Unmodified-Since": "Sat, 21 Nov 2015 16:58:14 GMT"}

    with pytest.raises(SalesforceMoreThanOneRecord):
        sf.Opportunity.get_by_custom_id("Ref__c", "same")
    with pytest.raises(SalesforceGeneralError) as caught:
        sf.Opportunity.update(id, {"Amount": 1}, headers=stale)
    twin.switch(busy=True)
    with pytest.raises(SalesforceRefusedRequest, match="REQUEST_LIMIT_EXCEEDED"):
        sf.query("SELECT Id FROM Opportunity")

    assert caught.value.status == 412


def test_an_expired_session_in_direct_mode(sf: Any, twin: SalesforceTwin) -> None:
    """salesforce.md, section 2.4."""
    twin.expire_sessions()

    with pytest.raises(SalesforceExpiredSession):
        sf.query("SELECT Id FROM Opportunity")


def test_the_usage_header_reaches_hooks(sf: Any) -> None:
    """salesforce.md, section 2.8: on row calls and errors too."""
    seen: list[str] = []
    sf.session.hooks["response"].append(lambda response, **_: seen.append(response.headers["Sforce-Limit-Info"]))

    sf.Opportunity.create(DEAL)
    with pytest.raises(SalesforceResourceNotFound):
        sf.Opportunity.get("006000000000000AAA")

    assert seen == ["api-usage=1/15000", "api-usage=2/15000"]


@lru_cache
def key_pair() -> tuple[str, str]:
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    private = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    public = key.public_key().public_bytes(serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo)
    return private.decode(), public.decode()


def test_a_jwt_login_with_its_textual_expiry() -> None:
    """salesforce.md, section 2.2: the signature is checked where the app has a key."""
    private, public = key_pair()
    twin = SalesforceTwin(VirtualClock(), Switches(apps={"key": App(public_key=public)}))
    more: dict[str, Any] = {
        "username": "syncd@acme.test",
        "consumer_key": "key",
        "domain": "login",
        "instance_url": "acme.my",
    }
    other = jwt.encode({"iss": "key", "sub": "x", "aud": "https://login.salesforce.com", "exp": "9"}, WRONG_KEY)

    with session_on(TwinAdapter(twin)) as session:
        _, host = SalesforceLogin(session=session, sf_version="67.0", privatekey=private, **more)
        grant = {"grant_type": "urn:ietf:params:oauth:grant-type:jwt-bearer", "assertion": other}
        forged = session.post("https://acme.my.salesforce.com/services/oauth2/token", data=grant)

    assert host == "acme.my.salesforce.com"
    assert (forged.status_code, forged.json()["error"]) == (400, "invalid_grant")


def test_a_soap_login_is_gone() -> None:
    """salesforce.md trap 6: INVALID_OPERATION from 65.0 on."""
    with (
        session_on(TwinAdapter(SalesforceTwin(VirtualClock()))) as session,
        pytest.raises(SalesforceAuthenticationFailed, match="INVALID_OPERATION"),
    ):
        Salesforce(username="a", password="b", security_token="c", session=session, version="67.0")


@pytest.mark.parametrize(
    ("kind", "error"),
    [
        (FaultKind.TIMEOUT_BEFORE, requests.ReadTimeout),
        (FaultKind.TIMEOUT_AFTER, requests.ReadTimeout),
        (FaultKind.RESET_BEFORE, requests.ConnectionError),
        (FaultKind.RESET_AFTER, requests.ConnectionError),
        (FaultKind.REFUSED, requests.ConnectionError),
    ],
)
def test_line_trouble_becomes_requests_exceptions(
    twin: SalesforceTwin, kind: FaultKind, error: type[Exception]
) -> None:
    """Before means without effect, after means with it."""
    line = Faulty(twin)
    sf = login(session_on(TwinAdapter(line)))
    line.plan(Fault(kind=kind, method="POST"))

    with pytest.raises(error):
        sf.Opportunity.create(DEAL)

    assert len(twin.journal) == (1 if kind.endswith("after") else 0)


def test_a_refusal_is_told_from_a_reset(twin: SalesforceTwin) -> None:
    """As requests over urllib3 does: nothing was sent, and the cause says so."""
    line = Faulty(twin)
    session = session_on(TwinAdapter(line))
    line.plan(Fault(kind=FaultKind.REFUSED), Fault(kind=FaultKind.RESET_BEFORE))

    with pytest.raises(requests.ConnectionError) as refused:
        session.get("https://acme.my.salesforce.com/services/data/")
    with pytest.raises(requests.ConnectionError) as reset:
        session.get("https://acme.my.salesforce.com/services/data/")

    assert isinstance(refused.value, requests.ConnectTimeout) is False
    assert type(refused.value.args[0]).__name__ == "MaxRetryError"
    assert type(reset.value.args[0]).__name__ == "ProtocolError"


def test_edges_answer_with_pages(twin: SalesforceTwin) -> None:
    """salesforce.md trap 40 and trap 4: a redirect is an error when none is followed."""
    line = Faulty(twin)
    sf = login(session_on(TwinAdapter(line)))
    line.plan(faults.EDGE_420, faults.EMPTY_406, faults.BUSY_503, faults.MOVED_302)

    for status in (420, 406, 503):
        with pytest.raises(SalesforceGeneralError) as caught:
            sf.query("SELECT Id FROM Opportunity")
        assert caught.value.status == status
    with pytest.raises(requests.TooManyRedirects):
        sf.Opportunity.create(DEAL)


class Echo:
    name = "echo"

    def __init__(self) -> None:
        self.seen: list[Request] = []

    def __call__(self, request: Request) -> Response:
        self.seen.append(request)
        return Response(200, {"content-type": "text/plain; charset=utf-8", "x-echo": "yes"}, request.body)


@pytest.mark.parametrize("body", [b"bytes", "text", io.BytesIO(b"file"), iter([b"pa", b"rts"])])
def test_any_body_arrives_and_comes_back(body: Any) -> None:
    """Header names arrive in lower case, the target still percent-encoded, and answers stream."""
    echo = Echo()
    session = session_on(TwinAdapter(echo))

    answer = session.post("https://x.test/a%2Fb?q=%C3%A5", data=body, stream=True)

    assert b"".join(answer.iter_content(3)) in (b"bytes", b"text", b"file", b"parts")
    assert (answer.headers["X-Echo"], answer.reason, answer.ok) == ("yes", "Ok", True)
    assert echo.seen[0].target == "/a%2Fb?q=%C3%A5"
    assert echo.seen[0].headers["host"] == "x.test"
