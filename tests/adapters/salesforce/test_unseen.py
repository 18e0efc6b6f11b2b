"""Hidden or missing: whoever reads an error learns which, and what to do (salesforce.md trap 17).

Describe leaves out both; the Tooling API tells them apart, and is asked only when there is something to say.
"""

from __future__ import annotations

from typing import Any

import pytest

from syncd.adapters.base import Outcome, Written
from syncd.core.remote import Remote
from syncd.errors import Forbidden, RemoteError
from syncd.testing.sandbox.wire import Fault, FaultKind

from .rig import FIELDS, LATER_S, PROJECT, REF, Rig, deal, done, edit, error

OURS, THEIRS = "Propstreet_Grade__c", "Grade__c"
ASKED = ("GET", "tooling/query/")
REFUSED: dict[str, Any] = {"may_view_setup": False}


def rig_with(*names: str, hidden: str = "", **switches: Any) -> Rig:
    """These custom fields are mapped and there, but for the one that is hidden."""
    rig = Rig(fields=(*FIELDS, OURS, THEIRS), switches=switches)
    for name in names:
        rig.person.add_field(name)
    rig.twin.switch(hidden_fields=frozenset({f"Opportunity.{hidden}"} if hidden else ()))
    return rig


def read(rig: Rig) -> Remote:
    """A record that changed long ago."""
    id = rig.add()
    rig.clock.advance(LATER_S)
    return rig.fetch(id)[id]


def told(outcome: Outcome) -> tuple[str, str]:
    refusal: RemoteError = error(outcome)
    assert refusal.remedy is not None
    assert refusal.remedy.endswith("; then syncd held retry")
    return str(refusal), refusal.remedy


@pytest.mark.parametrize("name", [OURS, THEIRS])
def test_a_write_that_meets_a_hidden_field_says_so(name: str) -> None:
    """The remedy is to grant it, to whom, and that this is field-level security."""
    rig = rig_with(OURS, THEIRS, hidden=name)

    for outcome in (
        *rig.adapter.update(PROJECT, [edit(read(rig), {name: "A"})]),
        *rig.adapter.create(PROJECT, [deal("PS-1", **{name: "A"})]),
    ):
        what, remedy = told(outcome)
        assert what == f"this can't be written: {name} is hidden from us"
        assert remedy.startswith(
            f"give our user's permission set read and edit access to Opportunity.{name} (field-level security)"
        )
        assert "setup" not in remedy


@pytest.mark.parametrize(("name", "way"), [(OURS, "run `syncd setup --apply`"), (THEIRS, "correct the mapping")])
def test_a_write_that_meets_a_missing_field_says_so(name: str, way: str) -> None:
    """Setup makes what is under our own prefix; any other name is more likely misspelt."""
    rig = rig_with(*{OURS, THEIRS} - {name})

    (outcome,) = rig.adapter.update(PROJECT, [edit(read(rig), {name: "A"})])

    assert told(outcome) == (f"this can't be written: {name} is missing", f"{way}; then syncd held retry")


def test_where_we_may_not_ask_the_error_names_both() -> None:
    rig = rig_with(THEIRS, **REFUSED)

    (outcome,) = rig.adapter.update(PROJECT, [edit(read(rig), {OURS: "A"})])

    what, remedy = told(outcome)
    assert what.endswith(f"{OURS} is missing or hidden from us")
    assert "syncd setup --apply" in remedy
    assert "permission set" in remedy


@pytest.mark.parametrize("switches", [{}, REFUSED])
def test_it_is_asked_once_for_each_description(switches: dict[str, bool]) -> None:
    """Also where the answer was a refusal; and reading, which only leaves the field out, asks nothing."""
    rig = rig_with(OURS, THEIRS, hidden=OURS, **switches)
    remote = read(rig)
    rig.scan()
    assert ASKED not in rig.calls()

    for _ in range(3):
        rig.adapter.update(PROJECT, [edit(remote, {OURS: "A"})])
    assert rig.calls().count(ASKED) == 1


@pytest.mark.parametrize("sinks", [True, False])
def test_a_field_that_is_hidden_after_it_was_described(sinks: bool) -> None:
    """Salesforce's own refusal says neither; the new description does. A neighbour that it sank goes out at once."""
    rig = rig_with(OURS, THEIRS)
    reads = [read(rig), read(rig)]
    rig.fetch(*(one.id for one in reads))
    rig.twin.switch(hidden_fields=frozenset({f"Opportunity.{OURS}"}), bad_field_sinks_call=sinks)

    hit, spared = rig.adapter.update(
        PROJECT, [edit(reads[0], {OURS: "A"}, guarded=False), edit(reads[1], {"Name": "new"}, guarded=False)]
    )

    assert told(hit)[0] == f"this can't be written: {OURS} is hidden from us"
    assert done(spared).remote.id == reads[1].id
    assert rig.person.record(reads[1].id)["Name"] == "new"


@pytest.mark.parametrize("path", ["tooling/query", "/describe$"])
def test_trouble_with_the_question_leaves_the_outcomes_as_they_are(path: str) -> None:
    """What was written stays written, and what was refused stays refused, if only in vaguer words."""
    rig = rig_with(OURS, THEIRS, hidden=OURS)
    reads = [read(rig), read(rig)]
    rig.clock.advance(120)
    rig.line.plan(Fault(kind=FaultKind.STATUS, status=503, path=path, times=-1))

    hit, spared = rig.adapter.update(PROJECT, [edit(reads[0], {OURS: "A"}), edit(reads[1], {"Name": "new"})])

    assert isinstance(spared, Written)
    assert told(hit)[0].endswith("is missing or hidden from us")


@pytest.mark.parametrize(
    ("switches", "stamped", "says"),
    [
        ({"hidden_fields": frozenset({f"Opportunity.{REF}"})}, True, "is hidden from us"),
        ({}, False, "is missing"),
        (REFUSED, False, "is missing or hidden from us"),
    ],
)
def test_the_stamp_field(switches: dict[str, Any], stamped: bool, says: str) -> None:
    """Without it nothing is read or written at all; check and the error say the same."""
    rig = Rig(switches=switches, stamped=stamped)

    with pytest.raises(Forbidden) as caught:
        rig.fetch(rig.add())

    (problem,) = rig.adapter.check().problems
    assert str(caught.value) == problem.what == f"the field {REF} of Opportunity {says}"
    assert caught.value.remedy == problem.remedy
    assert ("permission set" in problem.remedy) is (says != "is missing")
    assert ("syncd setup --apply" in problem.remedy) is (says != "is hidden from us")


@pytest.mark.parametrize(
    ("there", "switches", "says", "way"),
    [
        ((OURS, THEIRS), {}, f"the field {OURS} of Opportunity is hidden from us", "field-level security"),
        ((THEIRS,), {}, f"the field {OURS} of Opportunity is missing", "run `syncd setup --apply`"),
        ((THEIRS,), REFUSED, f"the field {OURS} of Opportunity is missing or hidden from us", "field-level security"),
    ],
)
def test_check_says_which(there: tuple[str, ...], switches: dict[str, bool], says: str, way: str) -> None:
    rig = rig_with(*there, hidden=OURS if OURS in there else "", **switches)

    (problem,) = rig.adapter.check().problems

    assert problem.what == says
    assert way in problem.remedy
    assert problem.fatal
