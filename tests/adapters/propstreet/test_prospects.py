"""Prospects: what each method asks for, and what it gives back."""

from __future__ import annotations

from typing import Any, cast

import httpx
import pytest

from syncd.adapters.limiter import Priority
from syncd.adapters.propstreet import ItemStep, ProspectBody, ProspectPatch
from syncd.errors import AlreadyExists, Missing, OutcomeUnknown, PreconditionFailed, Rejected

from .peer import Peer, client, ok, page, problem

BASE = "/api/v1/projects/9001/prospects"


def prospect(id: str = "77", **fields: Any) -> dict[str, Any]:
    return {"id": id, "projectId": "9001", "contactId": "789", "etag": 'W/"AAAAAAAAAB4="', **fields}


def test_scan_reads_all_pages_with_the_same_filters() -> None:
    """propstreet.md trap 1 and section 4; several tags are one repeated parameter."""
    peer = Peer(page([prospect("1")], "c1"), page([], "c2"), page([prospect("2")]))
    shown = client(peer).prospects.scan(
        "9001",
        updated_since="2026-05-01T00:00:00Z",
        include_deleted=True,
        capability="chat",
        classification="bidder",
        tags=["vip", "nordic tier"],
        page_size=100,
        priority=Priority.SWEEP,
    )

    assert [each.id for each in shown] == ["1", "2"]
    filters = (
        "updated_since=2026-05-01T00%3A00%3A00Z&include_deleted=true&capability=chat&classification=bidder"
        "&tags=vip&tags=nordic+tier&page_size=100"
    )
    assert peer.targets == [
        f"GET {BASE}?{filters}",
        f"GET {BASE}?{filters}&cursor=c1",
        f"GET {BASE}?{filters}&cursor=c2",
    ]


def test_page() -> None:
    peer = Peer(page([prospect()], "c2"))
    shown = client(peer).prospects.page("9001", cursor="c1")

    assert (shown.rows, shown.next_cursor) == ([prospect()], "c2")
    assert peer.targets == [f"GET {BASE}?page_size=500&cursor=c1"]


def test_get_and_find() -> None:
    """propstreet.md trap 23: a ref is looked up inside one project."""
    peer = Peer(ok(prospect()), ok(prospect()), problem(404))
    prospects = client(peer).prospects

    assert prospects.get("9001", "7/7").contact_id == "789"
    found = prospects.find_by_external_ref("9001", "hubspot", "5/01")
    assert found is not None
    assert prospects.find_by_external_ref("9001", "hubspot", "none") is None
    assert peer.targets[:2] == [f"GET {BASE}/7%2F7", f"GET {BASE}/external/hubspot/5%2F01"]


def test_create() -> None:
    peer = Peer(ok(prospect(), 201))
    body: ProspectBody = {"contactId": "789", "externalRefs": [{"namespace": "hubspot", "id": "5"}]}
    made = client(peer).prospects.create("9001", body, idempotency_key="key-1")

    assert (made.new, made.record.id) == (True, "77")
    assert peer.targets == [f"POST {BASE}"]
    assert peer.requests[0].headers["idempotency-key"] == "key-1"
    assert peer.sent() == body


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"externalRefs": []},
        {"contactId": "1", "companyId": "2"},
        {"contactId": "1", "companyId": None},
        {"contactId": ""},
        {"contactId": None},
    ],
)
def test_exactly_one_party(body: dict[str, Any]) -> None:
    """propstreet.md trap 50: reads may show both ids, and both must not go back."""
    peer = Peer(ok(prospect(), 201))
    given = cast(ProspectBody, body)

    with pytest.raises(Rejected, match="exactly one"):
        client(peer).prospects.create("9001", given, idempotency_key="k")
    with pytest.raises(Rejected, match="item 1 of"):
        client(peer).prospects.batch_add("9001", [{"contactId": "1"}, given])
    assert peer.requests == []


@pytest.mark.parametrize("name", ["classification", "tags", "teaser", "projectId", "id", "etag"])
def test_what_a_create_may_not_hold(name: str) -> None:
    """propstreet.md section 11.2: a classification is a patch of the new prospect."""
    peer = Peer(ok(prospect(), 201))
    body = cast(ProspectBody, {"contactId": "1", name: "x"})

    with pytest.raises(Rejected, match=name):
        client(peer).prospects.create("9001", body, idempotency_key="k")
    with pytest.raises(Rejected, match=name):
        client(peer).prospects.batch_add("9001", [body])
    assert peer.requests == []


@pytest.mark.parametrize("name", ["contactId", "companyId", "capabilities", "tags", "displayName", "updatedUtc"])
def test_what_a_patch_may_not_hold(name: str) -> None:
    peer = Peer(ok(prospect()))

    with pytest.raises(Rejected, match=name):
        client(peer).prospects.patch("9001", "77", cast(ProspectPatch, {name: "x"}), if_match="e")
    assert peer.requests == []


def test_null_refs_are_not_sent() -> None:
    """propstreet.md section 9."""
    with pytest.raises(Rejected, match="externalRefs"):
        client(Peer(ok(prospect()))).prospects.patch(
            "9001", "77", cast(ProspectPatch, {"externalRefs": None}), if_match="e"
        )


def test_patch_sends_the_tag_verbatim() -> None:
    """propstreet.md traps 38 and 39."""
    peer = Peer(ok(prospect(classification="bidder")))
    shown = client(peer).prospects.patch("9001", "77", {"classification": "bidder"}, if_match='W/"AA=="')

    assert shown.classification == "bidder"
    assert peer.targets == [f"PATCH {BASE}/77"]
    assert peer.requests[0].headers["if-match"] == 'W/"AA=="'


def test_delete_and_remove() -> None:
    """propstreet.md section 6: only the delete takes a tag."""
    peer = Peer(httpx.Response(204))
    prospects = client(peer).prospects
    prospects.delete("9001", "77", if_match="e")
    prospects.remove("9001", "77")

    assert peer.targets == [f"DELETE {BASE}/77", f"POST {BASE}/77/remove"]
    assert peer.requests[0].headers["if-match"] == "e"
    assert "if-match" not in peer.requests[1].headers
    assert [request.content for request in peer.requests] == [b"", b""]


def test_contact_person() -> None:
    """propstreet.md trap 51."""
    peer = Peer(httpx.Response(204))
    client(peer).prospects.contact_person("9001", "77", "789")

    assert peer.targets == [f"POST {BASE}/77/contact-person"]
    assert peer.sent() == {"contactId": "789"}


@pytest.mark.parametrize(
    ("status", "type", "expected"),
    [
        (400, "/help/validation-failed", Rejected),
        (404, "/help/not-found", Missing),
        (409, "/help/contact-person-set", Rejected),
        (409, None, Rejected),
        (409, "/help/concurrency-conflict", PreconditionFailed),
    ],
)
def test_a_step_of_a_prospect_that_is_refused_created_nothing(
    status: int, type: str | None, expected: type[Exception]
) -> None:
    """propstreet.md trap 41: a 409 on such a POST does not say that a prospect exists already."""
    with pytest.raises(expected):
        client(Peer(problem(status, type))).prospects.contact_person("9001", "77", "789")


def test_a_duplicate_prospect_exists_already() -> None:
    with pytest.raises(AlreadyExists):
        client(Peer(problem(409))).prospects.create("9001", {"contactId": "1"}, idempotency_key="k")
    with pytest.raises(AlreadyExists):
        client(Peer(problem(409))).prospects.batch_add("9001", [{"contactId": "1"}])


def test_classify() -> None:
    """propstreet.md trap 29: both lists are read, and ids in neither are named."""
    failed = [{"prospectId": "2", "error": "not_found"}]
    peer = Peer(ok({"classified": 1, "succeeded": ["1"], "failed": failed}))
    result = client(peer).prospects.classify("9001", ["1", "2", "3"], "contacted")

    assert result.succeeded == ("1",)
    assert [(each.prospect_id, each.error) for each in result.failed] == [("2", "not_found")]
    assert result.silent == ("3",)
    assert peer.targets == [f"POST {BASE}/classify"]
    assert peer.sent() == {"prospectIds": ["1", "2", "3"], "classification": "contacted"}


@pytest.mark.parametrize("shown", [{"prospectId": "1"}, {"id": "1", "classification": "bidder"}, 1])
def test_a_classified_prospect_in_another_shape(shown: object) -> None:
    """The documents name the list and not what is in it."""
    result = client(Peer(ok({"succeeded": [shown]}))).prospects.classify("9001", ["1"], "bidder")

    assert (result.succeeded, result.failed, result.silent) == (("1",), (), ())


def test_batch_add() -> None:
    """propstreet.md traps 28 and 29: neither by position, nor taken for a success as a whole."""
    created = [{"id": "12", "companyId": "201"}, {"id": "11", "contactId": "101"}]
    failed = [{"index": 1, "contactId": "102", "error": "blocked", "message": "Anna Andersson is blocked"}]
    items: list[ProspectBody] = [{"contactId": "101"}, {"contactId": "102"}, {"companyId": "201"}]
    peer = Peer(ok({"created": created, "failed": failed}))
    result = client(peer).prospects.batch_add("9001", items)
    pairs = result.paired(items)

    assert peer.targets == [f"POST {BASE}:batch"]
    assert peer.sent() == {"items": items}
    assert [pair.created and pair.created.id for pair in pairs] == ["11", None, "12"]
    assert [pair.step for pair in pairs] == [None, ItemStep.HOLD, None]
    assert "Anna" not in repr(result)


def test_nothing_to_do_is_no_call() -> None:
    peer = Peer(ok({}))
    prospects = client(peer).prospects

    assert prospects.batch_add("9001", []).paired([]) == []
    assert prospects.classify("9001", [], "bidder").silent == ()
    assert peer.requests == []


def test_no_more_than_a_hundred() -> None:
    """propstreet.md section 11.3: chunks are for the caller, who knows what to do between them."""
    peer = Peer(ok({}))
    prospects = client(peer).prospects

    with pytest.raises(Rejected, match="100"):
        prospects.batch_add("9001", [{"contactId": str(n)} for n in range(101)])
    with pytest.raises(Rejected, match="100"):
        prospects.classify("9001", [str(n) for n in range(101)], "bidder")
    assert peer.requests == []


@pytest.mark.parametrize(
    "answer",
    [
        httpx.Response(200, content=b"<html>sign in</html>"),
        httpx.Response(204),
        ok({}),
        ok({"created": None, "failed": None}),
        ok({"created": {}, "failed": []}),
        ok({"created": [{"contactId": "1"}], "failed": []}),
        ok({"created": [], "failed": ["1"]}),
        problem(502),
        httpx.ReadTimeout("late"),
    ],
)
def test_a_batch_without_a_readable_answer_is_unknown_and_sent_once(answer: httpx.Response | Exception) -> None:
    """propstreet.md trap 27: there is no key, so a repeat would show earlier successes as failures."""
    peer = Peer(answer)

    with pytest.raises(OutcomeUnknown):
        client(peer).prospects.batch_add("9001", [{"contactId": "1"}])
    assert len(peer.requests) == 1


@pytest.mark.parametrize("answer", [ok({"classified": 1}), ok({"succeeded": 1}), httpx.Response(204)])
def test_a_classification_without_a_readable_answer_is_unknown(answer: httpx.Response) -> None:
    with pytest.raises(OutcomeUnknown):
        client(Peer(answer)).prospects.classify("9001", ["1"], "bidder")
