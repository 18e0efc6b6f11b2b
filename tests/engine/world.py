"""Both twins, the real clients and the whole engine in one process: what the end-to-end tests stand on."""

from __future__ import annotations

import dataclasses
import itertools
import tomllib
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, Literal

import structlog

from syncd.adapters.base import Adapter, SetsUp, Setting
from syncd.adapters.hubspot import factory as hubspot_factory
from syncd.adapters.propstreet import factory as propstreet_factory
from syncd.adapters.salesforce import factory as salesforce_factory
from syncd.config.load import shipped_tables
from syncd.config.objects import object_spec
from syncd.core.model import RIGHT, Kind, Side
from syncd.engine.connection import Connection, Tuning
from syncd.engine.report import Mode, Summary
from syncd.engine.run import run_pass
from syncd.mapping import Mapper, load_tables
from syncd.store.db import Store, open_store
from syncd.store.schema import metadata
from syncd.testing.clock import VirtualClock
from syncd.testing.sandbox.hubspot import HubSpotTwin
from syncd.testing.sandbox.hubspot import Switches as HubSpotSwitches
from syncd.testing.sandbox.mount_httpx import TwinTransport
from syncd.testing.sandbox.mount_requests import TwinAdapter
from syncd.testing.sandbox.mount_urllib3 import TwinPool
from syncd.testing.sandbox.propstreet import PropstreetTwin
from syncd.testing.sandbox.propstreet import Switches as PropstreetSwitches
from syncd.testing.sandbox.salesforce import SalesforceTwin
from syncd.testing.sandbox.salesforce import Switches as SalesforceSwitches
from syncd.testing.sandbox.wire import Faulty

Table = dict[str, Any]
Crm = Literal["hubspot", "salesforce"]
CRMS: tuple[Crm, ...] = ("hubspot", "salesforce")
SECRETS = {"PROPSTREET_TOKEN": "pat_sandbox", "HUBSPOT_TOKEN": "pat-sandbox", "APP": "the-app", "APP_SECRET": "s3cret"}


def two_way_table(crm: Crm = "hubspot") -> Table:
    """The shipped table, with creates and deletes in both directions."""
    document = shipped_table(crm)
    document["project"]["create"] = "both"
    document["project"]["on_delete"] = "archive"
    return document


def shipped_table(crm: Crm = "hubspot") -> Table:
    return tomllib.loads(Path(shipped_tables()[crm]).read_text())


@dataclasses.dataclass
class World:
    """Two systems, and syncd between them. `restart` builds syncd anew over what it stored."""

    clock: VirtualClock
    propstreet: PropstreetTwin
    twin: HubSpotTwin | SalesforceTwin  # of the CRM
    left: Faulty
    right: Faulty
    store: Store
    table: Table
    tuning: Tuning
    options: Mapping[Side, Mapping[str, Any]]
    connection: Connection = dataclasses.field(init=False)
    _ids: Callable[[], str] = dataclasses.field(init=False)

    def __post_init__(self) -> None:
        numbers = itertools.count(1)
        self._ids = lambda: f"00000000-0000-4000-8000-{next(numbers):012d}"
        self.restart()

    @property
    def hubspot(self) -> HubSpotTwin:
        assert isinstance(self.twin, HubSpotTwin)
        return self.twin

    @property
    def salesforce(self) -> SalesforceTwin:
        assert isinstance(self.twin, SalesforceTwin)
        return self.twin

    @property
    def namespace(self) -> str:
        return self.twin.name

    @property
    def mapper(self) -> Mapper:
        """Of projects."""
        return self.connection.mappers[Kind.PROJECT]

    def restart(self, store: Store | None = None) -> None:
        """As a new process would start: adapters without memory, over this store."""
        self.store = store or self.store
        mappers = load_tables(self.table, "table.toml")
        propstreet = {"base_url": "http://propstreet.test", "token_env": "PROPSTREET_TOKEN", "workers": 1}

        def setting(side: Side, options: Mapping[str, Any], transport: object) -> Setting:
            return Setting(
                options={**options, **self.options.get(side, {})},
                objects={kind: object_spec(side, mapper) for kind, mapper in mappers.items()},
                namespace=self.namespace,
                clock=self.clock,
                secret=SECRETS.__getitem__,
                transport=transport,
            )

        self.connection = Connection(
            name="test",
            propstreet=propstreet_factory(setting(Side.PROPSTREET, propstreet, TwinTransport(self.left))),
            crm=self._crm(setting),
            mappers=mappers,
            store=self.store,
            clock=self.clock,
            log=structlog.get_logger(),
            new_id=self._ids,
            jitter=lambda: 0.5,
            holder="test:1:1",
            tuning=self.tuning,
        )

    def _crm(self, setting: Callable[[Side, Mapping[str, Any], object], Setting]) -> Adapter:
        options: dict[str, Any]
        if isinstance(self.twin, HubSpotTwin):
            options = {"base_url": "http://hubspot.test", "token_env": "HUBSPOT_TOKEN", "visibility_lag_s": 0}
            return hubspot_factory(setting(RIGHT, {**options, "workers": 1}, TwinPool(self.right)))
        options = {"domain": "acme.my", "client_id_env": "APP", "client_secret_env": "APP_SECRET", "workers": 1}
        if not self.twin.org.switches.multi_currency:
            options["currency"] = self.twin.org.switches.currency
        return salesforce_factory(setting(RIGHT, options, TwinAdapter(self.right)))

    def run(self, mode: Mode = Mode.DELTA) -> Summary:
        return run_pass(self.connection, mode)

    def later(self, seconds: float = 60.0) -> None:
        self.clock.advance(seconds)

    def calls(self) -> dict[Side, int]:
        return {Side.PROPSTREET: len(self.left.requests), Side.CRM: len(self.right.requests)}

    def forget_calls(self) -> None:
        self.left.requests.clear()
        self.right.requests.clear()

    def settle(self, passes: int = 6) -> Summary:
        """Deltas until one writes nothing; time goes on between them."""
        for _ in range(passes):
            self.later(400)
            summary = self.run()
            if not any(side.create or side.update or side.delete for side in summary.applied.values()):
                return summary
        raise AssertionError(f"not quiet after {passes} passes: {summary}")


def make_world(
    store: Store | None = None,
    *,
    crm: Crm = "hubspot",
    table: Table | None = None,
    tuning: Tuning | None = None,
    propstreet: PropstreetSwitches | None = None,
    hubspot: HubSpotSwitches | None = None,
    salesforce: SalesforceSwitches | None = None,
    options: Mapping[Side, Mapping[str, Any]] | None = None,
    admin: Callable[[Any], None] = lambda person: None,
) -> World:
    """A quiet world: no limits, no lag, no faults, unless the switches say so. The CRM has been set up, first by its
    `admin`."""
    clock = VirtualClock()
    left = PropstreetTwin(clock, propstreet or PropstreetSwitches(rate_limit=None, pat_life_s=10**9))
    right: HubSpotTwin | SalesforceTwin
    if crm == "hubspot":
        right = HubSpotTwin(clock, hubspot or HubSpotSwitches(rate_limit=None))
    else:
        right = SalesforceTwin(clock, salesforce or SalesforceSwitches(rate_limit=None, currency="SEK"))
    admin(right.person)
    world = World(
        clock=clock,
        propstreet=left,
        twin=right,
        left=Faulty(left),
        right=Faulty(right),
        store=store or open_store("sqlite://"),
        table=table or two_way_table(crm),
        tuning=tuning or Tuning(),
        options=options or {},
    )
    set_up(world)
    return world


def emptied(store: Store) -> Store:
    """The store as it was when it was made: syncd remembers nothing."""
    with store.begin() as tx:
        for table in reversed(metadata.sorted_tables):
            tx.execute(table.delete())
    return store


def set_up(world: World) -> None:
    """What `syncd setup --apply` does."""
    adapter = world.connection.crm
    assert isinstance(adapter, SetsUp)
    for kind, mapper in world.connection.mappers.items():
        items = [item for item in adapter.compare(kind, mapper.wanted()) if item.state == "missing"]
        adapter.provision(kind, items)
    world.forget_calls()
