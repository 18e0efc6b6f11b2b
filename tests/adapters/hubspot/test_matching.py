"""Looking people up by what they are recognised by."""

from __future__ import annotations

import pytest

from syncd.adapters.base import Matches, StartsNow
from syncd.errors import Forbidden, ServerTrouble
from syncd.testing.sandbox.hubspot import App, Lag
from syncd.testing.sandbox.wire import Fault, FaultKind

from .peer import TOKEN, Answer, Peer, adapter_at, batch, not_found, row
from .room import COMPANY, CONTACT, Room


def found(room: Room, *keys: str, kind: str = "contact") -> dict[str, list[str]]:
    """The ids behind each key."""
    answer = room.adapter.match(CONTACT if kind == "contact" else COMPANY, keys)
    assert all(key in remote.keys for key, remotes in answer.items() for remote in remotes)
    return {key: [remote.id for remote in remotes] for key, remotes in answer.items()}


def test_it_matches_and_starts_now() -> None:
    adapter = Room().adapter

    assert isinstance(adapter, Matches)
    assert isinstance(adapter, StartsNow)
    assert adapter.match_max == 100


def test_contacts_by_address() -> None:
    """Whole records, at once: by the record itself, and not by an index that lags (trap 5)."""
    room = Room()
    room.twin.switch(search_lag=Lag(typical_s=600.0))
    anna = room.contact(email="Anna@Example.test", lastname="Berg")
    room.contact(email="bo@example.test")

    answer = room.adapter.match(CONTACT, ["email:anna@example.test", "email:nobody@example.test"])

    assert list(answer) == ["email:anna@example.test"]
    (remote,) = answer["email:anna@example.test"]
    assert (anna, "Berg", False) == (remote.id, remote.raw["lastname"], remote.deleted)


def test_a_hundred_addresses_are_one_call() -> None:
    room = Room()
    ids = [room.contact(email=f"p{n}@example.test") for n in range(0, 100, 2)]

    answer = found(room, *[f"email:p{n}@example.test" for n in range(100)])

    assert ids == [id for (id,) in answer.values()]
    assert room.adapter.calls == 1


def test_additional_addresses_count_too() -> None:
    """Two addresses of one contact are answered by one row, and that is no answer with rows left out."""
    room = Room()
    anna, other = room.contact(email="anna@example.test"), room.contact(email="ab@example.test")
    survivor = room.person.merge_contacts(anna, other)

    both = found(room, "email:anna@example.test", "email:ab@example.test")

    assert {"email:anna@example.test": [survivor], "email:ab@example.test": [survivor]} == both


def test_one_row_for_two_addresses_is_whole() -> None:
    contact = row("7", properties={"email": "a@x.test", "hs_additional_emails": "b@x.test"})
    adapter = adapter_at(Peer(batch(contact)), name="contacts")

    answer = adapter.match(next(iter(adapter._kinds)), ["email:a@x.test", "email:b@x.test"])

    assert sorted(answer) == ["email:a@x.test", "email:b@x.test"]


@pytest.mark.parametrize("answer", [batch(), batch(row("7", properties={"email": "b@x.test"})), Answer(503)])
def test_an_address_that_is_left_out_without_a_word_is_not_nobodys(answer: Answer) -> None:
    """hubspot.md trap 41: a contact would be made for everybody."""
    adapter = adapter_at(Peer(answer), name="contacts")

    with pytest.raises(ServerTrouble):
        adapter.match(next(iter(adapter._kinds)), ["email:a@x.test", "email:b@x.test"])


def test_an_address_that_hubspot_says_is_nobodys() -> None:
    adapter = adapter_at(Peer(batch(errors=[not_found("a@x.test")])), name="contacts")

    assert adapter.match(next(iter(adapter._kinds)), ["email:a@x.test"]) == {}


def test_the_dead_are_not_found() -> None:
    room = Room()
    anna, fund = room.contact(email="anna@example.test"), room.company(domain="fund.test")
    room.person.delete_contact(anna)
    room.person.delete_company(fund)
    room.clock.advance(60.0)

    assert found(room, "email:anna@example.test") == {}
    assert found(room, "domain:fund.test", kind="company") == {}


def test_companies_by_domain_and_all_that_share_it() -> None:
    """hubspot.md traps 14 and 39: domains are not unique, and IN takes lower-case values only."""
    room = Room()
    first, second = room.company(domain="Fund.test"), room.company("Other", domain="fund.test")
    third = room.company(domain="third.test")
    room.company(domain="unasked.test")
    room.clock.advance(60.0)

    answer = found(room, "domain:fund.test", "domain:third.test", "domain:nobody.test", kind="company")

    assert {"domain:fund.test": [first, second], "domain:third.test": [third]} == answer
    assert room.adapter.calls == 2, "search finds the ids, a read tells the truth"


def test_what_search_shows_is_not_believed() -> None:
    """Section 7.1: it may still show a domain that the company has no more; and a lag finds nobody yet."""
    room = Room()
    fund = room.company(domain="fund.test")
    room.clock.advance(60.0)
    room.twin.switch(search_lag=Lag(typical_s=600.0))
    room.person.edit_company(fund, domain="moved.test")

    assert found(room, "domain:fund.test", kind="company") == {}
    assert found(room, "domain:moved.test", kind="company") == {}


def test_more_of_one_domain_than_a_page_holds() -> None:
    room = Room()
    ids = [room.company(f"Branch {n}", domain="chain.test") for n in range(450)]
    room.clock.advance(60.0)

    assert {"domain:chain.test": ids} == found(room, "domain:chain.test", kind="company")
    assert room.calls_of("companies/search") == 3


def test_long_domains_take_several_searches() -> None:
    """Section 3.4: a search has 3,000 characters."""
    room = Room()
    domains = [f"{'x' * 50}{n}.test" for n in range(100)]
    ids = [room.company(f"Fund {n}", domain=domains[n]) for n in (0, 99)]
    room.clock.advance(60.0)

    answer = found(room, *[f"domain:{domain}" for domain in domains], kind="company")

    assert ids == [id for (id,) in answer.values()]
    assert room.calls_of("companies/search") > 1


def test_other_sorts_of_keys_find_nobody_and_cost_nothing() -> None:
    room = Room()
    room.contact(email="anna@fund.test")

    assert {} == found(room, "domain:fund.test") == found(room, "email:anna@fund.test", kind="company")
    assert found(room) == {}
    assert room.adapter.calls == 0


@pytest.mark.parametrize("path", ["contacts/batch/read", "companies/search", "companies/batch/read"])
def test_what_cannot_be_read_is_nobody_in_particular(path: str) -> None:
    room = Room()
    room.contact(email="anna@fund.test")
    room.company(domain="fund.test")
    room.clock.advance(60.0)
    room.line.plan(Fault(kind=FaultKind.STATUS, status=403, path=path, times=-1))

    kind, key = ("contact", "email:anna@fund.test") if "contacts" in path else ("company", "domain:fund.test")
    with pytest.raises(Forbidden):
        found(room, key, kind=kind)


@pytest.mark.parametrize("kind", [CONTACT, COMPANY])
def test_a_start_shows_what_changes_from_now_on(kind: object) -> None:
    """One call, whatever there is already; the overlap brings what changed a moment ago, and nothing older."""
    room = Room(visibility_lag_s=60, overlap_s=300)
    add = room.contact if kind is CONTACT else room.company
    old = [add(f"old {n}") for n in range(5)]
    room.clock.advance(1_000.0)
    recent = add("recent")
    room.clock.advance(30.0)
    calls = room.adapter.calls

    cursor = room.adapter.start(CONTACT if kind is CONTACT else COMPANY)

    assert room.adapter.calls == calls + 1
    fresh = add("fresh")
    room.clock.advance(120.0)
    pages = list(room.adapter.changes(CONTACT if kind is CONTACT else COMPANY, cursor))
    hints = {hint.id for page in pages for hint in page.hints}
    assert {recent, fresh} == hints
    assert not hints & set(old)
    assert not [row for page in pages for row in page.rows]


def test_a_start_without_a_date_or_a_scope_is_none() -> None:
    """hubspot.md trap 44: the mark is HubSpot's time, or there is none; trap 40."""
    room = Room()
    room.twin.switch(apps={TOKEN: App(scopes=frozenset())})
    with pytest.raises(Forbidden):
        room.adapter.start(CONTACT)

    dateless = Answer(200, {"results": []}, {"Date": "soon"})
    adapter = adapter_at(Peer(dateless), name="contacts")
    with pytest.raises(ServerTrouble):
        adapter.start(next(iter(adapter._kinds)))
