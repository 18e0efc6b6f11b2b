"""One random history: people edit both systems, lines break, syncd is killed, and in the end all promises hold.

Everything is drawn from one seed, so a history that breaks a promise is replayed exactly by its number.
"""

from __future__ import annotations

import random
from typing import Any

import msgspec
import structlog

from syncd.core.model import LEFT, RIGHT, Side
from syncd.engine.connection import Tuning
from syncd.engine.report import Mode, RunOutcome, Summary
from syncd.errors import SyncdError
from syncd.store.db import open_store
from syncd.testing.sandbox.hubspot import Lag, Lossy
from syncd.testing.sandbox.hubspot import Switches as HubSpotSwitches
from syncd.testing.sandbox.propstreet import Switches as PropstreetSwitches
from syncd.testing.sandbox.salesforce import Lossy as SalesforceLossy
from syncd.testing.sandbox.salesforce import Switches as SalesforceSwitches
from syncd.testing.sandbox.wire import Fault, FaultKind, Request, Response
from tests.engine.world import Crm, Table, World, make_world, two_way_table

from .crm_people import SalesforcePeople
from .edits import People

FAULTS = (
    Fault(kind=FaultKind.TIMEOUT_BEFORE),
    Fault(kind=FaultKind.TIMEOUT_AFTER),
    Fault(kind=FaultKind.RESET_BEFORE),
    Fault(kind=FaultKind.RESET_AFTER),
    Fault(kind=FaultKind.REFUSED),
    Fault(kind=FaultKind.STATUS, status=503),
    Fault(kind=FaultKind.STATUS, status=500, body=b"{}"),
    Fault(kind=FaultKind.STATUS_AFTER, status=502),
    Fault(kind=FaultKind.STATUS, status=429, headers={"retry-after": "2"}),
    Fault(kind=FaultKind.HTML_200),
    Fault(kind=FaultKind.GARBAGE_200),
)


class Killed(BaseException):
    """The process is gone: nothing may catch it but the machine."""


class History:
    """Plays the history of one seed. `trace` tells it, for a person who looks for what went wrong."""

    rest_s = 4000.0  # between the passes of the calm
    quiet_passes = 1  # of the calm, that write nothing: then it has come to rest

    def __init__(self, seed: int, crm: Crm = "hubspot", *, steps: int = 24) -> None:
        self.seed = seed
        self.crm = crm
        self.trace: list[str] = []
        self.logged: list[Any] = []
        self.epoch_writes = 0
        self._rng = random.Random(seed)
        self._steps = steps
        self._armed: int | None = None
        self.world = self._make_world()
        self.people = self._make_people()

    def play(self) -> None:
        """All steps, then the calm after them: faults gone, syncd restarted, passes until nothing is written."""
        self._begin()
        for _ in range(self._steps):
            self._step()
        self._calm_down()

    def _begin(self) -> None:
        for _ in range(self._rng.randint(1, 4)):
            self.people.add_project()

    def _make_people(self) -> People:
        return People(self.world, self._rng, self.trace)

    def _make_world(self) -> World:
        rng = self._rng
        salesforce = random_salesforce(rng) if self.crm == "salesforce" else None
        table = self._make_table()
        return make_world(
            open_store("sqlite://"),
            crm=self.crm,
            table=table,
            tuning=Tuning(notices_max=rng.choice((2, 500)), claim_max=rng.choice((1, 3, 100))),
            propstreet=self._make_propstreet(),
            hubspot=random_hubspot(rng) if self.crm == "hubspot" else None,
            salesforce=salesforce,
            options={LEFT: {"page_size": rng.choice((2, 500))}, RIGHT: random_options(rng, self.crm)},
            admin=lambda person: self._admin(person, table),
        )

    def _admin(self, person: Any, table: Table) -> None:
        """What an admin does in the CRM before syncd is set up."""

    def _make_table(self) -> Table:
        return random_table(self._rng, self.crm)

    def _make_propstreet(self) -> PropstreetSwitches:
        return random_propstreet(self._rng)

    def _step(self) -> None:
        roll = self._rng.random()
        if roll < 0.45:
            self.people.act()
        elif roll < 0.55:
            self.world.later(self._rng.choice((0.5, 20, 400, 4000)))
        elif roll < 0.62:
            self._break_lines()
        elif roll < 0.64:
            self._lose_store()
        else:
            self._pass()

    def _pass(self) -> None:
        mode = self._rng.choice((Mode.DELTA, Mode.DELTA, Mode.DELTA, Mode.BACKFILL))
        self._armed = self._rng.randint(1, 60) if self._rng.random() < 0.35 else None
        busy = self._rng.random() < 0.3
        began = self.world.clock.time()
        self._watch(busy)
        try:
            summary = self._run(mode)
        finally:
            self._unwatch()
        if summary is not None and summary.outcome in (RunOutcome.OK, RunOutcome.ATTENTION) and not busy:
            self._agree(mode, began)

    def _agree(self, mode: Mode, began: float) -> None:
        self.people.agree(began)

    def _run(self, mode: Mode) -> Summary | None:
        try:
            with structlog.testing.capture_logs() as logged:
                try:
                    summary = self.world.run(mode)
                finally:
                    self.logged += logged
        except Killed:
            self.trace.append(f"{mode}: killed")
            self._unwatch()
            self.world.restart()
            return None
        except SyncdError as error:
            self.trace.append(f"{mode}: {type(error).__name__}: {error}")
            return None
        self.trace.append(f"{mode}: {summary.outcome} {msgspec.to_builtins(summary.applied)}")
        return summary

    def _watch(self, busy: bool) -> None:
        """Die at the armed effect; let people edit while syncd is at work."""

        def effect() -> None:
            if self._armed is not None:
                self._armed -= 1
                if self._armed <= 0:
                    self._armed = None
                    raise Killed

        def on_request(request: Request) -> None:
            assert not self.world.store.in_transaction, "a transaction is open over a network call"
            effect()
            if busy and self._rng.random() < 0.1:
                self.people.act()

        def on_response(request: Request, response: Response) -> None:
            effect()

        for line in (self.world.left, self.world.right):
            line.on_request, line.on_response = on_request, on_response
        self.world.store.before_commit.append(effect)
        self.world.store.after_commit.append(effect)

    def _unwatch(self) -> None:
        self._armed = None
        for line in (self.world.left, self.world.right):
            line.on_request = line.on_response = None
        self.world.store.before_commit.clear()
        self.world.store.after_commit.clear()

    def _break_lines(self) -> None:
        line = self._rng.choice((self.world.left, self.world.right))
        if self._rng.random() < 0.4:
            line.behave()
            self.trace.append(f"{line.name} behaves")
        else:
            share = self._rng.choice((0.05, 0.2))
            line.misbehave(random.Random(self._rng.random()), share, *FAULTS)
            self.trace.append(f"{line.name} misbehaves")

    def _lose_store(self) -> None:
        self.trace.append("the store is lost")
        self.world.store.close()
        self.people.forget_agreements()
        self.world.restart(open_store("sqlite://"))

    def _calm_down(self) -> None:
        for line in (self.world.left, self.world.right):
            line.behave()
        self.world.restart()
        self.world.later(self.rest_s)
        self.trace.append("calm")
        # A full load heals what a feed missed. Salesforce's may not miss anything; HubSpot's search promises less.
        self._run(Mode.BACKFILL if self.crm == "hubspot" else self._rng.choice((Mode.BACKFILL, Mode.DELTA)))
        quiet = 0
        for _ in range(8):
            self.world.later(self.rest_s)
            before = self.writes()
            quiet = quiet + 1 if self._run(Mode.DELTA) is not None and self.writes() == before else 0
            if quiet == self.quiet_passes:
                return
        raise AssertionError("P4: it never comes to rest")

    def writes(self) -> int:
        """API writes that took effect on either side so far."""
        return len(self.world.propstreet.journal) + len(self.people.crm.writes())


def random_table(rng: random.Random, crm: Crm) -> Table:
    """The shipped table with policies drawn anew, and with a scope, which every history has records out of."""
    table = two_way_table(crm)
    draw_project(rng, table["project"], crm)
    return table


def draw_project(rng: random.Random, project: Table, crm: Crm) -> None:
    """Give the table of projects other policies, and a scope."""
    if crm == "salesforce":
        inside = {SalesforcePeople.SCOPE: SalesforcePeople.INSIDE}
        project["where"] = {"crm": inside}
        project["on_create"]["crm"] |= inside
    project["create"] = rng.choice(("both", "both", "to_crm"))
    project["on_delete"] = {
        Side.PROPSTREET.value: rng.choice(("archive", "archive", "mark", "unbind", "ignore")),
        Side.CRM.value: rng.choice(("archive", "archive", "unbind", "ignore")),
    }
    project["edit_outlives_delete"] = rng.random() < 0.7
    draw_fields(rng, project)


def draw_fields(rng: random.Random, table: Table) -> None:
    """Who wins, of what both sides may edit."""
    choices = ("propstreet", "crm", "newest", "hold")
    for name, field in table["fields"].items():
        if field.get("flow") != "both":
            continue
        if name == "exclusivity" and rng.random() < 0.3:
            field["flow"] = rng.choice(("to_crm", "to_propstreet"))
        field["on_conflict"] = rng.choice(choices)
        field["on_first_meeting"] = rng.choice(choices)


def random_propstreet(rng: random.Random) -> PropstreetSwitches:
    lossy = rng.random() < 0.3
    return PropstreetSwitches(
        rate_limit=None,
        pat_life_s=1e9,
        envelope=rng.choice(("page", "top")),
        mandate=rng.choice(("alias", "absent")),
        nulls=rng.choice(("omitted", "explicit")),
        numbers=rng.choice(("number", "string")),
        teaser=rng.choice(("full", "short")),
        get_deleted=rng.choice(("404", "200")),
        stale=rng.choice(("412 urn", "412 help", "409")),
        noop_bumps=rng.random() < 0.5,
        duplicate_ref=rng.choice((409, 409, 400, 422)),
        second_delete=rng.choice(("404", "204")),
        clock_skew_s=rng.choice((0.0, -30.0, 45.0)),
        trims_names=lossy,
        name_kept_max=14 if lossy and rng.random() < 0.5 else None,
        price_decimals=0 if lossy and rng.random() < 0.5 else None,
    )


def random_hubspot(rng: random.Random) -> HubSpotSwitches:
    lossy = rng.random() < 0.3
    return HubSpotSwitches(
        rate_limit=None,
        seed=rng.randint(0, 10**6),
        created_status=rng.choice((201, 200)),
        clock_offset_s=rng.choice((0.0, 20.0, -40.0)),
        search_lag=Lag(typical_s=rng.choice((0.0, 5.0)), tail_share=0.1, tail_s=rng.choice((0.0, 60.0))),
        search_rows=rng.choice(("index", "store")),
        noop_bumps=rng.random() < 0.5,
        recalculates_after_s=rng.choice((None, None, 30.0)),
        taken_on_create=rng.choice(("conflict", "validation")),
        structured_errors=rng.random() < 0.8,
        merge_keeps_primary_id=rng.random() < 0.3,
        batch_read_follows_merges=rng.random() < 0.5,
        lossy=Lossy(trim_text=lossy, decimals=rng.choice((None, 0)) if lossy else None, length_max=12)
        if lossy and rng.random() < 0.5
        else Lossy(trim_text=lossy),
    )


def random_salesforce(rng: random.Random) -> SalesforceSwitches:
    lossy = rng.random() < 0.3
    return SalesforceSwitches(
        rate_limit=None,
        seed=rng.randint(0, 10**6),
        currency="SEK",
        multi_currency=rng.random() < 0.3,
        clock_offset_s=rng.choice((0.0, 20.0, -40.0)),
        session_life_s=rng.choice((7200.0, 900.0)),
        noop_bumps=rng.random() < 0.5,
        lock_share=rng.choice((0.0, 0.0, 0.05)),
        stage_restricted=rng.random() < 0.5,
        bad_field_sinks_call=rng.random() < 0.5,
        guard_stamp=rng.choice(("SystemModstamp", "LastModifiedDate")),
        stale_body=rng.choice(("list", "empty")),
        page_max=rng.choice((2, 2000)),
        new_fields_visible=rng.random() < 0.3,
        lossy=SalesforceLossy(
            decimals=rng.choice((None, 0)) if lossy else None,
            length_max=12 if lossy and rng.random() < 0.5 else None,
            fields=frozenset({"Name", "Amount"}),
        ),
    )


def random_options(rng: random.Random, crm: Crm) -> dict[str, Any]:
    """Of the CRM's adapter, beyond what the world needs."""
    return {"page_max": rng.choice((2, 2000))} if crm == "salesforce" else {}
