"""Amounts and what they are in: orgs with several currencies, with one that is named, and with one that is not."""

from __future__ import annotations

from typing import Any

import pytest

from syncd.adapters.base import SetupItem
from syncd.adapters.salesforce.currency import CURRENCY
from syncd.core.model import FieldType
from syncd.mapping.wanted import WantedField

from .rig import FIELDS, LATER_S, PROJECT, REF, Rig, deal, done, edit, error

NAMED: dict[str, Any] = {"switches": {"currency": "SEK"}, "options": {"currency": "SEK"}}
UNNAMED: dict[str, Any] = {"switches": {"currency": "SEK"}}
SEVERAL: dict[str, Any] = {"switches": {"multi_currency": True, "currency": "SEK"}}
BOTH: dict[str, Any] = {**SEVERAL, "options": {"currency": "EUR"}}
WANTED = WantedField(name=CURRENCY, label="Currency", type=FieldType.ENUM)


def rig_of(org: dict[str, Any], *, fields: tuple[str, ...] = (*FIELDS, CURRENCY)) -> Rig:
    return Rig(fields=fields, **org)


def problems(rig: Rig) -> list[tuple[str, str, bool]]:
    return [(one.what, one.remedy, one.fatal) for one in rig.adapter.check().problems]


def sent(rig: Rig) -> str:
    """All that was written since the last look."""
    bodies = b"".join(request.body for request in rig.asked if request.method != "GET")
    rig.asked.clear()
    return bodies.decode()


@pytest.mark.parametrize(("org", "currency"), [(NAMED, "SEK"), (SEVERAL, "SEK"), (BOTH, "SEK")])
def test_every_read_shows_the_currency(org: dict[str, Any], currency: str) -> None:
    """salesforce.md trap 37: as the feed, by id, by stamp, and after a write; the org's own word goes before ours."""
    rig = rig_of(org)
    id = rig.add(**{REF: "PS-1", "Amount": 5})
    rig.clock.advance(LATER_S)

    by_feed = rig.scan()[0][id]
    by_id = rig.fetch(id)[id]
    by_stamp = rig.adapter.find(PROJECT, ["PS-1"])["PS-1"]
    (made,) = rig.adapter.create(PROJECT, [deal("PS-2", Amount="7", CurrencyIsoCode=currency)])
    (changed,) = rig.adapter.update(PROJECT, [edit(by_id, {"Amount": "9", CURRENCY: currency})])

    for remote in (by_feed, by_id, by_stamp, done(made).remote, done(changed).remote):
        assert remote.raw[CURRENCY] == currency


def test_where_nobody_named_it_no_read_shows_it() -> None:
    """salesforce.md trap 37: an amount without a currency is no price, so nothing is taken for granted."""
    rig = rig_of(UNNAMED)
    id = rig.add(Amount=5)

    assert rig.fetch(id)[id].raw["Amount"] == 5
    assert CURRENCY not in rig.fetch(id)[id].raw


def test_a_mapping_without_prices_is_shown_no_currency() -> None:
    """Contacts, say: what is named is for those who ask."""
    rig = rig_of(NAMED, fields=("Name", "CloseDate"))

    assert CURRENCY not in rig.fetch(id := rig.add())[id].raw
    assert problems(rig) == []


def test_the_orgs_own_currency_is_not_sent() -> None:
    """salesforce.md trap 37: INVALID_FIELD otherwise."""
    rig = rig_of(NAMED)
    read = rig.fetch(id := rig.add())[id]

    (made,) = rig.adapter.create(PROJECT, [deal("PS-1", Amount="7", CurrencyIsoCode="SEK")])
    (changed,) = rig.adapter.update(PROJECT, [edit(read, {"Amount": "9", CURRENCY: "SEK"})])

    assert rig.person.record(done(made).remote.id)["Amount"] == 7
    assert rig.person.record(done(changed).remote.id)["Amount"] == 9
    assert CURRENCY not in sent(rig)


@pytest.mark.parametrize(
    ("org", "why", "told"),
    [
        (NAMED, "Amount is not in SEK", "price it in SEK in propstreet"),
        (UNNAMED, "CurrencyIsoCode is missing or hidden", 'write currency = "SEK" under [connections.crm]'),
    ],
    ids=["another", "unnamed"],
)
def test_an_amount_never_changes_its_currency_on_the_way(org: dict[str, Any], why: str, told: str) -> None:
    """salesforce.md trap 37: refused by name, amount and all, with the remedy; neighbours in the batch are written."""
    rig = rig_of(org)
    read = rig.fetch(id := rig.add(Amount=5))[id]
    rig.asked.clear()

    refused, made = rig.adapter.create(PROJECT, [deal("PS-1", Amount="7", CurrencyIsoCode="EUR"), deal("PS-2")])
    (unchanged,) = rig.adapter.update(PROJECT, [edit(read, {"Amount": "9", CURRENCY: "EUR", "Name": "Renamed"})])

    for outcome in (refused, unchanged):
        assert error(outcome).fields == (CURRENCY, "Amount")
        assert why in str(error(outcome))
        assert told in str(error(outcome).remedy)
        assert "EUR" not in str(error(outcome))
    assert done(made).created
    assert rig.person.record(id)["Amount"] == 5
    assert {row.get("Amount") for row in rig.person.live_records().values()} == {5, None}


def test_a_currency_that_the_org_does_not_deal_in_is_refused() -> None:
    """salesforce.md trap 37: where there are several, only those that are active."""
    rig = rig_of(SEVERAL)

    (refused,) = rig.adapter.create(PROJECT, [deal("PS-1", Amount="7", CurrencyIsoCode="CHF")])

    assert error(refused).fields == (CURRENCY,)
    assert "activate the currency" in str(error(refused).remedy)


def test_an_emptied_amount_needs_no_currency() -> None:
    """Nothing is nothing in any currency."""
    rig = rig_of(NAMED)
    read = rig.fetch(id := rig.add(Amount=5))[id]

    (changed,) = rig.adapter.update(PROJECT, [edit(read, {"Amount": None})])

    assert done(changed).remote.raw["Amount"] is None


def test_an_org_that_is_given_several_is_looked_at_again() -> None:
    """salesforce.md 3.8, trap 37: a refusal by an old description is none; what was named is not used any more."""
    rig = rig_of(NAMED)
    read = rig.fetch(id := rig.add(Amount=5))[id]
    rig.twin.switch(multi_currency=True)
    rig.clock.advance(LATER_S)

    (changed,) = rig.adapter.update(PROJECT, [edit(read, {"Amount": "9", CURRENCY: "EUR"}, guarded=False)])

    assert done(changed).remote.raw[CURRENCY] == "EUR"
    assert rig.person.record(id)[CURRENCY] == "EUR"


@pytest.mark.parametrize("org", [NAMED, SEVERAL])
def test_check_has_nothing_to_say_of_a_currency_that_is_known(org: dict[str, Any]) -> None:
    assert problems(rig_of(org)) == []


def test_check_tells_of_a_currency_that_nobody_named() -> None:
    """salesforce.md trap 37: fatal, with what to write and where the org's currency is to be seen."""
    ((what, remedy, fatal),) = problems(rig_of(UNNAMED))

    assert what == "the org has one currency, so Opportunity has no field CurrencyIsoCode"
    assert 'write currency = "SEK" under [connections.crm]' in remedy
    assert "Setup > Company Information" in remedy
    assert fatal


def test_check_tells_of_a_currency_that_is_named_in_vain() -> None:
    """Harmless, since every record says its own; but whoever wrote it should know."""
    ((what, remedy, fatal),) = problems(rig_of(BOTH))

    assert "several currencies" in what
    assert remedy == "take `currency` out of [connections.crm]"
    assert not fatal


@pytest.mark.parametrize(("org", "told"), [(SEVERAL, True), (NAMED, False)])
def test_check_tells_of_amounts_that_are_taken_to_be_in_one_currency(org: dict[str, Any], told: bool) -> None:
    """salesforce.md trap 37: amounts in mixed currencies, where a table fixes one."""
    said = problems(rig_of(org, fields=FIELDS))

    assert [(remedy, fatal) for _, remedy, fatal in said] == (
        [('write crm = { amount = "Amount", currency = "CurrencyIsoCode" }', False)] if told else []
    )


def test_a_currency_that_is_hidden_from_us_is_not_a_missing_one() -> None:
    """salesforce.md traps 17, 37: several currencies, none shown to us. What is named must not stand in for them."""
    rig = rig_of(BOTH)
    rig.twin.switch(hidden_fields=frozenset({f"Opportunity.{CURRENCY}"}))

    ((what, _, fatal),) = problems(rig)
    (_, item) = rig.adapter.compare(PROJECT, [WANTED])

    assert "is hidden from us" in what
    assert fatal
    assert item.state == "hidden"
    assert f"Opportunity.{CURRENCY}" in item.detail


@pytest.mark.parametrize(
    ("org", "state", "says"),
    [
        (NAMED, "ok", "all amounts of the org are in SEK"),
        (UNNAMED, "missing", 'write currency = "SEK" under [connections.crm]'),
        (SEVERAL, "ok", ""),
        (BOTH, "ok", ""),
    ],
)
def test_setup_compares_it_and_never_makes_it(org: dict[str, Any], state: str, says: str) -> None:
    """salesforce.md trap 37: it comes with a feature of the org, and is nobody's custom field."""
    rig = rig_of(org)
    (_, compared) = rig.adapter.compare(PROJECT, [WANTED])
    asked = SetupItem(kind=PROJECT, field=WANTED, state="missing")

    (provisioned,) = rig.adapter.provision(PROJECT, [asked])

    assert compared.state == provisioned.state == state
    assert says in compared.detail
    assert CURRENCY not in sent(rig)
