"""One random history of an office with investors: the same steps, other people, and tables drawn for all four kinds."""

from __future__ import annotations

from typing import Any, Literal

import msgspec

from syncd.core.model import Side
from syncd.engine.report import Mode, Summary
from syncd.testing.sandbox.propstreet import Switches as PropstreetSwitches
from tests.engine.investors import investor_table
from tests.engine.register import install, register_table
from tests.engine.world import Crm, Table
from tests.machine.history import History, draw_fields, draw_project, random_propstreet

from .acts import Investors

Form = Literal["association", "record"]
FORMS: tuple[Form, ...] = ("association", "record")
CHOICES = ("propstreet", "crm", "newest", "hold", "furthest")


class InvestorHistory(History):
    rest_s = 90_000.0  # a day and more: even the sets of closed projects are read in each pass
    quiet_passes = 2  # an empty set is looked at twice before anybody is gone
    people: Investors

    def __init__(self, seed: int, crm: Crm = "hubspot", *, form: Form = "association", steps: int = 24) -> None:
        self._form = form
        super().__init__(seed, crm, steps=steps)

    def _begin(self) -> None:
        for _ in range(self._rng.randint(1, 2)):
            self.people.add_project()
        for _ in range(self._rng.randint(1, 4)):
            self.people.add_contact()
            self.people.attempt(self.people.add_prospect)

    def _make_people(self) -> Investors:
        return Investors(self.world, self._rng, self.trace)

    def _make_table(self) -> Table:
        rng, table = self._rng, (register_table if self._form == "record" else investor_table)(self.crm)
        draw_project(rng, table["project"], self.crm)
        for kind in ("company", "contact"):
            draw_fields(rng, table[kind])
            table[kind]["create"] = rng.choice(("both", "both", "to_crm"))
            table[kind]["on_delete"] = self._on_delete("unbind", "unbind", "ignore", "archive")
        prospect = table["prospect"]
        prospect["create"] = rng.choice(("both", "both", "both", "to_crm", "to_propstreet"))
        prospect["matched"] = rng.choice(("accepted", "accepted", "communicated", "never"))
        prospect["on_delete"] = self._on_delete("archive", "archive", "archive", "unbind", "ignore")
        classification = prospect["fields"]["classification"]
        classification["on_conflict"] = rng.choice(CHOICES)
        classification["on_first_meeting"] = rng.choice(CHOICES)
        if self._form == "record":
            prospect["unresolved"] = rng.choice(("create", "hold"))
        return table

    def _admin(self, person: Any, table: Table) -> None:
        if self._form == "record":
            install(self.crm, person, table["prospect"])

    def _on_delete(self, *rules: str) -> dict[str, str]:
        return {side.value: self._rng.choice(rules) for side in Side}

    def _make_propstreet(self) -> PropstreetSwitches:
        rng = self._rng
        return msgspec.structs.replace(
            random_propstreet(rng),
            bump_project_on_prospect_change=rng.random() < 0.5,
            removed=rng.choice(("hidden", "tombstone")),
            re_added=rng.choice(("new", "revived")),
            project_delete=rng.choice(("keeps", "deletes")),
            matched=rng.choice(("contact", "contact", "neither")),
            delete_matched=rng.choice(("allowed", "refused")),
            accepting_bumps=rng.random() < 0.5,
            batch_codes=rng.choice(("schema", "guide")),
            unknown_party=rng.choice((404, 400, 422)),
            blocked_party=rng.choice((422, 409, 403)),
        )

    def _agree(self, mode: Mode, began: float) -> None:
        super()._agree(mode, began)
        self.people.agree_on_investors(began, whole=mode is Mode.BACKFILL)

    def _run(self, mode: Mode) -> Summary | None:
        self.people.under_way = True
        try:
            return super()._run(mode)
        finally:
            self.people.under_way = False
            self.people.look()

    def writes(self) -> int:
        return len(self.world.propstreet.journal) + self.people.contacts.writes()
