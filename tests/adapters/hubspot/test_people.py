"""Contacts and companies are records like deals; here is what is theirs alone."""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Any

import pytest

from syncd.adapters.base import CreateItem, DeleteItem, Failed, Outcome, UpdateItem
from syncd.config.objects import object_spec
from syncd.core.model import RIGHT, FieldType, Kind
from syncd.errors import AlreadyExists, Missing, RateLimited, Rejected
from syncd.mapping import load_tables
from syncd.mapping.wanted import WantedField
from syncd.testing.sandbox.wire import Fault, FaultKind

from .peer import Answer, Peer, adapter_at, batch
from .room import COMPANY, CONTACT, Room, done, error

SHIPPED = Path(__file__).parents[3] / "config" / "mappings" / "hubspot-prospects.toml"
ANNA = "anna@example.test"


def person(ref: str, **fields: Any) -> CreateItem:
    return CreateItem(ref, {"firstname": f"First {ref}", **fields}, f"key {ref}")


def change(id: str, **fields: Any) -> UpdateItem:
    return UpdateItem(id, fields, {})


def spoken(outcome: Outcome) -> str:
    """Everything that an error says."""
    return f"{error(outcome)} {error(outcome).remedy} {vars(error(outcome))}"


def test_each_type_gets_a_stamp_of_its_own() -> None:
    """Unique from the start (trap 13), in the group of its type."""
    room = Room()
    for kind, objects in ((CONTACT, "contacts"), (COMPANY, "companies")):
        room.person.archive_property("propstreet_id", objects=objects)
        field = WantedField(name="propstreet_language", label="Language", type=FieldType.TEXT)

        made = room.adapter.provision(kind, room.adapter.compare(kind, [field]))

        assert [(one.field.name, one.state) for one in made] == [("propstreet_id", "ok"), ("propstreet_language", "ok")]
    assert room.adapter.check().problems == ()


def test_the_shipped_mapping_fits_after_setup() -> None:
    """config/mappings/hubspot-prospects.toml: HubSpot's own properties are used as they are, all else is made."""
    mappers = load_tables(tomllib.loads(SHIPPED.read_text("utf-8")), SHIPPED.name)
    room = Room(labels=False, specs={kind: object_spec(RIGHT, mapper) for kind, mapper in mappers.items()})
    missing = [item for kind, mapper in mappers.items() for item in room.adapter.compare(kind, mapper.wanted())]

    made = [item for kind in mappers for item in room.adapter.provision(kind, [i for i in missing if i.kind is kind])]

    assert {"missing", "ok"} == {item.state for item in missing}
    assert {item.field.name for item in missing if not item.field.name.startswith("propstreet_")} <= {
        item.field.name for item in missing if item.state == "ok"
    }
    assert {"ok"} == {item.state for item in made}
    assert room.adapter.check().problems == ()


@pytest.mark.parametrize(("kind", "name"), [(CONTACT, "lastmodifieddate"), (CONTACT, "hs_additional_emails")])
def test_what_hubspot_computes_is_not_written(kind: Kind, name: str) -> None:
    """hubspot.md trap 22."""
    room = Room()
    (line,) = room.adapter.compare(kind, [WantedField(name=name, label=name, type=FieldType.TEXT)])[1:]

    (outcome,) = room.adapter.create(kind, [person("PS-1", **{name: "x"})])

    assert line.state == "wrong"
    assert (Rejected, (name,)) == (type(error(outcome)), error(outcome).fields)


def test_what_a_new_record_needs() -> None:
    """Section 5.4: a name or an address; the neighbours are written."""
    room = Room()

    nobody, anna = room.adapter.create(CONTACT, [CreateItem("PS-1", {}, "k"), person("PS-2")])
    nothing, fund = room.adapter.create(COMPANY, [CreateItem("PS-3", {}, "k"), CreateItem("PS-4", {"name": "F"}, "k")])

    assert [Rejected, Rejected] == [type(error(nobody)), type(error(nothing))]
    assert {"PS-2", "PS-4"} == {done(anna).remote.ref, done(fund).remote.ref}


@pytest.mark.parametrize("switch", ["conflict", "validation"])
def test_an_address_that_another_contact_has_is_told_by_its_id(switch: str) -> None:
    """Section 6: 409 with the id, or 400 without; it is held, and the error names the record and no address."""
    room = Room()
    room.twin.switch(taken_on_create=switch)
    taken = room.contact(email=ANNA)

    outcomes = room.adapter.create(CONTACT, [person("PS-1", email=ANNA.upper()), person("PS-2", email="bo@x.test")])

    assert (AlreadyExists, taken) == (type(error(outcomes[0])), error(outcomes[0]).existing_id)
    assert taken in str(error(outcomes[0]))
    assert "merge the two" in (error(outcomes[0]).remedy or "")
    assert "example.test" not in spoken(outcomes[0]).casefold()
    assert done(outcomes[1]).created


def test_an_update_onto_anothers_address_is_told_by_its_id() -> None:
    """The refusal names the property only; who has the address is one call more, for all such rows together."""
    room = Room()
    taken, additional = room.contact(email=ANNA), room.contact(email="b@example.test")
    survivor = room.person.merge_contacts(taken, additional)
    ids = [room.contact(f"C {n}") for n in range(3)]
    room.line.requests.clear()

    outcomes = room.adapter.update(
        CONTACT, [change(ids[0], email=ANNA), change(ids[1], email="b@example.test"), change(ids[2], email="c@x.test")]
    )

    assert [survivor, survivor] == [error(one).existing_id for one in outcomes[:2]]
    assert [survivor in str(error(one)) for one in outcomes[:2]] == [True, True]
    assert "example.test" not in spoken(outcomes[0]) + spoken(outcomes[1])
    assert done(outcomes[2]).remote.raw["email"] == "c@x.test"
    assert len(room.line.requests) == 2


def test_a_holder_that_cannot_be_found_leaves_the_refusal_as_it_was() -> None:
    room = Room()
    room.contact(email=ANNA)
    id = room.contact("Bo")
    room.line.plan(Fault(kind=FaultKind.STATUS, status=503, path="contacts/batch/read", times=-1))

    (outcome,) = room.adapter.update(CONTACT, [change(id, email=ANNA)])

    assert (AlreadyExists, None, ("email",)) == (
        type(error(outcome)),
        error(outcome).existing_id,
        error(outcome).fields,
    )


def test_a_stamp_that_is_taken_asks_for_no_address() -> None:
    """hubspot.md trap 43: two records of one stamp are a person's to mend."""
    room = Room()
    room.contact(propstreet_id="PS-1")
    id = room.contact("Bo", email=ANNA)
    room.line.requests.clear()

    (outcome,) = room.adapter.update(CONTACT, [UpdateItem(id, {"email": ANNA}, {}, stamp="PS-1")])

    assert (AlreadyExists, ("propstreet_id",)) == (type(error(outcome)), error(outcome).fields)
    assert len(room.line.requests) == 1


def test_an_address_never_passes_for_an_id() -> None:
    """P9: whatever HubSpot puts into the place of an id."""
    conflict = {"category": "CONFLICT", "message": ANNA, "context": {"existingId": [ANNA]}}
    body = conflict | {"context": conflict["context"] | {"objectWriteTraceId": ["0"]}}  # type: ignore[operator]
    adapter = adapter_at(Peer(batch(errors=[body]), Answer(503)), name="deals")

    (outcome,) = adapter.create(Kind.PROJECT, [person("PS-1")])

    assert error(outcome).existing_id is None
    assert ANNA not in spoken(outcome)


def test_two_contacts_of_one_address_in_a_batch() -> None:
    """hubspot.md trap 16: the first is made, and the second is held against it."""
    room = Room()

    first, second = room.adapter.create(CONTACT, [person("PS-1", email=ANNA), person("PS-2", email=ANNA)])

    assert isinstance(error(second), AlreadyExists)
    assert error(second).existing_id == done(first).remote.id


def test_an_update_by_our_stamp_blanks_nothing() -> None:
    """hubspot.md trap 15: an upsert keyed on the address would."""
    room = Room()
    (made,) = room.adapter.create(CONTACT, [person("PS-1", email=ANNA, lastname="Berg")])

    room.adapter.create(CONTACT, [CreateItem("PS-1", {"email": "anna@new.test"}, "k")])

    shown = room.person.contact(done(made).remote.id)
    assert (shown["lastname"], shown["email"]) == ("Berg", "anna@new.test")


def test_keys_come_with_every_answer() -> None:
    """Of a read, of a create and of an update; HubSpot's spelling of an address is the key's."""
    room = Room()
    (made,) = room.adapter.create(CONTACT, [person("PS-1", email="Anna@Example.TEST")])
    id = done(made).remote.id

    (updated,) = room.adapter.update(CONTACT, [change(id, firstname="A.")])

    assert done(made).remote.keys == done(updated).remote.keys == (f"email:{ANNA}",)
    assert room.adapter.fetch(CONTACT, [id])[id].keys == (f"email:{ANNA}",)
    assert room.adapter.find(CONTACT, ["PS-1"])["PS-1"].keys == (f"email:{ANNA}",)


@pytest.mark.parametrize("keeps", [False, True])
@pytest.mark.parametrize("kind", [CONTACT, COMPANY])
def test_merged_people_lead_to_their_survivor(kind: Kind, keeps: bool) -> None:
    """hubspot.md traps 9, 10: as for deals; and the survivor goes by the keys of both."""
    room = Room()
    room.twin.switch(merge_keeps_primary_id=keeps)
    if kind is CONTACT:
        ids = [room.contact(email=f"{name}@x.test", propstreet_id=name) for name in "ab"]
        survivor = room.person.merge_contacts(*ids)
    else:
        ids = [room.company(domain=f"{name}.test", propstreet_id=name) for name in "ab"]
        survivor = room.person.merge_companies(*ids)

    found = room.adapter.fetch(kind, ids)

    assert {survivor} == {remote.id for remote in found.values()}
    assert ids[1] in found[ids[1]].absorbed
    assert [len(remote.keys) for remote in found.values()] == [2, 2]
    assert found[ids[0]].ref == "a"


def test_a_contact_who_was_erased_is_gone() -> None:
    """On their own request, for good: no recycle bin has them."""
    room = Room()
    id = room.contact(email=ANNA)
    room.person.erase_contact(id)

    assert room.adapter.fetch(CONTACT, [id])[id].deleted
    assert isinstance(error(room.adapter.update(CONTACT, [change(id, firstname="A")])[0]), Missing)
    assert done(room.adapter.delete(CONTACT, [DeleteItem(id)])[0]).remote.deleted


def test_a_lock_on_companies_is_waited_for_by_everybody() -> None:
    """hubspot.md trap 35: at least two seconds, and no call meanwhile."""
    room = Room()
    room.line.plan(Fault(kind=FaultKind.STATUS, status=423, path="companies/batch/upsert"))
    item = CreateItem("PS-1", {"name": "Fund"}, "k")

    (locked,) = room.adapter.create(COMPANY, [item])
    before = room.clock.time()
    (made,) = room.adapter.create(COMPANY, [item])

    assert (RateLimited, 2.0) == (type(error(locked)), error(locked).retry_after_s)
    assert room.clock.time() - before >= 2.0
    assert done(made).created


@pytest.mark.parametrize("kind", [CONTACT, COMPANY])
def test_the_feed_of_people(kind: Kind) -> None:
    """hubspot.md traps 7 and 11: edits by each type's own date, archived ones by the recycle bin."""
    room = Room()
    add = room.contact if kind is CONTACT else room.company
    edit, remove = (
        (room.person.edit_contact, room.person.delete_contact)
        if kind is CONTACT
        else (room.person.edit_company, room.person.delete_company)
    )
    edited, removed, _ = add("one"), add("two"), add("three")
    room.clock.advance(1_000.0)
    *_, last = room.adapter.changes(kind, None)
    room.clock.advance(1_000.0)
    edit(edited, city="Lund")
    remove(removed)
    room.clock.advance(60.0)

    pages = list(room.adapter.changes(kind, last.cursor))

    assert {edited} == {hint.id for page in pages for hint in page.hints}
    assert {removed} == {row.id for page in pages for row in page.rows if row.deleted}


def test_a_hundred_contacts_are_one_call() -> None:
    room = Room()

    outcomes = room.adapter.create(CONTACT, [person(f"PS-{n}", email=f"p{n}@x.test") for n in range(100)])

    assert room.adapter.calls == 1
    assert not [outcome for outcome in outcomes if isinstance(outcome, Failed)]
