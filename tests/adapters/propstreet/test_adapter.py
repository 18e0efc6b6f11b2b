"""Propstreet behind the contract: what each call sends, and what each answer means to the engine."""

from __future__ import annotations

from typing import Any

import httpx
import pytest

from syncd.adapters.base import CreateItem, DeleteItem, Failed, Outcome, UpdateItem, Written
from syncd.core.model import Kind
from syncd.errors import (
    AlreadyExists,
    Missing,
    OutcomeUnknown,
    PreconditionFailed,
    RateLimited,
    Rejected,
    RemoteError,
    ServerTrouble,
    Unauthorized,
)

from .peer import Peer, Reply, adapter, ok, page, problem, project

OTHERS: list[dict[str, Any]] = [{"namespace": "Vitec", "id": "V-1", "since": 2020}, {"namespace": "sf", "id": "0061"}]
NEW = CreateItem(ref="3344", fields={"name": "Kista"}, key="key-1")


def create(peer: Peer, item: CreateItem = NEW) -> Outcome:
    [outcome] = adapter(peer).create(Kind.PROJECT, [item])
    return outcome


def update(peer: Peer, **item: Any) -> Outcome:
    whole = {"id": "9001", "fields": {"name": "x"}, "current": project(), "if_version": 'W/"1"', **item}
    [outcome] = adapter(peer).update(Kind.PROJECT, [UpdateItem(**whole)])
    return outcome


def failure(outcome: Outcome) -> RemoteError:
    assert isinstance(outcome, Failed)
    return outcome.error


def test_capabilities() -> None:
    shown = adapter(Peer(ok({})), workers=7).capabilities

    assert (shown.guarded_update, shown.create_overwrites, shown.workers) == (True, False, 7)
    assert (shown.create_max, shown.update_max, shown.delete_max) == (1, 1, 1)
    assert [shown.of(kind).create_max for kind in Kind] == [1, 100, 1, 1]
    assert shown.of(Kind.PROSPECT).fetch_max == shown.of(Kind.PROJECT).fetch_max


def test_fetch() -> None:
    """A direct read that says gone, or shows a tombstone, is evidence (section 10.3: both are seen)."""
    tombstone = ok(project("3", deletedUtc="2026-05-20T08:00:00Z"))
    peer = Peer(ok(project("1")), problem(404), tombstone)
    found = adapter(peer).fetch(Kind.PROJECT, ["1", "2", "3"])

    assert {id: remote.deleted for id, remote in found.items()} == {"1": False, "2": True, "3": True}
    assert peer.targets == [f"GET /api/v1/projects/{id}" for id in "123"]


def test_fetch_of_what_cannot_be_read_raises() -> None:
    with pytest.raises(ServerTrouble):
        adapter(Peer(problem(500))).fetch(Kind.PROJECT, ["1"])


def test_a_proxys_404_deletes_nothing() -> None:
    """P5: only Propstreet itself can say that a record is gone."""
    html = httpx.Response(404, headers={"content-type": "text/html; charset=utf-8"}, content=b"<html>")

    with pytest.raises(ServerTrouble):
        adapter(Peer(html)).fetch(Kind.PROJECT, ["1"])


def test_find() -> None:
    """Live records only: a tombstone holds no ref for us."""
    tombstone = project("3", status="deleted", externalRefs=[{"namespace": "hubspot", "id": "gone"}])
    peer = Peer(ok(project("1")), problem(404), ok(tombstone))
    found = adapter(peer).find(Kind.PROJECT, ["3344", "none", "gone"])

    assert {ref: remote.id for ref, remote in found.items()} == {"3344": "1"}
    assert peer.targets[1] == "GET /api/v1/projects/external/hubspot/none"


def test_a_ref_of_other_case_is_another_ref() -> None:
    """propstreet.md trap 22: 15-character Salesforce ids differ by case alone."""
    shown = project(externalRefs=[{"namespace": "HUBSPOT", "id": "AbC"}])

    assert adapter(Peer(ok(shown))).find(Kind.PROJECT, ["aBc"]) == {}
    assert [*adapter(Peer(ok(shown))).find(Kind.PROJECT, ["AbC"])] == ["AbC"]


def test_create_carries_the_ref_and_the_key() -> None:
    """propstreet.md traps 25 and 26: a lost answer can be looked up, and a resend is the same request."""
    peer = Peer(ok(project(), 201))
    first, second = create(peer), create(peer)

    assert isinstance(first, Written)
    assert (first.remote.id, first.whole, first.created) == ("9001", True, True)
    assert isinstance(second, Written)
    assert peer.sent() == {"name": "Kista", "externalRefs": [{"namespace": "hubspot", "id": "3344"}]}
    assert peer.requests[0].headers["idempotency-key"] == "key-1"
    assert (peer.requests[0].content, peer.requests[0].url) == (peer.requests[1].content, peer.requests[1].url)


@pytest.mark.parametrize("status", [400, 409, 422])
def test_a_taken_ref_names_its_holder(status: int) -> None:
    """propstreet.md sections 7 and 13: whatever the status, the truth is looked up."""
    peer = Peer(problem(status, "/help/whatever"), ok(project("77")))
    error = failure(create(peer))

    assert isinstance(error, AlreadyExists)
    assert (error.existing_id, error.status) == ("77", status)
    assert peer.targets[1] == "GET /api/v1/projects/external/hubspot/3344"


@pytest.mark.parametrize("status", [400, 422])
def test_a_create_refused_for_itself_is_held(status: int) -> None:
    peer = Peer(problem(status, "/help/validation-failed", {"name": ["too long"]}), problem(404))
    error = failure(create(peer))

    assert isinstance(error, Rejected)
    assert error.fields == ("name",)


@pytest.mark.parametrize(("status", "code"), [(409, "idempotency-in-flight"), (422, "idempotency-conflict")])
def test_a_used_key_without_a_project_is_unknown(status: int, code: str) -> None:
    """propstreet.md trap 26: the first request may still be at work."""
    error = failure(create(Peer(problem(status, f"/help/{code}"), problem(404))))

    assert isinstance(error, OutcomeUnknown)


def test_a_deleted_project_that_keeps_the_ref_is_found_and_held() -> None:
    """propstreet.md section 10.3: no retry would ever help, so a person is told what to do."""
    tombstones = page([project("5", externalRefs=[]), project("6", status="deleted")])
    peer = Peer(problem(409, "/help/duplicate-external-ref"), problem(404), tombstones)
    error = failure(create(peer))

    assert isinstance(error, Rejected)
    assert error.existing_id == "6"
    assert "free the deleted project's reference" in (error.remedy or "")
    assert "include_deleted=true" in peer.targets[2]


def test_a_conflict_that_nothing_explains_is_planned_again() -> None:
    error = failure(create(Peer(problem(409), problem(404), page([]))))

    assert isinstance(error, AlreadyExists)
    assert error.existing_id is None


def test_when_the_truth_cannot_be_read_the_create_is_retried() -> None:
    """With the same key and ref, so it can't make a second project."""
    assert isinstance(failure(create(Peer(problem(409), problem(500)))), ServerTrouble)


@pytest.mark.parametrize(
    ("trouble", "expected"),
    [
        (httpx.ReadTimeout("slow"), OutcomeUnknown),
        (problem(500), OutcomeUnknown),
        (problem(429), RateLimited),
        (problem(401), Unauthorized),
    ],
)
def test_writes_answer_with_an_outcome_and_never_raise(trouble: Reply, expected: type[RemoteError]) -> None:
    assert expected is failure(create(Peer(trouble))).__class__
    assert expected is failure(update(Peer(trouble))).__class__
    [outcome] = adapter(Peer(trouble)).delete(Kind.PROJECT, [DeleteItem("9001", "e")])
    assert expected is failure(outcome).__class__


def test_update_sends_only_the_fields_and_the_tag() -> None:
    """propstreet.md traps 32, 38 and 39: never the read model; always the tag, verbatim."""
    peer = Peer(ok(project(name="x", etag='W/"2"')))
    outcome = update(peer, if_version='W/"AAA="', current=project(mandate="other", exclusivity="other"))

    assert peer.sent() == {"name": "x"}
    assert peer.requests[0].headers["if-match"] == 'W/"AAA="'
    assert isinstance(outcome, Written)
    assert (outcome.remote.version, outcome.whole) == ('W/"2"', True)


@pytest.mark.parametrize("name", ["mandate", "status", "classification", "externalRefs"])
def test_what_a_mapping_may_not_write_is_held(name: str) -> None:
    """propstreet.md traps 21, 31 and 32: refs go through the stamp only, so that the others' survive."""
    peer = Peer(ok(project()))
    for outcome in (
        update(peer, fields={name: "x"}),
        create(peer, CreateItem(ref="1", fields={name: "x"}, key="k")),
    ):
        error = failure(outcome)
        assert isinstance(error, Rejected)
        assert error.fields == (name,)
    assert peer.requests == []


@pytest.mark.parametrize(
    ("refusal", "expected"),
    [
        (problem(412, "urn:propstreet:error:precondition-failed"), PreconditionFailed),
        (problem(412, "/help/precondition-failed"), PreconditionFailed),
        (problem(409, "/help/concurrency-conflict"), PreconditionFailed),
        (problem(428), PreconditionFailed),
        (problem(404), Missing),
        (problem(422), Rejected),
    ],
)
def test_refused_updates(refusal: Reply, expected: type[RemoteError]) -> None:
    """propstreet.md section 8 and trap 41."""
    assert expected is failure(update(Peer(refusal))).__class__


def test_a_stamp_keeps_the_refs_of_others() -> None:
    """propstreet.md traps 21 and 22: the array is replaced whole; theirs go back as they came, in place."""
    peer = Peer(ok(project()))
    current = project(externalRefs=[OTHERS[0], {"namespace": "HubSpot", "id": "old"}, OTHERS[1]])
    update(peer, fields={}, stamp="3344", current=current)

    ours = {"namespace": "hubspot", "id": "3344"}
    assert peer.sent() == {"externalRefs": [OTHERS[0], ours, OTHERS[1]]}


def test_a_stamp_is_guarded_by_the_tag_of_the_row_it_was_made_from() -> None:
    """propstreet.md trap 21: unguarded, it would erase a ref that somebody adds meanwhile."""
    peer = Peer(ok(project()))
    update(peer, fields={}, stamp="1", current=project(etag='W/"9"'), if_version=None)

    assert peer.requests[0].headers["if-match"] == 'W/"9"'


def test_a_stamp_on_a_row_we_have_not_seen_reads_it_first() -> None:
    peer = Peer(ok(project(externalRefs=OTHERS, etag='W/"9"')), ok(project()))
    update(peer, fields={}, stamp="1", current={}, if_version=None)

    assert [target.split()[0] for target in peer.targets] == ["GET", "PATCH"]
    assert peer.sent() == {"externalRefs": [*OTHERS, {"namespace": "hubspot", "id": "1"}]}
    assert peer.requests[1].headers["if-match"] == 'W/"9"'


def test_a_stamp_that_another_project_carries_names_it() -> None:
    taken = problem(409, "/help/duplicate-external-ref")
    error = failure(update(Peer(taken, ok(project("77"))), stamp="3344"))

    assert isinstance(error, AlreadyExists)
    assert error.existing_id == "77"
    assert isinstance(failure(update(Peer(taken, ok(project("9001"))), stamp="3344")), PreconditionFailed)
    assert failure(update(Peer(taken, problem(404)), stamp="3344")).existing_id is None


def test_delete_is_guarded_and_gone_already_is_done() -> None:
    """propstreet.md section 10.3: a second delete may answer 404 or 204."""
    for reply in (httpx.Response(204), problem(404)):
        peer = Peer(reply)
        [outcome] = adapter(peer).delete(Kind.PROJECT, [DeleteItem("9001", 'W/"1"')])

        assert peer.requests[0].headers["if-match"] == 'W/"1"'
        assert isinstance(outcome, Written)
        assert outcome.remote.deleted


def test_a_delete_of_what_moved_is_planned_again() -> None:
    [outcome] = adapter(Peer(problem(412))).delete(Kind.PROJECT, [DeleteItem("9001", "e")])

    assert isinstance(failure(outcome), PreconditionFailed)


def test_a_bad_item_does_not_sink_its_neighbours() -> None:
    peer = Peer(problem(422), problem(404), ok(project(), 201))
    outcomes = adapter(peer).create(Kind.PROJECT, [NEW, CreateItem(ref="2", fields={}, key="k2")])

    assert [type(outcome) for outcome in outcomes] == [Failed, Written]


def test_check() -> None:
    peer = Peer(page([]))
    propstreet = adapter(peer)
    health = propstreet.check()

    assert (health.account, health.problems, propstreet.calls) == ("app.propstreet.test", (), 1)


def test_check_warns_of_a_personal_token() -> None:
    """propstreet.md trap 57."""
    [worry] = adapter(Peer(page([])), token_env="PAT").check().problems

    assert not worry.fatal
    assert "30 days" in worry.what
    assert "client_id_env" in worry.remedy


@pytest.mark.parametrize("refusal", [problem(403), problem(404)])
def test_check_names_what_a_person_must_mend(refusal: Reply) -> None:
    [fault] = adapter(Peer(refusal)).check().problems

    assert fault.fatal
    assert fault.remedy


def test_check_raises_when_we_are_not_let_in() -> None:
    with pytest.raises(Unauthorized):
        adapter(Peer(problem(401))).check()
