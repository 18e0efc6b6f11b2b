"""The shipped Salesforce table: whole, safe, and what it asks for is made by setup and then holds its values."""

from __future__ import annotations

import tomllib
from collections.abc import Callable
from typing import Any

import pytest

from syncd.adapters.base import CreateItem, Failed, SetupItem, UpdateItem, Written
from syncd.core.model import FieldType, Kind, Side, Value
from syncd.core.policy import Flow, OnConflict
from syncd.errors import ConfigError, Rejected
from syncd.mapping import Mapper, load_tables
from syncd.mapping.build import is_ours
from syncd.mapping.catalogue import CATALOGUES
from syncd.testing.sandbox.salesforce.stages import FACTORY
from tests.adapters.salesforce.rig import PROJECT, Rig

from .tables import SALESFORCE, project, shipped, shipped_salesforce

CRM, PROPSTREET = Side.CRM, Side.PROPSTREET
ONE_CURRENCY: dict[str, Any] = {"switches": {"currency": "SEK"}, "options": {"currency": "SEK"}}
UNNAMED: dict[str, Any] = {"switches": {"currency": "SEK"}}
SEVERAL: dict[str, Any] = {"switches": {"multi_currency": True}}
ORGS = pytest.mark.parametrize("org", [ONE_CURRENCY, SEVERAL], ids=["one currency", "several"])
TEASER = {"stage": "published", "publishedUtc": "2026-01-14T09:00:00.9234567Z"}


def table(change: Callable[[dict[str, Any]], None]) -> Mapper:
    """The shipped table, changed."""
    document = tomllib.loads(SALESFORCE.read_text())
    change(document["project"])
    return load_tables(document, "salesforce.toml")[Kind.PROJECT]


def of_deals(kind: dict[str, Any]) -> None:
    """For an org that keeps its deals in an object of its own, with a stage that setup makes."""
    kind["object"] = "Deal__c"
    kind["on_create"] = {"crm": {"Close_Date__c": kind["on_create"]["crm"]["CloseDate"], "Confidential__c": True}}
    kind["fields"]["price"]["crm"]["amount"] = "Amount__c"
    kind["fields"]["progress"]["crm"] = "Propstreet_Stage__c"


def rig_for(mapper: Mapper, org: dict[str, Any] = ONE_CURRENCY) -> Rig:
    return Rig(name=mapper.object, fields=mapper.crm_fields, stamped=False, **org)


def set_up(rig: Rig, mapper: Mapper) -> list[SetupItem]:
    """What `syncd setup --apply` does; the state of every field afterwards."""
    items = rig.adapter.compare(PROJECT, mapper.wanted())
    missing = [item for item in items if item.state == "missing" and (item.field.unique or is_ours(item.field.name))]
    rig.adapter.provision(PROJECT, missing)
    return rig.adapter.compare(PROJECT, mapper.wanted())


def test_every_field_of_a_project_is_mapped() -> None:
    """propstreet.md section 10.2. A deleted project shows as its status; the time of its deletion is never read."""
    assert set(shipped_salesforce().policy.fields) == set(CATALOGUES[Kind.PROJECT].fields) - {"deleted"}


def test_it_decides_as_the_hubspot_table_does() -> None:
    """What a connection does with a project does not depend on the CRM, but for the stages that this one has."""
    ours, theirs = shipped_salesforce().policy, shipped().policy

    assert list(ours.fields) == list(theirs.fields)
    for name, field in ours.fields.items():
        other = theirs.fields[name]
        assert (field.flow, field.on_conflict, field.on_first_meeting, field.required, field.follows_writes) == (
            (other.flow, other.on_conflict, other.on_first_meeting, other.required, other.follows_writes)
        ), name
    assert (ours.create, ours.when_propstreet_deletes, ours.when_crm_deletes) == (
        (theirs.create, theirs.when_propstreet_deletes, theirs.when_crm_deletes)
    )
    assert (ours.mark, ours.edit_outlives_delete) == (theirs.mark, theirs.edit_outlives_delete)


def test_it_is_safe_on_a_live_org() -> None:
    """Creates flow to Salesforce only, a deletion removes nothing, and all opportunities are in scope."""
    mapper = shipped_salesforce()

    assert mapper.policy.create is Flow.TO_CRM
    assert mapper.write(CRM, mapper.policy.mark, current={}).wire == {"Propstreet_Status__c": "deleted"}
    assert mapper.in_scope({})


def test_stages_are_the_standard_ones_in_their_order() -> None:
    """salesforce.md trap 23: an invented stage would be stored all the same. Lost lies before won, and stays lost."""
    progress = shipped_salesforce().policy.fields["progress"]
    options = {field.name: field.options for field in shipped_salesforce().wanted()}["StageName"]
    standard = [stage.name for stage in FACTORY]
    named = {name.replace(" ", "_").lower(): value for value, name in options}

    assert {value for value, _ in options} == set(standard)
    in_order = [named[name] for name in progress.order]
    assert in_order == [*standard[:-2], "Closed Lost", "Closed Won"]
    assert (progress.on_conflict, progress.flow) == (OnConflict.FURTHEST, Flow.TO_CRM)


def test_a_stage_of_the_orgs_own_is_left_alone() -> None:
    reading = shipped_salesforce().read(CRM, {"Name": "x", "StageName": "Board approval"})

    assert (reading.fields, reading.unreadable) == ({"name": "x"}, {})


@ORGS
@pytest.mark.parametrize("change", [lambda kind: None, of_deals], ids=["Opportunity", "Deal__c"])
def test_setup_ends_with_everything_in_place(change: Callable[[dict[str, Any]], None], org: dict[str, Any]) -> None:
    """salesforce.md 3.10: from an org without a field of ours to one that check has nothing to say about."""
    mapper = table(change)
    rig = rig_for(mapper, org)

    items = set_up(rig, mapper)

    assert {item.field.name for item in items} == {"Propstreet_Id__c", *mapper.crm_fields}
    assert [(item.field.name, item.detail) for item in items if item.state != "ok"] == []
    assert rig.adapter.check().problems == ()


def test_a_constant_may_be_the_id_of_another_record() -> None:
    """A record type or an owner for new records: setup does not mistake it for a text."""
    mapper = table(lambda kind: kind["on_create"]["crm"].update(OwnerId="005000000000001AAA"))
    rig = rig_for(mapper)

    assert {item.state for item in set_up(rig, mapper) if item.field.name == "OwnerId"} == {"ok"}


@ORGS
@pytest.mark.parametrize("change", [lambda kind: None, of_deals], ids=["Opportunity", "Deal__c"])
def test_a_project_becomes_a_record_and_is_read_as_itself(
    change: Callable[[dict[str, Any]], None], org: dict[str, Any]
) -> None:
    """salesforce.md section 8.2, traps 24 and 37: whole seconds, two decimals and JSON numbers are no change."""
    mapper = table(change)
    rig = rig_for(mapper, org)
    set_up(rig, mapper)
    price = {"value": "150.123456789", "currency": "SEK", "scale": "millions"}
    left = mapper.read(PROPSTREET, project(teaser=TEASER, price=price)).fields

    writing = mapper.create(CRM, left)
    (made,) = rig.adapter.create(PROJECT, [CreateItem("9001", writing.wire, "key")])

    assert writing.refused == {}
    assert isinstance(made, Written)
    right = mapper.read(CRM, rig.fetch(made.remote.id)[made.remote.id].raw)
    assert right.unreadable == {}
    assert set(right.fields) == set(left)
    for name, policy in mapper.policy.fields.items():
        assert policy.alike(left[name], right.fields[name]), name


def test_a_project_without_a_day_of_creation_is_held() -> None:
    """salesforce.md 7.1: no close date is made up; the field is refused, and so is the record, with what to do."""
    mapper = shipped_salesforce()
    rig = rig_for(mapper)
    set_up(rig, mapper)

    writing = mapper.create(CRM, {name: value for name, value in NEW.items() if name != "created"})
    (outcome,) = rig.adapter.create(PROJECT, [CreateItem("9001", writing.wire, "key")])

    assert writing.refused == {"created": "is empty, and CloseDate of a new record is worked out of it"}
    assert isinstance(outcome, Failed)
    assert outcome.error.fields == ("CloseDate",)
    assert outcome.error.remedy == "map the field, or give it a value in on_create"


def test_an_update_leaves_the_close_date_to_people() -> None:
    """The policy is for new records; whoever corrects the date has the last word."""
    mapper = shipped_salesforce()
    rig = rig_for(mapper)
    set_up(rig, mapper)
    id = rig.add(StageName="Prospecting", CloseDate="2027-02-28")
    shown = rig.fetch(id)[id]

    changes = mapper.write(CRM, {"progress": "proposal", "name": "Kista"}, current=shown.raw).wire
    (outcome,) = rig.adapter.update(PROJECT, [UpdateItem(id, changes, shown.raw, shown.version)])

    assert isinstance(outcome, Written)
    assert rig.fetch(id)[id].raw["CloseDate"] == "2027-02-28"
    assert rig.fetch(id)[id].raw["StageName"] == "Proposal/Price Quote"


def test_it_takes_no_currency_for_granted() -> None:
    """salesforce.md trap 37: it comes with the record, so that the table is right in an org of any currency."""
    fields = tomllib.loads(SALESFORCE.read_text())["project"]["fields"]

    assert [name for name, field in fields.items() if "currency" in field] == []
    assert fields["price"]["crm"] == {"amount": "Amount", "currency": "CurrencyIsoCode"}


def test_each_price_has_its_own_currency_where_there_are_several() -> None:
    """salesforce.md trap 37: written with the amount, and read beside it."""
    mapper = shipped_salesforce()
    rig = rig_for(mapper, SEVERAL)
    set_up(rig, mapper)

    made = [made_of(rig, mapper, f"900{number}", price) for number, price in enumerate(("5 EUR", "7 SEK"))]

    assert [rig.person.record(id)["CurrencyIsoCode"] for id in made] == ["EUR", "SEK"]
    assert [price_of(rig, mapper, id) for id in made] == ["5 EUR", "7 SEK"]


def test_all_prices_are_the_orgs_where_there_is_one() -> None:
    """salesforce.md trap 37: the field does not exist; it is never asked for, never sent, and its value is known."""
    mapper = shipped_salesforce()
    rig = rig_for(mapper)
    set_up(rig, mapper)

    id = made_of(rig, mapper, "9001", "7 SEK")

    assert rig.person.record(id)["Amount"] == 7
    assert price_of(rig, mapper, id) == "7 SEK"


def test_a_price_in_another_currency_than_the_orgs_is_refused() -> None:
    """salesforce.md trap 37: neither created nor written over; the error names the price, by both of its fields."""
    mapper = shipped_salesforce()
    rig = rig_for(mapper)
    set_up(rig, mapper)
    id = made_of(rig, mapper, "9001", "7 SEK")
    shown = rig.fetch(id)[id]

    item = CreateItem("9002", mapper.create(CRM, {**NEW, "price": "5 EUR"}).wire, "key")
    change = UpdateItem(id, mapper.write(CRM, {"price": "5 EUR"}, current=shown.raw).wire, shown.raw, shown.version)
    outcomes = rig.adapter.create(PROJECT, [item]) + rig.adapter.update(PROJECT, [change])

    for outcome in outcomes:
        assert isinstance(outcome, Failed)
        assert isinstance(outcome.error, Rejected)
        assert outcome.error.fields == ("CurrencyIsoCode", "Amount")
        assert {mapper.field_of(CRM, name) for name in outcome.error.fields} == {"price"}
        assert "price it in SEK" in str(outcome.error.remedy)
    assert {found["Amount"] for found in rig.person.live_records().values()} == {7}


def test_a_currency_that_nobody_named_is_told_and_never_guessed() -> None:
    """salesforce.md trap 37: setup can't make the field, check says what to write, and no amount is read or written."""
    mapper = shipped_salesforce()
    rig = rig_for(mapper, UNNAMED)
    items = {item.field.name: item for item in set_up(rig, mapper)}
    rig.adapter.provision(PROJECT, [items["CurrencyIsoCode"]])

    assert {name for name, item in items.items() if item.state != "ok"} == {"CurrencyIsoCode"}
    assert "CurrencyIsoCode" not in {field.name for field in rig.twin.org.table("Opportunity").visible.values()}
    (problem,) = rig.adapter.check().problems
    assert problem.fatal
    for said in (problem.remedy, items["CurrencyIsoCode"].detail):
        assert 'write currency = "SEK" under [connections.crm]' in said
        assert "Company Information" in said

    (refused,) = rig.adapter.create(
        PROJECT, [CreateItem("9001", mapper.create(CRM, {**NEW, "price": "5 EUR"}).wire, "k")]
    )
    reading = mapper.read(CRM, rig.fetch(id := rig.add(Amount=5))[id].raw)

    assert isinstance(refused, Failed)
    assert refused.error.fields == ("CurrencyIsoCode", "Amount")
    assert 'currency = "SEK"' in str(refused.error.remedy)
    assert reading.unreadable == {"price": "is an amount without a currency"}
    assert "price" not in reading.fields


def made_of(rig: Rig, mapper: Mapper, ref: str, price: str) -> str:
    """A new record at this price; its id."""
    wire = mapper.create(CRM, {**NEW, "price": price}).wire
    (made,) = rig.adapter.create(PROJECT, [CreateItem(ref, wire, f"key of {ref}")])
    assert isinstance(made, Written)
    return made.remote.id


def price_of(rig: Rig, mapper: Mapper, id: str) -> Value:
    return mapper.read(CRM, rig.fetch(id)[id].raw).fields["price"]


def test_names_of_ours_in_any_case() -> None:
    """Setup makes these and no others; a custom field that somebody misspelt is not made by the way."""
    wanted = {field.name: field for field in shipped_salesforce().wanted()}

    theirs = [name for name in wanted if not is_ours(name)]
    assert theirs == ["Name", "Amount", "StageName", "CurrencyIsoCode", "CloseDate"]
    assert wanted["Propstreet_Price_Range_Currency__c"].type is FieldType.TEXT
    assert wanted["Propstreet_Price_Min__c"].label == "Propstreet price min"
    assert wanted["CloseDate"].type is FieldType.DATE


def test_the_close_date_needs_the_day_of_creation() -> None:
    """salesforce.md 7.1: CloseDate is required; a table that cannot work it out is refused before it is used."""
    with pytest.raises(ConfigError) as caught:
        table(lambda kind: kind["fields"].pop("created"))

    assert str(caught.value) == (
        "salesforce.toml: project.on_create.crm.CloseDate: is worked out of created, which no field takes to the CRM"
    )
    assert caught.value.remedy == "map created, or take the policy out"


NEW = {"name": "Kista", "created": "2026-05-20T08:00:00.0000000Z", "progress": "qualification"}
