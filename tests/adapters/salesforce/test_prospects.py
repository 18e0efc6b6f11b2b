"""Contacts in opportunities as prospects: read whole, written as ours alone, and gone only by the set's own word."""

from __future__ import annotations

import json
import threading
from collections.abc import Mapping
from typing import Any

import pytest

from syncd.adapters.base import Brood, CreateItem, DeleteItem, Nests, ObjectSpec, SetupItem, UpdateItem
from syncd.adapters.salesforce.ids import full_id
from syncd.core.model import FieldType, Kind
from syncd.core.remote import Raw, Remote
from syncd.errors import (
    AlreadyExists,
    ConfigError,
    Forbidden,
    Missing,
    OutcomeUnknown,
    PreconditionFailed,
    RateLimited,
    Rejected,
    RemoteError,
    ServerTrouble,
)
from syncd.mapping.wanted import WantedField
from syncd.testing.sandbox.wire import Fault, FaultKind

from .rig import LATER_S, PROJECT, Rig, done, error, kinds

PROSPECT = Kind.PROSPECT
OBJECT = "OpportunityContactRole"
COLD, WARM, HOT = "Investor: not contacted", "Investor: contacted", "Investor: bidder"
ROLE = {"Role": (COLD, WARM, HOT)}
LAWYER = "Evaluator"
NOBODY = str(full_id("003000000000zzz"))
NOWHERE = str(full_id("006000000000zzz"))
GRANTED = "give our user's permission set read and edit access"


def rig_of(*, fields: tuple[str, ...] = ("Role",), values: Mapping[str, tuple[str, ...]] = ROLE, **more: Any) -> Rig:
    spec = ObjectSpec(OBJECT, fields, values, nested=True)
    return Rig(**{"beside": {PROSPECT: spec, Kind.CONTACT: ObjectSpec("Contact", ("LastName",))}} | more)


class Deal:
    """An opportunity with contacts in it."""

    def __init__(self, rig: Rig, *roles: str | None) -> None:
        self.rig = rig
        self.id = rig.add()
        self.contacts = [rig.person.add_contact(LastName=f"name {n}") for n in range(len(roles))]
        self.roles = [
            rig.person.add_role(self.id, contact, role=role) for contact, role in zip(self.contacts, roles, strict=True)
        ]

    def place(self, number: int = 0) -> str:
        return f"{self.id}:contact:{self.contacts[number]}"

    def shown(self) -> list[tuple[str, str | None]]:
        """Who has which role, as the twin has it."""
        return [(role["ContactId"], role["Role"]) for role in self.rig.person.roles_of(self.id).values()]


def within(rig: Rig, *deals: str) -> dict[str, Brood]:
    assert isinstance(rig.adapter, Nests)
    return {brood.parent: brood for brood in rig.adapter.within(PROSPECT, deals)}


def rows(rig: Rig, deal: Deal) -> dict[str, Remote]:
    return {row.id: row for row in within(rig, deal.id)[deal.id].rows}


def read(rig: Rig, id: str) -> Remote:
    return rig.adapter.fetch(PROSPECT, [id])[id]


def new(deal: str, contact: str, role: str | None = WARM, **fields: Any) -> CreateItem:
    return CreateItem(f"PS-{contact}", {"Role": role, **fields}, f"key {contact}", deal, f"contact:{contact}")


def edit(remote: Remote, fields: Raw) -> UpdateItem:
    return UpdateItem(remote.id, fields, remote.raw, remote.version)


def later(rig: Rig) -> None:
    """So long that no change counts as made lately."""
    rig.clock.advance(LATER_S)
    rig.adapter.find(PROJECT, ["PS-1"])
    rig.calls()


def warm(rig: Rig) -> None:
    """Signed in, and the role described."""
    within(rig, rig.add())
    rig.calls()


# Reading


def test_a_contact_in_an_opportunity_is_a_prospect() -> None:
    """Known by its place and by no stamp; the row is its raw form, the row's stamp its version."""
    rig = rig_of()
    deal = Deal(rig, WARM, COLD)

    shown = rows(rig, deal)

    assert [deal.place(0), deal.place(1)] == list(shown)
    one = shown[deal.place(0)]
    assert (one.parent, one.person, one.ref, one.keys) == (deal.id, f"contact:{deal.contacts[0]}", None, ())
    assert (one.raw["Id"], one.raw["Role"], one.raw["SystemModstamp"]) == (deal.roles[0], WARM, one.version)
    assert one.modified is not None
    assert not one.deleted
    assert rig.adapter.nested == {PROSPECT}


def test_four_hundred_opportunities_are_one_call() -> None:
    """salesforce.md 3.2 and trap 26: as many ids as an address holds, and roles and opportunities share its pages."""
    rig = rig_of()
    deals = [Deal(rig, WARM, None, HOT) for _ in range(400)]
    warm(rig)

    found = within(rig, *(deal.id for deal in deals))

    assert [path for _, path in rig.calls()] == ["query/"]
    assert {deal.id: [deal.place(n) for n in range(3)] for deal in deals} == {
        id: [row.id for row in brood.rows] for id, brood in found.items()
    }


@pytest.mark.parametrize("page_max", [1, 2, 3])
def test_pages_within_pages_are_read_to_their_ends(page_max: int) -> None:
    """salesforce.md 3.2, trap 15: a set may be unfinished inside its row; only `done` says where it ends."""
    rig = rig_of(switches={"page_max": page_max})
    deals = [Deal(rig, *[WARM] * 7), Deal(rig), Deal(rig, COLD, COLD)]

    found = within(rig, *(deal.id for deal in deals))

    assert [len(found[deal.id].rows) for deal in deals] == [7, 0, 2]


def test_an_opportunity_without_anybody_is_not_gone() -> None:
    rig = rig_of()
    empty, binned, purged, unshared = (Deal(rig, *roles) for roles in ((), (WARM,), (WARM,), (WARM,)))
    rig.person.delete_record(binned.id)
    rig.person.delete_record(purged.id)
    rig.person.purge_record(purged.id)
    rig.person.share(unshared.id, visible=False)

    found = within(rig, empty.id, binned.id, purged.id, unshared.id, NOWHERE)

    assert [brood.parent for brood in found.values() if brood.gone] == [binned.id, purged.id, unshared.id, NOWHERE]
    assert found[empty.id] == Brood(empty.id, [])


def test_a_query_that_leaves_an_opportunity_out_is_trouble() -> None:
    """Absence from a query is a suspicion: the ids are asked for by name (section 8.5)."""
    rig = rig_of()
    deal = Deal(rig, WARM)
    warm(rig)
    empty = json.dumps({"totalSize": 0, "done": True, "records": []}).encode()
    rig.line.plan(Fault(kind=FaultKind.STATUS, path="/query/", status=200, body=empty, times=-1))

    with pytest.raises(ServerTrouble, match="not in salesforce's query"):
        within(rig, deal.id)
    with pytest.raises(ServerTrouble, match="not in salesforce's query"):
        read(rig, deal.place())


def test_several_roles_of_one_contact_are_one_prospect() -> None:
    """salesforce.md 7.2: no uniqueness; the lowest id speaks for all, but a role of ours before anybody else's."""
    rig = rig_of()
    deal = Deal(rig, LAWYER, HOT)
    ours = [rig.person.add_role(deal.id, deal.contacts[0], role=role) for role in (WARM, COLD)]
    lower = rig.person.add_role(deal.id, deal.contacts[1], role=WARM)

    shown = rows(rig, deal)

    assert [ours[0], deal.roles[1]] == [row.raw["Id"] for row in shown.values()]
    assert lower > deal.roles[1]
    assert {None} == {row.modified for row in shown.values()}, "the stamp of one of several does not date the record"


def test_where_the_mapping_knows_no_roles_the_lowest_id_speaks() -> None:
    rig = rig_of(values={}, fields=("Role", "IsPrimary"))
    deal = Deal(rig, LAWYER)
    rig.person.add_role(deal.id, deal.contacts[0], role=WARM, primary=True)

    assert [deal.roles[0]] == [row.raw["Id"] for row in rows(rig, deal).values()]


@pytest.mark.parametrize("how", ["deleted", "unshared"])
def test_a_role_of_a_contact_out_of_sight_is_shown(how: str) -> None:
    """salesforce.md 7.2: queries return them, and whether the contact is there is the contact's to say."""
    rig = rig_of()
    deal = Deal(rig, WARM)
    (contact,) = deal.contacts
    rig.person.delete_contact(contact) if how == "deleted" else rig.person.share(contact, visible=False)

    assert [deal.place()] == list(rows(rig, deal))
    assert rig.adapter.fetch(Kind.CONTACT, [contact])[contact].deleted


def test_a_merged_contact_takes_its_place_along() -> None:
    """salesforce.md trap 19, 7.3: the role is the winner's by then, without anybody having written it."""
    rig = rig_of()
    deal = Deal(rig, WARM, LAWYER)
    loser, winner = deal.contacts
    rig.person.merge_contacts(winner, [loser])

    gone = read(rig, deal.place(0))

    assert (gone.deleted, gone.person) == (True, f"contact:{loser}")
    assert [(deal.place(1), WARM)] == [(row.id, row.raw["Role"]) for row in rows(rig, deal).values()]


def test_who_was_taken_off_is_gone_by_the_word_of_the_set() -> None:
    """salesforce.md trap 12: a role that was deleted directly is in no query, not even the recycle bin's."""
    rig = rig_of()
    deal = Deal(rig, WARM, COLD)
    rig.person.delete_role(deal.roles[0])

    found = rig.adapter.fetch(PROSPECT, [deal.place(0), deal.place(1)])

    facts = {"OpportunityId": deal.id, "ContactId": deal.contacts[0]}
    assert found[deal.place(0)] == Remote(
        id=deal.place(0), deleted=True, raw=facts, parent=deal.id, person=f"contact:{deal.contacts[0]}"
    )
    assert not found[deal.place(1)].deleted
    assert [deal.place(1)] == list(rows(rig, deal))


def test_of_an_opportunity_that_cannot_be_read_nothing_is_known() -> None:
    """salesforce.md trap 18: a change of sharing looks like a deletion; without facts, it is only a suspicion."""
    rig = rig_of()
    deal = Deal(rig, WARM)
    rig.person.share(deal.id, visible=False)

    assert read(rig, deal.place()) == Remote(id=deal.place(), deleted=True)


def test_two_hundred_prospects_are_fetched_in_one_call() -> None:
    rig = rig_of()
    deals = [Deal(rig, WARM) for _ in range(200)]
    warm(rig)

    found = rig.adapter.fetch(PROSPECT, [deal.place() for deal in deals])

    assert all(not remote.deleted for remote in found.values())
    assert len(rig.calls()) == 1


@pytest.mark.parametrize(
    "id",
    [
        "",
        NOWHERE,
        f"{NOWHERE}:company:001000000000zzzAAA",
        f"{NOWHERE}:somebody:{NOBODY}",
        f"{NOBODY}:contact:{NOWHERE}",
        f"{NOWHERE[:17]}B:contact:{NOBODY}",
        f"{NOWHERE}:contact:..",
    ],
)
def test_what_names_no_place_is_never_called_gone(id: str) -> None:
    """salesforce.md 2.6 and trap 21."""
    rig = rig_of()

    with pytest.raises(Rejected, match="can't be the id"):
        read(rig, id)
    assert kinds(rig.adapter.update(PROSPECT, [UpdateItem(id, {"Role": HOT}, {"Id": "00K"})])) == [Rejected]
    assert kinds(rig.adapter.delete(PROSPECT, [DeleteItem(id)])) == [Rejected]


def test_what_is_no_opportunity_has_no_set() -> None:
    rig = rig_of()

    with pytest.raises(Rejected, match="can't be the id of an opportunity"):
        within(rig, NOBODY)


def test_both_forms_of_an_id_name_one_place() -> None:
    """salesforce.md trap 21."""
    rig = rig_of()
    deal = Deal(rig, WARM)
    short = f"{deal.id[:15]}:contact:{deal.contacts[0][:15]}"

    assert rig.adapter.fetch(PROSPECT, [short])[short].id == deal.place()
    assert within(rig, deal.id[:15])[deal.id[:15]].rows[0].id == deal.place()


def test_nobody_is_found_by_a_stamp() -> None:
    rig = rig_of()

    assert rig.adapter.find(PROSPECT, ["PS-1"]) == {}
    assert rig.calls() == []


@pytest.mark.parametrize("hidden", ["OpportunityId", "ContactId"])
def test_roles_that_do_not_tell_whose_they_are_are_not_read(hidden: str) -> None:
    """salesforce.md trap 17: nobody is gone because a permission is."""
    rig = rig_of(switches={"hidden_fields": frozenset({f"{OBJECT}.{hidden}"})})
    deal = Deal(rig, WARM)

    with pytest.raises(Forbidden) as caught:
        within(rig, deal.id)

    assert caught.value.fields == (hidden,)
    assert GRANTED in str(caught.value.remedy)
    assert [hidden in problem.what for problem in rig.adapter.check().problems] == [True]


def test_a_field_that_was_hidden_since_is_left_out() -> None:
    """salesforce.md trap 17: described again, and read without it."""
    rig = rig_of(fields=("Role", "Note__c"))
    rig.person.add_field("Note__c", OBJECT)
    deal = Deal(rig, WARM)
    assert "Note__c" in rows(rig, deal)[deal.place()].raw
    rig.twin.switch(hidden_fields=frozenset({f"{OBJECT}.Note__c"}))

    assert "Note__c" not in rows(rig, deal)[deal.place()].raw


@pytest.mark.parametrize(
    "children",
    ["what", {"records": [{"Id": "00K000000000001"}], "done": True}, {"records": [], "done": False}],
    ids=["no result", "nobody's role", "no next page"],
)
def test_a_set_that_cannot_be_read_is_not_an_empty_one(children: Any) -> None:
    """salesforce.md trap 16."""
    rig = rig_of()
    deal = Deal(rig, WARM)
    row = {"Id": deal.id, "OpportunityContactRoles": children}
    body = json.dumps({"totalSize": 1, "done": True, "records": [row]}).encode()
    rig.line.plan(Fault(kind=FaultKind.STATUS, path="/query/", status=200, body=body, times=-1))

    with pytest.raises(RemoteError):
        within(rig, deal.id)


# Creating


def test_two_hundred_prospects_are_made_in_two_calls() -> None:
    """salesforce.md 9.1: the sets are read, and then all are written and looked at in one composite call."""
    rig = rig_of()
    deal, other = Deal(rig), Deal(rig)
    people = [rig.person.add_contact() for _ in range(100)]
    warm(rig)
    items = [new(one.id, contact) for contact in people for one in (deal, other)]

    outcomes = rig.adapter.create(PROSPECT, items)

    assert [path for _, path in rig.calls()] == ["query/", "composite"]
    assert [item.person for item in items] == [done(outcome).remote.person for outcome in outcomes]
    assert [item.parent for item in items] == [done(outcome).remote.parent for outcome in outcomes]
    assert {(True, True)} == {(done(outcome).created, done(outcome).whole) for outcome in outcomes}
    made = done(outcomes[0]).remote
    assert made == read(rig, made.id)
    assert len(deal.shown()) == len(other.shown()) == 100


def test_who_is_there_already_is_left_as_they_are() -> None:
    """salesforce.md 9.1: a repeat after a lost answer makes no second role; what differs, the engine plans."""
    rig = rig_of()
    deal = Deal(rig, COLD)
    contact = rig.person.add_contact()

    first = done(rig.adapter.create(PROSPECT, [new(deal.id, contact)])[0])
    outcomes = rig.adapter.create(PROSPECT, [new(deal.id, contact), new(deal.id, deal.contacts[0], HOT)])

    assert [(done(one).created, done(one).remote.raw["Role"]) for one in outcomes] == [(False, WARM), (False, COLD)]
    assert first.remote == done(outcomes[0]).remote
    assert [(deal.contacts[0], COLD), (contact, WARM)] == deal.shown()


@pytest.mark.parametrize("role", [LAWYER, None])
def test_somebody_elses_role_stays_and_ours_stands_beside_it(role: str | None) -> None:
    """Promise P7: neither written over nor taken away; a repeat finds ours."""
    rig = rig_of()
    deal = Deal(rig, role)
    item = new(deal.id, deal.contacts[0])

    made, again = (done(rig.adapter.create(PROSPECT, [item])[0]) for _ in range(2))

    assert (made.created, again.created) == (True, False)
    assert (made.remote.modified, again.remote.modified) == (None, None)
    assert [(deal.contacts[0], role), (deal.contacts[0], WARM)] == deal.shown()
    assert {WARM} == {row.raw["Role"] for row in rows(rig, deal).values()}


def test_a_role_that_would_say_nothing_is_not_made_twice() -> None:
    rig = rig_of()
    deal = Deal(rig, None)
    item = CreateItem("PS-1", {}, "key", deal.id, f"contact:{deal.contacts[0]}")

    assert done(rig.adapter.create(PROSPECT, [item])[0]).created is False
    assert len(deal.shown()) == 1


@pytest.mark.parametrize(
    ("person", "named"), [("company:001D000000IqhSLIAZ", "company:001D000000IqhSLIAZ"), (None, "nobody")]
)
def test_a_company_has_no_role(person: str | None, named: str) -> None:
    """A contact role needs a contact: said so, with what to do; the neighbours are made."""
    rig = rig_of()
    deal = Deal(rig)
    contact = rig.person.add_contact()

    outcomes = rig.adapter.create(
        PROSPECT, [CreateItem("PS-1", {"Role": WARM}, "key", deal.id, person), new(deal.id, contact)]
    )

    assert isinstance(error(outcomes[0]), Rejected)
    assert f"{named} can't have a role in {deal.id}" in str(error(outcomes[0]))
    assert 'form = "record"' in str(error(outcomes[0]).remedy)
    assert done(outcomes[1]).created


def test_one_contact_twice_in_a_batch_is_made_once() -> None:
    rig = rig_of()
    deal = Deal(rig)
    contact = rig.person.add_contact()

    outcomes = rig.adapter.create(PROSPECT, [new(deal.id, contact), new(deal.id, contact)])

    assert kinds(outcomes)[1] is AlreadyExists
    assert len(deal.shown()) == 1


def test_a_contact_that_is_gone_is_refused_and_its_neighbour_made() -> None:
    """salesforce.md trap 7: a failed row in a call that succeeded."""
    rig = rig_of()
    deal = Deal(rig)
    contact = rig.person.add_contact()

    outcomes = rig.adapter.create(PROSPECT, [new(deal.id, NOBODY), new(deal.id, contact)])

    assert (error(outcomes[0]).code, error(outcomes[0]).fields) == ("INVALID_CROSS_REFERENCE_KEY", ("ContactId",))
    assert done(outcomes[1]).created


def test_an_opportunity_that_is_gone_takes_nobody() -> None:
    rig = rig_of()
    deal = Deal(rig)
    rig.person.delete_record(deal.id)

    (outcome,) = rig.adapter.create(PROSPECT, [new(deal.id, rig.person.add_contact())])

    assert isinstance(error(outcome), Rejected)


def test_an_unknown_outcome_is_told_as_one() -> None:
    """Nobody knows whether it landed, and nothing would keep a second one from being made: the engine looks first."""
    rig = rig_of()
    deal = Deal(rig)
    warm(rig)
    rig.line.plan(Fault(kind=FaultKind.RESET_AFTER, path="/composite$"))
    item = new(deal.id, rig.person.add_contact())

    (outcome,) = rig.adapter.create(PROSPECT, [item])

    assert isinstance(error(outcome), OutcomeUnknown)
    assert len(deal.shown()) == 1
    assert done(rig.adapter.create(PROSPECT, [item])[0]).created is False


def test_sets_that_cannot_be_read_let_nobody_be_added() -> None:
    """Who is there is not known, so whoever is added might be there twice."""
    rig = rig_of()
    deal = Deal(rig)
    warm(rig)
    rig.line.plan(Fault(kind=FaultKind.STATUS, path="/query/", status=503, times=-1))

    outcomes = rig.adapter.create(PROSPECT, [new(deal.id, rig.person.add_contact()), new(deal.id, NOBODY)])

    assert kinds(outcomes) == [ServerTrouble] * 2
    assert deal.shown() == []


def test_a_lost_look_does_not_undo_a_role() -> None:
    rig = rig_of()
    deal = Deal(rig)
    warm(rig)
    parts = [
        {"httpStatusCode": 200, "body": [{"id": "00KD000000CVE7O", "success": True}]},
        {"httpStatusCode": 400, "body": [{"errorCode": "QUERY_TIMEOUT", "message": "late"}]},
    ]
    body = json.dumps({"compositeResponse": parts}).encode()
    rig.line.plan(Fault(kind=FaultKind.STATUS, path="/composite$", status=200, body=body))
    contact = rig.person.add_contact()

    made = done(rig.adapter.create(PROSPECT, [new(deal.id, contact)])[0])

    assert (made.remote.id, made.remote.parent) == (f"{deal.id}:contact:{contact}", deal.id)
    assert (made.whole, made.created) == (False, True)


# Locks


def test_a_lock_on_the_opportunity_is_waited_out() -> None:
    """salesforce.md 7.2, trap 30: writing a role locks its opportunity; the row is tried again later, alone."""
    rig = rig_of()
    held, free = Deal(rig), Deal(rig)
    contact = rig.person.add_contact()
    rig.person.lock_row(held.id)
    items = [new(held.id, contact), new(free.id, contact)]

    outcomes = rig.adapter.create(PROSPECT, items)
    again = rig.adapter.create(PROSPECT, items[:1])

    assert isinstance(error(outcomes[0]), RateLimited)
    assert done(outcomes[1]).created
    assert done(again[0]).created


def test_roles_are_written_one_call_at_a_time() -> None:
    """salesforce.md 7.2: two calls about one opportunity, or about two of one account, would lock each other out."""
    rig = rig_of(options={"workers": 4})
    deal = Deal(rig, WARM)
    later(rig)
    one = read(rig, deal.place())
    first, second = rig.person.add_contact(), rig.person.add_contact()
    verbs = (
        lambda: rig.adapter.create(PROSPECT, [new(deal.id, second)]),
        lambda: rig.adapter.update(PROSPECT, [edit(one, {"Role": HOT})]),
        lambda: rig.adapter.delete(PROSPECT, [DeleteItem(deal.place())]),
    )
    others = [threading.Thread(target=verb) for verb in verbs]
    rig.calls()
    asked: list[int] = []

    def under_way(request: Any) -> None:
        if request.path.endswith("composite") and not asked:
            asked.append(len(rig.line.requests))
            for other in others:
                other.start()
                other.join(0.05)
            asked.append(len(rig.line.requests))

    rig.line.on_request = under_way
    rig.adapter.create(PROSPECT, [new(deal.id, first)])
    for other in others:
        other.join()

    assert asked[0] == asked[1], "somebody else asked while a role was being written"
    assert {contact for contact, _ in deal.shown()} == {first, second}


# Updating


def test_a_role_is_changed_by_its_own_row() -> None:
    rig = rig_of()
    deal = Deal(rig, COLD, COLD)
    later(rig)
    one = read(rig, deal.place())
    rig.calls()

    written = done(rig.adapter.update(PROSPECT, [edit(one, {"Role": HOT})])[0])

    assert len(rig.calls()) == 1
    assert [role for _, role in deal.shown()] == [HOT, COLD]
    assert (written.remote.id, written.remote.parent, written.whole) == (deal.place(), deal.id, True)
    assert written.remote.raw == read(rig, deal.place()).raw
    assert written.remote.version == read(rig, deal.place()).version
    assert written.remote.modified is None, "whether the contact has other roles there was not read"


def test_two_hundred_changes_are_two_calls() -> None:
    """As with opportunities: read and compared, then one batch (section 9.3)."""
    rig = rig_of()
    deal = Deal(rig, *[COLD] * 200)
    later(rig)
    before = rows(rig, deal)
    rig.calls()

    outcomes = rig.adapter.update(PROSPECT, [edit(one, {"Role": WARM}) for one in before.values()])

    assert len(rig.calls()) == 2
    assert list(before) == [done(outcome).remote.id for outcome in outcomes]
    assert {WARM} == {role for _, role in deal.shown()}


@pytest.mark.parametrize("count", [1, 60])
def test_a_role_that_moved_is_not_written_over(count: int) -> None:
    """One of a few is guarded by Salesforce, one of many by a look (section 9.3)."""
    rig = rig_of()
    deal = Deal(rig, *[COLD] * count)
    later(rig)
    before = rows(rig, deal)
    rig.clock.advance(60.0)
    rig.person.edit_role(deal.roles[0], Role=LAWYER)

    outcomes = rig.adapter.update(PROSPECT, [edit(one, {"Role": HOT}) for one in before.values()])

    assert isinstance(error(outcomes[0]), PreconditionFailed)
    assert [LAWYER, *[HOT] * (count - 1)] == [role for _, role in deal.shown()]


@pytest.mark.parametrize(("count", "moves"), [(1, True), (60, True), (60, False)])
def test_a_role_that_became_somebody_elses_is_not_written(count: int, moves: bool) -> None:
    """salesforce.md trap 19: a merge hands the role over, with a new stamp or without; so does a person's edit."""
    rig = rig_of(switches={"merge_moves_children": moves})
    deal = Deal(rig, *[COLD] * count)
    later(rig)
    before = rows(rig, deal)
    rig.clock.advance(60.0)
    rig.person.merge_contacts(rig.person.add_contact(), [deal.contacts[0]])

    outcomes = rig.adapter.update(PROSPECT, [edit(one, {"Role": HOT}) for one in before.values()])

    assert isinstance(error(outcomes[0]), PreconditionFailed)
    assert [COLD, *[HOT] * (count - 1)] == [role for _, role in deal.shown()]


def test_a_merge_that_no_guard_shows_is_not_taken_for_the_old_contact() -> None:
    """The write went to whom the contact is now; what it shows is not the old place's."""
    rig = rig_of(switches={"merge_moves_children": False})
    deal = Deal(rig, COLD)
    later(rig)
    one = read(rig, deal.place())
    rig.person.merge_contacts(rig.person.add_contact(), list(deal.contacts))

    written = done(rig.adapter.update(PROSPECT, [edit(one, {"Role": HOT})])[0])

    assert (written.whole, "Role" in written.remote.raw) == (False, False)
    assert read(rig, deal.place()).deleted


@pytest.mark.parametrize("count", [1, 60])
def test_a_role_that_was_taken_away_is_missing(count: int) -> None:
    """salesforce.md trap 12: no trace of it, and nothing comes back."""
    rig = rig_of()
    deal = Deal(rig, *[COLD] * count)
    later(rig)
    before = rows(rig, deal)
    rig.person.delete_role(deal.roles[0])

    outcomes = rig.adapter.update(PROSPECT, [edit(one, {"Role": HOT}) for one in before.values()])

    assert isinstance(error(outcomes[0]), Missing)
    assert {HOT} >= {role for _, role in deal.shown()}


def test_a_strangers_role_is_never_written() -> None:
    """Promise P7; an empty one is nobody's."""
    rig = rig_of()
    deal = Deal(rig, LAWYER, None)
    items = [edit(one, {"Role": HOT}) for one in rows(rig, deal).values()]

    outcomes = rig.adapter.update(PROSPECT, items)

    assert (type(error(outcomes[0])), error(outcomes[0]).fields) == (Rejected, ("Role",))
    assert "take that role away" in str(error(outcomes[0]).remedy)
    assert done(outcomes[1]).whole
    assert [role for _, role in deal.shown()] == [LAWYER, HOT]


def test_what_does_not_say_which_role_it_was_is_read_again() -> None:
    rig = rig_of()
    deal = Deal(rig, COLD)

    assert kinds(rig.adapter.update(PROSPECT, [UpdateItem(deal.place(), {"Role": HOT}, {})])) == [PreconditionFailed]


def test_the_primary_role_is_nobodys_business() -> None:
    """salesforce.md 7.2: a new primary clears the old one, a change that we did not write; we write neither."""
    rig = rig_of()
    deal = Deal(rig, COLD, COLD)
    rig.person.edit_role(deal.roles[0], IsPrimary=True)
    rig.person.edit_role(deal.roles[1], IsPrimary=True)
    (first, second) = rows(rig, deal).values()

    rig.adapter.update(PROSPECT, [edit(first, {"Role": WARM}), edit(second, {"Role": WARM})])
    rig.adapter.create(PROSPECT, [new(deal.id, rig.person.add_contact())])

    assert [role["IsPrimary"] for role in rig.person.roles_of(deal.id).values()] == [False, True, False]
    assert "IsPrimary" not in first.raw
    bodies = [json.loads(one.body) for one in rig.asked if one.path.endswith("composite")]
    assert "IsPrimary" not in json.dumps([part.get("body") for body in bodies for part in body["compositeRequest"]])


def test_a_role_that_the_picklist_does_not_take_is_refused_by_the_field() -> None:
    """salesforce.md 6.2: an org may restrict the picklist."""
    rig = rig_of(fields=("Role", "Phase__c"))
    rig.person.add_field("Phase__c", OBJECT, type="picklist", values=["one"], restricted=True)
    deal = Deal(rig, COLD)
    one = read(rig, deal.place())

    (outcome,) = rig.adapter.update(PROSPECT, [edit(one, {"Phase__c": "two"})])

    assert (type(error(outcome)), error(outcome).fields) == (Rejected, ("Phase__c",))


# Deleting


def test_two_hundred_are_taken_off_in_two_calls() -> None:
    rig = rig_of()
    deal = Deal(rig, *[COLD] * 200)
    before = rows(rig, deal)
    rig.calls()

    outcomes = rig.adapter.delete(PROSPECT, [DeleteItem(one.id, one.version) for one in before.values()])

    assert [method for method, _ in rig.calls()] == ["GET", "DELETE"]
    assert [(id, True) for id in before] == [(done(one).remote.id, done(one).remote.deleted) for one in outcomes]
    assert deal.shown() == []


def test_more_roles_than_contacts_take_as_many_calls_as_they_fill() -> None:
    """salesforce.md 3.5: 200 rows per call, and duplicates are rows, too."""
    rig = rig_of()
    deal = Deal(rig, *[COLD] * 150)
    for contact in deal.contacts:
        rig.person.add_role(deal.id, contact, role=HOT)
    warm(rig)

    outcomes = rig.adapter.delete(PROSPECT, [DeleteItem(deal.place(n)) for n in range(150)])

    assert [method for method, _ in rig.calls()] == ["GET", "DELETE", "DELETE"]
    assert all(done(one).remote.deleted for one in outcomes)
    assert deal.shown() == []


def test_all_our_roles_go_and_a_strangers_stays() -> None:
    """Promise P7; and the contact does not come back with the next pass by a role that was left behind."""
    rig = rig_of()
    deal = Deal(rig, COLD, HOT)
    contact = deal.contacts[0]
    for role in (LAWYER, WARM, None):
        rig.person.add_role(deal.id, contact, role=role)

    (outcome,) = rig.adapter.delete(PROSPECT, [DeleteItem(deal.place())])

    assert done(outcome).remote.deleted
    assert [(deal.contacts[1], HOT), (contact, LAWYER), (contact, None)] == deal.shown()


def test_a_strangers_role_alone_is_not_ours_to_take_away() -> None:
    rig = rig_of()
    deal = Deal(rig, LAWYER, None)

    outcomes = rig.adapter.delete(PROSPECT, [DeleteItem(deal.place(0)), DeleteItem(deal.place(1))])

    assert all(done(outcome).remote.deleted for outcome in outcomes)
    assert [role for _, role in deal.shown()] == [LAWYER]


@pytest.mark.parametrize("values", [{}, {"IsPrimary": ("true",)}])
def test_where_the_mapping_knows_no_roles_all_of_the_contact_go(values: dict[str, tuple[str, ...]]) -> None:
    """A checkbox says nothing of whose a role is."""
    rig = rig_of(values=values, fields=("Role", "IsPrimary"))
    deal = Deal(rig, LAWYER)
    rig.person.add_role(deal.id, deal.contacts[0], role=WARM)

    done(rig.adapter.delete(PROSPECT, [DeleteItem(deal.place())])[0])

    assert deal.shown() == []


def test_who_is_gone_already_is_off() -> None:
    """salesforce.md trap 12: taken off by hand, and the opportunity deleted with all that was in it."""
    rig = rig_of()
    deal, other = Deal(rig, WARM), Deal(rig, WARM)
    rig.person.delete_role(deal.roles[0])
    rig.person.delete_record(other.id)
    rig.calls()

    outcomes = rig.adapter.delete(PROSPECT, [DeleteItem(deal.place(), "old"), DeleteItem(other.place())])

    assert all(done(outcome).remote.deleted for outcome in outcomes)
    assert "DELETE" not in [method for method, _ in rig.calls()]


def test_a_role_that_moved_since_it_was_read_stays() -> None:
    """salesforce.md trap 42: a delete heeds no conditional header, so the set is read first."""
    rig = rig_of()
    deal = Deal(rig, WARM)
    one = read(rig, deal.place())
    rig.clock.advance(60.0)
    rig.person.edit_role(deal.roles[0], Role=HOT)

    assert kinds(rig.adapter.delete(PROSPECT, [DeleteItem(one.id, one.version)])) == [PreconditionFailed]
    assert [role for _, role in deal.shown()] == [HOT]


def test_a_role_that_somebody_takes_away_just_before_us_is_off() -> None:
    """salesforce.md trap 12: the answer is an invalid reference, and a look says that there is no such role."""
    rig = rig_of()
    deal = Deal(rig, WARM)
    warm(rig)

    def before(request: Any) -> None:
        if request.method == "DELETE":
            rig.person.delete_role(deal.roles[0])

    rig.line.on_request = before

    assert done(rig.adapter.delete(PROSPECT, [DeleteItem(deal.place())])[0]).remote.deleted


def test_a_delete_that_meets_a_lock_is_tried_again() -> None:
    """salesforce.md trap 30; of several roles of one contact, one that stays keeps the whole from being done."""
    rig = rig_of()
    deal = Deal(rig, WARM, COLD)
    second = rig.person.add_role(deal.id, deal.contacts[0], role=HOT)
    rig.person.lock_row(second)

    outcomes = rig.adapter.delete(PROSPECT, [DeleteItem(deal.place(0)), DeleteItem(deal.place(1))])

    assert isinstance(error(outcomes[0]), RateLimited)
    assert done(outcomes[1]).remote.deleted
    assert [(deal.contacts[0], HOT)] == deal.shown()


# Set-up


def lines(rig: Rig, *wanted: WantedField) -> dict[str, SetupItem]:
    return {item.field.name: item for item in rig.adapter.compare(PROSPECT, wanted)}


def wanted_role(*roles: str) -> WantedField:
    return WantedField(name="Role", label="Role", type=FieldType.ENUM, options=tuple((one, one) for one in roles))


def test_roles_that_the_picklist_lacks_are_a_persons_to_add() -> None:
    """salesforce.md 3.10: the Tooling API makes fields; the values of a standard picklist are Setup's."""
    rig = rig_of()
    asked = rig.adapter.compare(PROSPECT, [wanted_role("Evaluator", WARM)])

    (line,) = rig.adapter.provision(PROSPECT, asked)

    assert (line.field.name, line.state) == ("Role", "wrong"), (
        "nested kinds have no stamp field, and this one lacks one"
    )
    assert f"it lacks the values {WARM}: add them in Setup > Object Manager > {OBJECT}" in line.detail
    assert "POST" not in [method for method, path in rig.calls() if "Custom" in path]
    assert lines(rig, wanted_role("Evaluator", "Influencer"))["Role"].state == "ok"


def test_fields_of_our_own_are_made_on_roles() -> None:
    """salesforce.md 7.2: current orgs take custom fields on roles."""
    rig = rig_of()
    field = WantedField(name="Propstreet_Note__c", label="Note", type=FieldType.TEXT)

    (made,) = rig.adapter.provision(PROSPECT, rig.adapter.compare(PROSPECT, [field]))

    assert made.state == "ok"


def test_an_edition_that_takes_no_fields_on_roles_says_so() -> None:
    """salesforce.md section 14."""
    rig = rig_of(switches={"role_custom_fields": False})
    field = WantedField(name="Propstreet_Note__c", label="Note", type=FieldType.TEXT)

    with pytest.raises(Forbidden, match=f"nobody add fields to {OBJECT}") as caught:
        rig.adapter.provision(PROSPECT, rig.adapter.compare(PROSPECT, [field]))

    assert caught.value.remedy == "take Propstreet_Note__c out of the mapping"


def test_a_fresh_org_is_fine_by_check() -> None:
    """No stamp is asked of roles."""
    assert rig_of().adapter.check().problems == ()


@pytest.mark.parametrize(("deals", "roles"), [("Deal__c", OBJECT), ("Opportunity", "AccountContactRelation")])
def test_only_opportunities_have_contact_roles(deals: str, roles: str) -> None:
    with pytest.raises(ConfigError) as caught:
        Rig(name=deals, beside={PROSPECT: ObjectSpec(roles, nested=True)}, stamped=False)

    assert 'form = "record"' in str(caught.value.remedy)
