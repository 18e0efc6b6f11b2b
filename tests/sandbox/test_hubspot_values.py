"""The twin keeps and refuses values as hubspot.md, sections 4.2 and 6, say."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from syncd.testing.sandbox.hubspot import Lossy
from syncd.testing.sandbox.hubspot.values import iso, plain, to_day, to_ms, to_number

from .hubspot_client import DEALS, Client, codes


@pytest.fixture
def client() -> Client:
    client = Client()
    client.twin.person.add_property("start", type="date", field_type="date")
    client.twin.person.add_property("sold", type="bool", field_type="booleancheckbox")
    client.twin.person.add_property(
        "tags", type="enumeration", field_type="checkbox", options=("north", "south", "west")
    )
    return client


@pytest.mark.parametrize(
    ("name", "sent", "shown"),
    [
        ("dealname", " two  blanks ", " two  blanks "),
        ("amount", "0.50", "0.5"),
        ("amount", "1250000.00", "1250000"),
        ("amount", "007", "7"),
        ("amount", "-0.0", "0"),
        ("amount", "1.5E3", "1500"),
        ("amount", 1250000.5, "1250000.5"),
        ("sold", "TRUE", "true"),
        ("sold", False, "false"),
        ("start", "2026-01-15", "2026-01-15"),
        ("start", "1768435200000", "2026-01-15"),
        ("closedate", "2026-01-15T10:00:00Z", "2026-01-15T10:00:00.000Z"),
        ("closedate", "2026-01-15T12:00:00.1239999+02:00", "2026-01-15T10:00:00.123Z"),
        ("closedate", "1768471200000", "2026-01-15T10:00:00.000Z"),
        ("tags", "south;north", "south;north"),
        ("tags", "south;south;", "south"),
        ("hubspot_owner_id", "40000001", "40000001"),
    ],
)
def test_values_come_back_reformatted(client: Client, name: str, sent: Any, shown: str) -> None:
    """hubspot.md trap 25: numbers, dates and lists come back in HubSpot's own spelling."""
    id = client.create()

    client.write(id, **{name: sent})

    assert shown == client.read(id, name)[name]


@pytest.mark.parametrize(
    ("name", "sent", "code"),
    [
        ("amount", "1 250 000", "INVALID_INTEGER"),
        ("amount", "1,5", "INVALID_INTEGER"),
        ("sold", "yes", "INVALID_OPTION"),
        ("start", "2026-02-30", "INVALID_DATE"),
        ("start", "1768435200001", "INVALID_DATE"),
        ("closedate", "2026-01-15T10:00:00", "INVALID_DATE"),
        ("closedate", "tomorrow", "INVALID_DATE"),
        ("dealtype", "NewBusiness", "INVALID_OPTION"),
        ("dealtype", " newbusiness", "LEADING_TRAILING_WHITESPACE"),
        ("tags", "north;east", "INVALID_OPTION"),
        ("hs_is_closed", "true", "READ_ONLY_VALUE"),
        ("hs_lastmodifieddate", "2026-01-15T10:00:00Z", "READ_ONLY_VALUE"),
        ("nonsense", "x", "PROPERTY_DOESNT_EXIST"),
        ("dealname", None, "INVALID_VALUE"),
    ],
)
def test_values_that_do_not_fit_are_refused(client: Client, name: str, sent: Any, code: str) -> None:
    """hubspot.md traps 22 and 23, section 6: a code per property, and the same hidden inside the message."""
    id = client.create()

    body = client.refused(id, **{name: sent})

    assert (body["status"], body["category"]) == ("error", "VALIDATION_ERROR")
    assert [code] == codes(body)
    hidden = msgspec.json.decode(body["message"].partition("not valid: ")[2])
    assert [(name, code, False)] == [(it["name"], it["error"], it["isValid"]) for it in hidden]


def test_one_misfit_refuses_the_whole_record(client: Client) -> None:
    """hubspot.md trap 22: the good properties beside a bad one are not written."""
    id = client.create()

    body = client.refused(id, dealname="new", amount="x", nonsense="y")

    assert codes(body) == ["INVALID_INTEGER", "PROPERTY_DOESNT_EXIST"]
    assert client.read(id, "dealname")["dealname"] == "Storgatan 1"


def test_errors_can_be_told_by_the_message_only() -> None:
    """hubspot.md, section 6: the structured twins are there usually, not always."""
    client = Client(structured_errors=False)

    body = client.refused(client.create(), amount="x")

    assert "errors" not in body
    assert "INVALID_INTEGER" in body["message"]


def test_an_empty_string_clears(client: Client) -> None:
    """hubspot.md trap 26: "" clears, what is absent is untouched."""
    id = client.create(amount="5", description="kept")

    client.write(id, amount="")

    assert client.read(id, "amount", "description") == {"amount": None, "description": "kept"}


@pytest.mark.parametrize(("means", "shown"), [("clear", None), ("ignore", "5")])
def test_null_does_what_the_switch_says(means: str, shown: str | None) -> None:
    """hubspot.md, open question 2."""
    client = Client(null_writes=means)
    id = client.create(amount="5")

    client.write(id, amount=None)

    assert shown == client.read(id, "amount")["amount"]


def test_a_leading_semicolon_appends(client: Client) -> None:
    """hubspot.md, section 4.2: `a;b` replaces, `;c` adds."""
    id = client.create(tags="north")

    assert client.write(id, tags=";west")["tags"] == "north;west"
    assert client.write(id, tags="south")["tags"] == "south"


def test_numbers_and_flags_may_be_json(client: Client) -> None:
    id = client.create()

    assert client.write(id, amount=7)["amount"] == "7"


@pytest.mark.parametrize(
    ("lossy", "sent", "shown"),
    [
        (Lossy(trim_text=True), {"dealname": " x "}, {"dealname": "x"}),
        (Lossy(length_max=3), {"dealname": "abcdef"}, {"dealname": "abc"}),
        (Lossy(decimals=1), {"amount": "1.26"}, {"amount": "1.3"}),
        (Lossy(decimals=0), {"amount": "1250000.5"}, {"amount": "1250000"}),
        (Lossy(trim_text=True, properties=frozenset({"description"})), {"dealname": " x "}, {"dealname": " x "}),
        (Lossy(length_max=3), {"propstreet_id": "PS-123"}, {"propstreet_id": "PS-123"}),
    ],
)
def test_an_account_may_keep_less_than_it_was_given(lossy: Lossy, sent: dict[str, str], shown: dict[str, str]) -> None:
    """hubspot.md trap 25, sharpened; unique properties are spared."""
    client = Client(lossy=lossy)
    id = client.create()

    client.write(id, **sent)

    assert shown == client.read(id, *shown)


def test_sets_may_come_back_in_another_order() -> None:
    """hubspot.md, section 4.2: the order of a multi checkbox is not promised."""
    client = Client(lossy=Lossy(reorder_sets=True))
    client.twin.person.add_property("tags", type="enumeration", field_type="checkbox", options=("a", "b"))

    assert client.write(client.create(), tags="b;a")["tags"] == "a;b"


def test_emails_and_domains_are_lower_cased() -> None:
    """hubspot.md trap 25."""
    client = Client()

    contact = client.ask("POST", "/crm/v3/objects/contacts", {"properties": {"email": "Anna@X.test"}}, status=201)
    company = client.ask("POST", "/crm/v3/objects/companies", {"properties": {"domain": "X.test"}}, status=201)

    assert contact["properties"]["email"] == "anna@x.test"
    assert company["properties"]["domain"] == "x.test"


def test_instants_can_be_shown_as_milliseconds() -> None:
    """hubspot.md, section 4.2: some system properties are epoch-ms strings."""
    client = Client(epoch_properties=frozenset({"closedate"}))
    id = client.create(closedate="2026-01-15T10:00:00Z")

    assert client.read(id, "closedate") == {"closedate": "1768471200000"}


def test_writes_show_more_than_reads(client: Client) -> None:
    """hubspot.md, section 4.2: do not hold a write response against a read."""
    created = client.ask("POST", DEALS, {"properties": {"dealname": "x", "dealstage": "closedwon"}}, status=201)

    shown = created["properties"]
    assert client.read(created["id"], "dealname") == {"dealname": "x"}
    assert (
        shown["hs_is_closed"],
        shown["hs_is_closed_won"],
        shown["hs_deal_stage_probability"],
    ) == ("true", "true", "1.0")
    assert created["id"] == shown["hs_object_id"]
    assert shown["hs_lastmodifieddate"] == created["updatedAt"]


@settings(max_examples=200)
@given(st.decimals(allow_nan=False, allow_infinity=False, min_value=-(10**15), max_value=10**15, places=6))
def test_numbers_keep_their_worth(number: object) -> None:
    """Reformatting changes the spelling only, and doing it twice changes nothing."""
    shown = plain(to_number(str(number)))

    assert to_number(shown) == number
    assert shown == plain(to_number(shown))


@settings(max_examples=200)
@given(st.integers(min_value=0, max_value=4_000_000_000_000))
def test_instants_keep_their_millisecond(ms: int) -> None:
    assert ms == to_ms(iso(ms))
    assert iso(ms)[:10] == to_day(str(ms - ms % 86_400_000))
