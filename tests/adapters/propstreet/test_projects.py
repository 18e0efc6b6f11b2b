"""Projects and what all resources share: what each method asks for, and what it gives back."""

from __future__ import annotations

from decimal import Decimal
from typing import cast

import httpx
import pytest

from syncd.adapters.propstreet import ProjectBody
from syncd.errors import OutcomeUnknown, Rejected, ServerTrouble

from .peer import Peer, client, ok, page, problem, project


def test_scan_reads_all_pages_with_the_same_filters() -> None:
    """propstreet.md trap 1 and section 4: the cursor goes with exactly the filters it was given for."""
    peer = Peer(page([project("1")], "c1"), page([], "c 2"), page([project("2")]))
    shown = client(peer).projects.scan(updated_since="2026-05-01T00:00:00Z", include_deleted=True, status="open")

    assert [project.id for project in shown] == ["1", "2"]
    filters = "updated_since=2026-05-01T00%3A00%3A00Z&include_deleted=true&status=open&page_size=500"
    assert peer.targets == [
        f"GET /api/v1/projects?{filters}",
        f"GET /api/v1/projects?{filters}&cursor=c1",
        f"GET /api/v1/projects?{filters}&cursor=c+2",
    ]


def test_other_filters() -> None:
    peer = Peer(page([]))
    list(client(peer).projects.scan(classification="active", teaser_stage="published", page_size=7))

    assert peer.targets == ["GET /api/v1/projects?classification=active&teaser_stage=published&page_size=7"]


def test_a_name_that_is_no_filter_is_refused() -> None:
    """Sent all the same, it would list everything."""
    peer = Peer(page([]))

    with pytest.raises(TypeError, match="update_since"):
        list(client(peer).projects.scan(update_since="2026-05-01T00:00:00Z"))  # type: ignore[call-arg]
    assert peer.requests == []


def test_get() -> None:
    peer = Peer(ok(project(price={"value": "82.50", "currency": "EUR", "scale": "millions"}, new_field=[1])))
    shown = client(peer).projects.get("9/1")

    assert peer.targets == ["GET /api/v1/projects/9%2F1"]
    assert shown.price is not None
    assert shown.price.value == Decimal("82.50")
    assert shown.raw["new_field"] == [1]
    assert peer.requests[0].headers["authorization"] == "Bearer tok-secret-1"


def test_get_of_something_else_is_trouble() -> None:
    """A JSON object without an id is not a project."""
    with pytest.raises(ServerTrouble):
        client(Peer(ok({"status": "fine"}))).projects.get("9001")


def test_find_by_external_ref() -> None:
    peer = Peer(ok(project()), problem(404))
    projects = client(peer).projects

    found = projects.find_by_external_ref("hub spot", "3/4")
    assert found is not None
    assert projects.find_by_external_ref("hubspot", "none") is None
    assert peer.targets[0] == "GET /api/v1/projects/external/hub%20spot/3%2F4"


def test_properties() -> None:
    """propstreet.md section 14: a list without a page, empty or of one."""
    peer = Peer(ok({"data": [{"id": "5", "name": "Tower"}]}), ok({"data": []}))
    projects = client(peer).projects

    assert [linked.name for linked in projects.properties("9001")] == ["Tower"]
    assert projects.properties("9001") == []
    assert peer.targets[0] == "GET /api/v1/projects/9001/properties"


def test_create() -> None:
    peer = Peer(ok(project(), 201))
    body: ProjectBody = {
        "name": "Kista",
        "price": {"value": Decimal("82.5"), "currency": "EUR", "scale": "millions"},
    }
    made = client(peer).projects.create(body, idempotency_key="key-1")

    assert made.new
    assert peer.targets == ["POST /api/v1/projects"]
    assert peer.requests[0].headers["idempotency-key"] == "key-1"
    assert peer.requests[0].headers["content-type"] == "application/json"
    assert peer.requests[0].content == b'{"name":"Kista","price":{"value":82.5,"currency":"EUR","scale":"millions"}}'


def test_create_that_answers_with_an_existing_project() -> None:
    """propstreet.md section 7: the old guide returns the existing record for a known ref."""
    assert not client(Peer(ok(project(), 200))).projects.create({"name": "x"}, idempotency_key="k").new


def test_patch_sends_the_tag_verbatim() -> None:
    """propstreet.md traps 38 and 39: always, and byte for byte with W/ and quotes."""
    peer = Peer(ok(project()))
    client(peer).projects.patch("9001", {"exclusivity": None}, if_match='W/"AAAA=="')

    assert peer.targets == ["PATCH /api/v1/projects/9001"]
    assert peer.requests[0].headers["if-match"] == 'W/"AAAA=="'
    assert peer.sent() == {"exclusivity": None}


def test_an_odd_tag_goes_back_in_its_own_bytes() -> None:
    peer = Peer(ok(project()))
    client(peer).projects.patch("9001", {"name": "x"}, if_match='"é"')

    assert ('"é"').encode() in [value for name, value in peer.requests[0].headers.raw if name.lower() == b"if-match"]


def test_patch_without_a_tag_sends_none() -> None:
    peer = Peer(ok(project()))
    client(peer).projects.patch("9001", {"name": "x"}, if_match=None)

    assert "if-match" not in peer.requests[0].headers


def test_a_write_that_shows_no_project_is_unknown() -> None:
    with pytest.raises(OutcomeUnknown):
        client(Peer(ok({"ok": True}))).projects.patch("9001", {"name": "x"}, if_match="e")


def test_delete() -> None:
    peer = Peer(httpx.Response(204))
    client(peer).projects.delete("9001", if_match="e")

    assert peer.targets == ["DELETE /api/v1/projects/9001"]
    assert peer.requests[0].headers["if-match"] == "e"
    assert peer.requests[0].content == b""


@pytest.mark.parametrize("body", [b"<html>sign in</html>", b'{"id": "90'])
def test_a_delete_answered_by_somebody_else_is_unknown(body: bytes) -> None:
    """A proxy's page says nothing about the project, whatever its status."""
    with pytest.raises(OutcomeUnknown):
        client(Peer(httpx.Response(200, content=body))).projects.delete("9001", if_match="e")


@pytest.mark.parametrize("name", ["mandate", "status", "classification", "teaser", "id", "etag", "updatedUtc"])
def test_read_only_fields_and_the_alias_are_never_sent(name: str) -> None:
    """propstreet.md traps 31 and 32: a whitelist, so that an echoed read model can't go out."""
    peer = Peer(ok(project()))
    body = cast(ProjectBody, {"name": "x", name: "y"})

    with pytest.raises(Rejected, match=name) as caught:
        client(peer).projects.patch("9001", body, if_match="e")
    assert caught.value.fields == (name,)
    assert peer.requests == []


def test_null_refs_are_not_sent() -> None:
    """propstreet.md section 9: what `externalRefs: null` does is not documented."""
    with pytest.raises(Rejected):
        client(Peer(ok(project()))).projects.patch("9001", cast(ProjectBody, {"externalRefs": None}), if_match="e")
