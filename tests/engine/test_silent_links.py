"""To link a record is not to change it where links are no part of it: no feed tells, and each is looked at in its turn
(hubspot trap 8)."""

from __future__ import annotations

import re

import pytest

from syncd.core.model import RIGHT, Kind
from syncd.engine.report import Mode
from syncd.engine.silent_links import ALONE
from syncd.store import mirror, watermarks
from syncd.testing.sandbox.wire import Fault, FaultKind

from .register import Register
from .world import Crm

LINK_READ = re.compile(r"/associations/.*/batch/read$")
LINKS = 3  # a record's: deal, contact and company, a call each
GAP_S = 60.0


@pytest.fixture
def office() -> Register:
    return Register("hubspot")


def reads_at_most(office: Register, links_max: int) -> None:
    """As if HubSpot read the links of so few records in a call."""
    vars(office.world.connection.crm)["links_max"] = links_max


def next_pass(office: Register, *, after_s: float = GAP_S) -> int:
    """Run a delta; how many calls it made to read links."""
    office.world.later(after_s)
    office.world.forget_calls()
    office.world.run()
    return sum(1 for _, path in office.world.right.requests if LINK_READ.search(path))


def loaded(office: Register, projects: int, contacts: int) -> list[str]:
    """So many investors in each project, in sync, and each looked at a while ago."""
    ids, people = office.projects(projects), [office.contact() for _ in range(contacts)]
    for project in ids:
        for contact in people:
            office.propstreet.add_prospect(project, contact=contact)
    office.world.run(Mode.BACKFILL)
    office.settle()
    return ids


def deal_of_nobody(office: Register) -> str:
    """One that has no project, for it is outside the scope of the table."""
    office.person.add_pipeline("other", {"s1": "0.5"})
    return str(office.person.add_deal(dealname="Not ours", pipeline="other", dealstage="s1"))


@pytest.mark.parametrize("first_elsewhere", [True, False])
def test_what_waits_is_looked_at_in_each_pass(office: Register, first_elsewhere: bool) -> None:
    """Also a record of which there is no binding: it said where it belongs, and nobody there is ours."""
    project, _ = office.load()
    elsewhere = deal_of_nobody(office)
    contact = office.crm_contact()
    id = office.add_record("interested", contact=contact, **({"project": elsewhere} if first_elsewhere else {}))
    office.settle()
    assert office.prospects(project) == {}

    if first_elsewhere:
        office.unlink(id, "project", elsewhere)
    office.link(id, project=office.deal(project))
    next_pass(office)

    assert list(office.prospects(project).values()) == ["interested"]


def test_of_more_than_one_read_takes_none_is_forgotten(office: Register) -> None:
    """Thirteen wait, and a read takes five: the last one is looked at in the third pass."""
    project, _ = office.load()
    for _ in range(12):
        office.add_record()
    id = office.add_record("interested")
    office.settle()
    reads_at_most(office, 5)
    while next_pass(office) and mark_of_alone(office):
        pass  # until the last ones have been looked at

    office.link(id, project=office.deal(project), contact=office.crm_contact())
    calls = [next_pass(office) for _ in range(3)]

    assert list(office.prospects(project).values()) == ["interested"]
    assert max(calls[:2]) <= 2 * LINKS  # five of those that wait, and at times five of the others


def mark_of_alone(office: Register) -> str:
    with office.world.store.read() as tx:
        mark = watermarks.get(tx, "test", RIGHT, Kind.PROSPECT, ALONE)
    return (mark.mark if mark is not None else None) or ""


@pytest.mark.parametrize("create", ["to_crm", "both"])
@pytest.mark.parametrize(("crm", "deals"), [("hubspot", False), ("hubspot", True), ("salesforce", False)])
def test_no_second_record_is_made_of_who_was_linked_meanwhile(crm: Crm, deals: bool, create: str) -> None:
    """P6: somebody made the record first and linked it then; the same investor is added in Propstreet."""
    office = Register(crm, deals=deals)
    office.world.table["prospect"]["create"] = create
    office.world.restart()
    project, another = office.load()
    contact = office.contact()
    office.propstreet.add_prospect(another, contact=contact)
    office.settle()
    id = office.add_record("interested")
    office.settle()

    office.link(id, project=office.deal(project), contact=office.pair(Kind.CONTACT, contact))
    office.propstreet.add_prospect(project, contact=contact)
    office.settle()

    assert [one for one in office.records() if office.links(one).get("project") == {office.deal(project)}] == [id]


@pytest.mark.parametrize("which", [0, -1])
def test_a_pair_is_looked_at_in_its_turn(office: Register, which: int) -> None:
    """The first one as well as the last: none is older than the prospects of an open project may get."""
    loaded(office, 2, 6)
    reads_at_most(office, 5)
    id = office.bindings(Kind.PROSPECT)[which].right_id or ""
    (deal,) = office.links(id)["project"]
    (another,) = {office.deal(one.left_id or "") for one in office.bindings(Kind.PROJECT)} - {deal}

    office.unlink(id, "project", deal)
    office.link(id, project=another)
    for _ in range(round(office.world.tuning.max_staleness_s / GAP_S)):
        next_pass(office)

    assert place_known(office, id) == another


def place_known(office: Register, id: str) -> str | None:
    with office.world.store.read() as tx:
        return mirror.get(tx, "test", RIGHT, Kind.PROSPECT, [id])[id].parent


def test_idle_records_cost_a_read_of_all_in_a_while(office: Register) -> None:
    """P8: 400 investors and 30 passes of a minute; whole reads, and no record is read for it."""
    loaded(office, 4, 100)
    fetches: list[str] = []

    calls = []
    for _ in range(30):
        calls.append(next_pass(office))
        fetches += [
            path for _, path in office.world.right.requests if path.endswith(f"objects/{office.object}/batch/read")
        ]

    assert LINKS <= sum(calls) <= 2 * LINKS
    assert fetches == []


def test_the_reads_are_spread_over_the_time(office: Register) -> None:
    """P8: not all in one pass; after a pause each is made once, however long it was."""
    loaded(office, 2, 25)
    reads_at_most(office, 10)

    calls = [next_pass(office) for _ in range(30)]
    late = next_pass(office, after_s=10 * office.world.tuning.max_staleness_s)

    assert set(calls) == {0, LINKS}
    assert 5 * LINKS <= sum(calls) + LINKS <= 7 * LINKS  # five reads in half an hour, give or take one
    assert late == 5 * LINKS


def test_what_is_outside_the_scope_is_not_looked_at() -> None:
    """Deals of other pipelines are no investors, whatever they are linked to."""
    office = Register("hubspot", deals=True)
    office.load()
    office.person.add_pipeline("leads", {"s1": "0.5"})
    for _ in range(3):
        office.person.add_deal(dealname="A lead", pipeline="leads", dealstage="s1")
    office.settle()

    assert next_pass(office) == 0


def test_a_record_that_was_merged_away_is_not_asked_about_for_ever(office: Register) -> None:
    """hubspot trap 9: who is not there any more is linked to nothing, and that is no news each time."""
    office.load()
    elsewhere = deal_of_nobody(office)
    one, two = (office.add_record(project=elsewhere) for _ in range(2))
    office.settle()

    survivor = office.person.merge_deals(one, two, objects=office.object)
    for _ in range(3):
        next_pass(office)

    assert next_pass(office) == LINKS
    with office.world.store.read() as tx:
        assert mirror.slice(tx, "test", RIGHT, Kind.PROSPECT, "", 10) == [survivor]


def test_links_that_can_not_be_read_do_not_hide_those_of_others(office: Register) -> None:
    """What is refused for all at once is asked for in halves."""
    project, _ = office.load()
    ids = [office.add_record() for _ in range(4)]
    office.settle()
    office.link(ids[-1], project=office.deal(project), contact=office.crm_contact())
    office.world.right.plan(Fault(kind=FaultKind.STATUS, status=403, path="associations/.*/batch/read", times=1))

    next_pass(office)

    assert len(office.prospects(project)) == 1
