"""How much of what the rate limits allow a first load makes use of, on a virtual clock.

The twins keep the limits of the real systems, and every call takes a tenth of a second. A first load is one PATCH per
project, so Propstreet's 600 calls a minute are what counts; HubSpot's 190 in ten seconds are met on the way. The floor
is the time that a limiter alone, with nothing to do between calls, takes to hand out as many calls to Propstreet.
"""

from __future__ import annotations

from collections.abc import Iterator

from syncd.adapters.limiter import Limiter
from syncd.core.model import Side
from syncd.engine.report import Mode
from syncd.testing.clock import VirtualClock
from syncd.testing.sandbox import hubspot, propstreet

from .stage import BY_CLIENT, staged
from .table import Row, Verdict

PROJECTS = 3_000
LATENCY_S = 0.1
SHARE_MIN = 0.95


def rows() -> Iterator[Row]:
    limits = propstreet.RateLimit()
    with staged(
        PROJECTS,
        "hubspot",
        propstreet_limit=limits,
        hubspot_limit=hubspot.RateLimit(),
        latency_s=LATENCY_S,
        sign_in=BY_CLIENT,
    ) as stage:
        load = stage.run(Mode.BACKFILL)
    calls, size = load.calls[Side.PROPSTREET], f"{PROJECTS:,} projects"
    share = _alone_s(calls, limits.oauth_per_minute) / load.virtual_s
    yield Row(
        what="first load, of what the limiter allows",
        crm="hubspot",
        size=size,
        measured=f"{share:.1%}",
        bar=f"≥ {SHARE_MIN:.0%}",
        ratio=f"{share / SHARE_MIN:.2f}",
        verdict=Verdict.MET if share >= SHARE_MIN else Verdict.BROKEN,
    )
    yield Row(
        what="first load, of the account's whole limit",
        crm="hubspot",
        size=size,
        measured=f"{calls * 60 / limits.oauth_per_minute / load.virtual_s:.1%}",
    )
    yield Row(
        what="first load, refused for haste (429)",
        crm="hubspot",
        size=size,
        measured=f"{load.too_many}",
        bar="0",
        verdict=Verdict.MET if load.too_many == 0 else Verdict.BROKEN,
    )


def _alone_s(calls: int, per_minute: int) -> float:
    clock = VirtualClock()
    limiter = Limiter(clock, name="propstreet", limit=per_minute, window_s=60.0)
    for _ in range(calls):
        limiter.acquire()
    return clock.monotonic()
