"""Records are views: tolerant of what varies, and nothing that came is lost."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from syncd.adapters.propstreet import AssociatedProject, Company, Contact, Link, Prospect
from syncd.adapters.propstreet.records import Price, PriceRange, Project, Property, decimal, with_ref

OTHERS: list[dict[str, Any]] = [
    {"namespace": "vitec", "id": "V-1", "extra": 1},
    {"namespace": "SalesForce", "id": "0061"},
]


@pytest.mark.parametrize("value", [82.5, "82.5"])
def test_numbers_may_be_strings(value: object) -> None:
    """propstreet.md trap 37."""
    given = Decimal(str(value)) if isinstance(value, float) else value
    shown = Project({"id": "1", "price": {"value": given, "currency": "EUR", "scale": "millions"}})

    assert shown.price == Price(Decimal("82.5"), "EUR", "millions")


def test_numbers_that_are_none() -> None:
    nonsense: list[Any] = ["", "many", "NaN", "Infinity", True, {}]

    assert [decimal(value) for value in nonsense] == [None] * 6


@pytest.mark.parametrize(
    ("raw", "expected"),
    [
        ({"exclusivity": "exclusive", "mandate": "exclusive"}, "exclusive"),
        ({"mandate": "other"}, "other"),
        ({"exclusivity": None, "mandate": "other"}, "other"),
        ({"exclusivity": "something_new"}, "something_new"),
        ({}, None),
    ],
)
def test_exclusivity_in_either_spelling(raw: dict[str, Any], expected: str | None) -> None:
    """propstreet.md trap 33; and an enum value that we do not know gets through."""
    assert expected == Project(raw).exclusivity


def test_absent_and_null_read_alike() -> None:
    """propstreet.md section 9: nulls are left out, or shown."""
    null = dict.fromkeys(["name", "price", "priceRange", "asset", "externalRefs", "etag", "deletedUtc"])
    for raw in ({}, null):
        shown = Project(dict(raw))

        assert [shown.name, shown.price, shown.price_range, shown.asset_type, shown.etag] == [None] * 5
        assert shown.external_refs == []
        assert not shown.deleted


def test_all_fields() -> None:
    shown = Project(
        {
            "id": 7,
            "status": "closed",
            "classification": "active",
            "createdUtc": "2026-01-01T00:00:00Z",
            "asset": {"type": "portfolio", "propertyCount": "12"},
            "priceRange": {"min": "1", "currency": "SEK"},
        }
    )

    assert (shown.id, shown.status, shown.classification) == ("7", "closed", "active")
    assert (shown.asset_type, shown.property_count) == ("portfolio", 12)
    assert shown.price_range == PriceRange(Decimal(1), None, "SEK", "none")
    assert shown.created_utc == "2026-01-01T00:00:00Z"


def test_linked_property() -> None:
    shown = Property({"id": "5", "description": "d", "location": {"country": "SE"}, "categories": [{"type": "office"}]})

    assert (shown.description, shown.location, shown.categories) == ("d", {"country": "SE"}, [{"type": "office"}])


@pytest.mark.parametrize("raw", [{"deletedUtc": "2026-01-01T00:00:00Z"}, {"status": "deleted"}])
def test_tombstones(raw: dict[str, Any]) -> None:
    """propstreet.md trap 6: positive evidence only."""
    assert Project(raw).deleted


def test_namespaces_fold_and_ids_do_not() -> None:
    """propstreet.md trap 22."""
    shown = Project({"externalRefs": [*OTHERS, {"namespace": "HUBSPOT", "id": "aBc"}]})

    assert shown.ref_in("HubSpot") == "aBc"
    assert shown.ref_in("pipedrive") is None


def test_our_ref_is_added_and_others_stay() -> None:
    """propstreet.md trap 21: the array is replaced whole, so the others go with it, byte for byte."""
    assert [*OTHERS, {"namespace": "hubspot", "id": "1"}] == with_ref(OTHERS, "hubspot", "1")


def test_our_ref_is_replaced_in_place_in_any_case() -> None:
    """propstreet.md traps 21 and 22: a second entry of the same namespace would be refused."""
    refs = [OTHERS[0], {"namespace": "HubSpot", "id": "old"}, OTHERS[1]]

    assert [OTHERS[0], {"namespace": "hubspot", "id": "new"}, OTHERS[1]] == with_ref(refs, "hubspot", "new")


def test_a_repr_shows_no_values() -> None:
    assert repr(Project({"id": "1", "name": "Private"})) == "Project('1')"
    assert "Private" not in repr(Contact({"id": "1", "emails": [{"address": "Private"}]}).emails)
    assert "Private" not in repr(Prospect({"id": "1", "displayName": "Private"}))


@pytest.mark.parametrize("raw", [{}, {"tags": None, "capabilities": None, "teaser": None, "externalRefs": None}])
def test_prospect_of_which_little_is_known(raw: dict[str, Any]) -> None:
    """propstreet.md trap 52: a matched investor may have neither contact nor company."""
    shown = Prospect({"id": "1", **raw, **dict.fromkeys(["contactId", "companyId", "displayName"])})

    assert [shown.contact_id, shown.company_id, shown.display_name, shown.organization_name] == [None] * 4
    assert (shown.tags, shown.capabilities, shown.external_refs) == ([], [], [])
    assert (shown.teaser, shown.classification, shown.project_id) == (None, None, None)


def test_prospect_with_all_fields() -> None:
    shown = Prospect(
        {
            "id": "77",
            "uri": "https://x.test/77",
            "projectId": 9001,
            "contactId": 789,
            "companyId": "321",
            "displayName": "A",
            "organizationName": "B",
            "classification": "something_new",
            "capabilities": ["chat", "video", 1],
            "tags": ["vip"],
            "teaser": {"deadlineUtc": "2026-02-15T23:59:59Z", "acceptedUtc": None},
            "deletedUtc": "2026-03-01T00:00:00Z",
            "changeType": "delete",
            "changeOrigin": "opaque",
        }
    )

    assert (shown.project_id, shown.contact_id, shown.company_id) == ("9001", "789", "321")
    assert (shown.display_name, shown.organization_name, shown.uri) == ("A", "B", "https://x.test/77")
    assert (shown.classification, shown.capabilities, shown.tags) == ("something_new", ["chat", "video"], ["vip"])
    assert shown.teaser is not None
    assert (shown.teaser.accepted_utc, shown.teaser.deadline_utc) == (None, "2026-02-15T23:59:59Z")
    assert (shown.deleted, shown.deleted_utc) == (True, "2026-03-01T00:00:00Z")
    assert (shown.change_type, shown.change_origin) == ("delete", "opaque")


def test_an_empty_teaser_is_a_communicated_one() -> None:
    """propstreet.md section 11.2: presence tells matched prospects from added ones, and nulls are left out."""
    assert Prospect({"id": "1", "teaser": {}}).teaser is not None


def test_associated_project() -> None:
    """propstreet.md section 12, trap 37."""
    shown = AssociatedProject(
        {
            "id": "1",
            "name": "Kista",
            "prospectId": 77,
            "status": "closed",
            "classification": "active",
            "prospectClassification": "bidder",
            "prospectCount": "12",
        }
    )

    assert (shown.name, shown.prospect_id, shown.status) == ("Kista", "77", "closed")
    assert (shown.classification, shown.prospect_classification, shown.prospect_count) == ("active", "bidder", 12)
    assert AssociatedProject({"id": "1"}).prospect_count is None


def test_contact_with_all_fields() -> None:
    shown = Contact(
        {
            "id": "789",
            "firstName": "A",
            "lastName": "B",
            "email": "a@x.test",
            "phone": "+467",
            "linkedInUrl": "https://l.test/a",
            "emails": [
                {"address": "a@x.test", "type": "work", "isPrimary": True},
                {"address": "b@x.test", "isPrimary": False},
            ],
            "phones": [{"number": "+467", "type": "something_new", "isPrimary": False}],
            "primaryLanguage": "sv",
            "tags": ["vip"],
            "strategy": {"any": "thing"},
            "primaryCompanyId": 5,
            "companies": [{"id": "5", "name": "C", "jobTitle": "CFO", "isPrimary": True}],
            "profilePictureUrl": "https://p.test/a",
        }
    )

    assert (shown.first_name, shown.last_name, shown.email, shown.phone) == ("A", "B", "a@x.test", "+467")
    assert [(e.address, e.type, e.is_primary) for e in shown.emails] == [
        ("a@x.test", "work", True),
        ("b@x.test", None, False),
    ]
    assert [(p.number, p.type, p.is_primary) for p in shown.phones] == [("+467", "something_new", False)]
    assert [(c.id, c.name, c.job_title, c.is_primary) for c in shown.companies] == [("5", "C", "CFO", True)]
    assert (shown.linkedin_url, shown.profile_picture_url) == ("https://l.test/a", "https://p.test/a")
    assert (shown.primary_language, shown.tags, shown.primary_company_id) == ("sv", ["vip"], "5")
    assert shown.strategy == {"any": "thing"}


def test_company_with_all_fields() -> None:
    shown = Company(
        {
            "id": "5",
            "name": "C",
            "domain": "c.test",
            "homepageUrl": "https://c.test",
            "linkedInUrl": "https://l.test/c",
            "countryCode": "SE",
            "strategy": None,
            "tags": ["fund"],
            "contacts": [{"id": "789", "firstName": "A", "lastName": "B", "email": "a@x.test", "jobTitle": "CFO"}],
        }
    )

    assert (shown.name, shown.domain, shown.homepage_url) == ("C", "c.test", "https://c.test")
    assert (shown.linkedin_url, shown.country_code, shown.strategy) == ("https://l.test/c", "SE", None)
    assert shown.tags == ["fund"]
    assert [(c.id, c.first_name, c.last_name, c.email) for c in shown.contacts] == [("789", "A", "B", "a@x.test")]
    assert [(c.job_title, c.is_primary, c.link_id) for c in shown.contacts] == [("CFO", False, None)]


@pytest.mark.parametrize("raw", [{}, dict.fromkeys(["emails", "phones", "companies", "contacts", "tags", "jobTitle"])])
def test_people_of_whom_little_is_known(raw: dict[str, Any]) -> None:
    """propstreet.md section 9: missing and null mean none."""
    contact, company, link = Contact(raw), Company(raw), Link(raw)

    assert [contact.emails, contact.phones, contact.companies, contact.tags, company.contacts, company.tags] == [[]] * 6
    assert (contact.email, company.name, link.job_title, link.is_primary) == (None, None, None, False)
