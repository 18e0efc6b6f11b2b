"""The tables with investors: safe on a live account, the shipped ones with more in them, and alike in both CRMs."""

from __future__ import annotations

import tomllib
from pathlib import Path

import pytest

from syncd.core.model import Kind
from syncd.core.policy import Flow, OnDelete
from syncd.mapping.build import is_ours
from syncd.mapping.terms import Form, Matched, Unresolved

from .tables import PROSPECTS, SALESFORCE, SHIPPED, with_prospect_records, with_prospects

CRMS = pytest.mark.parametrize("crm", ["hubspot", "salesforce"])
PEOPLE = (Kind.COMPANY, Kind.CONTACT)


@pytest.mark.parametrize(("crm", "alone"), [("hubspot", SHIPPED), ("salesforce", SALESFORCE)])
def test_projects_are_mapped_as_in_the_shipped_table(crm: str, alone: Path) -> None:
    """Word for word, comments included: whoever changes one changes the other."""
    section = alone.read_text()[alone.read_text().index("[project]") :].rstrip()

    assert section in PROSPECTS[crm].read_text()
    assert tomllib.loads(PROSPECTS[crm].read_text())["project"] == tomllib.loads(alone.read_text())["project"]


@CRMS
def test_they_are_safe_on_a_live_account(crm: str) -> None:
    """People are made in the CRM only, and only those that are needed; a deletion removes nothing on either side."""
    mappers = with_prospects(crm)

    for kind in PEOPLE:
        assert mappers[kind].policy.create is Flow.TO_CRM
        assert not mappers[kind].everyone
    for kind in (*PEOPLE, Kind.PROSPECT):
        policy = mappers[kind].policy
        assert policy.when_propstreet_deletes is policy.when_crm_deletes is OnDelete.UNBIND
    investors = mappers[Kind.PROSPECT]
    assert (investors.form, investors.matched, investors.unresolved) == (
        Form.ASSOCIATION, Matched.ACCEPTED, Unresolved.HOLD,
    )  # fmt: skip
    assert investors.policy.create is Flow.BOTH


def test_they_decide_alike() -> None:
    """What becomes of an investor does not depend on the CRM, but for what this one requires."""
    ours, theirs = with_prospects("salesforce"), with_prospects("hubspot")

    for kind in (*PEOPLE, Kind.PROSPECT):
        assert list(ours[kind].policy.fields) == list(theirs[kind].policy.fields)
        for name, field in ours[kind].policy.fields.items():
            other = theirs[kind].policy.fields[name]
            assert (field.flow, field.on_conflict, field.on_first_meeting) == (
                (other.flow, other.on_conflict, other.on_first_meeting)
            ), (kind, name)
    assert ours[Kind.CONTACT].policy.fields["last_name"].required  # salesforce.md section 7.3
    assert not theirs[Kind.CONTACT].policy.fields["last_name"].required


@CRMS
def test_what_setup_makes_and_what_must_be_there(crm: str) -> None:
    """salesforce.md 7.3, hubspot.md 4: the CRM's own properties by their names, and ours for the rest."""
    theirs = {
        kind: {field.name for field in mapper.wanted() if not is_ours(field.name)}
        for kind, mapper in with_prospects(crm).items()
        if kind is not Kind.PROJECT
    }

    assert (
        theirs
        == {
            "hubspot": {
                Kind.COMPANY: {"name", "domain", "website"},
                Kind.CONTACT: {"firstname", "lastname", "email", "phone"},
                Kind.PROSPECT: {"label"},
            },
            "salesforce": {
                Kind.COMPANY: {"Name", "Website"},
                Kind.CONTACT: {"FirstName", "LastName", "Email", "Phone"},
                Kind.PROSPECT: {"Role"},
            },
        }[crm]
    )


@CRMS
def test_the_example_of_records_is_whole(crm: str) -> None:
    """Uncommented, it takes the place of the section before it, and all of its properties are ours to make."""
    records, associations = with_prospect_records(crm), with_prospects(crm)
    investors = records[Kind.PROSPECT]

    assert list(records) == list(associations)
    assert (investors.form, investors.unresolved) == (Form.RECORD, Unresolved.CREATE)
    assert {field.name for field in investors.wanted() if not is_ours(field.name)} <= {"name"}
    assert investors.policy.create is Flow.BOTH
    assert investors.policy.when_propstreet_deletes is investors.policy.when_crm_deletes is OnDelete.UNBIND
