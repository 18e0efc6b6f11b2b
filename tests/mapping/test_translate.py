"""A mapper translates a record both ways; what it can't say is left out with a reason."""

from __future__ import annotations

import tomllib
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from syncd.core.model import FieldType, Kind, Side
from syncd.core.policy import Flow
from syncd.mapping import Mapper, WantedField, Writing, load_tables

from .tables import SHIPPED, mapper, project, shipped

CRM, PROPSTREET = Side.CRM, Side.PROPSTREET
VALUES = '{ qualification = "1", proposal = "2", negotiation = "3", closed_won = "4" }'
STAGE = f'progress = {{ crm = "dealstage", with = {{ pipeline = "default" }}, unknown = "%s", values = {VALUES} }}'


def deal(written: Writing, names: tuple[str, ...]) -> dict[str, Any]:
    """A HubSpot deal after this write: every asked property there, all values text."""
    shown: dict[str, Any] = dict.fromkeys(names)
    return shown | {name: None if value is None else str(value) for name, value in written.wire.items()}


def test_a_project_becomes_a_deal_and_is_read_as_itself() -> None:
    """Every mapped field survives Propstreet → canonical → HubSpot → canonical, up to what the codecs declare."""
    deals = shipped()
    teaser = {"publishedUtc": "2026-01-14T09:00:00.1234567Z"}
    left = deals.read(PROPSTREET, project(teaser=teaser)).fields
    written = deals.create(CRM, left)
    right = deals.read(CRM, deal(written, deals.crm_fields))

    assert written.refused == {}
    assert right.unreadable == {}
    assert set(right.fields) == set(left)
    for name, policy in deals.policy.fields.items():
        assert policy.alike(left[name], right.fields[name]), name
    assert left["teaser_published"] != right.fields["teaser_published"]


@settings(max_examples=60)
@given(
    st.fixed_dictionaries(
        {},
        optional={
            "name": st.text(min_size=1, max_size=40),
            "exclusivity": st.sampled_from(["exclusive", "non_exclusive", "other"]),
            "status": st.sampled_from(["open", "closed", "deleted"]),
            "asset": st.sampled_from([{"type": "single"}, {"type": "portfolio", "propertyCount": "12"}]),
            "price": st.fixed_dictionaries(
                {
                    "value": st.decimals(0, 10**9, places=4).map(str),
                    "currency": st.sampled_from(["SEK", "EUR"]),
                    "scale": st.sampled_from(["none", "thousands", "millions", "billions"]),
                }
            ),
            "updatedUtc": st.datetimes().map(lambda moment: f"{moment:%Y}".zfill(4) + f"{moment:-%m-%dT%H:%M:%SZ}"),
        },
    )
)
def test_second_trip_is_quiet(changes: dict[str, Any]) -> None:
    """hubspot.md trap 25: what HubSpot shows after our write is alike to what we meant, so nothing is written again."""
    left = SHIPPED_MAPPER.read(PROPSTREET, project(**changes)).fields
    right = SHIPPED_MAPPER.read(CRM, deal(SHIPPED_MAPPER.create(CRM, left), SHIPPED_MAPPER.crm_fields)).fields

    assert all(SHIPPED_MAPPER.policy.fields[name].alike(left[name], right[name]) for name in left)


def test_reformatted_numbers_and_dates_are_no_change() -> None:
    """hubspot.md trap 25: HubSpot shows "0.50" as "0.5" and a datetime as epoch milliseconds."""
    deals = shipped()
    ours = {"amount": "0.50", "deal_currency_code": "SEK", "propstreet_created": "2026-11-21T10:00:00.000Z"}
    theirs = {"amount": "0.5", "deal_currency_code": "SEK", "propstreet_created": "1795255200000"}

    assert deals.read(CRM, ours) == deals.read(CRM, theirs)


def test_empty_text_null_and_absent_on_the_crm() -> None:
    """hubspot.md trap 26: "" and null are empty; a property that is not shown is not known, and clears nothing."""
    deals = shipped()

    assert deals.read(CRM, {"dealname": ""}).fields == deals.read(CRM, {"dealname": None}).fields == {"name": None}
    assert deals.read(CRM, {}).fields == {}


def test_clearing_is_an_explicit_null() -> None:
    """hubspot.md trap 26: None in the wire form is for the adapter to clear; an unmentioned property stays."""
    writing = shipped().write(CRM, {"exclusivity": None, "price": None}, current={})

    assert writing == Writing({"propstreet_exclusivity": None, "amount": None})


def test_stage_and_pipeline_are_written_together() -> None:
    """hubspot.md trap 24: a stage written alone moves nothing."""
    writing = shipped().write(CRM, {"progress": "negotiation"}, current={})

    assert writing.wire == {"dealstage": "contractsent", "pipeline": "default"}


@pytest.mark.parametrize("pipeline", ["default", None])
def test_a_stage_counts_in_its_own_pipeline_only(pipeline: str | None) -> None:
    """hubspot.md trap 24: map by pipeline and stage, not by stage alone."""
    table = mapper(STAGE % "hold")

    assert table.read(CRM, {"dealstage": "2", "pipeline": pipeline}).fields == {"progress": "proposal"}
    assert set(table.read(CRM, {"dealstage": "2", "pipeline": "other"}).unreadable) == {"progress"}
    ignoring = mapper(STAGE % "ignore").read(CRM, {"dealstage": "2", "pipeline": "other"})
    assert (ignoring.fields, ignoring.unreadable, ignoring.hidden) == ({}, {}, frozenset())


def test_a_property_that_is_not_shown_is_hidden_and_not_empty() -> None:
    """salesforce trap 17: it may not exist, or not be ours to see; what the table ignores is something else."""
    reading = shipped().read(CRM, {"dealname": "x", "dealstage": "4711", "pipeline": "default"})

    assert "price" in reading.hidden
    assert not reading.hidden & {"name", "progress"}


def test_a_stage_that_the_table_does_not_list_is_left_alone() -> None:
    """The shipped table ignores it: neither a value nor a problem."""
    reading = shipped().read(CRM, {"dealname": "x", "dealstage": "4711", "pipeline": "default"})

    assert (reading.fields, reading.unreadable) == ({"name": "x"}, {})


def test_moneys_that_share_a_currency_move_together() -> None:
    deals = shipped()
    current = {
        "propstreet_price_min": "1",
        "propstreet_price_max": "2",
        "propstreet_price_range_currency": "SEK",
    }

    both = deals.write(CRM, {"price_min": "3 EUR", "price_max": "4 EUR"}, current=current)
    torn = deals.write(CRM, {"price_min": "3 EUR", "name": "x"}, current=current)
    alone = deals.write(CRM, {"price_min": "3 EUR", "price_max": None}, current=current)

    assert both.refused == {}
    assert both.wire["propstreet_price_range_currency"] == "EUR"
    assert (torn.wire, set(torn.refused)) == ({"dealname": "x"}, {"price_min"})
    assert alone.wire["propstreet_price_range_currency"] == "EUR"


def test_two_new_currencies_for_one_property_are_both_refused() -> None:
    writing = shipped().create(CRM, {"name": "x", "price_min": "3 EUR", "price_max": "4 SEK"})

    assert set(writing.refused) == {"price_min", "price_max"}
    assert "propstreet_price_range_currency" not in writing.wire


def test_a_required_field_is_never_emptied() -> None:
    for side in Side:
        assert shipped().write(side, {"name": None}, current={}).refused == {"name": "is empty, and required"}


def test_constants_of_a_new_record_lie_beneath_its_fields() -> None:
    head = 'object = "deals"\non_create = { crm = { dealstage = "1", source = "propstreet" } }'
    table = mapper(f'name = {{ crm = "dealname" }}\n{STAGE % "hold"}', head)

    assert table.create(CRM, {"name": "x"}).wire == {"dealstage": "1", "source": "propstreet", "dealname": "x"}
    assert table.create(CRM, {"name": "x", "progress": "proposal"}).wire["dealstage"] == "2"
    assert table.create(PROPSTREET, {"name": "x"}).wire == {"name": "x"}


def test_scope() -> None:
    """Values compare as text; a list allows several; a property that is not shown is not in scope."""
    head = 'object = "deals"\nwhere = { crm = { pipeline = ["default", "42"], live = true } }'
    table = mapper('name = { crm = "dealname" }', head)

    assert table.in_scope({"pipeline": "default", "live": "true"})
    assert table.in_scope({"pipeline": 42, "live": True})
    assert not table.in_scope({"pipeline": "other", "live": "true"})
    assert not table.in_scope({"pipeline": "default"})
    assert mapper('name = { crm = "dealname" }').in_scope({})


def test_names_lead_back_to_fields() -> None:
    deals = shipped()

    assert deals.field_of(PROPSTREET, "priceRange") == "price_min"
    assert deals.field_of(PROPSTREET, "mandate") == "exclusivity"
    assert deals.field_of(CRM, "deal_currency_code") == "price"
    assert deals.field_of(CRM, "propstreet_price_range_currency") == "price_min"
    assert deals.field_of(CRM, "pipeline") == "progress"
    assert deals.field_of(CRM, "hs_object_id") is None


def test_wanted_lists_every_property_once() -> None:
    """What `setup` creates and `check` verifies, with the options of enums."""
    wanted = {field.name: field for field in shipped().wanted()}

    assert tuple(wanted) == shipped().crm_fields
    assert wanted["dealname"] == WantedField(name="dealname", label="Dealname", type=FieldType.TEXT)
    assert wanted["propstreet_exclusivity"].options[1] == ("non_exclusive", "Non exclusive")
    assert ("closedlost", "Lost") in wanted["dealstage"].options
    assert wanted["propstreet_link"].label == "Open in Propstreet"
    assert wanted["pipeline"].options == (("default", "default"),)
    assert wanted["propstreet_price_range_currency"].type is FieldType.TEXT
    assert wanted["deal_currency_code"].type is FieldType.ENUM
    assert all(field.written for field in wanted.values())


def test_a_property_that_only_scopes_is_not_written() -> None:
    table = mapper(
        'name = { crm = "dealname", flow = "to_propstreet" }',
        'object = "deals"\nwhere = { crm = { region = "north" } }',
    )

    assert [(field.name, field.written) for field in table.wanted()] == [("dealname", False), ("region", False)]


def test_updated_follows_our_own_writes() -> None:
    fields = shipped().policy.fields

    assert [name for name, policy in fields.items() if policy.follows_writes] == ["updated"]


def test_rounded_money_is_alike() -> None:
    """hubspot.md trap 25: a property of two decimals shows what it made of our value, and that is no change."""
    policy = mapper('price = { crm = "amount", currency = "SEK", decimals = 2 }').policy.fields["price"]

    assert policy.alike("1.005 SEK", "1.01 SEK")
    assert not policy.alike("1.005 SEK", "1.02 SEK")
    assert not policy.alike("1.005 EUR", "1.01 SEK")
    assert policy.alike(None, None)


def test_fixed_currency() -> None:
    table = mapper('price = { crm = "amount", currency = "SEK" }')

    assert table.read(CRM, {"amount": 5}).fields == {"price": "5 SEK"}
    assert table.write(CRM, {"price": "5 EUR"}, current={}) == Writing(
        {}, {"price": "is in another currency than the property it goes to"}
    )


def test_the_shipped_table_is_safe_on_a_live_account() -> None:
    """Creates flow to the CRM only and a deletion removes nothing."""
    policy = shipped().policy

    assert policy.create is Flow.TO_CRM
    assert (policy.when_propstreet_deletes.value, policy.when_crm_deletes.value) == ("mark", "unbind")
    assert policy.mark == {"status": "deleted"}
    assert shipped().write(CRM, policy.mark, current={}).wire == {"propstreet_status": "deleted"}
    assert shipped().in_scope({"pipeline": "default"})
    assert not shipped().in_scope({"pipeline": "renewals"})


def test_the_shipped_table_drags_no_deal_back() -> None:
    """Lost lies after negotiation, so a lost deal stays lost until its project closes."""
    progress = shipped().policy.fields["progress"]

    assert progress.order.index("negotiation") < progress.order.index("lost") < progress.order.index("closed_won")
    assert (progress.on_conflict.value, progress.on_first_meeting.value) == ("furthest", "furthest")
    assert progress.flow is Flow.TO_CRM


def test_both_directions_are_one_line_away() -> None:
    document = tomllib.loads(SHIPPED.read_text().replace('create = "to_crm"', 'create = "both"'))

    assert load_tables(document, "hubspot.toml")[Kind.PROJECT].policy.create is Flow.BOTH


SHIPPED_MAPPER: Mapper = shipped()
