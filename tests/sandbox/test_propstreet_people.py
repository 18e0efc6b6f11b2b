"""The twin's side door, its seeds, and the whole of it over a real socket."""

from __future__ import annotations

import random
import threading

import httpx
import pytest

from syncd.testing.clock import VirtualClock
from syncd.testing.sandbox.mount_httpx import TwinTransport
from syncd.testing.sandbox.propstreet import PropstreetTwin, Switches
from syncd.testing.sandbox.serve import serve
from syncd.testing.sandbox.wire import Fault, FaultKind, Faulty

from .propstreet_api import api, clock_of

BEARER = {"Authorization": "Bearer pat_sandbox"}


def test_person_edits_what_no_client_may() -> None:
    """Section 10.2: status, classification and the teaser move in the app only; tag and stamp move with them."""
    here = api()
    id = here.twin.add_project(name="Kista", exclusivity="exclusive")
    before = here.twin.project(id)
    clock_of(here).advance(60)
    here.twin.edit_project(id, status="closed", classification="active", teaser="verified", transactions=[{"x": 1}])
    after = here.twin.project(id)

    assert (after["status"], after["classification"], after["transactions"]) == ("closed", "active", [{"x": 1}])
    assert after["teaser"]["stage"] == "verified"
    assert after["teaser"]["verifiedUtc"] == after["updatedUtc"] > before["updatedUtc"]
    assert after["teaser"]["exclusivity"] == "exclusive"
    assert after["etag"] != before["etag"]
    here.patch(id, {"exclusivity": "other"})
    assert here.twin.project(id)["teaser"]["exclusivity"] == "other"


def test_person_may_take_a_teaser_back() -> None:
    here = api()
    id = here.twin.add_project(teaser={"stage": "published", "title": "Rare"})
    assert here.twin.project(id)["teaser"]["title"] == "Rare"
    here.twin.edit_project(id, teaser=None)

    assert "teaser" not in here.twin.project(id)


def test_mistakes_at_the_side_door() -> None:
    """They are errors of the caller: unknown names, foreign refs, dead projects."""
    here = api()
    id = here.twin.add_project(externalRefs=[{"namespace": "hubspot", "id": "1"}])
    for fields in ({"nmae": "x"}, {"etag": "x"}, {"status": "deleted"}, {"price": {"value": "much"}}):
        with pytest.raises(ValueError, match=r".+"):
            here.twin.edit_project(id, **fields)
    with pytest.raises(ValueError, match="another project"):
        here.twin.add_project(externalRefs=[{"namespace": "HUBSPOT", "id": "1"}])
    here.twin.delete_project(id)
    for act in (here.twin.delete_project, here.twin.edit_project, here.twin.link_property):
        with pytest.raises(KeyError):
            act(id)
    with pytest.raises(KeyError):
        here.twin.project("1")


def test_live_projects_are_the_truth() -> None:
    """Without the deleted, and without a reader's lag."""
    here = api(read_lag_s=60.0)
    kept, gone = here.twin.add_project(name="Kept"), here.twin.add_project()
    here.twin.delete_project(gone)

    assert here.scan(include_deleted="true") == []
    assert [project["id"] for project in here.twin.live_projects()] == [kept]


def test_seeds_are_believable_and_repeat() -> None:
    """The same random numbers give the same projects, whose writable values the API itself would accept."""
    one, two = api(), api()
    one.twin.seed_projects(300, random.Random(7), properties=True)
    two.twin.seed_projects(300, random.Random(7), properties=True)
    projects = one.twin.live_projects()

    assert projects == two.twin.live_projects()
    assert len({project["name"] for project in projects}) == 300
    assert {project["price"]["currency"] for project in projects if "price" in project} == {"SEK", "NOK", "DKK", "EUR"}
    assert {project["status"] for project in projects} == {"open", "closed"}
    assert 100 < sum("teaser" in project for project in projects) < 280
    for project in projects[:100]:
        writable = {name: project[name] for name in ("name", "asset", "price", "priceRange") if name in project}
        assert one.post({name: _plain(value) for name, value in writable.items()}).status == 201
        assert len(one.get(f"/projects/{project['id']}/properties").json["data"]) == 1


def _plain(value: object) -> object:
    """JSON of the twin back into JSON: exact numbers as text."""
    if isinstance(value, dict):
        return {name: str(item) if name in ("value", "min", "max") else item for name, item in value.items()}
    return value


def test_first_seeds_lie_in_the_past_and_later_ones_do_not() -> None:
    """A later seed behind a client's watermark would be a change that no feed shows."""
    here = api()
    here.twin.seed_projects(50, random.Random(1))
    newest = max(row["updatedUtc"] for row in here.scan())
    added = here.twin.seed_projects(50, random.Random(2))

    assert newest <= here.twin.project(added[0])["updatedUtc"]
    assert sorted(added) == sorted(row["id"] for row in here.scan(updated_since="2026-09-21T14:13:20Z"))


def test_calls_from_many_threads_are_taken_one_by_one() -> None:
    """No write is lost: every thread's guarded edits that succeed are in the journal, once."""
    twin = PropstreetTwin(VirtualClock(), Switches(rate_limit=None))
    id = twin.add_project(name="Shared")
    won: list[str] = []

    def edit(name: str) -> None:
        with httpx.Client(transport=TwinTransport(twin), base_url="http://p/api/v1", headers=BEARER) as client:
            for number in range(20):
                tag = client.get(f"/projects/{id}").headers["ETag"]
                sent = {"name": f"{name} {number}"}
                if client.patch(f"/projects/{id}", json=sent, headers={"If-Match": tag}).status_code == 200:
                    won.append(sent["name"])

    threads = [threading.Thread(target=edit, args=(name,)) for name in "abcd"]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert sorted(won) == sorted(entry.fields["name"] for entry in twin.journal)
    assert len(won) >= 20


def test_over_a_real_socket() -> None:
    """Token, create, a 412, a lost answer and its replay, a person with curl: all through one server."""
    twin = PropstreetTwin(VirtualClock())
    line = Faulty(twin)
    form = {
        "grant_type": "client_credentials",
        "client_id": "sandbox",
        "client_secret": "sandbox-secret",
        "scope": "api:public",
    }
    with serve(line, door_port=0) as served, httpx.Client(base_url=served.url) as client:
        assert served.door_url is not None
        token = client.post("/openid/token", data=form).json()["access_token"]
        client.headers["Authorization"] = f"Bearer {token}"
        key = {"Idempotency-Key": "11"}
        line.plan(Fault(kind=FaultKind.RESET_AFTER, method="POST", path="projects$"))
        with pytest.raises(httpx.TransportError):
            client.post("/api/v1/projects", json={"name": "Once"}, headers=key)
        created = client.post("/api/v1/projects", json={"name": "Once"}, headers=key)
        id = created.json()["id"]
        edited = httpx.post(f"{served.door_url}/edit_project", json={"id": id, "status": "closed"})
        stale = client.patch(
            f"/api/v1/projects/{id}", json={"name": "Late"}, headers={"If-Match": created.headers["ETag"]}
        )
        page = client.get("/api/v1/projects", params={"updated_since": created.json()["updatedUtc"]}).json()
        journal = httpx.get(f"{served.door_url}/journal").json()

    assert (created.status_code, edited.status_code, stale.status_code) == (201, 200, 412)
    assert stale.headers["RateLimit-Limit"] == "600"
    assert [(row["id"], row["status"]) for row in page["data"]] == [(id, "closed")]
    assert [(entry["method"], entry["fields"]) for entry in journal] == [("POST", {"name": "Once"})]
