"""syncd setup and syncd check: the links that the mapping has, and the associations that the account allows."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping

import pytest

from syncd.adapters.base import ObjectSpec, SetupItem
from syncd.adapters.hubspot.links import ways_of
from syncd.config.objects import object_spec
from syncd.core.model import RIGHT, Kind
from syncd.errors import ConfigError, Forbidden
from syncd.mapping import load_tables
from syncd.testing.sandbox.hubspot import App

from .peer import TOKEN
from .register import EVERY_LINK, Register
from .room import COMPANY, CONTACT, PROJECT, PROSPECT
from .test_people import SHIPPED


def links(items: list[SetupItem]) -> dict[str, str]:
    return {item.field.name: item.state for item in items if item.field.name.startswith("links.")}


def said(register: Register) -> str:
    return "; ".join(f"{one.what}: {one.remedy}" for one in register.adapter.check().problems)


@pytest.mark.parametrize("deals", [False, True])
def test_what_can_be_associated_is_fine(deals: bool) -> None:
    """HubSpot's own types always can, also deals with deals."""
    register = Register(deals=deals)

    assert register.adapter.check().problems == ()
    assert links(register.adapter.compare(PROSPECT, [])) == {
        "links.project": "ok",
        "links.contact": "ok",
        "links.company": "ok",
    }
    assert links(register.adapter.compare(PROJECT, [])) == {}


def test_an_association_that_is_not_allowed_is_for_a_person_to_allow() -> None:
    """Setup makes no associations: it would be a change of the account's own object."""
    register = Register(to=("deals", "contacts"))

    items = register.adapter.compare(PROSPECT, [])
    done = register.adapter.provision(PROSPECT, items)

    (lacking,) = [item for item in items if item.state == "wrong"]
    assert lacking.field.name == "links.company"
    assert "Associations" in lacking.detail
    assert items == done
    assert f"{register.name} can't be associated with companies" in said(register)
    assert "links.company under [prospect]" in said(register)

    register.person.allow(register.name, "companies")
    assert register.adapter.check().problems == ()


@pytest.mark.parametrize("status", [400, 404])
def test_a_type_that_hubspot_does_not_know_can_not_be_associated(status: int) -> None:
    """hubspot.md 4.1: 400 for a name that is none."""
    register = Register()
    register.fail(f"/{register.name}/deals/labels", status=status)

    assert f"{register.name} can't be associated with deals" in said(register)


def test_an_object_type_that_is_not_there_is_a_problem_not_a_crash() -> None:
    """As in the shipped table, whose 2-1234567 stands for the account's own."""
    register = Register(links={PROJECT: "deals", CONTACT: "contacts"})
    del register.twin.account.collections[register.name]

    assert f"no object type {register.name}" in said(register)
    assert "type id" in said(register)


def test_a_token_that_may_not_look_is_a_problem_not_a_crash() -> None:
    """hubspot.md 2.3: to associate two records takes the scopes of both."""
    register = Register()
    scopes = frozenset({"crm.objects.custom.read", "crm.schemas.custom.read"})
    register.twin.switch(apps={TOKEN: App(scopes=scopes)})

    assert f"the token may not read {register.name}" in said(register)
    assert "the token lacks the scope crm.objects.custom.write" in said(register)
    with pytest.raises(Forbidden):
        register.adapter.compare(PROSPECT, [])


def test_what_two_kinds_lack_is_said_once() -> None:
    """Projects and prospects that are both deals."""
    register = Register(deals=True)
    register.person.archive_property("propstreet_id")

    whats = [problem.what for problem in register.adapter.check().problems]

    assert whats == ["deals have no property propstreet_id"]


@pytest.mark.parametrize(
    ("wanted", "word"),
    [
        ({CONTACT: "contacts"}, "links.project is missing"),
        ({PROJECT: "companies"}, "links.project under .prospect. leads to companies, and .project. is mapped to deals"),
        ({PROJECT: "deals", CONTACT: "2-9"}, "links.contact under .prospect. leads to 2-9"),
    ],
)
def test_a_link_to_other_records_than_those_of_its_kind_is_refused_at_once(
    wanted: Mapping[Kind, str], word: str
) -> None:
    with pytest.raises(ConfigError, match=word):
        Register(links=wanted)


@pytest.mark.parametrize("name", ["deals", "deal", "Deals", "0-3"])
def test_an_object_type_has_several_spellings(name: str) -> None:
    """hubspot.md 4.1: endpoints of associations take them all."""
    objects = {PROJECT: ObjectSpec("deals"), PROSPECT: ObjectSpec("2-7", links={PROJECT: name})}

    assert [(way.source, way.kind) for way in ways_of(objects, PROSPECT)] == [("2-7", PROJECT)]
    assert ways_of(objects, PROJECT) == ()

    register = Register(links={PROJECT: name})
    deal = register.deal()
    assert register.place(register.record(("deals", deal))) == (deal, None)


def test_the_table_of_the_shipped_mapping_fits() -> None:
    """config/mappings/hubspot-prospects.toml, with the marks taken away."""
    text = SHIPPED.read_text("utf-8")
    head, table = text.split("[prospect]\n", 1)[0], text.split("#: [prospect]\n", 1)[1]
    record = "[prospect]\n" + table.replace("#: ", "").replace("#:", "")
    mappers = load_tables(tomllib.loads(head + record), SHIPPED.name)

    specs = {kind: object_spec(RIGHT, mapper) for kind, mapper in mappers.items()}

    assert {way.kind: way.target for way in ways_of(specs, PROSPECT)} == EVERY_LINK
    assert {COMPANY, CONTACT, PROJECT} == EVERY_LINK.keys()
