"""The twin's writes against propstreet.md, sections 6, 8, 9, 10, 13 and 21."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import msgspec
import pytest

from .propstreet_api import Api, api, clock_of

REF = {"namespace": "hubspot", "id": "3344"}
PRICE = {"value": 150, "currency": "SEK", "scale": "millions"}


def made(here: Api, **fields: Any) -> dict[str, Any]:
    answer = here.post({"name": "Kista", **fields})
    assert answer.status == 201
    project: dict[str, Any] = answer.json
    return project


def wrong(answer_to: Any) -> list[str]:
    assert (answer_to.status, answer_to.slug) == (400, "validation-failed")
    return list(answer_to.json["errors"])


def test_create_answers_201_with_location_and_etag() -> None:
    """Section 10.3, SBX; defaults: single, open, draft, scale none."""
    here = api()
    answer = here.post({"name": "Kista", "price": {"value": "150.50", "currency": "SEK"}, "externalRefs": [REF]})

    assert answer.status == 201
    assert answer.headers["Location"] == f"/api/v1/projects/{answer.json['id']}"
    assert answer.headers["ETag"] == answer.json["etag"]
    assert answer.json["price"] == {"value": Decimal("150.50"), "currency": "SEK", "scale": "none"}
    shown = (answer.json["asset"]["type"], answer.json["status"], answer.json["classification"])
    assert shown == ("single", "open", "draft")
    assert here.get(f"/projects/{answer.json['id']}").json == answer.json
    assert here.get("/projects/external/HubSpot/3344").json == answer.json


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("name", ""),
        ("name", "   "),
        ("name", None),
        ("name", 7),
        ("name", "x" * 201),
        ("asset", {"propertyCount": 3}),  # trap 34
        ("asset", {"type": "single", "propertyCount": 3}),
        ("asset", {"type": "tower"}),
        ("asset", {"type": "portfolio", "propertyCount": 2.5}),
        ("asset", None),
        ("exclusivity", "shared"),
        ("mandate", "shared"),
        ("price", {"value": -1, "currency": "SEK"}),
        ("price", {"value": 1}),
        ("price", {"currency": "SEK"}),
        ("price", {"value": 1, "currency": "SEKK"}),
        ("price", {"value": 1, "currency": "SEK", "scale": "dozens"}),
        ("price", {"value": 1, "currency": "SEK", "scale": ["none"]}),
        ("price", {"value": "much", "currency": "SEK"}),
        ("price", {"value": True, "currency": "SEK"}),
        ("price", {"value": "1e99", "currency": "SEK"}),
        ("price", 150),
        ("priceRange", {"min": 2, "max": 1, "currency": "SEK"}),
        ("priceRange", {"currency": "SEK"}),
        ("externalRefs", None),
        ("externalRefs", REF),
        ("externalRefs", [{"namespace": "hubspot"}]),
        ("externalRefs", [{"namespace": "n" * 51, "id": "1"}]),
        ("externalRefs", [{"namespace": "hubspot", "id": "i" * 256}]),
        ("externalRefs", [{"namespace": "hubspot", "id": ""}]),
        ("externalRefs", [{"namespace": "hubspot", "id": "1"}, {"namespace": "HubSpot", "id": "2"}]),
        ("externalRefs", [{"namespace": f"n{i}", "id": "1"} for i in range(51)]),
    ],
)
def test_wrong_values_are_refused_on_create_and_patch(field: str, value: Any) -> None:
    """Sections 10.2 and 13: 400 names the field and nothing is written."""
    here = api()
    before = made(here)

    assert wrong(here.post({"name": "Kista", field: value})) == [field]
    assert wrong(here.patch(before["id"], {field: value})) == [field]
    assert here.scan() == [before]


@pytest.mark.parametrize(
    "field",
    ["status", "classification", "teaser", "id", "etag", "updatedUtc", "transactions", "properties", "esgRating"],
)
def test_fields_that_nobody_writes(field: str) -> None:
    """Section 10.3 and trap 31: status, classification and teaser are never accepted; refused or ignored."""
    here = api()
    before = made(here)
    assert wrong(here.patch(before["id"], {field: "closed"})) == [field]
    assert wrong(here.post({"name": "New", field: "closed"})) == [field]
    here.twin.switches = msgspec.structs.replace(here.twin.switches, unwritable="ignore", noop_bumps=False)

    assert here.patch(before["id"], {field: "closed"}).json == before


def test_name_is_required_and_may_be_200_long() -> None:
    """Section 10.2."""
    here = api()
    assert wrong(here.post({"price": PRICE})) == ["name"]
    assert here.post({"name": "x" * 200}).status == 201


def test_patch_writes_only_what_is_sent() -> None:
    """Section 9: omitted is unchanged, null clears; asset is replaced whole."""
    here = api()
    before = made(here, price=PRICE, exclusivity="exclusive", asset={"type": "portfolio", "propertyCount": 4})
    clock_of(here).advance(1)
    after = here.patch(before["id"], {"exclusivity": None, "asset": {"type": "portfolio"}})

    assert after.status == 200
    assert after.headers["ETag"] == after.json["etag"] != before["etag"]
    assert after.json["price"] == before["price"]
    assert {"exclusivity", "mandate"}.isdisjoint(after.json)
    assert after.json["asset"] == {"type": "portfolio"}
    assert (after.json["createdUtc"], after.json["changeType"]) == (before["createdUtc"], "update")
    assert after.json["updatedUtc"] > before["updatedUtc"]


def test_mandate_and_exclusivity_together_are_422() -> None:
    """Trap 32: echoing a GET body; one of them null is fine, and each alone sets both."""
    here = api()
    id = made(here)["id"]
    clash = here.patch(id, {"mandate": "other", "exclusivity": "other"})
    assert (clash.status, clash.slug) == (422, "exclusivity-conflict")
    assert here.patch(id, {"mandate": "other", "exclusivity": None}).json["exclusivity"] == "other"
    assert here.patch(id, {"exclusivity": "exclusive"}).json["mandate"] == "exclusive"
    here.twin.switches = msgspec.structs.replace(here.twin.switches, mandate="absent")

    assert wrong(here.patch(id, {"mandate": "other"})) == ["mandate"]


def test_price_range_must_contain_price() -> None:
    """Section 10.2 and trap 36: by amount, not by raw value; against what is stored as well."""
    here = api()
    range_ = {"min": "0.1", "max": "0.2", "currency": "SEK", "scale": "billions"}
    id = made(here, price=PRICE, priceRange=range_)["id"]

    assert wrong(here.patch(id, {"price": {**PRICE, "value": 250}})) == ["priceRange"]
    assert wrong(here.patch(id, {"price": {**PRICE, "currency": "EUR"}})) == ["priceRange"]
    assert wrong(here.patch(id, {"priceRange": {**range_, "max": "0.12"}})) == ["priceRange"]
    assert wrong(here.post({"name": "x", "price": {**PRICE, "scale": "none"}, "priceRange": range_})) == ["priceRange"]
    assert here.patch(id, {"price": {**PRICE, "value": 250}, "priceRange": None}).status == 200


def test_price_null_and_price_merge_are_unknown() -> None:
    """Section 10.3: does null clear, is a sent price merged; both ways."""
    here = api(price_null="refused", price_patch="merge")
    id = made(here, price=PRICE)["id"]
    assert wrong(here.patch(id, {"price": None})) == ["price"]
    assert here.patch(id, {"price": {"value": 160}}).json["price"] == {**PRICE, "value": 160}
    here.twin.switches = msgspec.structs.replace(here.twin.switches, price_null="clears", price_patch="replace")

    assert wrong(here.patch(id, {"price": {"value": 170}})) == ["price"]
    assert "price" not in here.patch(id, {"price": None}).json


def test_refs_are_replaced_whole() -> None:
    """Section 13 and trap 21: a ref that is not sent is gone; [] clears; a freed one may be used again."""
    here = api()
    id = made(here, externalRefs=[{"namespace": "salesforce", "id": "1"}, REF])["id"]
    assert here.patch(id, {"externalRefs": [REF]}).json["externalRefs"] == [REF]
    assert here.get("/projects/external/salesforce/1").status == 404
    other = made(here, externalRefs=[{"namespace": "salesforce", "id": "1"}])

    assert here.get("/projects/external/salesforce/1").json["id"] == other["id"]
    assert here.patch(id, {"externalRefs": []}).json["externalRefs"] == []


@pytest.mark.parametrize("status", [409, 400, 422])
def test_ref_of_another_project_is_a_duplicate(status: int) -> None:
    """Section 13: unique in the tenant, namespace in any case, id exactly; its own ref is no duplicate."""
    here = api(duplicate_ref=status)
    id = made(here, externalRefs=[{"namespace": "HubSpot", "id": "a"}])["id"]
    other = made(here)["id"]
    for answer in (
        here.post({"name": "x", "externalRefs": [{"namespace": "hubspot", "id": "a"}]}),
        here.patch(other, {"externalRefs": [{"namespace": "hubspot", "id": "a"}]}),
    ):
        assert (answer.status, answer.slug) == (status, "duplicate-external-ref")

    assert here.patch(other, {"externalRefs": [{"namespace": "hubspot", "id": "A"}]}).status == 200
    assert here.patch(id, {"externalRefs": [{"namespace": "hubspot", "id": "a"}]}).status == 200


@pytest.mark.parametrize(("kept", "status"), [("freed", 201), ("reserved", 409)])
def test_refs_of_a_deleted_project(kept: str, status: int) -> None:
    """Section 21, deleted project refs: freed or reserved; the tombstone shows them either way."""
    here = api(deleted_refs=kept)
    id = made(here, externalRefs=[REF])["id"]
    here.delete(id)

    assert here.post({"name": "Again", "externalRefs": [REF]}).status == status
    tombstone = next(row for row in here.scan(include_deleted="true") if row["id"] == id)
    assert tombstone["externalRefs"] == [REF]


@pytest.mark.parametrize(
    ("stale", "status", "type_"),
    [
        ("412 urn", 412, "urn:propstreet:error:precondition-failed"),
        ("412 help", 412, "/help/precondition-failed"),
        ("409", 409, "https://tools.ietf.org/html/rfc7807"),
    ],
)
def test_stale_if_match(stale: str, status: int, type_: str) -> None:
    """Sections 6 and 21: PATCH and DELETE; nothing is written; the problem lacks `status`, as the guide's does."""
    here = api(stale=stale)
    before = made(here)
    now = here.patch(before["id"], {"name": "Moved"}).json
    for answer in (
        here.patch(before["id"], {"name": "Lost"}, if_match=before["etag"]),
        here.delete(before["id"], if_match=before["etag"]),
    ):
        assert (answer.status, answer.json["type"]) == (status, type_)
        assert answer.headers["content-type"].startswith("application/problem+json")
        assert "status" not in answer.json

    assert here.scan() == [now]
    assert here.patch(before["id"], {"name": "Won"}, if_match=now["etag"]).status == 200


def test_if_match_is_compared_byte_for_byte() -> None:
    """Trap 38: a tag without W/ or quotes is another tag; a missing or blank one is none."""
    here = api()
    project = made(here)
    bare = project["etag"].removeprefix("W/")
    for tag in (bare, bare.strip('"'), "*"):
        assert here.patch(project["id"], {"name": "x"}, if_match=tag).status == 412
    assert here.patch(project["id"], {"name": "x"}, if_match="").status == 200


def test_order_of_checks() -> None:
    """Section 6, SBX: 404, then 412, then 400; the other way round by switch."""
    here = api()
    project = made(here)
    assert here.patch("1", {"name": ""}, if_match='W/"x"').status == 404
    assert here.patch(project["id"], {"name": ""}, if_match='W/"x"').status == 412
    here.twin.switches = msgspec.structs.replace(here.twin.switches, validate_before_match=True)

    assert here.patch(project["id"], {"name": ""}, if_match='W/"x"').status == 400


@pytest.mark.parametrize("bumps", [True, False])
def test_patch_that_changes_nothing(bumps: bool) -> None:
    """Section 6: for projects unknown; the tag may change anyway."""
    here = api(noop_bumps=bumps)
    before = made(here, price=PRICE)
    after = here.patch(before["id"], {"name": "Kista", "price": PRICE}).json

    assert (after["etag"] != before["etag"]) is bumps


@pytest.mark.parametrize(("second", "status"), [("404", 404), ("204", 204)])
def test_delete_is_soft_and_once(second: str, status: int) -> None:
    """Section 10.3: 204; the effect of a second DELETE is unknown; a deleted project can't be written."""
    here = api(second_delete=second)
    project = made(here)
    first = here.delete(project["id"], if_match=project["etag"])

    assert (first.status, first.json) == (204, None)
    assert here.delete(project["id"]).status == status
    assert here.patch(project["id"], {"name": "Undead"}).status == 404
    assert [row["id"] for row in here.scan(include_deleted="true")] == [project["id"]]
    assert here.delete("1").status == 404


@pytest.mark.parametrize("body", [b"", b"[]", b"{", b'"name"', b"\xff\xfe", b'{"name": NaN}'])
def test_bodies_that_are_not_an_object(body: bytes) -> None:
    """Section 8: 400, never a crash."""
    assert api().post(body).status == 400


def test_other_content_types_are_refused() -> None:
    """Section 1: bodies are application/json."""
    assert api().post({"name": "x"}, content_type="text/plain").status == 415


def test_lossy_server() -> None:
    """The response shows what was kept: trimmed, cut, rounded (trap 54, for projects)."""
    here = api(trims_names=True, name_kept_max=5, price_decimals=1)
    range_ = {"min": "1.23", "max": "9.99", "currency": "SEK"}
    project = made(here, name="  Norrköping ", price={**PRICE, "value": "1.26"})
    assert (project["name"], project["price"]["value"]) == ("Norrk", Decimal("1.3"))
    shown = here.patch(project["id"], {"price": None, "priceRange": range_}).json

    assert (shown["priceRange"]["min"], shown["priceRange"]["max"]) == (Decimal("1.2"), Decimal("10.0"))


def test_urn_family() -> None:
    """Section 8: two type families; clients branch on the last segment."""
    here = api(problem_types="urn")

    assert here.get("/projects/1").json["type"] == "urn:propstreet:error:not-found"
    assert api().get("/projects/1").json["type"] == "/help/not-found"


def test_journal_lists_what_took_effect() -> None:
    """For oracles: method, id, body and time of applied API writes; refused ones and people's edits are not in it."""
    here = api()
    id = made(here, price=PRICE)["id"]
    clock_of(here).advance(1)
    here.patch(id, {"name": ""})
    here.twin.edit_project(id, name="By hand")
    here.patch(id, {"name": "By API"})
    here.delete(id)

    assert [(entry.method, entry.id, entry.fields) for entry in here.twin.journal] == [
        ("POST", id, {"name": "Kista", "price": PRICE}),
        ("PATCH", id, {"name": "By API"}),
        ("DELETE", id, {}),
    ]
    assert here.twin.journal[1].at == here.twin.journal[0].at + 1


def test_journal_can_be_off() -> None:
    """For large benches."""
    here = api(journal=False)
    made(here)

    assert here.twin.journal == []
