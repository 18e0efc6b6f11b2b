"""What the twin makes of values (salesforce.md, section 8.2 and trap 24)."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest

from syncd.testing.sandbox.salesforce import Lossy

from .salesforce_client import OPPORTUNITIES, Client


def shown(client: Client, name: str, value: Any) -> Any:
    id = client.create()
    client.write(id, **{name: value})
    return client.read(id, name)[name]


@pytest.fixture(scope="module")
def client() -> Client:
    client = Client()
    client.person.add_field("Seen_At__c", type="datetime")
    client.person.add_field("Tags__c", type="multipicklist", values=("core", "value", "debt"))
    client.person.add_field("Area__c", type="double", precision=8, scale=3)
    client.person.add_field("Quiet__c", type="boolean")
    return client


@pytest.mark.parametrize(
    ("name", "sent", "kept"),
    [
        ("NextStep", "  call  ", "call"),
        ("NextStep", "", None),
        ("NextStep", "   ", None),
        ("Description", "a\r\nb", "a\r\nb"),
        ("Amount", 12, 12.0),
        ("Amount", 1.005, 1.01),
        ("Amount", -0.001, 0.0),
        ("Area__c", 1.23456, 1.235),
        ("CloseDate", "2026-02-28", "2026-02-28"),
        ("Seen_At__c", "2026-11-21T16:58:14.987Z", "2026-11-21T16:58:14.000+0000"),
        ("Seen_At__c", "2026-11-21T17:58:14+01:00", "2026-11-21T16:58:14.000+0000"),
        ("Tags__c", "debt;core;debt", "core;debt"),
        ("Tags__c", "", None),
        ("Type", "Anything", "Anything"),
        ("Quiet__c", True, True),
    ],
)
def test_values_as_they_come_back(client: Client, name: str, sent: Any, kept: Any) -> None:
    """salesforce.md, section 8.2: trimmed, rounded half up, in UTC to the second, sets in the org's order."""
    assert shown(client, name, sent) == kept


@pytest.mark.parametrize(
    ("name", "sent", "code"),
    [
        ("Quiet__c", None, "INVALID_TYPE_ON_FIELD_IN_RECORD"),
        ("Quiet__c", "true", "JSON_PARSER_ERROR"),
        ("NextStep", 5, "JSON_PARSER_ERROR"),
        ("Amount", True, "JSON_PARSER_ERROR"),
        ("Seen_At__c", "2026-11-21T16:58:14", "JSON_PARSER_ERROR"),
        ("CloseDate", "1066-10-14", "JSON_PARSER_ERROR"),
        ("Area__c", 100_000, "NUMBER_OUTSIDE_VALID_RANGE"),
    ],
)
def test_values_that_do_not_fit(client: Client, name: str, sent: Any, code: str) -> None:
    """salesforce.md, sections 6.2 and 8.2."""
    id = client.create()

    assert client.write(id, status=400, **{name: sent})[0]["errorCode"] == code


def test_a_number_shows_a_fraction_and_is_exact(client: Client) -> None:
    """salesforce.md trap 33: the drift is the client's, never the server's."""
    id = client.create(Amount=9007199254740993)

    body = client.send("GET", f"{OPPORTUNITIES}/{id}?fields=Amount").body

    assert b'"Amount":9007199254740993.0' in body


@pytest.mark.parametrize(
    ("lossy", "name", "sent", "kept"),
    [
        (Lossy(decimals=0), "Amount", 1.5, 2.0),
        (Lossy(length_max=3), "NextStep", "abcdef", "abc"),
        (Lossy(trim_text=False), "NextStep", " a ", " a "),
        (Lossy(newlines="lf"), "Description", "a\r\nb", "a\nb"),
        (Lossy(newlines="crlf"), "Description", "a\nb", "a\r\nb"),
        (Lossy(decimals=0, fields=frozenset({"Other"})), "Amount", 1.5, 1.5),
        (Lossy(length_max=3), "Propstreet_Id__c", "ps-12345", "ps-12345"),
    ],
)
def test_an_org_may_lose_more(lossy: Lossy, name: str, sent: Any, kept: Any) -> None:
    """salesforce.md trap 24. Keys are spared."""
    assert shown(Client(lossy=lossy), name, sent) == kept


def test_stamps_are_whole_seconds(client: Client) -> None:
    """salesforce.md, section 8.2: `+0000`, without a colon."""
    id = client.create()

    assert client.read(id, "SystemModstamp")["SystemModstamp"].endswith(":20.000+0000")


def test_currency_exists_only_where_there_are_several() -> None:
    """salesforce.md trap 37."""
    single, several = Client(), Client(multi_currency=True)

    assert "CurrencyIsoCode" not in single.ask("GET", f"{OPPORTUNITIES}/{single.create()}")
    assert single.malformed("SELECT CurrencyIsoCode FROM Opportunity")[0] == "INVALID_FIELD"
    assert single.write(single.create(), status=400, CurrencyIsoCode="SEK")[0]["errorCode"] == "INVALID_FIELD"
    id = several.create(CurrencyIsoCode="SEK")
    assert several.read(id, "CurrencyIsoCode") == {"CurrencyIsoCode": "SEK"}
    assert several.read(several.create(), "CurrencyIsoCode") == {"CurrencyIsoCode": "EUR"}
    refused = several.write(id, status=400, CurrencyIsoCode="XXX")
    assert refused[0]["errorCode"] == "INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST"
    assert msgspec.json.encode(refused)
