"""What adapters are told of the mapping."""

from __future__ import annotations

import tomllib
from pathlib import Path

import pytest

from syncd.config.load import shipped_tables
from syncd.config.objects import object_spec
from syncd.core.model import LEFT, RIGHT, Kind
from syncd.mapping import Mapper, load_tables

STAGES = ("Investor: not contacted", "Investor: contacted", "Investor: interested")


def mappers(crm: str, **prospect: object) -> dict[Kind, Mapper]:
    path = Path(shipped_tables()[crm]).with_name(f"{crm}-prospects.toml")
    document = tomllib.loads(path.read_text())
    document["prospect"] |= prospect
    return dict(load_tables(document, path.name))


@pytest.mark.parametrize("crm", ["hubspot", "salesforce"])
def test_prospects_that_are_associations_are_nested_on_both_sides(crm: str) -> None:
    """Only prospects: the form of other kinds is no question."""
    for side in (LEFT, RIGHT):
        nested = {kind for kind, mapper in mappers(crm).items() if object_spec(side, mapper).nested}
        assert nested == {Kind.PROSPECT}


def test_propstreet_is_told_the_kind_alone() -> None:
    spec = object_spec(LEFT, mappers("hubspot")[Kind.PROJECT])

    assert (spec.name, spec.fields, spec.values, spec.links) == ("project", (), {}, {})


@pytest.mark.parametrize(("crm", "field"), [("hubspot", "label"), ("salesforce", "Role")])
def test_the_crm_is_told_which_values_are_ours(crm: str, field: str) -> None:
    """P7: a label or a role that is not among them is somebody else's."""
    mapper = mappers(crm)[Kind.PROSPECT]
    spec = object_spec(RIGHT, mapper)

    assert spec.fields == mapper.crm_fields
    assert spec.values[field][:3] == STAGES


def test_links_are_told_apart_from_fields() -> None:
    """Whether a link is a field or an association, only the adapter knows."""
    links = {"project": "Opportunity__c", "contact": "Contact__c"}
    mapper = mappers("salesforce", form="record", object="Prospect__c", links=links)[Kind.PROSPECT]
    spec = object_spec(RIGHT, mapper)

    assert not spec.nested
    assert spec.links == {Kind.PROJECT: "Opportunity__c", Kind.CONTACT: "Contact__c"}
    assert not {*links.values()} & {*spec.fields}
