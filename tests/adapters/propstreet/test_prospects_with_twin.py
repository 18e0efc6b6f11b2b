"""Prospects against the twin of Propstreet: single, in batches, matched, removed, and when an answer is lost."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from syncd.adapters.propstreet import ItemStep, Prospect, ProspectBody, with_ref
from syncd.errors import AlreadyExists, Missing, OutcomeUnknown, PreconditionFailed, Rejected, RemoteError
from syncd.testing.sandbox.propstreet import Switches
from syncd.testing.sandbox.wire import Fault, FaultKind

from .twin import ANNA, SHAPES, World, name_of


@pytest.fixture(params=SHAPES, ids=name_of)
def world(request: pytest.FixtureRequest) -> Iterator[World]:
    made = World(Switches(**request.param))
    yield made
    made.client.close()


def test_a_prospect_from_create_to_delete(world: World) -> None:
    """Whatever the shape of answers, the story is the same."""
    prospects, contact = world.client.prospects, world.twin.add_contact(**ANNA, tags=["vip"])
    body: ProspectBody = {"contactId": contact, "externalRefs": with_ref([], "hubspot", "501")}
    made = prospects.create(world.project, body, idempotency_key="k").record
    assert (made.project_id, made.contact_id, made.ref_in("HubSpot")) == (world.project, contact, "501")
    assert (made.classification, made.tags, made.teaser, made.deleted) == ("not_contacted", ["vip"], None, False)
    assert prospects.create(world.project, body, idempotency_key="k").record.id == made.id

    moved = prospects.patch(world.project, made.id, {"classification": "bidder"}, if_match=made.etag)
    assert moved.classification == world.prospect(made.id).classification == "bidder"
    with pytest.raises(PreconditionFailed):
        prospects.patch(world.project, made.id, {"classification": "contacted"}, if_match=made.etag)
    with pytest.raises(PreconditionFailed):
        prospects.delete(world.project, made.id, if_match=made.etag)

    found = prospects.find_by_external_ref(world.project, "HUBSPOT", "501")
    assert found is not None
    assert found.etag == moved.etag
    assert prospects.find_by_external_ref(world.project, "hubspot", "none") is None
    with pytest.raises(AlreadyExists):
        prospects.create(world.project, {"contactId": contact}, idempotency_key="another")

    prospects.delete(world.project, made.id, if_match=moved.etag)
    assert world.listed() == []
    [tombstone] = prospects.scan(world.project, include_deleted=True)
    assert (tombstone.id, tombstone.deleted) == (made.id, True)


def test_refs_are_unique_inside_a_project_and_replaced_whole(world: World) -> None:
    """propstreet.md traps 21, 23 and 24."""
    prospects, other = world.client.prospects, world.twin.add_project(name="Solna")
    people = [world.twin.add_contact(firstName=name) for name in "AB"]
    first: ProspectBody = {"contactId": people[0], "externalRefs": [{"namespace": "Vitec", "id": "V/1"}]}
    made = prospects.create(world.project, first, idempotency_key="1").record

    refs = with_ref(made.external_refs, "hubspot", "501")
    stamped = prospects.patch(world.project, made.id, {"externalRefs": refs}, if_match=made.etag)
    assert [(ref["namespace"], ref["id"]) for ref in stamped.external_refs] == [("Vitec", "V/1"), ("hubspot", "501")]
    second: ProspectBody = {"contactId": people[1], "externalRefs": [{"namespace": "hubspot", "id": "501"}]}
    with pytest.raises(AlreadyExists):
        prospects.create(world.project, second, idempotency_key="2")
    assert prospects.create(other, second, idempotency_key="3").new


def test_what_a_single_add_may_meet(world: World) -> None:
    contact = world.twin.add_contact(**ANNA)
    world.twin.block(contact)
    for body in ({"contactId": contact}, {"contactId": "999999"}, {"companyId": "abc"}):
        with pytest.raises(RemoteError) as caught:
            world.client.prospects.create(world.project, body, idempotency_key=str(body))  # type: ignore[arg-type]
        assert not isinstance(caught.value, AlreadyExists | OutcomeUnknown)
        assert "nna" not in str(caught.value)
    with pytest.raises(Missing):
        world.client.prospects.create("999999", {"contactId": contact}, idempotency_key="k")


def test_filters(world: World) -> None:
    """propstreet.md section 11.1: several tags mean any of them."""
    made = {}
    for tag in ("vip", "nordic", "other"):
        contact = world.twin.add_contact(firstName=tag, tags=[tag])
        made[tag] = world.twin.add_prospect(world.project, contact=contact)
        world.clock.advance(60)
    world.twin.edit_prospect(made["other"], classification="interested")
    [chatty] = world.twin.communicate(world.project, 1)
    world.twin.accept_teaser(chatty)
    since = world.prospect(made["nordic"]).updated_utc

    assert set(world.listed(tags=["vip", "nordic"])) == {made["vip"], made["nordic"]}
    assert world.listed(classification="interested") == [made["other"]]
    assert world.listed(capability="chat") == [chatty]
    assert set(world.listed(updated_since=since)) == {made["nordic"], made["other"], chatty}
    assert set(world.listed(page_size=1)) == {*made.values(), chatty}


def test_pages_can_be_resumed(world: World) -> None:
    added = {world.twin.add_prospect(world.project, contact=world.twin.add_contact(firstName=str(n))) for n in range(5)}
    seen: list[str] = []
    cursor: str | None = None
    for _ in range(3):
        page = world.client.prospects.page(world.project, cursor=cursor, page_size=2, include_deleted=True)
        seen += [Prospect(row).id for row in page.rows]
        cursor = page.next_cursor

    assert (cursor, sorted(seen)) == (None, sorted(added))


def test_matched_investors(world: World) -> None:
    """propstreet.md traps 20, 52 and 53: told by their teaser, maybe without any contact."""
    [id] = world.twin.communicate(world.project, [{"firstName": "Bo", "lastName": "Ek", "organization": "Fond AB"}])
    shown = world.prospect(id)
    assert shown.teaser is not None
    assert (shown.teaser.accepted_utc, shown.capabilities) == (None, [])
    assert shown.teaser.deadline_utc is not None
    assert (shown.display_name, shown.organization_name) == ("Bo Ek", "Fond AB")

    world.twin.accept_teaser(id)
    shown = world.prospect(id)
    assert shown.teaser is not None
    assert shown.teaser.accepted_utc is not None
    assert shown.capabilities == ["chat"]


def test_a_matched_investor_that_may_not_be_deleted() -> None:
    """propstreet.md section 11.2: no race, so no reason to read and try again."""
    world = World(Switches(delete_matched="refused"))
    [id] = world.twin.communicate(world.project, 1)

    with pytest.raises(Rejected):
        world.client.prospects.delete(world.project, id, if_match=world.prospect(id).etag)


def test_remove_keeps_the_id_for_whoever_undoes_it(world: World) -> None:
    """propstreet.md trap 19."""
    id = world.twin.add_prospect(world.project, contact=world.twin.add_contact(**ANNA))
    world.client.prospects.remove(world.project, id)
    assert world.listed() == []

    world.twin.undo_remove(id)
    assert world.listed() == [id]
    with pytest.raises(Missing):
        world.client.prospects.remove(world.project, "999999")


def test_a_company_gets_its_person_once(world: World) -> None:
    """propstreet.md trap 51: the id stays; a person who is not linked, or a second one, is refused."""
    company = world.twin.add_company(name="Fond AB")
    linked = world.twin.add_contact(company=company, **ANNA)
    stranger = world.twin.add_contact(firstName="Cia")
    id = world.twin.add_prospect(world.project, company=company)
    prospects = world.client.prospects

    with pytest.raises(Rejected):
        prospects.contact_person(world.project, id, stranger)
    prospects.contact_person(world.project, id, linked)
    assert (world.prospect(id).contact_id, world.prospect(id).company_id) == (linked, company)
    with pytest.raises(Rejected):
        prospects.contact_person(world.project, id, stranger)


def test_classify_tells_who_failed(world: World) -> None:
    """propstreet.md trap 29."""
    ids = [world.twin.add_prospect(world.project, contact=world.twin.add_contact(firstName=name)) for name in "AB"]
    result = world.client.prospects.classify(world.project, [*ids, "999999"], "interested")

    assert sorted(result.succeeded) == sorted(ids)
    assert [(each.prospect_id, each.error) for each in result.failed] == [("999999", "not_found")]
    assert result.silent == ()
    assert sorted(world.listed(classification="interested")) == sorted(ids)
    with pytest.raises(Rejected):
        world.client.prospects.classify(world.project, ids, "unheard_of")


def test_a_batch_in_which_everything_happens(world: World) -> None:
    """propstreet.md traps 28 and 29: 200 with failures, in no order of the request, in either set of codes."""
    twin = world.twin
    company = twin.add_company(name="Fond AB")
    new, there, blocked, late, holder = (
        twin.add_contact(firstName=name, company=company if name == "New" else None)
        for name in ("New", "There", "Blocked", "Late", "Holder")
    )
    twin.block(blocked)
    already = twin.add_prospect(world.project, contact=there)
    ref: ProspectBody = {"contactId": holder, "externalRefs": with_ref([], "hubspot", "501")}
    world.client.prospects.create(world.project, ref, idempotency_key="k")
    items: list[ProspectBody] = [
        {"contactId": there},
        {"companyId": company},
        {"contactId": blocked},
        {"contactId": new, "externalRefs": with_ref([], "hubspot", "502")},
        {"contactId": new},
        {"contactId": "abc"},
        {"contactId": "999999"},
        {"contactId": late, "externalRefs": with_ref([], "HubSpot", "501")},
    ]
    pairs = world.add(*items)

    assert [at for at, pair in enumerate(pairs) if pair.created] == [1, 3]
    assert [pair.item for pair in pairs] == items
    made = pairs[3].created
    assert made is not None
    assert (made.contact_id, made.ref_in("hubspot")) == (new, "502")
    assert world.prospect(made.id).company_id == company
    assert all(pair.failure is None or pair.failure.index == at for at, pair in enumerate(pairs))
    schema = world.twin.switches.batch_codes == "schema"
    assert [pair.step for pair in pairs] == [
        ItemStep.ADOPT,
        None,
        ItemStep.HOLD if schema else ItemStep.ADOPT,
        None,
        ItemStep.ADOPT,
        ItemStep.REFRESH,
        ItemStep.REFRESH if schema else ItemStep.ADOPT,
        ItemStep.FIND_HOLDER if schema else ItemStep.ADOPT,
    ]
    assert [each.id for each in world.client.prospects.scan(world.project) if each.contact_id == there] == [already]


def test_an_unheard_of_code_is_looked_into(world: World) -> None:
    """propstreet.md section 11.3."""
    contact = world.twin.add_contact(**ANNA)
    world.twin.fail_additions(1, "of_a_later_release")
    [pair] = world.add({"contactId": contact})

    assert (pair.created, pair.step) == (None, ItemStep.ADOPT)


@pytest.mark.parametrize("kind", [FaultKind.TIMEOUT_AFTER, FaultKind.RESET_AFTER, FaultKind.GARBAGE_200])
def test_a_batch_whose_answer_is_lost_is_looked_up(world: World, kind: FaultKind) -> None:
    """propstreet.md trap 27: sent once, and what it added can be adopted by contact."""
    contact = world.twin.add_contact(**ANNA)
    world.line.plan(Fault(kind=kind, method="POST", path="prospects:batch"))
    before = len(world.line.requests)
    with pytest.raises(OutcomeUnknown):
        world.add({"contactId": contact})
    assert len(world.line.requests) == before + 1

    [adopted] = [each for each in world.client.prospects.scan(world.project) if each.contact_id == contact]
    [repeated] = world.add({"contactId": contact})
    assert (repeated.created, repeated.step) == (None, ItemStep.ADOPT)
    assert world.listed() == [adopted.id]


def test_a_hundred_is_a_full_batch(world: World) -> None:
    contacts = [world.twin.add_contact(firstName=str(n)) for n in range(100)]
    items: list[ProspectBody] = [{"contactId": id} for id in contacts]
    pairs = world.add(*items)

    made = {pair.item["contactId"]: pair.created.id for pair in pairs if pair.created}
    assert made == {each.contact_id: each.id for each in world.client.prospects.scan(world.project)}
    result = world.client.prospects.classify(world.project, list(made.values()), "contacted")
    assert len(result.succeeded) == 100


def test_the_same_key_finds_the_same_record(world: World) -> None:
    """propstreet.md traps 25 and 26."""
    world.line.plan(Fault(kind=FaultKind.TIMEOUT_AFTER, method="POST", path="prospects$"))
    body: ProspectBody = {"contactId": world.twin.add_contact(**ANNA)}
    with pytest.raises(OutcomeUnknown):
        world.client.prospects.create(world.project, body, idempotency_key="k")
    again = world.client.prospects.create(world.project, body, idempotency_key="k").record

    assert world.listed() == [again.id]
