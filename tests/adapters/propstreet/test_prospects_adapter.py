"""Prospects behind the adapter contract: read a set at a time, added in batches, written one by one."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Any

import pytest

from syncd.adapters.base import CreateItem, Failed, Nests, Outcome, Remote, UpdateItem, Written
from syncd.core.instant import canonical_instant
from syncd.core.model import Kind
from syncd.errors import (
    AlreadyExists,
    ConfigError,
    Missing,
    OutcomeUnknown,
    PreconditionFailed,
    Rejected,
    RemoteError,
    ServerTrouble,
)
from syncd.testing.sandbox.propstreet import Switches
from syncd.testing.sandbox.wire import Fault, FaultKind, Request

from .peer import Peer, adapter, ok, page
from .stage import OTHERS, STAMPED, Stage, failed, written
from .twin import SHAPES, name_of

PROSPECT = Kind.PROSPECT
BATCH = "prospects:batch"
CODES = pytest.mark.parametrize("codes", ["schema", "guide"])


class Deal(Stage):
    """A stage with one project on it, and a company and four contacts beside it."""

    def __init__(self, switches: Switches = Switches(), **more: Any) -> None:  # noqa: B008 - frozen
        super().__init__(switches, **more)
        self.project = self.twin.add_project(name="Kista")
        self.company = self.twin.add_company(name="Fond AB")
        self.anna, self.bo, self.cia, self.dan = (
            self.twin.add_contact(firstName=name, company=self.company) for name in ("Anna", "Bo", "Cia", "Dan")
        )

    def add(self, *items: CreateItem) -> list[Outcome]:
        self.calls()
        return self.adapter.create(PROSPECT, items)

    def wants(self, person: str, classification: str | None = None, project: str | None = None) -> CreateItem:
        """A create as the engine makes it; `person` is a contact's id, or "company:…"."""
        fields = {} if classification is None else {"classification": classification}
        who = person if ":" in person else f"contact:{person}"
        return CreateItem(f"deal:{who}", fields, f"key-{who}", project or self.project, who)

    def stands(self, *, contact: str | None = None, company: str | None = None, stage: str | None = None) -> Remote:
        id = self.twin.add_prospect(self.project, contact=contact, company=company)
        if stage is not None:
            self.twin.edit_prospect(id, classification=stage)
        return self.read(PROSPECT, f"{self.project}/{id}")

    def within(self) -> dict[str, Remote]:
        [brood] = self.adapter.within(PROSPECT, [self.project])
        assert (brood.parent, brood.gone) == (self.project, False)
        assert len(brood.rows) == len({row.id for row in brood.rows})
        return {row.id: row for row in brood.rows}

    def stages(self) -> dict[str, str]:
        """The truth: who is on the project, and how far."""
        rows = self.twin.live_prospects(self.project)
        return {row.get("contactId") or row.get("companyId") or row["id"]: row["classification"] for row in rows}

    def before(self, method: str, ending: str, act: Callable[[], object]) -> None:
        """Somebody does this in the moment before the first such request arrives."""

        def on_request(request: Request) -> None:
            if request.method == method and request.path.endswith(ending):
                self.line.on_request = None
                act()

        self.line.on_request = on_request


@pytest.fixture(params=SHAPES, ids=name_of)
def deal(request: pytest.FixtureRequest) -> Iterator[Deal]:
    made = Deal(Switches(**request.param))
    yield made
    made.adapter.close()


def errors(outcomes: Sequence[Outcome]) -> set[type[RemoteError]]:
    return {type(outcome.error) for outcome in outcomes if isinstance(outcome, Failed)}


def test_prospects_live_in_projects() -> None:
    """propstreet.md section 5 and trap 2: there is no list of all of them; each project's set is read by itself."""
    propstreet = Deal().adapter

    assert isinstance(propstreet, Nests)
    assert (propstreet.nested, propstreet.parents_max) == (frozenset({PROSPECT}), 1)


def test_a_prospect_is_known_by_its_project_and_its_own_id(deal: Deal) -> None:
    """propstreet.md section 11.2."""
    row = deal.stands(contact=deal.anna, stage="interested")
    raw = deal.twin.prospect(deal.project, row.id.partition("/")[2])

    assert row.id == f"{deal.project}/{raw['id']}"
    assert (row.parent, row.person, row.ref) == (deal.project, f"contact:{deal.anna}", None)
    assert (row.version, row.modified) == (raw["etag"], canonical_instant(raw["updatedUtc"]))
    assert row.raw["classification"] == "interested"
    assert deal.within() == {row.id: row}


def test_whom_a_prospect_is_about(deal: Deal) -> None:
    """propstreet.md traps 50 and 52: the contact where both are named, a company alone, or nobody at all."""
    both = deal.stands(contact=deal.anna)
    firm = deal.stands(company=deal.company)
    deal.switch(matched="neither")
    [matched] = deal.twin.communicate(deal.project, 1)
    rows = deal.within()

    assert both.raw["companyId"] == deal.company
    assert rows[both.id].person == f"contact:{deal.anna}"
    assert rows[firm.id].person == f"company:{deal.company}"
    assert rows[f"{deal.project}/{matched}"].person is None


def test_the_whole_set_is_read_page_by_page() -> None:
    """propstreet.md trap 1: more than a page of 500, each once, and nothing else is asked."""
    deal = Deal()
    ids = {f"{deal.project}/{id}" for id in deal.twin.side_door["seed_prospects"](deal.project, 501)}
    deal.calls()

    assert deal.within().keys() == ids
    assert deal.calls() == [f"GET projects/{deal.project}/prospects"] * 2


def test_a_row_that_moves_while_the_set_is_read_is_shown_once() -> None:
    """propstreet.md section 4: what is touched moves to the end of the list, and comes again."""
    deal = Deal()
    ids = deal.twin.side_door["seed_prospects"](deal.project, 501)
    deal.clock.advance(60)
    pages: list[str] = []

    def on_request(request: Request) -> None:
        pages.append(request.path)
        if len(pages) == 2:
            deal.twin.edit_prospect(ids[0], classification="bidder")

    deal.line.on_request = on_request
    rows = deal.within()

    assert (len(rows), len(pages)) == (501, 2)
    assert rows[f"{deal.project}/{ids[0]}"].raw["classification"] == "bidder"


def test_who_has_left_is_not_in_the_set(deal: Deal) -> None:
    """propstreet.md trap 19: deleted, or removed in whatever way a list shows that."""
    stays, deleted, removed = (deal.stands(contact=id) for id in (deal.anna, deal.bo, deal.cia))
    deal.twin.delete_prospect(deleted.id.partition("/")[2])
    deal.twin.remove_prospect(removed.id.partition("/")[2])

    assert deal.within().keys() == {stays.id}
    found = deal.adapter.fetch(PROSPECT, [stays.id, deleted.id, removed.id])
    assert {id: row.deleted for id, row in found.items()} == {stays.id: False, deleted.id: True, removed.id: True}

    deal.twin.undo_remove(removed.id.partition("/")[2])
    assert deal.within().keys() == {stays.id, removed.id}
    assert not deal.read(PROSPECT, removed.id).deleted


@pytest.mark.parametrize("flag", [{"removed": True}, {"removedUtc": "2026-05-20T08:00:00Z"}])
def test_a_row_that_says_removed_is_removed(flag: dict[str, Any]) -> None:
    """propstreet.md section 11.1: how a removed prospect looks is not documented."""
    deal = Deal()
    row = deal.stands(contact=deal.anna)
    deal.switch(extra_fields=flag)

    assert deal.within() == {}
    assert deal.read(PROSPECT, row.id).deleted


def test_a_project_that_is_gone_says_nothing_of_its_prospects() -> None:
    """P5: its prospects are not deleted for that; the engine looks at the project."""
    deal = Deal()
    row = deal.stands(contact=deal.anna)
    deal.twin.delete_project(deal.project)
    [brood] = deal.adapter.within(PROSPECT, [deal.project])

    assert (brood.gone, list(brood.rows)) == (True, [])
    assert deal.adapter.fetch(PROSPECT, [f"{deal.project}/none", row.id]).keys() == {f"{deal.project}/none", row.id}


def test_what_is_not_found_carries_nothing() -> None:
    """A 404 is the whole answer: neither parent nor person is made up."""
    deal = Deal()
    id = f"{deal.project}/999999"

    assert deal.read(PROSPECT, id) == Remote(id=id, deleted=True)


@pytest.mark.parametrize("kind", [FaultKind.STATUS, FaultKind.HTML_200, FaultKind.TIMEOUT_BEFORE])
def test_a_set_that_cannot_be_read_raises(kind: FaultKind) -> None:
    """P5: trouble is never an empty set."""
    deal = Deal()
    deal.line.plan(Fault(kind=kind, path="prospects$", times=-1))

    with pytest.raises(ServerTrouble):
        deal.within()


def test_one_batch_and_one_list_for_many(deal: Deal) -> None:
    """P8: not a GET for each; every answer is the whole row, in the order of the items (propstreet.md trap 28)."""
    items = [deal.wants(id) for id in (deal.dan, f"company:{deal.company}", deal.anna)]
    outcomes = deal.add(*items)

    assert deal.calls() == [f"POST projects/{deal.project}/{BATCH}", f"GET projects/{deal.project}/prospects"]
    rows = deal.within()
    for item, outcome in zip(items, outcomes, strict=True):
        made = written(outcome)
        assert (made.remote.person, made.created, made.whole, made.missed) == (item.person, True, True, ())
        assert made.remote == rows[made.remote.id]


def test_one_alone_is_read_alone() -> None:
    deal = Deal()
    [outcome] = deal.add(deal.wants(deal.anna))
    id = written(outcome).remote.id.partition("/")[2]

    assert deal.calls()[1] == f"GET projects/{deal.project}/prospects/{id}"


def test_a_classification_is_written_after_the_batch(deal: Deal) -> None:
    """propstreet.md section 11.3: a batch can't set it, and it must not be lost; only who needs it is patched."""
    outcomes = deal.add(
        deal.wants(deal.anna, "bidder"), deal.wants(deal.bo, "not_contacted"), deal.wants(deal.cia, "contacted")
    )

    assert deal.stages() == {deal.anna: "bidder", deal.bo: "not_contacted", deal.cia: "contacted"}
    patches = [call for call in deal.calls() if call.startswith("PATCH")]
    assert len(patches) == 2
    assert [written(each).remote.raw["classification"] for each in outcomes] == ["bidder", "not_contacted", "contacted"]
    assert [written(each).remote for each in outcomes] == [deal.within()[written(each).remote.id] for each in outcomes]


@pytest.mark.parametrize(
    "fault",
    [
        Fault(kind=FaultKind.STATUS, status=500, method="PATCH"),
        Fault(kind=FaultKind.STATUS, status=429, method="PATCH"),
        Fault(kind=FaultKind.REFUSED, method="PATCH"),
        Fault(kind=FaultKind.TIMEOUT_AFTER, method="PATCH"),
    ],
    ids=lambda fault: f"{fault.kind.value} {fault.status}",
)
def test_a_classification_that_is_not_written_is_missed_and_told(fault: Fault) -> None:
    """P1: the prospect is there, and the answer says what it lacks; it may be older than what is there now."""
    deal = Deal()
    deal.line.plan(fault)
    first, second = (written(each) for each in deal.add(deal.wants(deal.anna, "bidder"), deal.wants(deal.bo, "bidder")))

    assert (first.created, first.whole, first.missed) == (True, False, ("classification",))
    assert first.remote.raw["classification"] == "not_contacted"
    assert (second.created, second.whole, second.missed) == (True, True, ())
    assert deal.stages().keys() == {deal.anna, deal.bo}


def test_a_broker_who_is_faster_is_not_written_over() -> None:
    """propstreet.md trap 30: between the list and the PATCH; the engine reads and weighs both."""
    deal = Deal()
    edit = deal.twin.edit_prospect
    on_deal = deal.twin.live_prospects
    deal.before("PATCH", "", lambda: edit(on_deal(deal.project)[0]["id"], classification="contacted"))
    [outcome] = deal.add(deal.wants(deal.anna, "bidder"))

    assert (written(outcome).whole, written(outcome).missed) == (False, ("classification",))
    assert deal.stages() == {deal.anna: "contacted"}


def test_a_broker_who_is_faster_still_is_not_written_over() -> None:
    """Between the batch and the list: what the new prospect shows is no default any more."""
    deal = Deal()
    edit = deal.twin.edit_prospect
    on_deal = deal.twin.live_prospects
    deal.before("GET", "", lambda: edit(on_deal(deal.project)[0]["id"], classification="contacted"))
    [outcome] = deal.add(deal.wants(deal.anna, "bidder"))

    assert (written(outcome).created, written(outcome).whole) == (False, True)
    assert written(outcome).remote.raw["classification"] == "contacted"
    assert deal.stages() == {deal.anna: "contacted"}


def test_one_who_comes_back_has_what_he_had() -> None:
    """propstreet.md section 11.2: re-adding may revive the old prospect, whose value is not ours to replace."""
    deal = Deal(Switches(re_added="revived"))
    was = deal.stands(contact=deal.anna, stage="not_interested")
    deal.twin.delete_prospect(was.id.partition("/")[2])
    [outcome] = deal.add(deal.wants(deal.anna, "bidder"))

    assert (written(outcome).remote.id, written(outcome).created) == (was.id, False)
    assert deal.stages() == {deal.anna: "not_interested"}


def test_what_stands_there_already_is_adopted_as_it_is(deal: Deal) -> None:
    """propstreet.md traps 27 and 53: whoever added or matched it, in either set of codes; nothing is overwritten."""
    added = deal.stands(contact=deal.anna, stage="interested")
    deal.switch(matched="contact")
    [matched] = deal.twin.communicate(deal.project, [deal.bo])
    outcomes = deal.add(
        deal.wants(deal.anna, "bidder"), deal.wants(deal.bo, "contacted"), deal.wants(deal.cia, "contacted")
    )

    assert [written(each).created for each in outcomes] == [False, False, True]
    assert [written(each).remote.id for each in outcomes[:2]] == [added.id, f"{deal.project}/{matched}"]
    assert deal.stages() == {deal.anna: "interested", deal.bo: "not_contacted", deal.cia: "contacted"}
    assert len([call for call in deal.calls() if call.startswith("GET")]) == 1


def test_one_person_twice_in_a_request(deal: Deal) -> None:
    first, second, _ = deal.add(deal.wants(deal.anna), deal.wants(deal.anna), deal.wants(deal.bo))

    assert {written(first).created, written(second).created} == {True, False}
    assert written(first).remote.id == written(second).remote.id


@CODES
def test_who_may_not_be_added_is_held_with_a_remedy(codes: Any) -> None:
    """propstreet.md section 11.3 and trap 29: partial success, in both sets of codes; no names, P9."""
    deal = Deal(Switches(batch_codes=codes))
    deal.twin.block(deal.anna)
    deal.twin.delete_contact(deal.bo)
    blocked, gone, nonsense, fine = deal.add(
        deal.wants(deal.anna), deal.wants(deal.bo), deal.wants("contact:abc"), deal.wants(deal.cia)
    )

    assert written(fine).created
    assert deal.stages().keys() == {deal.cia}
    told = [failed(each, Rejected) for each in (blocked, gone, nonsense)]
    schema = codes == "schema"
    assert [error.code for error in told] == [
        "blocked" if schema else "not_added",
        "not_found_or_no_access" if schema else "not_added",
        "invalid_id",
    ]
    assert all(error.remedy and str(error.code) in str(error) for error in told)
    assert "unblock" in (told[0].remedy or "") or not schema
    assert not any(name in f"{error} {error.remedy}" for error in told for name in ("Anna", "Bo"))


@CODES
def test_an_unheard_of_code_without_a_prospect_is_held(codes: Any) -> None:
    """propstreet.md section 11.3: looked for first; and a code that is no word is not passed on."""
    deal = Deal(Switches(batch_codes=codes))
    deal.twin.fail_additions(1, "of_a_later_release")
    deal.twin.fail_additions(1, "Anna Ek is not welcome")
    outcomes = deal.add(deal.wants(deal.anna), deal.wants(deal.bo))

    codes_told = [failed(each, Rejected).code for each in outcomes]
    assert codes_told == (["of_a_later_release", "no code"] if codes == "schema" else ["not_added", "not_added"])
    assert "Anna" not in str(failed(outcomes[1], Rejected))


def test_who_is_in_neither_list_of_the_answer_is_looked_for() -> None:
    """propstreet.md trap 29: silence is no success."""
    row = {"id": "7", "contactId": "2", "classification": "contacted", "etag": 'W/"1"'}
    peer = Peer(ok({"created": [], "failed": []}), page([row]))
    items = [CreateItem(id, {}, id, "9001", f"contact:{id}") for id in ("1", "2")]
    nobody, there = adapter(peer).create(PROSPECT, items)

    assert failed(nobody, Rejected).code == "no answer"
    assert (written(there).remote.id, written(there).created) == ("9001/7", False)


def test_what_failed_for_now_is_tried_again() -> None:
    """propstreet.md section 11.3: action_failed."""
    deal = Deal()
    deal.twin.fail_additions(1)
    [outcome] = deal.add(deal.wants(deal.anna))

    assert failed(outcome, ServerTrouble).code == "action_failed"
    assert written(deal.add(deal.wants(deal.anna))[0]).created


@pytest.mark.parametrize("kind", [FaultKind.TIMEOUT_AFTER, FaultKind.RESET_AFTER, FaultKind.GARBAGE_200])
def test_a_lost_answer_leaves_every_item_unknown(deal: Deal, kind: FaultKind) -> None:
    """propstreet.md trap 27: sent once; a later create adopts what landed, and doubles nobody."""
    items = [deal.wants(id, "contacted") for id in (deal.anna, deal.bo)]
    deal.line.plan(Fault(kind=kind, method="POST", path=BATCH))
    outcomes = deal.add(*items)
    assert errors(outcomes) == {OutcomeUnknown}
    assert len(outcomes) == len(deal.calls()) + 1 == 2

    again = [written(each) for each in deal.add(*items)]
    assert [each.created for each in again] == [False, False]
    assert deal.within().keys() == {each.remote.id for each in again}


def test_a_batch_that_was_refused_added_nobody() -> None:
    """propstreet.md section 11.3: each item carries the reason, and the next project is not concerned."""
    deal = Deal()
    gone = deal.twin.add_project(name="Solna")
    deal.twin.delete_project(gone)
    outcomes = deal.add(deal.wants(deal.anna, project=gone), deal.wants(deal.bo), deal.wants(deal.cia, project=gone))

    assert [isinstance(each, Written) for each in outcomes] == [False, True, False]
    assert errors(outcomes) == {Missing}
    assert gone in (failed(outcomes[0], Missing).remedy or "")
    assert deal.stages().keys() == {deal.bo}


def test_projects_have_a_batch_each() -> None:
    deal = Deal()
    other = deal.twin.add_project(name="Solna")
    outcomes = deal.add(deal.wants(deal.anna), deal.wants(deal.anna, project=other), deal.wants(deal.bo))

    assert [written(each).remote.parent for each in outcomes] == [deal.project, other, deal.project]
    assert sorted(call for call in deal.calls() if call.startswith("POST")) == sorted(
        f"POST projects/{id}/{BATCH}" for id in (deal.project, other)
    )


def test_a_hundred_in_one_call() -> None:
    deal = Deal()
    people = [deal.twin.add_contact(firstName=str(n)) for n in range(100)]
    assert deal.adapter.capabilities.of(PROSPECT).create_max == 100
    outcomes = deal.add(*(deal.wants(id) for id in people))

    assert [written(each).remote.person for each in outcomes] == [f"contact:{id}" for id in people]
    assert len(deal.calls()) == 2


def test_when_the_set_cannot_be_read_the_new_ones_are_still_told() -> None:
    """P3: they are bound by id at once; what was asked for is missed, and who was to be adopted is tried again."""
    deal = Deal()
    deal.stands(contact=deal.anna)
    deal.line.plan(Fault(kind=FaultKind.STATUS, method="GET", path="prospects$", times=-1))
    there, new, plain = deal.add(deal.wants(deal.anna), deal.wants(deal.bo, "bidder"), deal.wants(deal.cia))

    failed(there, ServerTrouble)
    assert (written(new).created, written(new).whole, written(new).missed) == (True, False, ("classification",))
    assert (written(new).remote.person, written(new).remote.parent) == (f"contact:{deal.bo}", deal.project)
    assert written(new).remote.raw["classification"] == "not_contacted"
    assert (written(plain).whole, written(plain).missed) == (False, ())
    deal.line.behave()
    assert deal.within().keys() >= {written(new).remote.id, written(plain).remote.id}


def test_readers_that_do_not_see_the_new_ones_yet() -> None:
    """propstreet.md section 21, read-after-write lag: nothing is concluded from absence."""
    deal = Deal()
    deal.switch(read_lag_s=30.0)
    made = [written(each) for each in deal.add(deal.wants(deal.anna, "bidder"), deal.wants(deal.bo))]

    assert [(each.created, each.whole, each.missed) for each in made] == [
        (True, False, ("classification",)),
        (True, False, ()),
    ]


@pytest.mark.parametrize("lacks", [{"parent": None}, {"person": None}, {"fields": {"tags": ["vip"]}}])
def test_what_cannot_be_asked_for_is_held_unsent(lacks: dict[str, Any]) -> None:
    """propstreet.md traps 32 and 52: and its neighbour goes out."""
    deal = Deal()
    whole = {"ref": "1", "fields": {}, "key": "k", "parent": deal.project, "person": f"contact:{deal.anna}"}
    outcomes = deal.add(CreateItem(**{**whole, **lacks}), deal.wants(deal.bo))

    failed(outcomes[0], Rejected)
    assert written(outcomes[1]).created
    assert deal.stages().keys() == {deal.bo}


def test_update_is_guarded_row_by_row(deal: Deal) -> None:
    """propstreet.md trap 30: PATCH with the tag, and never classify()."""
    row = deal.stands(contact=deal.anna)
    deal.calls()
    moved = written(deal.update(PROSPECT, row, classification="interested")).remote

    assert deal.calls() == [f"PATCH projects/{deal.project}/prospects/{row.id.partition('/')[2]}"]
    assert (moved.id, moved.person, moved.raw["classification"]) == (row.id, row.person, "interested")
    assert moved.version == deal.within()[row.id].version
    failed(deal.update(PROSPECT, row, classification="bidder"), PreconditionFailed)
    assert deal.stages() == {deal.anna: "interested"}


def test_update_of_what_may_not_be_written() -> None:
    deal = Deal()
    row = deal.stands(contact=deal.anna)

    assert failed(deal.update(PROSPECT, row, displayName="x"), Rejected).fields == ("displayName",)
    failed(deal.update(PROSPECT, row, classification="of_ours"), Rejected)
    deal.twin.delete_prospect(row.id.partition("/")[2])
    failed(deal.update(PROSPECT, row, classification="bidder"), Missing)


def test_a_company_gets_its_person(deal: Deal) -> None:
    """propstreet trap 51: contact-person keeps id, refs and history; what is so already is not said again."""
    row = deal.stands(company=deal.company)
    deal.calls()
    item = UpdateItem(row.id, {"classification": "bidder"}, row.raw, row.version, person=f"contact:{deal.anna}")
    [first] = deal.adapter.update(PROSPECT, [item])
    assert deal.calls()[-2:] == [
        f"POST projects/{deal.project}/prospects/{row.id.partition('/')[2]}/contact-person",
        f"GET projects/{deal.project}/prospects/{row.id.partition('/')[2]}",
    ]
    now = written(first).remote
    assert (now.id, now.person, now.raw["classification"]) == (row.id, f"contact:{deal.anna}", "bidder")
    assert now.version == deal.within()[row.id].version

    [again] = deal.adapter.update(
        PROSPECT, [UpdateItem(row.id, {}, now.raw, row.version, person=f"contact:{deal.anna}")]
    )
    assert written(again).remote == deal.within()[row.id]
    assert not any("contact-person" in call for call in deal.calls())


def test_a_company_gets_only_a_person_of_its_own(deal: Deal) -> None:
    """propstreet trap 51: one time, and only one who is linked to it; the remedy says what to do."""
    row = deal.stands(company=deal.company)
    stranger = deal.twin.add_contact(firstName="Eva")
    for person in (f"contact:{stranger}", "company:77"):
        [outcome] = deal.adapter.update(PROSPECT, [UpdateItem(row.id, {}, row.raw, row.version, person=person)])
        assert failed(outcome, Rejected).remedy
    assert deal.stages() == {deal.company: "not_contacted"}


def test_taking_off_keeps_the_history(deal: Deal) -> None:
    """propstreet.md trap 19: a person can undo it, and the id stays."""
    row = deal.stands(contact=deal.anna)
    assert written(deal.delete(PROSPECT, row)).remote.deleted
    assert deal.stages() == {}
    assert written(deal.delete(PROSPECT, row)).remote.deleted

    deal.twin.undo_remove(row.id.partition("/")[2])
    assert deal.within().keys() == {row.id}


def test_taking_off_what_moved_is_planned_again() -> None:
    """propstreet.md trap 30: remove takes no tag, so the prospect is looked at just before."""
    for option in ("remove", "delete"):
        deal = Deal(remove_prospects=option)
        row = deal.stands(contact=deal.anna)
        deal.twin.edit_prospect(row.id.partition("/")[2], classification="bidder")

        failed(deal.delete(PROSPECT, row), PreconditionFailed)
        assert deal.stages() == {deal.anna: "bidder"}


def test_delete_for_good_where_the_connection_says_so() -> None:
    deal = Deal(remove_prospects="delete")
    row = deal.stands(contact=deal.anna)
    deal.calls()

    assert written(deal.delete(PROSPECT, row)).remote.deleted
    assert written(deal.delete(PROSPECT, row)).remote.deleted
    assert {call.split()[0] for call in deal.calls()} == {"DELETE"}
    with pytest.raises(ValueError, match="has not been removed"):
        deal.twin.undo_remove(row.id.partition("/")[2])


def test_a_matched_prospect_that_may_not_be_deleted_is_held() -> None:
    """propstreet.md section 11.2: not_interested says the same, and can be taken back."""
    deal = Deal(Switches(delete_matched="refused"), remove_prospects="delete")
    [id] = deal.twin.communicate(deal.project, [deal.anna])
    error = failed(deal.delete(PROSPECT, deal.read(PROSPECT, f"{deal.project}/{id}")), Rejected)

    assert "not_interested" in (error.remedy or "")


def test_the_option_is_one_of_two() -> None:
    with pytest.raises(ConfigError, match="remove_prospects"):
        Deal(remove_prospects="purge")


def test_nothing_is_stamped_where_the_crm_nests_prospects() -> None:
    """P7: a prospect is known by its place, and its refs are other systems'."""
    deal = Deal()
    [outcome] = deal.add(deal.wants(deal.anna))
    raw = deal.twin.prospect(deal.project, written(outcome).remote.id.partition("/")[2])

    assert raw.get("externalRefs", []) == []
    assert deal.adapter.find(PROSPECT, ["deal:contact:1"]) == {}


@CODES
def test_stamps_where_prospects_are_records_of_their_own(codes: Any) -> None:
    """propstreet.md traps 21, 23 and 24: unique inside a project, and the refs of others stay."""
    deal = Deal(Switches(batch_codes=codes), objects=STAMPED)
    other = deal.twin.add_project(name="Solna")
    item = deal.wants(deal.anna)
    here, there = deal.add(item, CreateItem(item.ref, {}, "k2", other, item.person))
    assert written(here).remote.ref == written(there).remote.ref == item.ref

    row = deal.stands(contact=deal.bo)
    raw = {**row.raw, "externalRefs": OTHERS}
    [outcome] = deal.adapter.update(PROSPECT, [UpdateItem(row.id, {}, raw, row.version, "77")])
    refs = deal.twin.prospect(deal.project, row.id.partition("/")[2])["externalRefs"]
    assert refs == [*OTHERS, {"namespace": "hubspot", "id": "77"}]
    assert written(outcome).remote.ref == "77"

    taken = CreateItem("77", {}, "k3", deal.project, f"contact:{deal.cia}")
    assert failed(deal.add(taken)[0], AlreadyExists).existing_id == row.id
