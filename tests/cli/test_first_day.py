"""A new user's first day: every command in the order in which it is needed, over real sockets."""

from __future__ import annotations

import pytest

from .office import Office

SUMMARY = {"run", "mode", "connection", "outcome", "duration_s", "captured", "applied", "conflicts", "held", "calls"}
SIDES = {"propstreet", "crm"}


def test_from_check_to_quiet(office: Office) -> None:
    """check says what to type, setup does it, plan shows, backfill writes, and then there is nothing to do."""
    before = office.run("check")
    assert before.code == 2
    assert "16 fields missing in the CRM: propstreet_id, " in before.out
    assert "→ syncd setup --apply" in before.out

    shown = office.run("setup")
    assert shown.code == 3
    assert "propstreet_price_min" in shown.out
    assert not office.hubspot.journal

    applied = office.run("setup", "--apply")
    assert applied.code == 0
    assert "created 16 fields in the CRM" in applied.out
    assert office.run("setup").code == 0
    assert office.run("check").code == 0

    planned = office.run("plan")
    assert planned.code == 0
    assert "5 records, 5 writes; API calls needed: 5 to propstreet, 2 to crm" in planned.out
    assert office.writes() == 0

    assert office.run("backfill").code == 0
    assert len(office.hubspot.person.live_deals()) == 5

    assert office.run("delta").code == 0
    quiet = office.writes()
    assert office.run("delta").code == 0
    assert office.writes() == quiet
    assert office.run("plan").out == "nothing new to do; what waits already: syncd status\n"


def test_check_says_everything_once(office: Office) -> None:
    """A field that is missing is told of in one place, with one remedy."""
    said = office.run("check")

    assert said.out.count("propstreet_teaser_published") == 1
    assert said.out.count("→ syncd setup") == 1


def test_the_summary_has_the_keys_of_the_design(office: Office) -> None:
    """DESIGN section 9: other people's scripts read it, so it is compared whole."""
    office.ready()

    said = office.run("backfill", "--json")
    summary = said.json

    assert said.code == 0
    assert said.err == ""
    assert set(summary) == SUMMARY
    assert set(summary["captured"]) == set(summary["applied"]) == set(summary["calls"]) == SIDES
    assert summary["applied"] == {
        "propstreet": {"create": 0, "update": 5, "delete": 0},
        "crm": {"create": 5, "update": 0, "delete": 0},
    }
    assert summary["mode"] == "backfill"
    assert summary["connection"] == "nordic"
    assert summary["outcome"] == "ok"
    assert summary["conflicts"] == summary["held"] == 0
    assert set(office.run("delta", "--json").json) == SUMMARY


def test_calls_are_the_requests_that_arrived(office: Office) -> None:
    office.ready()
    office.left.requests.clear()
    office.right.requests.clear()

    calls = office.run("backfill", "--json").json["calls"]

    assert calls == {"propstreet": len(office.left.requests), "crm": len(office.right.requests)}


def test_verbose_logs_to_standard_error_only(office: Office) -> None:
    office.ready()

    said = office.run("backfill", "--json", "--verbose")

    assert said.json["outcome"] == "ok"
    assert '"event": "run.finished"' in said.err


def test_a_reviewed_plan_and_nothing_else(office: Office) -> None:
    """What changes after the review is not written by apply."""
    office.ready("backfill")
    reviewed, later = (project["id"] for project in office.propstreet.live_projects()[:2])
    file = str(office.folder / "plan.json")

    office.propstreet.edit_project(reviewed, name="Reviewed")
    planned = office.run("plan", "--output", file)
    assert planned.code == 0
    assert f"carry it out: syncd apply {file}" in planned.out
    office.propstreet.edit_project(later, name="Not reviewed")
    done = office.run("apply", file, "--json")

    assert done.code == 0
    assert set(done.json["summary"]) == SUMMARY
    assert done.json["summary"]["mode"] == "apply"
    assert done.json["skipped"] == []
    deals = office.hubspot.person
    assert deals.deal(office.deal_of(reviewed))["dealname"] == "Reviewed"
    assert deals.deal(office.deal_of(later))["dealname"] != "Not reviewed"


def test_a_plan_that_the_world_overtook(office: Office) -> None:
    """Skipped with a reason, exit code 3, and the next delta writes what is true by then."""
    office.ready("backfill")
    project = office.propstreet.live_projects()[0]["id"]
    file = str(office.folder / "plan.json")
    office.propstreet.edit_project(project, name="As reviewed")
    office.run("plan", "--output", file)
    office.propstreet.edit_project(project, name="Changed since")

    done = office.run("apply", file)

    assert done.code == 3
    assert "skipped Changed since: " in done.out or "skipped As reviewed: " in done.out
    assert office.hubspot.person.deal(office.deal_of(project))["dealname"] not in ("As reviewed", "Changed since")
    assert office.run("delta").code == 0
    assert office.hubspot.person.deal(office.deal_of(project))["dealname"] == "Changed since"


def test_a_plan_as_json(office: Office) -> None:
    office.ready()

    plan = office.run("plan", "--json").json

    assert plan["connection"] == "nordic"
    assert plan["calls"] == {"propstreet": 5, "crm": 2}
    assert {record["ops"][0]["type"] for record in plan["records"]} == {"create"}


def test_both_sides_edited_different_fields(office: Office) -> None:
    office.ready("backfill")
    project = next(
        one["id"] for one in office.propstreet.live_projects() if one.get("price") and not one.get("priceRange")
    )
    deal = office.deal_of(project)
    office.propstreet.edit_project(project, name="Renamed there")
    office.hubspot.person.edit_deal(deal, amount="77000000")

    assert office.run("delta").code == 0

    assert office.hubspot.person.deal(deal)["dealname"] == "Renamed there"
    assert office.run("explain", project).out.splitlines()[1].strip() == "in sync"
    assert office.run("explain", deal, "--json").json[0]["propstreet_id"] == project


def test_a_field_that_was_empty_when_the_deal_was_made(office: Office) -> None:
    """What a create had no value for is an ordinary field afterwards, on both sides."""
    office.ready("backfill", "delta")
    single = next(one["id"] for one in office.propstreet.live_projects() if not one.get("priceRange"))
    deal = office.deal_of(single)

    office.propstreet.edit_project(single, price={"value": 9, "currency": "SEK", "scale": "millions"})
    office.propstreet.edit_project(single, priceRange={"min": 8, "max": 10, "currency": "SEK", "scale": "millions"})
    assert office.run("delta").code == 0

    shown = office.hubspot.person.deal(deal)
    assert (shown["propstreet_price_min"], shown["propstreet_price_max"]) == ("8000000", "10000000")


@pytest.mark.parametrize(("take", "price"), [("propstreet", "21000000"), ("crm", "22000000")])
def test_a_conflict_from_its_list_to_its_end(office: Office, take: str, price: str) -> None:
    """Held, shown, explained, decided, carried out; the exit code is 3 for as long as a person must act."""
    office.ready("backfill")
    project = next(
        one["id"] for one in office.propstreet.live_projects() if (one.get("price") or {}).get("currency") == "SEK"
    )
    deal = office.deal_of(project)
    office.propstreet.edit_project(
        project, price={"value": 21, "currency": "SEK", "scale": "millions"}, priceRange=None
    )
    office.hubspot.person.edit_deal(deal, amount="22000000")

    delta = office.run("delta")
    assert delta.code == 3
    assert "conflicts that wait for a decision: 1 → syncd conflicts list" in delta.out
    assert office.run("status").code == 3
    listed = office.run("conflicts", "list")
    assert listed.code == 3
    number = office.run("conflicts", "list", "--json").json[0]["id"]
    assert f"decide one: syncd conflicts resolve {number} --take propstreet|crm" in listed.out
    explained = office.run("explain", project)
    assert "a person must decide: price" in explained.out
    assert "21000000 SEK" in explained.out
    assert "22000000 SEK" in explained.out

    decided = office.run("conflicts", "resolve", str(number), "--take", take)
    assert decided.code == 0
    assert office.run("delta").code == 0
    assert office.hubspot.person.deal(deal)["amount"] == price
    assert office.run("conflicts", "list").out == "no conflicts\n"
    assert office.run("status").code == 0


def test_an_unmapped_value_is_held_and_then_goes_on(office: Office) -> None:
    """Its neighbours are written, the list says which field and what to do, and mending it is enough."""
    office.ready("backfill")
    project = office.propstreet.live_projects()[0]["id"]
    deal = office.deal_of(project)
    office.propstreet.edit_project(project, name="Goes through", exclusivity="by_moonlight")

    assert office.run("delta").code == 3
    assert office.hubspot.person.deal(deal)["dealname"] == "Goes through"
    held = office.run("held", "list")
    assert held.code == 3
    assert "exclusivity" in held.out
    assert "is a value that the mapping does not list" in held.out
    assert "syncd held retry" in held.out

    office.propstreet.edit_project(project, exclusivity="other")
    assert office.run("held", "retry", "--all").code == 0
    assert office.run("delta").code == 0
    assert office.hubspot.person.deal(deal)["propstreet_exclusivity"] == "other"
    assert office.run("held", "list").out == "nothing is held\n"


def test_held_writes_can_be_dropped(office: Office) -> None:
    office.ready("backfill")
    office.propstreet.edit_project(office.propstreet.live_projects()[0]["id"], exclusivity="by_moonlight")
    office.run("delta")
    number = office.run("held", "list", "--json").json[0]["id"]

    assert office.run("held", "drop", str(number)).out == "1 write dropped\n"
    assert office.run("held", "list").code == 0


def test_status_for_people_and_for_scripts(office: Office) -> None:
    fresh = office.run("status")
    assert "no pass yet → syncd plan, then syncd backfill" in fresh.out
    office.ready("backfill")

    status = office.run("status", "--json")

    assert status.code == 0
    assert set(status.json) == {
        "connection", "paired", "by_kind", "ended", "pending", "unconfirmed", "held", "conflicts", "overdue", "lag_s",
        "working", "last",
    }  # fmt: skip
    assert status.json["paired"] == 5
    assert status.json["last"]["outcome"] == "ok"
    assert office.run("status").out.startswith("nordic: 5 paired, 0 pending, 0 held, 0 conflicts\n")


def test_two_connections_are_told_apart(office: Office) -> None:
    """Passes run over both, commands on one record ask which."""
    one = office.config.read_text(encoding="utf-8")
    office.config.write_text(one + one.replace('"nordic"', '"baltic"'), encoding="utf-8")

    assert [status["connection"] for status in office.run("status", "--json").json] == ["nordic", "baltic"]
    assert office.run("plan").refusal()[1] == "add --connection nordic"
    assert office.run("plan", "--connection", "lapland").refusal()[1] == "use one of: nordic, baltic"


def test_a_relative_store_lies_beside_the_configuration(office: Office) -> None:
    assert office.run("db", "upgrade").out.startswith("applied 0001")
    assert office.store.is_file()
    assert office.run("db", "upgrade").out.startswith("up to date at ")
