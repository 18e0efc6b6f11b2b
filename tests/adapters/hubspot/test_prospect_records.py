"""Prospects as records of their own: which deal and whom they belong to, read page by page."""

from __future__ import annotations

import pytest

from syncd.adapters.base import TellsLinks
from syncd.core.remote import SEVERAL, Remote, person_of
from syncd.errors import Forbidden, RemoteError, ServerTrouble

from .register import LINKED, Register
from .room import COMPANY, PROJECT, PROSPECT

BOTH_FORMS = pytest.mark.parametrize("deals", [False, True], ids=["custom object", "deals"])


@BOTH_FORMS
def test_every_read_shows_where_a_record_belongs(deals: bool) -> None:
    """The listing, the read by id and the read by stamp; the links are no properties (hubspot.md 5.1)."""
    register = Register(deals=deals)
    deal, anna = register.deal(), register.contact()
    id = register.record(("deals", deal), ("contacts", anna), propstreet_id="PS-1/7")

    rows, _, _ = register.scan()
    fetched, found = register.fetch(id)[id], register.adapter.find(PROSPECT, ["PS-1/7"])["PS-1/7"]

    assert (fetched.parent, fetched.person, fetched.ref) == (deal, f"contact:{anna}", "PS-1/7")
    assert fetched == found == rows[id]
    assert register.fields().keys() <= fetched.raw.keys()
    assert register.adapter.nested == frozenset()


@BOTH_FORMS
@pytest.mark.parametrize(
    ("contacts", "companies", "shown"),
    [
        (0, 0, None),
        (1, 0, "contact"),
        (0, 1, "company"),
        (1, 2, "contact"),
        (2, 0, SEVERAL),
        (2, 1, SEVERAL),
    ],
)
def test_whom_a_record_is_about(deals: bool, contacts: int, companies: int, shown: str | None) -> None:
    """A contact says more than the company where they work; which of two contacts is meant, nobody can tell."""
    register = Register(deals=deals)
    people = [("contacts", register.contact()) for _ in range(contacts)]
    firms = [("companies", register.company()) for _ in range(companies)]
    id = register.record(("deals", register.deal()), *people, *firms)

    ids = {"contact": people, "company": firms}
    wanted = f"{shown}:{ids[shown][0][1]}" if shown in ids else shown
    assert wanted == register.place(id)[1]


def test_of_several_companies_the_primary_one_is_meant() -> None:
    """Its type is shown beside the unlabelled one (hubspot.md 5.10); without one nobody can tell."""
    register = Register(deals=True)
    first, second = register.company(), register.company()
    told = register.record(("companies", first), ("companies", second))
    register.twin.switch(first_company_is_primary=False)
    untold = register.record(("companies", first), ("companies", second))

    assert person_of(COMPANY, first) == register.place(told)[1]
    assert register.place(untold)[1] == SEVERAL


def test_a_company_that_is_an_admins_primary_label_is_no_primary_one() -> None:
    register = Register()
    first, second = register.company(), register.company()
    register.person.add_label("Primary", objects=register.name, to="companies")
    id = register.record(("companies", second))
    register.person.associate(id, first, label="Primary", objects=register.name, to="companies")

    assert register.place(id)[1] == SEVERAL


@BOTH_FORMS
def test_a_record_of_two_deals_belongs_to_nobody_knows_which(deals: bool) -> None:
    register = Register(deals=deals)
    id = register.record(("deals", register.deal()), ("deals", register.deal()))

    assert register.place(id) == (SEVERAL, None)


def test_a_label_is_a_link_like_any_other() -> None:
    register = Register(deals=True)
    register.person.add_label("Investor deal", inverse="Project deal", to="deals")
    deal = register.deal()
    id = register.record()
    register.person.associate(deal, id, label="Investor deal", to="deals")

    assert (deal, None) == register.place(id)


def test_only_the_links_of_the_mapping_are_looked_at() -> None:
    register = Register(links={PROJECT: "deals"})
    id = register.record(("contacts", register.contact()))
    register.asked()

    assert register.place(id) == (None, None)
    assert len(register.asked()) == 2


@BOTH_FORMS
def test_a_listing_is_read_with_its_links_page_by_page(deals: bool) -> None:
    """A call more for each page and link: never one for each record."""
    register = Register(deals=deals)
    deal, anna = register.deal(), register.contact()
    ids = [register.record(("deals", deal), ("contacts", anna)) for _ in range(120)]
    register.asked()

    pages = [page for page in register.adapter.changes(PROSPECT, None) if page.rows]

    rows = {row.id: row for page in pages for row in page.rows}
    assert {(rows[id].parent, rows[id].person) for id in ids} == {(deal, f"contact:{anna}")}
    calls = [path for path in register.asked() if path.endswith("batch/read")]
    assert (len(pages), len(calls)) == (2, 6)


def test_a_batch_of_records_costs_a_call_for_each_link() -> None:
    register = Register()
    ids = [register.record(("deals", register.deal())) for _ in range(100)]
    register.asked()

    assert all(remote.parent is not None for remote in register.fetch(*ids).values())
    assert len(register.asked()) == 4


def test_kinds_without_links_cost_what_they_did() -> None:
    register = Register()
    deal, anna = register.deal(), register.contact()
    register.person.associate(deal, anna)
    register.asked()

    remote = register.adapter.fetch(PROJECT, [deal])[deal]
    pages = list(register.adapter.changes(PROJECT, None))

    assert (remote.parent, remote.person) == (None, None)
    assert [row.parent for page in pages for row in page.rows] == [None]
    assert not any("associations" in path for path in register.asked())


@pytest.mark.parametrize(("status", "kind"), [(503, ServerTrouble), (403, Forbidden)])
@pytest.mark.parametrize("to", ["deals", "contacts", "companies"])
def test_no_record_is_shown_as_unlinked_because_of_an_error(status: int, kind: type[RemoteError], to: str) -> None:
    """hubspot.md trap 41: absence is never taken from a refusal."""
    register = Register()
    id = register.record(("deals", register.deal()), propstreet_id="PS-1/7")
    register.fail(f"associations/{register.name}/{to}/batch/read", status=status)

    with pytest.raises(kind):
        list(register.adapter.changes(PROSPECT, None))
    with pytest.raises(kind):
        register.fetch(id)
    with pytest.raises(kind):
        register.adapter.find(PROSPECT, ["PS-1/7"])


def test_a_listing_that_failed_over_its_links_goes_on_where_it_was() -> None:
    register = Register()
    deal = register.deal()
    ids = [register.record(("deals", deal)) for _ in range(150)]
    feed = register.adapter.changes(PROSPECT, None)
    first = next(feed)
    register.fail(LINKED)
    with pytest.raises(ServerTrouble):
        next(feed)
    register.line.behave()

    rows, _, _ = register.scan(first.cursor)

    assert set(ids) == {row.id for row in first.rows} | rows.keys()
    assert {deal} == {row.parent for row in [*first.rows, *rows.values()]}


def test_a_new_link_is_no_change_of_the_record() -> None:
    """hubspot.md trap 8: the feed does not tell, a read does. A hint costs no call for links."""
    register = Register()
    id = register.record()
    register.clock.advance(1_000)
    _, _, cursor = register.scan()
    register.clock.advance(1_000)
    register.link(id, "deals", deal := register.deal())
    register.asked()

    assert ({}, set()) == register.scan(cursor)[:2]
    assert not any("associations" in path for path in register.asked())
    assert (deal, None) == register.place(id)

    register.person.edit_deal(id, objects=register.name, state="bidder")
    register.clock.advance(90)
    assert {id} == register.scan(cursor)[1]


def test_a_deleted_record_has_neither_parent_nor_person() -> None:
    """It is in no association any more, and nothing is asked about it."""
    register = Register()
    id = register.record(("deals", register.deal()), ("contacts", register.contact()))
    register.person.archive_deal(id, objects=register.name)
    register.asked()

    rows, _, _ = register.scan()

    assert [(row.deleted, row.parent, row.person) for row in rows.values()] == [(True, None, None)]
    assert not any("associations" in path for path in register.asked())
    assert (register.fetch(id)[id].deleted, register.place(id)) == (True, (None, None))
    assert not any("associations" in path for path in register.asked())
    assert {"404": Remote(id="404", deleted=True)} == register.fetch("404")


@BOTH_FORMS
def test_a_deal_in_the_recycle_bin_is_in_no_association(deals: bool) -> None:
    """Until it is restored; so is a person."""
    register = Register(deals=deals)
    deal, anna = register.deal(), register.contact()
    id = register.record(("deals", deal), ("contacts", anna))

    register.person.archive_deal(deal)
    register.person.delete_contact(anna)
    assert register.place(id) == (None, None)

    register.person.restore_deal(deal)
    register.person.restore_contact(anna)
    assert (deal, f"contact:{anna}") == register.place(id)


@BOTH_FORMS
def test_a_merge_at_the_other_end_moves_the_links(deals: bool) -> None:
    """hubspot.md trap 9: the survivor has an id of its own."""
    register = Register(deals=deals)
    one, two = register.deal(), register.deal()
    anna, bo = register.contact(), register.contact("Bo")
    id = register.record(("deals", one), ("contacts", anna))

    deal, person = register.person.merge_deals(one, two), register.person.merge_contacts(bo, anna)

    assert (deal, f"contact:{person}") == register.place(id)


@BOTH_FORMS
def test_the_survivor_of_two_records_has_the_links_of_both(deals: bool) -> None:
    """Asked for by either id (hubspot.md 5.9)."""
    register = Register(deals=deals)
    deal, anna, bo = register.deal(), register.contact(), register.contact("Bo")
    one = register.record(("deals", deal), ("contacts", anna))
    two = register.record(("deals", deal), ("contacts", bo))

    survivor = register.person.merge_deals(one, two, objects=register.name)

    found = register.fetch(one, two)
    assert [survivor, survivor] == [found[id].id for id in (one, two)]
    assert [(deal, SEVERAL)] * 2 == [(remote.parent, remote.person) for remote in found.values()]


def test_projects_and_prospects_may_be_deals_of_two_pipelines() -> None:
    """Both kinds read all deals; the mapping tells them apart. The link is seen from the prospect's end alone."""
    register = Register(deals=True)
    deal, anna = register.deal(), register.contact()
    id = register.record(("deals", deal), ("contacts", anna))

    projects = register.adapter.fetch(PROJECT, [deal, id])
    rows, _, _ = register.scan()

    assert [(one.parent, one.person) for one in projects.values()] == [(None, None)] * 2
    assert (deal, f"contact:{anna}") == (rows[id].parent, rows[id].person)


@pytest.mark.parametrize("api", ["v3", "2026-09"])
def test_both_path_families(api: str) -> None:
    """hubspot.md trap 42."""
    register = Register(api=api)
    deal = register.deal()
    bare, linked = register.record(), register.record(("deals", deal))

    assert [None, deal] == [register.place(id)[0] for id in (bare, linked)]
    assert all(("2026-09" in path) is (api == "2026-09") for path in register.asked())


@BOTH_FORMS
def test_links_are_told_without_their_records(deals: bool) -> None:
    """As a read of the records shows them, and for the calls of the links alone (hubspot.md trap 8)."""
    register = Register(deals=deals)
    deal, anna, firm = register.deal(), register.contact(), register.company()
    ids = [
        register.record(),
        register.record(("deals", deal)),
        register.record(("deals", deal), ("contacts", anna), ("companies", firm)),
        register.record(("companies", firm)),
        register.record(("contacts", anna), ("contacts", register.contact("Bo"))),
    ]
    register.asked()

    told = register.adapter.places(PROSPECT, ids)

    assert len(register.asked()) == 3
    assert told == {id: register.place(id) for id in ids}
    assert told[ids[2]] == (deal, f"contact:{anna}")


def test_a_thousand_records_are_told_of_in_a_call_for_each_link() -> None:
    """hubspot.md 5.10."""
    register = Register()
    deal = register.deal()
    linked = [register.record(("deals", deal)) for _ in range(3)]
    ids = [*linked, *(str(10**9 + n) for n in range(register.adapter.links_max - len(linked)))]
    register.asked()

    told = register.adapter.places(PROSPECT, ids)

    assert (len(ids), len(register.asked())) == (1_000, 3)
    assert list(told) == ids
    assert {id for id, place in told.items() if place != (None, None)} == set(linked)


def test_of_none_nothing_is_asked() -> None:
    register = Register()
    register.asked()

    assert (register.adapter.places(PROSPECT, []), register.asked()) == ({}, [])


def test_what_is_gone_belongs_nowhere() -> None:
    """Whoever asked looks at the record before they believe that it lost its links."""
    register = Register()
    ends = ("deals", register.deal()), ("contacts", register.contact())
    one, two, other = (register.record(*ends) for _ in range(3))
    register.person.archive_deal(one, objects=register.name)
    survivor = register.person.merge_deals(two, other, objects=register.name)

    told = register.adapter.places(PROSPECT, [one, two, survivor])

    assert (told[one], told[two]) == ((None, None), (None, None))
    assert told[survivor] == register.place(survivor) != (None, None)


@pytest.mark.parametrize("to", ["deals", "contacts", "companies"])
def test_a_refusal_tells_of_no_links(to: str) -> None:
    """hubspot.md trap 41."""
    register = Register()
    id = register.record(("deals", register.deal()))
    register.fail(f"associations/{register.name}/{to}/batch/read", status=403)

    with pytest.raises(Forbidden):
        register.adapter.places(PROSPECT, [id])


def test_only_records_of_their_own_tell_links() -> None:
    """People on deals are read as a whole, and other kinds have none."""
    linked, bare = Register().adapter, Register(links={}).adapter

    assert isinstance(linked, TellsLinks)
    assert (linked.linked, bare.linked) == (frozenset({PROSPECT}), frozenset())
