"""What people call a record: by its name, an investor by person and project, and nobody by an id."""

from __future__ import annotations

from syncd.core.model import LEFT, RIGHT, Kind, Side
from syncd.engine.titles import title, title_of
from syncd.testing.sandbox.propstreet import Switches

from .investors import Office


def called(office: Office, kind: Kind, ids: dict[Side, str | None]) -> str:
    with office.world.store.read() as tx:
        return title(tx, office.world.connection, kind, ids)


def test_everybody_goes_by_the_name_of_the_side_that_has_one() -> None:
    office = Office("hubspot")
    project, _ = office.load()
    contact = office.contact(firstName="Anna", lastName="Ek")
    prospect = office.propstreet.add_prospect(project, contact=contact)
    office.settle()

    assert called(office, Kind.PROJECT, {LEFT: project}) == "Kvarteret 0"
    assert called(office, Kind.CONTACT, {LEFT: None, RIGHT: office.pair(Kind.CONTACT, contact)}) == "Anna Ek"
    assert called(office, Kind.PROSPECT, {LEFT: f"{project}/{prospect}"}) == "Anna Ek in Kvarteret 0"
    place = office.pair(Kind.PROSPECT, f"{project}/{prospect}")
    assert called(office, Kind.PROSPECT, {RIGHT: place}) == "Anna Ek in Kvarteret 0"
    assert called(office, Kind.CONTACT, {LEFT: "unknown"}) == ""
    (pair,) = office.bindings(Kind.PROSPECT)
    with office.world.store.read() as tx:
        assert title_of(tx, office.world.connection, pair.id) == "Anna Ek in Kvarteret 0"
        assert title_of(tx, office.world.connection, 10**6) == ""


def test_an_investor_whom_propstreet_does_not_name_is_called_as_it_shows_them() -> None:
    """propstreet.md section 11: of a matched one the display name may be all that is known."""
    office = Office("hubspot", propstreet=Switches(rate_limit=None, pat_life_s=10**9, matched="neither"))
    project, _ = office.load()
    (prospect,) = office.propstreet.communicate(project, 1)
    shown = office.propstreet.prospect(project, prospect)["displayName"]
    office.world.later(4000)
    office.world.run()

    assert called(office, Kind.PROSPECT, {LEFT: f"{project}/{prospect}"}) == f"{shown} in Kvarteret 0"
