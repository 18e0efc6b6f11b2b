"""The shapes of sections 4, 9 and 21 hold for every kind of row, not for projects only."""

from __future__ import annotations

from typing import Any

import pytest

from tests.sandbox.propstreet.office import Office, ref
from tests.sandbox.propstreet_api import clock_of

KINDS = ("prospect", "contact", "company", "link")


def paths_of(office: Office) -> dict[str, str]:
    """One row of each kind, and the list that it is alone in."""
    company = office.twin.add_company(name="Norrskär")
    contact = office.contact(company=company)
    office.offer(contact)
    return {
        "prospect": office.prospects,
        "contact": "/network/contacts",
        "company": "/network/companies",
        "link": "/network/links",
    }


def row_of(office: Office, kind: str) -> dict[str, Any]:
    [row] = office.api.scan(paths_of(office)[kind])
    return row


@pytest.mark.parametrize("kind", KINDS)
def test_every_row_has_what_rows_have(kind: str) -> None:
    """Section 11.2: as for projects: id, uri, stamps, a weak tag, changeType and changeOrigin."""
    row = row_of(Office(), kind)

    assert {"id", "uri", "createdUtc", "updatedUtc", "etag", "changeType", "changeOrigin"} <= set(row)
    assert row["etag"].startswith('W/"')
    assert None not in row.values()


@pytest.mark.parametrize(
    ("kind", "nulls"),
    [
        ("prospect", {"teaser", "deletedUtc"}),
        ("contact", {"lastName", "email", "phone", "strategy", "deletedUtc"}),
        ("company", {"domain", "countryCode", "deletedUtc"}),
        ("link", {"jobTitle", "deletedUtc"}),
    ],
)
def test_explicit_nulls(kind: str, nulls: set[str]) -> None:
    """Section 9: explicit nulls; lists are empty lists."""
    row = row_of(Office(nulls="explicit"), kind)

    assert nulls == {name for name, value in row.items() if value is None} & nulls
    assert all(row[name] == [] for name in ("emails", "phones", "capabilities") if name in row)


@pytest.mark.parametrize("kind", KINDS)
def test_later_fields(kind: str) -> None:
    """Section 1: unknown fields must be survived anywhere."""
    assert row_of(Office(extra_fields={"esgRating": {"grade": 7}}), kind)["esgRating"] == {"grade": 7}


@pytest.mark.parametrize("kind", KINDS)
def test_old_envelope_and_numbers_as_text(kind: str) -> None:
    """Section 21: top-level envelope; page sizes as strings in the other."""
    office = Office(envelope="top")
    path = paths_of(office)[kind]
    assert set(office.api.get(path).json) == {"data", "hasMore"}
    office.switch(envelope="page", numbers="string")

    assert office.api.get(path).json["page"]["pageSize"] == "500"


@pytest.mark.parametrize("kind", KINDS)
def test_reading_back_lags(kind: str) -> None:
    """Section 21, read-after-write lag."""
    office = Office(read_lag_s=5.0)
    clock_of(office.api).advance(5)  # the project itself has to be visible
    path = paths_of(office)[kind]
    assert office.api.scan(path) == []
    clock_of(office.api).advance(5)

    assert len(office.api.scan(path)) == 1


@pytest.mark.parametrize("path", ["/network/contacts", "/network/companies"])
def test_deleted_rows_by_id(path: str) -> None:
    """Section 21, GET deleted by id: 404, or 200 with deletedUtc; the second DELETE likewise 404 or 204."""
    office = Office()
    id = office.api.call("POST", path, {"name": "x"} if "companies" in path else {"firstName": "x"}).json["id"]
    office.api.call("DELETE", f"{path}/{id}")
    assert office.api.get(f"{path}/{id}").status == 404
    assert office.api.call("DELETE", f"{path}/{id}").status == 404
    office.switch(get_deleted="200", second_delete="204")

    assert "deletedUtc" in office.api.get(f"{path}/{id}").json
    assert office.api.call("DELETE", f"{path}/{id}").status == 204
    assert office.api.call("PATCH", f"{path}/{id}", {}).status == 404


def test_unwritable_fields_may_be_ignored() -> None:
    """Trap 31's other half: a server that ignores what it doesn't write."""
    office = Office(unwritable="ignore", noop_bumps=False)
    before = office.offer(externalRefs=[ref("1")])

    assert office.patch(before["id"], {"tags": ["x"], "contactId": "1"}).json == before
    assert office.api.call("PATCH", f"/network/contacts/{before['contactId']}", {"companies": []}).status == 200
