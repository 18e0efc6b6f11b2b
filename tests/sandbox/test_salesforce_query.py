"""SOQL and its pages (salesforce.md, sections 3.2, 8.3, 8.4; traps 13 to 15, 17, 18)."""

from __future__ import annotations

import pytest

from syncd.testing.sandbox.salesforce.soql.conditions import Binder
from syncd.testing.sandbox.salesforce.soql.grammar import parse
from syncd.testing.sandbox.salesforce.soql.places import Ids, Span

from .salesforce_client import KEY, Client


@pytest.fixture(scope="module")
def client() -> Client:
    """Four opportunities, a minute apart; nothing here changes them."""
    client = Client()
    account = client.person.add_record("Account", Name="Acme")
    for number, (name, amount, close) in enumerate(
        [("alpha", 10, "2026-01-01"), ("Beta", None, "2026-06-30"), ("gamma_1", 30.5, "2026-09-21"), ("it's", 40, None)]
    ):
        client.person.add_record(
            Name=name,
            Amount=amount,
            CloseDate=close or "2027-01-01",
            AccountId=account if number % 2 == 0 else None,
            StageName="Closed Won" if number == 3 else "Prospecting",
            NextStep="call" if number == 1 else None,
            **{KEY: f"Ps-{number}"},
        )
        client.clock.advance(60)
    return client


@pytest.mark.parametrize(
    ("where", "found"),
    [
        ("WHERE Name = 'ALPHA'", ["alpha"]),
        ("WHERE name != 'alpha'", ["Beta", "gamma_1", "it's"]),
        ("where Amount > 10 And Amount <= 40", ["gamma_1", "it's"]),
        ("WHERE Amount = null", ["Beta"]),
        ("WHERE Amount != NULL AND Amount < 30.5", ["alpha"]),
        ("WHERE NextStep != 'call'", ["alpha", "gamma_1", "it's"]),
        ("WHERE Name IN ('alpha','beta')", ["alpha", "Beta"]),
        ("WHERE Name NOT IN ('alpha','beta')", ["gamma_1", "it's"]),
        ("WHERE Name LIKE '%A%'", ["alpha", "Beta", "gamma_1"]),
        (r"WHERE Name LIKE 'gamma\_1'", ["gamma_1"]),
        ("WHERE Name LIKE 'b_ta'", ["Beta"]),
        ("WHERE NOT Name LIKE '%a%'", ["it's"]),
        (r"WHERE Name = 'it\'s'", ["it's"]),
        ("WHERE (Amount = 10 OR Amount = 40) AND IsClosed = false", ["alpha"]),
        ("WHERE Amount = 10 OR (Amount = 40 AND NOT (IsWon = false))", ["alpha", "it's"]),
        ("WHERE CloseDate = 2026-06-30", ["Beta"]),
        ("WHERE CloseDate < 2026-06-30", ["alpha"]),
        ("WHERE CloseDate = TODAY", ["gamma_1"]),
        ("WHERE CloseDate > TODAY", ["it's"]),
        ("WHERE CloseDate = LAST_N_DAYS:90", ["Beta", "gamma_1"]),
        ("WHERE CreatedDate >= YESTERDAY AND CreatedDate <= TOMORROW", ["alpha", "Beta", "gamma_1", "it's"]),
        ("WHERE SystemModstamp >= 2026-09-21T14:14:20Z AND SystemModstamp < 2026-09-21T14:15:20Z", ["Beta"]),
        ("WHERE SystemModstamp >= 2026-09-21T16:14:20%2B02:00", ["Beta", "gamma_1", "it's"]),
        ("WHERE Account.Name = 'acme'", ["alpha", "gamma_1"]),
        ("WHERE Account.Owner.IsActive = TRUE", ["alpha", "gamma_1"]),
        (f"WHERE {KEY} = 'Ps-1'", ["Beta"]),
        (f"WHERE {KEY} = 'ps-1'", []),
        (f"WHERE {KEY} IN ('Ps-0','Ps-3','Ps-9')", ["alpha", "it's"]),
        ("WHERE Id = '006000000000000'", []),
        ("ORDER BY Amount", ["Beta", "alpha", "gamma_1", "it's"]),
        ("ORDER BY Amount DESC", ["it's", "gamma_1", "alpha", "Beta"]),
        ("ORDER BY Amount DESC NULLS FIRST, Name", ["Beta", "it's", "gamma_1", "alpha"]),
        ("ORDER BY IsClosed DESC, Name ASC NULLS LAST", ["it's", "alpha", "Beta", "gamma_1"]),
        ("ORDER BY SystemModstamp, Id LIMIT 2", ["alpha", "Beta"]),
        ("ORDER BY Name LIMIT 2 OFFSET 1", ["Beta", "gamma_1"]),
        ("LIMIT 0", []),
    ],
)
def test_what_a_query_finds(client: Client, where: str, found: list[str]) -> None:
    """salesforce.md, section 3.2: case-insensitive words, names and texts, except on case-sensitive fields."""
    assert client.names(where.replace("%2B", "+")) == found


@pytest.mark.parametrize(
    ("soql", "code"),
    [
        ("SELECT Id FROM", "MALFORMED_QUERY"),
        ("SELECT * FROM Opportunity", "MALFORMED_QUERY"),
        ('SELECT Id FROM Opportunity WHERE Name = "x"', "MALFORMED_QUERY"),
        ("SELECT Id FROM Opportunity WHERE Name IN ()", "MALFORMED_QUERY"),
        ("SELECT Id FROM Opportunity WHERE Amount = 1 AND Amount = 2 OR Amount = 3", "MALFORMED_QUERY"),
        ("SELECT Id FROM Opportunity GROUP BY Id", "MALFORMED_QUERY"),
        (
            "SELECT Id FROM Opportunity WHERE Id IN (SELECT OpportunityId FROM OpportunityContactRole)",
            "MALFORMED_QUERY",
        ),
        ("SELECT Id, (SELECT COUNT() FROM Contacts) FROM Account", "MALFORMED_QUERY"),
        (
            "SELECT Id, (SELECT Id, (SELECT Id FROM OpportunityContactRoles) FROM Contacts) FROM Account",
            "MALFORMED_QUERY",
        ),
        ("SELECT COUNT(Id), (SELECT Id FROM Contacts) FROM Account", "MALFORMED_QUERY"),
        ("SELECT Id, (SELECT Id FROM Contact) FROM Account", "INVALID_TYPE"),
        ("SELECT Id, (SELECT Nothing FROM Contacts) FROM Account", "INVALID_FIELD"),
        ("SELECT Id FROM Contact WHERE MailingAddress = 'x'", "INVALID_FIELD"),
        ("SELECT Id FROM Contact ORDER BY MailingAddress", "MALFORMED_QUERY"),
        ("SELECT Id FROM Opportunity WHERE CloseDate = NEXT_FISCAL_YEAR", "MALFORMED_QUERY"),
        ("SELECT Id FROM Opportunity LIMIT x", "MALFORMED_QUERY"),
        ("SELECT Id FROM Opportunity ORDER BY Description", "MALFORMED_QUERY"),
        ("SELECT FIELDS(ALL) FROM Opportunity", "MALFORMED_QUERY"),
        ("SELECT Name, COUNT(Id) FROM Opportunity", "MALFORMED_QUERY"),
        ("SELECT Id FROM Opportunity; DELETE", "MALFORMED_QUERY"),
        ("SELECT Id FROM Nothing", "INVALID_TYPE"),
        ("SELECT Nothing FROM Opportunity", "INVALID_FIELD"),
        ("SELECT Nothing__r.Name FROM Opportunity", "INVALID_FIELD"),
        ("SELECT Id FROM Opportunity WHERE Nothing = 1", "INVALID_FIELD"),
        ("SELECT Id FROM Opportunity ORDER BY Nothing", "INVALID_FIELD"),
        ("SELECT Id FROM Opportunity WHERE CloseDate = 2026-01-01T00:00:00Z", "INVALID_FIELD"),
        ("SELECT Id FROM Opportunity WHERE SystemModstamp > 2026-01-01", "INVALID_FIELD"),
        ("SELECT Id FROM Opportunity WHERE SystemModstamp > '2026-01-01T00:00:00Z'", "INVALID_FIELD"),
        ("SELECT Id FROM Opportunity WHERE Amount = '5'", "INVALID_FIELD"),
        ("SELECT Id FROM Opportunity WHERE Name = 5", "INVALID_FIELD"),
        ("SELECT Id FROM Opportunity WHERE Description LIKE 'x%'", "INVALID_FIELD"),
        ("SELECT Id FROM Opportunity WHERE Amount LIKE 'x%'", "INVALID_FIELD"),
        ("SELECT Id FROM Opportunity WHERE IsClosed > TRUE", "INVALID_FIELD"),
        ("SELECT Id FROM Opportunity OFFSET 2001", "NUMBER_OUTSIDE_VALID_RANGE"),
        ("SELECT Id FROM Opportunity WHERE Name = '" + "x" * 4001 + "'", "MALFORMED_QUERY"),
    ],
)
def test_what_a_query_may_not_say(client: Client, soql: str, code: str) -> None:
    """salesforce.md, sections 3.2 and 11.3: anything unsupported is an error, never ignored."""
    assert client.malformed(soql)[0] == code


def test_the_error_names_the_column_and_its_place(client: Client) -> None:
    """salesforce.md, section 6.2: the same text for missing and hidden."""
    error = client.ask("GET", "/query/?q=SELECT+Id,+Foo+FROM+Opportunity", status=400)[0]

    assert "ERROR at Row:1:Column:12\nNo such column 'Foo' on entity 'Opportunity'." in error["message"]


def test_rows_carry_attributes_and_parents(client: Client) -> None:
    """salesforce.md, section 3.2: an absent parent is null."""
    rows = client.query("SELECT id, account.name, Account.Owner.Name FROM Opportunity ORDER BY Id LIMIT 2")["records"]

    assert list(rows[0]) == ["attributes", "Id", "Account"]
    assert rows[0]["attributes"]["url"] == f"/services/data/v67.0/sobjects/Opportunity/{rows[0]['Id']}"
    assert rows[0]["Account"]["Name"] == "Acme"
    assert rows[0]["Account"]["Owner"]["Name"] == "Britta Berg"
    assert rows[1]["Account"] is None


def test_counts_and_aggregates(client: Client) -> None:
    """salesforce.md, section 3.2."""
    count = client.query("SELECT COUNT() FROM Opportunity WHERE Amount != null")
    row = client.query("SELECT COUNT(Id), MAX(Amount) top, SUM(Amount), MIN(Name) FROM Opportunity")["records"][0]

    assert (count["totalSize"], count["records"]) == (3, [])
    assert row == {
        "attributes": {"type": "AggregateResult"}, "expr0": 4, "top": 40.0, "expr2": 80.5, "expr3": "Beta"
    }  # fmt: skip


def test_all_fields_for_the_curious(client: Client) -> None:
    row = client.query("SELECT FIELDS(ALL) FROM Opportunity LIMIT 1")["records"][0]

    assert {KEY, "Amount", "SystemModstamp"} < set(row)


def test_stages_can_be_asked_for(client: Client) -> None:
    """salesforce.md, section 7.1: the API names are the valid values."""
    soql = "SELECT ApiName, IsClosed, IsWon, DefaultProbability FROM OpportunityStage WHERE IsActive = TRUE ORDER BY SortOrder"  # noqa: E501

    stages = client.query(soql)["records"]

    assert [stage["ApiName"] for stage in stages][-2:] == ["Closed Won", "Closed Lost"]
    assert stages[-2]["DefaultProbability"] == 100.0


@pytest.mark.parametrize(
    ("where", "place"),
    [
        ("Id IN ('006000000000000','006000000000001AAA')", Ids),
        (f"{KEY} = 'x' AND Amount > 5", Ids),
        (f"Id = '006000000000000' OR {KEY} = 'x'", Ids),
        ("SystemModstamp >= 2026-01-01T00:00:00Z AND SystemModstamp < 2026-01-02T00:00:00Z AND Amount > 5", Span),
        (
            "(SystemModstamp > 2026-01-01T00:00:00Z) OR (SystemModstamp = 2026-01-01T00:00:00Z "
            "AND Id > '006000000000000AAA')",
            Span,
        ),
        ("Amount > 5", type(None)),
        (f"{KEY} = 'x' OR Amount > 5", type(None)),
        (f"NOT ({KEY} = 'x')", type(None)),
    ],
)
def test_windows_ids_and_keys_are_no_scans(client: Client, where: str, place: type) -> None:
    """salesforce.md, sections 8.3 and 8.4: what an adapter asks all day must not walk every row."""
    soql = f"SELECT Id FROM Opportunity WHERE {where}"
    condition = parse(soql).where
    assert condition is not None

    clause = Binder(client.twin.org, client.twin.org.table("Opportunity"), soql, deleted_too=False).clause(condition)

    assert isinstance(clause.where, place)


def test_a_window_is_looked_up_in_its_seconds_only(client: Client) -> None:
    table = client.twin.org.table("Opportunity")

    assert len(list(table.stamped("2026-09-21T14:14:20.000+0000", "2026-09-21T14:15:20.000+0000"))) == 2


def many(count: int) -> Client:
    client = Client()
    client.person.seed(count)
    return client


def test_pages_come_by_locator_and_are_a_snapshot() -> None:
    """salesforce.md, section 3.2 and trap 15: only `done` tells the end; a page can be asked for again."""
    client = many(450)
    first = client.query("SELECT Id, Name FROM Opportunity ORDER BY Id", batch=200)
    client.person.edit_record(first["records"][0]["Id"], Name="changed")
    client.person.delete_record(first["records"][1]["Id"])

    second = client.ask("GET", first["nextRecordsUrl"], sforce_query_options="batchSize=200")
    again = client.ask("GET", first["nextRecordsUrl"])
    third = client.ask("GET", second["nextRecordsUrl"])

    assert [len(page["records"]) for page in (first, second, third)] == [200, 200, 50]
    assert [page["done"] for page in (first, second, third)] == [False, False, True]
    assert again == second
    assert "nextRecordsUrl" not in third
    assert first["totalSize"] == third["totalSize"] == 450


@pytest.mark.parametrize(("asked", "page"), [(1, 200), (5000, 2000)])
def test_the_page_size_is_clamped(asked: int, page: int) -> None:
    """salesforce.md, section 3.2: 200 to 2,000."""
    assert len(many(2001).query("SELECT Id FROM Opportunity", batch=asked)["records"]) == page


def test_long_texts_make_small_pages() -> None:
    """salesforce.md, section 3.2: two custom ones cap a page at 200; the server may always return fewer."""
    client = many(250)
    for name in ("Long1__c", "Long2__c"):
        client.person.add_field(name, type="textarea", length=32_768)

    assert len(client.query("SELECT Id, Long1__c, Long2__c FROM Opportunity")["records"]) == 200
    client.twin.switch(page_max=7)
    assert len(client.query("SELECT Id FROM Opportunity")["records"]) == 7


def test_a_locator_dies() -> None:
    """salesforce.md, sections 3.2 and 11.12: after two days, or at once."""
    client = many(250)
    url = client.query("SELECT Id FROM Opportunity", batch=200)["nextRecordsUrl"]
    client.clock.advance(2 * 86_400 + 1)
    client.token = client.twin.open_session()
    assert client.refused("GET", url) == "INVALID_QUERY_LOCATOR"

    url = client.query("SELECT Id FROM Opportunity", batch=200)["nextRecordsUrl"]
    client.person.drop_cursors()
    assert client.refused("GET", url) == "INVALID_QUERY_LOCATOR"


def test_deleted_rows_are_for_query_all_only() -> None:
    """salesforce.md, sections 3.2 and 8.5: IsDeleted, by a window, by id and by key."""
    client = Client()
    id = client.create(**{KEY: "ps-1"})
    client.clock.advance(60)
    client.person.delete_record(id)

    for where in (
        "WHERE IsDeleted = TRUE AND SystemModstamp >= 2026-09-21T14:14:20Z",
        f"WHERE Id = '{id}'",
        f"WHERE {KEY} = 'ps-1'",
    ):
        assert client.names(where) == []
        assert client.names(where, verb="queryAll") == ["Storgatan 1"]


def test_a_delete_need_not_move_the_stamp() -> None:
    """salesforce.md, section 14."""
    client = Client(delete_moves_stamp=False)
    id = client.create()
    before = client.person.record(id)["SystemModstamp"]
    client.clock.advance(60)
    client.person.delete_record(id)

    assert client.person.record(id)["SystemModstamp"] == before


def test_a_late_commit_lies_below_the_cursor() -> None:
    """salesforce.md trap 13: it becomes visible now with an older stamp."""
    client = Client()
    client.clock.advance(600)
    client.person.backdate(client.person.add_record(Name="late"), 500)

    assert client.names("WHERE SystemModstamp >= 2026-09-21T14:20:00Z") == []
    assert client.names("WHERE SystemModstamp >= 2026-09-21T14:13:00Z") == ["late"]


def test_records_that_are_not_shared_look_gone() -> None:
    """salesforce.md trap 18: absent everywhere, though nothing was deleted."""
    client = Client()
    id = client.create(**{KEY: "ps-1"})
    client.person.share(id, visible=False)

    assert client.names("", verb="queryAll") == []
    assert client.refused("GET", f"/sobjects/Opportunity/{id}", status=404) == "NOT_FOUND"
    client.person.share(id, visible=True)
    assert client.names("") == ["Storgatan 1"]
