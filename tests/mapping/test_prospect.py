"""A prospect is read whole, its classification is all that is ever written, and the CRM's form of it makes no odds."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from syncd.core.model import FieldType, Kind, Side, Value
from syncd.core.policy import OnConflict
from syncd.mapping import Mapper, Writing
from syncd.mapping.catalogue import CATALOGUES
from syncd.mapping.prospect import CLASSIFICATIONS

from .tables import prospect, with_prospect_records, with_prospects

PROPSTREET, CRM = Side.PROPSTREET, Side.CRM
ASSOCIATED = {crm: with_prospects(crm)[Kind.PROSPECT] for crm in ("hubspot", "salesforce")}
RECORDED = {crm: with_prospect_records(crm)[Kind.PROSPECT] for crm in ("hubspot", "salesforce")}
WHOLE = RECORDED["hubspot"]


def on_deal(label: str | None, person: str = "contact:29000") -> dict[str, Any]:
    """A person on a HubSpot deal, as the adapter shows it."""
    return {"deal": "1", "person": person, "label": label}


def in_role(role: str | None) -> dict[str, Any]:
    """A row of Salesforce's contact roles."""
    return {"Id": "00K000000000001AAA", "OpportunityId": "006", "ContactId": "003", "Role": role, "IsPrimary": False}


SHOWN: dict[str, Callable[[str | None], dict[str, Any]]] = {"hubspot": on_deal, "salesforce": in_role}
CRMS = pytest.mark.parametrize("crm", ["hubspot", "salesforce"])


def test_every_field_of_a_whole_prospect() -> None:
    """propstreet.md section 11.2, read into canonical form."""
    reading = WHOLE.read(PROPSTREET, prospect())

    assert reading.unreadable == {}
    assert reading.fields == {
        "classification": "interested",
        "origin": "matched",
        "display_name": "Anna Lindqvist",
        "organization": "Acme AB",
        "accepted": "2026-01-20T14:30:00.0000000Z",
        "deadline": "2026-02-15T23:59:59.0000000Z",
        "chat": True,
        "tags": ("nordic", "tier-1"),
        "created": "2026-05-20T08:00:00.0000000Z",
        "updated": "2026-05-21T08:00:00.1234567Z",
        "link": "https://app.propstreet.com/projects/9001/prospects/456",
    }


def test_the_catalogue_is_the_contract() -> None:
    fields = CATALOGUES[Kind.PROSPECT].fields

    assert set(fields) == set(WHOLE.policy.fields) | {"deleted"}
    assert [name for name, entry in fields.items() if entry.writable] == ["classification"]
    assert [name for name, entry in fields.items() if entry.follows_writes] == ["updated"]
    assert fields["chat"].type is FieldType.FLAG


def test_a_prospect_that_the_broker_added() -> None:
    """propstreet.md section 9 and 11.2: no teaser, no capabilities, no tags; missing lists are empty ones."""
    bare = {"id": "456", "classification": "not_contacted"}
    fields = WHOLE.read(PROPSTREET, bare).fields

    assert (fields["origin"], fields["chat"], fields["tags"], fields["accepted"]) == ("added", False, None, None)
    assert WHOLE.read(PROPSTREET, bare | {"teaser": None, "capabilities": None, "tags": None}).fields == fields


@pytest.mark.parametrize("teaser", [{}, {"deadlineUtc": "2026-02-15T23:59:59Z"}])
def test_a_teaser_makes_it_matched_whatever_is_in_it(teaser: dict[str, Any]) -> None:
    """propstreet.md section 11.2: present only when the teaser was communicated; null until accepted."""
    fields = WHOLE.read(PROPSTREET, prospect(teaser=teaser)).fields

    assert (fields["origin"], fields["accepted"]) == ("matched", None)


@pytest.mark.parametrize(
    ("changes", "unreadable"),
    [
        ({"teaser": "yes"}, {"origin", "accepted", "deadline"}),
        ({"teaser": {"acceptedUtc": "soon"}}, {"accepted"}),
        ({"capabilities": "chat"}, {"chat"}),
        ({"tags": {}}, {"tags"}),
    ],
)
def test_what_is_broken_spoils_nothing_else(changes: dict[str, Any], unreadable: set[str]) -> None:
    reading = WHOLE.read(PROPSTREET, prospect(**changes))

    assert set(reading.unreadable) == unreadable
    assert reading.fields["classification"] == "interested"


@pytest.mark.parametrize("value", CLASSIFICATIONS)
def test_any_classification_may_be_written(value: str) -> None:
    """propstreet.md section 11.2: any to any. Also for a new one, where it takes a second call."""
    assert WHOLE.write(PROPSTREET, {"classification": value}, current=prospect()).wire == {"classification": value}
    assert WHOLE.create(PROPSTREET, {"classification": value}).wire == {"classification": value}


def test_a_classification_is_neither_emptied_nor_invented() -> None:
    emptied = WHOLE.write(PROPSTREET, {"classification": None}, current=prospect())
    invented = WHOLE.write(PROPSTREET, {"classification": "won"}, current=prospect())

    assert emptied == Writing({}, {"classification": "is empty, and a prospect always has one"})
    assert invented == Writing({}, {"classification": "is not one of the values that Propstreet takes"})


@pytest.mark.parametrize(
    "field", ["origin", "display_name", "organization", "accepted", "deadline", "chat", "tags", "created", "link"]
)
def test_read_only_fields_are_refused(field: str) -> None:
    """propstreet.md section 11.1: a patch takes classification and refs only."""
    writing = WHOLE.write(PROPSTREET, {field: "x", "classification": "bidder"}, current=prospect())

    assert writing == Writing({"classification": "bidder"}, {field: "is set by Propstreet alone"})


def test_a_read_model_never_goes_back() -> None:
    """propstreet trap 50: contact and company come together, and neither is ever sent by a field."""
    current = prospect()
    writing = WHOLE.write(PROPSTREET, WHOLE.read(PROPSTREET, current).fields, current=current)

    assert writing.wire == {"classification": "interested"}


@CRMS
@pytest.mark.parametrize("value", CLASSIFICATIONS)
def test_a_classification_is_a_label_and_is_read_as_itself(crm: str, value: str) -> None:
    """read(write(v)) == v: one label or role per classification, and each of them is in scope."""
    mapper = ASSOCIATED[crm]
    writing = mapper.create(CRM, {"classification": value})
    ((name, label),) = writing.wire.items()
    shown = SHOWN[crm](label)

    assert name in shown
    assert label.startswith("Investor: ")
    assert mapper.read(CRM, shown).fields == {"classification": value}
    assert mapper.in_scope(shown)
    assert mapper.write(CRM, {"classification": value}, current=shown) == writing


@CRMS
@pytest.mark.parametrize("label", ["Lawyer", "investor: bidder", "", None])
def test_whoever_else_is_on_a_deal_is_left_alone(crm: str, label: str | None) -> None:
    """Only these labels make a prospect; without one, a person on the deal is none of ours."""
    assert not ASSOCIATED[crm].in_scope(SHOWN[crm](label))


@CRMS
def test_a_label_that_is_no_stage_is_held(crm: str) -> None:
    """A prospect whose label became another one, or none: neither becomes a classification."""
    mapper = ASSOCIATED[crm]

    assert set(mapper.read(CRM, SHOWN[crm]("Lawyer")).unreadable) == {"classification"}
    assert mapper.read(CRM, SHOWN[crm](None)).fields == {"classification": None}
    assert mapper.policy.fields["classification"].required
    assert mapper.write(PROPSTREET, {"classification": None}, current=prospect()).wire == {}


@CRMS
def test_the_labels_are_what_setup_looks_for(crm: str) -> None:
    (wanted,) = ASSOCIATED[crm].wanted()

    assert wanted.name == {"hubspot": "label", "salesforce": "Role"}[crm]
    assert [value for value, _ in wanted.options] == [
        "Investor: not contacted",
        "Investor: contacted",
        "Investor: interested",
        "Investor: not interested",
        "Investor: bidder",
    ]
    assert all(len(value) <= 40 for value, _ in wanted.options)  # of a Role


@CRMS
def test_a_record_of_its_own_shows_everything_and_is_read_as_itself(crm: str) -> None:
    """read(write(v)) is alike to v for every field, up to the seconds that Salesforce keeps."""
    mapper = RECORDED[crm]
    left = mapper.read(PROPSTREET, prospect()).fields
    writing = mapper.create(CRM, left)
    right = mapper.read(CRM, {name: spelt(value) for name, value in writing.wire.items()})

    assert (writing.refused, right.unreadable) == ({}, {})
    assert set(left) == set(right.fields) == set(CATALOGUES[Kind.PROSPECT].fields) - {"deleted"}
    for name, value in left.items():
        assert mapper.policy.fields[name].alike(value, right.fields[name]), name


@CRMS
def test_links_are_no_fields(crm: str) -> None:
    """They are settled when a record is made, so the adapter writes them beside the fields."""
    mapper = RECORDED[crm]

    assert set(mapper.links) == {Kind.PROJECT, Kind.CONTACT, Kind.COMPANY}
    assert not set(mapper.links.values()) & set(mapper.crm_fields)


def test_talks_have_an_order_without_being_told() -> None:
    """`furthest` races classifications in the contract's order; nothing else does."""
    policy = ASSOCIATED["hubspot"].policy.fields["classification"]

    assert policy.on_first_meeting is OnConflict.FURTHEST
    assert policy.order == CLASSIFICATIONS


@pytest.mark.parametrize("mapper", [*ASSOCIATED.values(), *RECORDED.values()])
def test_the_policy_is_the_same_in_every_form(mapper: Mapper) -> None:
    policy = mapper.policy.fields["classification"]

    assert (policy.flow.value, policy.on_conflict.value) == ("both", "hold")
    assert policy.order == CLASSIFICATIONS


def spelt(value: Any) -> Value:
    """As a CRM would show it: flags in words."""
    return str(value).lower() if isinstance(value, bool) else value
