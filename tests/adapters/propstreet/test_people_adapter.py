"""Contacts and companies behind the adapter contract, against the twin of Propstreet."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from syncd.adapters.base import CreateItem, Remote, UpdateItem
from syncd.core.model import Kind
from syncd.errors import AlreadyExists, CursorRefused, OutcomeUnknown, PreconditionFailed, Rejected
from syncd.testing.sandbox.propstreet import Switches
from syncd.testing.sandbox.wire import Fault, FaultKind

from .peer import Peer, adapter, ok
from .stage import OTHERS, Stage, failed, written
from .twin import SHAPES, name_of

CONTACT, COMPANY = Kind.CONTACT, Kind.COMPANY
ANNA: dict[str, Any] = {"firstName": "Anna", "lastName": "Ek", "email": "Anna@Example.test"}
OUR_REF = {"namespace": "hubspot", "id": "501"}


@pytest.fixture(params=SHAPES, ids=name_of)
def stage(request: pytest.FixtureRequest) -> Iterator[Stage]:
    made = Stage(Switches(**request.param), page_size=2)
    yield made
    made.adapter.close()


def scan(stage: Stage, kind: Kind, cursor: str | None = None) -> tuple[dict[str, Remote], str]:
    rows: dict[str, Remote] = {}
    for page in stage.adapter.changes(kind, cursor):
        rows |= {row.id: row for row in page.rows}
        cursor = page.cursor
    assert page.complete
    assert cursor is not None
    return rows, cursor


def test_a_contact_from_create_to_delete(stage: Stage) -> None:
    """Whatever the shape of answers, the story is the same; the answer is the truth (propstreet.md trap 54)."""
    made = written(stage.create(CONTACT, "501", {**ANNA, "phone": "070-123 45 67"})).remote
    assert (made.ref, made.keys, made.raw["phone"]) == ("501", ("email:anna@example.test",), "+46701234567")
    assert (made.parent, made.person) == (None, None)

    renamed = written(stage.update(CONTACT, made, lastName="Ny", phone=None)).remote
    assert renamed.raw["lastName"] == "Ny"
    assert renamed.raw.get("phone") is None
    assert stage.read(CONTACT, made.id).version == renamed.version != made.version
    assert {ref: row.id for ref, row in stage.adapter.find(CONTACT, ["501", "502"]).items()} == {"501": made.id}

    failed(stage.update(CONTACT, made, lastName="late"), PreconditionFailed)
    failed(stage.delete(CONTACT, made), PreconditionFailed)
    assert written(stage.delete(CONTACT, renamed)).remote.deleted
    assert written(stage.delete(CONTACT, renamed)).remote.deleted
    assert stage.read(CONTACT, made.id).deleted
    assert stage.adapter.find(CONTACT, ["501"]) == {}
    assert stage.twin.live_contacts() == []


def test_a_company_from_create_to_update(stage: Stage) -> None:
    """A homepage decides on the domain, whatever else was written (propstreet.md section 17.2)."""
    made = written(stage.create(COMPANY, "7", {"name": "Fond AB", "domain": "WWW.Fond.test"})).remote
    assert (made.ref, made.keys) == ("7", ("domain:fond.test",))

    moved = written(stage.update(COMPANY, made, homepageUrl="https://www.ny.test/om")).remote
    assert moved.keys == ("domain:ny.test",)
    assert stage.adapter.find(COMPANY, ["7"])["7"].version == moved.version
    failed(stage.update(COMPANY, made, name="late"), PreconditionFailed)


def test_a_company_is_never_deleted(stage: Stage) -> None:
    """propstreet.md section 17.2: the API that we know of has no call for it."""
    company = stage.read(COMPANY, stage.twin.add_company(name="Fond AB"))
    error = failed(stage.delete(COMPANY, company), Rejected)

    assert "on_delete" in (error.remedy or "")
    assert [row["name"] for row in stage.twin.live_companies()] == ["Fond AB"]


def test_every_address_is_a_key(stage: Stage) -> None:
    emails = [{"address": "anna@example.test", "type": "work"}, {"address": "Ek@Home.test", "type": "personal"}]
    id = stage.twin.add_contact(firstName="Anna", emails=emails)
    nobody = stage.twin.add_contact(firstName="Bo")

    assert stage.read(CONTACT, id).keys == ("email:anna@example.test", "email:ek@home.test")
    assert stage.read(CONTACT, nobody).keys == ()


@pytest.mark.parametrize(
    ("shown", "keys"),
    [
        ({"domain": "Fond.test"}, ("domain:fond.test",)),
        ({"homepageUrl": "https://www.fond.test/om?x=1"}, ("domain:fond.test",)),
        ({"domain": "fond.test", "homepageUrl": "http://ny.test"}, ("domain:fond.test", "domain:ny.test")),
        ({"domain": None, "homepageUrl": "none yet"}, ()),
        ({}, ()),
    ],
)
def test_domain_and_homepage_are_keys(shown: dict[str, Any], keys: tuple[str, ...]) -> None:
    found = adapter(Peer(ok({"id": "7", "name": "Fond AB", **shown}))).fetch(COMPANY, ["7"])

    assert found["7"].keys == keys


@pytest.mark.parametrize("kind", [CONTACT, COMPANY])
def test_the_feed_shows_changes_and_tombstones(stage: Stage, kind: Kind) -> None:
    """propstreet.md section 5 and trap 6: whole rows, all pages, from the mark on."""
    doors = stage.twin.side_door
    ids = [doors[f"add_{kind}"](**({"name": n} if kind is COMPANY else {"firstName": n})) for n in "ABCDE"]
    rows, cursor = scan(stage, kind)
    assert {*rows} == {*ids}
    assert all(row.version == stage.read(kind, row.id).version for row in rows.values())

    stage.clock.advance(3600)
    doors[f"delete_{kind}"](ids[0])
    later, _ = scan(stage, kind, cursor)
    assert later[ids[0]].deleted
    assert not any(row.deleted for id, row in later.items() if id != ids[0])


def test_a_dead_cursor_of_the_feed_is_told() -> None:
    with pytest.raises(CursorRefused):
        [*Stage().adapter.changes(CONTACT, "of another adapter")]


@pytest.mark.parametrize("kind", [CONTACT, COMPANY])
def test_a_stamp_keeps_the_refs_of_others(stage: Stage, kind: Kind) -> None:
    """propstreet.md traps 21 and 22: read, replace only ours, write with the tag."""
    doors = stage.twin.side_door
    mine = {"namespace": "HubSpot", "id": "old"}
    name = {"name": "Fond AB"} if kind is COMPANY else {"firstName": "Anna"}
    id = doors[f"add_{kind}"](**name, externalRefs=[OTHERS[0], mine, OTHERS[1]])
    before = stage.read(kind, id)
    stamped = written(stage.update(kind, before, stamp="501")).remote

    assert stamped.ref == "501"
    assert doors[kind.value](id)["externalRefs"] == [OTHERS[0], OUR_REF, OTHERS[1]]
    failed(stage.update(kind, before, stamp="502"), PreconditionFailed)


def test_a_taken_ref_names_its_holder(stage: Stage) -> None:
    """propstreet.md sections 13 and 17.1, whatever the status."""
    holder = written(stage.create(CONTACT, "501", ANNA)).remote
    [outcome] = stage.adapter.create(CONTACT, [_item("501", {"firstName": "Bo"}, key="another")])

    assert failed(outcome, AlreadyExists).existing_id == holder.id
    bo = stage.read(CONTACT, stage.twin.add_contact(firstName="Bo"))
    assert failed(stage.update(CONTACT, bo, stamp="501"), AlreadyExists).existing_id == holder.id


def test_a_taken_address_names_its_holder_and_no_address(stage: Stage) -> None:
    """propstreet.md trap 56: two people are never made one by an address; who has it is found out. P9."""
    holder = stage.twin.add_contact(**ANNA)
    bo = stage.read(CONTACT, stage.twin.add_contact(firstName="Bo"))
    for outcome in (
        stage.create(CONTACT, "9", {"firstName": "Ann", "email": "anna@example.test"}),
        stage.update(CONTACT, bo, email="ANNA@example.test"),
    ):
        error = failed(outcome, AlreadyExists)
        assert error.existing_id == holder
        assert holder in str(error)
        assert "nna" not in f"{error} {error.remedy}".lower()
    assert stage.twin.contact(holder).get("externalRefs", []) == []
    assert len(stage.twin.live_contacts()) == 2


def test_an_address_that_nobody_shows_is_told_all_the_same() -> None:
    """Its holder may be hidden from us."""
    stage = Stage()
    body = b'{"type":"/help/duplicate-email","errors":{"email":["anna@example.test is taken"]}}'
    stage.line.plan(*(Fault(kind=FaultKind.STATUS, status=409, method=name, body=body) for name in ("POST", "PATCH")))
    anna = stage.read(CONTACT, stage.twin.add_contact(**ANNA))
    for error in (
        failed(stage.create(CONTACT, "9", {**ANNA, "email": "anna.ek@example.test"}), AlreadyExists),
        failed(stage.update(CONTACT, anna, email="anna@example.test"), AlreadyExists),
    ):
        assert error.existing_id is None
        assert "e-mail address" in (error.remedy or "")
        assert "nna" not in str(error).lower()


def test_the_deleted_are_not_revived(stage: Stage) -> None:
    """propstreet.md trap 55: who was deleted stays deleted, and a new contact is a new one."""
    gone = written(stage.create(CONTACT, "501", ANNA)).remote
    stage.twin.delete_contact(gone.id)
    [outcome] = stage.adapter.create(CONTACT, [_item("501", ANNA, key="later")])
    made = written(outcome)
    assert made.remote.id != gone.id
    assert stage.twin.contact(gone.id).get("deletedUtc") is not None
    assert not any("external" in call and call.startswith("PATCH") for call in stage.calls())


def test_a_deleted_contact_that_keeps_its_ref_is_held() -> None:
    """propstreet.md section 10.3, for people as for projects: no retry would help."""
    stage = Stage(Switches(deleted_refs="reserved"))
    gone = written(stage.create(CONTACT, "501", ANNA)).remote
    stage.twin.delete_contact(gone.id)
    [outcome] = stage.adapter.create(CONTACT, [_item("501", ANNA, key="later")])

    assert failed(outcome, Rejected).existing_id == gone.id


@pytest.mark.parametrize("kind", [CONTACT, COMPANY])
def test_a_lost_answer_is_looked_up_by_the_stamp(kind: Kind) -> None:
    """propstreet.md traps 25 and 26: sent once, and the same key finds the same record."""
    stage = Stage()
    fields = ANNA if kind is CONTACT else {"name": "Fond AB"}
    stage.line.plan(Fault(kind=FaultKind.TIMEOUT_AFTER, method="POST"))
    failed(stage.create(kind, "501", fields), OutcomeUnknown)

    there = stage.adapter.find(kind, ["501"])["501"]
    assert written(stage.create(kind, "501", fields)).remote.id == there.id


@pytest.mark.parametrize("name", ["id", "companies", "primaryCompanyId", "etag", "externalRefs"])
def test_a_read_model_is_never_sent(name: str) -> None:
    """propstreet.md traps 21 and 32: only what may be written, and refs through the stamp alone."""
    stage = Stage()
    anna = stage.read(CONTACT, stage.twin.add_contact(**ANNA))
    stage.calls()

    model: dict[str, Any] = {name: []}
    assert failed(stage.update(CONTACT, anna, None, **model), Rejected).fields == (name,)
    assert failed(stage.create(CONTACT, "9", model), Rejected).fields == (name,)
    assert stage.calls() == []


def test_a_bad_row_does_not_sink_its_neighbours() -> None:
    stage = Stage()
    outcomes = stage.adapter.create(COMPANY, [_item("1", {"countryCode": "X"}), _item("2", {"name": "Fond AB"})])

    failed(outcomes[0], Rejected)
    assert written(outcomes[1]).remote.ref == "2"


def test_an_update_of_a_stamp_alone_reads_what_it_has_not_seen() -> None:
    """propstreet.md trap 21: the other refs must be known before the list is replaced."""
    stage = Stage()
    id = stage.twin.add_contact(**ANNA, externalRefs=OTHERS)
    [outcome] = stage.adapter.update(CONTACT, [UpdateItem(id, {}, {}, None, "501")])

    assert written(outcome).remote.ref == "501"
    assert stage.twin.contact(id)["externalRefs"] == [*OTHERS, OUR_REF]


def test_check_reads_what_is_mapped() -> None:
    stage = Stage()
    stage.twin.add_project(name="Kista")
    assert stage.adapter.check().problems == _personal()
    assert [call.partition("?")[0].split("/")[-1] for call in stage.calls()] == [
        "GET projects",
        "companies",
        "contacts",
        "prospects",
    ]


@pytest.mark.parametrize("path", ["contacts$", "companies$", "prospects$"])
@pytest.mark.parametrize("status", [403, 404])
def test_check_names_what_cannot_be_read(path: str, status: int) -> None:
    stage = Stage()
    stage.twin.add_project(name="Kista")
    stage.line.plan(Fault(kind=FaultKind.STATUS, method="GET", path=path, status=status, body=b"{}", times=-1))
    problems = stage.adapter.check().problems[len(_personal()) :]

    [problem] = problems
    assert problem.fatal
    assert path.removesuffix("$") in problem.what
    assert problem.remedy


def test_check_asks_only_for_what_is_mapped() -> None:
    stage = Stage(objects={})
    stage.twin.add_project(name="Kista")
    stage.adapter.check()

    assert stage.calls() == ["GET projects"]


def _personal() -> tuple[Any, ...]:
    """The twin's token is a personal one, which check() warns of."""
    return tuple(Stage(objects={}).adapter.check().problems)


def _item(ref: str, fields: dict[str, Any], key: str | None = None) -> CreateItem:
    return CreateItem(ref, fields, key or f"key-{ref}")
