"""Prospects as records of their own: written together with what they belong to, and what is told of half a success."""

from __future__ import annotations

import pytest

from syncd.adapters.base import CreateItem, Outcome, Raw, UpdateItem
from syncd.core.model import Kind
from syncd.core.remote import SEVERAL, person_of
from syncd.errors import Missing, NextStep, OutcomeUnknown, PreconditionFailed, Rejected, RemoteError
from syncd.testing.sandbox.wire import Fault, FaultKind, Request, Response

from .register import JOIN, LINKED, Register, about, change
from .room import COMPANY, CONTACT, PROJECT, PROSPECT, done, error

UPSERT, UPDATE = "batch/upsert", "batch/update"
BOTH_FORMS = pytest.mark.parametrize("deals", [False, True], ids=["custom object", "deals"])


def create(register: Register, *items: CreateItem) -> list[Outcome]:
    return register.adapter.create(PROSPECT, items)


def update(register: Register, *items: UpdateItem) -> list[Outcome]:
    return register.adapter.update(PROSPECT, items)


def shown(outcome: Outcome) -> tuple[str | None, str | None]:
    remote = done(outcome).remote
    return remote.parent, remote.person


@BOTH_FORMS
@pytest.mark.parametrize("kind", [CONTACT, COMPANY])
def test_a_new_record_is_linked(deals: bool, kind: Kind) -> None:
    """To its deal and its person, and it says so itself. Nothing has to be read for that: it was not there before."""
    register = Register(deals=deals)
    deal, person = register.deal(), register.contact() if kind is CONTACT else register.company()
    register.asked()

    (outcome,) = create(register, register.new("PS-1/7", deal, person_of(kind, person)))

    calls = register.asked()
    written = done(outcome)
    assert (written.created, written.whole) == (True, True)
    assert register.links_of(written.remote.id) == {
        "deals": {deal},
        "contacts" if kind is CONTACT else "companies": {person},
    }
    assert (deal, person_of(kind, person)) == shown(outcome) == register.place(written.remote.id)
    assert [path.partition("batch/")[2] for path in calls] == ["upsert", "associate/default", "associate/default"]


def test_a_hundred_records_cost_a_call_for_each_link() -> None:
    """However many deals and people they belong to."""
    register = Register()
    deals, people = [register.deal() for _ in range(4)], [register.contact() for _ in range(100)]
    items = [register.new(f"PS-{n}", deals[n % 4], about(one)) for n, one in enumerate(people)]
    register.asked()

    outcomes = create(register, *items)

    assert len(register.asked()) == 3
    assert [(item.parent, item.person) for item in items] == [shown(one) for one in outcomes]
    assert [register.place(done(one).remote.id) for one in outcomes] == [shown(one) for one in outcomes]


@pytest.mark.parametrize("parts", [(False, True), (True, False), (False, False)])
def test_what_is_not_asked_for_is_not_linked(parts: tuple[bool, bool]) -> None:
    register = Register()
    deal = register.deal() if parts[0] else None
    person = about(register.contact()) if parts[1] else None

    (outcome,) = create(register, register.new("PS-1/7", deal, person))

    assert (done(outcome).whole, shown(outcome)) == (True, (deal, person))
    assert register.place(done(outcome).remote.id) == (deal, person)


def test_a_resend_links_too_and_shows_all_links() -> None:
    """The same ref: a record that lost its links on the way gets them, one that has them keeps them."""
    register = Register()
    deal, anna, bo = register.deal(), register.contact(), register.contact("Bo")
    item = register.new("PS-1/7", deal, about(anna))
    lost = register.record(propstreet_id="PS-1/7")

    first, second = create(register, item)[0], create(register, item)[0]
    register.link(lost, "contacts", bo)
    third = create(register, item)[0]

    assert [done(one).created for one in (first, second, third)] == [False] * 3
    assert [shown(one) for one in (first, second)] == [(deal, about(anna))] * 2
    assert shown(third) == (deal, SEVERAL)
    assert register.links_of(lost) == {"deals": {deal}, "contacts": {anna, bo}}


def test_a_link_that_is_not_mapped_is_refused_before_anything_is_sent() -> None:
    """Its neighbours go on."""
    register = Register(links={PROJECT: "deals", CONTACT: "contacts"})
    deal, anna, firm = register.deal(), register.contact(), register.company()
    items = [register.new("PS-1", deal, person_of(COMPANY, firm)), register.new("PS-2", deal, about(anna))]

    refused, made = create(register, *items)
    again = update(register, change(done(made).remote.id, person=person_of(COMPANY, firm), state="bidder"))[0]

    for one in (refused, again):
        assert isinstance(error(one), Rejected)
        assert "links.company under [prospect]" in (error(one).remedy or "")
    assert len(register.person.live_deals(objects=register.name)) == 1
    assert register.fetch(done(made).remote.id)[done(made).remote.id].raw["state"] == "not_contacted"


@pytest.mark.parametrize(("parent", "person"), [(SEVERAL, None), (None, SEVERAL), (None, "contact:x"), (None, "7")])
def test_what_names_no_record_can_not_be_linked(parent: str | None, person: str | None) -> None:
    register = Register()
    register.asked()

    (outcome,) = create(register, register.new("PS-1", parent, person))

    assert isinstance(error(outcome), Rejected)
    assert register.asked() == []


@pytest.mark.parametrize("status", [400, 403, 429, 477, 503])
def test_a_record_that_landed_is_told_of_whatever_became_of_its_links(status: int) -> None:
    """Without them, and not whole: whoever sees that asks for them again."""
    register = Register()
    deal, anna = register.deal(), register.contact()
    register.fail(f"/contacts/{JOIN}", status=status)

    (outcome,) = create(register, register.new("PS-1/7", deal, about(anna)))
    register.line.behave()
    id = done(outcome).remote.id

    assert (done(outcome).created, done(outcome).whole, shown(outcome)) == (True, False, (deal, None))
    (mended,) = update(register, change(id, person=about(anna)))
    assert (deal, about(anna)) == shown(mended) == register.place(id)


def test_a_link_whose_answer_was_lost_is_made_once_more() -> None:
    """Once more does nothing more (hubspot.md section 9)."""
    register = Register()
    deal = register.deal()
    register.line.plan(Fault(kind=FaultKind.TIMEOUT_AFTER, path=JOIN))

    (outcome,) = create(register, register.new("PS-1/7", deal, None))

    assert (done(outcome).whole, shown(outcome)) == (True, (deal, None))


def test_a_create_whose_outcome_is_unknown_is_not_linked() -> None:
    register = Register()
    register.line.plan(Fault(kind=FaultKind.TIMEOUT_AFTER, path=UPSERT))

    (outcome,) = create(register, register.new("PS-1/7", register.deal(), None))

    assert isinstance(error(outcome), OutcomeUnknown)
    assert not any(JOIN in path for path in register.asked())
    assert register.adapter.find(PROSPECT, ["PS-1/7"])["PS-1/7"].parent is None


def test_one_bad_end_is_alone() -> None:
    """hubspot.md 5.10: 200 with errors in it."""
    register = Register()
    deal, anna, gone = register.deal(), register.contact(), register.contact("Bo")
    register.person.delete_contact(gone)
    items = [register.new("PS-1", deal, about(anna)), register.new("PS-2", deal, about(gone))]

    outcomes = create(register, *items)

    assert [(done(one).whole, shown(one)) for one in outcomes] == [(True, (deal, about(anna))), (False, (deal, None))]


def test_ids_are_unique_within_one_type_only() -> None:
    """Both directions of a link are in the answer: the other one of a neighbour's is not taken for ours."""
    register = Register()
    first, second = register.record(), register.record()
    assert (first, second) == (register.contact(), register.contact("Bo"))
    register.person.delete_contact(second)

    refused, made = update(register, change(first, person=about(second)), change(second, person=about(first)))

    assert isinstance(error(refused), Missing)
    assert shown(made) == (None, about(first))
    assert register.links_of(first) == {}


@BOTH_FORMS
def test_an_update_links_besides_what_is_there(deals: bool) -> None:
    """No link is ever taken away, and one that is there is made again without harm."""
    register = Register(deals=deals)
    deal, other, anna = register.deal(), register.deal(), register.contact()
    id = register.record(("deals", other))
    state = "dealstage" if deals else "state"

    first = update(register, change(id, deal, about(anna), **{state: "bidder"}))[0]
    second = update(register, change(id, deal, about(anna)))[0]

    assert [shown(one) for one in (first, second)] == [(SEVERAL, about(anna))] * 2
    assert {"deals": {deal, other}, "contacts": {anna}} == register.links_of(id)
    assert done(second).remote == register.fetch(id)[id]
    assert done(second).remote.raw[state] == "bidder"


def test_what_only_links_writes_nothing_else() -> None:
    """The record is read instead, so that all of it is shown."""
    register = Register()
    deal = register.deal()
    id = register.record()
    before = register.person.deal(id, objects=register.name)
    register.asked()

    (outcome,) = update(register, change(id, deal))

    assert (done(outcome).whole, shown(outcome)) == (True, (deal, None))
    assert not any(path.endswith((UPDATE, UPSERT)) for path in register.asked())
    assert before == register.person.deal(id, objects=register.name)


def test_an_update_of_fields_shows_the_links() -> None:
    register = Register()
    deal, anna = register.deal(), register.contact()
    id = register.record(("deals", deal), ("contacts", anna))
    register.asked()

    (outcome,) = update(register, change(id, state="bidder"))

    assert (done(outcome).remote.raw["state"], shown(outcome)) == ("bidder", (deal, about(anna)))
    assert len(register.asked()) == 4


def test_a_stamp_is_written_and_linked() -> None:
    register = Register()
    deal, id = register.deal(), register.record()

    (outcome,) = update(register, UpdateItem(id, {}, {}, stamp="PS-1/7", parent=deal))

    assert (done(outcome).remote.ref, shown(outcome)) == ("PS-1/7", (deal, None))


@pytest.mark.parametrize("fields", [{}, {"state": "bidder"}])
def test_a_refused_link_is_an_error_where_nothing_else_was_wanted(fields: Raw) -> None:
    """Where fields were written, they are told of, and the link is seen to be missing; else it would be tried for ever
    and nobody told."""
    register = Register()
    register.twin.switch(association_limits={f"{register.name}/contacts": 1})
    anna, bo = register.contact(), register.contact("Bo")
    id = register.record(("contacts", anna))

    (outcome,) = update(register, UpdateItem(id, fields, {}, person=about(bo)))

    if fields:
        assert (done(outcome).whole, shown(outcome)) == (False, (None, about(anna)))
        assert register.fetch(id)[id].raw["state"] == "bidder"
    else:
        assert error(outcome).code == "ASSOCIATION_LIMIT_EXCEEDED"
        assert error(outcome).next_step is NextStep.HOLD
        assert error(outcome).remedy


@pytest.mark.parametrize("status", [403, 503])
def test_links_that_can_not_be_read_leave_the_outcome_open(status: int) -> None:
    """The record is written; to show it as unlinked, or as linked to what was asked for alone, would be a guess."""
    register = Register()
    deal = register.deal()
    id = register.record(("deals", deal), propstreet_id="PS-1/7")
    register.fail(LINKED, status=status)

    outcomes = [
        *create(register, register.new("PS-1/7", deal, None)),
        *create(register, register.new("PS-2/7", deal, None)),
        *update(register, change(id, state="bidder")),
        *update(register, change(id, deal)),
    ]
    register.line.behave()

    assert [isinstance(error(outcomes[n]), OutcomeUnknown) for n in (0, 2, 3)] == [True] * 3
    assert shown(outcomes[1]) == (deal, None)
    assert register.fetch(id)[id].raw["state"] == "bidder"


def test_a_record_that_can_not_be_read_after_it_was_linked_is_linked_again() -> None:
    register = Register()
    deal, id = register.deal(), register.record()
    register.fail(f"objects/{register.name}/batch/read")

    (outcome,) = update(register, change(id, deal))

    assert error(outcome).next_step is NextStep.RETRY
    assert register.links_of(id) == {"deals": {deal}}


def test_a_record_that_was_not_written_is_not_linked() -> None:
    """What was planned was the two together."""
    register = Register(deals=True)
    deal, id = register.deal(), register.record()

    (outcome,) = update(register, change(id, deal, dealstage="no such stage"))

    assert isinstance(error(outcome), Rejected)
    assert register.links_of(id) == {}


def test_a_record_that_goes_while_it_is_linked_is_planned_afresh() -> None:
    """What was read was not the record that was linked."""
    register = Register()
    deal, id = register.deal(), register.record()

    def archive(request: Request, _: Response) -> None:
        if request.path.endswith(JOIN):
            register.person.archive_deal(id, objects=register.name)

    register.line.on_response = archive
    (outcome,) = update(register, change(id, deal))

    assert isinstance(error(outcome), PreconditionFailed)


@pytest.mark.parametrize("fields", [{}, {"state": "bidder"}])
def test_a_record_that_is_gone_is_planned_afresh(fields: Raw) -> None:
    register = Register()
    deal, id = register.deal(), register.record()
    register.person.archive_deal(id, objects=register.name)

    (outcome,) = update(register, UpdateItem(id, fields, {}, parent=deal))

    assert isinstance(error(outcome), Missing)


@pytest.mark.parametrize(("fields", "kind"), [({}, OutcomeUnknown), ({"state": "bidder"}, PreconditionFailed)])
def test_a_record_that_was_merged_away_is_read_again(fields: Raw, kind: type[RemoteError]) -> None:
    """hubspot.md trap 9: its survivor is another record, and has got the link."""
    register = Register()
    deal, one, two = register.deal(), register.record(), register.record()
    register.person.merge_deals(one, two, objects=register.name)

    (outcome,) = update(register, UpdateItem(two, fields, {}, parent=deal))

    assert type(error(outcome)) is kind


def test_a_person_who_was_merged_into_another_is_planned_afresh() -> None:
    """hubspot.md trap 9: the answer is about the survivor, whom nobody asked for."""
    register = Register()
    anna, bo, id = register.contact(), register.contact("Bo"), register.record()
    survivor = register.person.merge_contacts(bo, anna)

    (outcome,) = update(register, change(id, person=about(anna)))

    assert isinstance(error(outcome), PreconditionFailed)
    assert register.place(id) == (None, about(survivor))


def test_a_record_is_in_a_batch_once() -> None:
    """hubspot.md trap 16."""
    register = Register()
    deal, anna, id = register.deal(), register.contact(), register.record()

    first, second = update(register, change(id, deal), change(id, person=about(anna)))

    assert shown(first) == (deal, None)
    assert error(second).next_step is NextStep.REPLAN


def test_outcomes_are_in_the_order_of_the_items() -> None:
    """Those that are refused at once, those that only link and those that write: each in its place."""
    register = Register(links={PROJECT: "deals"})
    deal = register.deal()
    ids = [register.record() for _ in range(3)]
    items = [change(ids[0], deal), change(ids[1], person="company:7"), change(ids[2], deal, state="bidder")]

    first, second, third = update(register, *items)

    assert [done(first).remote.id, done(third).remote.id] == [ids[0], ids[2]]
    assert isinstance(error(second), Rejected)


def test_nothing_costs_nothing() -> None:
    register = Register()
    register.asked()

    assert create(register) == update(register) == []
    assert register.asked() == []


@pytest.mark.parametrize("api", ["v3", "2026-09"])
def test_both_path_families(api: str) -> None:
    """hubspot.md trap 42."""
    register = Register(api=api)
    deal, anna = register.deal(), register.contact()
    register.asked()

    (outcome,) = create(register, register.new("PS-1/7", deal, about(anna)))

    assert shown(outcome) == (deal, about(anna))
    assert all(("2026-09" in path) is (api == "2026-09") for path in register.asked())
