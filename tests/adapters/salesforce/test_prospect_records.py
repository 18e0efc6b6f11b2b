"""Prospects as records of their own: linked by lookups to their project and their person (salesforce.md 7.4)."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import Any

import pytest

from syncd.adapters.base import CreateItem, DeleteItem, Nests, ObjectSpec, SetupItem, UpdateItem, Written
from syncd.adapters.salesforce.ids import full_id
from syncd.config.objects import object_spec
from syncd.core.model import RIGHT, Kind
from syncd.core.remote import SEVERAL, Remote
from syncd.errors import ConfigError, Forbidden, Missing, OutcomeUnknown, PreconditionFailed, Rejected
from syncd.testing.sandbox.salesforce.people import People
from syncd.testing.sandbox.wire import Fault, FaultKind
from tests.mapping.tables import with_prospect_records

from .rig import LATER_S, PROJECT, REF, Rig, done, error, kinds

PROSPECT = Kind.PROSPECT
OBJECT = "Investor__c"
LINKS = {PROJECT: "Opportunity__c", Kind.CONTACT: "Contact__c", Kind.COMPANY: "Account__c"}
FIELDS = ("Classification__c", "Notes__c")
TARGETS = {PROJECT: "Opportunity", Kind.CONTACT: "Contact", Kind.COMPANY: "Account"}
CONTACTED, BIDDER = {"Classification__c": "Contacted"}, {"Classification__c": "Bidder"}
NOBODY = str(full_id("003000000000zzz"))


def rig_of(
    *,
    name: str = OBJECT,
    fields: tuple[str, ...] = FIELDS,
    links: Mapping[Kind, str] = LINKS,
    admin: Callable[[People], None] = People.add_investor_object,
    **more: Any,
) -> Rig:
    beside = {kind: ObjectSpec(target, ("Name",)) for kind, target in TARGETS.items()}
    beside[PROSPECT] = ObjectSpec(name, fields, links=links)
    return Rig(**{"name": name, "kind": PROSPECT, "beside": beside, "admin": admin, **more})


class Cast:
    """A deal, somebody who may invest in it, and the company that they are from."""

    def __init__(self, rig: Rig) -> None:
        self.deal = rig.person.add_record("Opportunity", Name="Storgatan 1")
        self.contact = rig.person.add_contact()
        self.account = rig.person.add_account()
        self.anna = f"contact:{self.contact}"
        self.holding = f"company:{self.account}"


def new(ref: str, parent: str | None, person: str | None, **fields: Any) -> CreateItem:
    return CreateItem(ref, {**CONTACTED, **fields}, f"key of {ref}", parent, person)


def link(read: Remote, parent: str | None, person: str | None, **more: Any) -> UpdateItem:
    return UpdateItem(read.id, more.pop("fields", {}), read.raw, read.version, parent=parent, person=person, **more)


def place(remote: Remote) -> tuple[str | None, str | None]:
    return remote.parent, remote.person


def lookups(rig: Rig, id: str) -> tuple[str | None, ...]:
    """As the twin has them."""
    record = rig.person.record(id)
    return tuple(record[name] for name in LINKS.values())


def add(rig: Rig, **fields: Any) -> str:
    return rig.person.add_record(OBJECT, **fields)


def settled(rig: Rig, *ids: str) -> list[Remote]:
    """As they are read so long after their latest change that it hides no other."""
    rig.clock.advance(LATER_S)
    found = rig.fetch(*ids)
    rig.calls()
    return [found[id] for id in ids]


# Reading


@pytest.mark.parametrize(
    ("linked", "parent", "person"),
    [
        (("Opportunity__c", "Contact__c", "Account__c"), "deal", "anna"),
        (("Opportunity__c", "Account__c"), "deal", "holding"),
        (("Contact__c",), None, "anna"),
        (("Opportunity__c",), "deal", None),
        ((), None, None),
    ],
)
def test_every_read_says_whose_a_record_is(linked: tuple[str, ...], parent: str | None, person: str | None) -> None:
    """By its project's lookup, and by its contact's before its company's: in the feed, by id and by stamp."""
    rig = rig_of()
    cast = Cast(rig)
    ids = {"Opportunity__c": cast.deal, "Contact__c": cast.contact, "Account__c": cast.account}
    id = add(rig, **{name: ids[name] for name in linked}, **{REF: "9001/77"}, **CONTACTED)
    wanted = (getattr(cast, parent) if parent else None, getattr(cast, person) if person else None)

    for shown in (rig.fetch(id)[id], rig.scan()[0][id], rig.adapter.find(PROSPECT, ["9001/77"])["9001/77"]):
        assert wanted == place(shown)
        assert (shown.ref, shown.raw["Classification__c"]) == ("9001/77", "Contacted")
    assert isinstance(rig.adapter, Nests)
    assert rig.adapter.nested == frozenset()


def test_links_cost_no_call() -> None:
    """Two hundred records with their links are one query, as without."""
    rig = rig_of()
    cast = Cast(rig)
    ids = [add(rig, Opportunity__c=cast.deal, Contact__c=cast.contact) for _ in range(200)]
    rig.fetch(ids[0])
    rig.calls()

    found = rig.fetch(*ids)

    assert {(cast.deal, cast.anna)} == {place(remote) for remote in found.values()}
    assert [path for _, path in rig.calls()] == ["queryAll/"]


def test_short_ids_lead_to_the_same_records() -> None:
    """salesforce.md trap 21: both forms of an id are one record, in what is read and in what is to be linked."""
    rig = rig_of()
    cast = Cast(rig)
    made = done(rig.adapter.create(PROSPECT, [new("1/1", cast.deal[:15], f"contact:{cast.contact[:15]}")])[0])
    short = {**made.remote.raw, "Opportunity__c": cast.deal[:15], "Contact__c": cast.contact[:15]}
    rig.calls()

    item = UpdateItem(made.remote.id, {}, short, made.remote.version, parent=cast.deal, person=cast.anna)
    (outcome,) = rig.adapter.update(PROSPECT, [item])

    assert place(made.remote) == (cast.deal, cast.anna)
    assert place(done(outcome).remote) == (cast.deal, cast.anna)
    assert [path for _, path in rig.calls()] == ["queryAll/"], "what is linked was written again"


def test_what_was_deleted_with_a_record_tells_whose_the_record_was() -> None:
    """salesforce.md 8.5: the recycle bin shows a record's links; of what was purged, nothing is known any more."""
    rig = rig_of()
    cast = Cast(rig)
    binned, purged = (add(rig, Opportunity__c=cast.deal, Contact__c=cast.contact) for _ in range(2))
    rig.person.delete_record(binned)
    rig.person.purge_record(purged)

    found = rig.fetch(binned, purged)

    assert (found[binned].deleted, *place(found[binned])) == (True, cast.deal, cast.anna)
    assert (found[purged].deleted, *place(found[purged])) == (True, None, None)
    assert rig.scan()[0][binned].deleted


@pytest.mark.parametrize("moves", [True, False])
def test_a_lookup_whose_record_was_deleted_leads_nowhere(moves: bool) -> None:
    """salesforce.md 7.4: it is cleared, and comes back with the record; in the feed where the org moves the stamp."""
    rig = rig_of(switches={"clearing_moves_stamp": moves})
    cast = Cast(rig)
    id = add(rig, Opportunity__c=cast.deal, Contact__c=cast.contact, Account__c=cast.account)
    rig.clock.advance(LATER_S)
    _, cursor = rig.scan()
    rig.clock.advance(LATER_S)

    rig.person.delete_contact(cast.contact)
    rows, _ = rig.scan(cursor)
    lost = rig.fetch(id)[id]
    rig.person.undelete_contact(cast.contact)

    assert (id in rows) is moves
    assert place(lost) == (cast.deal, cast.holding)
    assert place(rig.fetch(id)[id]) == (cast.deal, cast.anna)


def test_a_merge_of_people_takes_their_records_along() -> None:
    """salesforce.md trap 19 and 7.3: what led to the loser leads to the winner."""
    rig = rig_of()
    cast = Cast(rig)
    winner = rig.person.add_contact(LastName="Berg")
    id = add(rig, Opportunity__c=cast.deal, Contact__c=cast.contact)
    rig.person.merge_contacts(winner, [cast.contact])

    assert rig.fetch(id)[id].person == f"contact:{winner}"


# Creating


def test_a_record_is_made_with_its_links() -> None:
    """Two hundred of them are one call, and each answer says whose the record is."""
    rig = rig_of()
    cast = Cast(rig)
    rig.fetch(add(rig))
    rig.calls()
    items = [new(f"1/{n}", cast.deal, (cast.anna, cast.holding, None)[n % 3]) for n in range(200)]

    outcomes = rig.adapter.create(PROSPECT, items)

    assert [path for _, path in rig.calls()] == ["composite"]
    for item, outcome in zip(items, outcomes, strict=True):
        made = done(outcome)
        assert (made.created, made.whole, made.remote.ref) == (True, True, item.ref)
        assert place(made.remote) == (item.parent, item.person)
    assert lookups(rig, done(outcomes[0]).remote.id) == (cast.deal, cast.contact, None)
    assert lookups(rig, done(outcomes[1]).remote.id) == (cast.deal, None, cast.account)


def test_the_rows_of_one_project_go_together() -> None:
    """salesforce.md 9.4: writing a row may lock what it leads to, and no two batches are to wait for each other."""
    rig = rig_of()
    casts = [Cast(rig) for _ in range(2)]

    rig.adapter.create(PROSPECT, [new(f"1/{n}", casts[n % 2].deal, casts[n % 2].anna) for n in range(6)])

    (part, _) = json.loads(rig.asked[-1].body)["compositeRequest"]
    assert [row["Opportunity__c"] for row in part["body"]["records"]] == sorted([one.deal for one in casts] * 3)


def test_a_resend_links_too() -> None:
    """The first send may have come from a time without the link, or a person may have emptied it."""
    rig = rig_of()
    cast = Cast(rig)
    made = done(rig.adapter.create(PROSPECT, [new("1/1", cast.deal, None)])[0])
    rig.person.edit_record(made.remote.id, Opportunity__c=None)

    again = done(rig.adapter.create(PROSPECT, [new("1/1", cast.deal, cast.anna)])[0])

    assert (again.created, again.remote.id, *place(again.remote)) == (False, made.remote.id, cast.deal, cast.anna)
    assert len(rig.person.live_records(OBJECT)) == 1


@pytest.mark.parametrize(
    ("person", "key"),
    [("contact", "links.contact"), ("company", "links.company")],
)
def test_a_link_that_the_mapping_does_not_name_is_refused_unsent(person: str, key: str) -> None:
    """The remedy names the key of the mapping; the neighbours go on."""
    kind = Kind(person)
    rig = rig_of(links={to: name for to, name in LINKS.items() if to is not kind})
    cast = Cast(rig)
    ours, theirs = (cast.anna, cast.holding) if kind is Kind.CONTACT else (cast.holding, cast.anna)
    (read,) = settled(rig, add(rig))

    outcomes = rig.adapter.create(PROSPECT, [new("1/1", cast.deal, ours), new("1/2", cast.deal, theirs)])
    rig.calls()
    (linked,) = rig.adapter.update(PROSPECT, [link(read, None, ours)])

    for refused in (outcomes[0], linked):
        assert isinstance(error(refused), Rejected)
        assert f"{key} under [prospect] in the mapping" in str(error(refused).remedy)
    assert done(outcomes[1]).created
    assert rig.calls() == []
    assert len(rig.person.live_records(OBJECT)) == 2


@pytest.mark.parametrize(
    ("parent", "person"), [(SEVERAL, None), ("9001", None), ("", None), (None, SEVERAL), (None, "contact:29000")]
)
def test_what_is_no_id_is_never_a_link(parent: str | None, person: str | None) -> None:
    rig = rig_of()
    (read,) = settled(rig, add(rig))

    for outcomes in (
        rig.adapter.create(PROSPECT, [new("1/1", parent, person)]),
        rig.adapter.update(PROSPECT, [link(read, parent, person)]),
    ):
        assert kinds(outcomes) == [Rejected]
    assert rig.calls() == []


def test_nobody_to_link_to_leaves_nothing_behind() -> None:
    """salesforce.md 6.2: the row is refused whole, its neighbours are made."""
    rig = rig_of()
    cast = Cast(rig)
    hidden = rig.person.add_contact()
    rig.person.share(hidden, visible=False)

    outcomes = rig.adapter.create(
        PROSPECT,
        [
            new("1/1", cast.deal, f"contact:{NOBODY}"),
            new("1/2", cast.deal, f"contact:{hidden}"),
            new("1/3", cast.deal, cast.anna),
        ],
    )

    assert kinds(outcomes) == [Rejected, Forbidden, Written]
    assert [error(one).code for one in outcomes[:2]] == [
        "INVALID_CROSS_REFERENCE_KEY",
        "INSUFFICIENT_ACCESS_ON_CROSS_REFERENCE_ENTITY",
    ]
    assert len(rig.person.live_records(OBJECT)) == 1


def test_what_was_made_and_not_shown_is_known_by_what_was_sent() -> None:
    """The look at it failed, or somebody has written it since: whose it is, we know all the same."""
    rig = rig_of()
    cast = Cast(rig)
    (read,) = settled(rig, add(rig, Account__c=cast.account))
    rig.twin.switch(page_max=1)
    rig.line.on_request = lambda request: _blind_look(rig, request.path)

    made = done(rig.adapter.create(PROSPECT, [new("1/1", cast.deal, cast.anna)])[0])
    linked = done(rig.adapter.update(PROSPECT, [link(read, cast.deal, None)])[0])

    assert (made.whole, made.created, made.remote.ref, *place(made.remote)) == (
        False,
        True,
        "1/1",
        cast.deal,
        cast.anna,
    )
    assert (linked.whole, *place(linked.remote)) == (False, cast.deal, cast.holding)
    assert linked.remote.raw["Opportunity__c"] == cast.deal


def _blind_look(rig: Rig, path: str) -> None:
    """Salesforce says of every row that somebody else wrote it last."""
    if path.endswith("composite"):
        rig.twin.org.api_user = rig.person.add_user("another")


def test_an_unknown_outcome_stays_unknown_and_lands_once() -> None:
    """salesforce.md 9.2: the record is found by its stamp, with its links, for they were in its row."""
    rig = rig_of()
    cast = Cast(rig)
    rig.fetch(add(rig))
    rig.line.plan(Fault(kind=FaultKind.TIMEOUT_AFTER, path="composite"))

    (lost,) = rig.adapter.create(PROSPECT, [new("1/1", cast.deal, cast.anna)])
    found = rig.adapter.find(PROSPECT, ["1/1"])["1/1"]

    assert isinstance(error(lost), OutcomeUnknown)
    assert place(found) == (cast.deal, cast.anna)


# Linking what is there


@pytest.mark.parametrize("count", [1, 24, 60])
def test_a_record_is_linked_besides_what_is_there(count: int) -> None:
    """No link is taken away, and fields go along in the same write; guarded by the row or by a look first."""
    rig = rig_of()
    cast = Cast(rig)
    reads = settled(rig, *(add(rig, Account__c=cast.account) for _ in range(count)))
    items = [link(read, cast.deal, cast.anna, fields=BIDDER, stamp=f"1/{n}") for n, read in enumerate(reads)]

    outcomes = rig.adapter.update(PROSPECT, items)

    assert len(rig.calls()) <= 2
    for n, outcome in enumerate(outcomes):
        shown = done(outcome).remote
        assert (shown.ref, *place(shown)) == (f"1/{n}", cast.deal, cast.anna)
        assert shown.raw["Classification__c"] == "Bidder"
        assert lookups(rig, shown.id) == (cast.deal, cast.contact, cast.account)


def test_what_is_linked_already_is_not_written() -> None:
    """salesforce.md 9.5: the record is looked at, in one call for all of them, and its stamps stay."""
    rig = rig_of()
    cast = Cast(rig)
    reads = settled(rig, *(add(rig, Opportunity__c=cast.deal, Contact__c=cast.contact) for _ in range(50)))

    outcomes = rig.adapter.update(PROSPECT, [link(read, cast.deal, cast.anna) for read in reads])

    assert [path for _, path in rig.calls()] == ["queryAll/"]
    assert [read.version for read in reads] == [done(outcome).remote.version for outcome in outcomes]
    assert {(cast.deal, cast.anna)} == {place(done(outcome).remote) for outcome in outcomes}


def test_only_the_link_that_is_lacking_is_written() -> None:
    rig = rig_of()
    cast = Cast(rig)
    (read,) = settled(rig, add(rig, Opportunity__c=cast.deal))

    rig.adapter.update(PROSPECT, [link(read, cast.deal, cast.anna)])

    (part, _) = json.loads(rig.asked[-1].body)["compositeRequest"]
    assert part["body"] == {"Contact__c": cast.contact}


def test_a_lookup_that_leads_elsewhere_is_left_alone() -> None:
    """A lookup holds one id: to link the record would take a link from it, and that is a person's to do."""
    rig = rig_of()
    cast, other = Cast(rig), Cast(rig)
    (read,) = settled(rig, add(rig, Opportunity__c=other.deal))

    (outcome,) = rig.adapter.update(PROSPECT, [link(read, cast.deal, cast.anna, fields=BIDDER)])

    assert isinstance(error(outcome), Rejected)
    assert "Opportunity__c" in str(error(outcome).remedy)
    assert lookups(rig, read.id) == (other.deal, None, None)
    assert rig.calls() == []


@pytest.mark.parametrize("late_s", [0.0, LATER_S])
@pytest.mark.parametrize("how", ["guarded", "unguarded", "in part"])
def test_a_link_that_a_person_makes_meanwhile_is_theirs(late_s: float, how: str) -> None:
    """Even within the second of the read, without a version, and where we did not know what was there."""
    rig = rig_of()
    cast, other = Cast(rig), Cast(rig)
    id = add(rig)
    read = rig.fetch(id)[id]
    rig.clock.advance(late_s)
    rig.person.edit_record(id, Opportunity__c=other.deal)
    rig.clock.advance(late_s)
    rig.fetch(id)
    version = None if how == "unguarded" else rig.fetch(id)[id].version if how == "in part" else read.version
    current = {} if how == "in part" else read.raw

    outcomes = rig.adapter.update(PROSPECT, [UpdateItem(id, {}, current, version, parent=cast.deal)])

    assert kinds(outcomes) == [PreconditionFailed]
    assert lookups(rig, id) == (other.deal, None, None)


def test_a_record_that_is_gone_is_not_linked() -> None:
    rig = rig_of()
    cast = Cast(rig)
    linked, bare = settled(rig, add(rig, Opportunity__c=cast.deal), add(rig))
    for read in (linked, bare):
        rig.person.delete_record(read.id)

    outcomes = rig.adapter.update(PROSPECT, [link(linked, cast.deal, None), link(bare, cast.deal, None)])

    assert kinds(outcomes) == [Missing, Missing]


def test_a_bad_link_leaves_its_neighbours() -> None:
    rig = rig_of()
    cast = Cast(rig)
    bad, good = settled(rig, add(rig), add(rig))

    outcomes = rig.adapter.update(
        PROSPECT, [link(bad, cast.deal, f"contact:{NOBODY}"), link(good, cast.deal, cast.anna)]
    )

    assert kinds(outcomes) == [Rejected, Written]
    assert lookups(rig, bad.id) == (None, None, None)


def test_a_record_is_deleted_alone() -> None:
    """The project and the person that it led to stay."""
    rig = rig_of()
    cast = Cast(rig)
    (read,) = settled(rig, add(rig, Opportunity__c=cast.deal, Contact__c=cast.contact))

    assert done(rig.adapter.delete(PROSPECT, [DeleteItem(read.id, read.version)])[0]).remote.deleted
    assert rig.person.live_records(OBJECT) == {}
    assert not rig.person.record(cast.deal)["IsDeleted"]
    assert not rig.person.record(cast.contact)["IsDeleted"]


# Masters: lookups that are set once


def masters() -> Rig:
    return rig_of(name="Prospect__c", fields=("Status__c", "Notes__c"), admin=People.add_prospect_object)


def test_a_resend_leaves_out_what_was_fixed_when_the_record_was_made() -> None:
    """salesforce.md 7.4: a master is set once, and a row that names it again is refused; its neighbour is new."""
    rig = masters()
    cast, other = Cast(rig), Cast(rig)
    status = {"Status__c": "Contacted"}
    first = done(rig.adapter.create(PROSPECT, [CreateItem("1/1", status, "key", cast.deal)])[0])
    rig.calls()

    items = [
        CreateItem("1/1", {"Status__c": "Bidding"}, "key", cast.deal, cast.anna),
        CreateItem("1/2", status, "key", other.deal, other.anna),
    ]
    again, neighbour = (done(outcome) for outcome in rig.adapter.create(PROSPECT, items))

    assert (again.created, again.remote.id, *place(again.remote)) == (False, first.remote.id, cast.deal, cast.anna)
    assert again.remote.raw["Status__c"] == "Bidding"
    assert (neighbour.created, *place(neighbour.remote)) == (True, other.deal, other.anna)
    assert len(rig.calls()) == 3


def test_what_goes_with_its_project_is_deleted() -> None:
    """salesforce.md 7.4: a detail goes into the recycle bin with its master, and shows whose it was."""
    rig = masters()
    cast = Cast(rig)
    id = rig.person.add_record("Prospect__c", Opportunity__c=cast.deal)
    rig.person.delete_record(cast.deal)

    found = rig.fetch(id)[id]

    assert (found.deleted, found.parent) == (True, cast.deal)


# Opportunities as prospects of opportunities


STANDARD = {PROJECT: "Parent_Opportunity__c", Kind.CONTACT: "ContactId", Kind.COMPANY: "AccountId"}
NEEDED = {"Name": "Anna in Storgatan 1", "StageName": "Prospecting", "CloseDate": "2026-12-31"}


def parents(person: People) -> None:
    person.add_field("Parent_Opportunity__c", "Opportunity", type="reference", reference_to=["Opportunity"])


def standard(links: Mapping[Kind, str] = STANDARD, **more: Any) -> Rig:
    return rig_of(name="Opportunity", fields=tuple(NEEDED), links=links, admin=parents, **more)


def test_an_opportunity_may_be_a_prospect_in_another() -> None:
    """By the same stamp field, with a stamp of another form; and by fields that are Salesforce's own."""
    rig = standard()
    cast = Cast(rig)
    items = [
        CreateItem("9001/1", NEEDED, "key 1", cast.deal, cast.anna),
        CreateItem("9001/2", NEEDED, "key 2", cast.deal, cast.holding),
    ]

    made = [done(outcome).remote for outcome in rig.adapter.create(PROSPECT, items)]
    rig.adapter.update(PROJECT, [UpdateItem(cast.deal, {}, {}, stamp="9001")])

    assert [(cast.deal, cast.anna), (cast.deal, cast.holding)] == [place(remote) for remote in made]
    assert rig.adapter.find(PROJECT, ["9001"])["9001"].id == cast.deal
    assert rig.adapter.find(PROSPECT, ["9001/2"])["9001/2"].id == made[1].id
    rows, _ = rig.scan()
    assert {cast.deal: (None, None), made[0].id: (cast.deal, cast.anna), made[1].id: (cast.deal, cast.holding)} == {
        id: place(row) for id, row in rows.items()
    }
    assert place(rig.adapter.fetch(PROJECT, [made[0].id])[made[0].id]) == (None, None)


def test_a_contact_that_salesforce_takes_at_creation_only_is_not_linked_later() -> None:
    """salesforce.md 7.1: ContactId goes through the primary role from then on; what can be linked later, is."""
    rig = standard()
    cast = Cast(rig)
    (read,) = settled(rig, rig.person.add_record("Opportunity", Name="Anna in Storgatan 1"))

    refused, linked = (
        rig.adapter.update(PROSPECT, [link(read, cast.deal, person)])[0] for person in (cast.anna, cast.holding)
    )

    assert isinstance(error(refused), Rejected)
    assert error(refused).fields == ("ContactId",)
    assert "only when a record is made" in str(error(refused))
    assert place(done(linked).remote) == (cast.deal, cast.holding)
    (problem,) = rig.adapter.check().problems
    assert not problem.fatal
    assert "ContactId" in problem.what


def test_a_link_that_may_not_be_written_any_more_makes_no_orphan() -> None:
    """A row is sent again without what is fixed only if it is there already."""
    rig = standard()
    cast = Cast(rig)
    rig.fetch(cast.deal)
    rig.twin.switch(readonly_fields=frozenset({"Opportunity.ContactId"}))

    (outcome,) = rig.adapter.create(PROSPECT, [CreateItem("1/1", NEEDED, "key", cast.deal, cast.anna)])

    assert isinstance(error(outcome), Rejected)
    assert error(outcome).fields == ("ContactId",)
    assert list(rig.person.live_records()) == [cast.deal]


# What the org must have


def test_a_good_org_has_no_problems() -> None:
    for rig in (rig_of(), masters(), standard({PROJECT: "Parent_Opportunity__c", Kind.COMPANY: "AccountId"})):
        assert rig.adapter.check().problems == ()
        assert {item.state for item in rig.adapter.compare(PROSPECT, [])} == {"ok"}


@pytest.mark.parametrize("name", LINKS.values())
@pytest.mark.parametrize("told", [True, False])
def test_a_hidden_lookup_is_no_record_without_one(name: str, told: bool) -> None:
    """salesforce.md trap 17: nothing is read or written, for each record would seem to belong to nobody."""
    rig = rig_of(switches={"hidden_fields": frozenset({f"{OBJECT}.{name}"}), "may_view_setup": told})
    cast = Cast(rig)
    id = add(rig, Opportunity__c=cast.deal)

    for read in (lambda: rig.fetch(id), rig.scan, lambda: rig.adapter.find(PROSPECT, ["1/1"])):
        with pytest.raises(Forbidden) as caught:
            read()
        assert caught.value.fields == (name,)
    assert kinds(rig.adapter.create(PROSPECT, [new("1/1", cast.deal, None)])) == [Forbidden]
    assert len(rig.person.live_records(OBJECT)) == 1

    (problem,) = rig.adapter.check().problems
    (item,) = (item for item in rig.adapter.compare(PROSPECT, []) if item.state != "ok")
    assert problem.what == str(caught.value)
    assert problem.remedy == caught.value.remedy == item.detail
    assert (item.field.name, item.state) == (name, "hidden" if told else "missing")
    assert f"permission set read and edit access to {OBJECT}.{name}" in problem.remedy


def test_a_lookup_that_is_hidden_in_mid_flight_stops_the_feed() -> None:
    """The stale description asks for it; the refusal makes us look again, and then nothing is read without it."""
    rig = rig_of()
    add(rig)
    rig.scan()
    rig.twin.switch(hidden_fields=frozenset({f"{OBJECT}.Opportunity__c"}))

    with pytest.raises(Forbidden):
        rig.scan()


@pytest.mark.parametrize(
    ("name", "type", "leads", "says"),
    [
        ("Lead_In__c", "reference", ["Account"], "leads to Account, and not to Opportunity alone"),
        ("Lead_In__c", "reference", ["Opportunity", "Account"], "leads to Opportunity or Account, and not to"),
        ("Lead_In__c", "string", [], "is no lookup: its type is string"),
        ("Propstreet_Project__c", None, [], "is missing"),
    ],
)
def test_a_link_that_leads_elsewhere_is_a_problem(name: str, type: str | None, leads: list[str], says: str) -> None:
    """salesforce.md 7.4: check and setup say so, and nothing is read by it; setup makes no lookups, people do."""

    def admin(person: People) -> None:
        person.add_investor_object()
        if type is not None:
            person.add_field(name, OBJECT, type=type, reference_to=leads, relationship="Lead_In__r")

    rig = rig_of(links={**LINKS, PROJECT: name}, admin=admin)
    id = add(rig)

    with pytest.raises(Forbidden) as caught:
        rig.fetch(id)
    (problem,) = rig.adapter.check().problems
    items = {item.field.name: item for item in rig.adapter.compare(PROSPECT, [])}
    (again,) = (item for item in provided(rig, list(items.values())) if item.field.name == name)

    assert problem.fatal
    assert says in problem.what
    assert (str(caught.value), caught.value.remedy) == (problem.what, problem.remedy)
    assert (items[name].state, again.state) == (("missing",) * 2 if type is None else ("wrong",) * 2)
    for remedy in (problem.remedy, items[name].detail):
        assert "Lookup Relationship; related to Opportunity" in remedy
        assert "links.project under [prospect] in the mapping" in remedy
        assert "syncd setup" not in remedy


def provided(rig: Rig, items: list[SetupItem]) -> list[SetupItem]:
    """After setup, which asked to make no field."""
    rig.calls()
    made = rig.adapter.provision(PROSPECT, items)
    assert not any("CustomField" in path for _, path in rig.calls())
    return made


def test_a_lookup_that_we_may_only_read_is_a_problem() -> None:
    rig = rig_of(switches={"readonly_fields": frozenset({f"{OBJECT}.Contact__c"})})

    (problem,) = rig.adapter.check().problems
    (item,) = (item for item in rig.adapter.compare(PROSPECT, []) if item.state != "ok")

    assert "Contact__c of Investor__c can't be written by us" in problem.what
    assert (item.field.name, item.state) == ("Contact__c", "wrong")


def test_a_hidden_lookup_is_granted_by_setup() -> None:
    """Making it is a person's; having us shown what is there is setup's, as with any field."""
    rig = rig_of(admin=_with_a_lookup_that_nobody_granted, links={**LINKS, PROJECT: "Deal_In__c"})
    items = rig.adapter.compare(PROSPECT, [])

    made = rig.adapter.provision(PROSPECT, items)

    assert "hidden" in {item.state for item in items}
    assert {"ok"} == {item.state for item in made}
    assert rig.adapter.check().problems == ()


def _with_a_lookup_that_nobody_granted(person: People) -> None:
    person.add_investor_object()
    person.add_field("Deal_In__c", OBJECT, type="reference", reference_to=["Opportunity"], visible=False)


def test_the_shipped_table_of_records_is_set_up() -> None:
    """An administrator makes the object with its lookups; setup adds the rest, and check has nothing to say of it."""
    mappers = with_prospect_records("salesforce")
    specs = {kind: object_spec(RIGHT, mapper) for kind, mapper in mappers.items()}
    rig = Rig(stamped=False, kind=PROSPECT, beside=specs, admin=_with_prospects, options={"currency": "SEK"})

    before = rig.adapter.compare(PROSPECT, mappers[PROSPECT].wanted())
    made = rig.adapter.provision(PROSPECT, before)
    (outcome,) = rig.adapter.create(PROSPECT, [CreateItem("9001/1", {}, "key", Cast(rig).deal)])

    assert {item.field.name: item.state for item in before if item.state == "ok"} == dict.fromkeys(
        specs[PROSPECT].links.values(), "ok"
    )
    assert {"ok"} == {item.state for item in made}
    assert not [problem for problem in rig.adapter.check().problems if "Prospect__c" in problem.what]
    assert done(outcome).created


def _with_prospects(person: People) -> None:
    lookups = [
        {"name": f"{name}__c", "type": "reference", "reference_to": [name]}
        for name in ("Opportunity", "Contact", "Account")
    ]
    person.add_object("Prospect__c", lookups, prefix="a0P")


def test_a_link_to_a_kind_without_an_object_is_refused_at_once() -> None:
    with pytest.raises(ConfigError) as caught:
        Rig(name="Deal__c", kind=PROSPECT, beside={PROSPECT: ObjectSpec("Deal__c", (), links=LINKS)})

    assert "[project]" in str(caught.value.remedy)
