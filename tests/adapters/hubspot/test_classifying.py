"""Writing prospects: onto deals, from label to label, and off again; and nothing else."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest

from syncd.adapters.base import CreateItem, DeleteItem, Failed, Outcome, UpdateItem
from syncd.errors import (
    AlreadyExists,
    Forbidden,
    Missing,
    OutcomeUnknown,
    PreconditionFailed,
    QuotaExhausted,
    Rejected,
    RemoteError,
    ServerTrouble,
)
from syncd.testing.sandbox.hubspot import App
from syncd.testing.sandbox.wire import Fault, FaultKind

from .peer import TOKEN
from .room import (
    COLD,
    COMPANY,
    CREATE,
    CUT,
    HOT,
    PROSPECT,
    READ,
    TAKE,
    WARM,
    Room,
    done,
    error,
    label_of,
    new,
    prospect,
    relabel,
)


def create(room: Room, *items: CreateItem) -> list[Outcome]:
    return room.adapter.create(PROSPECT, items)


def update(room: Room, *items: UpdateItem) -> list[Outcome]:
    return room.adapter.update(PROSPECT, items)


def delete(room: Room, *ids: str) -> list[Outcome]:
    return room.adapter.delete(PROSPECT, [DeleteItem(id) for id in ids])


def test_a_person_is_put_on_the_deal_with_our_label() -> None:
    room = Room()
    deal, anna = room.deal(), room.contact()

    (outcome,) = create(room, new(deal, anna, HOT))

    remote = done(outcome).remote
    assert (done(outcome).created, done(outcome).whole, label_of(outcome)) == (True, True, HOT)
    assert remote == room.fetch(remote.id)[remote.id]
    assert room.labels_of(deal, anna) == [HOT]


def test_a_hundred_of_many_deals_are_two_calls() -> None:
    """One look at who is there, one batch; and one for the labels, the first time (trap 31)."""
    room = Room()
    people = [(room.deal(), room.contact()) for _ in range(100)]

    outcomes = create(room, *[new(*pair, text) for pair, text in zip(people, [COLD, HOT] * 50, strict=True)])

    assert [label_of(outcome) for outcome in outcomes] == [COLD, HOT] * 50
    assert [prospect(*pair) for pair in people] == [done(outcome).remote.id for outcome in outcomes]
    assert [path.split("contacts/")[1] for _, path in room.line.requests] == [READ, "labels", CREATE]
    create(room, new(room.deal(), people[0][1]))
    assert room.adapter.calls == 5


def test_contacts_and_companies_go_in_the_order_of_the_items() -> None:
    room = Room()
    deal, anna, fund, bo = room.deal(), room.contact(), room.company(), room.contact()

    outcomes = create(room, new(deal, anna, HOT), new(deal, fund, COLD, kind=COMPANY), new(deal, bo, WARM))

    assert [anna, fund, bo] == [done(outcome).remote.id.rpartition(":")[2] for outcome in outcomes]
    assert room.labels_of(deal, anna) == [HOT]
    assert COLD in (room.labels_of(deal, fund, to="companies") or [])


@pytest.mark.parametrize("there", [COLD, HOT, "Lawyer", None])
def test_who_is_there_already_stays_as_they_are(there: str | None) -> None:
    """The engine plans the difference: a label that a person gave a moment ago is not written over."""
    room = Room()
    deal = room.deal()
    anna = room.on(deal, there)

    (outcome,) = create(room, new(deal, anna, COLD))

    assert (False, there if there in (COLD, HOT) else None) == (done(outcome).created, label_of(outcome))
    assert ([] if there is None else [there]) == room.labels_of(deal, anna)


@pytest.mark.parametrize("there", [HOT, "Lawyer", None])
def test_a_label_for_somebody_who_was_merged_away_is_no_second_stage(there: str | None) -> None:
    """hubspot trap 9: the survivor gets it. If they have one of ours already, what we gave is taken back."""
    room = Room()
    deal, anna = room.deal(), room.contact()
    bo = room.on(deal, there, name="Bo")
    survivor = room.person.merge_contacts(bo, anna)

    (outcome,) = create(room, new(deal, anna, COLD))

    assert isinstance(error(outcome), PreconditionFailed)
    given = [] if there == HOT else [COLD]
    assert sorted(room.labels_of(deal, survivor) or []) == sorted([*given, *([there] if there else [])])


def test_creating_twice_makes_one() -> None:
    """After a lost answer: sent again, it is there."""
    room = Room()
    deal, anna = room.deal(), room.contact()
    room.line.plan(Fault(kind=FaultKind.TIMEOUT_AFTER, path=CREATE))

    (lost,) = create(room, new(deal, anna, HOT))
    (again,) = create(room, new(deal, anna, HOT))

    assert isinstance(error(lost), OutcomeUnknown)
    assert (done(again).created, label_of(again)) == (False, HOT)
    assert room.labels_of(deal, anna) == [HOT]


def test_a_primary_company_is_left_to_hubspot() -> None:
    """hubspot.md trap 28: we send our label and nothing else; another primary company keeps its place."""
    room = Room()
    deal, first, second = room.deal(), room.company(), room.company()
    room.person.associate(deal, first, label="Primary", to="companies")

    create(room, new(deal, second, HOT, kind=COMPANY))
    update(room, relabel(prospect(deal, second, kind=COMPANY), WARM, HOT))

    assert room.labels_of(deal, first, to="companies") == ["Primary"]
    assert room.labels_of(deal, second, to="companies") == [WARM]


def test_a_relabelling_of_a_hundred_is_two_calls() -> None:
    """Give the new one, then take the old one, whatever the number of deals."""
    room = Room()
    pairs = [(deal, room.on(deal, COLD)) for deal in (room.deal() for _ in range(100))]
    update(room, relabel(prospect(*pairs[0]), COLD, COLD))
    room.line.requests.clear()

    outcomes = update(room, *[relabel(prospect(*pair), HOT, COLD) for pair in pairs])

    assert [label_of(outcome) for outcome in outcomes] == [HOT] * 100
    assert [path.split("contacts/")[1] for _, path in room.line.requests] == [CREATE, TAKE]
    assert all(room.labels_of(*pair) == [HOT] for pair in pairs)


def test_the_labels_of_others_stay() -> None:
    """P7: they are neither written nor removed, nor is the association itself."""
    room = Room()
    deal = room.deal()
    anna = room.on(deal, COLD)
    room.person.associate(deal, anna, label="Lawyer")

    (outcome,) = update(room, relabel(prospect(deal, anna), HOT, COLD))

    assert label_of(outcome) == HOT
    assert {"Lawyer", HOT} == set(room.labels_of(deal, anna) or [])


def test_nobody_is_without_a_label_in_between() -> None:
    """The new one is given first: who looks between the two calls sees both, and never neither."""
    room = Room()
    deal = room.deal()
    anna = room.on(deal, COLD)
    seen: list[Any] = []
    room.line.on_response = lambda request, response: seen.append(set(room.labels_of(deal, anna) or []))

    update(room, relabel(prospect(deal, anna), HOT, COLD))

    assert [{COLD, HOT}, {HOT}] == seen[-2:]
    assert set() not in seen


def test_a_label_that_a_person_added_meanwhile_stays_in_sight() -> None:
    """We take only what the decision knew of; two labels of ours are for a person to sort out."""
    room = Room()
    deal = room.deal()
    anna = room.on(deal, COLD)
    room.person.associate(deal, anna, label=WARM)

    (outcome,) = update(room, relabel(prospect(deal, anna), HOT, COLD))

    assert f"{HOT};{WARM}" == label_of(outcome)
    assert {WARM, HOT} == set(room.labels_of(deal, anna) or [])


def test_two_labels_become_one() -> None:
    """A person has decided, and the decision knew of both; where it says nothing, all others of ours go."""
    room = Room()
    deal = room.deal()
    anna, bo = room.on(deal, COLD), room.on(deal, COLD)
    for person in (anna, bo):
        room.person.associate(deal, person, label=WARM)

    update(
        room, relabel(prospect(deal, anna), WARM, f"{COLD};{WARM}"), UpdateItem(prospect(deal, bo), {"label": HOT}, {})
    )

    assert [room.labels_of(deal, anna), room.labels_of(deal, bo)] == [[WARM], [HOT]]


def test_a_bare_link_gets_a_label_in_one_call() -> None:
    room = Room()
    deal = room.deal()
    anna = room.on(deal)
    update(room, relabel(prospect(deal, anna), COLD, None))

    assert room.labels_of(deal, anna) == [COLD]
    assert (room.calls_of(TAKE), room.calls_of(CREATE)) == (0, 1)


def test_a_cleared_label_leaves_the_person_on_the_deal() -> None:
    room = Room()
    deal = room.deal()
    anna = room.on(deal, COLD)

    (outcome,) = update(room, relabel(prospect(deal, anna), None, COLD))

    assert label_of(outcome) is None
    assert room.labels_of(deal, anna) == []
    assert room.calls_of(CREATE) == 0


def test_taking_the_old_label_is_tried_again() -> None:
    """It does nothing more the second time, and a half-done change would be a person's to mend."""
    room = Room()
    deal = room.deal()
    anna = room.on(deal, COLD)
    room.line.plan(Fault(kind=FaultKind.STATUS, status=503, path=TAKE), Fault(kind=FaultKind.TIMEOUT_AFTER, path=TAKE))

    (outcome,) = update(room, relabel(prospect(deal, anna), HOT, COLD))

    assert label_of(outcome) == HOT
    assert room.calls_of(CREATE) == 1, "what may not be there twice is sent once"


@pytest.mark.parametrize(
    ("status", "kind"), [(503, OutcomeUnknown), (400, OutcomeUnknown), (403, OutcomeUnknown), (477, QuotaExhausted)]
)
def test_a_change_that_stays_half_done_is_looked_at_before_anything_else(status: int, kind: type[RemoteError]) -> None:
    """Both labels are there then; sending it all again would not be the same call."""
    room = Room()
    deal = room.deal()
    anna = room.on(deal, COLD)
    room.line.plan(Fault(kind=FaultKind.STATUS, status=status, path=TAKE, times=-1))

    (outcome,) = update(room, relabel(prospect(deal, anna), HOT, COLD))

    assert kind is type(error(outcome))
    assert {COLD, HOT} == set(room.labels_of(deal, anna) or [])
    assert COLD not in str(error(outcome))


def test_a_write_that_was_not_sent_is_no_half() -> None:
    room = Room()
    deal = room.deal()
    anna = room.on(deal, COLD)
    room.line.plan(Fault(kind=FaultKind.STATUS, status=503, path=CREATE), Fault(kind=FaultKind.REFUSED, path=CREATE))

    unknown, refused = (update(room, relabel(prospect(deal, anna), HOT, COLD))[0] for _ in range(2))

    assert isinstance(error(unknown), OutcomeUnknown)
    assert error(refused).next_step == "retry"
    assert room.calls_of(TAKE) == 0
    assert room.labels_of(deal, anna) == [COLD]


def test_a_person_is_taken_off() -> None:
    """Our label and the bare link: what remained would still say that they are on the deal."""
    room = Room()
    deal = room.deal()
    anna, bo = room.on(deal, HOT), room.on(deal, COLD)

    (outcome,) = delete(room, prospect(deal, anna))

    assert done(outcome).remote == room.fetch(prospect(deal, anna))[prospect(deal, anna)]
    assert done(outcome).remote.deleted
    assert [room.labels_of(deal, anna), room.labels_of(deal, bo)] == [None, [COLD]]


@pytest.mark.parametrize("label", ["Lawyer", "Primary"])
def test_whom_others_say_something_about_stays_on_the_deal(label: str) -> None:
    """P7 and hubspot.md trap 28: only our label goes; a primary company stays what it is."""
    room = Room()
    deal, kind, to = room.deal(), COMPANY, "companies"
    fund, first = room.company(), room.company()
    room.person.add_label("Lawyer", to=to)
    room.person.associate(deal, first, to=to)
    room.person.associate(deal, fund, label=HOT, to=to)
    room.person.associate(deal, fund, label=label, to=to)

    (outcome,) = delete(room, prospect(deal, fund, kind=kind))

    assert done(outcome).remote.deleted
    assert [label] == room.labels_of(deal, fund, to=to)
    assert room.calls_of("companies/batch/archive") == 0


def test_a_hundred_are_taken_off_in_two_calls() -> None:
    """One look at what others say, one batch."""
    room = Room()
    pairs = [(deal, room.on(deal, COLD)) for deal in (room.deal() for _ in range(100))]

    outcomes = delete(room, *[prospect(*pair) for pair in pairs])

    assert {True} == {done(outcome).remote.deleted for outcome in outcomes}
    assert [path.split("contacts/")[1] for _, path in room.line.requests] == [READ, "batch/archive"]
    assert not any(room.labels_of(*pair) for pair in pairs)
    assert room.labels_of(*pairs[0]) is None


def test_gone_already_is_done() -> None:
    """Taken off by a person, on a deal that is gone, and what never was."""
    room = Room()
    deal, gone = room.deal(), room.deal()
    anna, bo = room.on(deal, COLD), room.on(gone, COLD)
    room.person.dissociate(deal, anna)
    room.person.archive_deal(gone)

    outcomes = delete(room, prospect(deal, anna), prospect(gone, bo), prospect("999", anna), "no such id")

    assert [done(outcome).remote.deleted for outcome in outcomes] == [True] * 4
    assert (room.calls_of(TAKE), room.calls_of(CUT)) == (0, 0)


def test_a_bad_row_does_not_sink_its_batch() -> None:
    """People and deals that are gone are Missing; a label that nobody listed is refused without a call."""
    room = Room()
    deal, gone, anna, bo = room.deal(), room.deal(), room.contact(), room.contact()
    room.person.archive_deal(gone)
    room.person.delete_contact(bo)

    outcomes = create(
        room, new(deal, bo), new(deal, anna, HOT), new(gone, anna), new(deal, room.contact(), "Lawyer"), new("x", anna)
    )

    assert [Missing, None, Missing, Rejected, Rejected] == [
        type(one.error) if isinstance(one, Failed) else None for one in outcomes
    ]
    assert room.labels_of(deal, anna) == [HOT]
    assert "look at both" in (error(outcomes[0]).remedy or "")


def test_a_batch_that_is_refused_as_a_whole_is_halved() -> None:
    """Section 5.10 promises rows; where there is one answer for all, the bad row is found all the same."""
    room = Room()
    deal = room.deal()
    people = [room.contact() for _ in range(8)]
    body = b'{"category":"VALIDATION_ERROR"}'
    refusing = Fault(kind=FaultKind.STATUS, status=400, path=CREATE, sent=f'"{people[3]}"', body=body, times=-1)
    room.line.plan(refusing)

    outcomes = create(room, *[new(deal, person, HOT) for person in people])

    assert [n for n, outcome in enumerate(outcomes) if isinstance(outcome, Failed)] == [3]
    assert isinstance(error(outcomes[3]), Rejected)


def test_other_fields_are_refused_by_name() -> None:
    room = Room()
    deal, anna = room.deal(), room.contact()
    item = msgspec.structs.replace(new(deal, anna, HOT), fields={"label": HOT, "role": "buyer"})

    (outcome,) = create(room, item)

    assert (Rejected, ("role",)) == (type(error(outcome)), error(outcome).fields)
    assert room.adapter.calls == 0


def test_an_update_needs_an_id_of_a_prospect() -> None:
    (outcome,) = update(Room(), relabel("999999999", HOT, None))

    assert isinstance(error(outcome), Missing)


def test_one_prospect_twice_waits_for_another_plan() -> None:
    """hubspot.md trap 16: and the first of the two decides."""
    room = Room()
    deal, anna = room.deal(), room.contact()

    created = create(room, new(deal, anna, HOT), new(deal, anna, COLD))
    updated = update(room, relabel(prospect(deal, anna), WARM, HOT), relabel(prospect(deal, anna), COLD, HOT))

    assert isinstance(error(created[1]), AlreadyExists)
    assert isinstance(error(updated[1]), PreconditionFailed)
    assert room.labels_of(deal, anna) == [WARM]


def test_a_label_that_was_made_again_has_a_new_id() -> None:
    """hubspot.md trap 31: ids are resolved by text, and once more when one is not known any longer."""
    room = Room()
    deal, anna, bo = room.deal(), room.contact(), room.contact()
    create(room, new(deal, anna, HOT))
    room.person.drop_label(HOT)
    room.person.add_label(HOT, inverse="x")
    room.line.requests.clear()

    (outcome,) = create(room, new(deal, bo, HOT))

    assert label_of(outcome) == HOT
    assert [path.split("contacts/")[1] for _, path in room.line.requests] == [READ, CREATE, "labels", CREATE]


@pytest.mark.parametrize("act", ["drop", "rename"])
def test_a_label_that_is_no_more_is_refused_with_the_remedy(act: str) -> None:
    """hubspot.md traps 30, 31: what counts is what the answer shows, so a renamed label is noticed, too."""
    room = Room()
    deal, anna, bo = room.deal(), room.contact(), room.contact()
    create(room, new(deal, anna, HOT))
    if act == "drop":
        room.person.drop_label(HOT)
    else:
        room.person.rename_label(HOT, "Bidding", inverse="x")

    hot, cold = create(room, new(deal, bo, HOT), new(deal, room.contact(), COLD))

    assert (Rejected, ("label",)) == (type(error(hot)), error(hot).fields)
    assert "syncd setup --apply" in (error(hot).remedy or "")
    assert HOT not in str(error(hot))
    assert label_of(cold) == COLD


def test_an_old_label_that_is_no_more_need_not_be_taken() -> None:
    room = Room()
    deal = room.deal()
    anna = room.on(deal, COLD)
    update(room, relabel(prospect(deal, anna), COLD, COLD))
    room.person.drop_label(COLD)

    (outcome,) = update(room, relabel(prospect(deal, anna), HOT, COLD))

    assert label_of(outcome) == HOT
    assert room.labels_of(deal, anna) == [HOT]


def test_types_that_link_nothing_are_noticed() -> None:
    """hubspot.md trap 30: 2xx is no success; the answer must show the label."""
    room = Room()
    deal, anna = room.deal(), room.contact()
    row = b'{"fromObjectId":%d,"toObjectId":%d,"labels":[]}' % (int(deal), int(anna))
    body = b'{"status":"COMPLETE","results":[' + row + b"]}"
    room.line.plan(Fault(kind=FaultKind.STATUS, status=201, path=CREATE, body=body, times=-1))

    (outcome,) = create(room, new(deal, anna, HOT))

    assert isinstance(error(outcome), Rejected)


def test_rows_that_nobody_speaks_of_are_unknown() -> None:
    """hubspot.md trap 2: of two rows, one answered and no error."""
    room = Room()
    deal, anna, bo = room.deal(), room.contact(), room.contact()
    row = b'{"fromObjectId":"%s","toObjectId":"%s","labels":["%s"]}' % (deal.encode(), anna.encode(), HOT.encode())
    body = b'{"status":"COMPLETE","results":[' + row + b"]}"
    room.line.plan(Fault(kind=FaultKind.STATUS, status=200, path=CREATE, body=body))

    first, second = create(room, new(deal, anna, HOT), new(deal, bo, HOT))

    assert label_of(first) == HOT
    assert isinstance(error(second), OutcomeUnknown)


@pytest.mark.parametrize(
    ("answer", "kind"),
    [(b'{"errors":[{"category":"MISSING_SCOPES"}],"numErrors":1}', Forbidden), (b"<html>", OutcomeUnknown)],
)
def test_what_is_not_parted_is_told(answer: bytes, kind: type[RemoteError]) -> None:
    """The dated API answers 200 with the errors in it (section 2.1)."""
    room = Room()
    deal = room.deal()
    anna = room.on(deal, COLD)
    room.line.plan(Fault(kind=FaultKind.STATUS, status=200, path=CUT, body=answer))

    (outcome,) = delete(room, prospect(deal, anna))

    assert kind is type(error(outcome))


def test_refusals_that_name_nobody_leave_all_rows_in_doubt() -> None:
    room = Room()
    deal = room.deal()
    anna, bo = room.on(deal, COLD), room.on(deal, COLD)
    body = b'{"errors":[{"category":"VALIDATION_ERROR"}],"numErrors":1}'
    room.line.plan(Fault(kind=FaultKind.STATUS, status=200, path=CUT, body=body))

    outcomes = delete(room, prospect(deal, anna), prospect(deal, bo))

    assert [OutcomeUnknown, OutcomeUnknown] == [type(error(outcome)) for outcome in outcomes]


@pytest.mark.parametrize("path", [READ, "/labels"])
def test_what_cannot_be_looked_at_is_not_written(path: str) -> None:
    room = Room()
    deal, anna = room.deal(), room.contact()
    room.line.plan(Fault(kind=FaultKind.STATUS, status=503, path=f"{path}$", times=-1))

    (outcome,) = create(room, new(deal, anna))

    assert isinstance(error(outcome), ServerTrouble)
    assert room.labels_of(deal, anna) is None


def test_labels_that_cannot_be_asked_for_again_spoil_only_their_own_rows() -> None:
    room = Room()
    deal, anna, bo = room.deal(), room.contact(), room.contact()
    create(room, new(deal, anna, COLD))
    room.person.drop_label(HOT)
    room.line.plan(Fault(kind=FaultKind.STATUS, status=503, path="/labels$", times=-1))

    hot, cold = create(room, new(deal, bo, HOT), new(deal, room.contact(), COLD))

    assert isinstance(error(hot), ServerTrouble)
    assert label_of(cold) == COLD


def test_only_reading_is_allowed() -> None:
    """hubspot.md trap 40: to associate two records takes the scopes of both (section 2.3)."""
    room = Room()
    deal = room.deal()
    anna = room.on(deal, COLD)
    scopes = {"crm.objects.deals.write", "crm.objects.deals.read", "crm.objects.contacts.read"}
    room.twin.switch(apps={TOKEN: App(scopes=frozenset(scopes))})

    outcomes = [
        *create(room, new(deal, room.contact())),
        *update(room, relabel(prospect(deal, anna), HOT, COLD)),
        *delete(room, prospect(deal, anna)),
    ]

    assert [Forbidden] * 3 == [type(error(outcome)) for outcome in outcomes]
    assert room.labels_of(deal, anna) == [COLD]


def test_an_admins_limit_is_told() -> None:
    """A deal may have so many people and no more; a label for one who is there is no new person."""
    room = Room()
    deal = room.deal()
    anna, bo = room.on(deal, COLD), room.contact()
    room.twin.switch(association_limits={"deals/contacts": 1})

    (created,) = create(room, new(deal, bo))
    (updated,) = update(room, relabel(prospect(deal, anna), HOT, COLD))

    assert "limit" in (error(created).remedy or "")
    assert label_of(updated) == HOT


def test_both_path_families_serve_it() -> None:
    """hubspot.md trap 42: 200 where v4 has 201 and 204, and bodies where it has none."""
    room = Room(api="2026-09")
    room.twin.switch(families=frozenset({"2026-09"}))
    deal, anna, gone = room.deal(), room.contact(), room.contact()
    room.person.delete_contact(gone)

    created = create(room, new(deal, anna, COLD), new(deal, gone))
    (updated,) = update(room, relabel(prospect(deal, anna), HOT, COLD))
    (deleted,) = delete(room, prospect(deal, anna))

    assert (label_of(created[0]), label_of(updated)) == (COLD, HOT)
    assert isinstance(error(created[1]), Missing)
    assert done(deleted).remote.deleted
    assert room.labels_of(deal, anna) is None
