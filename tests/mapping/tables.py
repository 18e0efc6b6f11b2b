"""Small tables and records for the mapping's tests."""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Any

from syncd.core.model import Kind
from syncd.mapping import Mapper, load_tables

MAPPINGS = Path(__file__).parents[2] / "config" / "mappings"
SHIPPED = MAPPINGS / "hubspot.toml"
SALESFORCE = MAPPINGS / "salesforce.toml"
PROSPECTS = {"hubspot": MAPPINGS / "hubspot-prospects.toml", "salesforce": MAPPINGS / "salesforce-prospects.toml"}


def mapper(fields: str, head: str = 'object = "deals"') -> Mapper:
    """The mapper of a project table with these fields, one table per line: name = { crm = … }."""
    return load_tables(tomllib.loads(f"[project]\n{head}\n[project.fields]\n{fields}"), "test.toml")[Kind.PROJECT]


def shipped() -> Mapper:
    return load_tables(tomllib.loads(SHIPPED.read_text()), "hubspot.toml")[Kind.PROJECT]


def shipped_salesforce() -> Mapper:
    return load_tables(tomllib.loads(SALESFORCE.read_text()), "salesforce.toml")[Kind.PROJECT]


def with_prospects(crm: str) -> dict[Kind, Mapper]:
    """Of the file as it is, where a prospect is an association."""
    return load_tables(tomllib.loads(PROSPECTS[crm].read_text()), PROSPECTS[crm].name)


def with_prospect_records(crm: str) -> dict[Kind, Mapper]:
    """Of the file with the example at its end in the place of the section before it."""
    before, rest = PROSPECTS[crm].read_text().split("\n[prospect]\n")
    example = [line.removeprefix("#:").removeprefix(" ") for line in rest.splitlines() if line.startswith("#:")]
    return load_tables(tomllib.loads("\n".join((before, *example))), PROSPECTS[crm].name)


def project(**changes: Any) -> dict[str, Any]:
    """A whole project as Propstreet shows it; None takes a key out, as Propstreet does."""
    whole = {
        "id": "9001",
        "uri": "https://app.propstreet.com/projects/9001",
        "name": "Kista Logistics",
        "asset": {"type": "portfolio", "propertyCount": 5},
        "status": "open",
        "classification": "active",
        "exclusivity": "exclusive",
        "mandate": "exclusive",
        "price": {"value": 150, "currency": "SEK", "scale": "millions"},
        "priceRange": {"min": 100, "max": 200, "currency": "SEK", "scale": "millions"},
        "externalRefs": [{"namespace": "hubspot", "id": "3344"}],
        "createdUtc": "2026-05-20T08:00:00Z",
        "updatedUtc": "2026-05-21T08:00:00.1234567Z",
        "etag": 'W/"AAAAAAAAAB4="',
    } | changes
    return {key: value for key, value in whole.items() if value is not None}


def contact(**changes: Any) -> dict[str, Any]:
    """A whole contact as Propstreet shows it; None takes a key out."""
    return _whole(
        {
            "id": "789",
            "uri": "https://app.propstreet.com/network/contacts/789",
            "firstName": "Anna",
            "lastName": "Lindqvist",
            "email": "Anna.Lindqvist@Acme.se",
            "phone": "+46701234567",
            "linkedInUrl": "https://www.linkedin.com/in/anna",
            "primaryLanguage": "sv",
            "tags": ["tier-1", "nordic"],
            "primaryCompanyId": "321",
            "companies": [
                {"id": "654", "name": "Other AB", "jobTitle": "Chair", "isPrimary": False},
                {"id": "321", "name": "Acme AB", "jobTitle": "Head of Deals", "isPrimary": True},
            ],
        },
        changes,
    )


def company(**changes: Any) -> dict[str, Any]:
    return _whole(
        {
            "id": "321",
            "uri": "https://app.propstreet.com/network/companies/321",
            "name": "Acme AB",
            "domain": "acme.se",
            "homepageUrl": "https://www.acme.se",
            "linkedInUrl": "https://www.linkedin.com/company/acme",
            "countryCode": "SE",
            "tags": ["fund"],
        },
        changes,
    )


def prospect(**changes: Any) -> dict[str, Any]:
    """One that Propstreet matched, and that has accepted."""
    return _whole(
        {
            "id": "456",
            "projectId": "9001",
            "uri": "https://app.propstreet.com/projects/9001/prospects/456",
            "contactId": "789",
            "companyId": "321",
            "displayName": "Anna Lindqvist",
            "organizationName": "Acme AB",
            "classification": "interested",
            "capabilities": ["chat"],
            "tags": ["tier-1", "nordic"],
            "teaser": {"acceptedUtc": "2026-01-20T14:30:00Z", "deadlineUtc": "2026-02-15T23:59:59Z"},
        },
        changes,
    )


def _whole(record: dict[str, Any], changes: dict[str, Any]) -> dict[str, Any]:
    times = {"createdUtc": "2026-05-20T08:00:00Z", "updatedUtc": "2026-05-21T08:00:00.1234567Z", "etag": 'W/"AA="'}
    return {key: value for key, value in (record | times | changes).items() if value is not None}
