"""Prospects as people on deals: whole sets, direct reads, and what an absence means."""

from __future__ import annotations

from typing import Any

import pytest

from syncd.adapters.base import Brood, Nests, ObjectSpec, Setting
from syncd.adapters.hubspot.adapter import HubSpotAdapter
from syncd.core.model import Kind
from syncd.core.remote import Remote
from syncd.errors import ConfigError, Forbidden, RemoteError, ServerTrouble
from syncd.testing.clock import VirtualClock
from syncd.testing.sandbox.hubspot import App, RateLimit
from syncd.testing.sandbox.wire import Fault, FaultKind

from .peer import TOKEN, Answer, Peer
from .room import COLD, COMPANY, CONTACT, HOT, PROJECT, PROSPECT, READ, WARM, Room, objects, prospect


def row(deal: str, person: str, label: str | None, *, kind: Kind = CONTACT) -> Remote:
    word = f"{kind.value}:{person}"
    return Remote(id=f"{deal}:{word}", raw={"deal": deal, "person": word, "label": label}, parent=deal, person=word)


def at(peer: Peer) -> HubSpotAdapter:
    """An adapter whose HubSpot answers as told."""
    return HubSpotAdapter(
        Setting(
            options={"token_env": "T"},
            objects=objects(companies=False),
            namespace="hubspot",
            clock=VirtualClock(),
            secret=lambda name: TOKEN,
            transport=peer,
        )
    )


def linked(deal: str, *people: int, after: str | None = None) -> dict[str, Any]:
    plain = [{"category": "HUBSPOT_DEFINED", "typeId": 3, "label": None}]
    row: dict[str, Any] = {
        "from": {"id": deal},
        "to": [{"toObjectId": person, "associationTypes": plain} for person in people],
    }
    return row | ({"paging": {"next": {"after": after}}} if after else {})


def nothing(*deals: str) -> list[dict[str, Any]]:
    return [
        {
            "status": "error",
            "category": "OBJECT_NOT_FOUND",
            "subCategory": "crm.associations.NO_ASSOCIATIONS_FOUND",
            "context": {"fromObjectId": [deal]},
        }
        for deal in deals
    ]


def test_it_nests_prospects_and_nothing_else() -> None:
    adapter = Room().adapter

    assert isinstance(adapter, Nests)
    assert (frozenset({PROSPECT}), 1_000) == (adapter.nested, adapter.parents_max)


def test_the_whole_set_of_each_deal() -> None:
    """Contacts and companies; ours by their label, all others with none. Ids are strings, though sent as numbers."""
    room = Room()
    first, second, empty = room.deal(), room.deal(), room.deal()
    anna, bo = room.on(first, HOT), room.on(first)
    lawyer = room.on(second, "Lawyer")
    fund = room.company()
    room.person.associate(second, fund, label=WARM, to="companies")

    sets = room.within(first, second, empty)

    assert [row(first, anna, HOT), row(first, bo, None)] == sets[first]
    assert [row(second, lawyer, None), row(second, fund, WARM, kind=COMPANY)] == sets[second]
    assert sets[empty] == []


def test_an_association_edit_shows_though_the_deal_has_not_moved() -> None:
    """hubspot.md trap 8: links have no modified date of their own, and do not touch the deal's."""
    room = Room()
    deal = room.deal()
    anna = room.on(deal, COLD)
    before = room.adapter.fetch(PROJECT, [deal])[deal].modified
    room.clock.advance(3600.0)

    room.person.relabel(deal, anna, [HOT])

    assert before == room.adapter.fetch(PROJECT, [deal])[deal].modified
    assert [row(deal, anna, HOT)] == room.within(deal)[deal]


def test_two_labels_of_ours_are_both_shown() -> None:
    """No mapping reads it as a value, so a person is asked; other people's labels do not count."""
    room = Room()
    deal = room.deal()
    anna = room.on(deal, HOT)
    room.person.associate(deal, anna, label=COLD)
    room.person.associate(deal, anna, label="Lawyer")

    assert f"{HOT};{COLD}" == room.fetch(prospect(deal, anna))[prospect(deal, anna)].raw["label"]


def test_a_thousand_deals_are_one_call_for_each_kind_of_person() -> None:
    """Section 3.4; and trap 29: deals without anybody come as errors, most of which are not shown."""
    room = Room()
    room.twin.switch(association_errors_shown=3)
    deals = [room.deal() for _ in range(1_000)]
    anna = room.on(deals[500], HOT)

    sets = room.within(*deals)

    assert room.adapter.calls == 2
    assert set(deals) == set(sets)
    assert {deals[500]: [row(deals[500], anna, HOT)]} == {deal: rows for deal, rows in sets.items() if rows}


def test_companies_only_where_they_are_mapped() -> None:
    room = Room(companies=False)
    deal = room.deal()
    room.person.associate(deal, room.company(), label=WARM, to="companies")

    assert {deal: []} == room.within(deal)
    assert room.adapter.calls == 1


def test_the_set_of_one_deal_may_take_several_pages() -> None:
    """Section 3.4: 500 a page; only the deals that have more are asked again."""
    room = Room(companies=False)
    crowded, other = room.deal(), room.deal()
    people = [room.on(crowded, COLD) for _ in range(1_100)]
    room.on(other, HOT)

    sets = room.within(crowded, other)

    assert people == [str(row.person).removeprefix("contact:") for row in sets[crowded]]
    assert len(sets[other]) == 1
    assert room.adapter.calls == 3


def test_pages_without_end_are_refused() -> None:
    peer = Peer(Answer(200, {"results": [linked("1", 7, after="x")]}))

    with pytest.raises(ServerTrouble, match="does not end"):
        at(peer).within(PROSPECT, ["1"])


@pytest.mark.parametrize(
    "answer",
    [
        Answer(200, {"results": []}),
        Answer(200, {"results": [linked("1", 7)]}),
        Answer(207, {"results": [], "numErrors": 1, "errors": nothing("1")}),
        Answer(207, {"results": [], "errors": nothing("1")}),
        Answer(200, {}),
        Answer(200, b"<html>"),
        Answer(207, {"results": [], "numErrors": 2, "errors": [{"category": "MISSING_SCOPES"}, *nothing("1")]}),
        Answer(403, {"category": "MISSING_SCOPES"}),
        Answer(404, b"<html>"),
        Answer(503),
    ],
)
def test_an_empty_answer_empties_nothing(answer: Answer) -> None:
    """hubspot.md traps 29, 41: every deal is in the results or counted in the errors; otherwise nobody knows."""
    with pytest.raises(RemoteError):
        at(Peer(answer)).within(PROSPECT, ["1", "2"])


def test_errors_that_are_counted_and_not_shown_are_empty_sets() -> None:
    """hubspot.md trap 29."""
    answer = Answer(207, {"results": [linked("2", 7)], "numErrors": 2, "errors": nothing("3")})

    assert [(brood.parent, len(brood.rows)) for brood in at(Peer(answer)).within(PROSPECT, ["1", "2", "3"])] == [
        ("1", 0),
        ("2", 1),
        ("3", 0),
    ]


def test_the_survivor_of_a_merge_is_not_taken_for_another_deal() -> None:
    """hubspot.md trap 9: asked for an absorbed id, the answer may be about a deal that nobody asked for."""
    room = Room()
    room.twin.switch(batch_read_follows_merges=True)
    first, second = room.deal(), room.deal()
    anna = room.on(second, HOT)
    survivor = room.person.merge_deals(first, second)

    assert {second: []} == room.within(second)
    assert room.fetch(prospect(second, anna))[prospect(second, anna)] == Remote(id=prospect(second, anna), deleted=True)
    assert [row(survivor, anna, HOT)] == room.within(survivor)[survivor]


def test_every_id_is_answered() -> None:
    """There; taken off, with the facts that say so; and bare where the deal itself is gone or nobody's."""
    room = Room()
    deal, gone = room.deal(), room.deal()
    anna, bo = room.on(deal, HOT), room.on(deal, COLD)
    former = room.on(gone, COLD)
    room.person.dissociate(deal, bo)
    room.person.archive_deal(gone)
    ids = [
        prospect(deal, anna),
        prospect(deal, bo),
        prospect(gone, former),
        prospect("999", anna),
        "999999999",
        "a:b:c",
    ]

    found = room.fetch(*ids)

    assert ids == list(found)
    assert row(deal, anna, HOT) == found[ids[0]]
    facts = {"deal": deal, "person": f"contact:{bo}"}
    assert Remote(id=ids[1], raw=facts, parent=deal, person=facts["person"], deleted=True) == found[ids[1]]
    assert [Remote(id=id, deleted=True) for id in ids[2:]] == [found[id] for id in ids[2:]]


def test_a_person_who_is_archived_or_merged_is_off_the_deal() -> None:
    """The deal says so itself; who the contact is by now is for the contact's own record to say."""
    room = Room()
    deal = room.deal()
    anna, bo, clara = (room.on(deal, COLD, name=name) for name in ("Anna", "Bo", "Clara"))
    room.person.delete_contact(anna)
    survivor = room.person.merge_contacts(bo, clara)

    found = room.fetch(prospect(deal, anna), prospect(deal, bo), prospect(deal, clara))

    assert [(one.deleted, bool(one.raw)) for one in found.values()] == [(True, True)] * 3
    assert [row(deal, survivor, COLD)] == room.within(deal)[deal]


def test_a_hundred_direct_reads_are_one_call() -> None:
    """For each kind of person asked about; and one more where somebody is missing, to see that the deal is there."""
    room = Room()
    deals = [room.deal() for _ in range(100)]
    ids = [prospect(deal, room.on(deal, COLD)) for deal in deals]

    assert ids == list(room.fetch(*ids))
    assert room.adapter.calls == 1
    room.person.dissociate(deals[0], ids[0].rpartition(":")[2])
    assert [ids[0]] == [id for id, one in room.fetch(*ids).items() if one.deleted]
    assert room.adapter.calls == 3


def test_a_company_is_fetched_even_where_companies_are_not_mapped_any_more() -> None:
    """What the mapping has lost sight of is not gone."""
    room = Room(companies=False)
    deal, fund = room.deal(), room.company()
    room.person.associate(deal, fund, label=WARM, to="companies")
    id = prospect(deal, fund, kind=COMPANY)

    assert row(deal, fund, WARM, kind=COMPANY) == room.fetch(id)[id]


def test_a_revoked_scope_raises() -> None:
    """hubspot.md traps 40, 41: for contacts as for deals, and nobody is taken off."""
    room = Room()
    deal = room.deal()
    anna = room.on(deal, HOT)
    room.twin.switch(apps={TOKEN: App(scopes=frozenset({"crm.objects.deals.read"}))})

    with pytest.raises(Forbidden):
        room.within(deal)
    with pytest.raises(Forbidden):
        room.fetch(prospect(deal, anna))


def test_a_deal_that_cannot_be_read_is_not_gone() -> None:
    """The second of the two reads decides, so it may not fail quietly either."""
    room = Room()
    deal = room.deal()
    anna = room.on(deal, HOT)
    room.person.dissociate(deal, anna)
    room.line.plan(Fault(kind=FaultKind.STATUS, status=403, path="objects/deals/batch/read", times=-1))

    with pytest.raises(Forbidden):
        room.fetch(prospect(deal, anna))


def test_reading_is_paced_by_the_limit_for_associations() -> None:
    """Section 3.1: 100 in ten seconds for the whole account, whatever the burst limit is; no 429 is ever met."""
    room = Room(companies=False, burst_limit=100_000)
    room.twin.switch(rate_limit=RateLimit(burst_max=None, associations_max=100))
    deal = room.deal()
    began = room.clock.time()

    for _ in range(250):
        room.within(deal)

    assert room.adapter.calls == 250
    assert room.clock.time() - began > 15.0


def test_association_answers_do_not_move_the_burst_limit() -> None:
    """Their headers speak of another bucket."""
    room = Room(companies=False)
    room.twin.switch(rate_limit=RateLimit(burst_max=190, associations_max=7))
    room.within(room.deal())

    assert room.adapter._client.burst._limit == 100


def test_both_path_families_serve_it() -> None:
    """hubspot.md trap 42."""
    room = Room(api="2026-09")
    room.twin.switch(families=frozenset({"2026-09"}))
    deal, empty = room.deal(), room.deal()
    anna = room.on(deal, HOT)

    assert {deal: [row(deal, anna, HOT)], empty: []} == room.within(deal, empty)
    assert room.fetch(prospect(empty, anna))[prospect(empty, anna)].deleted


def test_asking_for_nothing_costs_nothing() -> None:
    adapter = Room().adapter

    assert adapter.within(PROSPECT, []) == []
    assert {} == adapter.fetch(PROSPECT, []) == adapter.find(PROSPECT, ["PS-1"])
    assert [] == adapter.create(PROSPECT, []) == adapter.update(PROSPECT, []) == adapter.delete(PROSPECT, [])
    assert adapter.overwritten(PROSPECT, []) == []
    assert adapter.calls == 0


def test_a_primary_company_is_no_label_of_ours() -> None:
    """hubspot.md trap 28: whatever the mapping calls its labels."""
    room = Room()
    deal, fund = room.deal(), room.company()
    room.person.associate(deal, fund, label="Primary", to="companies")
    spec = ObjectSpec("association", ("label",), values={"label": ("Primary",)}, nested=True)
    adapter = HubSpotAdapter(
        Setting(
            options={"token_env": "T"},
            objects=objects() | {PROSPECT: spec},
            namespace="hubspot",
            clock=room.clock,
            secret=lambda name: TOKEN,
            transport=room.adapter._client._line._pool,
        )
    )

    assert [Brood(deal, [row(deal, fund, None, kind=COMPANY)])] == adapter.within(PROSPECT, [deal])


def test_prospects_without_deals_are_refused_at_once() -> None:
    with pytest.raises(ConfigError, match="no deals are mapped"):
        HubSpotAdapter(
            Setting(
                options={"token_env": "T"},
                objects={PROSPECT: ObjectSpec("association", nested=True)},
                namespace="hubspot",
                clock=VirtualClock(),
                secret=lambda name: TOKEN,
            )
        )


def test_the_paths_that_are_read() -> None:
    """One test that says which call it is."""
    room = Room()
    room.within(room.deal())

    assert [("POST", f"/crm/v4/associations/deals/{to}/{READ}") for to in ("contacts", "companies")] == (
        room.line.requests
    )
