"""On which terms prospects and people enter the CRM, and which tables can't work."""

from __future__ import annotations

import tomllib
from typing import Any

import pytest

from syncd.core.model import Kind
from syncd.errors import ConfigError
from syncd.mapping import Mapper, load_tables
from syncd.mapping.catalogue import CATALOGUES
from syncd.mapping.terms import Form, Matched, Terms, Unresolved

from .tables import contact, mapper, prospect, shipped

PROJECT = '[project]\nobject = "deals"\nfields = { name = { crm = "dealname" } }'
CONTACT = '[contact]\nobject = "contacts"\nfields = { email = { crm = "email" } }'
COMPANY = '[company]\nobject = "companies"\nfields = { name = { crm = "name" } }'
FIELDS = 'fields = { classification = { crm = "label" } }'
RECORD = 'form = "record"\nobject = "2-1"'
LINKS = 'links = { project = "deals", contact = "contacts" }'


def prospects(head: str = 'object = "association"', *, fields: str = FIELDS) -> str:
    return f"[prospect]\n{head}\n{fields}"


def load(*tables: str) -> dict[Kind, Mapper]:
    return load_tables(tomllib.loads("\n".join(tables)), "test.toml")


def terms(head: str = 'object = "association"', **keys: Any) -> Mapper:
    return load(PROJECT, CONTACT, prospects(head, **keys))[Kind.PROSPECT]


def refusal(*tables: str) -> tuple[str, str]:
    with pytest.raises(ConfigError) as caught:
        load(*tables)
    return str(caught.value), caught.value.remedy or ""


def test_people_and_parents_come_before_prospects() -> None:
    """The order of the mappers is the order of work, whatever the order of the document."""
    loaded = load(prospects(), PROJECT, CONTACT, COMPANY)

    assert list(loaded) == list(CATALOGUES) == [Kind.COMPANY, Kind.CONTACT, Kind.PROJECT, Kind.PROSPECT]
    assert [one.kind for one in loaded.values()] == list(loaded)


def test_what_is_left_out() -> None:
    """Defaults: an association, nobody before they accepted, no nameless ones, and only the people that are needed."""
    loaded = load(PROJECT, CONTACT, COMPANY, prospects())
    one = loaded[Kind.PROSPECT]

    assert one.terms == Terms()
    assert (one.form, one.matched, one.unresolved) == (Form.ASSOCIATION, Matched.ACCEPTED, Unresolved.HOLD)
    assert one.links == {}
    assert {kind: each.everyone for kind, each in loaded.items()} == {
        Kind.COMPANY: False,
        Kind.CONTACT: False,
        Kind.PROJECT: True,
        Kind.PROSPECT: True,
    }


def test_what_is_written_is_taken() -> None:
    head = f'{RECORD}\n{LINKS}\nmatched = "never"\nunresolved = "create"'
    loaded = load(PROJECT, f'{CONTACT}\nneeded = "all"', prospects(head))
    one = loaded[Kind.PROSPECT]

    assert (one.form, one.matched, one.unresolved) == (Form.RECORD, Matched.NEVER, Unresolved.CREATE)
    assert one.links == {Kind.PROJECT: "deals", Kind.CONTACT: "contacts"}
    assert loaded[Kind.CONTACT].everyone


def test_a_table_of_projects_only_is_as_it_was() -> None:
    """Who does not sync investors sees nothing of them."""
    assert list(load_tables(tomllib.loads(PROJECT), "test.toml")) == [Kind.PROJECT]
    assert shipped().everyone
    assert shipped().enters({"teaser": {}}) is None


ADDED = prospect(teaser=None)
COMMUNICATED = prospect(teaser={"deadlineUtc": "2026-02-15T23:59:59Z"})
ACCEPTED = prospect()
NOT_YET = "it was matched by Propstreet, and has not accepted the teaser yet"
KEPT_OUT = "it was matched by Propstreet, and the mapping keeps such investors out of the CRM"


@pytest.mark.parametrize(
    ("matched", "raw", "why"),
    [
        ("accepted", ADDED, None),
        ("accepted", ACCEPTED, None),
        ("accepted", COMMUNICATED, NOT_YET),
        ("accepted", prospect(teaser={}), NOT_YET),
        ("communicated", ADDED, None),
        ("communicated", COMMUNICATED, None),
        ("communicated", prospect(teaser="?"), None),
        ("never", ADDED, None),
        ("never", COMMUNICATED, KEPT_OUT),
        ("never", ACCEPTED, KEPT_OUT),
        ("accepted", prospect(teaser="?"), "it has a teaser that is not an object, so nobody can tell whether it was"),
        ("never", prospect(teaser="?"), "it has a teaser that is not an object"),
        ("accepted", prospect(teaser={"acceptedUtc": "soon"}), "it is not an instant, so nobody can tell"),
    ],
)
def test_who_enters_the_crm(matched: str, raw: dict[str, Any], why: str | None) -> None:
    """propstreet trap 53: who has not accepted may not be disclosed, and communicating does not flood the CRM."""
    said = terms(f'object = "association"\nmatched = "{matched}"').enters(raw)

    assert said is None if why is None else said is not None and said.startswith(why)


def test_people_and_projects_always_may() -> None:
    """Whom a prospect needs is another question, and not one of their own record."""
    loaded = load(PROJECT, CONTACT, COMPANY, prospects())

    assert [loaded[kind].enters(contact()) for kind in (Kind.CONTACT, Kind.COMPANY, Kind.PROJECT)] == [None] * 3


@pytest.mark.parametrize(
    ("tables", "path", "what", "remedy"),
    [
        (
            [PROJECT, CONTACT, prospects('object = "a"\nform = "recrd"')],
            "form",
            "not one of its",
            "did you mean record",
        ),
        ([PROJECT, CONTACT, prospects('object = "a"\nmatchd = "x"')], "matchd", "not a key", "did you mean matched?"),
        ([PROJECT, CONTACT, prospects('object = "a"\nmatched = 5')], "matched", "not a text", "in quotes"),
        (
            [PROJECT, CONTACT, prospects('object = "a"\nneeded = "all"')],
            "needed",
            "[company] and [contact] only",
            "out",
        ),
        ([PROJECT, CONTACT, prospects(f'object = "a"\n{LINKS}')], "links", "for records only", 'form = "record"'),
        (
            [PROJECT, CONTACT, prospects('object = "a"\nunresolved = "create"')],
            "unresolved",
            "an association needs a person",
            'unresolved = "hold"',
        ),
        (
            [PROJECT, CONTACT, prospects(f'{RECORD}\nlinks = {{ contact = "contacts" }}')],
            "links.project",
            "is missing",
            "leads from the record to its deal",
        ),
        (
            [PROJECT, CONTACT, prospects(f'{RECORD}\nlinks = {{ project = "deals" }}')],
            "links",
            "lead to no person",
            'contact = "…"',
        ),
        (
            [PROJECT, CONTACT, prospects(f'{RECORD}\nlinks = {{ project = "d", contact = "c", deal = "e" }}')],
            "links.deal",
            "not a key",
            "use one of company, contact, project",
        ),
        (
            [PROJECT, CONTACT, prospects(f'{RECORD}\nlinks = {{ project = "d", contact = "d" }}')],
            "links.contact",
            "is what project is mapped to",
            "of its own",
        ),
        (
            [PROJECT, CONTACT, prospects(f'{RECORD}\nlinks = {{ project = "d", contact = "label" }}')],
            "links.contact",
            "is what classification is mapped to",
            "of its own",
        ),
        (
            [PROJECT, CONTACT, prospects(f'{RECORD}\nlinks = {{ project = "d", company = "c" }}')],
            "links.company",
            "leads to a company",
            "write a [company] table",
        ),
        (
            [PROJECT, CONTACT, prospects(f'form = "record"\nobject = "deals"\n{LINKS}')],
            "where",
            "which are deals too",
            "two pipelines",
        ),
        ([CONTACT, prospects()], "object", "without its projects", "write a [project] table"),
        ([PROJECT, prospects()], "object", "without its people", "write a [contact] table"),
    ],
)
def test_a_table_of_prospects_that_cannot_work(tables: list[str], path: str, what: str, remedy: str) -> None:
    """One problem: the message names file and key path, the remedy what to type."""
    message, cure = refusal(*tables)

    assert message.startswith(f"test.toml: prospect.{path}: ")
    assert what in message
    assert remedy in cure


def test_two_kinds_of_one_object_are_told_apart() -> None:
    """Deals in one pipeline are projects, and in another one prospects."""
    project = PROJECT.replace("fields", 'where = { crm = { pipeline = "default" } }\nfields')
    head = f'form = "record"\nobject = "deals"\n{LINKS}\nwhere = {{ crm = {{ pipeline = ["a", "b"] }} }}'

    loaded = load(project, CONTACT, prospects(head))

    assert loaded[Kind.PROSPECT].in_scope({"pipeline": "b"})
    with pytest.raises(ConfigError, match="which are deals too"):
        load(project, CONTACT, prospects(head.replace('"b"', '"default"')))


@pytest.mark.parametrize(
    ("key", "owners"),
    [
        ('form = "record"', "[prospect]"),
        ('matched = "never"', "[prospect]"),
        ('unresolved = "hold"', "[prospect]"),
        ('links = { project = "deals" }', "[prospect]"),
        ('needed = "all"', "[company] and [contact]"),
    ],
)
def test_a_key_that_belongs_to_another_kind(key: str, owners: str) -> None:
    """The name is right and the place is wrong: so it is said, and once."""
    with pytest.raises(ConfigError) as caught:
        mapper('name = { crm = "dealname" }', f'object = "deals"\n{key}')

    assert str(caught.value) == f"test.toml: project.{key.split()[0]}: is for {owners} only"
    assert caught.value.remedy == "take the key out"


@pytest.mark.parametrize("table", [CONTACT, COMPANY])
def test_people_whom_nobody_needs(table: str) -> None:
    """Without prospects nobody would be synced; the whole network is only synced when somebody says so."""
    message, remedy = refusal(PROJECT, table)

    assert "needed: is prospects, and there is no [prospect] table" in message
    assert 'write needed = "all"' in remedy
    assert len(load(PROJECT, f'{table}\nneeded = "all"')) == 2


def test_new_contacts_need_a_name_or_an_address() -> None:
    """propstreet.md section 17.1: a table that makes contacts must map one of what Propstreet asks for."""
    head = '[contact]\nobject = "contacts"\nneeded = "all"\ncreate = "both"\n'
    message, remedy = refusal(head + 'fields = { linkedin = { crm = "l" }, email = { crm = "e", flow = "to_crm" } }')

    assert "contact.create: reaches Propstreet, which requires one of first_name, last_name, email, phone" in message
    assert 'create = "to_crm"' in remedy
    assert load(head + 'fields = { phone = { crm = "p" } }')


def test_new_companies_need_a_name() -> None:
    head = '[company]\nobject = "companies"\nneeded = "all"\ncreate = "both"\n'

    assert (
        "company.create: reaches Propstreet, which requires name"
        in refusal(head + 'fields = { domain = { crm = "d" } }')[0]
    )


@pytest.mark.parametrize("field", ["company", "job_title", "tags", "created", "link"])
def test_what_propstreet_lets_nobody_write_flows_one_way(field: str) -> None:
    """propstreet trap 31, for people: refused before anything is sent."""
    table = f'[contact]\nobject = "c"\nneeded = "all"\nfields = {{ {field} = {{ crm = "p", flow = "both" }} }}'

    assert f"contact.fields.{field}.flow: would write a field that Propstreet lets nobody write" in refusal(table)[0]


def test_an_order_of_ones_own_beats_the_contracts() -> None:
    order = '["not_contacted", "not_interested", "contacted", "interested", "bidder"]'
    fields = f'fields = {{ classification = {{ crm = "label", on_conflict = "furthest", order = {order} }} }}'

    assert terms(fields=fields).policy.fields["classification"].order[1] == "not_interested"


def test_without_a_race_there_is_no_order() -> None:
    assert terms().policy.fields["classification"].order == ()


def test_a_mark_for_investors_who_left() -> None:
    """A deletion in Propstreet may mark the CRM's side with a classification, as a project's does with its status."""
    one = terms(
        'object = "association"\non_delete = { propstreet = "mark" }\nmark = { classification = "not_interested" }'
    )

    assert one.policy.mark == {"classification": "not_interested"}
