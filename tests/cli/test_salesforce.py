"""Salesforce going wrong, at the command line: one clear message, the right exit code, and nothing lost."""

from __future__ import annotations

import pytest

from syncd.testing.sandbox.salesforce import RateLimit
from syncd.testing.sandbox.salesforce.stages import FACTORY
from syncd.testing.sandbox.wire import Request

from .branch import Branch

PASSES = ("plan", "backfill", "delta")


@pytest.fixture
def ready(branch: Branch) -> Branch:
    branch.set_up("lapland")
    return branch


@pytest.fixture
def loaded(ready: Branch) -> Branch:
    ready.fine("backfill")
    return ready


def whole(branch: Branch) -> bool:
    """Has each project just one opportunity, and do both know it?"""
    projects = [project["id"] for project in branch.propstreet.live_projects()]
    stamps = sorted(shown["Propstreet_Id__c"] for shown in branch.opportunities().values())
    return stamps == sorted(projects) and all(
        branch.refs_of(id) == {"salesforce": branch.opportunity_of(id)} for id in projects
    )


def api_calls(branch: Branch) -> list[str]:
    return [path for _, path in branch.far.requests if path.startswith("/services/data")]


def logins(branch: Branch) -> int:
    return sum(path.endswith("/oauth2/token") for _, path in branch.far.requests)


def test_from_check_to_quiet(branch: Branch) -> None:
    """The first day on Salesforce, command by command."""
    before = branch.run("check")
    assert before.code == 2
    assert before.out.count("Propstreet_Price_Min__c") == 1
    assert "→ syncd setup --apply" in before.out
    branch.set_up("lapland")
    assert branch.fine("check").out.count("ok") >= 2
    assert "5 records, 5 writes" in branch.fine("plan").out
    assert branch.written() == 0
    branch.fine("backfill")
    assert whole(branch)
    branch.fine("delta")
    quiet = branch.written()
    branch.fine("delta")
    assert branch.written() == quiet


@pytest.mark.parametrize("name", ["SALESFORCE_CLIENT_ID", "SALESFORCE_CLIENT_SECRET"])
@pytest.mark.parametrize("command", PASSES)
def test_bad_credentials(ready: Branch, command: str, name: str) -> None:
    said = ready.run(command, **{name: "never-issued-0c4d"})

    message, remedy = said.refusal()
    assert said.code == 1
    assert "salesforce does not let us log in" in message
    assert "External Client App" in remedy
    assert "never-issued" not in said.out + said.err
    assert ready.written() == 0


def test_check_tells_of_bad_credentials_and_of_the_other_side(ready: Branch) -> None:
    said = ready.run("check", SALESFORCE_CLIENT_SECRET="never-issued-0c4d")

    assert said.code == 2
    assert "salesforce does not let us log in" in said.out
    assert "External Client App" in said.out
    assert "propstreet: 127" in said.out


@pytest.mark.parametrize("name", ["SALESFORCE_CLIENT_ID", "SALESFORCE_CLIENT_SECRET"])
def test_a_secret_that_is_not_set(ready: Branch, name: str) -> None:
    ready.far.requests.clear()
    said = ready.run("delta", **{name: None})

    assert said.code == 2
    assert f"the environment variable {name} is not set" in said.refusal()[0]
    assert not ready.far.requests
    assert ready.run("status", **{name: None}).code == 0


@pytest.mark.parametrize("nth", [2, 3, 4])
def test_a_session_that_expires_in_mid_pass(ready: Branch, nth: int) -> None:
    """salesforce.md 2.4 and trap 1: healed by one more login, whichever call it hits; nobody notices."""
    ready.far.requests.clear()
    expired: list[str] = []

    def expire(request: Request) -> None:
        if len(api_calls(ready)) == nth and not expired:
            expired.append(request.path)
            ready.salesforce.expire_sessions()

    ready.far.on_request = expire
    said = ready.run("backfill")

    assert expired
    assert said.code == 0
    assert said.err == ""
    assert logins(ready) == 2
    assert whole(ready)


@pytest.mark.parametrize("nth", [1, 2, 4])
def test_a_session_that_can_never_be_cured(ready: Branch, nth: int) -> None:
    """Trap 39: one more login, then the pass stops and says so; the next one goes on where it was."""
    ready.far.requests.clear()

    def break_down(request: Request) -> None:
        if len(api_calls(ready)) == nth:
            ready.salesforce.switch(session_incurable=True)

    ready.far.on_request = break_down
    said = ready.run("backfill")
    ready.far.on_request = None

    message, remedy = said.refusal()
    assert said.code == 1
    assert "salesforce does not accept our session" in message
    assert "session policies" in remedy
    assert logins(ready) <= 3
    assert ready.run("check").code == 2

    ready.salesforce.switch(session_incurable=False)
    ready.fine("backfill")
    assert whole(ready)


@pytest.mark.parametrize("nth", [1, 2, 4])
def test_the_daily_limit_is_reached(ready: Branch, nth: int) -> None:
    """Traps 27 and 28: the pass stops without hammering and without calling it a lack of permission."""
    ready.far.requests.clear()

    def spend(request: Request) -> None:
        if len(api_calls(ready)) == nth:
            ready.far.on_request = None
            ready.salesforce.switch(rate_limit=RateLimit(daily_max=1000, used_by_others=1000))

    ready.far.on_request = spend
    said = ready.run("backfill")

    message, remedy = said.refusal()
    assert said.code == 1
    assert "daily calls" in message
    assert remedy.startswith("wait")
    assert len(api_calls(ready)) <= nth + 2

    ready.salesforce.switch(rate_limit=RateLimit())
    ready.fine("backfill")
    assert whole(ready)


def test_our_share_of_the_day_is_used_up(loaded: Branch) -> None:
    """Trap 27: the customer's other systems keep theirs; check warns before that."""
    loaded.salesforce.switch(rate_limit=RateLimit(daily_max=1000, used_by_others=700))
    warned = loaded.run("check")
    assert warned.code == 0
    assert "daily calls are used" in warned.out

    loaded.salesforce.switch(rate_limit=RateLimit(daily_max=1000, used_by_others=900))
    project = loaded.propstreet.live_projects()[0]["id"]
    loaded.propstreet.edit_project(project, name="Waits for tomorrow")
    said = loaded.run("delta")
    assert said.code == 1
    assert "daily calls" in said.refusal()[0]

    checked = loaded.run("check")
    assert checked.code == 2
    assert "propstreet: 127" in checked.out
    assert "share of the org's daily calls is used up" in checked.out

    loaded.salesforce.switch(rate_limit=RateLimit())
    loaded.fine("delta")
    assert loaded.shown_of(project)["Name"] == "Waits for tomorrow"


def test_a_field_that_is_hidden(loaded: Branch) -> None:
    """Trap 17: told by check, with the remedy; never taken for empty; its neighbours go on, and its edits are kept."""
    project, other = (one["id"] for one in loaded.propstreet.live_projects()[:2])
    loaded.propstreet.edit_project(project, exclusivity="exclusive")
    loaded.propstreet.edit_project(other, exclusivity="other")
    loaded.fine("delta")
    hide(loaded)

    checked = loaded.run("check")
    assert checked.code == 2
    assert checked.out.count("✗") == 1
    assert "Propstreet_Exclusivity__c is hidden from us" in checked.out
    assert "read and edit access to Opportunity.Propstreet_Exclusivity__c (field-level security)" in checked.out
    assert "syncd setup --apply" not in checked.out
    applied = loaded.run("setup", "--apply")
    assert applied.code == 3
    assert "permission set" in applied.out
    assert "syncd setup --apply" not in applied.out

    loaded.salesforce.person.edit_record(loaded.opportunity_of(other), Name="Edited while hidden")
    loaded.propstreet.edit_project(project, exclusivity="other")
    assert loaded.run("delta").code == 3
    assert loaded.propstreet.project(other)["name"] == "Edited while hidden"
    assert loaded.propstreet.project(other)["exclusivity"] == "other"
    assert "missing there, or hidden from us" in loaded.run("explain", project).out
    assert "syncd check" in loaded.run("held", "list").out

    loaded.salesforce.switch(hidden_fields=frozenset())
    assert loaded.shown_of(project)["Propstreet_Exclusivity__c"] == "exclusive"
    assert loaded.run("check").code == 0
    loaded.fine("backfill")
    assert loaded.shown_of(project)["Propstreet_Exclusivity__c"] == "other"
    assert loaded.shown_of(other)["Propstreet_Exclusivity__c"] == "other"


def test_a_create_that_meets_a_hidden_field(ready: Branch) -> None:
    """Held with the field and the remedy rather than made without it; granted, it goes through."""
    hide(ready)

    assert ready.run("backfill").code == 3
    held = ready.run("held", "list").out
    assert "Propstreet_Exclusivity__c is hidden from us" in held
    assert "field-level security" in held
    assert "syncd held retry" in held

    ready.salesforce.switch(hidden_fields=frozenset())
    ready.fine("held", "retry", "--all")
    ready.fine("delta")
    assert whole(ready)


def test_a_field_that_is_missing(branch: Branch) -> None:
    """Told from a hidden one everywhere: setup makes it, and then what was held goes through."""
    branch.set_up("lapland")
    gone = branch.salesforce.org.table("Opportunity").fields.pop("Propstreet_Exclusivity__c")
    branch.salesforce.org.redefine()

    checked = branch.run("check")
    assert checked.code == 2
    assert "1 field missing in the CRM: Propstreet_Exclusivity__c" in checked.out
    assert "→ syncd setup --apply" in checked.out
    assert "hidden" not in checked.out
    assert branch.run("backfill").code == 3
    held = branch.run("held", "list").out
    assert f"{gone.name} is missing" in held
    assert "run `syncd setup --apply`; then syncd held retry" in held
    assert "hidden" not in held

    assert "created 1 field in the CRM: Propstreet_Exclusivity__c" in branch.fine("setup", "--apply").out
    branch.fine("held", "retry", "--all")
    branch.fine("delta")
    assert whole(branch)


def test_a_field_of_ours_that_nobody_granted(ready: Branch) -> None:
    """As a setup leaves it that was killed in between: the next one has it shown, and says so."""
    ready.salesforce.org.table("FieldPermissions").rows.clear()
    ready.salesforce.org.redefine()

    assert "Propstreet_Id__c is hidden from us" in ready.run("check").out
    listed = ready.run("setup")
    assert listed.code == 3
    assert "hidden" in listed.out
    assert "field-level security" in listed.out
    assert "shown in the CRM: Propstreet_Id__c" in ready.fine("setup", "--apply").out
    assert ready.run("check").code == 0


def test_a_user_who_may_not_ask_about_fields(loaded: Branch) -> None:
    """Trap 17: without the Tooling API nobody can tell, so both are named, with what to do about either."""
    hide(loaded)
    loaded.salesforce.switch(may_view_setup=False)

    checked = loaded.run("check")
    assert checked.code == 2
    assert "Propstreet_Exclusivity__c" in checked.out
    assert "syncd setup --apply" in checked.out
    applied = loaded.run("setup", "--apply")
    assert applied.code == 3
    assert "permission set" in applied.out
    project = loaded.propstreet.live_projects()[0]["id"]
    loaded.propstreet.edit_project(project, name="Its neighbours go on")
    loaded.run("delta")
    assert loaded.shown_of(project)["Name"] == "Its neighbours go on"


def hide(branch: Branch) -> None:
    branch.salesforce.switch(hidden_fields=frozenset({"Opportunity.Propstreet_Exclusivity__c"}))


def test_an_org_of_one_currency_from_check_to_quiet(branch: Branch) -> None:
    """Trap 37: told what to write by check, setup and the held list; with it, only what is priced otherwise waits."""
    branch.salesforce.switch(multi_currency=False, currency="SEK")
    abroad = priced_in(branch, "EUR")
    applied = branch.run("setup", "--apply")
    assert applied.code == 3
    assert 'write currency = "SEK"' in applied.out
    checked = branch.run("check")
    assert checked.code == 2
    assert checked.out.count("CurrencyIsoCode") == 1
    assert 'write currency = "SEK" under [connections.crm]' in checked.out
    assert "Company Information" in checked.out

    assert branch.run("backfill").code == 3
    assert not any(shown["Amount"] for shown in branch.opportunities().values())
    assert 'write currency = "SEK"' in branch.run("held", "list").out

    branch.change("calls_per_s = 1000", 'calls_per_s = 1000\ncurrency = "SEK"')
    branch.fine("check")
    branch.fine("setup")
    branch.run("held", "retry", "--all")
    assert branch.run("delta").code == 3
    assert len(branch.opportunities()) == 4
    assert abroad not in {shown["Propstreet_Id__c"] for shown in branch.opportunities().values()}
    held = branch.run("held", "list").out
    assert "Amount is not in SEK" in held
    assert "price it in SEK in propstreet" in held

    assert priced_in(branch, "SEK") == abroad
    branch.fine("held", "retry", "--all")
    branch.fine("delta")
    assert whole(branch)
    branch.fine("delta")
    quiet = branch.written()
    branch.fine("delta")
    assert branch.written() == quiet


def test_a_currency_that_is_named_where_there_are_several(ready: Branch) -> None:
    """Trap 37: every opportunity says its own; check says that the line is for nothing, and does not fail for it."""
    ready.change("calls_per_s = 1000", 'calls_per_s = 1000\ncurrency = "USD"')

    assert "take `currency` out of [connections.crm]" in ready.fine("check").out
    ready.fine("backfill")
    for project in ready.propstreet.live_projects():
        amount = project.get("price") or project.get("priceRange")
        assert amount is None or ready.shown_of(project["id"])["CurrencyIsoCode"] in (amount["currency"], "EUR")


def priced_in(branch: Branch, currency: str) -> str:
    """The first project that has just a price is given it in this currency; its id."""
    project = next(one for one in branch.propstreet.live_projects() if one.get("price") and not one.get("priceRange"))
    branch.propstreet.edit_project(project["id"], price={**project["price"], "currency": currency})
    return str(project["id"])


@pytest.mark.parametrize("restricted", [True, False])
def test_a_stage_that_is_not_in_the_picklist(loaded: Branch, restricted: bool) -> None:
    """Trap 23: also where Salesforce would take any text, no stage is invented; the neighbours are written."""
    open_ones = [one["id"] for one in loaded.propstreet.live_projects() if one["status"] == "open"]
    project, other = open_ones[:2]
    names = {stage.name: stage.probability for stage in FACTORY if stage.name != "Closed Won"}
    loaded.salesforce.person.set_stages(names, lost=["Closed Lost"])
    loaded.salesforce.switch(stage_restricted=restricted)

    checked = loaded.run("check")
    assert checked.code == 2
    assert "it lacks the values Closed Won" in checked.out

    loaded.propstreet.edit_project(project, status="closed")
    loaded.propstreet.edit_project(other, name="A neighbour")
    said = loaded.run("delta")
    assert said.code == 3
    assert loaded.shown_of(project)["StageName"] != "Closed Won"
    assert loaded.shown_of(other)["Name"] == "A neighbour"
    held = loaded.run("held", "list").out
    assert "StageName" in held
    assert "has no such choice" in held
    assert "syncd held retry" in held

    loaded.salesforce.person.set_stages({**names, "Closed Won": 100}, won=["Closed Won"], lost=["Closed Lost"])
    loaded.fine("held", "retry", "--all")
    loaded.fine("delta")
    assert loaded.shown_of(project)["StageName"] == "Closed Won"


def test_password_login_is_refused_with_the_reason(branch: Branch) -> None:
    """Trap 6."""
    branch.change('client_secret_env = "SALESFORCE_CLIENT_SECRET"', 'password_env = "SALESFORCE_CLIENT_SECRET"')

    said = branch.run("check")
    message, remedy = said.refusal()
    assert said.code == 2
    assert "password login" in message
    assert "External Client App" in remedy
