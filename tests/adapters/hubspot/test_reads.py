"""Reading the truth, and what became of those that are not where they were."""

from __future__ import annotations

import pytest

from syncd.errors import Forbidden, Missing, RemoteError, ServerTrouble
from syncd.testing.sandbox.hubspot import App

from .peer import HTML, NO_SUCH_RECORD, SERVED_AT, Answer, Peer, adapter_at, batch, not_found, row
from .rig import PROJECT, Rig


def test_one_call_for_a_hundred() -> None:
    rig = Rig()
    ids = [rig.add(f"Storgatan {n}") for n in range(100)]

    found = rig.fetch(*ids)

    assert (set(ids), 1) == (set(found), rig.adapter.calls)
    assert found[ids[7]].raw["dealname"] == "Storgatan 7"


def test_archived_records_are_deleted_by_evidence() -> None:
    """hubspot.md trap 11: a default read does not show them, and that is not what makes them deleted."""
    rig = Rig()
    live, archived = rig.add(), rig.add()
    rig.person.archive_deal(archived)

    found = rig.fetch(live, archived)

    assert (found[live].deleted, found[archived].deleted) == (False, True)
    assert 2 == rig.calls_of("batch/read") == rig.adapter.calls


@pytest.mark.parametrize("keeps_primary", [True, False])
@pytest.mark.parametrize("follows", [True, False])
def test_merged_records_lead_to_their_survivor(keeps_primary: bool, follows: bool) -> None:
    """hubspot.md trap 9: both ids, whichever the merge mode, whether or not a batch read follows (question 8)."""
    rig = Rig()
    rig.twin.switch(merge_keeps_primary_id=keeps_primary, batch_read_follows_merges=follows)
    first, second, other = rig.add("a"), rig.add("b"), rig.add("c")
    survivor = rig.person.merge_deals(first, second)

    found = rig.fetch(first, second, other)

    assert {first: survivor, second: survivor, other: other} == {id: remote.id for id, remote in found.items()}
    assert second in found[second].absorbed
    assert not found[second].deleted


def test_a_survivor_that_was_archived_is_deleted() -> None:
    rig = Rig()
    first, second = rig.add("a"), rig.add("b")
    survivor = rig.person.merge_deals(first, second)
    rig.person.archive_deal(survivor)

    found = rig.fetch(survivor)

    assert found[survivor].deleted


def test_purged_records_are_gone_by_hubspots_own_word() -> None:
    found = Rig().fetch("999999999")

    assert found["999999999"].deleted


@pytest.mark.parametrize("reply", [batch(), Answer(200, {"results": []})])
def test_an_empty_answer_is_not_a_hundred_deletions(reply: Answer) -> None:
    """hubspot.md trap 41."""
    with pytest.raises(ServerTrouble):
        adapter_at(Peer(reply)).fetch(PROJECT, ["1", "2"])
    with pytest.raises(ServerTrouble):
        adapter_at(Peer(reply)).find(PROJECT, ["PS-1"])


def test_a_revoked_scope_raises() -> None:
    """hubspot.md traps 40, 41."""
    rig = Rig()
    id = rig.add()
    rig.twin.switch(apps={"pat-very-secret": App(scopes=frozenset())})

    for read in (lambda: rig.fetch(id), lambda: rig.adapter.find(PROJECT, ["PS-1"]), rig.scan):
        with pytest.raises(Forbidden) as caught:
            read()
        assert "crm.objects.deals.read" in (caught.value.remedy or "")


@pytest.mark.parametrize("third", [Answer(404), Answer(404, {}), Answer(404, b"<html>"), HTML, Answer(403)])
def test_only_a_404_of_hubspots_own_says_that_a_record_is_gone(third: Answer) -> None:
    """hubspot.md trap 41: positive evidence per id."""
    peer = Peer(batch(errors=[not_found("1")]), batch(errors=[not_found("1")]), third)

    with pytest.raises((ServerTrouble, Forbidden)):
        adapter_at(peer).fetch(PROJECT, ["1"])


def test_a_404_of_hubspots_own_is_enough() -> None:
    peer = Peer(batch(errors=[not_found("1")]), batch(errors=[not_found("1")]), NO_SUCH_RECORD)

    assert adapter_at(peer).fetch(PROJECT, ["1"])["1"].deleted


def test_a_truncated_list_of_missing_ids_is_completed_by_asking() -> None:
    """hubspot.md trap 29 seen elsewhere: `errors` may name fewer than are missing."""
    gone = batch(row("1"), errors=[not_found("2")])
    peer = Peer(gone, batch(row("3", archived=True, archivedAt=SERVED_AT)), NO_SUCH_RECORD)

    found = adapter_at(peer).fetch(PROJECT, ["1", "2", "3"])

    assert {id: remote.deleted for id, remote in found.items()} == {"1": False, "2": True, "3": True}


def test_other_errors_of_a_batch_raise() -> None:
    """hubspot.md trap 2: a 207 is no success by itself."""
    problem = {"status": "error", "category": "MISSING_SCOPES", "message": "no"}

    with pytest.raises(Forbidden):
        adapter_at(Peer(batch(row("1"), errors=[problem]))).fetch(PROJECT, ["1", "2"])


def test_errors_inside_a_200_are_read_too() -> None:
    """Section 2.1: the dated API puts them there."""
    peer = Peer(batch(row("1"), errors=[not_found("2")], status=200))

    assert adapter_at(peer, api="2026-09").find(PROJECT, ["PS-9", "PS-8"]) == {}
    assert peer.asked[0].path == "/crm/objects/2026-09/deals/batch/read"


def test_find_joins_by_the_stamp_and_not_by_place() -> None:
    """hubspot.md trap 3, and trap 39 avoided: a batch read by the unique property needs no lower case."""
    rig = Rig()
    ids = {ref: rig.add(ref, propstreet_id=ref) for ref in ("PS-b", "ps-C", "Ps-a")}

    found = rig.adapter.find(PROJECT, ["Ps-a", "PS-b", "ps-C", "PS-none"])

    assert ids == {ref: remote.id for ref, remote in found.items()}


def test_find_answers_under_the_ref_that_was_asked() -> None:
    """Unique values are compared without case, so the stamp may be spelled otherwise than asked."""
    peer = Peer(batch(row("1", "ps-1")))

    assert {"PS-1"} == set(adapter_at(peer).find(PROJECT, ["PS-1"]))


def test_all_that_is_mapped_is_asked_for() -> None:
    """Section 4.2: without a list only a handful of defaults comes back."""
    peer = Peer(batch(row("1")))

    adapter_at(peer, fields=("dealname", "closedate")).fetch(PROJECT, ["1"])

    wanted = {"dealname", "closedate", "propstreet_id", "hs_lastmodifieddate", "hs_merged_object_ids"}
    assert wanted <= set(peer.asked[0].body["properties"])


def test_a_batch_read_that_is_not_found_as_a_whole_raises() -> None:
    with pytest.raises(Missing):
        adapter_at(Peer(NO_SUCH_RECORD)).fetch(PROJECT, ["1"])


@pytest.mark.parametrize("id", ["", "abc", "1;2"])
def test_an_id_that_is_none_is_no_answer_of_hubspots(id: str) -> None:
    with pytest.raises(RemoteError):
        adapter_at(Peer(batch({**row("1"), "id": id}))).fetch(PROJECT, ["1"])
