"""The real hubspot-api-client 12 against the twin, without a socket (hubspot.md, sections 10 and 13)."""

from __future__ import annotations

import importlib
import json
from typing import Any

import hubspot
import pytest
import urllib3
from hubspot.crm import deals as sdk
from hubspot.crm.deals.exceptions import ApiException, NotFoundException, UnauthorizedException

from syncd.testing.clock import VirtualClock
from syncd.testing.sandbox.hubspot import App, HubSpotTwin, Lag, Switches
from syncd.testing.sandbox.mount_urllib3 import TwinPool
from syncd.testing.sandbox.wire import Fault, FaultKind, Faulty

from .hubspot_sdk import HOST, connect, model, strangers

DEAL = {"dealname": "Storgatan 1", "dealstage": "qualifiedtobuy", "pipeline": "default"}


@pytest.fixture
def twin() -> HubSpotTwin:
    twin = HubSpotTwin(VirtualClock(), Switches(search_lag=Lag(typical_s=0)))
    twin.person.add_property("propstreet_id", unique=True)
    return twin


@pytest.fixture
def crm(twin: HubSpotTwin) -> Any:
    return connect(twin).crm


def test_installing_it_takes_one_line(twin: HubSpotTwin) -> None:
    api = hubspot.HubSpot(access_token="pat-1", host=HOST, retry=False).crm.deals.basic_api
    api.api_client.rest_client.pool_manager = TwinPool(twin)

    made = api.create(sdk.SimplePublicObjectInputForCreate(properties=DEAL, associations=[]))

    assert made.properties["dealname"] == "Storgatan 1"
    assert api.get_by_id(made.id, properties=["dealname"], archived=False).id == made.id


def test_it_stands_in_for_any_pool_manager(twin: HubSpotTwin) -> None:
    """Query fields, json bodies, streaming and headers work as urllib3's own."""
    pool = TwinPool(twin)
    headers = {"Authorization": "Bearer x", "Content-Type": "application/json"}

    made = pool.request("POST", f"{HOST}/crm/v3/objects/deals", json={"properties": DEAL}, headers=headers)
    raw = pool.request(
        "GET", f"{HOST}/crm/v3/objects/deals", fields={"limit": "5"}, headers=headers, preload_content=False
    )

    assert (made.status, made.json()["archived"]) == (201, False)
    assert [row["id"] for row in json.loads(b"".join(raw.stream(64)))["results"]] == [made.json()["id"]]
    assert raw.headers["date"] == raw.headers["Date"]
    assert raw.data == b""
    pool.clear()


def test_a_life_of_a_deal(crm: Any) -> None:
    basic = crm.deals.basic_api
    made = basic.create(sdk.SimplePublicObjectInputForCreate(properties=DEAL, associations=[]))
    changed = basic.update(made.id, sdk.SimplePublicObjectInput(properties={"amount": "5.50"}))

    page = basic.get_page(limit=10, properties=["amount"], archived=False)
    basic.archive(made.id)
    archived = basic.get_page(limit=10, archived=True).results

    assert changed.properties["amount"] == "5.5"
    assert [row.properties for row in page.results] == [{"amount": "5.5"}]
    assert page.paging is None
    assert [(row.id, row.archived) for row in archived] == [(made.id, True)]


def test_an_upsert_with_a_bad_row(crm: Any) -> None:
    """hubspot.md trap 1: 207 with trace ids decodes into the model that has errors."""
    inputs = [
        sdk.SimplePublicObjectBatchInputUpsert(
            id=f"PS-{n}", id_property="propstreet_id", object_write_trace_id=f"op-{n}", properties=properties
        )
        for n, properties in enumerate([DEAL, DEAL | {"amount": "x"}])
    ]

    answer = crm.deals.batch_api.upsert(sdk.BatchInputSimplePublicObjectBatchInputUpsert(inputs=inputs))

    assert [(row.new, row.properties["propstreet_id"]) for row in answer.results] == [(True, "PS-0")]
    assert (answer.num_errors, answer.errors[0].category) == (1, "VALIDATION_ERROR")
    assert answer.errors[0].context["objectWriteTraceId"] == ["op-1"]
    assert answer.errors[0].errors[0].code == "INVALID_INTEGER"


def test_search_and_batch_read(crm: Any, twin: HubSpotTwin) -> None:
    ids = [twin.person.add_deal(dealname=f"Deal {n}", amount=str(n)) for n in range(3)]
    window = {"propertyName": "amount", "operator": "GTE", "value": "1"}
    body = {"filterGroups": [{"filters": [window]}], "sorts": ["hs_object_id"], "limit": 1, "properties": ["amount"]}

    found = crm.deals.search_api.do_search(body)
    read = crm.deals.batch_api.read({"inputs": [{"id": ids[0]}, {"id": "999"}], "properties": ["amount"]})

    assert (found.total, found.results[0].id, found.paging.next.after) == (2, ids[1], "1")
    assert [row.properties for row in read.results] == [{"amount": "0"}]
    assert read.errors[0].context["ids"] == ["999"]


def test_definitions(crm: Any) -> None:
    created = crm.properties.core_api.create(
        "deals",
        importlib.import_module("hubspot.crm.properties").PropertyCreate(
            name="stamp",
            label="Stamp",
            type="string",
            field_type="text",
            group_name="dealinformation",
            has_unique_value=True,
        ),
    )
    (pipeline,) = crm.pipelines.pipelines_api.get_all("deals").results

    assert created.has_unique_value is True
    assert "stamp" in [it.name for it in crm.properties.core_api.get_all("deals").results]
    assert (pipeline.id, len(pipeline.stages)) == ("default", 7)
    assert [it.email for it in crm.owners.owners_api.get_page().results] == ["anna@broker.test", "bo@broker.test"]


def test_raw_answers(crm: Any, twin: HubSpotTwin) -> None:
    """hubspot.md, section 1: `_preload_content=False` gives urllib3's response, errors included."""
    twin.person.add_deal(dealname="x")

    raw = crm.deals.basic_api.get_page(limit=5, _preload_content=False, _request_timeout=(3, 30))

    assert (raw.status, len(json.loads(raw.data)["results"])) == (200, 1)
    assert "X-HubSpot-RateLimit-Remaining" in raw.headers
    with pytest.raises(NotFoundException) as caught:
        crm.deals.basic_api.get_by_id("999", _preload_content=False)
    assert json.loads(caught.value.body)["category"] == "OBJECT_NOT_FOUND"


def test_a_merge(crm: Any, twin: HubSpotTwin) -> None:
    first, second = twin.person.add_deal(dealname="a"), twin.person.add_deal(dealname="b")

    survivor = crm.deals.basic_api.merge(sdk.PublicMergeInput(primary_object_id=first, object_id_to_merge=second))

    assert crm.deals.basic_api.get_by_id(second).id == survivor.id != second


def test_errors_are_the_sdks_own(twin: HubSpotTwin) -> None:
    """hubspot.md, section 10.4."""
    twin.switch(apps={"pat-1": App(scopes=frozenset())})

    with pytest.raises(UnauthorizedException):
        connect(twin, "wrong").crm.deals.basic_api.get_page()
    with pytest.raises(ApiException) as caught:
        connect(twin).crm.deals.basic_api.get_page()
    assert (caught.value.status, "MISSING_SCOPES" in caught.value.body) == (403, True)


@pytest.mark.parametrize(
    ("kind", "expected", "landed"),
    [
        (FaultKind.TIMEOUT_BEFORE, urllib3.exceptions.ReadTimeoutError, False),
        (FaultKind.TIMEOUT_AFTER, urllib3.exceptions.ReadTimeoutError, True),
        (FaultKind.RESET_AFTER, urllib3.exceptions.ProtocolError, True),
        (FaultKind.REFUSED, urllib3.exceptions.NewConnectionError, False),
    ],
)
def test_troubles_of_the_line(twin: HubSpotTwin, kind: FaultKind, expected: type[Exception], landed: bool) -> None:
    """hubspot.md, section 10.3: with `retry=False` urllib3's bare errors come through, and nothing is repeated."""
    line = Faulty(twin)
    line.plan(Fault(kind=kind))

    with pytest.raises(expected):
        connect(line).crm.deals.basic_api.create({"properties": DEAL})

    assert landed is (len(twin.journal) == 1)
    assert len(line.requests) == 1


def test_a_proxys_page_is_not_an_answer(twin: HubSpotTwin) -> None:
    """hubspot.md, section 10.5: the SDK makes an empty model of it; raw, it shows what it is."""
    line = Faulty(twin)
    line.plan(Fault(kind=FaultKind.HTML_200))

    raw = connect(line).crm.deals.basic_api.get_page(_preload_content=False)

    assert raw.headers["content-type"] == "text/html"


def test_every_key_of_an_answer_is_one_the_sdk_knows(twin: HubSpotTwin) -> None:
    """hubspot.md, section 13: walk SDK 12's own tables over the twin's raw answers.

    `url` is known to be dropped by the SDK (10.5). Nothing that a model requires may be missing.
    """
    ids = [twin.person.add_deal(dealname=f"Deal {n}") for n in range(3)]
    api = connect(twin).crm
    read = {"inputs": [{"id": ids[0]}], "propertiesWithHistory": ["dealname"]}
    upserted = {"inputs": [{"id": "PS-1", "idProperty": "propstreet_id", "properties": DEAL}]}
    paged = "ForwardPaging"
    answers = [
        (f"deals.CollectionResponseSimplePublicObjectWithAssociations{paged}", api.deals.basic_api.get_page, (), 2),
        ("deals.SimplePublicObjectWithAssociations", api.deals.basic_api.get_by_id, (ids[0],), None),
        ("deals.BatchResponseSimplePublicObject", api.deals.batch_api.read, (read,), None),
        ("deals.BatchResponseSimplePublicUpsertObject", api.deals.batch_api.upsert, (upserted,), None),
        (f"deals.CollectionResponseWithTotalSimplePublicObject{paged}", api.deals.search_api.do_search, ({},), None),
        ("properties.CollectionResponsePropertyNoPaging", api.properties.core_api.get_all, ("deals",), None),
        ("pipelines.CollectionResponsePipelineNoPaging", api.pipelines.pipelines_api.get_all, ("deals",), None),
        (f"owners.CollectionResponsePublicOwner{paged}", api.owners.owners_api.get_page, (), 1),
    ]

    for name, call, args, limit in answers:
        shape = model(name)
        raw = call(*args, _preload_content=False, **({"limit": limit} if limit else {}))
        assert list(strangers(json.loads(raw.data), shape.__name__, shape)) == []
