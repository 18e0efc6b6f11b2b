"""The twin's lists and single reads against propstreet.md, sections 1, 4, 5, 9, 10, 14 and 21."""

from __future__ import annotations

import random
from decimal import Decimal
from typing import Any

import msgspec
import pytest

from syncd.testing.sandbox.propstreet import Switches

from .propstreet_api import Api, api, clock_of


def ids(rows: list[dict[str, Any]]) -> list[str]:
    return [row["id"] for row in rows]


def switch(here: Api, **switches: Any) -> None:
    here.twin.switches = msgspec.structs.replace(here.twin.switches, **switches)


def test_shape_of_a_project() -> None:
    """Section 10.2: camelCase, opaque string id, refs always a list, nulls left out, alias beside exclusivity."""
    here = api()
    id = here.twin.add_project(
        name="Kista Logistics", exclusivity="other", price={"value": "82.5", "currency": "EUR", "scale": "millions"}
    )
    shown = here.get(f"/projects/{id}").json

    assert {
        "id": id,
        "name": "Kista Logistics",
        "asset": {"type": "single"},
        "status": "open",
        "classification": "draft",
        "exclusivity": "other",
        "mandate": "other",
        "price": {"value": Decimal("82.5"), "currency": "EUR", "scale": "millions"},
        "externalRefs": [],
    }.items() <= shown.items()
    assert {"teaser", "priceRange", "deletedUtc", "transactions", "properties"}.isdisjoint(shown)


def test_etag_header_equals_the_body_and_is_weak() -> None:
    """Section 6: W/"...", quotes included, equal in header and body; every change makes a new one."""
    here = api()
    id = here.twin.add_project()
    first = here.get(f"/projects/{id}")
    here.twin.edit_project(id, name="Other")
    second = here.get(f"/projects/{id}")

    assert first.headers["ETag"] == first.json["etag"]
    assert first.json["etag"].startswith('W/"')
    assert first.json["etag"] != second.json["etag"]


def test_stamps_have_seven_digits_and_no_trailing_zeros() -> None:
    """Section 1 and trap 5: a fraction of up to seven digits; whole seconds have none."""
    here = api()
    assert here.twin.project(here.twin.add_project())["updatedUtc"] == "2026-09-21T14:13:20.0004567Z"
    switch(here, sub_ms_ticks=4500)
    assert here.twin.project(here.twin.add_project())["updatedUtc"] == "2026-09-21T14:13:20.00045Z"
    switch(here, sub_ms_ticks=0)
    assert here.twin.project(here.twin.add_project())["updatedUtc"] == "2026-09-21T14:13:20Z"


def test_pages_hold_every_row_once_in_order_even_at_one_instant() -> None:
    """Section 4: ascending (updatedUtc, id), ties by id; an id is a number in text."""
    here = api()
    here.twin.seed_projects(95, random.Random(1))  # the ids cross from four digits to four and more
    for _ in range(30):
        here.twin.add_project()  # all at one instant
    rows = here.scan(page_size=7)

    assert len(rows) == len({row["id"] for row in rows}) == 125
    keys = [(row["updatedUtc"][:19], row["updatedUtc"], int(row["id"])) for row in rows]
    assert keys == sorted(keys)


def test_page_says_how_it_ends() -> None:
    """Section 4: hasMore false and no nextCursor on the last page; the page size is echoed."""
    here = api()
    here.twin.seed_projects(4, random.Random(1))
    first = here.get("/projects", page_size=3).json
    last = here.get("/projects", page_size=3, cursor=first["page"]["nextCursor"]).json

    assert (first["page"]["hasMore"], first["page"]["pageSize"], len(first["data"])) == (True, 3, 3)
    assert last["page"] == {"hasMore": False, "pageSize": 3}
    assert len(last["data"]) == 1
    assert here.get("/projects", page_size=4).json["page"]["hasMore"] is False


def test_row_touched_during_a_scan_moves_to_the_end() -> None:
    """Section 4, SBX: keyset semantics; nothing is lost, the touched row comes again."""
    here = api()
    added = here.twin.seed_projects(6, random.Random(1))
    first = here.get("/projects", page_size=3).json
    here.twin.edit_project(added[0], name="Touched")
    rest = here.get("/projects", page_size=10, cursor=first["page"]["nextCursor"]).json

    assert ids(first["data"]) == added[:3]
    assert ids(rest["data"]) == [*added[3:], added[0]]


def test_updated_since_is_inclusive() -> None:
    """Section 5 and trap 4: on or after; digits beyond the seventh are cut, another zone is understood."""
    here = api()
    here.twin.add_project()
    clock_of(here).advance(1)
    id = here.twin.add_project()
    stamp = here.twin.project(id)["updatedUtc"]

    assert ids(here.scan(updated_since=stamp)) == [id]
    assert ids(here.scan(updated_since=stamp.replace("Z", "9Z"))) == [id]
    assert ids(here.scan(updated_since="2026-09-21T16:13:21.0004567+02:00")) == [id]
    assert ids(here.scan(updated_since="2026-09-21T14:13:21.0004568Z")) == []


def test_deleted_rows_come_only_when_asked_for() -> None:
    """Section 5 and trap 6: a tombstone with deletedUtc, at the end of the order, when include_deleted is sent."""
    here = api()
    gone, kept = here.twin.add_project(name="Gone"), here.twin.add_project()
    clock_of(here).advance(1)
    here.twin.delete_project(gone)

    assert ids(here.scan()) == [kept]
    tombstone = here.scan(include_deleted="true")[1]
    assert (tombstone["id"], tombstone["status"], tombstone["name"]) == (gone, "deleted", "Gone")
    assert tombstone["deletedUtc"] == tombstone["updatedUtc"]
    assert tombstone["changeType"] == "delete"


def test_filters_hide_rows() -> None:
    """Section 10.1: status, classification, teaser_stage; section 5, step 5: they hide what leaves the filter."""
    here = api()
    closed = here.twin.add_project(status="closed")
    active = here.twin.add_project(classification="active", teaser="published")

    assert ids(here.scan(status="closed")) == [closed]
    assert ids(here.scan(classification="active", status="open")) == [active]
    assert ids(here.scan(teaser_stage="published")) == [active]
    assert ids(here.scan(teaser_stage="drafting")) == []


@pytest.mark.parametrize(
    "query",
    [
        {"cursor": "bm9uc2Vuc2U="},
        {"cursor": "%%%"},
        {"page_size": 0},
        {"page_size": 501},
        {"page_size": "ten"},
        {"updated_since": "yesterday"},
        {"updated_since": "2026-13-01T00:00:00Z"},
        {"include_deleted": "maybe"},
        {"status": "lost"},
        {"classification": "hot"},
        {"teaser_stage": "sold"},
        {"near": "18.0,59.3"},
    ],
)
def test_wrong_parameters_are_refused(query: dict[str, str | int]) -> None:
    """Section 8: 400 names the parameter; an unknown cursor is one of them."""
    answer = api().get("/projects", **query)

    assert (answer.status, answer.slug, list(answer.json["errors"])) == (400, "validation-failed", list(query))


def test_default_page_size_is_500() -> None:
    """Section 4."""
    here = api()
    here.twin.seed_projects(501, random.Random(1))
    page = here.get("/projects").json

    assert (len(page["data"]), page["page"]["pageSize"], page["page"]["hasMore"]) == (500, 500, True)


def test_cursor_can_die() -> None:
    """Section 4: a cursor's lifetime is unknown; a dead one is a 400."""
    here = api(cursor_life_s=60.0)
    here.twin.seed_projects(3, random.Random(1))
    cursor = here.get("/projects", page_size=1).json["page"]["nextCursor"]
    assert here.get("/projects", cursor=cursor).status == 200
    clock_of(here).advance(61)

    assert here.get("/projects", cursor=cursor).status == 400


def test_top_level_envelope() -> None:
    """Section 21, pagination envelope: the older guide's form."""
    here = api(envelope="top")
    here.twin.seed_projects(2, random.Random(1))
    page = here.get("/projects", page_size=1).json

    assert set(page) == {"data", "nextCursor", "hasMore"}
    assert here.get("/projects", page_size=1, cursor=page["nextCursor"]).json["hasMore"] is False


@pytest.mark.parametrize(
    ("mode", "shown"),
    [("alias", {"exclusivity", "mandate"}), ("absent", {"exclusivity"}), ("only", {"mandate"})],
)
@pytest.mark.parametrize("nulls", ["omitted", "explicit"])
def test_mandate_alias(mode: str, shown: set[str], nulls: str) -> None:
    """Section 21 and trap 33: during the window, after it, before it; in single reads and lists alike."""
    here = api(mandate=mode, nulls=nulls)
    id = here.twin.add_project(exclusivity="exclusive")
    for project in (here.get(f"/projects/{id}").json, here.scan()[0]):
        assert {"exclusivity", "mandate"} & set(project) == shown
        assert {project[name] for name in shown} == {"exclusive"}


def test_explicit_nulls() -> None:
    """Section 9: reference samples show explicit nulls; lists are empty lists."""
    here = api(nulls="explicit")
    id = here.twin.add_project()
    shown = here.get(f"/projects/{id}").json

    assert [shown[name] for name in ("price", "exclusivity", "mandate", "teaser", "deletedUtc")] == [None] * 5
    assert shown["properties"] == []
    assert here.get("/projects").json["page"]["nextCursor"] is None


def test_numbers_as_strings() -> None:
    """Section 1 and trap 37: prices, counts and page sizes may be text; flags are not."""
    here = api(numbers="string")
    id = here.twin.add_project(
        price={"value": "1.50", "currency": "SEK"}, asset={"type": "portfolio", "propertyCount": 3}
    )
    shown = here.get(f"/projects/{id}").json
    page = here.get("/projects").json["page"]

    assert (shown["price"]["value"], shown["asset"]["propertyCount"]) == ("1.50", "3")
    assert page == {"hasMore": False, "pageSize": "500"}


def test_teaser_forms() -> None:
    """Section 21, embedded teaser: the full object, or stage and timestamps; absent until started."""
    here = api()
    id = here.twin.add_project(teaser="published")
    clock_of(here).advance(60)
    here.twin.edit_project(id, teaser="communicated")
    full = here.get(f"/projects/{id}").json["teaser"]
    switch(here, teaser="short")
    short = here.get(f"/projects/{id}").json["teaser"]

    assert set(short) == {"stage", "publishedUtc", "communicatedUtc"}
    assert short["stage"] == "communicated"
    assert short["publishedUtc"] < short["communicatedUtc"]
    assert {"id", "etag", "navigateUri", "createdUtc", *short} <= set(full)


def test_unheard_of_fields_and_values() -> None:
    """Section 1, client rules: unknown fields and enum values must be survived, so the twin can show them."""
    here = api(extra_fields={"esgRating": {"grade": 7}})
    id = here.twin.add_project(status="on_hold", exclusivity="shared")
    shown = here.get(f"/projects/{id}").json

    assert (shown["status"], shown["exclusivity"], shown["esgRating"]) == ("on_hold", "shared", {"grade": 7})
    assert here.scan() == [shown]


def test_lookup_by_external_ref() -> None:
    """Section 13 and trap 22: namespace in any case, id exactly, both percent-decoded."""
    here = api()
    id = here.twin.add_project(externalRefs=[{"namespace": "HubSpot", "id": "Å b/7"}])

    assert here.get("/projects/external/hubspot/%C3%85%20b%2F7").json["id"] == id
    assert here.get("/projects/external/HUBSPOT/%C3%85%20b%2F7").json["id"] == id
    assert here.get("/projects/external/hubspot/%C3%A5%20b%2F7").status == 404
    assert here.get("/projects/external/salesforce/%C3%85%20b%2F7").status == 404


def test_linked_properties() -> None:
    """Section 14: a list even when empty; linking moves the project; 404 for an unknown project."""
    here = api()
    id = here.twin.add_project()
    before = here.get(f"/projects/{id}").json["etag"]
    assert here.get(f"/projects/{id}/properties").json == {"data": []}
    linked = here.twin.link_property(id, name="Hangar 4", yearBuilt=1931)

    [shown] = here.get(f"/projects/{id}/properties").json["data"]
    assert (shown["id"], shown["name"], shown["yearBuilt"]) == (linked, "Hangar 4", 1931)
    project = here.get(f"/projects/{id}").json
    assert [ref["id"] for ref in project["properties"]] == [linked]
    assert project["etag"] != before
    assert here.get("/projects/1/properties").status == 404


def test_deleted_project_by_id() -> None:
    """Section 21, GET deleted by id: 404, or 200 with deletedUtc."""
    here = api()
    id = here.twin.add_project(externalRefs=[{"namespace": "hubspot", "id": "1"}])
    here.twin.delete_project(id)
    assert here.get(f"/projects/{id}").status == 404
    switch(here, get_deleted="200")

    assert "deletedUtc" in here.get(f"/projects/{id}").json
    assert here.get("/projects/external/hubspot/1").status == 404  # the ref is free


def test_read_after_write_lag() -> None:
    """Section 21: a write is seen later by readers; guarded writes meet the truth all the while."""
    here = api(read_lag_s=5.0)
    created = here.post({"name": "Fresh"})
    id = created.json["id"]
    assert here.get(f"/projects/{id}").status == 404
    assert here.scan() == []
    clock_of(here).advance(5)
    assert here.get(f"/projects/{id}").json == created.json
    changed = here.patch(id, {"name": "Newer"}, if_match=created.json["etag"])

    assert changed.status == 200
    assert here.scan() == [created.json]
    assert here.patch(id, {"name": "Newest"}, if_match=created.json["etag"]).status == 412
    clock_of(here).advance(5)
    assert here.scan() == [changed.json]


def test_late_commit_appears_behind_the_watermark() -> None:
    """Section 5, SBX: a row becomes visible after a newer row was served; the overlap has to catch it."""
    here = api()
    early = here.twin.add_project(name="Early", late_s=30.0)
    clock_of(here).advance(10)
    newer = here.twin.add_project(name="Newer")
    assert ids(here.scan()) == [newer]
    watermark = here.scan()[-1]["updatedUtc"]
    clock_of(here).advance(20)

    assert ids(here.scan(updated_since=watermark)) == [newer]
    assert ids(here.scan()) == [early, newer]


def test_late_commits_of_one_row_end_at_the_truth() -> None:
    """Two late edits that come due in the wrong order show the later edit, whatever comes due last."""
    here = api()
    id = here.twin.add_project(name="0")
    here.twin.edit_project(id, name="1", late_s=30.0)
    here.twin.edit_project(id, name="2", late_s=10.0)
    assert [row["name"] for row in here.scan()] == ["0"]
    clock_of(here).advance(10)
    assert [row["name"] for row in here.scan()] == ["2"]
    clock_of(here).advance(30)

    assert [row["name"] for row in here.scan()] == ["2"]
    assert here.twin.project(id)["name"] == "2"


def test_overtaken_late_commit_stays_hidden_while_a_later_one_is_due() -> None:
    """What readers saw is never taken back to something older."""
    here = api()
    id = here.twin.add_project(name="0")
    for name, late_s in (("1", 30.0), ("2", 10.0), ("3", 60.0)):
        here.twin.edit_project(id, name=name, late_s=late_s)
    shown = []
    for _ in range(3):
        clock_of(here).advance(20)
        shown += [row["name"] for row in here.scan()]

    assert shown == ["2", "2", "3"]


def test_server_clock_is_its_own() -> None:
    """Trap 3: stamps are by the server's clock, however wrong; a step back only reorders."""
    here = api(clock_skew_s=3600.0)
    first = here.twin.add_project()
    switch(here, clock_skew_s=-3600.0)
    second = here.twin.add_project()

    assert here.twin.project(first)["updatedUtc"].startswith("2026-09-21T15:13:20")
    assert ids(here.scan()) == [second, first]


def test_defaults_are_what_the_contract_follows() -> None:
    """Section 21's middle column."""
    assert Switches().rate_limit is not None
    assert msgspec.structs.asdict(Switches()).items() >= {
        "envelope": "page", "mandate": "alias", "nulls": "omitted", "numbers": "number", "stale": "412 urn",
        "idempotency_conflict": 422, "idempotency_retention_s": 86400.0, "deleted_refs": "freed",
        "get_deleted": "404", "teaser": "full", "read_lag_s": 0.0,
    }.items()  # fmt: skip
