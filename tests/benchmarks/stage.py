"""The whole engine between both twins in one process, built as the program builds it, with meters on the twins.

The connection is what a user gets from the shipped table, with every default but `workers`. One
worker each, because the numbers are per core. The twins announce limits that nobody reaches, so that only work is
measured; `pace` sets real ones.
"""

from __future__ import annotations

import contextlib
import gc
import logging
import random
import time
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import msgspec
import structlog

from syncd.adapters.base import SetsUp
from syncd.config.build import build
from syncd.config.model import Config, ConnectionConfig
from syncd.core.model import Kind, Side
from syncd.engine.connection import Connection
from syncd.engine.report import Mode, Summary
from syncd.engine.run import run_pass
from syncd.store import bindings
from syncd.store.bindings import BindingState
from syncd.store.db import open_store
from syncd.testing.clock import VirtualClock
from syncd.testing.sandbox import hubspot, propstreet, salesforce
from syncd.testing.sandbox.mount_httpx import TwinTransport
from syncd.testing.sandbox.mount_requests import TwinAdapter
from syncd.testing.sandbox.mount_urllib3 import TwinPool
from syncd.testing.sandbox.propstreet.twin import CLIENTS, TOKEN
from syncd.testing.sandbox.wire import Request, Response, Twin
from tests.engine.world import Crm
from tests.machine.crm_people import people_of

WIDE = 10_000_000
"""Calls per minute, or per ten seconds, that nobody makes."""

FREE_PROPSTREET = propstreet.RateLimit(pat_per_minute=WIDE, oauth_per_minute=WIDE)
FREE_HUBSPOT = hubspot.RateLimit(burst_max=WIDE, search_max=None, daily_max=None)
ENVIRONMENT = dict(zip(("CLIENT_ID", "CLIENT_SECRET"), *CLIENTS.items(), strict=True))
ENVIRONMENT |= {"PROPSTREET_TOKEN": TOKEN, "HUBSPOT_TOKEN": "pat-sandbox"}

CRM_OPTIONS: Mapping[Crm, Mapping[str, str]] = {
    "hubspot": {"base_url": "http://hubspot.test", "token_env": "HUBSPOT_TOKEN"},
    "salesforce": {"domain": "acme.my", "client_id_env": "CLIENT_ID", "client_secret_env": "CLIENT_SECRET"},
}
MOUNTS: Mapping[Crm, Callable[[Callable[[Request], Response]], object]] = {
    "hubspot": TwinPool,
    "salesforce": TwinAdapter,
}

BY_TOKEN = {"token_env": "PROPSTREET_TOKEN"}  # costs no call
BY_CLIENT = {"client_id_env": "CLIENT_ID", "client_secret_env": "CLIENT_SECRET"}  # costs a call an hour

_SEED = 1


class Meter:
    """A twin that counts its calls, its refusals for haste, and the CPU time that it takes itself."""

    def __init__(self, twin: Twin, clock: VirtualClock, *, latency_s: float = 0.0) -> None:
        self.calls = 0
        self.too_many = 0
        self.cpu_s = 0.0
        self._twin = twin
        self._clock = clock
        self._latency_s = latency_s

    def __call__(self, request: Request) -> Response:
        self._clock.advance(self._latency_s)
        self.calls += 1
        started = time.thread_time()
        response = self._twin(request)
        self.cpu_s += time.thread_time() - started
        self.too_many += response.status == 429
        return response


class Measured(msgspec.Struct, frozen=True, kw_only=True):
    """One pass: what it did and what it took."""

    summary: Summary
    calls: Mapping[Side, int]
    too_many: int
    wall_s: float
    cpu_s: float  # of the whole process
    twins_cpu_s: float  # of that, inside the twins
    virtual_s: float  # on the clock that engine and twins share

    @property
    def writes(self) -> int:
        return sum(side.create + side.update + side.delete for side in self.summary.applied.values())


class Stage:
    """Twins with projects in the one and nothing in the other, and a connection between them."""

    def __init__(
        self,
        projects: int,
        folder: Path,
        crm: Crm = "hubspot",
        *,
        mapping: str = "",
        propstreet_limit: propstreet.RateLimit = FREE_PROPSTREET,
        hubspot_limit: hubspot.RateLimit = FREE_HUBSPOT,
        latency_s: float = 0.0,
        sign_in: Mapping[str, str] = BY_TOKEN,
    ) -> None:
        self.clock = VirtualClock()
        self.propstreet = propstreet.PropstreetTwin(
            self.clock, propstreet.Switches(rate_limit=propstreet_limit, journal=False)
        )
        self.crm = crm
        twin = _twin(crm, self.clock, hubspot_limit)
        self.people = people_of(twin)
        self.person: Any = twin.person  # of the CRM, whose acts differ
        self.projects = self.propstreet.seed_projects(projects, random.Random(_SEED))
        self.meters = {
            Side.PROPSTREET: Meter(self.propstreet, self.clock, latency_s=latency_s),
            Side.CRM: Meter(twin, self.clock, latency_s=latency_s),
        }
        self.connection = self._connect(folder, mapping or crm, sign_in)

    def run(self, mode: Mode) -> Measured:
        """One pass, measured."""
        # The collector would walk through the twins' records again and again, and the engine would pay for it.
        gc.collect()
        gc.freeze()
        before = self._reading()
        virtual, wall, cpu = self.clock.time(), time.perf_counter(), time.process_time()
        summary = run_pass(self.connection, mode)
        after = self._reading()
        return Measured(
            summary=summary,
            calls={side: after[side][0] - before[side][0] for side in Side},
            too_many=sum(after[side][1] - before[side][1] for side in Side),
            wall_s=time.perf_counter() - wall,
            cpu_s=time.process_time() - cpu,
            twins_cpu_s=sum(after[side][2] - before[side][2] for side in Side),
            virtual_s=self.clock.time() - virtual,
        )

    def _reading(self) -> dict[Side, tuple[int, int, float]]:
        return {side: (meter.calls, meter.too_many, meter.cpu_s) for side, meter in self.meters.items()}

    def _connect(self, folder: Path, mapping: str, sign_in: Mapping[str, str]) -> Connection:
        left = {"base_url": "http://propstreet.test", "workers": 1, **sign_in}
        right = {"adapter": self.crm, "namespace": self.crm, "workers": 1, **CRM_OPTIONS[self.crm]}
        entry = ConnectionConfig(name="bench", mapping=mapping, propstreet=left, crm=right)
        connection = build(
            Config(connections=[entry]),
            entry,
            folder / "syncd.toml",
            environment=ENVIRONMENT,
            clock=self.clock,
            transports={
                Side.PROPSTREET: TwinTransport(self.meters[Side.PROPSTREET]),
                Side.CRM: MOUNTS[self.crm](self.meters[Side.CRM]),
            },
            store=open_store(f"sqlite:///{folder}/syncd.db"),
        )
        set_up(connection)
        return connection


def _twin(crm: Crm, clock: VirtualClock, limit: hubspot.RateLimit) -> hubspot.HubSpotTwin | salesforce.SalesforceTwin:
    if crm == "hubspot":
        return hubspot.HubSpotTwin(clock, hubspot.Switches(rate_limit=limit, journal=False))
    return salesforce.SalesforceTwin(
        clock, salesforce.Switches(rate_limit=None, journal=False, multi_currency=True, session_life_s=1e9)
    )


def pairs(stage: Stage, kind: Kind) -> Mapping[str, str]:
    """The CRM's id of each Propstreet record of this kind."""
    found: dict[str, str] = {}
    with stage.connection.store.read() as tx:
        after = 0
        while some := bindings.page(tx, "bench", kind=kind, state=BindingState.BOUND, after=after, limit=1_000):
            found |= {one.left_id: one.right_id for one in some if one.left_id and one.right_id}
            after = some[-1].id
    return found


def set_up(connection: Connection) -> None:
    """What `syncd setup --apply` does."""
    crm = connection.crm
    assert isinstance(crm, SetsUp)
    for kind, mapper in connection.mappers.items():
        crm.provision(kind, [item for item in crm.compare(kind, mapper.wanted()) if item.state == "missing"])


@contextlib.contextmanager
def staged(projects: int, crm: Crm = "hubspot", **options: object) -> Iterator[Stage]:
    """A stage over a SQLite file that goes when the block ends. Options are Stage's own."""
    with TemporaryDirectory(prefix="syncd-bench-") as folder:
        stage = Stage(projects, Path(folder), crm, **options)  # type: ignore[arg-type]
        try:
            yield stage
        finally:
            stage.connection.close()
            gc.unfreeze()


def quiet() -> None:
    """Log errors only, as the program does unless told otherwise."""
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.ERROR))
