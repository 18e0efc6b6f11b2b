"""A connection put together: two adapters, the mapping between them, the store, and what the engine needs of the
outside world. Everything the engine touches is in here; it reads no globals, no clock and no environment."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Mapping
from typing import Annotated, Protocol

import msgspec

from syncd.adapters.base import Adapter
from syncd.clock import Clock
from syncd.core.guards import Guards
from syncd.core.model import LEFT, Kind, Side
from syncd.mapping.translate import Mapper
from syncd.store.db import Store


class Log(Protocol):
    """The part of a structlog logger that the engine uses."""

    def info(self, event: str, **facts: object) -> object: ...
    def warning(self, event: str, **facts: object) -> object: ...
    def error(self, event: str, **facts: object) -> object: ...


Count = Annotated[int, msgspec.Meta(ge=1, le=100_000)]
Seconds = Annotated[float, msgspec.Meta(ge=0, le=86_400)]


class Tuning(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Bounds of the engine. Each keeps memory flat or a loop finite."""

    notices_max: Count = 600  # decided together
    claim_max: Count = 200  # ops in the state `sending` at once: what a kill leaves to be confirmed
    rounds_max: Count = 8  # decide-apply rounds in a pass; two are normal, more means that records keep moving
    parents_max: Count = 2_000  # projects whose prospects a delta reads; the others come next, the oldest first
    newcomers_max: Count = 200  # investors whom a pass brings into the CRM, the first load aside; the others come next
    max_staleness_s: Seconds = 1_800.0  # how old the prospects of an open project may get
    lively_staleness_s: Seconds = 300.0  # of one whose teaser is with investors
    quiet_staleness_s: Seconds = 86_400.0  # of one that is closed
    moves_max: Count = 5  # times a record may move under our hands in a pass before it is held
    wait_max_s: Seconds = 120.0  # time a pass may spend waiting for ops that are to be tried again
    lease_s: Annotated[float, msgspec.Meta(ge=5, le=3600)] = 60.0
    journal_days: Annotated[float, msgspec.Meta(ge=1)] = (
        180.0  # done ops and runs older than this are dropped, a few with every pass
    )


@dataclasses.dataclass(frozen=True)
class Connection:
    """One Propstreet account joined to one CRM account."""

    name: str
    propstreet: Adapter
    crm: Adapter
    mappers: Mapping[Kind, Mapper]
    store: Store
    clock: Clock
    log: Log
    new_id: Callable[[], str]  # random, unique for ever: run ids and idempotency keys
    jitter: Callable[[], float]  # in [0, 1)
    holder: str  # who we are, for the lease
    guards: Guards = dataclasses.field(default_factory=Guards)
    tuning: Tuning = dataclasses.field(default_factory=Tuning)

    def adapter(self, side: Side) -> Adapter:
        return self.propstreet if side is LEFT else self.crm

    def close(self) -> None:
        self.propstreet.close()
        self.crm.close()
        self.store.close()
