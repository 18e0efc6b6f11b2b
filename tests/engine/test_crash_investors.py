"""P6 for investors: dies at many an effect of a day with people and prospects on both sides, and ends the same."""

from __future__ import annotations

from typing import Any

import pytest

from syncd.core.model import Kind
from syncd.engine.report import Mode
from syncd.store import bindings, outbox
from syncd.store.bindings import BindingState
from syncd.store.outbox import OpState

from .investors import Office
from .register import Register
from .test_crash import Killed, Reaper, unwatched
from .world import CRMS, Crm

Truth = dict[str, Any]

# By form, of the effects, for time; all of them takes minutes, and passes.
EVERY = {Office: 8, Register: 11}


class Day:
    """An office at rest, and then what its people do before the pass that is killed."""

    def __init__(self, office: Office) -> None:
        self.office = office
        (self.project,) = office.projects(1)
        self.staying, self.leaving, self.off = (office.contact() for _ in range(3))
        self.prospects = {
            contact: office.propstreet.add_prospect(self.project, contact=contact)
            for contact in (self.staying, self.leaving, self.off)
        }
        office.world.run(Mode.BACKFILL)
        self.deal = office.deal(self.project)
        office.world.later(4000)

    def happens(self) -> None:
        office = self.office
        office.propstreet.add_prospect(self.project, contact=office.contact())
        office.put_on(self.deal, office.crm_contact(), "interested")
        office.restage(self.deal, office.pair(Kind.CONTACT, self.staying), "bidder")
        office.propstreet.remove_prospect(self.prospects[self.leaving])
        office.take_off(self.deal, office.pair(Kind.CONTACT, self.off))
        office.world.later(60)

    def run(self, kill_at: int | None) -> Reaper:
        reaper = Reaper(self.office.world, kill_at)
        try:
            self.office.world.run()
        except Killed:
            self.office.world.restart()
        finally:
            unwatched(self.office.world)
        return reaper

    def settled(self) -> Truth:
        """Both systems' truth, as people would tell it, once it is quiet."""
        office = self.office
        office.settle()
        names = {id: _name(office.propstreet.contact(id)) for id in office.prospects(self.project)}
        with office.world.store.read() as tx:
            paired = bindings.count(tx, "test", Kind.PROSPECT, BindingState.BOUND)
            held = sum(outbox.counts(tx, "test", OpState.HELD).values())
        return {
            "list": {names[id]: stage for id, stage in office.prospects(self.project).items()},
            "deal": sorted(office.on_deal(self.deal).values()),
            "contacts": (len(office.propstreet.live_contacts()), len(office.crm_contacts())),
            "paired": paired,
            "held": held,
        }


def _name(contact: dict[str, Any]) -> str:
    return str(contact["lastName"])


@pytest.mark.parametrize("form", [Office, Register])
@pytest.mark.parametrize("crm", CRMS)
def test_dies_at_an_effect_of_a_day_with_investors(crm: Crm, form: type[Office]) -> None:
    """P6, P3, P1: nobody is added twice, lost, or taken off who stays; by labels on deals, and by records."""
    uncut = Day(form(crm))
    uncut.happens()
    effects = uncut.run(None).count
    expected = uncut.settled()
    assert effects > 60
    assert len(expected["list"]) == len(expected["deal"]) == expected["paired"] == 3
    assert expected["held"] == 0

    for kill_at in range(1 + CRMS.index(crm), effects + 1, EVERY[form]):
        day = Day(form(crm))
        day.happens()
        reaper = day.run(kill_at)
        assert day.settled() == expected, f"killed {reaper.at}, effect {kill_at}"
